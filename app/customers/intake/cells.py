"""Columns of cells as values: what most cells look like is read at once, each odd one by its own reader.

A column's values are the same that `values` reads cell by cell: only cells of the plainest form take the
short way, so the two can not differ. What is wrong is noted for its row.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from app.customers.intake.values import Problem, read_amount, read_coordinates

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
# What Python takes for blank; Arrow's own list is another.
BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
# Thirteen digits before the point are below `values.LARGEST_YUAN`.
_YUAN = r"^-?[0-9]{1,13}(?:\.[0-9]{1,2})?$"
_DEGREES = r"^-?[0-9]{1,3}(?:\.[0-9]{1,15})?$"
_YUAN_TYPE = pa.decimal128(17, 2)


@dataclass
class Notes:
    """What is wrong with the rows of a chunk: the first reason to leave a row out, and its warnings."""

    refused: dict[int, Problem] = field(default_factory=dict)
    warned: list[tuple[int, Problem]] = field(default_factory=list)

    def refuse(self, row: int, problem: Problem) -> None:
        """The row cannot be a customer; what was found first is told."""
        self.refused.setdefault(row, _let_go(problem))

    def warn(self, row: int, problem: Problem) -> None:
        """The row stays, without this value."""
        self.warned.append((row, _let_go(problem)))


def _let_go(problem: Problem) -> Problem:
    """Without its traceback: through it each broken row would hold the columns of its whole chunk."""
    return problem.with_traceback(None)


Tell = Callable[[int, Problem], None]


def trim(column: Any) -> Any:
    """Text (n,) without blanks around it; null is empty."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    text = whole if pa.types.is_string(whole.type) else whole.cast(pa.string())
    text = pc.fill_null(text, "") if text.null_count else text
    return text if _is_tight(text) else pc.utf8_trim(text, characters=BLANKS)


def _is_tight(text: Any) -> bool:
    """Whether no cell can have a blank: its bytes are all visible ASCII. Far quicker to ask than to trim."""
    data = text.buffers()[2]
    if data is None:
        return True
    signs = np.frombuffer(data, dtype=np.uint8)
    return not len(signs) or (int(signs.min()) > 0x20 and int(signs.max()) < 0x7F)


def blank_to_null(column: Any) -> Any:
    """Text (n,) with null where it is empty."""
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def read_each(column: Any, read: Callable[[str | None], Any], kind: Any, tell: Tell) -> Any:
    """Text (n,) as `kind` (n,): each different cell read once; null and told where that raises Problem."""
    encoded = column.dictionary_encode()
    values: list[Any] = []
    problems: dict[int, Problem] = {}
    for code, cell in enumerate(encoded.dictionary.to_pylist()):
        try:
            values.append(read(cell))
        except Problem as problem:
            values.append(None)
            problems[code] = problem
    if problems:
        codes = encoded.indices.to_numpy()
        for row in np.flatnonzero(np.isin(codes, list(problems))).tolist():
            tell(row, problems[int(codes[row])])
    return pa.array(values, kind).take(encoded.indices)


def read_amounts(column: Any, zh: str, tell: Tell) -> tuple[Ints, Mask]:
    """Cents (n,) of a column of yuan, and where there is an amount at all."""
    plain = mask_of(pc.match_substring_regex(column, _YUAN))
    cents = np.zeros(len(column), dtype=np.int64)
    if plain.any():
        exact = column.filter(pa.array(plain)).cast(_YUAN_TYPE)
        cents[plain] = np.frombuffer(exact.buffers()[1], dtype=np.int64)[::2][: len(exact)]
    known = plain.copy()
    for row in np.flatnonzero(~plain & mask_of(pc.not_equal(column, ""))).tolist():
        try:
            amount = read_amount(column[row].as_py(), zh)
        except Problem as problem:
            tell(row, problem)
            continue
        if amount is not None:
            cents[row], known[row] = int(amount.scaleb(2)), True
    return cents, known


def read_degrees(lon: Any, lat: Any, tell: Tell) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes (n,) as they are written, NaN where there is no pair."""
    plain = mask_of(pc.and_(pc.match_substring_regex(lon, _DEGREES), pc.match_substring_regex(lat, _DEGREES)))
    x, y = np.full(len(plain), np.nan), np.full(len(plain), np.nan)
    for values, column in ((x, lon), (y, lat)):
        values[plain] = column.filter(pa.array(plain)).cast(pa.float64()).to_numpy()
    given = mask_of(pc.or_(pc.not_equal(lon, ""), pc.not_equal(lat, "")))
    for row in np.flatnonzero(~plain & given).tolist():
        try:
            found = read_coordinates(lon[row].as_py(), lat[row].as_py())
        except Problem as problem:
            tell(row, problem)
            continue
        if found is not None:
            x[row], y[row] = found
    return x, y


def mask_of(values: Any) -> Mask:
    """A column of truth (n,) without nulls as an array."""
    found: Mask = values.to_numpy(zero_copy_only=False)
    return found
