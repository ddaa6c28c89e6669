"""Plans: a division of the frame into grids, from draft to force, proved without gap and overlap."""

from app.territory.plans.certificate import certify, verify, verify_statement
from app.territory.plans.checking import check_plan, read_options, recheck_plan
from app.territory.plans.colouring import colour_grids
from app.territory.plans.difference import Difference, GridChange, compare_in_sight, compare_plans, diff
from app.territory.plans.drafting import PlanDraft, delete_plan, draft_plan, new_plan, rename_plan
from app.territory.plans.duties import give_duty, import_duties
from app.territory.plans.findings import (
    PlanCheck,
    Wanted,
    allow_finding,
    disallow_finding,
    find_finding,
    list_findings,
    summarise_findings,
)
from app.territory.plans.grouping import (
    CodeRange,
    DraftReport,
    UnitGroup,
    read_code_range,
    read_groups,
)
from app.territory.plans.listing import (
    IN_FORCE,
    count_plan,
    find_plan,
    find_plan_on,
    list_plans,
    tell_plan,
    tell_state,
)
from app.territory.plans.precedence import complete_precedence, read_precedence, state_precedence
from app.territory.plans.publishing import approve, publish, retire_ended, withdraw
from app.territory.plans.repairing import Proposal, Repair, apply_repair, repair_proposals
from app.territory.plans.statement import hash_ground, measure_frame
from app.territory.plans.thresholds import state_thresholds

__all__ = [
    "IN_FORCE",
    "CodeRange",
    "Difference",
    "DraftReport",
    "GridChange",
    "PlanCheck",
    "PlanDraft",
    "Proposal",
    "Repair",
    "UnitGroup",
    "Wanted",
    "allow_finding",
    "apply_repair",
    "approve",
    "certify",
    "check_plan",
    "colour_grids",
    "compare_in_sight",
    "compare_plans",
    "complete_precedence",
    "count_plan",
    "delete_plan",
    "diff",
    "disallow_finding",
    "draft_plan",
    "find_finding",
    "find_plan",
    "find_plan_on",
    "give_duty",
    "hash_ground",
    "import_duties",
    "list_findings",
    "list_plans",
    "measure_frame",
    "new_plan",
    "publish",
    "read_code_range",
    "read_groups",
    "read_options",
    "read_precedence",
    "recheck_plan",
    "rename_plan",
    "repair_proposals",
    "retire_ended",
    "state_precedence",
    "state_thresholds",
    "summarise_findings",
    "tell_plan",
    "tell_state",
    "verify",
    "verify_statement",
    "withdraw",
]
