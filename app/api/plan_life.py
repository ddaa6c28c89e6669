"""A plan's life by API: certificate, approval by a second person, into force on a day, withdrawn."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.access import record
from app.api.errors import PROBLEMS
from app.api.plans import Plans, PlanShown, Sees, show_plan
from app.jobs.turning import turn_plans
from app.maps.certificate import print_certificate
from app.territory import plans

router = APIRouter(prefix="/api/v1/plans", tags=["plan life 规划生效"], responses=PROBLEMS)
PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
STATEMENT: dict[str, Any] = {
    "form": "getu.coverage/2",
    "number": "V1-1-0123ABCD",
    "bank": "江海农商银行",
    "plan": "V1",
    "plan_name": "2026 年网格规划",
    "frame_km2": 938.4113,
    "grids_km2": 938.4113,
    "overlaid_m2": 0.0,
    "difference_m2": 0.0,
    "grids": {"total": 308, "market": 12, "village": 296},
    "overlaps": 0,
    "gaps": 0,
    "faults": 0,
    "nested": [],
    "slivers": {"count": 0, "area_m2": 0.0},
    "multipart": [],
    "vacant": [],
    "market_rule": "cut",
    "precedence": [],
    "hash": "0123abcd…",
    "ground_version": 1,
    "issued_on": "2026-01-01",
    "issued_at": "2026-01-01T09:00:00+08:00",
    "issued_by": "总行网格办",
    "checker": "getu 0.1.0 / shapely 2.1.2 / GEOS 3.13.1",
    "seal": "89ab…",
}


class CertificateShown(BaseModel):
    """A certificate and whether the ground is still what it says; `valid` is null where nobody can tell: the
    plan has none, or the viewer does not see all of its ground."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "certificate": STATEMENT,
                "valid": True,
                "number": "V1-1-0123ABCD",
                "plan": "V1",
                "sealed": True,
                "issued": True,
                "expected": "0123abcd…",
                "found": "0123abcd…",
                "differences": [],
            }
        }
    )
    certificate: dict[str, Any] | None
    valid: bool | None
    plan: str
    number: str | None = None
    sealed: bool | None = None
    issued: bool | None = None
    expected: str | None = None
    found: str | None = None
    differences: list[dict[str, Any]] = Field(default_factory=list)


class Publication(BaseModel):
    """From which day the plan is in force; a day to come is kept, and the plan begins on it by itself."""

    model_config = ConfigDict(json_schema_extra={"example": {"valid_from": "2027-01-01"}})
    valid_from: date


@router.post("/{code}/certificate")
def certify(code: str, asked: Plans) -> dict[str, Any]:
    """Issue the coverage certificate; 409 with the findings that are left."""
    plan = plans.find_plan(asked.session, code)
    bank = asked.service.settings.bank_name
    certificate = plans.certify(asked.session, plan, user_id=asked.person.user_id, bank=bank)
    record(asked.session, "certify", subject=code, detail={"number": certificate["number"]})
    return certificate


@router.get("/{code}/certificate", response_model=CertificateShown)
def verify(code: str, asked: Sees) -> Any:
    """The certificate, and whether the ground is still what it says (for a viewer of all the ground)."""
    plan = plans.find_plan(asked.session, code)
    if plan.certificate is None or asked.person.viewer.db_role == "getu_scoped":
        return {"certificate": plan.certificate, "valid": None, "plan": plan.code}
    return {"certificate": plan.certificate, **plans.verify(asked.session, plan)}


@router.get("/{code}/certificate.pdf", response_class=Response, responses=PDF)
def download_certificate(code: str, asked: Sees) -> Response:
    """The certificate as one A4 page to hang beside the map, the statement itself attached; 409 without one.

    Its small map shows the frame and the grids in the viewer's sight.
    """
    plan = plans.find_plan(asked.session, code)
    with tempfile.TemporaryDirectory() as folder:
        body = print_certificate(asked.session, plan, Path(folder) / "certificate.pdf").read_bytes()
    record(asked.session, "print_certificate", subject=code, detail={"number": plan.certificate_no})
    name = quote(f"全覆盖证明-{plan.certificate_no}.pdf")
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{name}"}
    return Response(body, media_type="application/pdf", headers=headers)


@router.post("/{code}/approve", response_model=PlanShown)
def approve(code: str, asked: Plans) -> Any:
    """Approve a certified plan; not by who made, certified or last changed it."""
    plans.approve(asked.session, plans.find_plan(asked.session, code), user_id=asked.person.user_id)
    record(asked.session, "approve_plan", subject=code)
    return show_plan(asked, code)


@router.post("/{code}/publish", response_model=PlanShown)
def publish(code: str, publication: Publication, asked: Plans) -> Any:
    """Bring a certified plan into force from a day on; the former plan ends the day before.

    When that day has come, customers are assigned to its grids at once (`assigning`).
    """
    plan = plans.find_plan(asked.session, code)
    plans.publish(asked.session, plan, valid_from=publication.valid_from, user_id=asked.person.user_id)
    record(
        asked.session, "publish_plan", subject=code, detail={"valid_from": publication.valid_from.isoformat()}
    )
    return show_plan(asked, code, assigning=turn_plans(asked.session))


@router.post("/{code}/withdraw", response_model=PlanShown)
def withdraw(code: str, asked: Plans) -> Any:
    """Take an approval back, also of a plan whose first day is still to come; 409 once it has begun."""
    plans.withdraw(asked.session, plans.find_plan(asked.session, code))
    record(asked.session, "withdraw_plan", subject=code)
    return show_plan(asked, code)
