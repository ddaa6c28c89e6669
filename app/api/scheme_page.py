"""The page of responsibility at `/scheme`: progress, targets, contacts, checklists, problems."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.api.pages import Chosen, Kept, choose_lang
from app.api.service import service_of
from app.api.shell import Parts, draw, enter, find_plan
from app.maps.scheme import SCRIPTS, STOPPED, STYLES, make_scheme_config

router = APIRouter(tags=["pages 页面"], include_in_schema=False)


@router.get("/scheme", response_class=HTMLResponse)
def show_scheme(request: Request, lang: Chosen = None, getu_lang: Kept = None) -> Response:
    """Who answers for what in the viewer's grids; who sees no customers is told that it is not for him."""
    visit = enter(request, choose_lang(lang, getu_lang))
    if isinstance(visit, Response):
        return visit
    with service_of(request).database.transaction(visit.person.viewer) as session:
        ground = find_plan(session)
        config = make_scheme_config(visit.page, ground, rights=visit.person.rights)
        if not visit.may("see_customers"):
            told: dict[str, Any] = {
                "title": "scheme_stopped",
                "why": "scheme_stopped_why",
                "link": "/",
                "link_words": "to_map",
            }
            parts = Parts(STYLES, STOPPED, config)
            return draw(session, visit, "stopped.html", parts=parts, status=403, here="", **told)
        if ground is None:
            told = {"title": "scheme_no_plan", "why": "scheme_no_plan_why"}
            told |= {"link": "/plans", "link_words": "to_plans"}
            parts = Parts(STYLES, STOPPED, config)
            return draw(session, visit, "stopped.html", parts=parts, here="scheme", **told)
        return draw(session, visit, "scheme.html", parts=Parts(STYLES, SCRIPTS, config), here="scheme")
