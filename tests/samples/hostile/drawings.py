"""MapInfo tables, DXF drawings and file geodatabases that are cut, lie, or name other files."""

import random
import struct
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from tests.samples import gdal_files
from tests.samples.hostile import sound
from tests.samples.hostile.case import Bait, Hostile, cuts, refused, whole

_TAB_BROKEN = refused(
    "mapinfo_broken",
    "mapinfo_incomplete",
    "mapinfo_linked",
    "content_mismatch",
    "layer_incomplete",
    "empty_file",
)
# A drawing of rubbish has no right number of rows, only a right way to end.
_DONE = replace(whole(0), any_rows=True)
_TAB = "!table\n!version 300\n!charset WindowsSimpChinese\n\nDefinition Table\n"


def _tab(**changed: bytes | None) -> bytes:
    now = {**sound.mapinfo(), **{f".{key}": data for key, data in changed.items()}}
    return sound.packed({f"a{suffix}": data for suffix, data in now.items() if data is not None})


def _mif(**changed: bytes | None) -> bytes:
    now = {**sound.interchange(), **{f".{key}": data for key, data in changed.items()}}
    return sound.packed({f"a{suffix}": data for suffix, data in now.items() if data is not None})


# Headers that make of a .tab more than a table of its own; `{secret}` is a table beside the upload.
_TABS = {
    "file": _TAB
    + '  File "{secret}"\n  Type NATIVE Charset "WindowsSimpChinese"\n  Fields 1\n    n Char (10) ;\n',
    "type-linked": _TAB + '  Type LINKED Charset "x"\n  Fields 1\n    n Char (10) ;\n',
    "type-odbc": _TAB + "  Type ODBC\n  Fields 1\n    n Char (10) ;\n",
    "type-wms": _TAB + '  Type WMS "{url}"\n  Fields 1\n    n Char (10) ;\n',
    "type-access": _TAB + '  Type ACCESS TABLE "{secret}"\n  Fields 1\n    n Char (10) ;\n',
    "type-raster": _TAB + '  File "{secret}"\n  Type "RASTER"\n  (121,31) (0,0) Label "1"\n',
    "view": '!table\n!version 100\nOpen Table "{secret}" Hide\nCreate View a As\n Select n From secret\n',
    "view-relative": '!table\nOpen Table "../beside/secret" Hide\nCreate View a As Select n From secret\n',
    "seamless": _TAB
    + '  Type NATIVE Charset "Neutral"\n  Fields 2\n    Table Char (200) ;\n    D Char (9) ;\n'
    'begin_metadata\n"\\IsSeamless" = "TRUE"\n"\\IsSeamless\\mi_version" = "1"\nend_metadata\n',
    "url": _TAB + '  Type NATIVE Charset "{url}"\n  Fields 1\n    n Char (10) ;\n',
    "fields-most": _TAB + '  Type NATIVE Charset "Neutral"\n  Fields 2147483647\n    n Char (10) ;\n',
    "fields-negative": _TAB + '  Type NATIVE Charset "Neutral"\n  Fields -1\n',
    "width-most": _TAB + '  Type NATIVE Charset "Neutral"\n  Fields 1\n    n Char (2147483647) ;\n',
    "no-type": _TAB + "  Fields 1\n    n Char (10) ;\n",
    "only-head": "!table\n",
    "deep-lines": "!table\n" + "(" * 100_000,
}


def _lured_tab(text: str, bait: Bait) -> bytes:
    path = bait.secret(".tab")
    header = text.replace("{secret}", path).replace("{url}", bait.url).encode()
    return _tab(tab=header, dat=_seamless(path)) if "IsSeamless" in text else _tab(tab=header)


def _seamless(path: str) -> bytes:
    """A table of base tables with one row: another table's path."""
    row = b" " + path.encode().ljust(200)[:200] + b"x".ljust(9)
    fields = b"".join(
        struct.pack("<11sc4xBB14x", name, b"C", width, 0) for name, width in ((b"Table", 200), (b"D", 9))
    )
    return struct.pack("<4BIHH20x", 3, 124, 1, 1, 1, 97, len(row)) + fields + b"\r" + row + b"\x1a"


