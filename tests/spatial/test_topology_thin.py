"""Thin strips at any angle, to the last digit: what is wider than 5 cm is told, what is narrower is not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from app.spatial.topology import Fault, FaultOptions, find_faults
from app.spatial.topology.measures import metres_per_degree
from tests.spatial.test_topology_truth import villages

Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Strips:
    """A sound layer with one strip on each of some borders, `truth` (kind, members) of each."""

    polygons: Shapes
    frame: BaseGeometry
    truth: list[tuple[str, tuple[int, ...]]]


def lay_strips(rng: np.random.Generator, widths_m: list[float], count: int = 60) -> Strips:
    """Strips 3 to 60 m long, by turns laid on a village over its neighbour and cut off at the border."""
    polygons, frame = villages(rng, count)
    polygons, truth = polygons.copy(), []
    a, b = shapely.STRtree(polygons).query(polygons, predicate="touches")
    free = np.ones(count, dtype=bool)
    for at in rng.permutation(np.flatnonzero(a < b)).tolist():
        k, m = int(a[at]), int(b[at])
        border = shapely.line_merge(shapely.intersection(polygons[k], polygons[m]))
        if len(truth) == len(widths_m) or not (free[k] and free[m]) or border.geom_type != "LineString":
            continue
        width = widths_m[len(truth)]
        strip = _strip(border, polygons[m], width, rng)
        if strip is None:
            continue
        free[k] = free[m] = False
        if len(truth) % 2:
            polygons[m] = shapely.difference(polygons[m], strip)
            truth.append(("gap", (k, m)))
        else:
            polygons[k] = shapely.union(polygons[k], strip)
            truth.append(("overlap", (k, m)))
    return Strips(polygons, frame, truth)


def _strip(
    border: BaseGeometry, into: BaseGeometry, width_m: float, rng: np.random.Generator
) -> BaseGeometry | None:
    """A strip of a width along part of one straight side of a border, on the side of `into`."""
    corners = shapely.get_coordinates(border)
    scale = metres_per_degree(corners[:1, 1])[0]
    sides = np.hypot(*(np.diff(corners, axis=0) * scale).T)
    k = int(np.argmax(sides))
    if sides[k] < 20:
        return None
    p, q = corners[k] * scale, corners[k + 1] * scale
    along = (q - p) / sides[k]
    long = rng.uniform(3.0, sides[k] * 0.7)
    start = p + along * rng.uniform(0.1, 0.9 * (1 - long / sides[k])) * sides[k]
    for across in (np.array([-along[1], along[0]]), np.array([along[1], -along[0]])):
        middle = start + along * long / 2 + across * width_m / 2
        if shapely.contains(into, shapely.Point(middle / scale)):
            near, far = start - across * 1e-3, start + across * width_m  # a millimetre of hold on this side
            return shapely.Polygon(np.array([near, near + along * long, far + along * long, far]) / scale)
    return None


def told(found: list[Fault]) -> list[tuple[str, tuple[int, ...]]]:
    return sorted((fault.of, fault.members) for fault in found)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.lists(st.floats(0.051, 0.10), min_size=4, max_size=8))
def test_each_strip_wider_than_five_centimetres_is_told_and_nothing_else(
    seed: int, widths: list[float]
) -> None:
    layer = lay_strips(np.random.default_rng(seed), widths)
    assert told(find_faults(layer.polygons, frame=layer.frame)) == sorted(layer.truth)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.lists(st.floats(0.02, 0.049), min_size=4, max_size=8))
def test_no_strip_narrower_than_five_centimetres_is_told(seed: int, widths: list[float]) -> None:
    layer = lay_strips(np.random.default_rng(seed), widths)
    assert find_faults(layer.polygons, frame=layer.frame) == []


@pytest.mark.parametrize("seed", range(4))
def test_narrower_strips_are_told_when_asked_for(seed: int) -> None:
    layer = lay_strips(np.random.default_rng(seed), [0.035, 0.04, 0.045, 0.049, 0.06, 0.1])
    found = find_faults(layer.polygons, frame=layer.frame, options=FaultOptions(min_width_m=0.03))
    assert len(layer.truth) == 6
    assert told(found) == sorted(layer.truth)
