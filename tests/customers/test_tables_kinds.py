"""Workbooks, Parquet and tables of another PostgreSQL give chunks as text does; hostile ones say why not."""

import datetime as dt
import resource
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from app.access.vault import Vault
from app.customers.intake.sources import store_source
from app.customers.intake.tables import (
    Chunk,
    SourceTable,
    TableOrigin,
    open_table,
    read_origin,
    read_slice,
    seal_password,
)
from app.db import Database, cluster
from app.db.connection import WORKER
from app.errors import BadInput, NeedsAnswer, NotReady, RefusedFile
from app.jobs import run_now
from app.jobs.folder import start_nightly
from app.settings import Settings
from app.spatial.formats.layer import Limits
from tests.conftest import run_admin

HEAD = ["客户号", "姓名", "证件号码", "存款余额", "走访"]
Cells = list[list[Any]]


def write_book(folder: Path, **sheets: Cells) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = folder / "book.xlsx"
    book.save(path)
    return path


def read_all(table: SourceTable, size: int = 100, *, after: int = 1) -> list[Chunk]:
    return [read_slice(part) for part in table.slices(size, after=after)]


def rows_of(chunks: list[Chunk]) -> list[tuple[int, list[str]]]:
    return [row for chunk in chunks for row in chunk.rows()]


def test_a_workbook_is_read_below_its_title_with_numbers_and_days_as_text(tmp_path: Path) -> None:
    rows = [
        ["江海农商银行客户清单"],
        HEAD,
        [10001, "王一村", "320684199001011234", 12345.5, dt.date(2026, 1, 5)],
        [],
        ["K2", "李二", 320684199001011234, 100.0, dt.datetime(2026, 1, 5, 8, 30)],
        ["K3", "钱三", "#N/A", True, None],
    ]
    table = open_table(write_book(tmp_path, 客户=rows, 说明=[["填写说明"], ["请勿改动表头"]]))
    assert (table.headings, table.how, table.rows) == (HEAD, "workbook", 4)
    chunks = read_all(table, 2)
    assert (
        rows_of(chunks)
        == rows_of(read_all(table))
        == [
            (3, ["10001", "王一村", "320684199001011234", "12345.5", "2026-01-05"]),
            (5, ["K2", "李二", "", "100", "2026-01-05 08:30:00"]),
            (6, ["K3", "钱三", "", "1", ""]),
        ]
    )
    assert [(lost.number, lost.column, lost.reason) for chunk in chunks for lost in chunk.lost] == [
        (5, 2, "long_number")
    ]
    assert [number for number, _ in rows_of(read_all(table, 1, after=3))] == [5, 6]


def test_a_long_sheet_comes_in_slices_and_is_taken_up_behind_any_of_them(tmp_path: Path) -> None:
    path = write_book(tmp_path, 客户=[HEAD[:2], *([f"K{n}", "某"] for n in range(2, 4500))])
    table = open_table(path)
    parts = list(table.slices(1000))
    assert [(part.last, len(read_slice(part).numbers)) for part in parts] == [
        *((1001 + 1000 * at, 1000) for at in range(4)),
        (4499, 498),
    ]
    rest = rows_of(read_all(table, 700, after=parts[1].last))
    assert [(rest[0], len(rest))] == [((2002, ["K2002", "某"]), 2498)]


def test_several_sheets_of_one_form_ask_which_and_a_named_one_is_read(tmp_path: Path) -> None:
    path = write_book(
        tmp_path, 利北村=[HEAD, ["K1", "a"]], 长桥村=[HEAD, ["K2", "b"]], 字典=[["码", "值"], [1, 2]]
    )
    with pytest.raises(NeedsAnswer, match="several_sheets") as asked:
        open_table(path)
    assert asked.value.facts["questions"][0]["options"] == ["利北村", "长桥村"]
    assert rows_of(read_all(open_table(path, sheet="长桥村"))) == [(2, ["K2", "b", "", "", ""])]


