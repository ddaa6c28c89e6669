"""Cells as values: each reader returns the value, or raises `Problem` saying what is wrong and what to do."""

import math
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

LARGEST_YUAN = Decimal(10) ** 13


class Problem(Exception):
    """What is wrong with a row: a stable code and a sentence in Chinese and English."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.code, self.zh, self.en = code, zh, en

    def as_row(self, number: int, cells: list[str]) -> dict[str, Any]:
        """The row of a report. Only the key is kept of the cells: a report is no second customer file."""
        return {
            "row": number,
            "reason": self.code,
            "message": {"zh": self.zh, "en": self.en},
            "key": cells[0][:64] if cells else "",
        }


def read_word(cell: str | None, words: dict[str, str], code: str, zh: str, *, default: str | None) -> Any:
    """One of a field's words (Chinese or its code); the default when empty."""
    if not cell:
        return default
    if cell in words:
        return words[cell]
    if cell in words.values():
        return cell
    known = "、".join(words)
    raise Problem(f"bad_{code}", f"{zh}“{cell[:20]}”不认识，可用：{known}", f"unknown {code} {cell[:20]!r}")


def read_amount(cell: str | None, zh: str) -> Decimal | None:
    """Yuan with two decimals; thousands commas and a currency mark are accepted."""
    if not cell:
        return None
    try:
        amount = Decimal(cell.replace(",", "").replace("，", "").lstrip("¥￥")).quantize(Decimal("0.01"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= LARGEST_YUAN:
        raise Problem("bad_amount", f"{zh}“{cell[:20]}”不是金额", f"{cell[:20]!r} is no amount")
    return amount


def read_flag(cell: str | None) -> bool:
    """是/Y/1/true as True, everything else as False."""
    return (cell or "").strip().lower() in {"是", "y", "yes", "1", "true", "已建档"}


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
    raise Problem("bad_date", f"日期“{cell[:20]}”看不懂，应为 2026-11-21 的形式", f"{cell[:20]!r} is no date")


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
