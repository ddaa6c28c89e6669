"""The reader taken over: what a library that runs an attacker's code could do, tried from inside the walls.

Each attack runs in the place of reading, in the reader's own process with its limits and walls on, and prints
whether it got what it wanted. The service is then given the answers that such a reader might leave.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from app.errors import RefusedFile
from app.spatial import formats
from app.spatial.formats import sandbox
from tests.samples import boundary_files as samples
from tests.samples.hostile import CANARY
from tests.samples.hostile.trial import open_ear

ROOT = Path(sandbox.__file__).parents[3]
TRIED = """
import ctypes, os, signal, socket, subprocess, sys
from pathlib import Path
from app.spatial.formats import reader

def tried(name, verb):
    try:
        verb()
        print(name, "done", flush=True)
    except (OSError, MemoryError) as error:
        print(name, "refused", flush=True)

def asked(answer):
    if answer != 0:
        raise OSError(answer)

def attack(request, work, *_):
    upload, secret, port = Path(request["path"]), Path(request["layer"]), int(request["encoding"])
    {attacks}
    raise SystemExit

reader._read = attack
try:
    reader.main(sys.argv[-1])
except SystemExit:
    sys.stdout.flush()
    os._exit(0)
"""
FILES = {
    "read a file beside the upload": "secret.read_bytes()",
    "read the users of the machine": "Path('/etc/passwd').read_bytes()",
    "list the disk": "os.listdir('/')",
    "read what else lies where the program lies": f"Path({str(ROOT / 'pyproject.toml')!r}).read_bytes()",
    "list where the program lies": f"os.listdir({str(ROOT)!r})",
    "read the environment of the service": "Path(f'/proc/{os.getppid()}/environ').read_bytes()",
    "read the memory of the service": "open(f'/proc/{os.getppid()}/mem', 'rb')",
    "write beside the upload": "(upload.parent / 'evil').write_bytes(b'x')",
    "write over the upload": "upload.write_bytes(b'x')",
    "write into the program": "(Path(reader.__file__).parent / 'evil.py').write_bytes(b'x')",
    "write for everybody": "Path('/tmp/getu-evil').write_bytes(b'x')",
    "link to the secret": "os.link(secret, work / 'secret')",
    "read by a link": "((work / 'l').symlink_to(secret), (work / 'l').read_bytes())",
}
CALLS = {
    "connect": "socket.create_connection(('127.0.0.1', port), 2)",
    "send a datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', port))",
    "open a local socket": "socket.socket(socket.AF_UNIX)",
    "fork": "os.fork() or os._exit(0)",
    "start a program": "subprocess.run(['/bin/true'])",
    "spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "signal the service": "os.kill(os.getppid(), 0)",
    "signal everybody": "os.kill(-1, 0)",
    "look into the service": "asked(ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0))",
    "leave for other namespaces": "asked(ctypes.CDLL(None).unshare(0x10000000))",
}
COSTS = {
    "take all memory": "bytearray(64 << 30)",
    "write one huge file": "(work / 'huge').write_bytes(b'x' * (9 << 20))",
}


def attempt(tmp_path: Path, attacks: dict[str, str], port: int = 9) -> dict[str, str]:
    """Run the attacks inside the walls; returns by name whether each was done or refused."""
    work, upload = tmp_path / "work", tmp_path / "upload"
    work.mkdir()
    upload.mkdir()
    (upload / "a.geojson").write_bytes(b"{}")
    (tmp_path / "secret.txt").write_text(CANARY)
    limits = formats.Limits(unpacked_bytes=8 << 20, memory_bytes=1 << 30, cpu_s=20)
    request = {
        "path": str(upload / "a.geojson"), "name": None, "layer": str(tmp_path / "secret.txt"),
        "encoding": str(port), "limits": asdict(limits),
    }  # fmt: skip
    (work / "request.json").write_text(json.dumps(request))
    lines = "\n    ".join(f"tried({name!r}, lambda: {verb})" for name, verb in attacks.items())
    program = [sys.executable, "-P", "-c", TRIED.replace("{attacks}", lines), str(work / "request.json")]
    done = subprocess.run(
        program,
        cwd=work,
        env=sandbox._environment(work),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = [line.rpartition(" ") for line in done.stdout.splitlines()]
    assert len(told) == len(attacks), done.stdout + done.stderr
    return {name: outcome for name, _, outcome in told}


def test_a_reader_taken_over_sees_and_changes_no_file_but_its_own(tmp_path: Path) -> None:
    told = attempt(tmp_path, FILES)
    assert {name for name, outcome in told.items() if outcome == "done"} == set()
    assert not Path("/tmp/getu-evil").exists()


def test_a_reader_taken_over_calls_nobody_and_harms_no_neighbour(tmp_path: Path) -> None:
    with open_ear() as ear:
        told = attempt(tmp_path, CALLS, int(ear.url.rpartition(":")[2]))
        assert {name for name, outcome in told.items() if outcome == "done"} == set()
        assert ear.heard == []


def test_a_reader_taken_over_spends_no_more_than_it_may(tmp_path: Path) -> None:
    assert attempt(tmp_path, COSTS) == dict.fromkeys(COSTS, "refused")


def test_inside_the_walls_the_work_itself_goes_on(tmp_path: Path) -> None:
    """The attacks above fail because of the walls, not because nothing works in there."""
    work = {
        "read the upload": "upload.read_bytes()",
        "write in the work folder": "(work / 'x').write_bytes(b'x')",
        "start a thread": "(t := __import__('threading').Thread(target=lambda: None)).start()",
        "signal itself": "os.kill(os.getpid(), 0)",
        "import a library": "__import__('pyarrow.parquet')",
    }
    assert attempt(tmp_path, work) == dict.fromkeys(work, "done")


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    return formats.write(tmp_path / "a.geojson", samples.village_columns(), samples.village_squares())


def answered(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, **limits: int) -> str:
    """The refusal when a shell program (its folder is $W) takes the reader's place."""
    program = tmp_path / "reader"
    program.write_text(f'#!/bin/sh\nfor last; do :; done\nW=$(dirname "$last")\n{does}\n')
    program.chmod(0o755)
    monkeypatch.setattr(sandbox.sys, "executable", str(program))
    with pytest.raises(RefusedFile) as caught:
        formats.read(path, limits=formats.Limits(**limits))
    return caught.value.code


