"""One file, one transaction, one report; the same act twice is recognised, and a kept file is tried again."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_one, run_statement
from app.errors import BadInput
from app.models import ImportRun
from app.territory.boundaries.fields import UnitFacts
from app.territory.boundaries.kinds import BOUNDARY_KINDS, BoundaryKind, find_boundary_kind
from app.territory.boundaries.preview import Preview, preview_units
from app.territory.boundaries.reading import Drawing, read_drawing, refuse_all, refuse_input
from app.territory.boundaries.reference import find_known_ground
from app.territory.boundaries.report import ImportOptions, ImportReport, read_report
from app.territory.boundaries.runs import close_run, hash_file, open_run
from app.territory.boundaries.storing import end_units, store_units
from app.territory.boundaries.understanding import understand

Progress = Callable[[str, int, int], object]


def _quiet(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


END = "end"
"""The answer `vanished=end` ends units that the file no longer knows; else they stay and are told of."""


@dataclass
class Taken:
    """A file as it was understood: its report, with shapes and units when there are any, and what a load
    would change."""

    report: ImportReport
    drawing: Drawing | None = None
    units: list[UnitFacts] = field(default_factory=list)
    preview: Preview | None = None


def import_boundaries(
    session: Session,
    path: Path,
    *,
    options: ImportOptions,
    user_id: int | None = None,
    on_progress: Progress = _quiet,
) -> ImportReport:
    """Read a boundary file and store its rows as units valid from `options.first_day()` on.

    Shapes go to EPSG:4326; encoding and coordinate system are found, checked against the ground already
    stored, and reported. Units of the same code, source and kind that stood before end on that day. A file
    that is refused or needs an answer stores nothing, and neither does a dry run; a row that cannot be used
    is listed and the others go in. The same file with the same options again gives the first report.
    """
    former = find_former(session, path, options)
    if former is not None:
        return former
    taken = take_file(session, path, options, on_progress=on_progress)
    if taken.units and not options.dry_run:
        run = open_run(session, path, options, user_id=user_id)
        land_file(session, run, taken, options=options, on_progress=on_progress)
    return taken.report


def land_file(
    session: Session, run: ImportRun, taken: Taken, *, options: ImportOptions, on_progress: Progress = _quiet
) -> None:
    """Store what was understood unless this is a dry run, and close the import's row with its report."""
    replaced: list[list[Any]] = []
    if taken.units and taken.drawing is not None and not options.dry_run:
        on_progress("storing", 0, len(taken.units))
        day = options.first_day()
        replaced = store_units(session, run, taken.drawing, taken.units, day=day)
        if taken.preview is not None and options.answers.get("vanished") == END:
            replaced += end_units(session, taken.preview.vanished_ids, day=day)
    close_run(session, run, taken.report, options=options, replaced=replaced)
    on_progress("imported", len(taken.units), len(taken.units))


def find_former(session: Session, path: Path, options: ImportOptions) -> ImportReport | None:
    """The report of the import that brought this very file with the same options, while it still stands."""
    run_statement(session, "territory/lock_boundaries")
    digest = hash_file(path) if path.exists() else ""
    former = fetch_one(session, "territory/find_import", sha256=digest, options=json.dumps(options.as_key()))
    if former is None:
        return None
    report = read_report({**former["report"], "import_id": former["id"]})
    report.warn(
        "already_imported",
        "同一文件已导入过，未重复保存",
        "this file is in already; nothing was stored twice",
    )
    return report


def take_file(
    session: Session, path: Path, options: ImportOptions, *, on_progress: Progress = _quiet
) -> Taken:
    """Read a file and understand its rows; nothing is stored. A refusal is a report too."""
    report = ImportReport()
    kind = find_boundary_kind(options.kind)
    if kind is None:
        keys = ", ".join(known.key for known in BOUNDARY_KINDS)
        wrong = BadInput("unknown_kind", zh=f"不认识的边界类型，可用：{keys}", en=f"unknown kind; use {keys}")
        return Taken(refuse_input(report, wrong))
    on_progress("reading", 0, 1)
    try:
        drawing = read_drawing(path, options, report, reference=find_known_ground(session))
    except BadInput as wrong:
        return Taken(refuse_input(report, wrong))
    if drawing is None:
        return Taken(report)
    units = _understand(session, drawing, kind, options=options, report=report)
    taken = Taken(report, drawing, units)
    if taken.units:
        on_progress("comparing", 0, len(taken.units))
        taken.preview = preview_units(session, drawing, taken.units, day=options.first_day())
        _tell_preview(taken.preview, options, report)
    return taken


def _tell_preview(preview: Preview, options: ImportOptions, report: ImportReport) -> None:
    """Put what a load changes into the report, and say what becomes of units that the file has no more."""
    ends = options.answers.get("vanished") == END
    report.preview = {**preview.as_json(), "vanished_how": END if ends else "keep"}
    gone = preview.list_of("vanished")
    if gone:
        names = "、".join(change.name for change in gone[:5]) + ("…" if len(gone) > 5 else "")
        zh = "到生效日为止" if ends else "照旧保留；要让它们到期，请回答 vanished=end"
        en = "end on the first day" if ends else "stay as they are; answer vanished=end to end them"
        report.warn(
            "units_vanished", f"文件中不再有 {len(gone)} 个单元（{names}），{zh}", f"{len(gone)} units {en}"
        )


def _understand(
    session: Session, drawing: Drawing, kind: BoundaryKind, *, options: ImportOptions, report: ImportReport
) -> list[UnitFacts]:
    units = understand(session, drawing, kind, options=options, report=report)
    if report.questions:
        return []
    report.features = len(units)
    if not units:
        refuse_all(report)
    elif options.dry_run:
        report.warn("dry_run", "试运行，没有保存", "dry run; nothing was stored")
    return units


def list_imports(session: Session, *, limit: int = 50) -> list[ImportRun]:
    """The newest boundary imports first."""
    query = session.query(ImportRun).filter_by(kind="boundaries").order_by(ImportRun.id.desc())
    return query.limit(limit).all()
