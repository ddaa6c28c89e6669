"""Who may ask what: every route against every kind of viewer, for one's own ground and for another's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.db.connection import WORKER
from tests.conftest import Client, DemoBank
from tests.truth import GRIDS, truth

ROLES = ("anonymous", "head", "branch_head", "manager", "analyst", "system")
SCOPED = ("branch_head", "manager", "system")


@dataclass(frozen=True)
class Row:
    """One route: its address with the viewer's own things, the status of each role, and another's address.

    `statuses` stand in the order of ROLES. `foreign` is asked by each scoped role that may ask its own; the
    answer is then 404 or 403. A `page` says no as a page. `{grid}`, `{customer}` … are filled from `own` and
    `foreign` things.
    """

    statuses: str
    path: str
    json: dict[str, Any] | None = None
    foreign: bool = False
    page: bool = False
    more: dict[str, Any] = field(default_factory=dict)

    def status(self, role: str) -> int:
        return int(self.statuses.split()[ROLES.index(role)])


VISIT = {"client_key": "matrix", "customer_id": "{customer}", "outcome": "met", "visited_at": "{now}"}
FILE = {"files": {"file": ("nothing.csv", b"nothing")}}
OPEN, GROUND = "200 200 200 200 200 200", "401 200 200 200 200 200"
CUSTOMERS = "401 200 200 200 403 200"
PLACER = "401 200 200 200 403 403"
PLANNER = "401 {} 403 403 403 403"
DESK = "401 {0} 403 403 {0} 403"
DIVIDER = "401 {0} {0} 403 403 403"
PLACERS = "401 {0} {0} {0} 403 403"
MATRIX: dict[str, Row] = {
    "POST /api/v1/session": Row(
        "401 401 401 401 401 401", "/api/v1/session", {"login": "matrix-nobody", "password": "wrong-wrong"}
    ),
    "DELETE /api/v1/session": Row("401 204 204 204 204 204", "/api/v1/session"),
    "GET /api/v1/me": Row(GROUND, "/api/v1/me"),
    "POST /api/v1/imports/{kind}": Row(
        "401 202 403 403 403 202",
        "/api/v1/imports/customers",
        more={**FILE, "data": {"options": '{"source": "core"}'}},
    ),
    "GET /api/v1/imports": Row("401 200 403 403 200 403", "/api/v1/imports"),
    "GET /api/v1/imports/{import_id}": Row("401 200 403 403 404 403", "/api/v1/imports/{customer_import}"),
    "GET /api/v1/imports/{import_id}/left-out": Row(
        "401 404 403 403 404 403", "/api/v1/imports/{branch_import}/left-out"
    ),
    "GET /api/v1/imports/{import_id}/duplicates": Row(
        PLANNER.format(200), "/api/v1/imports/{customer_import}/duplicates"
    ),
    "GET /api/v1/imports/{import_id}/vanished": Row(
        PLANNER.format(200), "/api/v1/imports/{customer_import}/vanished"
    ),
    "GET /api/v1/imports/{import_id}/links": Row(
        PLANNER.format(200), "/api/v1/imports/{customer_import}/links"
    ),
    "GET /api/v1/imports/{import_id}/links.csv": Row(
        PLANNER.format(200), "/api/v1/imports/{customer_import}/links.csv"
    ),
    "GET /api/v1/customers/{customer_id}/links": Row(
        CUSTOMERS, "/api/v1/customers/{customer}/links", foreign=True
    ),
    "GET /api/v1/sources": Row("401 200 403 403 403 200", "/api/v1/sources"),
    "GET /api/v1/sources/{code}": Row("401 200 403 403 403 200", "/api/v1/sources/core"),
    "PUT /api/v1/sources/{code}": Row(PLANNER.format(200), "/api/v1/sources/core", {"trust_rank": 1}),
    "POST /api/v1/imports/{import_id}/answers": Row(
        DESK.format(409), "/api/v1/imports/{boundary_import}/answers", {"crs": "EPSG:4490"}
    ),
    "POST /api/v1/imports/{import_id}/load": Row(DESK.format(409), "/api/v1/imports/{boundary_import}/load"),
    "POST /api/v1/imports/{import_id}/undo": Row(DESK.format(404), "/api/v1/imports/{customer_import}/undo"),
    "GET /api/v1/imports/{import_id}/report.xlsx": Row(
        DESK.format(200), "/api/v1/imports/{boundary_import}/report.xlsx"
    ),
    "GET /api/v1/imports/{import_id}/picture": Row(
        DESK.format(404), "/api/v1/imports/{customer_import}/picture"
    ),
    "GET /api/v1/scheme/lights": Row(CUSTOMERS, "/api/v1/scheme/lights"),
    "POST /api/v1/scheme/letters": Row(
        "401 404 404 403 403 403",
        "/api/v1/scheme/letters",
        {"staff": ["NOBODY"], "signed_on": "2026-01-05"},
    ),
    "GET /api/v1/scheme/contacts": Row(GROUND, "/api/v1/scheme/contacts"),
    "PUT /api/v1/scheme/contacts": Row(PLANNER.format(404), "/api/v1/scheme/contacts", {"branch": "NOWHERE"}),
    "GET /api/v1/scheme/rules": Row(GROUND, "/api/v1/scheme/rules"),
    "PUT /api/v1/scheme/rules/{kind}": Row(PLANNER.format(422), "/api/v1/scheme/rules/castle", {"rules": []}),
    "GET /api/v1/scheme/grids/{grid_id}": Row(CUSTOMERS, "/api/v1/scheme/grids/{grid}", foreign=True),
    "PUT /api/v1/scheme/grids/{grid_id}/posts": Row(
        "401 200 200 403 403 403", "/api/v1/scheme/grids/{grid}/posts", {"posts": {}}, foreign=True
    ),
    "GET /api/v1/scheme/problems": Row(CUSTOMERS, "/api/v1/scheme/problems"),
    "POST /api/v1/scheme/problems": Row(
        "401 422 422 422 403 422",
        "/api/v1/scheme/problems",
        {"grid_id": "{grid}", "title": "x", "due_on": "2020-01-01"},
        foreign=True,
    ),
    "POST /api/v1/scheme/problems/{problem_id}/answer": Row(
        "401 404 404 404 403 404", "/api/v1/scheme/problems/0/answer", {"answer": "close"}
    ),
    "GET /api/v1/indicators": Row(CUSTOMERS, "/api/v1/indicators"),
    "GET /api/v1/indicators.csv": Row(CUSTOMERS, "/api/v1/indicators.csv?level=grid"),
    "GET /api/v1/targets": Row(CUSTOMERS, "/api/v1/targets?period=2026"),
    "GET /api/v1/targets/measures": Row(CUSTOMERS, "/api/v1/targets/measures"),
    "POST /api/v1/targets": Row(
        "401 404 404 403 403 403",
        "/api/v1/targets",
        more={
            "json": {"period": "2026", "targets": [{"grid": "NOWHERE", "measure": "visited", "target": 1}]}
        },
    ),
    "POST /api/v1/targets/done": Row(
        "401 404 404 404 403 404",
        "/api/v1/targets/done",
        more={"json": {"period": "2026", "measure": "survey", "done": {"NOWHERE": 1}}},
    ),
    "POST /api/v1/map/own": Row(
        DESK.format(200),
        "/api/v1/map/own",
        more={**FILE, "data": {"options": '{"zh": "道路", "en": "Roads"}'}},
    ),
    "GET /api/v1/map/own": Row(GROUND, "/api/v1/map/own"),
    "DELETE /api/v1/map/own/{key}": Row(DESK.format(404), "/api/v1/map/own/nothing"),
    "GET /api/v1/map/own/features/{feature_id}": Row("401 404 404 404 404 404", "/api/v1/map/own/features/0"),
    "GET /api/v1/layers": Row(GROUND, "/api/v1/layers"),
    "GET /api/v1/layers/{key}/export": Row(GROUND, "/api/v1/layers/outlets/export?format=geojson"),
    "GET /api/v1/jobs": Row(GROUND, "/api/v1/jobs"),
    "GET /api/v1/jobs/{job_id}": Row(GROUND, "/api/v1/jobs/{job}", foreign=True),
    "POST /api/v1/jobs/{job_id}/cancel": Row(
        "401 409 409 409 409 409", "/api/v1/jobs/{job}/cancel", foreign=True
    ),
    "GET /api/v1/jobs/{job_id}/events": Row(GROUND, "/api/v1/jobs/{job}/events", foreign=True),
    "POST /api/v1/geocode": Row(GROUND, "/api/v1/geocode", {"address": "常乐镇颐生村"}),
    "POST /api/v1/geocode/files": Row(
        "401 202 202 202 202 202",
        "/api/v1/geocode/files",
        more={"files": {"file": ("a.csv", "id,address\n1,常乐镇颐生村\n".encode())}},
    ),
    "GET /api/v1/geocode/files/{job_id}/result": Row(
        "401 404 404 404 404 404", "/api/v1/geocode/files/{job}/result", foreign=True
    ),
    "GET /api/v1/geocode/files/{job_id}/summary": Row(
        "401 404 404 404 404 404", "/api/v1/geocode/files/{job}/summary", foreign=True
    ),
    "POST /api/v1/placement/providers": Row(PLANNER.format(422), "/api/v1/placement/providers", {}),
    "POST /api/v1/placement/runs": Row(PLANNER.format(202), "/api/v1/placement/runs", {"scope": "open"}),
    "GET /api/v1/locate": Row(GROUND, "/api/v1/locate?lon=121.2&lat=31.9"),
    "GET /api/v1/placement/funnel": Row(PLACER, "/api/v1/placement/funnel"),
    "GET /api/v1/placement/cases": Row(PLACER, "/api/v1/placement/cases"),
    "GET /api/v1/placement/customers": Row(PLACER, "/api/v1/placement/customers?step=imported"),
    "GET /api/v1/placement/cases/{customer_id}": Row(
        PLACER, "/api/v1/placement/cases/{customer}", foreign=True
    ),
    "GET /api/v1/placement/places": Row(PLACER, "/api/v1/placement/places?q=常乐"),
    "GET /api/v1/placement/outlines": Row(
        PLACER, "/api/v1/placement/outlines?west=121.1&south=31.8&east=121.2&north=31.9"
    ),
    "GET /api/v1/assignment-runs": Row(CUSTOMERS, "/api/v1/assignment-runs"),
    "GET /api/v1/assignment-runs/{run_id}/moves": Row(
        "401 404 404 404 403 404", "/api/v1/assignment-runs/0/moves"
    ),
    "GET /api/v1/assignment-runs/{run_id}/moves.csv": Row(
        "401 404 404 403 403 404", "/api/v1/assignment-runs/0/moves.csv"
    ),
    "POST /api/v1/assignment-runs/{run_id}/undo": Row(PLANNER.format(404), "/api/v1/assignment-runs/0/undo"),
    "GET /api/v1/stats/counts": Row(CUSTOMERS, "/api/v1/stats/counts?by=village"),
    "GET /api/v1/rollup": Row(GROUND, "/api/v1/rollup?level=county"),
    "GET /api/v1/plans": Row(GROUND, "/api/v1/plans"),
    "POST /api/v1/plans": Row(PLANNER.format(409), "/api/v1/plans", {"code": "V1", "name": "again"}),
    "GET /api/v1/plans/{code}": Row(GROUND, "/api/v1/plans/V1"),
    "GET /api/v1/plans/{code}/outlines": Row(GROUND, "/api/v1/plans/V1/outlines"),
    "PATCH /api/v1/plans/{code}": Row(PLANNER.format(409), "/api/v1/plans/V1", {"name": "again"}),
    "DELETE /api/v1/plans/{code}": Row(PLANNER.format(409), "/api/v1/plans/V1"),
    "POST /api/v1/plans/{code}/check": Row(PLANNER.format(202), "/api/v1/plans/V2/check"),
    "GET /api/v1/plans/{code}/diff/{other}": Row(GROUND, "/api/v1/plans/V1/diff/V2"),
    "GET /api/v1/plans/{code}/diff/{other}.geojson": Row(GROUND, "/api/v1/plans/V1/diff/V2.geojson"),
    "GET /api/v1/plans/{code}/findings/{finding_id}/repairs": Row(
        "401 200 404 403 403 403", "/api/v1/plans/V2/findings/{finding}/repairs"
    ),
    "POST /api/v1/plans/{code}/findings/{finding_id}/repairs": Row(
        DIVIDER.format(404), "/api/v1/plans/V2/findings/999999/repairs", {"option": "none"}
    ),
    "GET /api/v1/plans/{code}/findings": Row(GROUND, "/api/v1/plans/V2/findings"),
    "GET /api/v1/plans/{code}/findings/export": Row(
        "401 200 404 404 200 404", "/api/v1/plans/V2/findings/export?format=geojson&kind=gap"
    ),
    "GET /api/v1/plans/{code}/findings/{finding_id}": Row(
        "401 200 404 404 200 404", "/api/v1/plans/V2/findings/{finding}"
    ),
    "DELETE /api/v1/plans/{code}/findings/{finding_id}/allow": Row(
        PLANNER.format(404), "/api/v1/plans/V2/findings/999999/allow"
    ),
    "GET /api/v1/plans/{code}/levels/{level}": Row(GROUND, "/api/v1/plans/V1/levels/2"),
    "GET /api/v1/branch-type-rules": Row(GROUND, "/api/v1/branch-type-rules"),
    "PUT /api/v1/branch-type-rules": Row(PLANNER.format(200), "/api/v1/branch-type-rules", {"rules": {}}),
    "POST /api/v1/plans/{code}/findings/{finding_id}/allow": Row(
        PLANNER.format(404), "/api/v1/plans/V2/findings/999999/allow"
    ),
    "GET /api/v1/plans/{code}/grids": Row(GROUND, "/api/v1/plans/V2/grids?bbox=121.1,31.8,121.11,31.81"),
    "POST /api/v1/plans/{code}/edits": Row(
        DIVIDER.format(404),
        "/api/v1/plans/V2/edits?dry_run=true",
        {"act": "rename", "grid_id": 4611686018427387904},
    ),
    "POST /api/v1/plans/{code}/clean": Row(
        DIVIDER.format(200), "/api/v1/plans/V2/clean?dry_run=true", {"kinds": ["sliver"]}
    ),
    "POST /api/v1/plans/{code}/clean/{number}/undo": Row(
        DIVIDER.format(404), "/api/v1/plans/V2/clean/999999/undo"
    ),
    "GET /api/v1/plans/{code}/steps": Row(GROUND, "/api/v1/plans/V2/steps"),
    "POST /api/v1/plans/{code}/steps/{number}/undo": Row(
        DIVIDER.format(404), "/api/v1/plans/V2/steps/999999/undo"
    ),
    "POST /api/v1/plans/{code}/certificate": Row(PLANNER.format(409), "/api/v1/plans/V2/certificate"),
    "GET /api/v1/plans/{code}/sketch": Row(GROUND, "/api/v1/plans/V2/sketch"),
    "GET /api/v1/plans/{code}/units": Row(
        GROUND, "/api/v1/plans/V2/units?west=121.1&south=31.8&east=121.2&north=31.9"
    ),
    "GET /api/v1/plans/{code}/findings/{finding_id}/points": Row(
        CUSTOMERS, "/api/v1/plans/V2/findings/{finding}/points"
    ),
    "GET /api/v1/plans/{code}/certificate": Row(GROUND, "/api/v1/plans/V1/certificate"),
    "GET /api/v1/plans/{code}/certificate.pdf": Row(GROUND, "/api/v1/plans/V1/certificate.pdf"),
    "POST /api/v1/plans/{code}/withdraw": Row(PLANNER.format(409), "/api/v1/plans/V1/withdraw"),
    "POST /api/v1/plans/{code}/approve": Row(PLANNER.format(409), "/api/v1/plans/V2/approve"),
    "POST /api/v1/plans/{code}/publish": Row(
        PLANNER.format(409), "/api/v1/plans/V2/publish", {"valid_from": "2027-01-01"}
    ),
    "POST /api/v1/plans/{code}/allot": Row(
        "401 404 404 403 403 403",
        "/api/v1/plans/V2/allot",
        {"step": "manager", "to": "M-nobody", "grids": ["nowhere"]},
    ),
    "POST /api/v1/plans/{code}/allotments/answer": Row(
        "401 404 404 404 403 403", "/api/v1/plans/V2/allotments/answer", {"answer": "accept", "batch": 1}
    ),
    "POST /api/v1/plans/{code}/allotments/withdraw": Row(
        "401 404 404 403 403 403", "/api/v1/plans/V2/allotments/withdraw", {"batch": 1}
    ),
    "GET /api/v1/plans/{code}/allotments": Row(GROUND, "/api/v1/plans/V1/allotments"),
    "GET /api/v1/plans/{code}/allotment-board": Row(GROUND, "/api/v1/plans/V1/allotment-board"),
    "GET /api/v1/plans/{code}/vacancies": Row(GROUND, "/api/v1/plans/V1/vacancies"),
    "GET /api/v1/responsible": Row(CUSTOMERS, "/api/v1/responsible?customer={customer}", foreign=True),
    "POST /api/v1/staffing-changes": Row(
        "401 404 404 403 403 403",
        "/api/v1/staffing-changes",
        {"kind": "departure", "staff": "nobody", "valid_from": "2027-01-01"},
    ),
    "GET /api/v1/staffing-changes": Row("401 200 200 403 403 403", "/api/v1/staffing-changes"),
    "GET /api/v1/staffing-changes/{change_id}": Row(
        "401 404 404 403 403 403", "/api/v1/staffing-changes/999999"
    ),
    "POST /api/v1/staffing-changes/{change_id}/apply": Row(
        "401 404 404 403 403 403", "/api/v1/staffing-changes/999999/apply"
    ),
    "POST /api/v1/staffing-changes/{change_id}/undo": Row(
        "401 404 404 403 403 403", "/api/v1/staffing-changes/999999/undo"
    ),
    "POST /api/v1/staffing-changes/{change_id}/cancel": Row(
        "401 404 404 403 403 403", "/api/v1/staffing-changes/999999/cancel"
    ),
    "POST /api/v1/staffing-changes/{change_id}/back": Row(
        "401 404 404 403 403 403", "/api/v1/staffing-changes/999999/back", {"on": "2027-01-01"}
    ),
    "GET /api/v1/summary": Row(GROUND, "/api/v1/summary"),
    "GET /api/v1/grids": Row(GROUND, "/api/v1/grids"),
    "GET /api/v1/grids/{grid_id}": Row(GROUND, "/api/v1/grids/{grid}", foreign=True),
    "GET /api/v1/findings": Row(GROUND, "/api/v1/findings"),
    "GET /api/v1/search": Row(GROUND, "/api/v1/search?q=常乐"),
    "GET /api/v1/stats/enrolment": Row(CUSTOMERS, "/api/v1/stats/enrolment"),
    "GET /api/v1/stats/roster": Row(CUSTOMERS, "/api/v1/stats/roster"),
    "GET /api/v1/grids/{grid_id}/prospects": Row(CUSTOMERS, "/api/v1/grids/{grid}/prospects", foreign=True),
    "GET /api/v1/grids/{grid_id}/customers.xlsx": Row(
        "401 200 200 403 403 200", "/api/v1/grids/{grid}/customers.xlsx", foreign=True
    ),
    "GET /api/v1/around": Row(CUSTOMERS, "/api/v1/around?lon=121.17&lat=31.95"),
    "GET /api/v1/around.csv": Row("401 200 200 403 403 200", "/api/v1/around.csv?lon=121.17&lat=31.95"),
    "GET /api/v1/around.xlsx": Row("401 200 200 403 403 200", "/api/v1/around.xlsx?lon=121.17&lat=31.95"),
    "GET /api/v1/around/shares": Row(CUSTOMERS, "/api/v1/around/shares"),
    "GET /api/v1/around/shares.{form}": Row("401 200 200 403 403 200", "/api/v1/around/shares.csv"),
    "GET /api/v1/nearest-outlets": Row(GROUND, "/api/v1/nearest-outlets?lon=121.17&lat=31.95"),
    "GET /api/v1/catchments": Row(GROUND, "/api/v1/catchments"),
    "GET /api/v1/catchments.geojson": Row(GROUND, "/api/v1/catchments.geojson"),
    "GET /api/v1/catchments.{form}": Row(GROUND, "/api/v1/catchments.csv"),
    "GET /api/v1/map/opening": Row(GROUND, "/api/v1/map/opening"),
    "GET /api/v1/map/people": Row(GROUND, "/api/v1/map/people"),
    "GET /api/v1/map/words/{room}": Row(GROUND, "/api/v1/map/words/cards"),
    "GET /api/v1/map/count": Row(CUSTOMERS, "/api/v1/map/count?tier=key"),
    "GET /api/v1/map/customers": Row(CUSTOMERS, "/api/v1/map/customers?standing=prospect"),
    "GET /api/v1/managers/{manager_id}/card": Row(GROUND, "/api/v1/managers/{staff}/card", foreign=True),
    "GET /api/v1/branches/{branch_id}/card": Row(GROUND, "/api/v1/branches/{house}/card", foreign=True),
    "GET /api/v1/villages/{village_id}/card": Row(GROUND, "/api/v1/villages/{unit}/card", foreign=True),
    "GET /api/v1/villages/{village_id}/customers": Row(
        CUSTOMERS, "/api/v1/villages/{unit}/customers", foreign=True
    ),
    "GET /api/v1/customers/{customer_id}/360": Row(
        CUSTOMERS, "/api/v1/customers/{customer}/360", foreign=True
    ),
    "GET /api/v1/grids/{grid_id}/customers": Row(CUSTOMERS, "/api/v1/grids/{grid}/customers", foreign=True),
    "GET /api/v1/grids/{grid_id}/customers.csv": Row(
        "401 200 200 403 403 200", "/api/v1/grids/{grid}/customers.csv", foreign=True
    ),
    "GET /api/v1/customers/{customer_id}": Row(CUSTOMERS, "/api/v1/customers/{customer}", foreign=True),
    "POST /api/v1/customers/{customer_id}/reveal": Row(
        "401 200 200 200 403 403", "/api/v1/customers/{customer}/reveal", {"reason": "预约走访"}, foreign=True
    ),
    "GET /api/v1/grids/{grid_id}/visits": Row(CUSTOMERS, "/api/v1/grids/{grid}/visits", foreign=True),
    "POST /api/v1/placement/cases/{customer_id}/decide": Row(
        PLACERS.format(200), "/api/v1/placement/cases/{customer}/decide", {"action": "later"}, foreign=True
    ),
    "POST /api/v1/customers/{customer_id}/pin": Row(
        PLACERS.format(422),
        "/api/v1/customers/{customer}/pin",
        {"lon": 0, "lat": 0, "client_key": "matrix"},
        foreign=True,
    ),
    "POST /api/v1/placement/undo": Row(PLACERS.format(404), "/api/v1/placement/undo", {"batch": 0}),
    "GET /api/v1/placement/steps": Row(PLACERS.format(200), "/api/v1/placement/steps"),
    "GET /api/v1/placement/aliases": Row(PLACERS.format(200), "/api/v1/placement/aliases?state=proposed"),
    "POST /api/v1/placement/aliases/{alias_id}": Row(
        PLANNER.format(404), "/api/v1/placement/aliases/999999", {"approve": True}
    ),
    "GET /api/v1/households": Row(CUSTOMERS, "/api/v1/households"),
    "GET /api/v1/households/summary": Row(CUSTOMERS, "/api/v1/households/summary"),
    "POST /api/v1/households/runs": Row(PLANNER.format(202), "/api/v1/households/runs"),
    "GET /api/v1/households/{household_id}": Row(CUSTOMERS, "/api/v1/households/{household}", foreign=True),
    "POST /api/v1/households/{household_id}/confirm": Row(
        PLACERS.format(409), "/api/v1/households/{household}/confirm", {"customer_ids": [0]}, foreign=True
    ),
    "POST /api/v1/households/{household_id}/split": Row(
        PLACERS.format(422), "/api/v1/households/{household}/split", {"customer_ids": []}, foreign=True
    ),
    "POST /api/v1/households/{household_id}/undo": Row(
        PLACERS.format(404), "/api/v1/households/{household}/undo", foreign=True
    ),
    "POST /api/v1/lending-check": Row(
        "401 404 404 404 403 404", "/api/v1/lending-check", {"branch": "NOWHERE", "customer": "1"}
    ),
    "POST /api/v1/lending-check/batch": Row(
        CUSTOMERS, "/api/v1/lending-check/batch", more={"json": {"rows": [{"branch": "NOWHERE"}]}}
    ),
    "POST /api/v1/lending-check/files": Row(
        "401 422 422 422 403 422",
        "/api/v1/lending-check/files",
        more={"files": {"file": ("a.csv", b"x,y\n1,2\n")}},
    ),
    "GET /api/v1/lending-check/files/{job_id}/result": Row(
        "401 404 404 404 403 404", "/api/v1/lending-check/files/{job}/result", foreign=True
    ),
    "GET /api/v1/lending-checks": Row(CUSTOMERS, "/api/v1/lending-checks"),
    "GET /api/v1/lending-checks/{check_id}": Row(
        CUSTOMERS, "/api/v1/lending-checks/{lending_check}", foreign=True
    ),
    "GET /api/v1/lending-checks/{check_id}.pdf": Row(
        CUSTOMERS, "/api/v1/lending-checks/{lending_check}.pdf", foreign=True
    ),
    "POST /api/v1/lending-checks/{check_id}/exception": Row(
        "401 422 422 422 403 422",
        "/api/v1/lending-checks/{lending_check}/exception",
        {"reason": "x"},
        foreign=True,
    ),
    "GET /api/v1/lending-exceptions": Row(CUSTOMERS, "/api/v1/lending-exceptions"),
    "POST /api/v1/lending-exceptions/{exception_id}/decide": Row(
        PLANNER.format(404),
        "/api/v1/lending-exceptions/999999/decide",
        {"decision": "refuse", "note": "没有这条申请"},
    ),
    "POST /api/v1/lending-exceptions/{exception_id}/withdraw": Row(
        "401 404 404 404 403 404", "/api/v1/lending-exceptions/999999/withdraw"
    ),
    "GET /lending": Row("303 200 200 200 403 200", "/lending", page=True),
    "POST /api/v1/assign": Row(PLANNER.format(202), "/api/v1/assign", {}),
    "POST /api/v1/visits": Row("401 201 201 201 403 201", "/api/v1/visits", VISIT, foreign=True),
    "POST /api/v1/visits/{visit_id}/photos": Row(
        "401 404 404 404 403 404", "/api/v1/visits/{visit}/photos?key=matrix", foreign=True
    ),
    "GET /api/v1/visits/photos/{photo_id}": Row(
        "401 404 404 404 403 404", "/api/v1/visits/photos/{photo}", foreign=True
    ),
    "GET /api/v1/day": Row(CUSTOMERS, "/api/v1/day"),
    "POST /api/v1/day/due": Row(CUSTOMERS, "/api/v1/day/due", {}),
    "GET /api/v1/day/visits": Row(CUSTOMERS, "/api/v1/day/visits"),
    "GET /day": Row("303 200 200 200 403 200", "/day", page=True),
    "GET /day/worker.js": Row(OPEN, "/day/worker.js"),
    "GET /api/v1/map.html": Row("401 200 200 200 200 403", "/api/v1/map.html?branch={branch}", foreign=True),
    "GET /api/v1/wallmap.pdf": Row(
        "401 200 200 200 200 403", "/api/v1/wallmap.pdf?paper=A4&branch={branch}", foreign=True
    ),
    "GET /tiles/{layer}/{z}/{x}/{y}.mvt": Row(GROUND, "/tiles/grids/9/428/208.mvt"),
    "GET /base/{key}/{z}/{x}/{y}": Row("401 404 404 404 404 404", "/base/nothing/9/428/208"),
    "GET /tiles/{layer}.json": Row(GROUND, "/tiles/grids.json"),
    "GET /tiles/style.json": Row(GROUND, "/tiles/style.json"),
    "GET /api/v1/map/legend/{layer}": Row(GROUND, "/api/v1/map/legend/states"),
    "GET /healthz": Row(OPEN, "/healthz"),
    "GET /readyz": Row(OPEN, "/readyz"),
    "GET /metrics": Row(OPEN, "/metrics"),
    "GET /api/v1/placement/mine": Row(PLACER, "/api/v1/placement/mine"),
    "GET /api/v1/placement/mine/{customer_id}": Row(
        PLACER, "/api/v1/placement/mine/{customer}", foreign=True
    ),
    "GET /api/v1/placement/ground": Row(PLACER, "/api/v1/placement/ground"),
    "GET /pin": Row("303 200 200 200 403 403", "/pin", page=True),
    "GET /": Row("303 200 200 200 200 200", "/"),
    "GET /imports": Row("303 200 403 403 200 403", "/imports", page=True),
    "GET /imports/{import_id}": Row("303 200 403 403 200 403", "/imports/{boundary_import}", page=True),
    "GET /home": Row("303 200 200 200 403 200", "/home", page=True),
    "GET /home/{what}": Row("303 200 200 200 403 200", "/home/loss", page=True),
    "GET /scheme": Row("303 200 200 200 403 200", "/scheme", page=True),
    "GET /households": Row("303 200 200 200 403 403", "/households", page=True),
    "GET /placement": Row("303 200 200 200 403 403", "/placement", page=True),
    "GET /ground": Row("303 200 200 200 200 200", "/ground?plan=V2", page=True),
    "GET /plans": Row("303 200 200 200 200 200", "/plans", page=True),
    "GET /login": Row(OPEN, "/login"),
    "GET /api/v1/openapi.json": Row(OPEN, "/api/v1/openapi.json"),
}


def list_routes(app: FastAPI) -> Iterator[str]:
    """`METHOD path` of every route of the application; mounted static files are no route of ours."""
    for entry in app.routes:
        inner = getattr(entry, "original_router", None)
        for route in inner.routes if inner is not None else [entry]:
            for method in sorted(getattr(route, "methods", None) or ()):
                if method != "HEAD":
                    yield f"{method} {route.path}"


def test_every_route_has_its_row_and_every_row_its_route(demo_bank: DemoBank) -> None:
    assert set(list_routes(demo_bank.app)) == set(MATRIX)


Things = dict[str, dict[str, Any]]
DOUBT = """INSERT INTO placement_case (customer_id, kind, score, prefix, answer)
    VALUES (:id, 'low_score', 0.5, 'matrix', '{}') ON CONFLICT DO NOTHING"""


KEPT = """INSERT INTO lending_check (branch_id, on_date, subject, rung, answer, reason, detail)
    SELECT id, current_date, '点位', 2, 'out', 'gap',
        '{"evidence": {"placed": {"rung": 2, "rung_zh": "点位", "method": "point", "score": 1},
        "candidates": [], "grid": null, "limits": []}}' FROM branch WHERE code = :branch RETURNING id"""
