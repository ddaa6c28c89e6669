"""Injected faults against a plain overlay of every pair: all are found, nothing else is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from app.spatial.topology import Fault, area_m2, find_faults
from app.spatial.topology.edges import match, ring_edges, snap
from app.spatial.topology.layer import prepare
from app.spatial.topology.measures import metres_per_degree
from tests.ground import lay

Shapes = npt.NDArray[np.object_]
BOX = shapely.box(121.0, 31.8, 121.06, 31.86)


def villages(rng: np.random.Generator, count: int) -> tuple[Shapes, BaseGeometry]:
    """A sound layer and its frame: Voronoi cells with crooked borders, every corner on all its grids."""
    seeds = shapely.multipoints(np.array(BOX.bounds[:2]) + rng.random((count, 2)) * 0.06)
    cells = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=BOX)), BOX)
    polygons = shapely.transform(shapely.segmentize(cells, 0.0007), _bend)
    return polygons, shapely.coverage_union_all(polygons)


def _bend(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Wind the plane without folding it, so that straight borders become crooked and stay apart."""
    x, y = np.round(xy, 7).T
    x = x + 2e-4 * np.sin(1500.0 * y)
    y = y + 2e-4 * np.sin(1500.0 * x)
    return np.round(np.column_stack([x, y]), 7)


@dataclass(frozen=True)
class Truth:
    """What a plain overlay says: ground shared by each pair, and ground of the frame that no grid covers."""

    overlaps: dict[tuple[int, int], BaseGeometry]
    gaps: list[BaseGeometry]


def overlay(polygons: Shapes, frame: BaseGeometry) -> Truth:
    a, b = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    overlaps = {}
    for i, j in zip(a[a < b].tolist(), b[a < b].tolist(), strict=True):
        shared = wide(shapely.intersection(polygons[i], polygons[j]))
        if not shared.is_empty:
            overlaps[i, j] = shared
    rest = wide(shapely.difference(frame, shapely.union_all(polygons)))
    return Truth(overlaps, [part for part in shapely.get_parts(rest) if not part.is_empty])


def wide(shape: BaseGeometry, least_m: float = 0.05) -> BaseGeometry:
    """The parts that hold a disc five centimetres across and half a square metre."""
    scale = metres_per_degree(np.array([31.83]))[0]
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    flat = [shapely.transform(p, lambda xy: (xy - [121, 31.8]) * scale) for p in parts]
    kept = [
        p for p, f in zip(parts, flat, strict=True) if f.area >= 0.5 and not f.buffer(-least_m / 2).is_empty
    ]
    return shapely.MultiPolygon(kept)


def assert_same(found: list[Fault], truth: Truth) -> None:
    doubles: dict[tuple[int, ...], list[BaseGeometry]] = {}
    for fault in found:
        if fault.of in ("overlap", "nested", "duplicate"):
            doubles.setdefault(tuple(sorted(fault.members)), []).append(fault.geom)
    assert set(doubles) == set(truth.overlaps)
    for pair, shapes in doubles.items():
        assert_same_ground(shapely.union_all(shapes), truth.overlaps[pair])
    gaps = [fault.geom for fault in found if fault.of == "gap"]
    assert len(gaps) == len(truth.gaps)
    assert_same_ground(shapely.union_all(gaps), shapely.union_all(truth.gaps))


def assert_same_ground(a: BaseGeometry, b: BaseGeometry) -> None:
    """Equal but for what snapping to 1 cm may move along the border."""
    apart = float(area_m2(np.array([shapely.symmetric_difference(a, b)]))[0])
    assert apart <= 0.012 * b.length * 111_000


def strip(rng: np.random.Generator, width_m: float) -> BaseGeometry:
    """A strip some hundred metres long and that wide, anywhere, at any angle."""
    x, y = np.array(BOX.bounds[:2]) + 0.003 + rng.random(2) * 0.054
    turn, half = rng.random() * np.pi, rng.uniform(100, 400) / 111_000 / 2
    dx, dy = np.cos(turn) * half, np.sin(turn) * half
    return shapely.LineString([(x - dx, y - dy), (x + dx, y + dy)]).buffer(
        width_m / 2 / 94_500, cap_style="flat"
    )


