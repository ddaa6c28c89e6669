"""What an assignment run says of customers: where each belongs, by which method, for which reason."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

METHODS = ("inside", "contested", "edge", "unit", "outside", "unlocated")
INSIDE, CONTESTED, EDGE, UNIT, OUTSIDE, UNLOCATED = range(6)
# Reasons of customers without a grid; 0 is none.
REASONS = ("", "outside_every_grid", "no_place", "town_only", "unit_without_grid", "unit_divided")
STANDINGS = ("existing", "prospect")
TIERS = ("regular", "key", "strategic")
LADDER = (1, 2, 3, 4, 5, 6, 0)
FILED, VISITED = 1, 2


@dataclass(frozen=True)
class Outcome:
    """Where customers belong: positions in `Ground.grid_ids` (-1 none), method and reason codes."""

    grid: NDArray[np.int32]
    method: NDArray[np.int8]
    reason: NDArray[np.int8]


@dataclass(frozen=True)
class Batch:
    """Customers with or without a point, and where they belong; arrays of one length.

    `facts` has the columns id, rung, standing, tier, served (bits FILED and VISITED this month) and
    household (a key, 0 for none); `xy` is lon/lat (n, 2) or None.
    """

    facts: NDArray[np.void]
    xy: NDArray[np.float64] | None
    outcome: Outcome

    def __len__(self) -> int:
        return len(self.facts)

    def of_block(self, block: int, size: int) -> "Batch":
        """Those whose ids lie in a block of `size` ids; block 0 takes negative ones, too."""
        mine = np.flatnonzero(np.maximum(self.facts["id"] // size, 0) == block)
        if len(mine) == len(self):
            return self
        out = self.outcome
        part = Outcome(out.grid[mine], out.method[mine], out.reason[mine])
        return Batch(self.facts[mine], None if self.xy is None else self.xy[mine], part)


def count_run(batches: list[Batch]) -> dict[str, Any]:
    """The run's own counts: assigned + contested + outside + unlocated = total, and what no grid holds."""
    method = np.concatenate([batch.outcome.method for batch in batches])
    each = np.bincount(method, minlength=len(METHODS))
    return {
        "total": len(method),
        "assigned": int(each[INSIDE] + each[EDGE] + each[UNIT]),
        "contested": int(each[CONTESTED]),
        "outside": int(each[OUTSIDE]),
        "unlocated": int(each[UNLOCATED]),
        "by_method": {name: int(count) for name, count in zip(METHODS, each, strict=True)},
        "unassigned": count_unassigned(batches),
    }


def count_unassigned(batches: list[Batch]) -> dict[str, Any]:
    """What the grids' counts cannot hold: customers of no grid, by standing and rung (1 to 6, then 0)."""
    counts = {"existing": 0, "prospects": 0, "located_existing": 0}
    rungs = np.zeros(7, dtype=np.int64)
    for batch in batches:
        lost = batch.facts[batch.outcome.grid < 0]
        existing = int(np.sum(lost["standing"] == 0))
        counts["existing"] += existing
        counts["prospects"] += len(lost) - existing
        counts["located_existing"] += existing if batch.xy is not None else 0
        rungs += np.bincount(lost["rung"].astype(np.int64), minlength=7)
    return {**counts, "rungs": [int(rungs[rung]) for rung in LADDER]}


def count_grids(batches: list[Batch], grids: int) -> dict[str, NDArray[np.int64]]:
    """What each grid holds: arrays (grids,) of existing, prospects, tiers and service; `rungs` is (grids, 7).

    Covered households are those with at least one existing customer in the grid.
    """
    held = [np.flatnonzero(batch.outcome.grid >= 0) for batch in batches]
    facts = np.concatenate(
        [b.facts[list(b.facts.dtype.names or ())[:6]][rows] for b, rows in zip(batches, held, strict=True)]
    )
    grid = np.concatenate([b.outcome.grid[rows] for b, rows in zip(batches, held, strict=True)]).astype(
        np.int64
    )
    located = np.concatenate(
        [np.full(len(rows), b.xy is not None) for b, rows in zip(batches, held, strict=True)]
    )
    existing = facts["standing"] == 0

    def tally(chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(grid[chosen], minlength=grids)

    counts = {
        "existing": tally(existing),
        "prospects": tally(~existing),
        "located_existing": tally(existing & located),
        "strategic": tally(facts["tier"] == TIERS.index("strategic")),
        "key": tally(facts["tier"] == TIERS.index("key")),
        "filed": tally(existing & (facts["served"] & FILED > 0)),
        "visited": tally(existing & (facts["served"] & VISITED > 0)),
        "covered_households": count_households(grid[existing], facts["household"][existing], grids),
    }
    counts["rungs"] = np.stack([tally(facts["rung"] == rung) for rung in LADDER], axis=1)
    return counts


def count_households(grid: NDArray[np.int64], household: NDArray[np.int64], grids: int) -> NDArray[np.int64]:
    """Different households (keys, 0 for none) of each grid."""
    known = household != 0
    order = np.lexsort((household[known], grid[known]))
    grid, household = grid[known][order], household[known][order]
    first = np.ones(len(grid), dtype=bool)
    first[1:] = (grid[1:] != grid[:-1]) | (household[1:] != household[:-1])
    return np.bincount(grid[first], minlength=grids)
