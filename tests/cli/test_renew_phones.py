"""`getu db renew-phones`: a bank of before is brought to the marks of today, once, in blocks."""

import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from tests.cli.conftest import Getu
from tests.conftest import DemoBank

MARKS = "SELECT id, phone_hash FROM customer WHERE phone_enc IS NOT NULL ORDER BY id LIMIT 5"
AS_BEFORE = "UPDATE customer SET phone_hash = substr(phone_hash, 3) WHERE id = ANY (:ids)"


def test_marks_of_before_are_written_anew_once_by_the_command(
    demo_bank: DemoBank, getu: Getu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.customers.renewal.AT_ONCE", 400)
    with demo_bank.database.transaction(WORKER) as session:
        today = {row.id: bytes(row.phone_hash) for row in session.execute(text(MARKS))}
        session.execute(text(AS_BEFORE), {"ids": list(today)})
    assert getu("db", "renew-phones", "--json").result == {"written": len(today)}
    with demo_bank.database.transaction(WORKER) as session:
        assert {row.id: bytes(row.phone_hash) for row in session.execute(text(MARKS))} == today
    assert getu("db", "renew-phones", "--json").result == {"written": 0}
