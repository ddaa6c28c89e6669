"""What a file says of where a customer lives is judged: the order of truth, and what should be looked at."""

import json
import pickle
import struct
from typing import Any

import pytest

from app.customers.doubts import Doubt, Placer, judge, judge_rows
from app.customers.geocoding import Matcher, Place
from app.customers.placing import Placed
from app.customers.villages import Villages
from tests.ground import Ground, lay

COUNTY, EAST, WEST = "320614", "320614101", "320614102"


def village(name: str, number: int, town: str = EAST) -> Place:
    return Place(f"{town}20{number}", name, "village", "admin", town)


PLACES = (
    Place(COUNTY, "海门区", "county", "admin", "3206"),
    Place(EAST, "悦来镇", "town", "admin", COUNTY),
    Place(WEST, "常乐镇", "town", "admin", COUNTY),
    village("习正村", 1),
    village("东兴村", 2),
    village("东兴村", 3, WEST),
    village("麒新村", 4, WEST),
)
XIZHENG, DONGXING, QIXIN = f"{EAST}201", f"{EAST}202", f"{WEST}204"
GROUND = lay("AB\nCC", cell=0.01)


@pytest.fixture(scope="module")
def ground() -> Ground:
    """习正村 and 东兴村 of 悦来镇 side by side, 麒新村 south of both; a cell is about 950 by 1,100 metres."""
    return GROUND


@pytest.fixture(scope="module")
def placer(ground: Ground) -> Placer:
    matcher = Matcher(PLACES, home_county_code=COUNTY)
    return Placer(matcher, Villages((XIZHENG, DONGXING, QIXIN), ground.polygons), ground.frame.bounds)


def ask(
    placer: Placer, address: str | None, point: Any = None, datum: str = ""
) -> tuple[Placed, Doubt | None]:
    return judge(placer, [(address, *(point or (None, None)), datum)])[0]


def point_of(placed: Placed) -> tuple[float, float] | None:
    return None if placed.point is None else struct.unpack("<dd", placed.point[9:])  # type: ignore[return-value]


def test_a_clear_address_is_placed_in_its_village_and_leaves_no_doubt(placer: Placer) -> None:
    placed, doubt = ask(placer, "海门区悦来镇习正村12组3号")
    assert (placed.rung, placed.unit_code, placed.point, doubt) == (5, XIZHENG, None, None)


def test_a_source_s_point_stands_before_the_address_and_knows_its_village(
    placer: Placer, ground: Ground
) -> None:
    placed, doubt = ask(placer, "海门区悦来镇习正村12组3号", ground.point(0, 0))
    assert (placed.rung, placed.method, placed.unit_code, doubt) == (2, "source", XIZHENG, None)
    assert point_of(placed) == pytest.approx(ground.point(0, 0))


def test_a_point_far_from_the_village_of_its_address_stays_and_is_doubted(
    placer: Placer, ground: Ground
) -> None:
    placed, doubt = ask(placer, "海门区悦来镇习正村12组3号", ground.point(0, 1.3))
    assert (placed.rung, placed.unit_code) == (2, DONGXING)
    assert doubt is not None
    assert (doubt.kind, doubt.town_code) == ("contradiction", EAST)
    assert doubt.detail["distance_m"] == pytest.approx(757, rel=0.01)
    assert (doubt.detail["point_unit_code"], doubt.detail["address_unit_code"]) == (DONGXING, XIZHENG)
    assert doubt.detail["set_aside"] is False
    assert doubt.answer["code"] == XIZHENG


@pytest.mark.parametrize(
    ("address", "column"),
    [
        ("海门区悦来镇习正村12组3号", 0.9),  # 380 m beyond the border
        ("海门区悦来镇", 1.3),
        ("海门区东兴村", 0.0),
        ("", 1.3),
        (None, 1.3),
    ],
)
def test_a_point_near_its_village_or_with_an_unsure_address_is_not_doubted(
    placer: Placer, ground: Ground, address: str | None, column: float
) -> None:
    placed, doubt = ask(placer, address, ground.point(0, column))
    assert (placed.rung, doubt) == (2, None)


def test_a_point_at_sea_with_a_sure_address_is_doubted(placer: Placer, ground: Ground) -> None:
    placed, doubt = ask(placer, "海门区悦来镇习正村3号", (ground.west + 1.0, ground.north))
    assert (placed.rung, placed.unit_code) == (2, None)
    assert doubt is not None
    assert doubt.detail["distance_m"] > 80_000


@pytest.mark.parametrize(
    ("address", "kind", "town"),
    [
        ("海门区东兴村3组", "ambiguous", None),
        ("江苏省南通市启东市汇龙镇民乐村2组", "outside", None),
        ("海门区悦来镇供销社大院3号", "low_score", EAST),
    ],
)
def test_an_address_that_is_not_clear_leaves_a_doubt_of_its_kind(
    placer: Placer, address: str, kind: str, town: str | None
) -> None:
    _, doubt = ask(placer, address)
    assert doubt is not None
    assert (doubt.kind, doubt.town_code) == (kind, town)
    assert doubt.prefix == placer.matcher.prefix_of(address)
    assert json.loads(json.dumps(doubt.as_json(), ensure_ascii=False))["answer"]["level"]


