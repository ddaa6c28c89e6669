"""Vector tiles and their TileJSON, as the viewer may see them.

A tile that is kept is answered on the loop itself: no thread, no database, nothing but memory. All else is
drawn in a seat (`app.maps.tiles.seats`), so that a crowd of maps never takes the database from the others.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.access import Person, require
from app.api.errors import PROBLEMS
from app.api.known import known
from app.api.map_filter import DESCRIBED, MapFiltered
from app.api.service import Service, service_of
from app.api.session import Asked, allowed
from app.db import Viewer
from app.maps.document import describe_style
from app.maps.filtering import CustomerFilter
from app.maps.layers import ALL_ROLES, Layer
from app.maps.tiles import (
    MIME,
    SHELF,
    Form,
    Sight,
    Tile,
    check_address,
    choose_form,
    describe_tiles,
    find_layers,
    key_tile,
    look_sight,
    look_tile,
)
from app.maps.words import Lang

router = APIRouter(prefix="/tiles", tags=["map 地图"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
Known = Annotated[Person, known("see_ground")]
# A browser asks again each time and mostly hears 304: rights that were withdrawn show at once.
KEEP = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization, Accept-Encoding"}


@router.get(
    "/{layer}/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses={
        200: {"content": {MIME: {}}, "description": "a Mapbox vector tile, in Brotli or gzip where taken"},
        304: {"description": "unchanged"},
    },
    openapi_extra=DESCRIBED,
)
async def show_tile(
    request: Request, layer: str, z: int, x: int, y: int, person: Known, cut: MapFiltered
) -> Response:
    """One tile of a layer, or of several with commas between (EPSG:3857, extent 4096, XYZ)."""
    check_address(z, x, y)
    entries = find_layers(layer, person.viewer, cut)
    check_rights(person, entries)
    form = choose_form(request.headers.get("accept-encoding", ""))
    wish = Wish(service_of(request), person.viewer, layer, (z, x, y), cut, form)
    tile = await find_wish(wish, entries, version=request.query_params.get("v", ""))
    return give_tile(tile, form, known=request.headers.get("if-none-match", ""))


def check_rights(person: Person, entries: Sequence[Layer]) -> None:
    """A key that may see the ground only is shown no customers, whatever its database role could read."""
    if any(entry.roles != ALL_ROLES for entry in entries):
        require(person, "see_customers")


@dataclass(frozen=True)
class Wish:
    """One tile that somebody wants."""

    service: Service
    viewer: Viewer
    layers: str
    address: tuple[int, int, int]
    cut: CustomerFilter
    form: Form

    def key(self, sight: Sight) -> Hashable:
        """What the tile is kept by."""
        return key_tile(self.service.database.url, sight, self.layers, self.address, self.cut)

    def draw(self, entries: Sequence[Layer], version: str) -> Tile:
        """The tile from the shelf, or drawn now; `version` is the state of the data the page speaks of."""
        sights, database = self.service.sights, self.service.database
        sight = sights.find(self.viewer, version=version)
        if sight is None:
            sight = sights.keep(self.viewer, look_sight(database, self.viewer), version=version)
        key = self.key(sight)
        tile = SHELF.find(key)
        if tile is None:
            drawn = look_tile(database, self.viewer, entries, sight, address=self.address, cut=self.cut)
            tile = Tile(drawn, version=sight.version, form=self.form)
            SHELF.keep(key, tile)
        return tile


async def find_wish(wish: Wish, entries: Sequence[Layer], *, version: str) -> Tile:
    """The tile that is wanted: at once where it is kept, else in a seat."""
    sight = wish.service.sights.find(wish.viewer, version=version)
    tile = None if sight is None else SHELF.find(wish.key(sight))
    if tile is not None:
        return tile
    whose = (wish.viewer, wish.layers, wish.address, wish.cut, wish.form, version)
    return await wish.service.seats.draw(whose, lambda: wish.draw(entries, version))


def give_tile(tile: Tile, form: Form, *, known: str) -> Response:
    """The answer: 304 where the browser has these very bytes, as its If-None-Match (`known`) says."""
    headers = {**KEEP, "ETag": tile.etag(form)}
    if is_known(known, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if form != "identity":
        headers["Content-Encoding"] = form
    return Response(tile.give(form), media_type=MIME, headers=headers)


def is_known(sent: str, etag: str) -> bool:
    """Whether a tag is one of an If-None-Match header."""
    return sent.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in sent.split(","))


@router.get("/style.json")
def show_style(request: Request, asked: Sees, lang: Lang = "zh") -> dict[str, Any]:
    """A MapLibre style of the map for other programs: absolute addresses, no sprite, no glyphs."""
    base = str(request.base_url).rstrip("/")
    sees_customers = "see_customers" in asked.person.rights
    return describe_style(asked.session, base=base, lang=lang, sees_customers=sees_customers)


@router.get("/{layer}.json")
def describe_layer(request: Request, layer: str, asked: Sees) -> dict[str, Any]:
    """The TileJSON 3.0 of a layer: address, zooms, bounds, parts, what it can be cut to."""
    check_rights(asked.person, find_layers(layer, asked.person.viewer))
    return describe_tiles(asked.session, layer, base=str(request.base_url).rstrip("/"))
