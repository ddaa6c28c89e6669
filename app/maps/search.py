"""The search box: places, people and outlets of the ground in sight, customers, addresses and positions.

Hits come grouped by kind; the group with the best hit first, in a group exact names before beginnings,
initials, full pinyin and what only holds the words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.access import Vault, mask_party
from app.customers import places
from app.customers.seeking import LEAST_SIGNS, read_digits, search_customers
from app.errors import Conflict
from app.maps.search_index import GroundIndex, find_index
from app.maps.search_names import BEGINS, EXACT, INSIDE, SAID, fold
from app.spatial import crs
from app.spatial.written import read_position

KINDS = ("position", "town", "grid", "village", "manager", "branch", "outlet", "customer", "address")
MOST_OF_A_KIND = 8
LEAST_ADDRESS = 4
Hit = dict[str, Any]
Datum = Literal["cgcs2000", "wgs84", "gcj02", "bd09"]


@dataclass(frozen=True)
class Means:
    """What a viewer searches with: the bank's keys, the datum he reads coordinates in, whether he may ask for
    places and for customers."""

    vault: Vault | None = None
    datum: Datum = "cgcs2000"
    places: bool = True
    customers: bool = True


def search(session: Session, query: str, means: Means | None = None) -> list[Hit]:
    """What answers to a query in the viewer's sight, best first by kind.

    Every hit has `kind` (`KINDS`), `id`, `code`, `name`, `detail`, `rank` (0 exact to 4 inside) and a `bbox`
    or `lon` and `lat` in EPSG:4326. An empty query finds nothing; of a long one forty signs are read.
    """
    means = means or Means()
    text = fold(query)
    if not text:
        return []
    position = find_position(query, means.datum)
    if position:
        return [position]
    index = find_index(session)
    found = [show_row(row, rank) for rank, row in index.find(text)]
    if means.customers and session.info["viewer"].db_role != "getu_ground":
        found += _find_people(session, query, means.vault, index)
    if means.places and looks_like_address(text, found):
        found += _find_address(session, text, index)
    return group(found)


def find_position(query: str, datum: Datum) -> Hit | None:
    """The position that a query is, None for words; `datum` holds where the query names none."""
    written = read_position(query)
    if written is None:
        return None
    used = written.datum or datum
    lon, lat = written.lon, written.lat
    if used not in ("cgcs2000", "wgs84"):
        x, y = crs.points_to_storage([lon], [lat], used)
        lon, lat = float(x[0]), float(y[0])
    return {
        "kind": "position",
        "id": 0,
        "code": "",
        "name": f"{written.lon:.6f}, {written.lat:.6f}",
        "detail": "",
        "rank": EXACT,
        "datum": used,
        "turned": written.turned,
        "lon": round(lon, 8),
        "lat": round(lat, 8),
    }


def show_row(row: Mapping[str, Any], rank: int) -> Hit:
    """A row of the ground as a hit."""
    return {
        **{key: row[key] for key in ("kind", "id", "code", "name", "grid_id")},
        "detail": row["detail"] or "",
        "rank": rank,
        "bbox": [row["west"], row["south"], row["east"], row["north"]],
    }


def _find_people(session: Session, query: str, vault: Vault | None, index: GroundIndex) -> list[Hit]:
    text = query.strip()
    if len(text) < LEAST_SIGNS:
        return []
    rows = search_customers(session, text, vault=vault)
    by_phone = bool(read_digits(text))
    return [_show_person(row, index, exact=by_phone or row["name"] == text) for row in rows]


def _show_person(row: Mapping[str, Any], index: GroundIndex, *, exact: bool) -> Hit:
    grid = index.grids.get(row["grid_key"])
    return {
        "kind": "customer",
        "id": row["id"],
        "code": "",
        "name": mask_party(row["name"], row["kind"]),
        "detail": grid["name"] if grid else "",
        "tier": row["tier"],
        "grid_id": grid["id"] if grid else None,
        "rank": EXACT if exact else BEGINS,
        "lon": row["lon"],
        "lat": row["lat"],
    }


def looks_like_address(text: str, found: Iterable[Hit]) -> bool:
    """Whether the address matcher is asked: Chinese words, long enough, that no name is or begins with."""
    chinese = sum("\u4e00" <= sign <= "\u9fff" for sign in text) >= 3
    named = any(hit["rank"] in (EXACT, BEGINS) for hit in found)
    return chinese and len(text) >= LEAST_ADDRESS and not named


def _find_address(session: Session, text: str, index: GroundIndex) -> list[Hit]:
    """The place of an address by the bank's own gazetteer, as sure as the matcher is; nothing without one."""
    try:
        answer = places.geocode(session, [text])[0]
    except Conflict:
        return []
    named = [(answer.code, answer.name, answer.level, answer.lon, answer.lat)]
    if answer.level == "ambiguous":
        named = [(one.code, one.name, one.level, None, None) for one in answer.candidates[:3]]
    elif answer.level == "none":
        return []
    hits = [_show_address(one, answer.score, index) for one in named]
    return [hit for hit in hits if hit is not None]


def _show_address(
    named: tuple[str, str, str, float | None, float | None], score: float, index: GroundIndex
) -> Hit | None:
    """A place by its point, or where it has none by the grid in sight that holds it."""
    code, name, level, lon, lat = named
    hit: Hit = {"kind": "address", "id": 0, "code": code, "name": name, "detail": "", "level": level}
    hit |= {"rank": SAID, "score": round(score, 3)}
    if lon is not None and lat is not None:
        return hit | {"lon": lon, "lat": lat}
    held = index.holding(code, name)
    return (
        None if held is None else hit | {"grid_id": held["grid_id"], "bbox": show_row(held, INSIDE)["bbox"]}
    )


def group(hits: Iterable[Hit]) -> list[Hit]:
    """Hits by kind, `MOST_OF_A_KIND` of each, the kind with the best hit first."""
    kinds: dict[str, list[Hit]] = {}
    for hit in hits:
        kinds.setdefault(hit["kind"], []).append(hit)
    for rows in kinds.values():
        rows.sort(key=lambda hit: hit["rank"])
    order = sorted(kinds, key=lambda kind: (kinds[kind][0]["rank"], KINDS.index(kind)))
    return [hit for kind in order for hit in kinds[kind][:MOST_OF_A_KIND]]
