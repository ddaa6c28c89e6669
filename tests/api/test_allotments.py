"""Offers, staffing changes and answers about any date by the public door: each role, audited, two at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from app.clock import today
from app.db.connection import WORKER
from app.errors import Conflict
from tests.conftest import Client, DemoBank
from tests.truth import truth

DRAFT = "ALLOT"
TODAY = today()
Doors = dict[str, Client]


def rows(bank: DemoBank, query: str, **params: Any) -> list[Any]:
    with truth(bank.database) as admin:
        return list(admin.execute(text(query), params))


@pytest.fixture(scope="module")
def draft(demo_bank: DemoBank, doors: Doors, tidy: None) -> Iterator[str]:
    """A draft of the module's own, copied from the plan in force."""
    made = doors["head"].post("/api/v1/plans", json={"code": DRAFT, "name": "分配用草案", "from_plan": "V1"})
    assert made.status_code == 201, made.text
    yield DRAFT
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM staffing_change"))
        session.execute(text("DELETE FROM plan WHERE code = :code"), {"code": DRAFT})
        session.execute(text("UPDATE grid SET allotted = NULL"))
        session.execute(text("DELETE FROM allotment"))


@pytest.fixture(scope="module")
def mine(demo_bank: DemoBank) -> dict[str, str]:
    """The branch head's branch, the manager's number, and another branch."""
    found = rows(
        demo_bank,
        """SELECT
            (SELECT b.code FROM branch b JOIN app_user ON branch_id = b.id WHERE login = 'branch') branch,
            (SELECT s.code FROM staff s JOIN app_user ON staff_id = s.id WHERE login = 'manager') manager""",
    )[0]
    other = rows(
        demo_bank,
        """SELECT b.code FROM grid g JOIN branch b ON b.id = g.branch_id
        JOIN plan p ON p.id = g.plan_id AND p.code = 'V1'
        CROSS JOIN (SELECT branch_id FROM app_user WHERE login = 'branch') his
        WHERE b.id <> his.branch_id AND b.parent_id IS DISTINCT FROM his.branch_id
        GROUP BY b.code ORDER BY count(*) DESC, b.code LIMIT 1""",
    )[0]
    return {"branch": found.branch, "manager": found.manager, "other": other.code}


def grids_of(bank: DemoBank, plan: str, branch: str) -> list[str]:
    query = """SELECT g.code FROM grid g JOIN plan p ON p.id = g.plan_id AND p.code = :plan
        JOIN branch b ON b.id = g.branch_id AND b.code = :branch ORDER BY g.code"""
    return [row.code for row in rows(bank, query, plan=plan, branch=branch)]


def allot(client: Client, plan: str, **body: Any) -> Any:
    return client.post(f"/api/v1/plans/{plan}/allot", json=body)


def answer(client: Client, plan: str, **body: Any) -> Any:
    return client.post(f"/api/v1/plans/{plan}/allotments/answer", json=body)


