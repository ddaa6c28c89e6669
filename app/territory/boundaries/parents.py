"""The ground that a unit belongs to: the town of a village, the county of a town; and how we know.

What a column says comes first: the town's code (`column`), the town's name among known towns (`name`). Then
the code: its first nine digits where that town is known (`code`), else the stored town whose shape holds the
unit (`containment`), else those nine digits all the same. Codes are compared only between sources that mean
the same. Where drawn towns disagree with what a column or a code says, the report tells the rows.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import shapely

from app.territory.boundaries.codes import CELL_LEVEL, is_administrative, town_of
from app.territory.boundaries.fields import UnitFacts
from app.territory.boundaries.known import KnownPlaces, KnownTown, fold
from app.territory.boundaries.reading import Drawing
from app.territory.boundaries.report import ImportReport
from app.territory.names import cut_town

_TOWN_AHEAD = re.compile(r"^(.{1,14}?(?:镇|乡|街道|苏木))(.{2,})$")
_BELOW_TOWN = (*CELL_LEVEL, "market", "district", "park", "compound")
_MOST = 0.5


@dataclass(frozen=True)
class Holders:
    """Which drawn town (or county) holds each unit; `found[index]` by the unit's place in the drawing."""

    found: dict[int, KnownTown]
    drawn: frozenset[str]


def name_towns(units: Sequence[UnitFacts], ground: KnownPlaces) -> list[UnitFacts]:
    """Take a known town's name out of the village names that begin with it: 常乐镇颐生村 lies in 常乐镇."""
    known = {fold(town.name) for town in ground.towns if town.level == "town"}
    return [_name_town(unit, known) for unit in units]


def _name_town(unit: UnitFacts, known: set[str]) -> UnitFacts:
    found = _TOWN_AHEAD.match(unit.name) if unit.kind in CELL_LEVEL and not unit.town_name else None
    if found is None or fold(found.group(1)) not in known:
        return unit
    bare = cut_town(unit.name, found.group(1))
    if bare == unit.name:
        return unit
    official = unit.official_name or unit.name
    return replace(unit, name=bare, official_name=official, town_name=found.group(1))


def find_parents(
    units: Sequence[UnitFacts], ground: KnownPlaces, *, drawing: Drawing, report: ImportReport | None = None
) -> list[UnitFacts]:
    """Units with their parent's code and how it was found; the town's code and name are filled in from it.

    With a `report`, rows whose drawn town is another than the one told are listed as `parent_differs`.
    """
    towns = _find_holders(units, drawing, ground, level="town", kinds=_BELOW_TOWN)
    counties = _find_holders(units, drawing, ground, level="county", kinds=("town",))
    by_name: dict[str, list[KnownTown]] = defaultdict(list)
    for town in ground.towns:
        if town.level == "town":
            by_name[fold(town.name)].append(town)
    settled = [_find_parent(unit, ground, by_name, towns=towns, counties=counties) for unit in units]
    if report is not None:
        _tell_different(settled, towns, drawing, report)
    return settled


def _find_holders(
    units: Sequence[UnitFacts], drawing: Drawing, ground: KnownPlaces, *, level: str, kinds: Sequence[str]
) -> Holders:
    """The drawn town that holds a point well inside each unit; where several do, the one with most of it."""
    drawn = [town for town in ground.towns if town.level == level and town.shape is not None]
    below = [unit for unit in units if unit.kind in kinds]
    found: dict[int, KnownTown] = {}
    if drawn and below:
        shapes = drawing.shapes[[unit.index for unit in below]]
        tree = shapely.STRtree([town.shape for town in drawn])
        hits: dict[int, list[KnownTown]] = defaultdict(list)
        for row, town in tree.query(shapely.point_on_surface(shapes), "intersects").T.tolist():
            hits[row].append(drawn[town])
        for row, holding in hits.items():
            found[below[row].index] = _largest(shapes[row], holding)
    return Holders(found, frozenset(town.code for town in drawn))


