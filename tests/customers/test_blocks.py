"""A big file lands as a block: the same customers, grids and counts as row by row, whole or not at all."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.customers.assignment import assign_customers
from app.customers.moving import follow_plan
from app.customers.recounting import check_counts
from app.customers.reversal import undo_run
from app.db import Database
from app.db.connection import WORKER
from app.errors import BadInput, NotReady
from app.jobs import run_now
from app.jobs.attempt import run_job
from app.settings import Settings
from tests.customers.drawn_bank import Who, enforce, put, settle
from tests.customers.moved_bank import draw
from tests.ground import lay

HEAD = (
    "客户号,客户名称,手机号码,经度,纬度,坐标系,客户等级,家庭号,存款余额,是否建档,最近走访日期,证件号码,地址\n"
)
STORED = """
SELECT c.source_key, c.kind, c.standing, c.name, c.phone_hash, c.household_no, c.tier, c.deposit_yuan,
    c.filed, c.last_visit_on, c.row_hash, p.rung, p.method, p.score, p.geom::text, p.unit_code, p.accuracy_m,
    p.datum,
    g.code, a.method AS how, a.reason, a.rung AS assigned_rung, a.standing AS stands, a.tier AS ranks,
    a.geom::text AS at
FROM customer c JOIN placement p ON p.customer_id = c.id LEFT JOIN assignment a ON a.customer_id = c.id
LEFT JOIN grid g ON g.id = a.grid_id ORDER BY c.source_key"""
ROWS = 120


@pytest.fixture
def bank(fresh: Database, settings: Settings) -> Settings:
    """A bank with a plan in force: two villages side by side, and nobody in it."""
    with fresh.transaction(WORKER) as session:
        enforce(session, settle(session, lay("AB", cell=0.01)))
    settings.home.mkdir(parents=True, exist_ok=True)
    return settings.model_copy(update={"import_processes": 1})


def write_people(bank: Settings, *, name: str = "core.csv", rows: int = ROWS, first: int = 0) -> Path:
    """People in both villages, at their edges and far from them, one of nine with a fault."""
    ground = lay("AB", cell=0.01)
    west, south, east, north = ground.frame.bounds
    lines = []
    for n in range(first, first + rows):
        lon = west + (east - west) * (n % 23 - 2) / 19
        lat = south + (north - south) * (n % 7 + 1) / 9
        cells = [
            f"K{n:04d}",
            f"王{n}",
            f"139{n:08d}",
            f"{lon:.7f}",
            f"{lat:.7f}",
            ("", "WGS84", "高德")[n % 3],
        ]
        cells += [
            ("普通", "重点", "战略")[n % 3],
            f"H{n // 4}",
            f"{n}.5",
            "是" if n % 2 else "否",
            "2026-11-20",
            card(n) if n % 10 < 2 else "",
            "",
        ]
        if n % 9 == 4:
            cells[(0, 1, 8, 3)[n // 9 % 4]] = ("", "", "一万", "东经")[n // 9 % 4]
        lines.append(",".join(cells))
    path = bank.home / name
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def card(n: int) -> str:
    """An identity card, the same for two numbers that follow each other."""
    number = f"320684{1950 + n // 10:04d}0101{n % 10 // 2:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return number + "10X98765432"[sum(int(a) * b for a, b in zip(number, weights, strict=True)) % 11]


def send_few(database: Database, bank: Settings) -> None:
    """People of another source, two of them with the card or with name and telephone of a core customer."""
    path = bank.home / "crm.csv"
    rows = [f"C1,王一,,{card(20)}", "C2,王33,13900000033,", "C3,王五,13900000034,"]
    path.write_text("\n".join(["客户号,客户名称,手机号码,证件号码", *rows]) + "\n", encoding="utf-8")
    send(database, bank, path, source="crm")


def send(database: Database, bank: Settings, path: Path, *, source: str = "core") -> dict[str, Any]:
    """Import it as a source's file; the job."""
    args = {"path": str(path), "file_name": path.name, "source": source}
    return run_now(database, bank, "import_customers", args)


def look(database: Database) -> list[tuple[Any, ...]]:
    """Every customer with his place and his grid; also the counts are those of a recount."""
    with database.transaction(WORKER) as session:
        assert check_counts(session)["same"]
        return [tuple(row) for row in session.execute(text(STORED))]


def list_links(database: Database) -> list[tuple[Any, ...]]:
    """Who is whom, by keys."""
    query = """SELECT least(a.source_key, b.source_key), greatest(a.source_key, b.source_key), l.how
        FROM customer_link l JOIN customer a ON a.id = l.customer_id JOIN customer b ON b.id = l.other_id
        ORDER BY 1, 2"""
    with database.transaction(WORKER) as session:
        return [tuple(row) for row in session.execute(text(query))]


