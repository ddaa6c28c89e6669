"""The quick way of one lending check answers what the long way answers, and outlives a server's restart."""

from typing import Any

import pytest
from sqlalchemy import text

from app.access.signing_in import make_key
from app.clock import today
from app.customers import lending
from app.customers.lending.grounds import forget_grounds
from app.customers.lending.quick import check_at_once
from app.db import Database, Viewer
from app.db.connection import GATE, WORKER
from app.errors import GetuError
from app.models import AppUser
from tests.conftest import DemoBank
from tests.truth import truth

ASK = "/api/v1/lending-check"
# Of every rung some, and of every branch: also who stands in no grid, and who is known to his village only.
MIXED = """SELECT id FROM (SELECT p.customer_id AS id, row_number() OVER (PARTITION BY p.rung, g.branch_id
    ORDER BY p.customer_id) AS n FROM placement p LEFT JOIN assignment a USING (customer_id)
    LEFT JOIN grid g ON g.id = a.grid_id) t WHERE n = 1 ORDER BY id LIMIT 45"""


def answer_both(database: Database, viewer: Viewer, ask: lending.Ask) -> tuple[Any, Any]:
    """One question by the long and by the quick way; what differs by nature is left out."""

    def bare(found: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in found.items() if key not in ("id", "asked_at")}

    def long() -> Any:
        with database.transaction(viewer) as session:
            return bare(lending.check(session, ask))

    def quick() -> Any:
        return bare(check_at_once(database, ask, viewer))

    told = []
    for way in (long, quick):
        try:
            told.append(way())
        except GetuError as error:
            told.append(error.code)
    return told[0], told[1]


@pytest.mark.parametrize("role", ["head", "branch_head", "manager"])
def test_the_quick_way_answers_and_hides_what_the_long_way_does(demo_bank: DemoBank, role: str) -> None:
    viewer = demo_bank.viewer(role)
    with truth(demo_bank.database) as admin:
        people = admin.execute(text(MIXED)).scalars().all()
        branches = admin.execute(
            text("""SELECT b.code FROM app_user u LEFT JOIN staff s ON s.id = u.staff_id
                JOIN branch b ON b.id = coalesce(u.branch_id, s.branch_id) WHERE u.id = :id
                UNION ALL (SELECT code FROM branch WHERE parent_id IS NOT NULL ORDER BY code LIMIT 1)"""),
            {"id": viewer.user_id},
        ).scalars()
        asked = list(branches)
        key = admin.execute(text("SELECT source_code, source_key FROM customer LIMIT 1")).one()
    with demo_bank.database.transaction(viewer) as session:
        his = session.scalars(text("SELECT customer_id FROM placement WHERE geom IS NOT NULL LIMIT 5")).all()
    answers = []
    for branch in asked:
        for who in (*people, *his):
            one = lending.Ask(branch, today(), customer_id=who)
            long, quick = answer_both(demo_bank.database, viewer, one)
            assert quick == long
            answers.append(quick)
        for other in ({"source_key": tuple(key)}, {"point": (121.25, 31.95)}, {"customer_id": 987654321}):
            long, quick = answer_both(
                demo_bank.database,
                viewer,
                lending.Ask(branch, today(), **other),  # type: ignore[arg-type]
            )
            assert quick == long
    told = [one for one in answers if isinstance(one, dict)]
    assert {"in", "out"} <= {one["answer"] for one in told}
    assert any(one["point"] is not None for one in told)
    if role != "head":
        assert any(one["point"] is None and one["distance_m"] is not None for one in told), "some are unseen"


