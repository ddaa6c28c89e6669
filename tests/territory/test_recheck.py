"""After an edit only changed ground is checked anew, and the findings are those of a full check."""

from typing import Any

import numpy as np
import pytest
import shapely
from geoalchemy2.shape import from_shape, to_shape
from hypothesis import HealthCheck, given
from hypothesis import settings as with_settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.models import Grid, Plan
from app.spatial.crs import area_m2
from app.territory import plans
from app.territory.plans.checking import check_plan, recheck_plan
from app.territory.plans.findings import EVERYTHING, Wanted, list_findings
from app.territory.plans.listing import touch_ground
from app.territory.shapes import to_areas
from tests.ground import CELL, NORTH, WEST, lay
from tests.territory.conftest import Lay

FIELD = lay("AABBCC\nAABBCC\nDDEE.F\nDDEE.F\nGGHHHI\nGGHHHI", "......\n......\n......\n..JJ..")


def find_grid(work: Session, plan: Plan, code: str) -> Grid:
    return work.query(Grid).filter_by(plan_id=plan.id, code=code).one()


def reshape(work: Session, plan: Plan, code: str, shape: BaseGeometry | None) -> list[BaseGeometry]:
    """Give a grid another shape (None: take it away) as an edit does; the shapes before and after."""
    grid = find_grid(work, plan, code)
    former = to_shape(grid.geom)
    if shape is None:
        work.delete(grid)
    else:
        area = to_areas(np.array([shape], dtype=object))
        grid.geom, grid.area_m2 = from_shape(area[0], srid=4326), float(area_m2(area)[0])
    touch_ground(work, plan)
    return [former, *([] if shape is None else [shape])]


def stand(work: Session, plan: Plan) -> list[tuple[Any, ...]]:
    """All findings without their numbers: what two checks must agree on."""
    found = [
        (
            row["kind"],
            row["state"],
            row["severity"],
            tuple(row["codes"]),
            round(row["area_m2"], 1),
            round(row["width_m"], 2),
            tuple(np.round(row["bbox"] or (), 6)),
        )
        for row in list_findings(work, plan, EVERYTHING)
    ]
    return sorted(found)


def numbers(work: Session, plan: Plan) -> dict[int, tuple[str, ...]]:
    return {row["id"]: tuple(row["codes"]) for row in list_findings(work, plan)}


def test_findings_far_from_an_edit_keep_their_numbers_states_and_customers(
    work: Session, lay_plan: Lay
) -> None:
    plan = lay_plan(lay("AA..BBCC\nAA..BBCC", "......X.\n........"))
    check_plan(work, plan)
    nested = next(f for f in list_findings(work, plan) if f["kind"] == "nested")
    plans.allow_finding(work, nested["id"], reason="村中村")
    work.execute(text("UPDATE finding SET customers = 7 WHERE id = :id"), {"id": nested["id"]})
    wider = find_grid(work, plan, "A")
    box = shapely.box(WEST, NORTH - 2 * CELL, WEST + 3 * CELL, NORTH)
    before = to_shape(wider.geom)
    reshape(work, plan, "A", box)
    check = recheck_plan(work, plan, before=[before], after=[box])
    assert (check.whole, check.counts, check.blocking) == (False, {"gap": 1, "nested": 1}, 1)
    after = {row["kind"]: row for row in list_findings(work, plan)}
    kept = after["nested"]
    assert (kept["id"], kept["state"], kept["customers"]) == (nested["id"], "allowed", 7)
    assert kept["detail"]["allowed"]["reason"] == "村中村"
    assert check.new == (after["gap"]["id"],)
    assert [gone["kind"] for gone in check.gone] == ["gap"]


def test_the_last_fault_mended_makes_the_draft_checked_and_a_new_one_a_draft_again(
    work: Session, lay_plan: Lay
) -> None:
    ground = lay("AA.B")
    plan = lay_plan(ground)
    check_plan(work, plan)
    assert plan.status == "draft"
    wide = shapely.box(WEST, NORTH - CELL, WEST + 3 * CELL, NORTH)
    recheck_plan(work, plan, before=reshape(work, plan, "A", wide)[:1], after=[wide])
    assert (plan.status, plan.checked_version) == ("checked", plan.ground_version)
    recheck_plan(work, plan, before=reshape(work, plan, "A", ground["A"])[:1], after=[ground["A"]])
    assert plan.status == "draft"
    assert plan.checked_at is not None


def test_where_the_findings_were_older_than_the_edit_everything_is_checked(
    work: Session, lay_plan: Lay
) -> None:
    plan = lay_plan(lay("AABBCC\nAABB.."))
    wide = shapely.box(WEST, NORTH - 2 * CELL, WEST + 3 * CELL, NORTH)
    before, _ = reshape(work, plan, "A", wide)
    check = recheck_plan(work, plan, before=[before], after=[wide])
    assert check.whole
    assert check.counts == {"overlap": 1, "gap": 1}


