"""Map colours: pastels that tell neighbours apart for every eye, and ramps for rates.

Fill separates neighbours, it is no identity. Two colours may touch when they are at least 0.045 apart in
OKLab under normal, deutan, protan and tritan sight (Machado et al. 2009, full severity). No hue lies between
310 and 60 degrees, so no fill can be taken for a fault.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PALETTE = (
    "#f9ebd3", "#daf5e5", "#d5f2ff", "#f0e8ff",
    "#eed0b4", "#d7d9b4", "#b0e1e0", "#c9d5f8",
    "#d3b997", "#a8c8a8", "#9cc4dd", "#c6b5db",
)  # fmt: skip
"""OKLCH (0.945, 0.035, h 80 160 225 300), (0.875, 0.05, h 65 110 195 270) and (0.80, 0.055, h 75 145 235
305): three steps of lightness, four hues each."""

SEQUENTIAL = ("#e4f0ef", "#b7d9d8", "#7fb9bb", "#43909a", "#12606f")
NO_DATA = "#dfe4e7"
LEAST_DISTANCE = 0.045

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
SIGHTS = {
    "normal": np.eye(3),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
"""What each kind of eye makes of linear RGB."""


def to_oklab(colours: Sequence[str], *, sight: str = "normal") -> Floats:
    """OKLab of hex colours as an eye of that sight meets them: shape (n, 3)."""
    rgb = np.array([[int(c[k : k + 2], 16) / 255.0 for k in (1, 3, 5)] for c in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ SIGHTS[sight].T, 0.0, 1.0)
    return np.asarray(np.cbrt(seen @ _TO_LMS.T) @ _TO_LAB.T)


def measure_distances(colours: Sequence[str]) -> Floats:
    """OKLab distance of each pair under the sight that tells them apart least: shape (n, n)."""
    seen = np.stack([to_oklab(colours, sight=sight) for sight in SIGHTS])
    return np.asarray(np.linalg.norm(seen[:, :, None] - seen[:, None, :], axis=-1).min(axis=0))


def assign_colours(
    n: int,
    neighbour_pairs: Iterable[tuple[int, int]],
    *,
    previous: Sequence[int] | Ints | None = None,
    palette: Sequence[str] = PALETTE,
) -> Ints:
    """A place in the palette for each of `n` regions, so that neighbours are told apart: shape (n,).

    The most hemmed-in region comes first (DSATUR) and takes the least used colour that is far enough from
    all its neighbours'. `previous` (n,) holds last month's colours, -1 for none: they stay wherever two
    neighbours do not clash. Where no colour is far enough, the farthest is taken.
    """
    painter = _Painter(n, neighbour_pairs, measure_distances(palette))
    if previous is not None:
        painter.keep(np.asarray(previous, dtype=np.int64))
    painter.fill()
    return painter.colour


class _Painter:
    """The regions with their colours so far; `barred[k, c]` counts the neighbours of k that clash with c."""

    def __init__(self, n: int, pairs: Iterable[tuple[int, int]], distance: Floats) -> None:
        around: list[set[int]] = [set() for _ in range(n)]
        for a, b in pairs:
            if a != b:
                around[a].add(b)
                around[b].add(a)
        self.around = [np.array(sorted(some), dtype=np.int64) for some in around]
        self.degree = np.array([len(some) for some in around], dtype=np.int64)
        self.distance, self.clash = distance, distance < LEAST_DISTANCE
        self.colour = np.full(n, -1, dtype=np.int64)
        self.used = np.zeros(len(distance), dtype=np.int64)
        self.barred = np.zeros((n, len(distance)), dtype=np.int64)
        self.freed = np.zeros(n, dtype=np.int64)
        self.urgency = self.degree.copy()

    def keep(self, previous: Ints) -> None:
        """Give back former colours; of two neighbours that clash the one with more clashes gives way."""
        known = np.flatnonzero((previous >= 0) & (previous < len(self.used))).tolist()
        clashes = {k: self._count_clashes(k, previous) for k in known}
        for k in sorted(known, key=lambda k: (clashes[k], k)):
            if not self.barred[k, previous[k]]:
                self._paint(k, int(previous[k]))

    def _count_clashes(self, k: int, colour: Ints) -> int:
        around = colour[self.around[k]]
        return int(self.clash[colour[k], around[(around >= 0) & (around < len(self.used))]].sum())

    def fill(self) -> None:
        """Colour what has none, the most hemmed-in first.

        Where no colour is left, the region takes the one that costs its neighbours least and those that
        clash are coloured anew; who was freed before costs more, so the search moves on. After a number of
        tries in proportion to the regions it settles for the farthest colour.
        """
        tries = 20 * len(self.colour)
        while len(self.urgency) and self.urgency[k := int(np.argmax(self.urgency))] >= 0:
            free = np.flatnonzero(self.barred[k] == 0)
            if len(free):
                self._paint(k, int(free[np.argmin(self.used[free])]))
            elif tries > 0:
                self._force(k)
            else:
                self._paint(k, self._farthest(k))
            tries -= 1

    def _force(self, k: int) -> None:
        around = self.around[k][self.colour[self.around[k]] >= 0]
        clash = self.clash[:, self.colour[around]]
        colour = int(np.argmin((clash * (1 + self.freed[around])).sum(axis=1)))
        for m in around[clash[colour]].tolist():
            self.freed[m] += 1
            self._paint(m, -1)
        self._paint(k, colour)

    def _farthest(self, k: int) -> int:
        around = self.colour[self.around[k]]
        return int(np.argmax(self.distance[:, around[around >= 0]].min(axis=1)))

    def _paint(self, k: int, colour: int) -> None:
        around, before = self.around[k], self.colour[k]
        if before >= 0:
            self.used[before] -= 1
            self.barred[around] -= self.clash[before]
        if colour >= 0:
            self.used[colour] += 1
            self.barred[around] += self.clash[colour]
        self.colour[k] = colour
        for rows in (around, np.array([k])):
            self.urgency[rows] = np.where(self.colour[rows] >= 0, -1, self._urgency_of(rows))

    def _urgency_of(self, rows: Ints) -> Ints:
        hemmed = (self.barred[rows] > 0).sum(axis=1)
        return np.asarray(hemmed * (int(self.degree.max()) + 1) + self.degree[rows])


@dataclass(frozen=True)
class Classes:
    """Classes of a choropleth: class k holds `breaks[k] <= value < breaks[k + 1]`, the last one its end too.

    `of` (n,) is the class of each value, -1 where there is no value; `counts` and `no_data` add up to n.
    """

    breaks: tuple[float, ...]
    counts: tuple[int, ...]
    no_data: int
    of: Ints

    def colours(self, ramp: Sequence[str] = SEQUENTIAL) -> list[str]:
        """One colour a class, spread over the ramp from its pale end to its dark end."""
        at = np.linspace(0, len(ramp) - 1, max(len(self.counts), 2)).round().astype(int)
        return [ramp[k] for k in at[-len(self.counts) :]] if self.counts else []


def classes(values: Any, n: int = 5) -> Classes:
    """Cut values (NaN for none) into at most `n` classes of like size with rounded breaks."""
    data = np.asarray(values, dtype=np.float64)
    known = data[np.isfinite(data)]
    of = np.full(len(data), -1, dtype=np.int64)
    if not len(known):
        return Classes((), (), len(data), of)
    breaks = _round_breaks(np.quantile(known, np.linspace(0.0, 1.0, n + 1)))
    counts = _count(known, breaks)
    breaks = [low for low, count in zip(breaks, counts, strict=False) if count] + breaks[-1:]
    of[np.isfinite(data)] = _class_of(known, breaks)
    counts = _count(known, breaks)
    return Classes(tuple(breaks), tuple(counts.tolist()), int((of < 0).sum()), of)


def _class_of(known: Floats, breaks: Sequence[float]) -> Ints:
    found = np.searchsorted(breaks, known, side="right") - 1
    return np.asarray(np.clip(found, 0, len(breaks) - 2))


def _count(known: Floats, breaks: Sequence[float]) -> Ints:
    return np.bincount(_class_of(known, breaks), minlength=len(breaks) - 1)


def _round_breaks(exact: Floats) -> list[float]:
    """Round as coarsely as keeps the breaks in place by a tenth of their neighbours' distance."""
    low, high = float(exact[0]), float(exact[-1])
    if low == high:
        return [low, high]
    gaps = np.diff(np.unique(exact))
    unit = _nice(max(float(gaps.min()) * 0.4, (high - low) * 0.005))
    inner = np.round(exact[1:-1] / unit) * unit
    ends = [np.floor(low / unit) * unit, np.ceil(high / unit) * unit]
    digits = max(0, 1 - int(np.floor(np.log10(unit))))
    return sorted({round(float(v), digits) for v in [ends[0], *inner, ends[1]]})


def _nice(size: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is no larger."""
    power = 10.0 ** np.floor(np.log10(size))
    return float(power * max(k for k in (1.0, 2.0, 5.0) if k * power <= size * (1 + 1e-12)))
