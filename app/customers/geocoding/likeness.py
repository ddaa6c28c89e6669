"""How alike two written names are: an edit distance that knows sounds, look-alikes and slips of the hand."""

import unicodedata
from functools import lru_cache
from pathlib import Path

SOUND, SHAPE, NEAR_SOUND, SWAP, SLIP, OTHER = 0.35, 0.4, 0.55, 0.6, 0.9, 1.1
_DOUBLED = 0.5
_NUMERALS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))


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
def _near(char: str) -> frozenset[str]:
    """Syllables as careless speech has them: zh=z, ng=n, l=n, h=f."""
    swaps = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("hu", "f"))
    heard = set()
    for syllable in readings(char):
        for old, new in swaps:
            syllable = syllable.replace(old, new)
        heard.add(syllable)
    return frozenset(heard)


@lru_cache(8192)
def keys_of(char: str) -> frozenset[str]:
    """By what a character may be known again: itself and its syllables."""
    return readings(char) | {char}


def heard_in(text: str) -> set[str]:
    """The keys of all characters of a text."""
    return set().union(*map(keys_of, text))


@lru_cache(65536)
def swap_cost(one: str, other: str) -> float:
    """What it costs to read `one` for `other`: 0 the same, `OTHER` nothing in common."""
    if one == other:
        return 0.0
    if _NUMERALS.get(one, one) == _NUMERALS.get(other, other):
        return 0.1
    if not readings(one).isdisjoint(readings(other)):
        return SOUND
    if other in _families().get(one, ()):
        return SHAPE
    return OTHER if _near(one).isdisjoint(_near(other)) else NEAR_SOUND


def prefix_cost(form: str, window: str) -> tuple[float, int]:
    """The cheapest way to read a beginning of `window` as `form`: its cost and where it ends.

    Optimal string alignment: characters changed, dropped, added or two neighbours swapped.
    """
    width = len(window)
    before: list[float] = []
    above = [j * SLIP for j in range(width + 1)]
    for i, char in enumerate(form, 1):
        row = [above[0] + SLIP]
        for j in range(1, width + 1):
            here = window[j - 1]
            cost = above[j - 1] + swap_cost(char, here)
            extra = _DOUBLED if j > 1 and here == window[j - 2] else SLIP
            cost = min(cost, above[j] + SLIP, row[j - 1] + extra)
            if i > 1 and j > 1 and here == form[i - 2] and window[j - 2] == char != here:
                cost = min(cost, before[j - 2] + SWAP)
            row.append(cost)
        before, above = above, row
    length = len(form)
    end = min(range(width + 1), key=lambda j: (round(above[j], 6), abs(j - length), -j))
    return above[end], end
