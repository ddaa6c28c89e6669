"""A file of addresses: which column is the id, which the address, and every record with its number.

Nothing in a text stops the reading: where a quote is never closed only its own line is lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.customers.intake.fields import FIELDS, fold_heading
from app.customers.intake.tables import Broken, SourceTable, open_table, read_slice
from app.customers.intake.values import veil
from app.errors import BadInput, RefusedFile
from app.glossary import rank_heading

OTHER_IDS = ("编号", "记录号", "主键", "标识", "key", "no", "客户内码", "序号", "行号")


class AddressRow(NamedTuple):
    """One record: its number (the heading is 1), its id and address, and what is wrong with it, if any."""

    number: int
    key: str
    address: str
    fault: str = ""


@dataclass(frozen=True)
class AddressFile:
    """An opened file of addresses; `at_key` and `at_address` are the numbers of its columns."""

    table: SourceTable
    at_key: int
    at_address: int

    def chunks(self, size: int, *, after: int = 1) -> Iterator[list[AddressRow]]:
        """Lists of rows behind row `after`; empty lines are no rows."""
        for part in self.table.slices(size, after=after):
            chunk = read_slice(part)
            keys = chunk.columns[self.at_key].to_pylist()
            addresses = chunk.columns[self.at_address].to_pylist()
            rows = [
                AddressRow(number, key.strip(), address)
                for number, key, address in zip(chunk.numbers.tolist(), keys, addresses, strict=True)
            ]
            rows += [self._tell_broken(row) for row in chunk.broken]
            if rows:
                yield sorted(rows)

    def _tell_broken(self, row: Broken) -> AddressRow:
        """A row of another width: only its first cell is surely in place, and none behind an open quote."""
        surely = row.first_cell.strip() if self.at_key == 0 and row.reason == "columns" else ""
        return AddressRow(row.number, surely, "", "columns")


def open_addresses(path: Path) -> AddressFile:
    """Find the columns of a file of addresses: text of any encoding and delimiter, .xlsx, Parquet.

    Raises RefusedFile for what is no table, BadInput `missing_columns` naming the headings found.
    """
    if not path.is_file():
        raise RefusedFile("no_such_file", zh=f"找不到文件：{path.name}", en=f"no such file: {path.name}")
    table = open_table(path)
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
