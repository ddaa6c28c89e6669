"""What a change of people moves: whole grids with customers, households, balances, from hand to hand."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access import Person, mask_party, record
from app.db import fetch_all
from app.models import Staff
from app.territory.allotment.changes import Ask, Prepared, keep_change, show_change
from app.territory.allotment.staffing import prepare_change

Row = dict[str, Any]
NAMED = 50
_PEOPLE = ("customers", "existing", "prospects", "households")
_BALANCES = ("deposit_yuan", "loan_yuan")


def preview_change(session: Session, ask: Ask, *, by: Person | None) -> Row:
    """Prepare a change of people with its bill and keep it: the change as JSON, to be applied or cancelled.

    Customers are those of the assignment that stands, cut by the viewer's own policies. Raises what
    `prepare_change` raises.
    """
    weights = {row["code"]: row["customers"] for row in fetch_all(session, "customers/list_grid_weights")}
    made = prepare_change(session, ask, weights=weights, by=by)
    change = keep_change(session, made, bill=bill_change(session, made))
    record(session, "prepare_staffing_change", subject=f"{change.kind} {change.id}")
    return show_change(session, change, by=by)


def bill_change(session: Session, made: Prepared) -> Row:
    """The bill: grids, customers, existing, prospects, households, deposit_yuan, loan_yuan, key_clients
    (masked), managers (from, to, grids, customers), letters to sign again, vacant grids. A grid counts once,
    however many plans it stands in."""
    lines = {line["grid_code"]: line for line in reversed(made.lines) if line["role"] == "primary"}
    counts = {row["code"]: row for row in fetch_all(session, "customers/bill_grids", codes=sorted(lines))}
    whole = counts.get(None) or {}
    key_ids = whole.get("key_ids") or []
    merge = made.into is not None
    return {
        "grids": len(lines),
        **{name: int(whole.get(name) or 0) for name in _PEOPLE},
        **{name: float(whole.get(name) or 0) for name in _BALANCES},
        "key_clients": _name_clients(session, made, key_ids),
        "key_count": len(key_ids),
        "managers": _list_hands(session, list(lines.values()), counts),
        "letters": _count_letters(list(lines.values()), merge=merge),
        "vacant": 0 if merge else sum(line["to_id"] is None for line in lines.values()),
    }


def _name_clients(session: Session, made: Prepared, ids: Sequence[int]) -> list[Row]:
    if not ids:
        return []
    rows = fetch_all(session, "customers/list_key_names", ids=list(ids), limit=NAMED)
    record(session, "see_bill", subject=made.branch.code, customer_ids=[row["id"] for row in rows])
    return [{"name": mask_party(row["name"], row["kind"]), "tier": row["tier"]} for row in rows]


def _list_hands(session: Session, lines: Sequence[Row], counts: dict[Any, Row]) -> list[Row]:
    hands: dict[tuple[Any, Any], Row] = defaultdict(lambda: {"grids": 0, "customers": 0})
    for line in lines:
        pair = hands[line["from_id"], line["to_id"]]
        pair["grids"] += 1
        pair["customers"] += int(counts.get(line["grid_code"], {}).get("customers") or 0)
    rows = []
    for (loser, winner), sums in hands.items():
        a, b = (session.get(Staff, who) if who is not None else None for who in (loser, winner))
        rows.append(
            {
                "from_code": a and a.code,
                "from": a and a.name,
                "to_code": b and b.code,
                "to": b and b.name,
                **sums,
            }
        )
    return sorted(rows, key=lambda row: (-row["customers"], str(row["to_code"])))


def _count_letters(lines: Sequence[Row], *, merge: bool) -> int:
    """Who takes a grid signs a letter; where a branch merges, all who stand under it sign anew."""
    ids = {line["from_id" if merge else "to_id"] for line in lines}
    return len(ids - {None})
