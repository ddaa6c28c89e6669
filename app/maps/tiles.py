"""Vector tiles: drawn by the database as it lets this viewer see, kept by scope and data version."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_value
from app.errors import BadInput
from app.maps.ground import Ground, find_data_version, find_ground, find_scope
from app.maps.layers import Layer, find_layer, viewer_of

MAX_ZOOM = 22
MIME = "application/vnd.mapbox-vector-tile"


@dataclass(frozen=True)
class Tile:
    """A tile ready to send: gzipped bytes and the tag that a browser sends back."""

    body: bytes
    etag: str

    def unpack(self) -> bytes:
        """The bytes for a client that takes no gzip."""
        return gzip.decompress(self.body)


class TileShelf:
    """Tiles that were drawn, newest kept, up to so many bytes; shared by all threads of a process."""

    def __init__(self, limit_bytes: int = 96 << 20) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self.tiles: OrderedDict[tuple[Any, ...], Tile] = OrderedDict()
        self.lock = threading.Lock()

    def find(self, key: tuple[Any, ...]) -> Tile | None:
        """The tile of a key, marked as used."""
        with self.lock:
            tile = self.tiles.get(key)
            if tile is not None:
                self.tiles.move_to_end(key)
            return tile

    def keep(self, key: tuple[Any, ...], tile: Tile) -> None:
        """Keep a tile; the least used go when the shelf is full."""
        with self.lock:
            old = self.tiles.pop(key, None)
            self.size_bytes += len(tile.body) - (len(old.body) if old else 0)
            self.tiles[key] = tile
            while self.size_bytes > self.limit_bytes:
                self.size_bytes -= len(self.tiles.popitem(last=False)[1].body)


SHELF = TileShelf()


def check_address(z: int, x: int, y: int) -> None:
    """Raises BadInput for a tile that does not exist."""
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise BadInput(
            "no_such_tile", zh=f"瓦片 {z}/{x}/{y} 不存在", en=f"there is no tile {z}/{x}/{y}", z=z, x=x, y=y
        )


def draw_tile(session: Session, layer: str, *, z: int, x: int, y: int) -> bytes:
    """The bytes of one Mapbox vector tile (EPSG:3857, extent 4096) as the session's viewer may see it.

    Raises NotFound for an unknown layer and BadInput for z/x/y out of range.
    """
    check_address(z, x, y)
    entry = find_layer(layer, viewer_of(session))
    return draw(session, entry, find_ground(session), address=(z, x, y))


def draw(session: Session, layer: Layer, ground: Ground, *, address: tuple[int, int, int]) -> bytes:
    """Run the layer's statement for a tile address (z, x, y)."""
    z, x, y = address
    return bytes(fetch_value(session, layer.statement, z=z, x=x, y=y, **ground.asked) or b"")


def find_tile(
    session: Session, layers: str, *, address: tuple[int, int, int], shelf: TileShelf = SHELF
) -> Tile:
    """The tile at (z, x, y), from the shelf where the same rights and the same data drew it before.

    `layers` is one key or several with commas between: their parts then come in one tile, so that a page asks
    once a place and not once a layer.
    """
    check_address(*address)
    entries = [find_layer(key, viewer_of(session)) for key in layers.split(",")]
    ground = find_ground(session)
    key = (str(session.get_bind()), find_scope(session), find_data_version(session, ground), layers, *address)
    tile = shelf.find(key)
    if tile is None:
        drawn = b"".join(draw(session, entry, ground, address=address) for entry in entries)
        body = gzip.compress(drawn, 6, mtime=0)
        tile = Tile(body, '"' + hashlib.sha256(body + repr(key[2]).encode()).hexdigest()[:24] + '"')
        shelf.keep(key, tile)
    return tile


def describe_tiles(session: Session, layer: str, *, base: str) -> dict[str, Any]:
    """The TileJSON 3.0 of a layer; `base` is the address before /tiles."""
    entry = find_layer(layer, viewer_of(session))
    ground = find_ground(session)
    return {
        "tilejson": "3.0.0",
        "name": entry.zh,
        "description": f"{entry.why_zh} / {entry.why_en}",
        "version": "1.0.0",
        "scheme": "xyz",
        "tiles": [f"{base}/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": entry.min_zoom,
        "maxzoom": entry.max_zoom,
        "bounds": list(ground.bounds),
        "vector_layers": [{"id": part, "fields": {}} for part in entry.parts],
        "data_version": find_data_version(session, ground),
    }
