"""Borders as corners, row by row, as lists of points and as Esri's rings; places never become areas."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from app.spatial import formats

SQUARES = {"颐生村": (0, 0), "永北村": (0, 2), "正余村": (3, 0), "双甲村": (3, 2)}


def corners(x: float, y: float) -> list[tuple[float, float]]:
    return [(121.2 + (x + a) / 100, 31.9 + (y + b) / 100) for a, b in ((0, 0), (0, 1), (1, 1), (1, 0))]


def table(folder: Path, heads: list[str], rows: list[list[Any]]) -> formats.Layer:
    path = folder / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heads, *rows])
    return formats.read(path)


def codes(layer: formats.Layer) -> set[str]:
    return {note.code for note in layer.warnings}


def kinds(layer: formats.Layer) -> set[str]:
    return {shape.geom_type for shape in layer.geoms if shape is not None}


def test_corners_of_one_name_make_one_area_in_the_row_of_the_first(tmp_path: Path) -> None:
    rows = [
        [name, "正余镇", f"J{number}", *point, 3.2 + number]
        for name, place in SQUARES.items()
        for number, point in enumerate(corners(*place), 1)
    ]
    layer = table(tmp_path, ["村名", "镇", "点号", "经度", "纬度", "高程"], rows)
    assert layer.columns == {"村名": list(SQUARES), "镇": ["正余镇"] * 4}
    assert layer.rows.tolist() == [2, 6, 10, 14]
    assert [shapely.get_num_points(shape.exterior) for shape in layer.geoms] == [5] * 4
    assert shapely.equals(layer.geoms[3], shapely.Polygon(corners(3, 2))).item()
    assert "points_joined" in codes(layer)


def test_a_name_written_only_at_its_first_corner_counts_until_the_next(tmp_path: Path) -> None:
    rows = [
        [name if number == 1 else "", number, *point]
        for name, place in SQUARES.items()
        for number, point in enumerate(corners(*place), 1)
    ]
    layer = table(tmp_path, ["地块名称", "序号", "X", "Y"], rows)
    assert (layer.columns["地块名称"], kinds(layer)) == (list(SQUARES), {"Polygon"})


def test_a_second_ring_within_the_first_is_a_hole(tmp_path: Path) -> None:
    outer, inner = corners(0, 0), shapely.box(121.203, 31.903, 121.206, 31.906).exterior.coords[:-1]
    rows = [["颐生村", ring, *point] for ring, line in ((1, outer), (2, inner)) for point in line]
    layer = table(tmp_path, ["村名", "圈号", "经度", "纬度"], rows)
    assert layer.geoms[0].equals(shapely.Polygon(outer, [inner]))


def test_outlets_listed_by_town_stay_points(tmp_path: Path) -> None:
    rows = [[town, f"{town}第{n}网点", *corners(*SQUARES[town])[n]] for town in SQUARES for n in range(4)]
    layer = table(tmp_path, ["镇", "网点名称", "经度", "纬度"], rows)
    assert (kinds(layer), len(layer.geoms)) == ({"Point"}, 16)
    assert "points_joined" not in codes(layer)


def test_points_whose_order_makes_no_border_stay_points(tmp_path: Path) -> None:
    rows = [[name, *corners(*place)[at]] for name, place in SQUARES.items() for at in (0, 2, 1, 3)]
    assert kinds(table(tmp_path, ["村名", "经度", "纬度"], rows)) == {"Point"}


def test_a_name_that_comes_back_later_is_no_run_of_corners(tmp_path: Path) -> None:
    rows = [[name, *point] for name in ("颐生村", "永北村", "颐生村") for point in corners(*SQUARES[name])]
    assert kinds(table(tmp_path, ["村名", "经度", "纬度"], rows)) == {"Point"}


@pytest.mark.parametrize(
    "write",
    [
        lambda parts: "|".join(";".join(f"{x},{y}" for x, y in part) for part in parts),
        lambda parts: "｜".join("；".join(f"{x}，{y}" for x, y in part) for part in parts),
        json.dumps,
    ],
    ids=["plain", "full-width", "json"],
)
def test_a_cell_of_points_is_the_area_within_them(tmp_path: Path, write: Any) -> None:
    parts = [corners(0, 0), corners(3, 2)]
    layer = table(tmp_path, ["名称", "边界"], [["颐生村", write(parts)]])
    assert layer.geoms[0].equals(shapely.MultiPolygon([shapely.Polygon(part) for part in parts]))
    assert list(layer.columns) == ["名称"]


def test_a_cell_of_two_points_is_a_text(tmp_path: Path) -> None:
    layer = table(
        tmp_path, ["名称", "WKT", "起止"], [["颐生村", shapely.box(121, 31, 122, 32).wkt, "1,2;3,4"]]
    )
    assert layer.columns["起止"] == ["1,2;3,4"]


def esri(folder: Path, rings: list[Any], **more: Any) -> formats.Layer:
    told = {"features": [{"attributes": {"XZQMC": "颐生村"}, "geometry": {"rings": rings}}], **more}
    path = folder / "t.json"
    path.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return formats.read(path)


def test_rings_of_a_map_service_are_areas_with_their_holes_and_islands(tmp_path: Path) -> None:
    outer, hole, island = (
        list(shapely.box(*b).exterior.coords) for b in ((0, 0, 9, 9), (1, 1, 8, 8), (2, 2, 3, 3))
    )
    layer = esri(tmp_path, [hole, island, outer], spatialReference={"wkid": 4490})
    drawn = shapely.MultiPolygon([shapely.Polygon(outer, [hole]), shapely.Polygon(island)])
    assert layer.geoms[0].equals(drawn)
    assert (layer.columns, layer.wkt) == ({"XZQMC": ["颐生村"]}, "EPSG:4490")


def test_the_web_mercator_of_map_services_goes_by_its_own_numbers(tmp_path: Path) -> None:
    square = list(shapely.box(13490000, 3740000, 13491000, 3741000).exterior.coords)
    assert esri(tmp_path, [square], spatialReference={"wkid": 102100}).wkt == "EPSG:3857"


@pytest.mark.parametrize("rings", [[[[1, 2]]], [["a", "b", "c"]], "rings", [[[1, 2], [3, 4], [5, None]]]])
def test_rings_that_make_no_sense_are_told_by_their_row(tmp_path: Path, rings: Any) -> None:
    layer = esri(tmp_path, rings)
    assert layer.geoms[0] is None or not layer.geoms[0].is_valid
    assert layer.geoms[0] is not None or "broken_geometry" in codes(layer)
