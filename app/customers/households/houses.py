"""The house of an address: what stands below the village, as far as it names one dwelling.

A village, a group or a building alone is no dwelling, nor is a dormitory, a market or an office: many live
there who do not live together.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.customers.geocoding.below import Below, read_below
from app.customers.geocoding.normalise import normalise

_COUNT = "[一二三四五六七八九十百零]"
_FIGURE = re.compile(
    rf"第?(?:\d|{_COUNT}+(?=村民小?组|小?组|生产队|队|号|幢|栋|座|单元|室))|[A-Za-z]\d*[幢栋座]"
)
_DIVISION = re.compile(r"(?:村民委员会|居民委员会|村委会|居委会|居委|村|社区|街道|镇|乡)")
_VILLAGE_END = re.compile(r"^(?:行政村|村|社区)?(?:村民委员会|居民委员会|民委员会|村委会|居委会|委会|居委)?")
_MANY = re.compile(
    r"宿舍|市场|公司|厂|学校|小学|中学|医院|卫生院|养老|敬老|福利院|宾馆|酒店|工地|商城|商场|大厦|工业园|"
    r"产业园|办事处|派出所|村委|居委|集体户|合作社"
)
_DIGITS = {"零": 0} | {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}


@dataclass(frozen=True, slots=True)
class House:
    """One dwelling of a village. `key` is equal for equal dwellings of the same village.

    `kind` is `flat` (building and room), `house` (a number within a group, hamlet or road) or `number` (a
    number of the village, which may be that of any of its groups).
    """

    kind: str
    words: str
    below: Below

    @property
    def key(self) -> str:
        """The dwelling as one text, e.g. `|8|22|||` for 8组22号."""
        return "|".join((self.words, *self.below))


def read_house(address: str | None, names: Sequence[str] = ()) -> House | None:
    """The dwelling of an address in a village known by `names`; None where it names none. Never raises."""
    text = normalise(address).text if address else ""
    figure = _FIGURE.search(text)
    if figure is None:
        return None
    stem = text[: figure.start()]
    words = stem[_find_end(stem, tuple(names)) :]
    tail = text[figure.start() :]
    if _MANY.search(words) or _MANY.search(tail):
        return None
    below = Below(*(_as_number(part) for part in read_below(tail)))
    kind = _kind_of(below, words)
    return House(kind, words, below) if kind else None


@lru_cache(100_000)
def _find_end(stem: str, names: tuple[str, ...]) -> int:
    """Where the village's name ends: the rows of a village share a few hundred stems."""
    for name in names:
        at = stem.rfind(name)
        if at >= 0:
            end = at + len(name)
            rest = _VILLAGE_END.match(stem[end:])
            return end + (rest.end() if rest else 0)
    return max((found.end() for found in _DIVISION.finditer(stem)), default=0)


def _kind_of(below: Below, words: str) -> str:
    """Which kind of dwelling, empty for none."""
    if below.building or below.unit:
        return "flat" if below.room else ""
    if below.house:
        return "house" if below.group or words else "number"
    return "flat" if below.room and words else ""


def _as_number(part: str) -> str:
    """八 and 08 as 8; what is no number stays."""
    if part.isdigit():
        return part.lstrip("0") or "0"
    if not part or any(char not in _DIGITS and char not in "十百" for char in part):
        return part
    total = held = 0
    for char in part:
        if char in "十百":
            total, held = total + (held or 1) * (10 if char == "十" else 100), 0
        else:
            held = _DIGITS[char]
    return str(total + held)


def differ(one: House, other: House) -> bool:
    """Whether two addresses of a village surely name two dwellings: a number that differs, or an estate.

    What only one of them says is no difference, nor is 3 against 3-1.
    """
    if any(a and b and not _akin(a, b) for a, b in zip(one.below, other.below, strict=True)):
        return True
    flats = one.kind == other.kind == "flat"
    apart = one.words and other.words and one.words not in other.words and other.words not in one.words
    return bool(flats and apart)


def _akin(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")
