"""One case of the placement desk, with all that is needed to decide it: candidates, ground, neighbours.

The full address stands here, because it is what is decided upon; the audit names the customer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.access import record
from app.customers import places
from app.customers.listing import escape_like, no_customer
from app.customers.placing import POINT_ACCURACY_M, RUNGS
from app.customers.worklist import show_name
from app.customers.worklist_words import tell_reason
from app.db import as_worker, fetch_all, fetch_one, fetch_value
from app.errors import Conflict
from app.spatial import crs

LETTERS = "ABCDE"
MOST_PLACES = 12
# About 3 m: finer than a line is wide at the nearest zoom at which a village fills the map.
TOLERANCE_DEGREES = 3e-5
MOST_OUTLINES = 60
# How many steps of half a pixel a map is wide: a wider view is drawn with coarser lines.
PIXELS = 1_500
# What of the ground around a candidate is shown, in shares of its own size.
MARGIN = 0.6
LEVEL_RUNGS = {"house": 3, "group": 3, "natural_village": 4, "village": 5, "community": 5, "town": 6}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Box:
    """A rectangle of degrees (EPSG:4326)."""

    west: float
    south: float
    east: float
    north: float

    def widen(self, share: float) -> "Box":
        """The box with a share of its own size added on every side, a hundred metres at least."""
        dx = max((self.east - self.west) * share, 1e-3)
        dy = max((self.north - self.south) * share, 1e-3)
        return Box(self.west - dx, self.south - dy, self.east + dx, self.north + dy)


def find_case(session: Session, customer_id: int) -> dict[str, Any]:
    """A customer in sight with his full address, his case if there is one, and all that helps to decide.

    Shapes and points are EPSG:4326. Without a case the candidates are a fresh match. Raises NotFound.
    """
    row = fetch_one(session, "customers/find_case", customer_id=customer_id)
    if row is None:
        raise no_customer()
    record(session, "see_placement_case", customer_ids=[customer_id])
    answer = row["answer"] if row["answer"] is not None else _match(session, row["address"])
    found = _find_places(session, row, answer)
    source = _source_point(row)
    candidates = _list_candidates(row, answer, found, source)
    shown = [found[one["code"]] for one in candidates if one["code"] in found]
    return {
        **_show_customer(session, row),
        **_show_doubt(session, row),
        "placement": _show_placement(row),
        "answer": answer,
        "candidates": candidates,
        "source_point": source,
        "neighbours": _list_neighbours(session, shown, source or _point_of(row)),
        "steps": [
            {**step, "at": step["at"].isoformat()}
            for step in fetch_all(session, "customers/list_case_steps", customer_id=customer_id)
        ],
    }


def list_outlines(
    session: Session, boxes: Sequence[Box], *, limit: int = MOST_OUTLINES
) -> list[dict[str, Any]]:
    """The villages that lie in the boxes: code, name, simplified outline (GeoJSON), where the name stands."""
    if not boxes:
        return []
    sides = {side: [getattr(box, side) for box in boxes] for side in ("west", "south", "east", "north")}
    tolerance = max(TOLERANCE_DEGREES, max(box.east - box.west for box in boxes) / PIXELS)
    return fetch_all(session, "customers/list_outlines", tolerance=tolerance, limit=limit, **sides)


def _match(session: Session, address: str | None) -> dict[str, Any]:
    """What the matcher says now; nothing for a bank without a gazetteer."""
    try:
        return places.show_answer(places.find_matcher(session).match(address))
    except Conflict:
        return {"level": "none", "code": "", "score": 0.0, "method": "", "candidates": [], "warnings": []}


def _show_customer(session: Session, row: Row) -> dict[str, Any]:
    return {
        "customer_id": row["customer_id"],
        "name": show_name(row),
        "customer_kind": row["customer_kind"],
        "standing": row["standing"],
        "tier": row["tier"],
        "source": row["source"],
        "address": row["address"],
        "updated_on": _find_day(session, row["import_id"]),
    }


def _find_day(session: Session, import_id: int | None) -> str | None:
    """The day on which the row came in: a viewer reads no import, but the day of a customer in sight."""
    if import_id is None:
        return None
    with as_worker(session):
        day = fetch_value(session, "customers/find_day_of_import", import_id=import_id)
    return None if day is None else str(day.isoformat())


def _show_doubt(session: Session, row: Row) -> dict[str, Any]:
    """Why somebody should look; all None for a customer about whom nothing is in doubt."""
    if row["kind"] is None:
        return {"kind": None, "state": None, "score": None, "prefix": "", "detail": {}, "same_prefix": 0}
    same = fetch_value(
        session, "customers/count_same_prefix", prefix=row["prefix"], customer_id=row["customer_id"]
    )
    return {
        "kind": row["kind"],
        "state": row["state"],
        "score": round(float(row["score"]), 3),
        "prefix": row["prefix"],
        "detail": row["detail"],
        "opened_at": row["opened_at"].isoformat(),
        "same_prefix": int(same),
    }


def _show_placement(row: Row) -> dict[str, Any]:
    grid = (
        {"id": row["grid_id"], "code": row["grid_code"], "name": row["grid_name"]} if row["grid_id"] else None
    )
    return {
        "rung": row["rung"],
        "rung_words": RUNGS[row["rung"]],
        "method": row["method"],
        "score": round(float(row["placed_score"]), 3),
        "lon": row["lon"],
        "lat": row["lat"],
        "accuracy_m": row["accuracy_m"],
        "place_code": row["place_code"],
        "unit_code": row["unit_code"],
        "grid": grid,
    }


def _point_of(row: Row) -> dict[str, Any] | None:
    return None if row["lon"] is None else {"lon": row["lon"], "lat": row["lat"]}


def _source_point(row: Row) -> dict[str, Any] | None:
    """The point that a source system gave: it stands in the doubt's detail, or it is the placement itself."""
    source = (row["detail"] or {}).get("source")
    if source:
        return {**source, "accuracy_m": source.get("accuracy_m") or POINT_ACCURACY_M}
    if row["lon"] is None or row["method"] != "source":
        return None
    accuracy = row["accuracy_m"] or POINT_ACCURACY_M
    return {"lon": row["lon"], "lat": row["lat"], "accuracy_m": accuracy, "datum": row["datum"]}


