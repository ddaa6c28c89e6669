"""Days as a person types them."""

from datetime import date

from app.clock import today
from app.errors import BadInput


def read_day(text: str | None) -> date:
    """2026-11-21, or today. Raises BadInput."""
    if text is None:
        return today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(
            "bad_date", zh=f"日期应为 2026-11-21 的形式：{text}", en=f"not a date: {text}"
        ) from None
