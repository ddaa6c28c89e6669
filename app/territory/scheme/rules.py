"""Work rules (row A18): the checklist of each kind of grid, as the bank writes it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.db import as_worker, fetch_all
from app.errors import BadInput
from app.models import WorkRule
from app.spatial.topology import OVERLAY_KINDS
from app.territory.plans.cutting import BASE_KINDS

GRID_KINDS = (*BASE_KINDS, *OVERLAY_KINDS)
EVERY: Mapping[str, tuple[str, str]] = {
    "day": ("每日", "daily"),
    "week": ("每周", "weekly"),
    "month": ("每月", "monthly"),
    "quarter": ("每季", "quarterly"),
    "year": ("每年", "yearly"),
    "once": ("一次", "once"),
}


def list_rules(session: Session, *, kind: str | None = None) -> list[dict[str, Any]]:
    """The checklist of one kind of grid, or of all: grid_kind, number, zh, en, every, every_zh, every_en."""
    rows = fetch_all(session, "territory/scheme/list_rules", kind=kind)
    return [{**row, "every_zh": EVERY[row["every"]][0], "every_en": EVERY[row["every"]][1]} for row in rows]


def set_rules(session: Session, kind: str, rules: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Write the checklist of a kind of grid anew, in the order given; an empty one takes it away.

    Each rule is {zh, en, every}. Raises BadInput `bad_kind`, `bad_rule` (named by its number).
    """
    if kind not in GRID_KINDS:
        raise BadInput(
            "bad_kind",
            zh=f"不认识的网格类型：{kind}",
            en=f"unknown kind of grid: {kind}",
            kinds=list(GRID_KINDS),
        )
    for number, rule in enumerate(rules, start=1):
        if not rule.get("zh", "").strip() or rule.get("every") not in EVERY:
            raise BadInput(
                "bad_rule",
                zh=f"第 {number} 条缺少内容或频次",
                en=f"rule {number} lacks its words or how often",
                number=number,
                every=list(EVERY),
            )
    with as_worker(session):
        session.execute(delete(WorkRule).where(WorkRule.grid_kind == kind))
        session.add_all(
            WorkRule(
                grid_kind=kind,
                number=n,
                zh=rule["zh"].strip(),
                en=rule.get("en", "").strip(),
                every=rule["every"],
            )
            for n, rule in enumerate(rules, start=1)
        )
    return list_rules(session, kind=kind)
