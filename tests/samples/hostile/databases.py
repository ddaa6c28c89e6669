"""SQLite files: GeoPackages that are cut, lie, run code in their schema, or are other databases."""

import random
import sqlite3
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache, partial

from tests.samples import boundary_files as made
from tests.samples.hostile import sound
from tests.samples.hostile.case import SMALL, Bait, Hostile, asked, cuts, gives, refused, whole

_TABLE = "villages"
_QUICK, _LEAN = replace(SMALL, cpu_s=1, wall_s=2), replace(SMALL, memory_bytes=700 << 20)
_NO_LAYER = refused("no_layer", "gpkg_foreign", "gpkg_broken", "gpkg_truncated")
Database = sqlite3.Connection


def _edited(edit: Callable[[Database], object]) -> bytes:
    """The sound GeoPackage after `edit`; the functions that its triggers call are there."""

    def prepare(database: Database) -> None:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            database.create_function(name, 1, lambda _: 0)
        edit(database)

    return sound.edited_database(sound.geopackage(), prepare)


def _run(*statements: str) -> bytes:
    return _edited(lambda database: [database.execute(statement) for statement in statements])


def _lured(statements: tuple[str, ...], bait: Bait) -> bytes:
    filled = [
        one.replace("{secret}", bait.secret(".geojson"))
        .replace("{csv}", bait.secret(".csv"))
        .replace("{db}", bait.secret(".gpkg"))
        .replace("{url}", bait.url)
        for one in statements
    ]
    return _run(*filled)


def _blank(*statements: str) -> bytes:
    return sound.edited_database(b"", lambda database: [database.execute(one) for one in statements])


def _blob(value: bytes, row: int = 1) -> bytes:
    def edit(database: Database) -> None:
        column = database.execute("SELECT column_name FROM gpkg_geometry_columns").fetchone()[0]
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(f'UPDATE "{_TABLE}" SET "{column}" = ? WHERE rowid = ?', (value, row))

    return _edited(edit)


@lru_cache
def _first_blob() -> bytes:
    found: list[bytes] = []

    def edit(database: Database) -> None:
        column = database.execute("SELECT column_name FROM gpkg_geometry_columns").fetchone()[0]
        found.append(database.execute(f'SELECT "{column}" FROM "{_TABLE}" WHERE rowid = 1').fetchone()[0])

    _edited(edit)
    return found[0]


def _wkb(body: bytes, flags: int = 1) -> bytes:
    return b"GP\0" + bytes([flags]) + struct.pack("<i", 4490) + body


def _cut() -> Iterator[Hostile]:
    data = sound.geopackage()
    for nth, length in cuts(len(data), 14):
        yield Hostile(
            f"databases/cut-{nth}.gpkg",
            whole(sound.ROWS),
            lambda length=length: sound.geopackage()[:length],
        )
    for page in (1, 2, 3, 5, 8, 13, 21):
        yield Hostile(f"databases/page-{page}-rubbish.gpkg", whole(sound.ROWS), partial(_without_page, page))
    for at, value, what in (
        (16, b"\0\0", "page-size-zero"),
        (16, b"\xff\xff", "page-size-odd"),
        (18, b"\2\2", "log-mode"),
        (18, b"\xff\xff", "version-later"),
        (20, b"\xff", "reserved-most"),
        (28, b"\xff\xff\xff\xff", "pages-most"),
        (28, b"\0\0\0\1", "pages-one"),
        (56, b"\0\0\0\2", "text-utf16"),
        (68, b"\0\0\0\0", "no-application"),
        (100, b"\2", "root-not-a-leaf"),
        (103, b"\xff\xff", "root-cells-most"),
    ):
        yield Hostile(f"databases/header-{what}.gpkg", whole(sound.ROWS), partial(_header, at, value))
    yield Hostile("databases/only-magic.gpkg", _NO_LAYER, b"SQLite format 3\0")
    yield Hostile("databases/magic-and-zeros.gpkg", _NO_LAYER, b"SQLite format 3\0" + b"\0" * 8000)
    for seed in range(3):
        yield Hostile(
            f"databases/rubbish-{seed}.gpkg",
            _NO_LAYER,
            b"SQLite format 3\0" + random.Random(seed).randbytes(9000),
        )


