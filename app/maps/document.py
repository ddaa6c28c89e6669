"""The map's style for other programs: a MapLibre style document that needs nothing but our own tiles.

Signs and letters of our own page are drawn in the page; a document that names no sprite and no glyphs has
none. So symbols become dots of their layer's colour, patterns and letters are left out: what stands on the
ground is all there, and its names are properties of the tiles.
"""

from typing import Any

from sqlalchemy.orm import Session

from app.maps.facts import find_facts
from app.maps.layers import ALL_ROLES
from app.maps.style import make_style
from app.maps.words import Lang

Json = dict[str, Any]
DOTS = {"outlets": "#0b6472", "key_clients": "#5b3f8c", "liaisons": "#3f6f3a", "findings": "#b42318"}
OTHER_DOT = "#44505a"


def describe_style(session: Session, *, base: str, lang: Lang = "zh", sees_customers: bool = True) -> Json:
    """A MapLibre style (version 8) with absolute addresses under `base`, as the session's viewer may see it.

    Raises NotFound where the bank has no plan yet.
    """
    facts = find_facts(session)
    layers = [one for one in facts.layers if sees_customers or one.roles == ALL_ROLES]
    style = make_style(layers, facts.look(lang), base=base, version=facts.version)
    # Who works with the document for weeks asks for tiles, not for a state of them.
    for source in style["sources"].values():
        source["tiles"] = [address.partition("?")[0] for address in source["tiles"]]
    style["layers"] = [kept for one in style["layers"] if (kept := make_plain(one)) is not None]
    west, south, east, north = facts.ground.bounds
    return {**style, "center": [(west + east) / 2, (south + north) / 2], "zoom": 9.5}


def make_plain(layer: Json) -> Json | None:
    """A style layer without sprites and glyphs; None for one that is nothing but letters or a pattern."""
    if layer["type"] == "fill" and "fill-pattern" in layer.get("paint", {}):
        return None
    if layer["type"] != "symbol":
        return layer
    if "icon-image" not in layer.get("layout", {}) or "text-field" in layer["layout"]:
        return None
    colour = DOTS.get(layer["metadata"]["layer"], OTHER_DOT)
    kept = {name: value for name, value in layer.items() if name not in ("layout", "paint", "type")}
    paint = {
        "circle-radius": 4,
        "circle-color": colour,
        "circle-stroke-color": "#fff",
        "circle-stroke-width": 1,
    }
    return {**kept, "type": "circle", "paint": paint}
