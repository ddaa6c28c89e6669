"""The page of the lending-area check: what its scripts must know before they ask for anything."""

from typing import Any

from sqlalchemy.orm import Session

from app.access import Person
from app.db import as_worker, fetch_all
from app.maps.ground import Ground
from app.maps.lending_words import BORROWED, LENDING_WORDS
from app.maps.strategy import Page
from app.maps.words import say

STYLES = (
    "vendor/leaflet/leaflet.css",
    "tokens.css",
    "look.css",
    "strategy.css",
    "desk.css",
    "scheme.css",
    "lending.css",
)
SCRIPTS = (
    "vendor/leaflet/leaflet.js",
    "getu-core.js",
    "getu-imports-follow.js",
    "getu-placement-labels.js",
    "getu-scheme-map.js",
    "getu-lending-answer.js",
    "getu-lending-lists.js",
    "getu-lending.js",
)
STOPPED = ("getu-core.js", "getu-imports-follow.js")


def list_houses(session: Session) -> list[dict[str, Any]]:
    """The houses for which the viewer may ask: code, name, parent, holds (grids of its own today), holders
    first."""
    everything = session.info["viewer"].db_role == "getu_head"
    with as_worker(session):
        return fetch_all(session, "maps/list_lending_houses", all=everything)


def make_lending_config(
    page: Page, ground: Ground | None, *, person: Person, houses: list[dict[str, Any]]
) -> dict[str, Any]:
    """What the page needs: language, words, the token, the houses one may ask for, and who looks."""
    at = 0 if page.lang == "zh" else 1
    words = {key: say(key, page.lang) for key in BORROWED}
    words |= {key: pair[at] for key, pair in LENDING_WORDS.items()}
    return {
        "lang": page.lang,
        "csrf": page.csrf,
        "words": words,
        "plan": None if ground is None else ground.code,
        "houses": houses,
        "mayAllow": "allow_lending" in person.rights,
        "user": person.user_id,
    }
