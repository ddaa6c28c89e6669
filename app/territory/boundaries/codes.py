"""Codes of units as files carry them: made plain, told when a spreadsheet has destroyed them.

Administrative codes are digits: province 2, city 4, county 6, town 9, village 12; a survey's parcels add a
group (15) and a serial (19). Everything else is a bank's own code and stays as it is.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

Trouble = Literal["destroyed", "of_town", "length", "long"]

_BLANK_WORDS = frozenset(
    ("", "-", "--", "—", "/", "无", "空", "null", "none", "nan", "n/a", "#n/a", "<null>")
)
_APOSTROPHES = "'’‘`´＇"
_FORMULA = re.compile(r'^=\s*"(.*)"$')
_SCIENTIFIC = re.compile(r"^(\d)(?:\.(\d+))?e\+?(\d{1,2})$", re.IGNORECASE)
_DECIMALS = re.compile(r"^(\d+)\.0*$")
_GROUPED = re.compile(r"^\d{1,3}(?:,\d{3})+$")
_ADMINISTRATIVE = re.compile(r"^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])\d+$")
VILLAGE_LEVEL = ("village", "community")
CELL_LEVEL = (*VILLAGE_LEVEL, "street")
_LONG = (15, 19)


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A code as its cell holds it: `text` is empty when there is none; `rounded` when digits were lost on
    the way (the lost ones are then noughts); `number` when the file kept it as a number."""

    text: str
    rounded: bool = False
    number: bool = False


def read_code(value: Any) -> CodeCell:
    """A cell as a code: blanks, apostrophes, full-width digits, decimals and 3.20614101201E+11 made plain."""
    if value is None or isinstance(value, bool) or value != value:
        return CodeCell("")
    if isinstance(value, int | float):
        whole = isinstance(value, int) or value.is_integer()
        return CodeCell("" if value == 0 else str(int(value) if whole else value), number=True)
    text = _plain(str(value))
    if text.casefold() in _BLANK_WORDS or not text.strip("0"):
        return CodeCell("")
    found = _SCIENTIFIC.match(text)
    if found is not None:
        return _spell_out(found)
    return CodeCell(text)


def _plain(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKC", text)
        text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf") or c.isspace())
    text = " ".join(text.split()).strip(_APOSTROPHES + " ")
    formula = _FORMULA.match(text)
    text = (formula.group(1) if formula else text).strip(_APOSTROPHES + '" ')
    close = text.replace(" ", "")
    if close.isdigit():
        text = close
    if _GROUPED.match(text):
        text = text.replace(",", "")
    decimal = _DECIMALS.match(text)
    return decimal.group(1) if decimal else text


def _spell_out(found: re.Match[str]) -> CodeCell:
    """3.20614101201E+11 has all its digits, 3.20614E+11 has lost some."""
    whole, decimals, power = found.group(1), found.group(2) or "", int(found.group(3))
    lost = power - len(decimals)
    if lost > 0:
        return CodeCell(whole + decimals + "0" * lost, rounded=True)
    return CodeCell((whole + decimals)[: power + 1], rounded=bool(decimals[power:].strip("0")))


def is_administrative(code: str) -> bool:
    """Whether a code can be a statistics or civil affairs code: digits that begin with a province."""
    return bool(_ADMINISTRATIVE.match(code))


def settle_code(cell: CodeCell, kind: str) -> tuple[str, Trouble | None]:
    """The code that a unit of `kind` has by its cell, and what is odd about it.

    `destroyed`: digits are lost, the code is empty. `of_town`: it ends with the town (its nine digits are
    given). `length`: it has a length that its level does not have. `long`: a survey's 15 or 19 digits.
    """
    code = cell.text
    if cell.rounded and not _is_whole(code, kind):
        return "", "destroyed"
    if len(code) < 6 or not is_administrative(code):
        return code, None
    if kind == "town":
        return _settle_town(code)
    if kind == "county":
        bare = code[:6] if len(code) in (9, 12) and not code[6:].strip("0") else code
        return bare, "length" if len(bare) in (9, 12) else None
    return _settle_village(cell) if kind in VILLAGE_LEVEL else (code, None)


def _is_whole(code: str, kind: str) -> bool:
    """Whether a code of lost digits can only have lost noughts."""
    if len(code) != 12 or not is_administrative(code):
        return False
    return kind == "county" or (kind == "town" and bool(code[7:9].strip("0")))


def _settle_town(code: str) -> tuple[str, Trouble | None]:
    if len(code) == 12 and code.endswith("000000"):
        return "", "destroyed"
    if len(code) == 12 and code.endswith("000"):
        return code[:9], None
    return code, "length" if len(code) in (6, 10, 11, 12) else None


def _settle_village(cell: CodeCell) -> tuple[str, Trouble | None]:
    code = cell.text
    if len(code) == 12 and code.endswith("000"):
        lost = code.endswith("000000") or (cell.number and code.endswith("00000"))
        return ("", "destroyed") if lost else (code[:9], "of_town")
    if len(code) in _LONG:
        return code, "long"
    if len(code) in (6, 9, 10, 11, 13, 14):
        return code, "length"
    return code, None


def town_of(code: str) -> str | None:
    """The town's nine digits in a village's administrative code, None when it has no such code."""
    return code[:9] if len(code) in (12, *_LONG) and is_administrative(code) else None


def tell_kind_by_code(code: str) -> str | None:
    """What an administrative code says its unit is; committees of residents have serials below 200."""
    if not is_administrative(code) or not code.isdigit():
        return None
    if len(code) == 6 or (len(code) == 12 and code.endswith("000000")):
        return "county"
    if len(code) == 9 or (len(code) == 12 and code.endswith("000")):
        return "town"
    if len(code) == 12:
        return "community" if int(code[9:]) < 200 else "village"
    return None
