"""The page of the placement desk at `/placement`; its scripts ask for funnel, lists and cases themselves."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.api.pages import Chosen, Kept, choose_lang
from app.api.service import service_of
from app.api.shell import Parts, draw, enter
from app.maps.placement import SCRIPTS, STOPPED, STYLES, make_placement_config, make_plain_config

router = APIRouter(tags=["pages 页面"], include_in_schema=False)
BACK = {"link": "/", "link_words": "to_map"}


@router.get("/placement", response_class=HTMLResponse)
def show_placement(request: Request, lang: Chosen = None, getu_lang: Kept = None) -> Response:
    """The placement desk of whoever may place customers; others are told that they may not."""
    visit = enter(request, choose_lang(lang, getu_lang))
    if isinstance(visit, Response):
        return visit
    with service_of(request).database.transaction(visit.person.viewer) as session:
        if not visit.may("place_customers"):
            parts = Parts(STYLES, STOPPED, make_plain_config(visit.page))
            told = {"title": "no_placing", "why": "no_placing_why", "here": "", **BACK}
            return draw(session, visit, "stopped.html", parts=parts, status=403, **told)
        config = make_placement_config(session, visit.page, rights=visit.person.rights)
        parts = Parts(STYLES, SCRIPTS, config)
        return draw(session, visit, "placement.html", parts=parts, here="placement", may=config)
