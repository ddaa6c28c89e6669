"""Allotment: grids go from head office to branches to people; people leave and branches merge."""

from app.territory.allotment.answering import Answer, answer_offers
from app.territory.allotment.changes import Ask, find_change, list_changes, show_change
from app.territory.allotment.choosing import Choice
from app.territory.allotment.listing import count_board, list_allotments
from app.territory.allotment.offering import Offer, offer_grids
from app.territory.allotment.staffing import (
    apply_change,
    cancel_change,
    end_leave,
    settle_changes,
    undo_change,
)
from app.territory.allotment.states import STATES

__all__ = [
    "STATES",
    "Answer",
    "Ask",
    "Choice",
    "Offer",
    "answer_offers",
    "apply_change",
    "cancel_change",
    "count_board",
    "end_leave",
    "find_change",
    "list_allotments",
    "list_changes",
    "offer_grids",
    "settle_changes",
    "show_change",
    "undo_change",
]
