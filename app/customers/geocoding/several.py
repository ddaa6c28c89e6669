"""A cell with several addresses: the first that can be placed, unless two of them name different villages."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from app.customers.geocoding.answers import Answer, Candidate
from app.customers.geocoding.sections import Section, choose_home
from app.customers.geocoding.weighing import MAX_CANDIDATES

_MEANT = 0.6  # what is read with less is no witness against another address
_UNEQUAL = 0.85  # a second address that says less, or lies elsewhere, leaves the first one this sure
EXACTLY = ("exact", "suffix", "former_name", "code", "correction")


class Located(NamedTuple):
    """One address of the cell, its answer and where the text below the place starts."""

    text: str
    answer: Answer
    end: int


Locate = Callable[[str], tuple[Answer, int]]


def weigh_sections(sections: Sequence[Section], locate: Locate, head: str) -> Located:
    """The answer for a cell of several addresses; `head` stands before those that name no town."""
    found = [_locate(section.text, locate, head) for section in choose_home(tuple(sections))]
    placed = [one for one in found if one.answer.settled]
    if not placed:
        return next((one for one in found if one.answer.level == "ambiguous"), found[0])
    for level in ("village_code", "town_code"):
        named = [one for one in placed if getattr(one.answer, level) and one.answer.score >= _MEANT]
        different = {getattr(one.answer, level): one for one in reversed(named)}
        if len(different) > 1:
            return _undecided(list(reversed(different.values())))
        if named:
            return _most(named, len(named) == len(found))
    return placed[0]


def weigh_parts(whole: Located, sections: Sequence[Section], locate: Locate, head: str) -> Located:
    """The whole line, unless a part of it plainly names another village: then it holds two addresses."""
    if not whole.answer.village_code:
        return whole
    for section in sections[1:]:
        part = _locate(section.text, locate, head)
        other = part.answer.village_code
        if other and other != whole.answer.village_code and part.answer.method in EXACTLY:
            return _undecided([whole, part])
    return whole


def _locate(text: str, locate: Locate, head: str) -> Located:
    alone = Located(text, *locate(text))
    if alone.answer.village_code and "missing_town" not in alone.answer.noise:
        return alone
    if "missing_county" not in alone.answer.noise or not head or text.startswith(head):
        return alone
    answer, end = locate(head + text)
    inside = answer.village_code and answer.method in EXACTLY and end >= len(head)
    return Located(text, answer, end - len(head)) if inside else alone


def _most(named: list[Located], alike: bool) -> Located:
    """The first; one that reaches below the village where it only names the village."""
    best = named[0]
    return best if alike else best._replace(answer=_less(best.answer))


def _less(answer: Answer) -> Answer:
    return replace(answer, score=min(answer.score, _UNEQUAL))


def _undecided(different: list[Located]) -> Located:
    first = different[0]
    listed = tuple(candidate for one in different for candidate in one.answer.candidates[:1])
    return first._replace(answer=undecided(first.answer, listed, (*first.answer.noise, "several")))


def undecided(first: Answer, candidates: tuple[Candidate, ...], noise: tuple[str, ...]) -> Answer:
    """The answer where the text names several places: all of them are handed back and none is chosen."""
    kept = tuple(dict.fromkeys((*(name for name in noise if name != "clean"), "ambiguous")))
    score = round(min(0.5, first.score / len(candidates)), 3)
    listed = candidates[:MAX_CANDIDATES]
    return Answer("ambiguous", first.code, first.name, score, "ambiguous", listed, ("ambiguous",), noise=kept)
