"""Service of a customer as his row keeps it: when somebody last met him."""

from datetime import date

from sqlalchemy.orm import Session

from app.customers.counting import keep_counts
from app.db import fetch_one, run_statement


def note_visit(session: Session, customer_id: int, day: date) -> bool:
    """Keep that somebody met the customer on a day; counts follow. Whether it is news. In the worker's hand.

    An older visit than the last one known changes nothing. Who calls this holds the assignment
    (`reassigning.hold_assignment`) from the beginning of the transaction.
    """
    row = fetch_one(session, "customers/lock_customer", customer_id=customer_id)
    if row is None or (row["last_visit_on"] is not None and row["last_visit_on"] >= day):
        return False
    with keep_counts(session, [customer_id]):
        run_statement(session, "customers/note_visit", customer_id=customer_id, day=day)
    return True
