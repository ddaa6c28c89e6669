"""Outlets 网点: the bank's houses that stand somewhere, and which of them is nearest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.access import record
from app.customers.listing import no_customer
from app.db import ask_driver, fetch_one
from app.errors import BadInput, NotFound
from app.spatial.nearest import rank_places

Floats = NDArray[np.float64]
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Outlet:
    """A house of the bank with its point in degrees (EPSG:4326)."""

    id: int
    code: str
    name: str
    kind: str
    branch_type: str | None
    lon: float
    lat: float

    def told(self) -> dict[str, Any]:
        """As an answer shows it."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "id"}


def list_outlets(session: Session, codes: Sequence[str] | None = None) -> list[Outlet]:
    """The outlets that have a point, in order of code; those of `codes` where they are given.

    Raises NotFound when one of `codes` is no house of the bank, or has no point.
    """
    rows = ask_driver(session, "customers/around/list_outlets", codes=None if codes is None else list(codes))
    found = {row["code"] for row in rows}
    for code in codes or ():
        if code not in found:
            raise NotFound(
                "no_outlet",
                zh=f"没有网点“{code[:32]}”，或它还没有坐标",
                en=f"no outlet {code[:32]!r}, or it has no point yet",
            )
    return [Outlet(**row) for row in rows]


def points_of(outlets: Sequence[Outlet]) -> tuple[Floats, Floats]:
    """Longitudes and latitudes (n,) of outlets."""
    return np.array([one.lon for one in outlets], float), np.array([one.lat for one in outlets], float)


def list_nearest(session: Session, lon: float, lat: float, *, limit: int = 3) -> list[dict[str, Any]]:
    """The outlets nearest to a point (degrees, EPSG:4326), metres on the ground; of a tie the lowest code
    first."""
    outlets = list_outlets(session)
    order, metres = rank_places(lon, lat, *points_of(outlets))
    wanted = min(limit, MOST_LISTED)
    return [
        {**outlets[row].told(), "distance_m": round(float(away_m), 2)}
        for row, away_m in zip(order[:wanted], metres[:wanted], strict=True)
    ]


def find_point(session: Session, customer_id: int) -> tuple[float, float, int]:
    """Where a customer in sight stands (degrees) and on which rung; audited.

    Raises NotFound when he is not in the viewer's sight, BadInput `no_point` when nobody knows his point.
    """
    row = fetch_one(session, "customers/around/find_point", customer_id=customer_id)
    if row is None:
        raise no_customer()
    record(session, "see_point", customer_ids=[customer_id])
    if row["lon"] is None:
        raise BadInput(
            "no_point",
            zh="这位客户还没有点位，不能量距离；请先在“定位归格”中核定，或就地定位",
            en="this customer has no point to measure from; place him first",
            rung=row["rung"],
        )
    return row["lon"], row["lat"], row["rung"]
