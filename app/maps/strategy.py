"""The strategy map: a Folium page in our shell, with tiles from the service or with all of it in one file."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.clock import today
from app.errors import NotFound
from app.maps.assets import BASE, inline, localise, stamp_asset
from app.maps.base import Base
from app.maps.facts import Facts, find_facts, list_people, tell_stats
from app.maps.filter_form import CHOSEN
from app.maps.ground import find_scope
from app.maps.layers import Class, Layer, viewer_of
from app.maps.layers.own import COLOURS as OWN_COLOURS
from app.maps.page import PageFigure, Painter, make_map
from app.maps.search_words import TOOL_WORDS
from app.maps.shapes import collect_shapes
from app.maps.style import make_style
from app.maps.telling import tell_layer
from app.maps.words import Lang, list_words, say, tell_number
from app.spatial.colour import PALETTE

NAV = "getu-nav.js"
STYLES = ("tokens.css", "look.css", "strategy.css", "print.css")
SCRIPTS = (
    "getu-core.js",
    "getu-symbols.js",
    "getu-labels.js",
    "getu-plain.js",
    "getu-gl.js",
    "getu-opening.js",
    "getu-again.js",
)
# What a file without a service has no use for.
FROM_SERVICE = ("getu-gl.js", "getu-opening.js", "getu-again.js")
PANELS = (
    "getu-card.js",
    "getu-list.js",
    "getu-cards.js",
    "getu-filter.js",
    "getu-search.js",
    "getu-tools.js",
    "getu-panels.js",
    "getu-express.js",
    "getu-late.js",
    "getu-base.js",
    "getu-print.js",
    "getu-map.js",
)
# Cards whose drawing is brought when the first of them opens.
LATER = ("ground", "customer", "own")
# Brought after the first picture, or by their button.
TOOLS = ("datum", "place", "geodesy", "measure")
# Brought by a button that only a page of the service has.
FORMS = ("own",)
GL = ("maplibre-gl-csp.js", "leaflet-maplibre-gl.js")
GL_WORKER = "vendor/maplibre-gl/maplibre-gl-csp-worker.js"
# Shown in the legend under another layer's switch: the ground stands for all its ways of colouring.
UNDER = {"towns": "towns"}
# Ways of colouring the grids: those that come with the page; others are asked for when they are chosen.
TINTS = ("manager", "branch")
# Layers that lie in the stand-alone file although they are switched on later.
IN_FILE = ("states", "coverage")


@dataclass(frozen=True)
class Page:
    """For whom and how the page is written."""

    bank: str
    lang: Lang = "zh"
    person: str = ""
    role: str = "head"
    csrf: str | None = None
    # What the person is and may do, so that the open page hears when that changes.
    mark: str = ""
    nonce: str | None = None
    may_print: bool = False
    may_import: bool = False
    may_place: bool = False
    may_ground: bool = False
    may_lend: bool = False
    review_number: str = ""
    standalone: bool = False
    # Base maps of the bank that may lie under the ground.
    bases: tuple[Base, ...] = ()

    # What may be done from a card, by right.
    may: tuple[str, ...] = ()

    @property
    def may_day(self) -> bool:
        """Whether the person has a day of his own: who holds grids, or heads those who do."""
        return self.role in ("manager", "branch_head")


def draw_page(session: Session, page: Page) -> str:
    """The strategy map of the session's viewer as an HTML page whose parts all come from our own service.

    Raises NotFound where the bank has no plan yet, UnknownAsset if a link is not ours.
    """
    facts = find_facts(session)
    config = make_config(facts, page)
    # The pale ground around is for those who see a part only: for others their own grids cover it.
    layers = [
        one for one in facts.layers if one.key != "units" or viewer_of(session).db_role == "getu_scoped"
    ]
    config["style"] = make_style(layers, facts.look(page.lang), base="", version=facts.version)
    config["vectorgrid"] = BASE + stamp_asset("vendor/leaflet.vectorgrid/Leaflet.VectorGrid.bundled.js")
    config["later"] = {name: BASE + stamp_asset(f"getu-card-{name}.js") for name in LATER}
    config["tools"] = {name: BASE + stamp_asset(f"getu-{name}.js") for name in (*TOOLS, *FORMS)}
    config["opening"] = f"/api/v1/map/opening?lang={page.lang}&v={facts.version}"
    config["bases"] = [tell_base(base) for base in page.bases]
    config["sight"] = hashlib.sha256(find_scope(session).encode()).hexdigest()[:8]
    return localise(make_figure(facts, page, config, scripts=(*GL, *SCRIPTS, *PANELS)))


def tell_base(base: Base) -> dict[str, Any]:
    """What the page's scripts need to know of a base map."""
    told = asdict(base)
    kept = ("key", "datum", "tile_px", "min_zoom", "max_zoom", "bounds", "attribution")
    return {"address": base.address, **{name: told[name] for name in kept}}


