"""Counts 计数 of grids, villages and the run: every write of customers brings its own difference along.

Whoever changes customers, their placements or their grids wraps it in `keep_counts`; a file that lands as a
block of its own says what its columns add (`Tally.add_columns`, `count_block`). After any work the counts
are those of a full recount (`app.customers.recounting`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.customers.outcome import FILED, LADDER, METHODS, TIERS, VISITED
from app.customers.sums import Pile, Sums, sum_by
from app.db import ask_driver, fetch_all, fetch_one, run_statement

Ints = NDArray[np.int64]
# What one customer adds; the order of `tally_customers.sql`.
ADDS = ("existing", "prospects", "located_existing", "strategic", "key", "filed", "visited", "assigned")
WIDTH = len(ADDS) + len(LADDER)
GRID_ADDS = tuple(name for name in ADDS if name != "assigned")
VILLAGE_ADDS = tuple(name for name in ADDS if name != "located_existing")
# Which total of a run a method counts into; the others are assigned.
TOTALS = {"contested": "contested", "outside": "outside", "unlocated": "unlocated"}
OF_GRID, OF_VILLAGE, OF_METHOD = 0b011, 0b101, 0b110


@dataclass
class Tally:
    """What some customers add: vectors (WIDTH,) by grid key, by village code and by method of assignment.

    `homes` are the (grid key, household number) that they cover.
    """

    grids: dict[int, Ints] = field(default_factory=dict)
    villages: dict[str, Ints] = field(default_factory=dict)
    methods: dict[str, Ints] = field(default_factory=dict)
    homes: set[tuple[int, str]] = field(default_factory=set)

    def add(self, other: "Tally") -> None:
        """Take another tally into this one: of other customers."""
        for mine, theirs in (
            (self.grids, other.grids),
            (self.villages, other.villages),
            (self.methods, other.methods),
        ):
            _add_into(mine, theirs)
        self.homes |= other.homes

    def add_columns(self, columns: "Columns") -> None:
        """Take customers in, told in columns; their households are not (see `count_block`)."""
        added = columns.sum_up()
        _add_into(self.grids, added.grids.as_dict())
        _add_into(self.villages, added.villages.as_dict())
        _add_into(self.methods, added.methods.as_dict())


@dataclass(frozen=True)
class Columns:
    """Customers in columns of one length: how they count.

    `grid_key` 0 and `unit` -1 are none; `unit` are places in `unit_codes`; `method` is a place in METHODS;
    `tier` one in TIERS; `served` has the bits FILED and VISITED (this month).
    """

    grid_key: NDArray[Any]
    unit: NDArray[Any]
    unit_codes: Sequence[str]
    method: NDArray[Any]
    existing: NDArray[np.bool_]
    located: NDArray[np.bool_]
    rung: NDArray[Any]
    tier: NDArray[Any]
    served: NDArray[Any]

    def vectors(self) -> NDArray[np.bool_]:
        """What each adds (n, WIDTH)."""
        first = [
            self.existing,
            ~self.existing,
            self.existing & self.located,
            self.tier == TIERS.index("strategic"),
            self.tier == TIERS.index("key"),
            self.existing & (self.served & FILED > 0),
            self.existing & (self.served & VISITED > 0),
            np.asarray(self.grid_key) != 0,
        ]
        return np.stack([*first, *(self.rung == rung for rung in LADDER)], axis=1)

    def sum_up(self) -> "Added":
        """What they add together: by grid key, village code and method."""
        adds = self.vectors()
        units, methods = sum_by(self.unit, adds, skip=-1), sum_by(self.method, adds, skip=-1)
        return Added(
            sum_by(np.asarray(self.grid_key), adds, skip=0),
            Sums([self.unit_codes[at] for at in units.keys], units.sums),
            Sums([METHODS[at] for at in methods.keys], methods.sums),
        )


@dataclass(frozen=True)
class Added:
    """What customers of one slice add, by grid key, village code and method; small to send."""

    grids: Sums
    villages: Sums
    methods: Sums


@dataclass
class Adding:
    """What the slices of a file add, piled up; their households are not (see `count_block`)."""

    grids: Pile = field(default_factory=Pile)
    villages: Pile = field(default_factory=Pile)
    methods: Pile = field(default_factory=Pile)

    def add(self, added: Added) -> None:
        """One slice more."""
        self.grids.add(added.grids)
        self.villages.add(added.villages)
        self.methods.add(added.methods)

    def as_tally(self) -> Tally:
        """All of it."""
        return Tally(self.grids.as_dict(), self.villages.as_dict(), self.methods.as_dict())


def _add_into(mine: dict[Any, Ints], theirs: dict[Any, Ints]) -> None:
    for key, row in theirs.items():
        mine[key] = mine[key] + row if key in mine else row


@contextmanager
def keep_counts(session: Session, ids: Sequence[int]) -> Iterator[None]:
    """Whatever happens to these customers within, the counts and the totals follow. In the worker's hand.

    Customers, placements and assignments may change, come (ids that do not exist yet count nothing) and go.
    Within another one of the same customers it does nothing: the outer one counts.
    """
    wanted = list(ids)
    counted: set[int] = session.info.get("counted", set())
    if counted.issuperset(wanted):
        yield
        return
    before = tally_customers(session, wanted)
    session.info["counted"] = counted | set(wanted)
    try:
        yield
    finally:
        session.info["counted"] = counted
    count_changes(session, before, tally_customers(session, wanted), ids=wanted)


def tally_customers(session: Session, ids: Sequence[int]) -> Tally:
    """What these customers add to the counts now."""
    if not ids:
        return Tally()
    tally = _read_tally(fetch_all(session, "customers/tally_customers", ids=list(ids)))
    rows = fetch_all(session, "customers/list_homes", ids=list(ids))
    tally.homes = {(row["grid_key"], row["household_no"]) for row in rows}
    return tally


def tally_range(session: Session, low: int, high: int) -> Tally:
    """What the customers with ids from `low` to below `high` add now, but for their households."""
    return _read_tally(fetch_all(session, "customers/tally_range", low=low, high=high))


def _read_tally(rows: Sequence[dict[str, Any]]) -> Tally:
    tally = Tally()
    for row in rows:
        adds = np.array(row["adds"], dtype=np.int64)
        if row["of_what"] == OF_GRID and row["grid_key"] is not None:
            tally.grids[row["grid_key"]] = adds
        elif row["of_what"] == OF_VILLAGE and row["unit_code"] is not None:
            tally.villages[row["unit_code"]] = adds
        elif row["of_what"] == OF_METHOD and row["method"] is not None:
            tally.methods[row["method"]] = adds
    return tally


def tally_facts(facts: Sequence[dict[str, Any]], standing: Mapping[int, tuple[int, str]]) -> Tally:
    """What customers (rows of `read_facts`) add when they stand so: id → (grid key or 0, method)."""
    tally = Tally()
    if not facts:
        return tally
    held = [standing[row["id"]] for row in facts]
    unit_codes = sorted({row["unit_code"] for row in facts if row["unit_code"] is not None})
    places = {code: place for place, code in enumerate(unit_codes)}

    def column(name: str) -> NDArray[Any]:
        return np.array([row[name] for row in facts])

    tally.add_columns(
        Columns(
            grid_key=np.array([key for key, _ in held], dtype=np.int64),
            unit=np.array([places.get(row["unit_code"], -1) for row in facts]),
            unit_codes=unit_codes,
            method=np.array([METHODS.index(method) for _, method in held]),
            existing=column("existing"),
            located=column("located"),
            rung=column("rung"),
            tier=np.array([TIERS.index(row["tier"]) for row in facts]),
            served=column("filed") * FILED + column("visited") * VISITED,
        )
    )
    tally.homes = {
        (key, row["household_no"])
        for row, (key, _) in zip(facts, held, strict=True)
        if key and row["existing"] and row["household_no"] is not None
    }
    return tally


def count_changes(session: Session, before: Tally, after: Tally, *, ids: Sequence[int]) -> None:
    """Write the difference of two tallies of the same customers (`ids`), taken before and after a write."""
    count_places(session, before, after, ids=ids)
    _write_totals(session, differ(before.methods, after.methods))


def count_places(session: Session, before: Tally, after: Tally, *, ids: Sequence[int]) -> None:
    """As `count_changes`, but for the run's totals."""
    covered = _count_covered(session, before, after, ids)
    grids, villages = differ(before.grids, after.grids), differ(before.villages, after.villages)
    write_differences(session, grids, villages, covered=covered)


