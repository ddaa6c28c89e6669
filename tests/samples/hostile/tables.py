"""CSV, Excel and Parquet that are cut, swollen, lie about their size, or hold what a table should not."""

import json
import random
import struct
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import shapely

from app.spatial.formats import Limits
from tests.samples.hostile import sound
from tests.samples.hostile.case import SMALL, Bait, Hostile, cuts, refused, whole

_HEADING = "村名,wkt\n"
_SQUARE = "POLYGON ((121.2 31.8, 121.3 31.8, 121.3 31.9, 121.2 31.8))"


def _csv(shape: str, name: str = "a") -> str:
    return f'{_HEADING}{name},"{shape}"\n'


# What stands in the column of shapes.
_SHAPES = {
    "nan": "POLYGON ((NaN 31.8, 121.3 31.8, 121.3 31.9, NaN 31.8))",
    "infinite": "POLYGON ((inf 31.8, 121.3 31.8, 121.3 31.9, inf 31.8))",
    "1e308": "POLYGON ((1e308 1e308, 121.3 31.8, 121.3 31.9, 1e308 1e308))",
    "1e400": "POLYGON ((1e400 31.8, 121.3 31.8, 121.3 31.9, 1e400 31.8))",
    "denormal": "POLYGON ((5e-324 5e-324, 1e-320 0, 1e-320 1e-320, 5e-324 5e-324))",
    "open": "POLYGON ((121.2 31.8, 121.3 31.8, 121.3 31.9))",
    "unbalanced": "POLYGON ((121.2 31.8, 121.3 31.8, 121.3 31.9, 121.2 31.8)",
    "words": "POLYGON ((a b, c d))",
    "empty": "POLYGON EMPTY",
    "system-unknown": f"SRID=999999;{_SQUARE}",
    "system-huge": f"SRID=99999999999999999999;{_SQUARE}",
    "system-path": f"SRID=/etc/passwd;{_SQUARE}",
    "curve": "CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 2 0, 1 -1, 0 0))",
    "surface": "POLYHEDRALSURFACE (((0 0 0, 1 0 0, 1 1 0, 0 0 0)))",
    "deep-200": "GEOMETRYCOLLECTION (" * 200 + _SQUARE + ")" * 200,
    "deep-100000": "GEOMETRYCOLLECTION (" * 100_000 + _SQUARE + ")" * 100_000,
    "brackets-100000": "POLYGON " + "(" * 100_000,
    "hexadecimal-short": "0103",
    "hexadecimal-odd": "01030000000",
    "hexadecimal-lies": "0103000000FFFFFFFF",
    "hexadecimal-deep": "010700000001000000" * 50_000 + "0101000000" + "00" * 16,
    "geojson-deep": '{""type"":""Polygon"",""coordinates"":' + "[" * 100_000,
    "geojson-other": '{""type"":""Torus""}',
    "path": "/vsicurl/http://127.0.0.1:9/a.geojson",
    "mixed-dimensions": "POLYGON ((121.2 31.8, 121.3 31.8 5, 121.3 31.9, 121.2 31.8))",
}
_NAMES = {
    "formula": "=cmd|' /C calc'!A0",
    "formula-plus": "+1+1",
    "link": '"=HYPERLINK(""http://127.0.0.1:9"",""a"")"',
    "nul": "a\0b",
    "escape": "\x1b[31m",
    "right-to-left": "\u202eabc",
    "markup": "<script>alert(1)</script>",
    "sql": "'; DROP TABLE unit; --",
    "lines": '"a\nb\r\nc"',
    "quotes": '"a""b"',
    "long": "村" * 60_000,
    "path": "/vsizip//etc/passwd",
}


