"""`make demo DEMO_EXIT=1`: start the service, look at it as its users would, stop; 0 when all is well."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar
from typing import Any

from app.cli.telling import say
from demo.story import SignIn

WAIT_S = 60
# What each role asks for to see the story of placement.
PLACEMENT = {
    "head": {
        "funnel": "/api/v1/placement/funnel",
        "aliases": "/api/v1/placement/aliases?state=proposed",
        "households": "/api/v1/households",
        "enrolment": "/api/v1/stats/enrolment?level=town",
        "hamlets": "/api/v1/stats/roster?level=natural_village",
    },
    "manager": {"mine": "/api/v1/placement/mine", "pin": "/pin"},
}


def check_service(port: int, people: list[SignIn]) -> int:
    """Exit code 0 when the page, the figures, a tile and a wall map answer for each role; else 3."""
    service = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--port", str(port)], env=os.environ
    )
    try:
        wait_until_ready(port)
        faults = [fault for person in people for fault in look(port, person)]
    finally:
        service.terminate()
        service.wait(timeout=30)
    for fault in faults:
        say(f"[red]✗[/] {fault}")
    say("自检通过 / the service answers as it should" if not faults else "自检未通过 / the self-check failed")
    return 3 if faults else 0


def wait_until_ready(port: int) -> None:
    """Until /readyz says so, or TimeoutError."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise TimeoutError("the service did not become ready")


def look(port: int, person: SignIn) -> list[str]:
    """What is wrong for one person, none when all is well."""
    base = f"http://127.0.0.1:{port}"
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    body = json.dumps({"login": person.login, "password": person.password}).encode()
    request = urllib.request.Request(  # noqa: S310
        f"{base}/api/v1/session", data=body, headers={"Content-Type": "application/json"}
    )
    try:
        opener.open(request, timeout=30).read()
        summary = json.loads(opener.open(f"{base}/api/v1/summary", timeout=60).read())
        page = opener.open(f"{base}/", timeout=60).read().decode()
        grids = json.loads(opener.open(f"{base}/api/v1/grids", timeout=60).read())["grids"]
        placement = {name: read(opener, base + path) for name, path in PLACEMENT.get(person.role, {}).items()}
    except urllib.error.HTTPError as error:
        return [f"{person.login}: {error.url} {error.code}"]
    faults = judge(summary, page, grids, person.role) + judge_placement(placement)
    return [f"{person.login}: {fault}" for fault in faults]


def read(opener: urllib.request.OpenerDirector, address: str) -> Any:
    """A JSON answer, or the text of a page."""
    with opener.open(address, timeout=60) as answer:
        body = answer.read().decode()
        return json.loads(body) if "json" in answer.headers["content-type"] else body


def judge_placement(told: dict[str, Any]) -> list[str]:
    """What of the story of placement is missing; `told` holds the answers to what `PLACEMENT` asks."""
    checks: dict[str, Callable[[Any], bool]] = {
        "funnel": lambda it: all(it["open"].values()) and it["point"] <= it["located"] <= it["imported"],
        "aliases": lambda it: any(row["corrections"] >= 2 for row in it),
        "households": lambda it: bool(it["households"]),
        "enrolment": lambda it: 0.9 < it["total"]["rate"] < 1 and it["pool"]["customers"] > 0,
        "hamlets": lambda it: any(row["persons"] for row in it["rows"]),
        "mine": lambda it: it["counts"]["doubtful"] > 0 and it["customers"][0]["doubt"] is not None,
        "pin": lambda it: "getu-pin.js" in it,
    }
    return [f"{name} does not tell what the demo holds" for name, it in told.items() if not checks[name](it)]


def judge(summary: dict[str, Any], page: str, grids: list[dict[str, Any]], role: str) -> list[str]:
    """What does not hold together in the answers."""
    faults = []
    if len(grids) != summary["grids"]["total"] or not grids:
        faults.append(f"{len(grids)} grids listed, {summary['grids']['total']} counted")
    if role == "head" and summary["enrolled"]["n"] != sum(g["existing"] + g["prospects"] for g in grids):
        faults.append("the grids' customers do not sum to the figure above the map")
    if role == "manager" and len(grids) > 20:
        faults.append("a manager sees more than his own grids")
    if "网格" not in page or "/static/" not in page:
        faults.append("the page is not the map")
    return faults
