"""What Getu remembers: tables only, no behaviour. One module a subject, one `Base` for all."""

from app.models.base import Base
from app.models.customer import (
    Assignment,
    AssignmentMove,
    AssignmentRun,
    Customer,
    CustomerBlock,
    CustomerLink,
    GridCount,
    Placement,
    SourceSystem,
    VillageCount,
    Visit,
    VisitPhoto,
)
from app.models.ground import Duty, Finding, Grid, GridKey, Place, Plan, Unit
from app.models.indicators import CustomerChange, IndicatorMonth
from app.models.intake import ImportRun, IntakeRow, Job
from app.models.layering import MapFeature, MapLayer
from app.models.lending import LendingCheck, LendingException
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
    "CustomerBlock",
    "CustomerChange",
    "CustomerLink",
    "Duty",
    "Finding",
    "GeocodeCache",
    "Grid",
    "GridCount",
    "GridKey",
    "GridPost",
    "GridTarget",
    "Household",
    "HouseholdApart",
    "HouseholdMember",
    "HouseholdStep",
    "ImportRun",
    "IndicatorMonth",
    "IntakeRow",
    "Job",
    "LendingCheck",
    "LendingException",
    "LetterSignature",
    "MapFeature",
    "MapLayer",
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
    "VillageCount",
    "Visit",
    "VisitPhoto",
    "WorkRule",
]
