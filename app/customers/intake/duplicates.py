"""Who comes twice: one key in two rows, one person under two keys, one person in two sources.

People are compared by blind index: identity cards and telephones stay sealed, and no line holds one. A line
names keys and row numbers; what looks like an identity or mobile number in a key is masked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.customers.intake.packing import BLOCK
from app.customers.intake.sources import Source, name_sources
from app.customers.intake.values import veil
from app.db import stream_rows

KINDS = ("repeated_key", "card_two_keys", "card_other_source", "phone_other_source")
Rows = Iterable[Mapping[str, Any]]


def find_twins(session: Session, import_id: int, source: Source) -> Iterator[dict[str, Any]]:
    """Lines for waiting rows whose person has another key in this source, or is stored under another source.

    Nothing is merged for it: a line is something to look at. Runs before the rows land.
    """
    waiting = {"import_id": import_id}
    yield from _tell_rows(stream_rows(session, "customers/intake/find_cards_in_file", **waiting))
    yield from _tell_stored(
        stream_rows(session, "customers/intake/find_cards_stored", **waiting, source=source.code),
        stream_rows(session, "customers/intake/find_phones_stored", **waiting, source=source.code),
        source=source,
        names=name_sources(session),
    )


def find_block_twins(
    session: Session, block: int, source: Source, *, alike: Sequence[int], company: Sequence[int]
) -> Iterator[dict[str, Any]]:
    """The same lines for the rows of a block that has become part of the bank.

    `alike` are the ids of its rows that may have a card in common, `company` those who may share something
    with somebody outside it.
    """
    low = block * BLOCK
    if alike:
        yield from _tell_rows(
            stream_rows(session, "customers/intake/find_cards_in_block", low=low, ids=list(alike))
        )
    if company:
        beside = {"low": low, "ids": list(company)}
        yield from _tell_stored(
            stream_rows(session, "customers/intake/find_cards_beside", **beside, high=low + BLOCK),
            stream_rows(session, "customers/intake/find_phones_beside", **beside),
            source=source,
            names=name_sources(session),
        )


def _tell_rows(rows: Rows) -> Iterator[dict[str, Any]]:
    for row in rows:
        zh, en = (
            f"与第 {row['other_row']} 行证件号码相同，客户号不同",
            f"has the ID card of row {row['other_row']}",
        )
        yield _line(row, "card_two_keys", zh=zh, en=f"{en} under another key")


def _tell_stored(
    cards: Rows, phones: Rows, *, source: Source, names: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for row in cards:
        if row["other_source"] == source.code:
            zh, en = (
                "同一来源已有另一客户号的同一证件号码",
                "its ID card is stored in this source under another key",
            )
            yield _line(row, "card_two_keys", zh=zh, en=en)
        else:
            zh, en = (
                f"{names.get(row['other_source'], row['other_source'])}已有同一证件号码的客户",
                f"its ID card is stored under source {row['other_source']}",
            )
            yield _line(row, "card_other_source", zh=zh, en=en)
    for row in phones:
        zh = f"{names.get(row['other_source'], row['other_source'])}已有手机号码和名称都相同的客户"
        en = f"its telephone and name are stored under source {row['other_source']}"
        yield _line(row, "phone_other_source", zh=zh, en=en)


def _line(row: Mapping[str, Any], kind: str, *, zh: str, en: str) -> dict[str, Any]:
    return {
        "row": row["row_no"],
        "reason": kind,
        "message": {"zh": zh, "en": en},
        "key": veil(row["source_key"])[:64],
        "other_row": row.get("other_row"),
        "other_source": row.get("other_source"),
        "other_key": veil(row["other_key"])[:64],
        "others": int(row.get("others", 1)),
    }