def _texts() -> Iterator[Hostile]:
    for what, shape in _SHAPES.items():
        yield Hostile(f"tables/shape-{what}.csv", whole(1), partial(_csv, shape))
    for what, name in _NAMES.items():
        yield Hostile(f"tables/name-{what}.csv", whole(1), partial(_csv, _SQUARE, name))
        yield Hostile(
            f"tables/heading-{what}.csv", whole(1), lambda name=name: f'{name},wkt\na,"{_SQUARE}"\n'
        )
    for what, text in (
        ("lon-lat-nan", "name,lon,lat\na,NaN,NaN\nb,121.2,31.8\n"),
        ("lon-lat-infinite", "name,lon,lat\na,inf,-inf\nb,121.2,31.8\n"),
        ("lon-lat-huge", "name,lon,lat\na,1e308,1e308\nb,121.2,31.8\n"),
        ("lon-lat-words", "name,lon,lat\na,x,y\nb,121.2,31.8\n"),
        ("rows-uneven", f'{_HEADING}a,"{_SQUARE}",1,2,3\nb\n'),
        ("headings-same", f'wkt,a,a,a,a\n"{_SQUARE}",1,2,3,4\n"{_SQUARE}",1,2,3,4\n'),
    ):
        yield Hostile(f"tables/{what}.csv", whole(2), text)
    for what, body in (
        ("only-heading", _HEADING),
        ("only-commas", "," * 5000 + "\n"),
        ("no-shapes", "a,b\n1,2\n"),
        ("zeros", b"\0" * 5000),
        ("binary", random.Random(3).randbytes(5000)),
        ("quote-open", f'{_HEADING}a,"{_SQUARE}\n' + "b,c\n" * 50),
        ("one-byte", "a"),
        ("newlines", "\n" * 50_000),
    ):
        yield Hostile(f"tables/empty-{what}.csv", whole(0), body)


def _swollen() -> Iterator[Hostile]:
    yield Hostile(
        "tables/columns-20000.csv",
        refused("too_many_columns", "too_wide"),
        lambda: "wkt," + ",".join(f"c{n}" for n in range(20_000)) + f'\n"{_SQUARE}"' + ",1" * 20_000 + "\n",
    )
    yield Hostile(
        "tables/columns-empty-million.csv",
        whole(1),
        lambda: f'{_HEADING}a,"{_SQUARE}"' + "," * 1_000_000 + "\n",
    )
    yield Hostile("tables/line-4-mib.csv", whole(1), lambda: _csv(_SQUARE, "a" * (4 << 20)))
    yield Hostile("tables/line-of-shapes.csv", whole(1), lambda: _csv(_long_line(50_000)))
    yield Hostile(
        "tables/rows-many.csv",
        refused("too_many_rows"),
        lambda: _HEADING + f'a,"{_SQUARE}"\n' * 3000,
        limits=replace(SMALL, rows=2000),
    )
    yield Hostile(
        "tables/vertices-many.csv",
        refused("too_many_vertices"),
        lambda: _csv(_long_line(30_000)),
        limits=Limits(vertices=20_000),
    )
    yield Hostile(
        "tables/text-much.csv",
        refused("too_much_text", "too_much_memory"),
        lambda: _HEADING + f'{"a" * 9000},"{_SQUARE}"\n' * 200,
        limits=replace(SMALL, reply_bytes=1 << 20),
    )


def _long_line(count: int) -> str:
    return "LINESTRING (" + ", ".join(f"{121 + n / 1e7:.7f} 31.8" for n in range(count)) + ")"


def _parts(**changed: str | bytes | None) -> bytes:
    """The workbook with parts exchanged by the last word of their name (`sheet1=`, `workbook=`…)."""
    members = sound.members_of(sound.workbook())
    for name in list(members):
        key = name.rpartition("/")[2].partition(".")[0].lstrip("_[").lower()
        if key in changed:
            body = changed[key]
            if body is None:
                del members[name]
            else:
                members[name] = body if isinstance(body, bytes) else body.encode()
    return sound.packed(members)


_SHEET = (
    '<?xml version="1.0"?>{doctype}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "{dimension}<sheetData>{rows}</sheetData></worksheet>"
)


def _text_cell(at: str, text: str) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


