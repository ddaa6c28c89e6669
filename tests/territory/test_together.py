"""Two people at one plan, two imports of one file: each in his own transaction, none of them half done."""

import threading
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from geoalchemy2.shape import from_shape
from shapely import MultiPolygon

from app.db import Database, Viewer
from app.errors import Conflict
from app.models import Plan, Unit
from app.spatial import formats
from app.territory import plans
from app.territory.boundaries import ImportOptions, import_boundaries
from app.territory.plans.duties import find_grid_by_code
from app.territory.plans.repairing import change_ground
from tests.ground import lay

WORKER = Viewer("getu_work")
GROUND = lay("AABB\nAACC")


@pytest.fixture
def drafted(fresh: Database, tmp_path: Path) -> Database:
    """A committed draft V1, checked and without fault."""
    frame = formats.write(tmp_path / "f.geojson", {"名称": ["界"]}, np.array([GROUND.frame]))
    villages = formats.write(
        tmp_path / "v.geojson", {"代码": list("ABC"), "名称": list("甲乙丙")}, GROUND.polygons
    )
    with fresh.transaction(WORKER) as session:
        import_boundaries(session, frame, options=ImportOptions(kind="frame"))
        import_boundaries(session, villages, options=ImportOptions())
        plan = plans.new_plan(session, plans.PlanDraft("V1", "规划"))
        plans.check_plan(session, plan)
    return fresh


def test_a_certificate_is_never_given_to_ground_that_changes_meanwhile(drafted: Database) -> None:
    outcome: list[str] = []

    def certify() -> None:
        try:
            with drafted.transaction(WORKER) as session:
                plans.certify(session, plans.find_plan(session, "V1"))
                outcome.append("certified")
        except Conflict as refused:
            outcome.append(refused.code)

    other = threading.Thread(target=certify)
    with drafted.transaction(WORKER) as session:
        plan = plans.find_plan(session, "V1")
        plans.listing.lock_plan(session, plan)
        other.start()
        other.join(0.5)
        grid = find_grid_by_code(session, plan, "A")
        change_ground(session, plan, {grid.id: None})
    other.join(20)
    assert outcome == ["not_checked"]


def test_one_file_imported_twice_at_the_same_moment_comes_in_once(fresh: Database, tmp_path: Path) -> None:
    path = formats.write(
        tmp_path / "v.geojson", {"代码": list("ABC"), "名称": list("甲乙丙")}, GROUND.polygons
    )
    codes: list[list[str]] = []

    def load() -> None:
        with fresh.transaction(WORKER) as session:
            report = import_boundaries(session, path, options=ImportOptions())
            codes.append([warning.code for warning in report.warnings])

    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(codes) == [[], ["already_imported"]]
    with fresh.transaction(WORKER) as session:
        assert session.query(Unit).count() == 3


def test_the_database_refuses_two_plans_in_force_even_without_our_verbs(drafted: Database) -> None:
    shape = from_shape(MultiPolygon([GROUND.frame]), srid=4326)
    with drafted.transaction(WORKER) as session:
        plan = plans.find_plan(session, "V1")
        plans.certify(session, plan)
        plans.publish(session, plan, valid_from=date(2026, 1, 1), user_id=None)
        valid = plan.valid
    with pytest.raises(Conflict, match="already_there"), drafted.transaction(WORKER) as session:
        session.add(
            Plan(code="V9", name="规划", frame=shape, status="in_force", valid=valid, certificate={"n": 1})
        )
