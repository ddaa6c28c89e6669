"""Is a layer of polygons without overlap and gap; if not, what can be done; who borders whom?

Pure functions on arrays of shapely polygons in EPSG:4326. Coordinates snap to 1e-7 degree first.
"""

from app.spatial.topology.borders import dissolve, neighbours
from app.spatial.topology.check import find_faults
from app.spatial.topology.faults import FAULT_KINDS, Fault, FaultOptions
from app.spatial.topology.measures import area_m2
from app.spatial.topology.repair import KIND_PRIORITY, OPTION_LABELS, Move, Option, Reason, repair_options

__all__ = [
    "FAULT_KINDS",
    "KIND_PRIORITY",
    "OPTION_LABELS",
    "Fault",
    "FaultOptions",
    "Move",
    "Option",
    "Reason",
    "area_m2",
    "dissolve",
    "find_faults",
    "neighbours",
    "repair_options",
]
