"""Pictures shifted to GCJ-02, cut anew so that they lie where the ground is.

Each tile is cut out of the shifted pictures with the shift of its own middle. The shift changes by less than
half a percent of a way, so a corner of a tile is off by less than a pixel at every zoom, and neighbours meet
as well: the same holds for a seam (tests/maps/test_base_recut.py measures both).
"""

import io
import math
from collections.abc import Callable
from typing import Any

from PIL import Image

from app.maps.base.mbtiles import FORMATS, begins, latitude
from app.spatial.crs.shift import shift_to_gcj02, unshift_gcj02

Box = tuple[float, float, float, float]
SAVING: dict[str, dict[str, Any]] = {
    "png": {"compress_level": 3},
    "jpg": {"quality": 88},
    "webp": {"quality": 86, "method": 2},
}


class BrokenPicture(Exception):
    """A tile whose bytes are no picture of the size they should have."""


def unshift_box(box: Box) -> Box:
    """A box in GCJ-02 as the box in EPSG:4326 that holds all of it."""
    west, south, east, north = box
    lon, lat = unshift_gcj02([west, west, east, east], [south, north, south, north])
    return (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))


def find_offset(z: int, x: float, y: float, px: int) -> tuple[float, float]:
    """How far east and south, in px of zoom `z`, the shifted picture of a tile's middle lies from it."""
    count = 1 << z
    lon, lat = (x + 0.5) / count * 360 - 180, latitude((y + 0.5) / count)
    shifted_lon, shifted_lat = (float(one) for one in shift_to_gcj02(lon, lat))
    east = (shifted_lon + 180) / 360 * count - (x + 0.5)
    south = (1 - math.asinh(math.tan(math.radians(shifted_lat))) / math.pi) / 2 * count - (y + 0.5)
    return east * px, south * px


def recut(
    read: Callable[[int, int, int], bytes | None], place: tuple[int, int, int], format_: str, px: int
) -> bytes | None:
    """The tile of a place in EPSG:3857 out of shifted ones; None where none of them is there.

    Raises BrokenPicture. A picture with parts missing is a PNG: they are seen through.
    """
    z, x, y = place
    east, south = (round(one) for one in find_offset(z, x, y, px))
    if not east and not south:
        return read(z, x, y)
    parts = []
    for row in {(y * px + south) // px, (y * px + south + px - 1) // px}:
        for column in {(x * px + east) // px, (x * px + east + px - 1) // px}:
            content = read(z, column, row) if 0 <= row < 1 << z and 0 <= column < 1 << z else None
            if content is not None:
                at = (column * px - x * px - east, row * px - y * px - south)
                parts.append((at, open_picture(content, format_, px)))
    if not parts:
        return None
    covered = sum((px - abs(left)) * (px - abs(top)) for (left, top), _ in parts)
    whole = covered == px * px
    sheet = Image.new("RGB" if whole and format_ == "jpg" else "RGBA", (px, px))
    for at, picture in parts:
        sheet.paste(picture.convert(sheet.mode), at)
    return write_picture(sheet, format_ if whole else "png")


def open_picture(content: bytes, format_: str, px: int) -> Image.Image:
    """A tile as a picture. Raises BrokenPicture."""
    try:
        if not begins(content[:12], format_):
            raise BrokenPicture
        picture = Image.open(io.BytesIO(content), formats=[FORMATS[format_][0]])
        if picture.size != (px, px):
            raise BrokenPicture
        picture.load()
        return picture
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BrokenPicture from error


def write_picture(sheet: Image.Image, format_: str) -> bytes:
    """The bytes of a picture."""
    out = io.BytesIO()
    sheet.save(out, FORMATS[format_][0], **SAVING[format_])
    return out.getvalue()