def test_an_offer_shows_the_ground_and_not_yet_who_lives_there(
    demo_bank: DemoBank, doors: Doors, draft: str, mine: dict[str, str]
) -> None:
    """In the plan in force: the branch head looks at the grid he is offered, and at nobody in it."""
    code = next(
        row.code
        for row in rows(
            demo_bank,
            """SELECT g.code FROM grid g JOIN plan p ON p.id = g.plan_id AND p.code = 'V1'
            JOIN branch b ON b.id = g.branch_id JOIN assignment a ON a.grid_id = g.id
            WHERE b.code = :other ORDER BY g.code LIMIT 1""",
            other=mine["other"],
        )
    )
    grid_id = rows(
        demo_bank,
        "SELECT g.id FROM grid g JOIN plan p ON p.id = g.plan_id AND p.code = 'V1' WHERE g.code = :c",
        c=code,
    )[0][0]
    head, branch = doors["head"], doors["branch_head"]

    def sight() -> tuple[int, set[int], list[int]]:
        with demo_bank.database.transaction(demo_bank.viewer("branch_head")) as session:
            grids = set(session.scalars(text("SELECT id FROM grid")))
            counts = [
                session.scalar(text(f"SELECT count(*) FROM {table}")) or 0
                for table in ("customer", "placement", "assignment", "household", "visit")
            ]
        return branch.get(f"/api/v1/grids/{grid_id}").status_code, grids, counts

    before = sight()
    assert before[0] == 404
    made = allot(head, "V1", step="branch", grids=[code], to=mine["branch"])
    assert made.status_code == 201, made.text
    seen = sight()
    assert (seen[0], seen[1] - before[1], seen[2]) == (200, {grid_id}, before[2])
    assert branch.get(f"/api/v1/grids/{grid_id}/customers").json()["customers"] == []
    offers = branch.get("/api/v1/plans/V1/allotments?mine=true").json()["allotments"]
    assert [(o["grid"]["code"], o["may_answer"], o["offered_by"] is None) for o in offers] == [
        (code, True, False)
    ]
    assert doors["manager"].get("/api/v1/plans/V1/allotments").json()["allotments"] == []
    returned = answer(branch, "V1", batch=made.json()["batch"], answer="return", reason="不顺路")
    assert (returned.status_code, returned.json()["state"]) == (200, "returned")
    assert sight() == before
    assert rows(demo_bank, "SELECT allotted FROM grid WHERE id = :id", id=grid_id)[0][0] == "returned"


def test_a_batch_goes_down_the_house_and_every_step_is_audited(
    demo_bank: DemoBank, doors: Doors, draft: str, mine: dict[str, str]
) -> None:
    head, branch, manager = (doors[role] for role in ("head", "branch_head", "manager"))
    house = rows(
        demo_bank,
        "SELECT b.code FROM branch b JOIN staff s ON s.branch_id = b.id WHERE s.code = :m",
        m=mine["manager"],
    )[0][0]
    codes = grids_of(demo_bank, draft, mine["other"])[:2]
    first = allot(head, draft, step="branch", grids=codes, to=mine["branch"]).json()
    assert answer(branch, draft, batch=first["batch"], answer="accept").json()["answered"] == 2
    assert house == mine["branch"], "the demo's manager works in the demo's branch"
    day = (TODAY + timedelta(3)).isoformat()
    second = allot(branch, draft, step="manager", grids=codes, to=mine["manager"], valid_from=day).json()
    offers = manager.get(f"/api/v1/plans/{draft}/allotments?mine=true").json()["allotments"]
    assert [o["grid"]["code"] for o in offers] == codes
    done = answer(manager, draft, ids=[o["id"] for o in offers], answer="accept")
    assert (done.status_code, done.json()["grids"]) == (200, codes)
    held = rows(
        demo_bank,
        """SELECT g.code, lower(d.valid) AS day, g.allotted FROM duty d JOIN grid g ON g.id = d.grid_id
        JOIN plan p ON p.id = g.plan_id JOIN staff s ON s.id = d.staff_id
        WHERE p.code = :plan AND s.code = :m AND g.code = ANY (:codes) AND upper_inf(d.recorded)
            AND d.role = 'primary'
        ORDER BY g.code""",
        plan=draft, m=mine["manager"], codes=codes,
    )  # fmt: skip
    assert [(row.code, row.day.isoformat(), row.allotted) for row in held] == [
        (c, day, "held") for c in codes
    ]
    acts = rows(
        demo_bank,
        "SELECT login, action FROM audit a JOIN app_user u ON u.id = a.user_id ORDER BY a.id DESC LIMIT 4",
    )
    assert [tuple(row) for row in reversed(acts)] == [
        ("head", "offer_grids"),
        ("branch", "answer_offers"),
        ("branch", "offer_grids"),
        ("manager", "answer_offers"),
    ]
    board = head.get(f"/api/v1/plans/{draft}/allotment-board").json()
    assert board["counts"]["held"] == 2
    assert second["to"]["code"] == mine["manager"]


