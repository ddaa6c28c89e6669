"""Which column of a customer file is which field: guessed from the headings, overruled by a person's word."""

from collections.abc import Mapping

from app.customers.intake.fields import FIELDS, find_field, fold_heading
from app.customers.intake.values import veil
from app.errors import BadInput, NeedsAnswer

NO_COLUMN = "@none"
"""Said of a field that no column holds, whatever its heading says."""


def map_columns(
    headings: list[str], said: Mapping[str, str], known: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Field key → column number; `said` (term → heading, or `@none`) overrules the source's own map.

    That map (`known`) overrules the guess. A column that a person or the source gave to one field is guessed
    for no other; a heading of the source's map that this file lacks is passed over. Raises BadInput for a
    term or a column that is none, listing those that are; NeedsAnswer when a required field has no column.
    """
    by_hand = {find_field(term).key: find_column(headings, column) for term, column in said.items()}
    for key, column in (known or {}).items():
        if key not in by_hand and (column == NO_COLUMN or _has_column(headings, column)):
            by_hand[key] = find_column(headings, column)
    taken = set(by_hand.values())
    free = ["" if at in taken else fold_heading(heading) for at, heading in enumerate(headings)]
    columns = {field.key: at for field in FIELDS if (at := by_hand.get(field.key)) is not None}
    for field in FIELDS:
        fitting = (fold_heading(heading) for heading in field.headings)
        found = next((free.index(heading) for heading in fitting if heading in free), None)
        if field.key not in by_hand and found is not None:
            columns[field.key] = found
    _ask_missing(headings, columns)
    return columns


def _has_column(headings: list[str], column: str) -> bool:
    folded = fold_heading(column)
    return any(fold_heading(heading) == folded for heading in headings)


def find_column(headings: list[str], column: str) -> int | None:
    """The number of a column by its heading, None for `@none`. Raises BadInput listing the columns."""
    exact = [at for at, heading in enumerate(headings) if heading.strip("\ufeff ") == column.strip()]
    folded = fold_heading(column)
    found = exact or [at for at, heading in enumerate(headings) if folded and fold_heading(heading) == folded]
    if len(found) == 1:
        return found[0]
    if not found and column == NO_COLUMN:
        return None
    shown = [veil(heading) for heading in headings]
    listed = "、".join(shown[:60])
    code, zh, en = "unknown_column", "文件里没有列", "the file has no column"
    if found:
        code, zh, en = "column_twice", "文件里不止一列叫", "the file has more than one column"
    raise BadInput(
        code,
        zh=f"{zh}“{column[:40]}”，表头为：{listed}",
        en=f"{en} {column[:40]!r}; its columns are {', '.join(shown[:60])}",
        columns=shown,
    )


def _ask_missing(headings: list[str], columns: dict[str, int]) -> None:
    missing = [field for field in FIELDS if field.required and field.key not in columns]
    if not missing:
        return
    shown = [veil(heading) for heading in headings]
    raise NeedsAnswer(
        "missing_columns",
        zh=f"文件缺少必需的列：{'、'.join(f.zh for f in missing)}；表头为：{'、'.join(shown[:20])}",
        en=f"the file lacks the columns {', '.join(f.term for f in missing)}; it has {', '.join(shown[:20])}",
        questions=[
            {
                "code": f"field_{field.term}",
                "zh": f"哪一列是{field.zh}？",
                "en": f"Which column is the {field.term}?",
                "options": shown,
            }
            for field in missing
        ],
    )
