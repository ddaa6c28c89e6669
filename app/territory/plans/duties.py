"""Who holds which grid of a plan: given one by one, or loaded from the bank's duty table."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import today
from app.db import fetch_all, fetch_value
from app.errors import BadInput, Conflict, NotFound
from app.models import Branch, Grid, Plan, Staff
from app.territory.organisation import find_staff, store_rows
from app.territory.plans.colouring import colour_grids
from app.territory.plans.listing import lock_plan, require_editable, touch_ground
from app.territory.plans.timelines import (
    Key,
    Span,
    Timeline,
    in_order,
    load_timelines,
    put,
    write_timelines,
)
from app.territory.tables import Row, RowError, TableReport, read_table

ROLES = ("primary", "backup", "liaison", "terminal_administrator")
DUTY_FIELDS = (
    "grid_code",
    "unit_code",
    "grid_name",
    "branch_code",
    "primary_code",
    "backup_code",
    "liaison_code",
    "terminal_code",
    "valid_from",
    "reason",
)
_COLUMN_OF_ROLE = {
    "primary": "primary_code",
    "backup": "backup_code",
    "liaison": "liaison_code",
    "terminal_administrator": "terminal_code",
}


def give_duty(
    session: Session,
    grid: Grid,
    staff_code: str,
    *,
    role: str = "primary",
    valid_from: date,
    replace: bool = False,
) -> None:
    """Give a grid to a person from a day on.

    With `replace` whoever held that role hands over on that day, and what was recorded before stays readable
    as it was known then. Without it a second primary raises Conflict `primary_taken`; the database itself
    refuses it as well.
    """
    if role not in ROLES:
        raise BadInput("bad_role", zh=f"不认识的责任类型：{role}", en=f"unknown duty: {role}")
    person = find_staff(session, staff_code)
    lock_plan(session, session.get_one(Plan, grid.plan_id))
    if role == "primary" and not replace:
        holder = fetch_value(
            session, "territory/find_holder", grid_id=grid.id, role=role, valid_from=valid_from
        )
        if holder is not None:
            raise Conflict(
                "primary_taken",
                zh=f"网格 {grid.code} 在该日期已由 {holder} 主责",
                en=f"grid {grid.code} has a primary on that date: {holder}",
            )
    _give(session, [_Gift(grid.id, person.id, role, valid_from, None)], replace=replace)


class _Gift(NamedTuple):
    """A grid given to a person in one role from a day on."""

    grid_id: int
    staff_id: int
    role: str
    begins: date
    reason: str | None


def _give(session: Session, gifts: Iterable[_Gift], *, replace: bool) -> None:
    """Store duties in order of their days; with `replace` whoever held those roles hands over."""
    gifts = sorted(gifts, key=lambda gift: gift.begins)
    before = load_timelines(session, sorted({gift.grid_id for gift in gifts}))
    after: dict[Key, Timeline] = {}
    for gift in gifts:
        key: Key = (gift.grid_id, gift.role)
        stood = after.get(key, before.get(key, ()))
        span = Span(gift.staff_id, gift.begins, None, gift.reason)
        after[key] = put(stood, span) if replace else in_order((*stood, span))
    write_timelines(session, before, after)


def find_grid_by_code(session: Session, plan: Plan, code: str) -> Grid:
    """The grid of a code in a plan; NotFound when there is none in the viewer's sight."""
    grid = session.scalars(select(Grid).where(Grid.plan_id == plan.id, Grid.code == code)).first()
    if grid is None:
        raise NotFound("no_grid", zh=f"没有网格 {code}", en=f"there is no grid {code}")
    return grid


def import_duties(session: Session, path: Path, plan: Plan, *, valid_from: date | None = None) -> TableReport:
    """Load the bank's duty table into a draft: one line a grid, found by 单元代码 or 网格编号.

    A line may give the grid the bank's own code and name, its branch (机构号), its primary, backup, liaison
    and terminal administrator by number, and the day it starts (else `valid_from`, else today). Loading the
    same table twice changes nothing. Lines that name an unknown grid, branch or person, or for one day
    another person than an earlier line, are left out and listed. Raises Conflict `plan_closed` for a plan
    that is approved or in force.
    """
    lock_plan(session, plan)
    require_editable(plan)
    table = read_table(path, DUTY_FIELDS, required=())
    if not {"grid_code", "unit_code"} & set(table.columns):
        raise BadInput(
            "missing_columns",
            zh="缺少列：网格编号或单元代码",
            en="a column is missing: grid code or unit code",
        )
    loader = _Loader(session, plan, valid_from or today())
    report = store_rows(table, loader.store)
    if loader.renamed:
        touch_ground(session, plan)
    _give(session, loader.gifts.values(), replace=True)
    colour_grids(session, plan)
    return report


