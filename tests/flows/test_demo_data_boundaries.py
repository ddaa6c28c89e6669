"""The committed borders of the demo bank: what is promised of them holds in the files themselves."""

import hashlib
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from demo.boundaries import BOUNDARIES, draw_ground, write_boundaries
from demo.places import TOWNS, clean_name, find_kind, list_units, read_places


def open_layer(name: str, folder: Path) -> gpd.GeoDataFrame:
    """Unpack a zip by hand (its names are GBK without a mark) and read it as GBK."""
    with zipfile.ZipFile(BOUNDARIES / name) as archive:
        for member in archive.infolist():
            (folder / ("layer" + member.filename[-4:])).write_bytes(archive.read(member))
    return gpd.read_file(folder / "layer.shp", encoding="GBK")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the generator has filled anew."""
    folder = tmp_path_factory.mktemp("drawn")
    write_boundaries(folder)
    return folder


@pytest.fixture
def villages(tmp_path: Path) -> gpd.GeoDataFrame:
    return open_layer("haimen_villages.zip", tmp_path)


def polygons(layer: gpd.GeoDataFrame) -> NDArray[np.object_]:
    return np.asarray(layer.geometry.values, dtype=object)


def test_every_village_and_community_of_the_list_has_one_polygon(villages: gpd.GeoDataFrame) -> None:
    units = list_units(read_places())
    assert {u.code: u.name for u in units} == dict(
        zip(villages["行政村代码"], villages["行政村名称"], strict=True)
    )
    assert Counter(villages["类型"]) == {"行政村": 230, "社区": 66}
    assert set(villages["乡镇名称"]) == set(TOWNS.values())
    assert set(villages["synthetic"]) == {"是"}
    assert villages.crs.to_epsg() == 4549


def test_the_villages_tile_the_frame_without_gap_or_overlap(
    villages: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    frame = open_layer("haimen_frame.zip", tmp_path).geometry.iloc[0]
    shapes = polygons(villages)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert len(shapely.get_parts(frame)) == 2
    assert shapely.area(shapes).sum() == pytest.approx(frame.area, abs=1e-3)
    assert shapely.symmetric_difference(shapely.coverage_union_all(shapes), frame).area == 0
    assert 1_050e6 < frame.area < 1_200e6


def test_the_tiling_survives_storage_at_seven_decimals_of_a_degree(villages: gpd.GeoDataFrame) -> None:
    stored = shapely.transform(polygons(villages.to_crs(4326)), lambda xy: np.round(xy, 7))
    assert shapely.is_valid(stored).all()
    assert shapely.coverage_is_valid(stored)
    west, south, east, north = shapely.total_bounds(stored)
    assert 121.0 < west < east < 121.6
    assert 31.6 < south < north < 32.15


def test_every_town_is_one_part_and_the_island_is_the_town_of_haiyong(villages: gpd.GeoDataFrame) -> None:
    towns = villages.dissolve("乡镇名称")
    assert set(towns.geometry.geom_type) == {"Polygon"}
    rest = shapely.union_all(polygons(towns.drop("海永镇")))
    assert towns.geometry["海永镇"].distance(rest) > 1000


def test_every_market_lies_wholly_inside_one_village(villages: gpd.GeoDataFrame, tmp_path: Path) -> None:
    markets = open_layer("haimen_markets.zip", tmp_path)
    assert set(markets["类型"]) == {"市场", "商圈", "园区"}
    assert len(markets) >= 12
    hosts = villages.set_index("行政村代码").geometry
    for plot, host in zip(markets.geometry, markets["所在村"], strict=True):
        assert hosts[host].contains(plot)


def find_overlaps(shapes: NDArray[np.object_]) -> dict[tuple[int, int], float]:
    """Every pair of polygons that share ground, by plain overlay."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = [(int(i), int(j)) for i, j in zip(one, other, strict=True) if i < j]
    areas = {pair: shapely.intersection(shapes[pair[0]], shapes[pair[1]]).area for pair in pairs}
    return {pair: area for pair, area in areas.items() if area > 0.01}


def draft_truth() -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = json.loads(
        (BOUNDARIES / "draft_2027.truth.json").read_text(encoding="utf-8")
    )["faults"]
    return facts


