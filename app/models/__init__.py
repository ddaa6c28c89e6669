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
from app.models.viewer import ApiKey, AppUser, Audit, AuditSeal, UserSession

__all__ = [
    "ApiKey",
    "AppUser",
    "Assignment",
    "AssignmentMove",
    "AssignmentRun",
    "Audit",
    "AuditSeal",
    "Base",
    "Branch",
    "Customer",
    "Duty",
    "Finding",
    "Grid",
    "GridCount",
    "ImportRun",
    "IntakeRow",
    "Job",
    "Place",
    "Placement",
    "Plan",
    "SourceSystem",
    "Staff",
    "Unit",
    "UserSession",
    "Visit",
]
