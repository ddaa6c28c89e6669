"""What goes out comes in again: every format, by the command line's story and by the public door."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from app.cli.root import run
from app.clock import today
from app.db import Database
from app.db.connection import WORKER
from app.jobs import run_now
from app.settings import Settings
from app.spatial import formats
from app.spatial.formats.writing import WRITERS
from app.territory.boundaries import find_run, version_of
from app.territory.layers import LAYERS, When, export_layer, find_layer
from tests.ground import lay

GROUND = lay("AABB\nAACC", cell=0.01)
CODES = ("320684104201", "320684104202", "320684104203")
NAMES = ("颐生村", "𫭢口社区", "匡河村")
FORMATS = tuple(writer.key for writer in WRITERS)


@pytest.fixture(scope="module")
def bank(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Settings]]:
    """A bank with three villages, one of them with a hole; emptied again in the end."""
    settings = Settings(home=tmp_path_factory.mktemp("out"), cluster_profile="test", import_processes=1)
    hole = GROUND["A"].difference(shapely.box(121.203, 31.885, 121.2051234567, 31.8871234567))
    columns: dict[str, list[Any]] = {
        "村代码": list(CODES),
        "村名": list(NAMES),
        "类型": ["行政村", "社区", "行政村"],
        "乡镇名称": ["常乐镇"] * 3,
        "乡镇代码": ["320684104"] * 3,
        "户数": [310, None, 5],
    }
    path = formats.write(
        settings.home / "v.gpkg", columns, np.array([hole, GROUND["B"], GROUND["C"]], dtype=object)
    )
    bring(database, settings, path, kind="village", code_source="land", year=2025)
    yield database, settings
    with database.transaction(WORKER) as session:
        for table in ("unit", "import_run", "job"):
            session.execute(text(f"DELETE FROM {table}"))


def bring(database: Database, settings: Settings, path: Path, **options: Any) -> dict[str, Any]:
    """Import a file as the command line does."""
    job = run_now(
        database, settings, "import_boundaries", {"path": str(path), "file_name": path.name, **options}
    )
    assert job["status"] == "done", job["error"]
    return dict(job["result"])


def stored(database: Database, source: str) -> list[Any]:
    """Code, name, kind, town, households, year and shape of the units of a source."""
    with database.transaction(WORKER) as session:
        query = text(
            """SELECT code, name, kind, town_name, town_code, households, year, ST_AsBinary(geom) AS wkb
            FROM unit WHERE code_source = :source AND valid @> current_date ORDER BY code"""
        )
        return list(session.execute(query, {"source": source}).all())


def furthest_degrees(one: Any, other: Any) -> float:
    """How far the corners of two shapes are apart."""
    a, b = (shapely.normalize(shapely.from_wkb(bytes(wkb))) for wkb in (one, other))
    xy_a, xy_b = shapely.get_coordinates(a), shapely.get_coordinates(b)
    return float(np.abs(xy_a - xy_b).max()) if xy_a.shape == xy_b.shape else np.inf


def assert_same(before: list[Any], after: list[Any]) -> None:
    assert [row[:7] for row in after] == [row[:7] for row in before]
    for one, other in zip(before, after, strict=True):
        assert furthest_degrees(one.wkb, other.wkb) <= 1e-7


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_villages_go_out_and_come_in_again_as_they_were(
    bank: tuple[Database, Settings], tmp_path: Path, format: str, encoding: str
) -> None:
    database, settings = bank
    writer = next(writer for writer in WRITERS if writer.key == format)
    if encoding not in writer.encodings:
        encoding = writer.encodings[0]
    path = tmp_path / f"v{writer.suffix}"
    with database.transaction(WORKER) as session:
        count = export_layer(
            session,
            find_layer("villages"),
            path,
            when=When(today()),
            how={"format": format, "encoding": encoding},
        )
    before = stored(database, "land")
    assert count == len(before) == 3
    report = bring(database, settings, path, kind="village")
    assert (report["status"], report["rejected"]) == ("imported", []), report
    try:
        assert_same(before, stored(database, "land"))
        assert report["preview"]["unchanged"] == 3
    finally:
        run_now(database, settings, "undo_import", undo_args(database, report["import_id"]))
    assert_same(before, stored(database, "land"))


def undo_args(database: Database, import_id: int) -> dict[str, Any]:
    """The arguments of an undo, as the desk gives them."""
    with database.transaction(WORKER) as session:
        return {"import_id": import_id, "seen": version_of(find_run(session, import_id))}


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "EPSG:4549", "EPSG:4528", "gcj02", "bd09"])
def test_a_layer_in_another_system_comes_back_to_its_place(
    bank: tuple[Database, Settings], tmp_path: Path, crs: str
) -> None:
    database, settings = bank
    path = tmp_path / "v.gpkg"
    with database.transaction(WORKER) as session:
        export_layer(session, find_layer("villages"), path, when=When(today()), how={"crs": crs})
    before = stored(database, "land")
    report = bring(database, settings, path, kind="village", crs=crs)
    try:
        after = stored(database, "land")
        assert [row[:7] for row in after] == [row[:7] for row in before]
        for one, other in zip(before, after, strict=True):
            assert furthest_degrees(one.wkb, other.wkb) <= 2e-7
    finally:
        run_now(database, settings, "undo_import", undo_args(database, report["import_id"]))


def test_every_layer_has_headings_of_its_own_in_every_format() -> None:
    for layer in LAYERS:
        for writer in WRITERS:
            for encoding in writer.encodings:
                headings = [column.heading(writer.key, encoding) for column in layer.columns]
                assert len(set(headings)) == len(headings), (layer.key, writer.key)
                if writer.key == "shapefile":
                    assert all(len(h.encode(encoding)) <= 10 for h in headings), (layer.key, headings)


def test_the_command_writes_a_file_and_says_what_is_in_it(
    bank: tuple[Database, Settings],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    database, settings = bank
    monkeypatch.setenv("GETU_HOME", str(settings.home))
    monkeypatch.setenv("DATABASE_URL", database.url)
    out = tmp_path / "村.zip"
    assert run(["export", "village", "--out", str(out), "--encoding", "utf-8", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["features"], told["format"], told["out"]) == (2, "shapefile", str(out))
    assert any("颐生村" in cells for cells in formats.read(out).columns.values())
    for wrong, code in (
        (["export", "planets", "--out", str(out)], "no_layer"),
        (["export", "village", "--out", str(tmp_path / "a.dwg")], "unknown_format"),
        (["export", "village", "--out", str(tmp_path / "none" / "a.zip")], "no_such_folder"),
    ):
        assert run([*wrong, "--json"]) == 2
        assert json.loads(capfd.readouterr().out)["error"]["code"] == code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["村.zip"]
