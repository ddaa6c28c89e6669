"""Files of formats we do not read, under their own names and under ours, and all that point elsewhere."""

import gzip
import json
import struct
from collections.abc import Callable, Iterator
from functools import partial

from tests.samples import boundary_files as made
from tests.samples.hostile import sound
from tests.samples.hostile.case import Bait, Hostile, Outcome, refused

# Whatever a stranger is, it is turned away before a library looks at it.
STRANGER = refused(
    *("unknown_format", "content_mismatch", "not_geojson", "json_broken", "archive_broken", "no_layer"),
    *("no_shp", "no_geometry_column", "picture", "dwg", "old_office", "archive_tar", "other_archive"),
)
OUR_SUFFIXES = (
    ".shp", ".dbf", ".geojson", ".json", ".geojsonl", ".topojson", ".gpkg", ".kml", ".kmz", ".tab", ".mif",
    ".dxf", ".csv", ".xlsx", ".parquet", ".zip", ".gdb", ".txt",
)  # fmt: skip
Maker = Callable[[Bait], bytes | str]


def _vrt(bait: Bait) -> str:
    return made.vrt(bait.secret(".geojson"))


def _vrt_remote(bait: Bait) -> str:
    return made.vrt(f"/vsicurl/{bait.url}")


def _vrt_sql(bait: Bait) -> str:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{bait.secret(".csv")}</SrcDataSource>'
        "<SrcSQL>SELECT * FROM secret</SrcSQL></OGRVRTLayer></OGRVRTDataSource>"
    )


