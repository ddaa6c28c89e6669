"""Marks of telephones from before a mark began with that of the tail: written anew, once."""

from sqlalchemy.orm import Session

from app.access import Vault
from app.db import fetch_all, run_statement

AT_ONCE = 20_000


def renew_phone_marks(session: Session, vault: Vault, *, after: int = -1) -> tuple[int, int | None]:
    """Look at the next `AT_ONCE` telephones behind the customer `after` and write the marks that are old.

    Returns how many were written, and the last customer looked at (None at the end): a transaction a call.
    """
    rows = fetch_all(session, "customers/list_phones", after=after, most=AT_ONCE)
    keys = [f"{row['source_code']}|{row['source_key']}" for row in rows]
    phones = [
        vault.unseal("phone", key, bytes(row["phone_enc"])) for key, row in zip(keys, rows, strict=True)
    ]
    marks = vault.blind_many("phone", phones)
    old = [
        (row["id"], mark)
        for row, mark in zip(rows, marks, strict=True)
        if bytes(row["phone_hash"] or b"") != mark
    ]
    if old:
        ids, new = zip(*old, strict=True)
        run_statement(session, "customers/renew_phones", ids=list(ids), marks=list(new))
    return len(old), rows[-1]["id"] if rows else None
