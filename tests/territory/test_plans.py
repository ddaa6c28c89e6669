"""Plans made of drawn ground: the five traps of overlap and gap, market rules, certificates, repairs."""

from datetime import timedelta

import numpy as np
import pytest
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.errors import BadInput, Conflict, NotFound
from app.models import AppUser, Plan, Unit
from app.territory import plans
from app.territory.plans import PlanDraft
from tests.ground import lay
from tests.territory.conftest import Lay, Settle, shapes_of

TODAY = today()


def kinds_found(work: Session, plan: Plan) -> list[str]:
    """The kinds of a plan's findings, in their order."""
    return [finding["kind"] for finding in plans.list_findings(work, plan)]


def test_ground_without_fault_is_certified_with_its_counts(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AABB\nAACC"))
    assert plans.check_plan(work, plan).as_json() == {
        "counts": {},
        "blocking": 0,
        "ready": True,
        "notice_counts": {"no_primary": 3},
    }
    certificate = plans.certify(work, plan)
    assert plan.status == "checked"
    assert certificate["grids"] == {"total": 3, "village": 3}
    assert (certificate["overlaps"], certificate["gaps"], certificate["nested"]) == (0, 0, [])
    assert certificate["frame_km2"] == certificate["grids_km2"] == pytest.approx(0.0839, rel=0.01)


def test_a_whole_missing_grid_is_a_gap_against_the_frame(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AABB\nAACC").without("C"))
    plans.check_plan(work, plan)
    assert kinds_found(work, plan) == ["gap"]
    with pytest.raises(Conflict) as refused:
        plans.certify(work, plan)
    assert refused.value.facts["counts"] == {"gap": 1}


def test_a_market_inside_a_village_is_cut_out_of_it_and_listed(work: Session, lay_plan: Lay) -> None:
    ground = lay("AAAA\nAAAA\nAAAA", "....\n.M..\n....")
    plan = lay_plan(ground, kinds={"M": "market"})
    plans.check_plan(work, plan)
    grids = shapes_of(work, plan)
    assert kinds_found(work, plan) == []
    assert grids["A"].intersection(grids["M"]).area == 0
    assert [(n["outer"], n["inner"]) for n in plans.certify(work, plan)["nested"]] == [("A", "M")]


def test_a_market_laid_over_a_village_is_nested_not_overlap(work: Session, lay_plan: Lay) -> None:
    ground = lay("AAAA\nAAAA\nAAAA", "....\n.M..\n....")
    plan = lay_plan(ground, kinds={"M": "market"}, rule="overlay")
    plans.check_plan(work, plan)
    finding = plans.list_findings(work, plan)[0]
    assert (finding["kind"], finding["state"], finding["codes"]) == ("nested", "allowed", ["A", "M"])
    assert plans.certify(work, plan)["nested"][0]["inner"] == "M"


def test_a_market_over_two_villages_is_cut_out_of_both(work: Session, lay_plan: Lay) -> None:
    ground = lay("AABB\nAABB\nAABB", "....\n.MM.\n....")
    plan = lay_plan(ground, kinds={"M": "market"})
    assert plans.check_plan(work, plan).counts == {}
    assert shapes_of(work, plan)["M"].equals(ground["M"])


def test_a_village_inside_a_village_must_be_confirmed_by_a_person(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AAAA\nAAAA\nAAAA", "....\n.B..\n...."))
    plans.check_plan(work, plan)
    finding = plans.list_findings(work, plan)[0]
    assert (finding["kind"], finding["severity"], finding["state"]) == ("nested", "confirm", "open")
    with pytest.raises(Conflict, match="not_covered"):
        plans.certify(work, plan)
    plans.allow_finding(work, finding["id"])
    plans.check_plan(work, plan)
    assert plans.certify(work, plan)["nested"][0]["inner"] == "B"


def test_a_finding_that_a_check_has_taken_away_meanwhile_is_not_found(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AAAA\nAAAA\nAAAA", "....\n.B..\n...."))
    plans.check_plan(work, plan)
    number = plans.list_findings(work, plan)[0]["id"]
    known = plans.find_finding(work, number)
    work.execute(text("DELETE FROM finding WHERE id = :id"), {"id": number})
    with pytest.raises(NotFound, match="no_finding"):
        plans.allow_finding(work, known.id)


def test_a_shape_that_comes_twice_is_a_duplicate_and_both_grids_stay(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AABB", "..CC"))
    plans.check_plan(work, plan)
    assert kinds_found(work, plan) == ["duplicate"]
    assert sorted(shapes_of(work, plan)) == ["A", "B", "C"]


def test_a_gap_open_to_the_outer_edge_is_told_and_not_filled(work: Session, lay_plan: Lay) -> None:
    ground = lay("AA.B\nAA.B")
    plan = lay_plan(ground)
    plans.check_plan(work, plan)
    finding = plans.list_findings(work, plan)[0]
    assert (finding["kind"], finding["codes"]) == ("gap", ["A", "B"])
    assert shapes_of(work, plan)["A"].equals(ground["A"])


@pytest.mark.parametrize("shift", [3e-8, 1e-7, -1e-7])
def test_last_digit_differences_at_shared_corners_do_not_count(
    work: Session, lay_plan: Lay, shift: float
) -> None:
    ground = lay("AABB\nAACC")
    moved = shapely.transform(ground["B"], lambda xy: xy + np.where(xy == xy[0], shift, 0.0))
    plan = lay_plan(ground.with_shape("B", moved))
    assert plans.check_plan(work, plan).counts == {}


def test_rows_of_one_code_that_lie_apart_are_parts_of_one_grid(work: Session, settle: Settle) -> None:
    exclave = lay("AABBCC")["C"]
    settle(lay("AABBCC").without("C"))
    settle(lay("AABBCC").without("B", "C").with_shape("A", exclave))
    plan = plans.new_plan(work, PlanDraft("V1", "规划"))
    grids = shapes_of(work, plan)
    assert sorted(grids) == ["A", "B"]
    assert len(shapely.get_parts(grids["A"])) == 2
    assert plans.check_plan(work, plan).counts == {}


def test_two_rows_of_one_code_on_one_ground_stay_two_grids(work: Session, settle: Settle) -> None:
    settle(lay("AABB"))
    settle(lay("AABB").without("B"))
    plan = plans.new_plan(work, PlanDraft("V1", "规划"))
    plans.check_plan(work, plan)
    assert sorted(shapes_of(work, plan)) == ["A", "A-2", "B"]
    assert kinds_found(work, plan) == ["duplicate"]


def test_without_a_frame_there_is_no_plan(work: Session, settle: Settle) -> None:
    with pytest.raises(BadInput, match="no_units"):
        plans.new_plan(work, PlanDraft("V1", "规划"))


def test_the_hash_does_not_depend_on_where_a_ring_begins(
    work: Session, lay_plan: Lay, settle: Settle
) -> None:
    ground = lay("AABB\nAACC")
    one = lay_plan(ground)
    first = plans.hash_ground(one, plans.listing.load_grids(work, one))
    ring = shapely.get_coordinates(ground["A"])[:-1]
    turned = shapely.Polygon(np.roll(ring, 3, axis=0)[::-1])
    unit = work.query(Unit).filter_by(code="A").one()
    unit.geom = from_shape(shapely.MultiPolygon([turned]), srid=4326)
    work.flush()
    two = plans.new_plan(work, PlanDraft("V2", "规划"))
    assert plans.hash_ground(two, plans.listing.load_grids(work, two)) == first


def test_a_repair_moves_the_ground_it_says_and_mends_the_fault(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AAAA..\nAAAA..", ".." + "BBBB\n..BBBB"))
    plans.check_plan(work, plan)
    finding = plans.list_findings(work, plan)[0]
    assert finding["kind"] == "overlap"
    options = plans.repair_proposals(work, finding["id"])
    keys = {key for option in options for key in (option.key, *option.also)}
    assert {"give_to_longest_edge", "cut_in_middle"} <= keys
    lost = min(options[0].moved_m2.values())
    assert lost == pytest.approx(-finding["area_m2"], rel=0.01)
    repair = plans.apply_repair(work, finding["id"], options[0].key)
    assert repair.after.counts == {}
    assert plan.ground_version == plan.checked_version == 2


def test_a_repair_may_be_named_by_any_key_that_comes_out_the_same(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AAAA..\nAAAA..", ".." + "BBBB\n..BBBB"))
    plans.check_plan(work, plan)
    finding = plans.list_findings(work, plan)[0]["id"]
    twin = next(key for option in plans.repair_proposals(work, finding) for key in option.also)
    assert plans.apply_repair(work, finding, twin).after.counts == {}


def test_a_repair_breaks_the_certificate_and_an_approved_plan_refuses_it(
    work: Session, lay_plan: Lay
) -> None:
    plan = lay_plan(lay("AAAA\nAAAA\nAAAA", "....\n.B..\n...."))
    plans.check_plan(work, plan)
    finding = plans.list_findings(work, plan)[0]
    plans.allow_finding(work, finding["id"])
    plans.certify(work, plan)
    plans.approve(work, plan, user_id=None)
    with pytest.raises(Conflict, match="plan_closed"):
        plans.apply_repair(work, finding["id"], "cut_nested")


def test_a_repair_that_leaves_no_fewer_findings_is_undone(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AAAA..\nAAAA..", ".." + "BBBB\n..BBBB"))
    plans.check_plan(work, plan)
    before = shapes_of(work, plan)
    grid = plans.duties.find_grid_by_code(work, plan, "A")
    harm = plans.Proposal("harm", "", "", {grid.id: None}, {})
    with pytest.raises(Conflict, match="repair_adds"):
        plans.repairing.apply_proposal(work, plan, harm)
    assert shapes_of(work, plan) == before
    assert (plan.ground_version, kinds_found(work, plan)) == (1, ["overlap"])


def test_a_sliver_can_be_repaired_though_nobody_must(work: Session, lay_plan: Lay) -> None:
    ground = lay("AABB\nAABB")
    wide = shapely.union(
        ground["A"], shapely.box(*ground["B"].bounds[:2], ground["B"].bounds[0] + 2e-5, 31.9)
    )
    plan = lay_plan(ground.with_shape("A", wide))
    plans.check_plan(work, plan)
    finding = plans.list_findings(work, plan)[0]
    assert (finding["kind"], finding["severity"], plan.status) == ("sliver", "harmless", "checked")
    plans.apply_repair(work, finding["id"], plans.repair_proposals(work, finding["id"])[0].key)
    assert kinds_found(work, plan) == []


def user(work: Session, login: str) -> int:
    """A user of head office."""
    person = AppUser(login=login, name=login, role="head")
    work.add(person)
    work.flush()
    return person.id


def certified(work: Session, code: str, *, user_id: int | None = None) -> Plan:
    """A plan over all units that holds its certificate."""
    plan = plans.new_plan(work, PlanDraft(code, f"规划{code}"), user_id=user_id)
    plans.check_plan(work, plan)
    plans.certify(work, plan)
    return plan


def test_a_plan_needs_a_certificate_to_come_into_force(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AABB"))
    with pytest.raises(Conflict, match="no_certificate"):
        plans.publish(work, plan, valid_from=TODAY, user_id=None)


def test_who_made_the_draft_cannot_approve_it(work: Session, settle: Settle) -> None:
    settle(lay("AABB"))
    maker, other = user(work, "maker"), user(work, "other")
    plan = certified(work, "V1", user_id=maker)
    with pytest.raises(Conflict, match="two_people"):
        plans.publish(work, plan, valid_from=TODAY, user_id=maker)
    plans.publish(work, plan, valid_from=TODAY, user_id=other)
    assert (plan.status, plan.approved_by) == ("in_force", other)


def test_publishing_retires_the_former_plan_on_that_day(work: Session, settle: Settle) -> None:
    settle(lay("AABB"))
    first = plans.publish(work, certified(work, "V1"), valid_from=TODAY - timedelta(30), user_id=None)
    second = plans.publish(work, certified(work, "V2"), valid_from=TODAY, user_id=None)
    assert (first.status, second.status) == ("retired", "in_force")
    assert plans.find_plan_on(work, TODAY) is second
    assert plans.find_plan_on(work, TODAY - timedelta(1)) is first
    assert plans.find_plan_on(work, TODAY - timedelta(31)) is None


def test_a_plan_published_for_a_later_day_leaves_today_as_it_is(work: Session, settle: Settle) -> None:
    settle(lay("AABB"))
    first = plans.publish(work, certified(work, "V1"), valid_from=TODAY - timedelta(30), user_id=None)
    second = plans.publish(work, certified(work, "V2"), valid_from=TODAY + timedelta(30), user_id=None)
    assert first.status == "in_force"
    assert plans.find_plan_on(work, TODAY) is first
    assert plans.find_plan_on(work, TODAY + timedelta(30)) is second


def test_ground_changed_behind_the_certificate_is_found_out(work: Session, settle: Settle) -> None:
    settle(lay("AABB"))
    plan = certified(work, "V1")
    assert plans.verify(work, plan)["valid"] is True
    grid = plans.duties.find_grid_by_code(work, plan, "A")
    grid.geom = plans.duties.find_grid_by_code(work, plan, "B").geom
    work.flush()
    assert plans.verify(work, plan)["valid"] is False
    with pytest.raises(Conflict, match="certificate_broken"):
        plans.approve(work, plan, user_id=None)


def test_the_difference_of_two_plans_names_grids_and_ground(work: Session, lay_plan: Lay) -> None:
    old = lay_plan(lay("AABBCC"))
    new = plans.new_plan(work, PlanDraft("V2", "规划", from_plan="V1"))
    a, b = (plans.duties.find_grid_by_code(work, new, code) for code in "AB")
    c = plans.duties.find_grid_by_code(work, new, "C")
    drawn = lay("AAABCC")
    plans.repairing.change_ground(work, new, {a.id: drawn["A"], b.id: drawn["B"], c.id: None})
    changes = {change.code: change for change in plans.diff(work, old, new)}
    assert {code: change.change for code, change in changes.items()} == {
        "A": "changed",
        "B": "changed",
        "C": "gone",
    }
    assert changes["A"].gained_m2 == pytest.approx(changes["B"].lost_m2)
    assert changes["A"].gained_m2 == pytest.approx(a.area_m2 / 3, rel=0.01)


def test_neighbouring_managers_never_share_a_colour(
    work: Session, lay_plan: Lay, people: dict[str, object]
) -> None:
    plan = lay_plan(lay("AABB\nCCDD"))
    for code, manager in zip("ABCD", ("M1", "M2", "M3", "M1"), strict=True):
        grid = plans.duties.find_grid_by_code(work, plan, code)
        plans.give_duty(work, grid, manager, valid_from=TODAY)
    plans.colour_grids(work, plan)
    work.expire_all()
    colour = {code: plans.duties.find_grid_by_code(work, plan, code).colour_no for code in "ABCD"}
    assert colour["A"] == colour["D"]
    assert len({colour["A"], colour["B"], colour["C"]}) == 3
