"""Boundary files come in as units, or are refused or questioned with nothing stored."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy.orm import Session

from app.clock import today
from app.models import ImportRun, Unit
from app.spatial import formats
from app.territory.boundaries import ImportOptions, ImportReport, import_boundaries, undo_import
from app.territory.outlines import find_frame
from tests.ground import Ground, lay
from tests.samples import boundary_files as samples
from tests.samples import gdal_files as made

GROUND = lay("AABB\nAACC", cell=0.01)
NAMES = {"A": "甲村", "B": "乙社区", "C": "丙村"}
KEYS = {
    *("status", "features", "rejected", "encoding", "crs", "warnings", "questions", "layers", "import_id"),
    *("format", "repairs", "columns", "preview"),
}


def columns_of(ground: Ground, **more: list[Any]) -> dict[str, list[Any]]:
    """The columns of a village file as banks send them."""
    return {"行政村代码": list(ground.names), "行政村名称": [NAMES[name] for name in ground.names], **more}


def write(folder: Path, *, name: str = "villages.zip", ground: Ground = GROUND, **how: Any) -> Path:
    """A village file of a drawn ground; `columns` and how to write it may be given."""
    columns = how.pop("columns", None) or columns_of(ground)
    return formats.write(folder / name, columns, ground.polygons, **how)


def load(work: Session, path: Path, **options: Any) -> ImportReport:
    """Import a file."""
    return import_boundaries(work, path, options=ImportOptions(**options))


def units(work: Session) -> dict[str, Unit]:
    """The units that stand, by code."""
    day = today()
    return {u.code: u for u in work.query(Unit).filter(Unit.valid.contains(day)).populate_existing()}


def test_a_gbk_shapefile_in_a_three_degree_zone_becomes_units(work: Session, tmp_path: Path) -> None:
    path = write(tmp_path, columns=columns_of(GROUND, 户数=[310, 20, 5]), crs="EPSG:4549", encoding="gbk")
    report = load(work, path)
    assert report.as_json().keys() == KEYS
    assert (report.status, report.features, report.rejected) == ("imported", 3, [])
    assert (report.encoding["name"], report.crs["used"], report.crs["how"]) == (
        "gbk",
        "EPSG:4549",
        "declared",
    )
    stored = units(work)
    assert [(u.name, u.kind, u.households) for u in stored.values()] == [
        ("甲村", "village", 310),
        ("乙社区", "community", 20),
        ("丙村", "village", 5),
    ]
    shape = shapely.from_wkb(bytes(stored["A"].geom.data))
    assert shapely.hausdorff_distance(shape, GROUND["A"]) < 2e-7
    assert stored["A"].area_m2 == pytest.approx(4 * 946 * 1109, rel=0.01)


@pytest.mark.parametrize("name", ["villages.gpkg", "villages.geojson", "villages.zip"])
def test_each_format_brings_the_same_units(work: Session, tmp_path: Path, name: str) -> None:
    columns = {"代码": list("ABC"), "名称": [NAMES[name] for name in "ABC"]}
    report = load(work, write(tmp_path, name=name, columns=columns, encoding="utf-8"))
    assert (report.status, sorted(units(work))) == ("imported", ["A", "B", "C"])


def test_the_same_file_twice_is_recognised_and_doubles_nothing(work: Session, tmp_path: Path) -> None:
    path = write(tmp_path)
    first, second = load(work, path), load(work, path)
    assert second.import_id == first.import_id
    assert second.warnings[-1].code == "already_imported"
    assert work.query(Unit).count() == 3
    assert work.query(ImportRun).count() == 1


def test_a_table_of_several_files_is_known_by_all_of_them_not_by_its_header_alone(
    work: Session, tmp_path: Path
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    squares = samples.village_squares()
    made.tab_parts(before)
    made.tab_parts(after, geoms=shapely.transform(squares, lambda xy: xy + 0.001))
    assert (before / "a.tab").read_bytes() == (after / "a.tab").read_bytes()
    first, second = load(work, before / "a.tab"), load(work, after / "a.tab")
    assert (first.status, second.status) == ("imported", "imported")
    assert second.import_id != first.import_id, "other borders under the same header are another file"
    assert load(work, after / "a.tab").import_id == second.import_id


def test_a_newer_file_ends_the_units_of_the_same_code(work: Session, tmp_path: Path) -> None:
    load(work, write(tmp_path), valid_from="2026-01-01")
    moved = GROUND.with_shape("A", GROUND["A"].union(GROUND["B"])).without("B")
    load(work, write(tmp_path, name="new.zip", ground=moved), valid_from="2026-06-01")
    old = [u for u in work.query(Unit).populate_existing() if u.code == "A" and u.valid.upper is not None]
    assert [str(u.valid.upper) for u in old] == ["2026-06-01"]
    assert sorted(units(work)) == ["A", "B", "C"]


def test_an_import_can_be_undone_and_what_it_ended_stands_again(work: Session, tmp_path: Path) -> None:
    load(work, write(tmp_path), valid_from="2026-01-01")
    moved = GROUND.with_shape("A", GROUND["A"].union(GROUND["B"])).without("B")
    second = load(work, write(tmp_path, name="new.zip", ground=moved), valid_from="2026-01-01")
    undone = undo_import(work, int(second.import_id or 0))
    assert (undone.removed, undone.restored) == (2, 2)
    stored = units(work)
    assert sorted(stored) == ["A", "B", "C"]
    assert shapely.from_wkb(bytes(stored["A"].geom.data)).equals(GROUND["A"])


def test_a_dry_run_reports_and_stores_nothing(work: Session, tmp_path: Path) -> None:
    report = load(work, write(tmp_path), dry_run=True)
    assert (report.features, report.warnings[-1].code) == (3, "dry_run")
    assert work.query(Unit).count() == work.query(ImportRun).count() == 0


def test_columns_nobody_knows_are_asked_for_and_the_answer_is_followed(work: Session, tmp_path: Path) -> None:
    columns = {"F1": list("ABC"), "F2": ["甲", "乙", "丙"]}
    path = write(tmp_path, columns=columns)
    report = load(work, path)
    assert report.status == "needs_answer"
    assert {q.code: q.options for q in report.questions} == {
        "field_unit_name": ("F1", "F2"),
        "field_unit_code": ("F1", "F2", "@row"),
    }
    assert work.query(Unit).count() == work.query(ImportRun).count() == 0
    answered = load(work, path, answers={"field_unit_name": "F2", "field_unit_code": "@row"})
    assert (answered.status, sorted(units(work))) == ("imported", ["1", "2", "3"])


def test_coordinates_that_two_systems_explain_are_asked_for(work: Session, tmp_path: Path) -> None:
    path = write(tmp_path, crs="EPSG:4549")
    bare = strip_declaration(path)
    report = load(work, bare)
    assert report.status == "needs_answer"
    assert report.questions[0].code == "crs_ambiguous"
    assert "EPSG:4549" in report.questions[0].options
    assert load(work, bare, answers={"crs_ambiguous": "EPSG:4549"}).crs["how"] == "asked"


def test_known_ground_tells_the_system_that_the_file_does_not(work: Session, tmp_path: Path) -> None:
    load(
        work, formats.write(tmp_path / "frame.zip", {"名称": ["界"]}, np.array([GROUND.frame])), kind="frame"
    )
    report = load(work, strip_declaration(write(tmp_path, crs="EPSG:4549")))
    assert (report.status, report.crs["used"], report.crs["how"]) == ("imported", "EPSG:4549", "inferred")


def test_a_wrong_system_is_a_question_not_an_import_elsewhere(work: Session, tmp_path: Path) -> None:
    load(
        work, formats.write(tmp_path / "frame.zip", {"名称": ["界"]}, np.array([GROUND.frame])), kind="frame"
    )
    path = write(tmp_path, crs="EPSG:4549")
    report = load(work, path, crs="EPSG:4548")
    assert report.status == "needs_answer"
    assert sorted(units(work)) == ["frame"]
    assert load(work, path, crs="EPSG:9999").rejected[0].reason == "unknown_crs"


def strip_declaration(path: Path) -> Path:
    """The same shapefile without its .prj."""
    bare = path.with_name("bare.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bare, "w") as new:
        for name in old.namelist():
            if not name.endswith(".prj"):
                new.writestr(name, old.read(name))
    return bare


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.zip", b"", "empty_file"),
        ("photo.zip", b"\x89PNG\r\n\x1a\n" + bytes(200), "picture"),
        ("notes.geojson", b'{"type": "Topology"}', "not_geojson"),
    ],
)
def test_a_wrong_file_is_refused_with_its_reason(
    work: Session, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    report = load(work, tmp_path / name)
    assert (report.status, report.rejected[0].reason) == ("rejected", reason)
    assert " / " in report.rejected[0].message
    assert work.query(Unit).count() == work.query(ImportRun).count() == 0


def test_a_truncated_zip_is_refused_and_stores_nothing(work: Session, tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_bytes(path.read_bytes()[:-300])
    report = load(work, path)
    assert (report.status, report.rejected[0].reason) == ("rejected", "archive_broken")
    assert work.query(Unit).count() == 0


def test_a_missing_file_and_an_unknown_kind_are_refused(work: Session, tmp_path: Path) -> None:
    assert load(work, tmp_path / "none.zip").rejected[0].reason == "file_missing"
    assert load(work, write(tmp_path), kind="parish").rejected[0].reason == "unknown_kind"


def test_bad_rows_are_listed_and_the_good_ones_go_in(work: Session, tmp_path: Path) -> None:
    shapes = np.array([GROUND["A"], None, GROUND["C"], shapely.box(0, 0, 0.01, 0.01)], dtype=object)
    columns = {"代码": ["A", "B", "C", "D"], "名称": ["甲村", "乙村", "", "丁村"]}
    report = load(work, formats.write(tmp_path / "v.geojson", columns, shapes))
    assert report.status == "imported"
    assert [(bad.row, bad.reason) for bad in report.rejected] == [
        (2, "no_geometry"),
        (3, "no_name"),
        (4, "far_away"),
    ]
    assert sorted(units(work)) == ["A"]


def test_a_mend_that_changes_much_is_a_question(work: Session, tmp_path: Path) -> None:
    bow = shapely.Polygon([(121.2, 31.9), (121.21, 31.91), (121.21, 31.9), (121.2, 31.91)])
    path = formats.write(
        tmp_path / "v.geojson", {"代码": ["A", "B"], "名称": ["甲", "乙"]}, np.array([GROUND["A"], bow])
    )
    report = load(work, path)
    assert (report.status, report.questions[0].options) == ("needs_answer", ("accept", "leave_out"))
    assert work.query(Unit).count() == 0
    left = load(work, path, answers={"repair_changes_area": "leave_out"})
    assert (left.features, left.rejected[0].row) == (1, 2)


def test_markets_are_typed_by_their_column(work: Session, tmp_path: Path) -> None:
    columns = columns_of(GROUND, 类型=["市场", "商圈", "园区"])
    load(work, write(tmp_path, columns=columns), kind="market")
    assert [u.kind for u in units(work).values()] == ["market", "district", "park"]


def test_a_file_of_mixed_kinds_must_say_what_each_row_is(work: Session, tmp_path: Path) -> None:
    columns = {"代码": list("ABC"), "名称": ["甲村", "海门镇", "乙区块"], "类型": ["行政村", "乡镇", "其他"]}
    report = load(work, write(tmp_path, columns=columns), kind="any")
    assert [u.kind for u in units(work).values()] == ["village", "town"]
    assert [(bad.row, bad.reason) for bad in report.rejected] == [(3, "unknown_kind")]


def test_a_frame_of_several_parts_without_codes_is_one_frame(work: Session, tmp_path: Path) -> None:
    parts = lay("AA BB\nAA BB", cell=0.01)
    path = formats.write(tmp_path / "frame.zip", {"备注": ["陆地", "岛"]}, parts.polygons)
    assert load(work, path, kind="frame").features == 2
    frame = find_frame(work)
    assert frame is not None
    assert shapely.hausdorff_distance(frame, parts.frame) < 2e-7


def test_towns_are_named_by_their_own_columns(work: Session, tmp_path: Path) -> None:
    columns = {
        "乡镇代码": ["301", "302", "303"],
        "乡镇名称": ["甲镇", "乙镇", "丙街道"],
        "县名": ["海门"] * 3,
    }
    load(work, write(tmp_path, columns=columns), kind="town")
    assert [(u.code, u.name, u.kind) for u in units(work).values()] == [
        ("301", "甲镇", "town"),
        ("302", "乙镇", "town"),
        ("303", "丙街道", "town"),
    ]


def test_a_code_kept_as_a_number_has_no_decimals(work: Session, tmp_path: Path) -> None:
    columns = {"代码": [320614001201.0, 320614001202.0, 320614001203.0], "名称": ["甲村", "乙村", "丙村"]}
    load(work, write(tmp_path, name="v.gpkg", columns=columns))
    assert sorted(units(work)) == ["320614001201", "320614001202", "320614001203"]


def test_several_layers_are_asked_for(work: Session, tmp_path: Path) -> None:
    one, two = write(tmp_path, name="one.zip"), write(tmp_path, name="two.zip")
    both = tmp_path / "both.zip"
    with zipfile.ZipFile(both, "w") as target:
        for source in (one, two):
            with zipfile.ZipFile(source) as archive:
                for name in archive.namelist():
                    target.writestr(name, archive.read(name))
    report = load(work, both)
    assert (report.status, report.questions[0].code) == ("needs_answer", "several_layers")
    assert load(work, both, layer="two").status == "imported"
