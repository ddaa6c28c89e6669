"""getu households on the demo bank: a summary that sums, and a second run that changes nothing."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from tests.cli.conftest import Getu
from tests.conftest import DemoBank


@pytest.fixture
def tidy_homes(demo_bank: DemoBank) -> Iterator[None]:
    """The demo bank has no households before and after."""
    yield
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM household"))


def test_the_bank_is_linked_and_every_number_has_its_denominator(getu: Getu, tidy_homes: None) -> None:
    said = getu("households", "--json")
    assert said.code == 0, said.err
    counts = said.result
    assert sum(counts["bands"].values()) == counts["households"] == counts["run"]["written"]
    assert counts["households"] * 2 <= counts["members"] <= counts["placed"] <= counts["customers"]
    assert counts["member_share"] == round(counts["members"] / counts["placed"], 4)
    again = getu("households")
    assert again.code == 0, again.err
    assert f"未变 {counts['households']:,}  写入 0  撤去 0" in again.out
    assert f"÷ 已定位 {counts['placed']:,}" in again.out
