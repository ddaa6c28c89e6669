"""Identity, credit-code and telephone numbers of a column: brought into one form, or told what is wrong.

A number that cannot be right is not sealed: it would link strangers. Its row stays, with a warning. Sources:
GB 11643-1999 (citizen identification number: region, birthday, check character by ISO 7064 MOD 11-2; the old
number of 15 digits lacks the century and the check character), GB 32100-2015 (unified social credit code,
MOD 31-3), the telephone numbering plan (mobile 1[3-9] and 9 digits, area codes 010, 02x and 03xx-09xx).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from app import clock
from app.customers.intake.values import Problem

Codes = NDArray[np.int8]
Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

# Index 0 is a number without fault (or none at all).
WRONGS: tuple[tuple[str, str, str], ...] = (
    ("", "", ""),
    ("bad_id_card", "证件号码不是 18 位（或旧 15 位），未存入，请核对", "the ID number has no known form"),
    ("bad_id_card_region", "身份证号的地区码不存在，未存入，请核对", "the ID number's region does not exist"),
    ("bad_id_card_date", "身份证号中的出生日期不存在，未存入，请核对", "the ID number's birthday is no day"),
    ("bad_id_card_check", "身份证号校验位不对，未存入，请核对", "the ID number's check character is wrong"),
    ("bad_credit_code", "统一社会信用代码校验不对，未存入，请核对", "the credit code's check is wrong"),
    ("bad_phone", "手机或固定电话号码不对（固定电话须带区号），未存入，请核对", "no telephone number"),
)  # fmt: skip
SHAPE, REGION, BIRTHDAY, CHECK, CREDIT, PHONE = range(1, 7)

_PROVINCES = np.zeros(100, dtype=bool)
_PROVINCES[
    [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66)]
] = True
_PROVINCES[[71, 81, 82, 83]] = True
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_CREDIT_SIGNS = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES = np.full(256, -1)
_CREDIT_VALUES[np.frombuffer(_CREDIT_SIGNS, dtype=np.uint8)] = np.arange(31)
_CREDIT_WEIGHTS = np.array([pow(3, power, 31) for power in range(17)])
_MONTH_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_NEW, _OLD = "^[0-9]{17}[0-9X]$", "^[0-9]{15}$"
_CREDIT = "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
# Passports and permits of people from elsewhere: nothing in them can be checked.
_OTHER = "^[A-Z]{1,2}[0-9]{7,10}$"
_PHONE = "^(?:1[3-9][0-9]{9}|(?:010|02[0-9])[2-9][0-9]{7}|0[3-9][0-9]{2}[2-9][0-9]{6,7}|[48]00[0-9]{7})$"
# Dialled from abroad an area code has lost its first zero.
_ABROAD = r"^(?:\+|00)?86(10[0-9]{8}|[2-9][0-9]{9,10})$"


@dataclass(frozen=True)
class Numbers:
    """A column of numbers: `values` (n,) text in one form, null where empty or wrong; `wrongs` in WRONGS."""

    values: Any
    wrongs: Codes


def read_id_cards(cells: Any, firm: Mask, *, today: date | None = None) -> Numbers:
    """Identity numbers (text, (n,)) as 18 characters; `firm` (n,) says whose may be a credit code."""
    text = _whole(cells)
    plain = np.zeros(len(text), dtype=bool)
    card = _find_digits(text, 18, last_x=True)
    plain[card] = _check_cards(_matrix(text.take(pa.array(card))), today or clock.today()) == 0
    return _around(text, plain, lambda odd, at: _read_odd_cards(odd, firm[at], today))


def _read_odd_cards(cells: Any, firm: Mask, today: date | None) -> Numbers:
    text = _clean(cells, r"[\s\-]")
    firms = pa.array(firm)
    credit = pc.and_(firms, pc.match_substring_regex(text, _CREDIT)) if firm.any() else firms
    old = pc.match_substring_regex(text, _OLD)
    text = pc.replace_with_mask(text, old, _upgrade(text.filter(old)))
    card = pc.match_substring_regex(text, _NEW)
    wrongs = np.where(_mask(pc.match_substring_regex(text, _OTHER)) | _empty(text), 0, SHAPE).astype(np.int8)
    wrongs[_mask(card)] = _check_cards(_matrix(text.filter(card)), today or clock.today())
    # A firm's number of digits alone may be either; it is right when it is right as one of them.
    unsure = np.flatnonzero(_mask(credit) & (wrongs > 0))
    good = _check_credit(_matrix(text.take(pa.array(unsure))))
    wrongs[unsure] = np.where(good, 0, np.where(_mask(card)[unsure], wrongs[unsure], CREDIT))
    return Numbers(_keep(text, wrongs), wrongs)


def read_phones(cells: Any) -> Numbers:
    """Telephone numbers (text, (n,)) as digits, landlines with area code; of several the first good one."""
    text = _whole(cells)
    plain = np.zeros(len(text), dtype=bool)
    mobile = _find_digits(text, 11)
    signs = _matrix(text.take(pa.array(mobile)), 11)
    plain[mobile] = (signs[:, 0] == ord("1")) & (signs[:, 1] >= ord("3"))
    return _around(text, plain, lambda odd, _: _read_odd_phones(odd))


def _read_odd_phones(cells: Any) -> Numbers:
    raw = _clean(cells, r"[\s\-()\.·]")
    text = _bare_phone(raw)
    good = _mask(pc.match_substring_regex(text, _PHONE))
    several = np.flatnonzero(~good & _mask(pc.match_substring_regex(raw, r"[/;,、]")))
    if len(several):
        found = [_first_phone(cell) for cell in raw.take(pa.array(several)).to_pylist()]
        mask = np.zeros(len(text), dtype=bool)
        mask[several] = True
        text = pc.replace_with_mask(text, pa.array(mask), pa.array(found, type=text.type))
        good[several] = [bool(one) for one in found]
    wrongs = np.where(good | _empty(raw), 0, PHONE).astype(np.int8)
    return Numbers(_keep(text, wrongs), wrongs)


def read_id_card(cell: str | None, *, firm: bool = False) -> str | None:
    """One identity number or credit code in its form, None when empty. Raises Problem."""
    return _only(read_id_cards(pa.array([cell or ""]), np.array([firm])))


def read_phone(cell: str | None) -> str | None:
    """One telephone number as digits, None when empty. Raises Problem."""
    return _only(read_phones(pa.array([cell or ""])))


def _whole(cells: Any) -> Any:
    """A column as one array of text; null is empty."""
    text = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    return pc.fill_null(text.cast(pa.string()), "")


def _find_digits(text: Any, width: int, *, last_x: bool = False) -> NDArray[np.int64]:
    """Places of the cells that are `width` digits and nothing else (an X may stand last)."""
    at = np.flatnonzero(pc.binary_length(text).to_numpy(zero_copy_only=False) == width)
    signs = _matrix(text.take(pa.array(at)), width)
    digits = (signs >= ord("0")) & (signs <= ord("9"))
    if last_x and len(at):
        digits[:, -1] |= signs[:, -1] == ord("X")
    return at[digits.all(axis=1)]


def _around(text: Any, plain: Mask, read: Callable[[Any, Mask], Numbers]) -> Numbers:
    """Plain cells stand as they are, only the others are read."""
    odd = ~plain
    if not odd.any():
        return Numbers(text, np.zeros(len(text), dtype=np.int8))
    found = read(text.filter(pa.array(odd)), odd)
    wrongs = np.zeros(len(text), dtype=np.int8)
    wrongs[odd] = found.wrongs
    return Numbers(pc.replace_with_mask(text, pa.array(odd), found.values.cast(pa.string())), wrongs)


def _only(numbers: Numbers) -> str | None:
    if numbers.wrongs[0]:
        raise Problem(*WRONGS[numbers.wrongs[0]])
    found: str | None = numbers.values[0].as_py()
    return found


def _clean(cells: Any, dropped: str) -> Any:
    """Half-width capitals without blanks and the signs people write between digits; null is empty."""
    text = _whole(cells)
    if not pc.all(pc.string_is_ascii(text), min_count=0).as_py():
        text = pc.utf8_normalize(text, form="NFKC")
    return pc.utf8_upper(pc.replace_substring_regex(text, dropped, ""))


def _bare_phone(text: Any) -> Any:
    """Without the country's number and an extension."""
    text = pc.replace_substring_regex(text, _ABROAD, r"0\1")
    text = pc.replace_substring_regex(text, r"^(?:\+|00)?86", "")
    return pc.replace_substring_regex(text, r"(?:转|EXT|#|X).*$", "")


