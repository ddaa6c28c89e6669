"""Lines that are meant as polygons, and rings that a reader had to close.

A line that ends where it began is a ring; ends that nearly meet are joined; pieces that touch end to end are
one line. Rings of one feature that lie inside each other are by turns ground and hole.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial.crs.measure import area_m2, perimeter_m
from app.spatial.repair.results import Repair
from app.spatial.repair.rings import COLLECTION, POLYGON, Coordinates, list_polygons

_LINE, _RING, _MULTILINE = 1, 2, 5
_JOINED_PERCENT = 5.0
_OUTLIER = 1.5
_INSIDE = 0.99


@dataclass
class Lines:
    """Which shapes were lines: `turned` into polygons, `joined` over a gap (share of the ring in percent),
    `left` with open parts that were dropped, `opened` altogether."""

    turned: list[int] = field(default_factory=list)
    joined: dict[int, float] = field(default_factory=dict)
    left: list[int] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)


def close_lines(shapes: NDArray[Any]) -> Lines:
    """Turn, in place, every shape (n,) that is made of closed lines alone into polygons."""
    lines, kind = Lines(), shapely.get_type_id(shapes)
    for index in np.flatnonzero(np.isin(kind, (_LINE, _RING, _MULTILINE, COLLECTION))).tolist():
        parts = _list_lines(shapes[index])
        if not len(parts) or len(list_polygons(shapes[index])):
            continue
        rings, gap, rest = _find_rings(parts)
        if not rings:
            lines.opened.append(index)
            continue
        shapes[index] = _nest(rings)
        lines.turned.append(index)
        if gap > 0:
            lines.joined[index] = gap
        if rest:
            lines.left.append(index)
    return lines


def _list_lines(geom: Any) -> NDArray[Any]:
    parts = shapely.get_parts(np.array([geom], object))
    while (shapely.get_type_id(parts) > POLYGON).any():
        parts = shapely.get_parts(parts)
    parts = parts[np.isin(shapely.get_type_id(parts), (_LINE, _RING)) & ~shapely.is_empty(parts)]
    return np.asarray(parts[np.isfinite(shapely.bounds(parts)).all(axis=1)])


def _find_rings(parts: NDArray[Any]) -> tuple[list[Coordinates], float, int]:
    """Return (closed rings, the widest gap joined in percent of its ring, number of open lines left)."""
    flat = [shapely.get_coordinates(part) for part in shapely.force_2d(parts)]
    rings = [xy for xy in flat if _is_ring(xy)]
    opened = [shapely.LineString(xy) for xy in flat if not _is_ring(xy)]
    widest, rest = 0.0, 0
    merged = shapely.get_parts(shapely.line_merge(shapely.MultiLineString(opened))) if opened else ()
    for line in merged:
        xy = shapely.get_coordinates(line)
        gap = 0.0 if _is_ring(xy) else _gap_percent(xy)
        ring = xy if (xy[0] == xy[-1]).all() else np.vstack([xy, xy[:1]])
        if not _is_ring(ring) or gap > _JOINED_PERCENT:
            rest += 1
            continue
        rings.append(ring)
        widest = max(widest, gap)
    return rings, widest, rest


def _is_ring(xy: Coordinates) -> bool:
    return len(xy) >= 4 and bool((xy[0] == xy[-1]).all())


def _steps(xy: Coordinates) -> NDArray[np.float64]:
    """The lengths (n-1,) of the edges, in degrees of latitude."""
    across, along = np.diff(xy, axis=0).T
    return np.asarray(np.hypot(across * np.cos(np.radians(xy[0, 1])), along))


def _gap_percent(xy: Coordinates) -> float:
    gap, length = float(_steps(xy[[-1, 0]])[0]), float(_steps(xy).sum())
    return 100.0 * gap / (gap + length) if length > 0 else 100.0


def _nest(rings: list[Coordinates]) -> Any:
    """Return the polygons of closed rings: one inside another is its hole, one inside a hole is ground."""
    found = {shapely.normalize(one).wkb: one for one in (shapely.Polygon(xy) for xy in rings)}
    bare = np.array(list(found.values()), object)
    if len(bare) == 1:
        return bare[0]
    bare = bare[np.argsort(-shapely.area(shapely.make_valid(bare)), kind="stable")]
    solid = shapely.make_valid(bare)
    inside = [
        [outer for outer in range(place) if _lies_inside(solid[place], solid[outer])]
        for place in range(len(bare))
    ]
    holes: dict[int, list[Any]] = {place: [] for place in range(len(bare)) if len(inside[place]) % 2 == 0}
    for place, outers in enumerate(inside):
        if len(outers) % 2:
            shell = max(outer for outer in outers if len(inside[outer]) == len(outers) - 1)
            holes[shell].append(bare[place].exterior)
    return shapely.multipolygons([shapely.Polygon(bare[at].exterior, inner) for at, inner in holes.items()])


def _lies_inside(inner: Any, outer: Any) -> bool:
    return bool(shapely.intersects(outer, inner)) and (
        shapely.area(shapely.intersection(outer, inner)) >= _INSIDE * shapely.area(inner)
    )


def describe_closing(geoms: NDArray[Any], read: Iterable[int], joined: dict[int, float]) -> list[Repair]:
    """The repairs of rings that a reader closed (`read`, indices) and of lines that were `joined`.

    Joining the ends of a ring adds no area, so it is a question only where the new edge is more than 5 % of
    the ring and half as long again as any other: then a piece of the border is missing.
    """
    indices = sorted({index for index in {*read, *joined} if geoms[index] is not None})
    areas = area_m2(geoms[indices]) if indices else ()
    return [
        _describe(index, geoms[index], float(area), joined.get(index))
        for index, area in zip(indices, areas, strict=True)
    ]


def _describe(index: int, geom: Any, area: float, gap: float | None) -> Repair:
    share, doubtful = (gap, False) if gap is not None else _worst_closing(geom)
    metres = float(perimeter_m(np.array([geom], object))[0]) * share / 100
    zh = f"边界未闭合，已连接首尾（闭合段约 {metres:.1f} m，占边界 {share:.2f}%）"
    en = f"the ring was open; its ends were joined (about {metres:.1f} m, {share:.2f} % of the ring)"
    return Repair(index, "unclosed_ring", zh, en, area, area, doubtful)


def _worst_closing(geom: Any) -> tuple[float, bool]:
    """Return (share in percent, whether it stands out) of the last edge that stands out most in a shape."""
    found = []
    for polygon in list_polygons(geom):
        for ring in shapely.get_rings(polygon):
            steps = _steps(shapely.get_coordinates(ring))
            share = 100.0 * float(steps[-1] / steps.sum()) if steps.sum() > 0 else 0.0
            stands_out = share > _JOINED_PERCENT and steps[-1] > _OUTLIER * steps[:-1].max()
            found.append((bool(stands_out), share))
    stands_out, share = max(found, default=(False, 0.0))
    return share, stands_out
