"""The start page at `/home`: bank, branch or manager."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from app.api.indicators import read_asked
from app.api.pages import Chosen, Kept, choose_lang
from app.api.service import service_of
from app.api.shell import Parts, draw, enter
from app.maps import home_page as home
from app.marketing import indicators

router = APIRouter(tags=["pages 页面"], include_in_schema=False)
Text = Annotated[str | None, Query(max_length=64)]
STOPPED = {"title": "home_stopped", "why": "home_stopped_why", "link": "/", "link_words": "to_map"}
NEXT = {"head": "branch", "system": "branch", "branch_head": "manager", "manager": "grid"}


@router.get("/home", response_class=HTMLResponse)
def show_home(
    request: Request,
    month: Text = None,
    branch: Text = None,
    manager: Text = None,
    level: Annotated[str | None, Query(pattern="^(branch|manager|grid)$")] = None,
    lang: Chosen = None,
    getu_lang: Kept = None,
) -> Response:
    """Five indicators, what waits and the rows; who sees no customers is told that it is not for him."""
    visit = enter(request, choose_lang(lang, getu_lang))
    if isinstance(visit, Response):
        return visit
    tongue = visit.page.lang
    config: dict[str, Any] = {"lang": tongue, "csrf": visit.page.csrf, "words": {}}
    parts = Parts(home.STYLES, home.SCRIPTS, config)
    with service_of(request).database.transaction(visit.person.viewer) as session:
        if not visit.may("see_customers"):
            return draw(session, visit, "stopped.html", parts=parts, status=403, here="", **STOPPED)
        chosen = read_asked(month)
        scope = indicators.scope_of(visit.person, branch, manager)
        asked = {"branch": branch, "manager": manager, "month": month, "level": level}
        kind = level or ("grid" if manager else "manager" if branch else NEXT[visit.person.role])
        found = indicators.list_indicators(session, kind, chosen, scope)
        trend = indicators.list_trend(session, scope)
        # A manager sees more on the map than he is told of here: his links name him.
        links = asked if manager else {**asked, "manager": home.find_own_code(session, visit.person)}
        return draw(
            session,
            visit,
            "home.html",
            parts=parts,
            here="home",
            w=lambda key: home.word(key, tongue),
            cards=home.make_cards(found, trend, tongue, links),
            rows=home.make_rows(found, tongue, links),
            work=home.list_work(session, visit.person, tongue),
            months=home.list_months(indicators.this_month(), trend),
            found=found,
            asked=asked,
            subject=home.name_subject(found, asked),
            ask=lambda **other: home.ask(asked, **other),
            kind=kind,
            export=home.ask({**asked, "level": kind}).replace("/home", "/api/v1/indicators.csv"),
        )


@router.get("/home/{what}", response_class=HTMLResponse)
def show_changed(
    request: Request,
    what: Literal["loss", "results"],
    branch: Text = None,
    manager: Text = None,
    lang: Chosen = None,
    getu_lang: Kept = None,
) -> Response:
    """The customers behind this month's loss or results, masked and audited, with their grids."""
    visit = enter(request, choose_lang(lang, getu_lang))
    if isinstance(visit, Response):
        return visit
    tongue = visit.page.lang
    parts = Parts(home.STYLES, home.SCRIPTS, {"lang": tongue, "csrf": visit.page.csrf, "words": {}})
    with service_of(request).database.transaction(visit.person.viewer) as session:
        if not visit.may("see_customers"):
            return draw(session, visit, "stopped.html", parts=parts, status=403, here="", **STOPPED)
        scope = indicators.scope_of(visit.person, branch, manager)
        found = indicators.list_changed(session, what, scope)
        return draw(
            session,
            visit,
            "home_rows.html",
            parts=parts,
            here="home",
            w=lambda key: home.word(key, tongue),
            what=what,
            found=found,
            more=home.word("first_rows", tongue, n=len(found["rows"]), total=found["total"]),
            back=home.ask({"branch": branch, "manager": manager}),
        )
