"""A customer file as rows of text: encoding and delimiter are found from the text itself.

A file pieced together from two systems holds lines of two encodings: then each line is read in its own.
"""

import csv
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from app.errors import RefusedFile

SAMPLE_BYTES = 1 << 20
DELIMITERS = ",\t;|"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
LONGEST_LINE = 1 << 20
SURE_SIGNS = 3
_LONE_RETURN = re.compile(r"(?<=\r)(?!\n)(?=.)", re.DOTALL)
# One cell of a bank's table is never this long; a file without line ends would otherwise fill the memory.
csv.field_size_limit(1 << 20)

Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class CustomerFile:
    """An opened table: how it is written, its headings, and its hash (the file's identity)."""

    path: Path
    encoding: str
    delimiter: str
    headings: list[str]
    sha256: str
    rows: int
    mixed: bool = False

    def chunks(self, size: int, *, after: int = 1) -> Iterator[Rows]:
        """Lists of `(row number, cells)` behind row `after`; the heading is row 1, as in a spreadsheet."""
        rows = ((number, cells) for number, cells in self._number(self.lines()) if number > after and cells)
        while chunk := list(islice(rows, size)):
            yield chunk

    def lines(self) -> Iterator[str]:
        """The lines of the file as text; in a file of two encodings each line in its own.

        A character that is none in either becomes U+FFFD.
        """
        if not self.mixed:
            with self.path.open(encoding=self.encoding, errors="replace", newline="") as text:
                yield from text
            return
        decode = _line_reader(self.encoding)
        with self.path.open("rb") as file:
            while line := file.readline(LONGEST_LINE):
                # A lone carriage return ends a line, too.
                yield from _LONE_RETURN.split(decode(line).lstrip("\ufeff"))

    def _number(self, file: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        """Numbered rows of cells. Raises RefusedFile where a cell never ends."""
        number = 0
        try:
            for cells in csv.reader(_without_nul(file), delimiter=self.delimiter):
                number += 1
                yield number, cells
        except csv.Error as error:
            raise RefusedFile(
                "endless_cell",
                zh=f"第 {number + 1} 行有一个单元格长得不合理，多半是引号没有配对，请修正后重新导入",
                en=f"row {number + 1} has a cell of impossible length; most likely a quote is never closed",
                row=number + 1,
            ) from error


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    """The lines without NUL characters, which PostgreSQL cannot store and old exports contain."""
    return (line.replace("\x00", "") for line in lines)


def open_customers(path: Path) -> CustomerFile:
    """Find out how a CSV/TSV file is written. Raises RefusedFile when it is no table of text."""
    sample = _read_sample(path)
    encoding, mixed = find_encoding(path, sample)
    head = sample.split(b"\n", 1)[0] if mixed else sample
    read = _line_reader(encoding) if mixed else lambda text: text.decode(encoding, errors="replace")
    first = read(head).lstrip("\ufeff").splitlines()[:1]
    if not first or not first[0].strip():
        raise RefusedFile("empty_file", zh="文件是空的", en="the file is empty")
    delimiter = max(DELIMITERS, key=first[0].count)
    headings = next(csv.reader(first, delimiter=delimiter))
    digest, rows = _hash_and_count(path)
    return CustomerFile(path, encoding, delimiter, headings, digest, rows, mixed)


def _read_sample(path: Path) -> bytes:
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    # UTF-16 is text with many zero bytes; its mark says so.
    many_zeros = sample[:2] not in UTF16_MARKS and sample.count(b"\x00") > len(sample) // 100
    binary = sample[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF") or many_zeros
    if binary:
        raise RefusedFile(
            "not_a_table",
            zh="这不是文本表格（CSV/TSV）；Excel 文件请先另存为 CSV",
            en="this is not a text table (CSV/TSV); save an Excel file as CSV first",
        )
    return sample


def find_encoding(path: Path, sample: bytes) -> tuple[str, bool]:
    """utf-8-sig or gb18030, and whether some lines are written in the other; decided by the whole file.

    UTF-8 is strict: a file without a bad byte is that. Else the more lines of Chinese decide. UTF-16 with its
    mark is read as such. GB18030 contains GBK and GB2312.
    """
    if sample[:2] in UTF16_MARKS:
        return "utf-16", False
    try:
        with path.open(encoding="utf-8", errors="strict") as file:
            while file.read(SAMPLE_BYTES):
                pass
    except UnicodeDecodeError:
        return _weigh_lines(path) if b"\n" in sample else ("gb18030", False)
    return "utf-8-sig", False


def _weigh_lines(path: Path) -> tuple[str, bool]:
    """The encoding of most lines that are not plain ASCII, and whether any line is of the other."""
    utf8 = other = 0
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE):
            if not line.isascii():
                sure = _is_utf8(line)
                utf8, other = utf8 + sure, other + (not sure)
    return ("utf-8-sig" if utf8 > other else "gb18030"), utf8 > 0


def _is_utf8(line: bytes) -> bool:
    """Whether a line is surely UTF-8: three Chinese characters or more, none broken (联通 in GBK is two)."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum(ord(sign) >= 0x800 for sign in text) >= SURE_SIGNS


def _line_reader(encoding: str) -> Callable[[bytes], str]:
    """How a line of a mixed file is read whose most lines are of `encoding`."""
    return _decode_gb if encoding == "gb18030" else _decode_utf8


def _decode_gb(line: bytes) -> str:
    return line.decode("utf-8") if _is_utf8(line) else line.decode("gb18030", errors="replace")


def _decode_utf8(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return line.decode("gb18030")
    except UnicodeDecodeError:
        return line.decode("utf-8", errors="replace")


def _hash_and_count(path: Path) -> tuple[str, int]:
    digest, lines, last = hashlib.sha256(), 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(SAMPLE_BYTES):
            digest.update(block)
            lines += block.count(b"\n")
            last = block[-1:]
    return digest.hexdigest(), max(0, lines - (last == b"\n"))
