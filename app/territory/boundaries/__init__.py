"""Boundary files come in: read apart, understood, mended, stored as units; or refused with nothing stored."""

from app.territory.boundaries.kinds import BOUNDARY_KINDS, BoundaryKind
from app.territory.boundaries.loading import import_boundaries, list_imports, undo_import
from app.territory.boundaries.reading import Drawing, open_drawing, read_drawing
from app.territory.boundaries.report import ImportOptions, ImportReport, Question, Remark

__all__ = [
    "BOUNDARY_KINDS",
    "BoundaryKind",
    "Drawing",
    "ImportOptions",
    "ImportReport",
    "Question",
    "Remark",
    "import_boundaries",
    "list_imports",
    "open_drawing",
    "read_drawing",
    "undo_import",
]
