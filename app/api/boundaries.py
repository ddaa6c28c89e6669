"""The import desk: a boundary file's import looked at, answered, loaded, taken back; no new upload needed.

Every step is a job. Two people at one import cannot overtake each other: a job says which state of the
import it was asked for, and one that finds another state ends as a conflict.
"""

import json
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import record
from app.api.errors import PROBLEMS
from app.api.jobs import JobShown
from app.api.session import Asked, allowed
from app.errors import Conflict, NotFound
from app.jobs import create_job, defer_job, find_job, find_live_job, show_job
from app.models import AppUser, ImportRun
from app.settings import Settings
from app.territory import boundaries
from app.territory.boundaries.workbook import write_workbook

router = APIRouter(prefix="/api/v1/imports", tags=["imports 导入"], responses=PROBLEMS)
Desk = Annotated[Asked, allowed("import_boundaries")]
OVERRULED = ("kind", "layer", "crs", "encoding", "valid_from", "code_source", "year")
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportShown(BaseModel):
    """An import with its report, what it was taken with, and what may be done with it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "kind": "boundaries",
                "file_name": "海门村界.zip",
                "status": "checked",
                "created_at": "2026-11-21T09:30:00+08:00",
                "finished_at": "2026-11-21T09:30:04+08:00",
                "created_by": "周海峰",
                "size_bytes": 4200000,
                "options": {"kind": "village", "answers": {"crs_shifted": "gcj02"}},
                "job": None,
                "may": ["answer", "load"],
                "report": {"status": "imported", "features": 296, "rejected": []},
            }
        }
    )
    id: int
    kind: str
    file_name: str
    status: str
    created_at: str
    finished_at: str | None = None
    created_by: str | None = None
    size_bytes: int | None = None
    options: dict[str, Any] = {}
    job: int | None = None
    may: list[str] = []
    report: dict[str, Any]


class Answers(BaseModel):
    """Answers to a report's questions by their code, and what overrules the file; null takes one back."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"answers": {"crs_shifted": "gcj02"}, "valid_from": "2026-01-01"}},
    )
    answers: dict[str, str | None] = {}
    kind: str | None = None
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    valid_from: date | None = None
    code_source: str | None = None
    year: int | None = Field(default=None, ge=1949, le=2100)


@router.post("/{import_id}/answers", status_code=202, response_model=JobShown)
def answer_import(import_id: int, said: Answers, asked: Desk) -> Any:
    """Answer questions and look at the kept file again as a dry run. 409 while loaded or being worked on."""
    run = find_boundaries(asked, import_id)
    boundaries.check_may_answer(run)
    options = {
        **_options_of(run),
        **said.model_dump(mode="json", include=said.model_fields_set & set(OVERRULED)),
    }
    answers = {**options.get("answers", {}), **said.answers}
    options["answers"] = {code: value for code, value in answers.items() if value is not None}
    return _start(asked, run, "import_boundaries", {**options, "dry_run": True})


@router.post("/{import_id}/load", status_code=202, response_model=JobShown)
def load_import(import_id: int, asked: Desk) -> Any:
    """Store what the last dry run understood. 409 while a question stands or when it is loaded already."""
    run = find_boundaries(asked, import_id)
    boundaries.check_may_load(run)
    return _start(asked, run, "import_boundaries", _options_of(run))


@router.post("/{import_id}/undo", status_code=202, response_model=JobShown)
def undo_import(import_id: int, asked: Desk) -> Any:
    """Take a loaded import back: its units go, those it ended stand again. 409 when a later one needs it."""
    run = find_boundaries(asked, import_id)
    boundaries.check_may_undo(asked.session, run)
    return _start(asked, run, "undo_import", {})


@router.get("/{import_id}/report.xlsx", response_class=Response)
def download_report(import_id: int, asked: Desk) -> Response:
    """The report as a workbook: summary, questions, rows left out, warnings, repairs, columns."""
    run = boundaries.find_run(asked.session, import_id)
    record(asked.session, "download_report", subject=f"import {run.id}")
    headers = {"Content-Disposition": f'attachment; filename="import-{run.id}.xlsx"'}
    return Response(write_workbook(run), media_type=WORKBOOK, headers=headers)


@router.get("/{import_id}/picture", response_model=dict[str, Any])
def show_picture(import_id: int, asked: Desk) -> Any:
    """Outlines of the file over the known ground, as it is drawn and as it would be moved (EPSG:4326)."""
    run = boundaries.find_run(asked.session, import_id)
    path = boundaries.picture_path(asked.service.settings.files, run.id)
    if not path.is_file():
        raise NotFound("no_picture", zh="这次导入没有图可看", en="there is no picture of this import")
    return Response(path.read_bytes(), media_type="application/json")


