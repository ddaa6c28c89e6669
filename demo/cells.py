"""From an outline to village-like cells: towns by power diagram, villages by relaxed Voronoi, then noise.

All coordinates are EPSG:4549 metres. The noise moves the whole plane (outline, shared edges, corners alike)
by a few gentle waves, so two neighbours keep the same edge and nothing can tear; waves that were too steep
folded the ground into a thousand slivers, so `boundaries.check_ground` proves the result each time.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from demo.outline import Numbers

SNAP_M = 1 / 64  # a binary fraction: last digits are equal on both sides and the file packs small
STEP_M = 40.0
SIMPLIFY_M = 13.0
COMMUNITY_KM2 = 0.6

# amplitude and wavelength in metres of each octave of the noise
OCTAVES = (
    (380.0, 6100.0),
    (140.0, 2300.0),
    (100.0, 1600.0),
    (58.0, 1000.0),
    (42.0, 700.0),
    (22.0, 430.0),
    (12.0, 270.0),
)
WAVES_AN_OCTAVE = 7


@dataclass(frozen=True)
class Town:
    """What a town needs: its seat (metres) and how many communities and villages it has."""

    name: str
    seat: tuple[float, float]
    communities: int
    villages: int


def scatter(ground: shapely.Polygon, *, step_m: float, rng: np.random.Generator) -> Numbers:
    """Lay one jittered point into each square of `step_m` that falls on the ground; shape (n, 2)."""
    west, south, east, north = ground.bounds
    x, y = np.meshgrid(np.arange(west, east, step_m), np.arange(south, north, step_m))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    points = points + rng.uniform(0, step_m, points.shape)
    inside = shapely.contains_xy(ground, points[:, 0], points[:, 1])
    kept: Numbers = points[inside]
    return kept


def share_out(points: Numbers, *, seats: Numbers, shares: Numbers, rounds: int = 400) -> NDArray[np.intp]:
    """Give each point a town so that town i holds `shares[i]` of them, near its seat (a power diagram)."""
    weights = np.zeros(len(seats))
    distance = ((points[:, None, :] - seats[None, :, :]) ** 2).sum(axis=2)
    step = float(np.median(distance.min(axis=1)))
    owner: NDArray[np.intp] = distance.argmin(axis=1)
    for turn in range(rounds):
        owner = (distance - weights).argmin(axis=1)
        got = np.bincount(owner, minlength=len(seats)) / len(points)
        weights += step * (1 - turn / rounds) * (shares - got) / shares
    return owner


def relax(points: Numbers, count: int, *, rng: np.random.Generator, rounds: int = 45) -> Numbers:
    """Place `count` seeds evenly among the points (Lloyd's rounds); shape (count, 2)."""
    seeds: Numbers = points[rng.choice(len(points), count, replace=False)]
    for _ in range(rounds):
        owner = nearest(points, seeds)
        size = np.maximum(np.bincount(owner, minlength=count), 1)
        sums = [np.bincount(owner, weights=points[:, axis], minlength=count) for axis in (0, 1)]
        seeds = np.stack(sums, axis=1) / size[:, None]
    return seeds


def nearest(points: Numbers, seeds: Numbers) -> NDArray[np.intp]:
    """The row of the nearest seed for each point."""
    rows: NDArray[np.intp] = ((points[:, None, :] - seeds[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    return rows


def seed_town(
    town: Town, points: Numbers, *, step_m: float, rng: np.random.Generator
) -> tuple[Numbers, Numbers]:
    """Seeds of a town: small communities round the seat, villages on the rest."""
    away = points - np.array(town.seat)
    turn = np.arctan2(away[:, 1], away[:, 0])
    reach = (
        1 + 0.18 * np.sin(2 * turn + rng.uniform(0, 6.28)) + 0.12 * np.sin(3 * turn + rng.uniform(0, 6.28))
    )
    order = np.argsort(np.hypot(away[:, 0], away[:, 1]) / reach, kind="stable")
    core = round(town.communities * COMMUNITY_KM2 * 1e6 / step_m**2)
    inner, outer = points[order[:core]], points[order[core:]]
    return relax(inner, town.communities, rng=rng), relax(outer, town.villages, rng=rng)


def split(ground: shapely.Polygon, seeds: Numbers) -> NDArray[np.object_]:
    """Cut the ground into one Voronoi cell a seed, in the order of the seeds."""
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=shapely.envelope(ground))
    )
    tree = shapely.STRtree(cells)
    seed_rows, cell_rows = tree.query(shapely.points(seeds), predicate="within")
    ordered = np.empty(len(seeds), dtype=object)
    ordered[seed_rows] = shapely.intersection(cells[cell_rows], ground)
    return ordered


def node(cells: NDArray[np.object_]) -> NDArray[np.object_]:
    """Make neighbours share every corner, then put a vertex each `STEP_M` along all edges."""
    lines = shapely.union_all(shapely.boundary(cells))
    lines = shapely.segmentize(shapely.line_merge(lines), STEP_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    tree = shapely.STRtree(faces)
    rows, face_rows = tree.query(shapely.point_on_surface(cells), predicate="within")
    ordered = np.empty(len(cells), dtype=object)
    ordered[rows] = faces[face_rows]
    return ordered


def wave(points: Numbers, rng: np.random.Generator) -> Numbers:
    """Move points by gentle waves of random direction; shape (n, 2) -> (n, 2).

    Each octave moves what the one before has moved: a chain of maps that do not fold does not fold, while
    their plain sum would.
    """
    moved = points
    for height, length in OCTAVES:
        turn, push, phase = rng.uniform(0, 2 * np.pi, (3, WAVES_AN_OCTAVE))
        swell = length * rng.uniform(0.75, 1.35, WAVES_AN_OCTAVE)
        across = moved[:, :1] * np.cos(turn) + moved[:, 1:] * np.sin(turn)
        lift = height / np.sqrt(WAVES_AN_OCTAVE / 2) * np.sin(2 * np.pi * across / swell + phase)
        moved = moved + np.stack(
            [(lift * np.cos(push)).sum(axis=1), (lift * np.sin(push)).sum(axis=1)], axis=1
        )
    return moved


def roughen(cells: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    """Turn straight cells into village-like ones; shared edges stay shared to the last digit."""
    waved = shapely.transform(cells, lambda xy: np.round(wave(xy, rng) / SNAP_M) * SNAP_M)
    simple: NDArray[np.object_] = shapely.coverage_simplify(waved, SIMPLIFY_M)
    return simple
