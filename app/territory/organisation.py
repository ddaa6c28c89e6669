"""The bank's own houses and people, loaded from its spreadsheets by code: loading twice changes nothing."""

from collections.abc import Callable, Iterable
from pathlib import Path

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.glossary import find_kind
from app.models import Branch, Staff
from app.territory.tables import Row, RowError, Table, TableReport, read_point, read_table, read_yes

BRANCH_FIELDS = (
    "branch_code",
    "branch_name",
    "branch_kind",
    "branch_type",
    "parent_code",
    "town_code",
    "address",
    "lon",
    "lat",
)
STAFF_FIELDS = ("staff_code", "staff_name", "staff_kind", "branch_code", "phone", "active")
BRANCH_KINDS = ("head_office", "branch", "outlet")
BRANCH_TYPES = ("urban", "rural", "suburban")
STAFF_KINDS = ("department", "branch_head", "manager", "liaison", "terminal_administrator")


def import_branches(session: Session, path: Path) -> TableReport:
    """Store the branches of a CSV file (机构号, 机构名称, …), updating those whose code is known.

    A row that names no name, an unknown type or a superior nobody knows is left out and listed.
    Points are lon/lat (EPSG:4326). Raises RefusedFile for a file that is no such table.
    """
    table = read_table(path, BRANCH_FIELDS, required=("branch_code", "branch_name"))
    known = {branch.code: branch for branch in session.scalars(select(Branch))}

    def store(row: Row) -> None:
        facts = _read_branch(row)
        branch = known.setdefault(str(facts["code"]), Branch())
        for name, value in facts.items():
            setattr(branch, name, value)
        session.add(branch)

    report = store_rows(table, store)
    session.flush()
    _join_superiors(table, report, known)
    session.flush()
    return report


def import_staff(session: Session, path: Path) -> TableReport:
    """Store the people of a CSV file (工号, 姓名, 岗位, 机构号, 联系电话), updating known numbers.

    The branch must be stored before its people. Raises RefusedFile for a file that is no such table.
    """
    table = read_table(path, STAFF_FIELDS, required=("staff_code", "staff_name", "branch_code"))
    houses = {branch.code: branch.id for branch in session.scalars(select(Branch))}
    known = {person.code: person for person in session.scalars(select(Staff))}

    def store(row: Row) -> None:
        facts = _read_person(row, houses)
        person = known.setdefault(str(facts["code"]), Staff())
        for name, value in facts.items():
            setattr(person, name, value)
        session.add(person)

    report = store_rows(table, store)
    session.flush()
    return report


def store_rows(table: Table, store: Callable[[Row], None]) -> TableReport:
    """Give each row to `store`; a row it refuses by RowError goes into the report with its reason."""
    report = TableReport(unknown_columns=table.unknown, encoding=table.encoding)
    for row in table.rows:
        try:
            store(row)
            report.imported += 1
        except RowError as bad:
            report.rejected.append(bad.at(row.number))
    return report


def find_branch(session: Session, code: str) -> Branch:
    """The branch of a code; NotFound when there is none."""
    branch = session.scalars(select(Branch).where(Branch.code == code)).first()
    if branch is None:
        raise NotFound("no_branch", zh=f"没有机构号 {code}", en=f"there is no branch {code}")
    return branch


def find_staff(session: Session, code: str) -> Staff:
    """The person of a staff number; NotFound when there is none in the viewer's sight."""
    person = session.scalars(select(Staff).where(Staff.code == code)).first()
    if person is None:
        raise NotFound("no_staff", zh=f"没有工号 {code}", en=f"there is no staff number {code}")
    return person


def list_branches(session: Session) -> list[Branch]:
    """All houses of the bank in order of their codes."""
    return list(session.scalars(select(Branch).order_by(Branch.code)))


def _read_branch(row: Row) -> dict[str, object]:
    name = _require(row, "branch_name", "没有机构名称", "the branch has no name")
    point = read_point(row)
    return {
        "code": _require(row, "branch_code", "没有机构号", "the branch has no code"),
        "name": name,
        "kind": _read_kind(row, "branch_kind", BRANCH_KINDS) or _guess_branch_kind(name),
        "branch_type": _read_kind(row, "branch_type", BRANCH_TYPES),
        "town_code": row.read("town_code"),
        "address": row.read("address"),
        "geom": from_shape(shapely.Point(point), srid=4326) if point else None,
    }


def _read_person(row: Row, houses: dict[str, int]) -> dict[str, object]:
    house = _require(row, "branch_code", "没有所属机构", "the person belongs to no branch")
    if house not in houses:
        raise RowError("unknown_branch", zh=f"机构号 {house} 不存在", en=f"there is no branch {house}")
    return {
        "code": _require(row, "staff_code", "没有工号", "the person has no number"),
        "name": _require(row, "staff_name", "没有姓名", "the person has no name"),
        "kind": _read_kind(row, "staff_kind", STAFF_KINDS) or "manager",
        "branch_id": houses[house],
        "phone": row.read("phone"),
        "active": read_yes(row.read("active"), default=True),
    }


def _join_superiors(table: Table, report: TableReport, known: dict[str, Branch]) -> None:
    left_out = {rejected.row for rejected in report.rejected}
    for row in table.rows:
        code, parent = row.read("branch_code"), row.read("parent_code")
        if row.number in left_out or code is None or parent is None:
            continue
        if parent not in known or parent == code:
            bad = RowError(
                "unknown_superior", zh=f"上级机构 {parent} 不存在，已按无上级保存", en=f"no superior {parent}"
            )
            report.rejected.append(bad.at(row.number))
        else:
            known[code].parent_id = known[parent].id


def _require(row: Row, term: str, zh: str, en: str) -> str:
    text = row.read(term)
    if text is None:
        raise RowError(f"no_{term}", zh=zh, en=en)
    return text


def _read_kind(row: Row, term: str, kinds: Iterable[str]) -> str | None:
    word = row.read(term)
    if word is None:
        return None
    kind = find_kind(word, kinds)
    if kind is None:
        raise RowError(f"bad_{term}", zh=f"不认识的类型：{word}", en=f"unknown kind: {word}")
    return kind


def _guess_branch_kind(name: str) -> str:
    """What a house is by its name; the word of a branch is the default."""
    for kind, endings in {
        "head_office": ("总行", "总部"),
        "outlet": ("分理处", "储蓄所", "分社", "网点"),
    }.items():
        if name.endswith(endings):
            return kind
    return "branch"
