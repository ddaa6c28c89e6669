"""The columns of a customer file as a report shows them: what each was taken for, a few cells, all masked.

A cell is shown only when it is what its field promises (a known word, a date, a code); everything else, and
every cell of a column that is not used, keeps its first character at most: nobody knows what it holds.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from app.access import mask_address, mask_id_card, mask_name, mask_phone
from app.customers.intake.checking import KINDS, LEVELS, STANDINGS, TIERS
from app.customers.intake.fields import FIELDS
from app.customers.intake.relations import find_relation
from app.customers.intake.tables import SourceTable
from app.customers.intake.values import FLAGS, Problem, read_date, veil
from app.customers.placing import DATUM_WORDS

LOOKED_AT = 200
SAMPLES = 5
LONGEST = 40
_TO_VILLAGE = re.compile(r".*?(?:村|社区|居委会)")
_DEGREES = re.compile(r"-?\d{1,3}(?:\.\d+)?")
_CODE = re.compile(r"[A-Za-z0-9_./|-]+")

Mask = Callable[[str], str | None]


def show_columns(table: SourceTable, columns: dict[str, int]) -> list[dict[str, Any]]:
    """Every column in the file's order: `name`, `term` (None when unused), `sample` of at most 5 cells."""
    terms: list[list[str]] = [[] for _ in table.headings]
    masks: list[Mask] = [_hide for _ in table.headings]
    for field in FIELDS:
        if (at := columns.get(field.key)) is not None:
            masks[at] = _hide if terms[at] else MASKS.get(field.key, _hide)
            terms[at].append(field.term)
    seen: list[dict[str, None]] = [{} for _ in table.headings]
    first = next(iter(table.slices(LOOKED_AT)), None)
    for _, cells in first.read().rows() if first else ():
        for known, mask, cell in zip(seen, masks, cells, strict=False):
            if cell.strip() and len(known) < SAMPLES:
                known[(mask(cell.strip()) or "")[:LONGEST]] = None
    return [
        {"name": veil(heading), "term": ", ".join(used) or None, "sample": list(known)}
        for heading, used, known in zip(table.headings, terms, seen, strict=True)
    ]


def _hide(cell: str) -> str:
    return mask_name(cell[:8])


def _show_word(*words: dict[str, str]) -> Mask:
    """Shows the words that the field knows, in Chinese or as code."""
    known = {word for one in words for pair in one.items() for word in pair}
    return lambda cell: cell if cell in known else _hide(cell)


def _show_date(cell: str) -> str:
    with suppress(Problem):
        return str(read_date(cell))
    return _hide(cell)


def _show_code(cell: str) -> str:
    return veil(cell) if _CODE.fullmatch(cell) else _hide(cell)


def _show_degrees(cell: str) -> str:
    """To a hundredth, about a kilometre: where a house stands is as private as its address."""
    if not _DEGREES.fullmatch(cell):
        return _hide(cell)
    whole, _, rest = cell.partition(".")
    return f"{whole}.{rest[:2]}***" if len(rest) > 2 else cell


def _show_address(cell: str) -> str | None:
    village = _TO_VILLAGE.match(cell)
    return mask_address(veil(cell), village.group() if village else None)


MASKS: dict[str, Mask] = {
    "source_key": _show_code,
    "name": lambda cell: mask_name(cell[:8]),
    "kind": _show_word(KINDS),
    "id_card": mask_id_card,
    "phone": mask_phone,
    "address": _show_address,
    "lon": _show_degrees,
    "lat": _show_degrees,
    "datum": lambda cell: cell if cell.lower() in DATUM_WORDS else _hide(cell),
    "tier": _show_word(TIERS),
    "lead_level": _show_word(LEVELS),
    "booking_branch_code": _show_code,
    "household_no": _show_code,
    "relation": lambda cell: cell if find_relation(cell) else _hide(cell),
    "filed": lambda cell: cell if cell.lower() in FLAGS | {"否", "n", "no", "0", "false"} else _hide(cell),
    "last_visit_on": _show_date,
    "standing": _show_word(STANDINGS),
}
