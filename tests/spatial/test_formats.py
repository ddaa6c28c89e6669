"""Sound files come in as they are, and what we write comes in again unchanged."""

import json
import resource
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from app.errors import BadInput, NeedsAnswer
from app.spatial import crs, formats
from tests.samples import boundary_files as samples

WRITINGS: list[dict[str, Any]] = [
    {"format": "shapefile", "crs": "EPSG:4549"},
    {"format": "shapefile", "crs": "EPSG:4528", "encoding": "utf-8"},
    {"format": "shapefile", "crs": "EPSG:4490"},
    {"format": "geopackage", "crs": "EPSG:4549"},
    {"format": "geopackage"},
    {"format": "geojson"},
    {"format": "geojson", "crs": "EPSG:3857"},
]
SUFFIX = {"shapefile": ".zip", "geopackage": ".gpkg", "geojson": ".geojson"}
# Read for whoever still has them, never written: their tests are in test_formats_gdal.py.


@pytest.mark.parametrize("how", WRITINGS, ids=lambda how: "-".join(how.values()).replace(":", ""))
def test_what_goes_out_comes_in_again_unchanged(tmp_path: Path, how: dict[str, Any]) -> None:
    columns, geoms = samples.village_columns(), samples.village_squares()
    path = formats.write(tmp_path / f"villages{SUFFIX[how['format']]}", columns, geoms, **how)
    layer = formats.read(path)
    used = crs.detect(crs.bounds_of(layer.geoms), declared_wkt=layer.wkt).settled()
    back = crs.to_storage(layer.geoms, used)
    assert used == ("EPSG:4326" if how.get("crs", "EPSG:4490") == "EPSG:4490" else how["crs"])
    assert layer.columns == columns
    assert layer.rows.tolist() == list(range(1, 10))
    assert layer.format == how["format"]
    assert shapely.hausdorff_distance(back, geoms).max() < 1e-9
    assert np.allclose(crs.area_m2(back), crs.area_m2(geoms))


@pytest.mark.parametrize("kind", formats.FORMATS, ids=lambda kind: kind.key)
def test_every_format_says_what_it_is(kind: formats.Format) -> None:
    assert kind.title_zh
    assert kind.title_en
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in kind.suffixes)
    assert not kind.sniff(b"<OGRVRTDataSource>")


@pytest.mark.parametrize("suffix", [".zip", ".geojson"])
def test_equal_input_gives_equal_bytes(tmp_path: Path, suffix: str) -> None:
    one, other = (
        formats.write(tmp_path / name / f"a{suffix}", samples.village_columns(), samples.village_squares())
        for name in ("x", "y")
        if (tmp_path / name).mkdir() is None
    )
    assert one.read_bytes() == other.read_bytes()


def test_a_null_geometry_keeps_its_row(tmp_path: Path) -> None:
    geoms = samples.village_squares()
    geoms[4] = None
    for suffix in SUFFIX.values():
        layer = formats.read(formats.write(tmp_path / f"a{suffix}", samples.village_columns(), geoms))
        assert [geom is None for geom in layer.geoms] == [i == 4 for i in range(9)]
        assert layer.columns["村名"] == samples.village_columns()["村名"]


def test_loose_parts_beside_each_other_and_a_folder_of_them_are_read(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path, crs="EPSG:4549")
    folder = tmp_path / "loose"
    folder.mkdir()
    for suffix, data in parts.items():
        (folder / f"Village{suffix.upper()}").write_bytes(data)
    for path in (folder / "Village.SHP", folder):
        layer = formats.read(path)
        assert layer.columns == samples.village_columns()
        assert layer.wkt is not None
        assert layer.name == "Village"
    assert sorted(child.suffix for child in folder.iterdir()) == [".CPG", ".DBF", ".PRJ", ".SHP", ".SHX"]


