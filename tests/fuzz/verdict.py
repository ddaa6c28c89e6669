"""What is wrong with how a reader ended: each thing that may not happen, whatever the file."""

import json
import os
import re
import select
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import GetuError
from app.spatial import crs, formats, repair
from app.spatial.formats import Layer, Limits, refusals, sandbox
from tests.fuzz.forks import Ending
from tests.samples.hostile import sound
from tests.samples.hostile.case import CANARY

RAW = re.compile(
    r"Traceback|\w+Error\b|Exception\b|Errno|0x[0-9a-f]{6}|/tmp/|/usr/|\bGDAL|\bOGR|sqlite3|pyogrio"
    r"|line \d+ column",
    re.IGNORECASE,
)
_QUESTIONS = ("several_layers", "unknown_layer", "encoding_unclear")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_JUDGE_S = 20.0


@dataclass(frozen=True)
class Find:
    """One thing that is wrong; equal finds are one."""

    kind: str
    detail: str


def judge(work: Path, ending: Ending, limits: Limits) -> tuple[list[Find], str]:
    """Return (finds, what came of the file in a word: `rows 9`, a refusal's code, `died`)."""
    if ending.status is None or ending.status in (signal.SIGXCPU, signal.SIGKILL):
        return [Find("slow", f"more than {limits.wall_s} s")], "slow"
    if ending.status != 0:
        said = (work / "words.txt").read_text("utf-8", "replace").strip().splitlines()
        return [Find("died", f"{ending.status} {said[-1][:160] if said else ''}")], "died"
    raw = (work / "reply.json").read_bytes()
    finds = [Find("canary", "the secret's text came back")] if CANARY.encode() in raw else []
    reply = json.loads(raw.decode("utf-8", "surrogatepass"))
    for kind in ("asks", "bad", "refused"):
        if kind in reply:
            return [*finds, *_judge_refusal(reply[kind], work)], str(reply[kind]["code"])
    return [*finds, *_judge_layer(reply)], f"rows {len(reply['rows'])}"


def _judge_refusal(said: dict[str, Any], work: Path) -> list[Find]:
    finds = []
    if said["code"] not in (*refusals._SENTENCES, *_QUESTIONS, "unknown_encoding"):
        finds.append(Find("unnamed", said["code"]))
    if said["code"] == "unreadable":
        words = (work / "words.txt").read_text("utf-8", "replace").strip().splitlines()
        finds.append(Find("unreadable", re.sub(r"\d+", "#", words[-1])[:160] if words else ""))
    if RAW.search(f"{said['zh']} {said['en']}"):
        finds.append(Find("raw words", said["en"][:160]))
    return finds


def _judge_layer(reply: dict[str, Any]) -> list[Find]:
    finds = []
    count = len(reply["rows"])
    odd = {name for name, values in reply["columns"].items() if len(values) != count}
    if odd or len(reply["lengths"]) != count:
        finds.append(Find("rows differ", f"{count} rows, columns {sorted(map(len, odd))}"))
    if reply["rows"] != sorted(set(reply["rows"])) or (count and reply["rows"][0] < 1):
        finds.append(Find("row numbers", "not rising from 1"))
    texts = [reply["name"], *reply["layers"], *reply["columns"], reply["wkt"] or ""]
    texts += [str(value) for values in reply["columns"].values() for value in values]
    if any(_UNSTORABLE.search(text) for text in texts):
        finds.append(Find("unstorable text", "NUL or half a surrogate"))
    return finds


def judge_beyond(work: Path, limits: Limits) -> list[Find]:
    """Take the answer as the service would, in a fork: find the system, move the shapes, clean them."""
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        _be_service(work, limits, there)
    os.close(there)
    ready, _, _ = select.select([here], [], [], _JUDGE_S)
    said = os.read(here, 4096).decode("utf-8", "replace") if ready else None
    os.close(here)
    if said is None:
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    if said is None:
        return [Find("service slow", f"more than {_JUDGE_S} s")]
    if status != 0:
        return [Find("service died", f"{status}")]
    return [Find("service raised", said)] if said != "ok" else []


def _take_on(layer: Layer) -> None:
    """What the service does with a layer before a person sees it."""
    finding = crs.detect(crs.bounds_of(layer.geoms), declared_wkt=layer.wkt)
    repair.clean(crs.to_storage(layer.geoms, finding.used or "EPSG:4326"))


def warm_up() -> None:
    """Let the libraries load what they need once, so that every fork has it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.geojson"
        path.write_bytes(sound.geojson())
        _take_on(formats.read(path))


def _be_service(work: Path, limits: Limits, pipe: int) -> None:
    """Never comes back."""
    said = b"ok"
    try:
        _take_on(sandbox._take_answer(work, limits))
    except GetuError:
        pass
    except BaseException as error:
        frames, trace = [], error.__traceback__
        while trace is not None:
            frames.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
            trace = trace.tb_next
        said = f"{type(error).__name__} {str(error)[:80]} {' '.join(frames[-4:])}".encode()
    os.write(pipe, said)
    os._exit(0)
