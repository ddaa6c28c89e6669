"""The import desk: what its page's scripts must know before they ask for any import."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from app.customers.intake import Source
from app.glossary import find_term
from app.maps.intake_words import INTAKE_WORDS
from app.maps.strategy import Page
from app.maps.words import Lang, list_words
from app.spatial import crs
from app.spatial.crs.zones import ZONES
from app.spatial.formats.kinds import FORMATS, SUFFIXES
from app.territory.boundaries.fields import UNIT_FIELDS
from app.territory.boundaries.kinds import BOUNDARY_KINDS

STYLES = ("tokens.css", "look.css", "strategy.css", "desk.css")
CORE = ("getu-core.js", "getu-imports-follow.js")
LIST_SCRIPTS = (*CORE, "getu-imports-customers.js", "getu-imports-drop.js", "getu-imports.js")
DESK_SCRIPTS = (
    *CORE,
    "getu-imports-customers.js",
    "getu-imports-tell.js",
    "getu-imports-picture.js",
    "getu-imports-ask.js",
    "getu-imports-found.js",
    "getu-imports-trial.js",
    "getu-imports-desk.js",
)
# Parts that lie beside a layer and are taken along in silence, and packed files.
BESIDE = (".zip", ".shx", ".sbn", ".sbx", ".qix", ".qpj", ".xml", ".fix")
# What a person may choose where nothing was found: degrees first, then the zones of each datum.
PLAIN_SYSTEMS = ("EPSG:4326", "gcj02", "bd09", "EPSG:3857", "EPSG:4610", "EPSG:4214")
NEITHER = {"EPSG:3857": ("Web 墨卡托", "Web Mercator")}


def make_list_config(page: Page, *, limit_bytes: int, sources: Sequence[Source] = ()) -> dict[str, Any]:
    """What the list and its drop zone need: words, kinds, suffixes that are taken, the limit.

    `sources` are the systems whose customer files this person may bring in.
    """
    at = 0 if page.lang == "zh" else 1
    return {
        **_share(page),
        "suffixes": sorted({*SUFFIXES, *BESIDE}),
        "formats": [(kind.title_zh, kind.title_en)[at] for kind in FORMATS],
        "limit_bytes": limit_bytes,
        "sources": [
            {"code": one.code, "name": (one.zh, one.en or one.code)[at], "delivery": one.delivery}
            for one in sources
            if one.active
        ],
    }


def make_desk_config(page: Page, *, import_id: int) -> dict[str, Any]:
    """What the page of one import needs: words, kinds, the terms of a unit, names of coordinate systems."""
    at = 0 if page.lang == "zh" else 1
    return {
        **_share(page),
        "import_id": import_id,
        "terms": {code: (find_term(code).zh, find_term(code).en)[at] for code in UNIT_FIELDS},
        "systems": _name_systems(page.lang),
        "formats": {
            kind.key: re.split(r"[（(]", (kind.title_zh, kind.title_en)[at])[0].strip() for kind in FORMATS
        },
    }


def _share(page: Page) -> dict[str, Any]:
    at = 0 if page.lang == "zh" else 1
    return {
        "lang": page.lang,
        "words": {
            **list_words(page.lang, desk=True),
            **{key: pair[at] for key, pair in INTAKE_WORDS.items()},
        },
        "csrf": page.csrf,
        "kinds": {kind.key: (kind.zh, kind.en)[at] for kind in BOUNDARY_KINDS},
    }


@cache
def _name_systems(lang: Lang) -> dict[str, str]:
    """Every system a person may name -> its name; the order is the order of the list."""
    return dict(_describe_systems(0 if lang == "zh" else 1))


def _describe_systems(at: int) -> Iterator[tuple[str, str]]:
    for system in PLAIN_SYSTEMS:
        yield system, NEITHER.get(system, crs.describe(system))[at]
    for epsg in sorted(ZONES, key=lambda one: (ZONES[one].datum != "cgcs2000", one)):
        yield f"EPSG:{epsg}", crs.describe(f"EPSG:{epsg}")[at]
