"""The five kinds of viewer and their rights.

Rights say which *acts* a role may do; which *rows* it sees is the database's business (policies on
the database role that `Person.viewer` names).
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, get_args

from app.access.rights import Right
from app.access.teams import TEAMS
from app.db import Viewer
from app.errors import NotAllowed

Role = Literal["head", "branch_head", "manager", "analyst", "system"]
ROLES: tuple[Role, ...] = get_args(Role)
RIGHTS: dict[Role, frozenset[Right]] = {
    "head": frozenset(get_args(Right)),
    "branch_head": frozenset(
        {
            "see_ground",
            "see_customers",
            "reveal_customers",
            "export_customers",
            "divide_ground",
            "answer_allotments",
            "place_customers",
            "report_visits",
            "print_maps",
            "ask_places",
            "check_lending",
        }
    ),
    "manager": frozenset(
        {
            "see_ground",
            "see_customers",
            "reveal_customers",
            "answer_allotments",
            "place_customers",
            "report_visits",
            "print_maps",
            "ask_places",
            "check_lending",
        }
    ),
    "analyst": frozenset({"see_ground", "import_boundaries", "print_maps", "ask_places"}),
    # A system's key narrows these further by its scopes.
    "system": frozenset(
        {
            "see_ground",
            "see_customers",
            "export_customers",
            "import_customers",
            "report_visits",
            "ask_places",
            "check_lending",
        }
    ),
}


@dataclass(frozen=True)
class Person:
    """Somebody (or some system) that is signed in."""

    user_id: int
    login: str
    name: str
    role: Role
    staff_id: int | None = None
    branch_id: int | None = None
    scopes: frozenset[str] | None = None
    team: str | None = None

    @property
    def viewer(self) -> Viewer:
        """The database identity under which this person's transactions are opened."""
        if self.role == "head" or (self.role == "system" and self.branch_id is None):
            return Viewer("getu_head", self.user_id)
        if self.role == "analyst":
            return Viewer("getu_ground", self.user_id)
        return Viewer("getu_scoped", self.user_id)

    @property
    def rights(self) -> frozenset[Right]:
        """What this person may do: the role's rights, narrowed by a team, or by the scopes of an API key."""
        rights = RIGHTS[self.role] if self.team is None else RIGHTS[self.role] & TEAMS[self.team].rights
        return rights if self.scopes is None else frozenset(r for r in rights if r in self.scopes)

    @property
    def mark(self) -> str:
        """What this person is and may do, as a short text: another one as soon as any of it is changed."""
        told = (self.user_id, self.role, self.staff_id, self.branch_id, self.team, sorted(self.rights))
        return sha256(repr(told).encode()).hexdigest()[:12]

    @property
    def start(self) -> str:
        """The page that opens after signing in."""
        return "/" if self.team is None else TEAMS[self.team].start


def require(person: Person, right: Right) -> None:
    """Raise NotAllowed unless `person` holds `right`."""
    if right not in person.rights:
        raise NotAllowed(
            "right_missing",
            zh="您的岗位没有这项权限",
            en=f"this role does not hold the right {right}",
            right=right,
        )
