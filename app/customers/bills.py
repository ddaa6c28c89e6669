"""The bill of a change of ground: who would move, with what balances, from whom to whom, before that."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.access import mask_party, record
from app.db import fetch_all
from app.models import Plan
from app.spatial.crs import area_m2
from app.territory.plans import Difference

Move = tuple[int | None, int | None, BaseGeometry]
NAMED = 50
"""So many key clients a bill names; the rest it counts."""
WHOLE = 0.999
"""A unit of whose ground this share changes hands changes hands as a whole."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Bill:
    """What a change of ground moves. Counts are None for a viewer who sees no customers.

    `unplaced` are customers known only by their village of which not all the ground moves: nobody can say
    who of them moves, so they are told and not counted. `letters` are responsibility letters to sign again.
    """

    area_m2: float
    customers: int | None = 0
    existing: int | None = 0
    prospects: int | None = 0
    households: int | None = 0
    deposit_yuan: float | None = 0.0
    loan_yuan: float | None = 0.0
    key_clients: list[dict[str, Any]] = field(default_factory=list)
    key_count: int | None = 0
    by_unit: int | None = 0
    unplaced: int | None = 0
    managers: list[dict[str, Any]] = field(default_factory=list)
    letters: int = 0

    def as_json(self) -> dict[str, Any]:
        """The bill as JSON-ready values."""
        return {**asdict(self), "area_m2": round(self.area_m2, 1)}


def bill_moves(session: Session, plan: Plan, moves: Sequence[Move]) -> Bill:
    """The bill of ground that changes hands in `plan`, asked before the change is made; nothing is changed.

    `moves` are (grid id it leaves or None, grid id it goes to or None, ground in EPSG:4326). A customer
    with a point moves where it lies in the ground; one known by his unit only where the unit moves whole.
    Customers are those of the assignment that stands, cut by the viewer's own policies: call it in the
    viewer's role. An audit row names the key clients shown.
    """
    moves = [move for move in moves if not move[2].is_empty]
    if not moves:
        return Bill(0.0)
    shapes = np.array([move[2] for move in moves], dtype=object)
    area = float(area_m2(shapes).sum())
    holders = _find_holders(session, moves)
    letters = len({row["staff_id"] for row in holders.values() if row["staff_id"] is not None})
    if session.info["viewer"].db_role == "getu_ground":
        return _bill_unseen(area, _list_hands(moves, holders, None), letters)
    counts, unplaced = _count_moved(session, plan, moves, holders)
    whole: Row = counts.get(None) or dict.fromkeys(_COUNTS, 0) | {"key_ids": []}
    key_ids: list[int] = whole["key_ids"] or []
    return Bill(
        area,
        int(whole["customers"]),
        int(whole["existing"]),
        int(whole["prospects"]),
        int(whole["households"]),
        float(whole["deposit_yuan"]),
        float(whole["loan_yuan"]),
        key_clients=_name_clients(session, plan, key_ids),
        key_count=len(key_ids),
        by_unit=int(whole["by_unit"]),
        unplaced=unplaced,
        managers=_list_hands(moves, holders, counts),
        letters=letters,
    )


def bill_difference(session: Session, difference: Difference) -> Bill:
    """The bill of one plan in place of another: all ground that comes to another grid, branch or manager."""
    return bill_moves(session, difference.before, difference.list_moves())


def _bill_unseen(area: float, hands: list[Row], letters: int) -> Bill:
    """For who draws the ground and sees nobody on it."""
    return Bill(area, None, None, None, None, None, None, [], None, None, None, hands, letters)


_COUNTS = ("customers", "existing", "prospects", "households", "deposit_yuan", "loan_yuan", "by_unit")


def _find_holders(session: Session, moves: Sequence[Move]) -> dict[int, Row]:
    ids = {grid for move in moves for grid in move[:2] if grid is not None}
    return {
        row["id"]: row for row in fetch_all(session, "customers/list_holders_of_grids", grids=sorted(ids))
    }


def _count_moved(
    session: Session, plan: Plan, moves: Sequence[Move], holders: dict[int, Row]
) -> tuple[dict[int | None, Row], int]:
    """Counts by number of the move (None: in all), and how many nobody can tell."""
    whole = _find_whole_grids(session, moves, holders)
    cut = {no: move for no, move in enumerate(moves) if no not in whole}
    ground = _find_unit_ground(session, list(cut.values()), holders)
    ground = [row for row in ground if row["grid_id"] not in whole.values()]
    units = list(_list_whole_units(cut, holders, ground))
    shapes = shapely.set_srid(np.array([move[2] for move in cut.values()], dtype=object), 4326)
    rows = fetch_all(
        session,
        "customers/count_moved",
        plan_id=plan.id,
        nos=list(cut),
        from_ids=[move[0] for move in cut.values()],
        pieces=list(shapely.to_wkb(shapes, include_srid=True)),
        unit_nos=[no for no, _ in units],
        unit_grids=[row["grid_id"] for _, row in units],
        units=[row["unit_code"] for _, row in units],
        whole_nos=list(whole),
        whole=list(whole.values()),
    )
    counts = {row["no"]: row for row in rows if row["customers"]}
    told = {(row["grid_id"], row["unit_code"]) for _, row in units}
    left = [row for row in ground if (row["grid_id"], row["unit_code"]) not in told]
    return counts, sum(row["pointless"] for row in left)


