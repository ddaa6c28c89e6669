"""The committee's six groups: what each may do, and where each starts."""

from typing import get_args

import pytest

from app.access import RIGHTS, Person, Right
from app.access.teams import TEAMS
from app.cli.users import check_team
from app.errors import BadInput


@pytest.mark.parametrize("team", TEAMS)
def test_a_team_has_fewer_rights_than_head_office_and_its_own_start(team: str) -> None:
    person = Person(1, "x", "某", "head", team=team)
    assert person.rights == TEAMS[team].rights
    assert person.rights < RIGHTS["head"]
    assert {"see_ground", "see_customers"} <= person.rights
    assert person.start.startswith("/")


def test_every_right_of_head_office_is_some_teams() -> None:
    kept = {"divide_ground"} | set().union(*(team.rights for team in TEAMS.values()))
    assert kept == set(get_args(Right))


def test_a_team_never_widens_another_role() -> None:
    assert Person(1, "x", "某", "manager", team="grids").rights <= RIGHTS["manager"]


@pytest.mark.parametrize(("role", "team"), [("manager", "grids"), ("head", "kitchen")])
def test_only_people_of_head_office_are_in_a_team(role: str, team: str) -> None:
    with pytest.raises(BadInput, match="bad_team"):
        check_team(role, team)
    assert check_team("head", "risk") == "risk"
    assert check_team("manager", None) is None
