"""Making shapes sound: every repair is listed with what it changed, and nothing that matters is done in
silence.

Vertices snap to 1e-7 degree (about 1 cm) and Z/M are dropped; crossed rings, bow ties and spikes are
repaired; what is no polygon is rejected with its reason. A repair that changes an area by more than 2 % is a
question. Only faulty shapes are touched one by one: a sound layer costs a few array operations.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial.crs.measure import area_m2
from app.spatial.notes import Note

SNAP_DEGREE = 1e-7
QUESTION_PERCENT = 2.0
_SPIKE_WIDTH_DEGREE = 2e-7
_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7

_FAULTS: tuple[tuple[str, str, str, str], ...] = (
    ("Ring Self-intersection", "touching_ring", "边界环自相接触", "a ring touches itself"),
    ("Self-intersection", "crossed_ring", "边界自相交（蝴蝶结）", "the boundary crosses itself (bow tie)"),
    ("Hole lies outside shell", "hole_outside", "孔洞在外环之外", "a hole lies outside its shell"),
    ("Holes are nested", "nested_holes", "孔洞互相嵌套", "holes lie inside holes"),
    ("Nested shells", "nested_shells", "部件互相重叠", "parts lie inside parts"),
    ("Duplicate Rings", "duplicate_rings", "存在重复的环", "a ring is there twice"),
    ("Interior is disconnected", "cut_interior", "孔洞把内部切断", "holes cut the interior apart"),
    ("Too few points", "too_few_points", "环的点数不足", "a ring has too few points"),
)
_SPIKE = ("spike", "边界有尖刺", "the boundary has a spike")
_INVALID = ("invalid", "图形无效", "the shape is invalid")
_REASONS: dict[str, tuple[str, str]] = {
    "no_geometry": ("没有图形", "There is no geometry"),
    "empty_geometry": ("图形为空", "The geometry is empty"),
    "not_a_polygon": ("不是面状图形", "The geometry is not a polygon"),
    "not_finite": ("坐标含有无效数值（NaN 或无穷大）", "A coordinate is not a finite number"),
    "off_the_earth": ("坐标超出经纬度范围", "A coordinate is outside longitude and latitude"),
    "no_area": ("修复后没有面积", "Nothing with an area is left of it"),
}


@dataclass(frozen=True)
class Repair:
    """What was mended on the shape at `index`; `question` is true when a person must agree first."""

    index: int
    code: str
    zh: str
    en: str
    area_before_m2: float
    area_after_m2: float
    question: bool

    @property
    def change_m2(self) -> float:
        return self.area_after_m2 - self.area_before_m2

    @property
    def change_percent(self) -> float:
        return 100.0 * abs(self.change_m2) / max(self.area_before_m2, self.area_after_m2, 1e-9)


@dataclass(frozen=True)
class Rejection:
    """Why the shape at `index` cannot stand as a polygon."""

    index: int
    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Cleaned:
    """`geoms` (n,) holds a valid MultiPolygon for every input, or None where it was rejected."""

    geoms: NDArray[Any]
    repairs: tuple[Repair, ...]
    rejected: tuple[Rejection, ...]
    notes: tuple[Note, ...]

    @property
    def questions(self) -> tuple[Repair, ...]:
        return tuple(repair for repair in self.repairs if repair.question)


def clean(geoms: NDArray[Any]) -> Cleaned:
    """Clean an object array (n,) of EPSG:4326 shapes; the order stays, so indices are the caller's rows.

    The notes name, by 1-based position, the shapes that lost Z/M or double points. Areas are true ground
    areas.
    """
    shapes = np.array(geoms, object)
    reasons = _find_reasons(shapes)
    shapes[list(reasons)] = None
    notes = _find_notes(shapes)
    flat = snap(shapely.force_2d(shapes))
    reasons |= dict.fromkeys(
        np.flatnonzero(shapely.is_missing(flat) & ~shapely.is_missing(shapes)), "no_area"
    )
    faulty = np.flatnonzero((~shapely.is_valid(flat) | _has_spike(flat)) & ~shapely.is_missing(flat))
    repairs = []
    for index in faulty.tolist():
        mended = _mend(flat[index])
        if mended is None:
            reasons[index] = "no_area"
        else:
            repairs.append(_describe(index, flat[index], mended))
        flat[index] = mended
    rejected = tuple(Rejection(index, code, *_REASONS[code]) for index, code in sorted(reasons.items()))
    return Cleaned(_as_multipolygons(flat), tuple(repairs), rejected, notes)


def _find_reasons(shapes: NDArray[Any]) -> dict[int, str]:
    """Say of every shape that cannot be a polygon why; the last test that fits wins."""
    kind, bounds = shapely.get_type_id(shapes), shapely.bounds(shapes)
    finite = _finite(shapes)
    off = finite & ((np.abs(bounds[:, 0::2]) > 180).any(axis=1) | (np.abs(bounds[:, 1::2]) > 90).any(axis=1))
    tests = (
        ("not_a_polygon", ~np.isin(kind, (_POLYGON, _MULTIPOLYGON)) & ~_holds_polygon(shapes, kind)),
        ("off_the_earth", off),
        ("empty_geometry", shapely.is_empty(shapes)),
        ("not_finite", ~finite),
        ("no_geometry", shapely.is_missing(shapes)),
    )
    return {index: code for code, hit in tests for index in np.flatnonzero(hit).tolist()}


def _finite(shapes: NDArray[Any]) -> NDArray[np.bool_]:
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    broken = np.bincount(owner, ~np.isfinite(xy).all(axis=1), minlength=len(shapes))
    return np.asarray(broken == 0)


def _holds_polygon(shapes: NDArray[Any], kind: NDArray[np.int32]) -> NDArray[np.bool_]:
    """A collection counts as a polygon when at least one of its parts is one."""
    out = np.zeros(len(shapes), bool)
    for index in np.flatnonzero(kind == _COLLECTION):
        out[index] = len(_polygons(shapes[index])) > 0
    return out


def _polygons(geom: Any) -> NDArray[Any]:
    parts = shapely.get_parts(np.array([geom], object))
    while (shapely.get_type_id(parts) > _POLYGON).any():
        parts = shapely.get_parts(parts)
    return np.asarray(parts[(shapely.get_type_id(parts) == _POLYGON) & ~shapely.is_empty(parts)])


def _find_notes(shapes: NDArray[Any]) -> tuple[Note, ...]:
    tests = (
        (
            shapely.has_z(shapes) | shapely.has_m(shapes),
            "dropped_z",
            "已去掉高程/M 值",
            "Z or M values were dropped",
        ),
        (_has_double_points(shapes), "double_points", "已合并重复点", "Double points were merged"),
        (
            shapely.get_type_id(shapes) == _COLLECTION,
            "mixed_parts",
            "只保留了面状部分",
            "Only polygon parts were kept",
        ),
    )
    hits = ((tuple((np.flatnonzero(hit) + 1).tolist()), code, zh, en) for hit, code, zh, en in tests)
    return tuple(Note(code, zh, en, rows) for rows, code, zh, en in hits if rows)


def _rings(geoms: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """Return (coordinates (m, 2), their ring, the shape each ring belongs to) of all polygons."""
    parts, owner = shapely.get_parts(geoms, return_index=True)
    polygon = shapely.get_type_id(parts) == _POLYGON
    rings, part = shapely.get_rings(parts[polygon], return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    return xy, ring, owner[polygon][part]


def _has_double_points(geoms: NDArray[Any]) -> NDArray[np.bool_]:
    xy, ring, owner = _rings(geoms)
    out = np.zeros(len(geoms), bool)
    same = (xy[1:] == xy[:-1]).all(axis=1) & (ring[1:] == ring[:-1])
    out[owner[ring[1:][same]]] = True
    return out


def snap(geoms: NDArray[Any]) -> NDArray[Any]:
    """Round every vertex to 1e-7 degree and merge the points that fall together; None stays None.

    Rounding is by vertex alone, so two neighbours with the same corner keep the same corner. A polygon that
    falls together altogether becomes None.
    """
    rounded = np.asarray(shapely.transform(geoms, lambda xy: np.round(xy, 7)), object)
    for index in np.flatnonzero(_has_double_points(rounded)):
        rounded[index] = _rebuild(rounded[index], _merge_doubles)
    return rounded


def _rebuild(geom: Any, change: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Any:
    """Return the multipolygon whose closed rings went through `change`; rings of under 4 points are gone."""
    kept = []
    for polygon in _polygons(geom):
        rings = [change(shapely.get_coordinates(ring)) for ring in shapely.get_rings(polygon)]
        if len(rings[0]) >= 4:
            kept.append(shapely.Polygon(rings[0], [hole for hole in rings[1:] if len(hole) >= 4]))
    return shapely.multipolygons(kept) if kept else None


def _merge_doubles(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return xy[np.r_[True, (np.diff(xy, axis=0) != 0).any(axis=1)]]


def _has_spike(geoms: NDArray[Any]) -> NDArray[np.bool_]:
    """Find shapes with a vertex whose two edges run out and back on the same line (within about 2 cm)."""
    xy, ring, owner = _rings(geoms)
    out = np.zeros(len(geoms), bool)
    out[owner[ring[_spike_tips(xy, ring)]]] = True
    return out


def _spike_tips(xy: NDArray[np.float64], ring: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return positions in `xy` (closed rings, `ring` their number) of the tips of spikes."""
    if len(xy) < 3:
        return np.empty(0, np.intp)
    before, after = _neighbours(ring)
    back, on = xy[before] - xy, xy[after] - xy
    length_back, length_on = np.hypot(*back.T), np.hypot(*on.T)
    cross = np.abs(back[:, 0] * on[:, 1] - back[:, 1] * on[:, 0])
    longer, shorter = np.maximum(length_back, length_on), np.minimum(length_back, length_on)
    width = np.divide(cross, longer, out=np.full(len(xy), np.inf), where=longer > 0)
    same_way = (back * on).sum(axis=1) > 0
    return np.flatnonzero(same_way & (width <= _SPIKE_WIDTH_DEGREE) & (shorter > 10 * _SPIKE_WIDTH_DEGREE))


