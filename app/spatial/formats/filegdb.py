"""File geodatabases: a folder of tables, laid out anew under the names that its own files must have.

Only tables and their indexes are taken (`a00000001.gdbtable` and the like): no link, no lock, nothing that
names another place. A table's header says how long it is and how many rows it has; both are held against
what is there, because GDAL reads a shortened table as a shorter layer.
"""

import re
import shutil
import struct
from collections import defaultdict
from pathlib import Path, PurePosixPath

import numpy as np

from app.spatial.formats.archive import Member
from app.spatial.formats.layer import EncodingFinding, Found
from app.spatial.formats.refusals import refuse
from app.spatial.formats.source import Source

TABLE_SUFFIXES = (".gdbtable", ".gdbtablx")
_TABLE = re.compile(r"a[0-9a-f]{8}\.gdbtabl[ex]")
_CATALOGUE = "a00000001.gdbtable"
_HEADER = 40
_VERSION_10 = 3


def looks_like_gdbtable(head: bytes) -> bool:
    """Tell by the first bytes whether this is a table of a file geodatabase (version 10, or 64-bit ids)."""
    return len(head) >= _HEADER and head[0] in (3, 4) and head[1:4] == b"\0\0\0" and head[12:16] != b"\0" * 4


def collect(members: list[Member]) -> dict[str, list[Member]]:
    """Return the geodatabases among the members: the folder's name in the archive, and its tables.

    A folder is one when the first table, the catalogue of all others, lies in it.
    """
    folders: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        pure = PurePosixPath(member.name)
        if _TABLE.fullmatch(pure.name.lower()):
            folders[str(pure.parent)].append(member)
    whole = {name for name, tables in folders.items() if any(_is_catalogue(one) for one in tables)}
    if folders and not whole:
        raise refuse("gdb_incomplete", _CATALOGUE)
    return {name: tables for name, tables in folders.items() if name in whole}


def _is_catalogue(member: Member) -> bool:
    return PurePosixPath(member.name).name.lower() == _CATALOGUE


def lay_out(tables: list[Member], work: Path) -> Path:
    """Copy the tables into a folder of our own and return it.

    Raises RefusedFile gdb_truncated, gdb_broken, gdb_incomplete.
    """
    folder = work / "layer.gdb"
    folder.mkdir(parents=True)
    for member in tables:
        shutil.copyfile(member.path, folder / PurePosixPath(member.name).name.lower())
    for table in sorted(folder.glob("*.gdbtable")):
        _check_table(table)
    return folder


def _check_table(path: Path) -> None:
    """Hold what the table's header promises against the file and against its index of rows."""
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if not looks_like_gdbtable(header):
        raise refuse("gdb_broken", path.name)
    (size,) = struct.unpack_from("<q", header, 24)
    if size > path.stat().st_size:
        raise refuse("gdb_truncated", f"{path.name}: {path.stat().st_size} < {size}")
    (rows,) = struct.unpack_from("<i", header, 4)
    index = path.with_suffix(".gdbtablx")
    if header[0] == _VERSION_10 and rows > 0:
        if not index.exists():
            raise refuse("gdb_incomplete", index.name)
        _check_index(index, rows)


def _check_index(path: Path, rows: int) -> None:
    """Every row has an offset that is not zero; GDAL takes a missing one for a deleted row."""
    data = path.read_bytes()
    if len(data) < 16:
        raise refuse("gdb_truncated", path.name)
    _, blocks, _, width = struct.unpack_from("<iiii", data)
    if width not in (4, 5, 6) or blocks < 0:
        raise refuse("gdb_broken", path.name)
    end = 16 + blocks * 1024 * width
    if end > len(data):
        raise refuse("gdb_truncated", f"{path.name}: {len(data)} < {end}")
    offsets = np.frombuffer(data, np.uint8, blocks * 1024 * width, 16).reshape(-1, width)
    found = int(offsets.any(axis=1).sum())
    if found < rows:
        raise refuse("gdb_broken", f"{path.name}: {found} / {rows}")


def list_layers(source: Source) -> list[str]:
    """Return the feature classes; plain tables are not layers."""
    from app.spatial.formats.gdal import list_vector_layers

    return list_vector_layers(source.parts[".gdb"], "OpenFileGDB")


def read(source: Source, layer: str, encoding: str | None) -> Found:
    """Read one feature class; its text is Unicode by the format, whatever `encoding` says."""
    from app.spatial.formats.gdal import read_vector

    folder = source.parts[".gdb"]
    vector = read_vector(folder, driver="OpenFileGDB", layer=layer)
    promised = _count_promised(folder, layer)
    if promised > len(vector.wkb):
        raise refuse("layer_incomplete", f"{len(vector.wkb)} / {promised}")
    finding, rows = EncodingFinding("utf-8", "standard"), list(range(1, len(vector.wkb) + 1))
    return Found(layer, vector.columns, vector.wkb, vector.crs, finding, (), rows)


def _count_promised(folder: Path, layer: str) -> int:
    """The rows that the header of a layer's table promises; GDAL ends quietly at the first broken row."""
    from app.spatial.formats.gdal import list_catalogue

    path = folder / f"a{list_catalogue(folder).get(layer, 0):08x}.gdbtable"
    if not path.is_file():
        return 0
    with path.open("rb") as file:
        header = file.read(_HEADER)
    return int(struct.unpack_from("<i", header, 4)[0]) if header[0] == _VERSION_10 else 0
