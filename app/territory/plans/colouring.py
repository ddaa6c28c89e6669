"""Colours of grids: one a manager, neighbours never alike, kept from month to month."""

from collections import Counter

import numpy as np
from sqlalchemy.orm import Session

from app.db import run_statement
from app.models import Plan
from app.spatial.colour import assign_colours
from app.spatial.topology import neighbours
from app.territory.plans.listing import GridSet, load_grids

UNHELD = -1
"""Colour number of a grid that nobody holds; all others are places in `spatial.colour.PALETTE`."""


def colour_grids(session: Session, plan: Plan) -> int:
    """Give every grid its manager's place in the palette (-1 for nobody); returns how many colours are used.

    Two managers whose grids touch never get the same; a manager keeps the number he had.
    """
    grids = load_grids(session, plan)
    managers = sorted({held for held in grids.column("manager_id") if held is not None})
    row_of = {manager: row for row, manager in enumerate(managers)}
    holders = [row_of.get(held, -1) for held in grids.column("manager_id")]
    pairs = {
        (holders[a], holders[b]) for a, b in neighbours(grids.shapes) if -1 not in (holders[a], holders[b])
    }
    colours = assign_colours(len(managers), sorted(pairs), previous=_former(grids, managers))
    run_statement(
        session,
        "territory/paint_grids",
        grid_ids=grids.column("id"),
        colours=[int(colours[row]) if row >= 0 else UNHELD for row in holders],
    )
    return len(np.unique(colours))


def _former(grids: GridSet, managers: list[int]) -> list[int]:
    """The palette place each manager had on most of his grids, -1 for none."""
    seen: dict[int, Counter[int]] = {}
    for row in grids.rows:
        if row["manager_id"] is not None and row["colour_no"] > UNHELD:
            seen.setdefault(row["manager_id"], Counter())[row["colour_no"]] += 1
    return [seen[manager].most_common(1)[0][0] if manager in seen else -1 for manager in managers]
