"""What ground changed between two layers: nothing of it outside the boxes, nothing else by the test."""

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from app.spatial.changed import changed_ground
from tests.ground import lay
from tests.spatial.test_locate import hard_points, villages

Shapes = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]


def differs(before: Shapes, after: Shapes, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """GEOS, every row with every point: touched or held before, touched or held after."""
    points = shapely.points(x, y)
    state = [
        shapely.intersects(side[:, None], points).astype(int) + shapely.contains(side[:, None], points)
        for side in (before, after)
    ]
    return np.asarray((state[0] != state[1]).any(axis=0))


def within(boxes: Floats, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    west, south, east, north = boxes.T[:, :, None]
    return np.asarray(((west <= x) & (x <= east) & (south <= y) & (y <= north)).any(axis=0))


def judge(before: Shapes, after: Shapes, x: Floats, y: Floats) -> None:
    changed = changed_ground(before, after)
    true = differs(before, after, x, y)
    assert np.array_equal(changed.holds(x, y), true)
    assert not (true & ~within(changed.boxes, x, y)).any()


def edits(layer: Shapes) -> dict[str, Shapes]:
    """What a person does to a layer, by name."""
    made = {name: layer.copy() for name in ("moved", "split", "merged", "lost", "found", "bent")}
    bump = shapely.buffer(shapely.centroid(layer[7]), 0.02)
    made["moved"][7] = shapely.union(layer[7], bump)
    for row in range(len(layer)):
        if row != 7:
            made["moved"][row] = shapely.difference(layer[row], bump)
    west, south, east, north = layer[3].bounds
    half = shapely.box(west, south, (west + east) / 2, north)
    made["split"] = np.append(made["split"], shapely.difference(layer[3], half))
    made["split"][3] = shapely.intersection(layer[3], half)
    made["merged"][2], made["merged"][5] = shapely.union_all(layer[[2, 5]]), None
    made["lost"][4] = shapely.Polygon()
    made["found"] = np.append(layer, shapely.box(121.6, 31.8, 121.7, 31.9))
    made["bent"][6] = shapely.transform(
        layer[6], lambda xy: np.where(xy == xy.max(axis=0), np.nextafter(xy, 999), xy)
    )
    return made


@pytest.mark.parametrize("edit", ["moved", "split", "merged", "lost", "found", "bent"])
def test_growth_and_loss_of_every_edit_are_told_exactly(edit: str) -> None:
    layer = villages(2, 30)
    after = edits(layer)[edit]
    before = np.append(layer, np.full(len(after) - len(layer), None, dtype=object))
    x, y = hard_points(layer, 3, 300)
    more = hard_points(after[~shapely.is_missing(after)], 4, 300)
    judge(before, after, np.append(x, more[0]), np.append(y, more[1]))
    judge(after, before, x, y)


def test_a_new_plan_is_told_as_a_whole() -> None:
    before, after = villages(2, 60), villages(3, 60)
    assert len(changed_ground(before, after).rows) == 60
    judge(before, after, *hard_points(before, 5, 100))


def test_the_same_ground_begun_elsewhere_or_turned_is_no_change() -> None:
    layer = villages(2, 30)
    turned = shapely.reverse(layer)
    rolled = np.array(
        [shapely.Polygon(np.roll(np.array(one.exterior.coords)[:-1], 3, axis=0)) for one in layer]
    )
    for after in (layer.copy(), turned, rolled):
        changed = changed_ground(layer, after)
        assert not changed
        assert changed.boxes.shape == (0, 4)
        assert not changed.holds(121.2, 31.9)[0]


def test_boxes_follow_a_slanting_border_and_ignore_the_rest() -> None:
    ground = shapely.box(121, 31, 121.2, 31.2)
    cut = shapely.Polygon([(121, 31), (121.2, 31.2), (121, 31.2)])
    strip = shapely.union(cut, shapely.Polygon([(121, 31), (121.2, 31.2), (121.201, 31.2), (121.001, 31)]))
    changed = changed_ground([cut, ground], [strip, ground])
    assert changed.rows.tolist() == [0]
    area = ((changed.boxes[:, 2] - changed.boxes[:, 0]) * (changed.boxes[:, 3] - changed.boxes[:, 1])).sum()
    assert area < 0.2 * ground.area


def test_a_margin_takes_in_what_lies_near_the_border_that_moved() -> None:
    ground, grown = lay("A."), lay("AA")
    west, south, east, north = grown["A"].bounds
    middle = (south + north) / 2
    metre = 1 / 94_500
    x = np.array([east + 40 * metre, east + 60 * metre, west + 1e-6])
    changed = changed_ground([ground["A"]], [grown["A"]], margin_m=50.0)
    assert changed.holds(x, np.full(3, middle)).tolist() == [True, False, False]
    assert within(changed.boxes, x[:1], np.array([middle])).all()
    assert not changed_ground([ground["A"]], [grown["A"]]).holds(x[0], middle)[0]


def test_layers_of_other_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="3 rows before and 2 after"):
        changed_ground([None] * 3, [None] * 2)
