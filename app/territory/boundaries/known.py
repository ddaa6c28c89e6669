"""What the bank knows already: towns with their shapes, the names of codes, the codes of names."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import shapely
from sqlalchemy.orm import Session

from app.db import fetch_all
from app.territory.boundaries.codes import CELL_LEVEL
from app.territory.boundaries.fields import UnitFacts
from app.territory.boundaries.reading import Drawing
from app.territory.names import fold_name, script

_AGREE = 0.9
_FORMS = (
    "村",
    "社区",
    "村委会",
    "村村委会",
    "村民委员会",
    "村村民委员会",
    "居委会",
    "居民委员会",
    "社区居委会",
    "社区居民委员会",
)

fold = lru_cache(100_000)(fold_name)


@dataclass(frozen=True, slots=True)
class KnownTown:
    """A town or county: `shape` is EPSG:4326, None when only its name is known."""

    code: str
    source: str
    level: str
    name: str
    shape: Any = None


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A unit or a place of the gazetteer that bears a name; `current` when it is not a former one."""

    code: str
    source: str
    group: str
    name: str
    town_code: str | None
    town_name: str | None
    stored: bool
    names: frozenset[str]
    others: frozenset[str]


@dataclass
class KnownPlaces:
    """Towns and counties, and which sources mean the same codes as a file's source does.

    `kin[source]` always holds the source itself; another one joins when at least nine in ten of the codes
    that both have bear the same name. `names[source, code]` are the folded names of a code.
    """

    towns: list[KnownTown]
    kin: dict[str, frozenset[str]] = field(default_factory=dict)
    names: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def kin_of(self, source: str) -> frozenset[str]:
        """The sources whose codes may be read like those of a source."""
        return self.kin.get(source, frozenset((source,)))

    def find_town(self, code: str, source: str) -> KnownTown | None:
        """The town or county of a code among the sources that mean the same."""
        kin = self.kin_of(source)
        return next((town for town in self.towns if town.code == code and town.source in kin), None)

    def names_of(self, code: str, source: str) -> set[str]:
        """The folded names of a code among the sources that mean the same."""
        return {name for kin in self.kin_of(source) for name in self.names.get((kin, code), ())}


def group_of(kind: str) -> str:
    """Villages, communities and streets are one level of ground; every other kind is its own."""
    return "village" if kind in CELL_LEVEL else kind


def read_known(session: Session, drawing: Drawing, units: Sequence[UnitFacts]) -> KnownPlaces:
    """Towns and counties of the bank and of the file itself, and the sources that agree with the file's."""
    ground = KnownPlaces(_read_towns(session) + _own_towns(drawing, units))
    pairs = {(unit.code_source, unit.code, fold(unit.name)) for unit in units if unit.code}
    pairs |= {(u.code_source, u.town_code, fold(u.town_name)) for u in units if u.town_code and u.town_name}
    rows = fetch_all(session, "territory/list_known_codes", codes=sorted({code for _, code, _ in pairs}))
    for row in rows:
        names = ground.names.setdefault((row["code_source"], row["code"]), set())
        names.update(fold(name) for name in (row["name"], *row["former_names"]))
    sources = {row["code_source"] for row in rows}
    for source in {source for source, _, _ in pairs}:
        own = [(code, name) for told, code, name in pairs if told == source]
        agreeing = (other for other in sources if _agree(own, other, ground.names))
        ground.kin[source] = frozenset((source, *agreeing))
    return ground


def _agree(own: Iterable[tuple[str, str]], other: str, names: dict[tuple[str, str], set[str]]) -> bool:
    said = [name in names[other, code] for code, name in own if (other, code) in names]
    return bool(said) and sum(said) >= _AGREE * len(said)


def _read_towns(session: Session) -> list[KnownTown]:
    rows = fetch_all(session, "territory/list_known_towns")
    return [
        KnownTown(
            row["code"],
            row["code_source"],
            row["level"],
            row["name"],
            None if row["wkb"] is None else shapely.from_wkb(bytes(row["wkb"])),
        )
        for row in rows
    ]


def _own_towns(drawing: Drawing, units: Sequence[UnitFacts]) -> list[KnownTown]:
    return [
        KnownTown(unit.code, unit.code_source, unit.kind, unit.name, drawing.shapes[unit.index])
        for unit in units
        if unit.kind in ("town", "county") and unit.code
    ]


def find_places(session: Session, names: Iterable[str]) -> dict[str, list[KnownPlace]]:
    """The units and places that bear these names or bore them, by folded name."""
    forms = sorted({form for name in names for form in _forms(name)})
    found: dict[str, list[KnownPlace]] = defaultdict(list)
    for row in fetch_all(session, "territory/list_known_names", names=forms) if forms else []:
        place = KnownPlace(
            code=row["code"],
            source=row["code_source"],
            group=group_of(row["level"]),
            name=row["name"],
            town_code=row["town_code"],
            town_name=row["town_name"],
            stored=row["stored"],
            names=frozenset(fold(name) for name in (row["name"], row["official_name"]) if name),
            others=frozenset(map(fold, row["others"])),
        )
        for name in place.names | place.others:
            found[name].append(place)
    return found


def _forms(name: str) -> set[str]:
    """The ways in which lists write a name."""
    plain = script(name)
    base = plain.removesuffix("村").removesuffix("社区")
    return {name, plain, fold(name), *(base + form for form in _FORMS if base)}
