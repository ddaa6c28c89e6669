"""The hostile files that name the bait, read without the walls of the kernel: the allow-list holds alone."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.forks import Forks, open_forks
from tests.samples.hostile import CANARY, CORPUS, Bait, Hostile
from tests.samples.hostile.lures import lay_bait
from tests.samples.hostile.trial import Ear, judge, open_ear, outcome_of, told_by

LURES = [case for case in CORPUS if case.lure is not None or case.layout is not None]


@pytest.fixture(scope="module")
def ear() -> Iterator[Ear]:
    with open_ear() as listening:
        yield listening


@pytest.fixture(scope="module")
def bait(tmp_path_factory: pytest.TempPathFactory, ear: Ear) -> Bait:
    return lay_bait(tmp_path_factory.mktemp("beside"), ear.url)


@pytest.fixture(scope="module")
def bare_forks() -> Iterator[Forks]:
    """Readers without the kernel's walls: what holds now is the driver allow-list and our own code."""
    with open_forks(bare=True) as running:
        yield running


@pytest.mark.parametrize("case", LURES, ids=lambda case: case.name)
def test_a_lure_is_not_followed_when_the_walls_of_the_kernel_are_gone(
    bare_forks: Forks, case: Hostile, bait: Bait, ear: Ear, tmp_path: Path
) -> None:
    got = outcome_of(bare_forks, case, case.lay(tmp_path, bait))
    assert judge(case, got) is None
    assert CANARY not in told_by(got)
    assert ear.heard == []


def test_the_bait_is_worth_taking(bait: Bait, ear: Ear, tmp_path: Path) -> None:
    """A library left to itself does read the secret and does call the address: the lures are real."""
    code = (
        "import sys, pyogrio.raw, urllib.request\n"
        "print(pyogrio.raw.read(sys.argv[1])[3])\n"
        "try: pyogrio.raw.read(sys.argv[2])\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    local, remote = tmp_path / "a.geojson", tmp_path / "b.geojson"
    by_name = {case.name: case for case in LURES}
    local.write_bytes(by_name["foreign/vrt-as.geojson"].content(bait))
    remote.write_bytes(by_name["foreign/remote-vrt-as.geojson"].content(bait))
    command = [sys.executable, "-c", code, str(local), str(remote)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout
    assert CANARY in said
    assert ear.heard != []
    ear.heard.clear()
