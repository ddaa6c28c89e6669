"""Invented identity numbers: right in shape, wrong in their check digit, so that they are nobody's.

All functions work on whole columns and return lists of text.
"""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

CARD_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CARD_SIGNS = np.frombuffer(b"10X98765432", np.uint8)
CARD_AREAS = np.array([320625, 320684, 320684, 320684, 320614, 320626, 320683, 320623])
CREDIT_SIGNS = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", np.uint8)
CREDIT_WEIGHTS = np.array([3**i % 31 for i in range(17)])
_ZERO = ord("0")


def draw_cards(count: int, rng: np.random.Generator) -> list[str]:
    """Identity card numbers of grown-ups whose check digit is never the right one."""
    born = np.datetime64("1938-01-01") + rng.integers(0, 25_500, count)
    year = born.astype("datetime64[Y]").astype(np.int64) + 1970
    month = born.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (born - born.astype("datetime64[M]")).astype(np.int64) + 1
    area = CARD_AREAS[rng.integers(0, len(CARD_AREAS), count)]
    number = ((area * 10_000 + year) * 10_000 + month * 100 + day) * 1000 + rng.integers(1, 999, count)
    digits = _digits(number, 17)
    wrong = (digits @ CARD_WEIGHTS + rng.integers(1, 11, count)) % 11
    return _texts(digits + _ZERO, CARD_SIGNS[wrong])


def card_is_valid(card: str) -> bool:
    """Whether the check digit of an identity card number is right (it never is here)."""
    total = sum(int(sign) * int(weight) for sign, weight in zip(card[:17], CARD_WEIGHTS, strict=True))
    return chr(CARD_SIGNS[total % 11]) == card[17]


def draw_credit_codes(merchant: NDArray[np.bool_], rng: np.random.Generator) -> list[str]:
    """Credit codes (91 firms, 92 merchants) of the county whose check sign is never the right one."""
    count = len(merchant)
    head = np.where(merchant, 92320614, 91320614)
    values = np.concatenate([_digits(head, 8), rng.integers(0, 31, (count, 9))], axis=1)
    right = (31 - values @ CREDIT_WEIGHTS % 31) % 31
    wrong = (right + rng.integers(1, 31, count)) % 31
    return _texts(CREDIT_SIGNS[values], CREDIT_SIGNS[wrong])


def credit_code_is_valid(code: str) -> bool:
    """Whether the check sign of a unified social credit code is right (it never is here)."""
    values = [CREDIT_SIGNS.tobytes().decode().index(sign) for sign in code]
    total = sum(value * int(weight) for value, weight in zip(values[:17], CREDIT_WEIGHTS, strict=True))
    return values[17] == (31 - total % 31) % 31


def draw_phones(count: int, rng: np.random.Generator) -> list[str]:
    """Eleven digits of valid shape in 169, a range that no operator has given to anybody."""
    return [f"169{number:08d}" for number in rng.integers(0, 10**8, count).tolist()]


def _digits(numbers: Ints, width: int) -> Ints:
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    digits: Ints = numbers[:, None] // powers % 10
    return digits


def _texts(signs: NDArray[np.integer], last: NDArray[np.uint8]) -> list[str]:
    table = np.concatenate([signs.astype(np.uint8), last[:, None]], axis=1)
    texts: list[str] = np.ascontiguousarray(table).view("S18").ravel().astype("U18").tolist()
    return texts
