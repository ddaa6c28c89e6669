"""Files as an analyst gets them, drawn from the villages of the laid bank, to walk the import desk with."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import text

from app.db import Database
from app.db.connection import WORKER
from app.spatial import crs, formats


@dataclass(frozen=True)
class Villages:
    """The villages that stand: shapes (n,) in EPSG:4326 with code, name and town."""

    shapes: NDArray[Any]
    codes: list[str]
    names: list[str]
    towns: list[str]
    sources: list[str]

    def columns(self, *, code: str = "XZQDM", name: str = "XZQMC") -> dict[str, list[Any]]:
        """The attributes under a survey's headings."""
        return {code: self.codes, name: self.names, "乡镇名称": self.towns, "代码来源": self.sources}


def read_villages(database: Database) -> Villages:
    """Every village of the bank."""
    with database.transaction(WORKER) as session:
        rows = session.execute(
            text(
                "SELECT ST_AsBinary(geom), code, name, town_name, code_source FROM unit"
                " WHERE upper_inf(valid) AND kind IN ('village', 'community') ORDER BY id"
            )
        ).all()
    shapes, *rest = zip(*rows, strict=True)
    return Villages(shapely.from_wkb(np.array(shapes, object)), *map(list, rest))


def write_parts(folder: Path, villages: Villages, stem: str, **headings: str) -> dict[str, Path]:
    """The loose parts of a GBK shapefile, suffixes in capitals as old survey software writes them."""
    packed = formats.write(folder / "packed.zip", villages.columns(**headings), villages.shapes)
    parts = {}
    with zipfile.ZipFile(packed) as archive:
        for member in archive.namelist():
            suffix = Path(member).suffix
            parts[suffix] = folder / f"{stem}{suffix.upper()}"
            parts[suffix].write_bytes(archive.read(member))
    return parts


def write_zip(folder: Path, villages: Villages) -> Path:
    """A shapefile in GBK whose .cpg says UTF-8."""
    path = folder / "海门行政村2025.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix, part in write_parts(folder, villages, "XZQ_CUN").items():
            archive.writestr(f"XZQ_CUN{suffix}", b"UTF-8" if suffix == ".cpg" else part.read_bytes())
    return path


def write_shifted(folder: Path, villages: Villages, *, declared: bool) -> Path:
    """A GeoJSON drawn on a web map: GCJ-02 degrees that say nothing, or say that they are WGS 84."""
    moved = crs.from_storage(villages.shapes, "gcj02")
    columns = villages.columns()
    features = [
        {
            "type": "Feature",
            "properties": {name: cells[row] for name, cells in columns.items()},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for row, shape in enumerate(moved)
    ]
    said = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}
    path = folder / ("高德描边_声明WGS84.geojson" if declared else "高德描边.geojson")
    collection = {"type": "FeatureCollection", **(said if declared else {}), "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return path


def write_kml(folder: Path, villages: Villages) -> Path:
    """A KML as an Ovital user saves it: one folder a town, closed lines meant as polygons."""
    folders = []
    for town in dict.fromkeys(villages.towns):
        rows = [row for row, one in enumerate(villages.towns) if one == town]
        marks = "".join(_placemark(villages, row) for row in rows)
        folders.append(f"<Folder><name>{town}</name>{marks}</Folder>")
    path = folder / "奥维村界.kml"
    head = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    path.write_text(head + "".join(folders) + "</Document></kml>", encoding="utf-8")
    return path


def _placemark(villages: Villages, row: int) -> str:
    ring = shapely.get_exterior_ring(shapely.get_geometry(villages.shapes[row], 0))
    points = " ".join(f"{x:.7f},{y:.7f},0" for x, y in shapely.get_coordinates(ring))
    data = "".join(
        f'<Data name="{name}"><value>{value}</value></Data>'
        for name, value in (("代码", villages.codes[row]), ("代码来源", villages.sources[row]))
    )
    return (
        f"<Placemark><name>{villages.names[row]}</name><ExtendedData>{data}</ExtendedData>"
        f"<LineString><coordinates>{points}</coordinates></LineString></Placemark>"
    )


def write_csv(folder: Path, villages: Villages) -> Path:
    """A table with a WKT column, in GB18030 as a spreadsheet saves it."""
    sink = io.StringIO()
    table = csv.writer(sink)
    table.writerow(["行政村代码", "行政村名称", "代码来源", "图形"])
    rows = zip(villages.codes, villages.names, villages.sources, villages.shapes, strict=True)
    for *facts, shape in rows:
        table.writerow([*facts, shapely.to_wkt(shape, rounding_precision=7)])
    path = folder / "村界表.csv"
    path.write_bytes(sink.getvalue().encode("gb18030"))
    return path


def write_truncated(folder: Path, villages: Villages) -> Path:
    """A zip that was cut in the middle while it was copied."""
    whole = write_zip(folder, villages).read_bytes()
    path = folder / "拷贝一半.zip"
    path.write_bytes(whole[: len(whole) // 2])
    return path
