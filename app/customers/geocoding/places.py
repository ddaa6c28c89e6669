"""The gazetteer's rows: places read from a CSV file, bad rows handed back with their reasons."""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import RefusedFile
from app.territory.names import clean_official

PLACE_LEVELS = ("province", "city", "county", "town", "village", "natural_village", "group", "house")
# A gazetteer may write what a place is where its level belongs; they lie inside a village.
_KINDS_AS_LEVELS = {
    "market": "group",
    "compound": "group",
    "park": "group",
    "district": "group",
    "building": "house",
}
_REQUIRED = ("code", "name", "level")
_MAX_NAME = 60


@dataclass(frozen=True, slots=True)
class Place:
    """One official place; `lon`/`lat` are EPSG:4326, `code_source` tells whose code it is."""

    code: str
    name: str
    level: str
    kind: str = ""
    parent_code: str = ""
    official_name: str = ""
    aliases: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None
    code_source: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was left out: its number in the file (the heading is row 1) and why."""

    row: int
    reason: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PlacesRead:
    """What a gazetteer file held; `encoding` is the one that was found."""

    places: tuple[Place, ...]
    rejects: tuple[Reject, ...]
    encoding: str


class _BadRow(Exception):
    def __init__(self, reason: str, zh: str, en: str) -> None:
        super().__init__(reason)
        self.reason, self.zh, self.en = reason, zh, en


def read_places(path: Path | str) -> PlacesRead:
    """Read a gazetteer CSV (UTF-8, with or without mark, or GB18030) with a heading row.

    Columns: code, name, level (required); kind, parent_code, official_name, aliases, former_names
    (several joined by `|`), lon, lat (EPSG:4326), code_source. A bad row becomes a `Reject`.
    Raises `RefusedFile` when the file is no such table at all.
    """
    text, encoding = _decode(Path(path).read_bytes())
    rows = csv.DictReader(text.replace("\0", "").splitlines())
    missing = [name for name in _REQUIRED if name not in (rows.fieldnames or ())]
    if missing:
        raise RefusedFile(
            "gazetteer_headings",
            zh=f"地名表缺少列：{'、'.join(missing)}",
            en=f"the gazetteer lacks the columns {', '.join(missing)}",
        )
    places, rejects = _sort_out(_numbered(rows))
    return PlacesRead(tuple(places), tuple(rejects), encoding)


def _decode(data: bytes) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding), "utf-8" if encoding == "utf-8-sig" else encoding
        except UnicodeDecodeError:
            continue
    raise RefusedFile(
        "gazetteer_encoding", zh="地名表既不是 UTF-8 也不是 GBK 编码", en="neither UTF-8 nor GBK"
    )


def _numbered(rows: "csv.DictReader[str]") -> Iterator[tuple[int, Mapping[str, str]]]:
    for row in rows:
        yield (
            rows.line_num,
            {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)},
        )


def _sort_out(rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[list[Place], list[Reject]]:
    places: list[Place] = []
    rejects: list[Reject] = []
    seen: set[str] = set()
    for number, row in rows:
        try:
            place = _place(row)
            if place.code in seen:
                raise _BadRow("duplicate_code", f"代码 {place.code} 重复", f"code {place.code} occurs twice")
        except _BadRow as bad:
            rejects.append(Reject(number, bad.reason, bad.zh, bad.en))
            continue
        seen.add(place.code)
        places.append(place)
    return places, rejects


def _place(row: Mapping[str, str]) -> Place:
    level, kind = row.get("level", ""), row.get("kind", "")
    if level in _KINDS_AS_LEVELS:
        level, kind = _KINDS_AS_LEVELS[level], kind or level
    cleaned, found_kind = (
        clean_official(row.get("name", "")) if level == "village" else (row.get("name", ""), "")
    )
    _check(row, level, cleaned)
    lon, lat = _point(row)
    return Place(
        code=row["code"],
        name=cleaned,
        level=level,
        kind=kind or found_kind or "admin",
        parent_code=row.get("parent_code", ""),
        official_name=row.get("official_name", "") or row["name"],
        aliases=_several(row.get("aliases", "")),
        former_names=_several(row.get("former_names", "")),
        lon=lon,
        lat=lat,
        code_source=row.get("code_source", ""),
    )


def _check(row: Mapping[str, str], level: str, name: str) -> None:
    if not row.get("code"):
        raise _BadRow("no_code", "缺少代码", "the code is missing")
    if not name:
        raise _BadRow("no_name", "缺少名称", "the name is missing")
    if len(name) > _MAX_NAME or not name.isprintable():
        raise _BadRow("bad_name", "名称过长或含控制字符", "the name is too long or holds control characters")
    if level not in PLACE_LEVELS:
        raise _BadRow("bad_level", f"未知级别“{level[:20]}”", f"unknown level {level[:20]!r}")
    if row.get("parent_code") == row["code"]:
        raise _BadRow("own_parent", "上级代码等于自身代码", "the place is its own parent")


def _several(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in cell.split("|") if part.strip()))


def _point(row: Mapping[str, str]) -> tuple[float | None, float | None]:
    cells = row.get("lon", ""), row.get("lat", "")
    if cells == ("", ""):
        return None, None
    try:
        lon, lat = (float(cell) for cell in cells)
    except ValueError:
        raise _BadRow("bad_point", "经纬度不是数字", "longitude or latitude is no number") from None
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise _BadRow("bad_point", "经纬度超出范围", "longitude or latitude is out of range")
    return lon, lat
