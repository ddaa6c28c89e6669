"""What a whole run counts as it goes: grids, villages and its own totals, added up part by part."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.customers.counting import Columns, Tally, write_differences
from app.customers.grounds import Ground
from app.customers.outcome import Outcome
from app.customers.parts import Part
from app.db import fetch_all, run_statement

Rows = NDArray[np.void]
PAIR = np.dtype([("grid", "<i4"), ("home", "<i8")])


class RunCounts:
    """The counts of a run: add every part once, then write them in place of those before."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.tally, self.customers = ground, Tally(), 0
        self._codes: dict[int, str] = {}
        self._pairs: list[NDArray[np.void]] = []

    def add(self, session: Session, part: Part, rows: Rows, outcome: Outcome) -> None:
        """Take the customers of a part in, with the grids they are given."""
        unit, codes = self._units(session, part, rows["unit"])
        keys = np.append(self.ground.grid_keys, 0)[outcome.grid]
        existing = rows["standing"] == 0
        columns = Columns(
            grid_key=keys,
            unit=unit,
            unit_codes=codes,
            method=outcome.method,
            existing=existing,
            located=np.isfinite(rows["x"]),
            rung=rows["rung"],
            tier=rows["tier"],
            served=rows["served"],
        )
        self.tally.add_columns(columns)
        self.customers += len(rows)
        home = np.flatnonzero(existing & (outcome.grid >= 0) & (rows["household"] != 0))
        pairs = np.empty(len(home), dtype=PAIR)
        pairs["grid"], pairs["home"] = outcome.grid[home], rows["household"][home]
        self._pairs.append(_unique(pairs))

    def write(self, session: Session) -> None:
        """These counts stand from now on."""
        run_statement(session, "customers/clear_counts")
        run_statement(session, "customers/clear_village_counts")
        covered = {}
        if self._pairs:
            pairs = _unique(np.concatenate(self._pairs))
            held = np.bincount(pairs["grid"], minlength=len(self.ground.grid_keys))
            covered = dict(zip(self.ground.grid_keys.tolist(), held.tolist(), strict=True))
        write_differences(session, self.tally.grids, self.tally.villages, covered=covered)

    def _units(self, session: Session, part: Part, keys: NDArray[Any]) -> tuple[NDArray[Any], list[str]]:
        """Places (n,) in a list of village codes, -1 for none, and that list."""
        known, back = np.unique(keys, return_inverse=True)
        if not self._codes:
            self._codes = {row["key"]: row["code"] for row in fetch_all(session, "customers/list_unit_keys")}
        strays = [int(key) for key in known if key and int(key) not in self._codes]
        if strays:
            span = {"first": part.first, "beyond": part.beyond}
            rows = fetch_all(session, "customers/list_stray_units", keys=strays, **span)
            self._codes |= {row["key"]: row["code"] for row in rows}
        codes = [self._codes[int(key)] if key else "" for key in known]
        place = np.where(known != 0, np.arange(len(known)), -1)
        return place[back] if len(known) else np.empty(0, dtype=np.int64), codes


def _unique(pairs: NDArray[np.void]) -> NDArray[np.void]:
    """The different pairs; numpy's own `unique` of records compares them one by one in Python's way."""
    order = np.lexsort((pairs["home"], pairs["grid"]))
    pairs = pairs[order]
    first = np.ones(len(pairs), dtype=bool)
    first[1:] = (pairs["grid"][1:] != pairs["grid"][:-1]) | (pairs["home"][1:] != pairs["home"][:-1])
    return pairs[first]
