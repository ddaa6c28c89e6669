"""The page for pinning on the spot: what its scripts must know, and the ground drawn without a network."""

import json
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_all
from app.maps.phone_words import PHONE_WORDS
from app.maps.strategy import Page
from app.maps.words import Lang, say

STYLES = ("vendor/leaflet/leaflet.css", "tokens.css", "look.css", "phone.css")
SCRIPTS = (
    "vendor/leaflet/leaflet.js",
    "getu-core.js",
    "getu-outbox.js",
    "getu-pin-queue.js",
    "getu-pin-here.js",
    "getu-pin-map.js",
    "getu-pin.js",
)
SHARED = (
    "cancel", "close", "failed", "kilometres", "loading", "map", "metres", "other_lang", "other_lang_long",
    "product", "retry", "signed_out", "rung_0", "rung_1", "rung_2", "rung_3", "rung_4", "rung_5", "rung_6",
)  # fmt: skip


def make_phone_config(page: Page, *, login: str) -> dict[str, Any]:
    """Words, token, and whose pins wait on this phone: another person's are never sent by this one."""
    return {"lang": page.lang, "words": list_phone_words(page.lang), "csrf": page.csrf, "login": login}


def list_phone_words(lang: Lang) -> dict[str, str]:
    """The words of the page in a language."""
    own = {key: pair[0 if lang == "zh" else 1] for key, pair in PHONE_WORDS.items()}
    return {key: say(key, lang) for key in SHARED} | own


def list_pin_ground(session: Session) -> dict[str, Any]:
    """GeoJSON (EPSG:4326) of the viewer's grids and, pale, the villages round them (`grid_id` null)."""
    rows = fetch_all(session, "maps/list_pin_ground")
    features = [
        {
            "type": "Feature",
            "properties": {"grid_id": row["grid_id"], "code": row["code"], "name": row["name"]},
            "geometry": json.loads(row["shape"]),
        }
        for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}
