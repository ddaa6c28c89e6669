"""Cells as values: each reader returns the value, or raises `Problem` saying what is wrong and what to do."""

import math
import re
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.access import mask_id_card, mask_phone

LARGEST_YUAN = Decimal(10) ** 13
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
    """Yuan with two decimals; thousands commas and a currency mark are accepted."""
    if not cell:
        return None
    try:
        amount = Decimal(cell.replace(",", "").replace("，", "").lstrip("¥￥")).quantize(Decimal("0.01"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= LARGEST_YUAN:
        told = veil(cell)[:20]
        raise Problem("bad_amount", f"{zh}“{told}”不是金额", f"{told!r} is no amount")
    return amount


def read_flag(cell: str | None) -> bool:
    """是/Y/1/true as True, everything else as False."""
    return (cell or "").strip().lower() in FLAGS


def read_date(cell: str | None) -> date | None:
    """2026-11-21, 2026/11/21 or 20261121."""
    if not cell:
        return None
    text = cell.strip().split(" ")[0].replace("/", "-")
    try:
        # Both forms, and without strptime's price: a nightly file has a million dates.
        return date.fromisoformat(text)
    except ValueError:
        year, *rest = (part.zfill(2) for part in text.split("-"))
    with suppress(ValueError):
        return date.fromisoformat("-".join([year, *rest]))
    told = veil(cell)[:20]
    raise Problem("bad_date", f"日期“{told}”看不懂，应为 2026-11-21 的形式", f"{told!r} is no date")


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
