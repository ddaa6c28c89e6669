"""Starting the reader's process and taking its answer: all of reading that runs in the service itself.

The reader leads a process group of its own, so that a time-out ends it with whatever it started; its work
folder goes with it, whatever happened. Its words (a library's warnings) go to a file there and, when it
fails, to the log: never to a person.
"""

import contextlib
import json
import logging
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

import app
from app.errors import BadInput, GetuError, NeedsAnswer, RefusedFile
from app.spatial.formats.layer import EncodingFinding, Layer, Limits
from app.spatial.formats.refusals import refuse
from app.spatial.formats.wkb import is_sound
from app.spatial.notes import Note

_ROOT = Path(app.__file__).parent.parent
_KINDS = {"asks": NeedsAnswer, "bad": BadInput, "refused": RefusedFile}
_WORDS_KEPT = 500
_LOOK_S, _MOST_FILES = 0.5, 20_000
_COPIES = 3  # of an upload: unpacked, as a format's own copy, and what a library makes of it
_VERTEX_BYTES = 64
_PREFIX, _OLD_S = "getu-read-", 86400
log = logging.getLogger(__name__)


def read(
    path: Path | str,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    limits: Limits | None = None,
    name: str | None = None,
) -> Layer:
    """Read one layer of a boundary file: a zip, a single file, a .shp beside its parts, or a folder of them.

    `layer` names one of several, `encoding` overrides what the text says of itself, `name` is the name the
    file came under when `path` has another. Coordinates stay the file's own; see `crs.detect`. Raises
    RefusedFile with a named reason, NeedsAnswer `several_layers`, `unknown_layer`, `encoding_unclear` with
    the options, BadInput `unknown_encoding`.
    """
    bounds, path = limits or Limits(), Path(path).absolute()
    _check_size(path, bounds)
    _sweep_old(bounds)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        request = {"path": str(path), "name": name, "layer": layer, "encoding": encoding}
        (work / "request.json").write_text(json.dumps({**request, "limits": asdict(bounds)}), "utf-8")
        _run(work, bounds)
        return _take_answer(work, bounds)


def _sweep_old(limits: Limits) -> None:
    """Remove work folders that a killed service left behind: none lives so long while it is read."""
    oldest = time.time() - max(_OLD_S, 2 * limits.wall_s)
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.lstat().st_mtime < oldest and not folder.is_symlink():
                shutil.rmtree(folder)


def _check_size(path: Path, limits: Limits) -> None:
    if not path.exists():
        raise refuse("file_missing", path.name)
    if path.is_dir():
        return
    if not path.is_file():
        raise refuse("unknown_format", path.name)
    if path.stat().st_size == 0:
        raise refuse("empty_file", path.name)
    if path.stat().st_size > limits.upload_bytes:
        raise refuse("file_too_large", f"{path.stat().st_size} > {limits.upload_bytes}")


def _environment(work: Path) -> dict[str, str]:
    """A bare environment: no address, password or setting of the service reaches the reader."""
    return {
        "PATH": os.defpath,
        "HOME": str(work),
        "TMPDIR": str(work),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "GDAL_NUM_THREADS": "1",
        "PROJ_NETWORK": "OFF",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    }