HOME = """WITH h AS (INSERT INTO household (confidence, address_key) VALUES (0.9, 'matrix') RETURNING id)
    INSERT INTO household_member (customer_id, household_id, confidence, reasons)
    SELECT :id, id, 0.9, '{same_house}' FROM h RETURNING household_id"""


AROUND = """SELECT d.staff_id AS staff, g.branch_id AS house, u.id AS unit FROM grid g
    JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND d.valid @> current_date
    JOIN unit u ON u.code = ANY (g.unit_codes)"""


@pytest.fixture(scope="module")
def things(demo_bank: DemoBank, system_key: str, tidy: None) -> Iterator[Things]:
    """Own and foreign things by role: a grid, a customer with a case, a branch, a job."""
    with truth(demo_bank.database) as admin:

        def one(query: str) -> Any:
            return admin.execute(text(query)).first()

        pick = "SELECT a.grid_id, a.customer_id, b.code FROM assignment a JOIN grid g ON g.id = a.grid_id"
        pick += " AND NOT EXISTS (SELECT 1 FROM household_member m WHERE m.customer_id = a.customer_id)"
        pick += " JOIN branch b ON b.id = g.branch_id WHERE a.grid_id"
        mine = one(f"{pick} IN ({GRIDS['manager']}) AND a.grid_id IN ({GRIDS['branch_head']})")
        other = one(f"{pick} NOT IN ({GRIDS['manager']}) AND a.grid_id NOT IN ({GRIDS['branch_head']})")
        houses = [one(f"{AROUND} WHERE g.id = {found[0]}") for found in (mine, other)]
        common = {
            "customer_import": one("SELECT id FROM import_run WHERE kind = 'customers'")[0],
            "boundary_import": one(
                "SELECT max(id) FROM import_run WHERE kind = 'boundaries' AND status = 'imported'"
            )[0],
            "branch_import": one("SELECT id FROM import_run WHERE kind = 'organisation'")[0],
            "finding": one("SELECT id FROM finding WHERE kind = 'gap'")[0],
            "now": datetime.now(UTC).isoformat(),
            "visit": 0,
            "photo": 0,
        }
    with demo_bank.database.transaction(WORKER) as session:
        made = session.execute(
            text("""INSERT INTO job (kind, args, status, created_by)
                SELECT 'assign', '{}', 'done', id FROM app_user RETURNING created_by, id""")
        ).all()
        logins = dict(session.execute(text("SELECT id, login FROM app_user")).all())
        for _, customer_id, _ in (mine, other):
            session.execute(text(DOUBT), {"id": customer_id})
        homes = [session.scalar(text(HOME), {"id": one[1]}) for one in (mine, other)]
        kept = [session.scalar(text(KEPT), {"branch": one[2]}) for one in (mine, other)]
    jobs = {logins[user]: job for user, job in made}
    keys = ("grid", "customer", "branch")
    login = {role: person.login for role, person in demo_bank.people.items()} | {"system": "matrix-system"}
    near, far = (dict(row._mapping) for row in houses)
    away = {"job": jobs["head2"], "household": homes[1], "lending_check": kept[1], **far}
    found: Things = {"foreign": {**common, **dict(zip(keys, other, strict=True)), **away}}
    for role in ROLES:
        job = jobs[login.get(role, "head")]
        here = {"job": job, "household": homes[0], "lending_check": kept[0], **near}
        found[role] = {**common, **dict(zip(keys, mine, strict=True)), **here}
    yield found
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM placement_case WHERE prefix = 'matrix'"))
        session.execute(text("DELETE FROM household WHERE address_key = 'matrix'"))


