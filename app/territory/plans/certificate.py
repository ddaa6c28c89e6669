"""The coverage certificate: a machine's word that a plan covers its frame once and only once."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import Conflict
from app.glossary import find_term
from app.models import AppUser, Plan
from app.territory.plans.checking import find_plan_faults
from app.territory.plans.findings import EVERYTHING, list_findings
from app.territory.plans.listing import GridSet, load_grids, lock_plan
from app.territory.plans.statement import (
    FOUND_AGAIN,
    Statement,
    compare_statements,
    list_vacant,
    measure_ground,
    name_checker,
    seal_statement,
)

FORM = "getu.coverage/2"
OLDER = ("hash", "frame_km2", "overlaps", "gaps")
"""What a statement of an older form says in the same words."""


def certify(session: Session, plan: Plan, *, user_id: int | None = None, bank: str = "") -> Statement:
    """Issue the certificate of a checked plan, store it with the plan and return it.

    It names the bank, the plan and the version of its ground, frame and grids in km2, grids by kind,
    overlaps and gaps (0), every nested grid, slivers left, grids of several parts or without primary, the
    hash of the ground, when, by whom and with what it was made; `seal` is a hash over all of that. Raises
    Conflict `not_checked` when the ground has changed since the last check, `not_covered` with the findings
    that are left, `no_grids`, `already_certified` for a plan that is approved or in force.
    """
    lock_plan(session, plan)
    if plan.status in ("approved", "in_force", "retired"):
        raise Conflict("already_certified", zh="该规划已有证明", en="this plan has its certificate already")
    if plan.checked_version != plan.ground_version:
        raise Conflict(
            "not_checked", zh="边界有变化，请先重新检查", en="the ground has changed; check it first"
        )
    findings = list_findings(session, plan, EVERYTHING)
    left = [f for f in findings if f["state"] == "open" and f["severity"] != "harmless"]
    if left:
        raise _not_covered(plan, left)
    grids = load_grids(session, plan)
    if not len(grids.rows):
        raise Conflict("no_grids", zh="规划中没有网格", en="the plan has no grids")
    certificate = _write(plan, grids, bank=bank, issued_by=_find_name(session, user_id))
    if certificate["faults"]:
        raise Conflict(
            "not_checked", zh="边界有变化，请先重新检查", en="the ground has changed; check it first"
        )
    plan.certificate, plan.certificate_no = certificate, certificate["number"]
    plan.certified_by = user_id
    session.flush()
    return certificate


def verify(session: Session, plan: Plan) -> dict[str, Any]:
    """Whether the ground is still what the plan's certificate says, everything measured anew:
    {valid, number, plan, expected, found (hashes), differences: [{field, stated, found}]}.

    Raises Conflict `no_certificate` for a plan without one.
    """
    if plan.certificate is None:
        raise Conflict("no_certificate", zh="该规划还没有证明", en="this plan has no certificate")
    return verify_statement(session, plan, plan.certificate)


def verify_statement(session: Session, plan: Plan, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Whether a statement (of a file, say) is whole, is the plan's own and is true of its ground today.

    As `verify`; `sealed` says whether the seal fits what is stated, `issued` whether this program issued it
    just so for this plan.
    """
    grids = load_grids(session, plan)
    found = _measure(plan, grids)
    differences = compare_statements(stated, found, FOUND_AGAIN if stated.get("form") == FORM else OLDER)
    if stated.get("plan") != plan.code:
        differences.insert(0, {"field": "plan", "stated": stated.get("plan"), "found": plan.code})
    own = plan.certificate or {}
    if own and dict(stated) != own:
        known = {one["field"] for one in differences}
        keys = [key for key in {**own, **stated} if key not in known and key != "seal"]
        differences += compare_statements(stated, own, keys)
    sealed = stated.get("seal") == seal_statement(stated) or stated.get("form") != FORM
    return {
        "valid": sealed and bool(own) and dict(stated) == own and not differences,
        "sealed": sealed,
        "issued": dict(stated) == own,
        "number": stated.get("number"),
        "plan": plan.code,
        "expected": stated.get("hash"),
        "found": found["hash"],
        "differences": differences,
    }


def _measure(plan: Plan, grids: GridSet) -> Statement:
    return measure_ground(plan, grids, find_plan_faults(plan, grids))


def _write(plan: Plan, grids: GridSet, *, bank: str, issued_by: str | None) -> Statement:
    measured = _measure(plan, grids)
    now = clock.now()
    certificate = {
        "form": FORM,
        "number": f"{plan.code}-{plan.ground_version}-{measured['hash'][:8].upper()}",
        "bank": bank,
        "plan": plan.code,
        "plan_name": plan.name,
        "synthetic": plan.synthetic,
        **measured,
        "vacant": list_vacant(grids),
        "ground_version": plan.ground_version,
        "issued_on": now.date().isoformat(),
        "issued_at": now.isoformat(timespec="seconds"),
        "issued_by": issued_by,
        "checker": name_checker(),
    }
    return {**certificate, "seal": seal_statement(certificate)}


def _find_name(session: Session, user_id: int | None) -> str | None:
    if user_id is None:
        return None
    return session.scalar(select(AppUser.name).where(AppUser.id == user_id))


def _not_covered(plan: Plan, left: list[Any]) -> Conflict:
    counts = Counter(f["kind"] for f in left)
    said = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
    said_zh = "、".join(f"{find_term(kind).zh} {count}" for kind, count in sorted(counts.items()))
    return Conflict(
        "not_covered",
        zh=f"规划 {plan.code} 还有 {len(left)} 个问题未处理（{said_zh}），"
        "不能出具全覆盖证明；请先修复、清理或确认",
        en=f"plan {plan.code} has {len(left)} findings left ({said}); no certificate: "
        "mend, clean or confirm them first",
        findings=[
            {k: f[k] for k in ("id", "kind", "severity", "codes", "names", "area_m2", "width_m")}
            for f in left
        ],
        counts=dict(counts),
    )
