"""Files as banks are sent them: the outcome, the number of units, the names and the places are right."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy.orm import Session

from app.models import Unit
from app.spatial.crs import distance_m
from app.territory.boundaries import ImportOptions, ImportReport, import_boundaries
from tests.samples.ugly import CASES, Ugly, ground

ONE_METRE = 1.0


def told(report: ImportReport) -> set[str]:
    """Every code that the report mentions."""
    return {
        *(remark.code for remark in report.warnings),
        *(question.code for question in report.questions),
        *(rejected.reason for rejected in report.rejected),
    }


def check_places(work: Session) -> None:
    """The corners of every stored unit lie within a metre of those that were drawn."""
    truth = dict(zip(ground.columns()["村代码"], ground.shapes(), strict=True))
    for unit in work.query(Unit):
        lon, lat = shapely.get_coordinates(shapely.from_wkb(bytes(unit.geom.data))).T
        drawn = shapely.get_coordinates(truth[unit.code])
        nearest = [
            distance_m(x, y, *drawn[np.hypot(*(drawn - (x, y)).T).argmin()])
            for x, y in zip(lon, lat, strict=True)
        ]
        assert max(map(float, nearest)) <= ONE_METRE, unit.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_ugly_file_comes_to_what_a_careful_person_expects(
    work: Session, tmp_path: Path, case: Ugly
) -> None:
    report = import_boundaries(work, case.make(tmp_path), options=ImportOptions())
    assert (report.status, report.features) == (case.outcome, case.features), report.as_json()
    assert set(case.codes) <= told(report)
    assert work.query(Unit).count() == case.features
    if case.features and case.same_names:
        assert {unit.name for unit in work.query(Unit)} <= set(ground.names())
    if case.features and case.same_places:
        check_places(work)
