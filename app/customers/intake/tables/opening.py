"""Which kind of table is this? The first bytes decide, never the name."""

from pathlib import Path

from app.customers.intake.tables.foreign import TableOrigin, open_foreign
from app.customers.intake.tables.table import SourceTable
from app.customers.intake.tables.text import open_text
from app.customers.intake.tables.words import refuse
from app.errors import RefusedFile
from app.spatial.formats.layer import Limits

_HEAD_BYTES = 512
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKED = (b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\xfd7zXZ", b"BZh", b"\x28\xb5\x2f\xfd")
_PICTURES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"SQLite format 3")
_PAGES = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta")
Origin = Path | TableOrigin


def open_table(origin: Origin, *, sheet: str = "", limits: Limits | None = None) -> SourceTable:
    """Open a table of any kind: text, .xlsx (`sheet` names one), Parquet, a table of another database.

    Raises RefusedFile with what to do when a file cannot be read as a table, NeedsAnswer `several_sheets`,
    BadInput when another database does not answer.
    """
    if isinstance(origin, TableOrigin):
        return open_foreign(origin)
    if not origin.is_file():
        raise RefusedFile("no_such_file", zh=f"找不到文件：{origin.name}", en=f"no such file: {origin.name}")
    with origin.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        # Loaded only for such a file: Excel and Parquet bring libraries of their own.
        from app.customers.intake.tables.workbook import open_workbook

        return open_workbook(origin, sheet=sheet, limits=limits)
    if head.startswith((b"PAR1", b"PARE")):
        from app.customers.intake.tables.columnar import open_parquet

        return open_parquet(origin)
    _refuse_strangers(origin, head)
    return open_text(origin)


def _refuse_strangers(path: Path, head: bytes) -> None:
    """What is surely no text says so by its first bytes."""
    if head.startswith(_COMPOUND):
        raise refuse("workbook_locked" if _is_encrypted(path) else "old_workbook")
    if head.startswith((*_PACKED, b"PK")):
        raise refuse("packed_file")
    if head.startswith(_PICTURES):
        raise refuse("not_a_table")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_PAGES):
        raise refuse("web_page")


def _is_encrypted(path: Path) -> bool:
    """Whether an Office compound file holds a locked workbook: its directory names the package."""
    name, rest = "EncryptedPackage".encode("utf-16-le"), b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if name in rest + block:
                return True
            rest = block[-len(name) :]
    return False
