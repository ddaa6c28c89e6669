"""Targets kept and reckoned: target, actual and their ratio by grid, manager, branch or town."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.db import as_worker, fetch_all, run_statement
from app.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True)
class Measure:
    """What is to be reached; `counted` names the column of the grids' counts, None where told by hand."""

    key: str
    zh: str
    en: str
    counted: str | None


MEASURES: tuple[Measure, ...] = (
    Measure("filed", "建档客户数", "customers filed", "filed"),
    Measure("visited", "走访客户数", "customers visited", "visited"),
    Measure("covered_households", "覆盖家庭数", "households covered", "covered_households"),
    Measure("existing", "存量客户数", "customers", "existing"),
    Measure("survey", "信息采集户数", "households surveyed", None),
    Measure("credit", "整村授信户数", "households granted credit", None),
    Measure("task", "其他任务数", "other tasks", None),
)
GROUPS = ("grid", "manager", "branch", "town")
_PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2])|-Q[1-4])?")
LEAST, MOST = Decimal("0.01"), Decimal("1e11")


def find_measure(word: str | None) -> Measure:
    """The measure of a key or a Chinese name; BadInput `bad_measure` with what there is."""
    for measure in MEASURES:
        if word in (measure.key, measure.zh, measure.en):
            return measure
    raise BadInput(
        "bad_measure",
        zh=f"没有指标“{word}”，可用：{'、'.join(m.zh for m in MEASURES)}",
        en=f"no measure {word!r}; there are {', '.join(m.key for m in MEASURES)}",
    )


def check_period(period: str) -> str:
    """2026, 2026-11 or 2026-Q4; BadInput `bad_period`."""
    if not _PERIOD.fullmatch(period):
        raise BadInput(
            "bad_period", zh="期间应写作 2026、2026-Q4 或 2026-11", en="a period is 2026, 2026-Q4 or 2026-11"
        )
    return period


def check_number(value: Decimal, *, least: Decimal) -> Decimal:
    """A number from `least` on that can be stored; BadInput `bad_number`."""
    if not value.is_finite() or value < least or value > MOST:
        raise BadInput("bad_number", zh=f"数字无效：{value}", en=f"not a number one can use: {value}")
    return value


def set_targets(
    session: Session,
    plan_id: int,
    period: str,
    targets: Mapping[tuple[str, str], Decimal],
    *,
    user_id: int | None,
) -> int:
    """Set targets by (grid code, measure key); what was told as done stays. Returns how many.

    Raises NotFound naming the codes that the plan has no grid for in sight; nothing is stored then.
    """
    check_period(period)
    codes = sorted({code for code, _ in targets})
    ids = _find_grids(session, plan_id, codes)
    lines = [(ids[code], find_measure(key).key, value) for (code, key), value in targets.items()]
    with as_worker(session):
        run_statement(
            session,
            "customers/targets/write_targets",
            grid_ids=[line[0] for line in lines],
            measures=[line[1] for line in lines],
            targets=[check_number(line[2], least=LEAST) for line in lines],
            period=period,
            user_id=user_id,
        )
    return len(lines)


def _find_grids(session: Session, plan_id: int, codes: Sequence[str]) -> dict[str, int]:
    rows = fetch_all(session, "customers/targets/find_grids", plan_id=plan_id, codes=list(codes))
    ids = {row["code"]: row["id"] for row in rows}
    unknown = [code for code in codes if code not in ids]
    if unknown:
        raise NotFound(
            "no_grid",
            zh=f"规划中没有这些网格：{'、'.join(unknown[:20])}",
            en=f"the plan has no such grids: {', '.join(unknown[:20])}",
            unknown=unknown,
        )
    return ids


def tell_done(
    session: Session, plan_id: int, period: str, *, measure: str, done: Mapping[str, Decimal]
) -> int:
    """Tell by hand how much is done, by grid code; only where Getu does not count. Returns how many.

    Raises BadInput `counted_measure`, NotFound for a grid without such a target in sight.
    """
    chosen = find_measure(measure)
    if chosen.counted is not None:
        raise BadInput(
            "counted_measure",
            zh=f"“{chosen.zh}”由系统统计，不能填报",
            en=f"{chosen.en} are counted by the system",
        )
    ids = _find_grids(session, plan_id, sorted(done))
    with as_worker(session):
        told = fetch_all(
            session,
            "customers/targets/tell_done",
            grid_ids=[ids[code] for code in done],
            done=[check_number(value, least=Decimal(0)) for value in done.values()],
            measure=chosen.key,
            period=check_period(period),
        )
    if len(told) < len(done):
        raise NotFound(
            "no_target", zh="有网格没有下达此项目标", en="a grid among them has no such target in that period"
        )
    return len(told)


def list_targets(
    session: Session, plan_id: int, *, period: str, measure: str | None = None, by: str = "grid"
) -> dict[str, Any]:
    """Target, actual and ratio in a period, by grid, manager, branch or town, and in all, in sight.

    `ratio` is actual ÷ target of those grids that have a target; `told` counts how many of the targets that
    nobody counts have been reported at all, so that a missing report is not taken for nought.
    """
    if by not in GROUPS:
        raise BadInput(
            "bad_group", zh="汇总方式应为 grid、manager、branch 或 town", en=f"by is one of {GROUPS}"
        )
    chosen = None if measure is None else find_measure(measure)
    rows = fetch_all(
        session,
        "customers/targets/list_targets",
        plan_id=plan_id,
        period=check_period(period),
        measure=None if chosen is None else chosen.key,
    )
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    totals: dict[str, dict[str, Any]] = {}
    for row in rows:
        code, name = row[f"{by}_code"] or "", row[f"{by}_name"] or ""
        line = groups.setdefault((code, row["measure"]), _empty(row["measure"], code=code, name=name))
        for one in (line, totals.setdefault(row["measure"], _empty(row["measure"]))):
            _add(one, row)
    return {
        "period": period,
        "by": by,
        "rows": [_rate(line) for _, line in sorted(groups.items())],
        "totals": [_rate(line) for line in totals.values()],
    }


def _empty(measure: str, **more: str) -> dict[str, Any]:
    known = find_measure(measure)
    nothing = {"grids": 0, "told": 0, "target": 0.0, "actual": 0.0}
    return {**more, "measure": measure, "zh": known.zh, "en": known.en, **nothing}


def _add(line: dict[str, Any], row: Mapping[str, Any]) -> None:
    line["grids"] += 1
    line["told"] += row["actual"] is not None
    line["target"] += float(row["target"])
    line["actual"] += float(row["actual"] or 0)


def _rate(line: dict[str, Any]) -> dict[str, Any]:
    ratio = round(line["actual"] / line["target"], 4) if line["told"] else None
    return {**line, "target": round(line["target"], 2), "actual": round(line["actual"], 2), "ratio": ratio}
