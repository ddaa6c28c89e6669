"""Files come night after night: full or in part, again, in another order; who is missing goes and returns."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers import intake
from app.customers.intake import landing
from app.db import Database
from app.db.connection import WORKER
from app.settings import Settings
from tests.customers.customer_files import draw_card, send, start, write_table
from tests.customers.drawn_bank import enforce, settle
from tests.ground import lay

GROUND = lay("AB", cell=0.02)
STATE = """SELECT coalesce(sum(existing), 0), coalesce((SELECT total FROM assignment_run WHERE current), 0),
    (SELECT count(*) FROM assignment_row) FROM grid_count_row"""


@pytest.fixture
def bank(fresh: Database, settings: Settings) -> Settings:
    """A bank of two drawn villages with a plan in force and no customer yet."""
    with fresh.transaction(WORKER) as session:
        enforce(session, settle(session, GROUND))
    return settings.model_copy(update={"import_processes": 1})


def person(number: int, **cells: str) -> dict[str, str]:
    lon, lat = GROUND.point(0, number % 2)
    whole = {"客户号": f"K{number}", "客户名称": f"王{number}", "证件号码": draw_card(number)}
    return {**whole, "手机号码": f"139{number:08d}", "经度": str(lon), "纬度": str(lat), **cells}


def state(database: Database) -> tuple[int, ...]:
    """Customers counted in grids, in the run, and rows of assignments."""
    with database.transaction(WORKER) as session:
        return tuple(session.execute(text(STATE)).one())


def everything(database: Database) -> list[Any]:
    """All that is stored of customers, to the byte."""
    with database.transaction(WORKER) as session:
        tables = ("customer", "placement", "assignment_row", "grid_count_row", "customer_link")
        return [session.execute(text(f"SELECT t::text FROM {name} t ORDER BY 1")).all() for name in tables]


def figures(report: dict[str, Any]) -> tuple[int, ...]:
    return tuple(report[key] for key in ("new", "changed", "same", "vanished", "returned"))


PEOPLE = [person(number) for number in range(40)]


def test_the_same_rows_change_nothing_in_whatever_file_and_order(fresh: Database, bank: Settings) -> None:
    assert figures(send(fresh, bank, PEOPLE)) == (40, 0, 0, 0, 0)
    assert state(fresh) == (40, 40, 40)
    before = everything(fresh)
    other = write_table(bank.home / "in" / "other name.csv", PEOPLE)
    assert start(fresh, bank, other)["result"]["repeated"]
    turned = [dict(reversed(row.items())) for row in reversed(PEOPLE)]
    assert figures(send(fresh, bank, turned)) == (0, 0, 40, 0, 0)
    assert figures(send(fresh, bank, turned, mode="full")) == (0, 0, 40, 0, 0)
    assert everything(fresh) == before


def test_who_is_missing_from_a_full_file_goes_and_comes_back(fresh: Database, bank: Settings) -> None:
    send(fresh, bank, PEOPLE)
    left = [*PEOPLE[1:-1], person(39, 客户名称="改名")]
    assert figures(send(fresh, bank, left[:5])) == (0, 0, 5, 0, 0), "a delta says nothing of the others"
    tried = send(fresh, bank, left, mode="full", dry_run=True)
    report = send(fresh, bank, left, mode="full")
    assert figures(report) == figures(tried) == (0, 1, 38, 1, 0)
    assert [(row["key"], row["name"], row["grid"]) for row in report["gone"]] == [("K0", "王*", "A")]
    listed = bank.files / "imports" / f"{report['import_id']}.vanished.jsonl"
    assert [json.loads(line) for line in listed.read_text("utf-8").splitlines()] == report["gone"]
    assert state(fresh) == (39, 39, 39)
    assert figures(send(fresh, bank, PEOPLE, mode="full")) == (0, 2, 38, 0, 1)
    assert state(fresh) == (40, 40, 40)
    with fresh.transaction(WORKER) as session:
        gone = session.scalar(text("SELECT count(*) FROM customer WHERE gone_at IS NOT NULL"))
        grids = session.scalar(text("SELECT count(DISTINCT id) FROM customer WHERE source_key = 'K0'"))
    assert (gone, grids) == (0, 1)


def test_whose_balance_alone_is_new_keeps_place_links_and_counts_unlooked_at(
    fresh: Database, bank: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(fresh, bank, PEOPLE)
    looked: dict[str, list[int]] = {}

    def watch(name: str) -> None:
        real = getattr(landing, name)

        def seen(session: Session, ids: Any) -> Any:
            looked[name] = sorted(ids)
            return real(session, ids)

        monkeypatch.setattr(landing, name, seen)

    for name in ("reassign_customers", "keep_counts", "list_crowd"):
        watch(name)
    held = everything(fresh)
    assert figures(send(fresh, bank, [person(n, 存款余额="5") for n in range(40)])) == (0, 40, 0, 0, 0)
    assert looked == {"reassign_customers": [], "keep_counts": [], "list_crowd": []}
    assert everything(fresh)[1:] == held[1:], "of customers alone something is new"
    with fresh.transaction(WORKER) as session:
        ids = {key: one for one, key in session.execute(text("SELECT id, source_key FROM customer"))}
    lon, lat = GROUND.point(0, 1)
    change = {
        0: {"经度": str(lon), "纬度": str(lat)},
        1: {"是否建档": "是"},
        2: {"客户名称": "改名"},
        3: {"客户等级": "重点"},
        4: {"存量/潜在": "潜在"},
    }
    send(fresh, bank, [person(n, **({"存款余额": "5"} | change.get(n, {}))) for n in range(6)])
    moved, filed, renamed, key, prospect = (ids[f"K{n}"] for n in range(5))
    assert looked["reassign_customers"] == [moved, key, prospect], "nobody else stands in another way"
    with fresh.transaction(WORKER) as session:
        rows = session.execute(text("SELECT customer_id, tier, standing FROM assignment_row")).all()
    stands = {row.customer_id: (row.tier, row.standing) for row in rows}
    assert (stands[key], stands[prospect]) == (("key", "existing"), ("regular", "prospect"))
    assert {moved, filed} <= set(looked["keep_counts"])
    assert renamed in looked["list_crowd"]
    assert filed not in looked["list_crowd"]


def test_a_file_that_lacks_too_many_is_a_question_and_lands_nothing(fresh: Database, bank: Settings) -> None:
    send(fresh, bank, PEOPLE)
    before, short = everything(fresh), [person(number, 存款余额="5") for number in range(30)]
    path = write_table(bank.home / "in" / "short.csv", short)
    job = start(fresh, bank, path, mode="full")
    assert (job["status"], job["error"]["code"], job["error"]["vanished"]) == (
        "failed",
        "too_many_vanish",
        10,
    )
    assert everything(fresh) == before
    tried = start(fresh, bank, path, mode="full", dry_run=True)["result"]
    assert (tried["status"], tried["vanished"], tried["questions"][0]["code"]) == (
        "needs_answer",
        10,
        "allow_vanish",
    )
    assert everything(fresh) == before
    done = start(fresh, bank, path, mode="full", allow_vanish=True)["result"]
    assert (done["status"], figures(done)) == ("imported", (0, 30, 0, 10, 0))
    assert state(fresh) == (30, 30, 30)


def test_a_row_left_out_for_a_fault_is_nobody_who_vanished(fresh: Database, bank: Settings) -> None:
    send(fresh, bank, PEOPLE)
    report = send(fresh, bank, [person(0, 客户名称=""), *PEOPLE[1:]], mode="full")
    assert (figures(report), report["left_out"]) == ((0, 0, 39, 0, 0), 1)
    assert state(fresh) == (40, 40, 40)


def test_a_source_says_how_it_delivers_and_what_its_headings_mean(fresh: Database, bank: Settings) -> None:
    with fresh.transaction(WORKER) as session:
        settings = {
            "delivery": "full",
            "headings": {"customer_name": "户主", "phone": "@none"},
            "name": "名册",
        }
        intake.store_source(session, "roster", {**settings, "vanish_limit": 0.5})
    rows = [{**person(number), "户主": f"李{number}"} for number in range(4)]
    assert figures(send(fresh, bank, rows, source="roster")) == (4, 0, 0, 0, 0)
    assert figures(send(fresh, bank, rows[1:], source="roster")) == (0, 0, 3, 1, 0)
    with fresh.transaction(WORKER) as session:
        found = session.execute(text("SELECT name, phone_hash FROM customer WHERE source_key = 'K3'")).one()
        intake.store_source(session, "roster", {"headings": {}})
    assert tuple(found) == ("李3", None)
    assert figures(send(fresh, bank, rows[1:], source="roster")) == (0, 3, 0, 0, 0), (
        "read otherwise, it is another"
    )


def test_a_customer_is_linked_to_his_row_in_another_source(fresh: Database, bank: Settings) -> None:
    send(fresh, bank, PEOPLE)
    rows = [
        {**person(3), "客户号": "P1"},
        {**person(4), "客户号": "P2", "证件号码": ""},
        {**person(5), "客户号": "P3", "证件号码": draw_card(555)},
    ]
    tried = send(fresh, bank, rows, source="crm", dry_run=True)
    report = send(fresh, bank, rows, source="crm")
    assert report["links"] == tried["links"] == {"id_card": 1, "phone_name": 1, "name_place": 0}
    gone = send(fresh, bank, [row for row in PEOPLE if row["客户号"] != "K3"], mode="full")
    assert gone["vanished"] == 1
    with fresh.transaction(WORKER) as session:
        assert session.execute(text("SELECT how FROM customer_link")).scalars().all() == ["phone_name"]


def test_a_column_that_is_missing_all_at_once_is_asked_about(fresh: Database, bank: Settings) -> None:
    send(fresh, bank, PEOPLE)
    before = everything(fresh)
    bare = [{key: cell for key, cell in row.items() if key != "手机号码"} for row in PEOPLE]
    path = write_table(bank.home / "in" / "bare.csv", bare)
    job = start(fresh, bank, path)
    assert (job["status"], job["error"]["code"]) == ("failed", "columns_lost")
    assert [question["code"] for question in job["error"]["questions"]] == ["field_phone"]
    assert "手机号码（40 户有值）" in job["error"]["zh"]
    assert everything(fresh) == before
    renamed = [{**row, "联系": f"139{number:08d}"} for number, row in enumerate(bare)]
    assert figures(send(fresh, bank, renamed, fields={"phone": "联系"})) == (0, 0, 40, 0, 0)
    assert figures(send(fresh, bank, bare, fields={"phone": "@none"})) == (0, 40, 0, 0, 0)
