"""`create_app(settings)` joins everything; nothing is made at import."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles

import app.api.routes
from app.access import open_vault
from app.api.errors import tell_errors
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
DESCRIPTION = (
    "Getu 格图: whose ground is this, who lives on it, how well do we serve them. 网格、客户、覆盖。"
)


def create_app(settings: Settings, database: Database) -> FastAPI:
    """The web application on an open database."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
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
    for router in app.api.routes.ROUTERS:
        web.include_router(router)
    web.mount("/static", StaticFiles(directory=STATIC, check_dir=False), name="static")
    web.middleware("http")(add_headers)
    return web


async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Every answer carries the security headers; data is never kept by a cache on the way."""
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", CLOSED)
    if not request.url.path.startswith("/static"):
        response.headers.setdefault("Cache-Control", "no-store")
    elif "h" in request.query_params and response.status_code == 200:
        # The link carries the file's hash: it may be kept for ever.
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
