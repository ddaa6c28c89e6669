"""Sums by key: what many customers add to the counts, told in arrays and piled up without an object a key."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Sums:
    """Vectors (k, width) of keys, each of which is there once."""

    keys: Sequence[Any]
    sums: NDArray[np.int32]

    def as_dict(self) -> dict[Any, Ints]:
        """The vector of each key."""
        return dict(zip(self.keys, self.sums.astype(np.int64), strict=True))


def sum_by(key: NDArray[Any], adds: NDArray[np.bool_], *, skip: int) -> Sums:
    """Sums of the rows of `adds` (n, width) by their key (n,); the key `skip` counts for nobody."""
    counted = np.flatnonzero(key != skip)
    order = counted[np.argsort(key[counted], kind="stable")]
    if not len(order):
        return Sums([], np.zeros((0, adds.shape[1]), dtype=np.int32))
    key = key[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    return Sums(key[starts].tolist(), np.add.reduceat(adds[order], starts, axis=0, dtype=np.int32))


@dataclass
class Pile:
    """Sums of many parts, added up as they come."""

    places: dict[Hashable, int] = field(default_factory=dict)
    sums: Ints = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))

    def add(self, part: Sums) -> None:
        """Take one part's sums in."""
        at = [self.places.setdefault(key, len(self.places)) for key in part.keys]
        if len(self.places) > len(self.sums):
            room = np.zeros((2 * len(self.places), part.sums.shape[1]), dtype=np.int64)
            room[: len(self.sums), : self.sums.shape[1]] = self.sums
            self.sums = room
        if at:
            self.sums[at] += part.sums

    def as_dict(self) -> dict[Any, Ints]:
        """The vector of each key."""
        return {key: self.sums[place] for key, place in self.places.items()}
