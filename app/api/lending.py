"""The lending-area check by API: one, many, a file; kept answers, their page on paper, and exceptions."""

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from fastapi import Path as PathOf
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from app.access import Person, record, require
from app.api.errors import PROBLEMS
from app.api.jobs import JobShown
from app.api.service import service_of
from app.api.session import Asked, CurrentPerson, allowed
from app.api.uploads import spool
from app.customers import lending
from app.customers.lending.files import open_questions
from app.db import Viewer
from app.db.connection import WORKER
from app.errors import Conflict, GetuError, NotFound
from app.jobs import create_job, defer_job, find_job, find_story, show_job
from app.jobs.lending import result_path
from app.maps.lending_paper import print_check

router = APIRouter(prefix="/api/v1", tags=["lending 跨区核验"], responses=PROBLEMS)
Checks = Annotated[Asked, allowed("check_lending")]


def open_worker(request: Request, person: CurrentPerson) -> Iterator[Asked]:
    """The worker's transaction in the person's name, for a batch.

    Each question is answered in the person's own sight (`viewer`), which the database's functions cut by his
    id; a viewer's transaction would change roles twice more for every answer.
    """
    require(person, "check_lending")
    service = service_of(request)
    with service.database.transaction(Viewer(WORKER.db_role, person.user_id)) as session:
        yield Asked(person, session, service)


open_worker.right = "check_lending"  # type: ignore[attr-defined]  # read by the authorization matrix test
Quick = Annotated[Asked, Depends(open_worker, scope="function")]


async def find_asker(person: CurrentPerson) -> Person:
    """Who asks one question; it opens the two short transactions of its own (`check_at_once`)."""
    require(person, "check_lending")
    return person


find_asker.right = "check_lending"  # type: ignore[attr-defined]  # read by the authorization matrix test
Asker = Annotated[Person, Depends(find_asker)]
Allows = Annotated[Asked, allowed("allow_lending")]
Number = Annotated[int, PathOf(ge=0, lt=2**63)]
Words = Annotated[str, Field(max_length=10_000)]
POINT: dict[str, Any] = {"lon": 121.2731, "lat": 31.9408, "datum": "cgcs2000"}
QUESTION: dict[str, Any] = {"branch": "80112", "point": POINT, "date": "2026-11-22"}
BATCH: dict[str, Any] = {"branch": "80112", "rows": [{"customer": 18}, {"point": POINT}]}
ANSWER: dict[str, Any] = {
    "id": 812,
    "answer": "out",
    "answer_zh": "跨区",
    "answer_en": "out",
    "reason": "other_branch",
    "message_zh": "跨区：位于其他机构的网格",
    "message_en": "out: it lies in another branch's grid",
    "subject": "点位 121.273100, 31.940800",
    "ref": "A-17",
    "branch": {"code": "80112", "name": "常乐支行"},
    "superior": {"code": "80000", "name": "总行"},
    "on": "2026-11-22",
    "side": {"code": "outside", "zh": "辖外", "en": "outside"},
    "distance_m": 1830.4,
    "edge_m": 30.0,
    "plan": {
        "code": "V1",
        "name": "2026 年网格规划",
        "ground_version": 4,
        "certificate_no": "V1-9c1f",
        "synthetic": True,
    },
    "holder": {"code": "80115", "name": "四甲支行"},
    "point": {"lon": 121.2731, "lat": 31.9408},
    "evidence": {
        "placed": {
            "rung": 2,
            "rung_zh": "点位",
            "method": "point",
            "score": 1.0,
            "unit_code": "320614103211",
            "accuracy_m": 20.0,
            "datum": "cgcs2000",
        },
        "candidates": [],
        "grid": {"code": "HM-SJ-003", "name": "合兴村", "kind": "village"},
        "limits": [],
    },
    "exception": {"id": 7, "state": "asked", "state_zh": "待审批", "state_en": "waits for a decision"},
    "asked_at": "2026-11-22T10:20:00+08:00",
    "batch": "7b1c1f0e-2a57-4d0b-9d6e-3a8f5c1c9f10",
}
EXCEPTION: dict[str, Any] = {
    "id": 7,
    "check_id": 812,
    "state": "asked",
    "state_zh": "待审批",
    "state_en": "waits for a decision",
    "reason": "客户在我行辖内经营多年，住所刚迁至邻镇",
    "asked_at": "2026-11-22T10:30:00+08:00",
    "valid_until": "2026-12-31",
    "decision_note": "同意，按异地贷款管理",
}


