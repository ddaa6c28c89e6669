"""The lending-area check 跨区贷款核验: does it lie in a branch's ground on a date?"""

from app.customers.lending.asks import Ask, read_ask, read_day
from app.customers.lending.checks import MOST_ASKS, check, check_many
from app.customers.lending.exceptions import (
    ask_exception,
    decide_exception,
    find_exception,
    list_exceptions,
    withdraw_exception,
)
from app.customers.lending.files import show_error, try_ask
from app.customers.lending.quick import check_at_once
from app.customers.lending.records import find_check, list_checks

__all__ = [
    "MOST_ASKS",
    "Ask",
    "ask_exception",
    "check",
    "check_at_once",
    "check_many",
    "decide_exception",
    "find_check",
    "find_exception",
    "list_checks",
    "list_exceptions",
    "read_ask",
    "read_day",
    "show_error",
    "try_ask",
    "withdraw_exception",
]
