"""What an assignment run says of customers: where each belongs, by which method, for which reason."""

from dataclasses import dataclass

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
