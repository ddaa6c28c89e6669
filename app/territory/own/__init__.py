"""The bank's own layers: any points, lines and areas it wants on its map, rivals' outlets among them."""

from app.territory.own.listing import list_own_layers, remove_own_layer
from app.territory.own.loading import load_own_layer
from app.territory.own.wish import AUDIENCES, COLOURS, KEY, MEANINGS, LayerWish, make_key

__all__ = [
    "AUDIENCES",
    "COLOURS",
    "KEY",
    "MEANINGS",
    "LayerWish",
    "list_own_layers",
    "load_own_layer",
    "make_key",
    "remove_own_layer",
]
