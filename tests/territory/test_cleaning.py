"""A whole draft cleaned: proposed, carried out step by step, never on locked ground, undone one or all."""

import shapely
from sqlalchemy.orm import Session

from app.models import Grid, Plan
from app.territory import editing, plans
from app.territory.editing import Wish
from app.territory.plans import cleaning
from app.territory.plans.cleaning import CleanWanted
from tests.ground import lay
from tests.territory.conftest import Lay, shapes_of


def lay_dirty(work: Session, lay_plan: Lay) -> Plan:
    """Six grids; A reaches 5 m into B, and between E and F 5 m are nobody's."""
    ground = lay("AABBCC\nAABBCC\nDDEEFF\nDDEEFF")
    west, south, _, north = ground["B"].bounds
    ground = ground.with_shape("A", ground["A"].union(shapely.box(west, south, west + 5e-5, north)))
    west, south, _, north = ground["F"].bounds
    ground = ground.with_shape("F", ground["F"].difference(shapely.box(west, south, west + 5e-5, north)))
    plan = lay_plan(ground)
    assert plans.check_plan(work, plan).counts == {"overlap": 1, "gap": 1}
    return plan


def test_a_clean_is_proposed_landed_and_undone_as_a_whole(work: Session, lay_plan: Lay) -> None:
    plan = lay_dirty(work, lay_plan)
    before = shapes_of(work, plan)
    proposed = cleaning.propose_clean(work, plan, CleanWanted())
    assert (proposed.forecast.after, proposed.forecast.adds, len(proposed.steps)) == ({}, 0, 2)
    assert shapes_of(work, plan) == before
    done = cleaning.clean_plan(work, plan, CleanWanted())
    assert [one.step.act for one in done.landed] == ["clean", "clean"]
    assert done.forecast.after == {}
    assert plans.check_plan(work, plan).counts == {}
    undone = cleaning.undo_clean(work, plan, done.landed[1].step.number)
    assert len(undone) == 2
    assert shapes_of(work, plan) == before
    assert plans.summarise_findings(work, plan).counts == {"overlap": 1, "gap": 1}


def test_one_step_of_a_clean_is_undone_alone(work: Session, lay_plan: Lay) -> None:
    plan = lay_dirty(work, lay_plan)
    done = cleaning.clean_plan(work, plan, CleanWanted())
    editing.undo_step(work, plan, done.landed[0].step.number)
    assert sum(plans.summarise_findings(work, plan).counts.values()) == 1


def test_locked_ground_is_never_touched_by_a_clean_nor_by_a_repair(work: Session, lay_plan: Lay) -> None:
    plan = lay_dirty(work, lay_plan)
    for grid in work.query(Grid).filter_by(plan_id=plan.id):
        if grid.code in "EF":
            editing.edit_plan(work, plan, Wish("lock", grid.id))
    before = shapes_of(work, plan)
    done = cleaning.clean_plan(work, plan, CleanWanted())
    assert [one["kind"] for one in done.left] == ["gap"]
    assert done.left[0]["why_zh"]
    after = shapes_of(work, plan)
    assert all(after[code].equals_exact(before[code], 0) for code in "EF")
    assert plans.summarise_findings(work, plan).counts == {"gap": 1}


def test_only_the_kinds_and_widths_asked_for_are_cleaned(work: Session, lay_plan: Lay) -> None:
    plan = lay_dirty(work, lay_plan)
    assert cleaning.propose_clean(work, plan, CleanWanted(max_width_m=0.5)).steps == ()
    done = cleaning.clean_plan(work, plan, CleanWanted(kinds=("gap",)))
    assert [one.key for one in done.steps] == ["give_to_owner"]
    assert plans.summarise_findings(work, plan).counts == {"overlap": 1}


def test_reasons_are_told_with_names_and_figures(work: Session, lay_plan: Lay) -> None:
    plan = lay_dirty(work, lay_plan)
    gap = next(one for one in plans.list_findings(work, plan) if one["kind"] == "gap")
    options = plans.repair_proposals(work, gap["id"])
    assert 2 <= len(options) <= 4
    assert all(one.why[0] and one.why[1] for one in options)
    told = [one.as_json() for one in options]
    assert all(one["forecast"]["ok"] for one in told), told
    assert any("对" in one["why_zh"] or "村" in one["why_zh"] for one in told), told
