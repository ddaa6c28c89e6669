"""The corpus of hostile files: each has its one right outcome, and none reaches beyond itself.

The files run through forks of the reader (`tests.fuzz.forks`): the same code, limits and walls as a reader of
its own process, which `test_formats_hostile` starts for real. `test_hostile_lures` takes the walls away.
"""

import struct
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.errors import GetuError, RefusedFile
from app.spatial import formats
from tests.fuzz.forks import Forks, open_forks
from tests.samples.hostile import CANARY, CORPUS, Bait, Hostile
from tests.samples.hostile.lures import lay_bait
from tests.samples.hostile.trial import RAW, Ear, judge, open_ear, outcome_of, told_by

SLACK_S = 5.0


@pytest.fixture(scope="module")
def ear() -> Iterator[Ear]:
    with open_ear() as listening:
        yield listening


@pytest.fixture(scope="module")
def bait(tmp_path_factory: pytest.TempPathFactory, ear: Ear) -> Bait:
    return lay_bait(tmp_path_factory.mktemp("beside"), ear.url)


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with open_forks() as running:
        yield running


def test_the_corpus_is_large_and_every_name_stands_once() -> None:
    assert len(CORPUS) >= 1000
    assert [name for name, count in Counter(one.name for one in CORPUS).items() if count > 1] == []
    assert all(count >= 25 for count in Counter(one.name.split("/")[0] for one in CORPUS).values())


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_a_hostile_file_has_its_right_outcome_and_reaches_nothing(
    forks: Forks, case: Hostile, bait: Bait, ear: Ear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch, upload = tmp_path / "scratch", tmp_path / "upload"
    scratch.mkdir()
    upload.mkdir()
    path = case.lay(upload, bait)
    before = sorted(str(one) for one in upload.rglob("*"))
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    started = time.monotonic()
    got = outcome_of(forks, case, path)
    assert judge(case, got) is None
    assert time.monotonic() - started < case.limits.wall_s + SLACK_S
    assert CANARY not in told_by(got)
    assert ear.heard == []
    assert sorted(str(one) for one in upload.rglob("*")) == before
    assert list(scratch.iterdir()) == []
    if isinstance(got, GetuError):
        assert got.zh
        assert got.en
        assert not RAW.search(f"{got.zh} {got.en}".replace(path.name, "")), got.en


def test_more_than_ten_million_vertices_are_refused_at_the_usual_limits(tmp_path: Path) -> None:
    count = formats.Limits().vertices + 1
    content = struct.pack("<i4d3i", 5, 121, 31, 122, 32, 1, count, 0)
    bytes_long = 108 + len(content) + 16 * count
    with (tmp_path / "a.shp").open("wb") as file:
        file.write(struct.pack(">7i", 9994, 0, 0, 0, 0, 0, bytes_long // 2))
        file.write(struct.pack("<2i8d", 1000, 5, *[0.0] * 8))
        file.write(struct.pack(">2i", 1, (bytes_long - 108) // 2) + content)
        points = np.empty((count, 2))
        points[:, 0], points[:, 1] = 121.5, np.linspace(31, 32, count)
        file.write(points.tobytes())
    with pytest.raises(RefusedFile) as caught:
        formats.read(tmp_path / "a.shp")
    assert caught.value.code == "too_many_vertices"
    (tmp_path / "a.shp").unlink()
