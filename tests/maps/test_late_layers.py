"""Layers that are switched on later: what they draw sums to what the database holds for that viewer."""

import pytest
from shapely import wkb
from sqlalchemy import text

from app.clock import today
from app.db import Database
from app.errors import BadInput, NotFound
from app.maps.filtering import read_filter
from app.maps.ground import find_ground
from app.maps.layers import find_layer, list_layers
from app.maps.tiles import draw_tile
from tests.maps.seed import Bank
from tests.maps.test_tiles import ask, read_layer

POINTED = "SELECT count(*) FROM assignment WHERE grid_id IS NOT NULL AND geom IS NOT NULL"


@pytest.mark.parametrize("z", [9, 13])
@pytest.mark.parametrize("who", ["head", "branch_head", "manager"])
def test_prospects_drawn_sum_to_the_legend_and_the_database(
    bank_database: Database, bank: Bank, who: str, z: int
) -> None:
    viewer = getattr(bank, who)
    parts = read_layer(bank_database, viewer, "prospects", z=z)
    drawn = sum(f["number"] for f in parts["prospect_counts"]) + len(parts.get("prospects", []))
    with bank_database.transaction(viewer) as session:
        (line,) = find_layer("prospects", viewer).legend(session, find_ground(session))
    true = "SELECT count(*) FROM assignment WHERE grid_id IS NOT NULL AND standing = 'prospect'"
    assert drawn == line.number == ask(bank_database, viewer, true) > 0


@pytest.mark.parametrize("z", [8, 11, 14])
@pytest.mark.parametrize("who", ["head", "branch_head", "manager"])
def test_cells_sum_to_the_customers_with_a_point(
    bank_database: Database, bank: Bank, who: str, z: int
) -> None:
    viewer = getattr(bank, who)
    cells = read_layer(bank_database, viewer, "density", z=z)["density"]
    with bank_database.transaction(viewer) as session:
        legend = {
            c.key: c.number for c in find_layer("density", viewer).legend(session, find_ground(session))
        }
    assert sum(cell["number"] for cell in cells) == ask(bank_database, viewer, POINTED) == legend["pointed"]
    everybody = ask(bank_database, viewer, "SELECT count(grid_id) FROM assignment")
    assert legend["pointed"] + legend["pointless"] == everybody


def test_cells_follow_the_filter(bank_database: Database, bank: Bank) -> None:
    import mapbox_vector_tile

    cut = read_filter({"standing": "prospect"})
    with bank_database.transaction(bank.head) as session:
        tiles = [draw_tile(session, "density", z=5, x=26, y=y, cut=cut) for y in (12, 13)]
    cells = [cell for tile in tiles for cell in mapbox_vector_tile.decode(tile)["density"]["features"]]
    true = ask(bank_database, bank.head, POINTED + " AND standing = 'prospect'")
    assert sum(cell["properties"]["number"] for cell in cells) == true > 0


def test_a_ring_is_a_kilometre_on_the_ground(bank_database: Database, bank: Bank) -> None:
    """The statement's circle, measured on the spheroid from its middle."""
    with bank_database.transaction(bank.head) as session:
        ring, lon, lat = session.execute(
            text("SELECT ST_AsBinary(ST_Buffer(geom::geography, 1000, 24)::geometry), ST_X(geom), ST_Y(geom)"
                 " FROM branch LIMIT 1")
        ).one()  # fmt: skip
        shape = wkb.loads(bytes(ring))
        far = [
            session.execute(
                text("SELECT ST_Distance(ST_Point(:x, :y)::geography, ST_Point(:lon, :lat)::geography)"),
                {"x": x, "y": y, "lon": lon, "lat": lat},
            ).scalar_one()
            for x, y in shape.exterior.coords[::12]
        ]
    assert all(abs(one - 1000) < 2 for one in far)


def test_catchments_fill_the_frame_once(bank_database: Database, bank: Bank) -> None:
    named = {f["name"] for f in read_layer(bank_database, bank.head, "catchments", z=10)["catchments"]}
    assert len(named) == ask(bank_database, bank.head, "SELECT count(geom) FROM branch")


def test_liaisons_and_terminals_are_drawn_apart(bank_database: Database, bank: Bank) -> None:
    for layer, role in (("liaisons", "liaison"), ("terminals", "terminal_administrator")):
        drawn = read_layer(bank_database, bank.head, layer, z=10)[layer]
        true = f"SELECT count(*) FROM duty WHERE role = '{role}'"
        assert len(drawn) == ask(bank_database, bank.head, true) > 0


@pytest.mark.parametrize("layer", ["density", "prospects", "coverage"])
def test_layers_of_customers_are_refused_to_who_may_see_none(
    bank_database: Database, bank: Bank, layer: str
) -> None:
    assert layer not in {one.key for one in list_layers(bank.analyst)}
    with bank_database.transaction(bank.analyst) as session, pytest.raises(NotFound):
        draw_tile(session, layer, z=9, x=428, y=208)


def test_changes_tell_who_holds_another_grid_and_who_came_and_went(
    bank_database: Database, bank: Bank
) -> None:
    def tell(key: str) -> dict[str, int]:
        with bank_database.transaction(bank.head) as session:
            lines = find_layer(key, bank.head).legend(session, find_ground(session))
        return {line.key: line.number for line in lines if line.key != "same"}

    drawn = read_layer(bank_database, bank.head, "changes", z=9)
    assert {one["change"] for one in drawn["changes"]} == {"holder"}
    assert {(one["came"], one["gone"]) for one in drawn["moves"]} == {(1, 0), (0, 1)}
    assert tell("changes") == {"holder": 1, "came": 1, "gone": 1}
    assert tell(f"changes@{today()}") == {"came": 1, "gone": 1}
    for day in ("2999-01-01", "yesterday"):
        with pytest.raises(BadInput):
            find_layer(f"changes@{day}", bank.head)
    with pytest.raises(NotFound):
        find_layer("grids@2026-01-01", bank.head)


def test_villages_are_told_to_who_sees_the_whole_bank(bank_database: Database, bank: Bank) -> None:
    with bank_database.transaction(bank.head) as session:
        lines = find_layer("villages", bank.head).legend(session, find_ground(session))
    units = ask(bank_database, bank.head, "SELECT count(*) FROM unit WHERE kind = 'village'")
    assert sum(line.number for line in lines if line.tint == "village") == units
    with pytest.raises(NotFound):
        find_layer("villages", bank.branch_head)
