"""The page of responsibility: what its scripts must know before they ask for anything."""

from typing import Any

from app.maps.ground import Ground
from app.maps.scheme_words import BORROWED, SCHEME_WORDS
from app.maps.strategy import Page
from app.maps.words import say
from app.spatial.colour import PALETTE

STYLES = ("vendor/leaflet/leaflet.css", "tokens.css", "look.css", "strategy.css", "desk.css", "scheme.css")
SCRIPTS = (
    "vendor/leaflet/leaflet.js",
    "getu-core.js",
    "getu-imports-follow.js",
    "getu-placement-labels.js",
    "getu-scheme-map.js",
    "getu-scheme-lists.js",
    "getu-scheme-problems.js",
    "getu-scheme.js",
)
STOPPED = ("getu-core.js", "getu-imports-follow.js")
RIGHTS = ("plan_ground", "divide_ground", "report_visits")


def make_scheme_config(page: Page, ground: Ground | None, *, rights: frozenset[str]) -> dict[str, Any]:
    """What the page needs: language, words, the token, the plan in force, and what may be done."""
    at = 0 if page.lang == "zh" else 1
    words = {key: say(key, page.lang) for key in BORROWED}
    words |= {key: pair[at] for key, pair in SCHEME_WORDS.items()}
    return {
        "lang": page.lang,
        "csrf": page.csrf,
        "words": words,
        "plan": None if ground is None else ground.code,
        "colours": list(PALETTE),
        "rights": [right for right in RIGHTS if right in rights],
    }
