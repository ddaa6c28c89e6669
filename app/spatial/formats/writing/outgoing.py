"""What is to be written, and the small decisions that all writers share."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

Columns = dict[str, list[Any]]


@dataclass(frozen=True)
class Outgoing:
    """A layer on its way out: `geoms` (n,) already in the system `used`; `encoding` None: none was asked."""

    name: str
    columns: Columns
    geoms: NDArray[Any]
    used: str
    encoding: str | None

    def rows(self) -> list[tuple[Any, ...]]:
        """The values row by row."""
        return list(zip(*self.columns.values(), strict=True)) if self.columns else [()] * len(self.geoms)

    def declare(self) -> pyproj.CRS | None:
        """What the file may honestly declare; the web maps' shifted systems have no EPSG number."""
        base = self.used.removesuffix("/yx")
        return pyproj.CRS.from_user_input(base) if base.startswith("EPSG:") else None

    def epsg(self) -> int | None:
        """The EPSG number to declare, or None."""
        base = self.used.removesuffix("/yx")
        return int(base[5:]) if base.startswith("EPSG:") else None

    def wkt(self) -> list[str | None]:
        """The shapes as WKT, to 1e-9 of their unit; a system other than degrees goes in front (EWKT)."""
        number = self.epsg()
        front = "" if number in (None, 4326, 4490) else f"SRID={number};"
        texts = shapely.to_wkt(shapely.force_2d(self.geoms), rounding_precision=9)
        return [None if text is None else front + text for text in texts.tolist()]


def kind_of(values: list[Any]) -> str:
    """Say what a column holds: bool, int, float or text; mixed and empty columns are text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "bool"
    if kinds == {int} and all(abs(value) < 2**63 for value in values if value is not None):
        return "int"
    return "float" if kinds and kinds <= {int, float} else "text"


def plain(value: Any) -> Any:
    """A value without NaN or infinity, which no format writes as such."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and value - value != 0 else value


def as_text(value: Any) -> str:
    """A value as text that reads the same again."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)