def test_two_answers_at_once_land_once_and_the_second_hears_who_was_first(
    demo_bank: DemoBank, doors: Doors, draft: str, mine: dict[str, str]
) -> None:
    codes = grids_of(demo_bank, draft, mine["other"])[:3]
    batch = allot(doors["head"], draft, step="branch", grids=codes, to=mine["branch"]).json()["batch"]
    together = Barrier(2)

    def go(role: str) -> Any:
        together.wait()
        return answer(doors[role], draft, batch=batch, answer="accept")

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(go, ("head", "branch_head")), key=lambda a: a.status_code)
    assert [t.status_code for t in told] == [200, 409]
    problem = told[1].json()
    assert (problem["code"], problem["state"], [g["code"] for g in problem["grids"]]) == (
        "cannot_answer",
        "accepted",
        codes,
    )
    assert problem["by"]
    assert problem["at"]
    changed = rows(
        demo_bank, "SELECT count(*) FROM allotment WHERE batch = :b AND state = 'accepted'", b=batch
    )
    assert changed[0][0] == 3


def test_two_offers_of_one_grid_at_once_make_one(
    demo_bank: DemoBank, doors: Doors, draft: str, mine: dict[str, str]
) -> None:
    code = grids_of(demo_bank, draft, mine["other"])[-1]
    together = Barrier(2)

    def go(_: int) -> Any:
        together.wait()
        return allot(doors["head"], draft, step="branch", grids=[code], to=mine["branch"])

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(go, range(2)), key=lambda a: a.status_code)
    assert [t.status_code for t in told] == [201, 409]
    assert told[1].json()["grids"][0]["reason"]["code"] == "offered_already"
    done = doors["head"].post(
        f"/api/v1/plans/{draft}/allotments/withdraw", json={"batch": told[0].json()["batch"]}
    )
    assert done.json()["state"] == "withdrawn"


def test_two_primaries_on_one_date_are_refused_by_the_database_itself(
    demo_bank: DemoBank, draft: str
) -> None:
    """Two transactions that know nothing of each other: the second hears a conflict and no database text."""
    grid, one, two = rows(
        demo_bank,
        """SELECT
            (SELECT min(g.id) FROM grid g JOIN plan p ON p.id = g.plan_id AND p.code = :plan),
            min(id), max(id) FROM staff WHERE kind = 'manager'""",
        plan=draft,
    )[0]
    insert = text(
        "INSERT INTO duty (grid_id, staff_id, role, valid)"
        " VALUES (:g, :s, 'primary', '[1999-01-01,1999-02-01)')"
    )
    together = Barrier(2)

    def go(staff_id: int) -> str:
        try:
            with demo_bank.database.transaction(WORKER) as session:
                together.wait()
                session.execute(insert, {"g": grid, "s": staff_id})
                return "in"
        except Conflict as refused:
            return f"{refused.code} {refused.zh} {refused.en} {refused.facts}"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(go, (one, two)))
    assert told[1] == "in"
    assert told[0].startswith("already_there")
    assert not any(word in told[0] for word in ("duty", "constraint", "exclusion", "daterange"))
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM duty WHERE valid = '[1999-01-01,1999-02-01)'"))


