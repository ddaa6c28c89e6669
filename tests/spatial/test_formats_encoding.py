"""The encoding is decided from the text itself, whatever a mark beside it says."""

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import BadInput, NeedsAnswer
from app.spatial import formats
from app.spatial.formats.dbf import columns_of, read_table, write_table
from app.spatial.formats.encoding import ENCODINGS, decide_encoding, decode, decode_whole
from tests.samples import boundary_files as samples


def shapefile(
    tmp_path: Path, text: str, *, cpg: str | None = None, columns: dict[str, list[Any]] | None = None
) -> Path:
    parts = samples.shapefile_parts(tmp_path)
    table = samples.table_in(columns or samples.village_columns(), text)
    members = {"a.shp": parts[".shp"], "a.dbf": table}
    if cpg is not None:
        members["a.cpg"] = cpg.encode()
    return samples.pack(tmp_path / "a.zip", members)


@pytest.mark.parametrize(("text", "name"), [("gbk", "gbk"), ("utf-8", "utf-8"), ("gb18030", "gbk")])
def test_unmarked_text_is_read_right(tmp_path: Path, text: str, name: str) -> None:
    layer = formats.read(shapefile(tmp_path, text))
    assert layer.columns == samples.village_columns()
    assert (layer.encoding.name, layer.encoding.how) == (name, "text")
    assert layer.warnings == ()


@pytest.mark.parametrize(
    ("text", "cpg"), [("gbk", "UTF-8"), ("utf-8", "GBK"), ("gbk", "ISO-8859-1"), ("utf-8", "\0rubbish")]
)
def test_a_wrong_cpg_is_noticed_said_and_not_believed(tmp_path: Path, text: str, cpg: str) -> None:
    layer = formats.read(shapefile(tmp_path, text, cpg=cpg))
    assert layer.columns == samples.village_columns()
    assert [note.code for note in layer.warnings] == ["encoding_mark_wrong"]


@pytest.mark.parametrize(
    ("text", "cpg"), [("gbk", "936"), ("gbk", "GB2312"), ("utf-8", "utf8"), ("gbk", "cp936")]
)
def test_a_right_cpg_is_no_cause_for_words(tmp_path: Path, text: str, cpg: str) -> None:
    assert formats.read(shapefile(tmp_path, text, cpg=cpg)).warnings == ()


def test_a_four_byte_character_survives_the_way_out_and_in(tmp_path: Path) -> None:
    columns = samples.village_columns() | {"镇": ["沈𫭢镇"] * 9}
    path = formats.write(tmp_path / "a.zip", columns, samples.village_squares())
    layer = formats.read(path)
    assert layer.columns == columns
    assert layer.encoding.name == "gb18030"


