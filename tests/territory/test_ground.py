"""A boundary file checked on its own, as `getu check` does it; nothing is stored."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.errors import BadInput, NeedsAnswer, RefusedFile
from app.models.ground import FINDING_KINDS
from app.spatial import formats
from app.territory.boundaries import ImportOptions
from app.territory.ground import CHECKS, GROUND_CHECKS, Bounds, FileCheck, check_file, write_findings
from tests.ground import Ground, lay

DRAFT = Path("data/boundaries/draft_2027.zip")
FRAME = Path("data/boundaries/haimen_frame.zip")


def write(path: Path, ground: Ground) -> Path:
    """A village file of a drawn ground."""
    return formats.write(path, {"代码": list(ground.names)}, ground.polygons)


def write_frame(path: Path, ground: Ground) -> Path:
    """A frame file of a drawn ground."""
    return formats.write(path, {"名称": ["界"]}, np.array([ground.frame], dtype=object))


def test_every_kind_of_finding_the_database_knows_has_a_check() -> None:
    assert {check.kind for check in CHECKS} == set(FINDING_KINDS.replace("'", "").split(","))
    assert all(check.label.zh and check.why_zh and check.why_en for check in CHECKS)


def test_a_file_is_reported_in_the_shape_of_the_contract(tmp_path: Path) -> None:
    ground = lay("AABB..\nAABB..", ".CC...\n.CC...")
    report = check_file(write(tmp_path / "v.zip", ground), write_frame(tmp_path / "f.zip", ground)).as_json()
    assert report.keys() == {"findings", "counts", "frame_km2", "notices", "notice_counts"}
    assert report["counts"]["overlap"] == 2
    assert report["counts"]["gap"] == 1
    assert report["counts"].keys() == {check.kind for check in GROUND_CHECKS}
    assert report["frame_km2"] == pytest.approx(0.1258, rel=0.01)
    finding = report["findings"][0]
    contract = {"kind", "codes", "area_m2", "width_m", "geometry", "customers"}
    assert finding.keys() == contract | {"names", "severity", "of"}
    assert (finding["codes"], finding["names"], finding["geometry"]["type"]) == (
        ["A", "C"],
        ["A", "C"],
        "Polygon",
    )
    assert json.dumps(report)


def test_a_missing_grid_is_seen_only_against_the_frame(tmp_path: Path) -> None:
    ground = lay("AABB\nAACC")
    path = write(tmp_path / "v.zip", ground.without("C"))
    assert check_file(path).as_json()["counts"]["gap"] == 0
    assert check_file(path, write_frame(tmp_path / "f.zip", ground)).as_json()["counts"]["gap"] == 1


def test_the_demo_draft_shows_exactly_the_faults_it_was_given() -> None:
    truth = json.loads(DRAFT.with_name("draft_2027.truth.json").read_text(encoding="utf-8"))
    report = check_file(DRAFT, FRAME).as_json()
    assert {kind: count for kind, count in report["counts"].items() if count} == truth["counts"]
    for fault in truth["faults"]:
        same = [f for f in report["findings"] if f["kind"] == fault["kind"]]
        areas = [f["area_m2"] for f in same]
        assert any(area == pytest.approx(fault["area_m2"], rel=0.01) for area in areas), (fault, areas)


def test_a_file_that_cannot_be_read_or_understood_is_no_empty_report(tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(RefusedFile):
        check_file(broken)
    with pytest.raises(NeedsAnswer):
        check_file(write(tmp_path / "v.zip", lay("AB")), options=ImportOptions(layer="other"))


def test_grids_in_several_parts_are_noticed_and_are_no_finding(tmp_path: Path) -> None:
    report = check_file(write(tmp_path / "v.zip", lay("ABA\nCCC"))).as_json()
    assert (report["findings"], report["notice_counts"]) == ([], {"multipart": 1})
    (notice,) = report["notices"]
    assert (notice["kind"], notice["codes"], notice["parts"]) == ("multipart", ["A"], 2)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> FileCheck:
    """A file with an overlap, a gap, a duplicate, a nested grid and a sliver of an overlap."""
    folder = tmp_path_factory.mktemp("faulty")
    ground = lay(
        "AAAABBBB\nAAAABBBB\nAA.ABBBB\nAAAACCCC", "...BBB..\n...B....", "D.......", "......E.\n......E."
    )
    thin = shapely.union(ground["B"], shapely.box(*np.add(ground["C"].bounds, (0, 0.00099, 0, 0))))
    shapes = np.array([*ground.with_shape("B", thin).polygons, ground["C"]], dtype=object)
    path = formats.write(folder / "v.zip", {"代码": [*ground.names, "F"]}, shapes)
    return check_file(path, write_frame(folder / "f.zip", ground), bounds=Bounds(min_width_m=0.03))


@pytest.mark.parametrize(
    ("bounds", "kinds"),
    [
        (Bounds(), ["overlap", "gap", "duplicate", "nested", "sliver"]),
        (Bounds(min_width_m=3.0), ["overlap", "gap", "duplicate", "nested"]),
        (Bounds(max_width_m=3.0), ["duplicate", "nested", "sliver"]),
        (Bounds(min_area_m2=15_000.0), ["overlap", "duplicate", "nested"]),
        (Bounds(max_area_m2=9_000.0), ["duplicate", "nested", "sliver"]),
        (
            Bounds(min_width_m=0.02, min_area_m2=1.0, max_area_m2=1e9),
            ["overlap", "gap", "duplicate", "nested", "sliver"],
        ),
    ],
)
def test_thresholds_cut_both_ways_and_never_hide_doubled_or_contained_grids(
    faulty: FileCheck, bounds: Bounds, kinds: list[str]
) -> None:
    assert {fault.kind for fault in faulty.faults if bounds.admit(fault)} == set(kinds)


def test_a_file_is_checked_within_thresholds(tmp_path: Path) -> None:
    path = write(tmp_path / "v.zip", lay("AABB\nA..B", "...C\n...."))
    counts = check_file(path, bounds=Bounds(max_area_m2=100.0)).as_json()["counts"]
    assert (counts["gap"], counts["nested"]) == (0, 1)


@pytest.mark.parametrize("wrong", [{"min_width_m": 2.0, "max_width_m": 1.0}, {"min_area_m2": -1.0}])
def test_thresholds_out_of_order_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput, match=r"above|0 or more"):
        Bounds(**wrong)


def test_a_frame_that_lies_elsewhere_is_refused_with_both_places(tmp_path: Path) -> None:
    path = write(tmp_path / "v.zip", lay("AB"))
    far = write_frame(tmp_path / "f.zip", lay("AB", west=118.0))
    with pytest.raises(RefusedFile) as refused:
        check_file(path, far)
    assert refused.value.code == "frame_elsewhere"
    assert refused.value.facts["frame_bounds"][0] == pytest.approx(118.0)


@pytest.mark.parametrize(
    ("geometry", "code"),
    [(None, "empty_layer"), ({"type": "Point", "coordinates": [121.2, 31.9]}, "no_areas")],
)
def test_a_file_without_rows_or_without_areas_is_refused(
    tmp_path: Path, geometry: dict[str, Any] | None, code: str
) -> None:
    path = tmp_path / "v.geojson"
    rows = [{"type": "Feature", "properties": {"代码": "1"}, "geometry": geometry}] if geometry else []
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    with pytest.raises(RefusedFile) as refused:
        check_file(path)
    assert refused.value.code == code


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".zip", ".kml", ".parquet"])
def test_findings_go_out_as_a_layer_in_every_format(faulty: FileCheck, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"faults{suffix}"
    assert write_findings(faulty, out) == len(faulty.faults)
    layer = gpd.read_parquet(out) if suffix == ".parquet" else gpd.read_file(out)
    expected = faulty.as_json()["findings"]
    assert layer["kind"].tolist() == [finding["kind"] for finding in expected]
    assert layer["codes"].tolist() == ["|".join(finding["codes"]) for finding in expected]
    assert layer["area_m2"].astype(float).tolist() == [finding["area_m2"] for finding in expected]
    assert layer["names"].astype(bool).all()
    shapes = [shapely.from_geojson(json.dumps(finding["geometry"])) for finding in expected]
    assert shapely.area(shapely.symmetric_difference(layer.geometry.to_numpy(), shapes)).max() < 1e-12


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_findings_go_out_as_a_table(faulty: FileCheck, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"faults{suffix}"
    assert write_findings(faulty, out) == len(faulty.faults)
    assert out.stat().st_size > 500


def test_nothing_found_goes_out_as_an_empty_layer_and_a_folder_that_is_not_there_is_refused(
    tmp_path: Path,
) -> None:
    checked = check_file(write(tmp_path / "v.zip", lay("AB")))
    assert write_findings(checked, tmp_path / "none.gpkg") == 0
    with pytest.raises(BadInput, match="no such folder"):
        write_findings(checked, tmp_path / "nowhere" / "none.gpkg")


def test_a_shape_that_crosses_itself_only_once_its_edges_bend_is_no_finding(tmp_path: Path) -> None:
    # The tooth's point lies 0.1 mm off a straight edge of 4 km; in degrees that edge bends by more.
    shape = shapely.Polygon(
        [(605000, 3530000), (609000, 3533000), (609000, 3526000), (607000, 3531499.9999), (605000, 3526000)]
    )
    assert shape.is_valid
    file = tmp_path / "村.gpkg"
    gpd.GeoDataFrame({"code": ["1"], "name": ["村"]}, geometry=[shape], crs=4549).to_file(file)
    assert not gpd.read_file(file).to_crs(4326).geometry.is_valid.all()
    assert [fault.kind for fault in check_file(file).faults] == []
