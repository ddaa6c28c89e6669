"""One MapLibre style document of the layers a viewer may see, for the page and for other programs."""

from collections.abc import Callable, Sequence

from app.maps import paint
from app.maps.layers import Layer
from app.maps.paint import FRAME_LINE, OUTSIDE, Json, Look, line
from app.maps.paint.own import name_own, paint_own

PAINTS: dict[str, Callable[[Look], list[Json]]] = {
    "frame": paint.paint_frame,
    "units": paint.paint_units,
    "grids": paint.paint_grids,
    "states": paint.paint_states,
    "villages": paint.paint_villages,
    "whitespace": paint.paint_whitespace,
    "rivalry": paint.paint_rivalry,
    "coverage": paint.paint_coverage,
    "towns": paint.paint_towns,
    "findings": paint.paint_findings,
    "changes": paint.paint_changes,
    "density": paint.paint_density,
    "catchments": paint.paint_catchments,
    "rings": paint.paint_rings,
    "markets": paint.paint_markets,
    "customers": paint.paint_customers,
    "prospects": paint.paint_prospects,
    "terminals": paint.paint_terminals,
    "liaisons": paint.paint_liaisons,
    "outlets": paint.paint_outlets,
    "key_clients": paint.paint_key_clients,
}
NAMES: dict[str, Callable[[Look], list[Json]]] = {
    "grids": paint.name_grids,
    "towns": paint.name_towns,
    "findings": paint.name_findings,
}
# The topmost claims room first: labels of faults, then towns, then symbols, then managers and villages.
SYMBOLS = ("liaisons", "outlets", "key_clients")


def paint_layer(key: str, styles: Sequence[Json], *, role: str) -> list[Json]:
    """Give style layers their id, source and the layer they belong to."""
    return [
        {
            "id": f"{key}-{role}-{n}",
            "source": key,
            **style,
            "metadata": {"layer": key, **style.get("metadata", {})},
        }
        for n, style in enumerate(styles)
    ]


def make_style(layers: Sequence[Layer], look: Look, *, base: str, version: str) -> Json:
    """A MapLibre style (spec version 8) of the layers a viewer may see.

    `base` is the address before /tiles (absolute: tiles are fetched by a worker); `version` goes into the
    tile address, so that a changed ground is another address. What is shown from the start comes in one tile
    a place, what can be switched on has tiles of its own and is asked for only then.
    """
    keys = [layer.key for layer in layers]
    painted = {key: paint_layer(key, PAINTS[key](look), role="paint") for key in PAINTS if key in keys}
    flat = [part for key in painted if key not in SYMBOLS for part in painted[key]]
    over = [part for part in flat if part["metadata"].get("over")]
    under = [part for part in flat if not part["metadata"].get("over")]
    edge = paint_layer("frame", [line("frame", FRAME_LINE, 2)], role="edge")
    first = next((n for n, part in enumerate(under) if part["metadata"]["layer"] == "towns"), len(under))
    named = {key: paint_layer(key, NAMES[key](look), role="name") for key in NAMES if key in keys}
    symbols = [part for key in SYMBOLS for part in painted.get(key, [])]
    upper = [*named.get("grids", []), *symbols, *named.get("towns", []), *named.get("findings", [])]
    ground: list[Json] = [{"id": "outside", "type": "background", "paint": {"background-color": OUTSIDE}}]
    together = ",".join(layer.key for layer in layers if layer.shown)
    sources = {together: make_source(together, 5, 14, base=base, version=version)}
    for layer in layers:
        if not layer.shown:
            sources[layer.key] = make_source(
                layer.key, layer.min_zoom, layer.max_zoom, base=base, version=version
            )
    styled = ground + under[:first] + over + edge + under[first:] + upper
    for style in styled:
        if style.get("source") not in (None, *sources):
            style["source"] = together
    return {"version": 8, "name": "Getu", "sources": sources, "layers": styled}


def make_late(layer: Layer, look: Look, *, base: str, version: str) -> Json:
    """The style of one layer that is switched on later: its source, and layers to be put into its slot."""
    painted = paint_own(layer.own) if layer.own else PAINTS[layer.base](look)
    named = name_own(layer.own) if layer.own else NAMES[layer.base](look) if layer.base in NAMES else []
    parts = [
        *paint_layer(layer.base, painted, role="paint"),
        *paint_layer(layer.base, named, role="name"),
    ]
    if layer.tints:
        for part in parts:
            part["metadata"]["under"] = "grids"
    source = make_source(layer.key, layer.min_zoom, layer.max_zoom, base=base, version=version)
    return {"sources": {layer.base: source}, "layers": parts}


def make_source(key: str, low: int, high: int, *, base: str, version: str) -> Json:
    """A tile source of one layer or of several drawn together."""
    address = f"{base}/tiles/{key}/{{z}}/{{x}}/{{y}}.mvt?v={version}"
    return {"type": "vector", "tiles": [address], "minzoom": low, "maxzoom": high}
