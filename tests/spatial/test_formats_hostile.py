"""Files that attack: each is refused with a named reason, nothing is read elsewhere, no request is made."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.errors import RefusedFile
from app.spatial import formats
from tests.samples import boundary_files as samples


def refusal(path: Path, **how: object) -> str:
    with pytest.raises(RefusedFile) as caught:
        formats.read(path, **how)  # type: ignore[arg-type]
    assert caught.value.zh
    assert caught.value.en
    return caught.value.code


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.geojson"
    path.write_text(json.dumps(samples.collection([samples.feature(samples.square_json(), key="hidden")])))
    return path


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that writes down every request it gets."""
    heard: list[str] = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(404)
            self.end_headers()

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *args: object) -> None:
            heard.append("spoken")

    server = HTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/a.geojson", heard
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", ["boundary.geojson", "boundary.shp", "boundary.gpkg", "boundary.json"])
def test_a_vrt_under_another_suffix_never_reads_the_local_secret(
    tmp_path: Path, secret: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_text(samples.vrt(str(secret)))
    assert refusal(path) == "content_mismatch"


@pytest.mark.parametrize("name", ["boundary", "boundary.vrt", "boundary.txt"])
def test_a_vrt_under_its_own_or_no_suffix_is_an_unknown_format(
    tmp_path: Path, secret: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_text(samples.vrt(str(secret)))
    assert refusal(path) == "unknown_format"


def test_a_vrt_inside_a_zip_is_refused(tmp_path: Path, secret: Path) -> None:
    path = samples.pack(tmp_path / "a.zip", {"boundary.geojson": samples.vrt(str(secret)).encode()})
    assert refusal(path) == "content_mismatch"


@pytest.mark.parametrize("suffix", [".geojson", ".shp", ".gpkg"])
def test_a_remote_vrt_makes_no_request(tmp_path: Path, listener: tuple[str, list[str]], suffix: str) -> None:
    address, heard = listener
    path = tmp_path / f"remote{suffix}"
    path.write_text(samples.vrt(f"/vsicurl/{address}"))
    assert refusal(path) == "content_mismatch"
    assert heard == []


def test_a_text_that_looks_like_a_gdal_path_is_only_a_missing_file(listener: tuple[str, list[str]]) -> None:
    address, heard = listener
    for text in (f"/vsicurl/{address}", address, "/vsizip//etc/passwd", "PG:dbname=getu"):
        assert refusal(Path(text)) == "file_missing"
    assert heard == []


@pytest.mark.parametrize(
    "name", ["../evil.geojson", "/etc/evil.geojson", "a/../../evil.shp", "..\\evil.shp", "C:\\evil.shp"]
)
def test_a_member_that_leaves_the_folder_refuses_the_whole_archive(tmp_path: Path, name: str) -> None:
    assert refusal(samples.slip_zip(tmp_path / "slip.zip", name)) == "archive_path"
    assert [child.name for child in tmp_path.iterdir()] == ["slip.zip"]


def test_a_symlink_in_an_archive_is_refused(tmp_path: Path, secret: Path) -> None:
    assert refusal(samples.symlink_zip(tmp_path / "link.zip", str(secret))) == "archive_path"


def test_a_symlink_in_a_folder_is_not_followed(tmp_path: Path, secret: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "boundary.geojson").symlink_to(secret)
    assert refusal(folder) == "no_layer"


def test_a_bomb_is_refused_by_its_ratio_before_anything_is_written(tmp_path: Path) -> None:
    assert refusal(samples.bomb_zip(tmp_path / "bomb.zip", 64)) == "archive_bomb"


def test_a_big_archive_is_refused_by_its_size(tmp_path: Path) -> None:
    limits = formats.Limits(unpacked_bytes=1 << 20)
    assert refusal(samples.bomb_zip(tmp_path / "big.zip", 4), limits=limits) == "archive_too_large"


def test_an_archive_that_lies_about_its_sizes_unpacks_to_nothing(tmp_path: Path) -> None:
    assert refusal(samples.lying_zip(tmp_path / "lie.zip")) == "archive_broken"


def test_an_archive_of_too_many_entries_is_refused(tmp_path: Path) -> None:
    path = samples.pack(tmp_path / "many.zip", {f"{i}.txt": b"" for i in range(30)})
    assert refusal(path, limits=formats.Limits(entries=20)) == "archive_entries"


def test_a_locked_archive_says_so(tmp_path: Path) -> None:
    assert refusal(samples.locked_zip(tmp_path / "locked.zip")) == "archive_locked"


def test_an_archive_without_a_layer_is_refused(tmp_path: Path) -> None:
    assert refusal(samples.pack(tmp_path / "a.zip", {"readme.doc": b"{}"})) == "no_layer"


@pytest.mark.parametrize("cut", [10, 200, 2000])
def test_a_truncated_zip_is_refused(tmp_path: Path, cut: int) -> None:
    whole = formats.write(
        tmp_path / "a.zip", samples.village_columns(), samples.village_squares()
    ).read_bytes()
    path = tmp_path / "cut.zip"
    path.write_bytes(whole[: max(len(whole) - cut, 30)])
    assert refusal(path) == "archive_broken"


@pytest.mark.parametrize("suffix", [".zip", ".shp", ".gpkg", ".geojson"])
def test_a_file_of_zero_bytes_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"empty{suffix}"
    path.touch()
    assert refusal(path) == "empty_file"


def test_a_truncated_shp_gives_not_half_a_layer(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    for kept in (120, len(parts[".shp"]) // 2, len(parts[".shp"]) - 2):
        cut = parts | {".shp": parts[".shp"][:kept]}
        path = samples.pack(tmp_path / "cut.zip", {f"a{suffix}": data for suffix, data in cut.items()})
        assert refusal(path) == "shp_truncated"


def test_a_truncated_shp_whose_header_was_mended_is_noticed_by_its_records(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    data = bytearray(parts[".shp"][:-20])
    data[24:28] = (len(data) // 2).to_bytes(4, "big")
    path = samples.pack(tmp_path / "cut.zip", {"a.shp": bytes(data), "a.dbf": parts[".dbf"]})
    assert refusal(path) == "shp_truncated"


def test_a_table_with_fewer_rows_than_shapes_is_refused(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    short = samples.table_in(samples.village_columns(8), "gbk")
    assert (
        refusal(samples.pack(tmp_path / "a.zip", {"a.shp": parts[".shp"], "a.dbf": short})) == "counts_differ"
    )
    cut = parts[".dbf"][:-40]
    assert (
        refusal(samples.pack(tmp_path / "b.zip", {"a.shp": parts[".shp"], "a.dbf": cut})) == "dbf_truncated"
    )


def test_geojson_that_is_nested_a_hundred_thousand_deep_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.geojson"
    path.write_text('{"type":"Polygon","coordinates":' + "[" * 100_000 + "]" * 100_000 + "}")
    assert refusal(path) == "json_too_deep"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type": "FeatureCollection", "features": [', "json_broken"),
        ('{"hello": 1}', "not_geojson"),
        ('{"type": "FeatureCollection", "features": []}', "empty_layer"),
    ],
)
def test_json_that_is_no_layer_is_refused(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(text)
    assert refusal(path) == code


def test_a_layer_with_more_vertices_than_allowed_is_refused(tmp_path: Path) -> None:
    path = formats.write(tmp_path / "a.geojson", samples.village_columns(), samples.village_squares())
    assert refusal(path, limits=formats.Limits(vertices=40)) == "too_many_vertices"


def test_a_reader_that_needs_too_much_memory_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "wide.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[' + ",".join(["[[1,2],[3,4]]"] * 1_500_000) + "]}"
    )
    code = refusal(path, limits=formats.Limits(memory_bytes=400 << 20))
    assert code in ("too_much_memory", "reader_failed")


def test_a_reader_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    path = formats.write(tmp_path / "a.geojson", samples.village_columns(), samples.village_squares())
    assert refusal(path, limits=formats.Limits(wall_s=0)) == "too_slow"


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".zip", ".geojson"])
def test_seeded_rubbish_is_always_a_refusal_and_never_a_crash(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rubbish{suffix}"
    path.write_bytes(b"\x00" + os.urandom(2000))
    assert refusal(path) in ("content_mismatch", "unknown_format", "archive_broken")


def test_a_broken_geopackage_is_unreadable_not_a_crash(tmp_path: Path) -> None:
    whole = formats.write(
        tmp_path / "a.gpkg", samples.village_columns(), samples.village_squares()
    ).read_bytes()
    path = tmp_path / "broken.gpkg"
    path.write_bytes(whole[:5000] + b"\xff" * 3000)
    assert refusal(path) in ("unreadable", "no_layer", "gpkg_broken", "gpkg_truncated")


def test_a_plain_sqlite_file_is_no_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "plain.gpkg"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE village (name TEXT, geom BLOB)")
    database.commit()
    database.close()
    assert refusal(path) in ("unreadable", "no_layer", "gpkg_foreign")


def test_the_readers_network_is_closed_where_the_system_allows_it(listener: tuple[str, list[str]]) -> None:
    address, heard = listener
    code = (
        "import sys, urllib.request; from app.spatial.formats import fence\n"
        "closed = fence.close_network()\n"
        "try: urllib.request.urlopen(sys.argv[1])\n"
        "except OSError as error: print(closed, type(error).__name__)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, address], capture_output=True, text=True, check=True
    ).stdout
    assert said.split() == (["True", "URLError"] if heard == [] else ["False", "HTTPError"])


def test_the_readers_disk_is_closed_where_the_system_allows_it(tmp_path: Path, secret: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from app.spatial.formats import fence\n"
        "mine, work, secret = map(Path, sys.argv[1:])\n"
        "held = fence.close_files([mine], work)\n"
        "mine.read_bytes(); (work / 'x').write_bytes(b'x'); import pyogrio\n"
        "def can(verb, *args):\n"
        "    try: verb(*args); return True\n"
        "    except PermissionError: return False\n"
        "def write(): mine.write_bytes(b'x')\n"
        "others = (secret.read_bytes, write, Path('/etc/passwd').read_bytes)\n"
        "print(held, *(can(one) for one in others))"
    )
    mine, work = tmp_path / "mine.geojson", tmp_path / "work"
    mine.write_bytes(b"{}")
    work.mkdir()
    command = [sys.executable, "-c", code, str(mine), str(work), str(secret)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert said == (
        ["True", "False", "False", "False"] if said[0] == "True" else ["False", "True", "True", "True"]
    )


def test_the_reader_knows_no_driver_but_the_allowed_ones() -> None:
    from app.spatial.formats import gdal

    assert {driver for kind in formats.FORMATS for driver in kind.drivers} == set(gdal.ALLOWED)


def test_the_readers_environment_carries_no_setting_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.spatial.formats import sandbox

    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    assert "secret" not in " ".join(sandbox._environment(tmp_path).values())
