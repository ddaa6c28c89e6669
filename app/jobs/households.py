"""The story of households: one pass over the bank, which lands whole or not at all."""

from typing import Any

from app.customers.households import storing
from app.jobs.running import Running


def link_all(run: Running) -> dict[str, Any]:
    """args: none. Links all customers into households; returns what stands afterwards."""
    with run.step() as session:
        counts = storing.link_households(session, on_progress=run.tell)
        run.mark("linked", counts["customers"], counts["customers"])
    return counts
