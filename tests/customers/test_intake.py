"""A customer file comes in: every wrong row is told by number and reason, nothing personal lies open."""

import csv
import gc
import io
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text

from app.access import open_vault
from app.customers.doubts import Placer
from app.customers.geocoding import Matcher
from app.customers.intake import Checker, Source, map_columns
from app.customers.intake.checking import Checked, chunk_of
from app.db import Database
from app.db.connection import WORKER
from app.db.packing import amounts_of
from app.errors import NeedsAnswer
from app.jobs import run_now
from app.settings import Settings
from tests.customers.customer_files import draw_card

HEAD = ["客户号", "客户名称", "客户类型", "证件号码", "联系地址", "经度", "纬度", "坐标系"]
HEAD += ["客户等级", "牵头层级", "存款余额", "最近走访日期", "存量/潜在"]
GOOD = dict(zip(HEAD, ["K1", "王一", "个人", "", "", "121.2", "31.9", "", "", "", "", "", ""], strict=True))
ID_CARD, PHONE = "320684199001011234", "13912345678"
BOUNDS = (121.0, 31.7, 121.6, 32.1)


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    """A checker of the core system's file with these headings."""
    vault = open_vault(tmp_path_factory.mktemp("keys"))
    source = Source("core", "核心系统", "core", 1)
    return Checker(source, map_columns(HEAD, {}), vault, Placer(Matcher([]), None, BOUNDS))


def check(checker: Checker, **cells: str) -> Checked:
    """One row like GOOD but for these cells."""
    return checker.check(chunk_of([(7, list({**GOOD, **cells}.values()))], len(HEAD)))


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"客户号": " "}, "no_key"),
        ({"客户号": "1E+05"}, "long_number"),
        ({"客户号": "6.22848E+18"}, "long_number"),
        ({"客户名称": ""}, "no_name"),
        ({"客户类型": "外星人"}, "bad_kind"),
        ({"存量/潜在": "也许"}, "bad_standing"),
        ({"客户等级": "钻石"}, "bad_tier"),
        ({"牵头层级": "宇宙"}, "bad_lead_level"),
        ({"存款余额": "一万"}, "bad_amount"),
        ({"存款余额": "1e14"}, "bad_amount"),
        ({"存款余额": "NaN"}, "bad_amount"),
        ({"存款余额": "1,2"}, "bad_amount"),
        ({"存款余额": "1_000"}, "bad_amount"),
        ({"客户号": "K\ufffd1"}, "unreadable"),
    ],
)
def test_a_row_that_cannot_be_a_customer_is_left_out_with_its_reason(
    checker: Checker, cells: dict[str, str], reason: str
) -> None:
    checked = check(checker, **cells)
    assert len(checked) == 0
    (row,) = checked.rejected
    assert (row["row"], row["reason"]) == (7, reason)
    assert row["message"]["zh"]
    assert row["message"]["en"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"最近走访日期": "去年"}, "bad_date"),
        ({"最近走访日期": "2026-02-30"}, "bad_date"),
        ({"最近走访日期": "9999-12-31"}, "bad_date"),
        ({"最近走访日期": "1900-01-01"}, "bad_date"),
        ({"最近走访日期": "2026-W01-1"}, "bad_date"),
        ({"客户名称": "陆\ufffd"}, "unreadable"),
        ({"经度": "东经121度"}, "bad_coordinates"),
        ({"经度": "121.2", "纬度": ""}, "bad_coordinates"),
        ({"经度": "inf"}, "bad_coordinates"),
        ({"经度": "0", "纬度": "0"}, "null_island"),
        ({"经度": "31.9", "纬度": "121.2"}, "swapped"),
        ({"经度": "100.0"}, "far_away"),
        ({"坐标系": "北京54?"}, "unknown_datum"),
    ],
)
def test_a_bad_cell_beside_the_point_is_warned_of_and_the_customer_kept(
    checker: Checker, cells: dict[str, str], reason: str
) -> None:
    checked = check(checker, **cells)
    assert len(checked) == 1
    assert [(row["row"], row["reason"]) for row in checked.warned] == [(7, reason)]


