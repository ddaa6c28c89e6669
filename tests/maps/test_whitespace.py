"""White space: a village's class is measured on the ground, and the map draws what the legend counts."""

from collections import Counter

import mapbox_vector_tile
import pytest
from pyproj import Geod
from shapely import wkb
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import NotFound
from app.maps.ground import find_ground
from app.maps.layers import find_layer, list_layers
from app.maps.tiles import draw_tile
from tests.maps.seed import WORKER, Bank
from tests.maps.test_tiles import tiles_over

# Half of the villages are served well, some poorly; of the rest nobody was placed there.
PLACE = (
    "INSERT INTO village_count (unit_code, existing, prospects, rungs, strategic, key, filed, visited,"
    " visited_month, assigned) SELECT code, households / 5 + CASE WHEN id % 2 = 0 THEN 1 ELSE -1 END, 0,"
    " '{}', 0, 0, 0, 0, date '2026-01-01', 0 FROM unit WHERE kind = 'village' AND id % 3 > 0"
)


def sort_villages(session: Session) -> dict[str, str]:
    """Code -> class, measured by PROJ on the spheroid."""
    ask = "SELECT ST_X(geom), ST_Y(geom) FROM branch WHERE geom IS NOT NULL"
    houses = [tuple(row) for row in session.execute(text(ask))]
    villages = session.execute(
        text(
            "SELECT u.code, u.households, coalesce(v.existing, 0), ST_AsBinary(ST_PointOnSurface(u.geom))"
            " FROM unit u LEFT JOIN village_count v ON v.unit_code = u.code WHERE u.kind = 'village'"
        )
    ).all()
    found = {}
    for code, households, existing, middle in villages:
        at = wkb.loads(bytes(middle))
        near = min(Geod(ellps="WGS84").inv(at.x, at.y, lon, lat)[2] for lon, lat in houses) <= 3000
        far = "white" if existing / households < 0.2 else "far"
        found[code] = "unknown" if households < 20 else "near" if near else far
    return found


@pytest.mark.parametrize("z", [9, 12])
def test_white_villages_are_those_that_are_far_and_served_little(
    bank_database: Database, bank: Bank, z: int
) -> None:
    with bank_database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM village_count"))
        session.execute(text(PLACE))
        session.execute(text("UPDATE unit SET households = 19 WHERE code = 'U003'"))
        true = sort_villages(session)
        drawn: dict[str, str] = {}
        for x, y in tiles_over(z):
            tile = mapbox_vector_tile.decode(draw_tile(session, "whitespace", z=z, x=x, y=y))
            for feature in tile.get("whitespace", {}).get("features", []):
                drawn[feature["properties"]["code"]] = feature["properties"]["reach"]
        lines = find_layer("whitespace", WORKER).legend(session, find_ground(session))
        session.rollback()
    assert drawn == true
    assert {line.key: line.number for line in lines} == Counter(true.values())
    assert set(true.values()) == {"white", "far", "near", "unknown"}


def test_nothing_is_white_before_customers_were_placed(bank_database: Database, bank: Bank) -> None:
    with bank_database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM village_count"))
        lines = find_layer("whitespace", WORKER).legend(session, find_ground(session))
        session.rollback()
    assert [line.key for line in lines] == ["unknown"]


def test_white_space_is_told_to_who_sees_the_whole_bank(bank: Bank) -> None:
    assert "whitespace" in {one.key for one in list_layers(bank.head)}
    for viewer in (bank.branch_head, bank.manager):
        with pytest.raises(NotFound):
            find_layer("whitespace", viewer)


def sort_by_rivals(session: Session) -> dict[str, str]:
    """Code -> class, measured by PROJ on the spheroid from every rival."""
    ask = "SELECT ST_X(geom), ST_Y(geom) FROM map_feature"
    rivals = [tuple(row) for row in session.execute(text(ask))]
    villages = session.execute(
        text(
            "SELECT u.code, u.households, coalesce(v.existing, 0), ST_AsBinary(ST_PointOnSurface(u.geom))"
            " FROM unit u LEFT JOIN village_count v ON v.unit_code = u.code WHERE u.kind = 'village'"
        )
    ).all()
    found = {}
    for code, households, existing, middle in villages:
        at = wkb.loads(bytes(middle))
        near = min(Geod(ellps="WGS84").inv(at.x, at.y, lon, lat)[2] for lon, lat in rivals) <= 3000
        far = "open" if existing / households < 0.2 else "far"
        found[code] = "unknown" if households < 20 else "near" if near else far
    return found


def lay_rivals(session: Session) -> None:
    """A layer of two rivals, and one of a road that is none."""
    for key, meaning in (("rivals", "competitors"), ("road", "reference")):
        session.execute(
            text("INSERT INTO map_layer (key, zh, en, meaning, features, file_name, sha256, report)"
                 " VALUES (:key, :key, :key, :meaning, 2, 'x', 'x', '{}')"),
            {"key": key, "meaning": meaning},
        )  # fmt: skip
    session.execute(
        text("INSERT INTO map_feature (layer_id, row, shape, extent_m, breadth_m, geom)"
             " SELECT l.id, 1, 'point', 0, 0, ST_SetSRID(ST_MakePoint(x, y), 4326) FROM map_layer l,"
             " (VALUES (121.1, 31.9), (121.3, 31.95)) AS at (x, y) WHERE l.meaning = 'competitors'")
    )  # fmt: skip


@pytest.mark.parametrize("z", [9, 12])
def test_villages_far_from_rivals_are_measured_and_drawn_as_counted(
    bank_database: Database, bank: Bank, z: int
) -> None:
    with bank_database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM village_count"))
        session.execute(text(PLACE))
        session.execute(text("UPDATE unit SET households = 19 WHERE code = 'U003'"))
        lay_rivals(session)
        true = sort_by_rivals(session)
        drawn: dict[str, str] = {}
        for x, y in tiles_over(z):
            tile = mapbox_vector_tile.decode(draw_tile(session, "rivalry", z=z, x=x, y=y))
            for feature in tile.get("rivalry", {}).get("features", []):
                drawn[feature["properties"]["code"]] = feature["properties"]["rivalry"]
        lines = find_layer("rivalry", WORKER).legend(session, find_ground(session))
        session.rollback()
    assert drawn == true
    assert {line.key: line.number for line in lines} == Counter(true.values())
    assert set(true.values()) == {"open", "far", "near", "unknown"}


def test_without_rivals_the_tint_says_so_and_how_to_load_them(bank_database: Database, bank: Bank) -> None:
    layer = find_layer("rivalry", WORKER)
    with bank_database.transaction(WORKER) as session:
        villages = session.scalar(text("SELECT count(*) FROM unit WHERE kind = 'village'"))
        session.execute(text("DELETE FROM map_layer"))
        (line,) = layer.legend(session, find_ground(session))
        note = layer.note(session, find_ground(session)) if layer.note else {}
        session.rollback()
    assert (line.key, line.number) == ("unloaded", villages)
    assert "getu layer add" in note["rivalry"][1]
    with pytest.raises(NotFound):
        find_layer("rivalry", bank.branch_head)
