"""What a list of customers may be cut to: one set of questions for grids, rings and their files."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from app.errors import BadInput

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
    filed: bool | None = None

    def params(self) -> dict[str, Any]:
        """The parameters of a statement that asks them all."""
        return {name: getattr(self, name) for name in self.__slots__}

    def told(self) -> dict[str, Any]:
        """Those that were asked, as the audit keeps them."""
        return {name: str(value) for name, value in self.params().items() if value is not None}


EVERYBODY = Filters()


CHOICES: dict[str, tuple[str, ...]] = {
    "kind": get_args(Kind),
    "tier": get_args(Tier),
    "standing": get_args(Standing),
    "rung": tuple(str(rung) for rung in range(7)),
    "pointed": ("true", "false"),
    "filed": ("true", "false"),
}
DAYS = ("visited_since", "unvisited_since")
# What people will ask for next, and why it cannot be answered yet.
NOT_YET = {
    "tag": ("客户标签尚未建立，不能按标签筛选", "customers carry no tags yet; nothing can be cut to one")
}


def read_filters(asked: Mapping[str, str]) -> Filters:
    """Filters of texts, `{"tier": "key", "visited_since": "2026-11-01"}`; an empty text asks nothing.

    Raises BadInput naming the field (`facts["field"]`): `filter_not_allowed` for one that nothing may be cut
    to, `bad_filter` for a value that it does not know.
    """
    return Filters(**{name: read_value(name, text) for name, text in asked.items() if text})


def read_value(name: str, text: str) -> Any:
    """The value of one filter. Raises BadInput as `read_filters` does."""
    if name in CHOICES and text in CHOICES[name]:
        return int(text) if name == "rung" else text == "true" if name in ("pointed", "filed") else text
    if name in DAYS:
        with suppress(ValueError):
            return date.fromisoformat(text)
        raise refuse_value(name, text, ["YYYY-MM-DD"])
    if name in CHOICES:
        raise refuse_value(name, text, CHOICES[name])
    raise refuse_field(name)


def refuse_value(name: str, text: str, known: Sequence[str]) -> BadInput:
    """The error for a value that a filter does not know."""
    return BadInput(
        "bad_filter",
        zh=f"筛选“{name}”的值“{text[:40]}”不认识，可用：{'、'.join(known)}",
        en=f"filter {name!r} does not know {text[:40]!r}; it takes {', '.join(known)}",
        field=name,
        known=list(known),
    )


def refuse_field(name: str, known: Sequence[str] = (*CHOICES, *DAYS)) -> BadInput:
    """The error for a field that nothing may be cut to."""
    zh, en = NOT_YET.get(
        name, (f"不能按“{name[:40]}”筛选，可用：{'、'.join(known)}", f"nothing may be cut to {name[:40]!r}")
    )
    return BadInput("filter_not_allowed", zh=zh, en=en, field=name[:40], known=list(known))
