"""How a text table is written: encoding, delimiter, line ends. All of it is found from the bytes.

The whole file decides its encoding: UTF-8 is strict, so a file without a wrong byte is UTF-8; else the more
lines of Chinese decide between UTF-8 and GB18030 (which contains GBK and GB2312), and each line that is
surely of the other is read in its own. UTF-16 is known by its mark, or by the zero bytes of its digits.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from numpy.typing import NDArray

BLOCK_BYTES = 1 << 22
LONGEST_LINE = 1 << 20
SURE_SIGNS = 3
UTF16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
# A tab, the separators of mainframes and data warehouses, and what a text hardly ever holds.
SINGLE = ",\t;|\x1f\x01\x1c\x1e^~"
# Delimiters of several signs are made of these; in the columns' own text they are rare.
_JOINED = re.compile(r"[|^~@#$!+&*\x01\x1f]{2,8}")
STAND_IN = "\x1f"

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Script:
    """How a file is written. `mixed`: some lines are in the other encoding. `returns`: CR alone ends a line.

    `width` is the number of headings, `cells` how many cells a whole row has (one more or less than headings
    where a delimiter at the line's end makes an empty one).
    """

    encoding: str
    mixed: bool
    delimiter: str
    returns: bool
    width: int = 0
    cells: int = 0

    @property
    def unit(self) -> str:
        """The numpy type of one code unit."""
        return {"utf-16-le": "<u2", "utf-16-be": ">u2"}.get(self.encoding, "u1")

    @property
    def unit_bytes(self) -> int:
        return 2 if self.encoding.startswith("utf-16") else 1

    @property
    def plain_delimiter(self) -> bool:
        """Whether a delimiter can be told from raw code units: one sign, and never half of a Chinese one."""
        if len(self.delimiter) != 1:
            return False
        return self.delimiter < "0" or self.delimiter == ";" or self.encoding != "gb18030"

    def decode(self, raw: bytes) -> str:
        """One line as text; what is no character in its encoding becomes U+FFFD."""
        if not self.mixed:
            return raw.decode(self.encoding, errors="replace")
        return _decode_gb(raw) if self.encoding == "gb18030" else _decode_utf8(raw)


@dataclass(frozen=True)
class Survey:
    """What one pass over a file's bytes tells."""

    sha256: str
    size_bytes: int
    line_feeds: int
    lone_returns: int
    quotes: int
    blank: bool
    ends_open: bool
    utf8: bool

    @property
    def lines(self) -> int:
        """Lines, the heading among them."""
        return max(self.line_feeds, self.lone_returns) + self.ends_open


def survey(path: Path, encoding: str | None) -> Survey:
    """Read a file once: its hash, its line ends, and whether it is UTF-8 from end to end (if not known)."""
    digest = hashlib.sha256()
    size = feeds = returns = pairs = quotes = 0
    utf8, blank, tail, cut = encoding is None, False, b"", b""
    for block in _blocks(path):
        digest.update(block)
        size += len(block)
        feeds += block.count(b"\n")
        quotes += block.count(b'"')
        joint, found = tail + block, block.count(b"\r")
        blank = blank or b"\n\n" in joint or (found > 0 and b"\n\r\n" in joint)
        returns += found
        pairs += block.count(b"\r\n") if found else 0
        pairs += tail.endswith(b"\r") and block.startswith(b"\n")
        if utf8:
            whole, cut = _cut_character(cut + block)
            utf8 = _is_text(whole)
        tail = block[-3:]
    utf8 = utf8 and not cut
    if encoding is not None and encoding.startswith("utf-16"):
        # The two halves of a unit stand apart: returns and feeds are never neighbours.
        pairs = min(returns, feeds)
    ends_open = bool(tail) and not tail.rstrip(b"\0").endswith((b"\n", b"\r"))
    return Survey(digest.hexdigest(), size, feeds, returns - pairs, quotes, blank, ends_open, utf8)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _cut_character(block: bytes) -> tuple[bytes, bytes]:
    """A block without the beginning of a character that goes on in the next one, and that beginning."""
    for back in range(1, min(4, len(block) + 1)):
        lead = block[-back]
        if lead >= 0xC0:
            due = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            return (block[:-back], block[-back:]) if due > back else (block, b"")
        if lead < 0x80:
            break
    return block, b""


def _is_text(block: bytes) -> bool:
    """Whether bytes are UTF-8 from end to end; the compiled check is several times as fast as decoding."""
    ends = pa.array([0, len(block)], pa.int32()).buffers()[1]
    try:
        pa.StringArray.from_buffers(1, ends, pa.py_buffer(block)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def find_utf16(sample: bytes) -> str | None:
    """utf-16-le or -be by the mark, or by zero bytes that stand on one side only."""
    if sample[:2] in UTF16_MARKS:
        return UTF16_MARKS[sample[:2]]
    even, odd = sample[0:4096:2], sample[1:4096:2]
    zeros = (even.count(0), odd.count(0))
    if min(zeros) * 4 > max(zeros) or max(zeros) * 10 < len(even):
        return None
    return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"


# What a byte says of the bytes that must follow it in UTF-8: over a whole line of UTF-8 they sum to zero.
_DUE = np.zeros(256, dtype=np.int16)
_DUE[0x80:0xC0], _DUE[0xC0:0xE0], _DUE[0xE0:0xF0], _DUE[0xF0:0xF5], _DUE[0xF5:] = -1, 1, 2, 3, 1 << 10


def weigh_lines(path: Path) -> tuple[str, bool]:
    """The encoding of most lines that are not plain ASCII, and whether any line is surely of the other."""
    sure = others = 0
    rest = b""
    for block in _blocks(path):
        raw = rest + block
        cut = raw.rfind(b"\n") + 1
        if not cut and len(raw) < LONGEST_LINE:
            rest = raw
            continue
        cut = cut or len(raw)
        found, foreign = _weigh(raw[:cut])
        sure, others, rest = sure + found, others + foreign, raw[cut:]
    found, foreign = _weigh(rest)
    sure, others = sure + found, others + foreign
    return ("utf-8" if sure > others else "gb18030"), sure > 0


def _weigh(raw: bytes) -> tuple[int, int]:
    """Lines that are surely UTF-8, and the other lines that are not plain ASCII."""
    if not raw:
        return 0, 0
    signs = np.frombuffer(raw, dtype=np.uint8)
    starts = np.concatenate(([0], np.flatnonzero(signs == 10) + 1))
    starts = starts[starts < len(raw)]
    foreign = np.maximum.reduceat(signs, starts) >= 0x80
    maybe = np.flatnonzero(foreign & (np.add.reduceat(_DUE[signs], starts, dtype=np.int32) == 0))
    ends = np.append(starts[1:], len(raw))
    sure = sum(is_utf8(raw[starts[i] : ends[i]]) for i in maybe.tolist())
    return sure, int(foreign.sum()) - sure


def is_utf8(line: bytes) -> bool:
    """Whether a line is surely UTF-8: three Chinese characters or more, none broken (联通 in GBK is two)."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum(ord(sign) >= 0x800 for sign in text) >= SURE_SIGNS


def _decode_gb(line: bytes) -> str:
    return line.decode("utf-8") if is_utf8(line) else line.decode("gb18030", errors="replace")


def _decode_utf8(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return line.decode("gb18030")
    except UnicodeDecodeError:
        return line.decode("utf-8", errors="replace")


def find_delimiter(lines: list[str]) -> str:
    """What parts the cells of the heading, as the lines below it agree: one sign, or a run like `|+|`."""
    head, below = lines[0], [line for line in lines[1:] if line.strip()]
    runs: set[str] = set(_JOINED.findall(head))
    joined = sorted(runs, key=lambda sign: (head.count(sign), len(sign)), reverse=True)
    for sign in joined:
        if all(sign in line for line in below) and _covers(head, sign):
            return sign
    counts = {sign: head.count(sign) for sign in SINGLE}
    best = max(counts.values())
    rivals = [sign for sign, count in counts.items() if count == best]
    if best == 0 or len(rivals) == 1:
        return rivals[0]
    return max(rivals, key=lambda sign: sum(line.count(sign) == best for line in below))


def _covers(head: str, sign: str) -> bool:
    """Whether the run's signs stand nowhere else in the heading: `a||b|c` is parted by single strokes."""
    rest = head.replace(sign, "")
    return not any(letter in rest for letter in sign)
