"""GeoJSON and KML out."""

import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import shapely

from app.errors import BadInput
from app.glossary import map_headings
from app.spatial.formats.writing.outgoing import Outgoing, as_text, kind_of, plain

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TYPES = {"bool": "bool", "int": "int", "float": "double", "text": "string"}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'


def write_geojson(path: Path, out: Outgoing) -> None:
    """Write a feature collection; any system but WGS 84 degrees is declared by an old `crs` member."""
    features = [
        {
            "type": "Feature",
            "properties": {name: plain(value) for name, value in zip(out.columns, row, strict=True)},
            "geometry": None if geom is None else json.loads(shapely.to_geojson(geom)),
        }
        for row, geom in zip(out.rows(), out.geoms, strict=True)
    ]
    root: dict[str, Any] = {"type": "FeatureCollection"}
    number = out.epsg()
    if number is not None and number != 4326:
        root["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{number}"}}
    path.write_text(json.dumps(root | {"features": features}, ensure_ascii=False), "utf-8")


def write_kml(path: Path, out: Outgoing) -> None:
    """Write a KML: folders by town, a placemark a row, every column under its own name and type.

    KML is longitude and latitude of WGS 84 and nothing else: raises BadInput `crs_not_possible`.
    """
    if out.epsg() not in (4326, 4490):
        zh, en = "KML 只能是 WGS 84 经纬度", "KML is WGS 84 longitude and latitude only"
        raise BadInput("crs_not_possible", zh=zh, en=en)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"{_HEAD}<name>{_say(out.name)}</name>{_schema(out)}\n")
        for folder, rows in groupby(range(len(out.geoms)), key=_folders(out).__getitem__):
            names = [name for name in (folder or "").split("/") if name]
            file.write("".join(f"<Folder><name>{_say(name)}</name>" for name in names))
            file.writelines(_placemarks(out, list(rows)))
            file.write("</Folder>" * len(names) + "\n")
        file.write("</Document></kml>\n")


def _say(text: Any) -> str:
    return escape(_ILLEGAL.sub("", str(text)))


def _quote(text: str) -> str:
    return quoteattr(_ILLEGAL.sub("", text))


def _schema(out: Outgoing) -> str:
    fields = (
        f"<SimpleField type={quoteattr(_TYPES[kind_of(values)])} name={_quote(name)}/>"
        for name, values in out.columns.items()
    )
    return f'<Schema id="columns" name="columns">{"".join(fields)}</Schema>' if out.columns else ""


def _folders(out: Outgoing) -> list[Any]:
    """The folder of every row: its own column of that name, else its town."""
    heading = "folder" if "folder" in out.columns else _heading(out, "town_name")
    values = out.columns[heading] if heading else [None] * len(out.geoms)
    return [None if value is None else str(value) for value in values]


def _heading(out: Outgoing, term: str) -> str | None:
    return map_headings(out.columns, ("unit_name", "town_name")).columns.get(term)


def _placemarks(out: Outgoing, rows: list[int]) -> Iterator[str]:
    named = _heading(out, "unit_name")
    for row in rows:
        name = out.columns[named][row] if named else None
        head = "" if name is None else f"<name>{_say(name)}</name>"
        cells = (
            f"<SimpleData name={_quote(heading)}>{_say(as_text(values[row]))}</SimpleData>"
            for heading, values in out.columns.items()
            if plain(values[row]) is not None
        )
        data = f'<ExtendedData><SchemaData schemaUrl="#columns">{"".join(cells)}</SchemaData></ExtendedData>'
        yield f"<Placemark>{head}{data if out.columns else ''}{_shape(out.geoms[row])}</Placemark>\n"


def _shape(geom: Any) -> str:
    if geom is None or geom.is_empty:
        return ""
    if geom.geom_type == "Polygon":
        holes = (f"<innerBoundaryIs>{_ring(ring)}</innerBoundaryIs>" for ring in geom.interiors)
        return f"<Polygon><outerBoundaryIs>{_ring(geom.exterior)}</outerBoundaryIs>{''.join(holes)}</Polygon>"
    if geom.geom_type in ("Point", "LineString"):
        return f"<{geom.geom_type}>{_positions(geom)}</{geom.geom_type}>"
    if geom.geom_type == "LinearRing":
        return _ring(geom)
    return f"<MultiGeometry>{''.join(map(_shape, geom.geoms))}</MultiGeometry>"


def _ring(ring: Any) -> str:
    return f"<LinearRing>{_positions(ring)}</LinearRing>"


def _positions(line: Any) -> str:
    pairs = shapely.get_coordinates(line).round(9).tolist()
    return f"<coordinates>{' '.join(f'{x!r},{y!r}' for x, y in pairs)}</coordinates>"
