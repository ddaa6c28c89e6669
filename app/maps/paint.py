"""How each layer looks on screen: its MapLibre style layers, without source and id (see style.py).

Values are those of the design tokens. Labels name fonts of the machine: the style has no glyph server.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.maps.words import WORDS
from app.spatial.colour import NO_DATA, PALETTE, SEQUENTIAL

OUTSIDE = "#e7eef2"
PAPER = "#fafaf7"
PALE = "#f1f3f0"
INK = "#17232b"
MANAGER_LINE = "#7b868c"
TOWN_LINE = "#47545c"
FRAME_LINE = "#22303a"
FAULT = "#a81d17"
SELECT = "#074853"
FAMILIES = [
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "sans-serif",
]
PLAIN = ["Noto Sans CJK SC Medium", *FAMILIES]
BOLD = ["Noto Sans CJK SC Bold", *FAMILIES]
# A name steps aside for a symbol that stands in its place.
ASIDE: dict[str, Any] = {"text-variable-anchor": ["center", "top", "bottom"], "text-radial-offset": 0.7}
# From this zoom (512 px tiles) villages are named at their anchors, so that other symbols there step aside.
NAMES_FROM = 11.5

Json = dict[str, Any]


@dataclass(frozen=True)
class Ramp:
    """A rate's inner breaks, one colour a class, in one order."""

    breaks: tuple[float, ...] = ()
    colours: tuple[str, ...] = (SEQUENTIAL[2],)


@dataclass(frozen=True)
class Look:
    """What the style depends on: language, colours of branches, classes of the two rates."""

    lang: str = "zh"
    branch_colours: Mapping[int, int] = field(default_factory=dict)
    coverage: Ramp = Ramp()
    penetration: Ramp = Ramp()


def line(source: str, colour: str, width: Any, **more: Any) -> Json:
    """A plain round line of a part."""
    return {
        "type": "line",
        "source-layer": source,
        "layout": {"line-join": "round", "line-cap": "round"},
        "paint": {"line-color": colour, "line-width": width, **more},
    }


def fill(source: str, colour: Any, **more: Any) -> Json:
    """A fill of a part."""
    return {
        "type": "fill",
        "source-layer": source,
        "paint": {"fill-color": colour, "fill-antialias": False, **more},
    }


def label(source: str, text: Any, *, size: int, colour: str = INK, layout: Json | None = None) -> Json:
    """A text of a point part: a thin halo of paper, so that it reads where it crosses a line."""
    return {
        "type": "symbol",
        "source-layer": source,
        "layout": {
            "text-field": text,
            "text-font": PLAIN,
            "text-size": size,
            "text-padding": 4,
            "text-max-width": 12,
            **(layout or {}),
        },
        "paint": {"text-color": colour, "text-halo-color": "rgba(255,255,255,.85)", "text-halo-width": 1.4},
    }


def icon(source: str, image: Any, layout: Json | None = None) -> Json:
    """A symbol of a point part; the page draws the images itself (see getu-symbols.js)."""
    return {
        "type": "symbol",
        "source-layer": source,
        "layout": {
            "icon-image": image,
            "icon-allow-overlap": True,
            "icon-ignore-placement": False,
            **(layout or {}),
        },
    }


def paint_frame(look: Look) -> list[Json]:
    """Paper with a soft shore and a dark outline."""
    return [
        line("frame", "#dfe8ed", 14, **{"line-opacity": 0.9}),
        fill("frame", PAPER),
    ]


def paint_units(look: Look) -> list[Json]:
    """Neighbouring ground: pale, white lines, small grey names far in."""
    names = label("units", ["get", "name"], size=12, colour="#5a6a75")
    names["minzoom"] = 11
    return [fill("units", PALE), line("units", "#ffffff", 1)]


def tinted(layer: Json, tint: str) -> Json:
    """A layer that is shown for one way of colouring only."""
    hidden = {} if tint == "manager" else {"layout": {"visibility": "none"}}
    return {**layer, **hidden, "metadata": {"tint": tint}}


def match(key: str, colours: Mapping[int, str], other: str) -> Any:
    """A match expression, or the one colour where there is nothing to match."""
    if not colours:
        return other
    pairs = [part for pair in colours.items() for part in pair]
    return ["match", ["get", key], *pairs, other]


