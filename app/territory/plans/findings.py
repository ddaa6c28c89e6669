"""Findings as they are stored: listed, counted, let stand by a person and opened again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.db import fetch_all
from app.errors import BadInput, Conflict, NotFound
from app.models import Finding, Plan
from app.territory.ground import CHECKS, find_check
from app.territory.plans.listing import lock_plan, require_editable
from app.territory.plans.telling import tell_finding

Group = Literal["ground", "notice"]
GROUND_KINDS = tuple(check.kind for check in CHECKS if check.group == "ground")
NOTICE_KINDS = tuple(check.kind for check in CHECKS if check.group == "notice")


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """What a check found: findings of the ground by kind, notices by kind, and how many of both still stand
    in a certificate's way. `new` are the numbers of findings that this check added, `gone` (id, kind, codes,
    names, area_m2) those that it took away; `whole` says whether all ground was looked at."""

    counts: dict[str, int]
    blocking: int
    notice_counts: dict[str, int]
    new: tuple[int, ...] = ()
    gone: tuple[dict[str, Any], ...] = ()
    whole: bool = True

    def as_json(self) -> dict[str, Any]:
        """The result as JSON-ready values."""
        return {
            "counts": self.counts,
            "blocking": self.blocking,
            "ready": self.blocking == 0,
            "notice_counts": self.notice_counts,
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings: of a group (None: both), of some kinds, in a state, not smaller or larger than so.

    Areas in m2, widths in metres; both limits include their value. Widths cut findings of the ground only: a
    notice speaks of a whole grid. `ids` picks findings by number.
    """

    group: Group | None = "ground"
    kinds: tuple[str, ...] = ()
    state: str | None = None
    min_area_m2: float | None = None
    max_area_m2: float | None = None
    min_width_m: float | None = None
    max_width_m: float | None = None
    ids: tuple[int, ...] | None = None

    def kinds_wanted(self) -> list[str]:
        """The kinds asked for, within the group. Raises BadInput `unknown_kind`."""
        known = [check.kind for check in CHECKS]
        unknown = [kind for kind in self.kinds if kind not in known]
        if unknown:
            raise BadInput(
                "unknown_kind",
                zh=f"没有这种问题项：{unknown[0][:24]}，可用：{'、'.join(known)}",
                en=f"there is no kind of finding {unknown[0][:24]!r}; use {', '.join(known)}",
            )
        group = [c.kind for c in CHECKS if self.group in (None, c.group)]
        return [kind for kind in group if kind in (self.kinds or group)]


GROUND = Wanted()
EVERYTHING = Wanted(group=None)


def list_findings(session: Session, plan: Plan, wanted: Wanted = GROUND) -> list[dict[str, Any]]:
    """The findings of a plan's ground (or those `wanted`), gravest and largest first.

    id, kind, group, label_zh, label_en, severity, state, grid_ids, codes, names, towns, area_m2, width_m,
    customers, found_at, detail, bbox [west, south, east, north] (None for a shape without ground), the
    sentences zh and en, and the shape as `wkb` (EPSG:4326). Raises BadInput `unknown_kind`.
    """
    rows = fetch_all(
        session,
        "territory/list_findings",
        plan_id=plan.id,
        kinds=wanted.kinds_wanted(),
        notices=list(NOTICE_KINDS),
        ids=None if wanted.ids is None else list(wanted.ids),
        **{
            key: getattr(wanted, key)
            for key in ("state", "min_area_m2", "max_area_m2", "min_width_m", "max_width_m")
        },
    )
    return [_show(row) for row in rows]


def _show(row: dict[str, Any]) -> dict[str, Any]:
    check = find_check(row["kind"])
    row["bbox"] = None if row["bbox"][0] is None else row["bbox"]
    row |= {"group": check.group, "label_zh": check.label.zh, "label_en": check.label.en}
    row["zh"], row["en"] = tell_finding(row)
    return row


def find_finding(session: Session, finding_id: int, *, plan: Plan | None = None) -> Finding:
    """The finding of a number (of one plan, if named); NotFound when there is none in the viewer's sight."""
    finding = session.get(Finding, finding_id)
    if finding is None or (plan is not None and finding.plan_id != plan.id):
        raise NotFound("no_finding", zh="没有这个问题项", en="there is no such finding")
    return finding


def summarise_findings(session: Session, plan: Plan) -> PlanCheck:
    """Findings of a plan by kind, and how many are neither mended, allowed nor harmless."""
    rows = fetch_all(session, "territory/count_findings", plan_id=plan.id)
    counts = {row["kind"]: row["findings"] for row in rows}
    return PlanCheck(
        {kind: count for kind, count in counts.items() if kind not in NOTICE_KINDS},
        sum(row["blocking"] for row in rows),
        {kind: count for kind, count in counts.items() if kind in NOTICE_KINDS},
    )


def allow_finding(
    session: Session, finding_id: int, *, reason: str = "", user_id: int | None = None
) -> Finding:
    """Let a finding stand that waits for a person's word; a nested grid is listed on the certificate.

    Raises NotFound, or Conflict `must_be_mended` for a finding that nobody can allow.
    """
    finding = find_finding(session, finding_id)
    if finding.severity == "must_fix":
        raise Conflict(
            "must_be_mended", zh="此类问题必须修复，不能放行", en="a fault of this kind must be mended"
        )
    said = {"reason": reason.strip(), "by": user_id, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    return _decide(session, finding, "allowed", {**finding.detail, "allowed": said})


def disallow_finding(session: Session, finding_id: int) -> Finding:
    """Take the word back: the finding is open again, and a certificate that relied on it falls.

    Raises NotFound, Conflict `plan_closed` for a plan that is approved or in force, Conflict `not_allowed`
    for a finding that nobody has allowed (one that the plan's own rule allows stays so).
    """
    finding = find_finding(session, finding_id)
    if finding.state != "allowed" or finding.detail.get("by_rule"):
        raise Conflict("not_allowed", zh="该问题项未被放行", en="nobody has allowed this finding")
    detail = {key: value for key, value in finding.detail.items() if key != "allowed"}
    return _decide(session, finding, "open", detail)


def _decide(session: Session, finding: Finding, state: str, detail: dict[str, Any]) -> Finding:
    plan = session.get_one(Plan, finding.plan_id)
    lock_plan(session, plan)
    # A check that was under way meanwhile may have taken it away.
    number = finding.id
    session.expire(finding)
    finding = find_finding(session, number, plan=plan)
    if state == "open":
        require_editable(plan)
        plan.certificate = plan.certificate_no = None
    finding.state, finding.detail = state, detail
    session.flush()
    set_status(plan, summarise_findings(session, plan))
    session.flush()
    return finding


def set_status(plan: Plan, check: PlanCheck) -> None:
    """A draft without anything left to mend or confirm is `checked`, every other one a draft."""
    if plan.status in ("draft", "checked"):
        fresh = plan.checked_version == plan.ground_version
        plan.status = "checked" if fresh and check.blocking == 0 else "draft"
