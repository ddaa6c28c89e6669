"""Where is this: an address to a place, a point to a grid and those who answer for it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Query, Request, UploadFile
from fastapi import Path as PathOf
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from app.access import record, require
from app.api.errors import PROBLEMS
from app.api.jobs import JobShown
from app.api.service import service_of
from app.api.session import Asked, CurrentPerson, allowed
from app.api.uploads import spool
from app.customers import places
from app.customers.address_file import open_addresses
from app.errors import BadInput, Conflict, GetuError, NotFound
from app.jobs import create_job, defer_job, find_job, find_story, show_job
from app.jobs.placing import result_path
from app.maps import rollup
from app.models import Job
from app.territory.whereabouts import MOST_NEAR_M, NEAR_M, Question, find_whereabouts

router = APIRouter(prefix="/api/v1", tags=["places 地点"], responses=PROBLEMS)
Asks = Annotated[Asked, allowed("ask_places")]
Sees = Annotated[Asked, allowed("see_ground")]
Runs = Annotated[Asked, allowed("assign_customers")]
Number = Annotated[int, PathOf(ge=0, lt=2**63)]
Datum = Literal["cgcs2000", "wgs84", "gcj02", "bd09"]
Address = Annotated[str, Field(max_length=10_000)]
MOST_ADDRESSES = 1000
ANSWER: dict[str, Any] = {
    "level": "village",
    "code": "320614102208",
    "name": "颐生村",
    "score": 0.97,
    "method": "exact",
    "candidates": [],
    "warnings": [],
    "lon": 121.21,
    "lat": 31.95,
    "group": "3",
    "house": "12",
    "building": "",
    "unit": "",
    "room": "",
}


SUMMARY: dict[str, Any] = {
    "rows": 50000,
    "left_out": 1,
    "reasons": {"columns": 1},
    "rejected": [
        {
            "row": 1804,
            "reason": "columns",
            "message": {"zh": "列数与表头不符", "en": "the number of cells is not that of the headings"},
        }
    ],
    "damaged": 0,
    "distinct_prefixes": 16735,
    "levels": {"village": 49999, "none": 1},
    "rungs": {"5": 49999, "0": 1},
    "noise": {"clean": 40000, "slip": 10000},
    "scores": {"0.9-1": 49999, "open": 1},
    "methods": {"exact": 49999, "columns": 1},
    "warnings": {},
    "sure": 49999,
    "sure_share": 0.99998,
    "seconds": 4.2,
    "rows_per_s": 11905,
    "encoding": {"name": "gb18030", "mixed": False},
    "matcher": "2280-1|0",
}
WHEREABOUTS: dict[str, Any] = {
    "place": "inside",
    "message_zh": "在网格内",
    "message_en": "inside a grid",
    "hint": None,
    "on": "2026-11-22",
    "known_at": None,
    "point": {"lon": 121.2731, "lat": 31.9408},
    "plan": {"code": "V1", "name": "2026 年网格规划", "certificate_no": "V1-9c1f", "synthetic": True},
    "grid": {
        "id": 5,
        "code": "HM-CL-017",
        "name": "颐生村",
        "kind": "village",
        "town_code": "320614102",
        "town_name": "常乐镇",
    },
    "branch": {"code": "80112", "name": "常乐支行", "branch_type": "rural"},
    "manager": {"code": "HM0123", "name": "沈建华", "phone": None},
    "backup": None,
    "liaison": None,
    "terminal_administrator": None,
    "contested_with": [],
    "edge_distance_m": 37.5,
    "unit": {
        "code": "320614102208",
        "name": "颐生村",
        "kind": "village",
        "town_code": "320614102",
        "town_name": "常乐镇",
    },
    "town": {"code": "320614102", "name": "常乐镇"},
    "nearest_outlet": {
        "code": "80112",
        "name": "常乐支行",
        "kind": "branch",
        "branch_type": "rural",
        "distance_m": 1210.4,
    },
    "near_m": 50.0,
    "near": {"grids": [], "units": []},
}


class Addresses(BaseModel):
    """One address or many, as people type them."""

    model_config = ConfigDict(json_schema_extra={"example": {"addresses": ["海门区常乐镇颐生村3组12号"]}})
    address: Address | None = None
    addresses: list[Address | None] = Field(default_factory=list, max_length=MOST_ADDRESSES)


class AnswerShown(BaseModel):
    """The level the matcher is sure of; never a silent pick among equals: `ambiguous` lists them."""

    model_config = ConfigDict(json_schema_extra={"example": ANSWER})
    level: str
    code: str
    name: str
    score: float
    method: str
    candidates: list[dict[str, Any]]
    warnings: list[str]
    lon: float | None
    lat: float | None
    group: str
    house: str
    building: str
    unit: str
    room: str


class SummaryShown(BaseModel):
    """What a file's answers add up to; `sure` may be taken without a look, `rejected` lists the first."""

    model_config = ConfigDict(json_schema_extra={"example": SUMMARY})
    rows: int
    left_out: int
    reasons: dict[str, int]
    rejected: list[dict[str, Any]]
    damaged: int
    distinct_prefixes: int
    levels: dict[str, int]
    rungs: dict[str, int]
    noise: dict[str, int]
    scores: dict[str, int]
    methods: dict[str, int]
    warnings: dict[str, int]
    sure: int
    sure_share: float
    seconds: float
    rows_per_s: int | None
    encoding: dict[str, Any]
    matcher: str


