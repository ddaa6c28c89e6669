"""Enrolment, the register and prospects: every figure is that of the rows, within each viewer's sight."""

from typing import Any

import pytest
from sqlalchemy import text

from app.customers.enrolment import count_enrolment, count_roster, share
from app.customers.prospects import list_prospects
from app.db.connection import WORKER
from tests.conftest import DemoBank
from tests.truth import own_grids

SCOPED = ["branch_head", "manager"]
IN_SIGHT = "(CAST(:grids AS bigint[]) IS NULL OR a.grid_id = ANY (:grids))"


def ask(bank: DemoBank, query: str, **params: Any) -> list[Any]:
    with bank.database.transaction(WORKER) as session:
        return list(session.execute(text(query), params).all())


def grids_of(bank: DemoBank, role: str) -> list[int] | None:
    return None if role == "head" else sorted(own_grids(bank.database, role))


def enrolment_of(bank: DemoBank, role: str, level: str) -> dict[str, Any]:
    with bank.database.transaction(bank.viewer(role)) as session:
        return count_enrolment(session, level)


def roster_of(bank: DemoBank, role: str, level: str) -> dict[str, Any]:
    with bank.database.transaction(bank.viewer(role)) as session:
        return count_roster(session, level)


@pytest.mark.parametrize("role", ["head", *SCOPED])
@pytest.mark.parametrize("level", ["village", "town", "branch"])
def test_every_customer_in_sight_is_in_one_row_of_each_level(
    demo_bank: DemoBank, role: str, level: str
) -> None:
    found = enrolment_of(demo_bank, role, level)
    query = f"SELECT count(*), count(grid_id) FROM assignment a WHERE {IN_SIGHT}"
    (plain,) = ask(demo_bank, query, grids=grids_of(demo_bank, role))
    total = found["total"]
    assert (total["customers"], total["enrolled"]) == tuple(plain)
    assert total["rate"] == share(plain[1], plain[0])
    codes = [row["code"] for row in found["rows"]]
    assert len(codes) == len(set(codes))
    assert all(0 <= row["enrolled"] <= row["customers"] for row in found["rows"])


def test_a_villages_row_is_what_its_people_are(demo_bank: DemoBank) -> None:
    rows = {row["code"]: row for row in enrolment_of(demo_bank, "head", "village")["rows"]}
    plain = ask(
        demo_bank,
        """SELECT u.code, u.name, u.residents, u.households, count(a.*) AS customers,
            count(a.grid_id) AS enrolled
        FROM unit u JOIN placement p ON p.unit_code = u.code JOIN assignment a USING (customer_id)
        WHERE u.valid @> current_date AND u.kind IN ('village', 'community') GROUP BY u.id""",
    )
    assert len(plain) > 250
    for one in plain:
        row = rows[one.code]
        assert (row["name"], row["residents"], row["households"]) == (one.name, one.residents, one.households)
        assert (row["customers"], row["enrolled"]) == (one.customers, one.enrolled)
        assert row["residents_rate"] == share(row["residents_enrolled"], one.residents)


def test_the_ground_of_three_levels_is_the_same_ground(demo_bank: DemoBank) -> None:
    totals = [enrolment_of(demo_bank, "head", level)["total"] for level in ("village", "town", "branch")]
    assert len({(total["residents"], total["households"]) for total in totals}) == 1
    (plain,) = ask(
        demo_bank,
        "SELECT sum(residents), sum(households) FROM unit"
        " WHERE valid @> current_date AND kind IN ('village', 'community')",
    )
    assert (totals[0]["residents"], totals[0]["households"]) == tuple(plain)


def test_a_town_counts_the_villages_that_name_it_whatever_their_codes_begin_with(demo_bank: DemoBank) -> None:
    rows = [row for row in enrolment_of(demo_bank, "head", "town")["rows"] if row["code"]]
    named = ask(
        demo_bank,
        "SELECT town_code, town_name, sum(residents) FROM unit WHERE valid @> current_date"
        " AND kind IN ('village', 'community') GROUP BY 1, 2 ORDER BY 1",
    )
    assert len(named) == 12
    assert [(row["code"], row["name"], row["residents"]) for row in rows] == [tuple(one) for one in named]


def test_the_pool_holds_everybody_without_a_grid_each_for_one_reason(demo_bank: DemoBank) -> None:
    pool = enrolment_of(demo_bank, "head", "town")["pool"]
    (lost,) = ask(demo_bank, "SELECT count(*) FROM assignment WHERE grid_id IS NULL")
    assert pool["customers"] == lost[0] > 0
    reasons = {reason["reason"]: reason for reason in pool["reasons"]}
    assert {"outside", "town_only"} & set(reasons)
    for name, reason in reasons.items():
        assert reason["link"] == (f"/placement#kind={name}" if reason["asked"] else "/placement")
    for role in SCOPED:
        assert enrolment_of(demo_bank, role, "town")["pool"] == {"customers": 0, "reasons": []}