def test_a_leave_by_api_has_a_bill_and_is_seen_by_date_until_it_is_taken_back(
    demo_bank: DemoBank, doors: Doors, draft: str, mine: dict[str, str]
) -> None:
    branch, head = doors["branch_head"], doors["head"]
    first, back = TODAY + timedelta(5), TODAY + timedelta(9)
    before = datetime.now(UTC)
    made = branch.post(
        "/api/v1/staffing-changes",
        json={
            "kind": "leave",
            "staff": mine["manager"],
            "valid_from": first.isoformat(),
            "valid_to": back.isoformat(),
        },
    )
    assert made.status_code == 201, made.text
    change = made.json()
    bill = change["bill"]
    assert bill["grids"] == len({line["grid_code"] for line in change["lines"]})
    assert bill["customers"] == bill["existing"] + bill["prospects"] > 0
    assert sum(hand["customers"] for hand in bill["managers"]) == bill["customers"]
    assert all("*" in client["name"] for client in bill["key_clients"])
    line = next(line for line in change["lines"] if line["plan_code"] == "V1" and line["to"])
    applied = branch.post(f"/api/v1/staffing-changes/{change['id']}/apply")
    assert (applied.status_code, applied.json()["state"]) == (200, "applied")

    def who(day: date, known: str | None = None) -> str:
        params = {"grid": line["grid_code"], "on": day.isoformat()} | ({"known_at": known} if known else {})
        return str(head.get("/api/v1/responsible", params=params).json()["primary"]["code"])

    assert [who(day) for day in (first - timedelta(1), first, back)] == [
        mine["manager"],
        line["to"]["code"],
        mine["manager"],
    ]
    assert who(first, before.isoformat()) == mine["manager"]
    again = branch.post(f"/api/v1/staffing-changes/{change['id']}/apply")
    assert (again.status_code, again.json()["code"]) == (409, "change_closed")
    assert again.json()["by"]
    listed = branch.get("/api/v1/staffing-changes?state=applied").json()["changes"]
    assert [one["id"] for one in listed] == [change["id"]]
    assert branch.post(f"/api/v1/staffing-changes/{change['id']}/undo").json()["state"] == "undone"
    assert who(first) == mine["manager"]
    with demo_bank.database.transaction(demo_bank.viewer("manager")) as session:
        assert session.scalar(text("SELECT count(*) FROM staffing_change")) == 0


def test_a_change_beyond_a_branch_is_head_offices_and_tells_the_branch_its_own_part(
    demo_bank: DemoBank, doors: Doors, draft: str, mine: dict[str, str]
) -> None:
    branch, head = doors["branch_head"], doors["head"]
    own = {one["id"] for one in branch.get("/api/v1/plans/V1/grids?counted=false").json()["features"]}
    whole = head.get("/api/v1/plans/V1/grids?counted=false").json()["features"]
    foreign = next(one for one in whole if one["id"] not in own)
    with demo_bank.database.transaction(WORKER) as session:
        duty = session.scalar(
            text(
                """INSERT INTO duty (grid_id, staff_id, role, valid, recorded)
                SELECT :grid, id, 'liaison', daterange(current_date, NULL), tstzrange(now(), NULL)
                FROM staff WHERE code = :code RETURNING id"""
            ),
            {"grid": foreign["id"], "code": mine["manager"]},
        )
    body = {"kind": "departure", "staff": mine["manager"], "valid_from": TODAY.isoformat()}
    made = head.post("/api/v1/staffing-changes", json=body)
    assert made.status_code == 201, made.text
    assert foreign["id"] in {line["grid_id"] for line in made.json()["lines"]}
    address = f"/api/v1/staffing-changes/{made.json()['id']}"
    told = branch.get(address)
    assert foreign["properties"]["code"] not in told.text
    assert told.json()["lines"]
    assert (told.json()["bill"]["key_clients"], told.json()["bill"]["managers"]) == ([], [])
    assert not any(told.json()["may"].values())
    for act in ("apply", "cancel", "undo"):
        refused = branch.post(f"{address}/{act}")
        assert (refused.status_code, refused.json()["code"]) == (409, "beyond_your_ground")
    assert head.post(f"{address}/cancel").json()["state"] == "cancelled"
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM duty WHERE id = :id"), {"id": duty})


