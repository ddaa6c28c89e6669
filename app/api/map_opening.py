"""The map as it opens, kept like a tile: drawn once for equal rights and equal data."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.access import Person
from app.api.errors import PROBLEMS
from app.api.known import known
from app.api.service import Service, service_of
from app.api.tiles import give_tile
from app.db import Viewer
from app.maps.facts import find_facts
from app.maps.opening import draw_opening
from app.maps.tiles import SHELF, Form, Sight, Tile, choose_form, look_sight
from app.maps.words import Lang

router = APIRouter(prefix="/api/v1/map", tags=["map 地图"], responses=PROBLEMS)
Known = Annotated[Person, known("see_ground")]


@router.get("/opening", response_class=Response, responses={200: {"content": {"application/json": {}}}})
async def show_opening(request: Request, person: Known, lang: Lang = "zh", v: str = "") -> Response:
    """What the map shows before its first tile: areas, lines, names and symbols as the viewer may see them.

    Corners are EPSG:3857 pixels of one zoom. 304 where the browser has this state of the data already.
    """
    service = service_of(request)
    form = choose_form(request.headers.get("accept-encoding", ""))
    wish = Wish(service, person.viewer, lang, sees_customers="see_customers" in person.rights)
    sight = service.sights.find(person.viewer, version=v)
    kept = None if sight is None else SHELF.find(wish.key(sight))
    if kept is None:
        whose = ("opening", person.viewer, lang, wish.sees_customers, v)
        kept = await service.seats.draw(whose, lambda: wish.draw(version=v, form=form))
    answer = give_tile(kept, form, known=request.headers.get("if-none-match", ""))
    answer.headers["Content-Type"] = "application/json"
    return answer


@dataclass(frozen=True)
class Wish:
    """An opening map that somebody wants."""

    service: Service
    viewer: Viewer
    lang: Lang
    # A key that may see the ground only is shown no customers, whatever its database role could read.
    sees_customers: bool

    def key(self, sight: Sight) -> tuple[Hashable, ...]:
        """What it is kept by: equal keys are equal bytes for equal rights."""
        place = self.service.database.url
        return ("opening", place, sight.scope, sight.version, self.lang, self.sees_customers)

    def draw(self, *, version: str, form: Form) -> Tile:
        """The opening map from the shelf, or drawn now; `version` is the state the page speaks of."""
        sights, database = self.service.sights, self.service.database
        sight = sights.find(self.viewer, version=version)
        if sight is None:
            sight = sights.keep(self.viewer, look_sight(database, self.viewer), version=version)
        kept = SHELF.find(self.key(sight))
        if kept is None:
            with database.transaction(self.viewer) as session:
                facts = find_facts(session)
                drawn = draw_opening(session, facts, lang=self.lang, clients=self.sees_customers)
            kept = Tile(drawn, version=sight.version, form=form)
            SHELF.keep(self.key(sight), kept)
        return kept
