"""The desk on which an act is prepared: the plan, the grids around, whose ground the editor may change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import shapely
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.db import fetch_all
from app.errors import BadInput, Conflict, NotFound
from app.models import Plan
from app.spatial.topology.edges import as_shapes, snap
from app.territory.editing.borders import area_of, require_outer_border, require_unlocked
from app.territory.editing.wishes import Prepared
from app.territory.shapes import Shapes, from_wkb

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sight:
    """Which grids and branches the editor may change; None: all of them."""

    grids: frozenset[int] | None = None
    branches: frozenset[int] | None = None

    def holds(self, grid_id: int) -> bool:
        """Whether a grid is his to change."""
        return self.grids is None or grid_id in self.grids


EVERYTHING = Sight()


def find_sight(session: Session, plan: Plan) -> Sight:
    """What the viewer of this transaction may change; asked in his own role."""
    if session.info["viewer"].db_role != "getu_scoped":
        return EVERYTHING
    grids = fetch_all(session, "territory/list_plan_sight", plan_id=plan.id)
    branches = fetch_all(session, "territory/list_seen_branches")
    return Sight(frozenset(row["id"] for row in grids), frozenset(row["id"] for row in branches))


@dataclass(frozen=True)
class Patch:
    """The grids around an act: `rows[i]` are the facts of `shapes[i]` (EPSG:4326, on the storage grid)."""

    rows: list[Row]
    shapes: Shapes
    box: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)

    @cached_property
    def row_of(self) -> dict[int, int]:
        """The row of a grid id."""
        return {row["id"]: place for place, row in enumerate(self.rows)}

    @cached_property
    def ids(self) -> list[int]:
        """The grid id of a row."""
        return [row["id"] for row in self.rows]

    def pick(self, grid_id: int) -> Row:
        """The facts of a grid."""
        return self.rows[self.row_of[grid_id]]


class Desk:
    """A plan with its editor's sight, in an open transaction whose plan row is locked."""

    def __init__(self, session: Session, plan: Plan, sight: Sight = EVERYTHING) -> None:
        self.session = session
        self.plan = plan
        self.sight = sight

    @cached_property
    def frame(self) -> BaseGeometry:
        """The plan's frame on the storage grid."""
        shape: BaseGeometry = snap(as_shapes([to_shape(self.plan.frame)]))[0]
        return shape

    def load(self, grid_ids: Sequence[int], drawing: BaseGeometry | None = None) -> Patch:
        """Grids by id, and all whose boxes meet theirs or the drawing's.

        Raises NotFound `no_grid` for one that the plan has not, or that the editor does not see.
        """
        named = self._fetch((0.0, 0.0, 0.0, 0.0), grid_ids) if grid_ids else Patch([], as_shapes([]))
        for grid_id in grid_ids:
            if grid_id not in named.row_of or not self.sight.holds(grid_id):
                raise no_grid(grid_id)
        return self._load_about(named, grid_ids, drawing)

    def load_any(self, grid_ids: Sequence[int], drawing: BaseGeometry | None = None) -> Patch:
        """As `load`, for grids that somebody has looked up already: those that are gone are left out."""
        named = self._fetch((0.0, 0.0, 0.0, 0.0), grid_ids) if grid_ids else Patch([], as_shapes([]))
        return self._load_about(named, [one for one in grid_ids if one in named.row_of], drawing)

    def _load_about(self, named: Patch, grid_ids: Sequence[int], drawing: BaseGeometry | None) -> Patch:
        shapes = [named.shapes[named.row_of[one]] for one in grid_ids]
        about = as_shapes([one for one in (*shapes, drawing) if one is not None and not one.is_empty])
        west, south, east, north = shapely.total_bounds(about if len(about) else [self.frame]).tolist()
        margin = max(east - west, north - south) * 0.05 + 5e-4
        return self._fetch((west - margin, south - margin, east + margin, north + margin), grid_ids)

    def load_all(self) -> Patch:
        """All level 3 grids of the plan, those without ground too."""
        return self._fetch((-180.0, -90.0, 180.0, 90.0), [])

    def require_mine(self, prepared: Prepared) -> None:
        """Raise Conflict `locked` or `outer_border` where an act reaches beyond the editor's ground."""
        patch = self.load_any(prepared.grid_ids)
        changed = [patch.pick(one) for one in prepared.grid_ids if one in patch.row_of]
        require_unlocked(row for row in changed if row["id"] not in prepared.stitched)
        self.require_outer(patch, prepared.shapes, [new.shape for new in prepared.added])

    def require_outer(
        self, patch: Patch, changes: Mapping[int, BaseGeometry | None], added: Sequence[BaseGeometry]
    ) -> None:
        """Raise Conflict `outer_border` when others' grids change (by id), or one's own outer border."""
        if self.sight.grids is None:
            return
        foreign = [patch.pick(one) for one in changes if one in patch.row_of and not self.sight.holds(one)]
        mine = [one for one in patch.ids if self.sight.holds(one)]
        before = {one: patch.shapes[patch.row_of[one]] for one in mine}
        after = [changes.get(one, shape) for one, shape in before.items()]
        require_outer_border(
            foreign, list(before.values()), [*(shape for shape in after if shape is not None), *added]
        )

    def _fetch(self, box: tuple[float, ...], ids: Sequence[int]) -> Patch:
        sides = dict(zip(("west", "south", "east", "north"), box, strict=True))
        rows = fetch_all(
            self.session, "territory/load_near_grids", plan_id=self.plan.id, ids=list(ids), **sides
        )
        return Patch(rows, snap(from_wkb(row["wkb"] for row in rows)), box)

    def fixed(self, patch: Patch) -> frozenset[int]:
        """Rows that stay as they are: locked, or not the editor's."""
        return frozenset(
            place for place, row in enumerate(patch.rows) if row["locked"] or not self.sight.holds(row["id"])
        )

    def require_free_codes(self, codes: Sequence[str], *, but: int | None = None) -> None:
        """Raise BadInput `bad_code` or `code_taken` unless these may be codes of new grids."""
        for code in codes:
            if not (code.strip() == code and 0 < len(code) <= 40 and code.isprintable()):
                raise BadInput("bad_code", zh=f"网格编号无效：{code[:40]}", en=f"no valid code: {code[:40]}")
        taken = fetch_all(self.session, "territory/list_taken_codes", plan_id=self.plan.id, codes=list(codes))
        twice = [code for code in codes if codes.count(code) > 1]
        clash = [row["code"] for row in taken if row["id"] != but] or twice
        if clash:
            raise Conflict(
                "code_taken",
                zh=f"网格编号 {clash[0]} 已被占用",
                en=f"grid code {clash[0]} is taken",
                codes=clash,
            )

    def propose_codes(self, stem: str, count: int) -> list[str]:
        """Free codes of the form stem-2, stem-3 …"""
        tried = [f"{stem}-{number}" for number in range(2, 200)]
        taken = fetch_all(self.session, "territory/list_taken_codes", plan_id=self.plan.id, codes=tried)
        return [code for code in tried if code not in {row["code"] for row in taken}][:count]


def no_grid(grid_id: int) -> NotFound:
    """There is no such grid in sight."""
    return NotFound(
        "no_grid", zh="本规划没有这个网格，或不在您的范围内", en="no such grid in your sight", grid_id=grid_id
    )


__all__ = ["EVERYTHING", "Desk", "Patch", "Row", "Sight", "area_of", "find_sight", "no_grid"]
