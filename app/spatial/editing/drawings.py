"""What a person drew, as GeoJSON in EPSG:4326: read, checked, put on the storage grid, or refused by name."""

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.errors import BadInput
from app.spatial.topology.edges import as_shapes, snap
from app.spatial.topology.layer import ground_of

MOST_POINTS = 20_000
"""A border drawn by hand, or a grid's whole outline, has far fewer."""
_AREAS, _LINES = ("Polygon", "MultiPolygon"), ("LineString", "MultiLineString")


def read_area(drawn: Any, *, frame: BaseGeometry | None = None) -> BaseGeometry:
    """A drawn polygon or multipolygon (GeoJSON geometry or feature). `frame` tells what is far off.

    Raises BadInput `no_drawing`, `bad_drawing`, `bad_coordinates`, `not_degrees`, `swapped_coordinates`,
    `too_many_points`, `self_crossing`, `empty_drawing`, `far_away`.
    """
    shape = _read(drawn, _AREAS, zh="一个面（Polygon）", en="a polygon")
    if shapely.convex_hull(shape).area == 0:
        raise _no_area()
    reason = shapely.is_valid_reason(shape)
    if not shapely.is_valid(shape) and "Ring Self-intersection" not in reason:
        raise BadInput(
            "self_crossing",
            zh="所画的边界自己与自己相交，请重画或移动相交的顶点",
            en=f"the drawn border crosses itself: {reason}",
            reason=reason,
        )
    area: BaseGeometry = snap(as_shapes([shape]))[0]
    area = area if shapely.is_valid(area) else ground_of([area])[0]
    if area.is_empty or area.area == 0:
        raise _no_area()
    return _near(area, frame)


def _no_area() -> BadInput:
    return BadInput("empty_drawing", zh="所画的范围没有面积", en="the drawn ground has no area")


def read_line(drawn: Any, *, frame: BaseGeometry | None = None) -> BaseGeometry:
    """A drawn line or multiline (GeoJSON geometry or feature); errors as `read_area`."""
    shape: BaseGeometry = snap(as_shapes([_read(drawn, _LINES, zh="一条线（LineString）", en="a line")]))[0]
    parts = [part for part in shapely.get_parts(shape) if part.length > 0]
    if not parts:
        raise BadInput(
            "empty_drawing", zh="所画的线至少要有两个不同的点", en="a line takes two different points"
        )
    return _near(parts[0] if len(parts) == 1 else shapely.multilinestrings(parts), frame)


def read_box(text: str) -> tuple[float, float, float, float]:
    """A box as `west,south,east,north` in degrees. Raises BadInput `bad_box`."""
    try:
        west, south, east, north = (float(one) for one in text.split(","))
    except ValueError:
        west = south = east = north = math.nan
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadInput(
            "bad_box",
            zh="范围应为“西,南,东,北”四个经纬度",
            en="a box is west,south,east,north in degrees",
        )
    return west, south, east, north


def _read(drawn: Any, kinds: tuple[str, ...], *, zh: str, en: str) -> BaseGeometry:
    body = drawn.get("geometry") if isinstance(drawn, dict) and drawn.get("type") == "Feature" else drawn
    if not isinstance(body, dict) or body.get("type") not in kinds:
        raise BadInput("no_drawing", zh=f"需要{zh}的 GeoJSON", en=f"a GeoJSON geometry is needed: {en}")
    _check_numbers(list(_corners(body.get("coordinates"), 0)))
    try:
        shape: BaseGeometry = shapely.force_2d(shapely.from_geojson(_dump(body)))
    except (shapely.GEOSException, ValueError) as error:
        raise _bad_drawing() from error
    if shape.is_empty:
        raise BadInput("empty_drawing", zh="图形是空的，请先画出范围", en="the drawing is empty")
    return shape


def _dump(body: dict[str, Any]) -> str:
    return json.dumps({"type": body["type"], "coordinates": body.get("coordinates")})


def _corners(value: Any, depth: int) -> Iterator[tuple[float, float]]:
    if not isinstance(value, list | tuple) or depth > 4:
        raise _bad_drawing()
    if value and not isinstance(value[0], list | tuple):
        if len(value) < 2 or not all(type(one) in (int, float) for one in value):
            raise _bad_drawing()
        yield value[0], value[1]
        return
    for one in value:
        yield from _corners(one, depth + 1)


def _bad_drawing() -> BadInput:
    return BadInput(
        "bad_drawing",
        zh="图形坐标不完整：线至少两个点，面至少三个点并首尾相接",
        en="the drawing's coordinates are incomplete: a line takes two points, a ring three and must close",
    )


def _check_numbers(corners: list[tuple[float, float]]) -> None:
    if len(corners) > MOST_POINTS:
        raise BadInput(
            "too_many_points",
            zh=f"图形有 {len(corners)} 个点，最多 {MOST_POINTS} 个；大图层请用“边界导入”",
            en=f"the drawing has {len(corners)} points, at most {MOST_POINTS}; import large layers as a file",
        )
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in corners):
        raise BadInput("bad_coordinates", zh="坐标不是数字（NaN 或无穷大）", en="a coordinate is no number")
    if not corners:
        return
    x, y = np.abs(np.array(corners, dtype=np.float64)).max(axis=0)
    if x > 180 or (y > 90 and y > 180):
        raise BadInput(
            "not_degrees",
            zh="坐标不是经纬度，像是以米为单位的投影坐标；请换成 EPSG:4326（经度、纬度）",
            en="these are no degrees but metres of a projection; send EPSG:4326 longitude and latitude",
        )
    if y > 90:
        raise _swapped()


def _swapped() -> BadInput:
    return BadInput(
        "swapped_coordinates",
        zh="经度和纬度写反了：先经度（约 73 到 135），后纬度",
        en="longitude and latitude are swapped: longitude comes first",
    )


def _near(shape: BaseGeometry, frame: BaseGeometry | None) -> BaseGeometry:
    """The drawing, which must lie at the frame and not a county away."""
    if frame is None:
        return shape
    west, south, east, north = frame.bounds
    margin = max(east - west, north - south)
    if shapely.box(west - margin, south - margin, east + margin, north + margin).intersects(shape):
        return shape
    raise BadInput(
        "far_away",
        zh="所画位置不在本规划的辖区附近，请检查坐标（经度在前，WGS 84 / CGCS2000）",
        en="the drawing is nowhere near the plan's frame; check the coordinates (longitude first)",
    )
