"""What a load would change is told before it, and an undo gives every row back as it was."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.db import Database
from app.db.connection import WORKER
from app.errors import Conflict
from app.models import Unit
from app.spatial import formats
from app.territory.boundaries import ImportOptions, ImportReport, import_boundaries, undo_import
from tests.ground import Ground, lay

BEFORE = lay("AABB\nAACC", cell=0.01)
NAMES = {"A": "甲村", "B": "乙村", "C": "丙村", "D": "丁村"}


def load(
    work: Session, folder: Path, ground: Ground, *, names: dict[str, str] | None = None, **options: Any
) -> ImportReport:
    """Import a drawn ground."""
    known = {**NAMES, **(names or {})}
    columns: dict[str, list[Any]] = {"代码": list(ground.names), "名称": [known[n] for n in ground.names]}
    path = formats.write(folder / f"{len(list(folder.iterdir()))}.gpkg", columns, ground.polygons)
    return import_boundaries(work, path, options=ImportOptions(**options))


def counts(report: ImportReport) -> tuple[int, ...]:
    """New, changed, renamed, vanished, unchanged."""
    told = report.preview or {}
    return tuple(told[key] for key in ("new", "changed", "renamed", "vanished", "unchanged"))


def dump(work: Session) -> list[Any]:
    """Every unit, every column, as the table holds it."""
    work.flush()
    return list(work.execute(text("SELECT u::text FROM unit u ORDER BY id")).scalars())


def standing(work: Session) -> list[str]:
    query = work.query(Unit.code).filter(Unit.valid.contains(today())).order_by(Unit.code)
    return [code for (code,) in query]


def test_a_first_file_is_all_new_and_the_same_ground_again_is_all_unchanged(
    work: Session, tmp_path: Path
) -> None:
    assert counts(load(work, tmp_path, BEFORE)) == (3, 0, 0, 0, 0)
    again = load(work, tmp_path, BEFORE, dry_run=True, code_source="bank", valid_from=str(today()))
    assert counts(again) == (0, 0, 0, 0, 3)
    turned = dataclasses.replace(BEFORE, polygons=shapely.reverse(BEFORE.polygons))
    assert counts(load(work, tmp_path, turned, dry_run=True)) == (0, 0, 0, 0, 3), "another first corner"


def test_changed_renamed_new_and_vanished_units_are_told_apart(work: Session, tmp_path: Path) -> None:
    load(work, tmp_path, BEFORE, valid_from="2026-01-01")
    after = lay("AABB\nAABD", cell=0.01)
    report = load(work, tmp_path, after, names={"A": "新甲村"}, dry_run=True)
    assert counts(report) == (1, 1, 1, 1, 0)
    told = (report.preview or {})["units"]
    (grown,) = told["changed"]
    assert (grown["code"], grown["area_change_percent"]) == ("B", pytest.approx(50, abs=0.1))
    assert told["renamed"][0]["former_name"] == "甲村"
    assert told["vanished"] == [{"code": "C", "name": "丙村", "kind": "village"}]
    assert [unit["code"] for unit in told["new"]] == ["D"]
    assert standing(work) == ["A", "B", "C"]


def test_a_file_of_another_ground_or_source_makes_nothing_vanish(work: Session, tmp_path: Path) -> None:
    load(work, tmp_path, BEFORE)
    far = lay("....D\n....D", cell=0.01)
    assert counts(load(work, tmp_path, far, dry_run=True)) == (1, 0, 0, 0, 0)
    assert counts(load(work, tmp_path, far, dry_run=True, code_source="other")) == (1, 0, 0, 0, 0)


def test_a_merger_keeps_history_and_ends_the_village_that_is_gone_only_when_told_to(
    work: Session, tmp_path: Path
) -> None:
    load(work, tmp_path, BEFORE, valid_from="2026-01-01")
    merged = BEFORE.with_shape("B", BEFORE["B"].union(BEFORE["C"])).without("C")
    kept = load(work, tmp_path, merged, valid_from="2026-06-01")
    warning = next(remark for remark in kept.warnings if remark.code == "units_vanished")
    assert "丙村" in warning.message
    assert "vanished=end" in warning.message
    assert (standing(work), (kept.preview or {})["ground"]["nested"]) == (["A", "B", "C"], 1)
    undo_import(work, int(kept.import_id or 0))
    load(work, tmp_path, merged, valid_from="2026-06-01", answers={"vanished": "end"})
    assert standing(work) == ["A", "B"]
    ended = work.query(Unit).filter(Unit.code == "C").populate_existing().one()
    assert (str(ended.valid.lower), str(ended.valid.upper)) == ("2026-01-01", "2026-06-01")


def test_overlaps_gaps_and_doubles_are_counted_before_they_come_in(work: Session, tmp_path: Path) -> None:
    faulty = lay("AABB\nAA.B\nAABB", cell=0.01)
    faulty = faulty.with_shape(
        "B", shapely.union(faulty["B"], shapely.box(*faulty["A"].bounds).buffer(-0.004))
    )
    ground = (load(work, tmp_path, faulty, dry_run=True).preview or {})["ground"]
    assert (ground["gap"], ground["overlap"] + ground["nested"]) == (1, 1)
    assert work.query(Unit).count() == 0


def test_a_file_of_one_town_is_not_blamed_for_the_rest_of_the_frame_but_for_its_neighbours(
    work: Session, tmp_path: Path
) -> None:
    whole = lay("AABBCC\nAABBCC", cell=0.01)
    frame = formats.write(tmp_path / "f.gpkg", {"名称": ["界"]}, np.array([whole.frame]))
    import_boundaries(work, frame, options=ImportOptions(kind="frame"))
    load(work, tmp_path, whole.without("B", "C"), valid_from="2026-01-01")
    over = whole.without("A", "C").with_shape("B", whole["B"].union(whole.square(0, 1)))
    report = load(work, tmp_path, over, dry_run=True)
    ground = (report.preview or {})["ground"]
    assert ground["gap"] == 0
    assert ground["overlap"] + ground["nested"] == 1


@pytest.mark.parametrize("answers", [{}, {"vanished": "end"}])
def test_an_undo_gives_every_row_back_as_it_was(
    work: Session, tmp_path: Path, answers: dict[str, str]
) -> None:
    load(work, tmp_path, BEFORE, valid_from="2026-01-01")
    load(work, tmp_path, lay("AABB\nAABB", cell=0.01), valid_from="2027-01-01", code_source="bank")
    before = dump(work)
    after = lay("AABB\nAABD", cell=0.01)
    second = load(work, tmp_path, after, valid_from="2026-06-01", answers=answers)
    assert dump(work) != before
    undo_import(work, int(second.import_id or 0))
    assert dump(work) == before
    third = load(work, tmp_path, after, valid_from="2026-06-01", answers=answers)
    assert (third.status, third.import_id != second.import_id) == ("imported", True)


def test_an_import_that_a_later_one_stands_on_cannot_be_undone(work: Session, tmp_path: Path) -> None:
    first = load(work, tmp_path, BEFORE, valid_from="2026-01-01")
    second = load(work, tmp_path, BEFORE, names={"A": "新甲村"}, valid_from="2026-06-01")
    with pytest.raises(Conflict, match="not_newest"):
        undo_import(work, int(first.import_id or 0))
    undo_import(work, int(second.import_id or 0))
    undo_import(work, int(first.import_id or 0))
    assert dump(work) == []
    with pytest.raises(Conflict, match="not_imported"):
        undo_import(work, int(first.import_id or 0))


def test_an_overtaken_file_comes_in_again(work: Session, tmp_path: Path) -> None:
    path = tmp_path / "same.gpkg"
    columns = {"代码": ["A"], "名称": ["甲村"]}
    formats.write(path, columns, BEFORE.polygons[:1])
    options = ImportOptions(valid_from="2026-01-01")
    import_boundaries(work, path, options=options)
    load(work, tmp_path, BEFORE, names={"A": "新甲村"}, valid_from="2026-02-01")
    back = import_boundaries(work, path, options=ImportOptions(valid_from="2026-03-01"))
    again = import_boundaries(work, path, options=options)
    assert (back.status, again.status) == ("imported", "imported")
    assert all(remark.code != "already_imported" for remark in again.warnings)


def test_an_undo_waits_for_a_load_under_way_and_then_hears_that_it_is_not_the_newest(
    fresh: Database, tmp_path: Path
) -> None:
    with fresh.transaction(WORKER) as session:
        first = load(session, tmp_path, BEFORE, valid_from="2026-01-01")

    def undo() -> None:
        with fresh.transaction(WORKER) as session:
            undo_import(session, int(first.import_id or 0))

    with ThreadPoolExecutor(1) as pool:
        with fresh.transaction(WORKER) as session:
            load(session, tmp_path, BEFORE, names={"A": "新甲村"}, valid_from="2026-06-01")
            undone = pool.submit(undo)
            assert not wait([undone], timeout=1).done, "the load holds the ground"
        with pytest.raises(Conflict, match="not_newest"):
            undone.result(timeout=30)
    with fresh.transaction(WORKER) as session:
        assert standing(session) == ["A", "B", "C"]
