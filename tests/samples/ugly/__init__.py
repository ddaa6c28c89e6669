"""Ugly but real boundary files: what banks are sent, each with the outcome that a careful person expects.

`CASES` is the list; each maker writes its file into a folder from the same twelve villages.
"""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyproj
import shapely
import zhconv
from openpyxl import Workbook

from tests.samples import boundary_files, gdal_files, raw_shapes, text_files
from tests.samples.ugly import ground, tables

Maker = Callable[[Path], Path]
ALL = 12


@dataclass(frozen=True)
class Ugly:
    """One file: `outcome`, how many units, what must be said (`codes` of warnings, questions, rejections)."""

    name: str
    make: Maker
    outcome: str = "imported"
    features: int = ALL
    codes: tuple[str, ...] = ()
    same_names: bool = True
    same_places: bool = True


def shapefile(**how: Any) -> Maker:
    """A raw shapefile of the villages; `shapes`, `columns`, `encoding`, `prj`, `kind` as given."""
    return lambda folder: raw_shapes.shapefile(
        folder / "v.zip",
        how.get("shapes") or ground.plain(),
        how.get("columns") or ground.columns(),
        **_rest(how),
    )


def _rest(how: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in how.items() if key in ("encoding", "prj", "kind")}


def marked(encoding: str, cpg: str) -> Maker:
    """A shapefile whose .cpg says something."""

    def make(folder: Path) -> Path:
        table = boundary_files.table_in(ground.columns(), encoding)
        members = {"v.shp": raw_shapes.shp_bytes(ground.plain()), "v.dbf": table, "v.cpg": cpg.encode()}
        return boundary_files.pack(folder / "v.zip", members | {"v.prj": raw_shapes.CGCS2000.encode()})

    return make


def named(change: Callable[[str], str], **how: Any) -> Maker:
    """A shapefile whose names went through `change`."""
    columns = ground.columns()
    return shapefile(columns=columns | {"村名称": list(map(change, columns["村名称"]))}, **how)


def as_western(raw: bytes) -> str:
    """What a program that believes in Windows-1252 makes of bytes."""
    return "".join(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in raw)


def geojson(encoding: str = "utf-8", **how: Any) -> Maker:
    """A GeoJSON file; `change` of names, `geometries` instead of the villages."""

    def make(folder: Path) -> Path:
        shapes = how.get("geometries") or [json.loads(shapely.to_geojson(shape)) for shape in ground.shapes()]
        change = how.get("change") or str
        rows = [
            boundary_files.feature(shape, 村代码=code, 村名称=change(name))
            for shape, code, name in zip(shapes, *ground.columns().values(), strict=False)
        ]
        text = json.dumps(boundary_files.collection(rows), ensure_ascii=False)
        path = folder / "v.geojson"
        path.write_bytes(text.encode(encoding))
        return path

    return make


def kml(folder: Path, *, body: Callable[[str], str], zipped: bool = False) -> Path:
    """Placemarks in folders, with the code in the description's table."""
    marks = ""
    for ring, code, name in zip(ground.rings(), *ground.columns().values(), strict=True):
        line = " ".join(f"{x!r},{y!r},0" for x, y in ring)
        more = f"<ExtendedData><Data name='村代码'><value>{code}</value></Data></ExtendedData>"
        marks += text_files.placemark(name, body(line), more=more)
    text = text_files.kml(f"<Folder><name>村界</name>{marks}</Folder>")
    if zipped:
        return text_files.kmz(folder / "v.kmz", {"doc.kml": text})
    path = folder / "v.kml"
    path.write_text(text, "utf-8")
    return path


def _polygon(line: str) -> str:
    ring = f"<LinearRing><coordinates>{line}</coordinates></LinearRing>"
    return f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>"


def _line(line: str) -> str:
    return f"<LineString><coordinates>{line}</coordinates></LineString>"


def by_gdal(driver: str, name: str, **how: Any) -> Maker:
    """A file that GDAL writes."""
    return lambda folder: gdal_files.write_with(
        driver, folder / name, ground.shapes(), columns=ground.columns(), **how
    )


def parts_zip(make: Callable[..., dict[str, bytes]], stem: str) -> Maker:
    """The parts of a MapInfo file in a zip."""

    def write(folder: Path) -> Path:
        parts = make(folder / "parts", geoms=ground.shapes(), columns=ground.columns())
        return boundary_files.pack(
            folder / "v.zip", {f"{stem}{suffix}": data for suffix, data in parts.items()}
        )

    return write


def geodatabase(folder: Path) -> Path:
    """A zipped file geodatabase."""
    gdb = gdal_files.write_gdb(folder / "v.gdb", geoms=ground.shapes(), columns=ground.columns())
    return boundary_files.pack(folder / "v.zip", gdal_files.folder_members(gdb))


def wkt_csv(encoding: str) -> Maker:
    """A table with a WKT column."""

    def make(folder: Path) -> Path:
        path = folder / "v.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            rows = csv.writer(file)
            rows.writerow([*ground.columns(), "WKT"])
            rows.writerows(zip(*ground.columns().values(), shapely.to_wkt(ground.shapes(), 9), strict=True))
        return path

    return make