@pytest.mark.parametrize("role", ["head", *SCOPED])
def test_the_register_by_village_counts_each_household_where_it_lives(demo_bank: DemoBank, role: str) -> None:
    found = roster_of(demo_bank, role, "village")
    query = f"""SELECT count(*), count(a.grid_id), count(*) FILTER (WHERE p.rung BETWEEN 1 AND 3)
        FROM assignment a JOIN customer c ON c.id = a.customer_id JOIN placement p ON p.customer_id = c.id
        WHERE c.household_no IS NOT NULL AND {IN_SIGHT}"""
    (plain,) = ask(demo_bank, query, grids=grids_of(demo_bank, role))
    total = found["total"]
    assert (total["persons"], total["in_grid"], total["pointed"]) == tuple(plain)
    row = max(found["rows"], key=lambda one: one["persons"])
    assert 0 < row["households"] < row["persons"]
    assert row["in_grid_rate"] == share(row["in_grid"], row["persons"])


def test_every_natural_village_has_its_row_and_whose_is_unknown_is_told(demo_bank: DemoBank) -> None:
    found = roster_of(demo_bank, "head", "natural_village")
    places = ask(demo_bank, "SELECT code FROM place WHERE level = 'natural_village' ORDER BY code")
    assert [row["code"] for row in found["rows"]] == [place.code for place in places]
    living = {row["code"]: row["persons"] for row in found["rows"] if row["persons"]}
    plain = ask(
        demo_bank,
        """SELECT p.place_code, count(*) FROM placement p JOIN customer c ON c.id = p.customer_id
        JOIN place h ON h.code = p.place_code AND h.level = 'natural_village'
        WHERE c.household_no IS NOT NULL GROUP BY p.place_code""",
    )
    assert living == dict(plain)
    assert len(living) > 100
    assert found["of"] - found["unknown"] == sum(living.values()) == found["total"]["persons"]
    assert {row["village_name"] for row in found["rows"]} > {"颐生村"}


def prospects_of(bank: DemoBank, role: str, grid_id: int, **more: Any) -> dict[str, Any]:
    with bank.database.transaction(bank.viewer(role)) as session:
        return list_prospects(session, grid_id, **more)


def test_prospects_come_with_reasons_that_are_true_the_best_first(demo_bank: DemoBank) -> None:
    (grid,) = ask(
        demo_bank,
        """SELECT a.grid_id FROM assignment a JOIN customer c ON c.id = a.customer_id
        WHERE a.standing = 'prospect' AND EXISTS (
            SELECT 1 FROM assignment o JOIN customer e ON e.id = o.customer_id
            WHERE o.grid_id = a.grid_id AND o.standing = 'existing' AND e.household_no = c.household_no)
        GROUP BY a.grid_id ORDER BY count(*) DESC, a.grid_id LIMIT 1""",
    )
    found = prospects_of(demo_bank, "head", grid[0], near_m=300, limit=200)
    plain = ask(
        demo_bank,
        """SELECT a.customer_id AS id, c.household_no, EXISTS (SELECT 1 FROM assignment o
            JOIN customer e ON e.id = o.customer_id WHERE o.grid_id = a.grid_id AND o.standing = 'existing'
            AND e.household_no = c.household_no) AS kin,
            (SELECT min(ST_Distance(o.geom::geography, a.geom::geography)) FROM assignment o
            WHERE o.grid_id = a.grid_id AND o.standing = 'existing' AND o.rung BETWEEN 1 AND 3)
                AS away_m, a.rung
        FROM assignment a JOIN customer c ON c.id = a.customer_id
        WHERE a.grid_id = :grid AND a.standing = 'prospect'""",
        grid=grid[0],
    )
    assert found["total"] == len(found["prospects"]) == len(plain)
    truth = {row.id: row for row in plain}
    for one in found["prospects"]:
        reasons, row = {reason["code"] for reason in one["reasons"]}, truth[one["id"]]
        near = 0 < row.rung <= 3 and row.away_m is not None and row.away_m <= 300
        assert bool(reasons & {"kin", "key_kin"}) == row.kin
        assert ("next_door" in reasons) == near
        assert ("in_roster" in reasons) == (row.household_no is not None)
        assert "no_account" in reasons
    kin = [bool({"kin", "key_kin"} & {r["code"] for r in one["reasons"]}) for one in found["prospects"]]
    assert kin == sorted(kin, reverse=True)
    assert any(kin)
    assert found["manager"]["own"]


def test_the_prospects_of_anothers_grid_are_not_told(demo_bank: DemoBank) -> None:
    foreign = ask(
        demo_bank,
        "SELECT id FROM grid WHERE level = 3 AND NOT id = ANY (:grids) LIMIT 1",
        grids=grids_of(demo_bank, "manager"),
    )[0][0]
    answer = demo_bank.client("manager").get(f"/api/v1/grids/{foreign}/prospects")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_grid")


def test_the_figures_are_answered_over_http(demo_bank: DemoBank) -> None:
    client = demo_bank.client("manager")
    assert client.get("/api/v1/stats/enrolment?level=county").status_code == 422
    told = client.get("/api/v1/stats/enrolment?level=branch").json()
    assert [row["code"] for row in told["rows"]] == [told["rows"][0]["code"]]
    assert client.get("/api/v1/stats/roster?level=natural_village").json()["rows"]
