"""Where a grid stands on its way from head office to the person who holds it, and who may hold what."""

from dataclasses import dataclass
from typing import Any

STEPS = ("branch", "manager")
ROLES = ("primary", "backup", "liaison", "terminal_administrator")
OPEN_PLANS = ("draft", "checked", "in_force")
"""Plans in which grids are allotted: one that is approved waits unchanged, one that is retired is past."""
KINDS_OF_ROLE: dict[str, tuple[str, ...]] = {
    "primary": ("manager", "branch_head"),
    "backup": ("manager", "branch_head"),
    "liaison": ("liaison",),
    "terminal_administrator": ("terminal_administrator", "liaison"),
}
"""Which kinds of staff a role takes: a liaison may keep the village's terminal as well."""


@dataclass(frozen=True, slots=True)
class GridState:
    """A state of a grid with its words and its design tokens: told apart without colour by `sign`."""

    key: str
    zh: str
    en: str
    token: str
    ink: str
    fill: str
    sign: str

    def as_json(self) -> dict[str, Any]:
        """The state as JSON-ready values: ink and fill are CSS colours, `token` their design token."""
        return {name: getattr(self, name) for name in ("key", "zh", "en", "token", "ink", "fill", "sign")}


# Light to dark as a grid comes nearer to its holder; red is for faults and stays out.
STATES: tuple[GridState, ...] = (
    GridState("unallotted", "未分配", "not allotted", "ink-3", "#5a6a75", "#edf1f3", "○"),
    GridState("offered_branch", "待支行接收", "offered to the branch", "warn", "#8a5200", "#fdf1dc", "◔"),
    GridState("in_branch", "支行待分", "in the branch's pool", "info", "#1d5a9c", "#e6f0fa", "◑"),
    GridState(
        "offered_manager", "待客户经理接收", "offered to a manager", "data-2", "#6a4c93", "#efe9f6", "◕"
    ),
    GridState("held", "已落实", "held", "brand", "#0b5c6b", "#e3f0f2", "●"),
    GridState("returned", "已退回", "returned", "ink", "#17232b", "#c9d3d8", "↩"),
)
OFFER_STATES: dict[str, tuple[str, str]] = {
    "offered": ("待答复", "waiting for an answer"),
    "accepted": ("已接收", "accepted"),
    "returned": ("已退回", "returned"),
    "withdrawn": ("已撤回", "withdrawn"),
}
