"""From a drawing to units: columns chosen, rows read, codes found, parts joined, parents found."""

from sqlalchemy.orm import Session

from app.territory.boundaries.columns import choose_columns
from app.territory.boundaries.fields import UnitFacts, read_units
from app.territory.boundaries.kinds import BoundaryKind
from app.territory.boundaries.known import read_known
from app.territory.boundaries.matching import match_codes, settle_missing
from app.territory.boundaries.parents import find_parents, name_towns
from app.territory.boundaries.reading import Drawing
from app.territory.boundaries.report import ImportOptions, ImportReport
from app.territory.boundaries.twins import join_parts, settle_twins


def understand(
    session: Session,
    drawing: Drawing,
    kind: BoundaryKind,
    *,
    options: ImportOptions,
    report: ImportReport,
) -> list[UnitFacts]:
    """The units of a drawing, each with a code, its parent and its names; the report tells all that was done.

    None of them when the report has a question. Rows that are parts of one unit are joined in the drawing.
    """
    columns = choose_columns(drawing, kind, options, report)
    if columns is None:
        return []
    units = read_units(drawing, columns, kind, options=options, report=report)
    ground = read_known(session, drawing, units)
    units = name_towns(units, ground)
    if any(not unit.code for unit in units):
        units = find_parents(units, ground, drawing=drawing)
        units = match_codes(session, units, ground, drawing=drawing, report=report)
        units = settle_missing(units, drawing, columns, options=options, report=report)
    units = join_parts(units, drawing, report)
    units = settle_twins(session, units, ground, drawing=drawing, told=(options, report))
    if report.questions:
        return []
    return find_parents(units, ground, drawing=drawing, report=report)
