"""What the map's customers may be cut to: a branch, a manager, and whatever a list may be cut to.

One reading for every layer that shows customers: points, counts, key clients, density. A layer's entry names
in `takes` what it can be cut to; its statement is asked with `CustomerFilter.params`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.customers.filters import CHOICES, DAYS, EVERYBODY, Filters, read_filters, refuse_field
from app.db import fetch_one
from app.errors import BadInput
from app.maps.ground import Ground

GROUND_FIELDS = ("branch", "manager")
FILTER_FIELDS = (*GROUND_FIELDS, *CHOICES, *DAYS)
MOST_SIGNS = 64


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Codes of a branch (with all below it) and of a manager, and what is asked of each customer."""

    branch: str | None = None
    manager: str | None = None
    who: Filters = EVERYBODY

    @property
    def fields(self) -> frozenset[str]:
        """What is asked for, by name."""
        return frozenset(self.told())

    def told(self) -> dict[str, str]:
        """What is asked for, as it stands in an address, in one order."""
        ground = {"branch": self.branch, "manager": self.manager}
        asked = {name: value for name, value in ground.items() if value}
        plain = {
            name: value.lower() if name in ("pointed", "filed") else value
            for name, value in self.who.told().items()
        }
        return dict(sorted({**asked, **plain}.items()))

    def query(self) -> str:
        """The filter as the query of an address, always written alike: the key of what is kept for it."""
        return urlencode(self.told())

    def params(self, session: Session, ground: Ground) -> dict[str, Any]:
        """What a statement is asked with: `grid_ids` (None is every grid in sight) and each field of a list.

        Raises BadInput for a branch or a manager that is not in the viewer's sight.
        """
        questions = self.ask_grids(ground)
        return self.tell_params([fetch_one(session, name, **asked) for name, asked in questions])

    def ask_grids(self, ground: Ground) -> list[tuple[str, dict[str, Any]]]:
        """The question (none, or one) whose row `tell_params` reads."""
        if self.branch is None and self.manager is None:
            return []
        asked = {"branch": self.branch, "manager": self.manager, "plan_id": ground.plan_id}
        return [("maps/find_filter_grids", asked)]

    def tell_params(self, rows: Sequence[dict[str, Any] | None]) -> dict[str, Any]:
        """What a statement is asked with, of the rows that answer `ask_grids`. Raises as `params` does."""
        row = rows[0] if rows else None
        if row is None:
            return {"grid_ids": None, **self.who.params()}
        for name, code in (("branch", self.branch), ("manager", self.manager)):
            if code is not None and not row[f"{name}_known"]:
                raise BadInput(
                    "bad_filter",
                    zh=f"筛选“{name}”：您的范围内没有编号“{code}”",
                    en=f"filter {name!r}: no code {code!r} in your sight",
                    field=name,
                )
        return {"grid_ids": list(row["grid_ids"]), **self.who.params()}


NO_FILTER = CustomerFilter()


def read_filter(asked: Mapping[str, str]) -> CustomerFilter:
    """The filter of an address's query (`{"branch": "B017", "tier": "key"}`); an empty text asks nothing.

    Raises BadInput `filter_not_allowed` for a field that nothing may be cut to, `bad_filter` for a value
    that cannot be meant; `facts["field"]` names it.
    """
    given = {name: text.strip() for name, text in asked.items() if text.strip()}
    for name in given:
        if name not in FILTER_FIELDS:
            raise refuse_field(name, FILTER_FIELDS)
    ground = {name: check_code(name, given.pop(name)) for name in GROUND_FIELDS if name in given}
    return CustomerFilter(**ground, who=read_filters(given))


def check_code(name: str, code: str) -> str:
    """A code as it can be one. Raises BadInput for a text too long, or with signs that no column holds."""
    if len(code) > MOST_SIGNS or not code.isprintable():
        raise BadInput(
            "bad_filter",
            zh=f"筛选“{name}”的编号无法使用",
            en=f"filter {name!r}: that is no code",
            field=name,
        )
    return code


def refuse_for_layers(name: str, layers: str) -> BadInput:
    """The error for a filter that none of the asked layers takes."""
    return BadInput(
        "filter_not_allowed",
        zh=f"图层“{layers[:40]}”不能按“{name}”筛选",
        en=f"the layer {layers[:40]!r} cannot be cut to {name!r}",
        field=name,
    )
