"""The index of `locate` as plain arrays: built compiled or in numpy, the same to the last bit."""

import ctypes
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from app.spatial.native import NativeIndex, kernel
from app.spatial.raster import Frame, Raster, build_raster, lay_frame, no_raster
from app.spatial.rings import Floats, Ints, Rings, Shapes, Words, read_rings
from app.spatial.slabs import Slabs, build_slabs, frame_slabs, starts

T = TypeVar("T")
Edges = tuple[Words, Ints]
_CELLS_A_POLYGON, _LEAST_CELLS, _MOST_CELLS = 600, 1 << 14, 1 << 23
_EDGES_A_THREAD = 100_000


@dataclass(frozen=True)
class Index:
    """Everything known of polygons: rings, boxes (n, 4), slabs, raster. All arrays, no geometry objects."""

    rings: Rings
    bounds: Floats
    slabs: Slabs
    raster: Raster

    def __len__(self) -> int:
        return len(self.rings)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self.arrays().values())

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Every array by its name."""
        slabs, raster = self.slabs, self.raster
        return {
            **vars(self.rings),
            "bounds": self.bounds,
            **{name: array for name, array in vars(slabs).items() if name != "xy"},
            **{name: array for name, array in vars(raster).items() if name != "frame"},
        }

    @classmethod
    def of_arrays(cls, arrays: dict[str, npt.NDArray[Any]], frame: Frame) -> "Index":
        """The index of arrays by name, as `arrays` gives them."""
        rings = Rings(*(arrays[name] for name in ("xy", "first_vertex", "first_ring", "first_part")))
        slab = ("xy", "south", "per_degree", "first_slab", "first_edge", "edge")
        slabs = Slabs(*(arrays[name] for name in slab))
        raster = Raster(frame, *(arrays[name] for name in ("cell", "first", "candidate")))
        return cls(rings, arrays["bounds"], slabs, raster)

    def native(self) -> NativeIndex:
        """The addresses of the arrays for the compiled kernel; keep the index as long as they are used."""
        slabs, raster = self.slabs, self.raster
        arrays = (slabs.xy, slabs.south, slabs.per_degree, slabs.first_slab, slabs.first_edge, slabs.edge)
        return NativeIndex(
            *(_at(array) for array in (*arrays, raster.cell, raster.first, raster.candidate)),
            *(raster.frame.west, raster.frame.south, raster.frame.per_degree),
            *(raster.frame.rows, raster.frame.columns, len(self), len(raster.first) - 1),
        )


def build_index(polygons: Shapes) -> Index:
    """Index polygons (n,) in degrees."""
    rings = read_rings(polygons)
    edges, bounds = rings.edges(), rings.bounds()
    cells = min(max(_CELLS_A_POLYGON * len(rings), _LEAST_CELLS), _MOST_CELLS)
    frame = lay_frame(bounds, cells=cells)
    if kernel() is not None:
        slabs = _slabs_compiled(rings, edges, bounds)
        made = _raster_compiled(rings, slabs, edges, frame) if frame else no_raster()
        if made is not None:
            return Index(rings, bounds, slabs, made)
    slabs = build_slabs(rings, edges, bounds)
    return Index(rings, bounds, slabs, build_raster(frame, slabs, edges) if frame else no_raster())


def threads_for(size: int, *, least: int) -> int:
    """How many threads pay for work of a size: one a processor, each with at least so much."""
    return max(1, min(len(os.sched_getaffinity(0)), size // least))


def in_threads(work: Callable[[Any], T], parts: Sequence[Any]) -> list[T]:
    """The results of work on parts, a thread each; one part needs none."""
    if len(parts) < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(work, parts))


def _at(array: npt.NDArray[Any]) -> int:
    return int(array.ctypes.data)


def _shares(first: Ints) -> list[tuple[int, int]]:
    """Ranges of polygons with about as many edges each."""
    threads = threads_for(int(first[-1]), least=_EDGES_A_THREAD)
    cuts = np.searchsorted(first[:-1], np.linspace(0, first[-1], threads + 1)[1:-1]).tolist()
    return list(zip([0, *cuts], [*cuts, len(first) - 1], strict=True))


def _slabs_compiled(rings: Rings, edges: Edges, bounds: Floats) -> Slabs:
    library = kernel()
    assert library is not None
    edge, first = edges
    south, per_degree, first_slab = frame_slabs(bounds, first)
    given = tuple(_at(array) for array in (rings.xy, edge, first, south, per_degree, first_slab))
    shares, tally = _shares(first), np.zeros(int(first_slab[-1]), dtype=np.int32)
    in_threads(lambda share: library.getu_count_slabs(*given, *share, _at(tally)), shares)
    first_edge = starts(tally.astype(np.int64)).astype(np.int32)
    following, sorted_edges = first_edge[:-1].copy(), np.empty(int(first_edge[-1]), dtype=np.int32)
    in_threads(
        lambda share: library.getu_fill_slabs(*given, *share, _at(following), _at(sorted_edges)), shares
    )
    return Slabs(rings.xy, south, per_degree, first_slab, first_edge, sorted_edges)


def _raster_compiled(rings: Rings, slabs: Slabs, edges: Edges, frame: Frame) -> Raster | None:
    """None where a middle of a cell was undecided or memory ended: numpy then does it."""
    library = kernel()
    assert library is not None
    edge, first = edges
    bare = Raster(frame, *(np.empty(0, dtype=np.int32) for _ in range(3)))
    native = Index(rings, np.empty(0), slabs, bare).native()
    found = in_threads(
        lambda share: library.getu_outline(ctypes.byref(native), _at(edge), _at(first), *share),
        _shares(first),
    )
    try:
        return _number_compiled(library, found, frame, len(rings)) if all(found) else None
    finally:
        for outline in found:
            library.getu_release(outline)


def _number_compiled(library: ctypes.CDLL, found: list[int], frame: Frame, count: int) -> Raster:
    outlines, cells = (ctypes.c_void_p * len(found))(*found), frame.rows * frame.columns
    cell, tally = np.full(cells, -1, dtype=np.int32), np.zeros(cells, dtype=np.int32)
    sizes = np.zeros(2, dtype=np.int64)
    given = (ctypes.byref(outlines), len(found), cells, count, _at(cell), _at(tally))
    library.getu_number_cells(*given, _at(sizes))
    first, following = (np.empty(int(sizes[0]) + spare, dtype=np.int32) for spare in (1, 0))
    candidate = np.empty(int(sizes[1]), dtype=np.int32)
    library.getu_fill_lists(*given, _at(first), _at(following), _at(candidate))
    return Raster(frame, cell, first, candidate)
