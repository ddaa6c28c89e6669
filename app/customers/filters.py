"""What a list of customers may be cut to: one set of questions for grids, rings and their files."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Kind = Literal["person", "household", "firm", "merchant"]
Standing = Literal["existing", "prospect"]
Tier = Literal["strategic", "key", "regular"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Each None leaves all in. `visited_since` keeps who was visited on that day or later,
    `unvisited_since` who was not (or never); `pointed` False keeps who has no point of his own, True who
    has one."""

    kind: Kind | None = None
    tier: Tier | None = None
    standing: Standing | None = None
    rung: int | None = None
    visited_since: date | None = None
    unvisited_since: date | None = None
    pointed: bool | None = None

    def params(self) -> dict[str, Any]:
        """The parameters of a statement that asks them all."""
        return {name: getattr(self, name) for name in self.__slots__}

    def told(self) -> dict[str, Any]:
        """Those that were asked, as the audit keeps them."""
        return {name: str(value) for name, value in self.params().items() if value is not None}


EVERYBODY = Filters()
