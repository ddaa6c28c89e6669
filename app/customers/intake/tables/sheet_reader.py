"""Reads a sheet of a workbook in a process of its own and tells it on standard output, a JSON object a line.

Run as a file, not imported: it loads nothing of the house, and its memory and time are limited from the first
line on, so that a workbook made to burst takes only this process along. Its first line tells the headings,
each following one a batch of rows as text; what was wrong is the last line.
Usage: FILE SHEET MEMORY_BYTES CPU_S.
"""

import datetime as dt
import json
import resource
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

BATCH_ROWS = 2000
HEAD_ROWS = 20
# Excel keeps fifteen digits of a number.
LARGEST_SURE = 1e15
ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"))
Row = list[Any]


class Stop(Exception):
    """What ends the reading, told to the parent: a code and facts."""


def main(path: str, sheet: str, memory_bytes: int, cpu_s: int) -> None:
    """Tell the sheet, or why it cannot be read."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        for said in read(path, sheet):
            tell(said)
        tell({"end": True})
    except Stop as stop:
        tell({"stop": stop.args[0], "sheets": stop.args[1:]})
    except MemoryError:
        tell({"stop": "workbook_too_large", "sheets": []})
    except BaseException:  # a panic of the library is no Exception
        tell({"stop": "workbook_broken", "sheets": []})


def tell(said: dict[str, Any]) -> None:
    """One line to the parent."""
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
    sys.stdout.buffer.flush()


def read(path: str, sheet: str) -> Iterator[dict[str, Any]]:
    """The headings, then batches: `first` the row number of the first, `rows` of text, `lost` cells."""
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(path)
        name, at = choose(book, sheet)
        found = book.get_sheet_by_name(name)
    except (calamine.CalamineError, OSError, ValueError) as error:
        locked = isinstance(error, calamine.PasswordError)
        raise Stop("workbook_locked" if locked else "workbook_broken") from error
    rows = enumerate(found.iter_rows(), start=1)
    heading = next(row for number, row in rows if number == at)
    texts = [show(cell) for cell in heading]
    while len(texts) > 1 and not texts[-1].strip():
        texts.pop()
    yield {"headings": texts, "sheet": name, "heading_row": at, "rows": (found.end or (0, 0))[0] + 1 - at}
    yield from read_rows(rows, len(texts))


def choose(book: Any, sheet: str) -> tuple[str, int]:
    """The sheet to read and the row of its heading. Several sheets of one form: a person must say which."""
    heads: dict[str, tuple[int, list[str]]] = {}
    for meta in book.sheets_metadata:
        worksheet = str(meta.typ).endswith("WorkSheet") and str(meta.visible).endswith(".Visible")
        if (meta.name == sheet) if sheet else worksheet:
            found = find_heading(islice(book.get_sheet_by_name(meta.name).iter_rows(), HEAD_ROWS))
            if found is not None:
                heads[meta.name] = found
    if not heads:
        raise Stop("no_heading", *[meta.name for meta in book.sheets_metadata])
    first, (at, heading) = next(iter(heads.items()))
    alike = [name for name, (_, other) in heads.items() if 2 * len({*other} & {*heading}) > len({*heading})]
    if len(alike) > 1:
        raise Stop("several_sheets", *alike)
    return first, at


def find_heading(rows: Iterable[Row]) -> tuple[int, list[str]] | None:
    """The first row that is as wide as a table's: a title above it is one cell. It must have a row below."""
    shown = [[show(cell).strip() for cell in row] for row in rows]
    filled = [sum(bool(cell) for cell in row) for row in shown]
    widest = max(filled, default=0)
    if widest < 2 or len(shown) < 2:
        return None
    at = next(at for at, count in enumerate(filled) if 2 * count > widest and count > 1)
    return (at + 1, [cell for cell in shown[at] if cell]) if at + 1 < len(shown) else None


def read_rows(rows: Iterator[tuple[int, Row]], width: int) -> Iterator[dict[str, Any]]:
    """Batches of rows as text; rows without any value are passed over."""
    while batch := list(islice(rows, BATCH_ROWS)):
        kept, numbers, lost = list[list[str]](), list[int](), list[tuple[int, int]]()
        for number, row in batch:
            texts = [show(cell) for cell in row[:width]]
            long = [at for at, cell in enumerate(row[:width]) if is_lost(cell)]
            for at in long:
                texts[at] = ""
            if long or any(texts):
                kept.append(texts + [""] * (width - len(texts)))
                numbers.append(number)
                lost += [(number, at) for at in long]
        yield {"numbers": numbers, "rows": kept, "lost": lost, "last": batch[-1][0]}


def is_lost(cell: Any) -> bool:
    """Whether a number has more digits than a workbook keeps."""
    return isinstance(cell, float) and abs(cell) >= LARGEST_SURE


def show(cell: Any) -> str:
    """A cell as text: whole numbers without a point, days as ISO, errors and nothing as nothing."""
    if isinstance(cell, str):
        return "" if cell in ERRORS else cell.replace("\x00", "")
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        midnight = cell.time() == dt.time()
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ", timespec="seconds")
    return "" if cell is None else str(cell)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