def _first_phone(cell: str) -> str | None:
    parts = _bare_phone(pa.array(pc.split_pattern_regex(pa.scalar(cell), "[/;,、]").as_py()))
    fitting = parts.filter(pc.match_substring_regex(parts, _PHONE)).to_pylist()
    return fitting[0] if fitting else None


def _mask(values: Any) -> Mask:
    found: Mask = values.to_numpy(zero_copy_only=False)
    return found


def _empty(text: Any) -> Mask:
    return _mask(pc.equal(text, ""))


def _keep(text: Any, wrongs: Codes) -> Any:
    """The texts that are right and not empty, null for the others."""
    return pc.if_else(
        pa.array((wrongs == 0) & ~_empty(pc.fill_null(text, ""))), text, pa.scalar(None, text.type)
    )


def _matrix(text: Any, width: int = 18) -> Bytes:
    """Texts of `width` ASCII characters as their bytes (n, width)."""
    if not len(text):
        return np.empty((0, width), dtype=np.uint8)
    _, ends, data = text.buffers()
    at = np.frombuffer(ends, dtype=np.int32)[text.offset : text.offset + len(text) + 1]
    return np.frombuffer(data, dtype=np.uint8)[at[0] : at[-1]].reshape(-1, width)


def _upgrade(text: Any) -> Any:
    """Numbers of 15 digits as those of 18: the century is the twentieth, the check character is computed."""
    old = _matrix(text, 15)
    new = np.empty((len(old), 18), dtype=np.uint8)
    new[:, :6], new[:, 6:8], new[:, 8:17] = old[:, :6], np.frombuffer(b"19", dtype=np.uint8), old[:, 6:]
    new[:, 17] = _find_checks(new)
    return pa.array(new.view("S18").ravel().astype(str), type=text.type)


