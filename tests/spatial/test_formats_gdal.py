"""What other programs write comes in: geodatabases, MapInfo tables, drawings; damaged ones are refused."""

from pathlib import Path
from typing import Any

import pytest
import shapely

from app.errors import NeedsAnswer, RefusedFile
from app.spatial import formats
from tests.samples import boundary_files as samples
from tests.samples import gdal_files as made

NAMES = samples.village_columns()["村名"]


def refusal(path: Path, **how: Any) -> str:
    with pytest.raises(RefusedFile) as caught:
        formats.read(path, **how)
    assert "Error" not in caught.value.zh
    assert str(path.parent) not in caught.value.zh + caught.value.en
    return caught.value.code


def pack_parts(path: Path, parts: dict[str, bytes], stem: str = "村界") -> Path:
    return samples.pack(path, {f"{stem}{suffix}": data for suffix, data in parts.items()})


def notes(layer: formats.Layer) -> list[str]:
    return [note.code for note in layer.warnings]


def test_a_geodatabase_is_read_as_a_folder_and_from_a_zip_with_or_without_its_folder(tmp_path: Path) -> None:
    folder = made.write_gdb(tmp_path / "海门.gdb")
    zipped = samples.pack(tmp_path / "a.zip", made.folder_members(folder))
    nested = samples.pack(tmp_path / "b.zip", made.folder_members(folder, "数据/海门.gdb"))
    bare = samples.pack(tmp_path / "海门村.zip", made.folder_members(folder, ""))
    for path in (folder, zipped, nested, bare):
        layer = formats.read(path)
        assert (layer.format, layer.name, layer.layers) == ("filegdb", "村界", ("村界",))
        assert layer.columns["村名"] == NAMES
        assert layer.wkt == "EPSG:4490"
        assert shapely.hausdorff_distance(layer.geoms, samples.village_squares()).max() < 1e-9


def test_the_feature_classes_of_several_geodatabases_are_a_question(tmp_path: Path) -> None:
    one, other = (made.write_gdb(tmp_path / f"{name}.gdb") for name in ("海门", "启东"))
    made.write_gdb(one, "镇界", append=True)
    path = samples.pack(tmp_path / "a.zip", made.folder_members(one) | made.folder_members(other))
    with pytest.raises(NeedsAnswer) as caught:
        formats.read(path)
    assert sorted(caught.value.facts["layers"]) == ["启东/村界", "海门/村界", "镇界"]
    assert formats.read(path, layer="启东/村界").columns["村名"] == NAMES


