"""The five indicators 五项指标: visits, information collected, coverage, loss, results by month."""

from app.marketing.indicators.changed import CHANGED, list_changed
from app.marketing.indicators.closing import close_month, read_month
from app.marketing.indicators.kinds import INDICATORS, Indicator
from app.marketing.indicators.reading import (
    LEVELS,
    Scope,
    list_indicators,
    list_trend,
    scope_of,
    this_month,
)

__all__ = [
    "CHANGED",
    "INDICATORS",
    "LEVELS",
    "Indicator",
    "Scope",
    "close_month",
    "list_changed",
    "list_indicators",
    "list_trend",
    "read_month",
    "scope_of",
    "this_month",
]
