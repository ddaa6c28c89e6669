"""What people decided outranks every reading; what was wrong with a text is said by name."""

import pickle

import pytest

from app.customers import geocoding
from app.customers.geocoding import Matcher, Place

PLACES = [
    Place("32", "江苏省", "province"),
    Place("3206", "南通市", "city", parent_code="32"),
    Place("320614", "海门区", "county", parent_code="3206", former_names=("海门市",)),
    Place("320614101", "悦来镇", "town", parent_code="320614"),
    Place("320614102", "常乐镇", "town", parent_code="320614"),
    Place("320614101201", "习正村", "village", "admin_village", "320614101", lon=121.3, lat=31.9),
    Place("320614101203", "新港村", "village", "admin_village", "320614101"),
    Place("320614102203", "新港村", "village", "admin_village", "320614102"),
    Place("320614102204", "颐生村", "village", "admin_village", "320614102"),
]


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(PLACES)


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("江苏省南通市海门区悦来镇习正村12组3号", "江苏省南通市海门区悦来镇习正村"),
        ("海門區悦來鎮－习正村 第十二组３号 13812345678", "海门区悦来镇习正村"),
        ("海门区悦来镇老街口第3村民小组", "海门区悦来镇老街口"),
        ("海门区悦来镇三圩村二组", "海门区悦来镇三圩村"),
        ("海门区悦来镇901社区3组", "海门区悦来镇901社区"),
        ("海门区悦来镇锦绣华庭小区5幢201室", "海门区悦来镇锦绣华庭小区"),
        ("海门区悦来镇长江路12号3室", "海门区悦来镇长江路12"),
        ("海门区悦来镇12号", "海门区悦来镇12"),
        ("海门区悦来镇3组", "海门区悦来镇3组"),
        ("海门区悦来镇", "海门区悦来镇"),
        ("3组5号", ""),
        ("同上", ""),
        ("😀", ""),
        ("", ""),
    ],
)
def test_a_prefix_ends_before_the_first_figure_but_holds_a_roads_number(
    matcher: Matcher, address: str, prefix: str
) -> None:
    assert matcher.prefix_of(address) == prefix


def test_a_prefix_needs_no_gazetteer() -> None:
    assert Matcher([]).prefix_of("海门区悦来镇习正村12组") == "海门区悦来镇习正村"


@pytest.mark.parametrize(
    ("address", "alias"),
    [
        ("海门区悦来镇老街口3组5号", "老街口"),
        ("悦来镇石桥头3组", "石桥头"),
        ("海门区石桥头3组", "石桥头"),
        ("海门区悦来镇习郑村3组", "习郑村"),
        ("海门区悦来镇习正村3组", ""),
        ("海门区悦来镇长江路12号", ""),
        ("海门区悦来镇人民路北侧", ""),
        ("海门区新港村3组", ""),
        ("海门区悦来镇", ""),
        ("上海市浦东新区石桥头3组", ""),
        ("3组", ""),
        ("", ""),
    ],
)
def test_an_alias_is_what_stands_where_a_village_belongs_and_was_not_understood(
    matcher: Matcher, address: str, alias: str
) -> None:
    assert matcher.alias_of(address) == alias


def test_a_correction_is_right_for_every_address_of_its_prefix() -> None:
    taught = Matcher(PLACES, corrections={"海门区悦来镇老街口": "320614101201"})
    answer = taught.match("海门区悦来镇老街口7组8号")
    assert (answer.level, answer.code, answer.score, answer.method) == (
        "village",
        "320614101201",
        0.99,
        "correction",
    )
    assert (answer.group, answer.house, answer.lon, answer.village_code) == ("7", "8", 121.3, "320614101201")
    assert (answer.town_code, answer.county_code) == ("320614101", "320614")
    assert [candidate.reason for candidate in answer.candidates] == ["correction"]
    assert taught.match("海门区悦来镇老街尾7组8号").level == "town"


def test_a_correction_outranks_even_an_exact_name() -> None:
    taught = Matcher(PLACES, corrections={"海门区悦来镇习正村": "320614102204"})
    assert taught.match("海门区悦来镇习正村7组").code == "320614102204"
    assert taught.match("江苏省海门区悦来镇习正村7组").code == "320614101201"


def test_a_correction_of_a_road_holds_for_its_number_only() -> None:
    taught = Matcher(PLACES, corrections={"海门区悦来镇长江路12": "320614101201"})
    answer = taught.match("海门区悦来镇长江路12号3室")
    assert (answer.code, answer.house) == ("320614101201", "12")
    assert taught.match("海门区悦来镇长江路14号3室").level == "town"


def test_a_correction_to_a_place_that_is_gone_is_passed_over() -> None:
    taught = Matcher(PLACES, corrections={"海门区悦来镇习正村": "999", "": "320614102204"})
    assert taught.match("海门区悦来镇习正村7组").code == "320614101201"
    assert taught.match("7组").level == "none"


def test_a_pickled_matcher_keeps_its_corrections() -> None:
    taught = Matcher(PLACES, corrections={"海门区悦来镇老街口": "320614101201"})
    assert pickle.loads(pickle.dumps(taught)).match("海门区悦来镇老街口7组").method == "correction"


@pytest.mark.parametrize(
    ("address", "noise"),
    [
        ("江苏省南通市海门区悦来镇习正村12组3号", {"clean"}),
        ("江苏省南通市海門區悦來鎮习正村12组", {"traditional"}),
        ("江苏省南通市海门区悦来镇习正村１２组", {"full_width"}),
        ("江苏省/南通市/海门区/悦来镇/习正村/12组", {"separators"}),
        ("江苏省南通市海门区悦来镇习正村12组 13812345678", {"phone", "separators"}),
        ("鑫源纺织有限公司江苏省南通市海门区悦来镇习正村12组", {"firm"}),
        ("江苏省南通市海门区悦来镇习正村12组；悦来镇习正村", {"several"}),
        ("地址：江苏省南通市海门区悦来镇习正村12组", {"label"}),
        ("海门区悦来镇习正村12组", {"missing_province"}),
        ("悦来镇习正村12组", {"missing_province", "missing_county"}),
        ("江苏省海门区习正村12组", {"missing_town"}),
        ("江苏省海门区悦来镇习郑村12组", {"slip"}),
        ("江苏省海门区悦莱镇习正村12组", {"slip"}),
        ("江苏省海门区悦来镇习正12组", {"short_name"}),
        ("江苏省海门市悦来镇习正村12组", {"old_name"}),
        ("江苏省海门区常乐镇习正村12组", {"wrong_town"}),
        ("江苏省海门区新港村12组", {"missing_town", "ambiguous"}),
        ("湖南省长沙市岳麓区望月湖街道3号", {"outside"}),
        ("无", {"placeholder"}),
        ("", {"empty"}),
        ("？？", {"unreadable"}),
    ],
)
def test_what_was_wrong_with_a_text_is_said(matcher: Matcher, address: str, noise: set[str]) -> None:
    answer = matcher.match(address)
    assert set(answer.noise) == noise
    assert set(answer.noise) <= set(geocoding.NOISES)


def test_figures_without_a_place_are_said_to_be_below_only(matcher: Matcher) -> None:
    assert "below_only" in matcher.match("3组5号").noise
    assert "unknown" in matcher.match("石桥头3组5号").noise
