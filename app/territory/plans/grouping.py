"""Units become the grids of a draft: one by one, in groups that a list names, or by a rule."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from app.errors import BadInput
from app.glossary import find_term
from app.territory.plans.cutting import BASE_KINDS
from app.territory.tables import Rejected, RowError, read_table

Rule = Literal["village", "town", "branch", "kind", "prefix"]
RULES: tuple[Rule, ...] = get_args(Rule)
TOWN_FIGURES = 9
"""The first nine figures of an official village code are its town's."""
Unit = dict[str, Any]


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """A grid to be made of several units. `unit_codes` may hold whole codes, `3206*` and `A..B`."""

    code: str
    name: str
    unit_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Units by their codes: those that begin with `prefix`, those from `first` to `last`, or both."""

    prefix: str = ""
    first: str = ""
    last: str = ""

    def holds(self, code: str) -> bool:
        """Whether a unit's code lies in the range (both ends belong to it)."""
        beyond = bool(self.last) and code > self.last and not code.startswith(self.last)
        return code.startswith(self.prefix) and code >= self.first and not beyond


class Gathered(NamedTuple):
    """One grid of a draft: its code and name, its units (rows of the list), and a branch if it is known."""

    code: str
    name: str
    rows: list[int]
    branch_id: int | None = None


@dataclass(slots=True)
class DraftReport:
    """What became of the units: grids of several, units that stay alone, names nobody knows."""

    units: int = 0
    grouped: int = 0
    alone: int = 0
    unknown_units: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    no_branch: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report as JSON-ready values."""
        named = ("units", "grouped", "alone", "unknown_units", "twice", "no_branch")
        rejected = [{"row": r.row, "reason": r.reason, "message": r.message} for r in self.rejected]
        return {**{name: getattr(self, name) for name in named}, "rejected": rejected}

    @property
    def clean(self) -> bool:
        """Whether every line was used as it stands."""
        return not (self.unknown_units or self.twice or self.rejected)


def read_code_range(text: str) -> CodeRange:
    """A range as people type it: `320614101*` or `320614101` (what begins so), `A..B` or `A~B`."""
    for sign in ("..", "~", "～", "—"):
        first, found, last = text.partition(sign)
        if found:
            return CodeRange("", first.strip(), last.strip())
    return CodeRange(text.strip().rstrip("*"))


def read_groups(path: Path) -> tuple[list[UnitGroup], list[Rejected]]:
    """Groups from a CSV file (UTF-8 or GB18030): one line a unit (or several, divided by |) with 单元代码,
    网格编号 and, once is enough, 网格名称. Lines without unit or grid are left out and listed.

    Raises RefusedFile when it is no table or a column is missing.
    """
    table = read_table(path, ("unit_code", "grid_code", "grid_name"), required=("unit_code", "grid_code"))
    units: dict[str, list[str]] = defaultdict(list)
    names: dict[str, str] = {}
    rejected = []
    for row in table.rows:
        grid, codes = row.read("grid_code"), row.read_list("unit_code")
        if not grid or not codes:
            error = RowError("missing_cell", zh="缺少单元代码或网格编号", en="no unit code or no grid code")
            rejected.append(error.at(row.number))
            continue
        units[grid] += codes
        names.setdefault(grid, row.read("grid_name") or "")
        names[grid] = names[grid] or row.read("grid_name") or ""
    return [UnitGroup(grid, names[grid], tuple(codes)) for grid, codes in units.items()], rejected


def gather_groups(units: Sequence[Unit], groups: Iterable[UnitGroup], report: DraftReport) -> list[Gathered]:
    """Grids as a list names them; a unit named twice goes to the first, one named by nobody stays alone."""
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, unit in enumerate(units):
        rows_of[unit["code"]].append(row)
    taken: set[str] = set()
    gathered = []
    for group in groups:
        codes = [code for asked in group.unit_codes for code in _find_codes(asked, rows_of, report)]
        report.twice += sorted({code for code in codes if code in taken})
        mine = [code for code in dict.fromkeys(codes) if code not in taken]
        taken.update(mine)
        rows = [row for code in mine for row in rows_of[code]]
        if rows:
            gathered.append(Gathered(group.code, group.name or units[rows[0]]["name"], rows))
    if not gathered:
        raise BadInput(
            "no_units",
            zh="分组中没有可用的单元",
            en="the groups name no unit that is known",
            **report.as_json(),
        )
    return gathered


def _find_codes(asked: str, rows_of: Mapping[str, Any], report: DraftReport) -> list[str]:
    if asked in rows_of:
        return [asked]
    several = asked.endswith("*") or any(sign in asked for sign in ("..", "~", "～"))
    found = [code for code in rows_of if read_code_range(asked).holds(code)] if several else []
    if not found:
        report.unknown_units.append(asked)
    return found


def gather_by_rule(
    units: Sequence[Unit], rule: Rule, branches: "Branches", report: DraftReport
) -> list[Gathered]:
    """Grids of all villages of a town (`town`, `prefix`), of a branch, or of one kind in a town; markets,
    districts and parks stay grids of their own, and so do units of which the rule cannot be told.

    `branches` are the only branches of their towns, by town code: (id, code, name).
    """
    found: dict[str, Gathered] = {}
    for row, unit in enumerate(units):
        key = _KEYS[rule](unit, branches) if unit["kind"] in BASE_KINDS else None
        if key is not None:
            found.setdefault(key[0], Gathered(key[0], key[1], [], key[2])).rows.append(row)
        elif rule == "branch" and unit["kind"] in BASE_KINDS:
            report.no_branch.append(unit["code"])
    return list(found.values())


Branches = Mapping[str, tuple[int, str, str]]
Key = tuple[str, str, int | None] | None


def _by_town(unit: Unit, branches: Branches) -> Key:
    return (
        None if not unit["town_code"] else (unit["town_code"], unit["town_name"] or unit["town_code"], None)
    )


def _by_branch(unit: Unit, branches: Branches) -> Key:
    branch = branches.get(unit["town_code"] or "")
    return None if branch is None else (branch[1], branch[2], branch[0])


def _by_kind(unit: Unit, branches: Branches) -> Key:
    town, kind = _by_town(unit, branches), unit["kind"]
    return None if town is None else (f"{town[0]}-{kind}", f"{town[1]}{find_term(kind).zh}", None)


def _by_prefix(unit: Unit, branches: Branches) -> Key:
    code = unit["code"][:TOWN_FIGURES]
    return None if len(unit["code"]) <= TOWN_FIGURES else (code, unit["town_name"] or code, None)


_KEYS = {"town": _by_town, "branch": _by_branch, "kind": _by_kind, "prefix": _by_prefix}


def tell_kind(units: Sequence[Unit], rows: Sequence[int]) -> str:
    """The kind of a grid of several units: the one that most of them are."""
    return str(Counter(units[row]["kind"] for row in rows).most_common(1)[0][0])
