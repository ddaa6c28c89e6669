"""Customers in grids that are only drawn: those of a draft, to which nobody is assigned yet."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.db import fetch_all


def count_in_grids(session: Session, grid_ids: Sequence[int]) -> dict[int, int]:
    """Customers with a point in grids of any plan, by grid id; who the viewer does not see is not counted."""
    rows = fetch_all(session, "customers/count_in_drawn_grids", grids=list(grid_ids)) if grid_ids else []
    return {row["id"]: row["customers"] for row in rows}
