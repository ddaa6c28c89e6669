"""The filter of the map's customers, as it stands in an address: `?branch=B017&tier=key&rung=3`."""

from typing import Annotated, Any

from fastapi import Depends, Request

from app.errors import BadInput
from app.maps.filtering import NO_FILTER, CustomerFilter, read_filter

# Beside its filter an address may carry the data version: a change is then another address.
BESIDE = frozenset({"v"})
MEANINGS = {
    "branch": "code of a branch; those below it count",
    "manager": "code of a manager",
    "tier": "strategic, key or regular",
    "standing": "existing or prospect",
    "kind": "person, household, firm or merchant",
    "rung": "how sure the place is: 1 by hand … 6 town, 0 unknown",
    "pointed": "true: with a point of his own; false: without",
    "filed": "true: on file; false: not yet",
    "visited_since": "visited on this day or later",
    "unvisited_since": "not visited since this day, or never",
}
# For a route's `openapi_extra`: we read the fields ourselves, to refuse them by name in both languages.
DESCRIBED: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in MEANINGS.items()
    ]
}


async def filter_of(request: Request) -> CustomerFilter:
    """The filter of a request's query; raises BadInput naming a field or a value that is not allowed."""
    given = [(name, text) for name, text in request.query_params.multi_items() if name not in BESIDE]
    if not given:
        return NO_FILTER
    asked = dict(given)
    if len(asked) < len(given):
        raise BadInput(
            "bad_filter",
            zh="同一筛选条件只能给一次",
            en="a filter is given once",
            field=next(name for name in asked if [one for one, _ in given].count(name) > 1)[:40],
        )
    return read_filter(asked)


MapFiltered = Annotated[CustomerFilter, Depends(filter_of)]
