"""TileJSON and a style document: how other programs (QGIS, a web map) find the tiles of a bank."""

from typing import Any

from sqlalchemy.orm import Session

from app.maps.layers import tell_layer_of
from app.maps.tiles.sight import find_sight


def describe_tiles(session: Session, layer: str, *, base: str) -> dict[str, Any]:
    """The TileJSON 3.0 of a layer; `base` is the address before /tiles."""
    entry = tell_layer_of(session, layer)
    sight = find_sight(session)
    return {
        "tilejson": "3.0.0",
        "name": entry.zh,
        "description": f"{entry.why_zh} / {entry.why_en}",
        "version": "1.0.0",
        "scheme": "xyz",
        "tiles": [f"{base}/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": entry.min_zoom,
        "maxzoom": entry.max_zoom,
        "bounds": list(sight.ground.bounds),
        "vector_layers": [{"id": part, "fields": {}} for part in entry.parts],
        "data_version": sight.version,
        "takes": sorted(entry.takes),
    }
