"""The shapes of an own layer made fit for the map: flat, sound, of one dimension, within the country."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial.crs import in_china_area
from app.spatial.formats import Layer
from app.territory.boundaries import ImportReport
from app.territory.shapes import Shapes
from app.territory.tables import Rejected

SHAPES = ("point", "line", "area")
_EARTH_M = 6378137.0
_REASONS = {
    "no_shape": "没有图形 / no shape",
    "empty_shape": "图形是空的 / the shape is empty",
    "not_finite": "坐标不是数 / coordinates that are no numbers",
    "outside": "不在中国范围内 / outside China",
    "broken": "图形无法修复 / the shape cannot be mended",
}


@dataclass(frozen=True)
class Drawn:
    """Shapes (n,) in EPSG:4326 or None where one is left out; `kinds` (n,) are places in SHAPES."""

    shapes: Shapes
    kinds: NDArray[np.intp]

    @property
    def kept(self) -> list[int]:
        """The indexes of the rows that go in."""
        return [int(n) for n in np.flatnonzero(~shapely.is_missing(self.shapes))]


def draw_rows(layer: Layer, shapes: Shapes, report: ImportReport) -> Drawn:
    """Shapes (EPSG:4326) as they are stored; every row that cannot be is listed with its reason."""
    flat = shapely.force_2d(shapes)
    reasons = _find_reasons(flat)
    drawn = flat.copy()
    drawn[reasons != ""] = None
    _mend(drawn, layer, report)
    _unify(drawn, layer, report)
    reasons[shapely.is_missing(drawn) & (reasons == "")] = "broken"
    for index in np.flatnonzero(reasons != ""):
        reason = str(reasons[index])
        report.rejected.append(Rejected(int(layer.rows[index]), reason, _REASONS[reason]))
    return Drawn(drawn, np.maximum(shapely.get_dimensions(drawn), 0).astype(np.intp))


def _find_reasons(shapes: Shapes) -> NDArray[Any]:
    """Why a row's shape cannot be used, empty where it can."""
    found = np.full(len(shapes), "", dtype=object)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    found[owner[~in_china_area(xy[:, 0], xy[:, 1])]] = "outside"
    found[owner[~np.isfinite(xy).all(axis=1)]] = "not_finite"
    found[shapely.is_empty(shapes)] = "empty_shape"
    found[shapely.is_missing(shapes)] = "no_shape"
    return found


def _mend(drawn: Shapes, layer: Layer, report: ImportReport) -> None:
    """Make unsound shapes sound; what falls to nothing is left out."""
    unsound = np.flatnonzero(~shapely.is_valid(drawn) & ~shapely.is_missing(drawn))
    if not len(unsound):
        return
    mended = shapely.make_valid(drawn[unsound], method="structure", keep_collapsed=False)
    mended[shapely.is_empty(mended)] = None
    drawn[unsound] = mended
    rows = tuple(int(layer.rows[index]) for index in unsound if drawn[index] is not None)
    if rows:
        report.warn("shapes_mended", "图形自相交等问题已修好", "unsound shapes were mended", rows=rows)


def _unify(drawn: Shapes, layer: Layer, report: ImportReport) -> None:
    """Of a collection keep the parts of the highest dimension: a thing is points, lines or areas."""
    mixed = shapely.get_type_id(drawn) == shapely.GeometryType.GEOMETRYCOLLECTION
    rows = []
    for index in np.flatnonzero(mixed):
        parts = _flatten(drawn[index])
        sizes = shapely.get_dimensions(parts)
        best = parts[sizes == sizes.max()] if len(parts) else parts
        drawn[index] = _join(best, int(sizes.max())) if len(best) else None
        if len(best) < len(parts):
            rows.append(int(layer.rows[index]))
    if rows:
        zh, en = "混合图形只留下维数最高的部分", "of mixed shapes the parts of the highest dimension are kept"
        report.warn("mixed_shapes", zh, en, rows=tuple(rows))


def _flatten(shape: Any) -> Shapes:
    """The single parts of a collection, however deep they lie."""
    parts = np.array([shape], dtype=object)
    while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
        parts = shapely.get_parts(parts)
    return parts[~shapely.is_empty(parts)]


def _join(parts: Shapes, dimension: int) -> Any:
    """Single parts of one dimension as one shape."""
    if len(parts) == 1:
        return parts[0]
    if dimension == 2:
        joined = shapely.multipolygons(parts)
        return joined if shapely.is_valid(joined) else shapely.union_all(parts)
    return (shapely.multipoints, shapely.multilinestrings)[dimension](parts)


def measure_m(shapes: Shapes) -> tuple[list[float], list[float]]:
    """Of shapes (n,) in EPSG:4326 the longer side of each box, and twice the area by the length of its
    border (0 for points and lines), both in metres of Web Mercator: how large they are drawn."""
    flat = shapely.transform(shapes, _to_mercator)
    boxes = shapely.bounds(flat)
    extent = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    length = shapely.length(flat)
    breadth = np.divide(2 * shapely.area(flat), length, out=np.zeros(len(shapes)), where=length > 0)
    return extent.tolist(), breadth.tolist()


def _to_mercator(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    angles = np.radians(lonlat)
    north = np.log(np.tan(np.pi / 4 + angles[:, 1] / 2))
    mercator: NDArray[np.float64] = np.column_stack([angles[:, 0], north]) * _EARTH_M
    return mercator
