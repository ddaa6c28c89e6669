"""An option of repair made ready to land: households, units and names follow its ground."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from app.errors import BadInput
from app.spatial.topology import Option
from app.territory.editing.desk import Desk, Patch, Row, area_of
from app.territory.editing.naming import clean_name
from app.territory.editing.shares import move_households
from app.territory.editing.wishes import GroundMove, NewGrid, Prepared

_VACANT = -1
"""Colour number of a grid that nobody holds."""


@dataclass(frozen=True, slots=True)
class NewNames:
    """Code and name of the grid that an option would add; proposed where they are not given."""

    code: str | None = None
    name: str | None = None


def describe(move: GroundMove, codes: Mapping[int, str]) -> dict[str, Any]:
    """A move of ground as JSON: codes of both sides, and square metres."""
    return {
        "from_code": None if move[0] is None else codes.get(move[0]),
        "to_code": None if move[1] is None else codes.get(move[1]),
        "area_m2": round(area_of(move[2]), 1),
    }


def prepare_option(
    desk: Desk, patch: Patch, option: Option, *, title: tuple[str, str], new: NewNames
) -> Prepared:
    """What an option comes to, by grid id; rows of the option are rows of the patch."""
    count = len(patch.rows)
    households = move_households(patch, option.moves)
    facts: dict[int, dict[str, Any]] = {
        row: {"households": number} for row, number in households.items() if row < count
    }
    for row, codes in _inherited(patch, option).items():
        facts.setdefault(row, {})["unit_codes"] = codes
    for row in list(facts):
        if option.changes.get(row, 0) is None:
            del facts[row]
    return Prepared(
        "repair",
        title[0],
        title[1],
        {patch.ids[row]: shape for row, shape in option.changes.items()},
        {patch.ids[row]: one for row, one in facts.items()},
        tuple(_new_grids(desk, patch, option, new, households.get(count))),
        tuple(_by_id(patch, move) for move in option.moves),
        detail={"option": option.key},
    )


def _inherited(patch: Patch, option: Option) -> dict[int, list[str]]:
    """Units of grids that go: they are his to whom most of the ground goes."""
    found: dict[int, list[str]] = {}
    for row in (row for row, shape in option.changes.items() if shape is None):
        heirs = [move for move in option.moves if move.from_row == row and move.to_row is not None]
        best = max(heirs, key=lambda move: move.area_m2, default=None)
        if best is not None and best.to_row is not None and best.to_row < len(patch.rows):
            mine = found.get(best.to_row) or list(patch.rows[best.to_row]["unit_codes"])
            found[best.to_row] = list(dict.fromkeys([*mine, *patch.rows[row]["unit_codes"]]))
    return {row: codes for row, codes in found.items() if codes != patch.rows[row]["unit_codes"]}


def _by_id(patch: Patch, move: Any) -> GroundMove:
    a, b = (None if row is None or row >= len(patch.rows) else patch.ids[row] for row in move[:2])
    return a, b, move.geom


def _new_grids(
    desk: Desk, patch: Patch, option: Option, new: NewNames, households: int | None
) -> Sequence[NewGrid]:
    if not option.added:
        return []
    if len(option.added) > 1:
        raise BadInput("one_grid_only", zh="一次只能新建一个网格", en="one new grid at a time")
    beside: Row = _beside(patch, option)
    codes = [new.code] if new.code else desk.propose_codes(beside.get("code", "G"), 1)
    if new.code:
        desk.require_free_codes(codes)
    facts: dict[str, Any] = {
        **{key: beside.get(key) for key in ("branch_id", "town_code", "town_name")},
        "code": codes[0],
        "name": clean_name(new.name or f"新网格 {codes[0]}"),
        "kind": "village",
        "households": households,
        "unit_codes": [],
        "colour_no": _VACANT,
        "allotted": None,
    }
    return [NewGrid(option.added[0], facts)]


def _beside(patch: Patch, option: Option) -> Row:
    if not patch.rows:
        return {}
    return patch.rows[int(shapely.distance(patch.shapes, option.added[0]).argmin())]