def test_a_gap_open_to_the_outside_is_found_whole_though_only_its_near_end_was_edited(
    work: Session, lay_plan: Lay
) -> None:
    width = 60
    plan = lay_plan(lay("A" + "." * width + "\nB" + "B" * width))
    check_plan(work, plan)
    wide = shapely.box(WEST, NORTH - CELL, WEST + 2 * CELL, NORTH)
    before, _ = reshape(work, plan, "A", wide)
    recheck_plan(work, plan, before=[before], after=[wide])
    found = stand(work, plan)
    assert found[0][0] == "gap"
    assert found[0][6][2] == pytest.approx(WEST + (width + 1) * CELL), "up to the far edge of the frame"
    check_plan(work, plan)
    assert stand(work, plan) == found


def test_a_removed_grid_leaves_no_finding_of_its_own(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AABBCC", "...X.."))
    check_plan(work, plan)
    recheck_plan(work, plan, before=reshape(work, plan, "X", None), after=[])
    assert stand(work, plan) == [
        ("no_primary", "open", "harmless", (code,), *rest)
        for code, rest in ((row[3][0], row[4:]) for row in stand(work, plan))
    ]
    assert numbers(work, plan) == {}


COLUMNS, ROWS = 6, 6
CORNERS = st.tuples(st.integers(0, COLUMNS), st.integers(0, ROWS))
JITTER = st.sampled_from((0.0, 0.0, 1e-7, 1e-6, 3e-5))


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[str, str, tuple[float, ...]]]:
    """A few edits: a box on or near the lattice given to a grid or taken from it, or the grid gone."""
    steps = []
    for _ in range(draw(st.integers(1, 4))):
        (x0, y0), (x1, y1) = draw(CORNERS), draw(CORNERS)
        x1, y1 = x1 if x1 != x0 else x0 + 1, y1 if y1 != y0 else y0 - 1
        shift = draw(JITTER)
        box = (WEST + x0 * CELL + shift, NORTH - y0 * CELL, WEST + x1 * CELL + shift, NORTH - y1 * CELL)
        act = draw(st.sampled_from(("give", "give", "take", "take", "remove", "empty")))
        steps.append((draw(st.sampled_from("ABCDEFGHIJ")), act, box))
    return steps


def make(shape: BaseGeometry, act: str, box: tuple[float, ...]) -> BaseGeometry | None:
    piece = shapely.box(min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3]))
    if act == "remove":
        return None
    if act == "empty":
        return shapely.MultiPolygon()
    made = shapely.union(shape, piece) if act == "give" else shapely.difference(shape, piece)
    return shapely.MultiPolygon([p for p in shapely.get_parts(made) if p.geom_type == "Polygon"])


@given(edits())
@with_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_recheck_leaves_the_findings_of_a_full_check(
    work: Session, lay_plan: Lay, steps: list[tuple[str, str, tuple[float, ...]]]
) -> None:
    held = work.begin_nested()
    try:
        plan = lay_plan(FIELD, kinds={"J": "market"}, rule="overlay")
        check_plan(work, plan)
        for code, act, box in steps:
            grid = work.query(Grid).filter_by(plan_id=plan.id, code=code).first()
            if grid is None:
                continue
            changed = reshape(work, plan, code, make(to_shape(grid.geom), act, box))
            assert not recheck_plan(work, plan, before=changed[:1], after=changed[1:]).whole
            quick = list_findings(work, plan, EVERYTHING)
            full = check_plan(work, plan)
            assert (full.new, full.gone) == ((), ()), "the full check finds nothing else"
            assert list_findings(work, plan, EVERYTHING) == quick
    finally:
        held.rollback()
        work.expire_all()


def test_thresholds_of_the_plan_say_what_is_too_small(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AA.BB\nAAABB"))
    plans.state_thresholds(work, plan, min_area_m2=20_000.0)
    assert check_plan(work, plan).counts == {}
    plans.state_thresholds(work, plan, min_area_m2=1.0)
    assert plan.checked_version is None, "what counts has changed, so the check is no longer fresh"
    assert check_plan(work, plan).counts == {"gap": 1}
    area = list_findings(work, plan)[0]["area_m2"]
    assert list_findings(work, plan, Wanted(min_area_m2=area + 1)) == []
    assert list_findings(work, plan, Wanted(max_area_m2=area - 1)) == []
    assert len(list_findings(work, plan, Wanted(min_area_m2=area - 1, max_area_m2=area + 1))) == 1
