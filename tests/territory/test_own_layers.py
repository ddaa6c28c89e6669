"""Own layers: any file lands whole or not at all, bad rows are told, what looks personal stays out."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from app.db import Database, Viewer
from app.errors import BadInput, NotAllowed, NotFound
from app.spatial import crs, formats
from app.spatial.crs.shift import shift_to_gcj02
from app.territory import own
from app.territory.boundaries import ImportOptions, ImportReport
from app.territory.own import loading
from app.territory.own.columns import MOST_CHARACTERS, MOST_COLUMNS, choose_columns
from tests.maps.seed import WORKER, Bank, lay_bank

WISH = own.LayerWish(key="roads", zh="道路", en="Roads")


def write(folder: Path, rows: list[tuple[dict[str, Any], Any]]) -> Path:
    """A GeoJSON file of rows."""
    shapes = [None if shape is None else json.loads(shapely.to_geojson(shape)) for _, shape in rows]
    features = [
        {"type": "Feature", "properties": values, "geometry": shape}
        for (values, _), shape in zip(rows, shapes, strict=True)
    ]
    path = folder / "own.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False))
    return path


def load(
    database: Database, path: Path, wish: own.LayerWish = WISH, *, viewer: Viewer = WORKER, **options: Any
) -> dict[str, Any]:
    with database.transaction(viewer) as session:
        return own.load_own_layer(session, path, wish, options=ImportOptions(**options))


def ask(database: Database, statement: str, viewer: Viewer = WORKER) -> list[Any]:
    with database.transaction(viewer) as session:
        return [tuple(row) for row in session.execute(text(statement)).all()]


ROAD = shapely.LineString([(121.1, 31.85), (121.3, 31.9)])
LAKE = shapely.box(121.2, 31.85, 121.21, 31.86)
POST = shapely.Point(121.25, 31.9)


def test_points_lines_and_areas_go_in_and_bad_rows_are_told(fresh: Database, tmp_path: Path) -> None:
    bow = shapely.Polygon([(121.1, 31.8), (121.12, 31.82), (121.12, 31.8), (121.1, 31.82)])
    mixed = shapely.GeometryCollection([POST, ROAD])
    rows = [
        ({"name": "一号路", "级别": "县道", "宽": 12.5}, ROAD),
        ({"name": "湖"}, LAKE),
        ({"name": "站"}, POST),
        ({"name": "没有图形"}, None),
        ({"name": "空的"}, shapely.Point()),
        ({"name": "在海外"}, shapely.Point(2.3, 48.8)),
        ({"name": "蝴蝶结"}, bow),
        ({"name": "混合"}, mixed),
    ]
    report = load(fresh, write(tmp_path, rows))
    assert (report["status"], report["features"], report["left_out"]) == ("imported", 5, 3)
    assert [(bad["row"], bad["reason"]) for bad in report["rejected"]] == [
        (4, "no_shape"),
        (5, "empty_shape"),
        (6, "outside"),
    ]
    assert all(" / " in bad["message"] for bad in report["rejected"])
    assert {warning["code"] for warning in report["warnings"]} >= {"shapes_mended", "mixed_shapes"}
    found = ask(fresh, "SELECT row, name, shape, ST_IsValid(geom), attributes FROM map_feature ORDER BY row")
    assert [(row, name, shape) for row, name, shape, *_ in found] == [
        (1, "一号路", "line"),
        (2, "湖", "area"),
        (3, "站", "point"),
        (7, "蝴蝶结", "area"),
        (8, "混合", "line"),
    ]
    assert all(valid for *_, valid, _ in found)
    assert found[0][4] == {"name": "一号路", "级别": "县道", "宽": 12.5}


def test_the_same_key_again_takes_the_place_of_what_stood_there(fresh: Database, tmp_path: Path) -> None:
    load(fresh, write(tmp_path, [({"name": "a"}, ROAD), ({"name": "b"}, POST)]))
    load(fresh, write(tmp_path, [({"name": "c"}, LAKE)]))
    assert ask(fresh, "SELECT name FROM map_feature") == [("c",)]
    assert ask(fresh, "SELECT key, features FROM map_layer") == [("roads", 1)]


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"type":"FeatureCollection","features":[]}', b"\x00" * 400, b"name,x\nA,1\n"]
)
def test_a_file_that_is_none_lands_nothing(fresh: Database, tmp_path: Path, content: bytes) -> None:
    load(fresh, write(tmp_path, [({"name": "a"}, ROAD)]))
    broken = tmp_path / "broken.geojson"
    broken.write_bytes(content)
    report = load(fresh, broken)
    assert report["status"] == "rejected"
    assert " / " in report["rejected"][0]["message"]
    assert ask(fresh, "SELECT name FROM map_feature") == [("a",)]


def test_a_load_that_fails_at_the_end_leaves_what_stood(
    fresh: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(fresh, write(tmp_path, [({"name": "a"}, ROAD)]))
    path = write(tmp_path, [({"name": "b"}, ROAD), ({"name": "c"}, POST)])
    monkeypatch.setitem(loading._COLUMNS, "row", "int8")
    with pytest.raises((DBAPIError, psycopg.Error)):
        load(fresh, path)
    assert ask(fresh, "SELECT name FROM map_feature") == [("a",)]


def test_an_unclear_system_is_asked_for_and_the_answer_is_taken(fresh: Database, tmp_path: Path) -> None:
    lay_bank(fresh, grids=8, customers=20)
    lon, lat = shift_to_gcj02([121.2], [31.9])
    table = tmp_path / "p.csv"
    table.write_text(f"名称,经度,纬度\n甲,{lon[0]:.7f},{lat[0]:.7f}\n", encoding="utf-8")
    told = load(fresh, table)
    assert "datum_unproven" in {warning["code"] for warning in told["warnings"]}
    load(fresh, table, crs="gcj02")
    ((x, y),) = ask(fresh, "SELECT ST_X(geom), ST_Y(geom) FROM map_feature")
    assert crs.distance_m(x, y, 121.2, 31.9) < 0.1
    away = tmp_path / "away.csv"
    away.write_text("名称,经度,纬度\n甲,104.06,30.67\n", encoding="utf-8")
    asked = load(fresh, away)
    assert asked["status"] == "needs_answer"
    assert [one["code"] for one in asked["questions"]] == ["crs_doubtful"]
    assert load(fresh, away, answers={"crs_doubtful": "accept"})["status"] == "imported"


def test_several_layers_in_a_file_are_asked_about(fresh: Database, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        for name in ("roads", "water"):
            (tmp_path / name).mkdir()
            archive.write(write(tmp_path / name, [({"name": name}, ROAD)]), f"{name}.geojson")
    asked = load(fresh, tmp_path / "two.zip")
    assert (asked["status"], asked["questions"][0]["code"]) == ("needs_answer", "several_layers")
    assert load(fresh, tmp_path / "two.zip", layer="water")["status"] == "imported"
    assert ask(fresh, "SELECT name FROM map_feature") == [("water",)]


def test_columns_that_look_personal_stay_out_and_the_others_are_cut(fresh: Database, tmp_path: Path) -> None:
    many = {f"c{n}": n for n in range(MOST_COLUMNS + 5)}
    values = {"身份证号": "x", "联系": "13800001234", "备注": "长" * 500, **many}
    report = load(fresh, write(tmp_path, [(values, POST)]))
    assert {"personal_columns", "too_many_columns"} <= {warning["code"] for warning in report["warnings"]}
    ((kept,),) = ask(fresh, "SELECT attributes FROM map_feature")
    assert len(kept) == MOST_COLUMNS
    assert len(kept["备注"]) == MOST_CHARACTERS
    assert not {"身份证号", "联系"} & set(kept)
    with pytest.raises(BadInput) as refused:
        refuse_personal(values)
    assert refused.value.code == "personal_column"


def refuse_personal(values: dict[str, Any]) -> None:
    wish = own.LayerWish(key="k", zh="甲", en="k", name_column="身份证号")
    choose_columns({name: [value] for name, value in values.items()}, wish, ImportReport())


def test_a_column_that_is_not_there_is_a_refusal_that_lists_what_is(fresh: Database, tmp_path: Path) -> None:
    wish = own.LayerWish(key="roads", zh="道路", en="Roads", class_column="等级")
    report = load(fresh, write(tmp_path, [({"级别": "县道"}, ROAD)]), wish)
    assert (report["status"], report["rejected"][0]["reason"]) == ("rejected", "no_such_column")
    assert "级别" in report["rejected"][0]["message"]


@pytest.mark.parametrize(
    "words",
    [
        {"key": "Roads"},
        {"key": "1a"},
        {"key": "a" * 25},
        {"key": "a-b"},
        {"zh": " "},
        {"en": "a\nb"},
        {"zh": "长" * 41},
        {"meaning": "x"},
        {"audience": "x"},
        {"colour": "red"},
    ],
)
def test_words_that_cannot_stand_are_refused(fresh: Database, tmp_path: Path, words: dict[str, str]) -> None:
    wish = own.LayerWish(**{"key": "roads", "zh": "道路", "en": "Roads", **words})
    with pytest.raises(BadInput):
        load(fresh, write(tmp_path, [({}, ROAD)]), wish)
    assert ask(fresh, "SELECT 1 FROM map_layer") == []


@pytest.mark.parametrize(
    ("name", "key"), [("Roads 2026", "roads_2026"), ("2026 roads", "layer_2026_roads"), ("道路", "layer")]
)
def test_a_key_is_made_of_the_english_name(name: str, key: str) -> None:
    assert own.make_key(name) == key


def test_a_dry_run_stores_nothing(fresh: Database, tmp_path: Path) -> None:
    report = load(fresh, write(tmp_path, [({}, ROAD)]), dry_run=True)
    assert (report["status"], report["features"]) == ("imported", 1)
    assert ask(fresh, "SELECT 1 FROM map_layer") == []


def test_a_bank_layer_is_seen_by_who_sees_the_whole_bank(fresh: Database, tmp_path: Path) -> None:
    bank: Bank = lay_bank(fresh, grids=8, customers=20)
    load(fresh, write(tmp_path, [({"name": "a"}, ROAD)]))
    secret = own.LayerWish(key="rivals", zh="他行", en="Rivals", meaning="competitors", audience="bank")
    load(fresh, write(tmp_path, [({"name": "b"}, POST), ({"name": "c"}, POST)]), secret, viewer=bank.analyst)
    for viewer, keys, features in (
        (bank.head, ["rivals", "roads"], 3),
        (bank.analyst, ["rivals", "roads"], 3),
        (bank.branch_head, ["roads"], 1),
        (bank.manager, ["roads"], 1),
    ):
        with fresh.transaction(viewer) as session:
            assert [one["key"] for one in own.list_own_layers(session)] == keys
        assert ask(fresh, "SELECT count(*) FROM map_feature", viewer) == [(features,)]
        with pytest.raises((ProgrammingError, NotAllowed)):
            ask(fresh, "DELETE FROM map_feature RETURNING id", viewer)


def test_a_layer_is_taken_away_once(fresh: Database, tmp_path: Path) -> None:
    load(fresh, write(tmp_path, [({"name": "a"}, ROAD)]))
    with fresh.transaction(WORKER) as session:
        assert own.remove_own_layer(session, "roads") == 1
    assert ask(fresh, "SELECT 1 FROM map_feature") == []
    for key in ("roads", "no"):
        with pytest.raises(NotFound), fresh.transaction(WORKER) as session:
            own.remove_own_layer(session, key)


@pytest.mark.parametrize("suffix", [".zip", ".gpkg", ".kml"])
def test_other_formats_come_in_too(fresh: Database, tmp_path: Path, suffix: str) -> None:
    import numpy as np

    path = formats.write(tmp_path / f"a{suffix}", {"name": ["一", "二"]}, np.array([LAKE, LAKE], object))
    assert load(fresh, path)["features"] == 2