def workbook(folder: Path) -> Path:
    """An Excel file with a WKT column."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*ground.columns(), "边界"])
    for row in zip(*ground.columns().values(), shapely.to_wkt(ground.shapes(), 9), strict=True):
        sheet.append(list(row))
    book.save(folder / "v.xlsx")
    return folder / "v.xlsx"


def sequence(folder: Path) -> Path:
    """GeoJSON features, a line each."""
    whole = json.loads(geojson()(folder).read_text("utf-8"))
    path = folder / "s.geojsonl"
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in whole["features"]), "utf-8")
    return path


def changed(index: int, shape: Any) -> list[Any]:
    """The villages with one of them drawn otherwise."""
    plain: list[Any] = ground.plain()
    return [*plain[:index], shape, *plain[index + 1 :]]


_PASTED = ("永北村", "颐生村")


def mixed_rows(folder: Path) -> Path:
    """A GBK table into which two rows were pasted in UTF-8."""
    table = boundary_files.table_in(ground.columns(), "gbk")
    for name in (name for name in ground.names() if len(name) == 3):
        table = table.replace(name.encode("gbk"), name[:2].encode(), 1) if name in _PASTED else table
    members = {
        "v.shp": raw_shapes.shp_bytes(ground.plain()),
        "v.dbf": table,
        "v.prj": raw_shapes.CGCS2000.encode(),
    }
    return boundary_files.pack(folder / "v.zip", members)


def truncated(folder: Path) -> Path:
    """A .shp whose end is missing."""
    members = {"v.shp": raw_shapes.shp_bytes(ground.plain())[:-200]}
    return boundary_files.pack(
        folder / "v.zip", members | {"v.dbf": boundary_files.table_in(ground.columns(), "gbk")}
    )


def upper_case(folder: Path) -> Path:
    """The suffixes in capitals, in a folder of the zip."""
    table = boundary_files.table_in(ground.columns(), "gbk")
    members = {"边界/V.SHP": raw_shapes.shp_bytes(ground.plain()), "边界/V.DBF": table}
    return boundary_files.pack(folder / "v.zip", members | {"边界/V.PRJ": raw_shapes.CGCS2000.encode()})


def two_layers(folder: Path) -> Path:
    """Two shapefiles in one zip."""
    shp, dbf = raw_shapes.shp_bytes(ground.plain()), boundary_files.table_in(ground.columns(), "gbk")
    return boundary_files.pack(folder / "v.zip", {"a.shp": shp, "a.dbf": dbf, "b.shp": shp, "b.dbf": dbf})


def no_table(folder: Path) -> Path:
    """A .shp alone."""
    return boundary_files.pack(folder / "v.zip", {"v.shp": raw_shapes.shp_bytes(ground.plain())})


def empty(folder: Path) -> Path:
    """Zero bytes."""
    (folder / "v.zip").write_bytes(b"")
    return folder / "v.zip"


def _spiked(ring: Any) -> list[Any]:
    x, y = ring[3]
    return [[*ring[:4], (x + 0.02, y + 0.02), (x, y), *ring[4:]]]


def _doubled(ring: Any) -> list[Any]:
    return [[point for point in ring for _ in range(2)]]


def _bow(ring: Any) -> list[Any]:
    return [[ring[0], ring[10], ring[5], ring[15], ring[0]]]


RINGS = ground.rings()
GK_PREFIX = pyproj.CRS.from_epsg(4528).to_wkt("WKT1_ESRI")
GK_PLAIN = pyproj.CRS.from_epsg(4549).to_wkt("WKT1_ESRI")
MERCATOR = pyproj.CRS.from_epsg(3857).to_wkt("WKT1_ESRI")
HEIGHTS = [{"type": "Polygon", "coordinates": [[[x, y, 2.5] for x, y in ring]]} for ring in ground.rings()]
LINES = raw_shapes.LINES

CASES: tuple[Ugly, ...] = (
    Ugly("gbk without a mark", shapefile()),
    Ugly("utf-8 without a mark", shapefile(encoding="utf-8")),
    Ugly(
        "utf-8 headings cut to the same three characters",
        shapefile(
            columns=dict(zip(("行政村代码", "行政村名称"), ground.columns().values(), strict=True)),
            encoding="utf-8",
        ),
        codes=("column_by_content",),
    ),
    Ugly("utf-8 marked gbk", marked("utf-8", "GBK"), codes=("encoding_mark_wrong",)),
    Ugly("gbk marked utf-8", marked("gbk", "UTF-8"), codes=("encoding_mark_wrong",)),
    Ugly("gbk marked latin", marked("gbk", "ISO-8859-1"), codes=("encoding_mark_wrong",)),
    Ugly("four-byte characters", named(lambda name: f"𫭢{name}", encoding="gb18030"), same_names=False),
    Ugly(
        "big5 traditional",
        lambda folder: shapefile(
            columns={
                zhconv.convert(key, "zh-tw"): [zhconv.convert(value, "zh-tw") for value in values]
                for key, values in ground.columns().items()
            },
            encoding="big5hkscs",
        )(folder),
        same_names=False,
    ),
    Ugly("rows of two encodings", mixed_rows, codes=("encoding_mixed",), same_names=False),
    Ugly(
        "utf-8 once saved as latin",
        named(lambda n: as_western(n.encode()), encoding="utf-8"),
        codes=("text_mojibake",),
    ),
    Ugly(
        "gbk once saved as latin",
        geojson(change=lambda n: as_western(n.encode("gbk"))),
        codes=("text_mojibake",),
    ),
    Ugly(
        "utf-8 once saved as gbk with losses",
        geojson(change=lambda n: n.encode().decode("gbk", "replace")),
        codes=("text_mojibake",),
        same_names=False,
    ),
    Ugly(
        "western junk",
        shapefile(
            columns={"code": ground.columns()["村代码"], "name": ["S\xe3o \xe9t\xe9"] * ALL},
            encoding="latin-1",
        ),
        "needs_answer",
        0,
        ("encoding_unclear",),
    ),
    Ugly("utf-16", geojson("utf-16")),
    Ugly("gbk geojson", geojson("gbk")),
    Ugly("utf-8 with a mark", geojson("utf-8-sig")),
    Ugly("a zone with its prefix", shapefile(shapes=ground.move("EPSG:4528"), prj=GK_PREFIX)),
    Ugly("a zone without prefix", shapefile(shapes=ground.move("EPSG:4549"), prj=GK_PLAIN)),
    Ugly("a prefix and no .prj", shapefile(shapes=ground.move("EPSG:4528"), prj=None)),
    Ugly("web mercator", shapefile(shapes=ground.move("EPSG:3857"), prj=MERCATOR)),
    Ugly(
        "rings that lack their last point",
        shapefile(shapes=[[ring[:-1]] for ring in RINGS]),
        codes=("mended_unclosed_ring",),
    ),
    Ugly("polylines meant as villages", shapefile(kind=LINES), codes=("closed_lines",)),
    Ugly(
        "one polyline open",
        shapefile(shapes=changed(2, [RINGS[2][:15]]), kind=LINES),
        features=11,
        codes=("not_a_polygon",),
    ),
    Ugly(
        "open lines alone",
        shapefile(shapes=[[ring[:12]] for ring in RINGS], kind=LINES),
        "rejected",
        0,
        ("not_a_polygon",),
    ),
    Ugly(
        "a bow tie", shapefile(shapes=changed(4, _bow(RINGS[4]))), "needs_answer", 0, ("repair_changes_area",)
    ),
    Ugly("a spike", shapefile(shapes=changed(4, _spiked(RINGS[4]))), codes=("mended_spike",)),
    Ugly("every point twice", shapefile(shapes=[_doubled(ring) for ring in RINGS]), codes=("double_points",)),
    Ugly("a row without a shape", shapefile(shapes=changed(5, None)), features=11, codes=("no_geometry",)),
    Ugly(
        "a row at null island",
        shapefile(shapes=changed(5, [[(0, 0), (0, 0.01), (0.01, 0), (0, 0)]])),
        features=11,
        codes=("far_away",),
    ),
    Ugly(
        "a part twice", shapefile(shapes=changed(6, [RINGS[6], RINGS[6]])), codes=("mended_duplicate_parts",)
    ),
    Ugly(
        "one shape for two rows",
        shapefile(shapes=changed(7, [RINGS[6]])),
        codes=("same_shape_twice",),
        same_places=False,
    ),
    Ugly("heights", geojson(geometries=HEIGHTS), codes=("dropped_z",)),
    Ugly("kml of polygons", lambda folder: kml(folder, body=_polygon)),
    Ugly("kml of closed lines", lambda folder: kml(folder, body=_line), codes=("closed_lines",)),
    Ugly("kmz of closed lines", lambda folder: kml(folder, body=_line, zipped=True), codes=("closed_lines",)),
    Ugly("geopackage", by_gdal("GPKG", "v.gpkg")),
    Ugly("mapinfo tab", parts_zip(gdal_files.tab_parts, "村界")),
    Ugly("mapinfo mif", parts_zip(gdal_files.mif_parts, "村界")),
    Ugly("file geodatabase", geodatabase),
    Ugly("csv with wkt in gbk", wkt_csv("gbk")),
    Ugly("csv with wkt in utf-8", wkt_csv("utf-8-sig")),
    Ugly("excel with wkt", workbook),
    Ugly("a row for each corner", tables.corners, codes=("points_joined", "axes_swapped", "no_geometry")),
    Ugly("borders as lists of points", tables.points_list),
    Ugly("json of a map service", tables.esri_json),
    Ugly("geojson a line each", sequence),
    Ugly("suffixes in capitals", upper_case),
    Ugly("two layers in a zip", two_layers, "needs_answer", 0, ("several_layers",)),
    Ugly("a .shp alone", no_table, "needs_answer", 0, ("field_unit_name",)),
    Ugly("truncated", truncated, "rejected", 0, ("shp_truncated",)),
    Ugly("zero bytes", empty, "rejected", 0, ("empty_file",)),
)
