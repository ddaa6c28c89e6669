"""The strategy map: a Folium page in our shell, with tiles from the service or with all of it in one file."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.clock import today
from app.errors import NotFound
from app.maps.assets import BASE, inline, localise, stamp_asset
from app.maps.facts import Facts, find_facts, tell_stats
from app.maps.layers import Class, Layer, viewer_of
from app.maps.page import PageFigure, Painter, make_map
from app.maps.shapes import collect_shapes
from app.maps.style import make_style
from app.maps.words import Lang, list_words, say, tell_number
from app.spatial.colour import PALETTE

STYLES = ("tokens.css", "look.css", "strategy.css")
SCRIPTS = ("getu-core.js", "getu-symbols.js", "getu-labels.js", "getu-plain.js", "getu-gl.js")
PANELS = ("getu-card.js", "getu-panels.js", "getu-map.js")
GL = ("maplibre-gl.js", "leaflet-maplibre-gl.js")
# Shown in the legend under another layer's switch: the ground stands for all its ways of colouring.
UNDER = {"coverage": "grids", "penetration": "grids", "towns": "towns"}


@dataclass(frozen=True)
class Page:
    """For whom and how the page is written."""

    bank: str
    lang: Lang = "zh"
    person: str = ""
    role: str = "head"
    csrf: str | None = None
    nonce: str | None = None
    may_print: bool = False
    may_import: bool = False
    may_place: bool = False
    may_ground: bool = False
    may_lend: bool = False
    review_number: str = ""
    standalone: bool = False


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
    return localise(make_figure(facts, page, config, scripts=(*GL, *SCRIPTS, *PANELS)))


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
    scripts = [name for name in SCRIPTS if name != "getu-gl.js"]
    return inline(make_figure(facts, page, config, scripts=(*scripts, *PANELS)))


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
    figure = PageFigure("strategy.html", make_context(facts, page))
    map_ = make_map(facts.ground.bounds)
    figure.add_child(map_)
    map_.add_child(Painter(config, scripts=scripts, styles=STYLES))
    return figure


def make_config(facts: Facts, page: Page) -> dict[str, Any]:
    """What the page's scripts need to know."""
    return {
        "lang": page.lang,
        "words": list_words(page.lang),
        "bounds": find_view(facts),
        "csrf": page.csrf,
        "sees_customers": facts.coverage is not None,
        "palette": PALETTE,
        "branch_colours": facts.branch_colours,
        "ramps": {key: {"breaks": ramp.breaks, "colours": ramp.colours} for key, ramp in facts.ramps.items()},
        "parts": {layer.key: layer.parts for layer in facts.layers},
        "layers": [{"key": one.key, "shown": one.shown, "listed": one.listed} for one in facts.layers],
        "branches": facts.branches,
        "managers": facts.managers,
    }


def find_view(facts: Facts) -> tuple[float, float, float, float]:
    """West, south, east, north of the ground in sight: a manager's map opens on his own grids."""
    rows = facts.managers
    if not rows:
        return facts.ground.bounds
    return (
        min(row["west"] for row in rows),
        min(row["south"] for row in rows),
        max(row["east"] for row in rows),
        max(row["north"] for row in rows),
    )


def make_context(facts: Facts, page: Page) -> dict[str, Any]:
    """What the template needs to know."""
    standalone_layers = {"customers", "units"} if page.standalone else set()
    legends = [(layer, lines) for layer, lines in facts.legends if layer.key not in standalone_layers]
    lang = page.lang
    return {
        "page": page,
        "nonce": page.nonce,
        "ground": facts.ground,
        "legends": legends,
        "legend_lines": list(list_legend(legends, facts, lang)),
        "ramps": facts.swatches(),
        "tints": ("manager", "branch", *facts.ramps),
        "stats": tell_stats(facts, lang),
        "branches": facts.branches,
        "managers": facts.managers,
        "today": today().isoformat(),
        "search_words": say("search" if facts.coverage and not page.standalone else "search_plain", lang),
        "say": lambda key, **more: say(key, lang, **more),
        "number": lambda value: tell_number(value, lang),
        "layer_total": total_layer,
    }


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
            tint = line.key if layer.key == "coverage" else "manager" if line.key == "managers" else None
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
