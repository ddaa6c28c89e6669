"""Cards of the map beside the grid's: village, manager, branch, customer; who answers to the filter."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict

from app.api.customers import ONE, CustomerPage
from app.api.errors import PROBLEMS
from app.api.lists import Filtered
from app.api.map_filter import DESCRIBED, MapFiltered
from app.api.session import Asked, allowed
from app.maps import customer_card, ground_cards, sight
from app.maps.card_words import ROOMS
from app.maps.filtering import CustomerFilter, read_filter
from app.maps.words import Lang

router = APIRouter(prefix="/api/v1", tags=["cards 卡片"], responses=PROBLEMS)
Ground = Annotated[Asked, allowed("see_ground")]
Sees = Annotated[Asked, allowed("see_customers")]
Number = Annotated[int, Path(ge=0, lt=2**63)]
After = Annotated[int, Query(ge=0, lt=2**63)]
Limit = Annotated[int, Query(ge=1, le=200)]
COUNT: dict[str, Any] = {
    "n": 214,
    "of": 890012,
    "grids": 24,
    "covered": {"n": 3180, "of": 12046},
    "filter": {"branch": "B017", "tier": "key"},
}


class FilterCount(BaseModel):
    """`n` customers of `of` in the viewer's grids answer to the filter; `grids` lie in its ground, `covered`
    of their households are served."""

    model_config = ConfigDict(json_schema_extra={"example": COUNT})
    n: int
    of: int
    grids: int
    covered: dict[str, int]
    filter: dict[str, str]


class Card(BaseModel):
    """A card: what it is of, its numbers, the rows behind them."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"example": {"id": 7, "code": "M0101", "name": "陆志明", "grids": []}},
    )
    id: int
    name: str


class CustomerCard(Card):
    """A customer's card, masked."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"example": {**ONE, "visits": [], "links": [], "products": [], "household": None}},
    )


def _read_paged(request: Request) -> CustomerFilter:
    asked = {name: text for name, text in request.query_params.items() if name not in ("after", "limit")}
    return read_filter(asked)


Paged = Annotated[CustomerFilter, Depends(_read_paged)]


@router.get("/map/words/{room}", response_model=dict[str, str])
def tell_words(room: Literal["cards", "tools"], asked: Ground, lang: Lang = "zh") -> Any:
    """The words of a part of the map that opens later."""
    return {key: pair[0 if lang == "zh" else 1] for key, pair in ROOMS[room].items()}


@router.get("/map/count", response_model=FilterCount, openapi_extra=DESCRIBED)
def count(asked: Sees, wanted: MapFiltered) -> Any:
    """How many customers of the viewer's grids answer to the map's filter, of how many."""
    return sight.count_filtered(asked.session, wanted)


@router.get("/map/customers", response_model=CustomerPage, openapi_extra=DESCRIBED)
def list_filtered(asked: Sees, wanted: Paged, after: After = 0, limit: Limit = 50) -> Any:
    """Those who answer to the map's filter, masked, a page at a time; audited."""
    return sight.list_filtered(asked.session, wanted, vault=asked.service.vault, after=after, limit=limit)


@router.get("/managers/{manager_id}/card", response_model=Card)
def show_manager(manager_id: Number, asked: Ground) -> Any:
    """A manager's card: his branch, his grids in sight, their sums."""
    return ground_cards.show_manager(asked.session, manager_id)


@router.get("/branches/{branch_id}/card", response_model=Card)
def show_branch(branch_id: Number, asked: Ground) -> Any:
    """A branch's card with all below it: managers, outlets, grids in sight, their sums."""
    return ground_cards.show_branch(asked.session, branch_id)


@router.get("/villages/{village_id}/card", response_model=Card)
def show_village(village_id: Number, asked: Ground) -> Any:
    """An official place's card (by the id of its unit): its grids in sight, and who is placed in it."""
    return ground_cards.show_village(asked.session, village_id)


@router.get("/villages/{village_id}/customers", response_model=CustomerPage)
def list_village(
    village_id: Number, asked: Sees, filters: Filtered, after: After = 0, limit: Limit = 50
) -> Any:
    """The customers placed in a village, of the grids in sight, masked, a page at a time; audited."""
    return ground_cards.list_village(
        asked.session, village_id, vault=asked.service.vault, who=filters, page=(after, limit)
    )


@router.get("/customers/{customer_id}/360", response_model=CustomerCard)
def show_customer(customer_id: Number, asked: Sees) -> Any:
    """One customer whole: place, grid and holders, household, products, visits, links, source; audited."""
    return customer_card.show_customer_card(asked.session, customer_id, vault=asked.service.vault)
