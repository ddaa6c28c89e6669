"""Customers come in: a file of a source system is read, checked, sealed, placed, then merged in one go.

Slices of a table are worked on in processes (`working`: `known` drops what has not changed, `checking` reads,
seals and places the rest in columns, `packing` makes the bytes of COPY). New rows of a big file land in a
`block` of its own, all others wait in a partition of `intake_row`; `landing` merges these as the block is
adopted, in one transaction, so readers never see half a file. `mapping` says which column is which field,
`samples` what a report shows of them, `duplicates` who comes twice,
`marks` what rows of a block may share.
"""

from app.customers.intake.block import (
    FEWEST,
    adopt_block,
    copy_portion,
    drop_block,
    index_block,
    list_units,
    open_block,
    pour_block,
)
from app.customers.intake.checking import Checked, Checker
from app.customers.intake.duplicates import find_block_twins, find_twins
from app.customers.intake.fields import FIELDS, find_field
from app.customers.intake.landing import (
    close_intake,
    land_rows,
    measure_intake,
    open_intake,
)
from app.customers.intake.mapping import map_columns
from app.customers.intake.packing import BLOCK
from app.customers.intake.samples import show_columns
from app.customers.intake.sources import Source, find_source, list_sources, show_source, store_source

__all__ = [
    "BLOCK",
    "FEWEST",
    "FIELDS",
    "Checked",
    "Checker",
    "Source",
    "adopt_block",
    "close_intake",
    "copy_portion",
    "drop_block",
    "find_block_twins",
    "find_field",
    "find_source",
    "find_twins",
    "index_block",
    "land_rows",
    "list_sources",
    "list_units",
    "map_columns",
    "measure_intake",
    "open_block",
    "open_intake",
    "pour_block",
    "show_columns",
    "show_source",
    "store_source",
]
