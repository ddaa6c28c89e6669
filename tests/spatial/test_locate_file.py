"""A kept index is shared, never believed when it is not whole, and never in the way of an answer."""

import multiprocessing
import os
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import shapely

from app.spatial import index_file
from app.spatial.index_file import FOLDER, key_of, open_locator, read_index, write_index
from app.spatial.locate import Locator
from tests.spatial.locate_worker import answer, answer_of, layer

POLYGONS, X, Y = layer()
TREE = shapely.STRtree(POLYGONS)
TRUE = [min(TREE.query(point, predicate="intersects"), default=-1) for point in shapely.points(X, Y).tolist()]


def only_file(home: Path) -> Path:
    (file,) = (home / FOLDER).glob("*.index")
    return file


def test_a_second_opening_maps_what_the_first_has_written(tmp_path: Path) -> None:
    assert answer(tmp_path) == TRUE
    written = only_file(tmp_path).stat().st_ino
    again = open_locator(list(shapely.to_wkb(POLYGONS)), tmp_path)
    assert only_file(tmp_path).stat().st_ino == written
    assert not again._index.rings.xy.flags.writeable
    assert again.locate(X, Y).tolist() == TRUE
    assert shapely.equals(again.polygons, POLYGONS).all()


@pytest.mark.parametrize("place", [0, 40, 200, 5_000, -9, -1])
def test_a_damaged_byte_is_found_and_the_index_made_again(tmp_path: Path, place: int) -> None:
    answer(tmp_path)
    file = only_file(tmp_path)
    whole = file.read_bytes()
    broken = bytearray(whole)
    broken[place] ^= 4
    file.write_bytes(broken)
    assert read_index(file, file.stem) is None
    assert answer(tmp_path) == TRUE
    assert only_file(tmp_path).read_bytes() == whole


@pytest.mark.parametrize("left", [0, 10, 32, 4_000])
def test_a_file_cut_short_is_made_again(tmp_path: Path, left: int) -> None:
    answer(tmp_path)
    file = only_file(tmp_path)
    file.write_bytes(file.read_bytes()[:left])
    assert answer(tmp_path) == TRUE
    assert read_index(file, file.stem) is not None


def test_the_index_of_another_version_under_this_name_is_not_believed(tmp_path: Path) -> None:
    other = POLYGONS[::-1].copy()
    open_locator(other, tmp_path)
    key = key_of(POLYGONS)
    only_file(tmp_path).rename(tmp_path / FOLDER / f"{key}.index")
    assert answer(tmp_path) == TRUE


def test_one_moved_vertex_another_order_or_other_code_is_another_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moved = POLYGONS.copy()
    moved[7] = shapely.transform(moved[7], lambda xy: np.nextafter(xy, 999))
    missing = POLYGONS.copy()
    missing[3] = None
    keys = {key_of(layer) for layer in (POLYGONS, moved, missing, POLYGONS[::-1].copy(), POLYGONS[:-1])}
    assert len(keys) == 5
    monkeypatch.setattr(index_file, "_makers", lambda: b"another version of the code")
    assert key_of(POLYGONS) not in keys


def test_a_home_that_cannot_be_written_costs_no_answer(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file where the folder should be")
    assert answer(tmp_path) == TRUE
    assert answer(Path("/proc/no/such/home")) == TRUE


def test_a_full_disk_costs_no_answer_and_leaves_nothing_behind(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "tests.spatial.locate_worker", tmp_path / "home"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert [int(row) for row in said.stdout.split()] == TRUE
    assert list((tmp_path / "home" / FOLDER).iterdir()) == []


def test_processes_write_one_whole_file_share_it_and_give_one_answer(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("forkserver")) as pool:
        assert list(pool.map(answer, [tmp_path] * 6)) == [TRUE] * 6
        file = only_file(tmp_path)
        assert read_index(file, file.stem) is not None
        sent = pickle.dumps(open_locator(POLYGONS, tmp_path))
        assert len(sent) < 1000
        assert list(pool.map(answer_of, [sent, sent])) == [TRUE] * 2


def test_a_locator_whose_file_is_gone_travels_as_a_whole(tmp_path: Path) -> None:
    locator = open_locator(POLYGONS, tmp_path)
    only_file(tmp_path).unlink()
    assert answer_of(pickle.dumps(locator)) == TRUE


def test_only_the_versions_used_last_stay(tmp_path: Path) -> None:
    few = Locator(POLYGONS[:2])
    for age in range(30):
        file = tmp_path / f"{age}.index"
        write_index(file, few._index, str(age))
        if file.exists():
            os.utime(file, (age, age))
    left = {int(file.stem) for file in tmp_path.iterdir()}
    assert 29 in left
    assert len(left) <= 25
