"""Writes the two pages that are tables of the code: `glossary.md` and `headings.md`.

    .venv/bin/python docs/write_tables.py

A test compares the committed pages with what this writes, so a new term or heading is never undocumented.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from app.customers.intake.fields import FIELDS  # noqa: E402
from app.glossary import TERMS, find_term  # noqa: E402
from app.territory.boundaries.fields import UNIT_FIELDS  # noqa: E402
from app.territory.gazetteer import PLACE_FIELDS  # noqa: E402
from app.territory.organisation import BRANCH_FIELDS, STAFF_FIELDS  # noqa: E402
from app.territory.plans.duties import DUTY_FIELDS  # noqa: E402

TABLES: tuple[tuple[str, tuple[str, ...], frozenset[str]], ...] = (
    ("边界文件 Boundary files", UNIT_FIELDS, frozenset({"unit_name", "unit_code"})),
    ("机构表 Branches", BRANCH_FIELDS, frozenset({"branch_code", "branch_name"})),
    ("人员表 Staff", STAFF_FIELDS, frozenset({"staff_code", "staff_name", "branch_code"})),
    ("责任表 Duties", DUTY_FIELDS, frozenset()),
    ("地名表 Gazetteer", PLACE_FIELDS, frozenset({"place_code", "place_name", "level"})),
)


def row(*cells: str) -> str:
    """One line of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table(heads: Iterable[str], lines: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table with its headings."""
    heads = list(heads)
    yield row(*heads)
    yield "|" + "---|" * len(heads)
    for line in lines:
        yield row(*line)


def write_glossary() -> str:
    """Every term of `app/glossary`."""
    lines = [
        "# 词汇 Glossary",
        "",
        "Every word of the bank that Getu knows: its name in code, Chinese, English. Written from",
        "`app/glossary` by `docs/write_tables.py`; change it there, not here. Never swapped: *gap* 空白",
        "is ground of the frame without a grid, *coverage* 覆盖率 the share of households served.",
        "",
        *table(("code", "中文", "English"), ((f"`{t.code}`", t.zh, t.en) for t in TERMS)),
    ]
    return "\n".join(lines) + "\n"


def write_headings() -> str:
    """Every accepted heading of every table that comes in."""
    lines = [
        "# 表头 Headings that are understood",
        "",
        "Written from the code by `docs/write_tables.py`. Case, blanks, underscores, full-width letters and",
        "a unit in brackets do not matter; a heading that a shapefile cut after ten bytes is known by its",
        "beginning. The most exact heading wins. A needed column that is not there is asked for (boundaries)",
        "or refused with the list of what was found (tables). Duties need a unit code or a grid code.",
    ]
    for title, fields, needed in TABLES:
        told = ((find_term(code), "需要" if code in needed else "") for code in fields)
        shown = ((t.zh, t.en, mark, "、".join(t.headings)) for t, mark in told)
        lines += ["", f"## {title}", "", *table(("字段", "field", "needed", "accepted headings"), shown)]
    customer = ((f.zh, f.term, "需要" if f.required else "", "、".join(f.headings)) for f in FIELDS)
    lines += ["", "## 客户文件 Customers", ""]
    lines += table(("字段", "field", "needed", "accepted headings"), customer)
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write both pages."""
    (DOCS / "glossary.md").write_text(write_glossary(), encoding="utf-8")
    (DOCS / "headings.md").write_text(write_headings(), encoding="utf-8")


if __name__ == "__main__":
    main()