def _mapinfo() -> Iterator[Hostile]:
    for what, text in _TABS.items():
        outcome = whole(9) if what in ("url", "fields-negative", "width-most", "fields-most") else _TAB_BROKEN
        yield Hostile(f"drawings/tab-{what}.zip", outcome, lure=partial(_lured_tab, text))
    for suffix in ("dat", "map", "id"):
        data = sound.mapinfo()[f".{suffix}"]
        yield Hostile(f"drawings/tab-without-{suffix}.zip", _TAB_BROKEN, partial(_tab, **{suffix: None}))
        yield Hostile(f"drawings/tab-{suffix}-zero.zip", _TAB_BROKEN, partial(_tab, **{suffix: b""}))
        for nth, length in cuts(len(data), 4, start=4):
            yield Hostile(
                f"drawings/tab-{suffix}-cut-{nth}.zip",
                whole(9, *(_TAB_BROKEN.codes or ())),
                partial(_tab, **{suffix: data[:length]}),
            )
        rubbish = random.Random(suffix).randbytes(len(data))
        yield Hostile(f"drawings/tab-{suffix}-rubbish.zip", whole(9), partial(_tab, **{suffix: rubbish}))
    mif, mid = sound.interchange()[".mif"], sound.interchange()[".mid"]
    for nth, length in cuts(len(mif), 8):
        yield Hostile(
            f"drawings/mif-cut-{nth}.zip",
            whole(9, "mapinfo_broken", "counts_differ", "content_mismatch", "layer_incomplete"),
            partial(_mif, mif=mif[:length]),
        )
        yield Hostile(
            f"drawings/mif-cut-{nth}-no-table.zip",
            refused("mapinfo_broken", "content_mismatch", "layer_incomplete"),
            partial(_mif, mif=mif[:length], mid=None),
        )
    for nth, length in cuts(len(mid), 4):
        yield Hostile(
            f"drawings/mid-cut-{nth}.zip",
            whole(9, "counts_differ", "mapinfo_broken"),
            partial(_mif, mid=mid[:length]),
        )
    for what, old, new in (
        ("regions-more", b"Region  1", b"Region  9"),
        ("regions-most", b"Region  1", b"Region  2147483647"),
        ("regions-negative", b"Region  1", b"Region -1"),
        ("columns-most", b"Columns 2", b"Columns 2147483647"),
        ("columns-negative", b"Columns 2", b"Columns -2"),
        ("version-word", b"Version 300", b"Version abc"),
        ("delimiter-long", b'Delimiter ","', b'Delimiter "' + b"," * 5000 + b'"'),
        ("system-path", b"Data", b"CoordSys Earth Projection 1, 0 Bounds (/etc/passwd)\nData"),
        ("numbers-nan", b"121.2 31.8", b"nan nan"),
        ("numbers-huge", b"121.2 31.8", b"1e308 -1e308"),
        ("pline-most", b"Data\n", b"Data\nPline Multiple 2147483647\n"),
        ("line-long", b"Data\n", b"Data\n" + b"x" * 1_000_000 + b"\n"),
    ):
        yield Hostile(f"drawings/mif-{what}.zip", whole(9), partial(_mif, mif=mif.replace(old, new)))


def _dxf(*pairs: tuple[int, object], section: str = "ENTITIES") -> bytes:
    body = [(0, "SECTION"), (2, section), *pairs, (0, "ENDSEC"), (0, "EOF")]
    return "".join(f"{code:3d}\n{value}\n" for code, value in body).encode()


def _nested_blocks(depth: int, width: int) -> bytes:
    """Blocks that insert the block below `width` times: width ** depth rings from a small file."""
    pairs: list[tuple[int, object]] = []
    for step in range(depth):
        pairs += [(0, "BLOCK"), (8, "0"), (2, f"B{step}"), (70, 0), (10, 0), (20, 0)]
        if step == 0:
            pairs += gdal_files.square("0", 0, 0)
        for number in range(width if step else 0):
            pairs += [(0, "INSERT"), (8, "0"), (2, f"B{step - 1}"), (10, number), (20, 0)]
        pairs += [(0, "ENDBLK")]
    insert = [(0, "INSERT"), (8, "0"), (2, f"B{depth - 1}"), (10, 0), (20, 0)]
    head = _dxf(*pairs, section="BLOCKS").removesuffix(b"  0\nEOF\n")
    return head + _dxf(*insert)


