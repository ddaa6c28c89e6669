"""GeoPackages, read by GDAL from a copy in the work folder (SQLite may want to write beside the file).

The database is looked at before GDAL opens it: whether all its pages are there, whether they hold together,
and whether it is a GeoPackage at all. SQLite's own words never reach a person.
"""

import contextlib
import shutil
import sqlite3
from pathlib import Path

from app.spatial.formats.layer import EncodingFinding, Found
from app.spatial.formats.recode import RAW, decode_columns
from app.spatial.formats.refusals import refuse
from app.spatial.formats.source import Source
from app.spatial.notes import Note

DRIVER = "GPKG"
_MAGIC = b"SQLite format 3\0"
_UNDEFINED = ("undefined cartesian", "undefined geographic", "undefined srs", "undefined engineering")


def looks_like_sqlite(head: bytes) -> bool:
    """Tell by the first bytes whether this is an SQLite file, which a GeoPackage is."""
    return head.startswith(_MAGIC)


def _copy(source: Source) -> Path:
    target = source.work / "layer.gpkg"
    if not target.exists():
        shutil.copyfile(source.parts[".gpkg"], target)
        _check_pages(target)
        _check_database(target)
        _forget_counts(target)
    return target


def _check_pages(path: Path) -> None:
    """Hold the number of pages in the header against the file. Layout: SQLite's file format, section 1.3."""
    with path.open("rb") as file:
        head = file.read(100)
    page_bytes = int.from_bytes(head[16:18], "big")
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    counted = head[24:28] == head[92:96]  # else an old writer left the count behind
    promised = int.from_bytes(head[28:32], "big") * page_bytes
    if len(head) < 100 or (counted and promised > path.stat().st_size):
        raise refuse("gpkg_truncated", f"{path.stat().st_size} < {promised}")


def _check_database(path: Path) -> None:
    """Refuse a database that is damaged, and one that is no GeoPackage."""
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        try:
            database.text_factory = bytes
            database.execute("PRAGMA trusted_schema = OFF")
            words = [row[0] for row in database.execute("PRAGMA quick_check(5)")]
            told = "SELECT lower(name) FROM sqlite_master WHERE type IN ('table', 'view')"
            names = {row[0] for row in database.execute(told)}
        finally:
            database.close()
    except (
        sqlite3.Error,
        UnicodeDecodeError,
    ) as error:  # a name that is no Unicode in the words of the check
        raise refuse("gpkg_broken") from error
    # Rows that break a NOT NULL or a CHECK are told here too; they are readable all the same.
    if any(bytes(word).startswith(b"***") for word in words):
        raise refuse("gpkg_broken")
    if not {b"gpkg_contents", b"gpkg_geometry_columns"} <= names:
        raise refuse("gpkg_foreign" if b"gpkg_contents" not in names else "no_layer")


def _forget_counts(path: Path) -> None:
    """Take the noted numbers of rows out of our copy: GDAL believes them, and would read that many alone."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as database, database:
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("DROP TABLE IF EXISTS gpkg_ogr_contents")
    except sqlite3.Error as error:
        raise refuse("gpkg_broken") from error


def list_layers(source: Source) -> list[str]:
    """Return the layers that hold shapes; plain attribute tables are not layers."""
    from app.spatial.formats.gdal import list_vector_layers

    return list_vector_layers(_copy(source), DRIVER)


def read(source: Source, layer: str, encoding: str | None) -> Found:
    """Read one layer; text that is not UTF-8 as the standard wants is decided from its bytes, and said."""
    from app.spatial.formats.gdal import read_vector

    path, notes = _copy(source), tuple[Note, ...]()
    finding = EncodingFinding("utf-8", "standard")
    try:
        vector = read_vector(path, driver=DRIVER, layer=layer)
        columns = vector.columns
    except UnicodeDecodeError:
        vector = read_vector(path, driver=DRIVER, layer=layer, encoding=RAW)
        columns, finding, cut = decode_columns(vector.columns, encoding)
        zh, en = f"文字不是标准的 UTF-8，按 {finding.name} 读取", f"The text is not UTF-8 but {finding.name}"
        notes = (Note("encoding_mark_wrong", zh, en), *cut)
    rows = list(range(1, len(vector.wkb) + 1))
    return Found(layer, columns, vector.wkb, _declared(vector.crs), finding, notes, rows)


def _declared(crs: str | None) -> str | None:
    """What the layer says of its coordinates; the standard's two "undefined" systems say nothing."""
    return None if crs is None or any(word in crs.lower()[:120] for word in _UNDEFINED) else crs
