"""Does a layer share borders with known ground, and under which of the web maps' shifts?

For the layer taken as it is, as GCJ-02 and as BD-09 the votes for a shift are counted (see `borders`): at the
place where a hypothesis expects the shift there must be clearly more than elsewhere and clearly more than for
the other two. Lines drawn anew agree only roughly, so the same is asked at four widths, the sharpest first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial.crs.borders import (
    BIN_M,
    REACH_M,
    Lines,
    Plane,
    best_near,
    list_edges,
    outer_edges,
    peak,
    sample,
)
from app.spatial.crs.datums import SHIFTED, find_datum
from app.spatial.crs.finding import Hypothesis, Vector, length_m
from app.spatial.crs.reference import Reference
from app.spatial.crs.systems import add_shift, points_to_storage

Numbers = NDArray[np.float64]
_SAMPLE = 600
_WIDTHS = (1, 3, 6, 10)
_HYPOTHESES: tuple[str | None, ...] = (None, *SHIFTED)
_OF_PEAK, _OVER_CHANCE, _SHARE = 0.8, 1.15, 0.1
_LEAST_SPOTS, _SHARE_OF_SPOTS = 4, 0.4
_SHARP_M = 10.0
_OFF_FORMULA_M = 60.0
_DOUBT = 0.45
# Lines that agree only roughly must agree over a long way: a few villages' borders do so by chance.
_ENOUGH_BORDER_M = 30_000.0
_ELSEWHERE_M, _ELSEWHERE_SHARE = 400.0, 0.25
_ENOUGH = 0.85
_MANY_EDGES = 150_000
_MOST_VERTICES = 400_000


@dataclass(frozen=True)
class Comparison:
    """What the shared borders say of a layer read as `base`.

    `best` is the system they speak for, None when nothing is shared or they speak for none; `confidence` how
    clearly (0.5: twice as many borders agree as for the next); `off_m` how far the layer, taken as `base`,
    lies off (east, north); `left_m` what of it the best system leaves; `residual_m` the median distance then.
    """

    base: str
    best: str | None
    confidence: float
    hypotheses: tuple[Hypothesis, ...] = ()
    off_m: Vector | None = None
    left_m: Vector = (0.0, 0.0)
    residual_m: float = 0.0
    share: float = 0.0


@dataclass(frozen=True)
class _Trial:
    """Points of one drawing over lines of the other, `length_m` that they were taken from; `turned` when the
    points are the known ground's."""

    lon: Numbers
    lat: Numbers
    lines: Lines
    plane: Plane
    length_m: float
    turned: bool = False

    def points(self, shift: str | None) -> Numbers:
        """The points in metres, the layer read with this shift taken out (or put into the ground)."""
        datum = find_datum(shift or "")
        if datum is None:
            return self.plane.flatten(self.lon, self.lat)
        move = datum.from_storage if self.turned else datum.to_storage
        return self.plane.flatten(*move(self.lon, self.lat))

    def votes(self) -> Numbers:
        """Votes for how far the layer lies off the ground."""
        votes = self.lines.vote(self.points(None))
        return votes[::-1, ::-1] if self.turned else votes

    def expected(self, shift: str | None) -> Vector:
        """How far (east, north in metres) a layer with this shift lies off around here."""
        datum = find_datum(shift or "")
        if datum is None:
            return (0.0, 0.0)
        lon, lat = np.array([self.lon.mean()]), np.array([self.lat.mean()])
        off = self.plane.flatten(*datum.from_storage(lon, lat)) - self.plane.flatten(lon, lat)
        return (float(off[0, 0]), float(off[0, 1]))

    @property
    def least_share(self) -> float:
        """What share of the points must agree: few lines are shared by chance, a few spots easily."""
        return max(_SHARE_OF_SPOTS, _LEAST_SPOTS / len(self.lon)) if self.lines.dots else _SHARE


def compare(geoms: NDArray[Any], base: str, reference: Reference) -> Comparison:
    """Compare a layer (`geoms` in its own numbers), read as the system `base`, with known ground.

    Several ways of looking are tried (the layer's outline, all its borders, the known borders over the layer,
    points over points); the clearest counts.
    """
    base = add_shift(base, None)
    found = Comparison(base, None, 0.0)
    for trial in _list_trials(geoms, base, reference):
        seen = _judge(trial, base)
        if (seen.best is not None, seen.off_m is not None, seen.confidence) > (
            found.best is not None,
            found.off_m is not None,
            found.confidence,
        ):
            found = seen
        if found.confidence >= _ENOUGH:
            break
    return found


def _list_trials(geoms: NDArray[Any], base: str, reference: Reference) -> Iterator[_Trial]:
    west, south, east, north = reference.box
    plane = Plane((west + east) / 2, (south + north) / 2)
    if len(reference.points):
        yield from _over_points(geoms, base, reference, plane)
    edges = _flatten(list_edges(_some(geoms)), plane, base)
    known = _flatten(reference.edges, plane, "EPSG:4326")
    if not len(edges) or not len(known):
        return
    edges, known = _clip(edges, known), _clip(known, edges)
    if not len(edges) or not len(known):
        return
    lines, outline = Lines(known), outer_edges(edges)
    if 0 < len(outline) < len(edges):
        yield _Trial(*plane.lift(sample(outline, _SAMPLE)), lines, plane, _length(outline))
    yield _Trial(*plane.lift(sample(edges, _SAMPLE)), lines, plane, _length(edges))
    drawn = outline if len(edges) > _MANY_EDGES else edges
    if len(drawn):
        yield _Trial(*plane.lift(sample(known, _SAMPLE)), Lines(drawn), plane, _length(known), turned=True)


