"""Customers come in: a file of a source system is read, checked, sealed, placed, then merged in one go.

Reading and checking are pure and run in worker processes (`checking`); rows wait in a partition of
`intake_row`; `landing` merges them in one transaction, so readers never see half a file.
"""

from app.customers.intake.checking import Checked, Checker, Recipe, start_checker
from app.customers.intake.fields import FIELDS, SOURCES, Source, guess_columns
from app.customers.intake.landing import (
    close_intake,
    count_intake,
    land_rows,
    open_intake,
    reject_repeats,
    stage_rows,
)
from app.customers.intake.reading import CustomerFile, open_customers

__all__ = [
    "FIELDS",
    "SOURCES",
    "Checked",
    "Checker",
    "CustomerFile",
    "Recipe",
    "Source",
    "close_intake",
    "count_intake",
    "guess_columns",
    "land_rows",
    "open_customers",
    "open_intake",
    "reject_repeats",
    "stage_rows",
    "start_checker",
]
