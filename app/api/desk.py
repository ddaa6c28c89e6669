"""The pages of the import desk: drop and list at `/imports`, one import at `/imports/{id}`."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.pages import Chosen, Kept, choose_lang
from app.api.service import service_of
from app.api.shell import Parts, Visit, draw, enter
from app.customers import intake
from app.maps.desk import DESK_SCRIPTS, LIST_SCRIPTS, STYLES, make_desk_config, make_list_config
from app.models import ImportRun

router = APIRouter(tags=["pages 页面"], include_in_schema=False)
MAP, LIST = {"link": "/", "link_words": "to_map"}, {"link": "/imports", "link_words": "to_imports"}


@router.get("/imports", response_class=HTMLResponse)
def show_imports(request: Request, lang: Chosen = None, getu_lang: Kept = None) -> Response:
    """The list of imports below the place where files are dropped."""
    visit = _enter(request, choose_lang(lang, getu_lang))
    if isinstance(visit, Response):
        return visit
    limit = service_of(request).settings.upload_limit_bytes
    with service_of(request).database.transaction(visit.person.viewer) as session:
        sources = intake.list_sources(session) if visit.may("import_customers") else []
        config = make_list_config(visit.page, limit_bytes=limit, sources=sources)
        return draw(session, visit, "imports.html", parts=Parts(STYLES, LIST_SCRIPTS, config))


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
        parts = Parts(STYLES, DESK_SCRIPTS, make_desk_config(visit.page, import_id=import_id))
        return draw(session, visit, "import.html", parts=parts, file_name=run.file_name, kind=run.kind)


def _enter(request: Request, lang: Any) -> Visit | Response:
    """Who comes in; whoever has no right to import is told so."""
    visit = enter(request, lang)
    if isinstance(visit, Response) or visit.may("import_boundaries"):
        return visit
    with service_of(request).database.transaction(visit.person.viewer) as session:
        return _stop(session, visit, "no_right", back=MAP, status=403)


def _stop(session: Session, visit: Visit, title: str, *, back: dict[str, str], status: int) -> HTMLResponse:
    parts = Parts(STYLES, LIST_SCRIPTS, make_list_config(visit.page, limit_bytes=0))
    return draw(
        session, visit, "stopped.html", parts=parts, status=status, title=title, why=f"{title}_why", **back
    )
