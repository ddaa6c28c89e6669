"""What is too small to count in a plan: the least width and the least area of a fault."""

from typing import Any

from sqlalchemy.orm import Session

from app.errors import BadInput
from app.models import Plan
from app.spatial.topology import FaultOptions
from app.territory.plans.listing import lock_plan, require_editable

LIMITS = {"min_width_m": (0.02, 50.0), "min_area_m2": (0.0, 1_000_000.0)}
"""Metres and square metres. Less than two centimetres is the noise of rounded coordinates."""


def read_options(plan: Plan) -> FaultOptions:
    """What is too small to count in this plan: its own thresholds, else the usual ones."""
    usual = FaultOptions()
    return FaultOptions(
        min_width_m=usual.min_width_m if plan.min_width_m is None else plan.min_width_m,
        min_area_m2=usual.min_area_m2 if plan.min_area_m2 is None else plan.min_area_m2,
        sliver_width_m=usual.sliver_width_m,
    )


def state_thresholds(session: Session, plan: Plan, **stated: float | None) -> None:
    """State `min_width_m` and `min_area_m2` of a draft (None: the usual ones, 0.05 m and 0.5 m2).

    A threshold that is not named stays. Where one changes, the last check no longer holds and a certificate
    falls. Raises BadInput `bad_threshold`, Conflict `plan_closed`.
    """
    lock_plan(session, plan)
    require_editable(plan)
    changed = {name: value for name, value in stated.items() if getattr(plan, name) != _check(name, value)}
    for name, value in changed.items():
        setattr(plan, name, value)
    if changed:
        plan.checked_version, plan.status = None, "draft"
        plan.certificate = plan.certificate_no = None
    session.flush()


def _check(name: str, value: Any) -> float | None:
    least, most = LIMITS[name]
    if value is not None and not least <= value <= most:
        raise BadInput(
            "bad_threshold",
            zh=f"阈值 {name} 应在 {least:g} 与 {most:g} 之间",
            en=f"the threshold {name} lies between {least:g} and {most:g}",
        )
    return None if value is None else float(value)
