"""`create_app(settings)` joins everything; nothing is made at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import app.api.routes
from app.access import open_vault
from app.api.away import tell_away
from app.api.errors import tell_errors
from app.api.kept_tiles import KeptTiles
from app.api.service import Service
from app.db import Database
from app.settings import Settings

STATIC = Path(__file__).parent / "maps" / "static"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}
# Answers that are no page need nothing at all; pages set their own policy with a nonce.
CLOSED = "default-src 'none'; frame-ancestors 'none'"
# A worker obeys the policy of its own script, not of the page that began it: it may ask us, and nobody else.
SCRIPT = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
DESCRIPTION = (
    "Getu 格图: whose ground is this, who lives on it, how well do we serve them. 网格、客户、覆盖。"
)


def create_app(settings: Settings, database: Database) -> FastAPI:
    """The web application on an open database."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        web.state.service.seats.close()
        database.close()

    web = FastAPI(
        title="Getu 格图",
        version="0.1.0",
        description=DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    web.state.service = Service(settings, database, open_vault(settings.keys))
    tell_errors(web)
    tell_away(web)
    for router in app.api.routes.ROUTERS:
        web.include_router(router)
    web.mount("/static", StaticFiles(directory=STATIC, check_dir=False), name="static")
    web.add_middleware(KeptTiles, service=web.state.service)
    web.add_middleware(Headers)
    return web


class Headers:
    """Every answer carries the security headers; data is never kept by a cache on the way.

    Plain ASGI: Starlette's middleware by function runs each request in a task of its own, a fifth of a short
    answer's time.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; its answer's first message is given the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(scope, message)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _add_headers(scope: Scope, message: Message) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    path = scope["path"]
    script = path.startswith("/static/") and path.endswith(".js")
    headers.setdefault("Content-Security-Policy", SCRIPT if script else CLOSED)
    if not path.startswith("/static"):
        headers.setdefault("Cache-Control", "no-store")
    elif message["status"] == 200 and "h" in parse_qs(scope["query_string"].decode("latin-1")):
        # The link carries the file's hash: it may be kept for ever.
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
