"""The full recount 重新计数: what the counts would be if nobody had kept them, and whether they are that."""

from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.customers.assignment import take_turn
from app.customers.counting import ADDS, WIDTH, change_totals, write_totals
from app.db import fetch_all, fetch_one, run_statement

Row = dict[str, Any]
TOTALS = ("total", "assigned", "contested", "outside", "unlocated", "by_method", "unassigned")


def check_counts(session: Session) -> dict[str, Any]:
    """Where the counts kept differ from a recount: `grids` and `villages` as (code, kept, counted) rows,
    `run` as the current run's totals kept and counted (None while they agree), and `same`.

    Nothing is written; other writers wait. In the worker's hand.
    """
    take_turn(session)
    run = fetch_one(session, "customers/find_current_run")
    kept = None if run is None else {name: run[name] for name in TOTALS}
    counted = None if run is None else _recount_run(session)
    found: dict[str, Any] = {
        "grids": fetch_all(session, "customers/check_grid_counts"),
        "villages": fetch_all(session, "customers/check_village_counts"),
        "run": None if kept == counted else {"kept": kept, "counted": counted},
    }
    return {**found, "same": not any(found.values())}


def recount(session: Session) -> dict[str, Any]:
    """Count grids, villages and the current run's totals anew; what differed before. In the worker's hand."""
    found = check_counts(session)
    if found["grids"]:
        run_statement(session, "customers/clear_counts")
        run_statement(session, "customers/recount_grids")
    if found["villages"]:
        recount_villages(session)
    run = fetch_one(session, "customers/find_current_run")
    if found["run"] and run is not None:
        write_totals(session, run["id"], found["run"]["counted"])
    return found


def recount_villages(session: Session) -> None:
    """Count all villages anew. In the worker's hand."""
    run_statement(session, "customers/clear_village_counts")
    run_statement(session, "customers/recount_villages")


def _recount_run(session: Session) -> Row:
    """The totals of a run in which every customer stands as he does."""
    methods = {}
    for row in fetch_all(session, "customers/tally_run"):
        adds = np.zeros(WIDTH, dtype=np.int64)
        for name in ("existing", "prospects", "located_existing"):
            adds[ADDS.index(name)] = row[name]
        adds[len(ADDS) :] = row["rungs"]
        methods[row["method"]] = adds
    return change_totals({"by_method": {}, "unassigned": {}}, methods)