def pack(folder: Path, parts: dict[str, bytes], base: Path | None = None) -> Path:
    path = folder / "packed.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if base is not None:
            with zipfile.ZipFile(base) as known:
                for name in known.namelist():
                    if name not in parts:
                        archive.writestr(name, known.read(name))
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def spoil(folder: Path, how: str) -> Path:
    """A workbook that is hostile or of no use in one way."""
    book = write_book(folder, 客户=[HEAD, ["K1", "王一村"], ["K2", "李二"]])
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(book) as archive:
        text = archive.read(sheet)
    if how == "archive_bomb":
        return pack(folder, {sheet: text.replace(b"</sheetData>", b" " * (64 << 20) + b"</sheetData>")}, book)
    if how == "workbook_macros":
        return pack(folder, {"xl/vbaProject.bin": b"x"}, book)
    if how == "workbook_too_large":
        far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        return pack(folder, {sheet: text.replace(b"</sheetData>", far)}, book)
    if how == "workbook_formulas":
        return write_book(folder, 客户=[HEAD, ["K1", "=A1&B1"]])
    if how == "no_heading":
        return write_book(folder, 客户=[["只有标题"], []])
    if how == "other_document":
        return pack(folder, {"content.xml": b"<x/>", "mimetype": b"application/vnd.oasis"})
    if how == "packed_file":
        return pack(folder, {"core.csv": b"a,b\n1,2\n"})
    if how == "archive_broken":
        book.write_bytes(book.read_bytes()[:900])
        return book
    if how == "workbook_broken":
        return pack(folder, {sheet: text[: len(text) // 2]}, book)
    compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)
    names = {"workbook_locked": "EncryptedPackage", "old_workbook": "Workbook"}
    heads = {"web_page": b"<html><table><tr><td>K1", "not_a_table": b"%PDF-1.7"}
    book.write_bytes(compound + names[how].encode("utf-16-le") if how in names else heads[how])
    return book


@pytest.mark.parametrize(
    "how",
    [
        *("archive_bomb", "workbook_macros", "workbook_too_large", "workbook_formulas", "no_heading"),
        *("other_document", "packed_file", "archive_broken", "workbook_broken", "workbook_locked"),
        *("old_workbook", "web_page", "not_a_table"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(tmp_path: Path, how: str) -> None:
    with pytest.raises(RefusedFile, match=how) as refused:
        open_table(spoil(tmp_path, how), limits=Limits(memory_bytes=512 << 20))
    assert refused.value.zh != refused.value.en


def test_parquet_of_any_column_types_becomes_text(tmp_path: Path) -> None:
    path = tmp_path / "core.parquet"
    noon = dt.datetime(2026, 1, 5, 4, 0, tzinfo=dt.UTC)
    table = pa.table(
        {
            "客户号": pa.array([10001, 10002, None], pa.int64()),
            "姓名": pa.array(["王\x00一", "李二", "王一"]).dictionary_encode(),
            "证件": pa.array([3.2068e17, 13912345678.0, float("nan")]),
            "余额": pa.array([Decimal("12.50"), None, Decimal("-1.00")], pa.decimal128(16, 2)),
            "经度": pa.array([121.123456, 1e-7, 12345678901.25]),
            "日": pa.array([dt.date(2026, 1, 5), None, dt.date(1949, 10, 1)]),
            "时": pa.array([dt.datetime(2026, 1, 5), dt.datetime(2026, 1, 5, 8, 0, 1), None]),
            "区": pa.array([noon, None, None], pa.timestamp("us", tz="Asia/Shanghai")),
            "是": pa.array([True, False, None]),
            "标签": pa.array([["a", "乙"], None, []]),
            "原": pa.array([b"abc", None, "村".encode("gbk")]),
            "空": pa.nulls(3),
            "大": pa.array(["长", None, ""], pa.large_string()),
        }
    )
    pq.write_table(table, path)
    opened = open_table(path)
    assert (opened.rows, opened.exact, opened.how) == (3, True, "parquet")
    chunks = read_all(opened)
    cells = [cells for _, cells in rows_of(chunks)]
    assert cells[0][:7] == ["10001", "王一", "", "12.50", "121.123456", "2026-01-05", "2026-01-05"]
    assert cells[0][7:] == ["2026-01-05 12:00:00", "true", '["a", "乙"]', "abc", "", "长"]
    assert cells[1][2:7] == ["13912345678", "", "1e-07", "", "2026-01-05 08:00:01"]
    assert (cells[2][0], cells[2][4], cells[2][9]) == ("", "12345678901.25", "[]")
    assert [(lost.number, lost.column) for lost in chunks[0].lost] == [(2, 2)]


def test_row_groups_are_cut_and_taken_up_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "core.parquet"
    pq.write_table(pa.table({"k": pa.array(range(2, 1002)), "n": ["某"] * 1000}), path, row_group_size=300)
    table = open_table(path)
    parts = list(table.slices(130))
    assert [part.last for part in parts[:4]] == [131, 261, 301, 431]
    # Two workers take turns: each sees every second slice, and some come back.
    for turn in (parts, parts[::2], parts[1::2], parts[::-1]):
        assert all(number == int(cells[0]) for part in turn for number, cells in read_slice(part).rows())
    assert [number for number, _ in rows_of(read_all(table, 64, after=555))] == list(range(556, 1002))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(RefusedFile, match="parquet_broken"):
        open_table(path)


VAULT = Vault(seal_key=bytes(32), blind_key=bytes(32))


@pytest.fixture(scope="module")
def core(server: cluster.Cluster, worker_id: str) -> Iterator[str]:
    """A second database of the test cluster, as the core system's: a table, a view, a locked table."""
    name = f"core_{worker_id}"
    run_admin(server, f"CREATE DATABASE {name}")
    with psycopg.connect(server.url(name, role="getu_admin").replace("+psycopg", "")) as other:
        other.execute("CREATE SCHEMA bank")
        other.execute(
            'CREATE TABLE bank.customer ("客户号" int, "姓名" text, balance numeric(16,2), since date, '
            "seen timestamptz, filed boolean, note text)"
        )
        other.execute(
            "INSERT INTO bank.customer SELECT n, '王' || n, n + 0.5, DATE '2026-01-05', NULL, n % 2 = 0, "
            "E'第一行\\n\"第二行\", ' || n FROM generate_series(2, 1001) n"
        )
        other.execute(
            'CREATE VIEW bank.rural AS SELECT "客户号", "姓名" FROM bank.customer WHERE balance > 900'
        )
        other.execute(
            "CREATE VIEW bank.slow AS SELECT n AS k, pg_sleep(1)::text AS n FROM generate_series(1, 60) n"
        )
        other.execute("CREATE TABLE bank.secret (k int)")
        other.execute("GRANT USAGE ON SCHEMA bank TO getu_login")
        other.execute("GRANT SELECT ON bank.customer, bank.rural, bank.slow TO getu_login")
    yield name
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def origin(core: str, server: cluster.Cluster, tmp_path: Path) -> TableOrigin:
    said = {
        "host": str(server.socket_dir),
        "database": core,
        "user": "getu_login",
        "port": str(cluster.PORT),
        "table": "bank.customer",
    }
    return read_origin(said, "core", tmp_path / "spool" / "core.csv", VAULT)


def test_a_table_of_another_database_is_one_snapshot_and_goes_on_in_it(origin: TableOrigin) -> None:
    table = open_table(origin)
    assert (table.how, table.rows) == ("database", 1000)
    assert table.headings == ["客户号", "姓名", "balance", "since", "seen", "filed", "note"]
    rows = rows_of(read_all(table, 300))
    assert rows[0] == (2, ["2", "王2", "2.50", "2026-01-05", "", "true", '第一行 "第二行", 2'])
    assert [number for number, cells in rows if int(cells[0]) == number] == list(range(2, 1002))
    assert origin.spool.stat().st_mode & 0o777 == 0o600
    again = open_table(replace(origin, table="bank.gone"))
    assert again.identity == table.identity
    assert [number for number, _ in rows_of(read_all(again, 300, after=700))] == list(range(701, 1002))
    origin.spool.unlink()
    assert open_table(origin).identity == table.identity
    assert [cells[1] for _, cells in rows_of(read_all(open_view(origin)))][:2] == ["王900", "王901"]


def test_the_night_reads_the_table_a_source_names_and_keeps_no_copy_of_it(
    fresh: Database, settings: Settings, origin: TableOrigin
) -> None:
    bank = settings.model_copy(update={"import_processes": 1})
    there = {**origin.parts, "table": "bank.rural"}
    with fresh.transaction(WORKER) as session:
        store_source(session, "core", {"origin": there})
        store_source(session, "crm", {"origin": {**there, "host": "/nowhere"}})
    job = run_now(fresh, bank, "import_folder", {"path": None, "tables": True, "day": "2026-11-22"})
    told = {entry["source"]: entry for entry in job["result"]["files"]}
    assert [told["core"][key] for key in ("status", "rows", "new")] == ["imported", 102, 102]
    assert (told["crm"]["status"], told["crm"]["code"]) == ("failed", "foreign_unreachable")
    with fresh.transaction(WORKER) as session:
        assert session.scalar(text("SELECT name FROM customer WHERE source_key = '901'")) == "王901"
        assert start_nightly(session, bank, datetime(2026, 11, 22, 3, tzinfo=dt.UTC)) is None
        assert start_nightly(session, bank, datetime(2026, 11, 23, 3, tzinfo=dt.UTC)) is not None
    assert list((bank.files / "imports").glob("table-*")) == []


def test_a_full_disk_stops_the_copy_of_a_table_and_the_job_goes_on_once_there_is_room(
    fresh: Database, settings: Settings, origin: TableOrigin
) -> None:
    bank = settings.model_copy(update={"import_processes": 1})
    with fresh.transaction(WORKER) as session:
        store_source(session, "core", {"origin": {**origin.parts, "table": "bank.customer"}})
    args = {"source": "core", "origin": True, "file_name": "core table"}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(NotReady, match="disk_full"):
            run_now(fresh, bank, "import_customers", args)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((bank.files / "imports").glob("table-*")) == []
    assert run_now(fresh, bank, "import_customers", args)["result"]["new"] == 1000


@pytest.mark.parametrize(
    "change",
    [
        {"port": "x"},
        {"table": " "},
        {"sslmode": "never"},
        {"secret": "x"},
        {"host": "a\0"},
        {"timeout_s": "1"},
    ],
)
def test_a_source_keeps_no_origin_that_no_table_can_be_read_by(
    fresh: Database, origin: TableOrigin, change: dict[str, Any]
) -> None:
    said = {**origin.parts, "table": "bank.rural", **change}
    with fresh.transaction(WORKER) as session, pytest.raises(BadInput, match="bad_origin"):
        store_source(session, "core", {"origin": said})


def open_view(origin: TableOrigin) -> SourceTable:
    return open_table(replace(origin, table="bank.rural", spool=origin.spool.with_name("view.csv")))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"table": "bank.nobody"}, "foreign_table"),
        ({"table": "bank.secret"}, "foreign_right"),
        ({"table": "x; DROP TABLE bank.customer"}, "foreign_table"),
        ({"database": "nowhere_at_all"}, "foreign_unreachable"),
        ({"user": "nobody_known"}, "foreign_unreachable"),
        ({"port": "1", "host": "127.0.0.1"}, "foreign_unreachable"),
        ({"table": "bank.slow", "timeout_s": 1}, "foreign_timeout"),
    ],
)
def test_another_database_that_refuses_is_told_in_our_own_words(
    origin: TableOrigin, changed: dict[str, Any], code: str
) -> None:
    said = {
        **origin.parts,
        "table": origin.table,
        **changed,
        "login_sealed": seal_password(VAULT, "core", "geheim!"),
    }
    asked = read_origin(said, "core", origin.spool, VAULT)
    with pytest.raises(BadInput) as refused:
        open_table(asked)
    told = f"{refused.value} {refused.value.zh} {refused.value.facts} {refused.value.__cause__}"
    assert "geheim!" not in repr(asked)
    assert refused.value.code == code
    assert [word for word in ("geheim!", "nobody_known", "does not exist", "FATAL") if word in told] == []
    assert not list(origin.spool.parent.glob("*"))


def test_a_password_comes_from_the_environment_or_sealed_and_never_in_clear(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = {"host": "h", "database": "d", "user": "u", "table": "t"}
    sealed = seal_password(VAULT, "core", "geheim!")
    assert "geheim!" not in sealed
    assert read_origin({**said, "login_sealed": sealed}, "core", tmp_path, VAULT).password == "geheim!"
    with pytest.raises(NotReady, match="wrong_key"):
        read_origin({**said, "login_sealed": sealed}, "crm", tmp_path, VAULT)
    monkeypatch.setenv("CORE_PASSWORD", "geheim!")
    asked = read_origin({**said, "login_env": "CORE_PASSWORD"}, "core", tmp_path, VAULT)
    assert asked.password == "geheim!"
    assert "geheim!" not in repr(asked)
    with pytest.raises(BadInput, match="NOT_SET_AT_ALL"):
        read_origin({**said, "login_env": "NOT_SET_AT_ALL"}, "core", tmp_path, VAULT)
    for wrong in ({**said, "password": "geheim!"}, {"host": "h"}):
        with pytest.raises(BadInput, match="bad_origin") as refused:
            read_origin(wrong, "core", tmp_path, VAULT)
        assert "geheim!" not in str(refused.value)
