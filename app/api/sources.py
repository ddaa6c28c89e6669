"""Source systems: who sends customers, how far each is trusted, which heading is which field."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from app.access import record
from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.customers import intake
from app.db import as_worker
from app.errors import BadInput

router = APIRouter(prefix="/api/v1/sources", tags=["imports 导入"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("import_customers")]
# Head office alone: another heading map reads every customer otherwise.
Changes = Annotated[Asked, allowed("assign_customers")]
Code = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
CORE: dict[str, Any] = {
    "code": "core",
    "name": "核心系统",
    "name_en": "core banking system",
    "trust_rank": 1,
    "standing": "existing",
    "headings": {"source_key": "客户编号", "phone": "联系方式"},
    "file_pattern": "CORE_{date}*.csv",
    "delivery": "full",
    "vanish_limit": 0.05,
    "origin": {},
    "active": True,
    "check_numbers": True,
}


class SourceShown(BaseModel):
    """A source system; `headings` maps a field to its heading in this source's files."""

    model_config = ConfigDict(json_schema_extra={"example": CORE})
    code: str
    name: str
    name_en: str
    trust_rank: int
    standing: str
    headings: dict[str, str]
    file_pattern: str | None
    delivery: str
    vanish_limit: float
    origin: dict[str, Any]
    active: bool
    check_numbers: bool


class SourceWanted(BaseModel):
    """What is to change; what is not said stays. A heading map replaces the map before."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"delivery": "full", "headings": {"phone": "联系方式"}}},
    )
    name: str | None = Field(default=None, min_length=1, max_length=64)
    name_en: str | None = Field(default=None, max_length=64)
    trust_rank: int | None = Field(default=None, ge=1, le=1000)
    standing: Literal["existing", "prospect"] | None = None
    headings: dict[str, str] | None = None
    file_pattern: str | None = Field(default=None, max_length=200)
    delivery: Literal["full", "delta"] | None = None
    vanish_limit: float | None = Field(default=None, ge=0, le=1)
    origin: dict[str, Any] | None = None
    active: bool | None = None
    check_numbers: bool | None = None


@router.get("", response_model=list[SourceShown])
def list_all(asked: Sees) -> Any:
    """All source systems, the most trusted first."""
    return [source.as_json() for source in intake.list_sources(asked.session)]


@router.get("/{code}", response_model=SourceShown)
def show_one(code: Code, asked: Sees) -> Any:
    """One source system."""
    return intake.show_source(asked.session, code).as_json()


@router.put("/{code}", response_model=SourceShown)
def change_one(code: Code, wanted: SourceWanted, asked: Changes) -> Any:
    """Change a source system, or make it (a new one needs a name). Another heading map reads files anew.

    Where a source's table lies is said on the server (`getu source table`); here `origin` can be emptied.
    """
    if wanted.origin:
        # Whoever names a host and a variable of the environment makes the server send its secrets there.
        raise BadInput(
            "bad_origin",
            zh="来源库的连接只能在服务器上用 getu source table 设置，这里只能清空（{}）",
            en="a source's table is named on the server by getu source table; here it can be emptied",
        )
    changes = wanted.model_dump(exclude_none=True)
    with as_worker(asked.session):
        source = intake.store_source(asked.session, code, changes)
    record(asked.session, "change_source", subject=f"source {code}", detail={"changed": sorted(changes)})
    return source.as_json()
