"""Excel workbooks (.xlsx): held against the limits of archives, then read by a process of its own.

The sheet's rows come back as text through a pipe (`sheet_reader`): no copy of the customers lies on a disk.
What Excel kept is what counts: a formula gives its last value, a number no `.0`, a day is 2026-01-05.
"""

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from app.customers.intake.tables.lost import tell_lost
from app.customers.intake.tables.packed import Packer
from app.customers.intake.tables.table import Slice, SourceTable
from app.customers.intake.tables.words import refuse
from app.errors import NeedsAnswer
from app.spatial.formats.archive import check_archive
from app.spatial.formats.layer import Limits

_BLOCK_BYTES = 1 << 20
# A formula that nobody has calculated: the cell ends behind it without a value.
_UNCALCULATED = re.compile(rb"(?:</f>|<f [^>]*/>|<f/>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")


@dataclass(frozen=True)
class WorkbookTable(SourceTable):
    """One sheet of a workbook. Row numbers are those of the sheet, wherever its heading stands."""

    path: Path
    headings: list[str]
    identity: str
    rows: int
    exact: bool
    encoding: str
    how: str
    sheet: str
    limits: Limits

    def slices(self, rows: int, *, after: int = 1) -> Iterator[Slice]:
        """Slices that carry their rows. Raises RefusedFile when the workbook cannot be read to its end."""
        packer = Packer(len(self.headings), rows, after)
        with closing(_listen(self.path, self.sheet, self.limits)) as said:
            next(said)
            for batch in said:
                lost = [tell_lost(number, column) for number, column in batch["lost"]]
                yield from packer.add(batch["numbers"], batch["rows"], lost, batch["last"])
        yield from packer.end()


def open_workbook(path: Path, *, sheet: str = "", limits: Limits | None = None) -> WorkbookTable:
    """Open the first sheet with a heading, or the one that is named.

    Raises RefusedFile (broken, locked, macros, not calculated, too large, no heading), NeedsAnswer
    `several_sheets` when more than one sheet has the same headings.
    """
    limits = limits or Limits()
    check_archive(path, limits)
    _check_parts(path)
    with closing(_listen(path, sheet, limits)) as said:
        head = next(said)
    with path.open("rb") as file:
        identity = hashlib.file_digest(file, "sha256").hexdigest()
    rows = max(0, int(head["rows"]))
    return WorkbookTable(
        path, head["headings"], identity, rows, False, "utf-8", "workbook", head["sheet"], limits
    )


def _check_parts(path: Path) -> None:
    """What a workbook must not hold: other kinds of office files, macros, formulas without a value."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if "xl/workbook.xml" not in names:
            raise refuse(_name_stranger(names))
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise refuse("workbook_macros")
        for name in names:
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name) and _is_uncalculated(archive, name):
                raise refuse("workbook_formulas")


def _name_stranger(names: list[str]) -> str:
    if "xl/workbook.bin" in names:
        return "workbook_binary"
    if "content.xml" in names or "word/document.xml" in names or "ppt/presentation.xml" in names:
        return "other_document"
    return "packed_file"


def _is_uncalculated(archive: zipfile.ZipFile, name: str) -> bool:
    try:
        with archive.open(name) as part:
            rest = b""
            while block := part.read(_BLOCK_BYTES):
                text = rest + block
                if b"f" in text and _UNCALCULATED.search(text):
                    return True
                rest = text[-200:]
    except (zipfile.BadZipFile, EOFError, OSError, ValueError) as error:
        raise refuse("workbook_broken") from error
    return False


def _listen(path: Path, sheet: str, limits: Limits) -> Generator[dict[str, Any], None, None]:
    """What the reader says, line by line. Raises RefusedFile when it stops or dies before its end."""
    script = Path(__file__).with_name("sheet_reader.py")
    orders = [str(path), sheet, str(limits.memory_bytes), str(limits.cpu_s)]
    with subprocess.Popen(
        [sys.executable, "-I", str(script), *orders],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as reader:
        try:
            assert reader.stdout is not None, "a pipe was asked for"
            yield from _hear(reader.stdout)
        finally:
            reader.kill()


def _hear(lines: IO[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        said: dict[str, Any] = json.loads(line)
        if "end" in said:
            return
        if "stop" in said:
            raise _tell_stop(said["stop"], said["sheets"])
        yield said
    raise refuse("workbook_too_large")


def _tell_stop(code: str, sheets: list[str]) -> Exception:
    if code != "several_sheets":
        return refuse(code)
    return NeedsAnswer(
        code,
        zh=f"工作簿里有几张表头相同的工作表：{'、'.join(sheets)[:200]}；请指明导入哪一张，或合并后再导入",
        en=f"several sheets have the same headings: {', '.join(sheets)[:200]}; say which, or join them first",
        questions=[{"code": "sheet", "zh": "导入哪一张工作表？", "en": "Which sheet?", "options": sheets}],
    )
