"""Tiles: what is shown is what is true, for each viewer, at each zoom; out of range is refused."""

from collections.abc import Iterator
from typing import Any

import mapbox_vector_tile
import pytest
from sqlalchemy import text

from app.db import Database, Viewer
from app.errors import BadInput, NotFound
from app.maps.ground import find_data_version, find_ground
from app.maps.layers import LAYERS, list_layers
from app.maps.tiles import TileShelf, describe_tiles, draw_tile, find_tile
from tests.maps.seed import SOUTH, WEST, Bank

BOX = (WEST - 0.05, SOUTH - 0.05, WEST + 0.5, SOUTH + 0.35)


def tiles_over(z: int) -> Iterator[tuple[int, int]]:
    """The tiles of a zoom over the bank's box."""
    import math

    def column(lon: float) -> int:
        return int((lon + 180) / 360 * 2**z)

    def row(lat: float) -> int:
        return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)

    for x in range(column(BOX[0]), column(BOX[2]) + 1):
        for y in range(row(BOX[3]), row(BOX[1]) + 1):
            yield x, y


def read_layer(database: Database, viewer: Viewer, layer: str, *, z: int) -> dict[str, list[dict[str, Any]]]:
    """The properties of all features of all tiles of a zoom, by the name of their part."""
    found: dict[str, list[dict[str, Any]]] = {}
    with database.transaction(viewer) as session:
        for x, y in tiles_over(z):
            for part, content in mapbox_vector_tile.decode(draw_tile(session, layer, z=z, x=x, y=y)).items():
                found.setdefault(part, []).extend(f["properties"] for f in content["features"])
    return found


def ask(database: Database, viewer: Viewer, query: str) -> int:
    """One number, as the viewer sees it."""
    with database.transaction(viewer) as session:
        return int(session.execute(text(query)).scalar_one())


@pytest.mark.parametrize("z", [8, 10, 12, 13, 14])
@pytest.mark.parametrize("who", ["head", "branch_head", "manager"])
def test_customers_drawn_at_every_zoom_sum_to_the_database(
    bank_database: Database, bank: Bank, who: str, z: int
) -> None:
    viewer = getattr(bank, who)
    parts = read_layer(bank_database, viewer, "customers", z=z)
    drawn = sum(f["number"] for f in parts.get("customer_counts", [])) + len(parts.get("customers", []))
    true = ask(bank_database, viewer, "SELECT count(*) FROM assignment WHERE grid_id IS NOT NULL")
    assert drawn == true > 0
    assert bool(parts.get("customers")) == (z >= 13)


def test_each_viewer_is_shown_a_different_part_of_the_bank(bank_database: Database, bank: Bank) -> None:
    shown = [
        sum(f["number"] for f in read_layer(bank_database, viewer, "customers", z=9)["customer_counts"])
        for viewer in (bank.head, bank.branch_head, bank.manager)
    ]
    assert shown[0] > shown[1] > shown[2] > 0


@pytest.mark.parametrize("z", [8, 11, 14])
@pytest.mark.parametrize("who", ["head", "branch_head", "manager"])
def test_key_clients_drawn_sum_to_the_database_hollow_ones_included(
    bank_database: Database, bank: Bank, who: str, z: int
) -> None:
    viewer = getattr(bank, who)
    drawn = read_layer(bank_database, viewer, "key_clients", z=z).get("key_clients", [])
    for tier in ("strategic", "key"):
        true = ask(
            bank_database,
            viewer,
            f"SELECT count(*) FROM assignment WHERE tier = '{tier}' AND grid_id IS NOT NULL",
        )
        assert sum(f["number"] for f in drawn if f["tier"] == tier) == true


@pytest.mark.parametrize("who", ["head", "branch_head", "manager", "analyst"])
def test_grids_drawn_are_the_grids_in_sight(bank_database: Database, bank: Bank, who: str) -> None:
    viewer = getattr(bank, who)
    parts = read_layer(bank_database, viewer, "grids", z=11)
    true = ask(bank_database, viewer, f"SELECT count(*) FROM grid WHERE plan_id = {bank.plan_id}")
    assert len({f["grid_id"] for f in parts["grids"]}) == true
    assert len(parts["grid_names"]) == true  # each name once, in one tile


def test_a_manager_does_not_find_his_neighbours_grid_in_any_layer(
    bank_database: Database, bank: Bank
) -> None:
    mine = {f["grid_id"] for f in read_layer(bank_database, bank.manager, "grids", z=10)["grids"]}
    for layer in ("coverage", "customers", "key_clients", "liaisons"):
        parts = read_layer(bank_database, bank.manager, layer, z=13)
        assert {f["grid_id"] for part in parts.values() for f in part} <= mine


