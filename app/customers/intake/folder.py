"""A folder of nightly files: which file is whose, of which day, whether it is complete, in which order.

A source's pattern names its files: `core_*_{date}.csv`. `{date}` is a day: 20261121, 2026-11-21, 2026_11_21.
`*` and `?` are as in a shell; several patterns are parted by `;`. `core_{date}.csv + .ok` says that a file is
complete when a flag file of its name with `.ok` lies beside it; without a flag a file is complete when it has
not changed for a while.
"""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from app.clock import BANK_TIME
from app.errors import BadInput

_DAY = r"(?P<date>20\d{2}([-_]?)(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01]))"
_TOKENS = re.compile(r"(\{date\}|\*|\?)")
_MEANING = {"{date}": _DAY, "*": ".*", "?": "."}
_UNFINISHED = (".tmp", ".part", ".filepart", ".swp", ".crdownload", "~")
LOOK_EVERY_S = 1.0


@dataclass(frozen=True)
class Pattern:
    """One pattern of a source: it holds for a whole name in any case; `flag` ends a complete file's flag."""

    name: re.Pattern[str]
    flag: str | None

    def read(self, name: str) -> tuple[bool, date | None]:
        """Whether a name is meant, and its day if the pattern has one. No day of the calendar: not meant."""
        found = self.name.fullmatch(name)
        if found is None:
            return False, None
        said = found.groupdict().get("date")
        if said is None:
            return True, None
        try:
            return True, date.fromisoformat(re.sub(r"[-_]", "", said))
        except ValueError:
            return False, None


@dataclass(frozen=True)
class Delivery:
    """A file of the folder, the sources it may belong to, its day, and the flag it waits for."""

    path: Path
    sources: tuple[str, ...]
    day: date | None
    flag: str | None

    @property
    def order(self) -> tuple[date, str]:
        """Older days first; a file without a day in its name has that of its last change."""
        changed = datetime.fromtimestamp(self.path.stat().st_mtime, tz=BANK_TIME).date()
        return (self.day or changed, self.path.name)


@lru_cache(maxsize=256)
def read_patterns(said: str) -> tuple[Pattern, ...]:
    """The patterns of a source. Raises BadInput when one cannot be: two days, a folder, nothing at all."""
    return tuple(_read_pattern(one.strip()) for one in said.split(";") if one.strip())


def _read_pattern(said: str) -> Pattern:
    name, *flags = (part.strip() for part in re.split(r"(?:^|\s)\+\s", said))
    flag = " ".join(flags)
    wrong = (
        not name
        or not said.isprintable()
        or "/" in name
        or "\\" in name
        or name.count("{date}") > 1
        or set(name) <= set("*?")
    )
    if wrong or (flag and not re.fullmatch(r"\.\w+", flag)):
        raise BadInput(
            "bad_pattern",
            zh=f"文件名样式“{said[:80]}”不对，应像 core_*_{{date}}.csv 或 core_{{date}}.csv + .ok",
            en=f"the pattern {said[:80]!r} is none; write core_{{date}}.csv or core_{{date}}.csv + .ok",
        )
    parts = (_MEANING.get(part, re.escape(part)) for part in _TOKENS.split(name))
    return Pattern(re.compile("".join(parts), re.IGNORECASE | re.DOTALL), flag.lower() or None)


def list_deliveries(folder: Path, patterns: Sequence[tuple[str, str]]) -> tuple[list[Delivery], list[str]]:
    """The files that patterns (source, pattern) name, oldest day first, and the names that none does.

    Links, folders, hidden and unfinished files are no deliveries. Raises BadInput for a folder that is none.
    """
    if not folder.is_dir():
        raise BadInput("no_folder", zh=f"没有这个文件夹：{folder}", en=f"there is no such folder: {folder}")
    known = [(source, one) for source, said in patterns for one in read_patterns(said)]
    flags = {one.flag for _, one in known if one.flag}
    found: list[Delivery] = []
    strangers: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")) or path.is_symlink() or not path.is_file():
            continue
        if path.name.lower().endswith(_UNFINISHED) or path.suffix.lower() in flags:
            continue
        delivery = _claim(path, known)
        found += [delivery] if delivery else []
        strangers += [] if delivery else [path.name]
    return sorted(found, key=lambda one: one.order), strangers


def _claim(path: Path, known: Iterable[tuple[str, Pattern]]) -> Delivery | None:
    claims = [(source, one, *one.read(path.name)) for source, one in known]
    mine = [(source, one, day) for source, one, meant, day in claims if meant]
    if not mine:
        return None
    sources = tuple(dict.fromkeys(source for source, _, _ in mine))
    _, first, day = mine[0]
    return Delivery(path, sources, day, first.flag)


def read_day(name: str, patterns: str) -> date | None:
    """The day in a file's name by a source's patterns."""
    return next((day for meant, day in (one.read(name) for one in read_patterns(patterns)) if meant), None)


def wait_until_whole(delivery: Delivery, *, quiet_s: float, patience_s: float) -> bool:
    """Wait for a file that is still being copied; whether it is complete now.

    With a flag the flag must be there. Without one the file must not have changed for `quiet_s` seconds, by
    its own clock or, where that runs ahead of ours, by our watching it.
    """
    until = time.monotonic() + patience_s
    for still_s in _watch(delivery.path):
        whole = _has_flag(delivery) if delivery.flag is not None else still_s >= quiet_s
        if whole or time.monotonic() >= until:
            return whole
        time.sleep(min(LOOK_EVERY_S, max(quiet_s, 0.01), max(until - time.monotonic(), 0.0)))
    return False


def _watch(path: Path) -> Iterator[float]:
    """For how many seconds a file has not changed, asked again and again until it is gone."""
    seen, since = (-1, -1), time.monotonic()
    while True:
        try:
            state = path.stat()
        except FileNotFoundError:
            return
        now = (state.st_size, state.st_mtime_ns)
        if now != seen:
            seen, since = now, time.monotonic()
        yield max(time.monotonic() - since, time.time() - state.st_mtime)


def _has_flag(delivery: Delivery) -> bool:
    """Whether the flag lies beside the file: `core.csv.ok` or `core.ok`, in any case of letters."""
    path = delivery.path
    wanted = {f"{path.name}{delivery.flag}".lower(), f"{path.stem}{delivery.flag}".lower()}
    return any(other.name.lower() in wanted for other in path.parent.iterdir())
