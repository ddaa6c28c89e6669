"""One code on several rows: parts of one unit are joined; units of different names are a question."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from sqlalchemy.orm import Session

from app.territory.boundaries.fields import UnitFacts
from app.territory.boundaries.known import KnownPlaces, fold, group_of
from app.territory.boundaries.matching import match_codes
from app.territory.boundaries.reading import LEAVE_OUT, Drawing
from app.territory.boundaries.report import ImportOptions, ImportReport, Question
from app.territory.shapes import to_areas
from app.territory.tables import Rejected

CODE_TWICE = "code_twice"
KEEP_ALL, BY_NAME = "keep_all", "by_name"
Key = tuple[str, str, str]


def _key(unit: UnitFacts) -> Key:
    return unit.code_source, unit.code, group_of(unit.kind)


def join_parts(units: Sequence[UnitFacts], drawing: Drawing, report: ImportReport) -> list[UnitFacts]:
    """Rows of the same code and name become one unit of several parts; the first row stands for all.

    The drawing then holds the joined shape at the first row and none at the others. Households and residents
    are summed unless every part repeats the same figure. The parts of a frame stay what they are.
    """
    parts: dict[tuple[Key, str], list[UnitFacts]] = defaultdict(list)
    for unit in units:
        alone = not unit.code or unit.kind == "frame"
        parts[_key(unit), str(unit.index) if alone else fold(unit.name)].append(unit)
    several = [group for group in parts.values() if len(group) > 1]
    for group in several:
        _join_shapes(group, drawing)
    if several:
        rows = tuple(drawing.row(unit.index) for group in several for unit in group)
        report.warn(
            "parts_joined",
            "代码和名称都相同的行已合并为一个单元",
            "rows of the same code and name were joined into one unit",
            rows=rows,
        )
    return [_join_facts(group) for group in parts.values()]


def _join_shapes(group: list[UnitFacts], drawing: Drawing) -> None:
    places = [unit.index for unit in group]
    joined = shapely.union_all(drawing.shapes[places])
    drawing.shapes[places] = None
    drawing.shapes[places[0]] = to_areas(np.array([joined], dtype=object))[0]


def _join_facts(group: list[UnitFacts]) -> UnitFacts:
    if len(group) == 1:
        return group[0]
    former = dict.fromkeys(name for unit in group for name in unit.former_names)
    return replace(
        group[0],
        former_names=list(former),
        households=_sum([unit.households for unit in group]),
        residents=_sum([unit.residents for unit in group]),
    )


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    if not known:
        return None
    return known[0] if len(set(known)) == 1 else sum(known)


def settle_twins(
    session: Session,
    units: list[UnitFacts],
    ground: KnownPlaces,
    *,
    drawing: Drawing,
    told: tuple[ImportOptions, ImportReport],
) -> list[UnitFacts]:
    """What becomes of a code that units of different names share: as a person answers, else the report asks.

    `keep_all`: all keep it. `by_name`: it stays with the unit that is known by it, else with the first; the
    others are found by town and name or numbered after it. `leave_out`: none of them goes in.
    """
    options, report = told
    groups: dict[Key, list[UnitFacts]] = defaultdict(list)
    for unit in units:
        if unit.code and unit.kind != "frame":
            groups[_key(unit)].append(unit)
    twins = [group for group in groups.values() if len(group) > 1]
    if not twins:
        return units
    rows = tuple(sorted(drawing.row(unit.index) for group in twins for unit in group))
    answer = options.answers.get(CODE_TWICE)
    if answer == KEEP_ALL:
        report.warn(
            CODE_TWICE, "同一代码出现多次，已全部保留", "a code comes more than once; all kept", rows=rows
        )
        return units
    if answer == LEAVE_OUT:
        reason = "代码与其他单元重复 / the code is another unit's too"
        report.rejected += [Rejected(row, CODE_TWICE, reason) for row in rows]
        gone = {unit.index for group in twins for unit in group}
        return [unit for unit in units if unit.index not in gone]
    if answer == BY_NAME:
        losers = {unit.index for group in twins for unit in _losers(group, ground)}
        bare = [replace(unit, code="") if unit.index in losers else unit for unit in units]
        found = match_codes(session, bare, ground, drawing=drawing, report=report)
        return _number_rest(found, units, drawing, report)
    report.status = "needs_answer"
    report.questions.append(_ask_twins(twins, rows))
    return units


def _losers(group: list[UnitFacts], ground: KnownPlaces) -> list[UnitFacts]:
    known = ground.names_of(group[0].code, group[0].code_source)
    keeper = next((unit for unit in group if fold(unit.name) in known), group[0])
    return [unit for unit in group if unit is not keeper]


def _number_rest(
    found: list[UnitFacts], former: list[UnitFacts], drawing: Drawing, report: ImportReport
) -> list[UnitFacts]:
    """Units that are found nowhere get the shared code with a number behind it."""
    taken = {unit.code for unit in found}
    settled, rows = [], []
    for unit, old in zip(found, former, strict=True):
        if unit.code or not old.code:
            settled.append(unit)
            continue
        number = 2
        while f"{old.code}-{number}" in taken:
            number += 1
        taken.add(f"{old.code}-{number}")
        rows.append(drawing.row(unit.index))
        settled.append(replace(unit, code=f"{old.code}-{number}"))
    if rows:
        report.warn("code_made", "重复的代码已加序号", "shared codes were numbered", rows=tuple(rows))
    return settled


def _ask_twins(twins: list[list[UnitFacts]], rows: tuple[int, ...]) -> Question:
    first = twins[0]
    names = "、".join(unit.name for unit in first[:4])
    shown = "、".join(map(str, rows[:20]))
    message = (
        f"{len(twins)} 个代码被不同名称的单元共用，如 {first[0].code}：{names}（第 {shown} 行）。"
        "全部保留、按名称重新确定代码，还是剔除？ / "
        f"{len(twins)} codes are shared by units of different names (rows {shown}): keep all, "
        "settle the codes by name, or leave them out?"
    )
    return Question(CODE_TWICE, message, (BY_NAME, KEEP_ALL, LEAVE_OUT))
