"""The pages of the import desk: drop and list at `/imports`, one import at `/imports/{id}`."""

import secrets
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Person
from app.api.pages import Chosen, Kept, answer, choose_lang, write
from app.api.service import service_of
from app.api.session import find_person
from app.errors import NotFound
from app.maps.assets import BASE, stamp_asset
from app.maps.desk import DESK_SCRIPTS, LIST_SCRIPTS, STYLES, make_desk_config, make_list_config
from app.maps.ground import Ground, find_ground
from app.maps.strategy import Page
from app.models import ImportRun

router = APIRouter(tags=["pages 页面"], include_in_schema=False)
MAP, LIST = {"link": "/", "link_words": "to_map"}, {"link": "/imports", "link_words": "to_imports"}


@dataclass(frozen=True)
class Visit:
    """A signed-in person at the desk, and the page being written for him."""

    person: Person
    page: Page


@router.get("/imports", response_class=HTMLResponse)
def show_imports(request: Request, lang: Chosen = None, getu_lang: Kept = None) -> Response:
    """The list of imports below the place where files are dropped."""
    visit = _enter(request, choose_lang(lang, getu_lang))
    if isinstance(visit, Response):
        return visit
    limit = service_of(request).settings.upload_limit_bytes
    with service_of(request).database.transaction(visit.person.viewer) as session:
        return _draw(session, visit, "imports.html", config=make_list_config(visit.page, limit_bytes=limit))


@router.get("/imports/{import_id}", response_class=HTMLResponse)
def show_desk(request: Request, import_id: int, lang: Chosen = None, getu_lang: Kept = None) -> Response:
    """One import: what was found, what is asked, what a load would change, how it went."""
    visit = _enter(request, choose_lang(lang, getu_lang))
    if isinstance(visit, Response):
        return visit
    with service_of(request).database.transaction(visit.person.viewer) as session:
        run = session.scalar(select(ImportRun).where(ImportRun.id == import_id))
        if run is None:
            return _stop(session, visit, "no_such_import", back=LIST, status=404)
        config = make_desk_config(visit.page, import_id=import_id)
        more: dict[str, Any] = {"scripts": DESK_SCRIPTS, "file_name": run.file_name, "kind": run.kind}
        return _draw(session, visit, "import.html", config=config, **more)


def _enter(request: Request, lang: Any) -> Visit | Response:
    """Who comes in; whoever is not signed in goes to sign in and back, whoever has no right is told so."""
    found = find_person(request)
    if found is None:
        where = f"/login?next={request.url.path}"
        return RedirectResponse(where, status_code=303, headers={"Cache-Control": "no-store"})
    person, csrf = found
    service = service_of(request)
    page = Page(
        bank=service.settings.bank_name,
        lang=lang,
        person=person.name,
        role=person.role,
        csrf=csrf,
        nonce=secrets.token_urlsafe(16),
        may_import="import_boundaries" in person.rights,
        may_place="place_customers" in person.rights,
    )
    visit = Visit(person, page)
    if page.may_import:
        return visit
    with service.database.transaction(person.viewer) as session:
        return _stop(session, visit, "no_right", back=MAP, status=403)


def _stop(session: Session, visit: Visit, title: str, *, back: dict[str, str], status: int) -> HTMLResponse:
    config = make_list_config(visit.page, limit_bytes=0)
    words = {"title": title, "why": f"{title}_why", "scripts": LIST_SCRIPTS, **back}
    return _draw(session, visit, "stopped.html", config=config, status=status, **words)


def _draw(
    session: Session, visit: Visit, template: str, *, config: dict[str, Any], status: int = 200, **more: Any
) -> HTMLResponse:
    scripts = [BASE + stamp_asset(name) for name in more.pop("scripts", LIST_SCRIPTS)]
    html = write(
        template,
        visit.page,
        styles=STYLES,
        ground=_find_plan(session),
        config=config,
        scripts=scripts,
        **more,
    )
    assert visit.page.nonce is not None
    return answer(html, visit.page.nonce, visit.page.lang, status=status)


def _find_plan(session: Session) -> Ground | None:
    """The plan named in the bar; a bank without one imports its first borders."""
    try:
        return find_ground(session)
    except NotFound:
        return None
