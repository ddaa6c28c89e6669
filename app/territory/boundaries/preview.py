"""What a load would change, told before it: units, the faults of the ground, and ground that changes hands.

Units are compared with those that stand on the first day: of the same kind, the same source and the same
code. A unit *vanishes* when it stands, its code does not come in the file, and its ground lies to four fifths
within the ground of the file, or its town is one of the file's towns: the file speaks of that ground and does
not know the unit any more (two villages became one). Shapes within 1e-7 degree of each other are the same.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.db import fetch_all, fetch_one
from app.spatial.crs import area_m2
from app.spatial.topology import FAULT_KINDS, Fault, find_faults
from app.territory.boundaries.fields import UnitFacts
from app.territory.boundaries.reading import Drawing
from app.territory.shapes import Shapes, from_wkb

VANISHED_SHARE = 0.8
SAME_DEGREES = 2e-7
LISTED, FINDINGS_LISTED = 200, 50
# Gaps are told against the frame only when the file draws most of it; one town's file leaves the rest alone.
FRAME_SHARE = 0.5
SMALLEST_MOVE_M2 = 10.0
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Change:
    """One unit that a load would bring, change or no longer find: its place in the file or among those that
    stand, and how its area changes."""

    what: str
    code: str
    name: str
    kind: str
    former_name: str | None = None
    area_change_percent: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The change as JSON-ready values."""
        told = {"code": self.code, "name": self.name, "kind": self.kind}
        more = {"former_name": self.former_name, "area_change_percent": self.area_change_percent}
        return {**told, **{key: value for key, value in more.items() if value is not None}}


@dataclass
class Preview:
    """What a load would change. `moved` are pieces of ground (EPSG:4326) whose unit would be another one,
    `vanished_ids` the standing units that the file no longer knows."""

    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    vanished_ids: list[int] = field(default_factory=list)
    moved: list[BaseGeometry] = field(default_factory=list)
    ground: dict[str, int] | None = None
    findings: list[dict[str, Any]] = field(default_factory=list)
    ground_skipped: str | None = None
    stood_before: int = 0

    def list_of(self, what: str) -> list[Change]:
        """The changes of one sort: new, changed, renamed, vanished."""
        return [change for change in self.changes if change.what == what]

    def as_json(self) -> dict[str, Any]:
        """The preview as the report tells it; whose customers would move is added above this room."""
        counts = Counter(change.what for change in self.changes)
        sorts = ("new", "changed", "renamed", "vanished")
        return {
            **{what: counts[what] for what in sorts},
            "unchanged": self.unchanged,
            "units": {what: [c.as_json() for c in self.list_of(what)[:LISTED]] for what in sorts},
            "ground": self.ground,
            "findings": self.findings,
            "ground_skipped": self.ground_skipped,
        }


@dataclass(frozen=True)
class Standing:
    """The units that stand on the day, of the file's kinds and sources, by key."""

    rows: list[dict[str, Any]]
    shapes: Shapes

    def places(self) -> dict[Key, int]:
        """Where the unit of a key is; the newest of several wins."""
        return {(row["code"], row["code_source"], row["kind"]): at for at, row in enumerate(self.rows)}


def preview_units(session: Session, drawing: Drawing, units: list[UnitFacts], *, day: date) -> Preview:
    """Compare the units of a file with those that stand on `day`, and check the ground as it would be."""
    shapes = drawing.shapes[np.array([unit.index for unit in units], dtype=np.intp)]
    standing = _load_standing(session, units, day)
    told = Preview(stood_before=len(standing.rows))
    kept = _compare(told, units, shapes, standing)
    _find_vanished(told, units, shapes, standing, kept)
    _check_ground(told, units, shapes, session=session, others=_others(standing, kept), day=day)
    return told


def _load_standing(session: Session, units: list[UnitFacts], day: date) -> Standing:
    kinds, sources = {unit.kind for unit in units}, {unit.code_source for unit in units}
    rows = fetch_all(
        session, "territory/list_standing_units", kinds=sorted(kinds), sources=sorted(sources), on=day
    )
    return Standing(rows, from_wkb(row.pop("wkb") for row in rows))


def _compare(told: Preview, units: list[UnitFacts], shapes: Shapes, standing: Standing) -> set[int]:
    """Tell new, changed and renamed units; returns the places among those that stand which the file has."""
    places = standing.places()
    met = [places.get((unit.code, unit.code_source, unit.kind)) for unit in units]
    same = _same_shapes(shapes, standing.shapes, met)
    areas = area_m2(shapes).tolist()
    for row, (unit, place) in enumerate(zip(units, met, strict=True)):
        if place is None:
            told.changes.append(Change("new", unit.code, unit.name, unit.kind))
            continue
        before = standing.rows[place]
        if before["name"] != unit.name:
            told.changes.append(Change("renamed", unit.code, unit.name, unit.kind, before["name"]))
        if not same[row]:
            percent = round((areas[row] / before["area_m2"] - 1) * 100, 3) if before["area_m2"] else None
            told.changes.append(Change("changed", unit.code, unit.name, unit.kind, None, percent))
        told.unchanged += int(same[row] and before["name"] == unit.name)
    told.moved = _moved_ground(shapes, standing.shapes, met, same)
    return {place for place in met if place is not None}


def _same_shapes(shapes: Shapes, before: Shapes, met: list[int | None]) -> NDArray[np.bool_]:
    """Whether each unit (n,) is drawn as it stood, whatever corner its rings begin with."""
    same = np.zeros(len(shapes), dtype=bool)
    rows = np.array([row for row, place in enumerate(met) if place is not None], dtype=np.intp)
    if len(rows) == 0:
        return same
    olds = before[np.array([met[row] for row in rows], dtype=np.intp)]
    same[rows] = shapely.equals_exact(
        shapely.normalize(shapes[rows]), shapely.normalize(olds), tolerance=SAME_DEGREES
    )
    return same