def count_block(session: Session, tally: Tally, *, covered: dict[int, int]) -> None:
    """Write what a block of new customers adds; `covered` are households newly covered, by grid key.

    The run's totals are its caller's: a load closes a run of its own.
    """
    write_differences(session, tally.grids, tally.villages, covered=covered)


def differ(before: dict[Any, Ints], after: dict[Any, Ints]) -> dict[Any, Ints]:
    """What the second adds to the first, by key; keys of no difference are left out."""
    none = np.zeros(WIDTH, dtype=np.int64)
    differences = {key: after.get(key, none) - before.get(key, none) for key in {*before, *after}}
    return {key: row for key, row in differences.items() if row.any()}


def _count_covered(session: Session, before: Tally, after: Tally, ids: Sequence[int]) -> dict[int, int]:
    """Households covered more or fewer, by grid key: those that came or went and that nobody else covers."""
    changed = sorted(before.homes ^ after.homes)
    covered: dict[int, int] = {}
    if not changed:
        return covered
    grids, homes = (list(column) for column in zip(*changed, strict=True))
    lone = ask_driver(session, "customers/list_lone_homes", grids=grids, homes=homes, ids=list(ids))
    for row in lone:
        key = (row["grid_key"], row["household_no"])
        covered[key[0]] = covered.get(key[0], 0) + (1 if key in after.homes else -1)
    return covered


