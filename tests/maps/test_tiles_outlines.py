"""Outlines at small zooms: as fine as they show, one border for two neighbours, nothing lost, made once."""

from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from app.db import Database
from app.maps.tiles import draw_tile
from app.maps.tiles.outlines import OutlineShelf, pixel_m
from app.spatial.topology.levels import Levels
from tests.maps.seed import Bank, draw_cells
from tests.maps.test_tiles import tiles_over

WORLD_M = 40_075_016.685578488


def draw_parts(database: Database, bank: Bank, layer: str, z: int) -> list[dict[str, list[dict[str, Any]]]]:
    """The features of each tile of a zoom, by part."""
    with database.transaction(bank.head) as session:
        tiles = [
            mapbox_vector_tile.decode(draw_tile(session, layer, z=z, x=x, y=y)) for x, y in tiles_over(z)
        ]
    return [{name: part["features"] for name, part in tile.items()} for tile in tiles]


@pytest.mark.parametrize("z", [8, 9, 10, 11, 12])
def test_neighbours_have_one_border_and_managers_end_upon_it(
    bank_database: Database, bank: Bank, z: int
) -> None:
    for parts in draw_parts(bank_database, bank, "grids", z):
        grids = np.array([shape(one["geometry"]) for one in parts.get("grids", [])], dtype=object)
        assert shapely.coverage_is_valid(grids)
        assert shapely.union_all(grids).area == pytest.approx(shapely.area(grids).sum())
        # What is drawn between managers is drawn between grids: not a line of its own beside them.
        lines = shapely.union_all(shapely.boundary(grids)).buffer(1.5)
        for one in parts.get("managers", []):
            assert (
                shapely.clip_by_rect(shape(one["geometry"]), 0, 0, 4096, 4096).difference(lines).length == 0
            )


@pytest.mark.parametrize("z", [5, 6, 8])
def test_no_grid_is_lost_however_far_one_looks_from(bank_database: Database, bank: Bank, z: int) -> None:
    found = [one for parts in draw_parts(bank_database, bank, "grids", z) for one in parts.get("grids", [])]
    with bank_database.transaction(bank.head) as session:
        true = session.connection().exec_driver_sql(
            f"SELECT array_agg(id) FROM grid WHERE plan_id = {bank.plan_id}"
        )
        assert {one["properties"]["grid_id"] for one in found} == set(true.scalar_one())


def test_a_border_between_two_towns_is_drawn_once(bank_database: Database, bank: Bank) -> None:
    for parts in draw_parts(bank_database, bank, "towns", 9):
        lines = [shape(one["geometry"]) for one in parts.get("towns", [])]
        whole = shapely.union_all(lines).length
        assert sum(line.length for line in lines) == pytest.approx(whole)


def lay_flat() -> Any:
    """A layer in EPSG:3857: cells with crooked borders of which two are cut out, one tiny, one a thread."""
    cells = np.array(draw_cells(30, np.random.default_rng(3)), dtype=object)
    flat = shapely.transform(cells, lambda xy: xy * WORLD_M / 360)
    # Many corners on each border, the same for both its sides: a border's own waves, told by where it lies.
    dense = shapely.segmentize(shapely.set_precision(flat, 1.0), 200)
    crooked = shapely.transform(dense, lambda xy: xy + 40 * np.sin(xy[:, ::-1] / 150))
    x, y = crooked[4].representative_point().coords[0]
    tiny, thread = shapely.box(x, y, x + 30, y + 30), shapely.box(x + 60, y, x + 61, y + 400)
    crooked[4] = crooked[4].difference(tiny).difference(thread)
    return np.array([*crooked, tiny, thread], dtype=object)


def test_a_layer_is_simplified_as_one_and_what_is_too_small_becomes_a_square() -> None:
    layer = lay_flat()
    level = Levels(layer, pixel_m, full=13).find(8)
    assert shapely.coverage_is_valid(level.shapes)
    assert shapely.get_num_coordinates(level.shapes).sum() < shapely.get_num_coordinates(layer).sum() / 2.5
    assert [n for n, one in enumerate(level.drawn) if one is not level.shapes[n]] == [30, 31]
    side = 2 * pixel_m(8)
    assert shapely.area(level.drawn[30:]) == pytest.approx([side**2, side**2])
    middle = level.drawn[30].centroid
    assert layer[30].covers(middle)


def test_each_border_has_both_its_sides_and_lies_in_the_layer_once() -> None:
    borders = Levels(lay_flat(), pixel_m, full=13).find(8).borders
    shapes = Levels(lay_flat(), pixel_m, full=13).find(8).shapes
    inner = borders.other >= 0
    for line, one, other in zip(borders.lines[inner], borders.one[inner], borders.other[inner], strict=True):
        assert shapes[one].boundary.covers(line)
        assert shapes[other].boundary.covers(line)
    total = shapely.length(shapes).sum()
    assert 2 * shapely.length(borders.lines[inner]).sum() + shapely.length(
        borders.lines[~inner]
    ).sum() == pytest.approx(total)


def test_outlines_are_made_once_for_a_state_of_the_ground() -> None:
    asked: list[str] = []
    state = "first"

    def ask(name: str) -> list[dict[str, Any]]:
        asked.append(name)
        if name == "maps/find_outline_state":
            return [{"outline_state": state}]
        return [{"id": 1, "shape": shapely.to_wkb(shapely.box(0, 0, 1000, 1000))}]

    shelf = OutlineShelf()
    made = [shelf.find("bank", version, "maps/list_outline_grids", ask=ask) for version in ("a", "a", "b")]
    assert made[0] is made[1] is made[2]
    assert asked.count("maps/list_outline_grids") == 1
    state = "second"
    assert shelf.find("bank", "c", "maps/list_outline_grids", ask=ask) is not made[0]
