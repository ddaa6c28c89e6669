"""Rings that lie over each other: who stands in several of them is kept by the outlet nearest to him,
once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.access import record
from app.customers.around.candidates import Box, People, read_people
from app.customers.around.outlets import Outlet, list_outlets, points_of
from app.customers.around.rings import RADIUS_M, check_radius, show_people
from app.customers.filters import EVERYBODY, Filters
from app.spatial.nearest import box_around, find_nearest, find_within

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]
CHUNK = 5_000


@dataclass(frozen=True)
class Shares:
    """Customers in the rings of outlets, each once, by outlet and way.

    `keeper` (n,) is the row of his outlet, `metres` (n,) his way to it, `rings` (n,) in how many rings he
    stands; `in_ring` (outlets,) is how many stand in each ring at all.
    """

    outlets: list[Outlet]
    radius_m: float
    people: People
    keeper: Rows
    metres: Floats
    rings: Rows
    in_ring: list[int]

    def told(self) -> dict[str, Any]:
        """Totals by outlet, which sum to `total`; `in_several` stand in more than one ring."""
        kept = np.bincount(self.keeper, minlength=len(self.outlets)).tolist()
        return {
            "radius_m": self.radius_m,
            "outlets": [
                {
                    **outlet.told(),
                    "in_ring": self.in_ring[row],
                    "kept": kept[row],
                    "counts": self.people.pick(self.keeper == row).count(),
                }
                for row, outlet in enumerate(self.outlets)
            ],
            "total": len(self.people),
            "in_several": int(np.count_nonzero(self.rings > 1)),
            "counts": self.people.count(),
        }


def share_around(
    session: Session,
    codes: Sequence[str] | None = None,
    *,
    radius_m: float = RADIUS_M,
    filters: Filters = EVERYBODY,
) -> Shares:
    """The customers in sight within the rings of these outlets (of all), each kept by the nearest of them.

    Of a tie the lowest code keeps him. Raises NotFound for an outlet that is not there, BadInput for a
    radius.
    """
    check_radius(radius_m)
    outlets = list_outlets(session, codes)
    x, y = points_of(outlets)
    boxes = _join_boxes([box_around(*at, radius_m) for at in zip(x, y, strict=True)])
    people = read_people(session, boxes, filters, kinds=True)
    rings = np.zeros(len(people), np.intp)
    in_ring = []
    order = np.argsort(people["y"], kind="stable")
    lat = people["y"][order]
    for lon_at, lat_at in zip(x, y, strict=True):
        _, south, _, north = box_around(lon_at, lat_at, radius_m)
        near = order[np.searchsorted(lat, south) : np.searchsorted(lat, north, side="right")]
        within, _ = find_within(lon_at, lat_at, radius_m, people["x"][near], people["y"][near])
        rings[near[within]] += 1
        in_ring.append(len(within))
    held = np.flatnonzero(rings)
    keeper, metres = find_nearest(people["x"][held], people["y"][held], x, y)
    sorted_ = np.lexsort((people["id"][held], np.round(metres * 1000), keeper))
    held = held[sorted_]
    return Shares(
        outlets, radius_m, people.pick(held), keeper[sorted_], metres[sorted_], rings[held], in_ring
    )


def _join_boxes(boxes: list[Box]) -> list[Box]:
    """The boxes, or one round all of them where they cover most of it anyway: nobody is then read twice."""
    if len(boxes) < 2:
        return boxes
    sides = np.array(boxes)
    whole = (*sides[:, :2].min(axis=0).tolist(), *sides[:, 2:].max(axis=0).tolist())
    areas = (sides[:, 2] - sides[:, 0]) * (sides[:, 3] - sides[:, 1])
    return [whole] if 2 * areas.sum() >= (whole[2] - whole[0]) * (whole[3] - whole[1]) else boxes


def count_shares(
    session: Session,
    codes: Sequence[str] | None = None,
    *,
    radius_m: float = RADIUS_M,
    filters: Filters = EVERYBODY,
) -> dict[str, Any]:
    """Totals by outlet of who is within its ring and whom it keeps, and the sum; nobody is named."""
    shares = share_around(session, codes, radius_m=radius_m, filters=filters)
    record(
        session, "count_rings", subject=f"{len(shares.outlets)} outlets {radius_m:g} m", detail=filters.told()
    )
    return shares.told()


def export_shares(session: Session, shares: Shares, filters: Filters = EVERYBODY) -> Iterator[dict[str, Any]]:
    """Each customer once, masked, with the outlet that keeps him, for a file; one audit row names them
    all."""
    ids = shares.people["id"].tolist()
    subject = f"{len(shares.outlets)} outlets {shares.radius_m:g} m"
    record(session, "export_rings", subject=subject, customer_ids=ids, detail=filters.told())
    return _show_all(session, shares, ids)


def _show_all(session: Session, shares: Shares, ids: list[int]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), CHUNK):
        part = slice(start, start + CHUNK)
        keepers = dict(zip(ids[part], shares.keeper[part].tolist(), strict=True))
        for row in show_people(session, ids[part], shares.metres[part]):
            yield {**row, "outlet": shares.outlets[keepers[row["id"]]].told()}
