"""An index kept in a file: mapped, so that processes share it, and never believed unless it is whole.

A file is named after what it is the index of (the polygons, byte by byte, and the code that indexes), and
begins with the hash of all that follows. Whatever is wrong with it, the index is built anew.
"""

import functools
import hashlib
import json
import mmap
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.index import Index, build_index
from app.spatial.locate import Locator
from app.spatial.raster import Frame
from app.spatial.rings import Shapes
from app.spatial.topology.edges import as_shapes

FOLDER = "indexes"
_KEPT = 24
"""Files that stay in a folder: some versions of grids and villages, also those a process still names."""
_ALIGN, _DIGEST = 64, 32
_MAKERS = ("kernel.c", "rings.py", "slabs.py", "exact.py", "raster.py", "index.py", "index_file.py")


def open_locator(polygons: Sequence[BaseGeometry] | Sequence[bytes] | Shapes, home: Path | None) -> Locator:
    """A locator over polygons (EPSG:4326, geometries or their WKB) whose index is kept under the home.

    The first call builds and writes it; later ones, also of other processes, map the file: about 25 ms for
    7,700 villages, most of it to prove the file whole. A damaged file is made again, a home that cannot be
    written (or None) costs only the time to build. Shapes are made of WKB only where somebody asks for them.
    """
    given = as_shapes(polygons)
    if home is None:
        return Locator(_as_geometries(given))
    key = key_of(given)
    file = home / FOLDER / f"{key}.index"
    index = read_index(file, key)
    if index is None:
        index = build_index(_as_geometries(given))
        with suppress(OSError):
            write_index(file, index, key)
            index = read_index(file, key) or index
    return KeptLocator.of_file(index, file, key)


class KeptLocator(Locator):
    """A locator over a kept index. Pickled it is its file's name, and opens that where it arrives."""

    _file: Path
    _key: str

    @classmethod
    def of_file(cls, index: Index, file: Path, key: str) -> Self:
        """A locator over the index kept in a file."""
        locator = cls.of_index(index)
        locator._file, locator._key = file, key
        return locator

    def __reduce__(self) -> tuple[Any, ...]:
        kept = read_head(self._file) == self._key
        return _unpickle, (self._file, self._key, None if kept else self._index)


def _unpickle(file: Path, key: str, index: Index | None) -> KeptLocator:
    index = index or read_index(file, key)
    if index is None:
        raise FileNotFoundError(f"the index {file} is gone; open the locator again")
    return KeptLocator.of_file(index, file, key)


def key_of(polygons: Shapes) -> str:
    """What the index of polygons is named: a hash of their bytes and of the code that builds it."""
    wkb = polygons if _is_wkb(polygons) else shapely.to_wkb(polygons)
    found = hashlib.sha256(_makers())
    found.update(np.array([-1 if one is None else len(one) for one in wkb], dtype=np.int64).tobytes())
    found.update(b"".join(one for one in wkb if one is not None))
    return found.hexdigest()[:40]


def write_index(file: Path, index: Index, key: str) -> None:
    """Write an index, all or nothing; the least used of many files go. Raises OSError."""
    arrays = index.arrays()
    places, offset = {}, 0
    for name, array in arrays.items():
        places[name] = [array.dtype.str, list(array.shape), offset]
        offset += -(-array.nbytes // _ALIGN) * _ALIGN
    words = {"key": key, "frame": vars(index.raster.frame), "arrays": places, "bytes": offset}
    head = json.dumps(words).encode()
    head = len(head).to_bytes(8, "little") + head
    head += b"\0" * (-(len(head) + _DIGEST) % _ALIGN)
    file.parent.mkdir(parents=True, exist_ok=True)
    body = [head, *(_padded(array) for array in arrays.values())]
    _replace(file, body)
    _prune(file)


def read_index(file: Path, key: str) -> Index | None:
    """The index a file keeps, mapped and read only; None unless it is whole and of this key."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        with file.open("rb") as opened:
            mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        view = memoryview(mapped)
        if hashlib.sha256(view[_DIGEST:]).digest() != bytes(view[:_DIGEST]):
            return None
        size = int.from_bytes(view[_DIGEST : _DIGEST + 8], "little")
        words = json.loads(bytes(view[_DIGEST + 8 : _DIGEST + 8 + size]))
        if words["key"] != key:
            return None
        start = len(view) - words["bytes"]
        arrays = {name: _array(view, start, *place) for name, place in words["arrays"].items()}
        with suppress(OSError):
            os.utime(file)
        return Index.of_arrays(arrays, Frame(**words["frame"]))
    return None


def read_head(file: Path) -> str | None:
    """The key a file claims to be of, nothing else looked at; None where there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError), file.open("rb") as opened:
        opened.seek(_DIGEST)
        size = int.from_bytes(opened.read(8), "little")
        return str(json.loads(opened.read(min(size, 1 << 16)))["key"])
    return None


@functools.cache
def _makers() -> bytes:
    """A hash of the code an index depends on, and of how this machine writes numbers."""
    found = hashlib.sha256(sys.byteorder.encode())
    for name in _MAKERS:
        found.update(Path(__file__).with_name(name).read_bytes())
    return found.digest()


def _is_wkb(polygons: Shapes) -> bool:
    return any(isinstance(one, bytes) for one in polygons[:1000])


def _as_geometries(polygons: Shapes) -> Shapes:
    return np.asarray(shapely.from_wkb(polygons)) if _is_wkb(polygons) else polygons


def _array(view: memoryview, start: int, dtype: str, shape: list[int], offset: int) -> npt.NDArray[Any]:
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(view, dtype=np.dtype(dtype), count=count, offset=start + offset).reshape(shape)


def _padded(array: npt.NDArray[Any]) -> bytes:
    body = array.tobytes()
    return body + b"\0" * (-len(body) % _ALIGN)


def _replace(file: Path, body: list[bytes]) -> None:
    """Put a file in its place in one step, its hash before it."""
    digest = hashlib.sha256()
    for part in body:
        digest.update(part)
    handle, fresh = tempfile.mkstemp(dir=file.parent, suffix=".fresh")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(digest.digest())
            opened.writelines(body)
        os.replace(fresh, file)  # noqa: PTH105
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise


def _prune(file: Path) -> None:
    """Leave the files used last; a process that has mapped one keeps it all the same."""
    with suppress(OSError):
        files = sorted(file.parent.glob("*.index"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in files[_KEPT:]:
            old.unlink(missing_ok=True)
