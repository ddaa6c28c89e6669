"""Who is missing from a full delivery has vanished: he keeps his row and his history and stands in no grid.

He comes back with the row that holds his key again. When more of a source would vanish than it allows, the
file is most likely cut short: then nothing lands until a person says that it is meant.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access import mask_party
from app.customers.counting import keep_counts
from app.customers.intake.known import Known
from app.customers.intake.seen import Seen
from app.customers.intake.sources import Source
from app.customers.intake.values import veil
from app.customers.reassigning import reassign_customers
from app.db import fetch_value, run_statement, stream_rows
from app.errors import NeedsAnswer


def find_vanished(session: Session, known: Known, seen: Seen) -> list[int]:
    """Ids of those who stand and of whom the file holds no row, ascending.

    A row that was left out for a fault is still a row of its customer.
    """
    missing = seen.find_missing(known).tolist()
    return list(fetch_value(session, "customers/intake/find_standing_of", ids=missing) or [])


def refuse_too_many(session: Session, source: Source, vanished: int) -> None:
    """Raise NeedsAnswer when more of the source would vanish than it allows. Asked before anything lands."""
    standing = int(fetch_value(session, "customers/intake/count_standing", source=source.code))
    if vanished <= source.vanish_limit * standing:
        return
    share, limit = f"{vanished / standing:.1%}", f"{source.vanish_limit:.1%}"
    raise NeedsAnswer(
        "too_many_vanish",
        zh=f"文件里没有“{source.zh}”现有 {standing} 户中的 {vanished} 户（{share}），超过上限 {limit}，"
        "未导入任何一行。请核对文件是否完整；确属销户请允许后重新导入，只是部分更新请选增量",
        en=f"the file lacks {vanished} of the {standing} customers of {source.code} ({share}), more than "
        f"{limit}; nothing was stored. Check that the file is whole, allow it, or load it as a delta",
        vanished=vanished,
        standing=standing,
        limit=source.vanish_limit,
        questions=[
            {
                "code": "allow_vanish",
                "zh": f"这 {vanished} 户确已不在来源系统中吗？",
                "en": f"Have these {vanished} customers really left the source?",
                "options": ["yes", "delta"],
            }
        ],
    )


def list_vanished(session: Session, ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Lines about them, while they still stand: key, masked name, grid and village."""
    for row in stream_rows(session, "customers/intake/list_vanished", ids=list(ids)):
        yield {
            "reason": "vanished",
            "message": {"zh": "全量文件里没有此客户，已移出网格", "en": "not in the full delivery any more"},
            "key": veil(row["source_key"])[:64],
            "name": mask_party(row["name"], row["kind"]),
            "grid": row["grid"],
            "village": row["village"],
        }


def take_out(session: Session, ids: Sequence[int], *, bare: bool = False) -> None:
    """They are gone from now on: out of their grids and all counts. In the worker's hand, in its turn.

    `bare` leaves assignments and counts alone, for a dry run that undoes it all.
    """
    if not ids:
        return
    counted = () if bare else ids
    with keep_counts(session, counted):
        run_statement(session, "customers/intake/mark_gone", ids=list(ids))
        reassign_customers(session, counted)
