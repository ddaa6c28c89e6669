"""The story of a month that is closed."""

from typing import Any

from app.jobs.running import Running
from app.marketing.indicators import close_month, read_month


def close(run: Running) -> dict[str, Any]:
    """args: month (2026-10). Writes the month's indicators down. Raises as `close_month` does."""
    with run.step() as session:
        told = close_month(session, read_month(str(run.args["month"])))
        run.mark("closed", told["grids"], told["grids"])
    return told
