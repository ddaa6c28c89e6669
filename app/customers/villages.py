"""The drawn villages, asked for many points at once: which one holds a point, how far is it from another."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.db import fetch_all
from app.spatial.index_file import open_locator
from app.spatial.topology.measures import metres_per_degree

Floats = NDArray[np.float64]
Rows = NDArray[np.int32]


class Villages:
    """Village polygons (EPSG:4326) by code; of two drawn under one code the first counts. Picklable."""

    def __init__(
        self, codes: Sequence[str], polygons: NDArray[np.object_], *, home: Path | None = None
    ) -> None:
        self.codes = tuple(codes)
        self._row = {code: row for row, code in reversed(list(enumerate(self.codes)))}
        self._locator = open_locator(polygons, home)
        centre = (shapely.bounds(polygons)[:, 1] + shapely.bounds(polygons)[:, 3]) / 2
        self._scale = metres_per_degree(centre)
        self._flat: dict[int, shapely.Geometry] = {}

    def rows(self, codes: Sequence[str]) -> Rows:
        """The row of each code, -1 for a village that nobody has drawn."""
        return np.array([self._row.get(code, -1) for code in codes], dtype=np.int32)

    def locate(self, x: Floats, y: Floats) -> Rows:
        """The row of the village that holds each point, its border included; -1 where none does."""
        return self._locator.locate(x, y)

    def distance_m(self, row: Rows, x: Floats, y: Floats) -> Floats:
        """Metres from each point to the village of its row, 0 inside; within 0.2 % up to some kilometres."""
        metres = np.zeros(len(row))
        for village in np.unique(row):
            mine = row == village
            east, north = self._scale[village]
            points = shapely.points(x[mine] * east, y[mine] * north)
            metres[mine] = shapely.distance(self._flatten(int(village)), points)
        return metres

    def _flatten(self, row: int) -> shapely.Geometry:
        """The village in metres, made when it is first asked for."""
        if row not in self._flat:
            scale = self._scale[row]
            shape = shapely.transform(self._locator.polygons[row], lambda xy: xy * scale)
            shapely.prepare(shape)
            self._flat[row] = shape
        return self._flat[row]


def read_villages(session: Session) -> Villages | None:
    """The villages and communities that stand today; None when nobody has drawn any."""
    rows = fetch_all(session, "customers/read_villages")
    if not rows:
        return None
    shapes = shapely.from_wkb(np.array([bytes(row["wkb"]) for row in rows], dtype=object))
    return Villages([row["code"] for row in rows], shapes, home=session.info.get("home"))
