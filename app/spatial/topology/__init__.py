"""Is a layer of polygons without overlap and gap; if not, what can be done; who borders whom?

Pure functions on arrays of shapely polygons in EPSG:4326. Coordinates snap to 1e-7 degree first.
"""

from app.spatial.topology.borders import dissolve, neighbours
from app.spatial.topology.check import find_faults
from app.spatial.topology.faults import FAULT_KINDS, Fault, FaultOptions
from app.spatial.topology.measures import area_m2
from app.spatial.topology.mending import LayerMending, Left, MendStep, Wanted, clean_layer
from app.spatial.topology.option import (
    KIND_PRIORITY,
    OPTION_LABELS,
    OVERLAY_KINDS,
    Move,
    Option,
    Reason,
    lie_over,
)
from app.spatial.topology.repair import repair_options

__all__ = [
    "FAULT_KINDS",
    "KIND_PRIORITY",
    "OPTION_LABELS",
    "OVERLAY_KINDS",
    "Fault",
    "FaultOptions",
    "LayerMending",
    "Left",
    "MendStep",
    "Move",
    "Option",
    "Reason",
    "Wanted",
    "area_m2",
    "clean_layer",
    "dissolve",
    "find_faults",
    "lie_over",
    "neighbours",
    "repair_options",
]
