"""The shell of a desk page: who comes in, the page written for him, and the page that says no."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from app.access import Person, Right
from app.api.pages import answer, write
from app.api.service import service_of
from app.api.session import find_person
from app.clock import today
from app.errors import NotFound
from app.maps.assets import BASE, stamp_asset
from app.maps.ground import Ground, find_ground
from app.maps.strategy import Page
from app.maps.words import Lang


@dataclass(frozen=True)
class Visit:
    """A signed-in person at a desk, and the page being written for him."""

    person: Person
    page: Page

    def may(self, right: Right) -> bool:
        """Whether the person holds a right."""
        return right in self.person.rights


@dataclass(frozen=True)
class Parts:
    """What a page is made of beside its template: style sheets, scripts, and what these must know."""

    styles: Sequence[str]
    scripts: Sequence[str]
    config: dict[str, Any]


def enter(request: Request, lang: Lang) -> Visit | Response:
    """Who comes in; whoever is not signed in goes to sign in and back."""
    found = find_person(request)
    if found is None:
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        where = f"/login?next={quote(asked, safe='/')}"
        return RedirectResponse(where, status_code=303, headers={"Cache-Control": "no-store"})
    person, csrf = found
    page = Page(
        bank=service_of(request).settings.bank_name,
        lang=lang,
        person=person.name,
        role=person.role,
        csrf=csrf,
        mark=person.mark,
        nonce=secrets.token_urlsafe(16),
        may_import="import_boundaries" in person.rights,
        may_place="place_customers" in person.rights,
        may_ground=bool(person.rights & {"plan_ground", "divide_ground"}),
        may_lend="check_lending" in person.rights,
    )
    return Visit(person, page)


def draw(
    session: Session, visit: Visit, template: str, *, parts: Parts, status: int = 200, **more: Any
) -> HTMLResponse:
    """A page of the shell with its parts; the plan in force stands in its bar."""
    html = write(
        template,
        visit.page,
        styles=(*parts.styles, "print.css"),
        day=today().isoformat(),
        ground=find_plan(session),
        config=parts.config,
        scripts=[BASE + stamp_asset(name) for name in parts.scripts],
        **more,
    )
    assert visit.page.nonce is not None
    return answer(html, visit.page.nonce, visit.page.lang, status=status)


def find_plan(session: Session) -> Ground | None:
    """The plan named in the bar; a bank without one imports its first borders."""
    try:
        return find_ground(session)
    except NotFound:
        return None