def test_the_first_answer_after_a_start_is_the_later_ones(demo_bank: DemoBank) -> None:
    viewer, ask = demo_bank.viewer("head"), lending.Ask("80000", today(), point=(121.25, 31.95))
    forget_grounds()
    first = check_at_once(demo_bank.database, ask, viewer)
    later = check_at_once(demo_bank.database, ask, viewer)
    assert {**first, "id": 0, "asked_at": ""} == {**later, "id": 0, "asked_at": ""}
    with demo_bank.database.transaction(WORKER) as session:
        kept = session.execute(
            text("SELECT count(*) FROM lending_check WHERE id IN (:a, :b)"),
            {"a": first["id"], "b": later["id"]},
        )
        assert kept.scalar() == 2
        audit = "SELECT count(*) FROM audit WHERE action = 'lending_check' AND user_id = :me"
        before = session.scalar(text(audit), {"me": viewer.user_id})
    check_at_once(demo_bank.database, ask, viewer)
    with demo_bank.database.transaction(WORKER) as session:
        assert session.scalar(text(audit), {"me": viewer.user_id}) == before + 1


def test_a_line_that_the_server_cut_is_replaced_and_the_question_answered_once(demo_bank: DemoBank) -> None:
    viewer, ask = demo_bank.viewer("head"), lending.Ask("80000", today(), point=(121.25, 31.95))
    last = check_at_once(demo_bank.database, ask, viewer)["id"]
    with demo_bank.database.line(WORKER.db_role) as line:
        pid = line.connection.info.backend_pid
    with truth(demo_bank.database) as admin:
        assert admin.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    again = check_at_once(demo_bank.database, ask, viewer)
    with demo_bank.database.transaction(WORKER) as session:
        rows = session.execute(
            text("SELECT id FROM lending_check WHERE id > :last"), {"last": last}
        ).scalars()
        assert list(rows) == [again["id"]]
    with demo_bank.database.line(GATE.db_role) as line, pytest.raises(Exception, match="permission denied"):
        line.ask("customers/lending/find_evidence", check_id=last)


def test_a_systems_key_asks_for_its_branch_within_its_scopes_only(demo_bank: DemoBank) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        mine = session.execute(
            text("SELECT id, code FROM branch WHERE parent_id IS NOT NULL ORDER BY code LIMIT 1")
        ).one()
        other = session.scalar(
            text("SELECT max(code) FROM branch WHERE parent_id IS NOT NULL AND code <> :c"),
            {"c": mine.code},
        )
        system = AppUser(login="credit-system", name="信贷系统", role="system", branch_id=mine.id)
        session.add(system)
        session.flush()
        may = make_key(session, system, "may", scopes=["check_lending"], days=1)
        may_not = make_key(session, system, "may not", scopes=["see_ground"], days=1)
    client = demo_bank.client()
    point = {"lon": 121.25, "lat": 31.95, "datum": "cgcs2000"}
    try:
        client.headers["Authorization"] = f"Bearer {may}"
        told = client.post(ASK, json={"branch": mine.code, "point": point})
        assert told.status_code == 200, told.text
        assert client.get(f"/api/v1/lending-checks/{told.json()['id']}.pdf").status_code == 200
        refused = client.post(ASK, json={"branch": other, "point": point})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_your_branch")
        client.headers["Authorization"] = f"Bearer {may_not}"
        assert client.post(ASK, json={"branch": mine.code, "point": point}).status_code == 403
        foreign = demo_bank.client("head").post(ASK, json={"branch": other, "point": point}).json()["id"]
        client.headers["Authorization"] = f"Bearer {may}"
        for path in (f"{foreign}.pdf", str(foreign)):
            assert client.get(f"/api/v1/lending-checks/{path}").status_code == 404, "somebody else's"
        client.headers["Authorization"] = f"Bearer {may[:-1]}?"
        assert client.post(ASK, json={"branch": mine.code, "point": point}).status_code == 401
    finally:
        with demo_bank.database.transaction(WORKER) as session:
            session.execute(text("UPDATE app_user SET active = false WHERE login = 'credit-system'"))
    client.headers["Authorization"] = f"Bearer {may}"
    assert client.post(ASK, json={"branch": mine.code, "point": point}).status_code == 401
