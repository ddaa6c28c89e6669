"""How own layers look: areas a breath of colour, lines, dots; rivals' outlets a sign of their own."""

from typing import Any

from app.maps.layers.entry import Own
from app.maps.paint.kit import Json, icon, label, line

# Zooms of the style are one less than the map's: its tiles are 512 px.
NAMED_FROM = 12
WIDE_PX = 12


def paint_own(own: Own) -> list[Json]:
    """Areas, lines, dots and points of an own layer, coloured by class where it has classes."""
    part, shade = f"own_{own.key}", _shade(own)
    width = ["interpolate", ["linear"], ["zoom"], 8, 1.2, 13, 2.2, 16, 4]
    areas = {
        "type": "fill",
        "source-layer": part,
        "filter": ["==", ["get", "shape"], "area"],
        "paint": {"fill-color": shade, "fill-opacity": 0.28},
    }
    edges = {**line(part, shade, 1.2), "filter": ["==", ["get", "shape"], "area"]}
    lines = {**line(part, shade, width), "filter": ["==", ["get", "shape"], "line"]}
    # A thin line is hard to meet: the mouse meets this one, which nobody sees.
    met = {
        **line(part, own.colour, WIDE_PX, **{"line-opacity": 0.01}),
        "filter": ["==", ["get", "shape"], "line"],
        "metadata": {"pick": "line"},
    }
    small = _dot(part, shade, 2, ["==", ["get", "shape"], "dot"])
    return [areas, edges, lines, met, small, *_paint_points(own, part, shade)]


def _paint_points(own: Own, part: str, shade: Any) -> list[Json]:
    points = ["==", ["get", "shape"], "point"]
    if not own.rivals:
        size = ["interpolate", ["linear"], ["zoom"], 8, 3, 13, 5, 16, 7]
        return [_dot(part, shade, size, points)]
    sign = {**icon(part, "competitor"), "filter": points, "metadata": {"colour": own.colour}}
    if not own.classes:
        return [sign]
    # The bank's name is told by a ring of its colour round the sign that all rivals share.
    ring = {**_dot(part, shade, 11, points), "metadata": {"colour": own.colour}}
    return [ring, sign]


def _dot(part: str, shade: Any, radius: Any, which: list[Any]) -> Json:
    return {
        "type": "circle",
        "source-layer": part,
        "filter": which,
        "paint": {
            "circle-radius": radius,
            "circle-color": shade,
            "circle-stroke-color": "#ffffff",
            "circle-stroke-width": 1,
        },
    }


def name_own(own: Own) -> list[Json]:
    """Names near in: along lines, beside points, in areas; one that finds no room is left out."""
    part = f"own_{own.key}"
    along = label(part, ["get", "name"], size=12, colour=own.colour, layout={"symbol-placement": "line"})
    beside = {"text-anchor": "top", "text-offset": [0, 0.9], "text-optional": True}
    points = label(part, ["get", "name"], size=12, colour=own.colour, layout=beside)
    areas = label(part, ["get", "name"], size=12, colour=own.colour)
    return [
        {**along, "filter": ["==", ["get", "shape"], "line"], "minzoom": NAMED_FROM},
        {**points, "filter": ["==", ["get", "shape"], "point"], "minzoom": NAMED_FROM},
        {**areas, "filter": ["==", ["get", "shape"], "area"], "minzoom": NAMED_FROM},
    ]


def _shade(own: Own) -> Any:
    if not own.classes:
        return own.colour
    pairs = [part for pair in own.classes for part in pair]
    return ["match", ["get", "class"], *pairs, own.colour]
