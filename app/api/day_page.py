"""The page of a manager's day: `/day`, and the worker that opens it without signal."""

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.api.pages import TEMPLATES, Chosen, Kept, answer, choose_lang
from app.api.service import service_of
from app.api.session import find_person
from app.maps.assets import BASE, stamp_asset
from app.maps.day import SCRIPTS, STYLES, list_day_words, make_day_config, write_worker
from app.maps.strategy import Page

router = APIRouter(tags=["pages 页面"], include_in_schema=False)


@router.get("/day", response_class=HTMLResponse)
def show_day(request: Request, lang: Chosen = None, getu_lang: Kept = None) -> Response:
    """A manager's day; whoever is not signed in goes to sign in and back."""
    found = find_person(request)
    if found is None:
        return RedirectResponse("/login?next=/day", status_code=303, headers={"Cache-Control": "no-store"})
    person, _ = found
    page = Page(
        bank=service_of(request).settings.bank_name,
        lang=choose_lang(lang, getu_lang),
        person=person.name,
        role=person.role,
        mark=person.mark,
        nonce=secrets.token_urlsafe(16),
    )
    may = "report_visits" in person.rights
    assert page.nonce is not None
    html = TEMPLATES.get_template("day.html").render(
        page=page,
        nonce=page.nonce,
        say=list_day_words(page.lang).__getitem__,
        styles=[BASE + stamp_asset(name) for name in STYLES],
        scripts=[BASE + stamp_asset(name) for name in SCRIPTS] if may else [],
        config=make_day_config(page, login=person.login),
        may=may,
    )
    return answer(html, page.nonce, page.lang, status=200 if may else 403)


@router.get("/day/worker.js")
def show_worker() -> Response:
    """The service worker of `/day`: names of our own static files, and nothing of the bank."""
    headers = {
        "Service-Worker-Allowed": "/day",
        "Cache-Control": "no-cache",
        # A worker asks under its own policy, not under its page's.
        "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
    }
    return Response(write_worker(), media_type="text/javascript", headers=headers)