def _neighbours(ring: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return for each position of closed rings the ones before and after; the double end is stepped over."""
    at = np.arange(len(ring))
    first = np.r_[True, ring[1:] != ring[:-1]]
    last = np.r_[ring[1:] != ring[:-1], True]
    start, end = at[first][ring], at[last][ring]
    before = np.where(at == start, end - 1, at - 1)
    after = np.where(at == end, start + 1, at + 1)
    return before, after


def _blunt(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the tips of spikes off a closed ring until none is left."""
    while len(xy) >= 4:
        tips = _spike_tips(xy, np.zeros(len(xy), np.intp))
        if not len(tips):
            break
        keep = np.ones(len(xy) - 1, bool)
        keep[tips[0] % len(keep)] = False
        rest = xy[:-1][keep]
        xy = _merge_doubles(np.vstack([rest, rest[:1]]))
    return xy


def _mend(geom: Any) -> Any:
    """Return the valid polygon area of a faulty shape, snapped, or None when nothing with an area is left."""
    shape = _rebuild(geom, _blunt)
    for _ in range(5):
        if shape is None or shapely.is_empty(shape):
            return None
        if not shapely.is_valid(shape):
            whole = shapely.make_valid(shape, method="structure", keep_collapsed=False)
            shape = snap(np.array([_only_polygons(whole)], object))[0]
        elif not _has_spike(np.array([shape], object))[0]:
            return shape
        # Crossed rings taken apart may leave a spike where they crossed.
        shape = shape if shape is None else _rebuild(shape, _blunt)
    exact = shapely.set_precision(shapely.make_valid(shape), SNAP_DEGREE) if shape is not None else None
    return _only_polygons(exact)


def _only_polygons(geom: Any) -> Any:
    if geom is None or shapely.is_empty(geom):
        return None
    parts = _polygons(geom)
    return shapely.multipolygons(parts) if len(parts) else None


def _describe(index: int, before: Any, after: Any) -> Repair:
    reason = "" if shapely.is_valid(before) else str(shapely.is_valid_reason(before))
    code, zh, en = next(
        ((code, zh, en) for start, code, zh, en in _FAULTS if reason.startswith(start)),
        ("spike", "边界有尖刺", "the boundary has a spike")
        if not reason
        else ("invalid", "图形无效", "the shape is invalid"),
    )
    if _has_spike(np.array([before], object))[0]:
        code, zh, en = _SPIKE
    areas = area_m2(np.array([before, after], object))
    bare = Repair(index, code, zh, en, float(areas[0]), float(areas[1]), False)
    change = f"{bare.change_m2:+.1f} m², {bare.change_percent:.3f} %"
    question = bare.change_percent > QUESTION_PERCENT
    zh, en = f"{zh}，已修复（面积变化 {change}）", f"{en}; mended (area {change})"
    return Repair(index, code, zh, en, float(areas[0]), float(areas[1]), question)


def _as_multipolygons(geoms: NDArray[Any]) -> NDArray[Any]:
    out = geoms.copy()
    kind = shapely.get_type_id(geoms)
    single = np.flatnonzero(kind == _POLYGON)
    if len(single):
        out[single] = shapely.multipolygons(geoms[single], indices=np.arange(len(single)))
    for index in np.flatnonzero(kind == _COLLECTION):
        out[index] = _only_polygons(geoms[index])
    return out
