"""A boundary file checked on its own, as `getu check` does it; nothing is stored."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.errors import NeedsAnswer, RefusedFile
from app.models.ground import FINDING_KINDS
from app.spatial import formats
from app.territory.boundaries import ImportOptions
from app.territory.ground import CHECKS, GROUND_CHECKS, check_file
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
    assert report.keys() == {"findings", "counts", "frame_km2"}
    assert report["counts"]["overlap"] == 2
    assert report["counts"]["gap"] == 1
    assert report["counts"].keys() == {check.kind for check in GROUND_CHECKS}
    assert report["frame_km2"] == pytest.approx(0.1258, rel=0.01)
    finding = report["findings"][0]
    assert finding.keys() == {"kind", "codes", "area_m2", "width_m", "geometry", "customers"}
    assert (finding["codes"], finding["geometry"]["type"]) == (["A", "C"], "Polygon")
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
