"""Where nobody has said which county the bank is at home in, its own addresses do."""

from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from app.customers import places
from app.customers.address_file import open_addresses
from app.customers.geocoding import Matcher, Place
from app.customers.home import guess_home, settle_home
from app.db.connection import WORKER
from app.errors import Conflict
from tests.conftest import DemoBank

COUNTIES = {"320681": "启东市", "320612": "通州区"}
PLACES = [
    Place("32", "江苏省", "province"),
    Place("3206", "南通市", "city", parent_code="32"),
    *(Place(code, name, "county", parent_code="3206") for code, name in COUNTIES.items()),
    *(Place(f"{code}101", "兴隆镇", "town", parent_code=code) for code in COUNTIES),
    *(Place(f"{code}101201", "团结村", "village", "village", f"{code}101") for code in COUNTIES),
]
OURS = [f"南通市启东市兴隆镇团结村{number}组" for number in range(1, 40)]
THEIRS = [f"南通市通州区兴隆镇团结村{number}组" for number in range(1, 11)]
SILENT = ["团结村5组", "兴隆镇团结村8号"]


def write(path: Path, addresses: list[str]) -> Path:
    rows = (f"{number},{address}" for number, address in enumerate(addresses))
    path.write_text("\n".join(["id,address", *rows]) + "\n", encoding="utf-8")
    return path


def test_the_county_that_most_addresses_name_wins_where_the_others_name_none(tmp_path: Path) -> None:
    matcher = Matcher(PLACES)
    assert [answer.level for answer in matcher.match_many(SILENT)] == ["ambiguous", "ambiguous"]
    settled = settle_home(matcher, open_addresses(write(tmp_path / "a.csv", OURS + THEIRS + SILENT)))
    assert settled.home_county_code == "320681"
    assert [answer.code for answer in settled.match_many(SILENT)] == ["320681101201"] * 2
    assert settled.match(THEIRS[0]).code == "320612101201"


@pytest.mark.parametrize("addresses", [OURS[:10] + THEIRS, OURS[:15], SILENT * 30, []])
def test_without_a_clear_majority_nobody_is_at_home(addresses: list[str]) -> None:
    assert guess_home(Matcher(PLACES), addresses) is None


def test_a_county_that_is_known_stays(tmp_path: Path) -> None:
    matcher = Matcher(PLACES, home_county_code="320612")
    assert settle_home(matcher, open_addresses(write(tmp_path / "a.csv", OURS))) is matcher


def test_new_ground_makes_the_matcher_anew_for_it_tells_the_own_county(demo_bank: DemoBank) -> None:
    last = "UPDATE unit SET valid = 'empty' WHERE valid @> current_date"
    with suppress(Conflict), demo_bank.database.transaction(WORKER) as session:
        before = places.matcher_version(session)
        assert places.matcher_version(session) == before
        session.execute(text(last))
        assert places.matcher_version(session) != before
        raise Conflict("undone", zh="", en="")