def _find_whole_grids(session: Session, moves: Sequence[Move], holders: dict[int, Row]) -> dict[int, int]:
    """Moves of all the ground of a grid that customers are assigned to, as it stands there: its number there.

    Everybody of such a grid moves, whatever his point; no ground has to be looked at.
    """
    codes = {no: holders[move[0]]["code"] for no, move in enumerate(moves) if move[0] in holders}
    if not codes:
        return {}
    rows = fetch_all(session, "customers/list_standing_grids", codes=sorted(set(codes.values())))
    standing = {row["code"]: row for row in rows}
    same = [no for no, code in codes.items() if code in standing]
    there = shapely.from_wkb([bytes(standing[codes[no]]["wkb"]) for no in same])
    pieces = np.array([moves[no][2] for no in same], dtype=object)
    equal = shapely.equals_exact(pieces, there, tolerance=0, normalize=True)
    # Ground that two grids claim afterwards leaves a grid twice; its people move once.
    first = {
        standing[codes[no]]["id"]: no for no, whole in zip(same[::-1], equal[::-1], strict=True) if whole
    }
    return {no: grid for grid, no in first.items()}


def _find_unit_ground(session: Session, moves: Sequence[Move], holders: dict[int, Row]) -> list[Row]:
    """The units of the grids that lose ground, each with its ground in the plan customers are assigned to."""
    units = sorted({code for grid in {move[0] for move in moves} for code in _find_units(holders, grid)})
    return fetch_all(session, "customers/list_unit_ground", units=units) if units else []


def _list_whole_units(
    moves: Mapping[int, Move], holders: dict[int, Row], ground: Sequence[Row]
) -> Iterator[tuple[int, Row]]:
    """(number of a move, unit) for every unit whose ground goes from one grid to one other, or to nobody."""
    rows_of: dict[str, list[Row]] = defaultdict(list)
    for row in ground:
        if row["pointless"]:
            rows_of[row["unit_code"]].append(row)
    hands: dict[tuple[int | None, int | None], list[int]] = defaultdict(list)
    for no, move in moves.items():
        hands[move[0], move[1]].append(no)
    for (loser, _), numbers in hands.items():
        pieces = np.array([moves[no][2] for no in numbers], dtype=object)
        size = float(shapely.area(pieces).sum())
        for code in _find_units(holders, loser):
            for row in rows_of[code]:
                if _goes_whole(row, pieces, size):
                    yield numbers[0], row


def _find_units(holders: dict[int, Row], grid: int | None) -> list[str]:
    return [] if grid is None or grid not in holders else list(holders[grid]["unit_codes"])


def _goes_whole(row: Row, pieces: Any, size: float) -> bool:
    unit = shapely.from_wkb(bytes(row["grid_wkb"]))
    if row["unit_wkb"] is not None:
        unit = shapely.intersection(unit, shapely.from_wkb(bytes(row["unit_wkb"])))
    least = WHOLE * unit.area
    return 0 < least <= size * 1.001 and bool(
        shapely.intersection(shapely.union_all(pieces), unit).area >= least
    )


def _name_clients(session: Session, plan: Plan, ids: Sequence[int]) -> list[dict[str, Any]]:
    if not ids:
        return []
    rows = fetch_all(session, "customers/list_key_names", ids=list(ids), limit=NAMED)
    record(session, "see_bill", subject=plan.code, customer_ids=[row["id"] for row in rows])
    return [{"name": mask_party(row["name"], row["kind"]), "tier": row["tier"]} for row in rows]


def _list_hands(
    moves: Sequence[Move], holders: dict[int, Row], counts: dict[int | None, Row] | None
) -> list[dict[str, Any]]:
    """Managers from → to with the customers that change between them, most customers first."""
    hands: dict[tuple[Any, ...], int] = defaultdict(int)
    for no, move in enumerate(moves):
        loser, winner = (holders.get(grid, {}) if grid is not None else {} for grid in move[:2])
        if loser.get("staff_id") != winner.get("staff_id"):
            pair = tuple(side.get(fact) for side in (loser, winner) for fact in ("manager_code", "manager"))
            hands[pair] += int(counts[no]["customers"]) if counts and no in counts else 0
    rows = sorted(hands.items(), key=lambda one: (-one[1], str(one[0])))
    return [
        {"from_code": a, "from": b, "to_code": c, "to": d, "customers": None if counts is None else number}
        for (a, b, c, d), number in rows
    ]
