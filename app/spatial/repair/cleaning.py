"""A whole layer cleaned: what cannot be ground is sorted out, the faulty are mended, all of it is told."""

from collections.abc import Collection
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial.crs.measure import area_m2, perimeter_m
from app.spatial.notes import Note
from app.spatial.repair.closing import Lines, close_lines, describe_closing
from app.spatial.repair.mending import mend
from app.spatial.repair.results import Cleaned, Repair, reject
from app.spatial.repair.rings import (
    COLLECTION,
    MULTIPOINT,
    MULTIPOLYGON,
    POINT,
    POLYGON,
    has_double_points,
    has_spike,
    list_polygons,
    only_polygons,
    snap,
)

_SLIVER_HOLE_M = 0.5


def clean(geoms: NDArray[Any], *, closed: Collection[int] = ()) -> Cleaned:
    """Clean an object array (n,) of EPSG:4326 shapes; the order stays, so indices are the caller's rows.

    `closed` are the indices of shapes whose open rings the reader closed by an edge at their end. The notes
    name, by 1-based position, the shapes that lost Z/M, double points or parts that are no polygons. Areas
    are true ground areas.
    """
    shapes = np.array(geoms, object)
    heights = shapely.has_z(shapes) | shapely.has_m(shapes)
    lines = close_lines(shapes)
    reasons = _find_reasons(shapes, lines)
    shapes[list(reasons)] = None
    notes = _find_notes(shapes, heights & ~shapely.is_missing(shapes), lines)
    repairs = describe_closing(shapes, closed, lines.joined)
    flat = snap(shapely.force_2d(shapes))
    gone = shapely.is_missing(flat) & ~shapely.is_missing(shapes)
    reasons |= dict.fromkeys(np.flatnonzero(gone).tolist(), "no_area")
    repairs += _mend_faulty(flat, reasons)
    repairs = sorted((one for one in repairs if one.index not in reasons), key=_by_index)
    rejected = tuple(reject(index, reason) for index, reason in sorted(reasons.items()))
    whole = _as_multipolygons(flat)
    return Cleaned(whole, tuple(repairs), rejected, (*notes, *_find_sliver_holes(whole)))


def _by_index(repair: Repair) -> int:
    return repair.index


def _mend_faulty(flat: NDArray[Any], reasons: dict[int, str]) -> list[Repair]:
    """Mend, in place, the shapes that are invalid or spiked; those without an area get their reason."""
    repairs = []
    faulty = np.flatnonzero((~shapely.is_valid(flat) | has_spike(flat)) & ~shapely.is_missing(flat))
    for index in faulty.tolist():
        flat[index], repair = mend(index, flat[index])
        if repair is None:
            reasons[index] = "no_area"
        else:
            repairs.append(repair)
    return repairs


def _find_reasons(shapes: NDArray[Any], lines: Lines) -> dict[int, str]:
    """Say of every shape that cannot be a polygon why; the last test that fits wins."""
    kind, bounds = shapely.get_type_id(shapes), shapely.bounds(shapes)
    finite, opened = _finite(shapes), np.zeros(len(shapes), bool)
    opened[lines.opened] = True
    off = finite & ((np.abs(bounds[:, 0::2]) > 180).any(axis=1) | (np.abs(bounds[:, 1::2]) > 90).any(axis=1))
    tests = (
        ("not_a_polygon", ~np.isin(kind, (POLYGON, MULTIPOLYGON)) & ~_holds_polygon(shapes, kind)),
        ("only_points", np.isin(kind, (POINT, MULTIPOINT))),
        ("open_line", opened),
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
    for index in np.flatnonzero(kind == COLLECTION):
        out[index] = len(list_polygons(shapes[index])) > 0
    return out


def _find_notes(shapes: NDArray[Any], heights: NDArray[np.bool_], lines: Lines) -> tuple[Note, ...]:
    turned, left = np.zeros(len(shapes), bool), np.zeros(len(shapes), bool)
    turned[lines.turned], left[lines.left] = True, True
    mixed = (shapely.get_type_id(shapes) == COLLECTION) | left
    tests = (
        (heights, "dropped_z", "已去掉高程/M 值", "Z or M values were dropped"),
        (has_double_points(shapes), "double_points", "已合并重复点", "Double points were merged"),
        (mixed, "mixed_parts", "只保留了面状部分", "Only polygon parts were kept"),
        (turned, "closed_lines", "闭合的线已当作面", "Closed lines were taken as polygons"),
    )
    hits = ((tuple((np.flatnonzero(hit) + 1).tolist()), code, zh, en) for hit, code, zh, en in tests)
    return tuple(Note(code, zh, en, rows) for rows, code, zh, en in hits if rows)


def _find_sliver_holes(geoms: NDArray[Any]) -> tuple[Note, ...]:
    """Say which shapes have a hole narrower than half a metre; it stays, for it may be a ditch."""
    parts, owner = shapely.get_parts(geoms, return_index=True)
    holed = shapely.get_num_interior_rings(parts) > 0
    rings, part = shapely.get_rings(parts[holed], return_index=True)
    hole = np.r_[False, part[1:] == part[:-1]] if len(part) else np.zeros(0, bool)
    if not hole.any():
        return ()
    holes = np.asarray(shapely.polygons(rings[hole]), object)
    narrow = 2 * area_m2(holes) < _SLIVER_HOLE_M * perimeter_m(holes)
    rows = tuple(sorted(set((owner[holed][part[hole][narrow]] + 1).tolist())))
    zh, en = "有宽度不足 0.5 米的孔洞，已保留", "There are holes narrower than 0.5 m; they stay"
    return (Note("sliver_hole", zh, en, rows),) if rows else ()


def _as_multipolygons(geoms: NDArray[Any]) -> NDArray[Any]:
    out = geoms.copy()
    kind = shapely.get_type_id(geoms)
    single = np.flatnonzero(kind == POLYGON)
    if len(single):
        out[single] = shapely.multipolygons(geoms[single], indices=np.arange(len(single)))
    for index in np.flatnonzero(kind == COLLECTION):
        out[index] = only_polygons(geoms[index])
    return out
