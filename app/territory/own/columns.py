"""The columns of an own layer's file: which is the name, which are kept, which look personal and are not."""

import re
from dataclasses import dataclass
from typing import Any

from app.errors import BadInput
from app.territory.boundaries import ImportReport
from app.territory.boundaries.cells import as_text
from app.territory.own.wish import LayerWish

MOST_COLUMNS = 30
MOST_CHARACTERS = 200
_NAMES = (
    "name",
    "名称",
    "名字",
    "网点名称",
    "机构名称",
    "道路名称",
    "路名",
    "河名",
    "mc",
    "name_chn",
    "fname",
    "标准名称",
    "title",
)
_PERSONAL_HEADING = re.compile(
    r"身份证|证件|手机|户主|姓名|id_?card|idno|id_?no$|id_?number|mobile|cell_?phone|cert_?(?:no|id)",
    re.IGNORECASE,
)
_PERSONAL_CELL = re.compile(r"[1-9]\d{16}[\dXx]|(?:\+?86)?1[3-9]\d{9}")
_LOOKED_AT = 400


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which columns are used: of the name, of the class, and those kept as plain values."""

    name: str | None
    class_: str | None
    kept: tuple[str, ...]


def choose_columns(columns: dict[str, list[Any]], wish: LayerWish, report: ImportReport) -> Chosen:
    """Choose the columns of a file; the report tells which were left out and why.

    Raises BadInput where a column that was asked for is not in the file, or is a personal one.
    """
    personal = [name for name, cells in columns.items() if is_personal(name, cells)]
    open_ones = [name for name in columns if name not in personal]
    for field in ("name_column", "class_column"):
        wanted = getattr(wish, field)
        if wanted is not None and wanted not in open_ones:
            raise _refuse_column(wanted, open_ones, personal=wanted in personal)
    if personal:
        told = "、".join(personal)
        zh = f"像个人信息的列不放上地图，已去掉：{told}"
        report.warn("personal_columns", zh, f"columns that look personal are left out of the map: {told}")
    if len(open_ones) > MOST_COLUMNS:
        zh = f"只保留前 {MOST_COLUMNS} 列，另 {len(open_ones) - MOST_COLUMNS} 列未载入"
        report.warn("too_many_columns", zh, f"the first {MOST_COLUMNS} columns are kept, the others are not")
    name = wish.name_column or _find_name(open_ones)
    return Chosen(name, wish.class_column, tuple(open_ones[:MOST_COLUMNS]))


def is_personal(name: str, cells: list[Any]) -> bool:
    """Whether a column looks like people's identity cards or mobile telephones, by heading or by cells."""
    if _PERSONAL_HEADING.search(name):
        return True
    told = [text for cell in cells[:_LOOKED_AT] if (text := as_text(cell).replace(" ", "").replace("-", ""))]
    return bool(told) and sum(_PERSONAL_CELL.fullmatch(text) is not None for text in told) * 2 >= len(told)


def _find_name(columns: list[str]) -> str | None:
    folded = {name.strip().lower(): name for name in reversed(columns)}
    return next((folded[known] for known in _NAMES if known in folded), None)


def _refuse_column(wanted: str, open_ones: list[str], *, personal: bool) -> BadInput:
    if personal:
        return BadInput(
            "personal_column",
            zh=f"“{wanted}”像个人信息，不能放上地图",
            en=f"{wanted!r} looks personal and cannot be put on the map",
        )
    found = open_ones[:MOST_COLUMNS]
    return BadInput(
        "no_such_column",
        zh=f"文件里没有“{wanted}”这一列，有：{'、'.join(found)}",
        en=f"the file has no column {wanted!r}; it has {', '.join(found)}",
        columns=found,
    )


def show_values(columns: dict[str, list[Any]], kept: tuple[str, ...], index: int) -> dict[str, Any]:
    """A row's plain values: numbers as they are, else text cut to length; blanks are left out."""
    values = {name: show_cell(columns[name][index]) for name in kept}
    return {name: value for name, value in values.items() if value not in (None, "")}


def show_cell(cell: Any) -> Any:
    """A cell as a plain value of JSON; what is no number JSON knows becomes text."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int) and abs(cell) < 2**53:
        return cell
    if isinstance(cell, float) and abs(cell) < 1e15 and cell == cell:
        return int(cell) if cell.is_integer() else cell
    return cut(as_text(cell)) or None


def cut(text: str) -> str:
    """A text of no more characters than a card shows."""
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