def _raster_vrt(bait: Bait) -> str:
    return (
        '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f"<SourceFilename>{bait.secret('.txt')}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )


def _gml(bait: Bait) -> str:
    return (
        f'<?xml version="1.0"?><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" '
        f'xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="x {bait.url}/x.xsd"><gml:featureMember xlink:href="{bait.url}" '
        'xmlns:xlink="http://www.w3.org/1999/xlink"/></wfs:FeatureCollection>'
    )


def _wfs(bait: Bait) -> str:
    return f"<OGRWFSDataSource><URL>{bait.url}/wfs</URL></OGRWFSDataSource>"


def _wms(bait: Bait) -> str:
    return f'<GDAL_WMS><Service name="WMS"><ServerUrl>{bait.url}</ServerUrl></Service></GDAL_WMS>'


def _gmlas(bait: Bait) -> str:
    return (
        f'<ogr_gmlas:a xmlns:ogr_gmlas="http://x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:noNamespaceSchemaLocation="{bait.url}/a.xsd"/>'
    )


def _gpx(_: Bait) -> str:
    return (
        '<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
        '<wpt lat="31.8" lon="121.2"><name>a</name></wpt></gpx>'
    )


def _osm(_: Bait) -> str:
    return '<osm version="0.6"><node id="1" lat="31.8" lon="121.2"><tag k="name" v="a"/></node></osm>'


def _georss(bait: Bait) -> str:
    return (
        '<rss version="2.0" xmlns:georss="http://www.georss.org/georss"><channel>'
        f"<link>{bait.url}</link><item><georss:point>31 121</georss:point></item></channel></rss>"
    )


def _text(text: str) -> Maker:
    return lambda bait: text.replace("{url}", bait.url).replace("{secret}", bait.secret(".geojson"))


def _bytes(data: bytes) -> Maker:
    return lambda bait: data


STRANGERS: dict[str, Maker] = {
    "local.vrt": _vrt,
    "remote.vrt": _vrt_remote,
    "sql.vrt": _vrt_sql,
    "raster.vrt": _raster_vrt,
    "a.gml": _gml,
    "wfs.xml": _wfs,
    "wms.xml": _wms,
    "gmlas.xml": _gmlas,
    "a.gpx": _gpx,
    "a.osm": _osm,
    "a.rss": _georss,
    "a.mapml": _text('<mapml-><link href="{url}"/></mapml->'),
    "a.svg": _text('<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}"/></svg>'),
    "a.jml": _text('<JCSDataFile xmlns:gml="http://www.opengis.net/gml"></JCSDataFile>'),
    "a.xodr": _text("<OpenDRIVE><header revMajor='1'/></OpenDRIVE>"),
    "page.html": _text('<!DOCTYPE html><html><script src="{url}"></script></html>'),
    "a.gdalg.json": _text('{"type":"gdal_streamed_alg","command_line":"gdal vector read {secret}"}'),
    "dump.sql": _text("SET standard_conforming_strings = OFF;\nCREATE TABLE a (ogc_fid SERIAL);\n"),
    "connection.pg": _text("PG:host=127.0.0.1 dbname=getu user=postgres"),
    "connection.odbc": _text("PGEO:{secret}"),
    "path.lst": _text("/vsicurl/{url}\n/vsizip/{secret}\n/vsistdin/\n"),
    "a.pbf": _bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x05" + b"\0" * 40),
    "a.000": _bytes(b"00241 3LE1 0900201 ! 3404" + b"\x1e" * 60),
    "a.sxf": _bytes(b"SXF\0" + struct.pack("<ii", 400, 0x00040000) + b"\0" * 400),
    "a.pdf": _bytes(b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/URI/URI(http://x)>>>>endobj\n%%EOF"),
    "a.dgn": _bytes(b"\x08\x09\xfe\x02" + b"\0" * 1500),
    "a.dwg": _bytes(b"AC1032" + b"\0" * 400),
    "a.fgb": _bytes(b"fgb\x03fgb\x00" + struct.pack("<I", 0x7FFFFFFF) + b"\0" * 60),
    "a.nc": _bytes(b"CDF\x01" + b"\0" * 100),
    "a.h5": _bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 100),
    "a.tif": _bytes(b"II*\0\x08\0\0\0" + b"\0" * 60),
    "a.png": _bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 60),
    "a.e00": _bytes(b"EXP  0 /TMP/A.E00\nARC  2\n"),
    "a.itf": _bytes(b"SCNT\n////\nMTID a\nMODL b\nENDE\n"),
    "a.vfk": _bytes(b'&HVERZE;"4.0"\n&BPAR;ID N30\n'),
    "a.ntf": _bytes(b"01OS   \n"),
    "a.sua": _bytes(b"TYPE=A\nTITLE=a\n"),
    "a.arrow": _bytes(b"ARROW1\0\0" + b"\0" * 60),
    "a.pmtiles": _bytes(b"PMTiles\x03" + b"\0" * 120),
    "a.pickle": _bytes(b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94."),
    "a.npy": _bytes(b"\x93NUMPY\x01\0v\0{'descr': '|O', 'fortran_order': False, 'shape': (1,)}\n"),
    "a.ole": _bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
    "a.class": _bytes(b"\xca\xfe\xba\xbe" + b"\0" * 60),
    "a.elf": _bytes(b"\x7fELF\x02\x01\x01" + b"\0" * 200),
    "a.py": _text("import os; os.system('id')\n"),
    "one-byte.bin": _bytes(b"\0"),
    "zeros.bin": _bytes(b"\0" * 70_000),
    "ones.bin": _bytes(b"\xff" * 70_000),
    "tail-only.bin": _bytes(b"\n"),
    "a.gz": _bytes(gzip.compress(b" " * 100_000, mtime=0)),
}  # fmt: skip


def _stray(bait: Bait) -> bytes:
    """A VRT and a file beside it in one zip: neither is taken for a layer."""
    inner = {"a.vrt": made.vrt("a.geojson").encode(), "b.xml": _wfs(bait).encode()}
    return sound.packed(inner)


def cases() -> Iterator[Hostile]:
    """Every foreign file, and the ones that point elsewhere under each of our suffixes."""
    for name, maker in STRANGERS.items():
        yield Hostile(f"foreign/{name}", STRANGER, lure=maker)
    for suffix in OUR_SUFFIXES:
        yield Hostile(f"foreign/vrt-as{suffix}", STRANGER, lure=_vrt)
        yield Hostile(f"foreign/remote-vrt-as{suffix}", STRANGER, lure=_vrt_remote)
        packed = partial(_packed_vrt, suffix)
        yield Hostile(f"foreign/vrt-zipped-as{suffix}.zip", STRANGER, lure=packed)
    for suffix in (".kml", ".csv", ".tab"):
        yield Hostile(f"foreign/wfs-as{suffix}", STRANGER, lure=_wfs)
        yield Hostile(f"foreign/gml-as{suffix}", STRANGER, lure=_gml)
    yield Hostile("foreign/vrt-and-strangers.zip", refused("no_layer"), lure=_stray)
    yield Hostile("foreign/gdalg-as.geojson", STRANGER, lure=STRANGERS["a.gdalg.json"])
    yield Hostile("foreign/paths-as.csv", Outcome(None), lure=STRANGERS["path.lst"])
    yield Hostile(
        "foreign/deep-as.json",
        refused("json_too_deep", "not_geojson", "content_mismatch"),
        json.dumps([]).replace("[", "[" * 90_000),
    )


def _packed_vrt(suffix: str, bait: Bait) -> bytes:
    return sound.packed({f"a{suffix}": _vrt(bait).encode(), "a.prj": b"", "a.id": b"", "a.mid": b""})
