"""Customers part by part: a bank of any size is read in pieces that fit, each with how it stands now."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.customers.outcome import METHODS, REASONS
from app.db import fetch_all, fetch_value
from app.db.arrays import copy_out_array

PART = 250_000
"""Customers of one part: some 70 bytes each here, some hundred more while they are written."""
BLOCK = 1_000_000_000
"""Block k of customers holds the ids from k times this on."""
FIELDS = [
    ("id", "int8"),
    ("rung", "int2"),
    ("standing", "int2"),
    ("tier", "int2"),
    ("served", "int2"),
    ("household", "int8"),
    ("unit", "int8"),
    ("x", "float8"),
    ("y", "float8"),
    # How the customer stands: grid key (0 none, -1 not yet assigned), run, method and reason, facts as now.
    ("old_key", "int8"),
    ("old_run", "int8"),
    ("old_how", "int2"),
    ("as_now", "bool"),
]
_METHOD = " ".join(f"WHEN '{name}' THEN {number * 16}" for number, name in enumerate(METHODS))
_REASON = " ".join(f"WHEN '{name}' THEN {number}" for number, name in enumerate(REASONS) if name)
# Our own constant text; only numbers of ours are put into it.
QUERY = f"""SELECT p.customer_id, p.rung,
    (CASE c.standing WHEN 'existing' THEN 0 ELSE 1 END)::int2,
    (CASE c.tier WHEN 'regular' THEN 0 WHEN 'key' THEN 1 ELSE 2 END)::int2,
    (c.filed::int + CASE WHEN c.last_visit_on >= date_trunc('month', current_date) THEN 2 ELSE 0 END)::int2,
    coalesce(hashtextextended(c.household_no, 0), 0), coalesce(hashtextextended(p.unit_code, 0), 0),
    coalesce(ST_X(p.geom), 'NaN'), coalesce(ST_Y(p.geom), 'NaN'),
    CASE WHEN a.customer_id IS NULL THEN -1 ELSE coalesce(a.grid_key, 0) END, coalesce(a.run_id, 0),
    (CASE a.method {_METHOD} ELSE 0 END + CASE a.reason {_REASON} ELSE 0 END)::int2,
    coalesce((a.rung, a.standing, a.tier) = (p.rung, c.standing, c.tier)
        AND a.geom::bytea IS NOT DISTINCT FROM p.geom::bytea, false)
FROM placement p
JOIN customer c ON c.id = p.customer_id AND c.id >= {{first}} AND c.id < {{beyond}}
LEFT JOIN assignment_row a ON a.customer_id = p.customer_id
    AND a.customer_id >= {{first}} AND a.customer_id < {{beyond}}
WHERE p.customer_id >= {{first}} AND p.customer_id < {{beyond}} AND c.gone_at IS NULL"""  # noqa: S608


@dataclass(frozen=True)
class Part:
    """Customers of one block with ids from `first` on and below `beyond`."""

    block: int
    first: int
    beyond: int


def list_parts(session: Session, *, rows: int = PART) -> Iterator[Part]:
    """All customers in parts of about `rows`, block by block; no part reaches over two blocks."""
    for found in fetch_all(session, "customers/list_blocks"):
        block = int(found["id"])
        first, beyond = (block * BLOCK if block else -(1 << 62)), (block + 1) * BLOCK
        while True:
            end = fetch_value(session, "customers/find_part_end", first=first, beyond=beyond, rows=rows)
            yield Part(block, first, beyond if end is None else int(end))
            if end is None:
                break
            first = int(end)


def read_part(session: Session, part: Part) -> NDArray[np.void]:
    """The customers of a part as one structured array of FIELDS; who is gone is not among them."""
    return copy_out_array(session, QUERY.format(first=part.first, beyond=part.beyond), FIELDS)