def tables_aside(database: Database) -> int:
    """How many tables of unfinished blocks there are."""
    query = """SELECT count(*) FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
        WHERE c.relkind = 'r' AND c.relname ~ '_b[0-9]+$' AND i.inhrelid IS NULL"""
    with database.transaction(WORKER) as session:
        return int(session.execute(text(query)).scalar_one())


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty new rows are worth a block here, and a slice holds thirty."""
    monkeypatch.setattr("app.customers.intake.FEWEST", 20)
    monkeypatch.setattr("app.jobs.customers.CHUNK", 30)


def stop_at(call: int, error: Exception) -> Callable[..., None]:
    """`copy_portion` whose n-th call raises."""
    from app.customers.intake import copy_portion

    calls = 0

    def copy(*args: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise error
        copy_portion(*args)

    return copy


def test_a_block_holds_the_same_customers_grids_and_counts_as_rows_that_wait(
    fresh: Database, bank: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_people(bank)
    # A run that stands: else rows that wait find none to be assigned in.
    run_now(fresh, bank, "assign", {})
    send_few(fresh, bank)
    waited = send(fresh, bank, path)["result"]
    by_rows, linked = look(fresh), list_links(fresh)
    with fresh.transaction(WORKER) as session:
        for table in (
            "assignment_row",
            "placement",
            "customer_link",
            "customer",
            "grid_count_row",
            "village_count",
        ):
            session.execute(text(f"DELETE FROM {table}"))
        session.execute(text("DELETE FROM import_run"))
    run_now(fresh, bank, "assign", {})
    send_few(fresh, bank)
    monkeypatch.setattr("app.customers.intake.FEWEST", 20)
    landed = send(fresh, bank, path)["result"]
    assert (waited["block"], landed["block"]) == (None, 1)
    assert look(fresh) == by_rows
    assert len(by_rows) == landed["kept"] + 3 == waited["kept"] + 3
    told = ("rows", "new", "changed", "same", "left_out", "warned", "reasons", "rungs", "doubts", "rejected")
    assert {key: landed[key] for key in told} == {key: waited[key] for key in told}
    assert {row[18] for row in by_rows} == {"A", "B", None}
    assert list_links(fresh) == linked
    assert {how for *_, how in linked} == {"id_card", "phone_name"}
    assert ("C1", "K0020", "id_card") in linked
    assert ("C2", "K0033", "phone_name") in linked
    found = ("links", "duplicates")
    assert {key: landed[key] for key in found} == {key: waited[key] for key in found}
    twins = landed["duplicates"]
    assert min(twins["card_two_keys"], twins["card_other_source"], twins["phone_other_source"]) > 0


def test_the_first_block_of_a_bank_is_assigned_as_it_lands(
    fresh: Database, bank: Settings, blocks: None
) -> None:
    report = send(fresh, bank, write_people(bank))["result"]
    rows = look(fresh)
    assert report["block"] == 1
    assert len(rows) == report["new"] > 100
    assert all(row[19] is not None for row in rows)
    with fresh.transaction(WORKER) as session:
        kind, total = session.execute(text("SELECT kind, total FROM assignment_run WHERE current")).one()
        assert (kind, total) == ("load", len(rows))
    # The whole run finds nothing to move: all stand where it would put them.
    assert run_now(fresh, bank, "assign", {})["result"]["moved"] == 0


def test_a_load_that_stops_in_the_middle_goes_on_and_nothing_is_there_twice(
    fresh: Database, bank: Settings, blocks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_people(bank)
    gone = NotReady("database_away", zh="数据库不可用", en="the database is away")
    with monkeypatch.context() as patch:
        patch.setattr("app.jobs.customers.intake.copy_portion", stop_at(3, gone))
        with pytest.raises(NotReady):
            send(fresh, bank, path)
    assert look(fresh) == []
    with fresh.transaction(WORKER) as session:
        job_id = session.execute(text("SELECT id FROM job")).scalar_one()
        assert session.execute(text("SELECT checkpoint -> 'row' FROM job")).scalar_one() == 61
    report = run_job(fresh, bank, job_id)["result"]
    rows = look(fresh)
    assert len(rows) == len({row[0] for row in rows}) == report["kept"]
    assert (report["rows"], report["kept"] + report["left_out"]) == (ROWS, ROWS)
    assert tables_aside(fresh) == 0


def test_a_load_that_fails_leaves_no_table_aside(
    fresh: Database, bank: Settings, blocks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(
            "app.jobs.customers.intake.copy_portion", stop_at(3, BadInput("bad", zh="坏", en="bad"))
        )
        assert send(fresh, bank, write_people(bank))["status"] == "failed"
    assert look(fresh) == []
    assert tables_aside(fresh) == 0


def test_a_key_that_comes_again_leaves_the_block_and_a_few_new_rows_make_none(
    fresh: Database, bank: Settings, blocks: None
) -> None:
    path = write_people(bank)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[3], lines[4].replace("王3", "改名")]) + "\n", encoding="utf-8")
    report = send(fresh, bank, path)["result"]
    assert report["reasons"]["repeated_key"] == 2
    last = [(row["row"], row["other_row"]) for row in report["rejected"] if row["reason"] == "repeated_key"]
    assert last == [(ROWS + 2, 4), (ROWS + 3, 5)]
    assert "改名" not in {row[3] for row in look(fresh)}
    more = send(fresh, bank, write_people(bank, name="more.csv", rows=ROWS + 10))["result"]
    assert (more["block"], more["new"] > 0, more["new"] < 20) == (None, True, True)
    assert (more["same"], more["changed"]) == (report["kept"], 0)
    assert len(look(fresh)) == more["kept"]
    assert tables_aside(fresh) == 0


def test_ground_that_moves_while_a_file_comes_in_is_where_its_customers_stand(
    fresh: Database, bank: Settings, blocks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.customers.intake import copy_portion

    run_now(fresh, bank, "assign", {})
    calls = []

    def copy(*args: Any) -> None:
        if not calls:
            # Between two slices somebody gives the second village's ground to the first.
            with fresh.transaction(WORKER) as session:
                session.execute(
                    text(
                        "UPDATE grid SET geom = (SELECT ST_Multi(ST_Union(geom)) FROM grid) WHERE code = 'A'"
                    )
                )
                session.execute(text("DELETE FROM grid WHERE code = 'B'"))
                session.execute(text("UPDATE plan SET ground_version = ground_version + 1"))
            run_now(fresh, bank, "assign", {})
        calls.append(1)
        copy_portion(*args)

    with monkeypatch.context() as patch:
        patch.setattr("app.jobs.customers.intake.copy_portion", copy)
        report = send(fresh, bank, write_people(bank))["result"]
    assert report["block"] == 1
    assert {row[18] for row in look(fresh)} == {"A", None}


def begin_another_plan(session: Session) -> None:
    """From today another plan is in force: A reaches into the ground of B, and the rest of that is C."""
    draw(session, "V2", lay("AAAC\nAAAC", cell=0.005))
    dates = """UPDATE plan SET status = :state, certificate = '{}', valid = daterange(:since, :until)
        WHERE code = :code"""
    for code, state, since, until in (
        ("V1", "retired", date(2026, 1, 1), today()),
        ("V2", "in_force", today(), None),
    ):
        told = {"code": code, "state": state, "since": since, "until": until}
        session.execute(text(dates), told)


def test_a_load_after_a_turn_was_taken_back_joins_the_others_and_follows_with_them(
    fresh: Database, bank: Settings, blocks: None
) -> None:
    def do(act: Callable[..., dict[str, Any]], *args: Any, **more: Any) -> dict[str, Any]:
        with fresh.transaction(WORKER) as session:
            return act(session, *args, **more)

    def grids() -> set[str | None]:
        return {row[18] for row in look(fresh)}

    with fresh.transaction(WORKER) as session:
        put(
            session,
            Who("west", lay("AB", cell=0.01).point(0, 0)),
            Who("middle", lay("AB", cell=0.01).point(0, 0.7)),
        )
    do(assign_customers)
    with fresh.transaction(WORKER) as session:
        begin_another_plan(session)
    turned = do(follow_plan)
    # A block that lands in the run that is then taken back goes with the others.
    send(fresh, bank, write_people(bank, rows=40))
    assert (turned["moved"], grids()) == (1, {"A", "C", None})
    do(undo_run, turned["run"])
    assert grids() == {"A", "B", None}
    # One that lands afterwards joins them there.
    report = send(fresh, bank, write_people(bank, name="more.csv", rows=40, first=40))["result"]
    assert (report["block"], report["unassigned_because"]) == (2, "")
    assert grids() == {"A", "B", None}
    assert do(assign_customers, plan_code="V1")["moved"] == 0
    assert do(follow_plan)["moved"] > 2
    assert grids() == {"A", "C", None}
    assert do(assign_customers)["moved"] == 0
