"""The demo bank's customers as its systems would send them: every person, number and firm is invented.

    python -m demo.customers --scale demo|haimen --out DIR [--seed N]

writes `core.csv` (existing customers, GB18030), `crm.csv` (prospects, UTF-8 with a mark), `truth.csv` (where
each row truly belongs) and `truth.json` (counts, and what is wrong with which rows). `demo` is 45,000 + 5,000
customers, `haimen` 890,000 + 98,700. Rows that an import must refuse come on top of these numbers.
"""

import argparse
import csv
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TextIO

import numpy as np

from demo.boundaries import SEED
from demo.cellmaker import CORE, CRM, HEADINGS, CellMaker, Columns, System
from demo.population import Population, draw_population
from demo.settlement import Settled, read_settled

SCALES = {"small": (4_500, 500), "demo": (45_000, 5_000), "haimen": (890_000, 98_700)}
TRUTH_HEADINGS = (
    "file", "row", "客户号", "place", "noise", "unit_code", "grid_code", "address_level", "address_code",
)  # fmt: skip
COUNTED_CELLS = {"kind": "客户类型", "tier": "客户等级", "lead_level": "牵头层级", "datum": "坐标系"}
COUNTED_TRUTH = {"place": 1, "noise": 2, "address_level": 5}
CHUNK = 50_000
REFUSED = ("no_name", "columns", "repeated")
REFUSED_SHARE = 0.0005  # each of the three


class RowWriter(Protocol):
    """What the csv module hands out."""

    def writerows(self, rows: Iterable[Iterable[object]], /) -> None:
        """Write all rows."""


@dataclass
class Tally:
    """What was written into one file: the truth that a test may hold an import to."""

    file_rows: int = 0
    good_rows: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, columns: Columns, found: Columns) -> None:
        """Count a chunk of good rows."""
        self.good_rows += len(columns[0])
        for what, heading in COUNTED_CELLS.items():
            self.counts.setdefault(what, Counter()).update(columns[HEADINGS.index(heading)])
        for what, place in COUNTED_TRUTH.items():
            self.counts.setdefault(what, Counter()).update(found[place])

    def as_json(self) -> dict[str, Any]:
        """The tally as JSON-ready values."""
        counts = {what: dict(sorted(counter.items())) for what, counter in self.counts.items()}
        head = {"file_rows": self.file_rows, "good_rows": self.good_rows}
        return {**head, "refused": dict(sorted(self.refused.items())), **counts}


@dataclass
class FileWriter:
    """Writes the lines of one system's file, chunk by chunk, bad lines among them."""

    system: System
    truth: RowWriter
    refused: dict[int, str]
    tally: Tally = field(default_factory=Tally)

    def write(self, people: Population, file: TextIO, maker: CellMaker) -> None:
        """Write all customers behind a line of headings."""
        file.write(",".join(HEADINGS) + "\r\n")
        self.tally.file_rows = 1
        for start in range(0, len(people), CHUNK):
            rows = slice(start, min(start + CHUNK, len(people)))
            columns, found = maker.make(rows)
            self.tally.add(columns, found)
            self._write_chunk(file, start, columns=columns, found=found)

    def _write_chunk(self, file: TextIO, start: int, *, columns: Columns, found: Columns) -> None:
        lines: list[str] = []
        facts: list[tuple[object, ...]] = []
        rows = zip(zip(*columns, strict=True), zip(*found, strict=True), strict=True)
        for number, (cells, fact) in enumerate(rows, start):
            lines.append(",".join(cells))
            facts.append((self.system.file, self.tally.file_rows + len(lines), *fact))
            if number in self.refused:
                lines.append(_spoil(cells, self.refused[number], number=number))
                self.tally.refused[self.refused[number]] += 1
        file.write("\r\n".join(lines) + "\r\n")
        self.truth.writerows(facts)
        self.tally.file_rows += len(lines)


def _choose_refused(count: int, rng: np.random.Generator) -> dict[int, str]:
    """Behind which rows a line comes that must be refused, and why."""
    each = max(3, round(count * REFUSED_SHARE))
    rows = rng.choice(count, each * len(REFUSED), replace=False).tolist()
    return {row: REFUSED[i % len(REFUSED)] for i, row in enumerate(rows)}


def _spoil(cells: tuple[str, ...], reason: str, *, number: int) -> str:
    """A line that an import must refuse, made from a good one."""
    if reason == "repeated":
        return ",".join(cells)
    key = f"{cells[0][0]}9{number:08d}"
    if reason == "no_name":
        return ",".join((key, "", *cells[2:]))
    return ",".join((key, *cells[1:6], "", *cells[6:]) if number % 2 else (key, *cells[1:12]))


def write_customers(folder: Path, *, existing: int, prospects: int, seed: int = SEED) -> dict[str, Any]:
    """Write both files and their truth into `folder`; returns what `truth.json` holds."""
    folder.mkdir(parents=True, exist_ok=True)
    settled = read_settled()
    files: dict[str, Any] = {}
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        truth = csv.writer(file, lineterminator="\n")
        truth.writerow(TRUTH_HEADINGS)
        known: Population | None = None
        for system, count in ((CORE, existing), (CRM, prospects)):
            people, refused = _draw_system(count, settled, known=known, seed=seed)
            known = known or people
            writer = FileWriter(system, truth, refused)
            with (folder / system.file).open("w", encoding=system.encoding, newline="") as sent:
                writer.write(people, sent, CellMaker(system, settled, people, seed=seed))
            files[system.file] = writer.tally.as_json() | {"located": int(people.located.sum())}
    facts = {"synthetic": True, "seed": seed, "files": files}
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")
    return facts


def _draw_system(
    count: int, settled: Settled, *, known: Population | None, seed: int
) -> tuple[Population, dict[int, str]]:
    """The people of a system, and behind which of them a line comes that must be refused."""
    rng = np.random.default_rng([seed, count])
    people = draw_population(settled, count, rng=rng, known=known)
    return people, _choose_refused(count, rng)


def _each(facts: dict[str, Any]) -> Iterator[str]:
    for name, tally in facts["files"].items():
        yield f"{name}: {tally['good_rows']:,} good rows, {sum(tally['refused'].values()):,} to be refused"


def main() -> None:
    """Write the customer files of a scale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=sorted(SCALES), default="demo")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    began = time.perf_counter()
    existing, prospects = SCALES[asked.scale]
    facts = write_customers(asked.out, existing=existing, prospects=prospects, seed=asked.seed)
    print(*_each(facts), f"{time.perf_counter() - began:.1f} s", sep="\n")


if __name__ == "__main__":
    main()
