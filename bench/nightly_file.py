"""A core system's nightly file of any size, seeded, over real villages: three datums in one file, 3 % of
its rows broken.

    python -m bench.nightly_file FILE [--rows 10000000] [--seed 1]

Every broken row is broken in one named way, and `Night` knows which row in which way: an import's report is
held against it row by row. Rows of `LEFT_OUT` must not come in; those of `WARNED` come in without the
broken value.
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import shapely
from numpy.typing import NDArray

from app.spatial import crs

VILLAGES = Path(__file__).parents[1] / "data" / "boundaries" / "haimen_villages.zip"
HEADINGS = (
    "客户号", "客户名称", "客户类型", "证件号码", "手机号码", "联系地址", "经度", "纬度", "坐标系",
    "客户等级", "存款余额", "最近走访日期",
)  # fmt: skip
KEY, NAME, KIND, CARD, PHONE, _, LON, _, _, TIER, DEPOSIT, VISIT = range(12)
DATUMS = ("", "gcj02", "bd09")
LEFT_OUT = ("no_key", "no_name", "columns", "bad_amount", "bad_tier", "bad_kind", "repeated_key")
WARNED = ("bad_coordinates", "bad_id_card_check", "bad_phone", "bad_date")
WAYS = LEFT_OUT + WARNED
BROKEN_SHARE = 0.03
CHUNK = 250_000
SPOTS_A_VILLAGE = 1_500
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
# What a cell becomes; a missing one is an empty text.
_SPOILED = {
    "no_key": (KEY, ""),
    "no_name": (NAME, " "),
    "bad_amount": (DEPOSIT, "一万元整"),
    "bad_tier": (TIER, "钻石"),
    "bad_kind": (KIND, "外星人"),
    "bad_coordinates": (LON, "东经121度"),
    "bad_phone": (PHONE, "1234"),
    "bad_date": (VISIT, "去年冬天"),
}
Ints = NDArray[np.int64]
Strings = Any


@dataclass(frozen=True)
class Night:
    """A written file: where it lies, its rows behind the heading, and which of them are broken (row → way).

    Rows are numbered as reports do: the heading is row 1.
    """

    path: Path
    rows: int
    broken_rows: Ints
    broken_ways: NDArray[np.int8]

    @property
    def left_out(self) -> int:
        """How many rows must not come in."""
        return int(np.count_nonzero(self.broken_ways < len(LEFT_OUT)))

    def counts(self, ways: tuple[str, ...]) -> dict[str, int]:
        """How many rows are broken in each of these ways."""
        found = Counter(WAYS[way] for way in self.broken_ways.tolist())
        return {way: found[way] for way in ways if found[way]}

    def listed(self, ways: tuple[str, ...]) -> list[tuple[int, str]]:
        """Row and way of every row broken in one of these ways, in order of rows."""
        pairs = zip(self.broken_rows.tolist(), self.broken_ways.tolist(), strict=True)
        return [(row, WAYS[way]) for row, way in pairs if WAYS[way] in ways]


def write_night(path: Path, rows: int, *, seed: int = 1, first_key: int = 0) -> Night:
    """Write a file (UTF-8 CSV) of `rows` rows; the same seed writes the same bytes on every machine."""
    rng = np.random.default_rng(seed)
    land = _Land(rng)
    broken_rows, broken_ways = [], []
    with path.open("wb") as file:
        file.write((",".join(HEADINGS) + "\n").encode())
        for start in range(0, rows, CHUNK):
            numbers = np.arange(start, min(start + CHUNK, rows), dtype=np.int64)
            ways = _choose_ways(rng, len(numbers))
            file.write(_write_lines(land.make(numbers + first_key), ways))
            hurt = np.flatnonzero(ways >= 0)
            broken_rows.append(numbers[hurt] + 2)
            broken_ways.append(ways[hurt])
    return Night(path, rows, np.concatenate(broken_rows), np.concatenate(broken_ways))


def write_balances(night: Night, path: Path, *, share: float, seed: int = 3) -> Night:
    """The same night with another balance in a share of its rows; rows that lost or gained a cell stay."""
    rng = np.random.default_rng(seed)
    with night.path.open("rb") as old, path.open("wb") as new:
        new.write(old.readline())
        for line in old:
            cells = line.split(b",")
            if len(cells) == len(HEADINGS) and b'"' not in line and rng.random() < share:
                cells[DEPOSIT] = b"%d.17" % rng.integers(10**6)
            new.write(b",".join(cells))
    return replace(night, path=path)


def _choose_ways(rng: np.random.Generator, count: int) -> NDArray[np.int8]:
    """How each row is broken, -1 for a sound one; never the first of a chunk, never two in a row."""
    hurt = rng.random(count) < BROKEN_SHARE
    hurt[0] = False
    hurt[1:] &= ~hurt[:-1]
    ways = np.full(count, -1, dtype=np.int8)
    ways[hurt] = rng.integers(0, len(WAYS), int(hurt.sum()))
    # A repeated key is that of the row before, which must be sound.
    after_hurt = np.concatenate([[False], ways[:-1] >= 0])
    ways[(ways == WAYS.index("repeated_key")) & after_hurt] = WAYS.index("no_key")
    return ways


class _Land:
    """Villages of the demo county with spots in each, and how people there are written."""

    def __init__(self, rng: np.random.Generator) -> None:
        table = geopandas.read_file(VILLAGES, encoding="gb18030").to_crs(4326)
        names = table["乡镇名称"].to_numpy() + table["行政村名称"].to_numpy()
        self.places = pa.array([f"海门区{name}" for name in names])
        households = table["户数"].fillna(300).to_numpy(float)
        self.shares = households / households.sum()
        self.spots = np.stack([_scatter(rng, shape) for shape in table.geometry])
        self.rng = rng

    def make(self, numbers: Ints) -> list[Strings]:
        """The columns of sound rows of these numbers."""
        count, rng = len(numbers), self.rng
        village = rng.choice(len(self.shares), count, p=self.shares)
        x, y = self.spots[village, rng.integers(0, SPOTS_A_VILLAGE, count)].T
        datum = rng.integers(0, len(DATUMS), count)
        for shifted in (1, 2):
            mine = datum == shifted
            x[mine], y[mine] = crs.points_from_storage(x[mine], y[mine], DATUMS[shifted])
        group, house = _text(rng.integers(1, 40, count)), _text(rng.integers(1, 400, count))
        place = self.places.take(pa.array(village))
        return [
            _joined("C", _padded(numbers, 9)),
            _joined(
                "王",
                pa.array(["小", "大", "建", "秀", "国"]).take(pa.array(numbers % 5)),
                _text(numbers % 1000),
            ),
            pa.array(["个人", "家庭"]).take(pa.array((numbers % 7 == 0) * 1)),
            _cards(numbers),
            _joined("199", _padded(numbers, 8)),
            pc.binary_join_element_wise(place, _joined(group, "组"), _joined(house, "号"), ""),
            _degrees(x),
            _degrees(y),
            pa.array(DATUMS).take(pa.array(datum)),
            pa.array(["普通", "普通", "重点"]).take(pa.array((numbers % 50 == 0) * 2)),
            _joined(_text(rng.integers(0, 2_000_000, count)), ".", _padded(rng.integers(0, 100, count), 2)),
            _days(rng.integers(0, 320, count)),
        ]


def _scatter(rng: np.random.Generator, shape: Any) -> NDArray[np.float64]:
    """Spots (n, 2) within a village."""
    west, south, east, north = shape.bounds
    found = np.empty((0, 2))
    while len(found) < SPOTS_A_VILLAGE:
        tried = rng.uniform([west, south], [east, north], (2 * SPOTS_A_VILLAGE, 2))
        found = np.concatenate([found, tried[shapely.contains_xy(shape, tried[:, 0], tried[:, 1])]])
    return found[:SPOTS_A_VILLAGE]


def _text(numbers: Ints) -> Strings:
    return pa.array(numbers).cast(pa.string())


def _padded(numbers: Ints, width: int) -> Strings:
    return pc.ascii_lpad(_text(numbers), width, "0")


def _joined(*parts: Any) -> Strings:
    return pc.binary_join_element_wise(*parts, "")


def _degrees(values: NDArray[np.float64]) -> Strings:
    """Seven decimals."""
    whole = np.round(values * 1e7).astype(np.int64)
    return _joined(_text(whole // 10**7), ".", _padded(whole % 10**7, 7))


def _cards(numbers: Ints) -> Strings:
    """Identity numbers with their check character; no two rows share one below twenty million."""
    born = np.datetime64("1950-01-01") + numbers // 1000 % 20_000
    day = np.char.replace(np.datetime_as_string(born, unit="D"), "-", "").astype(np.int64)
    body = 320_684 * 10**11 + day * 1000 + numbers % 1000
    digits = body[:, None] // 10 ** np.arange(16, -1, -1) % 10
    check = pa.array(list("10X98765432")).take(pa.array((digits * _WEIGHTS).sum(axis=1) % 11))
    return _joined(_text(body), check)


def _days(ago: Ints) -> Strings:
    return pa.array(np.datetime64("2026-11-20") - ago).cast(pa.string())


def _write_lines(columns: list[Strings], ways: NDArray[np.int8]) -> bytes:
    """The rows as bytes, each broken in its way."""
    for way, (at, cell) in _SPOILED.items():
        columns[at] = pc.if_else(pa.array(ways == WAYS.index(way)), cell, columns[at])
    last = pc.if_else(pc.equal(pc.utf8_slice_codeunits(columns[CARD], 17), "1"), "2", "1")
    wrong = _joined(pc.utf8_slice_codeunits(columns[CARD], 0, 17), last)
    columns[CARD] = pc.if_else(pa.array(ways == WAYS.index("bad_id_card_check")), wrong, columns[CARD])
    before = pa.concat_arrays([columns[KEY][:1], columns[KEY][:-1]])
    columns[KEY] = pc.if_else(pa.array(ways == WAYS.index("repeated_key")), before, columns[KEY])
    short = pc.binary_join_element_wise(*columns[:-1], ",")
    whole = pc.binary_join_element_wise(short, columns[-1], ",")
    lines = pc.if_else(pa.array(ways == WAYS.index("columns")), short, whole)
    return b"\n".join(part.as_buffer().to_pybytes() for part in lines) + b"\n"


def main() -> None:
    """Write a file and say what is in it."""
    parser = argparse.ArgumentParser(prog="python -m bench.nightly_file")
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    night = write_night(options.file, options.rows, seed=options.seed)
    told = {"rows": night.rows, "left_out": night.counts(LEFT_OUT), "warned": night.counts(WARNED)}
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
