"""GeoPackages that are damaged, odd or hostile: SQLite's own words never reach a person."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import RefusedFile
from app.spatial import formats
from tests.samples import boundary_files as samples


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return formats.write(tmp_path / "villages.gpkg", samples.village_columns(), samples.village_squares())


def refusal(path: Path, limits: formats.Limits | None = None) -> str:
    with pytest.raises(RefusedFile) as caught:
        formats.read(path, limits=limits)
    said = caught.value.zh + caught.value.en
    assert not any(word in said.lower() for word in ("sqlite3", "error", "malformed", "disk image"))
    return caught.value.code


def open_database(path: Path) -> sqlite3.Connection:
    """The database with stand-ins for the functions that its index's triggers call."""
    database = sqlite3.connect(path)
    for name in ("isempty", "minx", "maxx", "miny", "maxy"):
        database.create_function(f"st_{name}", 1, lambda _: 0)
    return database


def change(path: Path, *statements: str) -> Path:
    database = open_database(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()
    return path


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_a_geopackage_cut_short_gives_not_half_a_layer(sound: Path, kept: float) -> None:
    data = sound.read_bytes()
    sound.write_bytes(data[: int(len(data) * kept)])
    assert refusal(sound) == "gpkg_truncated"


def test_a_cut_geopackage_whose_header_was_mended_is_noticed_by_its_pages(sound: Path) -> None:
    data = sound.read_bytes()
    page = int.from_bytes(data[16:18], "big")
    pages = len(data) // page // 2
    sound.write_bytes(data[:28] + pages.to_bytes(4, "big") + data[32 : pages * page])
    assert refusal(sound) == "gpkg_broken"


def test_rubbish_within_a_page_is_noticed(sound: Path) -> None:
    data = bytearray(sound.read_bytes())
    page = int.from_bytes(data[16:18], "big")
    for start in range(page, len(data), page):
        data[start + 1 : start + 12] = b"\xff" * 11
    sound.write_bytes(data)
    assert refusal(sound) in ("gpkg_broken", "gpkg_foreign")


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DROP TABLE gpkg_contents", "gpkg_foreign"),
        ("DROP TABLE gpkg_geometry_columns", "no_layer"),
        ("DELETE FROM gpkg_contents", "no_layer"),
        ("DELETE FROM villages", "empty_layer"),
    ],
)
def test_a_geopackage_without_its_own_tables_is_refused(sound: Path, statement: str, code: str) -> None:
    assert refusal(change(sound, "PRAGMA foreign_keys = OFF", statement)) == code


@pytest.mark.parametrize("srs", [-1, 0])
def test_a_layer_of_an_undefined_system_declares_nothing(sound: Path, srs: int) -> None:
    path = change(
        sound,
        f"UPDATE gpkg_geometry_columns SET srs_id = {srs}",
        f"UPDATE gpkg_contents SET srs_id = {srs}",
    )
    assert formats.read(path).wkt is None


def test_a_count_that_was_left_behind_loses_no_row(sound: Path) -> None:
    path = change(sound, "UPDATE gpkg_ogr_contents SET feature_count = 500")
    assert len(formats.read(path).geoms) == 9
    change(sound, "UPDATE gpkg_ogr_contents SET feature_count = 2")
    assert len(formats.read(path).geoms) == 9


def test_a_view_that_never_ends_is_stopped(sound: Path) -> None:
    endless = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
        "SELECT count(*) AS fid, NULL AS geom FROM c"
    )
    path = change(
        sound,
        f"CREATE VIEW endless AS {endless}",
        "UPDATE gpkg_contents SET table_name = 'endless', identifier = 'endless'",
        "UPDATE gpkg_geometry_columns SET table_name = 'endless'",
    )
    assert refusal(path, formats.Limits(cpu_s=3, wall_s=60)) == "too_slow"


def test_a_trigger_that_would_delete_rows_is_never_run(sound: Path) -> None:
    path = change(
        sound,
        "CREATE TRIGGER evil AFTER UPDATE ON gpkg_contents BEGIN DELETE FROM villages; END",
        "CREATE TRIGGER more AFTER INSERT ON gpkg_ogr_contents BEGIN DELETE FROM villages; END",
    )
    before = path.read_bytes()
    assert len(formats.read(path).geoms) == 9
    assert path.read_bytes() == before


def test_text_that_is_not_utf8_is_read_by_its_bytes(sound: Path) -> None:
    database = open_database(sound)
    for name in samples.VILLAGES:
        raw = name.encode("gbk").hex()
        database.execute(f'UPDATE villages SET "村名" = CAST(X\'{raw}\' AS TEXT) WHERE "村名" = ?', (name,))
    database.commit()
    database.close()
    layer = formats.read(sound)
    assert layer.columns == samples.village_columns()
    assert [note.code for note in layer.warnings] == ["encoding_mark_wrong"]


Damage = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "damage",
    [
        lambda blob: b"XX" + blob[2:],
        lambda blob: blob[:3] + bytes([blob[3] | 0x20]) + blob[4:],
        lambda blob: blob[:12],
        lambda blob: blob[:-9],
        lambda blob: blob[:3] + bytes([(blob[3] & 0xF1) | 0x0E]) + blob[4:],
    ],
    ids=["no magic", "extended type", "header only", "cut", "no such envelope"],
)
def test_a_shape_that_makes_no_sense_costs_its_row_alone_or_refuses_the_file(
    sound: Path, damage: Damage
) -> None:
    database = open_database(sound)
    [(blob,)] = database.execute("SELECT geom FROM villages WHERE fid = 4").fetchall()
    database.execute("UPDATE villages SET geom = ? WHERE fid = 4", (damage(blob),))
    database.commit()
    database.close()
    code, layer = read_or_refuse(sound)
    assert layer is None or len(layer.geoms) == 9
    lost = [] if layer is None else [row for row, geom in enumerate(layer.geoms, 1) if geom is None]
    assert (code, lost) in [("gpkg_broken", []), (None, []), (None, [4])]


def read_or_refuse(path: Path) -> tuple[str | None, formats.Layer | None]:
    try:
        return None, formats.read(path)
    except RefusedFile as refused:
        return refused.code, None
