"""By which plan rows of a big load are assigned as they come in, and what the bank's counts gain by them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.customers.assignment import Ground, close_run, open_run, read_ground
from app.customers.counting import (
    Tally,
    change_totals,
    count_block,
    tally_range,
    write_totals,
)
from app.customers.intake.block import count_covered
from app.customers.intake.packing import BLOCK
from app.customers.reassigning import reassign_customers
from app.db import fetch_all, fetch_one, run_statement

# Who is assigned anew at a time, where the ground has changed while a file came in.
PART = 20_000
_GROUND = "customers/intake/find_ground_to_stand_on"


@dataclass(frozen=True)
class Footing:
    """The run in which rows of a load stand, its plan and ground; without one the reason for it."""

    run_id: int = 0
    plan_id: int = 0
    ground_version: int = 0
    reason: str = ""

    @property
    def ground_mark(self) -> tuple[int, int]:
        """What the ground is known by."""
        return self.plan_id, self.ground_version


def find_footing(session: Session) -> Footing:
    """How rows that come in now are assigned: in the current run, or in a new one when there was none.

    They join the others where these stand, also while another plan is in force already (it has begun a minute
    ago, or its run was taken back): one bank stands on one ground, and the next step moves them all. Where no
    plan is in force and nobody has been assigned yet, they wait for the first run.
    """
    found = fetch_one(session, _GROUND)
    if found is None:
        return Footing(reason="no_plan")
    mark = found["plan_id"], found["ground_version"]
    if found["run_id"] is None:
        return Footing(open_run(session, *mark, kind="load"), *mark)
    return Footing(found["run_id"], *mark)


def read_footing(session: Session, footing: Footing) -> Ground | None:
    """The ground that rows are assigned to, as it is now; None without a footing."""
    found = fetch_one(session, _GROUND)
    if footing.reason or found is None or found["plan_id"] != footing.plan_id:
        return None
    return read_ground(session, plan_code=found["plan_code"])


def settle_block(
    session: Session, block: int, footing: Footing, *, tally: Tally | None, households: bool
) -> None:
    """Counts and totals gain the block that was just adopted; `tally` is None when it must be taken anew.

    Whose ground has changed while they came in is assigned anew. In the worker's hand, under the lock.
    """
    low, high = block * BLOCK, (block + 1) * BLOCK
    stale = not footing.reason and not _still_stands(session, footing)
    if stale:
        run_statement(session, "customers/intake/drop_standing", low=low, high=high)
    if tally is None or stale:
        tally = tally_range(session, low, high)
    covered = count_covered(session, block) if households and not stale else {}
    count_block(session, tally, covered=covered)
    if stale:
        _assign_anew(session, low, high)
    elif not footing.reason:
        _close(session, footing, tally)


def _still_stands(session: Session, footing: Footing) -> bool:
    found = fetch_one(session, _GROUND)
    return found is not None and (found["plan_id"], found["ground_version"]) == footing.ground_mark


def _close(session: Session, footing: Footing, tally: Tally) -> None:
    """The current run's totals gain the rows; where none stood, the load's own run becomes it."""
    run: dict[str, Any] | None = fetch_one(session, "customers/find_current_run")
    if run is None:
        close_run(session, footing.run_id, change_totals({"by_method": {}, "unassigned": {}}, tally.methods))
    else:
        write_totals(session, run["id"], change_totals(run, tally.methods))
        run_statement(session, "customers/mark_reassigned", run_id=run["id"])


def _assign_anew(session: Session, low: int, high: int) -> None:
    after = low - 1
    while rows := fetch_all(session, "customers/intake/list_part", after=after, high=high, rows=PART):
        reassign_customers(session, [row["id"] for row in rows])
        after = rows[-1]["id"]
