"""Lists of customers written as files: apart from telling, since a boundary import needs no customers."""

from collections.abc import Iterable
from pathlib import Path

from app.cli.telling import write_aside
from app.customers.list_file import Columns, FileKind, Row, write_list
from app.errors import BadInput


def write_listed(out: Path, rows: Iterable[Row], columns: Columns) -> str:
    """Write a list whole or not at all. Raises BadInput for a name that tells no kind of file."""
    kinds: dict[str, FileKind] = {".csv": "csv", ".xlsx": "xlsx"}
    if out.suffix.lower() not in kinds:
        raise BadInput("bad_file_name", zh="文件名应以 .csv 或 .xlsx 结尾", en="name the file .csv or .xlsx")
    write_aside(out, write_list(rows, columns, kinds[out.suffix.lower()]))
    return str(out)
