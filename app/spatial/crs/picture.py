"""The layer over known ground, before and after, as light outlines a page can draw."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial.crs.borders import list_edges
from app.spatial.crs.finding import CrsFinding, bearing_deg, length_m
from app.spatial.crs.reference import Reference
from app.spatial.crs.systems import add_shift, describe, points_to_storage, to_storage

MOST_VERTICES = 3_000
_DIGITS = 6
_AROUND_DEGREE = 0.03
_FAR_DEGREE = 1.0
_MANY_VERTICES = 60_000
_CLOSE_SHIFTS, _DEGREE_M = 6.0, 111_320.0


def draw_shift(geoms: NDArray[Any], finding: CrsFinding, reference: Reference | None) -> dict[str, Any]:
    """Return a JSON-ready picture of what `finding` believes of a layer (`geoms` in its own numbers).

    `reference` are the lines known around it, `before` the layer taken as the file says or plainly shows,
    `after` as it is used or proposed: MultiLineStrings (MultiPoints for points) of EPSG:4326, at most 3,000
    vertices each. `vector_m` (east, north) says how far `before` lies off; `residual_m` what is left after.
    `close` holds the same three in all detail around the middle, six shifts each way; None without a shift.
    """
    after_used = finding.used or next(iter(finding.candidates), None)
    before_used = _before(finding, after_used)
    before = _draw(geoms, before_used)
    after = before if after_used == before_used else _draw(geoms, after_used)
    box = _box([before, after])
    known = _draw_edges(np.empty((0, 4)) if reference is None else _around(reference.edges, box))
    shift = finding.shift_m
    zh, en = _caption(finding, after_used)
    used = (before_used, after_used)
    return {
        "bbox": box,
        "reference": known,
        "before": before,
        "after": after,
        "before_used": before_used,
        "after_used": after_used,
        "vector_m": None if shift is None else [round(part, 1) for part in shift],
        "shift_m": None if shift is None else round(length_m(shift), 1),
        "bearing_deg": None if shift is None else round(bearing_deg(shift), 1),
        "residual_m": None if finding.residual_m is None else round(finding.residual_m, 1),
        "confidence": round(finding.confidence, 2),
        "title_zh": zh,
        "title_en": en,
        "close": _draw_close(geoms, used, after, shift=shift, reference=reference),
    }


def _draw_close(
    geoms: NDArray[Any],
    used: tuple[str | None, str | None],
    after: dict[str, Any],
    *,
    shift: tuple[float, float] | None,
    reference: Reference | None,
) -> dict[str, Any] | None:
    """The middle of the picture, where a shift of hundreds of metres can be seen."""
    if shift is None or length_m(shift) < 1 or after["type"] == "MultiPoint" or not after["coordinates"]:
        return None
    lon, lat = np.median(np.array([point for line in after["coordinates"] for point in line]), axis=0)
    high = _CLOSE_SHIFTS * length_m(shift) / _DEGREE_M
    wide = high / np.cos(np.radians(lat))
    box = [round(float(part), _DIGITS) for part in (lon - wide, lat - high, lon + wide, lat + high)]
    known = np.empty((0, 4)) if reference is None else reference.edges
    drawn = [np.empty((0, 4)) if one is None else _edges_of(geoms, one, box) for one in used]
    names = ("reference", "before", "after")
    return {
        "bbox": box,
        **{
            name: _draw_edges(_around(edges, box, margin=0.0))
            for name, edges in zip(names, (known, *drawn), strict=True)
        },
    }


def _edges_of(geoms: NDArray[Any], used: str, box: list[float]) -> NDArray[np.float64]:
    """The edges of those shapes of a layer that meet a lon/lat box."""
    shapes = _outlines(to_storage(np.asarray(geoms, object), used))
    return list_edges(shapes[shapely.intersects(shapes, shapely.box(box[0], box[1], box[2], box[3]))])


def _before(finding: CrsFinding, after_used: str | None) -> str | None:
    """The system without a web map's shift, or the last of the answers that stand (what the file says)."""
    if finding.used is None and len(finding.candidates) > 1:
        return finding.candidates[-1]
    return None if after_used is None else add_shift(after_used, None)


def _draw(geoms: NDArray[Any], used: str | None) -> dict[str, Any]:
    shapes = np.asarray(geoms, object)
    shapes = shapes[np.isfinite(shapely.bounds(shapes)).all(axis=1)]
    if used is None or not len(shapes):
        return _lines([])
    if np.isin(shapely.get_type_id(shapes), (0, 4)).all():
        xy = shapely.get_coordinates(shapes)[:MOST_VERTICES]
        points = np.column_stack(points_to_storage(xy[:, 0], xy[:, 1], used))
        return {"type": "MultiPoint", "coordinates": _near_most(points).round(_DIGITS).tolist()}
    lines = _outlines(to_storage(shapes, used))
    many = shapely.get_num_coordinates(lines).sum() > _MANY_VERTICES
    return _thin(lines) if many else _draw_edges(list_edges(lines))


