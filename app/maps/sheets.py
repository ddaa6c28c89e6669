"""What a wall map shows, read for the viewer: his grids of the plan in force, their managers and counts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.clock import today
from app.db import fetch_all, fetch_one
from app.errors import NotFound
from app.maps.wall import Sheet, SheetClient, SheetGrid, SheetOutline, SheetPoint


@dataclass(frozen=True)
class Imprint:
    """What the bank prints on every sheet."""

    bank: str
    review_number: str = ""
    copy_no: str = ""


def read_sheet(
    session: Session, imprint: Imprint, *, branch: str | None = None, on: date | None = None
) -> Sheet:
    """The sheet of a branch (its code), or of all grids in sight. Raises NotFound for nothing in sight."""
    plan = fetch_one(session, "maps/find_sheet_plan")
    if plan is None:
        raise NotFound(
            "no_plan", zh="还没有生效的网格规划，无图可印", en="no plan is in force, nothing to print"
        )
    house = _find_house(session, branch)
    rows = fetch_all(session, "maps/list_sheet_grids", plan_id=plan["id"], branch=branch)
    if not rows:
        raise NotFound(
            "no_grids", zh="您的范围内没有网格可印", en="there are no grids in your sight to print"
        )
    grids = tuple(_read_grid(row) for row in rows)
    place = house["name"] if house else _scope_name(session, rows)
    managers = len({row["manager_code"] for row in rows if row["manager_code"]})
    return Sheet(
        title=f"{imprint.bank} · 网格责任图",
        subtitle=f"{place} · {len(grids)} 个网格 · {managers} 名客户经理",
        bank=imprint.bank,
        branch=place,
        plan_version=plan["code"],
        plan_valid_from=plan["valid_from"],
        certificate=plan["certificate_no"],
        review_number=imprint.review_number or None,
        copy_no=imprint.copy_no or None,
        printed_on=on or today(),
        data_date=plan["data_date"],
        synthetic=bool(plan["synthetic"]),
        grids=grids,
        outlets=_read_outlets(session, plan["id"], branch),
        key_clients=_read_clients(session, plan["id"], branch),
        towns=_read_outlines(fetch_all(session, "maps/list_sheet_towns", plan_id=plan["id"], branch=branch)),
        neighbours=_read_outlines(
            fetch_all(session, "maps/list_sheet_neighbours", plan_id=plan["id"], branch=branch)
        ),
        frame=_shape(plan["frame"]),
    )


def list_sheet_branches(session: Session) -> list[dict[str, Any]]:
    """The branches that hold grids in the viewer's sight: code and name."""
    return fetch_all(session, "maps/list_sheet_branches")


def _find_house(session: Session, branch: str | None) -> dict[str, Any] | None:
    if branch is None:
        return None
    house = fetch_one(session, "maps/find_house", code=branch)
    if house is None:
        raise NotFound("no_branch", zh=f"没有机构 {branch}", en=f"there is no branch {branch}")
    return house


def _scope_name(session: Session, rows: list[dict[str, Any]]) -> str:
    """全行 for head office; the branch's name, or the manager's, where all grids in sight have one."""
    if session.info["viewer"].db_role in ("getu_head", "getu_work"):
        return "全行"
    managers = {row["manager_name"] for row in rows}
    branches = {row["branch_name"] for row in rows}
    if len(branches) == 1 and len(managers) == 1:
        return f"{rows[0]['branch_name']} · {rows[0]['manager_name']}"
    return str(rows[0]["branch_name"]) if len(branches) == 1 else f"{len(branches)} 个机构"


def _read_grid(row: dict[str, Any]) -> SheetGrid:
    return SheetGrid(
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        geom=_shape(row["geom"]),
        manager_code=row["manager_code"],
        manager_name=row["manager_name"],
        manager_phone=row["manager_phone"],
        town_name=row["town_name"] or "",
        households=row["households"],
        customers=row["customers"],
        colour=row["colour_no"],
    )


def _read_outlets(session: Session, plan_id: int, branch: str | None) -> tuple[SheetPoint, ...]:
    rows = fetch_all(session, "maps/list_sheet_outlets", plan_id=plan_id, branch=branch)
    return tuple(SheetPoint(row["name"], row["lon"], row["lat"]) for row in rows)


def _read_clients(session: Session, plan_id: int, branch: str | None) -> tuple[SheetClient, ...]:
    """Key clients as symbols without names; a viewer without customers in sight gets none."""
    if session.info["viewer"].db_role == "getu_ground":
        return ()
    rows = fetch_all(session, "maps/list_sheet_clients", plan_id=plan_id, branch=branch)
    return tuple(SheetClient(row["lon"], row["lat"], row["tier"]) for row in rows)


def _read_outlines(rows: list[dict[str, Any]]) -> tuple[SheetOutline, ...]:
    return tuple(SheetOutline(row["name"], _shape(row["geom"])) for row in rows)


def _shape(value: Any) -> BaseGeometry:
    shape = shapely.from_wkb(bytes(value))
    assert isinstance(shape, BaseGeometry)
    return shape
