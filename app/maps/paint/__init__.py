"""How each layer looks on screen: its MapLibre style layers, without source and id (see style.py)."""

from app.maps.paint.faults import KINDS, name_findings, paint_findings
from app.maps.paint.ground import (
    name_grids,
    name_towns,
    paint_coverage,
    paint_frame,
    paint_grids,
    paint_states,
    paint_towns,
    paint_units,
)
from app.maps.paint.kit import BOLD, FAULT, FRAME_LINE, OUTSIDE, Json, Look, Ramp, fill, icon, label, line
from app.maps.paint.late import (
    paint_catchments,
    paint_changes,
    paint_density,
    paint_markets,
    paint_prospects,
    paint_rings,
    paint_terminals,
    paint_villages,
    paint_whitespace,
)
from app.maps.paint.people import paint_customers, paint_key_clients, paint_liaisons, paint_outlets

__all__ = [
    "BOLD",
    "FAULT",
    "FRAME_LINE",
    "KINDS",
    "OUTSIDE",
    "Json",
    "Look",
    "Ramp",
    "fill",
    "icon",
    "label",
    "line",
    "name_findings",
    "name_grids",
    "name_towns",
    "paint_catchments",
    "paint_changes",
    "paint_coverage",
    "paint_customers",
    "paint_density",
    "paint_findings",
    "paint_frame",
    "paint_grids",
    "paint_key_clients",
    "paint_liaisons",
    "paint_markets",
    "paint_outlets",
    "paint_prospects",
    "paint_rings",
    "paint_states",
    "paint_terminals",
    "paint_towns",
    "paint_units",
    "paint_villages",
    "paint_whitespace",
]
