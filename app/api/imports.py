"""Files come in: boundaries, gazetteer, organisation, customers. The answer is a job to follow."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import record, require
from app.api.boundaries import (
    ImportShown,
    find_import,
    list_left_out,
    open_upload,
    show_import,
    sum_up,
    tell_audit,
)
from app.api.errors import PROBLEMS
from app.api.jobs import JobShown
from app.api.service import service_of
from app.api.session import Asked, CurrentPerson, allowed
from app.api.uploads import spool
from app.customers import intake
from app.errors import BadInput, NotFound
from app.jobs import create_job, defer_job, find_job, find_story, show_job
from app.models import ImportRun
from app.territory.plans import find_plan

router = APIRouter(prefix="/api/v1/imports", tags=["imports 导入"], responses=PROBLEMS)
Kind = Literal["boundaries", "gazetteer", "organisation", "customers"]
LINES = "application/x-ndjson"
SeesImports = Annotated[Asked, allowed("import_boundaries")]


class Options(BaseModel):
    """What may be said of a file; a word that is not known is refused, not passed by."""

    model_config = ConfigDict(extra="forbid")


class BoundaryOptions(Options):
    """How a boundary file is to be taken."""

    kind: str = "village"
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    dry_run: bool = False
    answers: dict[str, str] = {}
    code_source: str | None = None
    year: int | None = Field(default=None, ge=1949, le=2100)
    valid_from: date | None = None


class GazetteerOptions(Options):
    """Whose codes the places carry."""

    code_source: str | None = None


class OrganisationOptions(Options):
    """Which table the file is; duties name their plan."""

    table: Literal["branches", "staff", "duties"]
    plan: str | None = None
    valid_from: date | None = None

    @model_validator(mode="after")
    def name_plan(self) -> "OrganisationOptions":
        """Duties without a plan belong nowhere."""
        if self.table == "duties" and not self.plan:
            raise ValueError("duties need a plan")
        return self


class CustomerOptions(Options):
    """From which system the customers come; which column is what, where the headings do not say it.

    `mode` says whether the file is the whole source (who is missing has vanished) or only what changed; the
    source's own way when it is not said.
    """

    source: str
    fields: dict[str, str] = {}
    dry_run: bool = False
    mode: Literal["full", "delta"] | None = None
    allow_vanish: bool = False
    sheet: str | None = None


OPTIONS: dict[str, type[Options]] = {
    "boundaries": BoundaryOptions,
    "gazetteer": GazetteerOptions,
    "organisation": OrganisationOptions,
    "customers": CustomerOptions,
}


@router.post("/{kind}", status_code=202, response_model=JobShown)
def start_import(
    request: Request,
    kind: Kind,
    person: CurrentPerson,
    file: Annotated[list[UploadFile], File(description="one file, or the loose parts of one layer")],
    options: Annotated[str, Form(description='JSON, e.g. {"kind": "village", "crs": "EPSG:4549"}')] = "{}",
) -> Any:
    """Upload a file and start its import; follow the job at `/api/v1/jobs/{id}` (or `…/events`).

    options: boundaries `kind, layer, crs, encoding, dry_run, answers, code_source, year, valid_from`;
    gazetteer `code_source`; organisation `table` (branches, staff, duties with `plan`); customers `source`
    (core, credit, crm, roster …: `/api/v1/sources`), `fields` (term: column, e.g. `{"customer_name":
    "户主姓名"}`; `@none` where no column holds it), `dry_run` (the real import's report, and nobody stored),
    `mode` (`full`: who is missing has vanished; `delta`), `allow_vanish` (more may vanish than the source
    allows unasked). Boundaries may come as several files (`.shp`, `.dbf`, `.prj` …, or the files of a `.gdb`
    folder): they are packed into one. The upload of a boundary file is an import from now on, and stays one
    whatever becomes of it: `import_id`.
    """
    story = find_story(f"import_{kind}")
    require(person, story.right)
    service = service_of(request)
    said = _read_options(kind, options)
    with service.database.transaction(person.viewer) as session:
        _refuse_unknown(session, kind, said)
    if len(file) > 1 and kind != "boundaries":
        raise BadInput("one_file", zh="请一次上传一个文件", en="upload one file at a time")
    path, name = spool(file, service.settings)
    args = {**said, "path": str(path), "file_name": name}
    with service.database.transaction(person.viewer) as session:
        if kind == "boundaries":
            args = open_upload(session, path, {**said, "file_name": name}, service.settings)
        job_id = create_job(session, story.kind, args)
        defer_job(session, job_id)
        record(session, story.kind, subject=name, detail=tell_audit(job_id, args))
        return show_job(find_job(session, job_id))


def _read_options(kind: Kind, text: str) -> dict[str, Any]:
    """The options of a kind as JSON-ready arguments; where the file lies is ours alone to say."""
    try:
        options = OPTIONS[kind].model_validate_json(text)
    except ValidationError as error:
        places = "、".join(
            dict.fromkeys(".".join(map(str, item["loc"])) or "options" for item in error.errors())
        )
        raise BadInput(
            "bad_options", zh=f"options 有误：{places}", en=f"options cannot be used: {places}"
        ) from error
    return options.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def _refuse_unknown(session: Session, kind: Kind, said: dict[str, Any]) -> None:
    """What an upload names must be there before its bytes are kept: source, fields, the plan of duties.

    Raises NeedsAnswer with the sources there are, BadInput or NotFound.
    """
    if kind == "customers":
        intake.find_source(session, said["source"])
        for term in said.get("fields", {}):
            intake.find_field(term)
    elif said.get("plan"):
        find_plan(session, said["plan"])


@router.get("", response_model=list[ImportShown])
def list_imports(asked: SeesImports) -> Any:
    """The newest hundred imports in the viewer's sight (an analyst sees boundary and gazetteer files).

    Of each report the figures alone, with `rows_left_out`; the whole report is the import's own.
    """
    runs = asked.session.scalars(select(ImportRun).order_by(ImportRun.id.desc()).limit(100))
    return [sum_up(asked, run) for run in runs]


@router.get("/{import_id}", response_model=ImportShown)
def show_one_import(import_id: int, asked: SeesImports) -> Any:
    """One import with its report, what it was taken with, and what may be done with it now."""
    return show_import(asked, find_import(asked, import_id))


@router.get("/{import_id}/left-out", response_class=Response)
def download_left_out(import_id: int, asked: SeesImports) -> Response:
    """Every row that was left out or warned of, with row number and reason: one JSON object a line."""
    run = find_import(asked, import_id)
    name = f"import-{run.id}-left-out.jsonl"
    path = Path(asked.service.settings.files) / "imports" / f"{run.id}.left_out.jsonl"
    if path.is_file():
        record(asked.session, "download_left_out", subject=f"import {run.id}")
        return FileResponse(path, media_type=LINES, filename=name)
    lines = list_left_out(run)
    if not lines:
        raise NotFound("no_left_out", zh="这次导入没有剔除的行", en="this import left nothing out")
    record(asked.session, "download_left_out", subject=f"import {run.id}")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("".join(f"{line}\n" for line in lines), media_type=LINES, headers=headers)


@router.get("/{import_id}/duplicates", response_class=Response)
def download_duplicates(import_id: int, asked: SeesImports) -> Response:
    """Rows of a customer file whose key or person comes twice: one JSON object a line.

    `reason` is `repeated_key`, `card_two_keys`, `card_other_source` or `phone_other_source`; keys and row
    numbers are told, never an identity card, a telephone or a name.
    """
    require(asked.person, "import_customers")
    run = find_import(asked, import_id)
    path = Path(asked.service.settings.files) / "imports" / f"{run.id}.duplicates.jsonl"
    if not path.is_file():
        raise NotFound("no_duplicates", zh="这次导入没有重复名单", en="this import has no list of duplicates")
    record(asked.session, "download_duplicates", subject=f"import {run.id}")
    return FileResponse(path, media_type=LINES, filename=f"import-{run.id}-duplicates.jsonl")


@router.get("/{import_id}/vanished", response_class=Response)
def download_vanished(import_id: int, asked: SeesImports) -> Response:
    """Whom a full delivery held no more: key, masked name, grid and village, one JSON object a line."""
    require(asked.person, "import_customers")
    run = find_import(asked, import_id)
    path = Path(asked.service.settings.files) / "imports" / f"{run.id}.vanished.jsonl"
    if not path.is_file():
        raise NotFound("no_vanished", zh="这次导入没有消失的客户", en="nobody vanished in this import")
    record(asked.session, "download_vanished", subject=f"import {run.id}")
    return FileResponse(path, media_type=LINES, filename=f"import-{run.id}-vanished.jsonl")
