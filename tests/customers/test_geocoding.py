"""The matcher on the shared address set and on drawn cases: what it finds, what it refuses to guess."""

import csv
import pickle
import time
from collections import Counter
from pathlib import Path

import pytest

from app.customers import geocoding
from app.customers.geocoding import Answer, Matcher, Place

SAMPLES = Path(__file__).parents[1] / "samples" / "addresses"


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(geocoding.read_places(SAMPLES / "gazetteer.csv").places)


@pytest.fixture(scope="module")
def judged(matcher: Matcher) -> list[tuple[dict[str, str], Answer, bool]]:
    with (SAMPLES / "addresses.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    answers = matcher.match_many([row["address"] for row in rows])
    return [(row, answer, is_hit(row, answer)) for row, answer in zip(rows, answers, strict=True)]


def is_hit(row: dict[str, str], answer: Answer) -> bool:
    expected = row["expected_level"]
    if expected == "village":
        return answer.code in {row["true_code"], *filter(None, row["alt_codes"].split("|"))}
    if expected == "none":
        return answer.level in ("none", "county")
    return answer.level == expected and answer.code == (row["true_town_code"] or row["true_code"])


def share(judged: list[tuple[dict[str, str], Answer, bool]], *levels: str) -> float:
    hits = [hit for row, _, hit in judged if row["expected_level"] in levels]
    return sum(hits) / len(hits)


def haimen(*more: Place) -> list[Place]:
    return [
        Place("320614", "海门区", "county", parent_code="3206", former_names=("海门市", "海门县")),
        Place("320614101", "悦来镇", "town", parent_code="320614"),
        Place("320614102", "常乐镇", "town", parent_code="320614", former_names=("官公河乡",)),
        Place("320614101201", "习正村", "village", "admin_village", "320614101", lon=121.3, lat=31.9),
        Place("320614101202", "长沙村", "village", "admin_village", "320614101"),
        Place("320614102203", "新港村", "village", "admin_village", "320614102"),
        Place("320614101203", "新港村", "village", "admin_village", "320614101"),
        Place("320614101001", "悦来镇社区", "village", "community", "320614101"),
        *more,
    ]


def test_the_right_village_is_found_for_97_in_100_rows(
    judged: list[tuple[dict[str, str], Answer, bool]],
) -> None:
    assert share(judged, "village") >= 0.985


def test_addresses_of_other_counties_get_no_village(
    judged: list[tuple[dict[str, str], Answer, bool]],
) -> None:
    assert share(judged, "none") >= 0.97


def test_a_town_or_county_alone_is_not_taken_for_a_village(
    judged: list[tuple[dict[str, str], Answer, bool]],
) -> None:
    assert share(judged, "town", "county") >= 0.97


def test_no_noise_class_falls_below_85_percent(judged: list[tuple[dict[str, str], Answer, bool]]) -> None:
    rows, hits = Counter[str](), Counter[str]()
    for row, _, hit in judged:
        rows[row["noise_class"]] += 1
        hits[row["noise_class"]] += hit
    assert {name: hits[name] / n for name, n in rows.items() if hits[name] < 0.85 * n} == {}


def test_of_the_answers_scored_090_or_more_at_most_3_in_1000_are_wrong(
    judged: list[tuple[dict[str, str], Answer, bool]],
) -> None:
    sure = [hit for _, answer, hit in judged if answer.score >= 0.9]
    assert len(sure) > 1500
    assert sure.count(False) <= 0.003 * len(sure)


def test_every_village_of_an_ambiguous_name_is_a_candidate_and_the_answer_is_not_sure(
    judged: list[tuple[dict[str, str], Answer, bool]],
) -> None:
    shared = [(row, answer) for row, answer, _ in judged if row["noise_class"] == "ambiguous"]
    open_ones = [(row, answer) for row, answer in shared if answer.level == "ambiguous"]
    assert len(open_ones) >= 80
    for row, answer in open_ones:
        assert set(row["alt_codes"].split("|")) <= {candidate.code for candidate in answer.candidates}
        assert answer.score <= 0.5
        assert "ambiguous" in answer.warnings
        assert not answer.settled


def test_a_village_name_inside_a_city_name_is_not_read() -> None:
    answer = Matcher(haimen()).match("湖南省长沙市岳麓区望月湖街道3号")
    assert (answer.level, answer.method, answer.warnings) == ("none", "outside", ("outside",))


def test_a_community_named_after_its_town_is_not_the_town() -> None:
    matcher = Matcher(haimen())
    assert matcher.match("海门区悦来镇悦来镇社区3组").code == "320614101001"
    assert matcher.match("海门区悦来镇").code == "320614101"


def test_a_town_of_the_same_name_elsewhere_is_outside() -> None:
    answer = Matcher(haimen()).match("江苏省宿迁市沭阳县悦来镇习正村6组")
    assert (answer.level, answer.code, answer.warnings) == ("none", "", ("outside",))


def test_a_county_of_the_same_name_in_another_province_is_outside() -> None:
    tongzhou = [
        Place("320612", "通州区", "county", parent_code="3206"),
        Place("320612107", "十总镇", "town", parent_code="320612"),
    ]
    matcher = Matcher(tongzhou)
    assert matcher.match("北京市通州区十总镇").level == "none"
    assert matcher.match("南通市通州区十总镇").code == "320612107"


def test_former_names_of_county_and_town_are_read_and_said() -> None:
    answer = Matcher(haimen()).match("江苏省海门市官公河乡新港村3组")
    assert answer.code == "320614102203"
    assert answer.warnings == ("old_name",)


def test_a_wrong_town_lowers_the_score_and_warns() -> None:
    answer = Matcher(haimen()).match("海门区常乐镇习正村12组")
    assert answer.code == "320614101201"
    assert answer.warnings == ("wrong_town",)
    assert answer.score < 0.8


def test_equal_names_in_two_towns_are_both_candidates_and_neither_is_chosen() -> None:
    answer = Matcher(haimen()).match("海门区新港村3组")
    assert answer.level == "ambiguous"
    assert {candidate.code for candidate in answer.candidates} == {"320614102203", "320614101203"}
    assert (answer.village_code, answer.town_code) == ("", "")


def test_the_home_county_comes_first_where_none_is_named() -> None:
    other = [
        Place("320681", "启东市", "county", parent_code="3206"),
        Place("320681101", "北新镇", "town", parent_code="320681"),
        Place("320681101201", "习正村", "village", "admin_village", "320681101"),
    ]
    assert Matcher(haimen(*other)).match("习正村3组").level == "ambiguous"
    at_home = Matcher(haimen(*other), home_county_code="320614")
    at_once = at_home.match("习正村3组")
    assert (at_once.level, at_once.code, at_once.warnings) == ("village", "320614101201", ())
    assert at_home.match("启东市习正村3组").code == "320681101201"


def test_a_slip_that_sounds_alike_outdoes_one_without_any_likeness() -> None:
    rival = Place("320614101209", "习安村", "village", "admin_village", "320614101")
    answer = Matcher(haimen(rival)).match("海门区悦来镇习郑村3组")
    assert (answer.level, answer.code, answer.method) == ("village", "320614101201", "slip")
    assert 0.6 < answer.score < 0.9


def test_a_dropped_character_that_fits_two_villages_is_ambiguous() -> None:
    twins = [
        Place("320614101211", "南习桥村", "village", "admin_village", "320614101"),
        Place("320614101212", "北习桥村", "village", "admin_village", "320614101"),
    ]
    answer = Matcher(haimen(*twins)).match("海门区悦来镇习桥村3组")
    assert answer.level == "ambiguous"
    assert {candidate.code for candidate in answer.candidates} == {"320614101211", "320614101212"}


def test_a_misspelt_town_is_believed_for_a_village_of_its_own() -> None:
    answer = Matcher(haimen()).match("海门区悦莱镇新港村3组")
    assert (answer.code, answer.method) == ("320614101203", "town_slip")


def test_a_village_whose_name_opens_with_the_county_is_no_county() -> None:
    sluice = Place("320614102208", "海门闸村", "village", "admin_village", "320614102")
    assert Matcher(haimen(sluice)).match("海门闸村3组").code == "320614102208"


def test_a_former_county_name_unlike_the_present_one_is_said(matcher: Matcher) -> None:
    answer = matcher.match("南通市南通县金新街道正场村3组")
    assert (answer.code, answer.warnings) == ("320612004223", ("old_name",))


def test_a_county_without_its_suffix_or_by_its_former_name_is_seen_to_be_elsewhere() -> None:
    matcher = Matcher(haimen(), home_county_code="320614")
    for address in ("沭阳悦来镇习正村", "江苏沭阳悦来镇习正村", "南通启东悦来镇习正村", "苏州市吴江市悦来镇"):
        assert (matcher.match(address).level, matcher.match(address).method) == ("none", "outside")
    assert matcher.match("海门悦来镇习正村").code == "320614101201"


def test_a_road_or_an_estate_is_no_village() -> None:
    matcher = Matcher(haimen())
    for address in ("海门区悦来镇长沙路12号", "海门区悦来镇新港花园3幢201室", "海门区悦来镇农贸市场内"):
        assert (matcher.match(address).level, matcher.match(address).code) == ("town", "320614101")


def test_a_natural_village_and_a_market_lie_below_their_village() -> None:
    places = haimen(
        Place("N1", "小王家宅", "natural_village", "natural", "320614101201", lon=121.31, lat=31.91),
        Place("M1", "悦来家纺市场", "group", "market", "320614101001"),
    )
    matcher = Matcher(places)
    answer = matcher.match("海门区悦来镇习正村小王家宅5组")
    assert (answer.level, answer.code, answer.village_code) == ("natural_village", "N1", "320614101201")
    assert (answer.lon, answer.lat, answer.group) == (121.31, 31.91, "5")
    assert matcher.match("海门区悦来镇小王家宅").code == "N1"
    assert matcher.match("海门区悦来镇社区悦来家纺市场12号").code == "M1"


def test_what_lies_below_the_village_is_handed_back_as_text() -> None:
    matcher = Matcher(haimen())
    rural = matcher.match("海门区悦来镇习正村十二组3-1号")
    assert (rural.group, rural.house, rural.level) == ("十二", "3-1", "village")
    urban = matcher.match("海门区悦来镇悦来镇社区翡翠城5幢2单元804室")
    assert (urban.building, urban.unit, urban.room) == ("5", "2", "804")


def test_addresses_that_differ_in_figures_only_share_a_place_not_their_figures(matcher: Matcher) -> None:
    many = [f"启东市汇龙镇圩南村{n}组{n * 3}号" for n in range(1, 40)]
    answers = matcher.match_many(many)
    assert {answer.code for answer in answers} == {"320681100219"}
    assert [answer.group for answer in answers] == [str(n) for n in range(1, 40)]


def test_a_gazetteer_without_its_county_row_still_knows_its_county() -> None:
    town, village = haimen()[1], haimen()[3]
    answer = Matcher([town, village]).match("南通市海门区悦来镇习正村")
    assert (answer.code, answer.county_code) == ("320614101201", "320614")


def test_a_pickled_matcher_answers_the_same(matcher: Matcher) -> None:
    copy = pickle.loads(pickle.dumps(matcher))
    address = "南通市启东市惠萍镇鸿东村12组"
    assert copy.match(address) == matcher.match(address)


RUBBISH = [
    None,
    "",
    "   ",
    "😀😀🏠",
    "\x00\x01\x02",
    "'; DROP TABLE unit; --",
    "%s%s%n",
    "\ud800",
    "？？？",
    "同上",
]


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_rubbish_gets_a_reason_and_never_an_exception(matcher: Matcher, rubbish: str | None) -> None:
    answer = matcher.match(rubbish)
    assert answer.level == "none"
    assert answer.method in ("empty", "unreadable", "placeholder")


@pytest.mark.parametrize(
    "text", ["汇龙镇" * 3400, "1" * 10_000, "村" * 10_000, "(" * 10_000, "启东市" + "东" * 10_000]
)
def test_ten_thousand_characters_are_answered_within_a_tenth_of_a_second(matcher: Matcher, text: str) -> None:
    started = time.perf_counter()
    assert matcher.match(text).level in geocoding.LEVELS
    assert time.perf_counter() - started < 0.1


def test_each_geocoder_answers_every_address_within_its_rung(matcher: Matcher) -> None:
    addresses = ["启东市汇龙镇圩南村3组", None, "上海市浦东新区川沙镇"]
    for geocoder in geocoding.GEOCODERS:
        answers = geocoder.locate(geocoding.Batch(addresses, matcher))
        found = "village" if geocoder.key == "gazetteer" else "none"  # a service needs a way out to answer
        assert [answer.level for answer in answers] == [found, "none", "none"]
        allowed = geocoding.LEVELS[geocoding.LEVELS.index(geocoder.rung) :]
        assert {answer.level for answer in answers} <= set(allowed)
    assert len({geocoder.key for geocoder in geocoding.GEOCODERS}) == len(geocoding.GEOCODERS)
