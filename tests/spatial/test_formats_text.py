"""GeoJSON in all its dresses, sequences of it, and TopoJSON come in as they are or say why not."""

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from app.errors import RefusedFile
from app.spatial import formats
from tests.samples import text_files
from tests.samples.boundary_files import VILLAGES, collection, feature, square_json


def put(path: Path, content: Any, encoding: str = "utf-8") -> Path:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_bytes(text.encode(encoding))
    return path


def refusal(path: Path, **how: Any) -> str:
    with pytest.raises(RefusedFile) as caught:
        formats.read(path, **how)
    return caught.value.code


def codes(layer: formats.Layer) -> dict[str, tuple[int, ...]]:
    return {note.code: note.rows for note in layer.warnings}


@pytest.mark.parametrize(
    "name", ["v.geojsonl", "v.ndjson", "v.jsonl", "v.geojsons", "v.json", "v", "v.geojson"]
)
@pytest.mark.parametrize("before", ["", "\x1e"])
def test_features_one_after_the_other_are_a_layer(tmp_path: Path, name: str, before: str) -> None:
    layer = formats.read(put(tmp_path / name, text_files.sequence(before=before)))
    assert layer.columns["村名"] == list(VILLAGES[:3])
    assert layer.columns["code"][2] == "020614100002"
    assert [geom.area == pytest.approx(1e-4) for geom in layer.geoms] == [True] * 3
    assert layer.rows.tolist() == [1, 2, 3]


def test_pretty_printed_records_and_gbk_and_a_collection_among_them(tmp_path: Path) -> None:
    records = [json.dumps(one, ensure_ascii=False, indent=2) for one in text_files.features(2)]
    text = "\x1e" + "\n\x1e".join([*records, json.dumps(collection(text_files.features(1)))])
    layer = formats.read(put(tmp_path / "v.geojsons", text, "gbk"))
    assert layer.encoding.name == "gbk"
    assert layer.columns["村名"] == [*VILLAGES[:2], VILLAGES[0]]
    assert layer.format == "geojsonseq"


@pytest.mark.parametrize("left", [20, 60, 200])
def test_a_sequence_cut_off_in_its_last_line_is_refused_as_a_whole(tmp_path: Path, left: int) -> None:
    text = text_files.sequence()
    start = text.rindex('{"type": "Feature"')
    assert refusal(put(tmp_path / "v.geojsonl", text[: start + left])) == "json_truncated"


def test_a_broken_line_in_the_middle_is_broken(tmp_path: Path) -> None:
    first, second, third = text_files.sequence().splitlines()
    assert refusal(put(tmp_path / "v.geojsonl", f"{first}\n{second[:-9]}\n{third}\n")) == "json_broken"


def test_the_rows_of_a_sequence_are_limited(tmp_path: Path) -> None:
    path = put(tmp_path / "v.geojsonl", text_files.sequence())
    assert refusal(path, limits=formats.Limits(rows=2)) == "too_many_rows"


def test_open_rings_are_closed_and_named_by_row(tmp_path: Path) -> None:
    open_ring = square_json()
    open_ring["coordinates"][0].pop()
    many = {
        "type": "MultiPolygon",
        "coordinates": [square_json(121.3)["coordinates"], open_ring["coordinates"]],
    }
    made = collection([feature(square_json()), feature(open_ring), feature(many)])
    layer = formats.read(put(tmp_path / "a.geojson", made))
    assert codes(layer)["rings_closed"] == (2, 3)
    assert [round(geom.area * 1e4) for geom in layer.geoms] == [1, 1, 2]


def test_impossible_geometries_are_rows_of_the_report_not_the_end_of_the_file(tmp_path: Path) -> None:
    wild: list[Any] = [
        {"type": "Polygon", "coordinates": [[[10**400, 0], [1, 0], [1, 1], [10**400, 0]]]},
        {"type": "Polygon", "coordinates": [[[121.2, 31.8], [121.3, 31.8]]]},
        {"type": "Polygon", "coordinates": [[["a", "b"], [1, 0], [1, 1], ["a", "b"]]]},
        {"type": "Sphere", "coordinates": []},
        {"coordinates": [[[121.2, 31.8], [121.3, 31.8], [121.3, 31.9], [121.2, 31.8]]]},
        ["no", "geometry"],
        7,
    ]
    made = collection([feature(square_json()), *(feature(one) for one in wild), feature(None)])
    layer = formats.read(put(tmp_path / "a.geojson", made))
    assert codes(layer)["broken_geometry"] == (2, 3, 4, 5, 6, 7, 8)
    assert [geom is not None for geom in layer.geoms] == [True] + [False] * 8


