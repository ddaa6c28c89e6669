"""Which column of a customer file is which field: guessed from the headings, overruled by a person's word."""

from collections.abc import Mapping

from app.customers.intake.fields import FIELDS, Field, fold_heading
from app.customers.intake.values import veil
from app.errors import BadInput, NeedsAnswer

NO_COLUMN = "@none"
"""Said of a field that no column holds, whatever its heading says."""


def map_columns(headings: list[str], said: Mapping[str, str]) -> dict[str, int]:
    """Field key → column number; `said` (term → heading, or `@none`) overrules the guess.

    A column that a person gave to one field is guessed for no other. Raises BadInput for a term or a column
    that is none, listing those that are; NeedsAnswer when a required field has no column.
    """
    by_hand = {find_field(term).key: find_column(headings, column) for term, column in said.items()}
    taken = set(by_hand.values())
    free = ["" if at in taken else fold_heading(heading) for at, heading in enumerate(headings)]
    columns = {field.key: at for field in FIELDS if (at := by_hand.get(field.key)) is not None}
    for field in FIELDS:
        known = (fold_heading(heading) for heading in field.headings)
        found = next((free.index(heading) for heading in known if heading in free), None)
        if field.key not in by_hand and found is not None:
            columns[field.key] = found
    _ask_missing(headings, columns)
    return columns


def find_field(term: str) -> Field:
    """The field of a term (or of its key). Raises BadInput listing the terms."""
    for field in FIELDS:
        if term in (field.term, field.key):
            return field
    raise BadInput(
        "unknown_term",
        zh=f"没有字段“{term[:40]}”，可用：{'、'.join(f'{field.zh} {field.term}' for field in FIELDS)}",
        en=f"there is no field {term[:40]!r}; the fields are {', '.join(field.term for field in FIELDS)}",
        terms=[field.term for field in FIELDS],
    )


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
        en=f"the file lacks the columns {', '.join(f.term for f in missing)}",
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
