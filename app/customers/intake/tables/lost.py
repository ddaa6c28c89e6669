"""Cells whose value Excel destroyed: a long number kept as 3.2E+17 has lost its last digits for good.

Such a cell is told and read as empty: what is left of an identity card would be somebody else's.
"""

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from app.customers.intake.tables.table import Lost, Numbers

# Excel keeps fifteen digits; a number of so many and more was a code.
TRUSTED_DIGITS = 15
_PATTERN = r"^\s*[1-9](?:\.\d+)?[Ee]\+(?:1[1-9]|2\d)\s*$"


def tell_lost(number: int, column: int) -> Lost:
    """The word on a cell that was a long number."""
    return Lost(
        number,
        column,
        "long_number",
        "长号码被 Excel 改成了科学计数，末几位已丢失；请把该列设为文本后重新导出",
        "Excel made a long number of this cell and its last digits are lost; export the column as text",
    )


def blank_lost(numbers: Numbers, columns: list[pa.StringArray]) -> tuple[list[pa.StringArray], list[Lost]]:
    """Columns with such cells emptied, and where they were."""
    lost: list[Lost] = []
    kept: list[pa.StringArray] = []
    for at, column in enumerate(columns):
        bad = pc.match_substring_regex(column, _PATTERN)
        rows = np.flatnonzero(bad.to_numpy(zero_copy_only=False)).tolist()
        lost += [tell_lost(int(numbers[row]), at) for row in rows]
        kept.append(pc.if_else(bad, "", column) if rows else column)
    return kept, sorted(lost)
