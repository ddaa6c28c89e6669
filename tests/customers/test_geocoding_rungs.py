"""Below the village: natural villages, markets, compounds, groups, houses with rows of their own; codes."""

import pytest

from app.customers.geocoding import Matcher, Place

TOWNS = [
    Place("3206", "南通市", "city"),
    Place("320614", "海门区", "county", parent_code="3206"),
    Place("320614101", "悦来镇", "town", parent_code="320614"),
    Place("320614102", "常乐镇", "town", parent_code="320614"),
    Place("320614101201", "习正村", "village", "admin_village", "320614101", former_names=("320684101999",)),
    Place("320614101202", "保民村", "village", "admin_village", "320614101"),
    Place("320614101001", "悦来社区", "village", "community", "320614101"),
    Place("320614102203", "颐生村", "village", "admin_village", "320614102"),
    Place("HM-YL-009", "匡家村", "village", "admin_village", "320614101"),
]
BELOW = [
    Place("N1", "小王家宅", "natural_village", "", "320614101201", lon=121.31, lat=31.91),
    Place("N2", "陆家圩", "natural_village", "", "320614101201", lon=121.32, lat=31.91),
    Place("N3", "陆家圩", "natural_village", "", "320614101202", lon=121.33, lat=31.91),
    Place("N4", "沈家埭", "natural_village", "", "320614101202"),
    Place("N5", "沈家埭", "natural_village", "", "320614101202"),
    Place("N6", "颐生村", "natural_village", "", "320614101202"),
    Place("M1", "叠石桥家纺市场", "group", "market", "320614101001", lon=121.3, lat=31.9),
    Place("C1", "锦绣华庭", "group", "compound", "320614101001", lon=121.3, lat=31.9),
    Place("C2", "悦来花园小区", "group", "compound", "320614101001"),
    Place("G3", "3组", "group", "", "320614101201", lon=121.311, lat=31.911),
    Place("G4", "习正村第四村民小组", "group", "", "320614101201"),
    Place("G3b", "三组", "group", "", "320614101202"),
    Place("H5", "5号", "house", "", "G3", lon=121.312, lat=31.912),
    Place("B2", "2幢", "house", "building", "C1"),
    Place("R12", "长江路12号", "house", "building", "320614101001"),
    Place("R14", "长江路14号", "house", "building", "320614101202"),
]


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher([*TOWNS, *BELOW])


@pytest.mark.parametrize(
    ("address", "level", "code"),
    [
        ("海门区悦来镇习正村小王家宅5号", "natural_village", "N1"),
        ("海门区悦来镇小王家宅", "natural_village", "N1"),
        ("小王家宅东侧", "natural_village", "N1"),
        ("海门区悦来镇保民村陆家圩2号", "natural_village", "N3"),
        ("海门区悦来镇悦来社区叠石桥家纺市场A区3号", "group", "M1"),
        ("海门区悦来镇叠石桥家纺市场内", "group", "M1"),
        ("海门区悦来镇锦绣华庭小区5幢201", "group", "C1"),
        ("海门区悦来镇锦绣华庭北区", "group", "C1"),
        ("海门区悦来镇悦来花园5幢", "group", "C2"),
        ("海门区悦来镇习正村三组7号", "group", "G3"),
        ("海门区悦来镇习正村第4组", "group", "G4"),
        ("海门区悦来镇保民村3组", "group", "G3b"),
        ("海门区悦来镇习正村3组5号", "house", "H5"),
        ("海门区悦来镇锦绣华庭2幢301室", "house", "B2"),
        ("海门区悦来镇长江路12号", "house", "R12"),
        ("海门区悦来镇长江路14号", "house", "R14"),
        ("海门区悦来镇悦来社区长江路12号", "house", "R12"),
        ("海门区悦来镇长江路13号", "town", "320614101"),
        ("海门区悦来镇习正村5组", "village", "320614101201"),
        ("海门区悦来镇锦绣路3号", "town", "320614101"),
    ],
)
def test_an_address_is_answered_at_the_finest_level_that_it_names(
    matcher: Matcher, address: str, level: str, code: str
) -> None:
    answer = matcher.match(address)
    assert (answer.level, answer.code) == (level, code)


def test_a_finer_answer_keeps_its_village_and_its_own_point(matcher: Matcher) -> None:
    answer = matcher.match("海门区悦来镇习正村3组5号")
    assert (answer.village_code, answer.town_code, answer.lon) == ("320614101201", "320614101", 121.312)
    assert (answer.group, answer.house, answer.score >= 0.9) == ("3", "5", True)
    assert answer.candidates[0].code == "H5"


def test_a_natural_village_in_two_villages_of_a_town_is_ambiguous_unless_the_village_is_said(
    matcher: Matcher,
) -> None:
    answer = matcher.match("海门区悦来镇陆家圩3号")
    assert answer.level == "ambiguous"
    assert {candidate.code for candidate in answer.candidates} == {"N2", "N3"}
    assert matcher.match("海门区悦来镇习正村陆家圩3号").code == "N2"


def test_two_natural_villages_of_one_name_in_one_village_leave_the_village_sure(matcher: Matcher) -> None:
    answer = matcher.match("海门区悦来镇沈家埭3号")
    assert (answer.level, answer.code, answer.warnings) == ("village", "320614101202", ("ambiguous",))
    assert {candidate.code for candidate in answer.candidates} == {"N4", "N5"}
    assert answer.score < 0.9


def test_a_village_comes_before_a_natural_village_of_its_name_elsewhere_and_is_not_sure(
    matcher: Matcher,
) -> None:
    answer = matcher.match("海门区颐生村3组")
    assert (answer.level, answer.code, answer.warnings) == ("village", "320614102203", ("ambiguous",))
    assert answer.score < 0.8
    assert matcher.match("海门区常乐镇颐生村3组").score >= 0.9


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("320614101201", "320614101201"),
        ("３２０６１４１０１２０１", "320614101201"),
        ("HM-YL-009", "HM-YL-009"),
        ("hm-yl-009 3组", "HM-YL-009"),
        ("海门区悦来镇(320614101201)3组", "320614101201"),
        ("320614101201 海门区悦来镇习正村3组", "320614101201"),
        ("320684101999", "320614101201"),
        ("320614101", "320614101"),
    ],
)
def test_a_known_code_in_the_text_is_understood(matcher: Matcher, address: str, code: str) -> None:
    answer = matcher.match(address)
    assert (answer.code, answer.method, answer.score) == (code, "code", 0.99)


def test_a_code_that_contradicts_the_words_is_ambiguous(matcher: Matcher) -> None:
    answer = matcher.match("320614101201 海门区常乐镇颐生村3组")
    assert answer.level == "ambiguous"
    assert {candidate.code for candidate in answer.candidates} == {"320614101201", "320614102203"}


@pytest.mark.parametrize(
    "text", ["320614101209", "HM-YL-001", "13812345678", "226100", "320614101201 HM-YL-009"]
)
def test_a_number_that_is_no_code_or_two_codes_tell_nothing(matcher: Matcher, text: str) -> None:
    assert matcher.match(text).level == "none"
