"""Fix grid, fix person, fix duty 定格定员定责 (row B2): how far each grid has come, as a traffic light.

green: its ground is sound, somebody holds it, and he has signed his letter; amber: the letter is missing;
red: nobody holds it, or a fault of its ground is open.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.clock import today
from app.db import as_worker, fetch_all
from app.errors import BadInput, NotFound
from app.models import LetterSignature, Plan

LIGHTS = ("green", "amber", "red")


def list_lights(session: Session, plan: Plan) -> dict[str, Any]:
    """{plan, counts by light, grids: [{id, code, name, branch, manager, drawn, held, signed, light}]}."""
    rows = fetch_all(session, "territory/scheme/list_lights", plan_id=plan.id)
    grids = [{**row, "light": _light(row)} for row in rows]
    counts = Counter(grid["light"] for grid in grids)
    return {"plan": plan.code, "counts": {light: counts[light] for light in LIGHTS}, "grids": grids}


def _light(row: dict[str, Any]) -> str:
    if not (row["drawn"] and row["held"]):
        return "red"
    return "green" if row["signed"] else "amber"


def sign_letters(
    session: Session, plan: Plan, staff: Sequence[str], *, signed_on: date, user_id: int | None
) -> int:
    """Note that people have signed their responsibility letter for a plan; returns how many are noted.

    Signing again only moves the day. Raises NotFound naming the numbers that are unknown or out of sight,
    BadInput `not_yet` for a day that has not come.
    """
    if signed_on > today():
        raise BadInput(
            "not_yet", zh="签订日期不能晚于今天", en="a letter cannot have been signed after today"
        )
    wanted = list(dict.fromkeys(staff))
    people = {r["code"]: r["id"] for r in fetch_all(session, "territory/scheme/list_staff_ids", codes=wanted)}
    unknown = [code for code in wanted if code not in people]
    if unknown:
        raise NotFound(
            "no_staff",
            zh=f"没有这些工号，或不在您的范围内：{'、'.join(unknown)}",
            en=f"no such people in your sight: {', '.join(unknown)}",
            unknown=unknown,
        )
    with as_worker(session):
        for staff_id in people.values():
            row = insert(LetterSignature).values(
                plan_id=plan.id, staff_id=staff_id, signed_on=signed_on, recorded_by=user_id
            )
            session.execute(
                row.on_conflict_do_update(
                    index_elements=["plan_id", "staff_id"],
                    set_={"signed_on": signed_on, "recorded_by": user_id},
                )
            )
    return len(people)
