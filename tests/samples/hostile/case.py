"""What a hostile file is here: a name, a maker, and the one outcome that is right for it.

The makers are seeded code; no binary is kept. A maker gets the `Bait`: a secret file beside the upload and an
address that somebody listens on. Whatever the outcome, the secret's text may not come back and the listener
may hear nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from app.spatial.formats import Limits

CANARY = "CANARY-7f3a9c"
SMALL = Limits(memory_bytes=1536 << 20, cpu_s=20, wall_s=30)


@dataclass(frozen=True)
class Bait:
    """What an attacker would like: `secrets` is a folder beside the upload with files that hold the canary
    text in every format, `url` an address that writes down every connection."""

    secrets: Path
    url: str

    def secret(self, suffix: str) -> str:
        """The path of the secret with this suffix (.geojson, .csv, .kml, .txt…)."""
        return str(self.secrets / f"secret{suffix}")


@dataclass(frozen=True)
class Outcome:
    """What may come of a file: `codes` of a refusal, `asks` of a question, or exactly `rows` rows.

    Where both `codes` and `rows` stand, either is right: all the rows or none. `codes` of None is any
    refusal that has a name; `any_rows` leaves the number open.
    """

    codes: frozenset[str] | None = frozenset()
    asks: frozenset[str] = frozenset()
    rows: int | None = None
    warnings: frozenset[str] = frozenset()
    any_rows: bool = False


def refused(*codes: str) -> Outcome:
    """Refused for one of these reasons."""
    return Outcome(frozenset(codes))


def asked(*codes: str) -> Outcome:
    """A question is asked, with options."""
    return Outcome(asks=frozenset(codes))


def gives(rows: int, *warnings: str) -> Outcome:
    """Read: exactly so many rows, and these warnings among what is said."""
    return Outcome(rows=rows, warnings=frozenset(warnings))


def whole(rows: int, *codes: str) -> Outcome:
    """All rows or a refusal (any, when no code is named), never something between."""
    return Outcome(frozenset(codes) if codes else None, rows=rows)


Body = bytes | str | Callable[[], bytes | str]
Layout = Callable[[Path, Bait], Path]


@dataclass(frozen=True)
class Hostile:
    """One hostile upload: `name` is family/what.suffix; `body` its bytes, `lure` bytes that name the bait,
    or `layout` what lays a whole folder."""

    name: str
    outcome: Outcome
    body: Body = b""
    lure: Callable[[Bait], bytes | str] | None = None
    layout: Layout | None = None
    limits: Limits = field(default=SMALL)

    @property
    def file_name(self) -> str:
        """The name the upload goes by."""
        return self.name.rpartition("/")[2]

    def content(self, bait: Bait) -> bytes:
        """The bytes of a single-file upload."""
        body = self.lure(bait) if self.lure else self.body() if callable(self.body) else self.body
        return body if isinstance(body, bytes) else body.encode()

    def lay(self, folder: Path, bait: Bait) -> Path:
        """Write it into an empty folder and return the path to read."""
        if self.layout is not None:
            return self.layout(folder, bait)
        path = folder / self.file_name
        path.write_bytes(self.content(bait))
        return path


def cuts(length: int, count: int, *, start: int = 1) -> Iterable[tuple[int, int]]:
    """`count` lengths to cut a file of `length` bytes to, spread over it, the last one byte short; numbered.

    A case is called by its number: a packed file holds the time of its making, so its length is not the same
    in two processes, and its name has to be.
    """
    step = (length - 1 - start) / max(count - 1, 1)
    return enumerate(sorted({round(start + step * i) for i in range(count)}), 1)
