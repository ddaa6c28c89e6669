"""Base maps: pictures of the bank's own files, to whoever may see the ground."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.access import Person
from app.api.errors import PROBLEMS
from app.api.known import known
from app.api.service import service_of
from app.api.tiles import is_known
from app.maps.base import check_place
from app.maps.base.drawing import name_type

router = APIRouter(prefix="/base", tags=["map 地图"], responses=PROBLEMS)
Known = Annotated[Person, known("see_ground")]
# The address of the map's own style names the version: what it answers stays as it is.
FOR_LONG = "private, max-age=31536000, immutable"
PICTURES: dict[str, dict[str, str]] = {f"image/{kind}": {} for kind in ("png", "jpeg", "webp")}


@router.get(
    "/{key}/{z}/{x}/{y}",
    response_class=Response,
    responses={
        200: {"content": PICTURES, "description": "a picture"},
        204: {"description": "the base map has no picture there"},
        304: {"description": "unchanged"},
    },
)
def show_base_tile(request: Request, key: str, z: int, x: int, y: int, _person: Known) -> Response:
    """One picture of a base map (EPSG:3857, XYZ); one shifted to GCJ-02 is cut anew to lie on the ground."""
    check_place(z, x, y)
    service = service_of(request)
    folder = service.settings.bases
    base = service.bases.find(folder, key)
    current = request.query_params.get("v") == base.version
    headers = {
        "Cache-Control": FOR_LONG if current else "private, no-cache",
        "Vary": "Cookie, Authorization",
        "ETag": f'"{base.version}-{z}-{x}-{y}"',
    }
    if is_known(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    content = service.bases.read_tile(folder, base, (z, x, y))
    if content is None:
        return Response(status_code=204, headers=headers)
    return Response(content, media_type=name_type(content), headers=headers)
