"""The bank's clock 银行时间: one day for everybody, whatever zone a server is set to.

China has one clock. A plan begins, a duty ends and an exception runs out at its midnight: on the day of
`today()` in the program, and on `current_date` in the database, whose sessions are opened in the same zone.
"""

from datetime import date, datetime, timedelta, timezone

BANK_TIME = timezone(timedelta(hours=8))
"""A fixed distance from UTC: it needs no tables of zones on the machine."""
BANK_ZONE = "Asia/Shanghai"
"""The same for the database."""


def now() -> datetime:
    """The moment, in the bank's time."""
    return datetime.now(BANK_TIME)


def today() -> date:
    """The bank's day."""
    return now().date()
