"""Which column is what: guessed, said by hand, refused with a list, and shown without anybody's secrets."""

import re
from pathlib import Path

import pytest

from app.customers.intake import map_columns, show_columns
from app.customers.intake.fields import FIELDS
from app.customers.intake.tables import open_table
from app.customers.intake.values import veil
from app.errors import BadInput, NeedsAnswer
from tests.customers.customer_files import write_table

CHINESE, LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]{3}")
HEADINGS = ["客户号", "姓名", "户主姓名", "电话", "备用电话"]


def test_a_column_said_by_hand_overrules_the_guess() -> None:
    guessed = {"source_key": 0, "name": 1, "phone": 3}
    assert map_columns(HEADINGS, {}) == guessed
    assert map_columns(HEADINGS, {"customer_name": "户主姓名"}) == {**guessed, "name": 2}
    assert map_columns(HEADINGS, {"name": "户主姓名", "phone": "备用电话"}) == {
        **guessed,
        "name": 2,
        "phone": 4,
    }


def test_a_column_said_by_hand_is_guessed_for_nothing_else() -> None:
    assert map_columns(["客户号", "地址", "住址"], {"customer_name": "地址"}) == {
        "source_key": 0,
        "name": 1,
        "address": 2,
    }
    with pytest.raises(NeedsAnswer) as asked:
        map_columns(HEADINGS, {"household_no": "客户号"})
    assert [question["code"] for question in asked.value.facts["questions"]] == ["field_source_key"]
    both = map_columns(HEADINGS, {"household_no": "客户号", "source_key": "客户号"})
    assert (both["household_no"], both["source_key"]) == (0, 0)


def test_a_field_can_be_said_to_have_no_column() -> None:
    assert map_columns(HEADINGS, {"phone": "@none"}) == {"source_key": 0, "name": 1}
    with pytest.raises(NeedsAnswer):
        map_columns(HEADINGS, {"customer_name": "@none"})


def test_a_column_is_found_as_a_heading_is_read() -> None:
    assert map_columns(["Cust No", "NAME（户主）", "x y"], {"address": "X_Y"})["address"] == 2


def test_a_wrong_term_is_refused_with_the_terms_in_both_tongues() -> None:
    with pytest.raises(BadInput, match="unknown_term") as refused:
        map_columns(HEADINGS, {"shoe_size": "姓名"})
    assert refused.value.facts["terms"] == [field.term for field in FIELDS]
    for term in ("customer_name", "customer_kind", "loan_yuan"):
        assert term in refused.value.zh
        assert term in refused.value.en
    assert "客户名称" in refused.value.zh


def test_a_wrong_column_is_refused_with_the_columns_in_both_tongues() -> None:
    with pytest.raises(BadInput, match="unknown_column") as refused:
        map_columns([*HEADINGS, "320684199001011234"], {"customer_name": "户主名"})
    assert refused.value.facts["columns"][:5] == HEADINGS
    for told in (refused.value.zh, refused.value.en):
        assert all(heading in told for heading in HEADINGS)
        assert "320684199001011234" not in told
    assert CHINESE.search(refused.value.zh)
    assert LATIN.search(refused.value.en)


def test_a_heading_that_stands_twice_is_not_chosen_by_chance() -> None:
    with pytest.raises(BadInput, match="column_twice"):
        map_columns(["客户号", "姓名", "备注", "备注"], {"address": "备注"})


PERSON = {
    "客户号": "K1",
    "姓名": "沈雪梅",
    "客户类型": "个人",
    "身份证号": "320684199001011234",
    "手机": "13912345678",
    "住址": "海门区常乐镇颐生村12组3号",
    "经度": "121.234567",
    "纬度": "31.91",
    "存款余额": "123456.78",
    "最近走访": "2026/1/5",
    "配偶": "陆建国",
    "配偶证件": "320684198812120019",
    "备用电话": "13987654321",
    "老宅": "海门区三星镇某村5号",
    "等级": "13912345678",
}
SECRETS = (
    "雪梅",
    "9900101",
    "912345",
    "12组",
    "234567",
    "456.78",
    "建国",
    "8812120",
    "987654",
    "某村",
    "912345",
)


def test_a_report_shows_each_column_its_term_and_masked_cells(tmp_path: Path) -> None:
    file = open_table(write_table(tmp_path / "c.csv", [PERSON, {**PERSON, "客户号": "K2"}]))
    shown = show_columns(file, map_columns(file.headings, {}))
    assert [column["name"] for column in shown] == list(PERSON)
    terms = {column["name"]: column["term"] for column in shown}
    assert (terms["姓名"], terms["客户类型"], terms["配偶"]) == ("customer_name", "customer_kind", None)
    cells = {column["name"]: column["sample"] for column in shown}
    assert cells["客户号"] == ["K1", "K2"]
    assert cells["姓名"] == ["沈**"]
    assert cells["身份证号"] == ["320684**********34"]
    assert cells["手机"] == ["139****5678"]
    assert cells["住址"] == ["海门区常乐镇颐生村***"]
    assert (cells["经度"], cells["纬度"]) == (["121.23***"], ["31.91"])
    assert (cells["客户类型"], cells["最近走访"]) == (["个人"], ["2026-01-05"])
    assert not any(secret in str(shown) for secret in SECRETS)


@pytest.mark.parametrize("term", [field.term for field in FIELDS])
def test_no_secret_is_shown_whatever_field_its_column_is_said_to_be(tmp_path: Path, term: str) -> None:
    secrets = {"甲": "320684199001011234", "乙": "13912345678", "丙": "沈雪梅", "丁": "常乐镇颐生村12组3号"}
    file = open_table(write_table(tmp_path / "c.csv", [{"客户号": "K1", "姓名": "某", **secrets}]))
    for at, column in enumerate(secrets, start=2):
        shown = show_columns(
            file, map_columns(file.headings, {"customer_name": "姓名"}) | {term_key(term): at}
        )
        assert shown[at]["sample"][0] not in ("", secrets[column])
        assert not any(part in str(shown) for part in ("9900101", "912345", "雪梅", "12组"))


def term_key(term: str) -> str:
    return next(field.key for field in FIELDS if field.term == term)


def test_five_different_cells_are_shown_at_most(tmp_path: Path) -> None:
    rows = [{"客户号": f"K{n // 2}", "姓名": "某", "空": ""} for n in range(40)]
    file = open_table(write_table(tmp_path / "c.csv", rows))
    assert [column["sample"] for column in show_columns(file, {"source_key": 0})] == [
        ["K0", "K1", "K2", "K3", "K4"],
        ["某*"],
        [],
    ]


@pytest.mark.parametrize(
    ("text", "veiled"),
    [
        ("320684199001011234", "320684**********34"),
        ("32068419900101123x", "320684**********3x"),
        ("320684900101123", "320684**********23"),
        ("H-13912345678/1", "H-139****5678/1"),
        ("K0000012", "K0000012"),
        ("320684991301123412", "320684991301123412"),
        ("620684000000000000000", "620684000000000000000"),
    ],
)
def test_identity_and_mobile_numbers_are_masked_wherever_they_stand(text: str, veiled: str) -> None:
    assert veil(text) == veiled