def test_a_language_byte_that_lies_is_said(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    table = bytearray(samples.table_in(samples.village_columns(), "utf-8"))
    table[29] = 0x4D
    layer = formats.read(samples.pack(tmp_path / "a.zip", {"a.shp": parts[".shp"], "a.dbf": bytes(table)}))
    assert layer.columns == samples.village_columns()
    assert [note.code for note in layer.warnings] == ["encoding_mark_wrong"]


def test_an_asked_encoding_is_followed_and_a_wrong_one_is_a_question(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "gbk")
    layer = formats.read(path, encoding="GBK")
    assert (layer.encoding.name, layer.encoding.how) == ("gbk", "asked")
    with pytest.raises(NeedsAnswer) as caught:
        formats.read(path, encoding="utf-8")
    assert [option["value"] for option in caught.value.facts["questions"][0]["options"]] == list(ENCODINGS)
    with pytest.raises(BadInput):
        formats.read(path, encoding="klingon")


def test_text_that_no_encoding_explains_is_a_question(tmp_path: Path) -> None:
    columns = {"name": ["\xff\xfe\x81", "\xa0\xff\xff"] * 4 + ["\xff"]}
    with pytest.raises(NeedsAnswer):
        formats.read(shapefile(tmp_path, "latin-1", columns=columns))


def test_a_geojson_in_gbk_or_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    whole = formats.write(tmp_path / "a.geojson", samples.village_columns(), samples.village_squares())
    text = whole.read_text("utf-8")
    for codec, name in (("gbk", "gbk"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16")):
        whole.write_bytes(text.encode(codec))
        layer = formats.read(whole)
        assert layer.columns == samples.village_columns()
        assert layer.encoding.name == name


@pytest.mark.parametrize("codec", ["utf-8", "gbk"])
def test_one_broken_byte_in_a_geojson_spoils_one_name_and_not_the_layer(tmp_path: Path, codec: str) -> None:
    columns = {"name": [f"{name}{row}" for row in range(4) for name in samples.VILLAGES]}
    whole = formats.write(tmp_path / "a.geojson", columns, samples.village_squares(36))
    whole.write_bytes(whole.read_text("utf-8").encode(codec).replace("颐生村0".encode(codec), b"\x80", 1))
    layer = formats.read(whole)
    assert layer.columns["name"][1:] == columns["name"][1:]
    assert layer.encoding.name == codec
    assert [note.code for note in layer.warnings] == ["text_cut"]


def test_a_geopackage_with_gbk_inside_is_read_and_said(tmp_path: Path) -> None:
    path = formats.write(tmp_path / "a.gpkg", samples.village_columns(), samples.village_squares())
    database = sqlite3.connect(path)
    for function in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
        database.create_function(function, 1, lambda _: 0)
    for row, name in enumerate(samples.village_columns()["村名"], 1):
        database.execute('UPDATE a SET "村名" = CAST(? AS TEXT) WHERE fid = ?', (name.encode("gbk"), row))
    database.commit()
    database.close()
    layer = formats.read(path)
    assert layer.columns["村名"] == samples.village_columns()["村名"]
    assert [note.code for note in layer.warnings] == ["encoding_mark_wrong"]


def test_a_name_cut_in_the_middle_of_a_character_loses_only_that_half(tmp_path: Path) -> None:
    for codec, cut in (("utf-8", 10), ("gbk", 7)):
        assert decode("海门区悦来镇".encode(codec)[:cut], codec) == ("海门区", False)
    values = ["海门区悦来镇".encode()[:10], "悦来村".encode()]
    assert decide_encoding(values).name == "utf-8"


han = st.text(
    st.sampled_from("海门区悦来镇颐生村叠石长沙永民建社正余包场临江三星四甲东兴化沈伦"),
    min_size=1,
    max_size=12,
)


@given(st.lists(han, min_size=3, max_size=40), st.sampled_from(["utf-8", "gbk"]))
def test_chinese_text_tells_its_encoding(names: list[str], codec: str) -> None:
    assert decide_encoding([name.encode(codec) for name in names]).name == codec


@given(st.lists(han, min_size=3, max_size=20), st.sampled_from(["utf-8", "gbk"]))
def test_a_whole_text_in_either_encoding_decodes_to_itself(names: list[str], codec: str) -> None:
    text = "\n".join(f'{{"name": "{name}"}}' for name in names)
    assert decode_whole(text.encode(codec))[:2] == (text, True)


cell = st.none() | st.text(
    st.characters(codec="gb18030", exclude_categories=["C", "Z"]), min_size=1, max_size=40
)
whole = st.none() | st.integers(-(10**14), 10**14)


@settings(max_examples=40)
@given(
    st.integers(1, 12).flatmap(
        lambda n: st.tuples(st.lists(cell, min_size=n, max_size=n), st.lists(whole, min_size=n, max_size=n))
    )
)
def test_a_table_comes_back_as_it_was_written(columns: tuple[list[str | None], list[int | None]]) -> None:
    texts, numbers = columns
    table = read_table(write_table({"名称": texts, "n": numbers}, "gb18030"))
    found, broken = columns_of(table, "gb18030")
    assert found == {"名称": texts, "n": numbers}
    assert broken == []


def test_long_names_and_texts_are_cut_between_characters_and_stay_apart() -> None:
    columns = {"行政村名称一": ["村" * 200], "行政村名称二": [True], "比例": [0.5]}
    found, _ = columns_of(read_table(write_table(columns, "gbk")), "gbk")
    assert list(found) == ["行政村名称", "行政村名_1", "比例"]
    assert found["行政村名称"] == ["村" * 127]
    assert (found["行政村名_1"], found["比例"]) == ([True], [0.5])


def test_numbers_dates_and_truths_of_a_table_become_plain_values() -> None:
    table = read_table(write_table({"c": ["20260131", "1e5", "****"]}, "gbk"))
    for kind, expected in (
        ("D", ["2026-01-31", None, None]),
        ("N", [20260131, 100000.0, None]),
        ("M", [None] * 3),
    ):
        fields = tuple(type(field)(field.name, kind, field.width, field.decimals) for field in table.fields)
        again = type(table)(fields, table.cells, table.deleted, table.language)
        assert columns_of(again, "gbk")[0]["c"] == expected
    assert np.all([cell.isascii() for cell in table.cells[0]])
