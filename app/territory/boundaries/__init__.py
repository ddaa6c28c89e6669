"""Boundary files come in: read apart, understood, mended, stored as units; or refused with nothing stored."""

from app.territory.boundaries.keeping import (
    Part,
    clean_name,
    find_kept,
    keep_parts,
    keep_path,
    keep_picture,
    picture_path,
    relative_to_files,
)
from app.territory.boundaries.kinds import BOUNDARY_KINDS, BoundaryKind
from app.territory.boundaries.loading import (
    Taken,
    find_former,
    import_boundaries,
    land_file,
    list_imports,
    take_file,
)
from app.territory.boundaries.reading import (
    Drawing,
    open_drawing,
    read_drawing,
    read_places,
    refuse_all,
    refuse_input,
)
from app.territory.boundaries.reference import find_known_ground
from app.territory.boundaries.report import ImportOptions, ImportReport, Question, Remark, read_report
from app.territory.boundaries.runs import (
    check_may_answer,
    check_may_load,
    check_may_undo,
    fail_run,
    find_run,
    hash_file,
    list_acts,
    lock_desk,
    lock_run,
    open_run,
    version_of,
)
from app.territory.boundaries.sweeping import sweep_uploads
from app.territory.boundaries.undoing import Undone, undo_import

__all__ = [
    "BOUNDARY_KINDS",
    "BoundaryKind",
    "Drawing",
    "ImportOptions",
    "ImportReport",
    "Part",
    "Question",
    "Remark",
    "Taken",
    "Undone",
    "check_may_answer",
    "check_may_load",
    "check_may_undo",
    "clean_name",
    "fail_run",
    "find_former",
    "find_kept",
    "find_known_ground",
    "find_run",
    "hash_file",
    "import_boundaries",
    "keep_parts",
    "keep_path",
    "keep_picture",
    "land_file",
    "list_acts",
    "list_imports",
    "lock_desk",
    "lock_run",
    "open_drawing",
    "open_run",
    "picture_path",
    "read_drawing",
    "read_places",
    "read_report",
    "refuse_all",
    "refuse_input",
    "relative_to_files",
    "sweep_uploads",
    "take_file",
    "undo_import",
    "version_of",
]
