"""The bank's own address matcher: built from the stored gazetteer, kept until the gazetteer changes."""

import threading
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.customers.geocoding import GEOCODERS, Answer, Batch, Matcher, Place
from app.db import fetch_one, fetch_value
from app.errors import Conflict
from app.territory import gazetteer

_kept: dict[str, Matcher] = {}
_lock = threading.Lock()


def read_places(session: Session) -> list[Place]:
    """The stored gazetteer as the matcher takes it; points in EPSG:4326."""
    return [
        Place(
            code=name.code,
            name=name.name,
            level=name.level,
            kind=name.kind,
            parent_code=name.parent_code or "",
            official_name=name.official_name or "",
            aliases=name.aliases,
            former_names=name.former_names,
            lon=name.lon,
            lat=name.lat,
        )
        for name in gazetteer.list_places(session)
    ]


def find_home_county(session: Session) -> str | None:
    """The county of most of the bank's villages: it wins where an address names none."""
    found = fetch_value(session, "customers/find_home_county")
    return None if found is None else str(found)


def find_matcher(session: Session) -> Matcher:
    """The matcher of the stored gazetteer. Raises Conflict when no gazetteer was imported yet."""
    version = fetch_one(session, "customers/find_gazetteer_version")
    if version is None or not version["places"]:
        raise Conflict("no_gazetteer", zh="还没有导入地名表，不能匹配地址", en="import a gazetteer first")
    key = "|".join(str(value) for value in version.values())
    with _lock:
        if key not in _kept:
            _kept.clear()
            _kept[key] = Matcher(read_places(session), home_county_code=find_home_county(session))
        return _kept[key]


def geocode(session: Session, addresses: Sequence[str | None]) -> list[Answer]:
    """Answers in the order of the addresses, from the first geocoder that is sure, else the likeliest."""
    matcher = find_matcher(session)
    answers: list[Answer] = [Answer("none") for _ in addresses]
    for geocoder in sorted(GEOCODERS, key=lambda g: g.order):
        open_ = [i for i, answer in enumerate(answers) if answer.level in ("none", "ambiguous")]
        for i, found in zip(
            open_, geocoder.locate(Batch([addresses[i] for i in open_], matcher)), strict=True
        ):
            answers[i] = found if found.score >= answers[i].score else answers[i]
    return answers


def show_answer(answer: Answer) -> dict[str, Any]:
    """An answer as JSON: the level it is sure of, its candidates with reasons, its warnings."""
    return {
        "level": answer.level,
        "code": answer.code,
        "name": answer.name,
        "score": round(answer.score, 4),
        "method": answer.method,
        "candidates": [
            {"code": c.code, "name": c.name, "level": c.level, "score": round(c.score, 4), "reason": c.reason}
            for c in answer.candidates
        ],
        "warnings": list(answer.warnings),
        "lon": answer.lon,
        "lat": answer.lat,
        "group": answer.group,
        "house": answer.house,
        "building": answer.building,
        "unit": answer.unit,
        "room": answer.room,
    }
