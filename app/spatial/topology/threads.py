"""Array work cut into blocks for a few threads: GEOS and NumPy let others run while they count."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Answer = TypeVar("Answer")

BLOCK = 2_000
"""Shapes a block: their corners stay in the processor's cache."""


def spread(work: Callable[[slice], Answer], count: int, *, block: int = BLOCK) -> list[Answer]:
    """`work` done for each slice of `count` rows, the answers in order; a single block stays where it is."""
    slices = list(_cut(count, block))
    workers = min(count_processors(), len(slices))
    if workers < 2:
        return [work(part) for part in slices]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, slices))


def count_processors() -> int:
    """Processors this process may use, four at most: more wait for each other."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, 4)


def _cut(count: int, block: int) -> Iterator[slice]:
    yield from (slice(at, min(at + block, count)) for at in range(0, max(count, 1), block))
