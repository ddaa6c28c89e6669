"""The page of plans at `/plans`: each role its own part; its scripts ask for plans and offers themselves."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.api.pages import Chosen, Kept, choose_lang
from app.api.service import service_of
from app.api.shell import Parts, draw, enter
from app.maps.plans_page import SCRIPTS, STYLES, list_tabs, make_plans_config

router = APIRouter(tags=["pages 页面"], include_in_schema=False)


@router.get("/plans", response_class=HTMLResponse)
def show_plans(request: Request, lang: Chosen = None, getu_lang: Kept = None) -> Response:
    """Plans, their differences, the allotment, changes of people, who was responsible: cut by role."""
    visit = enter(request, choose_lang(lang, getu_lang))
    if isinstance(visit, Response):
        return visit
    with service_of(request).database.transaction(visit.person.viewer) as session:
        config = make_plans_config(session, visit.page, rights=visit.person.rights)
        tabs = list_tabs(visit.page.role)
        return draw(
            session, visit, "plans.html", parts=Parts(STYLES, SCRIPTS, config), here="plans", tabs=tabs
        )
