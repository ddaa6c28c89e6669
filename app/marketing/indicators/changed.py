"""The customers behind two numbers of the running month: who left 流失, who was won 营销成效."""

from typing import Any

from sqlalchemy.orm import Session

from app.access import mask_party, record
from app.db import as_worker, fetch_all
from app.errors import BadInput
from app.marketing.indicators.reading import Scope

CHANGED = ("loss", "results")
MOST_LISTED = 500


def list_changed(session: Session, what: str, scope: Scope) -> dict[str, Any]:
    """{total, rows}: customers in whose change the viewer's grids share, newest first, `MOST_LISTED` at most.

    A row is id, name (masked), stands (existing, prospect or gone), changed_at, grid, branch and manager.
    Who is gone stands in nobody's grid and is in nobody's sight: that he left this viewer's grid is told by
    his change, his name is read beside it. Audited. Raises BadInput `bad_indicator`.
    """
    if what not in CHANGED:
        raise BadInput(
            "bad_indicator", zh=f"指标应为 {'、'.join(CHANGED)}", en=f"the indicator is one of {CHANGED}"
        )
    asked = {**scope.params(), "what": what, "limit": MOST_LISTED}
    rows = fetch_all(session, "marketing/indicators/list_changed", **asked)
    ids = [row["id"] for row in rows]
    with as_worker(session):
        named = {row["id"]: row for row in fetch_all(session, "marketing/indicators/list_names", ids=ids)}
    record(session, "list_changed", subject=what, customer_ids=ids)
    told = [{**row, "name": mask_party(named[row["id"]]["name"], named[row["id"]]["kind"])} for row in rows]
    return {"total": rows[0]["total"] if rows else 0, "rows": told}
