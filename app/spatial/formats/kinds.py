"""The formats we read, as one tuple: a new one is one entry here and a module beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.spatial.formats import dxf, filegdb, geojson, geopackage, kml, mapinfo, shapefile, topojson
from app.spatial.formats.layer import Found
from app.spatial.formats.source import Source
from app.spatial.formats.tables import delimited, parquet, workbook


@dataclass(frozen=True)
class Format:
    """One kind of file: its suffixes (main file first), side files, first bytes, and its two verbs.

    A kind that may lie `aside` (a table, a note in .txt) refuses nothing when other layers came with it.
    """

    key: str
    suffixes: tuple[str, ...]
    side_suffixes: tuple[str, ...]
    title_zh: str
    title_en: str
    drivers: tuple[str, ...]
    sniff: Callable[[bytes], bool]
    list_layers: Callable[[Source], list[str]]
    read: Callable[[Source, str, str | None], Found]
    aside: bool = False


FORMATS: tuple[Format, ...] = (
    Format(
        "shapefile",
        (".shp",),
        (".dbf", ".prj", ".cpg"),
        "Shapefile（zip 压缩包或散文件）",
        "Shapefile (zip or loose parts)",
        ("ESRI Shapefile",),
        shapefile.looks_like_shp,
        shapefile.list_layers,
        shapefile.read,
    ),
    Format(
        "geopackage",
        (".gpkg",),
        (),
        "GeoPackage",
        "GeoPackage",
        ("GPKG",),
        geopackage.looks_like_sqlite,
        geopackage.list_layers,
        geopackage.read,
    ),
    Format(
        "filegdb",
        (".gdb",),
        filegdb.TABLE_SUFFIXES,
        "FileGDB（.gdb 文件夹或其 zip 压缩包）",
        "File geodatabase (folder, or a zip of it)",
        ("OpenFileGDB",),
        filegdb.looks_like_gdbtable,
        filegdb.list_layers,
        filegdb.read,
    ),
    Format(
        "mapinfo",
        (".tab",),
        (".dat", ".map", ".id", ".ind", ".dbf"),
        "MapInfo TAB（与 .dat .map .id 一起）",
        "MapInfo TAB (with its .dat .map .id)",
        (mapinfo.DRIVER,),
        mapinfo.looks_like_tab,
        mapinfo.list_layers,
        mapinfo.read_tab,
    ),
    Format(
        "mif",
        (".mif",),
        (".mid",),
        "MapInfo MIF/MID",
        "MapInfo MIF/MID",
        (mapinfo.DRIVER,),
        mapinfo.looks_like_mif,
        mapinfo.list_layers,
        mapinfo.read_mif,
    ),
    Format(
        "dxf",
        (".dxf",),
        (),
        "DXF 图纸（文本格式）",
        "DXF drawing (text form)",
        (dxf.DRIVER,),
        dxf.looks_like_dxf,
        dxf.list_layers,
        dxf.read,
    ),
    Format(
        "kml",
        (".kml", ".kmz"),
        (),
        "KML / KMZ（奥维、Google Earth）",
        "KML / KMZ (Google Earth, Ovital)",
        (),
        kml.looks_like_kml,
        kml.list_layers,
        kml.read,
    ),
    Format(
        "topojson",
        (".topojson", ".json"),
        (),
        "TopoJSON",
        "TopoJSON",
        (),
        topojson.looks_like_topology,
        topojson.list_layers,
        topojson.read,
    ),
    Format(
        "geojsonseq",
        (".geojsonl", ".geojsons", ".ndjson", ".jsonl", ".json", ".geojson"),
        (),
        "GeoJSON 序列（每行一个要素）",
        "GeoJSON sequence (a feature a line)",
        (),
        geojson.looks_like_sequence,
        geojson.list_layers,
        geojson.read_sequence,
    ),
    Format(
        "geojson",
        (".geojson", ".json"),
        (),
        "GeoJSON",
        "GeoJSON",
        (),
        geojson.looks_like_json,
        geojson.list_layers,
        geojson.read,
    ),
    Format(
        "geoparquet",
        (".parquet", ".geoparquet"),
        (),
        "GeoParquet",
        "GeoParquet",
        (),
        parquet.looks_like_parquet,
        parquet.list_layers,
        parquet.read,
    ),
    Format(
        "xlsx",
        (".xlsx", ".xlsm"),
        (),
        "Excel 表格（含 WKT 列或经纬度列）",
        "Excel workbook (a column of WKT, or longitude and latitude)",
        (),
        workbook.looks_like_workbook,
        workbook.list_layers,
        workbook.read,
        aside=True,
    ),
    Format(
        "csv",
        (".csv", ".tsv", ".txt"),
        (),
        "CSV / TSV 文本表格（含 WKT 列或经纬度列）",
        "CSV or TSV text (a column of WKT, or longitude and latitude)",
        (),
        delimited.looks_like_table,
        delimited.list_layers,
        delimited.read,
        aside=True,
    ),
)
SUFFIXES = frozenset(suffix for kind in FORMATS for suffix in (*kind.suffixes, *kind.side_suffixes))
HEAD_BYTES = 65536


def kinds_of(suffix: str) -> tuple[Format, ...]:
    """The formats whose main file may have this lower-case suffix; .json has several."""
    return tuple(kind for kind in FORMATS if suffix in kind.suffixes)


def recognise(path: Path, name: str) -> Format | None:
    """The format of a file by its first bytes; where several fit, the suffix of `name` decides."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    fitting = [kind for kind in FORMATS if kind.sniff(head)]
    suffix = PurePosixPath(name).suffix.lower()
    return next((kind for kind in fitting if suffix in kind.suffixes), fitting[0] if fitting else None)
