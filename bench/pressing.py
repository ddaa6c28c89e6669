"""Who asks for tiles in the benches: wrk where it is installed (Debian has it), else a client of our own.

Both hold a few connections open, ask for the paths in turn, and ask again as soon as they are answered.
"""

import asyncio
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

SECONDS = 3
ASKING = 4
# wrk runs this: the paths in turn, and one line of JSON at the end.
SCRIPT = """
local paths, n = {%s}, 0
wrk.headers["Cookie"], wrk.headers["Accept-Encoding"] = "%s", "gzip"
function request() n = n + 1; return wrk.format("GET", paths[(n - 1) %% #paths + 1]) end
function done(summary, latency)
  io.write(string.format('\\n{"answers":%%d,"us":%%d,"bytes":%%d,"p50":%%d,"p95":%%d,"refused":%%d}\\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(95),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""


def name_client() -> str:
    """Which client makes the figures of `press`."""
    return "wrk" if shutil.which("wrk") else "asyncio"


def press(port: int, paths: Sequence[str], cookie: str, *, seconds: int = SECONDS) -> dict[str, Any]:
    """Requests a second over all paths in turn, by four connections. Raises where an answer is no 200."""
    if name_client() == "wrk":
        return press_wrk(port, paths, cookie, seconds=seconds)
    return asyncio.run(press_own(port, paths, cookie, seconds=seconds))


def press_wrk(port: int, paths: Sequence[str], cookie: str, *, seconds: int) -> dict[str, Any]:
    """The same, asked by wrk."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "ask.lua")
        script.write_text(SCRIPT % (",".join(json.dumps(path) for path in paths), cookie))
        command = ["wrk", "-t1", f"-c{ASKING}", f"-d{seconds}", "--timeout", "20", "-s", str(script)]
        run = subprocess.run(
            [*command, f"http://127.0.0.1:{port}/"], check=True, capture_output=True, text=True
        )
    told = json.loads(run.stdout.strip().splitlines()[-1])
    if told["refused"] or not told["answers"]:
        raise RuntimeError(f"{paths[0]}: {told}")
    return {
        "rps": round(told["answers"] / told["us"] * 1e6, 1),
        "p50_ms": round(told["p50"] / 1000, 1),
        "p95_ms": round(told["p95"] / 1000, 1),
        "mean_bytes": round(told["bytes"] / max(told["answers"], 1)),
    }


async def press_own(port: int, paths: Sequence[str], cookie: str, *, seconds: int) -> dict[str, Any]:
    """The same, asked by our own client, whose work is part of the time."""
    waits: list[float] = []
    sizes: list[int] = []
    turns, end = cycle(paths), time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.perf_counter()) < end:
            sizes.append(await ask(reader, writer, next(turns), cookie))
            waits.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(one() for _ in range(ASKING)))
    mean = round(statistics.mean(sizes))
    return {
        "rps": round(len(waits) / seconds, 1),
        "p50_ms": ms(waits),
        "p95_ms": p95(waits),
        "mean_bytes": mean,
    }


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, cookie: str) -> int:
    """One request on an open connection; the bytes of the answer. Raises where it is no 200."""
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nCookie: {cookie}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    await reader.readexactly(length)
    if int(head[9:12]) != 200:
        raise RuntimeError(f"{path}: {head[9:12].decode()}")
    return length


async def pan(port: int, paths: Sequence[str], cookie: str, *, users: int, seconds: int) -> dict[str, Any]:
    """Users who look at another tile every second: how long each waits. Not by wrk: it has no pace."""
    waits: list[float] = []
    end = time.perf_counter() + seconds

    async def user(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(number / users)
        turn = number
        while time.perf_counter() < end:
            began = time.perf_counter()
            await ask(reader, writer, paths[turn % len(paths)], cookie)
            waits.append(time.perf_counter() - began)
            turn += 7
            await asyncio.sleep(max(0.0, 1 - (time.perf_counter() - began)))
        writer.close()

    await asyncio.gather(*(user(number) for number in range(users)))
    return {"users": users, "requests": len(waits), "p50_ms": ms(waits), "p95_ms": p95(waits)}


def ms(waits: Sequence[float]) -> float:
    """The median in milliseconds."""
    return round(statistics.median(waits) * 1000, 1)


def p95(waits: Sequence[float]) -> float:
    """What 95 of 100 did not wait longer than, in milliseconds."""
    return round(sorted(waits)[int(len(waits) * 0.95)] * 1000, 1)