def _self_block() -> bytes:
    block = [(0, "BLOCK"), (8, "0"), (2, "B"), (70, 0), (0, "INSERT"), (8, "0"), (2, "B"), (0, "ENDBLK")]
    head = _dxf(*block, section="BLOCKS").removesuffix(b"  0\nEOF\n")
    return head + _dxf((0, "INSERT"), (8, "0"), (2, "B"))


def _external_block(bait: Bait) -> bytes:
    block = [(0, "BLOCK"), (8, "0"), (2, "X"), (70, 4), (1, bait.secret(".dxf")), (0, "ENDBLK")]
    head = _dxf(*block, section="BLOCKS").removesuffix(b"  0\nEOF\n")
    entities = [(0, "INSERT"), (8, "0"), (2, "X"), *gdal_files.square("0", 121, 31, 1)]
    return head + _dxf(*entities)


def _drawings() -> Iterator[Hostile]:
    data = sound.drawing()
    for nth, length in cuts(len(data) - 4, 10, start=30):
        yield Hostile(
            f"drawings/cut-{nth}.dxf",
            refused("dxf_truncated", "dxf_broken", "content_mismatch", "unknown_format"),
            lambda length=length: sound.drawing()[:length],
        )
    yield from _odd_entities()
    yield from _odd_lines()
    yield Hostile("drawings/blocks-itself.dxf", _DONE, _self_block)
    yield Hostile("drawings/blocks-10-by-10.dxf", _DONE, partial(_nested_blocks, 10, 10))
    yield Hostile("drawings/blocks-40-by-2.dxf", _DONE, partial(_nested_blocks, 40, 2))
    yield Hostile("drawings/blocks-3000-by-1.dxf", _DONE, partial(_nested_blocks, 3000, 1))
    yield Hostile("drawings/block-external.dxf", whole(1), lure=_external_block)
    yield Hostile(
        "drawings/binary.dxf",
        refused("dxf_binary", "dxf_broken", "content_mismatch", "unknown_format"),
        b"AutoCAD Binary DXF\r\n\x1a\0" + b"\0" * 600,
    )
    for seed in range(4):
        yield Hostile(f"drawings/pairs-{seed}.dxf", _DONE, partial(_random_pairs, seed))


def _odd_entities() -> Iterator[Hostile]:
    ring = gdal_files.square("0", 40_500_000, 3_500_000)
    for what, pairs in (
        ("vertices-most", [(0, "LWPOLYLINE"), (8, "0"), (90, 2147483647), (70, 1), (10, 1), (20, 1)]),
        ("vertices-negative", [(0, "LWPOLYLINE"), (8, "0"), (90, -5), (70, 1), (10, 1), (20, 1)]),
        ("numbers-nan", [(0, "LWPOLYLINE"), (8, "0"), (90, 2), (70, 1), (10, "nan"), (20, "inf")]),
        ("numbers-huge", [(0, "LWPOLYLINE"), (8, "0"), (90, 2), (70, 1), (10, "1e999"), (20, "1e308")]),
        ("bulge-huge", [*ring, (42, "1e308")]),
        ("circle-huge", [(0, "CIRCLE"), (8, "0"), (10, 0), (20, 0), (40, "1e308")]),
        ("circle-nan", [(0, "CIRCLE"), (8, "0"), (10, 0), (20, 0), (40, "nan")]),
        ("arc-endless", [(0, "ARC"), (8, "0"), (10, 0), (20, 0), (40, 1), (50, "-1e300"), (51, "1e300")]),
        (
            "spline-huge",
            [(0, "SPLINE"), (8, "0"), (70, 8), (71, 2147483647), (72, 2147483647), (73, 2147483647)],
        ),
        (
            "spline-degree",
            [(0, "SPLINE"), (8, "0"), (71, 30000), (73, 3), (40, 0), (40, 1), (10, 0), (20, 0)],
        ),
        ("hatch-paths", [(0, "HATCH"), (8, "0"), (91, 2147483647), (92, 2), (93, 2147483647)]),
        ("image", [(0, "IMAGE"), (8, "0"), (340, "/etc/passwd"), (1, "/etc/passwd")]),
        ("ole", [(0, "OLE2FRAME"), (8, "0"), (310, "D0CF11E0")]),
        ("text-long", [(0, "TEXT"), (8, "0"), (10, 0), (20, 0), (1, "村" * 100_000)]),
        (
            "text-fields",
            [(0, "MTEXT"), (8, "0"), (10, 0), (20, 0), (1, "\\f/etc/passwd;%%c{\\H1e308x;a}" * 500)],
        ),
        ("layer-path", [*gdal_files.square("../../etc/passwd", 1, 1)]),
        ("code-odd", [(99999, "x"), (-7, "y"), *ring]),
        ("polyface", [(0, "POLYLINE"), (8, "0"), (70, 64), (71, 2147483647), (72, -1), (0, "SEQEND")]),
        ("surface", [(0, "3DSOLID"), (8, "0"), (1, "x"), (0, "REGION"), (1, "y")]),
        ("entities-none", []),
    ):
        yield Hostile(f"drawings/{what}.dxf", _DONE, partial(_dxf, *pairs))