def test_the_draft_overlaps_where_its_truth_says_and_nowhere_else(tmp_path: Path) -> None:
    layer = open_layer("draft_2027.zip", tmp_path)
    codes = layer["行政村代码"].tolist()
    found = {frozenset((codes[i], codes[j])): area for (i, j), area in find_overlaps(polygons(layer)).items()}
    truth = {
        frozenset(fact["codes"]): fact["area_m2"]
        for fact in draft_truth()
        if fact["kind"] in {"overlap", "nested", "duplicate"}
    }
    assert found.keys() == truth.keys()
    assert all(found[pair] == pytest.approx(area, abs=0.1) for pair, area in truth.items())


def test_the_draft_leaves_open_what_its_truth_says_and_nothing_else(tmp_path: Path) -> None:
    layer = open_layer("draft_2027.zip", tmp_path)
    frame = open_layer("haimen_frame.zip", tmp_path).geometry.iloc[0]
    holes = shapely.get_parts(frame.difference(shapely.union_all(polygons(layer))))
    found = sorted(hole.area for hole in holes if hole.area > 0.01)
    truth = sorted(fact["area_m2"] for fact in draft_truth() if fact["kind"] in {"gap", "sliver"})
    assert found == pytest.approx(truth, abs=0.1)
    missing = next(fact for fact in draft_truth() if fact.get("missing"))
    assert max(holes, key=lambda hole: hole.area).distance(frame.boundary) == 0, missing["names"]


def test_the_files_are_as_offices_send_them_gbk_without_any_mark() -> None:
    for path in BOUNDARIES.glob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            assert {m.filename[-4:] for m in members} == {".shp", ".shx", ".dbf", ".prj"}
            assert not any(m.flag_bits & 0x800 for m in members)
            assert "20" in members[0].filename.encode("cp437").decode("gbk")
            table = archive.read(next(m for m in members if m.filename.endswith(".dbf")))
            assert table[29] == 0
            assert "示意".encode("gbk") in table
    assert sum(path.stat().st_size for path in BOUNDARIES.iterdir()) < 1_500_000


def test_the_same_seed_draws_the_same_bytes_and_another_seed_does_not(drawn: Path, tmp_path: Path) -> None:
    def digest(folder: Path) -> dict[str, str]:
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}

    write_boundaries(tmp_path / "again")
    write_boundaries(tmp_path / "other", seed=7)
    first, other = digest(drawn), digest(tmp_path / "other")
    assert first == digest(tmp_path / "again")
    assert len(first) == 5
    assert all(first[name] != told for name, told in other.items())


def test_the_generator_still_draws_the_committed_ground(villages: gpd.GeoDataFrame) -> None:
    # Not byte by byte: another processor may round the last bit of a sine the other way.
    ground = draw_ground()
    for code, shape in zip(villages["行政村代码"], villages.geometry, strict=True):
        assert ground.shape(code).symmetric_difference(shape).area < 0.001 * shape.area


def test_names_of_committees_become_names_of_places() -> None:
    assert clean_name("颐生村村委会") == "颐生村"
    assert clean_name("通江街居委会") == "通江街社区"
    assert clean_name("东风新村社区居委会") == "东风新村社区"
    assert clean_name("南通市海门区棉花场社区") == "棉花场社区"
    assert clean_name("海南社区居委会") == "海南社区"
    assert find_kind("海门市农科所虚拟生活区") == "virtual"


def test_the_committed_slice_has_the_counts_of_the_real_county() -> None:
    places = read_places()
    assert Counter(p.kind for p in places) == {"county": 1, "town": 12, "village": 230, "community": 66}
    assert len({p.name for p in places}) == len(places)
    assert all(p.code_source == "NBS 2023" for p in places if p.level == "village")


def test_the_generator_still_makes_the_faults_of_the_committed_draft(drawn: Path) -> None:
    faults = json.loads((drawn / "draft_2027.truth.json").read_text(encoding="utf-8"))["faults"]
    for fault, committed in zip(faults, draft_truth(), strict=True):
        assert (fault["kind"], fault["codes"]) == (committed["kind"], committed["codes"])
        assert fault["area_m2"] == pytest.approx(committed["area_m2"], rel=0.01)
