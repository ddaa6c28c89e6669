"""Customers come in: a file of a source system is read, checked, sealed, placed, then merged in one go.

Reading and checking are pure and run in worker processes (`checking`); rows wait in a partition of
`intake_row`; `landing` merges them in one transaction, so readers never see half a file. `mapping` says which
column is which field, `samples` what a report shows of them, `duplicates` who comes twice.
"""

from app.customers.intake.checking import Checked, Checker, Recipe, start_checker
from app.customers.intake.duplicates import drop_repeats, find_repeats, find_twins
from app.customers.intake.fields import FIELDS
from app.customers.intake.landing import (
    close_intake,
    compare_rows,
    count_doubts,
    count_intake,
    count_rungs,
    land_rows,
    measure_intake,
    open_intake,
    stage_rows,
)
from app.customers.intake.mapping import map_columns
from app.customers.intake.reading import CustomerFile, open_customers
from app.customers.intake.samples import show_columns
from app.customers.intake.sources import Source, find_source, list_sources, show_source, store_source

__all__ = [
    "FIELDS",
    "Checked",
    "Checker",
    "CustomerFile",
    "Recipe",
    "Source",
    "close_intake",
    "compare_rows",
    "count_doubts",
    "count_intake",
    "count_rungs",
    "drop_repeats",
    "find_repeats",
    "find_source",
    "find_twins",
    "land_rows",
    "list_sources",
    "map_columns",
    "measure_intake",
    "open_customers",
    "open_intake",
    "show_columns",
    "show_source",
    "stage_rows",
    "start_checker",
    "store_source",
]
