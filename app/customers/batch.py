"""A file of addresses to a file of places: on all cores, in the file's order, going on where it was killed.

The result is written aside and renamed when it is whole; `Mark` says how far it is, and lands with whatever
the caller keeps it in. Beside the result lies its summary.
"""

import csv
import hashlib
import io
import json
import shutil
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from app.customers.address_file import AddressFile, AddressRow
from app.customers.geocoding import Answer, Matcher
from app.customers.noise import count_answers, sum_up
from app.customers.pool import CRASHES, Crew
from app.errors import BadInput

CHUNK = 5_000
COLUMNS = ("id", "level", "code", "name", "score", "method", "candidates", "warnings")
# The summary lists so many rejected rows itself; all of them stand in the result with their reason.
LISTED = 200
UNKNOWN_SIGN = "\ufffd"
PREFIX_BYTES = 8
REASONS = {
    **CRASHES,
    "columns": ("列数与表头不符", "the number of cells is not that of the headings"),
    "undecodable": ("文字编码损坏，无法识别", "the text is damaged by its encoding and cannot be read"),
}


@dataclass(frozen=True)
class Matched:
    """A chunk's outcome: its lines of the result, what they add up to, and the rows rejected."""

    lines: bytes
    last_row: int
    counts: dict[str, int]
    prefixes: bytes
    rejected: list[dict[str, Any]]


@dataclass
class Mark:
    """How far a batch is: of which file and matcher, the last row done, bytes written, counts so far."""

    sha256: str
    version: str
    row: int = 1
    bytes: int = 0
    prefix_bytes: int = 0
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    rejected: list[dict[str, Any]] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Rows of the result so far."""
        return self.counts.get("rows", 0)

    def as_json(self) -> dict[str, Any]:
        """The mark as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class Batch:
    """One file on its way: where it comes from, where it goes, and with which matcher."""

    file: AddressFile
    out: Path
    version: str

    @property
    def aside(self) -> Path:
        """The result so far."""
        return self.out.with_name(f".{self.out.name}.part")

    @property
    def prefixes(self) -> Path:
        """The distinct prefixes of each chunk so far, as numbers: they are counted in the end."""
        return self.out.with_name(f".{self.out.name}.prefixes.part")

    @property
    def summary(self) -> Path:
        """The summary beside the result."""
        return self.out.with_name(f"{self.out.stem}.summary.json")

    def read_mark(self, kept: dict[str, Any]) -> Mark:
        """Where to go on: behind the mark kept of this very file and matcher, else at the beginning."""
        fresh = Mark(self.file.table.identity, self.version)
        if (kept.get("sha256"), kept.get("version")) != (fresh.sha256, fresh.version):
            return fresh
        mark = Mark(**kept)
        there = _size(self.aside) >= mark.bytes and _size(self.prefixes) >= mark.prefix_bytes
        return mark if there else fresh


def call_matchers(matcher: Matcher, processes: int) -> Crew:
    """Processes that match chunks of addresses; each builds the matcher's index once."""
    return Crew(processes, start_matching, matcher, match_chunk, give_up_row, join_matched)


def match_file(batch: Batch, mark: Mark, crew: Crew) -> Generator[Mark, None, None]:
    """Match and write the rows behind `mark`; yields the mark of what is written, after every chunk."""
    _check_out(batch)
    before, began = mark.seconds, time.monotonic()
    with go_on(batch.aside, mark.bytes) as lines, go_on(batch.prefixes, mark.prefix_bytes) as prefixes:
        if not mark.bytes:
            lines.write((",".join(COLUMNS) + "\r\n").encode())
        with closing(crew.work_all(batch.file.chunks(CHUNK, after=mark.row))) as results:
            for matched in results:
                lines.write(matched.lines)
                prefixes.write(matched.prefixes)
                lines.flush()
                prefixes.flush()
                mark.row, mark.bytes, mark.prefix_bytes = matched.last_row, lines.tell(), prefixes.tell()
                mark.counts = dict(Counter(mark.counts) + Counter(matched.counts))
                mark.rejected = [*mark.rejected, *matched.rejected][:LISTED]
                mark.seconds = round(before + time.monotonic() - began, 3)
                yield mark


def finish_file(batch: Batch, mark: Mark) -> dict[str, Any]:
    """Put the result and its summary in place, whole; returns the summary."""
    if not mark.bytes:
        batch.aside.write_text(",".join(COLUMNS) + "\r\n", encoding="utf-8")
    summary = _sum_up(batch, mark)
    beside = batch.summary.with_name(f".{batch.summary.name}.part")
    beside.write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside.replace(batch.summary)
    batch.aside.replace(batch.out)
    batch.prefixes.unlink(missing_ok=True)
    return summary


def drop_parts(batch: Batch) -> None:
    """Nothing stays of a batch that ends without its result."""
    batch.aside.unlink(missing_ok=True)
    batch.prefixes.unlink(missing_ok=True)


