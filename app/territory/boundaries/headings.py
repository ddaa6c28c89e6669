"""Headings that do not tell columns apart: both cut to 行政村 in a shapefile, or a town in a file of towns.

What the cells hold decides then.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from app.territory.boundaries.cells import as_text
from app.territory.boundaries.report import ImportReport

_PAIRS = (("unit_name", "unit_code"), ("town_name", "town_code"))
_NUMBERED = re.compile(r"_?\d{1,2}$")
_CODE = re.compile(r"\d{3,19}(?:\.0+)?")
_TOWN = re.compile(r".(?:镇|乡|街道|街道办事处|苏木|农场|开发区)$")
_LOOKED_AT = 500
_MOST = 0.8
Cells = dict[str, list[Any]]


def settle_cut(columns: dict[str, str], cells: Cells, filled: Sequence[str], report: ImportReport) -> None:
    """Where a name and its code are headed alike, the column of digits is the code and the other the name."""
    for name, code in _PAIRS:
        taken = columns.get(name) or columns.get(code)
        if taken is None or (name in columns and code in columns):
            continue
        others = set(columns.values()) - {taken}
        alike = [one for one in filled if one not in others and _are_alike(one, taken)]
        codes = [one for one in alike if _are_codes(cells[one])]
        words = [one for one in alike if one not in codes]
        if len(codes) == len(words) == 1:
            columns[name], columns[code] = words[0], codes[0]
            zh = f"列“{words[0]}”与“{codes[0]}”标题相近，按内容判断：后者是代码，前者是名称"
            en = f"{words[0]} and {codes[0]} are headed alike; by their content the latter is the code"
            report.warn("column_by_content", zh, en)


def take_towns(columns: dict[str, str], cells: Cells) -> None:
    """In a file whose every row is another town, the town's name and code are the unit's own."""
    if "unit_name" in columns or "unit_code" in columns or "town_name" not in columns:
        return
    names = [as_text(cell) for cell in cells[columns["town_name"]]]
    towns = [name for name in names if _TOWN.search(name)]
    if towns and len(set(towns)) >= _MOST * len(names):
        columns["unit_name"] = columns.pop("town_name")
        if "town_code" in columns:
            columns["unit_code"] = columns.pop("town_code")


def _are_alike(one: str, other: str) -> bool:
    """Whether two headings begin alike and differ by a number, or by what a cut has left of them."""
    stems = sorted((_NUMBERED.sub("", one), _NUMBERED.sub("", other)), key=len)
    numbered = stems != sorted((one, other), key=len)
    return one == other or (numbered and len(stems[0]) >= 2 and stems[1].startswith(stems[0]))


def _are_codes(cells: Iterable[Any]) -> bool:
    seen = [text for text in (as_text(cell) for cell in list(cells)[:_LOOKED_AT]) if text]
    return sum(_CODE.fullmatch(text) is not None for text in seen) >= _MOST * len(seen)