def spoil(polygons: Shapes, frame: BaseGeometry, rng: np.random.Generator, times: int) -> Shapes:
    """Break a sound layer: strips cut out or laid on, grids doubled, nested, taken away."""
    grids = list(polygons)
    for _ in range(times):
        k = int(rng.integers(len(grids)))
        cut = strip(rng, float(rng.choice([0.12, 0.5, 1.5, 8.0, 60.0])))
        act = rng.choice(
            ["grow", "cut", "hole", "double", "nest", "drop"], p=[0.35, 0.3, 0.1, 0.1, 0.1, 0.05]
        )
        if act == "grow":
            grids[k] = _one(shapely.union(grids[k], shapely.intersection(cut, grids[k].buffer(5e-4))))
        elif act == "cut":
            grids[k] = _one(shapely.difference(grids[k], cut))
        elif act == "hole":
            grids[k] = _one(shapely.difference(grids[k], grids[k].centroid.buffer(2e-4)))
        elif act == "double":
            grids.append(grids[k])
        elif act == "nest":
            grids.append(shapely.affinity.scale(grids[k].representative_point().buffer(3e-4), 1, 0.5))
        elif len(grids) > 3:
            grids.pop(k)
    return np.array([shapely.intersection(g, frame) for g in grids], dtype=object)


def _one(shape: BaseGeometry) -> BaseGeometry:
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    return shapely.multipolygons(parts) if len(parts) > 1 else parts[0]


@pytest.mark.parametrize("count", [3, 40, 200])
def test_a_sound_layer_has_no_fault(count: int) -> None:
    polygons, frame = villages(np.random.default_rng(count), count)
    assert shapely.is_valid(polygons).all()
    assert find_faults(polygons, frame=frame) == []


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(4, 40), st.integers(1, 12))
def test_injected_faults_are_found_as_a_plain_overlay_finds_them(seed: int, count: int, times: int) -> None:
    rng = np.random.default_rng(seed)
    sound, frame = villages(rng, count)
    polygons = spoil(sound, frame, rng, times)
    found = find_faults(polygons, frame=frame)
    assert {f.kind for f in found} <= {"overlap", "gap", "sliver", "nested", "duplicate"}
    assert_same(found, overlay(polygons, frame))


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(6, 40))
def test_a_recheck_after_an_edit_equals_a_whole_check_of_the_same_grids(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    before, frame = villages(rng, count)
    after = spoil(before, frame, rng, 3)[: len(before)]
    changed = [k for k in range(len(after)) if not shapely.equals(after[k], before[k])]
    whole = find_faults(after, frame=frame)
    part = find_faults(after, frame=frame, changed=changed)
    assert_alike(part, [f for f in whole if set(changed) & set(f.members)])


def assert_alike(found: list[Fault], expected: list[Fault]) -> None:
    assert [(f.kind, f.members) for f in found] == [(f.kind, f.members) for f in expected]
    for a, b in zip(found, expected, strict=True):
        assert_same_ground(a.geom, b.geom)


@settings(max_examples=200)
@given(
    st.lists(st.text("ABCD.", min_size=5, max_size=5), min_size=1, max_size=5),
    st.lists(st.text("...EFA", min_size=5, max_size=5), min_size=1, max_size=5),
    st.booleans(),
)
def test_any_drawing_has_the_faults_of_its_cells(lower: list[str], upper: list[str], sparse: bool) -> None:
    ground = lay("\n".join(lower), "\n".join(upper[: len(lower)]), sparse=sparse)
    polygons = ground.polygons if len(ground.polygons) else np.array([], dtype=object)
    found = find_faults(polygons, frame=ground.frame)
    covered = [ground.names[m] for f in found if f.kind == "invalid" for m in f.members]
    assert covered == []
    assert_same(found, overlay(polygons, ground.frame))


def test_noise_of_half_a_centimetre_leaves_next_to_no_edge_unmatched() -> None:
    rng = np.random.default_rng(6)
    polygons, _ = villages(rng, 200)
    between = [shapely.transform(shape, lambda xy: xy + 4.7e-8) for shape in polygons]
    shaken = np.array(
        [
            shapely.Polygon((c := shapely.get_coordinates(shape)[:-1]) + rng.uniform(-5e-8, 5e-8, c.shape))
            for shape in between
        ]
    )
    edges = len(ring_edges(shaken))
    split = len(match(ring_edges(snap(shaken))).unmatched())
    loose = len(prepare(shaken, np.arange(len(shaken)), None).loose)
    assert split > edges / 4
    assert loose < edges / 10  # the outer border and what a chain of near corners leaves
    assert find_faults(shaken) == []


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(4, 60))
def test_noise_of_a_millimetre_in_every_corner_makes_no_fault(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    polygons, frame = villages(rng, count)
    shaken = [
        shapely.Polygon((c := shapely.get_coordinates(shape)[:-1]) + rng.uniform(-1e-8, 1e-8, c.shape))
        for shape in polygons
    ]
    assert find_faults(shaken, frame=frame) == []
