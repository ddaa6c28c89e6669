"""Names that are searched while somebody types: exact, beginning, initials, full pinyin, inside, in this
order.

All writings of all names lie in three long texts, one line a writing, and are searched by the machine's own
substring search: tens of thousands of names in well under a millisecond, whatever was typed.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice, product

from app.territory.names import script

EXACT, BEGINS, INITIALS, SAID, INSIDE = range(5)
MOST_SIGNS = 40
# A name of many characters with several readings each would have thousands of writings.
MOST_READINGS = 12
_LATIN = re.compile(r"[a-z]+")


def fold(text: str) -> str:
    """A text as it is compared: full width and traditional made plain, small letters, no blanks at the ends.

    What no eye sees goes, and so does all behind the fortieth sign.
    """
    plain = unicodedata.normalize("NFKC", text[: 4 * MOST_SIGNS])
    seen = "".join(sign if sign.isprintable() else " " for sign in plain)
    return script(" ".join(seen.split()))[:MOST_SIGNS].strip().lower()


class Names:
    """Rows by their writings; `rows` are as many as names were given, found by their place in it."""

    def __init__(self, writings: Sequence[Iterable[str]]) -> None:
        names, initials, said = [], [], []
        for place, one in enumerate(writings):
            for name in dict.fromkeys(fold(writing) for writing in one if writing):
                names.append((name, place))
                first, full = read_aloud(name)
                initials += [(text, place) for text in first]
                said += [(text, place) for text in full]
        self._names, self._initials, self._said = Lines(names), Lines(initials), Lines(said)

    def find(self, query: str, *, most: int = 400) -> list[tuple[int, int]]:
        """`(rank, place)` of the names that answer to a folded query, the best rank of each, best first."""
        if not query:
            return []
        ranks: dict[int, int] = {}
        for place, begins, whole in self._names.find(query, most):
            note(ranks, place, EXACT if whole else BEGINS if begins else INSIDE)
        latin = query.replace("'", "").replace(" ", "")
        if _LATIN.fullmatch(latin):
            for lines, rank in ((self._initials, INITIALS), (self._said, SAID)):
                for place, _begins, _whole in lines.find(latin, most, beginning=True):
                    note(ranks, place, rank)
        return sorted((rank, place) for place, rank in ranks.items())


def note(ranks: dict[int, int], place: int, rank: int) -> None:
    """Keep the better rank of a place."""
    ranks[place] = min(rank, ranks.get(place, rank))


class Lines:
    """Lines of one text, each belonging to a place."""

    def __init__(self, lines: Sequence[tuple[str, int]]) -> None:
        self._text = "\n" + "".join(f"{line}\n" for line, _ in lines)
        self._places = [place for _, place in lines]
        self._starts, at = [], 1
        for line, _ in lines:
            self._starts.append(at)
            at += len(line) + 1

    def find(self, query: str, most: int, *, beginning: bool = False) -> list[tuple[int, bool, bool]]:
        """`(place, at its beginning, the whole line)` of lines with the query, those that begin so first."""
        found = list(islice(self._seek(f"\n{query}", 1), most))
        return found if beginning else found + list(islice(self._seek(query, 0), most))

    def _seek(self, sought: str, skip: int) -> Iterable[tuple[int, bool, bool]]:
        text, at = self._text, self._text.find(sought)
        while at >= 0:
            start, end = at + skip, at + len(sought)
            line = bisect_right(self._starts, start) - 1
            begins = start == self._starts[line]
            yield self._places[line], begins, begins and text[end] == "\n"
            at = text.find(sought, text.index("\n", end))


@lru_cache(8192)
def syllables(sign: str) -> tuple[str, ...]:
    """The toneless readings of one character, the usual first; a letter or a digit is itself."""
    from pypinyin.constants import PINYIN_DICT

    if sign.isascii():
        return (sign,) if sign.isalnum() else ()
    told = PINYIN_DICT.get(ord(sign), "").replace("ü", "v").split(",")
    plain = (unicodedata.normalize("NFD", one) for one in told if one)
    return tuple(dict.fromkeys("".join(c for c in one if "a" <= c <= "z") for one in plain))


def read_aloud(name: str) -> tuple[list[str], list[str]]:
    """The initials of a name and its full pinyin, once for each way to read it (`MOST_READINGS` at most)."""
    heard = [said for said in map(syllables, name) if said]
    ways = list(islice(product(*heard), MOST_READINGS)) if heard else []
    initials = dict.fromkeys("".join(one[0] for one in way) for way in ways)
    return list(initials), list(dict.fromkeys("".join(way) for way in ways))
