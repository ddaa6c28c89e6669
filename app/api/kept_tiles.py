"""The fast door of kept tiles: an answer from memory before routes, forms and dependencies are looked at.

Plain ASGI in front of the application. It answers what it knows entirely (who asks, what he may see, the tile
as it is sent) and passes on everything else, refusals too: what is said is said in one place, by the routes.
"""

import re

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from app.access import require
from app.api.service import Service
from app.api.session import cookie_name
from app.api.tiles import check_rights, give_tile
from app.errors import GetuError
from app.maps.filtering import NO_FILTER
from app.maps.tiles import SHELF, choose_form, find_layers, key_tile

PATH = re.compile(r"/tiles/([a-z0-9_,]+)/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt")
QUERY = re.compile(r"(?:v=([0-9A-Za-z.\-]+))?")


class KeptTiles:
    """Answers tiles that are kept for who asks; a tile with a filter is passed on."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service
        self._cookie = cookie_name(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at once, or pass on."""
        if scope["type"] == "http" and scope["method"] == "GET":
            path = PATH.fullmatch(scope["path"])
            query = path and QUERY.fullmatch(scope["query_string"].decode("latin-1"))
            if path and query and await self._answer(path, query[1] or "", scope, receive, send):
                return
        await self._app(scope, receive, send)

    async def _answer(
        self, path: re.Match[str], version: str, scope: Scope, receive: Receive, send: Send
    ) -> bool:  # fmt: skip
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        person = self._service.people.find(self._read_credential(headers))
        sight = None if person is None else self._service.sights.find(person.viewer, version=version)
        if person is None or sight is None:
            return False
        layers, z, x, y = path[1], int(path[2]), int(path[3]), int(path[4])
        tile = SHELF.find(key_tile(self._service.database.url, sight, layers, (z, x, y), NO_FILTER))
        if tile is None:
            return False
        try:
            require(person, "see_ground")
            check_rights(person, find_layers(layers, person.viewer))
        except GetuError:
            return False
        form = choose_form(headers.get(b"accept-encoding", ""))
        await give_tile(tile, form, known=headers.get(b"if-none-match", ""))(scope, receive, send)
        return True

    def _read_credential(self, headers: dict[bytes, str]) -> str:
        header = headers.get(b"authorization", "")
        if header.startswith("Bearer "):
            return header
        return cookie_parser(headers.get(b"cookie", "")).get(self._cookie, "")