def _largest(shape: Any, towns: list[KnownTown]) -> KnownTown:
    if len(towns) == 1:
        return towns[0]
    return max(towns, key=lambda town: float(shapely.area(shapely.intersection(shape, town.shape))))


def _find_parent(
    unit: UnitFacts,
    ground: KnownPlaces,
    by_name: dict[str, list[KnownTown]],
    *,
    towns: Holders,
    counties: Holders,
) -> UnitFacts:
    if unit.kind == "town":
        return _find_county(unit, counties)
    if unit.kind not in _BELOW_TOWN or unit.parent_how:
        return unit
    if unit.town_code:
        town = ground.find_town(unit.town_code, unit.code_source)
        named = unit.town_name or (town.name if town else None)
        return replace(unit, parent_code=unit.town_code, parent_how="column", town_name=named)
    prefix = town_of(unit.code)
    named_town = _only_town(unit, by_name, prefix)
    if named_town is not None:
        return _adopt(unit, named_town, "name")
    coded = ground.find_town(prefix, unit.code_source) if prefix else None
    if coded is not None:
        return _adopt(unit, coded, "code")
    held = towns.found.get(unit.index)
    if held is not None:
        return _adopt(unit, held, "containment")
    return replace(unit, parent_code=prefix, parent_how="code" if prefix else None)


def _adopt(unit: UnitFacts, town: KnownTown, how: str) -> UnitFacts:
    return replace(
        unit,
        parent_code=town.code,
        parent_how=how,
        town_code=town.code,
        town_name=unit.town_name or town.name,
    )


def _only_town(unit: UnitFacts, by_name: dict[str, list[KnownTown]], prefix: str | None) -> KnownTown | None:
    """The known town of the name that a column gives; of several in other counties, the one of its county."""
    towns = by_name.get(fold(unit.town_name), []) if unit.town_name else []
    near = [town for town in towns if prefix and town.code[:6] == prefix[:6]] or towns
    own = [town for town in near if town.source == unit.code_source] or near
    drawn = [town for town in own if town.shape is not None] or own
    return drawn[0] if len({town.code for town in drawn}) == 1 else None


def _find_county(unit: UnitFacts, counties: Holders) -> UnitFacts:
    if unit.parent_code:
        return replace(unit, parent_how="column")
    if len(unit.code) == 9 and is_administrative(unit.code):
        return replace(unit, parent_code=unit.code[:6], parent_how="code")
    held = counties.found.get(unit.index)
    if held is None:
        return unit
    return replace(unit, parent_code=held.code, parent_how="containment")


def _tell_different(
    units: Sequence[UnitFacts], towns: Holders, drawing: Drawing, report: ImportReport
) -> None:
    differing = [unit for unit in units if _differs(unit, towns, drawing)]
    if not differing:
        return
    shown = "、".join(
        f"{unit.name}（{unit.town_name or unit.parent_code} / {towns.found[unit.index].name}）"
        for unit in differing[:5]
    )
    report.warn(
        "parent_differs",
        f"所属乡镇与乡镇边界不一致：{shown}",
        f"the town told is not the one whose ground holds the unit: {shown}",
        rows=tuple(drawing.row(unit.index) for unit in differing),
    )


def _differs(unit: UnitFacts, towns: Holders, drawing: Drawing) -> bool:
    """Whether most of a unit lies in another drawn town than the one a column, a name or a code tells.

    Nothing is said where the town told was never drawn: its borders may well be older.
    """
    held = towns.found.get(unit.index)
    if held is None or unit.parent_how in (None, "containment") or held.code == unit.parent_code:
        return False
    if unit.parent_code not in towns.drawn or fold(held.name) == fold(unit.town_name or ""):
        return False
    shape = drawing.shapes[unit.index]
    inside = shapely.area(shapely.intersection(shape, held.shape))
    return bool(inside > _MOST * shapely.area(shape))
