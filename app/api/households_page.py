"""The page of households at `/households`; its scripts ask for the list and for each household themselves."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.api.pages import Chosen, Kept, choose_lang
from app.api.service import service_of
from app.api.shell import Parts, draw, enter
from app.maps.households import SCRIPTS, STOPPED, STYLES, make_households_config

router = APIRouter(tags=["pages 页面"], include_in_schema=False)
BACK = {"link": "/", "link_words": "to_map", "here": ""}


@router.get("/households", response_class=HTMLResponse)
def show_households(request: Request, lang: Chosen = None, getu_lang: Kept = None) -> Response:
    """The households of whoever may place customers; others are told that they may not."""
    visit = enter(request, choose_lang(lang, getu_lang))
    if isinstance(visit, Response):
        return visit
    config = make_households_config(visit.page, rights=visit.person.rights)
    with service_of(request).database.transaction(visit.person.viewer) as session:
        if not visit.may("place_customers"):
            parts = Parts(STYLES, STOPPED, config)
            told = {"title": "homes_stopped", "why": "homes_stopped_why", **BACK}
            return draw(session, visit, "stopped.html", parts=parts, status=403, **told)
        parts = Parts(STYLES, SCRIPTS, config)
        return draw(session, visit, "households.html", parts=parts, here="placement", may=config)
