"""The page of households: what its scripts must know before they ask for any."""

from typing import Any

from app.maps.household_words import BORROWED, HOUSEHOLD_WORDS
from app.maps.strategy import Page
from app.maps.words import say

STYLES = ("tokens.css", "look.css", "strategy.css", "desk.css", "households.css")
SCRIPTS = (
    "getu-core.js",
    "getu-imports-follow.js",
    "getu-households-list.js",
    "getu-households-one.js",
    "getu-households.js",
)
STOPPED = ("getu-core.js", "getu-imports-follow.js")


def make_households_config(page: Page, *, rights: frozenset[str]) -> dict[str, Any]:
    """What the page needs: language, words, the token, whether it may start a run."""
    at = 0 if page.lang == "zh" else 1
    words = {key: say(key, page.lang) for key in BORROWED}
    words |= {key: pair[at] for key, pair in HOUSEHOLD_WORDS.items()}
    return {"lang": page.lang, "csrf": page.csrf, "words": words, "may_run": "assign_customers" in rights}
