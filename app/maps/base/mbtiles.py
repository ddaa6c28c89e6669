"""Is this file a set of picture tiles? What it holds, or why it is refused.

An MBTiles file is an SQLite database from outside: it is opened for reading only, its schema is not trusted,
no value of it may be larger than a tile may be, and looking through it ends at a limit of time.
"""

import contextlib
import io
import math
import sqlite3
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from app.errors import RefusedFile

HEADER = b"SQLite format 3\x00"
# Format → the name a picture library knows it by, and how its bytes begin.
FORMATS: dict[str, tuple[str, bytes]] = {
    "png": ("PNG", b"\x89PNG\r\n\x1a\n"),
    "jpg": ("JPEG", b"\xff\xd8\xff"),
    "webp": ("WEBP", b"RIFF"),
}
ALIASES = {"jpeg": "jpg", "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "png8": "png"}
VECTOR = {"pbf", "mvt", "application/x-protobuf"}
MOST_TILE_BYTES = 2 << 20
MOST_ZOOM = 22
SIDES_PX = (256, 512)
LOOK_LIMIT_S = 900
ONE_TILE = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
ZOOMS = """SELECT zoom_level, count(*), min(tile_column), max(tile_column), min(tile_row), max(tile_row),
    max(length(tile_data)), sum(typeof(tile_data) <> 'blob' OR substr(tile_data, 1, ?) <> ?),
    sum(typeof(tile_column) <> 'integer' OR typeof(tile_row) <> 'integer')
    FROM tiles GROUP BY zoom_level ORDER BY zoom_level"""
INDEX = "CREATE UNIQUE INDEX getu_tile ON tiles (zoom_level, tile_column, tile_row)"


@dataclass(frozen=True)
class Survey:
    """What a file holds. `bounds` are degrees in the file's own datum."""

    format: str
    tile_px: int
    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float]
    tiles: int
    name: str
    attribution: str


def refuse(code: str, zh: str, en: str, **facts: Any) -> RefusedFile:
    """A refusal in two languages."""
    return RefusedFile(code, zh=zh, en=en, **facts)


def open_tiles(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """A connection to a file that nobody else writes. Raises sqlite3.Error."""
    how = "mode=rw" if write else "mode=ro&immutable=1"
    name = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    line = sqlite3.connect(f"file:{name}?{how}", uri=True, check_same_thread=False, isolation_level=None)
    line.execute("PRAGMA trusted_schema = OFF")
    line.execute("PRAGMA mmap_size = 0")  # a file cut short while it is read is an error, not a dead process
    line.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 4 * MOST_TILE_BYTES)
    return line


