"""MBTiles files made for tests: pictures of a few pixels' size in the file, placed as TMS does."""

import io
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

from PIL import Image

SAVED = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
Draw = Callable[[int, int, int], Image.Image]


def plain(z: int, x: int, y: int) -> Image.Image:
    """A picture of one colour that tells its place."""
    return Image.new("RGB", (256, 256), (z * 10, x % 256, y % 256))


def picture(image: Image.Image, format_: str = "png") -> bytes:
    out = io.BytesIO()
    image.save(out, SAVED[format_])
    return out.getvalue()


def lay_tiles(
    path: Path,
    places: Iterable[tuple[int, int, int]],
    *,
    draw: Draw = plain,
    format_: str = "png",
    **metadata: str,
) -> Path:
    """An MBTiles file of the pictures of places z, x, y (XYZ)."""
    with sqlite3.connect(path) as line:
        line.execute("CREATE TABLE metadata (name text, value text)")
        line.execute(
            "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)"
        )
        told = {"name": "测试", "format": format_} | metadata
        line.executemany("INSERT INTO metadata VALUES (?, ?)", told.items())
        rows = [(z, x, (1 << z) - 1 - y, picture(draw(z, x, y), format_)) for z, x, y in places]
        line.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    line.close()
    return path


def change(path: Path, *statements: str, **values: bytes) -> Path:
    """The same file with something done to it."""
    with sqlite3.connect(path) as line:
        for statement in statements:
            line.execute(statement, values)
    line.close()
    return path
