"""Rings, nearest outlets and shares, held against PostGIS on the ellipsoid and against the plain geodesic."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers import around
from app.customers.filters import Filters
from app.db.connection import WORKER
from app.errors import BadInput, Conflict, NotFound
from app.spatial.crs import distance_m
from app.spatial.nearest import box_around, find_nearest, find_within, rank_places, slack_m
from tests.conftest import DemoBank

Floats = NDArray[np.float64]
TRUTH = """
SELECT a.customer_id, ST_Distance(a.geom::geography, o.middle) AS metres
FROM (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography AS middle) o,
    assignment a JOIN customer c ON c.id = a.customer_id
WHERE ST_DWithin(a.geom::geography, o.middle, :radius_m)
    AND (CAST(:kind AS text) IS NULL OR c.kind = :kind)
    AND (CAST(:since AS date) IS NULL OR c.last_visit_on IS NULL OR c.last_visit_on < :since)"""
KEPT = """
SELECT o.code, count(*) FROM assignment a
CROSS JOIN LATERAL (SELECT b.code, ST_Distance(b.geom::geography, a.geom::geography) AS metres FROM branch b
    WHERE b.geom IS NOT NULL ORDER BY metres, b.code COLLATE "C" LIMIT 1) o
WHERE o.metres <= :radius_m GROUP BY o.code"""
LATEST = "SELECT action, subject, customer_ids, user_id FROM audit ORDER BY id DESC LIMIT 1"


def scatter(seed: int, count: int) -> tuple[Floats, Floats]:
    """Points of a county and a few far ones, some of them on one spot."""
    rng = np.random.default_rng(seed)
    x, y = 121.0 + rng.random(count), 31.5 + rng.random(count) / 2
    x[: count // 20], y[: count // 20] = x[0], y[0]
    return x, y


@pytest.mark.parametrize("sites", [1, 2, 3, 120])
def test_the_tree_gives_everybody_the_outlet_that_the_geodesic_finds(sites: int) -> None:
    (x, y), (sites_x, sites_y) = scatter(1, 2_000), scatter(2, sites)
    rows, metres = find_nearest(x, y, sites_x, sites_y)
    every = np.stack([distance_m(x, y, *site) for site in zip(sites_x, sites_y, strict=True)], axis=1)
    assert (rows == np.argmax(every <= every.min(axis=1, keepdims=True) + 1e-3, axis=1)).all()
    exact = every[np.arange(len(x)), rows]
    assert (np.abs(metres - exact) <= slack_m(exact)).all()
    assert np.abs(metres - exact)[exact < 20_000].max() < 1e-3
    for point in range(0, 2_000, 97):
        order, away_m = rank_places(x[point], y[point], sites_x, sites_y)
        assert order[0] == rows[point]
        assert (np.diff(away_m) >= -1e-3).all()


def test_a_tie_goes_to_the_lowest_row_however_many_there_are() -> None:
    turns = np.radians(np.arange(0, 360, 30))
    # Twelve outlets at one distance to the north and south of a point are six pairs that mirror each other.
    sites_x, sites_y = 121.2 + 0.01 * np.cos(turns), 31.9 + np.zeros(12)
    sites_x = np.concatenate([sites_x[::-1], [121.21] * 6])
    sites_y = np.concatenate([sites_y, [31.9] * 6])
    rows, _ = find_nearest(np.array([121.2]), np.array([31.9]), sites_x, sites_y)
    exact = distance_m(121.2, 31.9, sites_x, sites_y)
    assert rows[0] == np.flatnonzero(exact <= exact.min() + 1e-3)[0]
    same_x, same_y = np.full(9, 121.25), np.full(9, 31.9)
    assert find_nearest(np.array([121.2]), np.array([31.9]), same_x, same_y)[0][0] == 0


def test_without_outlets_nobody_has_one() -> None:
    rows, metres = find_nearest(np.array([121.2]), np.array([31.9]), np.empty(0), np.empty(0))
    assert rows.tolist() == [-1]
    assert np.isinf(metres).all()
    assert len(rank_places(121.2, 31.9, np.empty(0), np.empty(0))[0]) == 0


@given(
    st.floats(-179, 179),
    st.floats(-80, 80),
    st.sampled_from([1.0, 50.0, 1_000.0, 20_000.0]),
    st.integers(0, 99),
)
def test_a_ring_holds_whoever_the_geodesic_says_and_its_box_nobody_less(
    lon: float, lat: float, radius_m: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    west, south, east, north = box_around(lon, lat, radius_m)
    x, y = rng.uniform(west, east, 400), rng.uniform(south, north, 400)
    # And some upon the rim itself, a tenth of a millimetre in and out.
    bearing = np.radians(rng.uniform(0, 360, 40))
    scale = radius_m / distance_m(lon, lat, lon, lat + (north - lat))
    x[:40] = lon + (east - lon) * np.sin(bearing) * scale
    y[:40] = lat + (north - lat) * np.cos(bearing) * scale
    rows, metres = find_within(lon, lat, radius_m, x, y)
    every = distance_m(lon, lat, x, y)
    assert rows.tolist() == np.flatnonzero(every <= radius_m + 1e-6).tolist()
    assert np.abs(metres - every[rows]).max(initial=0) < 1e-3
    rim = distance_m(lon, lat, np.array([west, east, lon, lon]), np.array([lat, lat, south, north]))
    assert (rim >= radius_m).all()


@pytest.fixture(scope="module")
def busy(demo_bank: DemoBank) -> around.Outlet:
    """The outlet with the most customers within a kilometre."""
    with demo_bank.database.transaction(WORKER) as session:
        shares = around.share_around(session)
        return shares.outlets[int(np.argmax(shares.in_ring))]


def read_truth(
    bank: DemoBank, ring: around.Ring, *, kind: str | None = None, since: date | None = None
) -> Any:
    asked = {"lon": ring.lon, "lat": ring.lat, "radius_m": ring.radius_m, "kind": kind, "since": since}
    with bank.database.transaction(WORKER) as session:
        return {row[0]: row[1] for row in session.execute(text(TRUTH), asked)}


@pytest.mark.parametrize("radius_m", [300.0, 1_000.0, 20_000.0])
@pytest.mark.parametrize("kind", [None, "merchant"])
def test_a_ring_is_what_postgis_says_on_the_ellipsoid(
    demo_bank: DemoBank, busy: around.Outlet, radius_m: float, kind: Any
) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        ring = around.open_ring(session, busy.code, radius_m=radius_m)
        people, metres = around.find_around(session, ring, Filters(kind=kind))
    truth = read_truth(demo_bank, ring, kind=kind)
    assert set(people["id"].tolist()) == set(truth)
    for customer, away_m in zip(people["id"].tolist(), metres, strict=True):
        assert away_m == pytest.approx(truth[customer], abs=1e-3)
    assert (np.diff(np.round(metres, 3)) >= 0).all()
    assert len(truth) > 0 or radius_m < 1_000


def walk(session: Session, ring: around.Ring, limit: int) -> list[dict[str, Any]]:
    pages = [around.list_around(session, ring, limit=limit)]
    while pages[-1]["next"]:
        pages.append(around.list_around(session, ring, after=pages[-1]["next"], limit=limit))
    return pages


def test_pages_of_a_ring_hold_everybody_once_nearest_first_masked_and_audited(
    demo_bank: DemoBank, busy: around.Outlet
) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        ring = around.open_ring(session, busy.code)
        pages = walk(session, ring, 7)
    rows = [row for page in pages for row in page["customers"]]
    assert [row["id"] for row in rows] == sorted(
        {row["id"] for row in rows}, key=[r["id"] for r in rows].index
    )
    assert len(rows) == pages[0]["total"] == len(read_truth(demo_bank, ring)) > 14
    assert [row["distance_m"] for row in rows] == sorted(row["distance_m"] for row in rows)
    assert all("*" in row["name"] for row in rows if row["kind"] in ("person", "household"))
    assert all("号" not in row["address"] for row in rows if row["address"])
    assert all(sum(counts.values()) == len(rows) for counts in pages[0]["counts"].values())
    assert {page["counts"] for page in pages[1:]} <= {None}
    with demo_bank.database.transaction(WORKER) as session:
        latest = session.execute(text(LATEST)).one()
    assert (latest.action, latest.subject) == ("list_around", f"outlet {busy.code} 1000 m")
    assert latest.customer_ids == [row["id"] for row in pages[-1]["customers"]]


def test_whoever_sees_less_finds_only_his_own_in_a_ring(demo_bank: DemoBank, busy: around.Outlet) -> None:
    seen = {}
    for role in ("head", "branch_head", "manager"):
        with demo_bank.database.transaction(demo_bank.viewer(role)) as session:
            ring = around.open_ring(session, busy.code, radius_m=20_000)
            people, _ = around.find_around(session, ring)
            page = around.list_around(session, ring)
            own = set(session.scalars(text("SELECT customer_id FROM assignment")))
        seen[role] = set(people["id"].tolist())
        assert seen[role] <= own
        assert page["total"] == len(seen[role])
    assert seen["manager"] < seen["head"]
    assert seen["branch_head"] < seen["head"]


def test_the_filters_of_a_ring_cut_it_and_add_up(demo_bank: DemoBank, busy: around.Outlet) -> None:
    since = date(2026, 7, 1)
    with demo_bank.database.transaction(WORKER) as session:
        ring = around.open_ring(session, busy.code, radius_m=20_000)
        whole = around.list_around(session, ring, beside=["kind"])
        for name in ("kind", "tier", "standing", "rung"):
            for word, number in whole["counts"][name].items():
                asked: Any = {name: int(word) if name == "rung" else word}
                part = around.list_around(session, ring, Filters(**asked))
                assert part["total"] == number
                assert part["counts"][name] == {word: number}
                assert ("kind" in part["counts"]) == (name == "kind")
        overdue, _ = around.find_around(session, ring, Filters(unvisited_since=since))
        visited, _ = around.find_around(session, ring, Filters(visited_since=since))
    assert set(overdue["id"].tolist()) == set(read_truth(demo_bank, ring, since=since))
    assert len(overdue) + len(visited) == whole["total"]
    assert len(visited) > 0


@pytest.mark.parametrize("radius_m", [1_000.0, 5_000.0])
def test_whoever_stands_in_several_rings_is_kept_once_by_the_nearest(
    demo_bank: DemoBank, radius_m: float
) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        shares = around.share_around(session, radius_m=radius_m)
        truth = {row[0]: row[1] for row in session.execute(text(KEPT), {"radius_m": radius_m})}
        rings = [
            around.find_around(session, around.open_ring(session, one.code, radius_m=radius_m))
            for one in shares.outlets
        ]
        own = around.open_ring(
            session, max(truth, key=truth.__getitem__), radius_m=radius_m, nearest_only=True
        )
        assert len(around.find_around(session, own)[0]) == max(truth.values())
        exported = list(around.export_shares(session, shares))
    told = shares.told()
    assert {one["code"]: one["kept"] for one in told["outlets"] if one["kept"]} == truth
    assert [one["in_ring"] for one in told["outlets"]] == [len(people) for people, _ in rings]
    assert sum(one["kept"] for one in told["outlets"]) == told["total"] == len(exported)
    assert len({row["id"] for row in exported}) == told["total"]
    assert told["in_several"] > 0 or radius_m == 1_000
    assert sum(one["in_ring"] for one in told["outlets"]) >= told["total"] + told["in_several"]
    assert told["outlets"] == sorted(told["outlets"], key=lambda one: one["code"])


def test_equal_ways_go_to_the_lowest_code(demo_bank: DemoBank, busy: around.Outlet) -> None:
    """A second house in the same place: whoever was kept by the first stays with the lower code."""
    twin = """INSERT INTO branch (code, name, kind, geom)
        SELECT :code, '分部', 'outlet', geom FROM branch WHERE code = :of"""
    with demo_bank.database.transaction(WORKER) as session:
        before = {one["code"]: one["kept"] for one in around.count_shares(session)["outlets"]}
        for code in ("0-TWIN", "zz-TWIN"):
            session.execute(text(twin), {"code": code, "of": busy.code})
        after = {one["code"]: one["kept"] for one in around.count_shares(session)["outlets"]}
        nearest = around.list_nearest(session, busy.lon, busy.lat)
        session.rollback()
    assert after["0-TWIN"] == before[busy.code] > 0
    assert after[busy.code] == after["zz-TWIN"] == 0
    assert [one["code"] for one in nearest] == ["0-TWIN", busy.code, "zz-TWIN"]
    assert {one["distance_m"] for one in nearest} == {0.0}


def test_who_is_known_by_village_only_is_counted_beside_the_ring_never_in_it(
    demo_bank: DemoBank, busy: around.Outlet
) -> None:
    query = """SELECT count(*) FROM placement p
        JOIN unit u ON u.code = p.unit_code AND u.valid @> current_date
        WHERE p.geom IS NULL AND u.kind IN ('village', 'community') AND ST_DWithin(u.geom::geography,
            ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography, 3000)"""
    with demo_bank.database.transaction(WORKER) as session:
        ring = around.open_ring(session, busy.code, radius_m=3_000)
        page = around.list_around(session, ring, beside=["without_point"])
        assert around.list_around(session, ring)["without_point"] is None
        truth = session.scalar(text(query), {"lon": busy.lon, "lat": busy.lat})
    assert page["without_point"] == truth > 0


def test_what_is_no_ring_is_said_in_words(demo_bank: DemoBank, busy: around.Outlet) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        for radius_m in (0, -1, 20_001, float("nan"), float("inf")):
            with pytest.raises(BadInput, match="bad_radius"):
                around.open_ring(session, busy.code, radius_m=radius_m)
            with pytest.raises(BadInput, match="bad_radius"):
                around.share_around(session, radius_m=radius_m)
        with pytest.raises(NotFound, match="no_outlet"):
            around.open_ring(session, "NOWHERE")
        with pytest.raises(BadInput, match="bad_mark"):
            around.list_around(session, around.open_ring(session, busy.code), after="1 OR 1")
        pointless = session.scalar(text("SELECT customer_id FROM assignment WHERE geom IS NULL LIMIT 1"))
        with pytest.raises(BadInput, match="no_point"):
            around.find_middle(session, around.Middle(customer=pointless))
        session.execute(text("UPDATE branch SET geom = NULL"))
        with pytest.raises(NotFound, match="no_outlet"):
            around.open_ring(session, busy.code)
        with pytest.raises(Conflict, match="no_outlets"):
            around.draw_catchments(session, "village")
        assert around.count_shares(session)["total"] == 0
        session.rollback()
