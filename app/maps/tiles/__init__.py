"""Vector tiles: drawn for a viewer, packed, kept; asked for in seats; described for other programs."""

from app.maps.tiles.describe import describe_tiles
from app.maps.tiles.draw import (
    MAX_ZOOM,
    MIME,
    SHELF,
    check_address,
    draw_tile,
    find_layers,
    find_tile,
    key_tile,
    look_tile,
)
from app.maps.tiles.seats import Seats
from app.maps.tiles.shelf import Form, Tile, TileShelf, choose_form
from app.maps.tiles.sight import Sight, Sights, find_sight, look_sight

__all__ = [
    "MAX_ZOOM",
    "MIME",
    "SHELF",
    "Form",
    "Seats",
    "Sight",
    "Sights",
    "Tile",
    "TileShelf",
    "check_address",
    "choose_form",
    "describe_tiles",
    "draw_tile",
    "find_layers",
    "find_sight",
    "find_tile",
    "key_tile",
    "look_sight",
    "look_tile",
]
