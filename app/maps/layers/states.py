"""Legends of the grids' states: who holds them, what is offered, what is in dispute."""

from collections import Counter

from sqlalchemy.orm import Session

from app.db import fetch_all
from app.maps.ground import Ground
from app.maps.layers.entry import Class, Words

STATES: dict[str, tuple[Words, str]] = {
    "held": (("有经理", "Held"), "#b7d9d8"),
    "offered": (("分配待签收", "Offered, unanswered"), "#c9d5f8"),
    "vacant": (("尚无经理", "Vacant"), "#f3d9a4"),
    "contested": (("有争议（重叠、重复未决）", "Contested (open overlap)"), "#e8aca6"),
}


def tell_states(session: Session, ground: Ground) -> list[Class]:
    """Grids by state; each grid is in one: a dispute comes before an offer, an offer before a vacancy."""
    numbers = Counter(find_states(session, ground).values())
    return [
        Class(key, *words, "sw", numbers[key], colour, "state")
        for key, (words, colour) in STATES.items()
        if numbers.get(key)
    ]


def find_states(session: Session, ground: Ground) -> dict[int, str]:
    """Grid id -> state, of the grids in sight."""
    rows = fetch_all(session, "maps/list_states", **ground.asked)
    return {int(row["grid_id"]): str(row["state"]) for row in rows}