class Question(BaseModel):
    """One question: a customer {id} or {source, key}, an address, or a point {lon, lat, datum}; for a branch
    (with all below it), on a date (today when none is named)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": QUESTION})
    # As they come: `read_ask` says in both languages what is wrong with them.
    branch: SkipValidation[str | int | None] = None
    customer: SkipValidation[dict[str, Any] | int | str | None] = None
    address: str | None = Field(default=None, max_length=10_000)
    point: SkipValidation[dict[str, Any] | None] = None
    date: str | None = Field(default=None, max_length=40)
    ref: SkipValidation[str | int | None] = Field(
        default=None, description="the asker's own mark, given back"
    )


class CheckShown(BaseModel):
    """The answer: in, out, edge (nearer to the border than `edge_m`) or unknown with its reason.

    `distance_m` is the way to the border of the branch's ground on the ellipsoid, from inside or outside as
    `side` says. Of a customer out of the viewer's sight neither point nor grid are told.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": ANSWER})
    id: int
    answer: Literal["in", "out", "edge", "unknown"]
    answer_zh: str
    answer_en: str
    reason: str | None
    message_zh: str
    message_en: str
    subject: str
    branch: dict[str, Any]
    on: str
    side: dict[str, str] | None
    distance_m: float | None
    edge_m: float | None
    plan: dict[str, Any] | None
    holder: dict[str, Any] | None
    point: dict[str, float] | None
    evidence: dict[str, Any]
    asked_at: str
    batch: str | None


class Questions(BaseModel):
    """Up to 10,000 questions; `branch` and `date` stand in where one names none."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": BATCH},
    )
    branch: str | None = None
    date: str | None = Field(default=None, max_length=40)
    rows: list[SkipValidation[dict[str, Any]]] = Field(min_length=1, max_length=lending.MOST_ASKS)


class BatchShown(BaseModel):
    """Answers in the order of the questions; one that could not be asked so has `error` and nothing else."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "batch": "7b1c1f0e-2a57-4d0b-9d6e-3a8f5c1c9f10",
                "counts": {"out": 1, "error": 1},
                "answers": [ANSWER, {"error": {"code": "no_customer", "zh": "没有这位客户", "en": "…"}}],
            }
        }
    )
    batch: str
    counts: dict[str, int]
    answers: list[dict[str, Any]]


class CheckPage(BaseModel):
    """A page of kept answers, and the number before which the next page begins."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"checks": [{"id": 812, "answer": "out"}], "next": 811}}
    )
    checks: list[dict[str, Any]]
    next: int | None


class Wish(BaseModel):
    """Why a loan should be allowed although the answer does not say yes."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": EXCEPTION["reason"]}})
    reason: Words


class Decision(BaseModel):
    """Approve (up to a day) or refuse, with the decider's words."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"decision": "approve", "note": "同意，按异地贷款管理", "valid_until": "2026-12-31"}
        },
    )
    decision: Literal["approve", "refuse"]
    note: Words
    valid_until: date | None = None


class ExceptionShown(BaseModel):
    """An exception: asked, approved, refused or withdrawn, by whom and when."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": EXCEPTION})
    id: int
    check_id: int
    state: Literal["asked", "approved", "refused", "withdrawn"]
    state_zh: str
    state_en: str
    reason: str
    valid_until: str | None


class ExceptionPage(BaseModel):
    """Exceptions in sight, those that wait first."""

    model_config = ConfigDict(json_schema_extra={"example": {"exceptions": [EXCEPTION]}})
    exceptions: list[ExceptionShown]


@router.post("/lending-check", response_model=CheckShown)
def check(request: Request, question: Question, asker: Asker) -> Any:
    """Does this customer, address or point lie in the branch's ground on that day? The answer is kept.

    The customer may stand outside the viewer's sight: then nothing but the answer is told of him.
    """
    ask = lending.read_ask(question.model_dump())
    found = lending.check_at_once(service_of(request).database, ask, asker.viewer)
    # As it is: to check it against its own model once more takes as long as to find it.
    return JSONResponse(found)


@router.post("/lending-check/batch", response_model=BatchShown)
def check_batch(questions: Questions, asked: Quick) -> dict[str, Any]:
    """Many questions at once, kept under one batch; a wrong one is told in its place, the others stand."""
    day = lending.read_day(questions.date)
    asks = [lending.try_ask(row, branch=questions.branch, on=day) for row in questions.rows]
    batch = uuid.uuid4()
    found = lending.check_many(asked.session, asks, batch=batch, viewer=asked.person.viewer)
    counts: dict[str, int] = {}
    for one in found:
        key = "error" if isinstance(one, GetuError) else one["answer"]
        counts[key] = counts.get(key, 0) + 1
    answers = [lending.show_error(one) if isinstance(one, GetuError) else one for one in found]
    return {"batch": str(batch), "counts": counts, "answers": answers}


