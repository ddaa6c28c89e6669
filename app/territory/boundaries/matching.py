"""Units without a code: known by town and name, else a person says whether they are numbered or left out."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from app.territory.boundaries.columns import ROW_NUMBER, ask_column
from app.territory.boundaries.fields import UnitFacts
from app.territory.boundaries.known import KnownPlace, KnownPlaces, find_places, fold, group_of
from app.territory.boundaries.reading import LEAVE_OUT, Drawing
from app.territory.boundaries.report import ImportOptions, ImportReport, Question
from app.territory.tables import Rejected

CODES_MISSING = "codes_missing"
_NAMED = 5
Places = dict[str, list[KnownPlace]]


def match_codes(
    session: Session,
    units: Sequence[UnitFacts],
    ground: KnownPlaces,
    *,
    drawing: Drawing,
    report: ImportReport,
) -> list[UnitFacts]:
    """Give units without a code the one of the only known place of that name in their town, and say so.

    Units already stored come before the gazetteer, present names before former ones. A code keeps its own
    source unless the file's source means the same codes.
    """
    bare = [unit for unit in units if not unit.code]
    places = find_places(session, {unit.name for unit in bare})
    matched = {unit.index: found for unit in bare if (found := _find_match(unit, places, ground)) is not None}
    if matched:
        report.warn(
            "code_matched",
            "没有代码的行已按乡镇和名称找到代码",
            "rows without a code were found by town and name",
            rows=tuple(drawing.row(index) for index in sorted(matched)),
        )
    return [_take(unit, matched[unit.index], ground) if unit.index in matched else unit for unit in units]


def _find_match(unit: UnitFacts, places: Places, ground: KnownPlaces) -> KnownPlace | None:
    name = fold(unit.name)
    near = [
        place
        for place in places.get(name, ())
        if place.group == group_of(unit.kind) and _same_town(unit, place, ground)
    ]
    for stored, current in ((True, True), (False, True), (True, False), (False, False)):
        rung = [p for p in near if p.stored is stored and (name in p.names) is current]
        own = [p for p in rung if p.source == unit.code_source] or rung
        if own:
            return own[0] if len({(p.code, p.source) for p in own}) == 1 else None
    return None


def _same_town(unit: UnitFacts, place: KnownPlace, ground: KnownPlaces) -> bool:
    """Whether a place may lie in a unit's town: by name, else by code where both sources mean the same."""
    if unit.town_name and place.town_name:
        return fold(unit.town_name) == fold(place.town_name)
    told = unit.town_code or unit.parent_code
    if told and place.town_code and place.source in ground.kin_of(unit.code_source):
        return told == place.town_code
    return True


def _take(unit: UnitFacts, place: KnownPlace, ground: KnownPlaces) -> UnitFacts:
    same = place.source in ground.kin_of(unit.code_source)
    found = replace(unit, code=place.code, code_source=unit.code_source if same else place.source)
    if unit.town_code or unit.parent_how or not place.town_code:
        return found
    town_name = unit.town_name or place.town_name
    return replace(
        found, town_code=place.town_code, town_name=town_name, parent_code=place.town_code, parent_how="name"
    )


def settle_missing(
    units: list[UnitFacts],
    drawing: Drawing,
    columns: dict[str, str],
    *,
    options: ImportOptions,
    report: ImportReport,
) -> list[UnitFacts]:
    """What becomes of units that still have no code: as a person answers, else the report asks him.

    A file without any column of codes asks for the column; one with gaps asks whether to number the rows.
    """
    bare = [unit for unit in units if not unit.code]
    if not bare:
        return units
    rows = tuple(drawing.row(unit.index) for unit in bare)
    answer = options.answers.get(CODES_MISSING)
    if answer == ROW_NUMBER:
        report.warn("code_made", "没有代码的行已编号", "rows without a code were numbered", rows=rows)
        taken = {unit.code for unit in units}
        return [unit if unit.code else _number(unit, drawing, taken) for unit in units]
    if answer == LEAVE_OUT:
        reason = "没有代码，也无法按名称找到 / no code, and not found by name"
        report.rejected += [Rejected(row, "no_code", reason) for row in rows]
        return [unit for unit in units if unit.code]
    report.status = "needs_answer"
    if "unit_code" not in columns and "field_unit_code" not in options.answers:
        ask_column("unit_code", drawing, report)
    else:
        report.questions.append(_ask_missing(bare, rows))
    return units


def _ask_missing(bare: Sequence[UnitFacts], rows: tuple[int, ...]) -> Question:
    names = "、".join(f"{unit.name}（第{row}行）" for unit, row in zip(bare[:_NAMED], rows, strict=False))
    more = "等" if len(bare) > _NAMED else ""
    message = (
        f"{len(bare)} 行没有代码，也无法按乡镇和名称找到：{names}{more}。编号还是剔除？ / "
        f"{len(bare)} rows have no code and are not found by town and name; number them or leave them out?"
    )
    return Question(CODES_MISSING, message, (ROW_NUMBER, LEAVE_OUT))


def _number(unit: UnitFacts, drawing: Drawing, taken: set[str]) -> UnitFacts:
    """A code of our own: the town's and the number of the row, so that it is no official one."""
    town = unit.town_code or unit.parent_code
    code = f"{town or 'R'}-{drawing.row(unit.index)}"
    while code in taken:
        code += "x"
    taken.add(code)
    return replace(unit, code=code)