def _without_page(number: int) -> bytes:
    data = bytearray(sound.geopackage())
    size = struct.unpack_from(">H", data, 16)[0]
    start = size * (number - 1) + (100 if number == 1 else 0)
    data[start : size * number] = random.Random(number).randbytes(len(data[start : size * number]))
    return bytes(data)


def _header(at: int, value: bytes) -> bytes:
    data = bytearray(sound.geopackage())
    data[at : at + len(value)] = value
    return bytes(data)


# Everything SQLite could be talked into doing by a schema. None may change what is read, nor read elsewhere.
_SCHEMAS: dict[str, tuple[str, ...]] = {
    "trigger": (
        f"CREATE TRIGGER t AFTER INSERT ON {_TABLE} BEGIN SELECT load_extension('{{secret}}'); END",
        f"CREATE TRIGGER d AFTER UPDATE ON {_TABLE} BEGIN DELETE FROM {_TABLE}; END",
    ),
    "view-readfile": ("CREATE VIEW spy AS SELECT readfile('{secret}') AS t",),
    "extension-row": (
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT,"
        " definition TEXT, scope TEXT)",
        "INSERT INTO gpkg_extensions VALUES (NULL, NULL, 'gdal_aspatial', '{url}', 'read-write')",
        "INSERT INTO gpkg_extensions VALUES (NULL, NULL, 'load_extension', '{secret}', 'read-write')",
    ),
    "metadata": (
        "CREATE TABLE gpkg_metadata (id INTEGER PRIMARY KEY, md_scope TEXT, md_standard_uri TEXT,"
        " mime_type TEXT, metadata TEXT)",
        "CREATE TABLE gpkg_metadata_reference (reference_scope TEXT, table_name TEXT, column_name TEXT,"
        " row_id_value INTEGER, timestamp TEXT, md_file_id INTEGER, md_parent_id INTEGER)",
        "INSERT INTO gpkg_metadata VALUES (1, 'dataset', 'http://gdal.org', 'text/xml',"
        ' \'<GDALMultiDomainMetadata><Metadata><MDI key="a">/vsicurl/{url}</MDI></Metadata>'
        "</GDALMultiDomainMetadata>')",
        "INSERT INTO gpkg_metadata_reference VALUES ('geopackage', NULL, NULL, NULL, '2020', 1, NULL)",
    ),
    "srs-path": ("UPDATE gpkg_spatial_ref_sys SET organization = '{secret}', definition = '/vsicurl/{url}'",),
    "srs-grid": (
        "UPDATE gpkg_spatial_ref_sys SET organization = 'x', definition = '+proj=longlat +nadgrids={secret}'",
    ),
    "count-lies": ("UPDATE gpkg_ogr_contents SET feature_count = 3",),
    "count-zero": ("UPDATE gpkg_ogr_contents SET feature_count = 0",),
    "count-most": ("UPDATE gpkg_ogr_contents SET feature_count = 9223372036854775807",),
    "count-negative": ("UPDATE gpkg_ogr_contents SET feature_count = -1",),
    "bounds-lie": ("UPDATE gpkg_contents SET min_x = 1e308, max_x = -1e308",),
    "bounds-text": ("UPDATE gpkg_contents SET min_x = '{secret}', max_x = x'00'",),
    "index-lies": (f"DELETE FROM rtree_{_TABLE}_geom_node",),
    "generated-column": (
        f"ALTER TABLE {_TABLE} ADD COLUMN g TEXT GENERATED ALWAYS AS (lower('{{secret}}')) VIRTUAL",
    ),
}
# Layers whose rows come from a statement or a module, not from a table.
_VIEWS: dict[str, tuple[str, ...]] = {
    "virtual-ogr": (
        "PRAGMA writable_schema=ON",
        "INSERT INTO sqlite_master VALUES ('table','spy','spy',0,"
        "'CREATE VIRTUAL TABLE spy USING VirtualOGR(''{secret}'')')",
    ),
    "virtual-shape": (
        "PRAGMA writable_schema=ON",
        "INSERT INTO sqlite_master VALUES ('table','spy','spy',0,"
        "'CREATE VIRTUAL TABLE spy USING VirtualShape(''{secret}'', utf8, 4326)')",
    ),
    "virtual-csv": (
        "PRAGMA writable_schema=ON",
        "INSERT INTO sqlite_master VALUES ('table','spy','spy',0,"
        "'CREATE VIRTUAL TABLE spy USING csv(filename=''{csv}'')')",
    ),
    "virtual-dbpage": (
        "PRAGMA writable_schema=ON",
        "INSERT INTO sqlite_master VALUES ('table','spy','spy',0,"
        "'CREATE VIRTUAL TABLE spy USING fsdir(''/etc'')')",
    ),
    "view-functions": ("CREATE VIEW spy AS SELECT 1 AS fid, ogr_geocode('x') AS n, NULL AS geom",),
    "view-load": ("CREATE VIEW spy AS SELECT 1 AS fid, load_extension('{secret}') AS n, NULL AS geom",),
    "view-open-layer": (
        "CREATE VIEW spy AS SELECT 1 AS fid, ogr_datasource_load_layers('{secret}') AS n, NULL AS geom",
    ),
    "view-gdal-path": (
        "CREATE VIEW spy AS SELECT 1 AS fid, gdal_get_pixel_value('/vsicurl/{url}',1,'pixel',1,1) AS n,"
        " NULL AS geom",
    ),
    "view-raise": ("CREATE VIEW spy AS SELECT 1 AS fid, abs(-9223372036854775808) AS n, NULL AS geom",),
    "view-endless": (
        "CREATE VIEW spy AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
        " SELECT x AS fid, x AS n, NULL AS geom FROM c",
    ),
    "view-huge-cell": ("CREATE VIEW spy AS SELECT 1 AS fid, zeroblob(999999999) AS n, NULL AS geom",),
    "view-itself": ("CREATE VIEW spy AS SELECT * FROM spy2", "CREATE VIEW spy2 AS SELECT * FROM spy"),
    "table-missing": (),
}
_ONLY_SPY = (
    "DELETE FROM gpkg_geometry_columns",
    "DELETE FROM gpkg_contents",
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)"
    " VALUES ('spy', 'features', 'spy', 4326)",
    "INSERT INTO gpkg_geometry_columns VALUES ('spy', 'geom', 'POLYGON', 4326, 0, 0)",
)


