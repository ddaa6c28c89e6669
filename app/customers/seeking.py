"""Customers by the beginning of their name, by their telephone or by its last four digits.

Names are found by an index over their bytes. Telephones are sealed: their blind index begins with two bytes
that all numbers of one tail share, so whole numbers and tails are spans of the same index; who is found by a
tail is unsealed and looked at, for some tails share their bytes. A viewer of part of the bank asks functions
that look no further than his grids, and everything that is shown is read again through his own walls.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access import Vault, record
from app.access.vault import BLIND_BYTES, TAIL_DIGITS
from app.db import fetch_all
from app.territory.names import script

# A letter alone would make the box a list of customers to leaf through.
LEAST_SIGNS = 2
MOST_SHOWN = 8
# So many are read in the order of names before the important ones are put first.
MOST_READ = 16
# Of a bank of ten million, a tail's numbers and those of the tails that share its two bytes.
MOST_TAILED = 2000
# By what is sought, and whether the viewer sees a part of the bank only.
_STATEMENTS = {
    ("names", True): "customers/seek_names",
    ("names", False): "customers/seek_names_everywhere",
    ("phones", True): "customers/seek_phones",
    ("phones", False): "customers/seek_phones_everywhere",
}
_TIERS = {"strategic": 0, "key": 1}
_LAST_SIGN = "\U0010ffff"
_PHONE = re.compile(r"(?:\+?86[- ]?)?([\d\- ]{4,20})")

Found = Sequence[Mapping[str, Any]]


def search_customers(
    session: Session, query: str, *, vault: Vault | None = None, limit: int = MOST_SHOWN
) -> Found:
    """Customers in sight by the beginning of their name (two signs at least), or with a vault by telephone.

    Exact names come first, then strategic and key clients. Who was found is written into the audit.
    """
    digits = read_digits(query)
    if digits:
        rows = [] if vault is None else _seek_phones(session, digits, vault)
    else:
        rows = _seek_names(session, query.strip())
    rows = sorted(rows, key=lambda row: _place(row, query.strip()))[:limit]
    record(session, "search_customers", customer_ids=[row["id"] for row in rows])
    return rows


def read_digits(query: str) -> str:
    """The digits of a telephone, whole or its tail of four; "" for any other text."""
    match = _PHONE.fullmatch(unicodedata.normalize("NFKC", query).strip())
    digits = re.sub(r"\D", "", match[1]) if match else ""
    return digits if len(digits) == TAIL_DIGITS or 7 <= len(digits) <= 13 else ""


def _seek_names(session: Session, text: str) -> Found:
    if len(text) < LEAST_SIGNS:
        return []
    ids: set[int] = set()
    # Names stand as the source wrote them: a traditional name is found as typed and by its simplified form.
    for begins in dict.fromkeys((text, script(text))):
        ids |= _seek(session, "names", begins, begins + _LAST_SIGN, most=MOST_READ)
    return _read(session, ids)


def _seek_phones(session: Session, digits: str, vault: Vault) -> Found:
    if len(digits) > TAIL_DIGITS:
        mark = vault.blind("phone", digits)
        return _read(session, _seek(session, "phones", mark, mark, most=MOST_READ))
    head = vault.blind_tail(digits)
    low, high = head, head.ljust(BLIND_BYTES, b"\xff")
    found = _read(session, _seek(session, "phones", low, high, most=MOST_TAILED))
    return [row for row in found if _unseal(vault, row).endswith(digits)]


def _seek(session: Session, what: str, low: Any, high: Any, *, most: int) -> set[int]:
    """Ids by a span of `_STATEMENTS`' sort."""
    scoped = session.info["viewer"].db_role == "getu_scoped"
    rows = fetch_all(session, _STATEMENTS[what, scoped], low=low, high=high, most=most)
    return {int(row["id"]) for row in rows}


def _read(session: Session, ids: Iterable[int]) -> Found:
    wanted = list(ids)
    return fetch_all(session, "customers/list_sought", ids=wanted) if wanted else []


def _unseal(vault: Vault, row: Mapping[str, Any]) -> str:
    return vault.unseal("phone", f"{row['source_code']}|{row['source_key']}", bytes(row["phone_enc"]))


def _place(row: Mapping[str, Any], text: str) -> tuple[bool, int, str, int]:
    return row["name"] != text, _TIERS.get(row["tier"], 2), row["name"], row["id"]
