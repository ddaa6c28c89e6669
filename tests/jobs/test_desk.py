"""Whom a load would touch: customers on ground that changes hands are counted, and only counted."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from app.jobs import desk, run_now
from app.spatial import formats
from tests.conftest import DemoBank
from tests.truth import truth

BUSIEST = """SELECT u.code, u.name, u.code_source, ST_AsBinary(u.geom) AS wkb, count(*) AS customers
    FROM unit u JOIN assignment a ON a.geom && u.geom AND ST_Intersects(a.geom, u.geom)
    JOIN assignment_run r ON r.id = a.run_id AND r.current
    WHERE u.kind = 'village' AND upper_inf(u.valid)
    GROUP BY u.id ORDER BY count(*) DESC, u.code LIMIT 1"""
ON_GROUND = """SELECT count(DISTINCT a.customer_id) FROM assignment a
    JOIN assignment_run r ON r.id = a.run_id AND r.current
    WHERE ST_Intersects(a.geom, ST_GeomFromWKB(:wkb, 4326))"""


@pytest.fixture(scope="module")
def village(demo_bank: DemoBank) -> Any:
    """The village with the most customers."""
    with truth(demo_bank.database) as admin:
        return admin.execute(text(BUSIEST)).one()


def draw(folder: Path, village: Any, shape: Any) -> Path:
    columns = {"代码": [village.code], "名称": [village.name], "代码来源": [village.code_source]}
    return formats.write(folder / "one.gpkg", columns, np.array([shape], dtype=object))


def look_at(bank: DemoBank, path: Path) -> dict[str, Any]:
    args = {"path": str(path), "file_name": path.name, "kind": "village", "dry_run": True}
    job = run_now(bank.database, bank.settings, "import_boundaries", args)
    assert job["status"] == "done", job["error"]
    preview = job["result"]["preview"]
    assert isinstance(preview, dict)
    return preview


def test_customers_of_the_half_that_a_village_loses_are_counted_with_their_grids_and_managers(
    demo_bank: DemoBank, village: Any, tmp_path: Path
) -> None:
    whole = shapely.from_wkb(bytes(village.wkb))
    west, south, east, north = whole.bounds
    kept = whole.intersection(shapely.box(west, south, (west + east) / 2, north))
    lost = whole.difference(kept)
    with truth(demo_bank.database) as admin:
        expected = admin.scalar(text(ON_GROUND), {"wkb": shapely.to_wkb(lost)})
    preview = look_at(demo_bank, draw(tmp_path, village, kept))
    assert preview["changed"] == 1
    assert 0 < expected < village.customers
    assert preview["customers"] == pytest.approx(expected, abs=1), "one may stand on the cut itself"
    assert preview["grids"] >= 1
    assert preview["managers"] >= 1
    assert "balance_yuan" not in preview, "a job's result is seen by those who see no customers"


def test_a_village_drawn_as_it_stands_moves_nobody(demo_bank: DemoBank, village: Any, tmp_path: Path) -> None:
    preview = look_at(demo_bank, draw(tmp_path, village, shapely.from_wkb(bytes(village.wkb))))
    assert (preview["unchanged"], preview["customers"], preview["managers"]) == (1, 0, 0)


def test_a_count_that_takes_too_long_is_left_out_and_the_import_goes_on(
    demo_bank: DemoBank, village: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "COUNT_LIMIT_MS", 1)
    whole = shapely.from_wkb(bytes(village.wkb))
    west, south, east, north = whole.bounds
    rest = [whole.intersection(shapely.box(west, south, west + (east - west) * 0.3, north))]
    preview = look_at(demo_bank, draw(tmp_path, village, rest[0]))
    assert preview["changed"] == 1
    assert preview["customers"] is None
    assert " / " in preview["customers_skipped"]