def _sum_up(batch: Batch, mark: Mark) -> dict[str, Any]:
    rejected = {key.partition(":")[2]: n for key, n in mark.counts.items() if key.startswith("rejected:")}
    prefixes = np.fromfile(batch.prefixes, dtype=np.uint64) if batch.prefixes.is_file() else np.empty(0)
    return {
        "rows": mark.done,
        "left_out": sum(rejected.values()),
        "reasons": rejected,
        "damaged": mark.counts.get("damaged", 0),
        "rejected": mark.rejected,
        "distinct_prefixes": len(np.unique(prefixes)),
        **sum_up(mark.counts),
        "seconds": mark.seconds,
        "rows_per_s": round(mark.done / mark.seconds) if mark.seconds else None,
        "encoding": {"name": batch.file.table.encoding, "mixed": batch.file.table.mixed},
        "matcher": batch.version,
    }


def _check_out(batch: Batch) -> None:
    """Raises BadInput where the result could not be written, before a row is read."""
    folder = batch.out.absolute().parent
    if not folder.is_dir():
        raise BadInput("no_such_folder", zh=f"没有这个文件夹：{folder}", en=f"no such folder: {folder}")
    if batch.out.is_dir() or batch.out.absolute() == batch.file.table.path.absolute():
        raise BadInput(
            "bad_out",
            zh="结果文件不能是文件夹或原文件",
            en="the result can be neither a folder nor the file itself",
        )
    try:
        batch.aside.open("ab").close()
    except OSError:
        raise BadInput(
            "out_not_writable",
            zh=f"不能写入这个文件夹：{folder}",
            en=f"no file can be written into the folder {folder}",
        ) from None


def go_on(path: Path, size: int) -> BinaryIO:
    """A file to be written on behind its first `size` bytes, under a new inode.

    An attempt that was taken for dead may still write: it then writes into a file that nobody reads.
    """
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as target:
        if size:
            with path.open("rb") as kept:
                shutil.copyfileobj(kept, target, 1 << 20)
            target.truncate(size)
    fresh.replace(path)
    file = path.open("r+b")
    file.seek(0, io.SEEK_END)
    return file


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


_matcher: Matcher | None = None


def start_matching(matcher: Matcher) -> None:
    """Keep this process's matcher: the beginning of each process of a crew."""
    global _matcher
    _matcher = matcher


def match_chunk(rows: Sequence[AddressRow]) -> Matched:
    """Match a chunk with this process's matcher."""
    assert _matcher is not None, "start_matching runs first in each process"
    answers = iter(_matcher.match_many([row.address for row in rows if not row.fault]))
    told = [tell_row(row, Answer("none", method=row.fault) if row.fault else next(answers)) for row in rows]
    prefixes = {_matcher.prefix_of(row.address) for row in rows if not row.fault} - {""}
    return _collect([(row, answer) for row, answer in zip(rows, told, strict=True)], prefixes)


def tell_row(row: AddressRow, answer: Answer) -> Answer:
    """The answer of a row whose text was damaged says so; without a place that is the reason."""
    if row.fault or UNKNOWN_SIGN not in row.address:
        return answer
    if answer.level == "none":
        return Answer("none", method="undecodable", noise=answer.noise)
    return answer


def give_up_row(row: AddressRow, reason: str) -> Matched:
    """The outcome of a row that no process could match: no place, with the reason."""
    return _collect([(row, Answer("none", method=reason))], set())


def join_matched(parts: list[Matched]) -> Matched:
    """One outcome of a chunk that was matched row by row."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.counts)
    return Matched(
        b"".join(part.lines for part in parts),
        parts[-1].last_row,
        dict(counts),
        b"".join(part.prefixes for part in parts),
        [row for part in parts for row in part.rejected],
    )


def _collect(told: list[tuple[AddressRow, Answer]], prefixes: set[str]) -> Matched:
    text = io.StringIO()
    csv.writer(text).writerows([row.key, *as_columns(answer)] for row, answer in told)
    counts = count_answers(answer for _, answer in told)
    counts["rows"] = len(told)
    counts["damaged"] = sum(UNKNOWN_SIGN in row.address for row, _ in told)
    rejected = [_reject(row, answer.method) for row, answer in told if answer.method in REASONS]
    counts.update(f"rejected:{row['reason']}" for row in rejected)
    numbers = b"".join(hashlib.blake2b(p.encode(), digest_size=PREFIX_BYTES).digest() for p in prefixes)
    lines = text.getvalue().encode("utf-8", errors="replace")
    return Matched(lines, told[-1][0].number, dict(counts), numbers, rejected[:LISTED])


def _reject(row: AddressRow, reason: str) -> dict[str, Any]:
    zh, en = REASONS[reason]
    return {"row": row.number, "reason": reason, "message": {"zh": zh, "en": en}}


def as_columns(answer: Answer) -> list[Any]:
    """An answer in the columns of the result file, behind the id."""
    return [
        answer.level,
        answer.code,
        answer.name,
        round(answer.score, 4),
        answer.method,
        "|".join(candidate.code for candidate in answer.candidates),
        "|".join(answer.warnings),
    ]
