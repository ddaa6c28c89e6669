"""Around 周边: customers within metres of an outlet or a point, nearest outlets, catchments."""

from app.customers.around.candidates import People
from app.customers.around.catchments import WAYS, By, Catchments, draw_catchments
from app.customers.around.middles import Middle, find_middle, open_ring_at
from app.customers.around.outlets import Outlet, list_nearest, list_outlets
from app.customers.around.rings import (
    MOST_M,
    PAGE,
    RADIUS_M,
    Beside,
    Ring,
    export_around,
    find_around,
    list_around,
    open_ring,
)
from app.customers.around.sharing import Shares, count_shares, export_shares, share_around

__all__ = [
    "MOST_M",
    "PAGE",
    "RADIUS_M",
    "WAYS",
    "Beside",
    "By",
    "Catchments",
    "Middle",
    "Outlet",
    "People",
    "Ring",
    "Shares",
    "count_shares",
    "draw_catchments",
    "export_around",
    "export_shares",
    "find_around",
    "find_middle",
    "list_around",
    "list_nearest",
    "list_outlets",
    "open_ring",
    "open_ring_at",
    "share_around",
]
