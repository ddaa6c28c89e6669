"""Cells as values: each reader returns the value, or raises `Problem` saying what is wrong and what to do."""

import math
import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

from app import clock
from app.access import mask_id_card, mask_phone

LARGEST_YUAN = Decimal(10) ** 13
FIRST_DAY = date(1980, 1, 1)
_NO_YUAN = str.maketrans("", "", "¥￥")
_AMOUNT = re.compile(
    r"[-+]?[¥￥]?[-+]?(?:(?:\d{1,3}(?:,\d{3})+|\d{1,40})(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][-+]?\d{1,2})?",
    re.ASCII,
)
_DAY = re.compile(
    r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?|(\d\d)(\d\d)(?:\d{6}| .*)?)", re.ASCII
)
FLAGS = {"是", "y", "yes", "1", "true", "已建档"}
# Region, birthday, number: so narrow that a customer number of 18 digits is hardly ever taken for one.
_ID_CARD = re.compile(r"(?<!\d)\d{6}(?:19|20)?\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]?(?!\d)")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def veil(text: str) -> str:
    """A text with every identity and mobile number in it masked, whatever column it came from."""
    text = _ID_CARD.sub(lambda found: str(mask_id_card(found.group())), text)
    return _PHONE.sub(lambda found: str(mask_phone(found.group())), text)


class Problem(Exception):
    """What is wrong with a row: a stable code and a sentence in Chinese and English."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.code, self.zh, self.en = code, zh, en

    def as_row(self, number: int, key: str) -> dict[str, Any]:
        """The row of a report. Only the key is kept of the cells: a report is no second customer file."""
        return {
            "row": number,
            "reason": self.code,
            "message": {"zh": self.zh, "en": self.en},
            "key": veil(key)[:64],
        }


def read_word(cell: str | None, words: dict[str, str], code: str, zh: str, *, default: str | None) -> Any:
    """One of a field's words (Chinese or its code); the default when empty."""
    if not cell:
        return default
    if cell in words:
        return words[cell]
    if cell in words.values():
        return cell
    known, told = "、".join(words), veil(cell)[:20]
    raise Problem(f"bad_{code}", f"{zh}“{told}”不认识，可用：{known}", f"unknown {code} {told!r}")


def read_amount(cell: str | None, zh: str) -> Decimal | None:
    """Yuan with two decimals; a currency mark and commas between thousands are accepted.

    A comma elsewhere may be meant as a point: 1,2 is no amount.
    """
    if not cell:
        return None
    text = unicodedata.normalize("NFKC", cell)
    amount = Decimal(text.replace(",", "").translate(_NO_YUAN)) if _AMOUNT.fullmatch(text) else None
    if amount is None or abs(amount) >= LARGEST_YUAN:
        told = veil(cell)[:20]
        raise Problem("bad_amount", f"{zh}“{told}”不是金额", f"{told!r} is no amount")
    return amount.quantize(Decimal("0.01"))


def read_flag(cell: str | None) -> bool:
    """是/Y/1/true as True, everything else as False."""
    return (cell or "").strip().lower() in FLAGS


def read_date(cell: str | None) -> date | None:
    """2026-11-21, 2026/11/21, 2026.11.21, 2026年11月21日 or 20261121, a time may follow.

    A day to come, or one before the bank had files, is no day of a visit: some systems write 9999-12-31 or
    1900-01-01 for "never".
    """
    if not cell:
        return None
    told, found = veil(cell)[:20], _DAY.fullmatch(cell.strip())
    try:
        day = date(*(int(part) for part in found.groups() if part)) if found else None
    except ValueError:
        day = None
    if day is None:
        raise Problem("bad_date", f"日期“{told}”看不懂，应为 2026-11-21 的形式", f"{told!r} is no date")
    if not FIRST_DAY <= day <= clock.today():
        raise Problem(
            "bad_date",
            f"日期“{told}”不在 {FIRST_DAY.year} 年至今天之间，未存入，请核对",
            f"{told!r} is not between {FIRST_DAY.year} and today; it was not stored",
        )
    return day


def read_coordinates(lon: str | None, lat: str | None) -> tuple[float, float] | None:
    """Two finite numbers, or None when both cells are empty."""
    if not lon and not lat:
        return None
    try:
        x, y = float(lon or "nan"), float(lat or "nan")
    except ValueError:
        x = y = math.nan
    if not (math.isfinite(x) and math.isfinite(y)):
        raise Problem(
            "bad_coordinates",
            "经纬度不是数字，已改用地址定位",
            "the coordinates are not numbers; the address was used instead",
        )
    return x, y
