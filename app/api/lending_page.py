"""The page of the lending-area check at `/lending`: ask, read again, decide on exceptions."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.api.pages import Chosen, Kept, choose_lang
from app.api.service import service_of
from app.api.shell import Parts, draw, enter, find_plan
from app.maps.lending_page import SCRIPTS, STOPPED, STYLES, list_houses, make_lending_config

router = APIRouter(tags=["pages 页面"], include_in_schema=False)


@router.get("/lending", response_class=HTMLResponse)
def show_lending(request: Request, lang: Chosen = None, getu_lang: Kept = None) -> Response:
    """May this branch lend here; whoever may not ask is told that the page is not for him."""
    visit = enter(request, choose_lang(lang, getu_lang))
    if isinstance(visit, Response):
        return visit
    with service_of(request).database.transaction(visit.person.viewer) as session:
        ground = find_plan(session)
        may = visit.may("check_lending")
        houses = list_houses(session) if may else []
        config = make_lending_config(visit.page, ground, person=visit.person, houses=houses)
        if not may:
            told: dict[str, Any] = {"title": "lending_stopped", "why": "lending_stopped_why"}
            told |= {"link": "/", "link_words": "to_map"}
            parts = Parts(STYLES, STOPPED, config)
            return draw(session, visit, "stopped.html", parts=parts, status=403, here="", **told)
        return draw(session, visit, "lending.html", parts=Parts(STYLES, SCRIPTS, config), here="lending")
