"""Shapefiles that are cut, that lie about lengths, counts and parts, or whose side files name places."""

import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from app.spatial.formats import Limits
from tests.samples import boundary_files as made
from tests.samples.hostile import sound
from tests.samples.hostile.case import Bait, Hostile, asked, cuts, gives, refused, whole

_FIRST = 100  # offset of the first record's header
_BODY = 108  # and of its content: type, box (4 doubles), parts, points, part starts, points


def _shp(at: int, layout: str, *values: float) -> bytes:
    data = bytearray(sound.parts()[".shp"])
    struct.pack_into(layout, data, at, *values)
    return sound.zipped_shapefile(shp=bytes(data))


def _dbf(at: int, layout: str, *values: int | bytes) -> bytes:
    data = bytearray(sound.parts()[".dbf"])
    struct.pack_into(layout, data, at, *values)
    return sound.zipped_shapefile(dbf=bytes(data))


def _one_record(content: bytes, kind: int = 5) -> bytes:
    """A .shp (without a table) of one record with this content."""
    length = (_FIRST + 8 + len(content)) // 2
    header = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, length) + struct.pack("<2i8d", 1000, kind, *[0.0] * 8)
    return sound.packed({"a.shp": header + struct.pack(">2i", 1, len(content) // 2) + content})


def _polygon(parts: list[int], points: list[tuple[float, float]], kind: int = 5) -> bytes:
    head = struct.pack("<i4d2i", kind, 0, 0, 1, 1, len(parts), len(points))
    body = struct.pack(f"<{len(parts)}i", *parts) + b"".join(struct.pack("<2d", *point) for point in points)
    return head + body


def _ring(count: int) -> list[tuple[float, float]]:
    return [(121.0 + 0.0001 * i, 31.0 + (i % 2)) for i in range(count - 1)] + [(121.0, 31.0)]


def _many_parts(count: int) -> bytes:
    points = [(121.2, 31.8), (121.2, 31.9), (121.3, 31.9), (121.2, 31.8)] * count
    return _one_record(_polygon(list(range(0, 4 * count, 4)), points))


def _cut() -> Iterator[Hostile]:
    shp, dbf = sound.parts()[".shp"], sound.parts()[".dbf"]
    for nth, length in cuts(len(shp), 9):
        yield Hostile(
            f"shapefile/shp-cut-{nth}.zip",
            refused("shp_truncated", "content_mismatch"),
            partial(sound.zipped_shapefile, shp=shp[:length]),
        )
        yield Hostile(
            f"shapefile/shp-cut-{nth}-no-table.zip",
            refused("shp_truncated", "content_mismatch"),
            partial(sound.zipped_shapefile, shp=shp[:length], dbf=None),
        )
    for nth, length in cuts(len(dbf), 7):
        yield Hostile(
            f"shapefile/dbf-cut-{nth}.zip",
            whole(sound.ROWS, "dbf_truncated", "dbf_broken"),
            partial(sound.zipped_shapefile, dbf=dbf[:length]),
        )
    for length in (0, 1, 60, 107):
        yield Hostile(
            f"shapefile/shx-cut-{length}.zip",
            gives(sound.ROWS),
            partial(sound.zipped_shapefile, shx=sound.parts()[".shx"][:length]),
        )
    yield Hostile("shapefile/shp-zero.zip", refused("empty_file"), partial(sound.zipped_shapefile, shp=b""))
    yield Hostile(
        "shapefile/dbf-zero.zip",
        refused("dbf_truncated", "empty_file"),
        partial(sound.zipped_shapefile, dbf=b""),
    )
    yield Hostile("shapefile/one-byte.shp", refused("content_mismatch"), b"\0")
    yield Hostile("shapefile/loose-alone.shp", gives(sound.ROWS, "no_table"), lambda: sound.parts()[".shp"])
    yield Hostile("shapefile/table-alone.zip", refused("no_shp"), partial(sound.zipped_shapefile, shp=None))


def _records() -> Iterator[Hostile]:
    broken = refused("shp_broken", "shp_truncated")
    for what, at, layout, value, outcome in (
        ("file-code", 0, ">i", 9995, refused("content_mismatch")),
        ("version", 28, "<i", 999, broken),
        ("file-length-short", 24, ">i", 300, refused("shp_broken", "shp_truncated", "counts_differ")),
        ("file-length-header", 24, ">i", 50, refused("shp_broken", "counts_differ", "empty_layer")),
        ("file-length-negative", 24, ">i", -5, refused("shp_broken", "shp_truncated", "counts_differ")),
        ("file-length-long", 24, ">i", 0x7FFFFFFF, broken),
        ("file-type-unknown", 32, "<i", 99, whole(sound.ROWS)),
        ("file-type-point", 32, "<i", 1, whole(sound.ROWS)),
        ("record-length-zero", _FIRST + 4, ">i", 0, broken),
        ("record-length-one", _FIRST + 4, ">i", 1, broken),
        ("record-length-negative", _FIRST + 4, ">i", -1, broken),
        ("record-length-most-negative", _FIRST + 4, ">i", -0x80000000, broken),
        ("record-length-huge", _FIRST + 4, ">i", 0x7FFFFFFF, broken),
        ("record-number", _FIRST, ">i", -7, whole(sound.ROWS)),
        ("shape-type-unknown", _BODY, "<i", 77, whole(sound.ROWS)),
        ("shape-type-negative", _BODY, "<i", -1, whole(sound.ROWS)),
        ("shape-type-multipatch", _BODY, "<i", 31, whole(sound.ROWS)),
        ("shape-type-null", _BODY, "<i", 0, whole(sound.ROWS)),
        ("shape-type-polyline", _BODY, "<i", 3, whole(sound.ROWS)),
        ("parts-zero", _BODY + 36, "<i", 0, whole(sound.ROWS)),
        ("parts-negative", _BODY + 36, "<i", -1, whole(sound.ROWS)),
        ("parts-huge", _BODY + 36, "<i", 0x7FFFFFFF, whole(sound.ROWS)),
        ("parts-overflow", _BODY + 36, "<i", 0x40000000, whole(sound.ROWS)),
        ("points-zero", _BODY + 40, "<i", 0, whole(sound.ROWS)),
        ("points-negative", _BODY + 40, "<i", -5, whole(sound.ROWS)),
        ("points-huge", _BODY + 40, "<i", 0x7FFFFFFF, whole(sound.ROWS)),
        ("points-overflow", _BODY + 40, "<i", 0x10000001, whole(sound.ROWS)),
        ("points-fewer", _BODY + 40, "<i", 4, whole(sound.ROWS)),
        ("part-start-negative", _BODY + 44, "<i", -3, whole(sound.ROWS)),
        ("part-start-beyond", _BODY + 48, "<i", 999, whole(sound.ROWS)),
        ("part-start-huge", _BODY + 48, "<i", 0x7FFFFFFF, whole(sound.ROWS)),
        ("parts-falling", _BODY + 44, "<2i", 5, whole(sound.ROWS)),
        ("x-nan", _BODY + 52, "<d", float("nan"), whole(sound.ROWS)),
        ("x-infinite", _BODY + 52, "<d", float("inf"), whole(sound.ROWS)),
        ("x-1e308", _BODY + 52, "<d", 1e308, whole(sound.ROWS)),
        ("x-denormal", _BODY + 52, "<d", 5e-324, whole(sound.ROWS)),
        ("box-nan", _BODY + 4, "<4d", float("nan"), whole(sound.ROWS)),
    ):
        values = (value,) * int(layout[1]) if layout[1].isdigit() else (value,)
        yield Hostile(f"shapefile/{what}.zip", outcome, partial(_shp, at, layout, *values))


def _content() -> Iterator[Hostile]:
    square = [(121.2, 31.8), (121.2, 31.9), (121.3, 31.9), (121.2, 31.8)]
    z_tail = struct.pack("<2d4d", 0, 0, 1, 2, 3, 1)
    for what, content, outcome in (
        ("no-content", struct.pack("<i", 5), whole(1)),
        ("null-only", struct.pack("<i", 0), gives(1, "no_table")),
        ("polygon-short", _polygon([0], square)[:60], whole(1)),
        ("polygon-no-points", _polygon([], []), whole(1)),
        ("polygon-empty-parts", _polygon([0, 0, 0, 4, 4], square), whole(1)),
        ("polygon-two-points", _polygon([0], square[:2]), whole(1)),
        ("polygon-tail", _polygon([0], square) + b"\0" * 400, whole(1)),
        ("polygon-z-without-z", _polygon([0], square, 15), whole(1)),
        ("polygon-z", _polygon([0], square, 15) + z_tail, whole(1)),
        ("polygon-m-short", _polygon([0], square, 25) + z_tail[:20], whole(1)),
        ("multipatch-strip", _patches(0), whole(1)),
        ("multipatch-unknown-part", _patches(77), whole(1)),
        ("multipatch-part-negative", _patches(-1), whole(1)),
    ):
        kind = struct.unpack_from("<i", content)[0] or 5
        yield Hostile(f"shapefile/{what}.zip", outcome, partial(_one_record, content, kind))
    yield Hostile("shapefile/parts-100000.zip", whole(1), partial(_many_parts, 100_000))
    yield Hostile(
        "shapefile/vertices-many.zip",
        refused("too_many_vertices"),
        lambda: _one_record(_polygon([0], _ring(30_000))),
        limits=Limits(vertices=20_000),
    )
    for seed in range(4):
        yield Hostile(f"shapefile/content-rubbish-{seed}.zip", whole(1), partial(_rubbish_record, seed))


def _patches(part_kind: int) -> bytes:
    points = [(121.2, 31.8), (121.2, 31.9), (121.3, 31.9), (121.2, 31.8)]
    head = struct.pack("<i4d2i", 31, 0, 0, 1, 1, 1, 4) + struct.pack("<2i", 0, part_kind)
    return head + b"".join(struct.pack("<2d", *p) for p in points) + struct.pack("<6d", 0, 1, 0, 0, 0, 0)


def _rubbish_record(seed: int) -> bytes:
    rng = random.Random(seed)
    return _one_record(struct.pack("<i", rng.choice((5, 15, 25, 31, 3))) + rng.randbytes(400))


def _tables() -> Iterator[Hostile]:
    broken = refused("dbf_broken", "dbf_truncated", "counts_differ", "unreadable")
    for what, at, layout, value, outcome in (
        ("rows-zero", 4, "<I", 0, broken),
        ("rows-fewer", 4, "<I", 8, broken),
        ("rows-more", 4, "<I", 10, broken),
        ("rows-most", 4, "<I", 0xFFFFFFFF, broken),
        ("rows-negative", 4, "<i", -9, broken),
        ("header-zero", 8, "<H", 0, broken),
        ("header-one-field", 8, "<H", 65, whole(sound.ROWS)),
        ("header-most", 8, "<H", 0xFFFF, broken),
        ("record-zero", 10, "<H", 0, broken),
        ("record-one", 10, "<H", 1, broken),
        ("record-short", 10, "<H", 5, broken),
        ("record-most", 10, "<H", 0xFFFF, broken),
        ("field-width-zero", 32 + 16, "<B", 0, replace(broken, asks=frozenset({"encoding_unclear"}))),
        ("field-width-most", 32 + 16, "<B", 255, broken),
        ("field-kind-memo", 32 + 11, "<c", b"M", whole(sound.ROWS)),
        ("field-kind-general", 32 + 11, "<c", b"G", whole(sound.ROWS)),
        ("field-kind-nul", 32 + 11, "<c", b"\0", whole(sound.ROWS)),
        ("field-kind-date", 32 + 11, "<c", b"D", whole(sound.ROWS)),
        ("field-kind-number", 32 + 11, "<c", b"N", whole(sound.ROWS)),
        ("field-kind-truth", 32 + 11, "<c", b"L", whole(sound.ROWS)),
        ("field-kind-integer", 32 + 11, "<c", b"I", whole(sound.ROWS)),
        ("field-name-empty", 32, "<11s", b"", whole(sound.ROWS)),
        ("field-name-control", 32, "<11s", b"\x1b[2J\x07\x01", whole(sound.ROWS)),
        ("field-name-half", 32, "<11s", b"\xb4\xe5\xb4", whole(sound.ROWS)),
        ("language-unknown", 29, "<B", 0xFF, gives(sound.ROWS)),
        ("version-byte", 0, "<B", 0x8B, whole(sound.ROWS)),
        ("locked-mark", 15, "<B", 1, whole(sound.ROWS)),
    ):
        yield Hostile(f"shapefile/dbf-{what}.zip", outcome, partial(_dbf, at, layout, value))
    yield Hostile("shapefile/dbf-2000-fields.zip", whole(sound.ROWS), partial(_wide_table, 2000))
    yield Hostile("shapefile/dbf-same-names.zip", whole(sound.ROWS), _same_names)
    yield Hostile("shapefile/dbf-all-deleted.zip", refused("empty_layer"), _all_deleted)
    yield Hostile("shapefile/dbf-numbers-odd.zip", gives(sound.ROWS), _odd_numbers)
    for seed in range(3):
        rubbish = random.Random(seed).randbytes(2000)
        yield Hostile(
            f"shapefile/dbf-rubbish-{seed}.zip", broken, partial(sound.zipped_shapefile, dbf=rubbish)
        )


def _table(names: list[bytes], width: int, cell: Callable[[int, int], bytes], mark: bytes = b" ") -> bytes:
    fields = b"".join(
        struct.pack("<11sc4xBB14x", name, b"N" if width == 20 else b"C", width, 0) for name in names
    )
    header = 33 + 32 * len(names)
    head = struct.pack("<4BIHH20x", 3, 124, 1, 1, sound.ROWS, header & 0xFFFF, 1 + width * len(names))
    rows = (
        mark + b"".join(cell(row, number).ljust(width)[:width] for number in range(len(names)))
        for row in range(sound.ROWS)
    )
    return head + fields + b"\r" + b"".join(rows) + b"\x1a"


def _wide_table(count: int) -> bytes:
    names = [b"F%d" % number for number in range(count)]
    return sound.zipped_shapefile(dbf=_table(names, 8, lambda row, number: b"%d" % row))


def _same_names() -> bytes:
    return sound.zipped_shapefile(dbf=_table([b"NAME"] * 40, 8, lambda row, number: b"%d" % number))


def _all_deleted() -> bytes:
    return sound.zipped_shapefile(dbf=_table([b"NAME"], 8, lambda row, number: b"x", mark=b"*"))


def _odd_numbers() -> bytes:
    cells = [b"nan", b"-inf", b"1e999", b"1_000", b"0x10", b"*" * 20, b"9" * 20, b"\0" * 20, b"1e-400"]
    return sound.zipped_shapefile(dbf=_table([b"NUM"], 20, lambda row, number: cells[row]))


# What a side file may say; `{secret}` and `{url}` are the bait. None may change which rows are read.
_PROJECTIONS = {
    "path": "{secret}",
    "vsicurl": "/vsicurl/{url}",
    "vsizip": "/vsizip/{secret}",
    "url": "{url}",
    "ogc-url": "http://www.opengis.net/def/crs/EPSG/0/999999",
    "proj-grid": "+proj=longlat +nadgrids=@{secret} +type=crs",
    "proj-pipeline": "+proj=pipeline +step +proj=vgridshift +grids={secret}",
    "proj-init": "+init={secret}:4326",
    "epsg-path": "EPSG:{secret}",
    "epsg-long": "EPSG:" + "9" * 5000,
    "epsg-nul": "EPSG:4326\0",
    "import": "IMPORT_FROM_EPSG:4326",
    "deep": 'PROJCS["a",' * 20_000,
    "deep-json": '{"type":"BoundCRS","source_crs":' * 5_000,
    "wkt-grid": 'GEOGCS["x",DATUM["d",SPHEROID["s",6378137,298],EXTENSION["PROJ4_GRIDS","{secret}"]],'
    'PRIMEM["G",0],UNIT["degree",0.0174532925199433]]',
    "extension": 'PROJCS["x",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["custom_proj4"],UNIT["metre",1],'
    'EXTENSION["PROJ4","+proj=longlat +nadgrids={url}"]]',
    "rubbish": "\x01\x02\ud7ff" * 300,
    "zero-ellipsoid": 'GEOGCS["x",DATUM["d",SPHEROID["s",0,0]],PRIMEM["G",0],UNIT["degree",0]]',
    "long": 'GEOGCS["' + "x" * 200_000 + '"]',
}
_CODE_PAGES = {
    "path": "{secret}",
    "url": "/vsicurl/{url}",
    "codec-zlib": "zlib_codec",
    "codec-rot13": "rot13",
    "codec-utf7": "utf-7",
    "codec-idna": "idna",
    "codec-undefined": "undefined",
    "codec-module": "os.path",
    "long": "gbk" * 30_000,
}


def _side(suffix: str, text: str, bait: Bait) -> bytes:
    said = text.replace("{secret}", bait.secret(".geojson")).replace("{url}", bait.url)
    changed = {suffix: said.encode("utf-8", "surrogatepass")}
    return sound.zipped_shapefile(**changed)


def _sides() -> Iterator[Hostile]:
    for suffix, texts in (("prj", _PROJECTIONS), ("cpg", _CODE_PAGES)):
        for what, text in texts.items():
            yield Hostile(
                f"shapefile/{suffix}-{what}.zip", gives(sound.ROWS), lure=partial(_side, suffix, text)
            )
    yield Hostile("shapefile/sidecars-foreign.zip", gives(sound.ROWS), lure=_foreign_sidecars)
    yield Hostile("shapefile/two-layers.zip", asked("several_layers"), _two_layers)


def _foreign_sidecars(bait: Bait) -> bytes:
    """Side files that GDAL would open on its own: statistics, indices, spatial index, a VRT."""
    names = (".aux.xml", ".shp.xml", ".qix", ".sbn", ".sbx", ".idm", ".ind", ".dbt", ".cpg~", ".vrt", ".ovr")
    vrt = made.vrt(bait.secret(".geojson")).encode()
    return sound.packed({f"a{s}": d for s, d in sound.parts().items()} | {f"a{name}": vrt for name in names})


def _two_layers() -> bytes:
    twice = {f"{stem}{suffix}": data for stem in "ab" for suffix, data in sound.parts().items()}
    return sound.packed(twice)


def cases() -> Iterator[Hostile]:
    """Every hostile shapefile."""
    for family in (_cut, _records, _content, _tables, _sides):
        yield from family()
