"""Shapes on their way to and from the database: EWKB in EPSG:4326, whole arrays at a time."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[Any]


def to_ewkb(shapes: Shapes) -> list[bytes]:
    """EWKB of shapes (EPSG:4326) as a binary COPY takes them (type name `bytea`)."""
    return list(shapely.to_wkb(shapely.set_srid(shapes, 4326), include_srid=True))


def to_areas(shapes: Shapes) -> Shapes:
    """Polygons and multipolygons (n,) as multipolygons, which is how areas are stored."""
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    areas = shapes.copy()
    areas[single] = [shapely.MultiPolygon([shape]) for shape in shapes[single]]
    return areas


def from_wkb(values: Iterable[Any]) -> Shapes:
    """Shapes (n,) of WKB bytes as a statement with ST_AsBinary gives them."""
    return np.asarray(shapely.from_wkb([bytes(value) for value in values]), dtype=object)


def anchor_points(areas: Shapes) -> Shapes:
    """A point well inside each area (n,): the middle of the largest circle that fits into its largest part.

    Degrees are stretched to equal metres first, so that the circle is round on the ground.
    """
    largest = np.array([_largest_part(area) for area in areas], dtype=object)
    squeeze = np.cos(np.radians(shapely.bounds(largest)[:, [1, 3]].mean(axis=1)))
    points = [_middle(part, float(factor)) for part, factor in zip(largest, squeeze.tolist(), strict=True)]
    return np.array(points, dtype=object)


def _largest_part(area: Any) -> Any:
    parts = shapely.get_parts(area)
    return parts[int(np.argmax(shapely.area(parts)))]


def _middle(part: Any, squeeze: float) -> Any:
    flat = shapely.transform(part, lambda xy: xy * (squeeze, 1.0))
    tolerance = max(float(np.sqrt(flat.area)) / 100, 1e-9)
    middle = shapely.get_point(shapely.maximum_inscribed_circle(flat, tolerance), 0)
    point = shapely.transform(middle, lambda xy: np.round(xy / (squeeze, 1.0), 7))
    return point if shapely.contains(part, point) else shapely.point_on_surface(part)