def _odd_lines() -> Iterator[Hostile]:
    yield Hostile(
        "drawings/nul-in-a-line.dxf",
        whole(9),
        lambda: sound.drawing().replace(b"\r\n4\r\n", b"\r\n4\r\0\r\n", 1),
    )
    yield Hostile(
        "drawings/nul-in-the-head.dxf", whole(9), lambda: sound.drawing().replace(b"AC1015", b"AC\0001015", 1)
    )
    yield Hostile(
        "drawings/out-of-step.dxf",
        refused("dxf_broken"),
        lambda: sound.drawing().replace(b"AcDbPolyline", b"\r\nAcDbPolyline", 1),
    )


def _random_pairs(seed: int) -> bytes:
    rng = random.Random(seed)
    words = [
        "LWPOLYLINE",
        "INSERT",
        "SPLINE",
        "HATCH",
        "ENDSEC",
        "1e308",
        "-1",
        "村",
        "nan",
        "SEQEND",
        "POLYLINE",
    ]
    return _dxf(*((rng.choice((0, 2, 8, 10, 20, 70, 90, 91, 92)), rng.choice(words)) for _ in range(600)))


def _geodatabase(**changed: bytes | None) -> bytes:
    """The geodatabase with files exchanged by the number in their name (`t1=` is a00000001.gdbtable)."""
    members = sound.geodatabase()
    for key, data in changed.items():
        kind = {"t": "gdbtable", "x": "gdbtablx"}[key[0]]
        name = f"a.gdb/a{int(key[1:]):08x}.{kind}"
        if data is None:
            del members[name]
        else:
            members[name] = data
    return sound.packed(members)


def _not_unicode() -> bytes:
    files = sound.geodatabase().items()
    return sound.packed({name: data.replace("颐".encode(), b"\x80\x80\x80") for name, data in files})


def _geodatabases() -> Iterator[Hostile]:
    tables = sorted(name for name in sound.geodatabase() if name.endswith((".gdbtable", ".gdbtablx")))
    for name in tables:
        data = sound.geodatabase()[name]
        key = ("t" if name.endswith("table") else "x") + str(int(name[7:15], 16))
        yield Hostile(f"drawings/gdb-{key}-missing.zip", whole(9), partial(_geodatabase, **{key: None}))
        yield Hostile(f"drawings/gdb-{key}-zero.zip", whole(9), partial(_geodatabase, **{key: b""}))
        half = data[: len(data) // 2]
        yield Hostile(f"drawings/gdb-{key}-half.zip", whole(9), partial(_geodatabase, **{key: half}))
        rubbish = data[:4] + random.Random(name).randbytes(len(data))[4:]
        yield Hostile(f"drawings/gdb-{key}-rubbish.zip", whole(9), partial(_geodatabase, **{key: rubbish}))
        if key.startswith("t"):
            most = data[:4] + b"\xff\xff\xff\x7f" + data[8:]
            yield Hostile(f"drawings/gdb-{key}-rows-most.zip", whole(9), partial(_geodatabase, **{key: most}))
    yield Hostile("drawings/gdb-text-not-unicode.zip", refused("gdb_broken"), _not_unicode)
    yield Hostile(
        "drawings/gdb-slip.zip",
        refused("archive_path"),
        lambda: sound.packed({**sound.geodatabase(), "a.gdb/../../evil.gdbtable": b"x"}),
    )


def cases() -> Iterator[Hostile]:
    """Every hostile drawing, MapInfo table and geodatabase."""
    for family in (_mapinfo, _drawings, _geodatabases):
        yield from family()