REPLY = (
    '{"name":"a","columns":{},"lengths":[%s],"wkt":null,"encoding":{"name":"utf-8","how":"text"},'
    '"notes":[],"rows":[1],"layers":["a"],"format":"geojson"}'
)


@pytest.mark.parametrize(
    "does",
    [
        f"echo '{REPLY % 21}' > $W/reply.json; mkfifo $W/shapes.wkb",
        f"echo '{REPLY % 21}' > $W/reply.json; ln -s /dev/zero $W/shapes.wkb",
        f"echo '{REPLY % 21}' > $W/reply.json; ln -s /etc/passwd $W/shapes.wkb",
        "mkfifo $W/reply.json",
        "mkdir $W/reply.json",
        "echo '[]' > $W/reply.json",
        "echo '{\"refused\": 5}' > $W/reply.json",
        "echo '{\"name\": 1}' > $W/reply.json; : > $W/shapes.wkb",
        "head -c 200000 /dev/zero | tr '\\0' '[' > $W/reply.json",
        "printf '\\377\\376' > $W/reply.json",
        "ln -sf /etc/passwd $W/words.txt; exit 9",
    ],
)
def test_an_answer_that_is_a_trap_refuses_the_file(
    upload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert answered(upload, tmp_path, monkeypatch, does) == "reader_failed"
    assert "root:" not in caplog.text


def test_a_reader_that_fills_the_disk_with_many_files_is_stopped(
    upload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = "i=0; while :; do head -c 1000000 /dev/zero > $W/f$i; i=$((i+1)); [ $i -gt 400 ] && sleep 20; done"
    code = answered(upload, tmp_path, monkeypatch, fill, unpacked_bytes=1 << 20, reply_bytes=1 << 20)
    assert code == "archive_too_large"


def test_the_walls_are_measured_on_this_machine() -> None:
    """Where a wall cannot be set the reader still runs, so this says that here all three were."""
    code = (
        "import tempfile; from pathlib import Path\n"
        "from app.spatial.formats import calls, fence\n"
        "print(fence.close_network(), fence.close_files([], Path(tempfile.mkdtemp())), calls.close_calls())"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert said.stdout.split() == ["True", "True", "True"]