def write_differences(
    session: Session, grids: dict[int, Ints], villages: dict[str, Ints], *, covered: dict[int, int]
) -> None:
    """Add these vectors to the counts of grids and villages; rows that hold nobody go."""
    keys = sorted({*grids, *(key for key, count in covered.items() if count)})
    none = np.zeros(WIDTH, dtype=np.int64)
    if keys:
        rows = [
            {
                "grid_key": key,
                **_named(grids.get(key, none), GRID_ADDS),
                "covered_households": covered.get(key, 0),
            }
            for key in keys
        ]
        held = ask_driver(session, "customers/add_to_grid_counts", rows=json.dumps(rows))
        emptied = [row["grid_key"] for row in held if not row["held"]]
        if emptied:
            run_statement(session, "customers/drop_empty_grid_counts", keys=emptied)
    if villages:
        rows = [{"unit_code": key, **_named(row, VILLAGE_ADDS)} for key, row in villages.items()]
        held = ask_driver(session, "customers/add_to_village_counts", rows=json.dumps(rows))
        emptied = [row["unit_code"] for row in held if not row["held"]]
        if emptied:
            run_statement(session, "customers/drop_empty_village_counts", keys=emptied)


def _named(adds: Ints, names: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {name: int(adds[ADDS.index(name)]) for name in names}
    return {**told, "rungs": adds[len(ADDS) :].tolist()}


def _write_totals(session: Session, methods: dict[str, Ints]) -> None:
    """The current run's totals gain and lose what its customers do."""
    run = fetch_one(session, "customers/find_current_run") if methods else None
    if run is not None:
        write_totals(session, run["id"], change_totals(run, methods))


def change_totals(totals: dict[str, Any], methods: dict[str, Ints]) -> dict[str, Any]:
    """A run's totals (total, assigned … by_method, unassigned) when these vectors by method are added."""
    by_method = {name: int(totals["by_method"].get(name, 0)) for name in METHODS}
    none = np.zeros(WIDTH, dtype=np.int64)
    for name, adds in methods.items():
        by_method[name] += int(adds[0] + adds[1])
        none = none + (adds if TOTALS.get(name) in ("outside", "unlocated") else 0)
    return {**sum_methods(by_method), "unassigned": _add_unassigned(totals["unassigned"], none)}


def sum_methods(by_method: dict[str, int]) -> dict[str, Any]:
    """total, assigned, contested, outside, unlocated and by_method of a run."""
    totals = dict.fromkeys(("assigned", "contested", "outside", "unlocated"), 0)
    for method, count in by_method.items():
        totals[TOTALS.get(method, "assigned")] += count
    return {"total": sum(by_method.values()), **totals, "by_method": by_method}


def _add_unassigned(unassigned: dict[str, Any], adds: Ints) -> dict[str, Any]:
    rungs = unassigned.get("rungs") or [0] * len(LADDER)
    first = {
        name: int(unassigned.get(name, 0)) + int(adds[ADDS.index(name)])
        for name in ("existing", "prospects", "located_existing")
    }
    return {**first, "rungs": [int(a) + int(b) for a, b in zip(rungs, adds[len(ADDS) :], strict=True)]}


def write_totals(session: Session, run_id: int, totals: dict[str, Any]) -> None:
    """A run has these totals."""
    words = {key: json.dumps(totals[key]) for key in ("by_method", "unassigned")}
    numbers = {key: totals[key] for key in ("total", "assigned", "contested", "outside", "unlocated")}
    run_statement(session, "customers/add_to_run", run_id=run_id, **numbers, **words)