def _moved_ground(
    shapes: Shapes, before: Shapes, met: list[int | None], same: NDArray[np.bool_]
) -> list[BaseGeometry]:
    """Pieces whose unit would be another one: what changed units win or lose, and new ones on old ground."""
    rows = np.array([r for r, place in enumerate(met) if place is not None and not same[r]], dtype=np.intp)
    pieces: list[Any] = []
    if len(rows):
        olds = before[np.array([met[row] for row in rows], dtype=np.intp)]
        pieces += shapely.symmetric_difference(_sound(shapes[rows]), _sound(olds)).tolist()
    fresh = np.array([row for row, place in enumerate(met) if place is None], dtype=np.intp)
    if len(fresh) and len(before):
        new, old = shapely.STRtree(before).query(shapes[fresh], predicate="intersects")
        pieces += shapely.intersection(_sound(shapes[fresh[new]]), _sound(before[old])).tolist()
    return _wide_enough(pieces)


def _wide_enough(pieces: Iterable[Any]) -> list[BaseGeometry]:
    """The polygons of some pieces that are more than a border's last digit."""
    parts = shapely.get_parts(shapely.get_parts(np.array([p for p in pieces if p is not None], dtype=object)))
    parts = parts[shapely.get_dimensions(parts) == 2]
    return [] if len(parts) == 0 else parts[area_m2(parts) >= SMALLEST_MOVE_M2].tolist()


def _sound(shapes: Shapes) -> Shapes:
    return np.asarray(shapely.make_valid(shapes), dtype=object)


def _find_vanished(
    told: Preview, units: list[UnitFacts], shapes: Shapes, standing: Standing, kept: set[int]
) -> None:
    """Tell the units that stand on the file's ground, or in its towns, and do not come any more."""
    left = [place for place in range(len(standing.rows)) if place not in kept]
    if not left:
        return
    towns = {unit.town_code for unit in units if unit.town_code}
    covered = _covered_shares(standing.shapes[np.array(left, dtype=np.intp)], shapes)
    for place, share in zip(left, covered.tolist(), strict=True):
        row = standing.rows[place]
        if share >= VANISHED_SHARE or row["town_code"] in towns:
            told.changes.append(Change("vanished", row["code"], row["name"], row["kind"]))
            told.vanished_ids.append(row["id"])


def _covered_shares(olds: Shapes, news: Shapes) -> NDArray[np.float64]:
    """How much of each old shape (n,) lies within the new ones, 0 to 1."""
    old, new = shapely.STRtree(news).query(olds, predicate="intersects")
    shared = shapely.area(shapely.intersection(_sound(olds)[old], _sound(news)[new]))
    total = np.bincount(old, weights=shared, minlength=len(olds))
    return np.asarray(total / np.maximum(shapely.area(olds), 1e-15))


def _others(standing: Standing, kept: set[int]) -> tuple[Shapes, list[str]]:
    """Shapes and codes of the units that stand and that the file does not replace."""
    left = [place for place in range(len(standing.rows)) if place not in kept]
    return standing.shapes[np.array(left, dtype=np.intp)], [standing.rows[place]["code"] for place in left]


def _check_ground(
    told: Preview,
    units: list[UnitFacts],
    shapes: Shapes,
    *,
    session: Session,
    others: tuple[Shapes, list[str]],
    day: date,
) -> None:
    """Count the faults that the file's units would have among themselves and with those that stay."""
    if {unit.kind for unit in units} & {"frame", "county"}:
        told.ground_skipped = (
            "辖区和县界不做相互检查 / frames and counties are not checked against each other"
        )
        return
    frame, near = _frame_of(session, shapes, day), _meeting(others[0], shapes)
    ground = np.concatenate([shapes, others[0][near]])
    codes = [unit.code for unit in units] + [others[1][place] for place in near.tolist()]
    faults = [f for f in find_faults(ground, frame=frame) if _is_ours(f, len(units))]
    counts = Counter(fault.kind for fault in faults)
    told.ground = {kind: counts[kind] for kind in FAULT_KINDS}
    faults.sort(key=lambda fault: -fault.area_m2)
    told.findings = [_show(fault, codes) for fault in faults[:FINDINGS_LISTED]]


def _is_ours(fault: Fault, count: int) -> bool:
    """A fault between units that stand already is not brought by the file; a gap with no neighbour is."""
    return not fault.members or any(row < count for row in fault.members)


def _show(fault: Fault, codes: list[str]) -> dict[str, Any]:
    return {
        "kind": fault.kind,
        "codes": [codes[row] for row in fault.members][:20],
        "area_m2": round(fault.area_m2, 1),
        "width_m": round(fault.width_m, 2),
    }


def _frame_of(session: Session, shapes: Shapes, day: date) -> BaseGeometry | None:
    """The frame that stands on the day, when the file draws most of it."""
    row = fetch_one(session, "territory/find_frame", on=day, code=None)
    if row is None:
        return None
    frame: BaseGeometry = from_wkb([row["wkb"]])[0]
    return frame if float(shapely.area(shapes).sum()) >= FRAME_SHARE * frame.area else None


def _meeting(others: Shapes, shapes: Shapes) -> NDArray[np.intp]:
    """Which of the other shapes touch one of the file's."""
    if len(others) == 0:
        return np.zeros(0, dtype=np.intp)
    return np.unique(shapely.STRtree(shapes).query(others, predicate="intersects")[0])
