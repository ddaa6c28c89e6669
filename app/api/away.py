"""The page that stands where a page would be while the database is away; it opens the real one by itself."""

import secrets

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.api.errors import answer
from app.api.pages import TEMPLATES, choose_lang, guard
from app.api.service import service_of
from app.clock import now
from app.errors import NotReady
from app.maps.assets import BASE, stamp_asset
from app.maps.strategy import STYLES, Page
from app.maps.words import say

# Asked by programs, never opened by a person.
NO_PAGES = ("/api/", "/tiles/", "/static/", "/healthz", "/readyz", "/metrics")
RETRY_AFTER_S = 5


def tell_away(app: FastAPI) -> None:
    """Give the application its answers while a needed part is not there: a page to a person, else words."""

    @app.exception_handler(NotReady)
    def away(request: Request, error: NotReady) -> Response:
        if wants_page(request):
            return write_away(request, error)
        told = answer(503, error.code, zh=error.zh, en=error.en, facts=error.facts)
        told.headers["Retry-After"] = str(error.facts.get("retry_after_s", RETRY_AFTER_S))
        return told


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks for something to look at."""
    path, taken = request.url.path, request.headers.get("accept", "")
    return request.method == "GET" and "text/html" in taken and not path.startswith(NO_PAGES)


def write_away(request: Request, error: NotReady) -> Response:
    """What happened, in both languages, and a script that waits for the service: 503."""
    asked = request.query_params.get("lang")
    lang = choose_lang("en" if asked == "en" else None, request.cookies.get("getu_lang"))
    page = Page(bank=service_of(request).settings.bank_name, lang=lang, nonce=secrets.token_urlsafe(16))
    assert page.nonce is not None
    html = TEMPLATES.get_template("away.html").render(
        page=page,
        styles=[BASE + stamp_asset(name) for name in STYLES],
        both=lambda key: (say(key, "zh"), say(key, "en")),
        words=(error.zh, error.en),
        code=error.code,
        at=f"{now():%H:%M:%S}",
    )
    headers = {**guard(page.nonce), "Retry-After": str(error.facts.get("retry_after_s", RETRY_AFTER_S))}
    return Response(html, status_code=503, headers=headers, media_type="text/html")
