"""Which kind of table is this? The first bytes decide, never the name."""

from pathlib import Path

from app.customers.intake.tables.table import SourceTable
from app.customers.intake.tables.text import open_text, refuse_binary
from app.errors import RefusedFile

Origin = Path


def open_table(origin: Origin) -> SourceTable:
    """Open a table of any kind. Raises RefusedFile with what to do when it cannot be read as one."""
    if not origin.is_file():
        raise RefusedFile("no_such_file", zh=f"找不到文件：{origin.name}", en=f"no such file: {origin.name}")
    with origin.open("rb") as file:
        head = file.read(8)
    if head[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"):
        raise refuse_binary()
    return open_text(origin)
