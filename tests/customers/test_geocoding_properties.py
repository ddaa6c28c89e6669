"""What holds for any gazetteer and any text: equals are handed back, nothing stops, work is bounded."""

import random
import sys
import threading
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.customers import geocoding
from app.customers.geocoding import Matcher, Place

CHARS = "习正新港长沙颐生河东兴隆桥头王家南北高明"


def drawn_bank(seed: int) -> list[Place]:
    """Two counties of three towns each, with villages of two-letter names, some of them shared."""
    dice = random.Random(seed)
    places = [
        Place("320614", "海门区", "county", parent_code="3206"),
        Place("320681", "启东市", "county", parent_code="3206"),
    ]
    for county, town in product(("320614", "320681"), range(1, 4)):
        code = f"{county}10{town}"
        places.append(
            Place(code, f"{'悦常余汇近惠'[town - 1 + 3 * (county == '320681')]}来镇", "town", "", county)
        )
        for n in range(dice.randint(2, 6)):
            name = "".join(dice.sample(CHARS[:8], 2))
            places.append(Place(f"{code}2{n:02d}", name + "村", "village", "admin_village", code))
    return places


@pytest.mark.parametrize("seed", range(15))
def test_of_equal_names_none_is_ever_picked_silently(seed: int) -> None:
    places = drawn_bank(seed)
    matcher = Matcher(places)
    villages = [place for place in places if place.level == "village"]
    for village in villages:
        for county, name in (("320614", "海门区"), ("320681", "启东市")):
            same = {v.code for v in villages if v.name == village.name and v.code.startswith(county)}
            answer = matcher.match(f"{name}{village.name}3组")
            if len(same) > 1:
                assert answer.level == "ambiguous"
                assert answer.score <= 0.5
                assert same <= {candidate.code for candidate in answer.candidates}
                assert (answer.village_code, answer.town_code) == ("", "")
            elif same:
                assert answer.code in same


@pytest.mark.parametrize("seed", range(8))
def test_a_full_address_is_found_in_any_gazetteer_and_twins_in_one_town_are_not_chosen_between(
    seed: int,
) -> None:
    places = drawn_bank(seed)
    matcher = Matcher(places)
    named = {place.code: place.name for place in places}
    villages = [place for place in places if place.level == "village"]
    for village in villages:
        twins = {v.code for v in villages if (v.name, v.parent_code) == (village.name, village.parent_code)}
        county = named[village.code[:6]]
        answer = matcher.match(f"{county}{named[village.parent_code]}{village.name}3组")
        if len(twins) == 1:
            assert (answer.code, answer.score >= 0.9) == (village.code, True)
        else:
            assert answer.level == "ambiguous"


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(drawn_bank(1), home_county_code="320614")


HOSTILE = (
    "海门区悦来镇习正村12组3号、；|()（）【】-—#\u200b\u202e\ufeff\u3000\ue000\U0002bb62\ud800\x00\x07\n\t"
    "'\"%s;--<>\\😀ABCabc０１２３現住戶籍公司路街号幢室单元或地址"
)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from(HOSTILE), max_size=300))
def test_any_text_gets_an_answer_of_known_words(matcher: Matcher, text: str) -> None:
    answer = matcher.match(text)
    assert answer.level in geocoding.LEVELS
    assert set(answer.noise) <= set(geocoding.NOISES)
    assert answer.noise
    assert set(answer.warnings) <= set(geocoding.WARNINGS)
    assert 0.0 <= answer.score <= 1.0
    assert (answer.code == "") == (answer.level == "none")
    assert matcher.match(text) == answer
    assert isinstance(matcher.prefix_of(text), str)
    assert len(matcher.alias_of(text)) <= 20


class Steps:
    """Counts the calls of Python functions of the matcher while it works: work, not time."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, frame: object, event: str, arg: object) -> None:
        self.calls += event == "call"


def steps_of(matcher: Matcher, text: str) -> int:
    steps = Steps()
    before = sys.getprofile()
    sys.setprofile(steps)
    try:
        matcher.match(text)
    finally:
        sys.setprofile(before)
    return steps.calls


WORST = [
    "村" * 10_000,
    "村1" * 5_000,
    "(" * 10_000,
    "()" * 5_000,
    "户籍" * 5_000,
    "现住:" * 3_000,
    "；".join(["海门区悦来镇习正村"] * 2_000),
    "、".join(["习正村"] * 3_000),
    "1" * 10_000,
    "1-" * 5_000,
    "公司" * 5_000,
    "悦来镇" * 3_000,
    "海门区" * 3_000,
    " " * 10_000,
    "\u200b" * 10_000,
    "有限公司(" * 2_000,
    "一二三" * 3_000,
    "习" * 10_000,
]


@pytest.mark.parametrize("text", WORST, ids=lambda text: text[:4])
def test_the_work_for_ten_thousand_characters_is_bounded(matcher: Matcher, text: str) -> None:
    matcher.match("海门区悦来镇习郑村")  # tables that are read once
    assert steps_of(matcher, text) < 20_000


def test_marks_that_no_eye_sees_do_not_hide_a_place(matcher: Matcher) -> None:
    plain = matcher.match("海门区悦来镇习正村12组")
    for mark in "\u200b\u200e\u200f\u202b\ufeff\u2060\xad\u3000\xa0\ue000\x00\x07":
        spoilt = matcher.match(mark.join("海门区悦来镇习正村12组"))
        assert (spoilt.code, spoilt.level) == (plain.code, plain.level)


def test_ten_thousand_blanks_do_not_hide_the_address_behind_them(matcher: Matcher) -> None:
    address = "海门区悦来镇习正村12组"
    assert matcher.match(" " * 10_000 + address).code == matcher.match(address).code


def test_names_beyond_the_basic_plane_are_matched() -> None:
    town = Place("321281123", "沈𫭢镇", "town", parent_code="321281")
    village = Place("321281123201", "𫭢东村", "village", "admin_village", "321281123")
    answer = Matcher([town, village]).match("兴化市沈𫭢镇𫭢东村３组")
    assert (answer.code, answer.group) == ("321281123201", "3")


@pytest.mark.parametrize(
    "text",
    [
        "ä¸\xadå\x9b½",
        "锟斤拷锟斤拷",
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "=HYPERLINK(1)",
        "\ud800\udfff",
        "村",
        "社区",
    ],
)
def test_mojibake_and_code_get_a_reason(matcher: Matcher, text: str) -> None:
    answer = matcher.match(text)
    assert (answer.level, answer.code) == ("none", "")
    assert answer.method in ("unreadable", "unknown", "placeholder")


def test_threads_that_share_a_matcher_get_what_one_alone_gets() -> None:
    places = drawn_bank(3)
    texts = [
        f"{c}{t.name}{v.name}{n}组"
        for c in ("海门区", "启东市")
        for t in places[2:4]
        for v in places[3:9]
        for n in range(5)
    ]
    alone = Matcher(places).match_many(texts)
    shared = Matcher(places)
    found: list[list[geocoding.Answer]] = []
    threads = [threading.Thread(target=lambda: found.append(shared.match_many(texts))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 4
