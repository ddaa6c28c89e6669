"""Ground cut along the middle: each place of it goes to the nearest of the grids around."""

from collections.abc import Mapping

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Floats, Ints, as_shapes

_BESIDE = 3e-7


def cut_in_middle(ground: BaseGeometry, around: Mapping[int, BaseGeometry]) -> dict[int, BaseGeometry]:
    """`ground` (EPSG:4326) split among the rows around it; rows that would get nothing are left out."""
    points, owner = _border_points(ground, around)
    if not len(points):
        return {}
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(points), extend_to=ground.envelope, ordered=True)
    )
    pieces = shapely.intersection(cells, ground)
    return {row: shapely.union_all(pieces[owner == row]) for row in np.unique(owner).tolist()}


def _border_points(ground: BaseGeometry, around: Mapping[int, BaseGeometry]) -> tuple[Floats, Ints]:
    """Points along the ground's border and which row's own ground lies beyond each."""
    width = 2.0 * ground.area / ground.length
    spacing = max(width / 3.0, ground.length / 2000.0)
    points = np.unique(shapely.get_coordinates(shapely.segmentize(ground.boundary, spacing)), axis=0)
    own = as_shapes([shapely.difference(shape, ground) for shape in around.values()])
    distance = shapely.distance(own[:, None], np.asarray(shapely.points(points))[None, :])
    nearest = distance.argmin(axis=0)
    alone = (distance <= _BESIDE).sum(axis=0) == 1
    return points[alone], np.array(list(around), dtype=np.int64)[nearest[alone]]
