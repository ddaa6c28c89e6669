"""Which column of a file is which field, told by its heading; which kind a word of a file means."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from app.glossary.terms import find_term

# The traditional forms of the characters that headings are made of.
_SIMPLER = str.maketrans(
    "碼稱鄉鎮縣區戶數積類別編號單總圖層說備註級屬構網點職務聯絡員電話經緯樓門證東會莊組權時間機農業實際開關歸責銀",
    "码称乡镇县区户数积类别编号单总图层说备注级属构网点职务联络员电话经纬楼门证东会庄组权时间机农业实际开关归责银",
)


def fold_heading(heading: str) -> str:
    """A heading as it is compared: full-width folded, simplified, lower case, no blanks, signs or units."""
    folded = unicodedata.normalize("NFKC", heading).casefold().translate(_SIMPLER)
    bare = folded.split("(", 1)[0] or folded
    return "".join(c for c in bare if c.isalnum())


@cache
def _ranks(code: str) -> dict[str, int]:
    headings = list(enumerate(find_term(code).headings))
    return {fold_heading(heading): rank for rank, heading in reversed(headings)}


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Which column holds which field: `columns[field]` is a heading; `unknown` headings belong to no field.

    `rivals[field]` are further headings that would also do; the most exact one was taken.
    """

    columns: dict[str, str]
    unknown: tuple[str, ...]
    rivals: dict[str, tuple[str, ...]] = field(default_factory=dict)


def map_headings(headings: Iterable[str], fields: Sequence[str]) -> FieldMapping:
    """Guess which heading holds which of `fields` (term codes, the first to choose first).

    A heading serves one field only. A heading cut short in a shapefile (ten bytes) is known by its beginning
    when at least three Chinese or six Latin letters are left.
    """
    left = [heading for heading in headings if heading]
    columns: dict[str, str] = {}
    rivals: dict[str, tuple[str, ...]] = {}
    for wanted in fields:
        fitting = sorted(
            (rank, heading) for heading in left if (rank := rank_heading(heading, wanted)) is not None
        )
        if fitting:
            columns[wanted] = fitting[0][1]
            left.remove(fitting[0][1])
            if len(fitting) > 1:
                rivals[wanted] = tuple(heading for _, heading in fitting[1:])
    return FieldMapping(columns, tuple(left), rivals)


def rank_heading(heading: str, code: str) -> int | None:
    """How exactly a heading names a field (0 is best), None when it does not."""
    folded, ranks = fold_heading(heading), _ranks(code)
    if folded in ranks:
        return ranks[folded]
    lengths = {len(folded.encode(coding, "ignore")) for coding in ("utf-8", "gb18030")}
    if lengths & {9, 10} and len(folded) >= 3:
        cut = [rank for known, rank in ranks.items() if known.startswith(folded)]
        return len(ranks) + min(cut) if cut else None
    return None


def find_kind(word: str, kinds: Iterable[str]) -> str | None:
    """Which of `kinds` (term codes) a word of a file means, e.g. 居委会 is a community; None for none."""
    folded = fold_heading(word)
    for kind in kinds:
        if folded in _ranks(kind):
            return kind
    return None
