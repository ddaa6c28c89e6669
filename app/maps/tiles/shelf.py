"""Tiles that were drawn, as they are sent: packed in the form a client takes, kept by what they show."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Literal

import brotli

Form = Literal["br", "gzip", "identity"]
# A tile is packed while somebody waits for it: Brotli's fourth step is as quick as gzip's fifth, and smaller.
BROTLI_QUALITY = 4
GZIP_LEVEL = 5


class Tile:
    """A tile ready to send: its bytes in the forms asked for so far, and the tag a browser returns."""

    def __init__(self, drawn: bytes, *, version: str, form: Form = "gzip") -> None:
        # The version tells apart what looks alike: an empty tile of yesterday is not one of today.
        self.tag = hashlib.blake2b(version.encode() + b"\0" + drawn, digest_size=12).hexdigest()
        first: Form = "br" if form == "br" else "gzip"
        self._packed: dict[Form, bytes] = {first: pack(drawn, first)}
        # Room for both forms, and for what surrounds them.
        self.size_bytes = 2 * len(self._packed[first]) + 400

    def give(self, form: Form) -> bytes:
        """The bytes in a form; a packed form is made once, the plain one each time."""
        kept = self._packed.get(form)
        if kept is None:
            kept = pack(self.unpack(), form)
            if form != "identity":
                self._packed[form] = kept
        return kept

    def unpack(self) -> bytes:
        """The plain bytes of the vector tile."""
        form, packed = next(iter(self._packed.items()))
        return unpack(packed, form)

    def etag(self, form: Form) -> str:
        """The tag of the bytes in a form."""
        return f'"{self.tag}-{form}"'


def pack(drawn: bytes, form: Form) -> bytes:
    """Bytes in a form."""
    if form == "br":
        packed: bytes = brotli.compress(drawn, quality=BROTLI_QUALITY)
        return packed
    return gzip.compress(drawn, GZIP_LEVEL, mtime=0) if form == "gzip" else drawn


def unpack(packed: bytes, form: Form) -> bytes:
    """Bytes out of a packed form."""
    if form == "br":
        drawn: bytes = brotli.decompress(packed)
        return drawn
    return gzip.decompress(packed)


def choose_form(accepted: str) -> Form:
    """The best form of an Accept-Encoding header; a form with `q=0` is refused by the client."""
    taken = {
        name.strip().lower()
        for name, _, quality in (part.partition(";") for part in accepted.split(","))
        if quality.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    }
    return "br" if "br" in taken else "gzip" if taken & {"gzip", "x-gzip"} else "identity"


class TileShelf:
    """Tiles by key, newest kept, up to so many bytes; shared by all threads of a process."""

    def __init__(self, limit_bytes: int = 96 << 20) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self.tiles: OrderedDict[Hashable, Tile] = OrderedDict()
        self.lock = threading.Lock()

    def find(self, key: Hashable) -> Tile | None:
        """The tile of a key, marked as used."""
        with self.lock:
            tile = self.tiles.get(key)
            if tile is not None:
                self.tiles.move_to_end(key)
            return tile

    def keep(self, key: Hashable, tile: Tile) -> None:
        """Keep a tile; the least used go when the shelf is full."""
        with self.lock:
            old = self.tiles.pop(key, None)
            self.size_bytes += tile.size_bytes - (old.size_bytes if old else 0)
            self.tiles[key] = tile
            while self.size_bytes > self.limit_bytes and self.tiles:
                self.size_bytes -= self.tiles.popitem(last=False)[1].size_bytes

    def clear(self) -> None:
        """Nothing is kept."""
        with self.lock:
            self.tiles.clear()
            self.size_bytes = 0
