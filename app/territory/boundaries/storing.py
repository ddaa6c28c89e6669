"""Units of a file stored: those of the same code, source and kind that stood before end on that day."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from psycopg.types.range import DateRange
from sqlalchemy.orm import Session

from app.db import copy_in, fetch_all
from app.models import ImportRun
from app.spatial.crs import area_m2
from app.territory.boundaries.fields import UnitFacts
from app.territory.boundaries.reading import Drawing
from app.territory.shapes import to_ewkb

_COLUMNS = {
    "code": "text",
    "code_source": "text",
    "year": "int4",
    "kind": "text",
    "name": "text",
    "official_name": "text",
    "former_names": "text[]",
    "town_code": "text",
    "town_name": "text",
    "parent_code": "text",
    "parent_how": "text",
    "households": "int4",
    "residents": "int4",
    "geom": "bytea",
    "area_m2": "float8",
    "synthetic": "bool",
    "valid": "daterange",
    "import_id": "int8",
}


def store_units(
    session: Session, run: ImportRun, drawing: Drawing, units: list[UnitFacts], *, day: date
) -> list[list[Any]]:
    """Store the units of an import, valid from `day` on; returns [id, former range] of each that ended.

    A unit that bears another name than the one it ends keeps that name, and all former ones, in its own.
    """
    replaced = fetch_all(
        session,
        "territory/supersede_units",
        on=day,
        codes=[unit.code for unit in units],
        sources=[unit.code_source for unit in units],
        kinds=[unit.kind for unit in units],
    )
    rows = _unit_rows(drawing, _remember_names(units, replaced), day, run.id)
    copy_in(session, "unit", list(_COLUMNS), rows, types=list(_COLUMNS.values()))
    return [[row["id"], row["was"]] for row in replaced]


def end_units(session: Session, unit_ids: list[int], *, day: date) -> list[list[Any]]:
    """End units that no file brings any more; returns [id, former range] of each."""
    ended = fetch_all(session, "territory/end_units", unit_ids=unit_ids, on=day)
    return [[row["id"], row["was"]] for row in ended]


def _remember_names(units: list[UnitFacts], replaced: list[dict[str, Any]]) -> list[UnitFacts]:
    past: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in replaced:
        past[row["code"], row["code_source"], row["kind"]] += [*row["former_names"], row["name"]]
    return [_remember(unit, past.get((unit.code, unit.code_source, unit.kind), [])) for unit in units]


def _remember(unit: UnitFacts, past: list[str]) -> UnitFacts:
    names = [name for name in dict.fromkeys([*unit.former_names, *past]) if name != unit.name]
    return unit if names == unit.former_names else replace(unit, former_names=names)


def _unit_rows(
    drawing: Drawing, units: list[UnitFacts], day: date, import_id: int
) -> Iterator[tuple[Any, ...]]:
    shapes = drawing.shapes[np.array([unit.index for unit in units], dtype=np.intp)]
    facts = zip(units, to_ewkb(shapes), area_m2(shapes).tolist(), strict=True)
    for unit, geom, area in facts:
        yield (
            unit.code,
            unit.code_source,
            unit.year,
            unit.kind,
            unit.name,
            unit.official_name,
            unit.former_names,
            unit.town_code,
            unit.town_name,
            unit.parent_code,
            unit.parent_how,
            unit.households,
            unit.residents,
            geom,
            area,
            unit.synthetic,
            DateRange(day, None),
            import_id,
        )
