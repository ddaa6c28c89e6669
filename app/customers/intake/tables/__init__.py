"""Tables that a bank sends, of any kind, each as headings and slices of columns of text.

`open_table` finds out what lies there; `slices` cuts it; `read_slice` reads one slice, in a worker process.
The answer is the same for every kind: row numbers, a column of strings for each heading, and the rows that
are none.
"""

from app.customers.intake.tables.foreign import TableOrigin, check_origin, read_origin, seal_password
from app.customers.intake.tables.opening import open_table
from app.customers.intake.tables.table import Broken, Chunk, Lost, Slice, SourceTable, read_slice

__all__ = [
    "Broken",
    "Chunk",
    "Lost",
    "Slice",
    "SourceTable",
    "TableOrigin",
    "check_origin",
    "open_table",
    "read_origin",
    "read_slice",
    "seal_password",
]
