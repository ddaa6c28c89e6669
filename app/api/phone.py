"""The phone page: `/pin`, where a customer is pinned on the spot."""

import secrets
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.access import Person
from app.api.pages import TEMPLATES, Chosen, Kept, answer, choose_lang
from app.api.service import service_of
from app.api.session import find_person
from app.maps.assets import BASE, stamp_asset
from app.maps.phone import SCRIPTS, STYLES, list_phone_words, make_phone_config
from app.maps.strategy import Page

router = APIRouter(tags=["pages 页面"], include_in_schema=False)


@router.get("/pin", response_class=HTMLResponse)
def show_pin(
    request: Request, customer: int | None = None, lang: Chosen = None, getu_lang: Kept = None
) -> Response:
    """The list of one's customers, or one of them; whoever is not signed in goes to sign in and back."""
    found = find_person(request)
    if found is None:
        back = "/pin" if customer is None else f"/pin?customer={customer}"
        where = f"/login?next={quote(back, safe='/')}"
        return RedirectResponse(where, status_code=303, headers={"Cache-Control": "no-store"})
    person, csrf = found
    page = Page(
        bank=service_of(request).settings.bank_name,
        lang=choose_lang(lang, getu_lang),
        person=person.name,
        role=person.role,
        csrf=csrf,
        mark=person.mark,
        nonce=secrets.token_urlsafe(16),
        may_place="place_customers" in person.rights,
    )
    assert page.nonce is not None
    html = _draw(page, person, customer=customer)
    return answer(html, page.nonce, page.lang, status=200 if page.may_place else 403)


def _draw(page: Page, person: Person, *, customer: int | None) -> str:
    words = list_phone_words(page.lang)
    config: dict[str, Any] = make_phone_config(page, login=person.login) | {"customer": customer}
    return TEMPLATES.get_template("pin.html").render(
        page=page,
        nonce=page.nonce,
        say=words.__getitem__,
        styles=[BASE + stamp_asset(name) for name in STYLES],
        scripts=[BASE + stamp_asset(name) for name in SCRIPTS] if page.may_place else [],
        config=config,
    )
