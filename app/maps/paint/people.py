"""How houses and people look: squares, stars, rings, figures."""

from app.maps.paint.kit import NAMES_FROM, Json, Look, icon, label


def paint_outlets(look: Look) -> list[Json]:
    """White-rimmed squares; head office and branches larger than outlets; names near in."""
    image = ["match", ["get", "kind"], "outlet", "square-small", "square"]
    houses = icon(
        "outlets", image, {"symbol-sort-key": ["match", ["get", "kind"], "head_office", 2, "branch", 1, 0]}
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
    symbols = icon("key_clients", image, {"symbol-sort-key": ["match", ["get", "tier"], "strategic", 1, 0]})
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