def test_upper_case_suffixes_in_a_folder_of_a_zip_and_mac_rubbish_beside(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    members = {f"data/VILLAGE{suffix.upper()}": data for suffix, data in parts.items()}
    path = samples.pack(tmp_path / "UP.ZIP", members | {"__MACOSX/data/._VILLAGE.SHP": b"\0\5\26\7"})
    layer = formats.read(path)
    assert (layer.name, layer.layers, len(layer.geoms)) == ("VILLAGE", ("VILLAGE",), 9)


def test_member_names_in_gbk_as_windows_writes_them_are_readable(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    members = {f"海门村界{suffix}": data for suffix, data in parts.items()}
    layer = formats.read(samples.pack_as_windows(tmp_path / "win.zip", members))
    assert layer.name == "海门村界"
    assert layer.columns == samples.village_columns()


def test_several_layers_are_a_question_and_a_name_answers_it(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    both = {f"{stem}{suffix}": data for stem in ("村界", "镇界") for suffix, data in parts.items()}
    path = samples.pack(tmp_path / "two.zip", both)
    with pytest.raises(NeedsAnswer) as caught:
        formats.read(path)
    assert caught.value.code == "several_layers"
    options = caught.value.facts["questions"][0]["options"]
    assert [option["value"] for option in options] == ["村界", "镇界"]
    assert formats.read(path, layer="镇界").name == "镇界"
    with pytest.raises(NeedsAnswer) as caught:
        formats.read(path, layer="县界")
    assert caught.value.code == "unknown_layer"


def test_the_layers_of_a_geopackage_are_named_and_tables_without_shapes_are_none(tmp_path: Path) -> None:
    import pyogrio.raw

    path = formats.write(tmp_path / "two.gpkg", samples.village_columns(), samples.village_squares())
    points = shapely.to_wkb(shapely.points([[121.2, 31.8]]))
    pyogrio.raw.write(
        path,
        points,
        [],
        [],
        layer="outlets",
        driver="GPKG",
        geometry_type="Point",
        crs="EPSG:4490",
        append=True,
    )
    taken = formats.read(path)
    assert (taken.name, taken.layers) == ("two", ("two", "outlets"))
    assert formats.read(path, layer="outlets").geoms[0].geom_type == "Point"


def test_a_zip_may_hold_a_geojson_or_a_geopackage(tmp_path: Path) -> None:
    for suffix in (".geojson", ".gpkg"):
        inner = formats.write(
            tmp_path / f"inner{suffix}", samples.village_columns(), samples.village_squares()
        )
        path = samples.pack(tmp_path / f"outer{suffix}.zip", {inner.name: inner.read_bytes()})
        assert formats.read(path).columns == samples.village_columns()


def test_an_upload_without_suffix_is_known_by_its_content(tmp_path: Path) -> None:
    for suffix in SUFFIX.values():
        whole = formats.write(tmp_path / f"a{suffix}", samples.village_columns(), samples.village_squares())
        bare = tmp_path / "spooled"
        shutil.copy(whole, bare)
        assert formats.read(bare).columns == samples.village_columns()


def test_a_shapefile_without_table_or_index_still_gives_its_shapes(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    layer = formats.read(samples.pack(tmp_path / "bare.zip", {"a.shp": parts[".shp"]}))
    assert (len(layer.geoms), layer.columns, layer.wkt) == (9, {}, None)
    assert [note.code for note in layer.warnings] == ["no_table"]


def test_a_wrong_index_is_not_believed(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    members = {"a.shp": parts[".shp"], "a.dbf": parts[".dbf"], "a.shx": parts[".shx"][:120]}
    assert len(formats.read(samples.pack(tmp_path / "a.zip", members)).geoms) == 9


def test_rows_marked_as_deleted_are_left_out_and_said_with_their_numbers(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    table = bytearray(parts[".dbf"])
    header, record = int.from_bytes(table[8:10], "little"), int.from_bytes(table[10:12], "little")
    table[header + 2 * record] = ord("*")
    layer = formats.read(samples.pack(tmp_path / "a.zip", {"a.shp": parts[".shp"], "a.dbf": bytes(table)}))
    assert layer.rows.tolist() == [1, 2, 4, 5, 6, 7, 8, 9]
    assert [(note.code, note.rows) for note in layer.warnings] == [("rows_deleted", (3,))]
    assert layer.geoms[2].equals(samples.village_squares()[3])


def test_geojson_keeps_types_nested_values_and_impossible_geometry_apart(tmp_path: Path) -> None:
    features = [
        samples.feature(samples.square_json(), code="001", n=1, tags=["a", {"b": 1}]),
        samples.feature({"type": "Polygon", "coordinates": "rubbish"}, code="002", ok=True),
        samples.feature(None, code="003", n=2.5),
        samples.feature(
            {"type": "Polygon", "coordinates": [[[121, 31], [122, 31], [122, 32], [121, 32]]]}, code="4"
        ),
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(samples.collection(features)))
    layer = formats.read(path)
    assert layer.columns["code"] == ["001", "002", "003", "4"]
    assert layer.columns["n"] == [1, None, 2.5, None]
    assert layer.columns["tags"][0] == '["a", {"b": 1}]'
    assert [geom is None for geom in layer.geoms] == [False, True, True, False]
    told = [(note.code, note.rows) for note in layer.warnings]
    assert told == [("broken_geometry", (2,)), ("rings_closed", (4,))]
    assert layer.geoms[3].is_valid


def test_infinite_and_missing_numbers_come_in_as_they_are_for_the_repair_to_reject(tmp_path: Path) -> None:
    path = tmp_path / "nan.geojson"
    square = samples.square_json()
    square["coordinates"][0][2][1] = float("nan")
    path.write_text(json.dumps(samples.collection([samples.feature(square, v=float("inf"))])))
    layer = formats.read(path)
    assert layer.columns == {"v": [None]}
    assert not np.isfinite(shapely.get_coordinates(layer.geoms)).all()


@pytest.mark.parametrize(
    ("name", "wkt"),
    [
        ("urn:ogc:def:crs:EPSG::4549", "EPSG:4549"),
        ("EPSG:4490", "EPSG:4490"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("/vsicurl/http://127.0.0.1/x", None),
    ],
)
def test_the_crs_member_of_a_geojson_is_matched_and_never_resolved(
    tmp_path: Path, name: str, wkt: str | None
) -> None:
    path = tmp_path / "a.geojson"
    crs_member = {"type": "name", "properties": {"name": name}}
    path.write_text(json.dumps(samples.collection([samples.feature(samples.square_json())], crs=crs_member)))
    assert formats.read(path).wkt == wkt


def test_the_shifted_systems_of_web_maps_go_out_and_come_back(tmp_path: Path) -> None:
    geoms = samples.village_squares()
    for system in ("gcj02", "bd09"):
        path = formats.write(tmp_path / "a.zip", samples.village_columns(), geoms, crs=system)
        with zipfile.ZipFile(path) as archive:
            assert not [name for name in archive.namelist() if name.endswith(".prj")]
        back = crs.to_storage(formats.read(path).geoms, system)
        assert shapely.hausdorff_distance(back, geoms).max() < 1e-9


def test_an_unknown_output_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        formats.write(tmp_path / "a.xyz", samples.village_columns(), samples.village_squares(), format="pdf")


def test_a_small_file_costs_less_than_two_and_a_half_seconds_with_its_process(tmp_path: Path) -> None:
    path = formats.write(tmp_path / "a.zip", samples.village_columns(), samples.village_squares())
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    formats.read(path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2.5