def open_upload(session: Session, path: Path, said: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The import of a file just uploaded; returns the arguments of its first try."""
    options = boundaries.ImportOptions(**said)
    viewer = session.info["viewer"]
    kept_as = boundaries.relative_to_files(settings.files, path)
    run = boundaries.open_run(session, path, options, user_id=viewer.user_id, kept_as=kept_as)
    return {**said, "import_id": run.id, "seen": boundaries.version_of(run)}


def tell_audit(job_id: int, args: dict[str, Any]) -> dict[str, Any]:
    """What the audit keeps of a started import: its job, the import, and whether it is only a try."""
    trial = {"dry_run": True} if args.get("dry_run") else {}
    number = {"import": args["import_id"]} if args.get("import_id") is not None else {}
    return {"job": job_id, **number, **trial}


def _start(asked: Asked, run: ImportRun, story: str, options: dict[str, Any]) -> dict[str, Any]:
    live = find_live_job(asked.session, run.id)
    if live is not None:
        raise Conflict(
            "import_busy", zh="这次导入正在处理中", en="this import is being worked on already", job=live
        )
    args = {**options, "import_id": run.id, "seen": boundaries.version_of(run)}
    job_id = create_job(asked.session, story, args)
    defer_job(asked.session, job_id)
    record(asked.session, story, subject=run.file_name, detail=tell_audit(job_id, args))
    return show_job(find_job(asked.session, job_id))


def _options_of(run: ImportRun) -> dict[str, Any]:
    """What the last try was taken with, as arguments of the next."""
    known = {field.name for field in fields(boundaries.ImportOptions)}
    options = {key: value for key, value in run.options.items() if key in known and value is not None}
    return {**options, "file_name": run.file_name}


def find_import(asked: Asked, import_id: int) -> ImportRun:
    """Any import in the viewer's sight. Raises NotFound."""
    run = asked.session.scalar(select(ImportRun).where(ImportRun.id == import_id))
    if run is None:
        raise NotFound("no_import", zh="没有这次导入", en="no such import in your sight")
    return run


def find_boundaries(asked: Asked, import_id: int) -> ImportRun:
    """A boundary import in the viewer's sight, with nobody else starting on it in this moment."""
    boundaries.lock_desk(asked.session, import_id)
    return boundaries.find_run(asked.session, import_id)


def show_import(asked: Asked, run: ImportRun) -> dict[str, Any]:
    """An import as JSON."""
    author = asked.session.scalar(select(AppUser.name).where(AppUser.id == run.created_by))
    return {
        "id": run.id,
        "kind": run.kind,
        "file_name": run.file_name,
        "status": run.status,
        "created_at": run.created_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "created_by": author,
        "size_bytes": _size(asked.service.settings, run),
        "options": run.options,
        "job": find_live_job(asked.session, run.id),
        "may": boundaries.list_acts(asked.session, run) if run.kind == "boundaries" else [],
        "report": _show_report(asked, run),
    }


def sum_up(asked: Asked, run: ImportRun) -> dict[str, Any]:
    """An import as a list shows it: of its report the figures alone, the rows left out counted."""
    figures = {key: value for key, value in run.report.items() if not isinstance(value, (list, dict))}
    rejected = run.report.get("rejected", [])
    lost = sum(line["row"] > 0 for line in rejected) if rejected else run.report.get("left_out", 0)
    return {**show_import(asked, run), "report": {**figures, "rows_left_out": lost}}


def _show_report(asked: Asked, run: ImportRun) -> dict[str, Any]:
    """The report; what the customers of moving ground hold is told to those who see customers."""
    report = {key: value for key, value in run.report.items() if key != "replaced"}
    preview = report.get("preview")
    if preview and "see_customers" not in asked.person.rights:
        report["preview"] = {key: value for key, value in preview.items() if key != "balance_yuan"}
    return report


def _size(settings: Settings, run: ImportRun) -> int | None:
    path = settings.files / run.file_path if run.file_path else None
    return path.stat().st_size if path is not None and path.is_file() else None


def list_left_out(run: ImportRun) -> list[str]:
    """The rows that a boundary import left out, a JSON object each."""
    rows = run.report.get("rejected", []) if run.kind == "boundaries" else []
    return [json.dumps(row, ensure_ascii=False) for row in rows]