class _Loader:
    """Gives the lines of one duty table to the grids of one plan, everything known looked up once."""

    def __init__(self, session: Session, plan: Plan, valid_from: date) -> None:
        self.session = session
        self.valid_from = valid_from
        grids = list(session.scalars(select(Grid).where(Grid.plan_id == plan.id, Grid.level == 3)))
        self.by_code = {grid.code: grid for grid in grids}
        self.by_unit = {code: grid for grid in reversed(grids) for code in grid.unit_codes}
        self.branches = {branch.code: branch.id for branch in session.scalars(select(Branch))}
        self.staff = {person.code: person.id for person in session.scalars(select(Staff))}
        held = fetch_all(session, "territory/list_standing_duties", plan_id=plan.id)
        self.held = {(row["grid_id"], row["role"]): (row["staff_id"], row["valid_from"]) for row in held}
        self.gifts: dict[tuple[int, str, date], _Gift] = {}
        self.lines: dict[tuple[int, str, date], tuple[int, int]] = {}
        self.named: set[tuple[int, str, date]] = set()
        self.renamed = False

    def store(self, row: Row) -> None:
        """Name the grid and collect its duties; RowError before anything of a bad line is stored."""
        grid = self._find_grid(row)
        people = list(self._read_people(row))
        branch_id = self._read_branch(row)
        begins = read_day(row.read("valid_from")) or self.valid_from
        _require_same_if_locked(grid, row, branch_id)
        self._require_one_each(grid, row, people, begins)
        self._name(grid, row)
        grid.branch_id = branch_id if branch_id is not None else grid.branch_id
        self.session.flush()
        for role, staff_id in people:
            self._keep(grid, role, staff_id, begins, row.read("reason"))

    def _find_grid(self, row: Row) -> Grid:
        unit, code = row.read("unit_code"), row.read("grid_code")
        grid = self.by_unit.get(unit or "") or (self.by_code.get(code or "") if unit is None else None)
        if grid is None:
            raise RowError(
                "unknown_grid",
                zh=f"规划中没有此单元或网格：{unit or code}",
                en=f"no such grid: {unit or code}",
            )
        other = self.by_code.get(code or "")
        if other is not None and other is not grid:
            raise RowError("code_taken", zh=f"网格编号 {code} 已被占用", en=f"grid code {code} is taken")
        return grid

    def _name(self, grid: Grid, row: Row) -> None:
        code = row.read("grid_code")
        if code is not None and code != grid.code:
            del self.by_code[grid.code]
            self.by_code[code] = grid
            grid.code = code
            self.renamed = True
        grid.name = row.read("grid_name") or grid.name

    def _read_branch(self, row: Row) -> int | None:
        code = row.read("branch_code")
        if code is not None and code not in self.branches:
            raise RowError("unknown_branch", zh=f"机构号 {code} 不存在", en=f"there is no branch {code}")
        return None if code is None else self.branches[code]

    def _read_people(self, row: Row) -> Iterator[tuple[str, int]]:
        for role, column in _COLUMN_OF_ROLE.items():
            code = row.read(column)
            if code is not None and code not in self.staff:
                raise RowError(
                    "unknown_staff", zh=f"工号 {code} 不存在", en=f"there is no staff number {code}"
                )
            if code is not None:
                yield role, self.staff[code]

    def _require_one_each(
        self, grid: Grid, row: Row, people: Sequence[tuple[str, int]], begins: date
    ) -> None:
        """Two lines may name two people for one role only from two days on: then one hands over."""
        for role, staff_id in people:
            first, line = self.lines.get((grid.id, role, begins), (staff_id, row.number))
            if first != staff_id:
                raise RowError(
                    "two_primaries" if role == "primary" else "two_holders",
                    zh=f"网格 {grid.code} 在第 {line} 行已指定他人担任同一责任，请核对",
                    en=f"line {line} gives this duty of grid {grid.code} to somebody else",
                )
        for role, staff_id in people:
            self.lines[grid.id, role, begins] = (staff_id, row.number)

    def _keep(self, grid: Grid, role: str, staff_id: int, begins: date, reason: str | None) -> None:
        """Remember a duty to be given, unless the person holds it already."""
        holder, since = self.held.get((grid.id, role), (None, date.max))
        others = any(key[:2] == (grid.id, role) for key in self.named)
        self.named.add((grid.id, role, begins))
        if holder != staff_id or since > begins or others:
            self.gifts[grid.id, role, begins] = _Gift(grid.id, staff_id, role, begins, reason)


def _require_same_if_locked(grid: Grid, row: Row, branch_id: int | None) -> None:
    """People of a locked grid may change; its code, name and branch may not."""
    wanted = (row.read("grid_code"), row.read("grid_name"), branch_id)
    stands = (grid.code, grid.name, grid.branch_id)
    if grid.locked and any(new is not None and new != old for new, old in zip(wanted, stands, strict=True)):
        raise RowError("locked", zh=f"网格 {grid.code} 已锁定", en=f"grid {grid.code} is locked")


def read_day(text: str | None) -> date | None:
    """A date as people write it (2026-01-31, 2026/1/31, 20260131, 2026年1月31日), else RowError."""
    if text is None:
        return None
    plain = text.split(" ")[0].replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-")
    for form in ("%Y-%m-%d", "%Y%m%d", "%Y.%m.%d"):
        try:
            return datetime.strptime(plain, form).date()
        except ValueError:
            continue
    raise RowError("bad_date", zh=f"日期无效：{text}", en=f"not a date: {text}")
