"""Identity cards, credit codes and telephones: one form for the right ones, a reason for the wrong ones."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.customers.intake.numbers import WRONGS, read_id_card, read_id_cards, read_phone, read_phones
from app.customers.intake.values import Problem

DIGITS = "10X98765432"
REASONS = {code for code, _, _ in WRONGS if code}


def card(body: str) -> str:
    """A number of 17 digits with its check character, by the standard's own arithmetic: 2^(18-i) mod 11."""
    total = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(body))
    return body + DIGITS[total % 11]


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("11010519491231002X", "11010519491231002X"),
        ("440524188001010014", "440524188001010014"),
        (" 11010519491231002x ", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("110105 19491231 002X", "11010519491231002X"),
        ("110105491231002", "11010519491231002X"),
        ("320684200002290017", card("32068420000229001")),
        ("E12345678", "E12345678"),
        ("", None),
        (None, None),
    ],
)
def test_a_right_identity_number_is_stored_in_one_form(cell: str | None, stored: str | None) -> None:
    if stored and stored.startswith("320684"):
        cell = stored
    assert read_id_card(cell) == stored


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("110105194912310021", "bad_id_card_check"),
        (card("99010519491231002"), "bad_id_card_region"),
        (card("11010519490229002"), "bad_id_card_date"),
        (card("11010519001301002"), "bad_id_card_date"),
        (card("11010519000229002"), "bad_id_card_date"),
        (card("11010529991231002"), "bad_id_card_date"),
        ("110105490229002", "bad_id_card_date"),
        ("1101051949123100", "bad_id_card"),
        ("身份证遗失", "bad_id_card"),
        ("91350100M000100Y43", "bad_id_card"),
        ("0" * 18, "bad_id_card_region"),
    ],
)
def test_a_wrong_identity_number_is_told_why_and_not_stored(cell: str, reason: str) -> None:
    with pytest.raises(Problem) as told:
        read_id_card(cell)
    assert told.value.code == reason
    assert cell not in told.value.zh + told.value.en


@pytest.mark.parametrize("cell", ["91350100M000100Y43", "91350100m000100y43", "11010519491231002X"])
def test_a_firm_has_a_credit_code_or_its_owners_number(cell: str) -> None:
    assert read_id_card(cell, firm=True) == cell.upper()


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("91350100M000100Y44", "bad_credit_code"), ("110105194912310021", "bad_id_card_check")],
)
def test_a_firms_wrong_number_is_told_of(cell: str, reason: str) -> None:
    with pytest.raises(Problem, match=reason):
        read_id_card(cell, firm=True)


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("13912345678", "13912345678"),
        ("+86 139-1234-5678", "13912345678"),
        ("008613912345678", "13912345678"),
        ("8613912345678", "13912345678"),
        ("１３９１２３４５６７８", "13912345678"),
        ("0513-82212345", "051382212345"),
        ("(010) 6552 9988", "01065529988"),
        ("+86 513 82212345", "051382212345"),
        ("0513-82212345转802", "051382212345"),
        ("0898-6612345", "08986612345"),
        ("400-820-8820", "4008208820"),
        ("8221/13912345678", "13912345678"),
        ("13912345678，13800000000", "13912345678"),
        ("", None),
    ],
)
def test_a_telephone_is_stored_as_its_digits(cell: str, stored: str | None) -> None:
    assert read_phone(cell) == stored


@pytest.mark.parametrize(
    "cell",
    ["1391234567", "139123456789", "12912345678", "82212345", "0513-822123456", "无", "00000000000", "/"],
)
def test_what_is_no_telephone_is_told_of(cell: str) -> None:
    with pytest.raises(Problem, match="bad_phone"):
        read_phone(cell)


@given(
    st.sampled_from(["110105", "320684", "440524", "659999", "710000"]),
    st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    st.integers(0, 999),
    st.integers(0, 17),
    st.integers(1, 9),
)  # fmt: skip
def test_every_single_wrong_digit_is_found(region: str, born: date, serial: int, at: int, by: int) -> None:
    right = card(f"{region}{born:%Y%m%d}{serial:03d}")
    assert read_id_card(right) == right
    other = DIGITS[(DIGITS.index(right[at]) + by) % 11] if at == 17 else str((int(right[at]) + by) % 10)
    with pytest.raises(Problem) as told:
        read_id_card(right[:at] + other + right[at + 1 :])
    assert told.value.code in REASONS


@given(st.lists(st.text(st.sampled_from("0123456789Xx+- /,A一"), max_size=20), max_size=30), st.booleans())
def test_a_column_is_read_like_its_cells(cells: list[str], firm: bool) -> None:
    column = pa.array(["x", *cells, ""], type=pa.string())[1:-1]
    for read in (lambda cells: read_id_cards(cells, np.full(len(cells), firm)), read_phones):
        whole = read(column)
        assert len(whole.values) == len(whole.wrongs) == len(cells)
        for at, cell in enumerate(cells):
            alone = read(pa.array([cell]))
            assert (whole.values[at], whole.wrongs[at]) == (alone.values[0], alone.wrongs[0])
            assert not (whole.wrongs[at] and whole.values[at].is_valid)
