"""Allotment: grids go from head office to branches to people; people leave and branches merge."""

from app.territory.allotment.answering import Answer, answer_offers
from app.territory.allotment.choosing import Choice
from app.territory.allotment.listing import count_board, list_allotments
from app.territory.allotment.offering import Offer, offer_grids
from app.territory.allotment.states import STATES

__all__ = [
    "STATES",
    "Answer",
    "Choice",
    "Offer",
    "answer_offers",
    "count_board",
    "list_allotments",
    "offer_grids",
]
