"""Is a layer of polygons without overlap and gap; if not, what can be done; who borders whom?

Pure functions on arrays of shapely polygons in EPSG:4326. Coordinates snap to 1e-7 degree first.
"""

from app.spatial.topology.check import find_faults
from app.spatial.topology.faults import FAULT_KINDS, Fault, FaultOptions
from app.spatial.topology.measures import area_m2

__all__ = ["FAULT_KINDS", "Fault", "FaultOptions", "area_m2", "find_faults"]
