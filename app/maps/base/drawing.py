"""Tiles of base maps, read by many threads at once.

A connection is lent to one thread at a time and kept for the next. A record is read again when its file has
changed, and a file that took another's place is opened anew: the service need not be started again.
"""

import contextlib
import os
import sqlite3
import stat
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from app.errors import BadInput, NotReady
from app.maps.base.mbtiles import FORMATS, MOST_ZOOM, ONE_TILE, begins, open_tiles
from app.maps.base.record import KEY, Base, no_base, place_record, read_record
from app.maps.base.recut import BrokenPicture, recut

MOST_KEPT = 8
Stamp = tuple[int, int, int]


def check_place(z: int, x: int, y: int) -> None:
    """Raises BadInput for a tile that does not exist."""
    if not (0 <= z <= MOST_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise BadInput(
            "no_such_tile", zh=f"瓦片 {z}/{x}/{y} 不存在", en=f"there is no tile {z}/{x}/{y}", z=z, x=x, y=y
        )


class Bases:
    """The base maps of a home, as a running service keeps them open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: dict[Path, tuple[Stamp, Base]] = {}
        self._lines: dict[tuple[Path, Stamp], deque[sqlite3.Connection]] = {}

    def find(self, folder: Path, key: str) -> Base:
        """The base map of a key as it is now. Raises NotFound."""
        path = place_record(folder, key)
        stamp = look(path) if KEY.fullmatch(key) else None
        if stamp is None:
            raise no_base(key)
        kept = self._records.get(path)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        base = read_record(path)
        if base is None:
            raise no_base(key)
        self._records[path] = (stamp, base)
        return base

    def read_tile(self, folder: Path, base: Base, place: tuple[int, int, int]) -> bytes | None:
        """The picture of a place z, x, y (XYZ, EPSG:3857); None where there is none.

        Raises NotReady where the file is gone or cannot be read.
        """
        if not base.min_zoom <= place[0] <= base.max_zoom:
            return None
        try:
            with self._lend(folder / base.file) as line:

                def read(z: int, x: int, y: int) -> bytes | None:
                    return fetch(line, base, z, x, y)

                if base.datum == "gcj02":
                    return recut(read, place, base.format, base.tile_px)
                return read(*place)
        except (OSError, sqlite3.Error, BrokenPicture) as error:
            raise NotReady(
                "base_away",
                zh=f"底图“{base.zh}”的文件读不出来，请管理员重新添加",
                en=f"the file of the base map {base.en!r} cannot be read; add it anew",
            ) from error

    @contextlib.contextmanager
    def _lend(self, path: Path) -> Iterator[sqlite3.Connection]:
        stamp = look(path)
        if stamp is None:
            raise FileNotFoundError(path)
        with self._lock:
            kept = self._lines.get((path, stamp))
            if kept is None:
                kept = self._lines[(path, stamp)] = deque()
                self._drop_old(path, stamp)
            line = kept.pop() if kept else None
        if line is None:
            line = open_tiles(path)
        try:
            yield line
        except BaseException:
            line.close()
            raise
        with self._lock:
            if len(kept) < MOST_KEPT and self._lines.get((path, stamp)) is kept:
                kept.append(line)
                return
        line.close()

    def _drop_old(self, path: Path, stamp: Stamp) -> None:
        """Close what is open of files that are gone or were replaced."""
        for known in [one for one in self._lines if one != (path, stamp) and look(one[0]) != one[1]]:
            for line in self._lines.pop(known):
                line.close()


def look(path: Path) -> Stamp | None:
    """What tells a file from another in its place; None for nothing, a link or a folder."""
    try:
        told = os.lstat(path)
    except OSError:
        return None
    return (told.st_ino, told.st_mtime_ns, told.st_size) if stat.S_ISREG(told.st_mode) else None


def fetch(line: sqlite3.Connection, base: Base, z: int, x: int, y: int) -> bytes | None:
    """One picture as it lies in the file, whose rows count from the south. Raises BrokenPicture."""
    row = line.execute(ONE_TILE, (z, x, (1 << z) - 1 - y)).fetchone()
    if row is None:
        return None
    if not isinstance(row[0], bytes) or not begins(row[0][:12], base.format):
        raise BrokenPicture
    return row[0]


def name_type(content: bytes) -> str:
    """The media type of a picture."""
    format_ = next((key for key in FORMATS if begins(content[:12], key)), "png")
    return f"image/{'jpeg' if format_ == 'jpg' else format_}"
