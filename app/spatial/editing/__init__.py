"""Editing of ground: pure functions on a layer's shapes that leave no gap and no overlap by themselves.

Shapes are shapely polygons (n,) in EPSG:4326 on the 1e-7 degree storage grid.
"""

from app.spatial.editing.bordering import move_edge, shared_border
from app.spatial.editing.dividing import merge, split
from app.spatial.editing.drawings import read_area, read_box, read_line
from app.spatial.editing.outcome import Edit
from app.spatial.editing.snapping import snap_drawing, snap_ends
from app.spatial.editing.taking import Bounds, draw, give, reshape

__all__ = [
    "Bounds",
    "Edit",
    "draw",
    "give",
    "merge",
    "move_edge",
    "read_area",
    "read_box",
    "read_line",
    "reshape",
    "shared_border",
    "snap_drawing",
    "snap_ends",
    "split",
]
