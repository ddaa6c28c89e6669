"""Under either market rule a customer is counted once: over grids, branches and towns, figures that sum."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.assignment import assign_customers
from app.customers.coverage import count_coverage
from app.customers.touched import tell_customers, tell_customers_again
from app.territory import plans
from app.territory.plans.findings import EVERYTHING
from tests.customers.drawn_bank import Who, answers, enforce, put, settle
from tests.ground import Ground, lay

GROUNDS = {
    "a market over two villages": (lay("AABB\nAABB", "....\n.MM."), {"M": "market"}),
    "a market over a market": (lay("AAAA\nAAAA", ".MM.\n....", "..NN\n...."), {"M": "market", "N": "market"}),
    "a market in a park": (lay("AAAA\nAAAA", "PPP.\nPPP.", ".M..\n...."), {"M": "market", "P": "park"}),
    "a market beyond its village": (lay("AAB.\nAAB.", "..MM\n...."), {"M": "market"}),
}
SUMS = {
    "grids": "SELECT sum(existing + prospects) FROM grid_count",
    "branches": """SELECT sum(n) FROM (SELECT branch_id, sum(c.existing + c.prospects) AS n
        FROM grid_count c JOIN grid g ON g.id = c.grid_id GROUP BY branch_id) AS b""",
    "towns": """SELECT sum(n) FROM (SELECT town_code, sum(c.existing + c.prospects) AS n
        FROM grid_count c JOIN grid g ON g.id = c.grid_id GROUP BY town_code) AS t""",
    "rows": "SELECT count(*) FROM assignment WHERE grid_id IS NOT NULL",
    "people": "SELECT count(DISTINCT customer_id) FROM assignment WHERE grid_id IS NOT NULL",
}


def people_everywhere(ground: Ground) -> list[Who]:
    """One customer in every cell of the ground, and one in each letter's village without a point."""
    columns = round((ground.frame.bounds[2] - ground.west) / ground.cell)
    rows = round((ground.north - ground.frame.bounds[1]) / ground.cell)
    dots = [Who(f"{r}-{c}", ground.point(r, c)) for r in range(rows) for c in range(columns)]
    return dots + [Who(f"unit-{name}", unit=name, rung=5) for name in ground.names]


@pytest.mark.parametrize("rule", ["cut", "overlay"])
@pytest.mark.parametrize("name", GROUNDS)
def test_every_customer_is_counted_once(work: Session, name: str, rule: str) -> None:
    ground, kinds = GROUNDS[name]
    plan = settle(work, ground, kinds=kinds)
    if rule == "cut":
        work.execute(text("DELETE FROM plan"))
        plan = plans.new_plan(work, plans.PlanDraft("V1", "V1", frame_code="frameV1"))
    enforce(work, plan)
    everyone = people_everywhere(ground)
    put(work, *everyone)
    counts = assign_customers(work)
    assert counts["total"] == len(everyone)
    held = counts["assigned"] + counts["contested"]
    assert {what: int(work.scalar(text(query))) for what, query in SUMS.items()} == dict.fromkeys(SUMS, held)
    assert counts["outside"] == sum(1 for _, how, _ in answers(work).values() if how == "outside")
    assert count_coverage(work)["enrolled"]["n"] == held
    plans.check_plan(work, plan)
    tell_customers(work, plan)
    noted = plans.list_findings(work, plan, plans.Wanted(kinds=("no_primary",), group=None))
    assert sum(row["customers"] for row in noted) == held, "a draft's check counts as an assignment does"


def test_grids_without_customers_are_noted_and_no_longer_once_somebody_moves_in(work: Session) -> None:
    ground = lay("AABBCC", "M.....")
    plan = settle(work, ground, kinds={"M": "market"})
    plans.check_plan(work, plan)
    tell_customers(work, plan)
    assert "no_customers" not in kinds_of(work, plan), "a bank without customers has no empty grids"
    enforce(work, plan)
    put(work, Who("a", ground.point(0, 0)), Who("c", unit="C", rung=5))
    assign_customers(work)
    tell_customers(work, plan)
    assert kinds_of(work, plan)["no_customers"] == ["A", "B"], "who stands in the market is not of A"
    put(work, Who("b", ground.point(0, 2)))
    assign_customers(work)
    ids = [row["id"] for row in plans.listing.load_grids(work, plan).rows]
    tell_customers_again(work, plan, finding_ids=[], grid_ids=ids)
    assert kinds_of(work, plan)["no_customers"] == ["A"]
    held = {row["codes"][0]: row["customers"] for row in plans.list_findings(work, plan, EVERYTHING)}
    assert held == {"A": 0, "B": 1, "C": 1, "M": 1}


def kinds_of(work: Session, plan: plans.listing.Plan) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in plans.list_findings(work, plan, EVERYTHING):
        found.setdefault(row["kind"], []).append(row["codes"][0])
    return {kind: sorted(codes) for kind, codes in found.items()}