def _schemas() -> Iterator[Hostile]:
    for what, statements in _SCHEMAS.items():
        yield Hostile(f"databases/schema-{what}.gpkg", whole(sound.ROWS), lure=partial(_lured, statements))
    for what, statements in _VIEWS.items():
        endless = what == "view-endless"
        outcome = refused("too_slow", "too_much_memory", "unreadable") if endless else whole(1)
        yield Hostile(
            f"databases/{what}.gpkg",
            outcome,
            lure=partial(_lured, (*_ONLY_SPY, *statements)),
            limits=_QUICK if endless else _LEAN if what == "view-huge-cell" else SMALL,
        )


def _shapes() -> Iterator[Hostile]:
    square = (
        b"\1"
        + struct.pack("<III", 3, 1, 4)
        + struct.pack("<8d", *[121.2, 31.8, 121.3, 31.8, 121.3, 31.9, 121.2, 31.8])
    )
    deep = struct.pack("<BII", 1, 7, 1)
    for what, blob in (
        ("empty", b""),
        ("null-blob", b"\0"),
        ("text", b"POLYGON((0 0,1 1,1 0,0 0))"),
        ("header-only", _wkb(b"")),
        ("header-half", b"GP\0"),
        ("envelope-cut", _wkb(b"\0" * 10, 3)),
        ("envelope-unknown", _wkb(square, 0x0F)),
        ("rings-most", _wkb(b"\1" + struct.pack("<II", 3, 0xFFFFFFFF))),
        ("points-most", _wkb(b"\1" + struct.pack("<III", 3, 1, 0xFFFFFFFF))),
        ("points-cut", _wkb(square[:-9])),
        ("order-unknown", _wkb(b"\7" + square[1:])),
        ("kind-unknown", _wkb(b"\1" + struct.pack("<I", 4_000_000))),
        ("kind-curve", _wkb(b"\1" + struct.pack("<III", 8, 1, 0))),
        ("deep-40", _wkb(deep * 40 + square)),
        ("deep-100000", _wkb(deep * 100_000 + square)),
        ("multi-in-multi", _wkb(struct.pack("<BII", 1, 6, 1) * 50_000 + square)),
        ("nan", _wkb(square[:13] + struct.pack("<d", float("nan")) * 8)),
        ("1e308", _wkb(square[:13] + struct.pack("<d", 1e308) * 8)),
        ("z-without-z", _wkb(b"\1" + struct.pack("<I", 1003) + square[5:])),
        ("tail", _wkb(square + b"\0" * 999)),
    ):
        yield Hostile(f"databases/shape-{what}.gpkg", whole(sound.ROWS), partial(_blob, blob))


