"""The ground desk: what its page's scripts must know, and the sketch of a plan that they draw first."""

import json
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_all, fetch_one
from app.errors import NotFound
from app.glossary import find_term
from app.maps.ground_words import BORROWED, GROUND_WORDS
from app.maps.strategy import Page
from app.maps.words import Lang, say
from app.territory.ground import CHECKS
from app.territory.plans import list_plans

STYLES = (
    "vendor/leaflet/leaflet.css",
    "vendor/leaflet-geoman/leaflet-geoman.css",
    "tokens.css",
    "look.css",
    "strategy.css",
    "desk.css",
    "ground.css",
)
SCRIPTS = (
    "vendor/leaflet/leaflet.js",
    "vendor/leaflet-geoman/leaflet-geoman.js",
    "getu-core.js",
    "getu-imports-follow.js",
    "getu-talk.js",
    "getu-placement-labels.js",
    "getu-ground-words.js",
    "getu-ground-shapes.js",
    "getu-ground-list.js",
    "getu-ground-map.js",
    "getu-ground-measure.js",
    "getu-ground-options.js",
    "getu-ground-record.js",
    "getu-ground-clean.js",
    "getu-ground-tools.js",
    "getu-ground-drawing.js",
    "getu-ground-form.js",
    "getu-ground-edit.js",
    "getu-ground-conflict.js",
    "getu-ground-keys.js",
    "getu-ground.js",
)
STOPPED = ("getu-core.js", "getu-imports-follow.js")
GRID_KINDS = ("village", "community", "street", "district", "market", "park", "compound")
OPEN = ("draft", "checked")
_OUTLINE = ("lon", "lat", "bbox", "shape", "unit_codes")
_AROUND = 0.03
"""Degrees (about 3 km) beyond the viewer's own grids."""


def find_desk_plan(session: Session, code: str | None) -> dict[str, Any] | None:
    """The plan the desk opens: id, code, name, status; None where there is no plan (of that code)."""
    return fetch_one(session, "maps/find_desk_plan", code=code)


def make_ground_config(
    session: Session, page: Page, plan: dict[str, Any] | None, *, rights: frozenset[str]
) -> dict[str, Any]:
    """What the desk needs: words, the plan and the others, kinds of findings and grids, what may be done."""
    editable = plan is not None and plan["status"] in OPEN
    chosen = ("code", "name", "status", "grids")
    return {
        **make_plain_config(page),
        "plan": plan and {key: plan[key] for key in ("code", "name", "status")},
        "plans": [{key: one[key] for key in chosen} for one in list_plans(session)],
        "checks": [
            {"kind": check.kind, "group": check.group, "severity": check.severity} for check in CHECKS
        ],
        "grid_kinds": list(GRID_KINDS),
        "may_plan": editable and "plan_ground" in rights,
        "may_divide": editable and "divide_ground" in rights,
        "may_check": "plan_ground" in rights,
        "whole": session.info["viewer"].db_role != "getu_scoped",
        "sees_customers": "see_customers" in rights,
    }


def make_plain_config(page: Page) -> dict[str, Any]:
    """What the bar alone needs: the language, its words, the token."""
    return {"lang": page.lang, "csrf": page.csrf, "words": list_ground_words(page.lang)}


def list_ground_words(lang: Lang) -> dict[str, str]:
    """The desk's words in a language; findings are called as everywhere in the house."""
    at = 0 if lang == "zh" else 1
    own = {key: pair[at] for key, pair in GROUND_WORDS.items()}
    terms = {check.kind: (check.label.zh, check.label.en)[at] for check in CHECKS}
    kinds = {kind: (find_term(kind).zh, find_term(kind).en)[at] for kind in GRID_KINDS}
    return (
        {key: say(key, lang) for key in BORROWED}
        | {f"finding_{kind}": words for kind, words in terms.items()}
        | {f"why_{check.kind}": (check.why_zh, check.why_en)[at] for check in CHECKS}
        | {f"grid_kind_{kind}": words for kind, words in kinds.items()}
        | own
    )


def sketch_plan(session: Session, code: str) -> dict[str, Any]:
    """The plan as far as the viewer sees it, outlines to about 30 m (GeoJSON, EPSG:4326), and its frame.

    Raises NotFound where there is no such plan.
    """
    plan = find_desk_plan(session, code)
    if plan is None:
        raise NotFound("no_plan", zh=f"没有网格规划 {code}", en=f"there is no plan {code}")
    frame = fetch_one(session, "maps/find_sketch_frame", plan_id=plan["id"]) or {}
    grids = fetch_all(session, "maps/list_sketch_grids", plan_id=plan["id"])
    return {
        "plan": code,
        "bbox": frame.get("bbox"),
        "frame": json.loads(frame["shape"]) if frame.get("shape") else None,
        "around": _list_around(session, grids),
        "grids": [
            {
                **{key: value for key, value in row.items() if key not in _OUTLINE},
                "at": [row["lon"], row["lat"]],
                "bbox": row["bbox"],
                "geometry": json.loads(row["shape"]),
            }
            for row in grids
        ],
    }


def _list_around(session: Session, grids: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The villages round the grids of somebody who sees a part only: ground that others look after."""
    if session.info["viewer"].db_role != "getu_scoped" or not grids:
        return []
    boxes = [row["bbox"] for row in grids]
    west, south = (min(box[side] for box in boxes) - _AROUND for side in (0, 1))
    east, north = (max(box[side] for box in boxes) + _AROUND for side in (2, 3))
    own = {code for row in grids for code in row["unit_codes"]}
    return [unit for unit in list_units(session, (west, south, east, north)) if unit["code"] not in own]


def list_units(session: Session, box: tuple[float, float, float, float]) -> list[dict[str, Any]]:
    """The units in force in a box (west, south, east, north; degrees), with outlines to about 1 m."""
    sides = dict(zip(("west", "south", "east", "north"), box, strict=True))
    rows = fetch_all(session, "maps/list_sketch_units", **sides)
    return [
        {**{key: row[key] for key in ("code", "name", "kind", "town")}, "geometry": json.loads(row["shape"])}
        for row in rows
    ]


def list_points(session: Session, code: str, finding_id: int) -> list[dict[str, Any]]:
    """Customers in and around a finding's ground as points (EPSG:4326), as far as the viewer sees them."""
    plan = find_desk_plan(session, code)
    if plan is None:
        raise NotFound("no_plan", zh=f"没有网格规划 {code}", en=f"there is no plan {code}")
    return fetch_all(session, "maps/list_finding_points", plan_id=plan["id"], finding_id=finding_id)
