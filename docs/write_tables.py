"""Writes the pages that are tables of the code: `glossary.md`, `headings.md` and `data-model.md`.

    .venv/bin/python docs/write_tables.py

A test compares the committed pages with what this writes: no term, heading or table is undocumented.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from app import models  # noqa: E402
from app.customers.intake.fields import FIELDS  # noqa: E402
from app.glossary import TERMS, find_term  # noqa: E402
from app.models import Base  # noqa: E402
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

ROOMS = {
    "organisation": "机构 The bank",
    "ground": "地面 Ground, plans, grids",
    "planning": "规划过程 How a plan comes about",
    "customer": "客户 Customers, their grids and counts",
    "placing": "定位与家庭 Places and households",
    "intake": "导入与任务 What comes in, and jobs",
    "lending": "贷前属地核查 Lending area",
    "scheme": "责任体系 Responsibility",
    "indicators": "五项指标 Five indicators",
    "layering": "本行图层 Own layers of the map",
    "viewer": "用户与审计 Who looks, and the audit",
}
MODEL = """# 数据模型 Data model

Written from `app/models` by `docs/write_tables.py`; change it there. Shapes are EPSG:4326; `valid` is when
something holds in the world, `recorded` since when we have known it. Who may see which row:
`migrations/after/2_policies.sql`.

Three things to know before asking the tables ([0028](decisions/0028-blocks-and-lasting-keys.md)):

- **Blocks.** `customer`, `placement` and `assignment_row` are partitioned by the customer's id: block 0
  holds the ids below 10⁹ (the sequence), block k those from k × 10⁹ on, which is a big load's row number on
  top. A load fills three bare tables aside and is attached in one moment (`getu_open_block`,
  `getu_index_block`, `getu_adopt_block`, `getu_drop_block`); `customer_block` says which there are. Nobody
  is granted a partition: always ask the parent.
- **Lasting keys.** A grid has a row a plan, and a `key_id` that is the same for its code in every plan
  (`grid_key`). `assignment_row` and `grid_count_row` stand under that key.
- **Two views for readers.** `assignment` and `grid_count` say the grid's id in the plan in which customers
  stand now (`assignment_run.current`), and see with the eyes of who asks. What is not asked of the grid
  costs nothing: PostgreSQL leaves the join out. Writers write the tables. `assignment_row.run_id` is the
  run that put somebody where he stands, often an older one than the current."""


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


def write_model() -> str:
    """Every table of `app/models` with the first sentence of its class."""
    lines = MODEL.split("\n")
    classes = {one: mapper.class_ for mapper in Base.registry.mappers if (one := mapper.class_.__tablename__)}
    for room, title in ROOMS.items():
        here = [(name, one) for name, one in classes.items() if one.__module__ == f"{models.__name__}.{room}"]
        told = ((f"`{name}`", str(one.__doc__).split("\n")[0]) for name, one in sorted(here))
        lines += ["", f"## {title}", "", *table(("table", "what a row is"), told)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the pages."""
    (DOCS / "data-model.md").write_text(write_model(), encoding="utf-8")
    (DOCS / "glossary.md").write_text(write_glossary(), encoding="utf-8")
    (DOCS / "headings.md").write_text(write_headings(), encoding="utf-8")


if __name__ == "__main__":
    main()