def _some(geoms: NDArray[Any]) -> NDArray[Any]:
    """The shapes, or evenly chosen ones of a very large layer."""
    every = int(shapely.get_num_coordinates(np.asarray(geoms, object)).sum() // _MOST_VERTICES) + 1
    return np.asarray(geoms, object)[::every]


def _over_points(geoms: NDArray[Any], base: str, reference: Reference, plane: Plane) -> Iterator[_Trial]:
    spots = np.asarray(geoms, object)
    spots = spots[np.isin(shapely.get_type_id(spots), (0, 4))]
    xy = shapely.get_coordinates(spots)
    if len(xy) >= 4:
        known = plane.flatten(reference.points[:, 0], reference.points[:, 1])
        lon, lat = points_to_storage(xy[:, 0], xy[:, 1], base)
        inside = np.isfinite(lon) & np.isfinite(lat)
        yield _Trial(lon[inside], lat[inside], Lines(np.hstack([known, known])), plane, np.inf)


def _length(edges: Numbers) -> float:
    return float(np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1]).sum())


def _flatten(edges: Numbers, plane: Plane, used: str) -> Numbers:
    start = plane.flatten(*points_to_storage(edges[:, 0], edges[:, 1], used))
    end = plane.flatten(*points_to_storage(edges[:, 2], edges[:, 3], used))
    both = np.hstack([start, end])
    return np.asarray(both[np.isfinite(both).all(axis=1)], np.float64)


def _clip(edges: Numbers, other: Numbers) -> Numbers:
    """The edges that come near the box of the other drawing."""
    low = np.minimum(other[:, :2], other[:, 2:]).min(axis=0) - REACH_M
    high = np.maximum(other[:, :2], other[:, 2:]).max(axis=0) + REACH_M
    near = (np.maximum(edges[:, :2], edges[:, 2:]) >= low) & (np.minimum(edges[:, :2], edges[:, 2:]) <= high)
    return np.asarray(edges[near.all(axis=1)], np.float64)


def _judge(trial: _Trial, base: str) -> Comparison:
    found = Comparison(base, None, 0.0)
    if not len(trial.lon):
        return found
    votes = trial.votes()
    for width in _WIDTHS:
        seen = _weigh(trial.lines.blur(votes, width), width, trial, base)
        better = seen is not None and seen.confidence > found.confidence + 0.05
        if seen is not None and (better or (found.off_m is None and seen.off_m is not None)):
            found = seen
    return found


def _weigh(votes: Numbers, width: int, trial: _Trial, base: str) -> Comparison | None:
    """What the votes at one width say: for a hypothesis, for another shift, or nothing."""
    within = 2 * BIN_M + width * BIN_M / 2
    expected = {shift: trial.expected(shift) for shift in _HYPOTHESES}
    near = {shift: best_near(votes, *expected[shift], within_m=within) for shift in _HYPOTHESES}
    best, second = sorted(near, key=lambda shift: -near[shift])[:2]
    chance, top = float(np.percentile(votes, 99)), float(votes.max())
    if near[best] >= max(_OF_PEAK * top, _OVER_CHANCE * chance, trial.least_share):
        return _measure(trial, base, best, confidence=1 - near[second] / near[best], width=width)
    shift = peak(votes)
    sharp = width <= _WIDTHS[1] and top >= max(2 * chance, _ELSEWHERE_SHARE, trial.least_share)
    if sharp and length_m(shift) <= _ELSEWHERE_M:
        return Comparison(base, None, 0.0, off_m=shift, share=top)
    return None


def _measure(trial: _Trial, base: str, best: str | None, *, confidence: float, width: int) -> Comparison:
    """The distances of the shared borders under each hypothesis, and what shift the best one leaves."""
    sign = -1.0 if trial.turned else 1.0
    points, left = trial.points(best), np.zeros(2)
    reach = BIN_M * (width + 2)
    for _ in range(4):
        shared = trial.lines.distances(points - sign * left) <= reach
        if shared.any():
            left += sign * np.array(trial.lines.pull((points - sign * left)[shared]))
    if not shared.any():
        return Comparison(base, None, 0.0)
    expected = trial.expected(best)
    distances = {
        shift: float(np.median(trial.lines.distances(trial.points(shift)[shared]))) for shift in _HYPOTHESES
    }
    sharp, length = (
        float(np.median(trial.lines.distances((points - sign * left)[shared]))),
        length_m((left[0], left[1])),
    )
    told = length <= _ELSEWHERE_M and sharp <= max(_SHARP_M, length / 4)
    left = left if told else np.zeros(2)
    off_formula = best is not None and told and sharp <= _SHARP_M and length > _OFF_FORMULA_M
    vague = distances[best] > _SHARP_M and trial.length_m * float(shared.mean()) < _ENOUGH_BORDER_M
    return Comparison(
        base,
        add_shift(base, best),
        min(confidence, _DOUBT) if off_formula or vague else min(confidence, 0.99),
        tuple(
            Hypothesis(add_shift(base, shift), distances[shift], trial.expected(shift))
            for shift in _HYPOTHESES
        ),
        (expected[0] + float(left[0]), expected[1] + float(left[1])),
        (float(left[0]), float(left[1])),
        distances[best],
        float(shared.mean()),
    )
