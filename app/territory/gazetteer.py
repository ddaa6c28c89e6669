"""The gazetteer: names that an address may carry, with their codes, levels, former names and points."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy.orm import Session

from app.db import copy_in, fetch_all, run_statement
from app.errors import RefusedFile
from app.territory.organisation import store_rows
from app.territory.shapes import to_ewkb
from app.territory.tables import Row, RowError, TableReport, read_point, read_table

PLACE_FIELDS = (
    "place_code",
    "place_name",
    "level",
    "place_kind",
    "parent_code",
    "full_path",
    "official_name",
    "aliases",
    "former_names",
    "lon",
    "lat",
    "coord_source",
)
PLACE_LEVELS = ("province", "city", "county", "town", "village", "natural_village", "group", "house")
# The levels as people write them.
_WRITTEN = {
    "province": "省 省级 自治区 直辖市",
    "city": "市 市级 地级市 地市",
    "county": "县 县级 区 区县 县区 县级市",
    "town": "镇 乡 乡镇 乡级 镇级 街道 镇街 乡镇街道",
    "village": "村 村级 社区 行政村 建制村 村社区 居委会 村委会",
    "natural_village": "自然村 自然屯",
    "group": "组 小组 村民小组 生产队 小区 市场 商圈 园区",
    "house": "楼幢 楼栋 门牌 房屋",
}
_LEVEL_OF = {word: level for level, words in _WRITTEN.items() for word in (level, *words.split())}
_COLUMNS = {
    "code": "text",
    "code_source": "text",
    "level": "text",
    "kind": "text",
    "parent_code": "text",
    "name": "text",
    "official_name": "text",
    "full_path": "text",
    "aliases": "text[]",
    "former_names": "text[]",
    "geom": "bytea",
    "coord_source": "text",
    "import_id": "int8",
}


@dataclass(frozen=True, slots=True)
class PlaceName:
    """One entry of the gazetteer; `lon`/`lat` are EPSG:4326 degrees or None."""

    code: str
    name: str
    level: str
    kind: str
    parent_code: str | None
    full_path: str | None
    official_name: str | None
    aliases: tuple[str, ...]
    former_names: tuple[str, ...]
    lon: float | None
    lat: float | None
    coord_source: str | None


def import_places(
    session: Session, path: Path, *, code_source: str = "gazetteer", import_id: int | None = None
) -> TableReport:
    """Store a gazetteer CSV in place of what `code_source` sent before; two sources never mix by code.

    Columns: code, name, level, kind, parent_code, full_path, official_name, aliases, former_names, lon,
    lat, coord_source (or their Chinese headings); several names in one cell are divided by `|`.
    Raises RefusedFile for a file that is no such table or has no row; nothing is replaced then.
    """
    table = read_table(path, PLACE_FIELDS, required=("place_code", "place_name", "level"))
    if not table.rows:
        raise RefusedFile(
            "empty_table", zh="表头之下没有地名", en="no place stands below the headings", file=path.name
        )
    places: list[PlaceName] = []
    report = store_rows(table, lambda row: places.append(_read_place(row)))
    if places:
        run_statement(session, "territory/forget_places", code_source=code_source)
        lines = _lines(places, code_source, import_id)
        copy_in(session, "place", list(_COLUMNS), lines, types=list(_COLUMNS.values()))
    return report


def list_places(session: Session) -> list[PlaceName]:
    """Every name of the gazetteer, sources one after the other, in the order of codes."""
    return [
        PlaceName(**{**row, "aliases": tuple(row["aliases"]), "former_names": tuple(row["former_names"])})
        for row in fetch_all(session, "territory/list_places")
    ]


def _read_place(row: Row) -> PlaceName:
    code, name, level = row.read("place_code"), row.read("place_name"), row.read("level")
    if code is None or name is None:
        raise RowError("no_place", zh="没有代码或名称", en="the place has no code or no name")
    known = _LEVEL_OF.get((level or "").strip().lower())
    if known is None:
        raise RowError("bad_level", zh=f"不认识的级别：{level}", en=f"unknown level: {level}")
    point = read_point(row)
    return PlaceName(
        code=code,
        name=name,
        level=known,
        kind=row.read("place_kind") or "admin",
        parent_code=row.read("parent_code"),
        full_path=row.read("full_path"),
        official_name=row.read("official_name"),
        aliases=tuple(row.read_list("aliases")),
        former_names=tuple(row.read_list("former_names")),
        lon=point[0] if point else None,
        lat=point[1] if point else None,
        coord_source=row.read("coord_source"),
    )


def _lines(places: list[PlaceName], code_source: str, import_id: int | None) -> Iterator[tuple[object, ...]]:
    xy = np.array([(p.lon, p.lat) for p in places], dtype=np.float64)
    placed = [place.lon is not None for place in places]
    points = iter(to_ewkb(np.asarray(shapely.points(xy[placed]), dtype=object)))
    for place, has_point in zip(places, placed, strict=True):
        yield (
            place.code,
            code_source,
            place.level,
            place.kind,
            place.parent_code,
            place.name,
            place.official_name,
            place.full_path,
            list(place.aliases),
            list(place.former_names),
            next(points) if has_point else None,
            place.coord_source,
            import_id,
        )
