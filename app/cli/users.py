"""getu user: who may sign in."""

import secrets
import sys
from typing import Annotated, TypeVar

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.people import RIGHTS, ROLES
from app.access.signing_in import hash_password, make_key
from app.access.teams import TEAMS
from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.errors import BadInput, NotFound
from app.models import AppUser, Branch, Staff

cli = typer.Typer(no_args_is_help=True, add_completion=False)
Coded = TypeVar("Coded", Staff, Branch)


@cli.command()
def add(
    login: Annotated[str, typer.Argument(help="the name to sign in with, e.g. a staff number")],
    role: Annotated[str, typer.Option(help=", ".join(ROLES))],
    name: Annotated[str, typer.Option(help="the person's name; the staff list's when --staff is given")] = "",
    staff: Annotated[str | None, typer.Option(help="staff number (a manager needs one)")] = None,
    branch: Annotated[str | None, typer.Option(help="branch code (a branch head needs one)")] = None,
    team: Annotated[
        str | None, typer.Option(help=f"group of the committee, head office only: {', '.join(TEAMS)}")
    ] = None,
    password: Annotated[
        str | None, typer.Option(help="- reads it from standard input; made up when missing")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A new user, or a new password and role for an old one."""
    given = sys.stdin.readline().strip() if password == "-" else password  # noqa: S105
    clear = given or secrets.token_urlsafe(9)
    with bank() as opened, opened.transaction() as session:
        user = store_user(session, login, role, name=name, staff=staff, branch=branch)
        user.team = check_team(role, team)
        user.password_hash = hash_password(clear)
        user.failed_logins, user.locked_until, user.active = 0, None, True
        result = {
            "login": login,
            "role": role,
            "name": user.name,
            "team": user.team,
            "password": None if given else clear,
        }
    give(result, as_json=as_json)


def store_user(
    session: Session,
    login: str,
    role: str,
    *,
    name: str = "",
    staff: str | None = None,
    branch: str | None = None,
) -> AppUser:
    """The user of a login with this role; raises BadInput or NotFound when the role lacks its ground."""
    if role not in ROLES:
        raise BadInput(
            "bad_role", zh=f"岗位应为：{'、'.join(ROLES)}", en=f"role is one of {', '.join(ROLES)}"
        )
    person = find_by_code(session, Staff, staff)
    house = find_by_code(session, Branch, branch)
    branch_id = house.id if house else person.branch_id if person and role == "branch_head" else None
    if role == "manager" and person is None:
        raise BadInput("no_staff", zh="客户经理须用 --staff 指明工号", en="a manager needs --staff")
    if role == "branch_head" and branch_id is None:
        raise BadInput("no_branch", zh="支行负责人须用 --branch 指明机构", en="a branch head needs --branch")
    user = session.scalar(select(AppUser).where(AppUser.login == login)) or AppUser(login=login)
    user.role, user.branch_id = role, branch_id
    user.staff_id = person.id if person else None
    user.name = name or (person.name if person else login)
    session.add(user)
    session.flush()
    return user


def check_team(role: str, team: str | None) -> str | None:
    """The committee's group of a user; only people of head office are in one. Raises BadInput `bad_team`."""
    if team is not None and (role != "head" or team not in TEAMS):
        raise BadInput(
            "bad_team",
            zh=f"工作组限总行人员，可用：{'、'.join(f'{key}（{one.zh}）' for key, one in TEAMS.items())}",
            en=f"a group is for head office; one of {', '.join(TEAMS)}",
        )
    return team


def find_by_code(session: Session, kind: type[Coded], code: str | None) -> Coded | None:
    """The row of a code, None for no code. Raises NotFound."""
    if code is None:
        return None
    row = session.scalar(select(kind).where(kind.code == code))
    if row is None:
        raise NotFound("no_code", zh=f"没有编号 {code}", en=f"there is no {kind.__tablename__} {code}")
    return row


@cli.command(name="list")
def list_all(as_json: AsJson = False) -> None:
    """All users."""
    with bank() as opened, opened.transaction() as session:
        users = session.scalars(select(AppUser).order_by(AppUser.login))
        rows = [{"login": u.login, "name": u.name, "role": u.role, "active": u.active} for u in users]
    give({"users": rows}, as_json=as_json)


@cli.command()
def key(
    login: Annotated[str, typer.Argument(help="a user of role system")],
    name: Annotated[str, typer.Option(help="what the key is for")],
    scope: Annotated[list[str], typer.Option(help="a right the key holds; repeat for several")],
    days: Annotated[int, typer.Option(help="days until it ends", min=1, max=730)] = 365,
    as_json: AsJson = False,
) -> None:
    """A key for another bank system; shown once, only its hash is stored."""
    unknown = [right for right in scope if right not in RIGHTS["system"]]
    if unknown:
        known = "、".join(sorted(RIGHTS["system"]))
        raise BadInput(
            "bad_scope", zh=f"没有权限 {unknown[0]}，可用：{known}", en=f"no such right: {unknown[0]}"
        )
    with bank() as opened, opened.transaction() as session:
        user = session.scalar(select(AppUser).where(AppUser.login == login, AppUser.role == "system"))
        if user is None:
            raise NotFound("no_user", zh=f"没有系统用户 {login}", en=f"there is no system user {login}")
        clear = make_key(session, user, name, scopes=scope, days=days)
    give({"key": clear, "scopes": scope, "days": days}, as_json=as_json)
