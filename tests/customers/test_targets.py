"""What grids are to reach in a period, and how far they have come."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers import targets
from app.db.connection import WORKER
from app.errors import BadInput, NotFound
from tests.conftest import DemoBank

PERIOD = "2031-11"


@pytest.fixture
def plan(demo_bank: DemoBank) -> tuple[int, list[str]]:
    """The demo's plan in force and the codes of two of its grids that have visits to count."""
    with demo_bank.database.transaction(WORKER) as session:
        plan_id = session.scalar(text("SELECT id FROM plan WHERE status = 'in_force'"))
        rows = session.execute(
            text("""SELECT g.code FROM grid g JOIN grid_count c ON c.grid_id = g.id
                WHERE g.plan_id = :p AND c.visited > 0 ORDER BY c.visited DESC LIMIT 2"""),
            {"p": plan_id},
        )
        return plan_id, [row[0] for row in rows]


def visited(session: Session, plan_id: int, codes: list[str]) -> list[int]:
    query = """SELECT c.visited FROM grid g JOIN grid_count c ON c.grid_id = g.id
        WHERE g.plan_id = :p AND g.code = ANY (:c) ORDER BY array_position(CAST(:c AS text[]), g.code)"""
    return list(session.execute(text(query), {"p": plan_id, "c": codes}).scalars())


def test_what_getu_counts_needs_nothing_typed_in(demo_bank: DemoBank, plan: tuple[int, list[str]]) -> None:
    plan_id, codes = plan
    with demo_bank.database.transaction(WORKER) as session:
        wanted = {(code, "visited"): Decimal(1000) for code in codes}
        assert targets.set_targets(session, plan_id, PERIOD, wanted, user_id=None) == 2
        found = targets.list_targets(session, plan_id, period=PERIOD)
        counted = visited(session, plan_id, codes)
        assert {row["code"]: row["actual"] for row in found["rows"]} == dict(zip(codes, counted, strict=True))
        (total,) = found["totals"]
        assert total["ratio"] == pytest.approx(sum(counted) / 2000, abs=1e-4)
        for by in targets.GROUPS:
            again = targets.list_targets(session, plan_id, period=PERIOD, by=by)
            assert again["totals"] == found["totals"]
            assert sum(row["actual"] for row in again["rows"]) == total["actual"]
        session.rollback()


def test_what_nobody_has_reported_is_not_nought(demo_bank: DemoBank, plan: tuple[int, list[str]]) -> None:
    plan_id, (one, other) = plan
    with demo_bank.database.transaction(WORKER) as session:
        wanted = {(code, "survey"): Decimal(50) for code in (one, other)}
        targets.set_targets(session, plan_id, PERIOD, wanted, user_id=None)

        def total() -> dict[str, float]:
            (row,) = targets.list_targets(session, plan_id, period=PERIOD)["totals"]
            return {key: row[key] for key in ("told", "ratio")}

        assert total() == {"told": 0, "ratio": None}
        targets.tell_done(session, plan_id, PERIOD, measure="信息采集户数", done={one: Decimal(40)})
        assert total() == {"told": 1, "ratio": 0.4}
        with pytest.raises(BadInput, match="counted_measure"):
            targets.tell_done(session, plan_id, PERIOD, measure="visited", done={one: Decimal(1)})
        with pytest.raises(NotFound, match="no_target"):
            targets.tell_done(session, plan_id, PERIOD, measure="credit", done={one: Decimal(1)})
        session.rollback()


def test_a_table_of_targets_leaves_out_what_it_cannot_use(
    demo_bank: DemoBank, plan: tuple[int, list[str]], tmp_path: Path
) -> None:
    plan_id, (one, other) = plan
    path = tmp_path / "targets.csv"
    lines = ["网格编号,指标,目标值", f'{one},走访客户数,"1,200"', f"{other},走访,5", f"{other},建档客户数,-1"]
    lines += [f"{other},建档客户数,很多", "NOWHERE,建档客户数,3"]
    path.write_text("\n".join(lines), encoding="gb18030")
    with demo_bank.database.transaction(WORKER) as session:
        report = targets.import_targets(session, path, plan_id=plan_id, period=PERIOD)
        assert report.imported == 1
        assert [(bad.row, bad.reason) for bad in report.rejected] == [
            (3, "bad_measure"), (4, "bad_number"), (5, "bad_number"), (6, "no_grid"),
        ]  # fmt: skip
        (row,) = targets.list_targets(session, plan_id, period=PERIOD)["rows"]
        assert (row["code"], row["target"]) == (one, 1200.0)
        session.rollback()


@pytest.mark.parametrize("period", ["", "26", "2026-13", "2026-Q5", "2026-1", "二〇二六"])
def test_a_period_is_a_year_a_quarter_or_a_month(
    demo_bank: DemoBank, plan: tuple[int, list[str]], period: str
) -> None:
    with demo_bank.database.transaction(WORKER) as session, pytest.raises(BadInput, match="bad_period"):
        targets.list_targets(session, plan[0], period=period)
