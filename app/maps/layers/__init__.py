"""The layers of the map: one entry each, the same for screen, stand-alone file and wall.

A new layer is an entry in `listed.py`, its legend, its `layer_<key>.sql` and its paint in `app/maps/paint`.
"""

from app.maps.layers.entry import ALL_ROLES, CUSTOMER_ROLES, Class, Layer, Legend, refuse_layer, viewer_of
from app.maps.layers.listed import LAYERS, find_layer, list_layers, tell_layer_of
from app.maps.layers.measures import FEWEST, MEASURES, find_classes, tell_rates
from app.maps.layers.own import list_own

__all__ = [
    "ALL_ROLES",
    "CUSTOMER_ROLES",
    "FEWEST",
    "LAYERS",
    "MEASURES",
    "Class",
    "Layer",
    "Legend",
    "find_classes",
    "find_layer",
    "list_layers",
    "list_own",
    "refuse_layer",
    "tell_layer_of",
    "tell_rates",
    "viewer_of",
]
