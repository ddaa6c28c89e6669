"""The page of a manager's day: its parts, its words, and the worker that opens it without signal."""

import hashlib
import json
from typing import Any

from app.maps.assets import BASE, STATIC, stamp_asset
from app.maps.day_words import DAY_WORDS
from app.maps.phone_words import PHONE_WORDS
from app.maps.strategy import Page
from app.maps.words import Lang, say

STYLES = ("vendor/leaflet/leaflet.css", "tokens.css", "look.css", "phone.css", "day.css")
SCRIPTS = (
    "vendor/leaflet/leaflet.js",
    "getu-core.js",
    "getu-outbox.js",
    "getu-day-store.js",
    "getu-day-queue.js",
    "getu-day-photo.js",
    "getu-pin-here.js",
    "getu-pin-map.js",
    "getu-day-parts.js",
    "getu-day-list.js",
    "getu-day-card.js",
    "getu-day-map.js",
    "getu-day-find.js",
    "getu-day-form.js",
    "getu-day-waiting.js",
    "getu-day-me.js",
    "getu-day.js",
)
WORKER = "getu-day-worker.js"
SHARED = (
    "cancel", "close", "failed", "kilometres", "loading", "map", "metres", "other_lang", "other_lang_long",
    "product", "retry", "signed_out", "sign_out", "wait_drop", "wait_drop_sure", "wait_offline",
    "wait_refused",
    "wait_signed_out", "offline", "pin_in", "pin_out", "gps_seeking", "gps_fix", "gps_now", "gps_seconds",
    "gps_minutes", "gps_good", "gps_fair", "gps_poor", "gps_none", "gps_denied", "gps_unavailable",
    "gps_timeout", "gps_insecure", "gps_unsupported", "gps_again",
)  # fmt: skip


def list_day_words(lang: Lang) -> dict[str, str]:
    """The words of the page in a language."""
    at = 0 if lang == "zh" else 1
    shared = {key: PHONE_WORDS[key][at] if key in PHONE_WORDS else say(key, lang) for key in SHARED}
    return shared | {key: pair[at] for key, pair in DAY_WORDS.items()}


def make_day_config(page: Page, *, login: str) -> dict[str, Any]:
    """Words, and whose reports wait on this phone. No token: the page may lie on the phone for days."""
    return {"lang": page.lang, "words": list_day_words(page.lang), "login": login, "person": page.person}


def write_worker() -> str:
    """The service worker's text: the list of parts that it keeps, and what it does with them."""
    parts = [BASE + stamp_asset(name) for name in (*STYLES, *SCRIPTS)]
    text = (STATIC / WORKER).read_text(encoding="utf-8")
    version = hashlib.sha256("".join([*parts, text]).encode()).hexdigest()[:12]
    return f"self.SHELL = {json.dumps({'version': version, 'parts': parts})};\n{text}"
