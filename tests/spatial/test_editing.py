"""Acts on shapes: cuts through holes and parts, borders that snap, corners set into both sides."""

import numpy as np
import pytest
import shapely

from app.errors import BadInput
from app.spatial import editing
from tests.ground import Ground, lay


def on_grid(ground: Ground) -> np.ndarray:
    shapes: np.ndarray = shapely.transform(ground.polygons, lambda xy: np.round(xy, 7))
    return shapes


def through(ground: Ground, *places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(np.round([ground.point(*place) for place in places], 7))


def test_a_line_through_a_hole_cuts_the_ring_in_two() -> None:
    ground = lay("AAA\nAMA\nAAA")
    edit = editing.split(on_grid(ground), 0, through(ground, (1, -1), (1, 3)))
    assert len(edit.added) == 1
    assert edit.added[0].area == pytest.approx(edit.changes[0].area)


def test_a_line_that_crosses_several_times_cuts_off_every_prong() -> None:
    ground = lay("A.A\nA.A\nAAA")
    edit = editing.split(on_grid(ground), 0, through(ground, (0.5, -1), (0.5, 3)))
    assert len(edit.added) == 2


def test_a_part_that_the_line_misses_stays_with_the_grid() -> None:
    ground = lay("AAAA.A")
    edit = editing.split(on_grid(ground), 0, through(ground, (-1, 0.5), (1, 0.5)))
    assert shapely.get_num_geometries(edit.changes[0]) == 2
    assert len(edit.added) == 1


def test_a_line_that_ends_inside_is_refused_with_what_to_do() -> None:
    ground = lay("AA\nAA")
    with pytest.raises(BadInput, match="line_does_not_cut") as refused:
        editing.split(on_grid(ground), 0, through(ground, (-1, 0.5), (0.5, 0.5)))
    assert "穿过" in refused.value.zh


def test_what_is_drawn_within_the_distance_takes_corners_and_edges_exactly() -> None:
    ground = lay("AABB\nAABB", sparse=True)
    shapes = on_grid(ground)
    near = shapely.Polygon(
        [ground.point(*at) for at in [(-0.46, 1.55), (-0.46, 2.5), (0.5, 2.5), (0.5, 1.53)]]
    )
    snapped = editing.snap_drawing(near, shapes, 15.0)
    border = shapes[0].boundary
    assert border.distance(shapely.Point(snapped.exterior.coords[0])) == 0
    assert editing.snap_drawing(near, shapes, 0.0).equals(near)