@pytest.mark.parametrize("word", ["EPSG:4326", "WGS 1984", "GPS", "4490", "火星坐标系", "GCJ_02", "BD09LL"])
def test_a_datum_is_known_by_the_words_that_systems_write(checker: Checker, word: str) -> None:
    checked = check(checker, 坐标系=word)
    assert (len(checked), checked.warned) == (1, [])


def test_a_row_with_too_few_or_too_many_cells_is_left_out(fresh: Database, bank: Settings) -> None:
    bank.home.mkdir(parents=True, exist_ok=True)
    path = bank.home / "ragged.csv"
    path.write_text("客户号,客户名称,类型\nK1,王\nK2,李,个人,x\nK3,钱,个人\n", encoding="utf-8")
    args = {"path": str(path), "file_name": "ragged.csv", "source": "core"}
    report = run_now(fresh, bank, "import_customers", args)["result"]
    assert [(row["row"], row["reason"]) for row in report["rejected"]] == [(2, "columns"), (3, "columns")]
    assert [row["key"] for row in report["rejected"]] == ["K1", "K2"]
    assert (report["kept"], report["rows"]) == (1, 3)


def test_words_amounts_and_dates_are_read_as_banks_write_them(checker: Checker) -> None:
    checked = check(
        checker,
        客户类型="企业",
        客户等级="战略",
        牵头层级="总行",
        存款余额="￥1,234,567.891",
        最近走访日期="2026/1/5 08:00",
    )
    assert checked.warned == []
    row = {key: column[0].as_py() for key, column in checked.columns.items()}
    assert row["kind"] == "firm"
    assert (row["tier"], row["lead_level"]) == ("strategic", "head_office")
    assert row["deposit_yuan"] == amounts_of(np.array([123456789]), np.array([True]))[0].as_py()
    assert row["last_visit_on"].isoformat() == "2026-01-05"


@pytest.mark.parametrize("cell", ["2026.1.5", "2026年1月5日", "20260105103000", "2026-01-05T10:30:00"])
def test_a_day_is_read_as_spreadsheets_and_systems_write_it(checker: Checker, cell: str) -> None:
    checked = check(checker, 最近走访日期=cell)
    assert (checked.warned, checked.columns["last_visit_on"][0].as_py().isoformat()) == ([], "2026-01-05")


@pytest.mark.parametrize("heading", ["客户编号", "客户号（必填）", "cust_no", "CIF No", "ＣＵＳＴＮＯ"])
def test_a_heading_is_known_by_its_other_names(heading: str) -> None:
    assert map_columns(["备注", heading, "户名"], {}) == {"source_key": 1, "name": 2}


@pytest.mark.parametrize(
    "cells",
    [
        {"客户等级": "钻石"},
        {"存款余额": "一万"},
        {"经度": "东经"},
        {"最近走访日期": "去年"},
        {"客户类型": "外星人"},
    ],
)
def test_a_broken_row_holds_nothing_of_its_chunk(checker: Checker, cells: dict[str, str]) -> None:
    def measure() -> int:
        check(checker, **cells)
        return int(pa.total_allocated_bytes())

    gc.collect()
    gc.disable()  # An exception's traceback holds the frame, and the frame its columns, until a collection.
    try:
        first = measure()
        assert [measure() for _ in range(5)] == [first] * 5
    finally:
        gc.enable()


def test_a_missing_column_asks_and_names_the_headings_found() -> None:
    with pytest.raises(NeedsAnswer) as asked:
        map_columns(["编码", "名字"], {})
    questions = asked.value.facts["questions"]
    assert [question["code"] for question in questions] == ["field_source_key", "field_customer_name"]
    assert questions[0]["options"] == ["编码", "名字"]


