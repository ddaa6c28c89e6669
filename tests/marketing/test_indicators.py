"""The five indicators: closed months are frozen, history that is missing is no nought, sums hold."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.intake.vanishing import take_out
from app.db import Database
from app.errors import BadInput, Conflict, NotAllowed
from app.marketing.indicators import (
    INDICATORS,
    Scope,
    close_month,
    list_indicators,
    list_trend,
    read_month,
    this_month,
)
from app.marketing.indicators.reading import step_back
from tests.maps.seed import WORKER, Bank, lay_bank

EVERYWHERE = Scope()


@pytest.fixture
def bank(fresh: Database) -> tuple[Database, Bank]:
    return fresh, lay_bank(fresh, grids=24, customers=360)


def tell_total(session: Session, month: date) -> dict[str, Any]:
    return list_indicators(session, "bank", month, EVERYWHERE)["total"]


def turn(session: Session, ids: Sequence[int], stood: str, stands: str) -> None:
    """What a night's rows do to them: the customers, and what is noted of it (tests/customers tries it)."""
    session.execute(
        text("""WITH noted AS (INSERT INTO customer_change (customer_id, grid_key, stood, stands)
            SELECT n.id, a.grid_key, :stood, :stands FROM unnest(CAST(:ids AS bigint[])) AS n (id)
            LEFT JOIN assignment_row a ON a.customer_id = n.id)
        UPDATE customer SET standing = :stands, gone_at = NULL WHERE id = ANY (:ids)"""),
        {"ids": list(ids), "stood": stood, "stands": stands},
    )


def test_without_a_closed_month_loss_and_results_are_unknown_and_never_nought(
    bank: tuple[Database, Bank],
) -> None:
    database, _ = bank
    with database.transaction(WORKER) as session:
        told = tell_total(session, this_month())
        assert told["visits"]["of"]
        assert told["coverage"]["rate"]
        assert (told["loss"]["rate"], told["results"]["n"], told["net_new"]) == (None, None, None)
        assert tell_total(session, step_back(this_month()))["visits"]["n"] is None
        assert {month["visits"]["rate"] for month in list_trend(session, EVERYWHERE)} == {None}


def test_a_closed_month_is_frozen_and_the_next_counts_who_left_and_who_was_won(
    bank: tuple[Database, Bank],
) -> None:
    database, _ = bank
    month = step_back(this_month())
    with database.transaction(WORKER) as session:
        assert close_month(session, month)["grids"] == 24
    with database.transaction(WORKER) as session, pytest.raises(Conflict):
        close_month(session, month)
    with database.transaction(WORKER) as session, pytest.raises(Conflict):
        close_month(session, this_month())
    with pytest.raises(NotAllowed), database.transaction(WORKER) as session:
        session.execute(text("UPDATE indicator_month SET visited = 0"))
    pick = "SELECT customer_id FROM assignment WHERE grid_id IS NOT NULL AND standing = '{}' LIMIT {}"
    with database.transaction(WORKER) as session:
        gone = session.scalars(text(pick.format("existing", 3))).all()
        won = session.scalars(text(pick.format("prospect", 2))).all()
        take_out(session, list(gone))
        turn(session, won, "prospect", "existing")
        # Who left and came back within the month left nobody.
        turn(session, gone[-1:], "gone", "existing")
    with database.transaction(WORKER) as session:
        told = tell_total(session, this_month())
        assert (told["loss"]["n"], told["results"]["n"]) == (2, 2)
        # Part of a month is held against none; what a day tells, is.
        assert [told[one.key]["change"] is None for one in INDICATORS] == [True, False, False, True, True]
        frozen = tell_total(session, month)
        assert told["loss"]["of"] == frozen["visits"]["of"] == told["visits"]["of"] + len(gone)
        assert frozen["loss"]["n"] is None
        assert list_trend(session, EVERYWHERE)[-1]["collected"]["of"] == frozen["collected"]["of"]


def test_sums_hold_from_grids_up_to_the_bank_for_every_viewer(bank: tuple[Database, Bank]) -> None:
    database, laid = bank
    with database.transaction(WORKER) as session:
        close_month(session, step_back(this_month()))
    seen = {}
    for name in ("head", "branch_head", "manager"):
        with database.transaction(getattr(laid, name)) as session:
            for month in (this_month(), step_back(this_month())):
                levels = {
                    level: list_indicators(session, level, month, EVERYWHERE)
                    for level in ("bank", "branch", "manager", "grid")
                }
                for one in INDICATORS:
                    sums = {
                        (
                            sum(row[one.key]["n"] or 0 for row in told["rows"]),
                            sum(row[one.key]["of"] or 0 for row in told["rows"]),
                        )
                        for told in levels.values()
                    }
                    assert len(sums) == 1, (name, one.key, sums)
                seen[name, month] = levels["bank"]["total"]["visits"]["of"]
    now, then = this_month(), step_back(this_month())
    assert seen["head", now] > seen["branch_head", now] > seen["manager", now] > 0
    assert [seen[name, then] for name in ("head", "branch_head")] == [
        seen[name, now] for name in ("head", "branch_head")
    ]
    # One of the manager's grids came to him after the month had ended: in it, it was another's.
    assert 0 < seen["manager", then] < seen["manager", now]


def test_a_month_is_written_as_year_and_month() -> None:
    assert read_month("2026-10") == date(2026, 10, 1)
    for wrong in ("2026-13", "10", "2026-1", "2026-10-01"):
        with pytest.raises(BadInput):
            read_month(wrong)
