"""What Getu remembers: tables only, no behaviour. One module a subject, one `Base` for all."""

from app.models.base import Base
from app.models.customer import (
    Assignment,
    AssignmentMove,
    AssignmentRun,
    Customer,
    GridCount,
    Placement,
    SourceSystem,
    Visit,
)
from app.models.ground import Duty, Finding, Grid, Place, Plan, Unit
from app.models.intake import ImportRun, IntakeRow, Job
from app.models.organisation import Branch, Staff
from app.models.placing import (
    GeocodeCache,
    Household,
    HouseholdApart,
    HouseholdMember,
    HouseholdStep,
    PlaceAlias,
    PlaceCorrection,
    PlacementCase,
    PlacementRun,
    PlacementStep,
    ProviderUse,
)
from app.models.planning import Allotment, BranchTypeRule, PlanStep, StaffingChange
from app.models.scheme import BranchContact, GridPost, GridTarget, LetterSignature, Problem, WorkRule
from app.models.viewer import ApiKey, AppUser, Audit, AuditSeal, UserSession

__all__ = [
    "Allotment",
    "ApiKey",
    "AppUser",
    "Assignment",
    "AssignmentMove",
    "AssignmentRun",
    "Audit",
    "AuditSeal",
    "Base",
    "Branch",
    "BranchContact",
    "BranchTypeRule",
    "Customer",
    "Duty",
    "Finding",
    "GeocodeCache",
    "Grid",
    "GridCount",
    "GridPost",
    "GridTarget",
    "Household",
    "HouseholdApart",
    "HouseholdMember",
    "HouseholdStep",
    "ImportRun",
    "IntakeRow",
    "Job",
    "LetterSignature",
    "Place",
    "PlaceAlias",
    "PlaceCorrection",
    "Placement",
    "PlacementCase",
    "PlacementRun",
    "PlacementStep",
    "Plan",
    "PlanStep",
    "Problem",
    "ProviderUse",
    "SourceSystem",
    "Staff",
    "StaffingChange",
    "Unit",
    "UserSession",
    "Visit",
    "WorkRule",
]
