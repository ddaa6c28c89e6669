"""Placements of a chunk in columns, and the grid of each: what a big load writes beside its customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from numpy.typing import NDArray

from app.customers.assignment import Ground, locate_customers, place_by_unit
from app.customers.doubts import Asked, Doubt, Placer, Verdict, judge_columns
from app.customers.outcome import Outcome
from app.customers.placing import POINT_ACCURACY_M, Placed, Wrong, read_ewkb
from app.customers.sources import DATUM_KEYS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# A unit that no grid names: any key but 0, which is none at all.
UNNAMED = 1


@dataclass(frozen=True)
class Spots:
    """Placements (n,): `x`, `y` are lon/lat in storage, NaN for none; words are text, null for none.

    `doubts` and `wrongs` tell by row what somebody should look at, and what is wrong with its coordinates.
    """

    rung: NDArray[np.int16]
    method: Any
    score: Floats
    x: Floats
    y: Floats
    place_code: Any
    unit_code: Any
    accuracy_m: Any
    datum: Any
    doubts: dict[int, Doubt]
    wrongs: dict[int, Wrong]


def place_rows(placer: Placer, asked: Asked) -> Spots:
    """The placements that `judge_rows` gives, in columns."""
    verdict = judge_columns(placer, asked)
    rows = len(verdict.plain)
    villages = list(placer.villages.codes) if placer.villages else []
    unit, place, method = _Words(villages), _Words([]), _Words(["source"])
    datum, odd = _Words(list(DATUM_KEYS)), verdict.judged
    at = np.fromiter(odd, dtype=np.int64, count=len(odd))
    placed = [one.placed for one in odd.values()]
    unit_at = unit.lay(verdict.held, at, [one.unit_code for one in placed])
    place_at = place.lay(np.full(rows, -1), at, [one.place_code for one in placed])
    method_at = method.lay(np.zeros(rows), at, [one.method for one in placed])
    datum_at = datum.lay(verdict.points.datum, at, [one.datum for one in placed])
    x, y = _lay_points(verdict, at, placed)
    return Spots(
        _lay(np.full(rows, 2), at, [one.rung for one in placed]).astype(np.int16),
        method.take(method_at),
        _lay(np.ones(rows), at, [one.score for one in placed]),
        x,
        y,
        place.take(place_at),
        unit.take(unit_at),
        pa.array(_lay(np.full(rows, POINT_ACCURACY_M), at, _accuracies(placed)), from_pandas=True),
        datum.take(datum_at),
        {i: one.doubt for i, one in odd.items() if one.doubt},
        {i: one.wrong for i, one in odd.items() if one.wrong},
    )


class _Words:
    """The different words of a column, each with its number."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        self._more: dict[str, int] = {}

    def lay(self, plain: NDArray[Any], at: Ints, words: Sequence[str | None]) -> Ints:
        """Numbers (n,): the plain ones, and those of the words at some rows; -1 for none."""
        return _lay(plain, at, [self._number(word) for word in words]).astype(np.int64)

    def _number(self, word: str | None) -> int:
        if word is None:
            return -1
        if word not in self._more:
            self._more[word] = len(self.words)
            self.words.append(word)
        return self._more[word]

    def take(self, numbers: Ints) -> Any:
        """The words of numbers (n,), null for -1."""
        return pa.array(self.words, pa.string()).take(pa.array(numbers, mask=numbers < 0))


def _lay(plain: NDArray[Any], at: Ints, values: Sequence[Any]) -> NDArray[Any]:
    whole = np.array(plain, dtype=np.float64 if plain.dtype.kind == "f" else np.int64)
    whole[at] = values
    return whole


def _accuracies(placed: Sequence[Placed]) -> list[float]:
    return [np.nan if one.accuracy_m is None else one.accuracy_m for one in placed]


def _lay_points(verdict: Verdict, at: Ints, placed: Sequence[Placed]) -> tuple[Floats, Floats]:
    """Points to 1e-7 degree, as everything stored is."""
    plain, points = verdict.plain, verdict.points
    # What is no point is left out before it is rounded: 1e308 has no seventh decimal.
    x, y = np.full(len(plain), np.nan), np.full(len(plain), np.nan)
    x[plain], y[plain] = np.round(points.x[plain], 7), np.round(points.y[plain], 7)
    for row, one in zip(at.tolist(), placed, strict=True):
        if one.point is not None:
            x[row], y[row] = read_ewkb(one.point)
    return x, y


def assign_rows(ground: Ground, units: Mapping[str, int], spots: Spots) -> Outcome:
    """Where placed rows (n,) belong, by the rules of a whole run; `units` are keys of the grids' units."""
    point = ~np.isnan(spots.x)
    encoded = spots.unit_code.dictionary_encode()
    keys = np.array(
        [*(units.get(code, UNNAMED) for code in encoded.dictionary.to_pylist()), 0], dtype=np.int64
    )
    unit = keys[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    rows = len(point)
    grid = np.full(rows, -1, dtype=np.int32)
    method, reason = np.zeros(rows, dtype=np.int8), np.zeros(rows, dtype=np.int8)
    for chosen, answer in (
        (point, locate_customers(ground, spots.x[point], spots.y[point], spots.rung[point])),
        (~point, place_by_unit(ground, unit[~point], spots.rung[~point])),
    ):
        grid[chosen], method[chosen], reason[chosen] = answer.grid, answer.method, answer.reason
    return Outcome(grid, method, reason)
