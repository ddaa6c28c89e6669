"""The formats we write, as one tuple: a new one is one entry here and a verb beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.spatial.formats.writing.documents import write_geojson, write_kml
from app.spatial.formats.writing.outgoing import Outgoing
from app.spatial.formats.writing.tables import write_csv, write_parquet, write_xlsx
from app.spatial.formats.writing.vector import write_geopackage, write_shapefile


@dataclass(frozen=True)
class Writer:
    """One kind of file: its key, its suffix, what a browser is told of it, its name, and its verb."""

    key: str
    suffix: str
    media_type: str
    title_zh: str
    title_en: str
    write: Callable[[Path, Outgoing], None]
    encodings: tuple[str, ...] = ("utf-8",)


WRITERS: tuple[Writer, ...] = (
    Writer(
        "shapefile",
        ".zip",
        "application/zip",
        "Shapefile（zip 压缩包）",
        "Shapefile (zip)",
        write_shapefile,
        ("gbk", "utf-8"),
    ),
    Writer(
        "geopackage",
        ".gpkg",
        "application/geopackage+sqlite3",
        "GeoPackage",
        "GeoPackage",
        write_geopackage,
    ),
    Writer("geojson", ".geojson", "application/geo+json", "GeoJSON", "GeoJSON", write_geojson),
    Writer(
        "kml", ".kml", "application/vnd.google-earth.kml+xml", "KML（奥维、Google Earth）", "KML", write_kml
    ),
    Writer(
        "geoparquet",
        ".parquet",
        "application/vnd.apache.parquet",
        "GeoParquet",
        "GeoParquet",
        write_parquet,
    ),
    Writer(
        "xlsx",
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Excel 表格（WKT 列）",
        "Excel workbook (a column of WKT)",
        write_xlsx,
    ),
    Writer(
        "csv",
        ".csv",
        "text/csv",
        "CSV 文本表格（WKT 列）",
        "CSV text (a column of WKT)",
        write_csv,
        ("utf-8", "gbk"),
    ),
)


def find_writer(key: str | None, suffix: str) -> Writer | None:
    """The writer of a key, or without one that of a suffix; a suffix nobody knows means GeoJSON."""
    if key is not None:
        return next((writer for writer in WRITERS if writer.key == key), None)
    by_suffix = (writer for writer in WRITERS if writer.suffix == suffix.lower())
    return next(by_suffix, next(writer for writer in WRITERS if writer.key == "geojson"))