def test_a_geodatabase_cut_short_gives_not_half_a_layer(tmp_path: Path) -> None:
    members = made.folder_members(made.write_gdb(tmp_path / "a.gdb"))
    table = max(
        (name for name in members if name.endswith("9.gdbtable")), key=lambda name: len(members[name])
    )
    cut = members | {table: members[table][: len(members[table]) // 2]}
    assert refusal(samples.pack(tmp_path / "cut.zip", cut)) == "gdb_truncated"
    index = table.replace("gdbtable", "gdbtablx")
    assert (
        refusal(samples.pack(tmp_path / "i.zip", members | {index: members[index][:20]})) == "gdb_truncated"
    )
    blank = members[index][:16] + bytes(len(members[index]) - 16)
    assert refusal(samples.pack(tmp_path / "x.zip", members | {index: blank})) == "gdb_broken"
    rubbish = members | {table: members[table][:40] + b"\xff" * (len(members[table]) - 40)}
    assert refusal(samples.pack(tmp_path / "r.zip", rubbish)) in ("gdb_broken", "layer_incomplete")


def test_a_geodatabase_without_its_catalogue_or_as_one_loose_table_is_refused(tmp_path: Path) -> None:
    folder = made.write_gdb(tmp_path / "a.gdb")
    members = made.folder_members(folder)
    del members["a.gdb/a00000001.gdbtable"]
    assert refusal(samples.pack(tmp_path / "a.zip", members)) == "gdb_incomplete"
    assert refusal(folder / "a00000009.gdbtable") == "gdb_loose"


def test_a_link_in_a_geodatabase_folder_is_not_followed(tmp_path: Path) -> None:
    folder, secret = made.write_gdb(tmp_path / "a.gdb"), tmp_path / "secret"
    table = folder / "a00000009.gdbtable"
    table.rename(secret)
    table.symlink_to(secret)
    assert refusal(folder) in ("gdb_broken", "no_layer", "gdb_incomplete")


@pytest.mark.parametrize("maker", [made.tab_parts, made.mif_parts])
def test_a_mapinfo_table_comes_in_as_zip_and_as_loose_parts(tmp_path: Path, maker: Any) -> None:
    parts = maker(tmp_path / "parts")
    loose = tmp_path / "loose"
    loose.mkdir()
    for suffix, data in parts.items():
        (loose / f"村界{suffix.upper()}").write_bytes(data)
    main = next(path for path in loose.iterdir() if path.suffix in (".TAB", ".MIF"))
    for path in (pack_parts(tmp_path / "a.zip", parts), main, loose):
        layer = formats.read(path)
        assert (layer.name, layer.columns["村名"], layer.encoding.name) == ("村界", NAMES, "gbk")
        assert layer.columns["code"][0] == "020614100000"
        assert notes(layer) == []
        assert shapely.hausdorff_distance(layer.geoms, samples.village_squares()).max() < 1e-6


@pytest.mark.parametrize("maker", [made.tab_parts, made.mif_parts])
@pytest.mark.parametrize("said", [b"Neutral", b"WindowsLatin1", b"UTF-8"])
def test_a_wrong_charset_of_mapinfo_is_noticed_and_not_believed(
    tmp_path: Path, maker: Any, said: bytes
) -> None:
    parts = maker(tmp_path / "parts")
    parts = {suffix: data.replace(b"WindowsSimpChinese", said) for suffix, data in parts.items()}
    layer = formats.read(pack_parts(tmp_path / "a.zip", parts))
    assert layer.columns["村名"] == NAMES
    assert notes(layer) == ([] if said == b"Neutral" else ["encoding_mark_wrong"])


def test_utf8_text_under_a_chinese_windows_charset_is_read_as_what_it_is(tmp_path: Path) -> None:
    parts = made.mif_parts(tmp_path / "parts")
    parts = {suffix: data.decode("gbk").encode("utf-8") for suffix, data in parts.items()}
    layer = formats.read(pack_parts(tmp_path / "a.zip", parts))
    assert (layer.columns["村名"], layer.encoding.name) == (NAMES, "utf-8")
    assert notes(layer) == ["encoding_mark_wrong"]


NATIVE = b"!table\n!version 300\n\nDefinition Table\n"


@pytest.mark.parametrize(
    "header",
    [
        NATIVE + b'  Type LINKED Charset "Neutral"\n  Fields 1\n    a Char (9) ;\n',
        NATIVE + b'  File "../../secret.tif"\n  Type "RASTER"\n',
        b'!table\n!version 100\n\nOpen Table "../../secret" Hide\nCreate View a As\nSelect * From secret\n',
        NATIVE + b'  Type ODBC Charset "Neutral"\n',
        NATIVE + b'  Type ACCESS TABLE "t"\n  Fields 1\n    a Char (9) ;\n',
    ],
)
def test_a_tab_that_points_elsewhere_is_refused(tmp_path: Path, header: bytes) -> None:
    parts = made.tab_parts(tmp_path / "parts") | {".tab": header}
    assert refusal(pack_parts(tmp_path / "a.zip", parts)) in ("mapinfo_linked", "mapinfo_broken")


def test_a_view_whose_type_looks_native_still_reads_no_other_table(tmp_path: Path) -> None:
    parts = made.tab_parts(tmp_path / "parts")
    view = b'!table\n  Type NATIVE\nopen table "../secret" hide\ncreate view a as select * from secret\n'
    assert refusal(pack_parts(tmp_path / "a.zip", parts | {".tab": view})) == "mapinfo_linked"


@pytest.mark.parametrize(("suffix", "kept"), [(".map", 1600), (".dat", 400), (".id", 8)])
def test_a_mapinfo_table_cut_short_gives_not_half_a_layer(tmp_path: Path, suffix: str, kept: int) -> None:
    parts = made.tab_parts(tmp_path / "parts")
    cut = parts | {suffix: parts[suffix][:kept]}
    assert refusal(pack_parts(tmp_path / "a.zip", cut)) in ("mapinfo_broken", "layer_incomplete")
    gone = {name: data for name, data in parts.items() if name != suffix}
    assert refusal(pack_parts(tmp_path / "b.zip", gone)) == "mapinfo_incomplete"


def test_a_mif_with_fewer_rows_than_shapes_or_cut_short_is_refused(tmp_path: Path) -> None:
    parts = made.mif_parts(tmp_path / "parts")
    short = parts | {".mid": b"\n".join(parts[".mid"].splitlines()[:5]) + b"\n"}
    assert refusal(pack_parts(tmp_path / "a.zip", short)) in ("counts_differ", "mapinfo_broken")
    whole = parts[".mif"]
    for at in (whole.index(b"Region", len(whole) // 2), len(whole) // 2):
        cut = parts | {".mif": whole[:at]}
        assert refusal(pack_parts(tmp_path / "b.zip", cut)) in ("counts_differ", "mapinfo_broken")


def test_a_mif_without_its_table_gives_its_shapes(tmp_path: Path) -> None:
    layer = formats.read(pack_parts(tmp_path / "a.zip", {".mif": made.mif_parts(tmp_path / "p")[".mif"]}))
    assert (len(layer.geoms), layer.columns, notes(layer)) == (9, {}, ["no_table"])


def test_a_mapinfo_plan_of_no_place_declares_nothing(tmp_path: Path) -> None:
    parts = made.mif_parts(tmp_path / "parts")
    start = parts[".mif"].index(b"CoordSys")
    line = parts[".mif"][start : parts[".mif"].index(b"\n", start)]
    for said in (b'CoordSys NonEarth Units "m" Bounds (0, 0) (200, 200)', b"CoordSys Earth Projection 1, 0"):
        plain = parts | {".mif": parts[".mif"].replace(line, said)}
        assert formats.read(pack_parts(tmp_path / "a.zip", plain)).wkt is None


VILLAGES = [
    made.square("村界", 500000, 3500000),
    made.square("村界", 501000, 3500000),
    made.text("颐生村", 500500, 3500500),
    made.text(r"{\fSimSun|b0|i0|c134|p2;\H1.5x;叠石村}", 501500, 3500500, kind="MTEXT"),
]


@pytest.mark.parametrize(
    ("encoding", "version", "page", "wrong"),
    [
        ("gb18030", "AC1015", "ANSI_936", False),
        ("gb18030", "AC1015", "ANSI_1252", True),
        ("gb18030", "AC1024", "ANSI_936", True),
        ("utf-8", "AC1024", "ANSI_936", False),
        ("utf-8", "AC1015", "ANSI_936", True),
    ],
)
def test_a_drawing_is_read_whatever_it_says_of_its_encoding(
    tmp_path: Path, encoding: str, version: str, page: str, wrong: bool
) -> None:
    path = made.write_dxf(tmp_path / "a.dxf", VILLAGES, encoding=encoding, version=version, page=page)
    layer = formats.read(path)
    assert layer.columns["name"] == ["颐生村", "叠石村"]
    assert layer.columns["layer"] == ["村界", "村界"]
    assert layer.rows.tolist() == [1, 2]
    assert (layer.wkt, layer.format) == (None, "dxf")
    assert ("encoding_mark_wrong" in notes(layer)) is wrong
    assert [shapely.get_point(geom, 0) == shapely.get_point(geom, -1) for geom in layer.geoms] == [True, True]


def test_signs_that_the_code_page_lacks_are_read_from_their_numbers(tmp_path: Path) -> None:
    words = r"\U+6C88\U+D86E\U+DF62\M+5B4E5"
    drawing = [made.square("村界", 0, 0), made.text(words, 500, 500)]
    assert formats.read(made.write_dxf(tmp_path / "a.dxf", drawing)).columns["name"] == ["沈𫭢村"]


def test_the_frame_of_a_drawing_takes_no_village_name_and_its_title_stays_a_row(tmp_path: Path) -> None:
    frame = made.square("图框", 490000, 3490000, 50000)
    drawing = [
        frame,
        *VILLAGES,
        made.text("海门区行政区划图", 495000, 3530000),
        made.text("比例尺", 496000, 3491000),
    ]
    layer = formats.read(made.write_dxf(tmp_path / "a.dxf", drawing))
    assert layer.columns["name"] == [None, "颐生村", "叠石村", None, None]
    assert layer.columns["text"][3:] == ["海门区行政区划图", "比例尺"]
    assert [note.rows for note in layer.warnings if note.code == "names_unclear"] == [(1,)]


def test_a_ring_with_two_village_names_has_none_and_its_row_is_told(tmp_path: Path) -> None:
    drawing = [*VILLAGES, made.text("长沙村", 500600, 3500700), made.text("水塘", 501200, 3500200)]
    layer = formats.read(made.write_dxf(tmp_path / "a.dxf", drawing))
    assert layer.columns["name"][:2] == [None, "叠石村"]
    assert [note.rows for note in layer.warnings if note.code == "names_unclear"] == [(1,)]


def test_a_code_beside_the_name_becomes_the_code(tmp_path: Path) -> None:
    drawing = [*VILLAGES, made.text("320684101201", 500500, 3500300)]
    layer = formats.read(made.write_dxf(tmp_path / "a.dxf", drawing))
    assert layer.columns["code"] == ["320684101201", None]
    assert layer.columns["name"] == ["颐生村", "叠石村"]


def test_a_filling_over_its_own_border_line_is_one_village_and_one_alone_stays(tmp_path: Path) -> None:
    drawing = [*VILLAGES, made.filling("填充", 500000, 3500000), made.filling("填充", 503000, 3500000)]
    layer = formats.read(made.write_dxf(tmp_path / "a.dxf", drawing))
    assert [geom.geom_type for geom in layer.geoms] == ["LineString", "LineString", "Polygon"]
    assert layer.columns["name"] == ["颐生村", "叠石村", None]
    assert [note.rows for note in layer.warnings if note.code == "filling_doubled"] == [(5,)]


def test_an_open_line_stays_open_for_the_repair_to_judge(tmp_path: Path) -> None:
    drawing = [
        made.square("村界", 0, 0, closed=False),
        made.ring("河流", [(0, 0), (5000, 5000)], closed=False),
    ]
    layer = formats.read(made.write_dxf(tmp_path / "a.dxf", drawing))
    assert [geom.geom_type for geom in layer.geoms] == ["LineString", "LineString"]
    assert not layer.geoms[0].is_closed


def test_a_drawing_cut_short_and_one_in_binary_are_refused(tmp_path: Path) -> None:
    whole = made.write_dxf(tmp_path / "a.dxf", VILLAGES).read_bytes()
    for kept in (len(whole) // 2, len(whole) - 12):
        (tmp_path / "cut.dxf").write_bytes(whole[:kept])
        assert refusal(tmp_path / "cut.dxf") == "dxf_truncated"
    (tmp_path / "b.dxf").write_bytes(b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(200))
    assert refusal(tmp_path / "b.dxf") == "dxf_binary"
    (tmp_path / "c.dwg").write_bytes(b"AC1027" + bytes(200))
    assert refusal(tmp_path / "c.dwg") == "dwg"
