"""Seeded ground for the figures: crooked villages without fault, and known faults put into them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Shapes = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]

SIDE = 0.0145
"""Degrees a village is wide on average (about 1.4 km)."""
METRE = 1.0 / 94_500.0
_THIN_M = (0.051, 0.1)


def villages(count: int, *, seed: int = 1, bends: int = 5) -> Shapes:
    """A sound layer of `count` villages near 121 E 31 N, each side in about `bends` pieces."""
    rng = np.random.default_rng(seed)
    side = SIDE * np.sqrt(count)
    box = shapely.box(121.0, 31.0, 121.0 + side, 31.0 + side)
    across = int(np.ceil(np.sqrt(count)))
    column, row = np.arange(count) % across, np.arange(count) // across
    places = (np.stack([column, row], axis=1) + rng.random((count, 2)) * 0.9) / across * side + [121.0, 31.0]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(places), extend_to=box))
    cells = shapely.segmentize(shapely.intersection(cells, box), SIDE / bends / 1.6)
    return np.asarray(shapely.transform(cells, _bend))


def _bend(xy: Floats) -> Floats:
    x, y = np.round(xy, 7).T
    x = x + 5e-4 * np.sin(900.0 * y) + 1.5e-4 * np.sin(3100.0 * y)
    y = y + 5e-4 * np.sin(900.0 * x) + 1.5e-4 * np.sin(3100.0 * x)
    return np.round(np.column_stack([x, y]), 7)


@dataclass(frozen=True)
class Spoiled:
    """A layer with faults: `pairs` that share ground, `gaps` as shapes, `frame` round all."""

    polygons: Shapes
    frame: Any
    pairs: frozenset[tuple[int, int]]
    gaps: list[Any]
    kinds: dict[str, int]


def spoil(sound: Shapes, *, every: int = 14, seed: int = 2, thin: bool = False) -> Spoiled:
    """Put one fault into about each `every`-th village, never into two that touch: strips of 0.08 to 1.5 m,
    3 to 20 m and 40 to 150 m laid on or cut off, inlets from the frame, duplicates, contained markets,
    villages missing.

    With `thin` strips of 0.051 to 0.1 m besides, and every strip to the last digit instead of to 1e-7 degree.
    """
    rng = np.random.default_rng(seed)
    spoiler = _Spoiler(sound, rng, thin=thin)
    free = np.ones(len(sound), dtype=bool)
    a, b = shapely.STRtree(sound).query(sound, predicate="intersects")
    order = np.argsort(a, kind="stable")
    around = np.split(b[order], np.cumsum(np.bincount(a, minlength=len(sound)))[:-1])
    for k in rng.permutation(len(sound))[: 3 * len(sound) // every].tolist():
        second = np.unique(np.concatenate([around[m] for m in around[k]]))
        if free[k] and spoiler.put_fault(k):
            free[second] = False
        if sum(spoiler.kinds.values()) * every >= len(sound):
            break
    return spoiler.result()


class _Spoiler:
    def __init__(self, sound: Shapes, rng: np.random.Generator, *, thin: bool) -> None:
        self.rng, self.sound = rng, sound
        self.widths_m = (*((_THIN_M,) if thin else ()), (0.08, 1.5), (3.0, 20.0), (40.0, 150.0))
        self.shares = (0.2, 0.25, 0.35, 0.2) if thin else (0.45, 0.35, 0.2)
        self.step, self.least = (None, 2e-12) if thin else (1e-7, 2e-10)
        self.polygons = list(sound)
        self.frame = shapely.make_valid(shapely.coverage_union_all(sound))
        self.pairs: set[tuple[int, int]] = set()
        self.gaps: list[Any] = []
        self.kinds: dict[str, int] = {}
        self.tree = shapely.STRtree(sound)

    def put_fault(self, k: int) -> bool:
        """Spoil village k if it can be done; says whether it was."""
        acts = {
            "laid_on": 0.45,
            "cut_off": 0.35,
            "inlet": 0.05,
            "duplicate": 0.05,
            "contained": 0.07,
            "missing": 0.03,
        }
        act = str(self.rng.choice(list(acts), p=list(acts.values())))
        if not getattr(self, f"_put_{act}")(k):
            return False
        self.kinds[act] = self.kinds.get(act, 0) + 1
        return True

    def _strip(self, k: int) -> tuple[Any, Any]:
        """A strip along the middle of one side of village k, and half of that strip within k."""
        low, high = self.widths_m[int(self.rng.choice(len(self.shares), p=self.shares))]
        width = self.rng.uniform(low, high) * METRE
        corners = shapely.get_coordinates(self.sound[k])
        at = int(np.argmax(np.hypot(*np.diff(corners, axis=0).T) * self.rng.random(len(corners) - 1)))
        a, b = corners[at], corners[at + 1]
        across = np.array([-(b - a)[1], (b - a)[0]]) / np.hypot(*(b - a)) * width
        p, q = a + (b - a) * 0.2, a + (b - a) * 0.8
        return shapely.Polygon([p - across, q - across, q + across, p + across]), width

    def _put_laid_on(self, k: int) -> bool:
        strip, _ = self._strip(k)
        gain = shapely.difference(strip, self.sound[k])
        if not shapely.covers(self.frame, gain):
            return False
        grown = shapely.union(self.sound[k], gain, grid_size=self.step)
        others = self.tree.query(gain, predicate="intersects")
        shared = shapely.area(shapely.intersection(self.sound[others], gain))
        touched = others[(shared > 0) & (others != k)]
        if grown.geom_type != "Polygon" or (shared[(shared > 0) & (others != k)] < self.least).any():
            return False
        self.polygons[k] = grown
        self.pairs |= {(min(k, m), max(k, m)) for m in touched.tolist()}
        return True

    def _put_cut_off(self, k: int) -> bool:
        strip, _ = self._strip(k)
        loss = shapely.intersection(strip, self.sound[k])
        left = shapely.difference(self.sound[k], loss, grid_size=self.step)
        if left.geom_type != "Polygon" or loss.geom_type != "Polygon" or loss.area < self.least:
            return False
        self.polygons[k] = left
        self.gaps.append(loss)
        return True

    def _put_inlet(self, k: int) -> bool:
        edge = shapely.intersection(self.sound[k].boundary, self.frame.boundary)
        if edge.length < SIDE / 4:
            return False
        middle = shapely.line_interpolate_point(shapely.line_merge(edge), 0.5, normalized=True)
        width = self.rng.uniform(0.1, 30.0) * METRE
        strip = shapely.LineString([middle, shapely.point_on_surface(self.sound[k])]).buffer(
            width, cap_style="square"
        )
        loss = shapely.intersection(strip, self.sound[k])
        left = shapely.difference(self.sound[k], loss, grid_size=self.step)
        if (
            loss.geom_type != "Polygon"
            or left.geom_type != "Polygon"
            or not loss.intersects(self.frame.boundary)
        ):
            return False
        self.polygons[k] = left
        self.gaps.append(loss)
        return True

    def _put_duplicate(self, k: int) -> bool:
        self.pairs.add((k, len(self.polygons)))
        self.polygons.append(self.sound[k])
        return True

    def _put_contained(self, k: int) -> bool:
        self.pairs.add((k, len(self.polygons)))
        middle = shapely.point_on_surface(self.sound[k])
        reach = min(shapely.distance(middle, self.sound[k].boundary) * 0.9, 300 * METRE)
        self.polygons.append(shapely.buffer(middle, reach, quad_segs=4))
        return True

    def _put_missing(self, k: int) -> bool:
        self.gaps.append(self.sound[k])
        self.polygons[k] = None
        return True

    def result(self) -> Spoiled:
        polygons = np.empty(len(self.polygons), dtype=object)
        polygons[:] = self.polygons
        return Spoiled(polygons, self.frame, frozenset(self.pairs), self.gaps, self.kinds)


def customers(polygons: Shapes, count: int, *, seed: int = 3) -> tuple[Floats, Floats]:
    """Points (x, y): 94 % clustered inside, 5 % anywhere in the wider box, 1 % within 2 m of a corner, of
    which each hundredth lies exactly on it."""
    rng = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(polygons)
    middles = shapely.get_coordinates(shapely.centroid(polygons))
    points = middles[rng.integers(0, len(middles), count)] + rng.normal(0, SIDE / 4, (count, 2))
    free = rng.random(count) < 0.05
    margin = SIDE
    points[free] = rng.uniform(
        [west - margin, south - margin], [east + margin, north + margin], (free.sum(), 2)
    )
    near = np.flatnonzero(rng.random(count) < 0.01)
    corners = shapely.get_coordinates(polygons)
    points[near] = corners[rng.integers(0, len(corners), len(near))]
    beside = near[len(near) // 100 :]
    points[beside] += rng.uniform(-2 * METRE, 2 * METRE, (len(beside), 2))
    return points[:, 0].copy(), points[:, 1].copy()
