"""The bank's own address matcher: built from the stored gazetteer, kept until the gazetteer changes.

What people decided is part of it: forms approved as other names belong to the gazetteer, live corrections are
laid over it and cost no rebuilding.
"""

import threading
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.customers import corrections
from app.customers.geocoding import GEOCODERS, Answer, Batch, Matcher, Place
from app.customers.geocoding.geocoders import Ask
from app.db import as_worker, fetch_one, fetch_value
from app.errors import Conflict
from app.territory import gazetteer

_plain: dict[tuple[str, str], Matcher] = {}
_taught: dict[tuple[str, str, str], Matcher] = {}
_lock = threading.Lock()


def read_places(session: Session) -> list[Place]:
    """The stored gazetteer as the matcher takes it, with the forms approved by hand; points in EPSG:4326."""
    approved = corrections.read_aliases(session)
    return [
        Place(
            code=name.code,
            name=name.name,
            level=name.level,
            kind=name.kind,
            parent_code=name.parent_code or "",
            official_name=name.official_name or "",
            aliases=(*name.aliases, *approved.get(name.code, ())),
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


def _find_versions(session: Session) -> tuple[str, str]:
    """Which names are stored, and which corrections are live: the same words for every viewer."""
    with as_worker(session):
        found = fetch_one(session, "customers/find_matcher_version")
    if found is None or not found["places"]:
        raise Conflict("no_gazetteer", zh="还没有导入地名表，不能匹配地址", en="import a gazetteer first")
    return str(found["names"]), str(found["teachings"])


def matcher_version(session: Session) -> str:
    """With which names and corrections addresses are matched now. Raises Conflict without a gazetteer."""
    return "|".join(_find_versions(session))


def find_plain_matcher(session: Session) -> Matcher:
    """The matcher of the stored names, taught by nobody. Raises Conflict without a gazetteer."""
    with _lock:
        return _keep_plain(session, _find_versions(session)[0])


def find_matcher(session: Session) -> Matcher:
    """The matcher of the stored names with the live corrections. Raises Conflict without a gazetteer."""
    with _lock:
        names, teachings = _find_versions(session)
        plain = _keep_plain(session, names)
        key = (str(session.get_bind()), names, teachings)
        if key not in _taught:
            _taught.clear()
            _taught[key] = plain.with_corrections(corrections.read_corrections(session))
        return _taught[key]


def _keep_plain(session: Session, names: str) -> Matcher:
    key = (str(session.get_bind()), names)
    if key not in _plain:
        _plain.clear()
        _plain[key] = Matcher(read_places(session), home_county_code=find_home_county(session))
    return _plain[key]


def geocode(session: Session, addresses: Sequence[str | None], *, ask: Ask | None = None) -> list[Answer]:
    """Answers in the order of the addresses, from the first geocoder that is sure, else the likeliest.

    Without `ask` (an `Asker`'s, made for who may ask map services that are switched on) nothing leaves.
    """
    matcher = find_matcher(session)
    answers: list[Answer] = [Answer("none") for _ in addresses]
    for geocoder in sorted(GEOCODERS, key=lambda g: g.order):
        open_ = [i for i, answer in enumerate(answers) if answer.level in ("none", "ambiguous")]
        for i, found in zip(
            open_, geocoder.locate(Batch([addresses[i] for i in open_], matcher, ask)), strict=True
        ):
            # One that was not asked takes nothing away from what another one said.
            if found.score > answers[i].score or not answers[i].method:
                answers[i] = found
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
        "noise": list(answer.noise),
    }