def _sheet(rows: str = "", *, doctype: str = "", dimension: str = "") -> bytes:
    head = f'<row r="1">{_text_cell("A1", "name")}{_text_cell("B1", "wkt")}</row>'
    body = f'<row r="2">{_text_cell("A2", "&x;" if doctype else "a")}{_text_cell("B2", _SQUARE)}</row>'
    return _parts(sheet1=_SHEET.format(doctype=doctype, dimension=dimension, rows=head + body + rows))


def _workbooks() -> Iterator[Hostile]:
    data = sound.workbook()
    for nth, length in cuts(len(data), 8, start=2):
        yield Hostile(
            f"tables/workbook-cut-{nth}.xlsx",
            refused("archive_broken", "content_mismatch", "workbook_broken"),
            lambda length=length: sound.workbook()[:length],
        )
    for name in ("sheet1", "workbook", "sharedstrings", "styles", "content_types", "rels", "theme1"):
        outcome = whole(9)
        yield Hostile(f"tables/workbook-without-{name}.xlsx", outcome, partial(_parts, **{name: None}))
        yield Hostile(f"tables/workbook-rubbish-{name}.xlsx", outcome, partial(_parts, **{name: b"<a"}))
    yield from _odd_rows()
    yield from _odd_sheets()
    yield Hostile("tables/workbook-external.xlsx", whole(9), lure=_external)
    yield Hostile("tables/workbook-macros.xlsm", whole(9), _macros)
    yield Hostile("tables/workbook-strings-lie.xlsx", whole(9), partial(_parts, sharedstrings=_LYING_STRINGS))
    yield Hostile("tables/workbook-merged-all.xlsx", whole(1), _merged)
    yield Hostile(
        "tables/workbook-bomb.xlsx",
        refused("archive_bomb"),
        lambda: _parts(sheet1=b"<worksheet>" + b" " * (48 << 20)),
    )
    yield Hostile(
        "tables/workbook-rows-many.xlsx",
        refused("too_many_rows"),
        lambda: _sheet("".join(f'<row r="{n}">{_text_cell(f"A{n}", "a")}</row>' for n in range(3, 3000))),
        limits=replace(SMALL, rows=2000),
    )
    yield Hostile(
        "tables/workbook-old.xlsx",
        refused("old_office", "content_mismatch"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900,
    )
    yield Hostile("tables/workbook-document.xlsx", refused("workbook_broken", "content_mismatch"), _document)


def _odd_rows() -> Iterator[Hostile]:
    for what, row in (
        ("formula", '<row r="3"><c r="A3"><f>1+1</f></c><c r="B3" t="str"><f>A1</f><v>x</v></c></row>'),
        ("external-formula", '<row r="3"><c r="A3"><f>[1]Sheet1!A1</f><v>7</v></c></row>'),
        ("row-30000", f'<row r="30000">{_text_cell("A30000", "a")}</row>'),
        ("row-beyond", f'<row r="99999999">{_text_cell("A99999999", "a")}</row>'),
        ("row-negative", f'<row r="-5">{_text_cell("A-5", "a")}</row>'),
        ("column-far", f'<row r="3">{_text_cell("XFD3", "a")}</row>'),
        ("column-beyond", f'<row r="3">{_text_cell("ZZZZZZ3", "a")}</row>'),
        ("shared-beyond", '<row r="3"><c r="A3" t="s"><v>999999</v></c></row>'),
        ("style-beyond", '<row r="3"><c r="A3" s="9999"><v>1</v></c></row>'),
        ("number-words", '<row r="3"><c r="A3"><v>abc</v></c></row>'),
        ("number-huge", '<row r="3"><c r="A3"><v>1e999</v></c></row>'),
        ("date-beyond", '<row r="3"><c r="A3" t="d"><v>99999-01-01</v></c></row>'),
        ("kind-unknown", '<row r="3"><c r="A3" t="zz"><v>1</v></c></row>'),
    ):
        rows = 1 if what == "column-far" else 2
        limits = replace(SMALL, cpu_s=2, wall_s=4) if what == "row-beyond" else SMALL
        yield Hostile(f"tables/workbook-{what}.xlsx", whole(rows), partial(_sheet, row), limits=limits)


def _odd_sheets() -> Iterator[Hostile]:
    for what, dimension in (("huge", "A1:XFD1048576"), ("wrong", "B9:A1"), ("words", "abc")):
        yield Hostile(
            f"tables/workbook-dimension-{what}.xlsx",
            whole(1),
            partial(_sheet, dimension=f'<dimension ref="{dimension}"/>'),
        )
    for what, doctype in (
        ("file", '<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]>'),
        ("url", '<!DOCTYPE a [<!ENTITY x SYSTEM "{url}">]>'),
        ("laughs", '<!DOCTYPE a [<!ENTITY y "' + "ha" * 500 + '"><!ENTITY x "' + "&y;" * 900 + '">]>'),
        ("dtd", '<!DOCTYPE a SYSTEM "{url}/a.dtd" [<!ENTITY x "y">]>'),
    ):
        yield Hostile(f"tables/workbook-entity-{what}.xlsx", whole(1), lure=partial(_entity, doctype))


_LYING_STRINGS = (
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="4294967295" '
    'uniqueCount="4294967295"><si><t>a</t></si></sst>'
)


def _entity(doctype: str, bait: Bait) -> bytes:
    return _sheet(doctype=doctype.replace("{secret}", bait.secret(".txt")).replace("{url}", bait.url))


def _external(bait: Bait) -> bytes:
    members = sound.members_of(sound.workbook())
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"
    link = f'<Relationship Id="rId1" Type="{kind}" Target="{bait.url}/a.xlsx" TargetMode="External"/>'
    members["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        f"<Relationships>{link}</Relationships>".encode()
    )
    members["xl/externalLinks/externalLink1.xml"] = b"<externalLink/>"
    rels = members["xl/_rels/workbook.xml.rels"].decode()
    outside = f'<Relationship Id="rId90" Type="{kind}" Target="../../../../{bait.secret(".txt")}"/>'
    members["xl/_rels/workbook.xml.rels"] = rels.replace(
        "</Relationships>", f"{outside}</Relationships>"
    ).encode()
    return sound.packed(members)


def _macros() -> bytes:
    members = sound.members_of(sound.workbook())
    return sound.packed({**members, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"\0" * 900})


def _merged() -> bytes:
    sheet = sound.members_of(_sheet())["xl/worksheets/sheet1.xml"].decode()
    cells = '<mergeCell ref="A2:A1048576"/>' * 2000
    return _parts(sheet1=sheet.replace("</sheetData>", f"</sheetData><mergeCells>{cells}</mergeCells>"))


def _document() -> bytes:
    return sound.packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"})


def _about(**changed: Any) -> dict[str, Any]:
    about = {"encoding": "WKB", "geometry_types": ["Polygon"], "crs": None, **changed}
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": about}}


def _parquets() -> Iterator[Hostile]:
    data = sound.parquet()
    broken = refused("parquet_broken", "content_mismatch")
    for nth, length in cuts(len(data), 8):
        yield Hostile(f"tables/cut-{nth}.parquet", broken, lambda length=length: sound.parquet()[:length])
    yield Hostile("tables/only-magic.parquet", broken, b"PAR1PAR1")
    yield Hostile(
        "tables/locked.parquet", refused("parquet_broken", "content_mismatch"), b"PARE" + b"\0" * 90 + b"PARE"
    )
    for what, length in (("zero", 0), ("most", 0xFFFFFFFF), ("all", len(data)), ("one", 1)):
        yield Hostile(f"tables/footer-{what}.parquet", broken, partial(_footer, length))
    for seed in range(12):
        yield Hostile(f"tables/footer-spoiled-{seed}.parquet", whole(9), partial(_spoiled_footer, seed))
    yield from _odd_abouts()
    square = shapely.to_wkb(shapely.box(121.2, 31.8, 121.3, 31.9))
    yield from _odd_shapes(square)
    yield Hostile(
        "tables/swollen.parquet",
        refused("archive_too_large", "too_much_memory"),
        # Each value another, or a dictionary would hold the one that all share.
        lambda: sound.parquet_of(
            _about(), [n.to_bytes(4, "big") + b"\0" * 200_000 for n in range(400)], compression="zstd"
        ),
        limits=replace(SMALL, unpacked_bytes=16 << 20),
    )
    yield Hostile(
        "tables/rows-many.parquet",
        refused("too_many_rows"),
        lambda: sound.parquet_of(_about(), [square] * 3000),
        limits=replace(SMALL, rows=2000),
    )


def _odd_abouts() -> Iterator[Hostile]:
    for what, about in (
        ("crs-path", _about(crs="{secret}")),
        ("crs-url", _about(crs="{url}")),
        ("crs-grid", _about(crs="+proj=longlat +nadgrids=@{secret}")),
        ("crs-deep", _about(crs=json.loads('{"source_crs":' * 200 + "1" + "}" * 200))),
        ("crs-number", _about(crs=5)),
        ("crs-id-path", _about(crs={"id": {"authority": "EPSG", "code": "{secret}"}})),
        ("encoding-unknown", _about(encoding="point")),
        ("encoding-list", _about(encoding=[1])),
        ("column-missing", {**_about(), "primary_column": "nothing"}),
        ("columns-list", {**_about(), "columns": [1]}),
        ("columns-numbers", {**_about(), "columns": {"geometry": 7}}),
        ("not-an-object", [1, 2]),
        ("epoch-text", _about(epoch="{url}", edges="{secret}")),
    ):
        yield Hostile(f"tables/about-{what}.parquet", whole(9), lure=partial(_lured_about, about))
    yield Hostile(
        "tables/about-rubbish.parquet", whole(9), lambda: sound.parquet_of(b"\xff\xfe{" + b"[" * 100_000)
    )


def _odd_shapes(square: bytes) -> Iterator[Hostile]:
    deep = struct.pack("<BII", 1, 7, 1)
    for what, wkb in (
        ("empty", b""),
        ("rubbish", b"\xff" * 90),
        ("cut", square[:-9]),
        ("rings-most", b"\1" + struct.pack("<II", 3, 0xFFFFFFFF)),
        ("points-most", b"\1" + struct.pack("<III", 3, 1, 0xFFFFFFFF)),
        ("deep-1000", deep * 1000 + square),
        ("deep-200000", deep * 200_000 + square),
        ("multi-in-multi", struct.pack("<BII", 1, 6, 1) * 200_000 + square),
        ("curves", struct.pack("<BII", 1, 11, 1) * 200_000 + square),
        ("nan", square[:13] + struct.pack("<d", float("nan")) * 10),
    ):
        yield Hostile(
            f"tables/wkb-{what}.parquet", whole(2), lambda wkb=wkb: sound.parquet_of(_about(), [wkb, square])
        )


def _footer(length: int) -> bytes:
    data = sound.parquet()
    return data[:-8] + struct.pack("<I", length) + data[-4:]


def _spoiled_footer(seed: int) -> bytes:
    data, rng = bytearray(sound.parquet()), random.Random(seed)
    footer = struct.unpack_from("<I", data, len(data) - 8)[0]
    for _ in range(6):
        data[len(data) - 8 - rng.randrange(1, footer)] = rng.choice((0x00, 0x7F, 0x80, 0xFF, 0xFE))
    return bytes(data)


def _lured_about(about: Any, bait: Bait) -> bytes:
    text = json.dumps(about).replace("{secret}", bait.secret(".geojson")).replace("{url}", bait.url)
    return sound.parquet_of(text.encode())


def cases() -> Iterator[Hostile]:
    """Every hostile table."""
    for family in (_texts, _swollen, _workbooks, _parquets):
        yield from family()
