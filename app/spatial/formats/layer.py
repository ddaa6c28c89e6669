"""What a boundary file turns into, and how much of it we are willing to take."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.spatial.notes import Note

if TYPE_CHECKING:  # the reader's process starts without it
    from app.settings import Settings

MIB = 1024 * 1024
MOST_COLUMNS = 2000  # as many as SQLite takes; no table of places is wider


@dataclass(frozen=True)
class Limits:
    """The most that one upload may cost; every figure is held before the harm is done, not after."""

    upload_bytes: int = 1024 * MIB
    entries: int = 2000
    unpacked_bytes: int = 2048 * MIB
    ratio: int = 200
    ratio_free_bytes: int = 32 * MIB
    vertices: int = 10_000_000
    rows: int = 1_000_000
    memory_bytes: int = 2048 * MIB
    cpu_s: int = 240
    wall_s: int = 300
    reply_bytes: int = 256 * MIB

    @classmethod
    def of(cls, settings: "Settings") -> "Limits":
        """The limits that a bank has set."""
        return cls(
            upload_bytes=settings.upload_limit_bytes,
            entries=settings.archive_entries,
            unpacked_bytes=settings.unpacked_limit_mb * MIB,
            ratio=settings.archive_ratio,
            vertices=settings.max_vertices,
            rows=settings.max_rows,
            memory_bytes=settings.reader_memory_mb * MIB,
            cpu_s=settings.reader_cpu_s,
            wall_s=settings.reader_wall_s,
        )


@dataclass(frozen=True)
class EncodingFinding:
    """How the text was read: `how` is asked, text (decided from the bytes), standard (by format) or ascii."""

    name: str
    how: str


@dataclass(frozen=True)
class Layer:
    """One layer as the file has it: columns of plain values, shapes in the file's own coordinates.

    `geoms` is an object array (n,) of Shapely shapes or None; `rows` (n,) the 1-based row numbers in the
    file; `wkt` what the file declares of its coordinates; `layers` the names of all layers the file holds.
    """

    name: str
    columns: dict[str, list[Any]]
    geoms: NDArray[Any]
    wkt: str | None
    encoding: EncodingFinding
    warnings: tuple[Note, ...]
    layers: tuple[str, ...]
    rows: NDArray[np.int64]
    format: str


@dataclass(frozen=True)
class Found:
    """A layer inside the reader's process: shapes still as WKB, nothing of Shapely needed."""

    name: str
    columns: dict[str, list[Any]]
    wkb: list[bytes | None]
    wkt: str | None
    encoding: EncodingFinding
    notes: tuple[Note, ...]
    rows: list[int]
