"""Tables of text: however a bank's system wrote it, rows come out; what is no row is told by its number."""

import csv
import io
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.customers.intake.tables import Chunk, open_table, read_slice
from app.customers.intake.tables.parsing import parse
from app.customers.intake.tables.text import TextSlice, open_text
from app.errors import RefusedFile

BODY = "客户号,客户名称\r\nK1,王一村\r\nK2,李二\r\n"
ROWS = [(2, ["K1", "王一村"]), (3, ["K2", "李二"])]


def write(folder: Path, data: bytes | str) -> Path:
    path = folder / "c.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def read_all(path: Path, size: int = 100, *, after: int = 1) -> list[Chunk]:
    """Every slice, as a worker gets it: pickled."""
    return [
        read_slice(pickle.loads(pickle.dumps(part))) for part in open_table(path).slices(size, after=after)
    ]


def rows_of(chunks: list[Chunk]) -> list[tuple[int, list[str]]]:
    return [row for chunk in chunks for row in chunk.rows()]


def broken_of(chunks: list[Chunk]) -> list[tuple[int, str, str]]:
    return [(row.number, row.reason, row.first_cell) for chunk in chunks for row in chunk.broken]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (BODY.encode("gb18030"), "gb18030"),
        (BODY.encode("utf-8"), "utf-8-sig"),
        (BODY.encode("utf-8-sig"), "utf-8-sig"),
        (BODY.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + BODY.encode("utf-16-be"), "utf-16"),
        (BODY.encode("utf-16-le"), "utf-16"),
        (BODY.replace(",", "\t").encode("gb18030"), "gb18030"),
        (BODY.replace(",", ";").encode("utf-8"), "utf-8-sig"),
        (BODY.replace(",", "|").replace("\r\n", "\n").encode("gbk"), "gb18030"),
        (BODY.replace(",", "\x1f").encode("gbk"), "gb18030"),
        (BODY.replace(",", "\x01").encode("utf-16"), "utf-16"),
        (BODY.replace(",", "|+|").encode("gbk"), "gb18030"),
        (BODY.replace(",", "@|@").encode("utf-8"), "utf-8-sig"),
        (BODY.replace(",", "||").encode("utf-8"), "utf-8-sig"),
        (BODY.replace("\r\n", "\r").encode("utf-8"), "utf-8-sig"),
        (BODY.replace("\r\n", "\r").encode("utf-16"), "utf-16"),
        (BODY.rstrip().encode("utf-8"), "utf-8-sig"),
        (BODY.replace(",", '","').replace("\r\n", '"\r\n"').join('""')[:-2].encode("gbk"), "gb18030"),
    ],
)
def test_a_table_is_read_however_it_is_written(tmp_path: Path, data: bytes, encoding: str) -> None:
    path = write(tmp_path, data)
    table = open_table(path)
    assert (table.encoding, table.headings) == (encoding, ["客户号", "客户名称"])
    assert rows_of(read_all(path)) == rows_of(read_all(path, 1)) == ROWS
    assert rows_of(read_all(path, 5, after=2)) == ROWS[1:]
    assert broken_of(read_all(path)) == []


def test_lines_of_two_encodings_are_each_read_in_their_own(tmp_path: Path) -> None:
    lines = ["客户号,姓名,地址"] + [f"K{n},某某某,常乐镇利北村{n}组" for n in range(60)]
    for odd, rest in (("utf-8", "gb18030"), ("gb18030", "utf-8")):
        data = b"".join(f"{line}\r\n".encode(odd if at % 7 == 5 else rest) for at, line in enumerate(lines))
        path = write(tmp_path, data)
        assert open_table(path).how == "mixed"
        expected = [(at + 1, line.split(",")) for at, line in enumerate(lines) if at]
        assert rows_of(read_all(path, 8)) == expected