@pytest.mark.parametrize("layer", [layer.key for layer in LAYERS])
def test_every_layer_draws_every_part_it_names(bank_database: Database, bank: Bank, layer: str) -> None:
    entry = next(entry for entry in LAYERS if entry.key == layer)
    found = set(read_layer(bank_database, bank.head, layer, z=9)) | set(
        read_layer(bank_database, bank.head, layer, z=13)
    )
    assert found == set(entry.parts)


def test_an_analyst_is_refused_customers_and_served_all_else(bank_database: Database, bank: Bank) -> None:
    allowed = {layer.key for layer in list_layers(bank.analyst)}
    assert {"grids", "findings", "outlets"} <= allowed
    assert allowed.isdisjoint({"customers", "key_clients", "coverage"})
    with bank_database.transaction(bank.analyst) as session:
        for layer in LAYERS:
            if layer.key in allowed:
                draw_tile(session, layer.key, z=9, x=428, y=207)
            else:
                with pytest.raises(NotFound):
                    draw_tile(session, layer.key, z=9, x=428, y=207)


@pytest.mark.parametrize("address", [(-1, 0, 0), (23, 0, 0), (3, 8, 0), (3, 0, 8), (0, -1, 0)])
def test_a_tile_that_does_not_exist_is_refused(
    bank_database: Database, bank: Bank, address: tuple[int, int, int]
) -> None:
    z, x, y = address
    with bank_database.transaction(bank.head) as session, pytest.raises(BadInput):
        draw_tile(session, "grids", z=z, x=x, y=y)


def test_an_unknown_layer_is_not_found(bank_database: Database, bank: Bank) -> None:
    with bank_database.transaction(bank.head) as session, pytest.raises(NotFound):
        draw_tile(session, "grids;drop", z=3, x=0, y=0)


def test_a_tile_far_away_is_empty(bank_database: Database, bank: Bank) -> None:
    with bank_database.transaction(bank.head) as session:
        for layer in LAYERS:
            assert draw_tile(session, layer.key, z=9, x=1, y=1) == b""


def test_tiles_are_shared_by_equal_rights_and_never_by_others(bank_database: Database, bank: Bank) -> None:
    shelf = TileShelf()
    address = (9, 428, 207)
    for viewer in (bank.head, bank.branch_head, bank.manager):
        with bank_database.transaction(viewer) as session:
            find_tile(session, "customers", address=address, shelf=shelf)
    assert len(shelf.tiles) == 3
    with bank_database.transaction(Viewer("getu_head", 999)) as session:
        find_tile(session, "customers", address=address, shelf=shelf)
    assert len(shelf.tiles) == 3
    assert len({tile.tag for tile in shelf.tiles.values()}) == 3


def test_a_changed_ground_is_drawn_anew(fresh: Database) -> None:
    from tests.maps.seed import WORKER, lay_bank

    bank = lay_bank(fresh, grids=12, customers=50)
    shelf = TileShelf()
    with fresh.transaction(bank.head) as session:
        before = find_tile(session, "grids", address=(9, 428, 207), shelf=shelf)
        assert find_tile(session, "grids", address=(9, 428, 207), shelf=shelf) is before
    with fresh.transaction(WORKER) as session:
        session.execute(text("UPDATE grid SET name = '新名网格' WHERE plan_id = :p"), {"p": bank.plan_id})
        session.execute(text("UPDATE plan SET ground_version = 2 WHERE id = :p"), {"p": bank.plan_id})
    with fresh.transaction(bank.head) as session:
        after = find_tile(session, "grids", address=(9, 428, 207), shelf=shelf)
    assert after.tag != before.tag
    assert "新名网格".encode() in after.unpack()


def test_a_full_shelf_lets_the_least_used_go() -> None:
    from app.maps.tiles import Tile

    one = Tile(b"x" * 10, version="1")
    shelf = TileShelf(limit_bytes=int(one.size_bytes * 2.5))
    for name in "abc":
        shelf.keep((name,), Tile(b"x" * 10, version="1"))
    assert [key[0] for key in shelf.tiles] == ["b", "c"]
    assert shelf.size_bytes == 2 * one.size_bytes


def test_tilejson_names_the_layers_zooms_and_bounds(bank_database: Database, bank: Bank) -> None:
    with bank_database.transaction(bank.head) as session:
        answer = describe_tiles(session, "customers", base="http://127.0.0.1:8000")
        ground = find_ground(session)
        version = find_data_version(session, ground)
    assert answer["tiles"] == ["http://127.0.0.1:8000/tiles/customers/{z}/{x}/{y}.mvt"]
    assert [part["id"] for part in answer["vector_layers"]] == ["customer_counts", "customers"]
    assert answer["bounds"] == list(ground.bounds)
    assert answer["data_version"] == version
