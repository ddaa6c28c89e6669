"""Shapes out of text: GeoJSON, WKT, EWKT, hexadecimal WKB, plain lists of points; each with its verdict.

A ring that does not close is closed here (GEOS reads no other) and said; everything else stays as drawn.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry import shape

from app.spatial.formats import pointlists
from app.spatial.notes import Note

_TROUBLE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
    NotImplementedError,  # curves
    shapely.errors.ShapelyError,
)
_WKT = re.compile(
    r"\s*(?:SRID\s*=\s*(\d{1,6})\s*;\s*)?"
    r"((?:MULTI)?(?:POINT|LINESTRING|POLYGON|CURVE|SURFACE)|GEOMETRYCOLLECTION|CURVEPOLYGON|COMPOUNDCURVE)"
    r"\s*(?:ZM|Z|M)?\s*(?:[(（]|EMPTY\b)",
    re.IGNORECASE,
)
_HEX = re.compile(r"\s*(?:\\x|0x)?(0[01][0-9A-F]{16,})\s*", re.IGNORECASE)
_JSON = re.compile(r'\s*\{.{0,2000}"(?:coordinates|geometry|geometries)"', re.DOTALL)
_INNERMOST = re.compile(r"\(([^()]*)\)")
_FULL_WIDTH = str.maketrans("（），；　", "(),; ")
_DEEPEST = 64


@dataclass(frozen=True)
class Built:
    """A shape as WKB; not `sound` when it makes no sense, `closed` when a ring had to be closed."""

    wkb: bytes | None
    sound: bool = True
    closed: bool = False
    srid: int = 0


NOTHING, BROKEN = Built(None), Built(None, sound=False)


@dataclass
class Shapes:
    """Shapes taken in row by row, and the rows that there is something to say of."""

    wkb: list[bytes | None] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)

    def add(self, row: int, built: Built) -> None:
        """Take in the shape of a row (its number in the file)."""
        self.rows.append(row)
        self.wkb.append(built.wkb)
        if not built.sound:
            self.broken.append(row)
        if built.closed:
            self.closed.append(row)

    def notes(self) -> tuple[Note, ...]:
        """What is to be said of broken shapes and closed rings."""
        found = (
            ("broken_geometry", "图形无法识别", "The geometry makes no sense", self.broken),
            ("rings_closed", "边界环未闭合，已自动闭合", "Rings were open and have been closed", self.closed),
        )
        return tuple(Note(code, zh, en, tuple(rows)) for code, zh, en, rows in found if rows)


def looks_like_shape(value: Any) -> bool:
    """Tell by its beginning whether a cell holds WKT, EWKT, hexadecimal WKB, a GeoJSON geometry or points."""
    if not isinstance(value, str) or len(value) < 8:
        return False
    return (
        _WKT.match(value) is not None
        or _JSON.match(value) is not None
        or _HEX.fullmatch(value) is not None
        or pointlists.looks_like_points(value)
    )


def read_shape(value: Any) -> Built:
    """Read a cell: text as above, WKB bytes, a GeoJSON geometry already parsed, or nothing."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return NOTHING
    try:
        if isinstance(value, dict):
            return build_shape(value)
        if isinstance(value, bytes):
            return _from_wkb(value)
        return _from_text(str(value))
    except _TROUBLE:
        return BROKEN


def _from_text(text: str) -> Built:
    match = _WKT.match(text)
    if match is not None:
        return _from_wkt(text[match.start(2) :], int(match[1] or 0))
    if (raw := _HEX.fullmatch(text)) is not None:
        return _from_wkb(bytes.fromhex(raw[1]))
    if pointlists.looks_like_points(text):
        return Built(shapely.to_wkb(pointlists.read_points(text)))
    found = json.loads(text) if text.lstrip().startswith("{") else None
    return build_shape(found.get("geometry", found)) if isinstance(found, dict) else BROKEN


def _from_wkt(text: str, srid: int) -> Built:
    if text.count("(") > _DEEPEST and _depth(text) > _DEEPEST:
        return BROKEN
    try:
        return Built(shapely.to_wkb(shapely.from_wkt(text)), srid=srid)
    except shapely.errors.ShapelyError:
        mended = _close_rings(text.translate(_FULL_WIDTH))
    return Built(shapely.to_wkb(shapely.from_wkt(mended)), closed="(" in text, srid=srid)


def _depth(text: str) -> int:
    depth = deepest = 0
    for sign in re.findall(r"[()]", text):
        depth += 1 if sign == "(" else -1
        deepest = max(deepest, depth)
    return deepest


def _close_rings(text: str) -> str:
    """Repeat the first point of every open ring of polygons; lines are left alone."""
    if not re.match(r"\s*(?:MULTI)?POLYGON", text, re.IGNORECASE):
        return text
    return _INNERMOST.sub(_close_ring, text)


def _close_ring(match: re.Match[str]) -> str:
    points = match[1].split(",")
    if len(points) < 3 or points[0].split()[:2] == points[-1].split()[:2]:
        return match[0]
    return f"({match[1]},{points[0]})"


def _from_wkb(data: bytes) -> Built:
    found = shapely.from_wkb(data, on_invalid="ignore")
    mended = shapely.from_wkb(data, on_invalid="fix") if found is None else found
    if mended is None:
        return BROKEN
    return Built(shapely.to_wkb(mended), closed=found is None, srid=max(int(shapely.get_srid(mended)), 0))


def build_shape(geometry: Any) -> Built:
    """Build a parsed GeoJSON geometry; null is nothing, an impossible one is broken, text is read as such."""
    if geometry is None:
        return NOTHING
    if isinstance(geometry, str):
        return read_shape(geometry)
    try:
        return Built(shapely.to_wkb(shape(geometry)), closed=_is_open(geometry))
    except _TROUBLE:
        return BROKEN


def _is_open(geometry: Any) -> bool:
    """Whether a ring of a polygon (which Shapely closes in silence) does not end where it began."""
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        return any(_is_open(part) for part in geometry["geometries"])
    if kind not in ("Polygon", "MultiPolygon"):
        return False
    polygons = [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]
    return any(list(ring[0][:2]) != list(ring[-1][:2]) for polygon in polygons for ring in polygon if ring)
