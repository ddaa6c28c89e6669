"""How the ground looks: frame, villages, grids, rates, towns."""

from collections.abc import Mapping
from typing import Any

from app.maps.layers.measures import FEW, FEWEST, MEASURES, Measure
from app.maps.layers.states import STATES
from app.maps.paint.kit import (
    ASIDE,
    BOLD,
    MANAGER_LINE,
    NAMES_FROM,
    PALE,
    PAPER,
    TOWN_LINE,
    Json,
    Look,
    Ramp,
    fill,
    get,
    label,
    line,
    match,
    step,
    tinted,
)
from app.spatial.colour import NO_DATA, PALETTE


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


def paint_tint(part: str, shades: Mapping[str, Any]) -> list[Json]:
    """A fill of a part for each way of colouring, and white lines between the grids."""
    fills = [tinted(fill(part, shade), tint) for tint, shade in shades.items()]
    return [*fills, {**line(part, "#ffffff", 0.8), "metadata": {"tint": " ".join(shades)}}]


def shade_rate(measure: Measure, ramp: Ramp) -> Any:
    """Colour by class of a measure; greys where its denominator is nought or too small."""
    whole = get(*measure.of)
    rate = ["/", get(measure.n), ["max", whole, 1]]
    return ["case", ["==", whole, 0], NO_DATA, ["<", whole, FEWEST], FEW, step(rate, ramp)]


def paint_coverage(look: Look) -> list[Json]:
    """The measures, each its own way of colouring."""
    return paint_tint(
        "coverage", {one.key: shade_rate(one, look.ramps.get(one.key, Ramp())) for one in MEASURES}
    )


def paint_states(look: Look) -> list[Json]:
    """Grids by state."""
    colours = [part for key, (_, colour) in STATES.items() for part in (key, colour)]
    return paint_tint("states", {"state": ["match", ["get", "state"], *colours, NO_DATA]})


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
