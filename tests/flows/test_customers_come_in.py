"""The demo bank's customer files against their truth: every row told, placed and given its grid."""

import csv
import json
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from tests.conftest import DemoBank

FILES = {"core": "core.csv", "crm": "crm.csv"}
ENCODINGS = {"core": "gb18030", "crm": "utf-8-sig"}
WARNED = {"null_island": "null_island", "swapped": "swapped", "not_a_number": "bad_coordinates"}
STORED = """
SELECT c.source_key, p.rung, p.unit_code, p.datum, a.method, g.unit_codes AS units
FROM customer c JOIN placement p ON p.customer_id = c.id JOIN assignment a ON a.customer_id = c.id
LEFT JOIN grid g ON g.id = a.grid_id WHERE c.source_code IN ('core', 'crm')"""


@dataclass(frozen=True)
class Come:
    """What was sent, what is true of it, what was told of it and what is stored, by source."""

    sent: dict[str, list[list[str]]]
    truth: dict[str, dict[int, dict[str, str]]]
    facts: dict[str, Any]
    reports: dict[str, dict[str, Any]]
    told: dict[str, list[dict[str, Any]]]
    stored: dict[str, Any]

    def placed_by(self, *places: str) -> list[tuple[dict[str, str], Any]]:
        """Truth and stored row of each customer whose place is given so."""
        facts = [fact for rows in self.truth.values() for fact in rows.values() if fact["place"] in places]
        return [(fact, self.stored[fact["客户号"]]) for fact in facts]


@pytest.fixture(scope="module")
def come(demo_bank: DemoBank) -> Come:
    folder = demo_bank.settings.files / "demo-small"
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        facts = list(csv.DictReader(file))
    sent, truth, reports, told = {}, {}, {}, {}
    with demo_bank.database.transaction(WORKER) as session:
        stored = {row.source_key: row for row in session.execute(text(STORED))}
        for source, name in FILES.items():
            with (folder / name).open(encoding=ENCODINGS[source], newline="") as file:
                sent[source] = list(csv.reader(file))
            truth[source] = {int(fact["row"]): fact for fact in facts if fact["file"] == name}
            query = "SELECT id, report FROM import_run WHERE kind = 'customers' AND file_name = :name "
            # Other tests of this bank may send a file of the same name again; the first is the demo's.
            run = session.execute(text(query + "ORDER BY id LIMIT 1"), {"name": name}).one()
            reports[source] = run.report
            lines = (demo_bank.settings.files / "imports" / f"{run.id}.left_out.jsonl").read_text("utf-8")
            told[source] = [json.loads(line) for line in lines.splitlines()]
    claims = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["files"]
    return Come(sent, truth, claims, reports, told, stored)


def reason_of(rows: list[list[str]], number: int) -> str:
    """Why a bad row is bad, read from the row itself."""
    cells = rows[number - 1]
    if len(cells) != len(rows[0]):
        return "columns"
    return "no_name" if not cells[1].strip() else "repeated_key"


@pytest.mark.parametrize("source", FILES)
def test_the_report_is_right_to_the_row(come: Come, source: str) -> None:
    rows, report = come.sent[source], come.reports[source]
    bad = set(range(2, len(rows) + 1)) - set(come.truth[source])
    told = {line["row"]: line["reason"] for line in come.told[source] if not line.get("kept")}
    assert told == {number: reason_of(rows, number) for number in bad}
    claim = come.facts[FILES[source]]
    assert report["kept"] == claim["good_rows"] == len(come.truth[source])
    assert report["left_out"] == sum(claim["refused"].values()) == len(bad)
    assert report["rows"] == claim["file_rows"] - 1


@pytest.mark.parametrize("source", FILES)
def test_unusable_coordinates_are_warned_of_row_by_row(come: Come, source: str) -> None:
    warned = {line["row"]: line["reason"] for line in come.told[source] if line.get("kept")}
    expected = {
        number: WARNED[fact["place"]]
        for number, fact in come.truth[source].items()
        if fact["place"] in WARNED
    }
    assert warned == expected


def test_every_good_customer_is_stored_once_and_nobody_else(come: Come) -> None:
    keys = [fact["客户号"] for rows in come.truth.values() for fact in rows.values()]
    assert sorted(keys) == sorted(come.stored)


def test_a_point_stands_in_its_true_grid_whatever_its_datum(come: Come) -> None:
    points = come.placed_by("point")
    for datum in ("cgcs2000", "wgs84", "gcj02"):
        mine = [(fact, row) for fact, row in points if row.datum == datum]
        right = sum(fact["grid_code"] in (row.units or ()) for fact, row in mine)
        assert len(mine) > 100
        assert right / len(mine) > 0.995, (datum, right, len(mine))
    assert {row.rung for _, row in points} == {2}


def test_a_point_in_the_sea_is_told_outside_not_pulled_ashore(come: Come) -> None:
    assert {row.method for _, row in come.placed_by("sea")} == {"outside"}


def test_an_address_is_placed_in_the_village_it_names_or_not_at_all(come: Come) -> None:
    named = [
        (fact, row) for fact, row in come.placed_by("address", *WARNED) if fact["address_level"] == "village"
    ]
    placed = [(fact, row) for fact, row in named if row.rung in (3, 4, 5)]
    right = sum(row.unit_code == fact["address_code"] for fact, row in placed)
    print(f"addresses placed in a village {len(placed) / len(named):.4f}, right {right / len(placed):.4f}")
    assert len(placed) / len(named) > 0.9
    assert right / len(placed) > 0.99


def test_an_address_that_names_no_village_is_not_placed_in_one(come: Come) -> None:
    vague = [row for fact, row in come.placed_by("address") if fact["address_level"] in ("town", "none")]
    assert len(vague) > 20
    assert sum(row.rung in (3, 4, 5) for row in vague) / len(vague) < 0.05
