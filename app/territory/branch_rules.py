"""Rules of branch types 支行类型规则: which kinds of grid each type of branch may hold."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_all
from app.errors import BadInput
from app.models import BranchTypeRule

BRANCH_TYPES = ("urban", "suburban", "rural")
GRID_KINDS = ("village", "community", "street", "market", "district", "park")
VERDICTS = ("allowed", "notice", "confirm", "forbidden")
Rules = Mapping[Any, Mapping[Any, str]]


def list_rules(session: Session) -> dict[str, dict[str, str]]:
    """The verdict for each kind of grid by type of branch; what no rule names is `allowed`."""
    table = {branch: dict.fromkeys(GRID_KINDS, "allowed") for branch in BRANCH_TYPES}
    for row in fetch_all(session, "territory/list_branch_rules"):
        table[row["branch_type"]][row["grid_kind"]] = row["verdict"]
    return table


def state_rules(session: Session, rules: Rules) -> dict[str, dict[str, str]]:
    """Change the rules that are named, the others stay; returns all. The next check of a plan goes by them.

    notice: listed, harmless. confirm: a person must allow it before a certificate. forbidden: must be
    mended. Raises BadInput `bad_rule` for a type, kind or verdict that is none.
    """
    for branch, kinds in rules.items():
        for kind, verdict in kinds.items():
            if branch not in BRANCH_TYPES or kind not in GRID_KINDS or verdict not in VERDICTS:
                raise _refuse(f"{branch}.{kind} = {verdict}")
    for branch, kinds in rules.items():
        for kind, verdict in kinds.items():
            session.merge(BranchTypeRule(branch_type=branch, grid_kind=kind, verdict=verdict))
    session.flush()
    return list_rules(session)


def read_rules(words: list[str]) -> dict[str, dict[str, str]]:
    """Rules written as `rural.street=forbidden`. Raises BadInput `bad_rule`."""
    rules: dict[str, dict[str, str]] = {}
    for word in words:
        left, equals, verdict = word.partition("=")
        branch, dot, kind = left.partition(".")
        if not (equals and dot):
            raise _refuse(word)
        rules.setdefault(branch.strip(), {})[kind.strip()] = verdict.strip()
    return rules


def _refuse(said: str) -> BadInput:
    facts: dict[str, Any] = {"types": BRANCH_TYPES, "kinds": GRID_KINDS, "verdicts": VERDICTS}
    return BadInput(
        "bad_rule",
        zh=f"规则有误：{said[:60]}；写法如 rural.street=forbidden（allowed、notice、confirm、forbidden）",
        en=f"no such rule: {said[:60]}; write rural.street=forbidden (allowed, notice, confirm, forbidden)",
        **facts,
    )
