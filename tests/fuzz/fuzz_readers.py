"""A coverage-guided mutation fuzz of every reader, bare of the kernel's walls.

`python -m tests.fuzz.fuzz_readers --minutes 30 --out FOLDER` takes the sound files and the hostile corpus as
seeds, spoils them, and keeps what runs lines of the readers in a new order as seeds of its own. Each file is
read in a fork of the reader (real limits, no Landlock, no closed network), and what came of it is taken on as
the service would: system found, shapes moved and mended. Every kind of `Find` is kept once with its file.
"""

import argparse
import hashlib
import json
import random
import shutil
import socket
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from app.spatial.formats import Limits
from tests.fuzz.forks import Forks, open_forks
from tests.fuzz.mutation import Members, Spoiler
from tests.fuzz.targets import Target, targets
from tests.fuzz.verdict import Find, judge, judge_beyond, warm_up
from tests.samples.hostile.lures import lay_bait

LIMITS = Limits(
    memory_bytes=1 << 30, cpu_s=5, wall_s=15, unpacked_bytes=64 << 20, vertices=500_000, rows=100_000
)
_SLICE_S, _KEPT, _AGAIN, _BEYOND = 15.0, 500, 12, 0.25


@dataclass
class Run:
    """What one target has been through."""

    target: Target
    spoiler: Spoiler
    grown: list[Members] = field(default_factory=list)
    good: list[Members] = field(default_factory=list)
    edges: set[int] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)
    cases: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    memory_kib: int = 0


