"""Rings 周边: who lives or trades within so many metres of an outlet or a point, nearest first, masked,
audited."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.access import mask_address, mask_party, record
from app.customers.around.candidates import WORDS, People, read_people
from app.customers.around.outlets import Outlet, list_outlets, points_of
from app.customers.filters import EVERYBODY, Filters
from app.db import ask_driver, fetch_value
from app.errors import BadInput
from app.spatial.nearest import box_around, find_nearest, find_within

RADIUS_M = 1_000.0
MOST_M = 20_000.0
PAGE = 200
Beside = Literal["kind", "without_point"]
MARK = re.compile(r"(\d{1,9})-(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Ring:
    """All ground within `radius_m` metres of a point in degrees (EPSG:4326), the rim included.

    `outlet` is the house in its middle; with `nearest_only` the ring holds only those to whom no other
    outlet is nearer (of a tie the lowest code has them).
    """

    lon: float
    lat: float
    radius_m: float = RADIUS_M
    outlet: Outlet | None = None
    nearest_only: bool = False

    def __post_init__(self) -> None:
        """Raises BadInput for a radius that is none."""
        check_radius(self.radius_m)

    @property
    def subject(self) -> str:
        """The ring as the audit names it."""
        middle = f"outlet {self.outlet.code}" if self.outlet else f"{self.lon:.5f},{self.lat:.5f}"
        return f"{middle} {self.radius_m:g} m" + (" nearest" if self.nearest_only else "")


def check_radius(radius_m: float) -> float:
    """The radius itself. Raises BadInput `bad_radius` unless it lies between 1 m and 20 km."""
    if not 1 <= radius_m <= MOST_M:
        raise BadInput(
            "bad_radius",
            zh=f"半径须在 1 到 {MOST_M:,.0f} 米之间",
            en=f"the radius is between 1 and {MOST_M:,.0f} metres",
        )
    return radius_m


def open_ring(session: Session, code: str, *, radius_m: float = RADIUS_M, nearest_only: bool = False) -> Ring:
    """The ring of an outlet. Raises NotFound when there is no such outlet or it has no point."""
    outlet = list_outlets(session, [code])[0]
    return Ring(outlet.lon, outlet.lat, radius_m, outlet, nearest_only)


def list_around(
    session: Session,
    ring: Ring,
    filters: Filters = EVERYBODY,
    *,
    after: str | None = None,
    limit: int = 50,
    beside: Sequence[Beside] = (),
) -> dict[str, Any]:
    """A page of the customers in sight within a ring, nearest first, masked; an audit row names those shown.

    `after` is the `next` of the page before (millimetres and id of the last one shown). The first page
    tells besides how many there are by tier, standing and rung (`counts`), and what is asked for `beside`
    them, which costs more than the page: `kind` counts them by kind too; `without_point` tells how many have
    no point but a village that reaches into the ring: nobody is said to live where only his village is known.
    """
    people, metres = find_around(session, ring, filters)
    start = 0 if after is None else _find_start(after, people, metres)
    shown = slice(start, start + min(limit, PAGE))
    ids = people["id"][shown].tolist()
    record(session, "list_around", subject=ring.subject, customer_ids=ids, detail=filters.told())
    more = shown.stop < len(people)
    first = after is None
    told = _count(session, people, kinds="kind" in beside) if first else None
    without_point = first and "without_point" in beside
    return {
        "ring": _tell_ring(ring),
        "customers": show_people(session, ids, metres[shown]),
        "next": _mark(metres[shown][-1], ids[-1]) if more and ids else None,
        "total": len(people),
        "counts": told,
        "without_point": count_pointless(session, ring, filters) if without_point else None,
    }


def _count(session: Session, people: People, *, kinds: bool) -> dict[str, dict[str, int]]:
    """Counts of a ring; kinds that were not read with it are counted by the server."""
    if people.kinds or not kinds:
        return people.count()
    found = ask_driver(session, "customers/around/count_kinds", ids=people["id"].tolist())
    numbers = {row["kind"]: row["customers"] for row in found}
    return {"kind": {word: numbers[word] for word in WORDS["kind"] if word in numbers}} | people.count()


def _mark(metres: float, customer_id: int) -> str:
    return f"{round(metres * 1000)}-{customer_id}"


def _find_start(after: str, people: People, metres: NDArray[np.float64]) -> int:
    """Where the page behind a mark begins, also when the one it names is gone by now. Raises BadInput."""
    parts = MARK.fullmatch(after)
    if parts is None:
        raise BadInput(
            "bad_mark", zh="翻页标记无效，请从第一页开始", en="no mark of a page; begin at the first"
        )
    last_mm, last_id = int(parts[1]), int(parts[2])
    mm = np.round(metres * 1000).astype(np.int64)
    return int(np.count_nonzero((mm < last_mm) | ((mm == last_mm) & (people["id"] <= last_id))))


def find_around(
    session: Session, ring: Ring, filters: Filters = EVERYBODY
) -> tuple[People, NDArray[np.float64]]:
    """The customers in sight within a ring as columns, nearest first (then by id), and their metres."""
    people = read_people(session, [box_around(ring.lon, ring.lat, ring.radius_m)], filters)
    rows, metres = find_within(ring.lon, ring.lat, ring.radius_m, people["x"], people["y"])
    if ring.nearest_only and ring.outlet is not None:
        mine = _keep_own(session, ring.outlet, people.pick(rows))
        rows, metres = rows[mine], metres[mine]
    order = np.lexsort((people["id"][rows], np.round(metres * 1000)))
    return people.pick(rows[order]), metres[order]


def _keep_own(session: Session, outlet: Outlet, people: People) -> NDArray[np.bool_]:
    """Whom no other outlet is nearer to."""
    outlets = list_outlets(session)
    nearest, _ = find_nearest(people["x"], people["y"], *points_of(outlets))
    own = np.array([one.id == outlet.id for one in outlets])
    return own[nearest] if len(nearest) else np.empty(0, bool)


def count_pointless(session: Session, ring: Ring, filters: Filters = EVERYBODY) -> int:
    """How many customers in sight have no point, but a village that reaches into the ring."""
    box = box_around(ring.lon, ring.lat, ring.radius_m)
    sides = dict(zip(("west", "south", "east", "north"), box, strict=True))
    asked = {"lon": ring.lon, "lat": ring.lat, "radius_m": ring.radius_m, **sides, **filters.params()}
    if asked.pop("pointed"):
        return 0
    return int(fetch_value(session, "customers/around/count_pointless", **asked))


def export_around(
    session: Session, ring: Ring, filters: Filters = EVERYBODY
) -> tuple[Iterator[dict[str, Any]], int]:
    """All customers in sight within a ring, masked, for a file, and how many; one audit row names them
    all."""
    people, metres = find_around(session, ring, filters)
    ids = people["id"].tolist()
    record(session, "export_around", subject=ring.subject, customer_ids=ids, detail=filters.told())
    return _show_all(session, ids, metres), len(ids)


def _show_all(session: Session, ids: Sequence[int], metres: NDArray[np.float64]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), 5_000):
        part = slice(start, start + 5_000)
        yield from show_people(session, ids[part], metres[part])


def show_people(
    session: Session, ids: Sequence[int], metres: Sequence[float] | NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Customers in sight as a list shows them, in the order of `ids`, with their metres."""
    if not len(ids):
        return []
    rows = {row["id"]: row for row in ask_driver(session, "customers/around/list_found", ids=list(ids))}
    return [_show(rows[one], float(away_m)) for one, away_m in zip(ids, metres, strict=True) if one in rows]


def _show(row: dict[str, Any], away_m: float) -> dict[str, Any]:
    grid = {"id": row["grid_id"], "code": row["grid_code"], "name": row["grid_name"]}
    visited = row["last_visit_on"]
    return {
        "id": row["id"],
        "name": mask_party(row["name"], row["kind"]),
        "kind": row["kind"],
        "standing": row["standing"],
        "tier": row["tier"],
        "address": mask_address(row["address"], row["town_name"], row["village_name"]),
        "rung": row["rung"],
        "distance_m": round(away_m, 1),
        "lon": round(row["lon"], 6),
        "lat": round(row["lat"], 6),
        "filed": row["filed"],
        "last_visit_on": visited.isoformat() if visited else None,
        "grid": grid if row["grid_id"] is not None else None,
    }


def _tell_ring(ring: Ring) -> dict[str, Any]:
    return {
        "lon": ring.lon,
        "lat": ring.lat,
        "radius_m": ring.radius_m,
        "outlet": ring.outlet.told() if ring.outlet else None,
        "nearest_only": ring.nearest_only,
    }
