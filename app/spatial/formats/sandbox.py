"""Starting the reader's process and taking its answer: all of reading that runs in the service itself."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

import app
from app.errors import BadInput, NeedsAnswer, RefusedFile
from app.spatial.formats.layer import EncodingFinding, Layer, Limits
from app.spatial.formats.refusals import refuse
from app.spatial.notes import Note

_ROOT = Path(app.__file__).parent.parent
_KINDS = {"asks": NeedsAnswer, "bad": BadInput, "refused": RefusedFile}
_REPLY_BYTES = 1 << 30


def read(
    path: Path | str, *, layer: str | None = None, encoding: str | None = None, limits: Limits | None = None
) -> Layer:
    """Read one layer of a boundary file: a zip, a single file, a .shp beside its parts, or a folder of them.

    `layer` names one of several, `encoding` overrides what the text says of itself. Coordinates stay the
    file's own; see `crs.detect`. Raises RefusedFile with a named reason, NeedsAnswer `several_layers`,
    `unknown_layer`, `encoding_unclear` with the options, BadInput `unknown_encoding`.
    """
    bounds, path = limits or Limits(), Path(path).absolute()
    _check_size(path, bounds)
    with tempfile.TemporaryDirectory(prefix="getu-read-") as folder:
        work = Path(folder)
        request = {"path": str(path), "layer": layer, "encoding": encoding, "limits": asdict(bounds)}
        (work / "request.json").write_text(json.dumps(request), "utf-8")
        _run(work, bounds)
        return _take_answer(work)


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
    try:
        done = subprocess.run(
            command,
            cwd=work,
            env=_environment(work),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limits.wall_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise refuse("too_slow", f"{limits.wall_s} s") from None
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise refuse("too_slow", f"{limits.cpu_s} s CPU")
    if done.returncode != 0:
        raise refuse("reader_failed", str(done.returncode))


def _take_answer(work: Path) -> Layer:
    reply_path = work / "reply.json"
    if not reply_path.is_file() or reply_path.stat().st_size > _REPLY_BYTES:
        raise refuse("reader_failed")
    reply = json.loads(reply_path.read_text("utf-8", "surrogatepass"))
    for kind, error in _KINDS.items():
        if kind in reply:
            said = reply[kind]
            raise error(said["code"], zh=said["zh"], en=said["en"], **said["facts"])
    notes = tuple(Note(n["code"], n["zh"], n["en"], tuple(n["rows"])) for n in reply["notes"])
    geoms, unreadable = _shapes((work / "shapes.wkb").read_bytes(), reply["lengths"])
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


def _shapes(data: bytes, lengths: list[int]) -> tuple[NDArray[Any], list[int]]:
    """Return (object array of shapes or None, indices whose WKB no reader understands)."""
    raw = np.empty(len(lengths), object)
    at = 0
    for index, length in enumerate(lengths):
        if length >= 0:
            raw[index] = data[at : at + length]
            at += length
    with np.errstate(invalid="ignore"):  # NaN coordinates are the repair's business
        geoms = shapely.from_wkb(raw, on_invalid="fix")
    lost = [index for index, length in enumerate(lengths) if length >= 0 and geoms[index] is None]
    return geoms, lost