class PlacingWanted(BaseModel):
    """Whose placement is judged anew, and whether customers are assigned afterwards."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"scope": "changed"}})
    scope: Literal["changed", "open", "all"] = "changed"
    assign: bool = True


class Answers(BaseModel):
    """Answers in the order of the addresses."""

    model_config = ConfigDict(json_schema_extra={"example": {"answers": [ANSWER]}})
    answers: list[AnswerShown]


@router.post("/geocode", response_model=Answers)
def geocode(asked_for: Addresses, asked: Asks) -> Any:
    """Match addresses against the bank's own gazetteer; nothing leaves the bank."""
    given = ([asked_for.address] if asked_for.address is not None else []) + list(asked_for.addresses)
    if not given:
        raise BadInput("no_address", zh="请给出地址", en="give an address, or a list of addresses")
    answers = places.geocode(asked.session, given)
    record(asked.session, "geocode", detail={"addresses": len(given)})
    return {"answers": [places.show_answer(answer) for answer in answers]}


@router.post("/geocode/files", status_code=202, response_model=JobShown)
def start_file(
    request: Request,
    person: CurrentPerson,
    file: Annotated[UploadFile, File(description="CSV or TSV with an id and an address column")],
) -> Any:
    """Match a file of addresses, however long; follow the job at `/api/v1/jobs/{id}`, then fetch its result.

    Any encoding and delimiter; columns are known by many headings (编号, 客户号; 地址, 住址). A file without
    them is refused at once, naming the headings found.
    """
    require(person, find_story("geocode_file").right)
    service = service_of(request)
    path, name = spool([file], service.settings)
    try:
        open_addresses(path)
    except GetuError:
        path.unlink(missing_ok=True)
        raise
    with service.database.transaction(person.viewer) as session:
        job_id = create_job(session, "geocode_file", {"path": str(path), "file_name": name})
        defer_job(session, job_id)
        record(session, "geocode_file", subject=name, detail={"job": job_id})
        return show_job(find_job(session, job_id))


@router.get("/geocode/files/{job_id}/result", response_class=FileResponse)
def download_result(job_id: Number, asked: Asks) -> FileResponse:
    """The places of a file's addresses: `id,level,code,name,score,method,candidates,warnings`, in its order.

    For whoever sent the file, and head office.
    """
    _find_done(asked, job_id)
    path = result_path(asked.service.settings.files, job_id)
    if not path.is_file():
        raise NotFound("result_gone", zh="结果文件已过保存期", en="the result is no longer kept")
    record(asked.session, "download_geocoded", subject=f"job {job_id}")
    return FileResponse(path, media_type="text/csv", filename=f"geocoded-{job_id}.csv")


@router.get("/geocode/files/{job_id}/summary", response_model=SummaryShown)
def show_summary(job_id: Number, asked: Asks) -> Any:
    """What a file's answers add up to: by level, rung, noise, score, and the rows rejected with reasons."""
    return _find_done(asked, job_id).result


def _find_done(asked: Asked, job_id: int) -> Job:
    """The finished job of a file in the viewer's sight. Raises NotFound, or Conflict before its end."""
    job = find_job(asked.session, job_id)
    if job.kind != "geocode_file" or "out" in job.args:
        raise NotFound("no_job", zh="没有这个任务", en="no such job in your sight")
    if job.status != "done":
        raise Conflict("not_done", zh="任务还没有完成", en="the job is not done", status_of_job=job.status)
    return job


@router.post("/placement/runs", status_code=202, response_model=JobShown)
def start_placing(wanted: PlacingWanted, asked: Runs) -> Any:
    """Judge where customers live anew: all when names or corrections changed (`changed`), those in doubt
    (`open`), or all without asking (`all`). What was decided by hand stays. Then assign them."""
    job_id = create_job(asked.session, "place_customers", wanted.model_dump())
    defer_job(asked.session, job_id)
    record(asked.session, "place_customers", detail={"job": job_id, **wanted.model_dump()})
    return show_job(find_job(asked.session, job_id))


@router.get("/locate", responses={200: {"content": {"application/json": {"example": WHEREABOUTS}}}})
def locate(
    asked: Asks,
    lon: Annotated[float, Query(allow_inf_nan=False, description="degrees of `datum`")],
    lat: Annotated[float, Query(allow_inf_nan=False, description="degrees of `datum`")],
    on: date | None = None,
    known_at: datetime | None = None,
    datum: Datum = "cgcs2000",
    near_m: Annotated[float, Query(ge=0, le=MOST_NEAR_M)] = NEAR_M,
) -> dict[str, Any]:
    """What lies at this point on a date: grid, plan, branch, manager, distance to the edge; its village and
    town, the nearest outlet, and other grids and villages within `near_m` metres."""
    question = Question(lon, lat, datum=datum, on=on, known_at=known_at, near_m=near_m)
    return find_whereabouts(asked.session, question)


@router.get("/rollup")
def roll_up(
    asked: Sees,
    level: Annotated[str, Query(description="province, city, county, town or village")] = "town",
    on: date | None = None,
) -> dict[str, Any]:
    """Villages, ground, households, grids and customers by administrative code at one of five levels; every
    level has the same total. Customers are those of the grids in sight."""
    return rollup.roll_up(asked.session, level, on=on)