def paint_grids(look: Look) -> list[Json]:
    """Grids by manager or by branch, white lines between grids, grey between managers."""
    by_manager = [
        "case",
        ["has", "manager_id"],
        match("colour_no", dict(enumerate(PALETTE)), NO_DATA),
        "#ffffff",
    ]
    by_branch = match("branch_id", {k: PALETTE[v] for k, v in look.branch_colours.items()}, "#ffffff")
    border = line("managers", MANAGER_LINE, 1, **{"line-opacity": 0.75})
    border["metadata"] = {"tint": "manager"}
    return [
        tinted(fill("grids", by_manager), "manager"),
        tinted(fill("grids", by_branch), "branch"),
        {**line("grids", "#ffffff", 0.8), "metadata": {"over": True}},
        {**border, "metadata": {"over": True}},
    ]


def name_grids(look: Look) -> list[Json]:
    """Managers' names, giving way to village names nearer in; each only where it fits its own ground."""
    fits = ["<=", ["get", "fits"], ["zoom"]]
    managers = label("manager_names", ["get", "name"], size=12, colour="#2f3d46", layout=ASIDE)
    managers |= {"filter": fits, "maxzoom": NAMES_FROM}
    text = [
        "format",
        ["get", "name"],
        {},
        "\n",
        {},
        ["coalesce", ["get", "manager"], ""],
        {"font-scale": 0.9},
    ]
    grids = label("grid_names", text, size=13, layout=ASIDE)
    grids |= {"filter": fits, "minzoom": NAMES_FROM}
    return [managers, grids]


def step(key: str, ramp: Ramp) -> Any:
    """Colour by class of a rate; grey where there is no rate."""
    if len(ramp.colours) < 2:
        shade: Any = ramp.colours[0]
    else:
        pairs = [part for pair in zip(ramp.breaks, ramp.colours[1:], strict=True) for part in pair]
        shade = ["step", ["get", key], ramp.colours[0], *pairs]
    return ["case", ["has", key], shade, NO_DATA]


def paint_coverage(look: Look) -> list[Json]:
    """The two rates, each its own way of colouring."""
    return [
        tinted(fill("coverage", step("coverage", look.coverage)), "coverage"),
        tinted(fill("coverage", step("penetration", look.penetration)), "penetration"),
        {
            **tinted(line("coverage", "#ffffff", 0.8), "coverage"),
            "metadata": {"tint": "coverage penetration"},
        },
    ]


def paint_towns(look: Look) -> list[Json]:
    """Town borders."""
    return [line("towns", TOWN_LINE, ["interpolate", ["linear"], ["zoom"], 8, 1.4, 12, 2])]


def name_towns(look: Look) -> list[Json]:
    """Town names: bold, spaced, the first of the texts to claim room."""
    names = label(
        "town_names",
        ["get", "name"],
        size=14,
        layout={"text-font": BOLD, "text-letter-spacing": 0.08, **ASIDE},
    )
    names["maxzoom"] = 12
    return [names]


def paint_outlets(look: Look) -> list[Json]:
    """White-rimmed squares; head office and branches larger than outlets; names near in."""
    image = ["match", ["get", "kind"], "outlet", "square-small", "square"]
    houses = icon(
        "outlets", image, {"symbol-sort-key": ["match", ["get", "kind"], "head_office", 0, "branch", 1, 2]}
    )
    names = label(
        "outlets",
        ["get", "name"],
        size=12,
        colour="#0b4350",
        layout={"text-offset": [0, 1.1], "text-anchor": "top"},
    )
    return [houses, {**names, "minzoom": 12}]


def paint_key_clients(look: Look) -> list[Json]:
    """Stars and triangles, hollow with a number where only the village is known."""
    image = [
        "concat",
        ["match", ["get", "tier"], "strategic", "star", "triangle"],
        ["case", ["get", "placed"], "", "-hollow"],
    ]
    symbols = icon("key_clients", image, {"symbol-sort-key": ["match", ["get", "tier"], "strategic", 0, 1]})
    numbers = label(
        "key_clients",
        ["to-string", ["get", "number"]],
        size=12,
        colour="#40505b",
        layout={"text-offset": [0.9, 0], "text-anchor": "left"},
    )
    return [symbols, {**numbers, "filter": [">", ["get", "number"], 1], "minzoom": 10}]