def ask(client: Client, name: str, things: dict[str, Any]) -> Any:
    """Make a row's request with these things."""
    row, method = MATRIX[name], name.split()[0]
    body = row.json and {
        key: value.format(**things) if isinstance(value, str) else value for key, value in row.json.items()
    }
    extra = {} if body is None else {"json": body}
    path = row.path.format(**things)
    return client.request(method, path, follow_redirects=False, **extra, **row.more)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", MATRIX)
def test_each_role_hears_what_the_matrix_says(
    demo_bank: DemoBank, doors: dict[str, Client], things: Things, name: str, role: str
) -> None:
    client = doors[role]
    if name == "DELETE /api/v1/session" and role in demo_bank.people:
        client = demo_bank.client(role)
    answer = ask(client, name, things[role])
    assert answer.status_code == MATRIX[name].status(role), answer.text[:300]
    if answer.status_code >= 400:
        told = "text/html; charset=utf-8" if MATRIX[name].page else "application/problem+json"
        assert answer.headers["content-type"] == told


FOREIGN = [
    (name, role)
    for name, row in MATRIX.items()
    for role in SCOPED
    if row.foreign and row.status(role) not in (401, 403)
]


@pytest.mark.parametrize(("name", "role"), FOREIGN)
def test_anothers_ground_is_as_if_it_were_not_there(
    doors: dict[str, Client], things: Things, name: str, role: str
) -> None:
    answer = ask(doors[role], name, things["foreign"])
    assert answer.status_code == 404, answer.text[:300]
    assert answer.json()["code"].startswith("no_")
    assert ask(doors["head"], name, things["foreign"]).status_code < 500


def test_a_row_that_is_missing_is_noticed(demo_bank: DemoBank) -> None:
    app = FastAPI()
    app.get("/api/v1/forgotten")(lambda: {})
    assert "GET /api/v1/forgotten" in set(list_routes(app)) - set(MATRIX)
