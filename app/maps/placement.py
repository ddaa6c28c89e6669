"""The placement desk: what its page's scripts must know before they ask for any case."""

from typing import Any

from sqlalchemy.orm import Session

from app.customers.placing import RUNGS
from app.db import fetch_one
from app.maps.placement_words import BORROWED, PLACEMENT_WORDS
from app.maps.strategy import Page
from app.maps.words import Lang, say

STYLES = ("vendor/leaflet/leaflet.css", "tokens.css", "look.css", "strategy.css", "desk.css", "placement.css")
SCRIPTS = (
    "vendor/leaflet/leaflet.js",
    "getu-core.js",
    "getu-imports-follow.js",
    "getu-talk.js",
    "getu-placement-funnel.js",
    "getu-placement-list.js",
    "getu-placement-labels.js",
    "getu-placement-map.js",
    "getu-placement-case.js",
    "getu-placement-jobs.js",
    "getu-placement-keys.js",
    "getu-placement.js",
)
STOPPED = ("getu-core.js", "getu-imports-follow.js")


def make_placement_config(session: Session, page: Page, *, rights: frozenset[str]) -> dict[str, Any]:
    """What the desk needs: words, whether there are names and a plan, the bounds, what may be done."""
    ground = fetch_one(session, "maps/find_desk_ground") or {}
    sides = [ground.get(side) for side in ("west", "south", "east", "north")]
    return {
        **make_plain_config(page),
        "user_id": session.info["viewer"].user_id,
        "gazetteer": bool(ground.get("gazetteer")),
        "plan": bool(ground.get("plan")),
        "bounds": sides if None not in sides else None,
        "may_run": "assign_customers" in rights,
        "may_ask": "ask_places" in rights,
        "may_import": "import_customers" in rights,
    }


def make_plain_config(page: Page) -> dict[str, Any]:
    """What the bar alone needs: the language, its words, the token."""
    return {"lang": page.lang, "csrf": page.csrf, "words": list_placement_words(page.lang)}


def list_placement_words(lang: Lang) -> dict[str, str]:
    """The desk's words in a language; in Chinese the rungs are called as everywhere in the house."""
    own = {key: pair[0 if lang == "zh" else 1] for key, pair in PLACEMENT_WORDS.items()}
    rungs = {f"rung_{rung}": words for rung, words in RUNGS.items()} if lang == "zh" else {}
    return {key: say(key, lang) for key in BORROWED} | own | rungs
