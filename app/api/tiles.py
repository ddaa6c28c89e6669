"""Vector tiles and their TileJSON, as the viewer may see them."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.maps.tiles import MIME, describe_tiles, find_tile

router = APIRouter(prefix="/tiles", tags=["map 地图"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
# A browser asks again each time and mostly hears 304: rights that were withdrawn show at once.
KEEP = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization, Accept-Encoding"}


@router.get(
    "/{layer}/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses={
        200: {"content": {MIME: {}}, "description": "a Mapbox vector tile, gzipped"},
        304: {"description": "unchanged"},
    },
)
def show_tile(request: Request, layer: str, z: int, x: int, y: int, asked: Sees) -> Response:
    """One tile of a layer (EPSG:3857, extent 4096, XYZ)."""
    tile = find_tile(asked.session, layer, address=(z, x, y))
    headers = {**KEEP, "ETag": tile.etag}
    if request.headers.get("if-none-match") == tile.etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(tile.body, media_type=MIME, headers={**headers, "Content-Encoding": "gzip"})
    return Response(tile.unpack(), media_type=MIME, headers=headers)


@router.get("/{layer}.json")
def describe_layer(request: Request, layer: str, asked: Sees) -> dict[str, Any]:
    """The TileJSON 3.0 of a layer: address, zooms, bounds, parts."""
    return describe_tiles(asked.session, layer, base=str(request.base_url).rstrip("/"))
