"""A visit is reported: once, from wherever the reporter stands, with photographs of it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.errors import PROBLEMS
from app.api.session import Asked, CurrentPerson, allowed
from app.marketing import photos, visits

router = APIRouter(prefix="/api/v1/visits", tags=["visits 走访"], responses=PROBLEMS)
Reports = Annotated[Asked, allowed("report_visits")]
Sees = Annotated[Asked, allowed("see_customers")]
JPEG = {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}


class Visit(BaseModel):
    """A visit as a phone reports it; `client_key` is made by the phone, so that sending twice stores once.

    Of a customer, or with `grid_id` and outcome `done` of a grid as a whole. `sent_at` is what the phone's
    clock shows while it sends: a clock that is wrong is put right by it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "client_key": "a1f3c9",
                "customer_id": 18,
                "kind": "visit",
                "outcome": "met",
                "visited_at": "2026-11-21T10:20:00+08:00",
                "sent_at": "2026-11-21T10:24:00+08:00",
                "note": "有扩种意向",
                "lon": 121.2731,
                "lat": 31.9408,
                "accuracy_m": 12.0,
            }
        }
    )
    client_key: str = Field(min_length=4, max_length=64)
    customer_id: int | None = None
    grid_id: int | None = None
    kind: str = Field(default="visit", max_length=16)
    outcome: str = Field(max_length=16)
    visited_at: datetime
    sent_at: datetime | None = None
    note: str = Field(default="", max_length=500)
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = Field(default=None, ge=0, le=100_000)


class Stored(BaseModel):
    """Where the visit was booked, whether it was new, by which time it stands and how late it came.

    `inside_grid` tells whether the reporter stood in that grid (empty without a position), `clock_off_s` how
    far the phone's clock was behind.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "grid_id": 5,
                "stored": True,
                "visited_at": "2026-11-21T10:20:00+08:00",
                "inside_grid": True,
                "clock_off_s": 0,
                "late_s": 240,
                "late": False,
            }
        }
    )
    id: int
    grid_id: int
    stored: bool
    visited_at: datetime
    inside_grid: bool | None
    clock_off_s: int | None
    late_s: int
    late: bool


class PhotoStored(BaseModel):
    """The number of the photograph, and whether it was new."""

    model_config = ConfigDict(json_schema_extra={"example": {"id": 3, "stored": True}})
    id: int
    stored: bool


async def read_body(request: Request, _person: CurrentPerson) -> bytes:
    """The body of a request, refused as soon as it is known to be too large; nothing is spooled.

    It is read before the transaction is opened: a phone with two bars of signal takes its time.
    """
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > photos.PHOTO_LIMIT_BYTES:
        raise photos.too_large()
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > photos.PHOTO_LIMIT_BYTES:
            raise photos.too_large()
    return bytes(body)


@router.post("", status_code=201, response_model=Stored)
def report(visit: Visit, asked: Reports) -> Any:
    """Report a visit to a customer in one's own grids, or to a grid as a whole."""
    return visits.report_visit(asked.session, asked.person, visits.VisitReport(**visit.model_dump()))


@router.post(
    "/{visit_id}/photos",
    status_code=201,
    response_model=PhotoStored,
    openapi_extra={"requestBody": {"required": True, "content": JPEG}},
)
def add_photo(
    visit_id: int,
    content: Annotated[bytes, Depends(read_body)],
    asked: Reports,
    key: Annotated[str, Query(min_length=4, max_length=64)],
) -> Any:
    """Add a photograph (JPEG, at most 8 MB) to a visit that one reported; `key` is made by the phone."""
    return photos.keep_photo(
        asked.session,
        asked.person,
        visit_id,
        client_key=key,
        content=content,
        folder=asked.service.settings.files,
    )


@router.get("/photos/{photo_id}", response_class=Response, responses={200: {"content": JPEG}})
def show_photo(photo_id: int, asked: Sees) -> Response:
    """A photograph of a visit in sight; audited, and kept by no cache."""
    content = photos.open_photo(asked.session, photo_id, folder=asked.service.settings.files)
    return Response(
        content, media_type="image/jpeg", headers={"Content-Disposition": "inline; filename=visit.jpg"}
    )
