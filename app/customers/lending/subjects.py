"""Who or what is asked about, and where that lies as far as is known: a point with its rung, or a unit."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.access import mask_address
from app.customers import places
from app.customers.geocoding import Answer
from app.customers.lending.asks import Ask
from app.customers.placing import BY_HAND, EDGE_M, Placed, placed_of
from app.db import ask_driver
from app.errors import NotFound

POINT_RUNG = 2
CANDIDATES = 5
Row = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """Where a thing asked about lies: `point` (EPSG:4326) or `unit`, else the `reason` why nothing is known.

    `shown` is how it is named to anybody (masked), `key` by what a later check knows it again. `seen` says
    whether the viewer may see the customer at all; of one unseen nothing but the answer is told.
    """

    shown: str
    key: str
    rung: int
    method: str
    score: float
    point: tuple[float, float] | None = None
    unit: str | None = None
    reason: str | None = None
    customer_id: int | None = None
    seen: bool = True
    accuracy_m: float | None = None
    candidates: list[Row] = field(default_factory=list)

    @property
    def edge_m(self) -> float | None:
        """How far from his point he may truly live, by the rung of his placement; None without a point."""
        return None if self.point is None else EDGE_M[self.rung]


def locate_addresses(session: Session, asks: Sequence[Ask]) -> dict[str, Answer]:
    """The matcher's answers for the addresses among the questions; none of them leaves the bank."""
    wanted = sorted({ask.address for ask in asks if ask.address is not None})
    return dict(zip(wanted, places.geocode(session, wanted), strict=True)) if wanted else {}


def read_customers(session: Session, asks: Sequence[Ask], *, all_seen: bool) -> dict[Any, Row]:
    """The customers among the questions by number and by (source, key), in the worker's hand."""
    ids = sorted({ask.customer_id for ask in asks if ask.customer_id is not None})
    keys = sorted({ask.source_key for ask in asks if ask.source_key is not None})
    found: dict[Any, Row] = {}
    if ids:
        rows = ask_driver(session, "customers/lending/list_subjects_by_id", ids=ids, all=all_seen)
        found |= {row["id"]: row for row in rows}
    if keys:
        sources, names = [key[0] for key in keys], [key[1] for key in keys]
        rows = ask_driver(
            session, "customers/lending/list_subjects_by_key", sources=sources, keys=names, all=all_seen
        )
        found |= {(row["source_code"], row["source_key"]): row for row in rows}
    return found


def find_subject(ask: Ask, customers: dict[Any, Row], answers: dict[str, Answer]) -> Subject:
    """The subject of one question. Raises NotFound `no_customer`."""
    if ask.point is not None:
        lon, lat = ask.point
        name = f"点位 {lon:.6f}, {lat:.6f}"
        return Subject(name, f"point {lon:.5f} {lat:.5f}", POINT_RUNG, "point", 1.0, point=ask.point)
    if ask.address is not None:
        return _tell_address(ask.address, answers[ask.address])
    row = customers.get(ask.customer_id if ask.source_key is None else ask.source_key)
    if row is None:
        raise NotFound("no_customer", zh="没有这位客户", en="there is no such customer")
    return _tell_customer(ask, row)


def _tell_customer(ask: Ask, row: Row) -> Subject:
    name = f"客户 #{row['id']}"
    if ask.source_key is not None:
        source, key = ask.source_key
        name = f"客户 {source} ***{key[-4:] if len(key) > 6 else ''}"
    placed = Placed(row["rung"] or 0, row["method"] or "none", float(row["score"] or 0))
    point = None if row["lon"] is None else (float(row["lon"]), float(row["lat"]))
    reason = "customer_gone" if row["gone_at"] is not None else _find_reason(placed, point, row["unit_code"])
    return Subject(
        name,
        f"customer {row['id']}",
        placed.rung,
        placed.method,
        placed.score,
        point=point if placed.rung in EDGE_M else None,
        unit=row["unit_code"],
        reason=reason,
        customer_id=row["id"],
        seen=bool(row["seen"]),
        accuracy_m=row["accuracy_m"],
    )


def _tell_address(address: str, answer: Answer) -> Subject:
    placed = placed_of(answer)
    point = None if placed.point is None or answer.lon is None else (answer.lon, float(answer.lat or 0.0))
    known = [answer.name] if answer.settled else []
    shown = mask_address(address, *known) or "***"
    digest = hashlib.sha256("".join(address.split()).encode()).hexdigest()[:32]
    return Subject(
        f"地址 {shown[:60]}",
        f"address {digest}",
        placed.rung,
        placed.method,
        round(placed.score, 4),
        point=point,
        unit=placed.unit_code,
        reason="ambiguous" if answer.level == "ambiguous" else _find_reason(placed, point, placed.unit_code),
        accuracy_m=placed.accuracy_m,
        candidates=[
            {"code": c.code, "name": c.name, "level": c.level, "score": round(c.score, 4)}
            for c in answer.candidates[:CANDIDATES]
        ],
    )


def _find_reason(placed: Placed, point: tuple[float, float] | None, unit: str | None) -> str | None:
    """Why nothing can be said of a placement; None when there is a point or a unit to go by."""
    if placed.rung in EDGE_M and point is not None:
        return None
    if placed.rung == 5 and unit:
        return None
    if placed.rung == 6:
        return "town_only"
    if placed.method == "outside" and placed.method in BY_HAND:
        return "lives_outside"
    if placed.method == "elsewhere":
        return "elsewhere"
    return "ambiguous" if placed.method == "ambiguous" else "unlocated"
