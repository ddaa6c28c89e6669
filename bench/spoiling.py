"""Sound ground spoiled in known ways, with the true owner of every piece: what a repair is judged by.

Each recipe is a way in which layers of a bank really go wrong: strips laid on and cut off, a corner dragged,
a village grown or shrunk by a buffer, shifted by a wrong datum, simplified apart from its neighbours, or
drawn anew by another hand. No two spoiled villages touch, so the truth of each piece is beyond doubt.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from app.spatial.topology.measures import area_m2, metres_per_degree
from bench.ground import spoil

Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Dirty:
    """A spoiled layer: `polygons` (n,), the `truth` (n,) it was made from, the `frame` round all.

    `pieces` (k,) is the spoiled ground, each with one true `owner` (k,) and the spoiled `village` (k,);
    where `claimed`, the village lies over its neighbour, else the ground is nobody's.
    """

    polygons: Shapes
    truth: Shapes
    frame: Any
    pieces: Shapes
    owner: npt.NDArray[np.int64]
    village: npt.NDArray[np.int64]
    claimed: npt.NDArray[np.bool_]


def spoil_ground(sound: Shapes, recipe: str, *, every: int = 14, seed: int = 2) -> Dirty:
    """Spoil about each `every`-th village of a sound layer by one recipe (`RECIPES`, `strips` or `mixed`).

    Below 14 the spoiled villages may have a neighbour in common, but never touch.
    """
    frame = shapely.coverage_union_all(sound)
    if recipe == "strips":
        polygons = spoil(sound, every=every, seed=seed).polygons[: len(sound)]
    else:
        polygons = _spoil_some(sound, recipe, every=every, seed=seed)
    return _with_truth(sound, polygons, frame)


def _spoil_some(sound: Shapes, recipe: str, *, every: int, seed: int) -> Shapes:
    rng = np.random.default_rng(seed)
    names = list(RECIPES) if recipe == "mixed" else [recipe]
    polygons = sound.copy()
    for k in _apart(sound, every, rng):
        act = RECIPES[names[int(rng.integers(len(names)))]]
        shape = _in_metres(sound[k], partial(act, rng=rng))
        if shape is not None and shape.geom_type == sound[k].geom_type and shape.is_valid:
            polygons[k] = shape
    return polygons


def _apart(sound: Shapes, every: int, rng: np.random.Generator) -> Iterator[int]:
    """Villages by chance, no two of which touch, nor (from 14 on) have a neighbour in common."""
    count = len(sound) // every
    a, b = shapely.STRtree(sound).query(sound, predicate="intersects")
    order = np.argsort(a, kind="stable")
    around = np.split(b[order], np.cumsum(np.bincount(a, minlength=len(sound)))[:-1])
    free = np.ones(len(sound), dtype=bool)
    for k in rng.permutation(len(sound)).tolist():
        if count and free[k] and sound[k].geom_type == "Polygon":
            free[np.concatenate([around[m] for m in around[k]]) if every >= 14 else around[k]] = False
            count -= 1
            yield k


def _in_metres(shape: Any, act: Callable[[Any], Any]) -> Any:
    origin = np.array(shape.centroid.coords[0])
    scale = metres_per_degree(origin[1:])[0]
    done = act(shapely.transform(shape, lambda xy: (xy - origin) * scale))
    if done is None or done.is_empty:
        return None
    return shapely.transform(done, lambda xy: np.round(xy / scale + origin, 7))


def _drag_corner(flat: Any, rng: np.random.Generator) -> Any:
    """One corner, or a run of three, set down 2 to 80 m away."""
    rings = [np.array(ring.coords)[:-1] for ring in (flat.exterior, *flat.interiors)]
    at = int(rng.integers(len(rings[0])))
    run = (at + np.arange(int(rng.choice([1, 3])))) % len(rings[0])
    angle = rng.uniform(0, 2 * np.pi)
    rings[0][run] += np.exp(rng.uniform(np.log(2), np.log(80))) * np.array([np.cos(angle), np.sin(angle)])
    return shapely.Polygon(rings[0], rings[1:])


def _bulge(flat: Any, rng: np.random.Generator) -> Any:
    """A stretch of border, round its corners, moved out or in by 1 to 60 m."""
    start, length = rng.uniform(0.0, 0.7), rng.uniform(0.05, 0.3)
    part = shapely.line_interpolate_point(
        flat.exterior, np.linspace(start, start + length, 40), normalized=True
    )
    reach = np.exp(rng.uniform(np.log(1), np.log(60)))
    near = shapely.simplify(shapely.linestrings(shapely.get_coordinates(part)), 0.5)
    pen = shapely.buffer(near, reach, cap_style=("flat", "round")[int(rng.integers(2))])
    done = flat.union(pen) if rng.random() < 0.5 else flat.difference(pen)
    return max(shapely.get_parts(done), key=shapely.area)


def _grow(flat: Any, rng: np.random.Generator) -> Any:
    return shapely.buffer(flat, rng.uniform(0.5, 40.0), join_style=("mitre", "round")[int(rng.integers(2))])


def _shrink(flat: Any, rng: np.random.Generator) -> Any:
    return shapely.buffer(flat, -rng.uniform(0.5, 25.0), join_style="mitre")


def _shift(flat: Any, rng: np.random.Generator) -> Any:
    angle, step = rng.uniform(0, 2 * np.pi), np.exp(rng.uniform(np.log(1), np.log(60)))
    return shapely.transform(flat, lambda xy: xy + step * np.array([np.cos(angle), np.sin(angle)]))


def _simplify(flat: Any, rng: np.random.Generator) -> Any:
    return shapely.simplify(flat, np.exp(rng.uniform(np.log(2), np.log(40))))


def _draw_anew(flat: Any, rng: np.random.Generator) -> Any:
    """Every corner off by a few metres, as another hand would click it."""
    off = np.exp(rng.uniform(np.log(0.5), np.log(10)))
    return shapely.transform(
        flat, lambda xy: np.vstack([m := xy[:-1] + rng.normal(0, off, xy[:-1].shape), m[:1]])
    )


RECIPES: Mapping[str, Callable[..., Any]] = {
    "corner_dragged": _drag_corner,
    "bulged": _bulge,
    "grown": _grow,
    "shrunk": _shrink,
    "shifted": _shift,
    "simplified": _simplify,
    "drawn_anew": _draw_anew,
}


def _with_truth(sound: Shapes, polygons: Shapes, frame: Any) -> Dirty:
    """Missing villages are no piece: their ground is somebody's whole grid, not a fault of a border."""
    changed = np.array(
        [
            k
            for k, (a, b) in enumerate(zip(sound, polygons, strict=True))
            if b is not None and not a.equals(b)
        ],
        dtype=np.int64,
    )
    lost = shapely.difference(sound[changed], polygons[changed])
    gained = shapely.difference(polygons[changed], sound[changed])
    at, other = shapely.STRtree(sound).query(gained, predicate="intersects")
    shared = shapely.intersection(gained[at], sound[other])
    real = other != changed[at]
    pieces = np.concatenate([lost, shared[real]])
    owner = np.concatenate([changed, other[real]])
    village = np.concatenate([changed, changed[at][real]])
    claimed = np.arange(len(pieces)) >= len(lost)
    keep = area_m2(pieces) > 0.5
    return Dirty(polygons, sound, frame, pieces[keep], owner[keep], village[keep], claimed[keep])


def returned_m2(layer: Dirty, after: Shapes) -> npt.NDArray[np.float64]:
    """Square metres of each piece that its true owner holds alone."""
    back = shapely.intersection(layer.pieces, after[layer.owner])
    both = layer.claimed & (layer.owner != layer.village)
    back[both] = shapely.difference(back[both], after[layer.village[both]])
    return area_m2(back)
