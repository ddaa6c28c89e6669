"""Catchments: shares of the frame add up to it, villages go whole, and who is counted is counted once."""

from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from app.customers import around
from app.db.connection import WORKER
from app.errors import BadInput
from app.spatial.catchments import draw_cells, draw_ring
from app.spatial.crs import area_m2, distance_m
from app.spatial.nearest import find_nearest
from tests.conftest import DemoBank

FRAME = shapely.Polygon([(121.0, 31.7), (121.6, 31.8), (121.5, 32.1), (121.3, 31.95), (121.0, 32.1)])


def scatter(seed: int, count: int) -> Any:
    rng = np.random.default_rng(seed)
    return 121.0 + rng.random(count) * 0.6, 31.7 + rng.random(count) * 0.4


def test_shares_fill_the_frame_and_each_holds_the_ground_nearest_to_it() -> None:
    x, y = scatter(3, 40)
    x[7], y[7] = x[2], y[2]
    cells = draw_cells(x, y, FRAME)
    assert cells[7].is_empty
    assert float(area_m2(cells).sum()) == pytest.approx(float(area_m2(np.array([FRAME]))[0]), abs=0.01)
    assert shapely.is_valid(cells).all()
    at_x, at_y = scatter(4, 20_000)
    inside = shapely.contains_xy(FRAME, at_x, at_y)
    at_x, at_y = at_x[inside], at_y[inside]
    nearest, metres = find_nearest(at_x, at_y, x, y)
    point, cell = shapely.STRtree(cells).query(shapely.points(at_x, at_y), predicate="intersects")
    assert len(np.unique(point)) == len(at_x)
    astray = nearest[point] != cell
    away_m = distance_m(at_x[point[astray]], at_y[point[astray]], x[cell[astray]], y[cell[astray]])
    assert (away_m - metres[point[astray]]).max(initial=0) < 0.2


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_outlets_and_outlets_in_a_row_have_shares_too(count: int) -> None:
    x, y = np.linspace(121.1, 121.4, count), np.full(count, 31.9)
    cells = draw_cells(x, y, FRAME)
    assert float(area_m2(cells).sum()) == pytest.approx(float(area_m2(np.array([FRAME]))[0]), abs=0.01)
    cut = draw_cells(x, y, FRAME, radius_m=1_000)
    assert area_m2(cut) == pytest.approx(np.full(count, np.pi * 1e6), rel=1e-3)
    assert len(draw_cells(np.empty(0), np.empty(0), FRAME)) == 0


def test_a_drawn_ring_is_as_far_from_its_middle_everywhere() -> None:
    rim = shapely.get_coordinates(draw_ring(121.2, 31.9, 20_000))
    assert distance_m(121.2, 31.9, rim[:, 0], rim[:, 1]) == pytest.approx(20_000, abs=1e-6)


@pytest.mark.parametrize("by", around.WAYS)
def test_every_village_and_every_customer_is_counted_once(demo_bank: DemoBank, by: around.By) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        found = around.draw_catchments(session, by)
        villages = set(
            session.scalars(
                text("SELECT code FROM unit WHERE kind IN ('village', 'community') AND valid @> current_date")
            )
        )
        point = "geom IS NOT NULL" if by == "distance" else "true"
        customers = session.scalar(text(f"SELECT count(*) FROM assignment WHERE {point}"))
        frame = session.scalar(text("SELECT ST_AsBinary(frame) FROM plan WHERE status = 'in_force'"))
    told = found.told()
    rows = [*told["catchments"], told["rest"]]
    assert sorted(code for row in rows for code in row["village_codes"]) == sorted(villages)
    assert sum(sum(row["customers"].values()) for row in rows) == customers
    assert sum(told["total"]["customers"].values()) == customers > 3_000
    assert sum(row["villages"] for row in rows) == told["total"]["villages"] == len(villages)
    assert told["rest"]["villages"] == 0
    drawn = found.features()["features"]
    if by == "distance":
        whole = area_m2(np.array([shapely.from_wkb(bytes(frame))]))[0] / 1e6
        assert told["total"]["area_km2"] == pytest.approx(whole, abs=1e-3)
        assert sum(row["area_km2"] for row in told["catchments"]) == pytest.approx(whole, abs=0.01)
    assert {one["id"] for one in drawn} == {row["code"] for row in told["catchments"] if row["area_km2"]}
    for one in drawn:
        assert shapely.geometry.shape(one["geometry"]).area > 0


def test_a_village_goes_to_the_outlet_nearest_to_its_point(demo_bank: DemoBank) -> None:
    query = """
        SELECT u.code, o.code, o.metres FROM unit u
        LEFT JOIN place p ON p.code = u.code AND p.level IN ('village', 'community')
        CROSS JOIN LATERAL (
            SELECT b.code, ST_Distance(b.geom::geography,
                coalesce(p.geom, ST_PointOnSurface(u.geom))::geography) AS metres
            FROM branch b WHERE b.geom IS NOT NULL ORDER BY metres, b.code COLLATE "C" LIMIT 1) o
        WHERE u.kind IN ('village', 'community') AND u.valid @> current_date"""
    with demo_bank.database.transaction(WORKER) as session:
        truth = {row[0]: (row[1], row[2]) for row in session.execute(text(query))}
        whole = around.draw_catchments(session, "village", drawn=False, counted=False)
        cut = around.draw_catchments(session, "village", radius_m=2_000, drawn=False, counted=False)
    assert {v: row.code for row in whole.rows for v in row.villages} == {v: o for v, (o, _) in truth.items()}
    near = {village for village, (_, metres) in truth.items() if metres <= 2_000}
    assert {village for row in cut.rows for village in row.villages} == near
    assert 0 < len(near) < len(truth)
    assert set(cut.rest.villages) == set(truth) - near


def test_a_village_of_two_branches_goes_with_the_larger_part_and_is_told(demo_bank: DemoBank) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        before = around.draw_catchments(session, "branch", drawn=False, counted=False)
        code, other = before.rows[0].villages[0], before.rows[1].code
        slice_ = """INSERT INTO grid (plan_id, code, name, kind, branch_id, unit_codes, geom, anchor, area_m2)
            SELECT plan_id, 'HALF', 'half', kind, (SELECT id FROM branch WHERE code = :other), unit_codes,
                geom, anchor, area_m2 * :share FROM grid WHERE unit_codes = ARRAY[:code]
                AND plan_id = (SELECT id FROM plan WHERE status = 'in_force')"""
        session.execute(text(slice_), {"other": other, "code": code, "share": 1.5})
        after = around.draw_catchments(session, "branch", drawn=False, counted=False)
        session.rollback()
    assert code in next(row.villages for row in after.rows if row.code == other)
    assert after.divided == [*sorted({*before.divided, code})]


def test_a_radius_that_is_none_is_refused(demo_bank: DemoBank) -> None:
    with demo_bank.database.transaction(WORKER) as session, pytest.raises(BadInput, match="bad_radius"):
        around.draw_catchments(session, "distance", radius_m=0)