class Fuzz:
    """The whole fuzz: where finds go, who listens, what was found."""

    def __init__(self, out: Path, seed: int) -> None:
        self.out, self.rng = out, random.Random(seed)
        self.heard: list[str] = []
        self.finds: dict[tuple[str, Find], int] = {}
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "beside").mkdir(exist_ok=True)
        self.bait = lay_bait(self.out / "beside", self._listen())

    def _listen(self) -> str:
        listener = socket.create_server(("127.0.0.1", 0))

        def listen() -> None:
            while True:
                connection, _ = listener.accept()
                self.heard.append("connected")
                connection.close()

        threading.Thread(target=listen, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def words(self) -> list[bytes]:
        """The attacker's own words."""
        url, secret = self.bait.url, self.bait.secret
        texts = [
            url,
            f"/vsicurl/{url}",
            f"/vsizip/{secret('.zip')}",
            "/vsis3/a/b",
            "/etc/passwd",
            "../secret",
        ]
        texts += [secret(suffix) for suffix in (".geojson", ".csv", ".tab", ".txt", ".kml", ".dbf")]
        return [text.encode() for text in texts]

    def run_slice(self, run: Run, forks: Forks, until: float) -> None:
        """Spoil and read files of one target until the clock says so."""
        started = time.monotonic()
        while time.monotonic() < until:
            pool = [*run.target.seeds, *run.grown]
            cut = run.spoiler.rng.random() < 0.06
            sound = cut or run.spoiler.rng.random() < 0.3
            base = run.target.seeds[0] if sound else run.spoiler.rng.choice(run.good or pool)
            other = run.spoiler.rng.choice(pool)
            members = run.spoiler.cut(base) if cut else run.spoiler.spoil(base, other)
            self._try(run, forks, members, cut=cut)
        run.seconds += time.monotonic() - started

    def _try(self, run: Run, forks: Forks, members: Members, *, cut: bool) -> None:
        data = run.target.pack(members)
        with tempfile.TemporaryDirectory(prefix="getu-fuzz-") as folder:
            path = Path(folder) / run.target.file_name
            path.write_bytes(data)
            outcome, finds, digest, edges = self._read(run, forks, path)
            if run.cases % _AGAIN == 0 and outcome != "slow":
                again, _, other, _ = self._read(run, forks, path)
                if (again, other) != (outcome, digest):
                    finds.append(Find("not the same twice", f"{outcome} / {again}"))
        told = outcome.split()
        if cut and run.target.strict and told[0] == "rows" and int(told[1]) < run.target.rows:
            finds.append(Find("half a layer", outcome))
        if self.heard:
            self.heard.clear()
            finds.append(Find("request", "somebody called the listener"))
        run.cases += 1
        run.outcomes[told[0]] += 1
        if edges - run.edges and len(run.grown) < _KEPT and not cut:
            run.grown.append(members)
            if told[0] == "rows":
                run.good.append(members)
        run.edges |= edges
        for find in finds:
            self._keep(run.target, find, data)

    def _read(self, run: Run, forks: Forks, path: Path) -> tuple[str, list[Find], str, frozenset[int]]:
        with tempfile.TemporaryDirectory(prefix="getu-read-") as folder:
            work = Path(folder)
            request = {"path": str(path), "name": None, "layer": None, "encoding": None}
            ending = forks.run(work, {**request, "limits": asdict(LIMITS)}, cover=True)
            finds, outcome = judge(work, ending, LIMITS)
            if outcome.startswith("rows") and (ending.edges - run.edges or self.rng.random() < _BEYOND):
                finds += judge_beyond(work, LIMITS)
            run.slowest_s = max(run.slowest_s, ending.seconds)
            run.memory_kib = max(run.memory_kib, ending.memory_kib)
            parts = [work / name for name in ("reply.json", "shapes.wkb") if (work / name).exists()]
            digest = hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()
            return outcome, finds, digest, ending.edges

    def _keep(self, target: Target, find: Find, data: bytes) -> None:
        key = (target.key, find)
        self.finds[key] = self.finds.get(key, 0) + 1
        if self.finds[key] > 1:
            return
        mark = hashlib.sha256(data).hexdigest()[:8]
        folder = self.out / "finds" / find.kind.replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{target.key}-{mark}-{target.file_name}").write_bytes(data)
        print(f"FIND {target.key} {find.kind}: {find.detail} [{mark}]", flush=True)

    def tell(self, runs: list[Run]) -> None:
        """Write what has been done so far."""
        told = {
            "cases": sum(run.cases for run in runs),
            "seconds": round(sum(run.seconds for run in runs)),
            "targets": {
                run.target.key: {
                    "cases": run.cases,
                    "edges": len(run.edges),
                    "grown": len(run.grown),
                    "slowest_s": round(run.slowest_s, 1),
                    "memory_mib": run.memory_kib >> 10,
                    "outcomes": dict(run.outcomes.most_common(40)),
                }
                for run in runs
            },
            "finds": [
                {"target": key, "kind": find.kind, "detail": find.detail, "times": times}
                for (key, find), times in self.finds.items()
            ],
        }
        (self.out / "told.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")


def main() -> None:
    """Run the fuzz for the minutes asked and print what came of it."""
    asked = argparse.ArgumentParser(description=main.__doc__)
    asked.add_argument("--minutes", type=float, default=30.0)
    asked.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "getu-fuzz")
    asked.add_argument("--only", default="")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    shutil.rmtree(options.out / "finds", ignore_errors=True)
    fuzz = Fuzz(options.out, options.seed)
    only = set(filter(None, options.only.split(",")))
    chosen = [one for one in targets(fuzz.bait) if not only or one.key in only]
    runs = [Run(one, Spoiler(options.seed + number, fuzz.words())) for number, one in enumerate(chosen)]
    warm_up()
    end = time.monotonic() + 60 * options.minutes
    while time.monotonic() < end:
        for run in runs:
            with open_forks(bare=True, drivers=run.target.drivers) as forks:
                fuzz.run_slice(run, forks, min(end, time.monotonic() + _SLICE_S))
            fuzz.tell(runs)
    for run in runs:
        print(f"{run.target.key}: {run.cases} cases, {len(run.edges)} edges, {dict(run.outcomes)}")


if __name__ == "__main__":
    main()
