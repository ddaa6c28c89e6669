"""A month is closed: counted once more, written down, and frozen."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.clock import today
from app.db import fetch_value, run_statement
from app.errors import BadInput, Conflict


def read_month(text: str) -> date:
    """2026-10 as its first day. Raises BadInput `bad_month`."""
    try:
        if len(text) != 7:
            raise ValueError(text)
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise BadInput("bad_month", zh="月份应写作 2026-10", en="a month is written 2026-10") from None


def follow(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def close_month(session: Session, month: date) -> dict[str, Any]:
    """Write a past month down for every grid, in the worker's hand; {month, grids}.

    Visits and changes are those of the month, stocks those of the moment of closing (`closed_at`). Raises
    Conflict `month_open` for a month that is not over, `month_closed` when it or a later one is closed.
    """
    if follow(month) > today():
        raise Conflict("month_open", zh="本月尚未结束，不能结转", en="the month is not over")
    last = fetch_value(session, "marketing/indicators/find_last_closed")
    if last is not None and last >= month:
        raise Conflict(
            "month_closed",
            zh=f"{last:%Y-%m} 已结转，不能改动",
            en=f"{last:%Y-%m} is closed and stays as it is",
        )
    written = run_statement(session, "marketing/indicators/write_month", month=month, after=follow(month))
    return {"month": f"{month:%Y-%m}", "grids": written.rowcount}
