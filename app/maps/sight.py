"""Who answers to the map's filter: counted for the viewer with its denominator, listed a page at a time."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.access import Vault
from app.customers.filters import EVERYBODY, Filters
from app.customers.in_sight import Wanted, count_in_sight, list_in_sight
from app.customers.outcome import LADDER
from app.db import fetch_one, fetch_value
from app.maps.filtering import CustomerFilter
from app.maps.ground import Ground, find_ground

COUNTED = {"existing": "existing", "prospect": "prospects"}


def count_filtered(session: Session, asked: CustomerFilter) -> dict[str, Any]:
    """`n` customers of the viewer's grids answer to the filter, of `of` in all; `grids` lie in its ground,
    `covered` of their households are served (`n`, `of`).

    Raises BadInput for a branch or a manager that is not in sight.
    """
    ground = find_ground(session)
    every = list_plan_grids(session, ground)
    grids = find_grids(session, asked, ground)
    whole = _read_counts(session, every)
    n = count_kept(_read_counts(session, grids), asked.who)
    if n is None:
        n = count_in_sight(session, Wanted(grids, asked.who))["total"]
    return {
        "n": int(n),
        "of": count_kept(whole, EVERYBODY),
        "grids": len(grids),
        "covered": fetch_one(session, "maps/count_covered", grid_ids=grids),
        "filter": asked.told(),
    }


def list_filtered(
    session: Session, asked: CustomerFilter, *, vault: Vault, after: int = 0, limit: int = 50
) -> dict[str, Any]:
    """A page of those who answer to the filter, masked and audited, with their number."""
    ground = find_ground(session)
    wanted = Wanted(
        find_grids(session, asked, ground), asked.who, subject=f"map {asked.query()}".strip()[:200]
    )
    page = list_in_sight(session, wanted, vault=vault, after=after, limit=limit)
    return {**page, "total": count_filtered(session, asked)["n"]}


def find_grids(session: Session, asked: CustomerFilter, ground: Ground) -> list[int]:
    """The grids of the drawn plan in sight that lie in the filter's ground."""
    grids = asked.params(session, ground)["grid_ids"]
    return list_plan_grids(session, ground) if grids is None else list(grids)


def list_plan_grids(session: Session, ground: Ground) -> list[int]:
    """Ids of all grids of the drawn plan in sight."""
    return list(fetch_value(session, "maps/list_plan_grids", plan_id=ground.plan_id) or [])


def _read_counts(session: Session, grids: list[int]) -> Mapping[str, Any]:
    return fetch_one(session, "maps/count_filtered", grid_ids=grids) or {}


def count_kept(row: Mapping[str, Any], who: Filters) -> int | None:
    """What the kept counts of grids say, where they can: of everybody, or of one standing, rung or tier."""
    asked = who.told()
    if not asked:
        return int(row["existing"]) + int(row["prospects"])
    if set(asked) == {"standing"}:
        return int(row[COUNTED[asked["standing"]]])
    if set(asked) == {"rung"}:
        return int(row["rungs"][LADDER.index(int(asked["rung"]))])
    if set(asked) == {"tier"} and asked["tier"] != "regular":
        return int(row[asked["tier"]])
    return None
