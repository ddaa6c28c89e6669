"""A bank that knows its frame sees a web map's shift in the next file; it asks if the file says otherwise."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from geoalchemy2.shape import to_shape
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.models import Unit
from app.spatial import crs, formats
from app.territory.boundaries import ImportOptions, import_boundaries
from app.territory.boundaries.report import ImportReport

DATA = Path(__file__).parents[2] / "data" / "boundaries"


@pytest.fixture
def framed(work: Session) -> Session:
    """A bank whose frame is stored."""
    report = import_boundaries(work, DATA / "haimen_frame.zip", options=ImportOptions(kind="frame"))
    assert report.status == "imported"
    return work


def write_villages(path: Path, used: str, *, declared: str | None = None) -> tuple[Path, NDArray[Any]]:
    """The demo's villages as GeoJSON in another system, and where they truly lie."""
    layer = formats.read(DATA / "haimen_villages.zip")
    truth = crs.to_storage(layer.geoms, "EPSG:4549")
    names = [f"{row}号村" for row in range(len(truth))]
    features = [
        {
            "type": "Feature",
            "properties": {"代码": f"3206141{row + 1:05d}", "村名": name},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for row, (name, shape) in enumerate(zip(names, crs.from_storage(truth, used), strict=True))
    ]
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if declared:
        collection["crs"] = {"type": "name", "properties": {"name": declared}}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return path, truth


def worst_m(work: Session, truth: NDArray[Any], report: ImportReport) -> float:
    units = work.query(Unit).filter_by(import_id=report.import_id).order_by(Unit.code).all()
    assert len(units) == len(truth)
    stored = shapely.centroid(np.array([to_shape(unit.geom) for unit in units], object))
    return float(crs.distance_m(*shapely.get_coordinates(stored).T, *_centres(truth).T).max())


def _centres(shapes: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(shapely.get_coordinates(shapely.centroid(shapes)), np.float64)


@pytest.mark.parametrize("used", ["gcj02", "bd09", "EPSG:3857+gcj02", "EPSG:4326"])
def test_villages_of_a_web_map_come_in_where_they_are(framed: Session, tmp_path: Path, used: str) -> None:
    path, truth = write_villages(tmp_path / "villages.geojson", used)
    report = import_boundaries(framed, path, options=ImportOptions(kind="village"))
    assert report.status == "imported", report.as_json()["questions"]
    assert (report.crs["used"], report.crs["how"]) == (used, "inferred")
    assert report.crs["confidence"] > 0.8
    assert worst_m(framed, truth, report) < 3


def test_without_known_ground_the_same_file_comes_in_with_a_warning(work: Session, tmp_path: Path) -> None:
    path, _ = write_villages(tmp_path / "villages.geojson", "gcj02")
    report = import_boundaries(work, path, options=ImportOptions(kind="village", dry_run=True))
    assert report.crs["used"] == "EPSG:4326"
    assert report.crs["confidence"] < 0.5
    assert "datum_unproven" in [remark.code for remark in report.warnings]


@pytest.mark.parametrize(("answer", "metres"), [("gcj02", (0, 3)), ("EPSG:4326", (400, 600))])
def test_a_declaration_that_the_frame_contradicts_waits_for_an_answer(
    framed: Session, tmp_path: Path, answer: str, metres: tuple[float, float]
) -> None:
    path, truth = write_villages(tmp_path / "v.geojson", "gcj02", declared="urn:ogc:def:crs:OGC:1.3:CRS84")
    asked = import_boundaries(framed, path, options=ImportOptions(kind="village"))
    assert asked.status == "needs_answer"
    assert [(q.code, q.options) for q in asked.questions] == [("crs_shifted", ("gcj02", "EPSG:4326"))]
    assert asked.picture is not None
    assert 470 < asked.picture["shift_m"] < 490
    told = ImportOptions(kind="village", answers={"crs_shifted": answer})
    report = import_boundaries(framed, path, options=told)
    assert (report.status, report.crs["how"]) == ("imported", "asked")
    assert metres[0] <= worst_m(framed, truth, report) <= metres[1]
