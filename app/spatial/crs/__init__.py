"""Which numbers are these, and where on the ground do they lie?

Storage is EPSG:4326 lon/lat in degrees; CGCS2000 is treated as equal to it on purpose (the two differ by
centimetres and PROJ itself moves no digit between them). Everything that comes in goes through `detect`,
which says what it believes and why, and `to_storage`, which does it. A system is named by a short text:
`EPSG:4549`, `gcj02`, `bd09`, and `EPSG:4549/yx` when the file writes north before east.
"""

from app.spatial.crs.candidates import Box
from app.spatial.crs.datums import DATUMS, Datum
from app.spatial.crs.detective import bounds_of, detect, find_place
from app.spatial.crs.finding import CrsFinding, Hypothesis
from app.spatial.crs.measure import area_m2, distance_m, local_crs, perimeter_m
from app.spatial.crs.picture import draw_shift
from app.spatial.crs.reference import Reference
from app.spatial.crs.shift import in_china_area
from app.spatial.crs.systems import (
    describe,
    from_storage,
    parse,
    points_from_storage,
    points_to_storage,
    to_storage,
)
from app.spatial.crs.zones import Zone, find_zone

__all__ = [
    "DATUMS",
    "Box",
    "CrsFinding",
    "Datum",
    "Hypothesis",
    "Reference",
    "Zone",
    "area_m2",
    "bounds_of",
    "describe",
    "detect",
    "distance_m",
    "draw_shift",
    "find_place",
    "find_zone",
    "from_storage",
    "in_china_area",
    "local_crs",
    "parse",
    "perimeter_m",
    "points_from_storage",
    "points_to_storage",
    "to_storage",
]