def _run(work: Path, limits: Limits) -> None:
    command = [sys.executable, "-P", "-m", "app.spatial.formats.reader", str(work / "request.json")]
    with (work / "words.txt").open("wb") as words:
        process = subprocess.Popen(
            command,
            cwd=work,
            env=_environment(work),
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
    try:
        _watch(process, work, limits)
    finally:
        _end_group(process)
    if process.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise refuse("too_slow", f"{limits.cpu_s} s CPU")
    if process.returncode != 0:
        _log_words(work, f"the reader ended with {process.returncode}")
        raise refuse("reader_failed", str(process.returncode))


def _watch(process: subprocess.Popen[bytes], work: Path, limits: Limits) -> None:
    """Wait for the reader as long as it may take and no longer than its folder stays of a sensible size.

    The kernel limits the size of each file that the reader writes, but not how many there are.
    """
    until = time.monotonic() + limits.wall_s
    while True:
        try:
            process.wait(max(min(_LOOK_S, until - time.monotonic()), 0))
            return
        except subprocess.TimeoutExpired:
            if time.monotonic() >= until:
                raise refuse("too_slow", f"{limits.wall_s} s") from None
        if not _is_sensible(work, _COPIES * limits.unpacked_bytes + limits.reply_bytes):
            raise refuse("archive_too_large")


def _is_sensible(folder: Path, most_bytes: int) -> bool:
    count, total = 0, 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += 512 * os.lstat(f"{place}/{name}").st_blocks
        count += 1 + len(names)
        if total > most_bytes or count > _MOST_FILES:
            return False
    return True


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the reader and whatever it left behind; it leads its own group, so nobody else is meant."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _log_words(work: Path, what: str) -> None:
    try:
        words = _read_plain(work / "words.txt", 1 << 20)[-_WORDS_KEPT:]
    except OSError:
        words = b""
    log.warning("%s: %s", what, words.decode("utf-8", "replace"))


def _read_plain(path: Path, most_bytes: int) -> bytes:
    """Read a plain file of the work folder, at most so much. A link, a pipe or a device raises OSError: the
    reader may have put one there for us to follow or to wait at."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("not a plain file")
        return file.read(most_bytes)


def _take_answer(work: Path, limits: Limits) -> Layer:
    try:
        told = _read_plain(work / "reply.json", limits.reply_bytes + 1)
    except OSError as error:
        raise refuse("reader_failed") from error
    if len(told) > limits.reply_bytes:
        raise refuse("too_much_text")
    try:  # what a reader that a file took over may have written is no more to be trusted than the file
        reply = json.loads(told)
        refusal = _find_refusal(reply)
        if refusal is None:
            most = limits.reply_bytes + _VERTEX_BYTES * limits.vertices
            return _build(reply, _read_plain(work / "shapes.wkb", most))
    except (ValueError, TypeError, LookupError, AttributeError, OSError, RecursionError) as error:
        _log_words(work, f"the reader's answer makes no sense ({type(error).__name__})")
        raise refuse("reader_failed") from error
    if refusal.code == "unreadable":
        _log_words(work, "a file could not be read")
    raise refusal


def _find_refusal(reply: dict[str, Any]) -> GetuError | None:
    for kind, error in _KINDS.items():
        if kind in reply:
            said = reply[kind]
            return error(said["code"], zh=said["zh"], en=said["en"], **said["facts"])
    return None


def _build(reply: dict[str, Any], wkb: bytes) -> Layer:
    notes = tuple(Note(n["code"], n["zh"], n["en"], tuple(n["rows"])) for n in reply["notes"])
    geoms, opened, unreadable = _shapes(wkb, reply["lengths"])
    if opened:
        rows = tuple(reply["rows"][index] for index in opened)
        notes += (
            Note("rings_closed", "边界环未闭合，已自动闭合", "Rings were open and have been closed", rows),
        )
    if unreadable:
        rows = tuple(reply["rows"][index] for index in unreadable)
        notes += (Note("broken_geometry", "图形无法识别", "The geometry makes no sense", rows),)
    return Layer(
        name=reply["name"],
        columns=reply["columns"],
        geoms=geoms,
        wkt=reply["wkt"],
        encoding=EncodingFinding(**reply["encoding"]),
        warnings=notes,
        layers=tuple(reply["layers"]),
        rows=np.asarray(reply["rows"], np.int64),
        format=reply["format"],
    )


def _shapes(data: bytes, lengths: list[int]) -> tuple[NDArray[Any], list[int], list[int]]:
    """Return (object array of shapes or None, indices whose rings had to be closed, indices whose WKB no
    reader understands)."""
    raw = np.empty(len(lengths), object)
    at = 0
    for index, length in enumerate(lengths):
        if length >= 0:
            one = data[at : at + length]
            raw[index] = one if is_sound(one) else b""
            at += length
    with np.errstate(invalid="ignore"):  # NaN coordinates are the repair's business
        geoms = shapely.from_wkb(raw, on_invalid="ignore")
        odd = [index for index, length in enumerate(lengths) if length >= 0 and geoms[index] is None]
        geoms[odd] = shapely.from_wkb(raw[odd], on_invalid="fix")
    opened = [index for index in odd if geoms[index] is not None]
    return geoms, opened, [index for index in odd if geoms[index] is None]
