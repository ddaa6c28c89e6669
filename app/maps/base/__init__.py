"""Base maps that the bank has as files: pictures under its own ground, served from its own house."""

from app.maps.base.adding import Wish, add_base
from app.maps.base.drawing import Bases, check_place
from app.maps.base.record import DATUMS, Base, find_base, list_bases, remove_base

__all__ = [
    "DATUMS",
    "Base",
    "Bases",
    "Wish",
    "add_base",
    "check_place",
    "find_base",
    "list_bases",
    "remove_base",
]
