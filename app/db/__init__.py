"""How we ask the database: engine, one transaction a story, statement files, COPY, migrations, cluster.

Only this room commits. A transaction is opened *for a viewer*: see `Database.transaction`.
"""

from app.db.connection import Database, Viewer, as_worker, connect, undoable
from app.db.copying import copy_in, copy_out
from app.db.statements import ask_driver, fetch_all, fetch_one, fetch_value, run_statement, stream_rows

__all__ = [
    "Database",
    "Viewer",
    "as_worker",
    "ask_driver",
    "connect",
    "copy_in",
    "copy_out",
    "fetch_all",
    "fetch_one",
    "fetch_value",
    "run_statement",
    "stream_rows",
    "undoable",
]
