"""How alike two written names are: an edit distance that knows sounds, look-alikes and slips of the hand."""

import math
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

SOUND, SHAPE, NEAR_SOUND, SWAP, SLIP, OTHER = 0.35, 0.4, 0.55, 0.6, 0.9, 1.1
_DOUBLED = 0.5
_OFTEN_ADDED = frozenset("大小老新上下东西南北前后中")
_NUMERALS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))

_DIGITS = {word: int(digit) for digit, word in _NUMERALS.items()}
_UNITS = {"十": 10, "百": 100}


@lru_cache(1)
def _families() -> dict[str, set[str]]:
    families: dict[str, set[str]] = {}
    lines = (Path(__file__).parent / "look_alikes.txt").read_text(encoding="utf-8").splitlines()
    for word in (word for line in lines if not line.startswith("#") for word in line.split()):
        for char in word:
            families.setdefault(char, set()).update(word)
    return families


@lru_cache(8192)
def readings(char: str) -> frozenset[str]:
    """The toneless syllables of one character; itself where it has none."""
    from pypinyin.constants import PINYIN_DICT  # a third of a second: only an address with a slip pays it

    said = PINYIN_DICT.get(ord(char), char).split(",")
    plain = (
        "".join(c for c in unicodedata.normalize("NFD", s) if not unicodedata.combining(c)) for s in said
    )
    return frozenset(plain)


@lru_cache(8192)
def _usual(char: str) -> str:
    """The everyday syllable of a character, its first one."""
    from pypinyin.constants import PINYIN_DICT

    said = PINYIN_DICT.get(ord(char), char).split(",")[0]
    return "".join(c for c in unicodedata.normalize("NFD", said) if not unicodedata.combining(c))


@lru_cache(8192)
def _near(char: str) -> frozenset[str]:
    """Syllables as careless speech has them: zh=z, ng=n, l=n, h=f."""
    swaps = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("hu", "f"))
    heard = set()
    for syllable in readings(char):
        for old, new in swaps:
            syllable = syllable.replace(old, new)
        heard.add(syllable)
    return frozenset(heard)


def heard_in(text: str) -> set[str]:
    """The syllables of all characters of a text."""
    return set().union(*map(readings, text))


@lru_cache(65536)
def swap_cost(one: str, other: str) -> float:
    """What it costs to read `one` for `other`: 0 the same, `OTHER` nothing in common."""
    if one == other:
        return 0.0
    if _NUMERALS.get(one, one) == _NUMERALS.get(other, other):
        return 0.1
    if _usual(one) == _usual(other):
        return SOUND
    if other in _families().get(one, ()):
        return SHAPE
    return OTHER if _near(one).isdisjoint(_near(other)) else NEAR_SOUND


def count_of(words: str) -> str:
    """Figures as digits: 十二 and 12 are the same group; what is no plain number stays as it is."""
    if not words or words[0].isdigit():
        return words
    total = rest = 0
    for char in words:
        if char in _UNITS:
            total += (rest or 1) * _UNITS[char]
            rest = 0
        elif char in _DIGITS:
            rest = rest * 10 + _DIGITS[char]
        else:
            return words
    return str(total + rest)


def spell(figures: str) -> tuple[str, ...]:
    """How figures are written in a name: 38 is 三八 or 三十八, 10 is 十."""
    digits = "".join(_NUMERALS.get(figure, figure) for figure in figures)
    if len(figures) != 2 or not figures.isdecimal() or figures[0] == "0":
        return (digits,)
    tens = "" if figures[0] == "1" else _NUMERALS[figures[0]]
    ones = "" if figures[1] == "0" else _NUMERALS[figures[1]]
    return digits, f"{tens}十{ones}"


def _added_cost(char: str, before: str) -> float:
    """What a character too many costs: little when doubled, more when no one is in the habit of adding it."""
    if char == before:
        return _DOUBLED
    return SLIP if char in _OFTEN_ADDED else OTHER


def added_costs(window: str) -> list[float]:
    """What each character of a window costs as one too many."""
    return [_added_cost(here, window[j - 1 : j]) for j, here in enumerate(window)]


def prefix_cost(form: str, window: str, limit: float = 9.0) -> tuple[float, int]:
    """The cheapest way to read a beginning of `window` as `form`: its cost and where it ends.

    Optimal string alignment: characters changed, dropped, added or two neighbours swapped. Gives up,
    with an infinite cost, as soon as `limit` cannot be kept.
    """
    return prefix_costs(form, len(form), window, limit, added_costs(window))[1]


def prefix_costs(
    form: str, short: int, window: str, limit: float, extra: Sequence[float]
) -> tuple[tuple[float, int], tuple[float, int]]:
    """As `prefix_cost`, for the first `short` characters of `form` and for the whole of it at once."""
    before: list[float] = []
    above = [0.0, *accumulate(extra)]
    last = ""
    brief = never = (math.inf, 0)
    for i, char in enumerate(form):
        if i == short:
            brief = _cheapest(above, short)
        row = [left := above[0] + SLIP]
        for j, here in enumerate(window):
            left += extra[j]
            if (cost := above[j + 1] + SLIP) < left:
                left = cost
            if (cost := above[j]) < left and (char == here or (cost := cost + swap_cost(char, here)) < left):
                left = cost  # sounds are compared only where they could still be the cheapest
            if j and here == last and window[j - 1] == char != here and (cost := before[j - 1] + SWAP) < left:
                left = cost
            row.append(left)
        if min(row) > limit:
            return brief, never
        before, above, last = above, row, char
    whole = _cheapest(above, len(form))
    return (whole if short == len(form) else brief), whole


def _cheapest(row: list[float], length: int) -> tuple[float, int]:
    cost = min(row)
    ends = [j for j, value in enumerate(row) if value - cost < 1e-6]
    return cost, ends[0] if len(ends) == 1 else min(ends, key=lambda j: (abs(j - length), -j))
