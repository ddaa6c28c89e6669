"""Rings, shares, nearest outlets and catchments at the terminal: the same answers as the service's, in
files too."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli.root import run
from tests.conftest import DemoBank

Say = Callable[..., dict[str, Any]]


@pytest.fixture
def say(demo_bank: DemoBank, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command of the demo bank; its JSON, and how it ended."""
    monkeypatch.setenv("GETU_HOME", str(demo_bank.settings.home))
    monkeypatch.setenv("DATABASE_URL", demo_bank.database.url)

    def command(*arguments: str) -> dict[str, Any]:
        ended = run([*arguments, "--json"])
        return {**json.loads(capsys.readouterr().out), "exit": ended}

    return command


def test_a_ring_and_its_file_hold_the_same_customers(say: Say, demo_bank: DemoBank, tmp_path: Path) -> None:
    shares = say("around", "shares", "--radius-m", "2000")
    code = max(shares["outlets"], key=lambda one: one["in_ring"])["code"]
    out = tmp_path / "ring.csv"
    told = say("around", "list", "--outlet", code, "--only", "kind=person", "--out", str(out))
    rows = list(csv.DictReader(out.open(encoding="utf-8-sig")))
    served = demo_bank.client("head").get("/api/v1/around", params={"outlet": code, "kind": "person"}).json()
    assert (len(rows), told["rows"], told["total"]) == (served["total"],) * 3
    assert told["customers"] == served["customers"]
    own = say("around", "shares", "--outlet", code)["outlets"]
    assert [one["code"] for one in own] == [code]


def test_catchments_are_told_and_drawn(say: Say, tmp_path: Path) -> None:
    out = tmp_path / "ground.geojson"
    told = say("catchments", "--by", "branch", "--out", str(out))
    drawn = json.loads(out.read_text())
    assert {one["id"] for one in drawn["features"]} == {row["code"] for row in told["catchments"]}
    assert told["total"]["customers"]["existing"] > 0
    listed = tmp_path / "ground.csv"
    say("catchments", "--out", str(listed))
    assert listed.read_text(encoding="utf-8-sig").startswith("编号,网点或支行,村,")


def test_the_nearest_outlet_of_a_point_is_told_in_metres(say: Say) -> None:
    told = say("around", "nearest", "--lon", "121.17", "--lat", "31.95", "--limit", "2")
    assert [one["distance_m"] for one in told["outlets"]] == sorted(
        one["distance_m"] for one in told["outlets"]
    )
    assert len(told["outlets"]) == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("around", "list"), "no_point"),
        (("around", "list", "--outlet", "NOWHERE"), "no_outlet"),
        (("around", "list", "--lon", "121", "--lat", "32", "--radius-m", "0"), "bad_radius"),
        (("around", "list", "--lon", "121", "--lat", "32", "--only", "kind=king"), "bad_filter"),
        (("around", "list", "--lon", "121", "--lat", "32", "--out", "ring.doc"), "bad_file_name"),
        (("around", "nearest", "--lon", "121", "--lat", "32", "--datum", "mars"), "unknown_datum"),
        (("around", "list", "--lon", "0", "--lat", "0"), "null_island"),
        (("around", "list", "--lon", "121", "--lat", "32", "--outlet", "X"), "two_middles"),
        (("around", "list", "--lon", "121", "--lat", "32", "--nearest-only"), "no_outlet_named"),
        (("catchments", "--by", "wind"), "unknown_way"),
        (("catchments", "--out", "ground.doc"), "bad_file_name"),
    ],
)
def test_what_cannot_be_asked_ends_with_two(say: Say, arguments: tuple[str, ...], code: str) -> None:
    told = say(*arguments)
    assert (told["exit"], told["error"]["code"]) == (2, code)
