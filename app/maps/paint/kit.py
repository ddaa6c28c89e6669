"""The kit of the styles: inks, fonts, lines, fills, labels, icons. Values are those of the design tokens.

Labels name fonts of the machine: the style has no glyph server.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.spatial.colour import SEQUENTIAL

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
    """What the style depends on: language, colours of branches, classes of each measure."""

    lang: str = "zh"
    branch_colours: Mapping[int, int] = field(default_factory=dict)
    ramps: Mapping[str, Ramp] = field(default_factory=dict)


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


def step(rate: Any, ramp: Ramp) -> Any:
    """Colour by class of a rate."""
    if len(ramp.colours) < 2:
        return ramp.colours[0]
    pairs = [part for pair in zip(ramp.breaks, ramp.colours[1:], strict=True) for part in pair]
    return ["step", rate, ramp.colours[0], *pairs]


def get(*columns: str) -> Any:
    """The sum of properties; one that is missing counts nothing."""
    found = [["coalesce", ["get", column], 0] for column in columns]
    return found[0] if len(found) == 1 else ["+", *found]
