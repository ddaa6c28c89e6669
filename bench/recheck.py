"""A plan of 3,000 grids checked again after one edit, against the full check: kernel alone, and stored.

python -m bench.recheck [--grids 3000] [--edits 40]
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db import Database, cluster, copy_in
from app.db.connection import WORKER
from app.models import Grid, Plan
from app.spatial.crs import area_m2
from app.spatial.topology import find_faults
from app.territory.plans.checking import check_plan, recheck_plan
from app.territory.plans.listing import load_grids, touch_ground
from app.territory.shapes import anchor_points, to_areas, to_ewkb
from bench.assignment import lay_database
from bench.ground import Shapes, spoil, villages

COLUMNS = ("plan_id", "code", "name", "kind", "geom", "anchor", "area_m2")
TYPES = ("int8", "text", "text", "text", "bytea", "bytea", "float8")


def measure(scale: str) -> dict[str, Any]:
    """Milliseconds (median, worst of ten) of one recheck after an edit, and of a full check."""
    return compare(3000, edits=40 if scale == "full" else 20)


def compare(grids: int, *, edits: int) -> dict[str, Any]:
    """Edit one grid after another (a bite out of it, a strip over its neighbour) and check both ways."""
    with tempfile.TemporaryDirectory(prefix="getu-bench-") as folder:
        home = Path(folder) / "home"
        server = cluster.ensure(home)
        try:
            return run(lay_database(server, 0), grids, edits)
        finally:
            cluster.remove(home)


def run(database: Database, grids: int, edits: int) -> dict[str, Any]:
    """Times of the kernel with all shapes in memory, of the recheck and of the full check with storing."""
    ground = spoil(villages(grids))
    names = ("kernel", "kernel_cpu", "recheck", "load_all_shapes", "full")
    times: dict[str, list[float]] = {name: [] for name in names}
    with database.transaction(WORKER) as session:
        shapes = ground.polygons[~shapely.is_missing(ground.polygons)]
        plan = lay(session, shapes, ground.frame)
        check_plan(session, plan)
        chosen = np.random.default_rng(3).choice(len(shapes), edits, replace=False)
        for number, row in enumerate(chosen.tolist()):
            before = shapes[row]
            shapes[row] = after = edit(session, plan, before, row=row, grows=number % 2 == 0)
            both = shapely.union_all([before, after])
            kernel = partial(find_faults, shapes, frame=ground.frame, changed=both)
            times["kernel"].append(clock(kernel))
            times["kernel_cpu"].append(clock(kernel, now=time.process_time))
            again = partial(recheck_plan, session, plan, before=[before], after=[after])
            times["recheck"].append(clock(again))
            if number % 5 == 0:
                times["load_all_shapes"].append(clock(partial(load_grids, session, plan)))
                times["full"].append(clock(partial(check_plan, session, plan)))
        session.rollback()
    database.close()
    return {"grids": grids, "edits": edits} | {
        f"{name}_ms": {
            "median": round(statistics.median(all_), 1),
            "p90": round(sorted(all_)[int(len(all_) * 0.9)], 1),
        }
        for name, all_ in times.items()
    }


def lay(session: Session, polygons: Shapes, frame: BaseGeometry) -> Plan:
    """A draft plan of these polygons, every one a village."""
    plan = Plan(
        code="B1", name="bench", frame=from_shape(to_areas(np.array([frame], dtype=object))[0], srid=4326)
    )
    session.add(plan)
    session.flush()
    areas = to_areas(polygons)
    sizes, anchors = area_m2(areas).tolist(), to_ewkb(anchor_points(areas))
    rows = [
        (plan.id, f"B{k:05}", f"村{k}", "village", shape, anchors[k], sizes[k])
        for k, shape in enumerate(to_ewkb(areas))
    ]
    copy_in(session, "grid", COLUMNS, rows, types=TYPES)
    session.execute(text("ANALYZE grid"))
    return plan


def edit(session: Session, plan: Plan, before: BaseGeometry, *, row: int, grows: bool) -> BaseGeometry:
    """Let one grid grow over its neighbours by some 30 m, or lose a bite; its new shape."""
    grid = session.scalars(select(Grid).where(Grid.plan_id == plan.id, Grid.code == f"B{row:05}")).one()
    after = before.buffer(3e-4) if grows else before.difference(before.centroid.buffer(2e-3))
    area = to_areas(np.array([after], dtype=object))
    grid.geom, grid.area_m2 = from_shape(area[0], srid=4326), float(area_m2(area)[0])
    touch_ground(session, plan)
    return after


def clock(work: Callable[[], Any], *, now: Callable[[], float] = time.perf_counter) -> float:
    """Milliseconds of one run on the clock, or on the processor (`time.process_time`)."""
    began = now()
    work()
    return (now() - began) * 1000


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--grids", type=int, default=3000)
    parser.add_argument("--edits", type=int, default=40)
    options = parser.parse_args()
    print(json.dumps(compare(options.grids, edits=options.edits), indent=1))