def _find_checks(card: Bytes) -> Bytes:
    found: Bytes = _CHECKS[((card[:, :17].astype(np.int64) - 48) @ _WEIGHTS) % 11]
    return found


def _check_cards(card: Bytes, today: date) -> Codes:
    """What is wrong with numbers of 18 characters (n, 18): an index into WRONGS each."""
    digit = card[:, :17].astype(np.int64) - 48
    year = digit[:, 6:10] @ np.array([1000, 100, 10, 1])
    month, day = digit[:, 10] * 10 + digit[:, 11], digit[:, 12] * 10 + digit[:, 13]
    known = (month >= 1) & (month <= 12) & (day >= 1) & (day <= _MONTH_DAYS[np.clip(month, 0, 12)])
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    known &= leap | (month != 2) | (day < 29)
    ripe = year * 10_000 + month * 100 + day <= int(f"{today:%Y%m%d}")
    wrong = np.where(_find_checks(card) == card[:, 17], 0, CHECK)
    wrong = np.where(known & (year >= 1880) & ripe, wrong, BIRTHDAY)
    return np.where(_PROVINCES[digit[:, 0] * 10 + digit[:, 1]], wrong, REGION).astype(np.int8)


def _check_credit(code: Bytes) -> Mask:
    """Whether credit codes (n, 18) have their own check character."""
    value = _CREDIT_VALUES[code]
    right: Mask = (31 - value[:, :17] @ _CREDIT_WEIGHTS % 31) % 31 == value[:, 17]
    return right
