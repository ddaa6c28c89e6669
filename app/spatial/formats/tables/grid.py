"""A sheet of cells: where its headings are, which column holds the shapes, and the layer that it makes."""

import re
import struct
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import shapely

from app.glossary import fold_heading, rank_heading
from app.spatial.formats.layer import MOST_COLUMNS, EncodingFinding, Found
from app.spatial.formats.refusals import refuse
from app.spatial.formats.shapes import BROKEN, NOTHING, Built, Shapes, looks_like_shape, read_shape
from app.spatial.formats.tables.vertices import join_corners
from app.spatial.notes import Note

Rows = Sequence[Sequence[Any]]
CELL_LIMIT = 32_767
_SEARCHED_ROWS, _COUNTED_ROWS, _HEADING_ROWS = 5000, 50, 60
_AREAS = re.compile(
    r"\s*(?:SRID\s*=\s*\d+\s*;\s*)?(?:MULTI)?POLYGON|.{0,40}Polygon|\s*(?:\\x|0x)?0[01]", re.I
)
_EAST = ("东坐标", "横坐标", "东经", "x坐标", "坐标x", "e")
_NORTH = ("北坐标", "纵坐标", "北纬", "y坐标", "坐标y", "n")
_ANGLE = re.compile(
    r"[EWNS东西北南经纬]*\s*(-?\d+(?:\.\d+)?)\s*(?:[°度]\s*(?:(\d+(?:\.\d+)?)\s*['′分]\s*)?"
    r"(?:(\d+(?:\.\d+)?)\s*(?:[\"″秒]|''|′′)\s*)?)?\s*[EWNS]?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Plan:
    """How to read a sheet: the row of its headings (-1: none), the columns of the shape, or lon and lat."""

    heading_row: int
    shape_columns: tuple[int, ...] = ()
    lon_lat: tuple[int, int] | None = None


def find_plan(rows: Rows) -> Plan | None:
    """Find the shapes of a sheet, or else its longitudes and latitudes; None when it has neither."""
    for number, row in enumerate(rows[:_SEARCHED_ROWS]):
        if any(looks_like_shape(cell) for cell in row):
            column = _choose_column(rows[number : number + _COUNTED_ROWS])
            heading_row = _find_headings(rows, number, column)
            return Plan(heading_row, _continued(rows[heading_row] if heading_row >= 0 else (), column))
    return _find_lon_lat(rows)


def _choose_column(rows: Rows) -> int:
    """The column with most shapes; areas count before points, then the first."""
    counts = Counter[int]()
    for row in rows:
        for column, cell in enumerate(row):
            if looks_like_shape(cell):
                counts[column] += 1000 if _AREAS.match(cell[:80]) else 1
    return min(counts, key=lambda column: (-counts[column], column))


def _find_headings(rows: Rows, first: int, column: int) -> int:
    """The row above the first shape that names the columns; titles and remarks above it are narrower."""
    filled = [sum(cell is not None for cell in row) for row in rows[: first + 1]]
    enough = min(2, filled[first])
    broad = max(enough, max(filled) // 2)
    named = [at for at in range(first) if filled[at] >= broad and _is_text(_cell(rows[at], column))]
    if named:
        return max(named, key=lambda at: (filled[at], -at))
    above = [at for at in range(first) if filled[at] >= broad and all(map(_is_text, _filled(rows[at])))]
    return above[-1] if above else -1


def _filled(row: Sequence[Any]) -> list[Any]:
    return [cell for cell in row if cell is not None]


def _is_text(cell: Any) -> bool:
    return isinstance(cell, str) and not looks_like_shape(cell)


def _cell(row: Sequence[Any], column: int) -> Any:
    return row[column] if column < len(row) else None


def _continued(headings: Sequence[Any], column: int) -> tuple[int, ...]:
    """Columns WKT_1, WKT_2… that continue a shape too long for one cell."""
    match = re.fullmatch(r"(.+)_1", str(_cell(headings, column) or ""))
    columns = [column]
    while match and _cell(headings, columns[-1] + 1) == f"{match[1]}_{len(columns) + 1}":
        columns.append(columns[-1] + 1)
    return tuple(columns)


def _find_lon_lat(rows: Rows) -> Plan | None:
    for number, row in enumerate(rows[:_HEADING_ROWS]):
        lon, lat = _best(row, "lon", _EAST, "经度"), _best(row, "lat", _NORTH, "纬度")
        if lon is None or lat is None or lon == lat:
            continue
        below = rows[number + 1 : number + 1 + _COUNTED_ROWS]
        if any(None not in (read_angle(_cell(one, lon)), read_angle(_cell(one, lat))) for one in below):
            return Plan(number, lon_lat=(lon, lat))
    return None


def _best(row: Sequence[Any], code: str, words: tuple[str, ...], part: str) -> int | None:
    """The column whose heading says longitude (latitude) most exactly."""
    ranked = [
        (_rank(cell.strip(), code, words, part), column)
        for column, cell in enumerate(row)
        if isinstance(cell, str) and len(cell) < 40
    ]
    fitting = [pair for pair in ranked if pair[0] is not None]
    return min(fitting)[1] if fitting else None


def _rank(heading: str, code: str, words: tuple[str, ...], part: str) -> int | None:
    rank = rank_heading(heading, code)
    folded = fold_heading(re.sub(r"[(（].*", "", heading))
    if rank is not None:
        return rank
    if folded in words:
        return 100 + words.index(folded)
    latin = {"lon": r"(?:^|_)(?:lon|lng)$", "lat": r"(?:^|_)lat$"}[code]
    return 200 if part in heading or re.search(latin, heading.lower()) else None


def read_angle(value: Any) -> float | None:
    """Read a coordinate from a number or text such as 121.2, E121.2 or 121°12′30″; None if it is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value)
    match = _ANGLE.fullmatch(unicodedata.normalize("NFKC", str(value)).strip())
    if match is None:
        return None
    whole = float(match[1])
    part = float(match[2] or 0) / 60 + float(match[3] or 0) / 3600
    return whole - part if match[1].startswith("-") else whole + part


def headings_of(rows: Rows, plan: Plan) -> list[str]:
    """The names of all columns: those of the heading row, made single, with a number where there is none."""
    named = rows[plan.heading_row] if plan.heading_row >= 0 else ()
    width = max((len(row) for row in rows[max(plan.heading_row, 0) :]), default=0)
    if width > MOST_COLUMNS:
        raise refuse("too_many_columns", f"{width} > {MOST_COLUMNS}")
    names = list[str]()
    for column in range(width):
        cell = _cell(named, column)
        name = " ".join(str(cell).split()) if cell is not None else f"列{column + 1}"
        free, number = name, 2
        while free in names:
            free, number = f"{name}_{number}", number + 1
        names.append(free)
    return names


def make_found(
    name: str, rows: Rows, plan: Plan, *, finding: EncodingFinding, notes: Iterable[Note] = ()
) -> Found:
    """Make the layer of a sheet; its row numbers are those of the sheet, as a person sees them.

    Raises RefusedFile srid_mixed when EWKT rows declare different systems.
    """
    shapes, srids, cut = Shapes(), set[int](), list[int]()
    kept = [at for at in range(plan.heading_row + 1, len(rows)) if _filled(rows[at])]
    for at in kept:
        built, long = _build(rows[at], plan)
        shapes.add(at + 1, built)
        srids |= {built.srid} - {0}
        cut += [at + 1] if long and not built.sound else []
    if len(srids) > 1:
        raise refuse("srid_mixed", "、".join(f"EPSG:{srid}" for srid in sorted(srids))[:120])
    columns = {
        heading: [_cell(rows[at], column) for at in kept]
        for column, heading in enumerate(headings_of(rows, plan))
        if column not in plan.shape_columns
    }
    named = {h: values for h, values in columns.items() if not _is_unnamed_blank(h, values)}
    wkt = f"EPSG:{srids.pop()}" if srids else None
    remarks = (*shapes.notes(), *([_tell_cut(cut)] if cut else []), *notes)
    found = Found(name, named, shapes.wkb, wkt, finding, remarks, shapes.rows)
    if plan.lon_lat is None:
        return found
    headings = headings_of(rows, plan)
    return _join_corners(found, {headings[at] for at in plan.lon_lat})


def _join_corners(found: Found, lon_lat: set[str]) -> Found:
    """The areas of a table of corners; rows without a point (a total, a remark) stay what they are."""
    is_corner = [wkb is not None for wkb in found.wkb]
    corners = [at for at, is_one in enumerate(is_corner) if is_one]
    others = {
        name: [cells[at] for at in corners] for name, cells in found.columns.items() if name not in lon_lat
    }
    xy = shapely.get_coordinates(shapely.from_wkb([found.wkb[at] for at in corners])).tolist()
    joined = join_corners(others, [(x, y) for x, y in xy]) if len(xy) == len(corners) else None
    if joined is None:
        return found
    kept = [
        *(corners[at] for at in joined.firsts),
        *(at for at, is_one in enumerate(is_corner) if not is_one),
    ]
    wkb = [*shapely.to_wkb(joined.shapes).tolist(), *[None] * (len(kept) - len(joined.shapes))]
    columns = {
        name: [cells[at] for at in kept]
        for name, cells in found.columns.items()
        if name not in lon_lat and name not in joined.left_out
    }
    return replace(
        found,
        columns=columns,
        wkb=wkb,
        rows=[found.rows[at] for at in kept],
        notes=(*found.notes, joined.note),
    )


def _is_unnamed_blank(heading: str, values: list[Any]) -> bool:
    return re.fullmatch(r"列\d+", heading) is not None and all(value is None for value in values)


def _build(row: Sequence[Any], plan: Plan) -> tuple[Built, bool]:
    """Return (the shape of a row, whether a cell is as long as Excel lets it be)."""
    if plan.lon_lat is not None:
        lon, lat = (_cell(row, column) for column in plan.lon_lat)
        return _build_point(lon, lat), False
    cells = [_cell(row, column) for column in plan.shape_columns]
    text = "".join(str(cell) for cell in cells if cell is not None)
    return read_shape(text), any(isinstance(cell, str) and len(cell) >= CELL_LIMIT for cell in cells)


def _build_point(lon: Any, lat: Any) -> Built:
    if lon is None and lat is None:
        return NOTHING
    x, y = read_angle(lon), read_angle(lat)
    return BROKEN if x is None or y is None else Built(struct.pack("<BIdd", 1, 1, x, y))


def _tell_cut(rows: list[int]) -> Note:
    return Note(
        "cell_cut",
        f"单元格达到 {CELL_LIMIT} 个字符的上限，图形已被 Excel 截断",
        f"A cell is {CELL_LIMIT} characters long, Excel's limit; its shape is cut off",
        tuple(rows),
    )