def _find_places(session: Session, row: Row, answer: Row) -> dict[str, dict[str, Any]]:
    """The places that the case speaks of, by code."""
    detail = row["detail"] or {}
    codes = [one["code"] for one in answer.get("candidates") or ()]
    codes += [answer.get("code"), detail.get("address_unit_code"), detail.get("point_unit_code")]
    asked = [code for code in dict.fromkeys(codes) if code]
    return _find_by_code(session, asked)


def _find_by_code(session: Session, codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    rows = fetch_all(session, "customers/list_case_places", codes=list(codes), tolerance=TOLERANCE_DEGREES)
    return {found["code"]: found for found in rows}


def list_places(session: Session, *, q: str | None = None, code: str | None = None) -> list[dict[str, Any]]:
    """Places of the gazetteer and drawn villages, by name or code, shaped as the candidates of a case.

    What the matcher did not offer may be meant all the same: somebody knows it, or points at it on the map.
    """
    asked = (q or "").strip()
    begins = f"{escape_like(asked)}%" if asked else None
    rows = fetch_all(
        session, "customers/list_places_named", q=asked or None, begins=begins, code=code, limit=MOST_PLACES
    )
    offers = {row["code"]: row for row in rows} or (
        {code: {"code": code, "level": "village"}} if code else {}
    )
    found = _find_by_code(session, list(offers))
    return [
        _show_candidate({**offer, "score": None, "reason": "picked", "act": "choose"}, found[key])
        for key, offer in offers.items()
        if found[key]["name"] is not None
    ]


def _list_candidates(row: Row, answer: Row, found: Row, source: Row | None) -> list[dict[str, Any]]:
    """What may be chosen, each with its letter, in the order in which it is offered."""
    offers = list(_offer(row, answer, source))
    return [
        {"letter": letter, **_show_candidate(offer, found.get(offer["code"]) or {})}
        for letter, offer in zip(LETTERS, offers, strict=False)
    ]


def _offer(row: Row, answer: Row, source: Row | None) -> Iterable[dict[str, Any]]:
    """Codes with level, score and reason: what the matcher named, and of a contradiction both its sides."""
    detail = row["detail"] or {}
    seen: set[str] = set()
    if answer.get("code") and answer.get("level") not in ("ambiguous", "none"):
        seen.add(answer["code"])
        yield {**answer, "reason": answer.get("method") or "", "act": "choose"}
    for one in answer.get("candidates") or ():
        if one["code"] not in seen:
            seen.add(one["code"])
            yield {**one, "act": "choose"}
    if row["kind"] == "contradiction" and source is not None:
        point = {"name": "", "level": "point", "score": None, "act": "pin"}
        if (moved := _convert(source, detail.get("likelier_datum"))) is not None:
            code = detail.get("address_unit_code") or ""
            yield {**point, **moved, "code": code, "reason": "likelier_datum"}
        at = {"lon": source["lon"], "lat": source["lat"]}
        yield {**point, **at, "code": detail.get("point_unit_code") or "", "reason": "source_point"}


def _convert(source: Row, likelier: str | None) -> dict[str, float] | None:
    """The source's point if its datum is the likelier one; only of a point that was taken as it stood."""
    if likelier not in ("gcj02", "bd09") or source.get("datum") not in (None, "cgcs2000", "wgs84"):
        return None
    x, y = crs.points_to_storage([source["lon"]], [source["lat"]], likelier)
    return {"lon": round(float(x[0]), 7), "lat": round(float(y[0]), 7)}


def _show_candidate(offer: Row, place: Row) -> dict[str, Any]:
    zh, en = tell_reason(offer["reason"])
    pin = offer["act"] == "pin"
    own_point = place.get("lon") is not None and offer["level"] in ("house", "group", "natural_village")
    grid = {key: place.get(f"grid_{key}") for key in ("id", "code", "name")}
    return {
        "act": offer["act"],
        "code": offer["code"],
        "name": place.get("name") or offer.get("name") or "",
        "village": place.get("village"),
        "town": place.get("town"),
        "county": place.get("county"),
        "level": offer["level"],
        "rung": 1 if pin else _rung_of(offer["level"], own_point),
        "score": None if offer["score"] is None else round(float(offer["score"]), 3),
        "reason": offer["reason"],
        "reason_zh": zh,
        "reason_en": en,
        "grid": grid if grid["id"] else None,
        "lon": offer["lon"] if pin else place.get("lon") if own_point else None,
        "lat": offer["lat"] if pin else place.get("lat") if own_point else None,
        "outline": place.get("outline"),
        "label": [place["label_lon"], place["label_lat"]] if place.get("label_lon") is not None else None,
        "bounds": [place[side] for side in ("west", "south", "east", "north")]
        if place.get("west") is not None
        else None,
    }


def _rung_of(level: str, own_point: bool) -> int:
    """The rung on which a choice of this level puts the customer: the village for a place without a point."""
    rung = LEVEL_RUNGS.get(level, 0)
    return rung if own_point or rung not in (3, 4) else 5


def _list_neighbours(
    session: Session, shown: Sequence[Row], point: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """The villages around the candidates and the point, the candidates' own among them."""
    boxes = [
        Box(one["west"], one["south"], one["east"], one["north"]).widen(MARGIN)
        for one in shown
        if one["west"] is not None
    ]
    if point is not None:
        boxes.append(Box(point["lon"], point["lat"], point["lon"], point["lat"]).widen(0).widen(10))
    return list_outlines(session, boxes)
