"""The page of plans: which parts a role has, and what its scripts must know before they ask."""

import json
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_all, fetch_value
from app.maps.plans_words import BORROWED, PLANS_WORDS
from app.maps.strategy import Page
from app.maps.words import say
from app.territory.plans.listing import find_plan

STYLES = ("vendor/leaflet/leaflet.css", "tokens.css", "look.css", "strategy.css", "desk.css", "plans.css")
SCRIPTS = (
    "vendor/leaflet/leaflet.js",
    "getu-core.js",
    "getu-imports-follow.js",
    "getu-plans-kit.js",
    "getu-plans-map.js",
    "getu-plans-life.js",
    "getu-plans-acts.js",
    "getu-plans-new.js",
    "getu-plans-diff.js",
    "getu-plans-allot.js",
    "getu-plans-offers.js",
    "getu-plans-mine.js",
    "getu-plans-staff.js",
    "getu-plans-who.js",
    "getu-plans.js",
)
TABS = {
    "head": ("life", "diff", "allot", "staff", "who"),
    "branch_head": ("allot", "life", "diff", "staff", "who"),
    "manager": ("mine", "who"),
    "analyst": ("life", "diff", "who"),
}
"""The parts of the page by role; the first one opens."""


def list_tabs(role: str) -> tuple[str, ...]:
    """The parts of the page that a role has."""
    return TABS.get(role, ("life", "diff", "who"))


def make_plans_config(session: Session, page: Page, *, rights: frozenset[str]) -> dict[str, Any]:
    """What the scripts need: words, rights, and the branches, people and towns in the viewer's sight."""
    at, user_id = 0 if page.lang == "zh" else 1, session.info["viewer"].user_id
    words = {key: say(key, page.lang) for key in BORROWED}
    words |= {key: pair[at] for key, pair in PLANS_WORDS.items()}
    return {
        "lang": page.lang,
        "csrf": page.csrf,
        "words": words,
        "role": page.role,
        "user_id": user_id,
        "staff_code": fetch_value(session, "maps/find_own_staff", user_id=user_id),
        "rights": sorted(rights),
        "tabs": list_tabs(page.role),
        "branches": fetch_all(session, "maps/list_plan_branches"),
        "staff": fetch_all(session, "maps/list_plan_staff"),
        "towns": fetch_all(session, "maps/list_plan_towns"),
        "imports": list_imports(session, rights),
    }


def list_imports(session: Session, rights: frozenset[str]) -> list[dict[str, Any]]:
    """Boundary files that came in, newest first; nothing for those who may not plan."""
    return fetch_all(session, "maps/list_plan_imports") if "plan_ground" in rights else []


def list_outlines(session: Session, code: str) -> dict[str, Any]:
    """The level 3 grids of a plan in sight as GeoJSON in EPSG:4326, outlines to about 20 m.

    Each with name, kind, town, branch, manager, households, customers (None where no assignment counted
    them) and `allotted`. Raises NotFound where there is no such plan.
    """
    plan = find_plan(session, code)
    features = [
        {"type": "Feature", "geometry": json.loads(row.pop("shape")), "properties": row}
        for row in fetch_all(session, "maps/list_plan_outlines", plan_id=plan.id)
    ]
    return {"type": "FeatureCollection", "plan": plan.code, "features": features}
