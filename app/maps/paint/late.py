"""How layers look that are switched on later: quiet under the symbols, or symbols of their own."""

from typing import Any

from app.maps.layers.changes import CHANGES
from app.maps.layers.ground import MARKETS
from app.maps.layers.people import DENSITY
from app.maps.layers.villages import VILLAGE_MEASURES
from app.maps.layers.whitespace import REACHES, RIVALRY
from app.maps.paint.ground import paint_tint, shade_rate
from app.maps.paint.kit import NAMES_FROM, Json, Look, Ramp, fill, icon, label, line
from app.spatial.colour import NO_DATA

PROSPECT = "#6b4d9c"


def paint_markets(look: Look) -> list[Json]:
    """Outlines in the colour of their kind over a breath of it; names near in."""
    pairs = [part for key, (_, colour) in MARKETS.items() for part in (key, colour)]
    colour: Any = ["match", ["get", "kind"], *pairs, "#47545c"]
    names = label("market_names", ["get", "name"], size=12, colour="#40505b")
    return [
        fill("markets", colour, **{"fill-opacity": 0.14}),
        line("markets", colour, 1.6),
        {**names, "minzoom": 12},
    ]


def paint_changes(look: Look) -> list[Json]:
    """Changed grids in the colour of what changed; a dot where customers came or went."""
    pairs = [part for key, (_, colour) in CHANGES.items() for part in (key, colour)]
    moved: Any = {
        "type": "circle",
        "source-layer": "moves",
        "paint": {
            "circle-radius": [
                "interpolate",
                ["linear"],
                ["sqrt", ["+", ["get", "came"], ["get", "gone"]]],
                0,
                3,
                20,
                10,
                60,
                18,
            ],
            "circle-color": ["case", [">=", ["get", "came"], ["get", "gone"]], "#2f6b3a", "#8a5200"],
            "circle-opacity": 0.75,
            "circle-stroke-color": "#ffffff",
            "circle-stroke-width": 1,
        },
    }
    text = ["concat", "+", ["to-string", ["get", "came"]], " −", ["to-string", ["get", "gone"]]]
    numbers = label("moves", text, size=12, layout={"text-offset": [0, 1.1], "text-anchor": "top"})
    shade = ["match", ["get", "change"], *pairs, "#f1f3f0"]
    return [fill("changes", shade, **{"fill-opacity": 0.85}), moved, {**numbers, "minzoom": 10}]


def paint_villages(look: Look) -> list[Json]:
    """Villages by class of their penetration."""
    shades = {one.key: shade_rate(one, look.ramps.get(one.key, Ramp())) for one in VILLAGE_MEASURES}
    return paint_tint("villages", shades)


def paint_whitespace(look: Look) -> list[Json]:
    """Villages by how near a house of the bank is and how many of their households it serves."""
    colours = [part for key, (_, colour) in REACHES.items() for part in (key, colour)]
    return paint_tint("whitespace", {"whitespace": ["match", ["get", "reach"], *colours, NO_DATA]})


def paint_rivalry(look: Look) -> list[Json]:
    """Villages by how near a rival's outlet is and how many of their households we serve."""
    colours = [part for key, (_, colour) in RIVALRY.items() for part in (key, colour)]
    return paint_tint("rivalry", {"rivalry": ["match", ["get", "rivalry"], *colours, NO_DATA]})


def paint_rings(look: Look) -> list[Json]:
    """Thin circles over a breath of colour."""
    return [
        fill("rings", "#12606f", **{"fill-opacity": 0.08}),
        line("rings", "#12606f", 1.2, **{"line-dasharray": [4, 2]}),
    ]


def paint_catchments(look: Look) -> list[Json]:
    """Borders only: the ground keeps its colours. The fill that is not seen is what the mouse meets."""
    return [
        fill("catchments", "#8a5200", **{"fill-opacity": 0.02}),
        line("catchments", "#8a5200", 1.8, **{"line-dasharray": [6, 2]}),
    ]


def paint_density(look: Look) -> list[Json]:
    """Cells from pale to dark by their number."""
    steps = [part for pair in zip((5, 20, 50, 200), DENSITY[1:], strict=True) for part in pair]
    shade = ["step", ["get", "number"], DENSITY[0], *steps]
    return [fill("density", shade, **{"fill-opacity": 0.85})]


def paint_prospects(look: Look) -> list[Json]:
    """Violet rings that grow with the number; from zoom 13 hollow points."""
    size = ["interpolate", ["linear"], ["sqrt", ["get", "number"]], 0, 3, 20, 7, 60, 14, 150, 26]
    rings = {
        "type": "circle",
        "source-layer": "prospect_counts",
        "paint": {
            "circle-radius": size,
            "circle-color": "#ffffff",
            "circle-opacity": 0.75,
            "circle-stroke-color": PROSPECT,
            "circle-stroke-width": 2,
        },
    }
    numbers = label("prospect_counts", ["to-string", ["get", "number"]], size=12, colour=PROSPECT)
    points = {
        "type": "circle",
        "source-layer": "prospects",
        "minzoom": 12,
        "paint": {
            "circle-radius": ["interpolate", ["linear"], ["zoom"], 13, 2.5, 16, 5],
            "circle-color": "#ffffff",
            "circle-stroke-color": PROSPECT,
            "circle-stroke-width": 1.5,
        },
    }
    return [points, rings, {**numbers, "minzoom": 10}]


def paint_terminals(look: Look) -> list[Json]:
    """Small screens, beside the grid's middle."""
    beside = ["step", ["zoom"], ["literal", [14, 0]], NAMES_FROM, ["literal", [16, -28]]]
    return [{**icon("terminals", "terminal", {"icon-offset": beside}), "metadata": {"colour": "#8a5200"}}]
