"""Files of other programs' formats, written by GDAL or by seeded text, never by hand."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from tests.samples import boundary_files as samples


def write_with(driver: str, path: Path, geoms: NDArray[Any] | None = None, **how: Any) -> Path:
    """The nine sample villages by a GDAL driver; `columns` replaces their table."""
    columns = how.pop("columns", None) or {name: samples.village_columns()[name] for name in ("村名", "code")}
    shapes = samples.village_squares() if geoms is None else geoms
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.raw.write(
            path,
            shapely.to_wkb(shapes),
            [np.array(values, object) for values in columns.values()],
            list(columns),
            driver=driver,
            geometry_type=how.pop("geometry_type", "Polygon"),
            crs=how.pop("crs", "EPSG:4490"),
            **how,
        )
    return path


def write_gdb(path: Path, layer: str = "村界", **how: Any) -> Path:
    """A file geodatabase (a folder); `append` adds a feature class to one."""
    return write_with("OpenFileGDB", path, layer=layer, **how)


def folder_members(folder: Path, inside: str | None = None) -> dict[str, bytes]:
    """The files of a folder as members of a zip, under the folder's own name or another."""
    place = folder.name if inside is None else inside
    return {f"{place}/{child.name}".lstrip("/"): child.read_bytes() for child in sorted(folder.iterdir())}


def tab_parts(folder: Path, **how: Any) -> dict[str, bytes]:
    """A GBK MapInfo table's parts by suffix."""
    folder.mkdir(exist_ok=True)
    write_with("MapInfo File", folder / "a.tab", **{"ENCODING": "CP936", **how})
    return {child.suffix: child.read_bytes() for child in folder.iterdir()}


def mif_parts(folder: Path, **how: Any) -> dict[str, bytes]:
    """A GBK MapInfo interchange file's parts by suffix."""
    folder.mkdir(exist_ok=True)
    write_with("MapInfo File", folder / "a.mif", **{"ENCODING": "CP936", **how})
    return {child.suffix: child.read_bytes() for child in folder.iterdir()}


Pair = tuple[int, object]


def ring(layer: str, corners: list[tuple[float, float]], *, closed: bool = True) -> list[Pair]:
    """A light-weight polyline."""
    points = [pair for x, y in corners for pair in ((10, x), (20, y))]
    head: list[Pair] = [(0, "LWPOLYLINE"), (8, layer), (100, "AcDbPolyline"), (90, len(corners))]
    return [*head, (70, int(closed)), *points]


def square(layer: str, x: float, y: float, side: float = 1000.0, **how: Any) -> list[Pair]:
    """A closed square ring."""
    return ring(layer, [(x, y), (x + side, y), (x + side, y + side), (x, y + side)], **how)


def filling(layer: str, x: float, y: float, side: float = 1000.0) -> list[Pair]:
    """A hatch over a square."""
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    path: list[Pair] = [(91, 1), (92, 2), (72, 0), (73, 1), (93, 4)]
    points = [pair for left, low in corners for pair in ((10, left), (20, low))]
    head: list[Pair] = [(0, "HATCH"), (8, layer), (100, "AcDbHatch"), (10, 0.0), (20, 0.0), (30, 0.0)]
    return [*head, (2, "SOLID"), (70, 1), (71, 0), *path, *points, (97, 0), (75, 0), (76, 1), (98, 0)]


def text(words: str, x: float, y: float, *, kind: str = "TEXT") -> list[Pair]:
    """A text at a place."""
    return [(0, kind), (8, "注记"), (10, x), (20, y), (40, 50.0), (1, words)]


def write_dxf(path: Path, entities: list[list[Pair]], **how: str) -> Path:
    """A drawing; `version`, `page` are what it says of itself, `encoding` what its text is in."""
    header: list[Pair] = [
        (0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, how.get("version", "AC1015")),
        (9, "$DWGCODEPAGE"), (3, how.get("page", "ANSI_936")), (0, "ENDSEC"),
    ]  # fmt: skip
    body: list[Pair] = [(0, "SECTION"), (2, "ENTITIES"), *(pair for one in entities for pair in one)]
    pairs = [*header, *body, (0, "ENDSEC"), (0, "EOF")]
    words = "".join(f"{code:3d}\r\n{value}\r\n" for code, value in pairs)
    path.write_bytes(words.encode(how.get("encoding", "gb18030")))
    return path