def test_a_customer_has_an_answer_for_any_date_and_it_tells_its_limits(
    demo_bank: DemoBank, doors: Doors, draft: str
) -> None:
    found = rows(
        demo_bank,
        """SELECT a.customer_id, g.code, s.code AS manager FROM assignment a JOIN grid g ON g.id = a.grid_id
        JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded)
            AND d.valid @> current_date
        JOIN staff s ON s.id = d.staff_id JOIN customer c ON c.id = a.customer_id AND c.kind = 'person'
        ORDER BY a.customer_id LIMIT 1""",
    )[0]
    head = doors["head"]
    told = head.get(f"/api/v1/responsible?customer={found.customer_id}").json()
    assert (told["place"], told["grid"]["code"], told["primary"]["code"]) == (
        "inside",
        found.code,
        found.manager,
    )
    assert [one["code"] for one in told["why"]] == ["plan", "assignment", "duty"]
    assert [one["code"] for one in told["limits"]] == ["placement_of_today"]
    assert "*" in told["asked"]["name"]
    seen = rows(
        demo_bank, "SELECT customer_ids FROM audit WHERE action = 'ask_responsible' ORDER BY id DESC LIMIT 1"
    )
    assert seen[0][0] == [found.customer_id]
    early = head.get(f"/api/v1/responsible?customer={found.customer_id}&on=1999-01-01").json()
    assert (early["place"], early["grid"], early["primary"]) == ("no_plan", None, None)
    nowhere = rows(
        demo_bank, "SELECT customer_id FROM assignment WHERE grid_id IS NULL AND geom IS NULL LIMIT 1"
    )[0][0]
    assert head.get(f"/api/v1/responsible?customer={nowhere}").json()["place"] == "unassigned"


def test_a_customer_in_a_plan_he_was_not_assigned_in_is_found_by_his_place(
    demo_bank: DemoBank, doors: Doors, draft: str
) -> None:
    """What was decided by hand since counts only as known now; before it stands the place known then."""
    found = rows(
        demo_bank,
        """SELECT a.customer_id, g.code FROM assignment a JOIN grid g ON g.id = a.grid_id
        JOIN placement p ON p.customer_id = a.customer_id WHERE p.geom IS NOT NULL AND a.method = 'inside'
        ORDER BY a.customer_id LIMIT 1""",
    )[0]
    elsewhere = rows(
        demo_bank,
        """SELECT ST_X(g.anchor) AS lon, ST_Y(g.anchor) AS lat, g.code FROM grid g
        JOIN plan p ON p.id = g.plan_id AND p.code = 'V1'
        WHERE g.code <> :code AND g.kind = 'village' ORDER BY g.code LIMIT 1""",
        code=found.code,
    )[0]
    head = doors["head"]
    before = datetime.now(UTC).isoformat()
    pinned = head.post(
        f"/api/v1/customers/{found.customer_id}/pin",
        json={"lon": elsewhere.lon, "lat": elsewhere.lat, "client_key": "allotments"},
    )
    assert pinned.status_code == 200, pinned.text

    def where(**more: str) -> tuple[str, str]:
        params = {"customer": str(found.customer_id), **more}
        told = head.get("/api/v1/responsible", params=params).json()
        return told["grid"]["code"], told["limits"][0]["code"]

    assert where() == (elsewhere.code, "placement_of_today")
    assert where(known_at=before) == (found.code, "placement_steps")
    undone = head.post("/api/v1/placement/undo", json={"batch": pinned.json()["batch"]})
    assert undone.status_code == 200, undone.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422), ("lon=121.1", 422), ("grid=nowhere", 404), ("grid=x&customer=1", 422),
        ("customer=999999999", 404),
        ("grid=x&known_at=yesterday", 422), ("lon=500&lat=1", 422), ("lon=120&lat=30", 200),
        ("lon=120&lat=30&on=2099-01-01", 200), ("lon=120&lat=30&known_at=2020-01-01T00:00:00+08:00", 200),
        ("grid=x&known_at=0001-01-01", 200),
    ],
)  # fmt: skip
def test_questions_are_answered_or_refused_in_words(
    doors: Doors, draft: str, query: str, status: int
) -> None:
    told = doors["head"].get(f"/api/v1/responsible?{query}")
    assert told.status_code == status, told.text


def test_who_may_not_ask_about_customers_may_ask_about_ground(doors: Doors, draft: str) -> None:
    assert doors["analyst"].get("/api/v1/responsible?lon=120&lat=30").status_code == 200
    assert doors["analyst"].get("/api/v1/responsible?customer=1").status_code == 403
