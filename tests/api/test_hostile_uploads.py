"""Hostile files by the public door: each is told what is wrong with it, nothing is stored, all goes on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.jobs import run_job
from tests.conftest import DemoBank
from tests.samples.hostile import CANARY, CORPUS, Bait
from tests.samples.hostile.lures import lay_bait
from tests.samples.hostile.trial import RAW, Ear, open_ear
from tests.truth import truth

BY_NAME = {case.name: case for case in CORPUS}
SENT = (
    "archives/slip-parent.zip",
    "archives/link.zip",
    "archives/bomb-ratio.zip",
    "archives/lie-size-less.zip",
    "archives/locked-1.zip",
    "archives/name-markup.zip",
    "shapefile/shp-cut-4.zip",
    "shapefile/points-huge.zip",
    "shapefile/prj-proj-grid.zip",
    "geojson/depth-100000.geojson",
    "geojson/name-nul.geojson",
    "geojson/heading-half-surrogate.geojson",
    "geojson/coordinates-1e308.geojson",
    "geojson/coordinates-nan.geojson",
    "geojson/crs-link.geojson",
    "databases/shape-deep-100000.gpkg",
    "databases/virtual-ogr.gpkg",
    "databases/layer-name-quotes.gpkg",
    "foreign/vrt-as.geojson",
    "foreign/remote-vrt-as.kml",
    "foreign/a.pickle",
    "markup/laughs-10.kml",
    "markup/doctype-external-url.kml",
    "markup/network-link.kml",
    "markup/name-script.kml",
    "tables/shape-hexadecimal-deep.csv",
    "tables/name-formula.csv",
    "tables/workbook-entity-file.xlsx",
    "tables/wkb-deep-200000.parquet",
    "tables/footer-most.parquet",
    "drawings/tab-seamless.zip",
    "drawings/blocks-40-by-2.dxf",
)


@pytest.fixture(scope="module")
def ear() -> Iterator[Ear]:
    with open_ear() as listening:
        yield listening


@pytest.fixture(scope="module")
def bait(tmp_path_factory: pytest.TempPathFactory, ear: Ear) -> Bait:
    return lay_bait(tmp_path_factory.mktemp("beside"), ear.url)


def count_ground(bank: DemoBank) -> int:
    with truth(bank.database) as admin:
        return int(admin.scalar(text("SELECT count(*) FROM unit")) or 0)


@pytest.mark.parametrize("name", SENT)
def test_a_hostile_upload_is_told_what_is_wrong_and_stores_no_ground(
    bank: DemoBank, bait: Bait, ear: Ear, name: str
) -> None:
    case, client = BY_NAME[name], bank.client("analyst")
    sent = client.post(
        "/api/v1/imports/boundaries",
        files={"file": (case.file_name, case.content(bait))},
        data={"options": json.dumps({"dry_run": True})},
    )
    assert sent.status_code == 202, sent.text
    run_job(bank.database, bank.settings, sent.json()["id"])
    job = client.get(f"/api/v1/jobs/{sent.json()['id']}").json()
    told = json.dumps(job, ensure_ascii=False)
    assert job["status"] == "done", told[:500]
    report: dict[str, Any] = job["result"]
    assert report["status"] in ("rejected", "needs_answer", "imported"), report["status"]
    if report["status"] == "rejected":
        assert any(left["message"] for left in report["rejected"])
    assert CANARY not in told
    words = json.dumps(report, ensure_ascii=False).replace(case.file_name, "")
    assert not RAW.search(words), words[:500]
    assert ear.heard == []
    assert count_ground(bank) == 0
    shown = client.get(f"/api/v1/imports/{report['import_id']}")
    assert shown.status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_hostile_file_name_reaches_neither_the_disk_nor_the_page(bank: DemoBank, bait: Bait) -> None:
    client = bank.client("analyst")
    body = BY_NAME["geojson/name-markup.geojson"].content(bait)
    for name in (
        "../../evil.geojson",
        "C:\\evil.geojson",
        "<script>.geojson",
        "a\u202ejson.geojson",
    ):
        sent = client.post("/api/v1/imports/boundaries", files={"file": (name, body)})
        assert sent.status_code in (202, 422), sent.text
    files = [path for path in Path(bank.settings.files).rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if "evil" in path.name or "<" in path.name] == []


def test_hundreds_of_loose_parts_are_refused_before_a_job_begins(bank: DemoBank) -> None:
    parts = [("file", (f"a{number}.shp", b"x")) for number in range(1200)]
    sent = bank.client("analyst").post("/api/v1/imports/boundaries", files=parts)
    assert 400 <= sent.status_code < 500, sent.text
    assert sent.json()["code"]
