"""Penetration of villages and communities: customers placed in each, of its households and residents."""

from sqlalchemy.orm import Session

from app.db import fetch_all
from app.maps.ground import Ground
from app.maps.layers.entry import Class, Words
from app.maps.layers.measures import Measure, Rows, note_measures, tell_measures

# Branches and managers see grids; a village may be held by several, so its sum is told to who sees the bank.
BANK_ROLES = frozenset({"getu_head", "getu_work", "getu_ground"})
VILLAGE_MEASURES = (
    Measure("village", "existing", ("households",), "存量客户 ÷ 村内家庭", "Customers ÷ village households"),
    Measure("resident", "existing", ("residents",), "存量客户 ÷ 村内人口", "Customers ÷ village residents"),
)


def list_villages(session: Session) -> Rows:
    """The counts of each village and community."""
    return fetch_all(session, "maps/list_village_rates")


def tell_villages(session: Session, ground: Ground) -> list[Class]:
    """Villages by class of both measures."""
    return tell_measures(list_villages(session), VILLAGE_MEASURES)


def note_villages(session: Session, ground: Ground) -> dict[str, Words]:
    """Both measures with numerator and denominator over all villages."""
    return note_measures(list_villages(session), VILLAGE_MEASURES)
