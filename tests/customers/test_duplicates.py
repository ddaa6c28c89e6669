"""Who comes twice: one key twice, one identity card under two keys, one person in two source systems."""

import pytest

from app.db import Database
from app.settings import Settings
from tests.customers.customer_files import draw_card, read_duplicates, send

CARD, OTHER_CARD, PHONE = "320684199001011234", "320684198812120018", "13912345678"


@pytest.fixture
def bank(settings: Settings) -> Settings:
    return settings.model_copy(update={"import_processes": 1})


def row(key: str, name: str = "沈雪梅", *, card: str = "", phone: str = "") -> dict[str, str]:
    return {"客户号": key, "客户名称": name, "证件号码": card, "手机号码": phone}


def test_a_repeated_key_names_both_rows(fresh: Database, bank: Settings) -> None:
    report = send(fresh, bank, [row("K1"), row("K2"), row("K1"), row("K1")])
    lines = read_duplicates(bank, report)
    assert [(line["row"], line["other_row"], line["reason"]) for line in lines] == [
        (4, 2, "repeated_key"),
        (5, 2, "repeated_key"),
    ]
    assert report["duplicates"] == {
        "repeated_key": 2,
        "card_two_keys": 0,
        "card_other_source": 0,
        "phone_other_source": 0,
    }


def test_one_card_under_two_keys_is_told_within_a_file_and_against_what_is_stored(
    fresh: Database, bank: Settings
) -> None:
    first = send(
        fresh, bank, [row("K1", card=CARD), row("K2", card=CARD.lower()), row("K3", card=OTHER_CARD)]
    )
    (line,) = read_duplicates(bank, first)
    assert (line["row"], line["key"], line["other_row"], line["other_key"]) == (3, "K2", 2, "K1")
    assert (line["reason"], first["kept"], first["duplicates"]["card_two_keys"]) == ("card_two_keys", 3, 1)
    second = send(fresh, bank, [row("K9", card=OTHER_CARD), row("K8")])
    (line,) = read_duplicates(bank, second)
    assert (line["row"], line["other_row"], line["other_source"], line["other_key"]) == (
        2,
        None,
        "core",
        "K3",
    )


def test_a_stored_customer_whose_row_is_in_the_file_is_no_twin_of_itself(
    fresh: Database, bank: Settings
) -> None:
    send(fresh, bank, [row("K1", card=CARD), row("K2", card=OTHER_CARD)])
    swapped = send(fresh, bank, [row("K1", card=OTHER_CARD), row("K2", card=CARD)])
    assert (swapped["changed"], sum(swapped["duplicates"].values())) == (2, 0)


def test_a_person_of_another_source_is_found_by_card_else_by_telephone_and_name(
    fresh: Database, bank: Settings
) -> None:
    send(
        fresh,
        bank,
        [
            row("K1", card=CARD, phone=PHONE),
            row("K2", "陆建国", phone=PHONE),
            row("K3", "黄海", card=OTHER_CARD, phone="13800000001"),
        ],
    )
    crm = [
        row("P1", card=CARD, phone=PHONE),  # the same card: once, not by telephone again
        row("P2", "陆建国", phone=PHONE),  # telephone and name
        row("P3", "陆建", phone=PHONE),  # another name
        row("P4", "黄海", card=draw_card(77), phone="13800000001"),  # two cards that differ: two people
        row("P5", "黄海", phone="13800000001"),  # one card only
        row("P6", "陆建国"),
    ]
    report = send(fresh, bank, crm, source="crm")
    lines = [
        (line["row"], line["reason"], line["other_key"], line["other_source"])
        for line in read_duplicates(bank, report)
    ]
    assert lines == [
        (2, "card_other_source", "K1", "core"),
        (3, "phone_other_source", "K2", "core"),
        (6, "phone_other_source", "K3", "core"),
    ]
    assert (report["kept"], report["duplicates"]["card_other_source"]) == (6, 1)
    assert report["duplicates"]["phone_other_source"] == 2


def test_many_of_one_telephone_and_name_are_a_line_a_row_with_their_number(
    fresh: Database, bank: Settings
) -> None:
    send(fresh, bank, [row(f"K{number:03d}", "客户", phone=PHONE) for number in range(60)])
    same = [row(f"P{number}", "客户", phone=PHONE) for number in range(50)]
    report = send(fresh, bank, same, source="crm")
    lines = read_duplicates(bank, report)
    assert len(lines) == 50
    assert {(line["other_key"], line["others"]) for line in lines} == {("K000", 60)}


def test_the_list_of_duplicates_holds_no_card_no_telephone_and_no_name(
    fresh: Database, bank: Settings
) -> None:
    send(fresh, bank, [row(CARD, card=CARD, phone=PHONE), row(PHONE, "陆建国", phone=PHONE)])
    again = [row("R1", card=CARD), row("R2", "陆建国", phone=PHONE), row(CARD), row(CARD), row("R1")]
    report = send(fresh, bank, again, source="roster")
    path = bank.files / "imports" / f"{report['import_id']}.duplicates.jsonl"
    left_out = bank.files / "imports" / f"{report['import_id']}.left_out.jsonl"
    listed = path.read_text(encoding="utf-8") + left_out.read_text(encoding="utf-8")
    assert len(read_duplicates(bank, report)) == 4
    assert "320684**********34" in listed
    assert not any(secret in listed for secret in (CARD, PHONE, "雪梅", "建国"))


def test_every_line_says_why_in_both_tongues(fresh: Database, bank: Settings) -> None:
    send(fresh, bank, [row("K1", card=CARD)])
    rows = [row("P1", card=CARD), row("P2", card=CARD), row("P1")]
    for line in read_duplicates(bank, send(fresh, bank, rows, source="crm")):
        assert line["message"]["zh"]
        assert line["message"]["en"].isascii()


def test_the_left_out_file_names_the_key_column_not_the_first(fresh: Database, bank: Settings) -> None:
    rows = [
        {"证件号码": CARD, "客户号": "K1", "客户名称": ""},
        {"证件号码": CARD, "客户号": PHONE, "客户名称": ""},
    ]
    report = send(fresh, bank, [*rows, {"证件号码": CARD, "客户号": "K2", "客户名称": "有名"}])
    assert [line["key"] for line in report["rejected"]] == ["K1", "139****5678"]
    assert CARD not in str(report)
