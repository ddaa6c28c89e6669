"""One file, one transaction, one report; the same act twice is recognised, and an import can be undone."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from psycopg.types.range import DateRange
from sqlalchemy.orm import Session

from app.db import copy_in, fetch_all, fetch_one, fetch_value, run_statement
from app.errors import BadInput, Conflict, NotFound
from app.models import ImportRun
from app.spatial.crs import Box, area_m2
from app.territory.boundaries.fields import UnitFacts, choose_columns, read_units
from app.territory.boundaries.kinds import BOUNDARY_KINDS, BoundaryKind, find_boundary_kind
from app.territory.boundaries.reading import Drawing, read_drawing, refuse_all, refuse_input
from app.territory.boundaries.report import ImportOptions, ImportReport, read_report
from app.territory.shapes import to_ewkb

Progress = Callable[[str, int, int], object]
_COLUMNS = {
    "code": "text",
    "code_source": "text",
    "year": "int4",
    "kind": "text",
    "name": "text",
    "official_name": "text",
    "former_names": "text[]",
    "town_code": "text",
    "town_name": "text",
    "households": "int4",
    "residents": "int4",
    "geom": "bytea",
    "area_m2": "float8",
    "synthetic": "bool",
    "valid": "daterange",
    "import_id": "int8",
}


def _quiet(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


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
    report = ImportReport()
    kind = find_boundary_kind(options.kind)
    if kind is None:
        keys = ", ".join(known.key for known in BOUNDARY_KINDS)
        wrong = BadInput("unknown_kind", zh=f"不认识的边界类型，可用：{keys}", en=f"unknown kind; use {keys}")
        return refuse_input(report, wrong)
    digest = hash_file(path) if path.exists() else ""
    run_statement(session, "territory/lock_boundaries")
    former = fetch_one(session, "territory/find_import", sha256=digest, options=json.dumps(options.as_key()))
    if former is not None:
        return _recognise(former)
    on_progress("reading", 0, 1)
    try:
        drawing = read_drawing(path, options, report, reference=find_known_ground(session))
    except BadInput as wrong:
        return refuse_input(report, wrong)
    if drawing is None:
        return report
    units = _understand(drawing, kind, options, report)
    if units and not options.dry_run:
        on_progress("storing", 0, len(units))
        _store(session, _open_run(session, path, digest, options, user_id), drawing, units, report=report)
    on_progress("imported", len(units), len(units))
    return report


def hash_file(path: Path) -> str:
    """SHA-256 of a file; of a folder or a .shp with everything that belongs to it."""
    parts = [path]
    if path.is_dir():
        parts = sorted(part for part in path.rglob("*") if part.is_file())
    elif path.suffix.lower() == ".shp":
        parts = sorted(part for part in path.parent.iterdir() if part.stem == path.stem and part.is_file())
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def find_known_ground(session: Session) -> Box | None:
    """The lon/lat box (west, south, east, north) of the ground already stored, None when there is none."""
    row = fetch_one(session, "territory/find_known_ground")
    return (row["west"], row["south"], row["east"], row["north"]) if row and row["west"] is not None else None


def _recognise(former: dict[str, Any]) -> ImportReport:
    report = read_report({**former["report"], "import_id": former["id"]})
    report.warn(
        "already_imported",
        "同一文件已导入过，未重复保存",
        "this file is in already; nothing was stored twice",
    )
    return report


def _understand(
    drawing: Drawing, kind: BoundaryKind, options: ImportOptions, report: ImportReport
) -> list[UnitFacts]:
    columns = choose_columns(drawing, kind, options, report)
    if columns is None:
        return []
    units = read_units(drawing, columns, kind, options=options, report=report)
    report.features = len(units)
    if not units:
        refuse_all(report)
    elif options.dry_run:
        report.warn("dry_run", "试运行，没有保存", "dry run; nothing was stored")
    return units


def _open_run(
    session: Session, path: Path, digest: str, options: ImportOptions, user_id: int | None
) -> ImportRun:
    run = ImportRun(
        kind="boundaries",
        file_name=options.file_name or path.name,
        sha256=digest,
        options=options.as_key(),
        status="running",
        created_by=user_id,
    )
    session.add(run)
    session.flush()
    return run


def _store(
    session: Session, run: ImportRun, drawing: Drawing, units: list[UnitFacts], *, report: ImportReport
) -> None:
    day = report_day(run)
    replaced = fetch_all(
        session,
        "territory/supersede_units",
        on=day,
        codes=[unit.code for unit in units],
        sources=[unit.code_source for unit in units],
        kinds=[unit.kind for unit in units],
    )
    rows = _unit_rows(drawing, units, day, run.id)
    copy_in(session, "unit", list(_COLUMNS), rows, types=list(_COLUMNS.values()))
    report.import_id = run.id
    run.status = "imported"
    run.report = {**report.as_json(), "replaced": [[row["id"], str(row["begins"])] for row in replaced]}
    run.finished_at = datetime.now(UTC)
    session.flush()


def report_day(run: ImportRun) -> date:
    """The day the units of an import begin."""
    day = run.options.get("valid_from")
    return date.fromisoformat(day) if day else date.today()


def _unit_rows(
    drawing: Drawing, units: list[UnitFacts], day: date, import_id: int
) -> Iterator[tuple[Any, ...]]:
    shapes = drawing.shapes[np.array([unit.index for unit in units], dtype=np.intp)]
    facts = zip(units, to_ewkb(shapes), area_m2(shapes).tolist(), strict=True)
    for unit, geom, area in facts:
        yield (
            unit.code,
            unit.code_source,
            unit.year,
            unit.kind,
            unit.name,
            unit.official_name,
            unit.former_names,
            unit.town_code,
            unit.town_name,
            unit.households,
            unit.residents,
            geom,
            area,
            unit.synthetic,
            DateRange(day, None),
            import_id,
        )


def list_imports(session: Session, *, limit: int = 50) -> list[ImportRun]:
    """The newest boundary imports first."""
    query = session.query(ImportRun).filter_by(kind="boundaries").order_by(ImportRun.id.desc())
    return query.limit(limit).all()


def undo_import(session: Session, import_id: int) -> int:
    """Take the units of an import away and let those it had ended stand again; returns how many went.

    Grids that plans made of them stay as they are. Raises NotFound, Conflict `not_newest` when a later
    import has ended units of this one.
    """
    run = session.get(ImportRun, import_id)
    if run is None or run.kind != "boundaries" or run.status != "imported":
        raise NotFound("no_import", zh="没有这次导入", en="there is no such import")
    if fetch_value(session, "territory/count_ended_units", import_id=import_id):
        raise Conflict(
            "not_newest", zh="之后的导入已替换这些单元，请先撤销之后的导入", en="undo the later import first"
        )
    gone = run_statement(session, "territory/remove_units", import_id=import_id).rowcount
    replaced = run.report.get("replaced", [])
    run_statement(
        session,
        "territory/restore_units",
        unit_ids=[unit_id for unit_id, _ in replaced],
        begins=[begins for _, begins in replaced],
    )
    run.status = "undone"
    session.flush()
    return int(gone)
