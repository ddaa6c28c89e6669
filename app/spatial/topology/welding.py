"""Corners of unmatched edges that lie within two centimetres of each other become one.

Neighbours drawn from two roundings of one survey differ in the last digit at every tenth corner or so, and
each such corner leaves four unmatched edges. Welding lets these edges match after all, so that noise costs
next to nothing. A corner moves once and by two centimetres at most: less than any width that counts.
"""

from dataclasses import dataclass

import numpy as np

from app.spatial.topology.edges import Edges, Flags, Ints, Keys, match
from app.spatial.topology.walks import to_degrees, to_keys, to_steps

_NEAR = ((0, 1), (0, 2), (1, -1), (1, 0), (1, 1), (2, 0))
"""Steps of the storage grid to corners no farther than two of them, each direction once."""

_SIEVE_BITS = 20
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Welded:
    """The edges still unmatched, the corners moved or moved to, and which (`moved`, ascending) went where."""

    edges: Edges
    corners: Keys
    moved: Keys
    target: Keys

    def find_moved(self, corners: Keys) -> Ints:
        """The places among `corners` (n,) of those that were moved; nearly none are looked up."""
        seen = np.zeros(1 << _SIEVE_BITS, dtype=bool)
        seen[_sieve(self.moved)] = True
        likely = np.flatnonzero(seen[_sieve(corners)])
        return np.asarray(likely[self._look_up(corners[likely])[1]])

    def move(self, corners: Keys) -> Keys:
        """Corners (n,) where they were moved to, the others as they are."""
        if not len(self.moved):
            return corners
        at, found = self._look_up(corners)
        return np.where(found, self.target[at], corners)

    def _look_up(self, corners: Keys) -> tuple[Ints, Flags]:
        """Where each corner (n,) would stand in `moved`, and whether it does."""
        at = np.minimum(np.searchsorted(self.moved, corners), len(self.moved) - 1)
        return at, self.moved[at] == corners


def _sieve(corners: Keys) -> Keys:
    return (corners * _MIX) >> np.uint64(64 - _SIEVE_BITS)


def weld(edges: Edges) -> Welded:
    """Make near corners of unmatched edges one and take away the edges that match then."""
    start, end = to_keys(to_steps(edges.start)), to_keys(to_steps(edges.end))
    corners, place = np.unique(np.concatenate([start, end]), return_inverse=True)
    leader = _find_leaders(corners)
    moved = leader != np.arange(len(corners))
    if not moved.any():
        return Welded(edges, corners[moved], corners[moved], corners[moved])
    at = to_degrees(corners[leader])[place]
    welded = Edges(at[: len(edges)], at[len(edges) :], edges.owner)
    welded = welded.take((welded.start != welded.end).any(axis=1))
    target = corners[leader[moved]]
    still = welded.take(match(welded).unmatched())
    return Welded(still, np.union1d(corners[moved], target), corners[moved], target)


def _find_leaders(corners: Keys) -> Ints:
    """For each corner (ascending) the first one near it, provided that one leads itself; so no chain can
    creep on.
    """
    leader = np.arange(len(corners))
    for east, north in _NEAR:
        beside = corners + np.uint64((east << 32) + north)
        at = np.minimum(np.searchsorted(corners, beside), len(corners) - 1)
        near = np.flatnonzero(corners[at] == beside)
        np.minimum.at(leader, at[near], near)
    settled = leader[leader] == leader
    return np.where(settled, leader, np.arange(len(corners)))
