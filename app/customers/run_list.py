"""Assignment runs as people see them: which there were, and who moved by one; masked, in sight, audited."""

from typing import Any

from sqlalchemy.orm import Session

from app.access import mask_address, mask_party, record
from app.customers.list_file import Columns
from app.customers.steps import viewer_of
from app.db import fetch_all, fetch_one
from app.errors import NotFound

PAGE = 500
MOST = 1_000_000
NEWEST = (1 << 62) - 1
SUMS = ("total", "assigned", "contested", "outside", "unlocated")
MOVED: Columns = (
    ("客户编号", "id"),
    ("客户", "name"),
    ("状态", "standing"),
    ("等级", "tier"),
    ("地址", "address"),
    ("定位精度", "rung"),
    ("原网格", "from.code"),
    ("原网格名称", "from.name"),
    ("现网格", "to.code"),
    ("现网格名称", "to.name"),
    ("归格方式", "method"),
    ("时间", "moved_at"),
)


def list_runs(session: Session, *, before: int = NEWEST, limit: int = 50) -> list[dict[str, Any]]:
    """Runs with numbers below `before`, the newest first; `moved` counts whom the viewer may know of.

    How many there are in the whole bank is told (`total` and what it sums) to who sees the whole bank.
    """
    runs = fetch_all(session, "customers/list_runs", before=before, limit=min(limit, PAGE))
    hidden = dict.fromkeys(SUMS) if viewer_of(session).db_role == "getu_scoped" else {}
    return [run | hidden for run in runs]


def list_moves(session: Session, run_id: int, *, after: int = 0, limit: int = 100) -> dict[str, Any]:
    """Who moved by a run, a page: `moves` and where the next one starts. Raises NotFound `no_run`.

    A customer who left the viewer's sight is a number without a name; so is a grid beyond it.
    """
    run = fetch_one(session, "customers/find_run", run_id=run_id)
    if run is None:
        raise NotFound("no_run", zh=f"没有第 {run_id} 次归格", en=f"there is no assignment run {run_id}")
    rows = fetch_all(session, "customers/list_moves", run_id=run_id, after=after, limit=limit)
    ids = [row["id"] for row in rows]
    record(session, "list_moves", subject=f"run {run_id}", customer_ids=ids)
    return {
        "run": run_id,
        "plan": run["plan_code"],
        "kind": run["kind"],
        "moves": [_show(row) for row in rows],
        "next": ids[-1] if len(rows) == limit else None,
    }


def _show(row: dict[str, Any]) -> dict[str, Any]:
    seen = row["name"] is not None
    return {
        "id": row["id"],
        "name": mask_party(row["name"], row["kind"]) if seen else None,
        "standing": row["standing"],
        "tier": row["tier"],
        "address": mask_address(row["address"], row["town_name"], row["to_name"]) if seen else None,
        "rung": row["rung"],
        "from": {"id": row["from_id"], "code": row["from_code"], "name": row["from_name"]},
        "to": {"id": row["to_id"], "code": row["to_code"], "name": row["to_name"]},
        "method": row["method"],
        "decided_since": row["anew"],
        "moved_at": row["moved_at"].isoformat(),
    }