def test_a_geometry_as_text_in_a_feature_is_read(tmp_path: Path) -> None:
    texts = [shapely.box(121, 31, 122, 32).wkt, json.dumps(square_json())]
    layer = formats.read(put(tmp_path / "a.json", collection([feature(text) for text in texts])))
    assert [geom.geom_type for geom in layer.geoms] == ["Polygon", "Polygon"]


def test_a_bare_array_of_features_and_nested_and_not_a_number_properties_are_read(tmp_path: Path) -> None:
    made = [feature(square_json(), a={"b": [1]}, c=float("nan"))]
    layer = formats.read(put(tmp_path / "a.json", made))
    assert layer.columns == {"a": ['{"b": [1]}'], "c": [None]}


@pytest.mark.parametrize(
    ("crs", "declared"),
    [
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}, "EPSG:4549"),
        ({"type": "EPSG", "properties": {"code": 4490}}, "EPSG:4490"),
        ({"type": "link", "properties": {"href": "http://example.com/crs"}}, None),
        ({"type": "name", "properties": {"name": "/vsicurl/http://example.com"}}, None),
        ("EPSG:4490", None),
        (None, None),
    ],
)
def test_a_crs_member_is_matched_and_never_followed(tmp_path: Path, crs: Any, declared: str | None) -> None:
    made = collection([feature(square_json())], crs=crs)
    assert formats.read(put(tmp_path / "a.geojson", made)).wkt == declared


def test_a_topology_is_put_together_and_its_objects_are_layers(tmp_path: Path) -> None:
    path = put(tmp_path / "t.topojson", text_files.topology())
    layer = formats.read(path, layer="村界")
    assert layer.layers == ("村界", "河")
    assert layer.columns == {"id": ["a", None, None], "村名": list(VILLAGES[:3]), "户数": [12, None, None]}
    first, second, nothing = layer.geoms
    assert first.equals(
        shapely.box(121.2, 31.8, 121.21, 31.81).difference(shapely.box(121.202, 31.802, 121.204, 31.804))
    ) or first.symmetric_difference(shapely.box(121.2, 31.8, 121.21, 31.81)).area == pytest.approx(4e-6)
    assert second.area == pytest.approx(1e-4)
    assert nothing is None
    assert formats.read(path, layer="河").geoms[0].geom_type == "LineString"


def test_a_topology_in_a_json_file_is_known_by_its_content(tmp_path: Path) -> None:
    made = text_files.topology()
    del made["objects"]["河"]
    assert formats.read(put(tmp_path / "t.json", made)).format == "topojson"


@pytest.mark.parametrize("number", [4, -6, 10**9, 1.5, "0", True])
def test_an_arc_that_is_not_there_refuses_the_topology(tmp_path: Path, number: Any) -> None:
    made = text_files.topology()
    made["objects"]["村界"]["geometries"][0]["arcs"][0][1] = number
    path = put(tmp_path / "t.topojson", made)
    assert refusal(path, layer="村界") == "topojson_broken"


def test_a_small_topology_that_grows_beyond_all_bounds_is_refused(tmp_path: Path) -> None:
    made = text_files.topology()
    made["objects"]["村界"]["geometries"] *= 500
    path = put(tmp_path / "t.topojson", made)
    assert refusal(path, layer="村界", limits=formats.Limits(vertices=2000)) == "too_many_vertices"


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    deep = '{"type":"GeometryCollection","geometries":[' * 30_000
    for name in ("a.geojson", "a.geojsonl"):
        assert refusal(put(tmp_path / name, deep)) in ("json_too_deep", "content_mismatch")
