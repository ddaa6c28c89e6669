"""The cells of a boundary file as text, and a sample of every column with the field it was taken for."""

from typing import Any

from app.territory.boundaries.report import ColumnShown, ImportReport
from app.territory.names import tidy

UNIT_FIELDS = (
    "unit_name",
    "unit_code",
    "unit_kind",
    "town_code",
    "town_name",
    "households",
    "residents",
    "official_name",
    "former_names",
    "code_source",
    "year",
    "synthetic",
    "county_code",
    "county_name",
)
_SAMPLE_CELLS = 5
_SAMPLE_LENGTH = 60


def as_text(value: Any) -> str:
    """A cell as text: a number that a table kept as a float has no decimals."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else "" if value != value else str(value)
    return tidy(str(value))


def show_columns(cells: dict[str, list[Any]], columns: dict[str, str], report: ImportReport) -> None:
    """Put every column of the file into the report: its use and its cells of the first five rows.

    `columns` says which column holds a field.
    """
    fields = {column: field for field, column in columns.items()}
    report.columns = [ColumnShown(name, fields.get(name), _sample(column)) for name, column in cells.items()]


def _sample(cells: list[Any]) -> tuple[str, ...]:
    """The same rows of every column, blanks too: a page shows them side by side."""
    return tuple(as_text(cell)[:_SAMPLE_LENGTH] for cell in cells[:_SAMPLE_CELLS])
