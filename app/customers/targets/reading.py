"""A bank's table of targets: one line a grid and measure."""

from decimal import Decimal, InvalidOperation
from pathlib import Path

from sqlalchemy.orm import Session

from app.customers.targets.reckoning import LEAST, check_number, check_period, find_measure, set_targets
from app.db import fetch_all
from app.errors import BadInput
from app.territory.organisation import store_rows
from app.territory.tables import Row, RowError, TableReport, read_table

FIELDS = ("grid_code", "measure", "target")


def import_targets(
    session: Session, path: Path, *, plan_id: int, period: str, user_id: int | None = None
) -> TableReport:
    """Load targets of a period: 网格编号, 指标, 目标值; UTF-8 or GB18030. Loading twice changes nothing.

    A line with an unknown grid or measure, or a number nobody can use, is left out and listed.
    """
    table = read_table(path, FIELDS, required=FIELDS)
    check_period(period)
    codes = sorted({row.read("grid_code") or "" for row in table.rows})
    known = {
        row["code"]
        for row in fetch_all(session, "customers/targets/find_grids", plan_id=plan_id, codes=codes)
    }
    targets: dict[tuple[str, str], Decimal] = {}

    def keep(row: Row) -> None:
        code, measure, value = _read(row)
        if code not in known:
            raise RowError("no_grid", zh=f"规划中没有网格 {code}", en=f"the plan has no grid {code}")
        targets[code, measure] = value

    report = store_rows(table, keep)
    if targets:
        set_targets(session, plan_id, period, targets, user_id=user_id)
    return report


def _read(row: Row) -> tuple[str, str, Decimal]:
    text = row.read("target")
    try:
        value = check_number(Decimal((text or "").replace(",", "")), least=LEAST)
        return row.read("grid_code") or "", find_measure(row.read("measure")).key, value
    except InvalidOperation as wrong:
        raise RowError("bad_number", zh=f"目标值无效：{text}", en=f"not a number: {text}") from wrong
    except BadInput as wrong:
        raise RowError(wrong.code, zh=wrong.zh, en=wrong.en) from wrong
