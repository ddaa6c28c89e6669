"""The five kinds of viewer and their rights.

Rights say which *acts* a role may do; which *rows* it sees is the database's business (policies on
the database role that `Person.viewer` names).
"""

from dataclasses import dataclass
from typing import Literal, get_args

from app.db import Viewer
from app.errors import NotAllowed

Role = Literal["head", "branch_head", "manager", "analyst", "system"]
Right = Literal[
    "see_ground",  # grids, outlets, plans, findings, map, tiles
    "see_customers",  # customers of the grids in sight, masked
    "reveal_customers",  # one customer's phone or ID number in clear, audited
    "export_customers",  # a file of customers of a grid, audited
    "import_boundaries",  # boundary and gazetteer files
    "import_customers",  # customer and organisation files
    "plan_ground",  # make, check, certify, publish plans; give duties
    "divide_ground",  # edit, split, merge, mend the grids of one's own branches in a draft; offer them
    "answer_allotments",  # accept or return grids offered to one's branch or to oneself
    "assign_customers",  # run the assignment
    "place_customers",  # decide where a customer of one's own sight lives, pin him, take it back
    "report_visits",  # write a visit
    "print_maps",  # wall maps, stand-alone map
    "read_audit",
    "ask_places",  # geocode and locate
]

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
        """What this person may do: the role's rights, narrowed by the scopes of an API key."""
        rights = RIGHTS[self.role]
        return rights if self.scopes is None else frozenset(r for r in rights if r in self.scopes)


def require(person: Person, right: Right) -> None:
    """Raise NotAllowed unless `person` holds `right`."""
    if right not in person.rights:
        raise NotAllowed(
            "right_missing",
            zh="您的岗位没有这项权限",
            en=f"this role does not hold the right {right}",
            right=right,
        )