@router.post("/lending-check/files", status_code=202, response_model=JobShown)
def start_file(
    request: Request,
    person: CurrentPerson,
    file: Annotated[
        UploadFile, File(description="CSV, TSV, XLSX or Parquet with customers, addresses or points")
    ],
    branch: Annotated[str | None, Form(max_length=64)] = None,
    on: Annotated[str | None, Form(max_length=40)] = None,
) -> Any:
    """Check a file of questions; follow the job at `/api/v1/jobs/{id}`, then fetch its result.

    Columns are known by many headings: 系统编号, or 来源系统 with 客户号; 地址; 经度, 纬度 and 坐标系;
    机构号; 日期. A file without any of them is refused at once.
    """
    require(person, find_story("check_lending").right)
    service = service_of(request)
    lending.read_day(on)
    path, name = spool([file], service.settings)
    try:
        open_questions(path)
    except GetuError:
        path.unlink(missing_ok=True)
        raise
    with service.database.transaction(person.viewer) as session:
        args = {"path": str(path), "file_name": name, "branch": branch, "on": on}
        job_id = create_job(session, "check_lending", args)
        defer_job(session, job_id)
        record(session, "lending_file", subject=f"job {job_id}", detail={"file": name})
        return show_job(find_job(session, job_id))


@router.get("/lending-check/files/{job_id}/result", response_class=FileResponse)
def download_result(job_id: Number, asked: Checks) -> FileResponse:
    """The answers of a file in its order, as CSV; for whoever sent it, and head office."""
    job = find_job(asked.session, job_id)
    if job.kind != "check_lending" or job.args.get("out"):
        raise NotFound("no_job", zh="没有这个任务", en="no such job in your sight")
    if job.status != "done":
        raise Conflict("not_done", zh="任务还没有完成", en="the job is not done", status_of_job=job.status)
    path = result_path(asked.service.settings.files, job_id)
    if not path.is_file():
        raise NotFound("result_gone", zh="结果文件已过保存期", en="the result is no longer kept")
    record(asked.session, "download_lending", subject=f"job {job_id}")
    return FileResponse(path, media_type="text/csv", filename=f"lending-{job_id}.csv")


@router.get("/lending-checks", response_model=CheckPage)
def list_checks(
    asked: Checks,
    before: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    answer: Literal["in", "out", "edge", "unknown"] | None = None,
    mine: bool = False,
    batch: uuid.UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """Kept answers in sight, the newest first: a branch's own, and all for head office."""
    return lending.list_checks(
        asked.session,
        before=before,
        answer=answer,
        mine=asked.person.user_id if mine else None,
        batch=batch,
        limit=limit,
    )


@router.get("/lending-checks/{check_id}.pdf", response_class=Response)
def print_one(check_id: Number, asked: Checks) -> Response:
    """The evidence on one A4 page: the spot and the branch's border, the facts, the plan, who asked when."""
    found = _find(asked, check_id)
    body = print_check(asked.session, found, bank=asked.service.settings.bank_name)
    record(asked.session, "print_lending_check", subject=str(check_id))
    headers = {"Content-Disposition": f'inline; filename="lending-check-{check_id}.pdf"'}
    return Response(body, media_type="application/pdf", headers=headers)


@router.get("/lending-checks/{check_id}", response_model=CheckShown)
def show_check(check_id: Number, asked: Checks) -> Any:
    """One kept answer with its evidence, as it was given, and the newest exception to it."""
    found = _find(asked, check_id)
    return {key: value for key, value in found.items() if key not in ("customer_id", "own_mark")}


def _find(asked: Asked, check_id: int) -> dict[str, Any]:
    found = lending.find_check(asked.session, check_id)
    customer_id = found["customer_id"]
    shown = [] if customer_id is None else [customer_id]
    record(asked.session, "see_lending_check", subject=str(check_id), customer_ids=shown)
    return found


@router.post("/lending-checks/{check_id}/exception", status_code=201, response_model=ExceptionShown)
def ask_exception(check_id: Number, wish: Wish, asked: Checks) -> Any:
    """Ask that a loan be allowed although the answer is not "in"."""
    return lending.ask_exception(asked.session, check_id, wish.reason, user_id=asked.person.user_id)


@router.get("/lending-exceptions", response_model=ExceptionPage)
def list_exceptions(
    asked: Checks,
    state: Literal["asked", "approved", "refused", "withdrawn"] | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Any:
    """Exceptions in sight: a branch's own, and all for head office; those that wait first."""
    return {"exceptions": lending.list_exceptions(asked.session, state=state, limit=limit)}


@router.post("/lending-exceptions/{exception_id}/decide", response_model=ExceptionShown)
def decide_exception(exception_id: Number, decision: Decision, asked: Allows) -> Any:
    """Approve up to a day, or refuse; never by who asked for it."""
    return lending.decide_exception(
        asked.session,
        exception_id,
        approve=decision.decision == "approve",
        user_id=asked.person.user_id,
        note=decision.note,
        valid_until=decision.valid_until,
    )


@router.post("/lending-exceptions/{exception_id}/withdraw", response_model=ExceptionShown)
def withdraw_exception(exception_id: Number, asked: Checks) -> Any:
    """Take back an exception that waits or stands."""
    return lending.withdraw_exception(
        asked.session,
        exception_id,
        user_id=asked.person.user_id,
        may_decide="allow_lending" in asked.person.rights,
    )
