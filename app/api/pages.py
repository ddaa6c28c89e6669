"""The pages: the strategy map and the sign-in page. Data is asked for by their scripts."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from app.api.service import service_of
from app.api.session import find_person
from app.errors import NotFound
from app.maps.assets import BASE, stamp_asset
from app.maps.base import list_bases
from app.maps.page import make_environment
from app.maps.strategy import NAV, STYLES, Page, draw_page
from app.maps.words import Lang, say

router = APIRouter(tags=["pages 页面"], include_in_schema=False)
TEMPLATES = make_environment(Path(__file__).parent / "templates")
# The backdrop is decoration, drawn from no data of the bank: nobody is signed in yet.
LOGIN_PARTS = {"script": "getu-login.js", "backdrop": "backdrop.svg"}
# What a card of the map offers as a next act, to whom may do it.
CARD_RIGHTS = {
    "reveal_customers",
    "export_customers",
    "report_visits",
    "place_customers",
    "print_maps",
    "check_lending",
}
YEAR_SECONDS = 365 * 24 * 3600

Chosen = Annotated[Lang | None, Query()]
Kept = Annotated[str | None, Cookie()]


def guard(nonce: str) -> dict[str, str]:
    """A page's headers: nothing from outside, inline parts by nonce, workers from our own files."""
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return {"Content-Security-Policy": policy, "Cache-Control": "private, no-store", "Vary": "Cookie"}


def choose_lang(asked: Lang | None, kept: str | None) -> Lang:
    """The language asked for, else the one kept from last time, else Chinese."""
    return asked or ("en" if kept == "en" else "zh")


def answer(html: str, nonce: str, lang: Lang, *, status: int = 200) -> HTMLResponse:
    """A page that remembers its language."""
    response = HTMLResponse(html, status_code=status, headers=guard(nonce))
    response.set_cookie("getu_lang", lang, max_age=YEAR_SECONDS, samesite="lax", httponly=True, path="/")
    return response


@router.get("/", response_class=HTMLResponse)
def show_map(request: Request, lang: Chosen = None, getu_lang: Kept = None) -> Response:
    """The strategy map; whoever is not signed in is sent to sign in first."""
    found = find_person(request)
    if found is None:
        return RedirectResponse("/login", status_code=303, headers={"Cache-Control": "no-store"})
    person, csrf = found
    service = service_of(request)
    page = Page(
        bank=service.settings.bank_name,
        lang=choose_lang(lang, getu_lang),
        person=person.name,
        role=person.role,
        csrf=csrf,
        mark=person.mark,
        nonce=secrets.token_urlsafe(16),
        may_print="print_maps" in person.rights,
        may_import="import_boundaries" in person.rights,
        may_place="place_customers" in person.rights,
        may_ground=bool(person.rights & {"plan_ground", "divide_ground"}),
        may_lend="check_lending" in person.rights,
        bases=tuple(list_bases(service.settings.bases)),
        review_number=service.settings.review_number,
        may=tuple(sorted(person.rights & CARD_RIGHTS)),
    )
    assert page.nonce is not None
    with service.database.transaction(person.viewer) as session:
        html, status = write_map(session, page)
    return answer(html, page.nonce, page.lang, status=status)


def write_map(session: Session, page: Page) -> tuple[str, int]:
    """The map, or a page that says what to do while there is no plan."""
    try:
        return draw_page(session, page), 200
    except NotFound as error:
        return write("empty.html", page, words=error.zh if page.lang == "zh" else error.en), 200


def write(template: str, page: Page, *, styles: Sequence[str] = STYLES, **more: Any) -> str:
    """A page from one of our own templates."""
    return TEMPLATES.get_template(template).render(
        page=page,
        nonce=page.nonce,
        styles=[BASE + stamp_asset(name) for name in styles],
        nav_script=BASE + stamp_asset(NAV),
        say=lambda key, **facts: say(key, page.lang, **facts),
        **more,
    )


@router.get("/login", response_class=HTMLResponse)
def show_login(request: Request, lang: Chosen = None, getu_lang: Kept = None) -> Response:
    """The sign-in page."""
    service = service_of(request)
    nonce = secrets.token_urlsafe(16)
    page = Page(bank=service.settings.bank_name, lang=choose_lang(lang, getu_lang), nonce=nonce)
    parts = {name: BASE + stamp_asset(file) for name, file in LOGIN_PARTS.items()}
    return answer(write("login.html", page, **parts), nonce, page.lang)
