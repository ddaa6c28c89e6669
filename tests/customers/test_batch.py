"""A file of addresses in, a file of places out, whatever stands in it and whatever its processes meet."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.customers import batch, pool
from app.customers.address_file import open_addresses
from app.customers.geocoding import Matcher, Place
from app.customers.pool import Crew
from app.errors import BadInput, RefusedFile
from tests.customers import frail, frail_matching

NAMES = ("颐生村", "习正村", "镇复村", "麒新村")
PLACES = [
    Place("320614", "海门区", "county", "admin"),
    Place("320614102", "常乐镇", "town", "admin", "320614"),
    *(Place(f"3206141022{n:02}", name, "village", "admin", "320614102") for n, name in enumerate(NAMES)),
]
HEAD = b"id,address\n"


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    """Four villages of one town."""
    return Matcher(PLACES, home_county_code="320614")


def run(path: Path, matcher: Matcher, **other: Any) -> tuple[list[list[str]], dict[str, Any]]:
    """Match a file with one process; the rows of the result behind its headings, and the summary."""
    job = batch.Batch(open_addresses(path), path.with_suffix(".out"), "1")
    crew = replace(batch.call_matchers(matcher, 1), **other)
    (*_, mark) = batch.match_file(job, job.read_mark({}), crew)
    summary = batch.finish_file(job, mark)
    with job.out.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == list(batch.COLUMNS)
    return rows, summary


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def address(number: int) -> str:
    return f"海门区常乐镇{NAMES[number % 4]}{number % 9 + 1}组{number}号"


def long_file(path: Path, rows: int) -> Path:
    lines = [f"{n},{address(n)}" for n in range(rows)]
    return write(path, HEAD + "\n".join(lines).encode() + b"\n")


def test_a_row_that_kills_hangs_or_fails_is_given_up_and_all_others_come_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "CHUNK_LIMIT_S", 0.5)
    monkeypatch.setattr(pool, "ROW_LIMIT_S", 0.2)
    crew = Crew(2, frail.start_frail, tmp_path, frail.work_frailly, frail.give_up, frail.join)
    chunks = [["a", "b"], ["c", "crash", "d"], ["e"], ["f", "hang"], ["fail", "g"], ["once", "h"], ["i"]]
    assert list(crew.work_all(chunks)) == [
        ["A", "B"],
        ["C", "crash:crashed", "D"],
        ["E"],
        ["F", "hang:too_slow"],
        ["fail:failed", "G"],
        ["ONCE", "H"],
        ["I"],
    ]


def test_a_row_that_crashes_its_process_is_rejected_and_the_file_goes_on(
    tmp_path: Path, matcher: Matcher
) -> None:
    lines = [f"{n},{'CRASH' if n == 7 else address(n)}" for n in range(20)]
    path = write(tmp_path / "in.csv", HEAD + "\n".join(lines).encode())
    rows, summary = run(path, matcher, work=frail_matching.match_and_die)
    assert [row[0] for row in rows] == [str(n) for n in range(20)]
    assert rows[7][1:] == ["none", "", "", "0.0", "crashed", "", ""]
    assert {row[1] for n, row in enumerate(rows) if n != 7} == {"village"}
    assert (summary["left_out"], summary["reasons"]) == (1, {"crashed": 1})
    assert summary["rejected"][0]["row"] == 9


def test_every_hostile_row_is_answered_or_rejected_with_its_reason(tmp_path: Path, matcher: Matcher) -> None:
    good = "海门区常乐镇颐生村3组12号"
    cells = {
        "emoji": f"{good}😀👍🏽".encode(),
        "long": ("海门区常乐镇颐生村" * 1112)[:10_000].encode(),
        "spaces": " ".join(["海", "门"] * 3000).encode(),
        "control": good.encode() + bytes(range(1, 9)) + b"\x1b[31m\x7f",
        "nul": b"\x00" + good.encode() + b"\x00",
        "sql": b"'; DROP TABLE customer; --",
        "gbk": good.encode("gb18030"),
        "broken": b"\xff\xfe\xff\x81",
        "rtl": f"\u202e{good}\u202c\u200b\ufeff".encode(),
        "formula": b"\"=cmd|'/c calc'!A1\"",
        "quotes": '"海门区""常乐镇""颐生村"'.encode(),
        "lines": '"海门区\n常乐镇\r\n颐生村"'.encode(),
        "digits": b"9" * 10_000,
        "regex": b"(" * 5_000 + b"a+)+$",
        "empty": b"",
        "surrogate": b"\xed\xa0\x80",
    }
    body = b"\n".join(key.encode() + b"," + cell for key, cell in cells.items())
    body += b"\nthree,cells,here\none\n\n" + f'open,"{good}\nlast,{good}\n'.encode()
    rows, summary = run(write(tmp_path / "hostile.csv", HEAD + body), matcher)
    told = {row[0]: row for row in rows}
    assert [row[0] for row in rows] == [*cells, "three", "one", "", "last"]
    for key in ("emoji", "control", "nul", "gbk", "rtl", "quotes", "lines", "last", "long"):
        assert told[key][3] == "颐生村", (key, told[key])
    for key in ("sql", "formula", "digits", "regex", "empty", "broken", "surrogate", "spaces"):
        assert told[key][1] in ("none", "county"), (key, told[key])
    assert told["empty"][5] == "empty"
    assert summary["reasons"] == {"columns": 3, "undecodable": 2}
    assert [row["row"] for row in summary["rejected"] if row["reason"] == "columns"] == [18, 19, 21]
    assert summary["encoding"] == {"name": "utf-8-sig", "mixed": True}
    assert summary["rows"] == len(rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_any_encoding_and_delimiter_is_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = [["序号", "姓名", "家庭住址（必填）"], *([f"K{n}", "某", address(n)] for n in range(5))]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    file = open_addresses(write(tmp_path / "in.txt", text.encode(encoding)))
    (rows,) = file.chunks(100)
    assert [(row.key, row.address, row.fault) for row in rows] == [
        (f"K{n}", address(n), "") for n in range(5)
    ]


def test_a_gb_file_with_lines_of_utf8_is_read_line_by_line(tmp_path: Path) -> None:
    lines = [f"{n},{address(n)}".encode("utf-8" if n % 5 == 0 else "gb18030") for n in range(20)]
    lines.append(b"20," + "联通".encode("gb18030"))
    file = open_addresses(write(tmp_path / "in.csv", HEAD + b"\r\n".join(lines)))
    (rows,) = file.chunks(100)
    assert [row.address for row in rows] == [*(address(n) for n in range(20)), "联通"]
    assert (file.table.encoding, file.table.mixed) == ("gb18030", True)


@pytest.mark.parametrize(
    "heading", ["id,地址", "客户号,联系地址", "ID,详细地址", "编号,住址", " No ,Address"]
)
def test_columns_are_known_by_many_headings(tmp_path: Path, heading: str) -> None:
    file = open_addresses(write(tmp_path / "in.csv", f"{heading}\n1,{address(1)}\n".encode()))
    assert (file.at_key, file.at_address) == (0, 1)


@pytest.mark.parametrize("heading", ["地址,住处", "id,name", "13912345678,海门区", "id"])
def test_missing_columns_are_told_with_the_headings_found(tmp_path: Path, heading: str) -> None:
    with pytest.raises(BadInput) as refused:
        open_addresses(write(tmp_path / "in.csv", f"{heading}\n1,x\n".encode()))
    assert refused.value.code == "missing_columns"
    assert len(refused.value.facts["headings"]) == heading.count(",") + 1
    assert "13912345678" not in refused.value.zh
    with pytest.raises(RefusedFile):
        open_addresses(tmp_path / "nothing.csv")


def test_a_batch_goes_on_behind_its_mark_and_ends_with_the_same_bytes(
    tmp_path: Path, matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "CHUNK", 40)
    path = long_file(tmp_path / "in.csv", 100)
    run(path, matcher)
    whole = path.with_suffix(".out").read_bytes()
    job = batch.Batch(open_addresses(path), tmp_path / "again.csv", "1")
    crew = batch.call_matchers(matcher, 1)
    steps = batch.match_file(job, job.read_mark({}), crew)
    kept = json.loads(json.dumps(next(steps).as_json()))
    next(steps)
    steps.close()
    assert kept["row"] == 41
    assert job.aside.stat().st_size > kept["bytes"], "more was written than the mark tells of"
    mark = job.read_mark(kept)
    assert mark.row == 41
    (*_, mark) = batch.match_file(job, mark, crew)
    summary = batch.finish_file(job, mark)
    assert job.out.read_bytes() == whole
    assert (summary["rows"], summary["distinct_prefixes"]) == (100, 4)
    assert sum(summary["levels"].values()) == sum(summary["rungs"].values()) == 100
    assert json.loads(job.summary.read_text(encoding="utf-8")) == json.loads(json.dumps(summary))
    assert not list(tmp_path.glob(".again*"))


def test_another_file_matcher_or_a_lost_part_begins_anew(tmp_path: Path, matcher: Matcher) -> None:
    path = long_file(tmp_path / "in.csv", 10)
    job = batch.Batch(open_addresses(path), tmp_path / "out.csv", "1")
    (*_, mark) = batch.match_file(job, job.read_mark({}), batch.call_matchers(matcher, 1))
    kept = mark.as_json()
    assert job.read_mark(kept).row == 11
    assert replace(job, version="2").read_mark(kept).row == 1
    assert job.read_mark({**kept, "sha256": "another"}).row == 1
    job.aside.write_bytes(b"cut")
    assert job.read_mark(kept).row == 1


def test_a_folder_that_takes_no_file_is_told_before_a_row_is_read(tmp_path: Path, matcher: Matcher) -> None:
    path = long_file(tmp_path / "a.csv", 3)
    job = batch.Batch(open_addresses(path), Path("/proc/answers.csv"), "1")
    with pytest.raises(BadInput) as caught:
        list(batch.match_file(job, job.read_mark({}), batch.call_matchers(matcher, 1)))
    assert caught.value.code == "out_not_writable"
