"""The layers of the map as they are switched on: legend with class counts, explanation, style."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.maps.facts import find_facts, list_people
from app.maps.layers import tell_layer_of
from app.maps.telling import tell_layer
from app.maps.words import Lang

router = APIRouter(prefix="/api/v1/map", tags=["map 地图"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
Key = Annotated[str, Path(max_length=40)]


@router.get("/legend/{layer}")
def show_legend(layer: Key, asked: Sees, response: Response, lang: Lang = "zh") -> dict[str, Any]:
    """A layer's legend as the viewer's map shows it, what it means, and the style that draws it.

    404 for a layer that there is not, or that this viewer may not see.
    """
    response.headers["Cache-Control"] = "private, no-cache"
    found = tell_layer_of(asked.session, layer)
    return tell_layer(asked.session, found, facts=find_facts(asked.session), lang=lang)


@router.get("/people")
def list_all(asked: Sees, response: Response) -> dict[str, Any]:
    """The branches and managers in sight that hold ground of the drawn plan, each with the box of its ground
    (degrees, EPSG:4326): what the map's filter is chosen from."""
    response.headers["Cache-Control"] = "private, no-cache"
    return list_people(find_facts(asked.session))
