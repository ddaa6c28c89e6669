"""What a layer is: its key, its words, its parts, its legend, who may see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.db import Viewer, fetch_all, fetch_one
from app.errors import NotFound
from app.maps.ground import Ground

CUSTOMER_ROLES = frozenset({"getu_head", "getu_scoped", "getu_work"})
ALL_ROLES = CUSTOMER_ROLES | {"getu_ground"}


@dataclass(frozen=True)
class Class:
    """One line of a legend: what the symbol is, what it means, how many the viewer's map shows.

    `colour` fills symbols that have none of their own, `tint` is the way of colouring it belongs to, a line
    that does not count is no part of the layer's total.
    """

    key: str
    zh: str
    en: str
    symbol: str
    number: int
    colour: str = ""
    tint: str = ""
    counts: bool = True


Legend = Callable[[Session, Ground], list[Class]]
Words = tuple[str, str]


@dataclass(frozen=True)
class Tip:
    """What is said of a thing under the mouse: a text with {properties}, and words for their values."""

    part: str
    zh: str
    en: str
    tint: str = ""
    words: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)


@dataclass(frozen=True)
class Own:
    """What an own layer of the bank is drawn with: its key, whether it shows rivals, its colour, its classes.

    `classes` are (class, colour) of the most frequent ones; every other thing has the layer's colour.
    """

    key: str
    colour: str = "#47545c"
    rivals: bool = False
    classes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Layer:
    """A layer: titles and explanation for people, who may see it, its tiles, its legend with class counts.

    `late` is asked for when it is switched on: the page comes without its legend and style. `tints` are the
    ways of colouring the grids that it draws; `slot` says under what it lies (tint, area or symbol); `given`
    is what its statement is asked with besides.
    """

    key: str
    zh: str
    en: str
    why_zh: str
    why_en: str
    parts: tuple[str, ...]
    legend: Legend
    roles: frozenset[str] = ALL_ROLES
    min_zoom: int = 5
    max_zoom: int = 14
    shown: bool = True
    listed: bool = True
    late: bool = False
    tints: tuple[str, ...] = ()
    slot: str = "area"
    given: Mapping[str, Any] = field(default_factory=dict)
    symbol: str = "dot"
    tips: tuple["Tip", ...] = ()
    note: Callable[[Session, Ground], dict[str, "Words"]] | None = None
    # What its customers may be cut to (`app.maps.filtering`); a layer that shows none takes no filter.
    takes: frozenset[str] = frozenset()
    # One that the bank loaded: all of them are drawn by one statement, whoever asks for which.
    own: Own | None = None

    @property
    def statement(self) -> str:
        """The file of its tile statement."""
        return "maps/layer_own" if self.own else f"maps/layer_{self.base}"

    @property
    def base(self) -> str:
        """The key without the day that some layers take, `changes@2026-10-01`."""
        return self.key.split("@")[0]


def tell_numbers(session: Session, statement: str, ground: Ground) -> dict[str, int]:
    """Key -> number, of a counting statement."""
    rows = fetch_all(session, statement, **ground.asked)
    return {str(row["key"]): int(row["number"]) for row in rows}


def tell_row(session: Session, statement: str, ground: Ground) -> dict[str, int]:
    """The one row of a counting statement."""
    row = fetch_one(session, statement, **ground.asked)
    return {key: int(value) for key, value in (row or {}).items()}


def list_classes(numbers: dict[str, int], lines: Sequence[tuple[str, str, str, str]]) -> list[Class]:
    """Legend lines (key, zh, en, symbol) with their numbers; a kind that does not occur has no line."""
    return [Class(key, zh, en, symbol, numbers[key]) for key, zh, en, symbol in lines if numbers.get(key)]


def refuse_layer(key: str) -> NotFound:
    """The error for a layer that there is not, or that this viewer may not see."""
    return NotFound("no_layer", zh=f"没有图层“{key}”", en=f"there is no layer {key!r}", layer=key)


def viewer_of(session: Session) -> Viewer:
    """For whom the session was opened."""
    viewer: Any = session.info["viewer"]
    assert isinstance(viewer, Viewer)
    return viewer
