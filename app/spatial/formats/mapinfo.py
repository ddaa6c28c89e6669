"""MapInfo tables: TAB with its .dat, .map and .id, and the exchange form MIF with its .mid.

A .tab is a small program: it may name other files, a database, a view over other tables. Only a native table
is read, from copies of its own parts under our own names and with a header in which nothing but the charset
was replaced. The charset is a mark like any other: text comes raw and is decided from its bytes.
"""

import re
import shutil
from pathlib import Path

from app.spatial.formats.layer import Found
from app.spatial.formats.recode import RAW, compare_mark, decode_columns
from app.spatial.formats.refusals import refuse
from app.spatial.formats.source import Source
from app.spatial.notes import Note

DRIVER = "MapInfo File"
_HEAD_BYTES = 1 << 20
_NATIVE = ("native", "dbf")
_CHARSETS = {
    "windowssimpchinese": "gb18030",
    "windowstradchinese": "big5hkscs",
    "utf-8": "utf-8",
    "windowslatin1": "latin-1",
    "iso8859_1": "latin-1",
}
_CHARSET = re.compile(rb'(?im)(^!charset[ \t]+|^charset[ \t]+"|\bcharset[ \t]+")([\w.-]+)')
_TYPE = re.compile(rb"(?im)^[ \t]*type[ \t]+\"?(\w+)")
# What makes a .tab more than a table of its own: a view, a chain of tables, another file, a database.
_POINTS_AWAY = re.compile(rb"(?im)^[ \t]*(?:create[ \t]+view|open[ \t]+table|file[ \t]+\")")


def looks_like_tab(head: bytes) -> bool:
    """Tell by the first bytes whether this is a MapInfo table's header."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:6].lower() == b"!table"


def looks_like_mif(head: bytes) -> bool:
    """Tell by the first bytes whether this is a MapInfo interchange file."""
    return re.match(rb"(?i)version\s+\d+\s", head.removeprefix(b"\xef\xbb\xbf").lstrip()) is not None


def list_layers(source: Source) -> list[str]:
    """A MapInfo table is one layer, named like its file."""
    return [source.name]


def read_tab(source: Source, layer: str, encoding: str | None) -> Found:
    """Read a native table. Raises RefusedFile mapinfo_linked, mapinfo_incomplete, mapinfo_broken."""
    header = _head(source.parts[".tab"])
    kind = _TYPE.search(header)
    if kind is None:
        raise refuse("mapinfo_broken", f"{source.name}.tab")
    if kind[1].decode().lower() not in _NATIVE or _POINTS_AWAY.search(header):
        raise refuse("mapinfo_linked", kind[1].decode())
    needed = (".dbf",) if kind[1].lower() == b"dbf" else (".dat",)
    missing = [suffix for suffix in (*needed, ".map", ".id") if suffix not in source.parts]
    if missing:
        raise refuse("mapinfo_incomplete", "、".join(source.name + suffix for suffix in missing))
    for suffix in (*needed, ".map", ".id"):
        shutil.copyfile(source.parts[suffix], source.work / f"layer{suffix}")
    return _read(source, layer, encoding, suffix=".tab")


def read_mif(source: Source, layer: str, encoding: str | None) -> Found:
    """Read an interchange file; without its .mid only the shapes. Raises RefusedFile mapinfo_broken,
    counts_differ when there are not as many rows as shapes."""
    table = source.parts.get(".mid")
    if table is not None:
        shutil.copyfile(table, source.work / "layer.mid")
    found = _read(source, layer, encoding, suffix=".mif")
    if table is None:
        if not source.parts[".mif"].read_bytes()[-2:].rstrip(b" \t\x1a").endswith((b"\n", b"\r")):
            raise refuse("layer_incomplete")  # every line is ended; nothing else tells a file that was cut
        note = Note("no_table", "缺少属性表 .mid，只有图形", "The table .mid is missing; shapes only")
        return Found(layer, {}, found.wkb, found.wkt, found.encoding, (note,), found.rows)
    with table.open("rb") as file:
        lines = sum(1 for line in file if line.strip())
    if lines != len(found.rows):
        raise refuse("counts_differ", f"{len(found.rows)} / {lines}")
    return found


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _read(source: Source, layer: str, encoding: str | None, *, suffix: str) -> Found:
    """Read the copy whose charset says nothing, so that text comes as it is."""
    from app.spatial.formats.gdal import read_vector

    path = source.work / f"layer{suffix}"
    data = source.parts[suffix].read_bytes().removeprefix(b"\xef\xbb\xbf")
    marks = [match[2].decode("ascii", "replace") for match in _CHARSET.finditer(data[:_HEAD_BYTES])]
    path.write_bytes(_CHARSET.sub(rb"\1Neutral", data[:_HEAD_BYTES]) + data[_HEAD_BYTES:])
    vector = read_vector(path, driver=DRIVER, encoding=RAW)
    columns, finding, cut = decode_columns(vector.columns, encoding)
    notes = (*compare_mark(marks[-1] if marks else "", finding, _CHARSETS), *cut)
    rows = list(range(1, len(vector.wkb) + 1))
    return Found(layer, columns, vector.wkb, _declared(vector.crs), finding, notes, rows)


def _declared(crs: str | None) -> str | None:
    """What the table says of its coordinates; a plan of no place and a datum of no name say nothing."""
    if crs is None or crs.startswith(("LOCAL_CS", "ENGCRS")):
        return None
    return None if crs.startswith("GEOGCS") and '"MIF 0"' in crs else crs
