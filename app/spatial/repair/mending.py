"""One faulty shape made valid, and what that did to its area."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely

from app.spatial.crs.measure import area_m2
from app.spatial.repair.results import QUESTION_PERCENT, Repair
from app.spatial.repair.rings import (
    SNAP_DEGREE,
    has_spike,
    list_polygons,
    only_polygons,
    snap,
    take_spikes_off,
)

_FAULTS: tuple[tuple[str, str, str, str], ...] = (
    ("Ring Self-intersection", "touching_ring", "边界环自相接触", "a ring touches itself"),
    ("Self-intersection", "crossed_ring", "边界自相交（蝴蝶结）", "the boundary crosses itself (bow tie)"),
    ("Hole lies outside shell", "hole_outside", "孔洞在外环之外", "a hole lies outside its shell"),
    ("Holes are nested", "nested_holes", "孔洞互相嵌套", "holes lie inside holes"),
    ("Nested shells", "nested_shells", "部件互相重叠", "parts lie inside parts"),
    ("Duplicate Rings", "duplicate_rings", "存在重复的环", "a ring is there twice"),
    ("Interior is disconnected", "cut_interior", "孔洞把内部切断", "holes cut the interior apart"),
    ("Overlapping parts", "overlapping_parts", "部件互相重叠或共边", "parts overlap or share an edge"),
    ("Crossing rings", "crossing_rings", "外环与孔洞互相交叉", "the rings of shell and holes cross"),
    ("Too few points", "too_few_points", "环的点数不足", "a ring has too few points"),
)
_SPIKE = ("spike", "边界有尖刺", "the boundary has a spike")
_TWICE = ("duplicate_parts", "同一部件或孔洞重复出现", "a part or a hole is there twice")
_INVALID = ("invalid", "图形无效", "the shape is invalid")
_ROUNDS = 5


def mend(index: int, geom: Any) -> tuple[Any, Repair | None]:
    """Return (valid snapped multipolygon, what was mended), (None, None) when no area is left of a shape.

    A part that is there twice is the same ground, so the area before counts it once.
    """
    bare = _drop_twins(geom)
    twice = bare is not geom
    if twice and shapely.is_valid(bare) and not has_spike(np.array([bare], object))[0]:
        return bare, _describe(index, bare, bare, _TWICE)
    mended = _make_sound(bare)
    if mended is None:
        return None, None
    return mended, _describe(index, bare, mended, _name_fault(bare))


def _drop_twins(geom: Any) -> Any:
    """Return the shape with each part, and each hole of a part, there once; itself when all are."""
    parts = list_polygons(geom)
    holes = [_single(shapely.get_rings(part)[1:]) for part in parts]
    lean = [
        part if len(inner) == len(part.interiors) else shapely.Polygon(part.exterior, inner)
        for part, inner in zip(parts, holes, strict=True)
    ]
    kept = _single(lean)
    same = len(kept) == len(parts) and all(one is other for one, other in zip(kept, parts, strict=True))
    return geom if same else shapely.multipolygons(kept)


def _single(shapes: Iterable[Any]) -> list[Any]:
    return list(
        {shapely.normalize(shapely.Polygon(one)).wkb: one for one in reversed(list(shapes))}.values()
    )[::-1]


def _make_sound(geom: Any) -> Any:
    shape = take_spikes_off(geom)
    for _ in range(_ROUNDS):
        if shape is None or shapely.is_empty(shape):
            return None
        if not shapely.is_valid(shape):
            whole = shapely.make_valid(shape, method="structure", keep_collapsed=False)
            shape = snap(np.array([only_polygons(whole)], object))[0]
        elif not has_spike(np.array([shape], object))[0]:
            return shape
        # Crossed rings taken apart may leave a spike where they crossed.
        shape = shape if shape is None else take_spikes_off(shape)
    exact = shapely.set_precision(shapely.make_valid(shape), SNAP_DEGREE) if shape is not None else None
    return only_polygons(exact)


def _name_fault(before: Any) -> tuple[str, str, str]:
    if has_spike(np.array([before], object))[0]:
        return _SPIKE
    reason = _name_crossing(before, str(shapely.is_valid_reason(before)))
    return next(
        ((code, zh, en) for start, code, zh, en in _FAULTS if reason.startswith(start)),
        _INVALID,
    )


def _name_crossing(before: Any, reason: str) -> str:
    """Tell a ring that crosses itself from rings and parts that cross each other."""
    if not reason.startswith("Self-intersection"):
        return reason
    parts = list_polygons(before)
    if shapely.is_valid(parts).all():
        return "Overlapping parts"
    rings = shapely.get_rings(parts[~shapely.is_valid(parts)])
    return "Crossing rings" if shapely.is_valid(shapely.polygons(rings)).all() else reason


def _describe(index: int, before: Any, after: Any, fault: tuple[str, str, str]) -> Repair:
    code, zh, en = fault
    areas = area_m2(np.array([before, after], object))
    bare = Repair(index, code, zh, en, float(areas[0]), float(areas[1]), False)
    change = f"{bare.change_m2:+.1f} m², {bare.change_percent:.3f} %"
    question = bare.change_percent > QUESTION_PERCENT
    zh, en = f"{zh}，已修复（面积变化 {change}）", f"{en}; mended (area {change})"
    return Repair(index, code, zh, en, float(areas[0]), float(areas[1]), question)
