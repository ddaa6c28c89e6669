"""The opening map: whole, small, and no more than the viewer may see."""

import json
from itertools import accumulate
from typing import Any

import pytest
import shapely
from sqlalchemy import text

from app.db import Database
from app.maps.facts import find_facts
from app.maps.opening import draw_opening
from tests.maps.seed import Bank


def opened(database: Database, viewer: Any, **more: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The opening map of a viewer, and the grids of the drawn plan as the database lets him see them."""
    with database.transaction(viewer) as session:
        facts = find_facts(session)
        told = json.loads(draw_opening(session, facts, **more))
        rows = session.execute(
            text(
                "SELECT ST_AsBinary(geom) AS shape, branch_id FROM grid WHERE plan_id = :plan ORDER BY code"
            ),
            {"plan": facts.ground.plan_id},
        )
        return told, [dict(row._mapping) for row in rows]


def rings_of(told: dict[str, Any], grid: list[Any]) -> Any:
    """A grid's ground in pixels, from its rings (holes come out again)."""
    corners = [list(zip(accumulate(line[::2]), accumulate(line[1::2]), strict=True)) for line in grid[2]]
    ground = shapely.Polygon()
    for ring in corners:
        ground = ground.symmetric_difference(shapely.Polygon(ring).buffer(0))
    return ground


@pytest.mark.parametrize("who", ["head", "branch_head", "manager", "analyst"])
def test_every_grid_in_sight_stands_where_it_is_and_no_other(
    bank_database: Database, bank: Bank, who: str
) -> None:
    told, grids = opened(bank_database, getattr(bank, who))
    assert len(told["grids"]) == len(grids) > 0
    world = 256 << told["zoom"]
    for drawn, row in zip(told["grids"], grids, strict=True):
        assert drawn[1] == row["branch_id"]
        west, _, east, _ = shapely.from_wkb(bytes(row["shape"])).bounds
        left, _, right, _ = rings_of(told, drawn).bounds
        for pixel, lon in ((left, west), (right, east)):
            assert abs(pixel + told["at"][0] - (lon + 180) / 360 * world) < 6


def test_neighbours_leave_no_gap_and_no_overlap_between_them(bank_database: Database, bank: Bank) -> None:
    told, _ = opened(bank_database, bank.head)
    shapes = [rings_of(told, grid) for grid in told["grids"]]
    whole = shapely.union_all(shapes)
    twice = sum(shape.area for shape in shapes) - whole.area
    assert abs(twice) < 0.002 * whole.area
    gaps = sum(shapely.Polygon(ring).area for part in shapely.get_parts(whole) for ring in part.interiors)
    assert gaps < 0.002 * whole.area


def test_the_symbols_are_those_in_sight_and_customers_only_by_right(
    bank_database: Database, bank: Bank
) -> None:
    clients = {}
    for who in ("head", "branch_head", "manager"):
        viewer = getattr(bank, who)
        told, _ = opened(bank_database, viewer)
        with bank_database.transaction(viewer) as session:
            seen = session.execute(
                text("SELECT count(*) FROM assignment WHERE tier IN ('strategic', 'key') AND grid_id > 0")
            ).scalar_one()
        clients[who] = sum(row[4] for row in told["key_clients"])
        assert clients[who] == seen
    assert clients["head"] > clients["manager"]
    assert "key_clients" not in opened(bank_database, bank.analyst)[0]
    assert "key_clients" not in opened(bank_database, bank.head, clients=False)[0]


def test_a_manager_sees_the_villages_around_his_own_grids(bank_database: Database, bank: Bank) -> None:
    assert opened(bank_database, bank.manager)[0]["units"]
    assert "units" not in opened(bank_database, bank.head)[0]