def draw_map(
    session: Session, *, branch: str | None = None, bank: str = "江海农商银行", lang: Lang = "zh"
) -> str:
    """The map as one stand-alone HTML file: opens from a memory stick, asks for nothing.

    It holds shapes, counts and key clients as the session's viewer may see them, no customer's point.
    `branch` (a branch code) keeps that branch's ground. Raises NotFound for an unknown branch or no plan.
    """
    facts = narrow_facts(find_facts(session), branch)
    page = Page(bank=bank, lang=lang, standalone=True)
    config = make_config(facts, page)
    config["data"] = collect_shapes(session, facts, lang=lang)
    config["late"] = {
        layer.key: tell_layer(session, layer, facts=facts, lang=lang)
        for layer in facts.late
        if layer.key in IN_FILE
    }
    config["words"] |= {key: pair[0 if lang == "zh" else 1] for key, pair in TOOL_WORDS.items()}
    scripts = [name for name in SCRIPTS if name not in FROM_SERVICE]
    tools = [f"getu-{name}.js" for name in TOOLS]
    return inline(make_figure(facts, page, config, scripts=(*scripts, *PANELS[:-1], *tools, PANELS[-1])))


def narrow_facts(facts: Facts, branch: str | None) -> Facts:
    """The facts of one branch."""
    if branch is None:
        return facts
    kept = tuple(row for row in facts.branches if row["code"] == branch)
    if not kept:
        raise NotFound(
            "no_branch", zh=f"没有支行 {branch}，或没有网格", en=f"no branch {branch!r} with grids in sight"
        )
    return facts.narrow(kept[0])


def make_figure(facts: Facts, page: Page, config: dict[str, Any], *, scripts: tuple[str, ...]) -> PageFigure:
    """The Folium figure of the page: map, painter, shell."""
    figure = PageFigure("strategy.html", make_context(facts, page, config))
    map_ = make_map(facts.ground.bounds)
    figure.add_child(map_)
    map_.add_child(Painter(config, scripts=scripts, styles=STYLES))
    return figure


def make_config(facts: Facts, page: Page) -> dict[str, Any]:
    """What the page's scripts need to know."""
    return {
        "lang": page.lang,
        "words": list_words(page.lang),
        "bounds": facts.view,
        "csrf": page.csrf,
        "sees_customers": facts.coverage is not None,
        "palette": PALETTE,
        "may": page.may,
        "branch_colours": facts.branch_colours,
        "parts": {layer.key: layer.parts for layer in facts.layers},
        "layers": [
            {"key": one.key, "shown": one.shown, "listed": one.listed, "late": one.late, "tints": one.tints}
            | ({"takes": True} if one.takes else {})
            for one in (*facts.layers, *facts.late)
        ],
        # A thousand managers are no part of the first picture: the page asks for them behind it.
        **(list_people(facts) if page.standalone else {}),
    }


def make_context(facts: Facts, page: Page, config: dict[str, Any]) -> dict[str, Any]:
    """What the template needs to know."""
    standalone_layers = {"customers", "units"} if page.standalone else set()
    legends = [(layer, lines) for layer, lines in facts.legends if layer.key not in standalone_layers]
    lang = page.lang
    return {
        "page": page,
        "nonce": page.nonce,
        "gl_worker": BASE + stamp_asset(GL_WORKER),
        "opening": config.get("opening"),
        "nav_script": BASE + stamp_asset(NAV),
        "ground": facts.ground,
        "legends": legends,
        "legend_lines": list(list_legend(legends, facts, lang)),
        "tints": group_tints(facts.late),
        "late": [one for one in facts.late if one.listed and not one.own and not page.standalone],
        "own": [layer for layer in facts.late if layer.own and not page.standalone],
        "own_colours": OWN_COLOURS,
        "left_out": [layer for layer in facts.late if layer.listed and page.standalone],
        "stats": tell_stats(facts, lang),
        "branches": facts.branches,
        "managers": facts.managers,
        "only": facts.branches[0]["name"] if facts.branch_id is not None else "",
        "today": today().isoformat(),
        "search_words": say("search" if facts.coverage and not page.standalone else "search_plain", lang),
        "say": lambda key, **more: say(key, lang, **more),
        "bases": page.bases,
        "may_filter": facts.coverage is not None and not page.standalone,
        "choices": CHOSEN,
        "number": lambda value: tell_number(value, lang),
        "layer_total": total_layer,
    }


def group_tints(late: Sequence[Layer]) -> dict[str, tuple[str, ...]]:
    """Ways of colouring by what they tell: whose the ground is, and how it is served."""
    tints = [tint for layer in late for tint in layer.tints]
    states = tuple(tint for tint in tints if tint in ("state",))
    return {"whose": (*TINTS, *states), "rates": tuple(tint for tint in tints if tint not in states)}


def total_layer(layer: Layer, lines: tuple[Class, ...]) -> int:
    """How many things a layer shows: grids by kind add up, managers' ground is no further grid."""
    return sum(line.number for line in lines if line.key not in ("managers", "unheld"))


def list_legend(
    legends: list[tuple[Layer, tuple[Class, ...]]], facts: Facts, lang: Lang
) -> list[tuple[str, str | None, Class]]:
    """Legend lines: the switch they stand under, the way of colouring they belong to or None, the line."""
    found: list[tuple[str, str | None, Class]] = []
    for layer, lines in legends:
        if layer.key == "frame" or layer.key == "units":
            continue
        for line in lines:
            tint = "manager" if line.key == "managers" else None
            found.append((UNDER.get(layer.key, layer.key), tint, line))
        if layer.key == "grids":
            branches = Class(
                "branches",
                say("branch_ground", "zh"),
                say("branch_ground", "en"),
                "fills",
                len(facts.branches),
            )
            found.append(("grids", "branch", branches))
    return found
