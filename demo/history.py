"""What the demo bank's months were: twelve closed ones, invented once, always the same."""

from pathlib import Path

from sqlalchemy import select, text

from app.cli.opening import Bank
from app.cli.telling import say
from app.models import IndicatorMonth

SCRIPT = Path(__file__).with_suffix(".sql")


def tell_months(bank: Bank) -> None:
    """Close twelve months of the past, unless some month is closed."""
    with bank.transaction() as session:
        if session.scalar(select(IndicatorMonth.month).limit(1)) is not None:
            return
        session.execute(text(SCRIPT.read_text(encoding="utf-8")))
    say("  [green]✓[/] 月度指标: 12 个月已结转（虚构）")
