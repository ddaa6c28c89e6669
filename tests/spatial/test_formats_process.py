"""The reader's process: whatever becomes of it, the service says so and leaves nothing and nobody behind."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from app.errors import RefusedFile
from app.settings import Settings
from app.spatial import formats
from app.spatial.formats import sandbox
from tests.samples import boundary_files as samples


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where work folders are made, to look whether they go again."""
    folder = tmp_path / "spool"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def village_file(tmp_path: Path) -> Path:
    return formats.write(tmp_path / "a.geojson", samples.village_columns(), samples.village_squares())


def reader_that(path: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """Put a small program in the place of Python, so that the reader does just this."""
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
    monkeypatch.setattr(sandbox.sys, "executable", str(path))


def refusal(path: Path, limits: formats.Limits | None = None) -> str:
    with pytest.raises(RefusedFile) as caught:
        formats.read(path, limits=limits)
    return caught.value.code


@pytest.mark.parametrize(
    ("does", "code"),
    [
        ("kill -SEGV $$", "reader_failed"),
        ("kill -ABRT $$", "reader_failed"),
        ("kill -KILL $$", "too_slow"),
        ("exit 3", "reader_failed"),
        ("exit 0", "reader_failed"),
        ('ln -s /etc/passwd "$(dirname "$5")/reply.json"', "reader_failed"),
        ('ln -s /etc/passwd "$(dirname "$4")/reply.json"', "reader_failed"),
    ],
)
def test_a_reader_that_dies_refuses_the_file_and_leaves_nothing(
    tmp_path: Path, spool: Path, village_file: Path, monkeypatch: pytest.MonkeyPatch, does: str, code: str
) -> None:
    reader_that(tmp_path / "reader", monkeypatch, does)
    assert refusal(village_file) == code
    assert list(spool.iterdir()) == []


def test_a_reader_that_hangs_is_ended_with_whatever_it_started(
    tmp_path: Path, spool: Path, village_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "child"
    reader_that(tmp_path / "reader", monkeypatch, f"sleep 600 &\necho $! > {note}\nwait")
    assert refusal(village_file, formats.Limits(wall_s=1)) == "too_slow"
    child = int(note.read_text())
    for _ in range(50):
        if _is_gone(child):
            break
        time.sleep(0.1)
    assert _is_gone(child)
    assert list(spool.iterdir()) == []


def _is_gone(pid: int) -> bool:
    """Whether a process has ended; one that only waits to be collected has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def test_the_work_folder_goes_after_success_and_after_a_refusal(
    tmp_path: Path, spool: Path, village_file: Path
) -> None:
    formats.read(village_file)
    (tmp_path / "b.geojson").write_text("{}")
    refusal(tmp_path / "b.geojson")
    assert list(spool.iterdir()) == []


def test_what_a_killed_service_left_behind_is_swept_and_nothing_else(spool: Path, village_file: Path) -> None:
    old, fresh, other = (spool / name for name in ("getu-read-old", "getu-read-fresh", "another-old"))
    for folder in (old, fresh, other):
        folder.mkdir()
        (folder / "m0000.shp").write_bytes(b"x")
    for folder in (old, other):
        os.utime(folder, (1_000_000_000, 1_000_000_000))
    formats.read(village_file)
    assert sorted(spool.iterdir()) == sorted([fresh, other])


def test_a_library_that_fails_says_nothing_of_its_own_to_a_person(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"SQLite format 3\0" + os.urandom(4080))
    with pytest.raises(RefusedFile) as caught:
        formats.read(path)
    said = caught.value.zh + caught.value.en
    assert not any(word in said for word in ("sqlite3", "Error", "malformed", str(tmp_path)))


def test_an_answer_larger_than_allowed_is_refused(village_file: Path) -> None:
    assert refusal(village_file, formats.Limits(reply_bytes=300)) == "too_much_text"


def test_the_limits_are_those_that_the_bank_has_set() -> None:
    settings = Settings(
        upload_limit_bytes=5, unpacked_limit_mb=2, archive_ratio=7, archive_entries=3, max_vertices=11,
        max_rows=12, reader_memory_mb=300, reader_cpu_s=4, reader_wall_s=6,
    )  # fmt: skip
    limits = formats.Limits.of(settings)
    assert (limits.upload_bytes, limits.unpacked_bytes, limits.ratio, limits.entries) == (5, 2 << 20, 7, 3)
    assert (limits.vertices, limits.rows, limits.memory_bytes) == (11, 12, 300 << 20)
    assert (limits.cpu_s, limits.wall_s) == (4, 6)
    assert formats.Limits.of(Settings()) == formats.Limits()


def test_the_reader_ends_when_the_service_is_gone() -> None:
    """The service is a process that starts another one and is killed; the kernel ends the second."""
    inner = (
        "import sys, time; from app.spatial.formats.fence import die_with_parent; die_with_parent();"
        "print('up', flush=True); time.sleep(600)"
    )
    outer = (
        "import subprocess, sys, os, signal\n"
        f"child = subprocess.Popen([sys.executable, '-c', {inner!r}], stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); print(child.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    said = subprocess.run([sys.executable, "-c", outer], capture_output=True, text=True, check=False).stdout
    for _ in range(50):
        if _is_gone(int(said)):
            break
        time.sleep(0.1)
    assert _is_gone(int(said))


def test_reading_starts_no_process_and_opens_few_files() -> None:
    code = (
        "import resource; from app.spatial.formats import reader, layer, gdal\n"
        "reader._take_limits(layer.Limits()); gdal._wake()\n"
        "print(*(resource.getrlimit(one)[0] for one in (resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE,"
        " resource.RLIMIT_CORE)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["0", "256", "0"]
    assert resource.getrlimit(resource.RLIMIT_NPROC)[0] != 0
