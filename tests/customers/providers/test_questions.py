"""What of an address may leave the bank: places, never persons; the same question from its own text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.customers.geocoding.providers import Question
from app.customers.geocoding.providers.questions import find_county, fit, make_question

HOME = find_county("320614")
HEAD = "江苏省南通市海门区"


def ask(address: object, *names: str) -> str | None:
    """The text that would leave, without the county before it."""
    question = make_question(address, HOME, names=names)
    if question is None:
        return None
    assert question.text.startswith(HEAD)
    return question.text.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("address", "left"),
    [
        ("江苏省南通市海门区悦来镇習正村12组3号 13812345678 张三", "悦来镇习正村12组3号"),
        ("海门市三星镇叠石桥国际家纺城5幢2单元804室", "三星镇叠石桥国际家纺城"),
        ("海门镇人民中路128号阳光小区3-2-501", "海门镇人民中路128号"),
        ("三厂街道大庆路88弄12号602室", "三厂街道大庆路88弄12号"),
        ("余东镇凤城村18组陈小明家旁边", "余东镇凤城村18组"),
        ("东洲花苑A12幢", "东洲花苑"),
        ("常乐镇颐生村酒厂宿舍2号楼304", "常乐镇颐生村酒厂"),
        ("悦来镇东楼村二圩村3组", "悦来镇东楼村二圩村3组"),
        ("海门街道张謇大道六号桥南首李四", "海门街道张謇大道六号桥"),
        ("住址：悦来镇万年街 身份证32068419800101123X", "悦来镇万年街"),
    ],
)
def test_building_room_people_and_numbers_stay_in_the_bank(address: str, left: str) -> None:
    assert ask(address) == left


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "悦来镇",
        "海门区悦来镇12组",
        "悦来镇张三家",
        "海门",
        "南通海门四甲镇 320684198001011234",
        "13812345678",
        "同上",
        "😀",
        "a@b.cn",
        "\x00",
        "x" * 10_000,
    ],
)
def test_where_nothing_below_the_town_could_be_told_nothing_leaves(address: object) -> None:
    assert make_question(address, HOME) is None


def test_the_customer_s_own_name_is_taken_out_wherever_it_stands() -> None:
    assert ask("悦来镇王建桥万年街12号", "王建桥") == "悦来镇万年街12号"
    assert ask("悦来镇王建桥") == "悦来镇王建桥"
    assert ask("悦来镇王建桥", "王建桥") is None


def test_a_town_that_bears_the_county_s_name_keeps_it() -> None:
    assert ask("海门镇解放路3号") == "海门镇解放路3号"
    assert ask("南通市海门海门街道解放路3号") == "海门街道解放路3号"


def test_without_a_county_the_text_goes_as_it_stands() -> None:
    question = make_question("悦来镇万年路12号", None)
    assert question == Question("悦来镇万年路12号", None)


def test_a_long_text_loses_its_province_first_then_whole_characters() -> None:
    question = Question(HEAD + "悦来镇" + "万年" * 20 + "路12号", HOME)
    fitted = fit(question, 84).text
    assert fitted.startswith("南通市海门区悦来镇万年")
    assert len(fitted.encode()) <= 84
    assert len(fitted) == 28
    assert fit(question, 400) == question


def test_a_figure_is_never_cut_in_two() -> None:
    question = Question(HEAD + "悦来镇万年路128号", HOME)
    without_province = len("南通市海门区悦来镇万年路1".encode())
    assert fit(question, without_province).text == "南通市海门区悦来镇万年路"


@given(
    st.text(
        alphabet="海门悦来镇村组路街号弄幢室单元张三李四王0123456789-A 江苏省南通市区第圩桥小社", max_size=30
    )
)
def test_the_text_of_a_question_makes_the_same_question(address: str) -> None:
    question = make_question(address, HOME)
    if question is not None:
        again = make_question(question.text, HOME)
        assert again == question


@given(st.text(max_size=40), st.integers(10_000_000, 10**18))
def test_no_long_number_ever_leaves(around: str, number: int) -> None:
    question = make_question(f"悦来镇万年路{around}{number}号{around}", HOME)
    assert question is None or str(number) not in question.text


@given(st.text(max_size=60), st.integers(1, 120))
def test_a_fitted_text_is_within_its_limit_and_whole(text: str, limit: int) -> None:
    fitted = fit(Question(text, HOME), limit).text
    assert len(fitted.encode("utf-8", "surrogatepass")) <= limit or fitted == ""