def _names() -> Iterator[Hostile]:
    for what, name in (
        ("path", "../../etc/passwd"),
        ("quotes", '"; DROP TABLE x; --'),
        ("markup", "<script>"),
        ("vsi", "/vsicurl/http"),
        ("nul", "a\0b"),
        ("empty", ""),
        ("long", "n" * 60_000),
        ("right-to-left", "\u202ea"),
    ):
        yield Hostile(f"databases/layer-name-{what}.gpkg", whole(sound.ROWS), partial(_renamed, name))
        yield Hostile(f"databases/column-name-{what}.gpkg", whole(sound.ROWS), partial(_other_column, name))
    for what, old in (("column", b"code"), ("layer", b"villages")):
        yield Hostile(
            f"databases/{what}-name-not-unicode.gpkg",
            replace(whole(sound.ROWS), asks=frozenset({"encoding_unclear"})),
            lambda old=old: sound.geopackage().replace(old, b"\xff\xfe" + old[2:]),
        )
    yield Hostile("databases/columns-1900.gpkg", whole(1), _wide)
    yield Hostile("databases/layers-1000.gpkg", asked("several_layers"), _many_layers)
    unclear = replace(whole(sound.ROWS), asks=frozenset({"encoding_unclear"}))
    yield Hostile("databases/text-half-surrogate.gpkg", unclear, partial(_text, b"\xed\xa0\x80"))
    yield Hostile("databases/text-nul.gpkg", whole(sound.ROWS), partial(_text, b"a\0b"))
    yield Hostile("databases/text-long.gpkg", whole(sound.ROWS), partial(_text, b"a" * (8 << 20)))


def _renamed(name: str) -> bytes:
    quoted = name.replace('"', '""')

    def edit(database: Database) -> None:
        database.execute("PRAGMA legacy_alter_table=ON")
        database.execute(f'CREATE TABLE "{quoted}" AS SELECT * FROM {_TABLE}')
        for table in ("gpkg_contents", "gpkg_geometry_columns", "gpkg_ogr_contents"):
            database.execute(f"UPDATE {table} SET table_name = ? WHERE table_name = ?", (name, _TABLE))

    return _guarded(edit)


def _other_column(name: str) -> bytes:
    quoted = name.replace('"', '""')
    return _guarded(
        lambda database: database.execute(f'ALTER TABLE {_TABLE} RENAME COLUMN code TO "{quoted}"')
    )


def _guarded(edit: Callable[[Database], object]) -> bytes:
    """What SQLite itself will not write (a name with NUL in it) is put into the bytes of the file."""
    try:
        return _edited(edit)
    except (sqlite3.Error, ValueError):
        return sound.geopackage().replace(b"code", b"c\0de")


