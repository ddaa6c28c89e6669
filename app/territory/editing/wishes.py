"""What somebody wants to do to a draft's ground, and what it would come to before it lands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shapely.geometry.base import BaseGeometry

Act = Literal[
    "draw",
    "split",
    "merge",
    "move_edge",
    "reshape",
    "give_units",
    "lock",
    "unlock",
    "rename",
    "set_branch",
    "remove",
]
ACT_NAMES: Mapping[str, tuple[str, str]] = {
    "draw": ("新画网格", "draw"),
    "split": ("切分网格", "split"),
    "merge": ("合并网格", "merge"),
    "move_edge": ("移动共享边界", "move a shared border"),
    "reshape": ("重画边界", "reshape"),
    "give_units": ("划拨单元", "give units"),
    "lock": ("锁定", "lock"),
    "unlock": ("解锁", "unlock"),
    "rename": ("改名", "rename"),
    "set_branch": ("改归属支行", "set the branch"),
    "remove": ("删除网格", "remove"),
    "repair": ("修复", "repair"),
    "clean": ("整体清理", "clean"),
    "undo": ("撤销", "undo"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """One act with what it needs; see the route `POST /plans/{code}/edits` for the fields of each act.

    `drawing` is GeoJSON in EPSG:4326 (the geometry, the line or the lasso of the act). `versions` are the
    versions of the grids that the editor looked at. Points drawn within `snap_m` metres of a border take it.
    """

    act: str
    grid_id: int | None = None
    other_id: int | None = None
    grid_ids: tuple[int, ...] = ()
    drawing: Any = None
    unit_codes: tuple[str, ...] = ()
    code: str | None = None
    name: str | None = None
    kind: str | None = None
    branch: str | None = None
    how: Literal["cut_others", "fill_gap", "as_drawn"] = "cut_others"
    names: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    follow: bool = True
    apart: bool = False
    snap_m: float = 15.0
    versions: Mapping[int, int] = field(default_factory=dict)
    reason: str | None = None
    allow_faults: bool = False


@dataclass(frozen=True, slots=True)
class NewGrid:
    """A grid to be: its shape (EPSG:4326) and facts; its duties are those of `heir_of`, if of anybody's."""

    shape: BaseGeometry
    facts: Mapping[str, Any]
    heir_of: int | None = None


GroundMove = tuple[int | None, int | None, BaseGeometry]
"""Ground that goes from a grid to a grid, by id; None: nobody's, or a grid that nobody holds yet."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an act comes to. `shapes` are new shapes by grid id (None: the grid goes), `facts` other columns
    that change, `stitched` grids that only get a neighbour's corner on their border, `moves` whose ground
    goes to whom (a part of a split grid counts as the grid itself)."""

    act: str
    title_zh: str
    title_en: str
    shapes: Mapping[int, BaseGeometry | None] = field(default_factory=dict)
    facts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    added: tuple[NewGrid, ...] = ()
    moves: tuple[GroundMove, ...] = ()
    stitched: frozenset[int] = frozenset()
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def grid_ids(self) -> list[int]:
        """All grids that exist now and change."""
        return sorted({*self.shapes, *self.facts})
