"""A file of addresses: which column is the id, which the address, and every record with its number.

Nothing in the file stops the reading: where a quote is never closed only its own line is lost.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from app.customers.intake.fields import FIELDS, fold_heading
from app.customers.intake.reading import CustomerFile, open_customers
from app.customers.intake.values import veil
from app.errors import BadInput, RefusedFile
from app.glossary import rank_heading

OTHER_IDS = ("编号", "记录号", "主键", "标识", "key", "no", "客户内码", "序号", "行号")
# More lines than this in one record, and a quote was never closed.
MOST_LINES = 20


class AddressRow(NamedTuple):
    """One record: its number (the heading is 1), its id and address, and what is wrong with it, if any."""

    number: int
    key: str
    address: str
    fault: str = ""


@dataclass(frozen=True)
class AddressFile:
    """An opened file of addresses; `at_key` and `at_address` are the numbers of its columns."""

    table: CustomerFile
    at_key: int
    at_address: int

    def chunks(self, size: int, *, after: int = 1) -> Iterator[list[AddressRow]]:
        """Lists of rows behind row `after`; empty lines are no rows."""
        rows = (self._read(number, cells) for number, cells in self._records() if number > after and cells)
        while chunk := list(islice(rows, size)):
            yield chunk

    def _read(self, number: int, cells: list[str]) -> AddressRow:
        width = len(self.table.headings)
        key = cells[self.at_key].strip() if self.at_key < len(cells) else ""
        if len(cells) != width:
            surely = key if self.at_key == 0 else ""
            return AddressRow(number, surely, "", "columns")
        return AddressRow(number, key, cells[self.at_address])

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Numbered records. What an open quote swallowed is read again behind its line, which is no row."""
        number, width = 0, len(self.table.headings)
        tape = _Tape(self.table.lines())
        reader = csv.reader(tape, delimiter=self.table.delimiter)
        while True:
            tape.taken.clear()
            try:
                cells = next(reader)
                broken = len(tape.taken) > 1 and (len(cells) != width or tape.is_open())
            except StopIteration:
                return
            except (csv.Error, _Endless):
                broken = True
            if broken:
                tape.give_back()
                reader = csv.reader(tape, delimiter=self.table.delimiter)
                cells = [""] * (width + 1)
            number += 1
            yield number, cells


class _Endless(Exception):
    """A record goes on for too many lines."""


class _Tape:
    """Lines without NUL characters; those of the record in hand are kept and can be given back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.taken: list[str] = []
        self.given_back: deque[str] = deque()

    def __iter__(self) -> "_Tape":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            raise _Endless
        line = self.given_back.popleft() if self.given_back else next(self.lines).replace("\x00", "")
        self.taken.append(line)
        return line

    def give_back(self) -> None:
        """All lines of the record but the first come again."""
        self.given_back.extendleft(reversed(self.taken[1:]))

    def is_open(self) -> bool:
        """Whether the record's last quote was never closed (the file ended within it)."""
        return sum(line.count('"') for line in self.taken) % 2 == 1


def open_addresses(path: Path) -> AddressFile:
    """Find the columns of a CSV/TSV file of addresses, whatever its encoding and delimiter.

    Raises RefusedFile for what is no table of text, BadInput `missing_columns` naming the headings found.
    """
    if not path.is_file():
        raise RefusedFile("no_such_file", zh=f"找不到文件：{path.name}", en=f"no such file: {path.name}")
    table = open_customers(path)
    key, address = _find_key(table.headings), _find_address(table.headings)
    if key is None or address is None or key == address:
        shown = [veil(heading.strip("\ufeff"))[:40] for heading in table.headings[:40]]
        raise BadInput(
            "missing_columns",
            zh=f"文件须有 id（编号）和 address（地址）两列；表头为：{'、'.join(shown)}",
            en=f"the file needs the columns id and address; its headings are {', '.join(shown)}",
            headings=shown,
        )
    return AddressFile(table, key, address)


def _find_key(headings: list[str]) -> int | None:
    known = next(field for field in FIELDS if field.key == "source_key").headings
    return _find(headings, ("id", *known, *OTHER_IDS))


def _find_address(headings: list[str]) -> int | None:
    known = next(field for field in FIELDS if field.key == "address").headings
    found = _find(headings, ("address", *known))
    if found is not None:
        return found
    ranks = [
        (rank, at) for at, word in enumerate(headings) if (rank := rank_heading(word, "address")) is not None
    ]
    return min(ranks)[1] if ranks else None


def _find(headings: list[str], known: tuple[str, ...]) -> int | None:
    folded = [fold_heading(heading) for heading in headings]
    return next((folded.index(word) for word in known if word in folded), None)
