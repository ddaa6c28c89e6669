"""What an option of repair is: what changes, from whom to whom ground moves, and why one is recommended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import as_shapes
from app.spatial.topology.faults import Fault
from app.spatial.topology.measures import area_m2

KIND_PRIORITY = (
    "market",
    "district",
    "park",
    "compound",
    "community",
    "street",
    "natural_village",
    "village",
)
"""Which kind keeps ground that two claim, the first one first; kinds not listed come last."""

CUTTING_KINDS = KIND_PRIORITY[:4]
"""Kinds that are drawn into villages on purpose: against any other kind they keep their ground."""

OVERLAY_KINDS = KIND_PRIORITY[:3]
"""Kinds that under the overlay rule lie over their villages."""

OPTION_LABELS: Mapping[str, tuple[str, str]] = {
    "give_to_owner": ("归原属网格（按边界痕迹）", "give it to the grid it seems to come from"),
    "give_to_longest_edge": ("归共边最长的网格", "give it to the longest shared edge"),
    "give_to_larger": ("归面积较大的网格", "give it to the larger grid"),
    "give_to_smaller": ("归面积较小的网格", "give it to the smaller grid"),
    "by_priority": ("按类型优先", "give it by priority of kind"),
    "cut_in_middle": ("沿中线划分", "cut it along the middle"),
    "new_grid": ("单独成为一个网格", "make it a grid of its own"),
    "cut_nested": ("从外层网格中切出", "cut the inner grid out of the outer"),
    "remove_nested": ("并入外层网格", "merge the inner grid into the outer"),
    "lie_over": ("叠加在外层网格之上", "let it lie over the outer grid"),
    "remove_duplicate": ("删除重复网格", "remove the repeated grid"),
    "remove_other": ("删除另一个网格", "remove the other grid"),
    "keep_both": ("两个都保留（叠加）", "keep both, one over the other"),
    "cut_at_frame": ("沿辖区边界裁去", "cut it off at the frame"),
    "keep_outside": ("保留并列入清单", "keep it and list it"),
    "mend": ("修正图形", "mend the shape"),
    "remove_empty": ("删除空图形", "remove the empty shape"),
}


class Move(NamedTuple):
    """Ground (EPSG:4326) that leaves one row for another; None: it was nobody's, or becomes nobody's.

    A row that an option adds is numbered on from the last row of the layer.
    """

    from_row: int | None
    to_row: int | None
    geom: BaseGeometry

    @property
    def area_m2(self) -> float:
        """Square metres that move."""
        return float(area_m2(as_shapes([self.geom]))[0])


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the winner of an option wins, in figures: the winner's value of a rule against the next one's.

    rule and unit: shared_edge m, area m2, kind rank, unfit share (of its whole border), own_corners count,
    turning degree, knots count; see `evidence` for the last four: of an overlap the winner shows less of
    them, of a gap more. `other_row` is None where nobody else was in question.
    """

    rule: str
    winner_row: int | None
    winner_value: float
    other_row: int | None
    other_value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Option:
    """One way out. `changes` maps rows to their new shapes (None: removed), `moved_m2` to the square metres
    each gains (+) or loses (-), and `moves` says from whom to whom. `added` are shapes of new rows, numbered
    on from the last row of the layer. `also` are the keys of options with the same outcome. At most one
    option of a fault is `recommended`, never one that `touches_locked`. Titles are for people, Chinese and
    English.
    """

    key: str
    changes: Mapping[int, BaseGeometry | None]
    moved_m2: Mapping[int, float]
    also: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    added: tuple[BaseGeometry, ...] = ()
    reason: Reason | None = None
    recommended: bool = False
    touches_locked: bool = False

    @property
    def keeps(self) -> bool:
        """Whether the ground stays as it is: the fault is accepted and stays listed."""
        return not self.changes and not self.added

    @property
    def title_zh(self) -> str:
        """What the option does, in Chinese."""
        return OPTION_LABELS[self.key][0]

    @property
    def title_en(self) -> str:
        """What the option does, in English."""
        return OPTION_LABELS[self.key][1]


def lie_over(fault: Fault, kinds: Sequence[str]) -> Fault:
    """A fault under the overlay rule: a market over several villages is nested in each of them."""
    upper = [row for row in fault.members if kinds[row] in OVERLAY_KINDS]
    if fault.of not in ("overlap", "duplicate") or len(upper) != 1:
        return fault
    lower = [row for row in fault.members if row not in upper]
    return Fault("nested", (*lower, *upper), fault.geom, fault.area_m2, fault.width_m, "nested")
