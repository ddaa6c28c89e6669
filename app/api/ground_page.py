"""The page of the ground desk at `/ground`: a plan checked, mended and edited on the map."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from app.api.pages import Chosen, Kept, choose_lang
from app.api.service import service_of
from app.api.shell import Parts, draw, enter
from app.maps.ground_desk import (
    SCRIPTS,
    STOPPED,
    STYLES,
    find_desk_plan,
    make_ground_config,
    make_plain_config,
)

router = APIRouter(tags=["pages 页面"], include_in_schema=False)


@router.get("/ground", response_class=HTMLResponse)
def show_ground(
    request: Request,
    plan: Annotated[str | None, Query(max_length=32)] = None,
    lang: Chosen = None,
    getu_lang: Kept = None,
) -> Response:
    """The ground of a plan for whoever sees ground; without a plan, what comes first."""
    visit = enter(request, choose_lang(lang, getu_lang))
    if isinstance(visit, Response):
        return visit
    with service_of(request).database.transaction(visit.person.viewer) as session:
        chosen = find_desk_plan(session, plan)
        if chosen is None or not visit.may("see_ground"):
            told = {"title": "ground_no_plan", "why": "ground_no_plan_why", "here": "ground"}
            if plan is not None:
                told |= {"title": "ground_no_such", "why": "ground_no_such_why"}
            link = {"link": "/imports" if visit.page.may_import else "/"}
            link["link_words"] = "ground_to_imports" if visit.page.may_import else "to_map"
            parts = Parts(STYLES, STOPPED, make_plain_config(visit.page))
            status = 200 if plan is None else 404
            return draw(session, visit, "stopped.html", parts=parts, status=status, **told, **link)
        config = make_ground_config(session, visit.page, chosen, rights=visit.person.rights)
        parts = Parts(STYLES, SCRIPTS, config)
        return draw(session, visit, "ground.html", parts=parts, here="ground", plan=chosen, may=config)
