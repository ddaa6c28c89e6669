"""Shapefiles written point by point, faults and all: what no library would write but survey programs do."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.samples.boundary_files import pack, table_in

Ring = Sequence[tuple[float, float]]
Shape = Sequence[Ring] | None
LINES, POLYGONS = 3, 5
CGCS2000 = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,'
    '298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def _bounds(points: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in points] or [0.0], [y for _, y in points] or [0.0]
    return min(xs), min(ys), max(xs), max(ys)


def _record(shape: Shape, kind: int) -> bytes:
    if shape is None:
        return struct.pack("<i", 0)
    points = [point for ring in shape for point in ring]
    starts = [sum(map(len, shape[:place])) for place in range(len(shape))]
    head = struct.pack("<i4d2i", kind, *_bounds(points), len(shape), len(points))
    body = struct.pack(f"<{len(starts)}i", *starts)
    return head + body + b"".join(struct.pack("<2d", *point) for point in points)


def shp_bytes(shapes: Sequence[Shape], kind: int = POLYGONS) -> bytes:
    """The bytes of a .shp with these rings as they are, open or crossed; None is a null shape."""
    records = b""
    for number, shape in enumerate(shapes, 1):
        content = _record(shape, kind)
        records += struct.pack(">2i", number, len(content) // 2) + content
    box = _bounds([point for shape in shapes if shape for ring in shape for point in ring])
    head = struct.pack(">i20xi", 9994, (100 + len(records)) // 2) + struct.pack("<2i", 1000, kind)
    return head + struct.pack("<8d", *box, 0, 0, 0, 0) + records


def shapefile(
    path: Path, shapes: Sequence[Shape], columns: dict[str, list[Any]], *, kind: int = POLYGONS, **more: Any
) -> Path:
    """A zipped shapefile of raw rings; `encoding` (gbk) is the table's, `prj` its .prj or None for none."""
    encoding, prj = more.get("encoding", "gbk"), more.get("prj", CGCS2000)
    members = {f"{path.stem}.shp": shp_bytes(shapes, kind), f"{path.stem}.dbf": table_in(columns, encoding)}
    if prj is not None:
        members[f"{path.stem}.prj"] = prj.encode()
    return pack(path, members)