def paint_customers(look: Look) -> list[Json]:
    """Rings that grow with the number; from zoom 13 points, beside rings of village-level answers."""
    size = ["interpolate", ["linear"], ["sqrt", ["get", "number"]], 0, 3, 20, 7, 60, 14, 150, 26]
    rings = {
        "type": "circle",
        "source-layer": "customer_counts",
        "paint": {
            "circle-radius": size,
            "circle-color": "#12606f",
            "circle-opacity": 0.55,
            "circle-stroke-color": "#ffffff",
            "circle-stroke-width": 1.5,
            "circle-translate": ["step", ["zoom"], ["literal", [0, 0]], NAMES_FROM, ["literal", [0, 44]]],
        },
    }
    aside = ["step", ["zoom"], ["literal", [0, 0]], NAMES_FROM, ["literal", [0, 3.7]]]
    numbers = label(
        "customer_counts",
        ["number-format", ["get", "number"], {"locale": "en"}],
        size=12,
        layout={"text-offset": aside},
    )
    points = {
        "type": "circle",
        "source-layer": "customers",
        "minzoom": 12,
        "paint": {
            "circle-radius": ["interpolate", ["linear"], ["zoom"], 13, 2.2, 16, 5],
            "circle-color": ["case", ["get", "existing"], "#12606f", "#ffffff"],
            "circle-stroke-color": ["case", ["get", "existing"], "#ffffff", "#40505b"],
            "circle-stroke-width": 1,
        },
    }
    return [points, rings, {**numbers, "minzoom": 10}]


def paint_liaisons(look: Look) -> list[Json]:
    """Small figures, a little above the grid's middle."""
    return [
        icon(
            "liaisons",
            "person",
            {"icon-offset": ["step", ["zoom"], ["literal", [0, 0]], NAMES_FROM, ["literal", [0, -28]]]},
        )
    ]


def paint_findings(look: Look) -> list[Json]:
    """Overlaps hatched with a dashed edge, gaps white with a red edge, what only needs a look in amber."""
    hatched = ["in", ["get", "kind"], ["literal", ["overlap", "duplicate", "sliver"]]]
    bare = ["in", ["get", "kind"], ["literal", ["gap", "outside", "invalid"]]]
    nested = ["==", ["get", "kind"], "nested"]
    dashed = line("findings", FAULT, 1.6, **{"line-dasharray": [3, 2]})
    return [
        {**fill("findings", "#ffffff", **{"fill-opacity": 0.55}), "filter": hatched},
        {**fill("findings", FAULT), "filter": hatched, "paint": {"fill-pattern": "hatch"}},
        {**dashed, "filter": hatched},
        {**fill("findings", "#ffffff"), "filter": bare},
        {**line("findings", FAULT, 2.4), "filter": bare},
        {**line("findings", "#8a5200", 1.6, **{"line-dasharray": [1, 2]}), "filter": nested},
    ]


KINDS = {
    "overlap": ("重叠", "Overlap"),
    "gap": ("空白", "Gap"),
    "sliver": ("碎片", "Sliver"),
    "nested": ("套叠", "Nested"),
    "duplicate": ("重复", "Duplicate"),
    "invalid": ("无效图形", "Invalid"),
    "outside": ("越界", "Outside"),
}


def name_findings(look: Look) -> list[Json]:
    """A box with kind and area beside each fault that must be mended."""
    word = 0 if look.lang == "zh" else 1
    kinds = [part for kind, words in KINDS.items() for part in (kind, words[word])]
    hectares = [
        "number-format",
        ["/", ["get", "area_m2"], 10000],
        {"max-fraction-digits": 1, "min-fraction-digits": 1},
    ]
    unit = " " + WORDS["hectares"][word]
    text = ["concat", ["match", ["get", "kind"], *kinds, ""], " ", hectares, unit]
    boxed = {
        "icon-image": "fault-box",
        "icon-text-fit": "both",
        "icon-text-fit-padding": [3, 8, 3, 8],
        "text-offset": [0, -2.2],
    }
    boxes = label("finding_labels", text, size=12, colour=FAULT, layout=boxed)
    boxes["paint"] = {"text-color": FAULT}
    minor = ["in", ["get", "kind"], ["literal", ["nested", "sliver"]]]
    return [{**boxes, "filter": ["!", minor]}, {**boxes, "filter": minor, "minzoom": 12}]