def test_a_cell_in_quotes_goes_on_over_lines_and_delimiters(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n1,"x, ""y""\nz"\n2,"q"\n3,5" 管\n4" 管,"u\nv"\n5,w\n')
    rows = [["1", 'x, "y"\nz'], ["2", "q"], ["3", '5" 管'], ['4" 管', "u\nv"], ["5", "w"]]
    assert rows_of(read_all(path, 1)) == rows_of(read_all(path)) == list(enumerate(rows, start=2))


def test_a_quote_that_is_never_closed_breaks_its_own_line_only(tmp_path: Path) -> None:
    lines = ["key,name,place"] + [f"K{n},某,村{n}" for n in range(2, 60)]
    lines[4], lines[30] = 'K5,"王五,村', 'K31,5" 管,"open'
    path = write(tmp_path, "\n".join(lines))
    chunks = read_all(path, 7)
    assert broken_of(chunks) == [(5, "open_quote", "K5"), (31, "open_quote", "K31")]
    assert [number for number, _ in rows_of(chunks)] == [n for n in range(2, 60) if n not in (5, 31)]


def test_ragged_rows_and_empty_lines_keep_the_numbers_of_the_others(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,c\n1,2,3\n\n4,5\n6,7,8,9\n\r\n10,11,12\n\n")
    chunks = read_all(path, 2)
    assert rows_of(chunks) == [(2, ["1", "2", "3"]), (7, ["10", "11", "12"])]
    assert broken_of(chunks) == [(4, "columns", "4"), (5, "columns", "6")]
    assert (chunks[-1].last, sum(chunk.seen for chunk in chunks)) == (8, 4)
    assert "列数是 2，应为 3" in chunks[1].broken[0].zh


def test_a_delimiter_at_the_end_of_every_line_makes_no_column(tmp_path: Path) -> None:
    assert rows_of(read_all(write(tmp_path, "a|b\n1|2|\n3|4|\n"))) == [(2, ["1", "2"]), (3, ["3", "4"])]
    path = write(tmp_path, "a|b|\n1|2\n3|4\n")
    assert (open_table(path).headings, rows_of(read_all(path))[0]) == (["a", "b"], (2, ["1", "2"]))


def test_headings_may_come_twice_be_empty_or_go_on_over_lines(tmp_path: Path) -> None:
    path = write(tmp_path, '"客户\n号",姓名,姓名,\nK1,a,b,c\n')
    assert open_table(path).headings == ["客户\n号", "姓名", "姓名", ""]
    assert rows_of(read_all(path)) == [(2, ["K1", "a", "b", "c"])]


def test_nul_marks_and_returns_inside_a_line_are_cleaned_away(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\nK\x001,钱\x00三\n\ufeffK2,某\nK3,上\r下\nK4,x\rK5,y\nK6,z\n")
    cells = [["K1", "钱三"], ["K2", "某"], ["K3", "上 下"], ["K4", "x"], ["K5", "y"], ["K6", "z"]]
    assert rows_of(read_all(path, 1)) == list(enumerate(cells, start=2))


def test_a_long_number_that_excel_spoiled_is_told_and_read_as_empty(tmp_path: Path) -> None:
    chunks = read_all(write(tmp_path, "key,card,n\nK1,3.20684E+17,12\nK2,320684199001011234,1.5E+3\n"))
    assert rows_of(chunks) == [(2, ["K1", "", "12"]), (3, ["K2", "320684199001011234", "1.5E+3"])]
    assert [(lost.number, lost.column, lost.reason) for lost in chunks[0].lost] == [(2, 1, "long_number")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\n\nK1,x\n", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b"%PDF-1.7", "not_a_table"),
        (bytes(5000), "not_a_table"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3 + bytes(900), "not_a_table"),
        (b"a" * (2 << 20), "endless_cell"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(RefusedFile, match=code):
        open_table(write(tmp_path, data))


def test_a_line_without_end_deep_in_the_file_is_refused_by_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.customers.intake.tables.text.LONGEST_LINE", 1 << 10)
    monkeypatch.setattr("app.customers.intake.tables.text.BLOCK_BYTES", 1 << 12)
    path = write(tmp_path, "a,b\n" + "1,2\n" * 100 + "x" * 60_000)
    with pytest.raises(RefusedFile, match="row 102 has no end"):
        list(open_table(path).slices(10))


def test_a_file_that_becomes_shorter_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n" + "1,2\n" * 100)
    parts = list(open_table(path).slices(50))
    path.write_text("a,b\n1,2\n")
    with pytest.raises(RefusedFile, match="file_changed"):
        read_slice(parts[1])


CELL = st.text(alphabet='ab,|"\r\n \t\x00é村利北\ufeff\x1f', max_size=6)
LINE = st.lists(CELL, min_size=1, max_size=4).map("|+|".join) | st.lists(CELL, max_size=4).map(",".join)
ENDS = st.sampled_from(["\n", "\r\n", "\r", ""])


@settings(max_examples=60)
@given(
    lines=st.lists(st.tuples(LINE, ENDS), max_size=25),
    head=st.sampled_from(["k,n,x\n", "k|n\n", "k|+|n|+|x\r\n", "k\tn\r", '"k","n"\n']),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]),
    rows=st.integers(1, 7),
)
def test_the_quick_way_the_careful_way_and_any_cut_give_one_answer(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[str, str]],
    head: str,
    encoding: str,
    rows: int,
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes((head + "".join(text + end for text, end in lines)).encode(encoding))
    table = open_text(path)
    parts = [part for part in table.slices(rows) if isinstance(part, TextSlice)]
    whole = next(table.slices(1 << 20), None)
    raws = [path.read_bytes()[part.start : part.end] for part in parts]
    quick = [parse(raw, part) for raw, part in zip(raws, parts, strict=True)]
    careful = [parse(raw, part, careful=True) for raw, part in zip(raws, parts, strict=True)]
    assert rows_of(quick) == rows_of(careful) == rows_of([read_slice(whole)] if whole else [])
    assert broken_of(quick) == broken_of(careful)
    assert [part.first for part in parts] == [2, *(part.last + 1 for part in parts)][: len(parts)]
    middle = parts[len(parts) // 2].last if parts else 1
    behind = [row for row in rows_of(quick) if row[0] > middle]
    assert rows_of([read_slice(part) for part in table.slices(rows + 1, after=middle)]) == behind


TABLE = st.lists(
    st.lists(st.text(alphabet='ab,;"\n 村利北', max_size=8), min_size=3, max_size=3), max_size=12
)


@settings(max_examples=60)
@given(
    table=TABLE, sign=st.sampled_from(",;\t|"), quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
)
def test_what_a_csv_writer_wrote_comes_back(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], sign: str, quoting: int
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=sign, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([["客户号", "姓名", "地址"], *table])
    path = tmp_path_factory.getbasetemp() / "written.csv"
    path.write_bytes(text.getvalue().encode("gb18030"))
    assert [cells for _, cells in rows_of(read_all(path, 3))] == table


def test_a_script_of_many_odd_lines_is_cut_at_any_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.customers.intake.tables.text.BLOCK_BYTES", 64)
    lines = [f'{n},"村\n{n}组"' if n % 3 else f'{n},5" 管' for n in range(200)]
    path = write(tmp_path, "\n".join(["a,b", *lines]))
    assert [int(cells[0]) for _, cells in rows_of(read_all(path, 9))] == list(range(200))
    first = next(open_text(path).slices(9))
    assert isinstance(first, TextSlice)
    assert replace(first, after=5).read().numbers.tolist() == list(range(6, 11))