def test_what_was_not_understood_behind_a_town_is_kept_for_who_knows_it(placer: Placer) -> None:
    placed, doubt = ask(placer, "海门区悦来镇供销社大院3号")
    assert (placed.rung, placed.place_code) == (6, EAST)
    assert doubt is not None
    assert doubt.detail == {"unread": "供销社大院"}
    assert ask(placer, "海门区悦来镇")[1] is None


@pytest.mark.parametrize("address", ["", None, "无", "同上", "13912345678", "🏠🏠", "\x01\x02", "1" * 10_000])
def test_an_address_in_which_nothing_stands_is_no_case_for_anybody(
    placer: Placer, address: str | None
) -> None:
    placed, doubt = ask(placer, address)
    assert (placed.rung, placed.point, doubt) == (0, None, None)


def corrected(placer: Placer, address: str, code: str) -> Placer:
    """The same placer after somebody has said where such addresses lie."""
    matcher = placer.matcher.with_corrections({placer.matcher.prefix_of(address): code})
    return Placer(matcher, placer.villages, placer.bounds)


def test_a_correction_is_right_for_the_same_prefix_next_time(placer: Placer) -> None:
    taught = corrected(placer, "海门区悦来镇供销社大院3号", DONGXING)
    placed, doubt = ask(taught, "海门区悦来镇供销社大院17号201室")
    assert (placed.rung, placed.method, placed.unit_code, doubt) == (5, "correction", DONGXING, None)
    assert ask(taught, "海门区悦来镇供销社小院3号")[0].method != "correction"


def test_a_correction_decides_the_village_and_a_point_within_it_refines_it(
    placer: Placer, ground: Ground
) -> None:
    taught = corrected(placer, "海门区悦来镇供销社大院3号", DONGXING)
    placed, doubt = ask(taught, "海门区悦来镇供销社大院9号", ground.point(0, 1))
    assert (placed.rung, placed.method, placed.unit_code, doubt) == (2, "correction", DONGXING, None)
    assert point_of(placed) == pytest.approx(ground.point(0, 1))


def test_a_point_that_contradicts_a_correction_is_set_aside_and_kept_in_the_case(
    placer: Placer, ground: Ground
) -> None:
    taught = corrected(placer, "海门区悦来镇供销社大院3号", DONGXING)
    placed, doubt = ask(taught, "海门区悦来镇供销社大院9号", ground.point(0, -0.3))
    assert (placed.rung, placed.method, placed.unit_code, placed.point) == (5, "correction", DONGXING, None)
    assert doubt is not None
    assert (doubt.kind, doubt.detail["set_aside"]) == ("contradiction", True)
    source = doubt.detail["source"]
    assert (source["lon"], source["lat"]) == pytest.approx(ground.point(0, -0.3))


@pytest.mark.parametrize(
    ("point", "code"),
    [
        ((0.0, 0.0), "null_island"),
        ((31.9, 121.2), "swapped"),
        ((1e308, -1e308), "far_away"),
        ((-200.0, 91.0), "far_away"),
    ],
)
def test_coordinates_of_no_use_are_named_and_the_address_is_asked(
    placer: Placer, point: tuple[float, float], code: str
) -> None:
    judged = judge_rows(placer, [("海门区悦来镇习正村3号", *point, "")])[0]
    assert judged.wrong is not None
    assert (judged.wrong[0], judged.placed.rung, judged.placed.unit_code) == (code, 5, XIZHENG)


def test_not_a_number_is_no_point(placer: Placer) -> None:
    judged = judge_rows(placer, [("海门区悦来镇习正村3号", float("nan"), 31.9, "")])[0]
    assert (judged.wrong, judged.placed.rung) == (None, 5)


def test_nothing_is_judged_of_nothing_and_without_villages_points_stand(
    placer: Placer, ground: Ground
) -> None:
    assert judge(placer, []) == []
    bare = Placer(Matcher([]))
    placed, doubt = ask(bare, "海门区悦来镇习正村3号", ground.point(0, 1))
    assert (placed.rung, placed.unit_code, doubt) == (2, None, None)


def test_a_chunk_is_judged_like_its_rows_one_by_one(placer: Placer, ground: Ground) -> None:
    addresses = ("海门区悦来镇习正村3号", "海门区东兴村3组", "", "海门区悦来镇供销社大院3号")
    rows = [
        (address, *(point or (None, None)), "")
        for address in addresses
        for point in (None, ground.point(0, 0), ground.point(0, 1.3), (0.0, 0.0))
    ]
    assert judge_rows(placer, rows) == [judge_rows(placer, [row])[0] for row in rows]


def test_a_placer_travels_to_another_process_and_judges_the_same(placer: Placer, ground: Ground) -> None:
    taught = corrected(placer, "海门区悦来镇供销社大院3号", DONGXING)
    row = ("海门区悦来镇供销社大院9号", *ground.point(0, -0.3), "")
    assert judge(pickle.loads(pickle.dumps(taught)), [row]) == judge(taught, [row])
