"""Records of customers become persons: whoever is known to several sources counts once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.customers.households.houses import House, differ

_DOUBLE = "欧阳司马上官诸葛东方皇甫尉迟公孙令狐慕容司徒夏侯端木南宫宇文长孙呼延申屠"
DOUBLE_SURNAMES = frozenset(_DOUBLE[at : at + 2] for at in range(0, len(_DOUBLE), 2))
MOST_RECORDS = 8
"""An identity number of more records than this is a placeholder."""


@dataclass(frozen=True, slots=True)
class Record:
    """A customer as one source knows him: what a link may rest on. `card` and `phone` are blind indexes.

    `confirmed` is the household that somebody has confirmed him in, `trust` the rank of his source (1 most).
    """

    id: int
    source: str
    name: str
    card: bytes | None = None
    phone: bytes | None = None
    roster_no: str | None = None
    relation: str | None = None
    house: House | None = None
    confirmed: int | None = None
    trust: int = 1


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a village: his records (most trusted first) and what they say together."""

    records: tuple[Record, ...]
    surname: str
    phones: frozenset[bytes]
    rosters: frozenset[tuple[str, str]]
    relations: frozenset[str]
    houses: tuple[House, ...]
    confirmed: int | None

    @property
    def id(self) -> int:
        """The lowest customer id: the order of persons is that of their ids."""
        return min(record.id for record in self.records)

    @property
    def is_head(self) -> bool:
        """Whether any source calls him the head."""
        return "head" in self.relations


def find_surname(name: str) -> str:
    """The surname of a Chinese name, two characters for the double surnames."""
    bare = name.strip()
    return bare[:2] if bare[:2] in DOUBLE_SURNAMES else bare[:1]


def gather_persons(records: Iterable[Record]) -> list[Person]:
    """The persons of a village, by id: one identity number and surname, or one name in one dwelling.

    Two identity numbers are two persons whatever else they share; two confirmed households are not joined.
    """
    ordered = sorted(records, key=lambda record: (record.trust, record.id))
    by_card: dict[tuple[bytes, str], list[Record]] = defaultdict(list)
    alone: list[list[Record]] = []
    for record in ordered:
        if record.card is None:
            alone.append([record])
        else:
            by_card[record.card, find_surname(record.name)].append(record)
    groups = _join_names([*_split(by_card.values()), *alone])
    return sorted((_make(group) for group in groups), key=lambda person: person.id)


def _split(groups: Iterable[list[Record]]) -> Iterable[list[Record]]:
    """Groups that are one person; a placeholder's records stand alone, and so do two confirmed households."""
    for group in groups:
        households = {record.confirmed for record in group} - {None}
        if len(group) > MOST_RECORDS or len(households) > 1:
            yield from ([record] for record in group)
        else:
            yield group


def _join_names(groups: Sequence[list[Record]]) -> list[list[Record]]:
    """Who has no identity number in one source is found by name and dwelling among those of other sources."""
    named: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, group in enumerate(groups):
        keys = {(record.name, record.house.key) for record in group if record.house is not None}
        for key in keys:
            named[key].append(at)
    joined = [list(group) for group in groups]
    for places in named.values():
        if len(places) == 2 and _may_be_one(joined[places[0]], joined[places[1]]):
            joined[places[0]] += joined[places[1]]
            joined[places[1]] = []
    return [group for group in joined if group]


def _may_be_one(one: list[Record], other: list[Record]) -> bool:
    """Whether two groups of one name and dwelling are one person: of other sources, not of two numbers."""
    if not one or not other or {r.source for r in one} & {r.source for r in other}:
        return False
    cards = {record.card for record in (*one, *other)} - {None}
    households = {record.confirmed for record in (*one, *other)} - {None}
    return len(cards) <= 1 and len(households) <= 1


def _make(group: list[Record]) -> Person:
    return Person(
        records=tuple(group),
        surname=find_surname(group[0].name),
        phones=frozenset(record.phone for record in group if record.phone),
        rosters=frozenset((record.source, record.roster_no) for record in group if record.roster_no),
        relations=frozenset(record.relation for record in group if record.relation),
        houses=_houses(group),
        confirmed=next((record.confirmed for record in group if record.confirmed is not None), None),
    )


def _houses(group: list[Record]) -> tuple[House, ...]:
    """The dwellings that a person's sources name; two that surely differ are no evidence of either."""
    found = list({record.house.key: record.house for record in group if record.house is not None}.values())
    if any(differ(one, other) for at, one in enumerate(found) for other in found[:at]):
        return ()
    return tuple(found)
