"""Targets of grids (rows A4, C25): what each is to reach in a period, and how far it has come.

A target belongs to a grid and so to its plan. What Getu counts itself needs nothing typed in; other tasks
(forms to fill, surveys) are told by hand.
"""

from app.customers.targets.reading import import_targets
from app.customers.targets.reckoning import (
    GROUPS,
    MEASURES,
    Measure,
    find_measure,
    list_targets,
    set_targets,
    tell_done,
)

__all__ = [
    "GROUPS",
    "MEASURES",
    "Measure",
    "find_measure",
    "import_targets",
    "list_targets",
    "set_targets",
    "tell_done",
]
