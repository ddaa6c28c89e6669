"""Delimited text and workbooks with shapes or with longitude and latitude, as offices really send them."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely

from app.errors import RefusedFile
from app.spatial import formats
from tests.samples import boundary_files
from tests.samples.boundary_files import VILLAGES, square_json

SQUARES = [shapely.box(121.2 + 0.01 * i, 31.8, 121.21 + 0.01 * i, 31.81) for i in range(3)]
ROWS: list[list[Any]] = [
    ["村名", "村代码", "边界"],
    *([VILLAGES[i], f"0206141{i:05d}", SQUARES[i].wkt] for i in range(3)),
]


def written(rows: list[list[Any]], **how: Any) -> str:
    out = io.StringIO()
    csv.writer(out, **how).writerows(rows)
    return out.getvalue()


def put(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def workbook(path: Path, sheets: dict[str, list[list[Any]]], **how: Any) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for merged in how.get("merged", []):
            sheet.merge_cells(merged)
        if title in how.get("hidden", []):
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def refusal(path: Path, **how: Any) -> str:
    with pytest.raises(RefusedFile) as caught:
        formats.read(path, **how)
    return caught.value.code


def codes(layer: formats.Layer) -> dict[str, tuple[int, ...]]:
    return {note.code: note.rows for note in layer.warnings}


def assert_villages(layer: formats.Layer) -> None:
    assert layer.columns == {"村名": list(VILLAGES[:3]), "村代码": [f"0206141{i:05d}" for i in range(3)]}
    assert [shapely.equals(one, other) for one, other in zip(layer.geoms, SQUARES, strict=True)] == [True] * 3


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_whatever_the_delimiter_and_the_suffix(tmp_path: Path, name: str, delimiter: str) -> None:
    layer = formats.read(put(tmp_path / name, written(ROWS, delimiter=delimiter)))
    assert_villages(layer)
    assert (layer.format, layer.rows.tolist()) == ("csv", [2, 3, 4])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16", "utf-16-le"])
def test_whatever_the_encoding(tmp_path: Path, encoding: str) -> None:
    delimiter = "\t" if encoding.startswith("utf-16") else ","
    assert_villages(formats.read(put(tmp_path / "a.csv", written(ROWS, delimiter=delimiter), encoding)))


def test_titles_above_the_headings_and_blank_rows_are_no_data(tmp_path: Path) -> None:
    above = [["海门区行政村一览表", "", ""], ["单位：个", "", "2024 年"], ["", "", ""]]
    layer = formats.read(put(tmp_path / "a.csv", written([*above, *ROWS, ["", "", ""], ["", "", ""]])))
    assert_villages(layer)
    assert layer.rows.tolist() == [5, 6, 7]


def test_a_shape_is_found_by_its_content_in_any_of_its_dresses(tmp_path: Path) -> None:
    import json

    dresses = [
        SQUARES[0].wkt,
        shapely.to_wkb(SQUARES[0], hex=True),
        "\\x" + shapely.to_wkb(SQUARES[0], hex=True),
        json.dumps(square_json()),
        json.dumps({"type": "Feature", "properties": {}, "geometry": square_json()}),
        SQUARES[0].wkt.replace(",", ",\n "),
        "multipolygon(((121.2 31.8,121.21 31.8,121.21 31.81,121.2 31.81,121.2 31.8)))",
    ]
    for dress in dresses:
        rows = [["备注", "随便"], ["a", None], ["b", dress], ["c", dress]]
        layer = formats.read(put(tmp_path / "a.csv", written(rows)))
        assert layer.columns == {"备注": ["a", "b", "c"]}
        assert layer.geoms[0] is None
        assert shapely.hausdorff_distance(layer.geoms[2], SQUARES[0]) < 1e-9


def test_areas_go_before_their_label_points(tmp_path: Path) -> None:
    rows = [["p", "名", "g"], *(["POINT (121 31)", "甲", one.wkt] for one in SQUARES)]
    layer = formats.read(put(tmp_path / "a.csv", written(rows)))
    assert layer.columns == {"p": ["POINT (121 31)"] * 3, "名": ["甲"] * 3}


def test_a_file_without_headings_and_one_of_shapes_alone_are_read(tmp_path: Path) -> None:
    layer = formats.read(put(tmp_path / "a.csv", written(ROWS[1:])))
    assert list(layer.columns) == ["列1", "列2"]
    assert len(layer.geoms) == 3
    alone = formats.read(put(tmp_path / "b.txt", "\n".join(one.wkt for one in SQUARES)))
    assert (len(alone.geoms), alone.columns) == (3, {})


def test_shapes_with_commas_and_no_quotation_marks_are_put_together(tmp_path: Path) -> None:
    text = "\n".join(",".join(row) for row in ROWS)
    assert_villages(formats.read(put(tmp_path / "a.csv", text)))


def test_excel_keeps_text_in_its_own_ways(tmp_path: Path) -> None:
    rows = [["村名", "村代码", "g"], ["甲", '="0206"', SQUARES[0].wkt]]
    layer = formats.read(put(tmp_path / "a.csv", "sep=;\n" + written(rows, delimiter=";")))
    assert layer.columns == {"村名": ["甲"], "村代码": ["0206"]}


def test_ewkt_declares_a_system_that_must_be_one(tmp_path: Path) -> None:
    rows = [["g"], *([f"SRID=4549;{one.wkt}"] for one in SQUARES)]
    assert formats.read(put(tmp_path / "a.csv", written(rows))).wkt == "EPSG:4549"
    rows[2][0] = rows[2][0].replace("4549", "4490")
    assert refusal(put(tmp_path / "a.csv", written(rows))) == "srid_mixed"
    hexed = [["g"], [shapely.to_wkb(shapely.set_srid(SQUARES[0], 4490), hex=True, include_srid=True)]]
    assert formats.read(put(tmp_path / "b.csv", written(hexed))).wkt == "EPSG:4490"


def test_rows_with_open_broken_or_cut_shapes_are_named_and_the_others_stay(tmp_path: Path) -> None:
    open_ring = "POLYGON((121.2 31.8,121.21 31.8,121.21 31.81,121.2 31.81))"
    dense = shapely.segmentize(SQUARES[1], 1e-5).wkt
    rows = [["名", "g"], ["a", open_ring], ["b", dense[:32767]], ["c", "POLYGON((1 2"], ["d", SQUARES[0].wkt]]
    layer = formats.read(put(tmp_path / "a.csv", written(rows)))
    assert codes(layer) == {"rings_closed": (2,), "broken_geometry": (3, 4), "cell_cut": (3,)}
    assert [geom is not None for geom in layer.geoms] == [True, False, False, True]


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("经度", "纬度"),
        ("lng", "lat"),
        ("X", "Y"),
        ("东坐标", "北坐标"),
        ("Longitude(°)", "Latitude(°)"),
        ("GCJ02_LNG", "GCJ02_LAT"),
        ("中心点经度", "中心点纬度"),
    ],
)
def test_longitude_and_latitude_are_points(tmp_path: Path, lon: str, lat: str) -> None:
    rows = [
        ["网点清单"],
        ["名称", lat, lon],
        ["甲", 31.8, 121.2],
        ["乙", "31°30′", "E121°12′36″"],
        ["丙", "", ""],
        ["丁", "?", "1"],
    ]
    layer = formats.read(put(tmp_path / "a.csv", written(rows)))
    assert [None if geom is None else (geom.x, geom.y) for geom in layer.geoms] == [
        (121.2, 31.8),
        (121.21, 31.5),
        None,
        None,
    ]
    assert codes(layer) == {"broken_geometry": (6,)}


def test_tables_without_any_place_are_refused_with_their_headings(tmp_path: Path) -> None:
    rows = [["村名", "村代码"], ["颐生村", "1"]]
    assert refusal(put(tmp_path / "a.csv", written(rows))) == "no_geometry_column"
    assert refusal(workbook(tmp_path / "a.xlsx", {"S": rows})) == "no_geometry_column"
    assert refusal(put(tmp_path / "old.xls", "\0", "latin-1")) == "unknown_format"
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert refusal(tmp_path / "old.xls") == "old_office"


def test_a_table_that_ends_within_quotation_marks_is_cut_off(tmp_path: Path) -> None:
    text = written(ROWS)
    assert refusal(put(tmp_path / "a.csv", text[: text.rindex("31.8") + 4])) == "table_truncated"


def test_a_table_beside_a_layer_matters_only_when_it_is_one(tmp_path: Path) -> None:
    parts = boundary_files.shapefile_parts(tmp_path)
    members = {f"v{suffix}": data for suffix, data in parts.items()}
    notes = {
        "说明.txt": "请查收，谢谢".encode("gbk"),
        "a.csv": b"a,b\n1,2\n",
        "empty.txt": b"",
        "b.xlsx": b"PK",
    }
    assert formats.read(boundary_files.pack(tmp_path / "a.zip", members | notes)).format == "shapefile"
    both = boundary_files.pack(tmp_path / "b.zip", {"a.txt": b"a,b\n", "v.csv": written(ROWS).encode()})
    assert_villages(formats.read(both))


def test_a_workbook_with_a_title_merged_over_it_and_towns_merged_down(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["海门区行政村一览表"], ["乡镇", "村名", "村代码", "WKT"]]
    rows += [[["正余镇", None, "三厂"][i], VILLAGES[i], f"0206141{i:05d}", SQUARES[i].wkt] for i in range(3)]
    layer = formats.read(workbook(tmp_path / "a.xlsx", {"村": rows}, merged=["A1:D1", "A3:A4"]))
    assert layer.columns["乡镇"] == ["正余镇", "正余镇", "三厂"]
    assert layer.columns["村代码"] == ["020614100000", "020614100001", "020614100002"]
    assert (layer.rows.tolist(), layer.name, layer.format) == ([3, 4, 5], "a", "xlsx")


def test_cells_of_a_workbook_keep_what_they_hold(tmp_path: Path) -> None:
    import datetime as dt

    values = [3.20614e11, 320614100201, "020614100201", dt.datetime(2024, 5, 1), True, 1.5, "#N/A", "=1+1"]
    rows = [[f"c{i}" for i in range(8)] + ["g"], [*values, SQUARES[0].wkt]]
    layer = formats.read(workbook(tmp_path / "a.xlsx", {"S": rows}))
    assert [column[0] for column in layer.columns.values()] == [
        3.20614e11,
        320614100201,
        "020614100201",
        "2024-05-01",
        True,
        1.5,
        None,
        None,
    ]


def test_only_sheets_with_places_are_layers_and_hidden_ones_only_when_alone(tmp_path: Path) -> None:
    sheets = {
        "说明": [["你好"]],
        "村": ROWS,
        "空": [],
        "网点": [["名", "经度", "纬度"], ["甲", 121.2, 31.8]],
        "旧": ROWS,
    }
    path = workbook(tmp_path / "a.xlsx", sheets, hidden=["旧"])
    layer = formats.read(path, layer="村")
    assert layer.layers == ("村", "网点")
    assert_villages(layer)
    assert_villages(formats.read(workbook(tmp_path / "b.xlsx", {"说明": [["x"]], "旧": ROWS}, hidden=["旧"])))


def test_a_shape_over_several_cells_is_joined(tmp_path: Path) -> None:
    long = shapely.segmentize(SQUARES[0], 1e-6).wkt
    rows = [["名", "WKT_1", "WKT_2", "WKT_3"], ["a", long[:32000], long[32000:64000], long[64000:96000]]]
    rows = [rows[0], ["b", SQUARES[1].wkt, None, None], rows[1]]
    layer = formats.read(workbook(tmp_path / "a.xlsx", {"S": rows}))
    assert layer.columns == {"名": ["b", "a"]}
    assert len(long) < 96000 or codes(layer) == {"broken_geometry": (3,)}


def test_a_workbook_bomb_and_a_broken_one_are_refused(tmp_path: Path) -> None:
    zeros = {"[Content_Types].xml": b"<Types/>", "xl/worksheets/sheet1.xml": bytes(64 << 20)}
    assert refusal(boundary_files.pack(tmp_path / "a.xlsx", zeros)) == "archive_bomb"
    path = workbook(tmp_path / "b.xlsx", {"S": ROWS})
    path.write_bytes(path.read_bytes()[:-200])
    assert refusal(path) == "archive_broken"
    assert (
        refusal(boundary_files.pack(tmp_path / "c.xlsx", {"[Content_Types].xml": b"<Types/>"}))
        == "workbook_broken"
    )
    many = workbook(tmp_path / "d.xlsx", {"S": ROWS})
    assert refusal(many, limits=formats.Limits(rows=2)) == "too_many_rows"
