"""A column that the file before had and this one has not: asked about before it empties what is stored."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.customers.intake.fields import FIELDS, Field
from app.customers.intake.mapping import NO_COLUMN
from app.customers.intake.sources import Source
from app.customers.intake.values import veil
from app.db import fetch_one, fetch_value
from app.errors import NeedsAnswer

# Fewer customers than this lose a value without a question.
FEWEST = 20


def ask_lost(
    session: Session,
    source: Source,
    columns: Mapping[str, int],
    *,
    said: Mapping[str, str],
    headings: list[str],
) -> None:
    """Raise NeedsAnswer when a column is gone that the last file had and that many customers have a value of.

    Who says `@none` for the field (`said`, or the source's own map) means it.
    """
    before = fetch_value(session, "customers/intake/find_last_columns", source=source.code) or []
    had = {term for column in before for term in str(column.get("term") or "").split(", ")}
    meant = {term for term, heading in {**source.headings, **said}.items() if heading == NO_COLUMN}
    lost = [
        field for field in FIELDS
        if field.term in had and field.key not in columns and not {field.key, field.term} & meant
    ]  # fmt: skip
    counts = fetch_one(session, "customers/intake/count_filled", source=source.code) if lost else None
    filled = [field for field in lost if (counts or {}).get(field.key, 0) >= FEWEST]
    if filled:
        raise _question(source, filled, counts or {}, [veil(heading) for heading in headings])


def _question(
    source: Source, lost: list[Field], counts: Mapping[str, Any], headings: list[str]
) -> NeedsAnswer:
    told_zh = "、".join(f"{field.zh}（{counts[field.key]} 户有值）" for field in lost)
    told_en = ", ".join(f"{field.term} ({counts[field.key]} customers have one)" for field in lost)
    return NeedsAnswer(
        "columns_lost",
        zh=f"上次“{source.zh}”的文件有、这次没有的列：{told_zh}。"
        "请指定对应的列；确实不再提供请选 @none，原值将清空",
        en=f"the file before had columns that this one lacks: {told_en}. Say which column it is now, "
        "or @none: then the stored values are emptied",
        questions=[
            {
                "code": f"field_{field.term}",
                "zh": f"哪一列是{field.zh}？",
                "en": f"Which column is the {field.term}?",
                "options": [*headings, "@none"],
            }
            for field in lost
        ],
    )