@pytest.fixture
def bank(settings: Settings) -> Settings:
    return settings.model_copy(update={"import_processes": 1})


def send(database: Database, bank: Settings, rows: list[dict[str, str]]) -> dict[str, Any]:
    """Import rows like GOOD as the core system's file; the report."""
    table = io.StringIO()
    writer = csv.DictWriter(table, HEAD)
    writer.writeheader()
    writer.writerows({**GOOD, **row} for row in rows)
    path = bank.home / "core.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table.getvalue(), encoding="utf-8")
    args = {"path": str(path), "file_name": "core.csv", "source": "core"}
    job = run_now(database, bank, "import_customers", args)
    assert job["status"] == "done", job
    return dict(job["result"])


def delta(report: dict[str, Any]) -> tuple[int, int, int]:
    return report["new"], report["changed"], report["same"]


def test_a_file_comes_again_changed_and_back_and_a_pin_stays(fresh: Database, bank: Settings) -> None:
    people = [{"客户号": f"K{n}", "客户名称": f"王{n}", "证件号码": draw_card(n)} for n in range(5)]
    first = send(fresh, bank, people)
    assert delta(first) == (5, 0, 0)
    assert send(fresh, bank, people)["repeated"]
    with fresh.transaction(WORKER) as session:
        pin = """UPDATE placement SET method = 'pin', rung = 1, geom = ST_Point(121.3, 31.8, 4326)
            WHERE customer_id = (SELECT id FROM customer WHERE source_key = 'K1')"""
        session.execute(text(pin))
    moved = {"经度": "121.25"}
    changed = [people[0], people[1] | moved, people[2] | {"客户名称": "改名"}, people[3] | moved, people[4]]
    assert delta(send(fresh, bank, [*changed, {"客户号": "K9"}])) == (1, 2, 3)
    with fresh.transaction(WORKER) as session:
        query = "SELECT source_key, ST_X(geom), rung FROM placement p JOIN customer c ON c.id = p.customer_id"
        places = {key: (lon, rung) for key, lon, rung in session.execute(text(query))}
    assert places["K1"] == (121.3, 1)
    assert places["K3"] == (121.25, 2)
    assert places["K0"] == (121.2, 2)
    back = send(fresh, bank, people)
    assert "repeated" not in back
    assert delta(back) == (0, 2, 3)


def test_a_repeated_key_is_left_out_and_names_the_row_that_was_kept(fresh: Database, bank: Settings) -> None:
    report = send(fresh, bank, [{"客户号": "K1"}, {"客户号": "K2"}, {"客户号": "K1", "客户名称": "二次"}])
    assert delta(report) == (2, 0, 0)
    (row,) = report["rejected"]
    assert (row["row"], row["reason"]) == (4, "repeated_key")
    assert "2" in row["message"]["zh"]


def test_no_identity_number_lies_in_clear_in_the_tables_or_the_reports(
    fresh: Database, bank: Settings
) -> None:
    report = send(fresh, bank, [{"证件号码": ID_CARD}, {"证件号码": PHONE, "客户名称": ""}])
    assert report["left_out"] == 1
    with fresh.transaction(WORKER) as session:
        rows = [str(row) for row in session.execute(text("SELECT customer::text FROM customer"))]
        sealed = session.execute(text("SELECT id_card_enc, id_card_hash FROM customer")).one()
        runs = str(session.execute(text("SELECT report, options FROM import_run")).all())
    clear = (ID_CARD, ID_CARD.encode().hex())
    listed = "".join(path.read_text() for path in (bank.files / "imports").iterdir())
    assert not any(number in place for number in clear for place in [*rows, runs, listed])
    assert PHONE not in listed
    assert ID_CARD.encode() not in bytes(sealed[0])
    vault = open_vault(bank.keys)
    assert vault.unseal("id_card", "core|K1", bytes(sealed[0])) == ID_CARD
    assert vault.blind("id_card", ID_CARD) == bytes(sealed[1])