def _text(value: bytes) -> bytes:
    def edit(database: Database) -> None:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(f"UPDATE {_TABLE} SET code = CAST(? AS TEXT) WHERE rowid = 2", (value,))

    return _edited(edit)


_BARE = (
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,"
    " organization_coordsys_id INTEGER, definition TEXT, description TEXT)",
    "INSERT INTO gpkg_spatial_ref_sys VALUES ('u', 0, 'NONE', 0, 'undefined', '')",
    "CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT UNIQUE,"
    " description TEXT, last_change TEXT, min_x, min_y, max_x, max_y, srs_id INTEGER)",
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT PRIMARY KEY, column_name TEXT,"
    " geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER)",
    "PRAGMA application_id = 1196444487",
)


def _layer_of(name: str, columns: str) -> tuple[str, ...]:
    return (
        f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY, geom BLOB{columns})',
        f"INSERT INTO gpkg_contents VALUES ('{name}','features','{name}','','2020',0,0,0,0,0)",
        f"INSERT INTO gpkg_geometry_columns VALUES ('{name}','geom','POLYGON',0,0,0)",
        f'INSERT INTO "{name}" (fid) VALUES (1)',
    )


def _wide() -> bytes:
    columns = "".join(f", c{number} TEXT" for number in range(1900))
    return _blank(*_BARE, *_layer_of("wide", columns))


def _many_layers() -> bytes:
    return _blank(*_BARE, *(one for number in range(1000) for one in _layer_of(f"l{number}", "")))


def _others() -> Iterator[Hostile]:
    spatialite = (
        "CREATE TABLE geometry_columns (f_table_name TEXT, f_geometry_column TEXT, type TEXT,"
        " coord_dimension TEXT, srid INTEGER, spatial_index_enabled INTEGER)",
        "CREATE TABLE spatial_ref_sys (srid INTEGER PRIMARY KEY, auth_name TEXT, auth_srid INTEGER,"
        " ref_sys_name TEXT, proj4text TEXT)",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, geom BLOB)",
        "INSERT INTO geometry_columns VALUES ('a','geom','POLYGON','XY',4326,0)",
    )
    tiles = (
        "CREATE TABLE metadata (name TEXT, value TEXT)",
        "CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)",
        "INSERT INTO metadata VALUES ('format', 'pbf')",
    )
    for what, statements in (
        ("plain", ("CREATE TABLE village (name TEXT, geom BLOB)",)),
        ("empty", ("CREATE TABLE a (b)", "DROP TABLE a")),
        ("spatialite", spatialite),
        ("tiles", tiles),
        ("only-names", _BARE),
        (
            "tables-without-columns",
            ("CREATE TABLE gpkg_contents (a)", "CREATE TABLE gpkg_geometry_columns (b)"),
        ),
    ):
        yield Hostile(f"databases/other-{what}.gpkg", _NO_LAYER, partial(_blank, *statements))
    yield Hostile("databases/other-suffix.geojson", refused("content_mismatch"), lambda: sound.geopackage())
    yield Hostile(
        "databases/vrt.gpkg", refused("content_mismatch"), lure=lambda bait: made.vrt(bait.secret(".geojson"))
    )
    yield Hostile("databases/with-journal.zip", gives(sound.ROWS), _with_journal)
    yield Hostile("databases/sql-dump.gpkg", refused("content_mismatch"), "-- SQL GPKG\nCREATE TABLE a(b);\n")


def _with_journal() -> bytes:
    """A hot journal and a write-ahead log beside the file, which SQLite would play back on opening it."""
    rubbish = random.Random(1).randbytes(4096)
    return sound.packed(
        {
            "a.gpkg": sound.geopackage(),
            "a.gpkg-journal": b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + rubbish,
            "a.gpkg-wal": b"\x37\x7f\x06\x82" + rubbish,
            "a.gpkg-shm": rubbish,
            "a.gpkg.aux.xml": b"<PAMDataset/>",
        }
    )


def cases() -> Iterator[Hostile]:
    """Every hostile database."""
    for family in (_cut, _schemas, _shapes, _names, _others):
        yield from family()