def _near_most(points: NDArray[np.float64]) -> NDArray[np.float64]:
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return points
    return np.asarray(points[(np.abs(points - np.median(points, axis=0)) < _FAR_DEGREE).all(axis=1)])


def _outlines(shapes: NDArray[Any]) -> NDArray[Any]:
    """The rings and lines of shapes that lie where most of them lie."""
    shapes = shapes[np.isfinite(shapely.bounds(shapes)).all(axis=1)]
    middle = shapely.bounds(shapes)[:, :2]
    near = np.abs(middle - np.median(middle, axis=0)) < _FAR_DEGREE if len(shapes) else np.ones((0, 2), bool)
    parts = shapely.get_parts(shapes[near.all(axis=1)])
    while (shapely.get_type_id(parts) > 3).any():
        parts = shapely.get_parts(parts)
    kinds = shapely.get_type_id(parts)
    rings = shapely.get_rings(parts[kinds == 3])
    return np.asarray(np.r_[rings, parts[(kinds == 1) | (kinds == 2)]], object)


def _thin(lines: NDArray[Any]) -> dict[str, Any]:
    """Lines coarse enough for the page, the longest first, cut off at the most vertices."""
    # A line has two vertices at least, so of many lines only the longest can be drawn at all.
    lines = lines[np.argsort(-shapely.length(lines), kind="stable")[: MOST_VERTICES // 2]]
    xy, line = shapely.get_coordinates(lines, return_index=True)
    simple = np.asarray(shapely.linestrings(xy, indices=line), object)
    for tolerance in (0.0, 0.00005, 0.0001, 0.0002, 0.0005, 0.001):
        simple = shapely.simplify(simple, tolerance) if tolerance else simple
        if shapely.get_num_coordinates(simple).sum() <= MOST_VERTICES:
            break
    simple = simple[np.argsort(-shapely.length(simple))]
    kept = np.cumsum(shapely.get_num_coordinates(simple)) <= MOST_VERTICES
    return _lines([shapely.get_coordinates(line).round(_DIGITS).tolist() for line in simple[kept].tolist()])


def _lines(coordinates: list[Any]) -> dict[str, Any]:
    return {"type": "MultiLineString", "coordinates": coordinates}


def _around(
    edges: NDArray[np.float64], box: list[float] | None, *, margin: float = _AROUND_DEGREE
) -> NDArray[np.float64]:
    """The edges in and around a box."""
    if box is None or not len(edges):
        return edges
    low = np.array(box[:2]) - margin
    high = np.array(box[2:]) + margin
    near = (np.maximum(edges[:, :2], edges[:, 2:]) >= low) & (np.minimum(edges[:, :2], edges[:, 2:]) <= high)
    return np.asarray(edges[near.all(axis=1)])


def _draw_edges(edges: NDArray[np.float64]) -> dict[str, Any]:
    """Single edges joined to lines again, each shared border once."""
    if not len(edges):
        return _lines([])
    both = np.round(edges, 9).reshape(-1, 2, 2)
    turned = (both[:, 0, 0] > both[:, 1, 0]) | (
        (both[:, 0, 0] == both[:, 1, 0]) & (both[:, 0, 1] > both[:, 1, 1])
    )
    both[turned] = both[turned][:, ::-1]
    once = np.unique(both.reshape(-1, 4), axis=0).reshape(-1, 2, 2)
    pieces = np.asarray(shapely.linestrings(once), object)
    joined = shapely.line_merge(shapely.multilinestrings(pieces))
    return _thin(shapely.get_parts(joined))


def _box(sets: list[dict[str, Any]]) -> list[float] | None:
    lines = [[one["coordinates"]] if one["type"] == "MultiPoint" else one["coordinates"] for one in sets]
    xy = np.array([point for some in lines for line in some for point in line], np.float64).reshape(-1, 2)
    if not len(xy):
        return None
    return [round(float(part), _DIGITS) for part in (*xy.min(axis=0), *xy.max(axis=0))]


def _caption(finding: CrsFinding, after_used: str | None) -> tuple[str, str]:
    if after_used is None:
        return "坐标系未定，无法作图", "The system is not known; nothing can be drawn"
    title_zh, title_en = describe(after_used)
    if finding.shift_m is None or finding.residual_m is None:
        return f"按{title_zh}放置", f"Drawn as {title_en}"
    metres, way, rest = length_m(finding.shift_m), bearing_deg(finding.shift_m), finding.residual_m
    return (
        f"按{title_zh}放置：原图偏离 {metres:.0f} 米（方位 {way:.0f}°），改后边界相差 {rest:.0f} 米",
        f"Drawn as {title_en}: it lay {metres:.0f} m off (bearing {way:.0f}), {rest:.0f} m remain",
    )
