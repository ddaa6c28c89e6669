"""A base map's file: what is taken in, what is refused, and what becomes of the file when it changes."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from app.errors import BadInput, GetuError, NotFound, NotReady, RefusedFile
from app.maps.base import Bases, Wish, add_base, find_base, list_bases, remove_base
from tests.maps.base_files import change, lay_tiles, picture, plain

PLACES = [(9, 428, 208), *((10, 856 + dx, 416 + dy) for dx in (0, 1) for dy in (0, 1))]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return lay_tiles(tmp_path / "County 2024.mbtiles", PLACES, attribution='<a href="x">© 某某</a>&nbsp;2024')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "base"


def test_a_base_map_is_kept_with_what_it_is_and_its_pictures_stand_where_they_belong(
    file: Path, folder: Path
) -> None:
    base = add_base(folder, file, Wish(zh="影像", en="Imagery"))
    assert (base.key, base.zh, base.en, base.attribution) == ("county_2024", "影像", "Imagery", "© 某某 2024")
    assert (base.min_zoom, base.max_zoom, base.tiles, base.tile_px) == (9, 10, 5, 256)
    assert base.bounds == pytest.approx((120.9375, 31.35364, 121.640625, 31.95216), abs=1e-4)
    assert list_bases(folder) == [base] == [find_base(folder, base.key)]
    bases = Bases()
    for place in PLACES:
        assert bases.read_tile(folder, base, place) == picture(plain(*place))
    assert bases.read_tile(folder, base, (10, 0, 0)) is None
    assert bases.read_tile(folder, base, (11, 1712, 832)) is None


def test_many_threads_read_each_their_own_pictures(file: Path, folder: Path) -> None:
    base, bases = add_base(folder, file, Wish()), Bases()
    wanted = PLACES * 40
    with ThreadPoolExecutor(12) as pool:
        read = list(pool.map(lambda place: bases.read_tile(folder, base, place), wanted))
    assert read == [picture(plain(*place)) for place in wanted]


def test_a_new_file_of_the_same_key_takes_the_old_one_s_place_while_the_service_runs(
    file: Path, folder: Path, tmp_path: Path
) -> None:
    bases = Bases()
    old = add_base(folder, file, Wish(key="one"))
    assert bases.read_tile(folder, bases.find(folder, "one"), PLACES[0])
    other = lay_tiles(
        tmp_path / "b.mbtiles", PLACES, draw=lambda z, x, y: Image.new("RGB", (256, 256), "red")
    )
    new = add_base(folder, other, Wish(key="one"))
    assert bases.find(folder, "one") == new
    assert new.version != old.version
    assert bases.read_tile(folder, new, PLACES[0]) == picture(Image.new("RGB", (256, 256), "red"))
    assert [path.name for path in folder.glob("*.mbtiles")] == [new.file]
    with pytest.raises(NotReady):
        bases.read_tile(folder, old, PLACES[0])
    remove_base(folder, "one")
    assert list(folder.iterdir()) == []
    with pytest.raises(NotFound):
        bases.find(folder, "one")


def cut_short(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[:-4096])
    return path


def spoil_pages(path: Path) -> Path:
    content = bytearray(path.read_bytes())
    content[4096:12288] = b"\xa5" * 8192
    path.write_bytes(content)
    return path


BAD: dict[str, tuple[str, Callable[[Path], object]]] = {
    "no SQLite": ("not_mbtiles", lambda path: path.write_bytes(b"PK\x03\x04" * 100)),
    "empty": ("not_mbtiles", lambda path: path.write_bytes(b"")),
    "no tables": ("not_mbtiles", lambda path: change(path, "DROP TABLE tiles")),
    "no metadata": ("not_mbtiles", lambda path: change(path, "DROP TABLE metadata")),
    "other columns": ("broken_base", lambda path: change(path, "ALTER TABLE tiles RENAME tile_row TO r")),
    "no tiles": ("empty_base", lambda path: change(path, "DELETE FROM tiles")),
    "vector": (
        "vector_base",
        lambda path: change(path, "UPDATE metadata SET value = 'pbf' WHERE name = 'format'"),
    ),
    "vector unsaid": (
        "vector_base",
        lambda path: change(path, "UPDATE tiles SET tile_data = :data", data=b"\x1f\x8b\x08" + bytes(30)),
    ),
    "tiff": (
        "bad_base_format",
        lambda path: change(path, "UPDATE metadata SET value = 'tiff' WHERE name = 'format'"),
    ),
    "wrong magic": (
        "base_mixed",
        lambda path: change(
            path,
            "UPDATE tiles SET tile_data = :data WHERE zoom_level = 10",
            data=picture(plain(1, 1, 1), "jpg"),
        ),
    ),
    "text for a picture": ("base_mixed", lambda path: change(path, "UPDATE tiles SET tile_data = 'x'")),
    "giant": ("giant_tile", lambda path: change(path, "UPDATE tiles SET tile_data = zeroblob(3 << 20)")),
    "monstrous": ("giant_tile", lambda path: change(path, "UPDATE tiles SET tile_data = zeroblob(90 << 20)")),
    "broken picture": (
        "broken_tile",
        lambda path: change(path, "UPDATE tiles SET tile_data = substr(tile_data, 1, 60)"),
    ),
    "odd size": (
        "odd_tile_size",
        lambda path: change(
            path, "UPDATE tiles SET tile_data = :data", data=picture(Image.new("RGB", (300, 200)))
        ),
    ),
    "zoom beyond": ("base_odd_tiles", lambda path: change(path, "UPDATE tiles SET zoom_level = 40")),
    "column beyond": ("base_odd_tiles", lambda path: change(path, "UPDATE tiles SET tile_column = 5000")),
    "row as text": ("base_odd_tiles", lambda path: change(path, "UPDATE tiles SET tile_row = 'x'")),
    "twice": ("base_twice", lambda path: change(path, "INSERT INTO tiles SELECT * FROM tiles")),
    "cut short": ("base_cut_short", cut_short),
    "spoilt pages": ("broken_base", spoil_pages),
    "a log beside": ("base_in_use", lambda path: path.with_name(path.name + "-wal").write_bytes(b"x" * 32)),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_shown_is_refused_and_nothing_of_it_is_kept(
    name: str, file: Path, folder: Path
) -> None:
    kept = add_base(folder, file, Wish(key="one"))
    code, spoil = BAD[name]
    spoil(file)
    with pytest.raises(RefusedFile) as refused:
        add_base(folder, file, Wish(key="one"))
    assert refused.value.code == code
    assert refused.value.zh
    assert refused.value.en
    assert list_bases(folder) == [kept]
    assert sorted(path.name for path in folder.iterdir()) == [kept.file, "one.json"]


def test_a_link_a_folder_and_nothing_are_refused(file: Path, folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.mbtiles"
    link.symlink_to(file)
    for path in (link, tmp_path, tmp_path / "none.mbtiles"):
        with pytest.raises(RefusedFile, match="no_plain_file"):
            add_base(folder, path, Wish(key="one"))
    assert list_bases(folder) == []


@pytest.mark.parametrize("wish", [Wish(key="../x"), Wish(key="Ä"), Wish(key="one", datum="bd09")])
def test_a_wrong_key_or_datum_is_told(wish: Wish, file: Path, folder: Path) -> None:
    with pytest.raises(BadInput):
        add_base(folder, file, wish)


@pytest.mark.parametrize("how", ["gone", "cut", "noise", "link"])
def test_a_file_that_was_spoilt_later_is_told_and_never_a_fault_of_ours(
    how: str, file: Path, folder: Path
) -> None:
    base, bases = add_base(folder, file, Wish(key="one")), Bases()
    assert bases.read_tile(folder, base, PLACES[0])
    kept = folder / base.file
    if how == "cut":
        kept.write_bytes(kept.read_bytes()[:5000])
    elif how == "noise":
        kept.write_bytes(b"\xa5" * 20_000)
    else:
        kept.unlink()
    if how == "link":
        kept.symlink_to(file)
    with pytest.raises(NotReady, match="base_away"):
        [bases.read_tile(folder, base, place) for place in PLACES]


def test_a_record_that_is_none_of_ours_is_no_base_map(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "one.json").write_text("{")
    (folder / "two.json").write_text('{"key": "../two"}')
    assert list_bases(folder) == []
    for key in ("one", "two", "../one", "三"):
        with pytest.raises(GetuError):
            Bases().find(folder, key)


def test_tiles_without_an_index_are_given_one_and_a_view_of_pictures_is_read(
    folder: Path, tmp_path: Path
) -> None:
    path = lay_tiles(tmp_path / "view.mbtiles", PLACES)
    change(
        path,
        "ALTER TABLE tiles RENAME TO pictures",
        "CREATE UNIQUE INDEX i ON pictures (zoom_level, tile_column, tile_row)",
        "CREATE VIEW tiles AS SELECT * FROM pictures",
    )
    assert add_base(folder, path, Wish(key="view")).tiles == len(PLACES)
    base = add_base(folder, lay_tiles(tmp_path / "table.mbtiles", PLACES), Wish(key="table"))
    with sqlite3.connect(folder / base.file) as line:
        assert line.execute("SELECT count(*) FROM sqlite_master WHERE name = 'getu_tile'").fetchone() == (1,)
    line.close()