@contextlib.contextmanager
def looking(path: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """The file open for a look of limited length; what SQLite says against it becomes a refusal."""
    until = time.monotonic() + LOOK_LIMIT_S
    try:
        with contextlib.closing(open_tiles(path, write=write)) as line:
            line.set_progress_handler(lambda: int(time.monotonic() > until), 100_000)
            yield line
    except sqlite3.DataError:
        raise giant() from None
    except (sqlite3.Error, OverflowError, UnicodeDecodeError):
        raise refuse(
            "broken_base",
            "底图文件读不完整：已损坏、被截断，或表结构不对",
            "the base map cannot be read to its end: damaged, cut short, or not made as MBTiles are",
        ) from None


def giant() -> RefusedFile:
    """What is said of a tile that is none by its size."""
    return refuse(
        "giant_tile",
        f"有瓦片超过 {MOST_TILE_BYTES >> 20} MiB，不像是底图",
        f"a tile is larger than {MOST_TILE_BYTES >> 20} MiB: this is no base map",
    )


def check_header(path: Path) -> None:
    """It begins as SQLite does, and is as long as it says. Raises RefusedFile."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(HEADER):
        raise refuse(
            "not_mbtiles",
            "这不是 MBTiles 文件（应为 SQLite 数据库）",
            "this is no MBTiles file (an SQLite database)",
        )
    (page,), (pages,) = struct.unpack(">H", head[16:18]), struct.unpack(">I", head[28:32])
    if path.stat().st_size < (65536 if page == 1 else page) * pages:
        raise refuse(
            "base_cut_short",
            "文件不完整，比它自己记的短：请重新拷贝",
            "the file is shorter than it says itself: copy it anew",
        )


def survey(path: Path) -> Survey:
    """Look through a file. Raises RefusedFile for all that cannot be shown as a base map."""
    check_header(path)
    with looking(path) as line:
        told = read_metadata(line)
        format_ = choose_format(line, told)
        zooms = read_zooms(line, format_)
        tile_px = measure_tiles(line, format_, [row[0] for row in zooms])
    return Survey(
        format=format_,
        tile_px=tile_px,
        min_zoom=zooms[0][0],
        max_zoom=zooms[-1][0],
        bounds=find_bounds(zooms, told.get("bounds", "")),
        tiles=sum(row[1] for row in zooms),
        name=told.get("name", ""),
        attribution=told.get("attribution", ""),
    )


def read_metadata(line: sqlite3.Connection) -> dict[str, str]:
    """The table `metadata` as texts. Raises RefusedFile without it or without `tiles`."""
    asked = "SELECT lower(name) FROM sqlite_master WHERE type IN ('table', 'view')"
    tables = {name for (name,) in line.execute(asked)}
    missing = [name for name in ("metadata", "tiles") if name not in tables]
    if missing:
        raise refuse(
            "not_mbtiles",
            f"这不是 MBTiles 文件：缺少表 {'、'.join(missing)}",
            f"this is no MBTiles file: it has no table {' and '.join(missing)}",
        )
    rows = line.execute("SELECT name, value FROM metadata LIMIT 200")
    return {str(name).lower(): str(value) for name, value in rows if value is not None}


def choose_format(line: sqlite3.Connection, told: dict[str, str]) -> str:
    """png, jpg or webp: as told, else as the first tile begins. Raises RefusedFile for vector tiles."""
    first = line.execute("SELECT tile_data FROM tiles LIMIT 1").fetchone()
    if first is None:
        raise refuse("empty_base", "文件里没有瓦片", "there is no tile in the file")
    named = told.get("format", "").strip().lower()
    named = ALIASES.get(named, named)
    head = bytes(first[0][:12]) if isinstance(first[0], bytes) else b""
    if named in VECTOR or head.startswith(b"\x1f\x8b"):
        raise refuse(
            "vector_base",
            "这是矢量瓦片（pbf），只支持图片瓦片：请导出为 PNG、JPG 或 WebP 的 MBTiles",
            "these are vector tiles (pbf); only pictures are shown: export MBTiles of PNG, JPG or WebP",
        )
    if not named:
        named = next((key for key in FORMATS if begins(head, key)), "?")
    if named not in FORMATS:
        raise refuse(
            "bad_base_format",
            f"不支持的瓦片格式 {named[:20]}，可用：PNG、JPG、WebP",
            f"tiles of {named[:20]} are not shown; PNG, JPG and WebP are",
        )
    return named


def begins(head: bytes, format_: str) -> bool:
    """Whether bytes begin as a picture of a format does."""
    return head.startswith(FORMATS[format_][1]) and (format_ != "webp" or head[8:12] == b"WEBP")


def read_zooms(line: sqlite3.Connection, format_: str) -> list[tuple[int, ...]]:
    """A row a zoom: zoom, tiles, columns and rows from-to. Raises RefusedFile for what cannot be."""
    magic = FORMATS[format_][1]
    rows = line.execute(ZOOMS, (len(magic), magic)).fetchall()
    for zoom, _, *places, longest, foreign, odd in rows:
        if not isinstance(zoom, int) or odd or not 0 <= zoom <= MOST_ZOOM:
            raise wrong_place(zoom)
        if min(places) < 0 or max(places) >= 1 << zoom:
            raise wrong_place(zoom)
        if longest is not None and longest > MOST_TILE_BYTES:
            raise giant()
        if foreign:
            raise refuse(
                "base_mixed",
                f"第 {zoom} 级有 {foreign} 张瓦片不是 {format_.upper()} 图片",
                f"at zoom {zoom}, {foreign} tiles are no {format_.upper()} pictures",
            )
    return [tuple(row[:6]) for row in rows]


def wrong_place(zoom: Any) -> RefusedFile:
    """What is said of a zoom, column or row that no tile has."""
    return refuse(
        "base_odd_tiles",
        f"瓦片的级别或行列号不对（级别 {str(zoom)[:12]}，应为 0–{MOST_ZOOM}）",
        f"tiles have a zoom, column or row that none can have (zoom {str(zoom)[:12]}, 0 to {MOST_ZOOM})",
    )


def measure_tiles(line: sqlite3.Connection, format_: str, zooms: list[int]) -> int:
    """The side of the pictures in px: one of each zoom is opened. Raises RefusedFile."""
    sides = set()
    for zoom in zooms:
        (content,) = line.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? LIMIT 1", (zoom,)
        ).fetchone()
        try:
            with Image.open(io.BytesIO(content), formats=[FORMATS[format_][0]]) as picture:
                sides.add(picture.size)
                if picture.size[0] in SIDES_PX and picture.size[1] in SIDES_PX:
                    picture.load()
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            raise refuse(
                "broken_tile",
                f"第 {zoom} 级的瓦片打不开",
                f"a tile of zoom {zoom} cannot be opened",
            ) from None
    if len(sides) != 1 or (side := sides.pop())[0] != side[1] or side[0] not in SIDES_PX:
        raise refuse(
            "odd_tile_size",
            "瓦片应为 256×256 或 512×512 像素，且全部一样大",
            "tiles must be 256 or 512 px square, and all of one size",
        )
    return int(side[0])


def find_bounds(zooms: list[tuple[int, ...]], told: str) -> tuple[float, float, float, float]:
    """Where there are tiles, within what the metadata says where that makes sense."""
    boxes = [box_of(row) for row in zooms]
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    try:
        left, low, right, high = (float(part) for part in told.split(","))
    except ValueError:
        return (west, south, east, north)
    within = (max(west, left), max(south, low), min(east, right), min(north, high))
    sound = all(map(math.isfinite, within)) and within[0] < within[2] and within[1] < within[3]
    return within if sound else (west, south, east, north)


def box_of(row: tuple[int, ...]) -> tuple[float, float, float, float]:
    """The box in degrees of a zoom, its columns and its TMS rows."""
    zoom, _, left, right, low, high = row
    count = 1 << zoom
    west, east = left / count * 360 - 180, (right + 1) / count * 360 - 180
    return (west, latitude(1 - low / count), east, latitude(1 - (high + 1) / count))


def latitude(down: float) -> float:
    """Degrees of a place in the square of EPSG:3857, counted from the top (0 to 1)."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down))))


def ensure_index(path: Path) -> None:
    """A tile must be found without reading all. Raises RefusedFile where it cannot be made so."""
    with looking(path) as line:
        plan = line.execute(f"EXPLAIN QUERY PLAN {ONE_TILE}", (0, 0, 0)).fetchall()
    if not any(str(row[3]).startswith("SCAN") for row in plan):
        return
    with looking(path, write=True) as line:
        (kind,) = line.execute("SELECT type FROM sqlite_master WHERE lower(name) = 'tiles'").fetchone()
        if kind != "table":
            raise refuse(
                "base_no_index",
                "瓦片表没有索引，读取太慢：请用制图软件重新导出",
                "the tiles have no index and would be found too slowly: export the file anew",
            )
        line.execute("PRAGMA journal_mode = OFF")
        try:
            line.execute(INDEX)
        except sqlite3.IntegrityError:
            raise refuse("base_twice", "同一位置有两张瓦片", "two tiles stand in one place") from None
