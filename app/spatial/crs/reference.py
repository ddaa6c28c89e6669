"""Ground the bank already knows, to compare a new layer with: its box, its border lines, its points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial.crs.borders import list_edges
from app.spatial.crs.candidates import Box

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reference:
    """Known ground in lon/lat degrees: `box` (west, south, east, north), `edges` (m, 4) straight pieces of
    its border lines, `points` (n, 2) of outlets and the like; both may be empty."""

    box: Box
    edges: Numbers
    points: Numbers

    @classmethod
    def of(
        cls, shapes: Sequence[Any] | NDArray[Any], *, points: Numbers | None = None, box: Box | None = None
    ) -> "Reference":
        """Known ground from shapes (areas or lines, EPSG:4326; None counts nothing) and points."""
        known = np.asarray(list(shapes), object)
        known = known[~(shapely.is_missing(known) | shapely.is_empty(known))]
        spots = np.empty((0, 2)) if points is None else np.asarray(points, np.float64).reshape(-1, 2)
        every = np.vstack([shapely.get_coordinates(known), spots])
        if box is None and not len(every):
            raise ValueError("known ground needs a box, a shape or a point")
        if box is None:
            low, high = every.min(axis=0), every.max(axis=0)
            box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        return cls(box, list_edges(known), spots)
