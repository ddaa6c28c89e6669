"""A block of customers: three bare tables aside that a big file lands in, and the moment it joins the bank.

Bytes of a chunk go in with the chunk's checkpoint; indexes are made when all rows are in, the customers' and
those of where they live side by side; then one transaction adopts the block. Readers never see half of it.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.intake.packing import BLOCK, COLUMNS
from app.db import Database, fetch_all
from app.db.connection import WORKER
from app.db.packing import copy_packed
from app.db.vacuuming import vacuum

# So many new rows are worth a block of their own; fewer go the way of changed ones.
FEWEST = 20_000
# Two sessions make the indexes: these tables' rows take about as long as those.
SHARES = (("customer",), ("placement", "assignment_row"))


def open_block(session: Session, import_id: int) -> int:
    """A new block for the rows of an import; its number."""
    return int(session.execute(text("SELECT getu_open_block(:id)"), {"id": import_id}).scalar_one())


def copy_portion(session: Session, packed: Mapping[str, Sequence[bytes]], block: int | None) -> None:
    """The packed bytes of a chunk into the block's tables, and those of rows that wait into theirs."""
    for table, data in packed.items():
        aside = table if table == "intake_row" else f"{table}_b{block}"
        copy_packed(session, aside, COLUMNS[table], data)


def index_block(database: Database, block: int, *, owner: str | None) -> None:
    """Make what has landed visible (as the tables' `owner`), then the indexes; two sessions side by side."""
    with ThreadPoolExecutor(len(SHARES)) as beside:
        for done in [beside.submit(_index, database, block, tables, owner) for tables in SHARES]:
            done.result()


def _index(database: Database, block: int, tables: Sequence[str], owner: str | None) -> None:
    for table in tables:
        # While there is no index it is one pass; index-only reads work from the start.
        vacuum(owner, f"{table}_b{block}")
        with database.transaction(WORKER) as session:
            session.execute(text("SELECT getu_index_block(:block, :table)"), {"block": block, "table": table})


def adopt_block(session: Session, block: int) -> int:
    """The block becomes part of the bank with the caller's transaction; how many customers it brings.

    Raises Conflict (at the database's word) when a customer of the same source and key exists.
    """
    return int(session.execute(text("SELECT getu_adopt_block(:block)"), {"block": block}).scalar_one())


def drop_block(session: Session, block: int) -> None:
    """A block that did not become part of the bank goes, with all its rows."""
    session.execute(text("SELECT getu_drop_block(:block)"), {"block": block})


def pour_block(session: Session, block: int, import_id: int) -> int:
    """The rows of a block not worth being one wait with the changed ones; how many. The block goes."""
    values = {"block": block, "import": import_id}
    return int(session.execute(text("SELECT getu_pour_block(:block, :import)"), values).scalar_one())


def count_covered(session: Session, block: int) -> dict[int, int]:
    """Households that the block's customers cover and nobody before them, by grid key."""
    values = {"low": block * BLOCK, "high": (block + 1) * BLOCK}
    rows = fetch_all(session, "customers/intake/count_covered", **values)
    return {row["grid_key"]: row["households"] for row in rows}


def list_units(session: Session) -> dict[str, int]:
    """The key of every unit that a grid names."""
    return {row["code"]: row["key"] for row in fetch_all(session, "customers/intake/list_unit_keys")}
