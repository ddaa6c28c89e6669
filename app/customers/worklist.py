"""The placement desk's lists: the funnel with its denominators, the cases that wait, who stands at a step.

The viewer's own policies cut every row and every count. Lists show masked names, and addresses down to the
village; whoever was shown stands in the audit.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.access import mask_address, mask_party, record
from app.customers.geocoding import normalise
from app.customers.geocoding.prefix import cut_prefix
from app.customers.listing import escape_like
from app.customers.placing import RUNGS
from app.customers.steps import viewer_of
from app.db import fetch_all, fetch_value
from app.errors import BadInput
from app.models.placing import CASE_KINDS

PAGE = 200
# What the matcher says of an address in which nothing stands; with such an answer it is not "readable".
UNREADABLE = ("empty", "placeholder", "unreadable")
ALL = tuple(RUNGS)
# A written form is never longer: what follows is no name of a place.
LONGEST_FORM = 32
# What stands behind a village's name is a house or its people; a road's name may begin with a village's.
BELOW_VILLAGE = re.compile(r"^(.*(?:村|社区))[^路街道巷弄]+$")


@dataclass(frozen=True)
class Step:
    """A step of the funnel, or what is lost before one: the rungs, and what else marks its customers."""

    key: str
    rungs: tuple[int, ...] = ALL
    located: bool | None = None
    readable: bool | None = None


# The funnel's figures and its losses: every number of the page is one of them and opens its list.
STEPS: tuple[Step, ...] = (
    Step("imported"),
    Step("readable", readable=True),
    Step("village_known", rungs=(1, 2, 3, 4, 5)),
    Step("located", located=True),
    Step("point", rungs=(1, 2, 3)),
    Step("unreadable", readable=False),
    Step("village_unclear", rungs=(6, 0), readable=True),
    Step("village_unknown", rungs=(6, 0)),
    Step("village_only", rungs=(1, 2, 3, 4, 5), located=False),
    *(Step(f"rung_{rung}", rungs=(rung,)) for rung in RUNGS),
)


def find_step(key: str) -> Step:
    """The step of a key. Raises BadInput."""
    for step in STEPS:
        if step.key == key:
            return step
    raise BadInput(
        "no_step", zh=f"漏斗里没有这一步：{key[:40]}", en=f"no such step of the funnel: {key[:40]!r}"
    )


def count_funnel(session: Session, *, branch: str | None = None) -> dict[str, Any]:
    """The funnel of all customers in sight, or of one branch's (its code) grids.

    Each step stands with `of`, its denominator; `rungs` sum to `imported`; `open` and `later` count cases.
    Customers without a grid are seen by head office alone.
    """
    whole = branch is None and viewer_of(session).db_role == "getu_head"
    name = "customers/count_placements" if whole else "customers/count_placements_in_grids"
    narrow: dict[str, Any] = {} if whole else {"branch": branch}
    rows = fetch_all(session, name, unreadable=list(UNREADABLE), **narrow)
    by_rung = {int(row["rung"]): row for row in rows}
    counts = {step.key: _count_step(step, by_rung) for step in STEPS}
    rungs = {str(rung): counts.pop(f"rung_{rung}") for rung in RUNGS}
    return {
        **counts,
        "of": dict.fromkeys(counts, counts["imported"]),
        "rungs": rungs,
        "rung_words": {str(rung): words for rung, words in RUNGS.items()},
        **_count_cases(session, whole, narrow),
        "as_of": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _count_step(step: Step, by_rung: Mapping[int, Mapping[str, Any]]) -> int:
    """The customers of a step, by the same marks by which `list_placed` finds them."""
    total = 0
    for rung in step.rungs:
        row = by_rung.get(rung, {"customers": 0, "located": 0, "unreadable": 0})
        whole, located, unreadable = (int(row[key]) for key in ("customers", "located", "unreadable"))
        if step.located is not None:
            total += located if step.located else whole - located
        elif step.readable is not None:
            total += whole - unreadable if step.readable else unreadable
        else:
            total += whole
    return total


def _count_cases(session: Session, whole: bool, narrow: Mapping[str, Any]) -> dict[str, Any]:
    """Cases by kind (open, and put off), and the towns they lie in with how many wait in each."""
    rows = fetch_all(
        session, "customers/count_cases" if whole else "customers/count_cases_in_grids", **narrow
    )
    found: dict[str, Any] = {state: dict.fromkeys(CASE_KINDS, 0) for state in ("open", "later")}
    towns: dict[str, dict[str, Any]] = {}
    for row in rows:
        found[row["state"]][row["kind"]] += int(row["cases"])
        code = row["town_code"] or "-"
        town = towns.setdefault(code, {"code": code, "name": row["town_name"], "open": 0, "later": 0})
        town[row["state"]] += int(row["cases"])
    return {**found, "towns": sorted(towns.values(), key=lambda town: (town["code"] == "-", town["code"]))}


def list_cases(
    session: Session, filters: Mapping[str, Any], *, after: str | None = None, limit: int = 50
) -> dict[str, Any]:
    """A page of cases, the likeliest first, masked, with their number and what the viewer decided today.

    `filters` may hold kind, state (open, later, decided), town (a code, `-` for unknown) and q (a written
    form or the beginning of a name). `after` is the `next` of the page before. Raises BadInput.
    """
    where = _filters(filters)
    score, last = _read_cursor(after)
    size = min(limit, PAGE)
    rows = fetch_all(session, "customers/list_cases", score=score, after=last, limit=size, **where)
    record(
        session,
        "list_placement_cases",
        customer_ids=[row["customer_id"] for row in rows],
        detail={"q": filters["q"][:80]} if filters.get("q") else {},
    )
    heads = [row["name"] for row in fetch_all(session, "customers/list_own_heads")]
    return {
        "cases": [show_case(row, heads) for row in rows],
        "total": int(fetch_value(session, "customers/count_worklist", **where)),
        "next": f"{rows[-1]['score']!r}~{rows[-1]['customer_id']}" if len(rows) == size else None,
        "today": count_today(session),
    }


def _filters(given: Mapping[str, Any]) -> dict[str, Any]:
    kind, asked = given.get("kind"), (given.get("q") or "").strip()
    plain = escape_like(asked)
    return {
        "state": given.get("state") or "open",
        "kinds": [kind] if kind else list(CASE_KINDS),
        "town": given.get("town") or None,
        "holds": f"%{plain}%" if plain else None,
        "begins": f"{plain}%" if plain else None,
    }


def _read_cursor(after: str | None) -> tuple[float | None, int | None]:
    if not after:
        return None, None
    found = re.fullmatch(r"(\d(?:\.\d+)?(?:e-?\d+)?)~(-?\d{1,18})", after)
    if found is None:
        raise BadInput("bad_cursor", zh="翻页位置不对，请从头列出", en="`after` is not a `next` of this list")
    return float(found[1]), int(found[2])


def count_today(session: Session) -> int:
    """How many customers the viewer himself decided today."""
    user_id = viewer_of(session).user_id
    return int(fetch_value(session, "customers/count_decided_today", user_id=user_id))


def show_case(row: Mapping[str, Any], heads: Sequence[str] = ()) -> dict[str, Any]:
    """A case as it may stand in a list; `heads` are the names that all addresses of the bank begin with."""
    return {
        "customer_id": row["customer_id"],
        "name": show_name(row),
        "standing": row["standing"],
        "customer_kind": row["customer_kind"],
        "source": row["source"],
        "address": cut_form(row["address"], row["prefix"], row["town"], heads),
        "kind": row["kind"],
        "state": row["state"],
        "score": round(float(row["score"]), 3),
        "candidates": row["candidates"],
        "warnings": list(row["warnings"]),
        "method": row["method"],
        "distance_m": row["distance_m"],
        "town": row["town"],
    }


def show_name(row: Mapping[str, Any]) -> str:
    """A person's or household's name is masked; a firm's stands on its door."""
    return mask_party(str(row["name"]), row["customer_kind"])


def cut_form(
    address: str | None, prefix: str | None, town: str | None, heads: Sequence[str] = ()
) -> str | None:
    """An address as it was written down to the village: what is to be decided, without the house.

    `prefix` may hold the house number of a road: everything from the first figure on goes, and whatever else
    stands behind a village. So do the `heads` that it begins with: the bank's own county says nothing in the
    bank's own list. `list_cases` and `count_worklist` search in no more than that.
    """
    form = BELOW_VILLAGE.sub(r"\1", re.split(r"\d", prefix or "")[0])
    while head := next((head for head in heads if form.startswith(head) and form != head), None):
        form = form.removeprefix(head)
    form = form[:LONGEST_FORM]
    if not form:
        return mask_address(address, town)
    return form if form == (address or "").strip() else form + "***"


def list_placed(
    session: Session, key: str, *, branch: str | None = None, after: int | None = None, limit: int = 50
) -> dict[str, Any]:
    """The customers behind a figure of the funnel, a page at a time, masked. Raises BadInput."""
    step, size = find_step(key), min(limit, PAGE)
    rows = fetch_all(
        session,
        "customers/list_placed",
        rungs=list(step.rungs),
        located=step.located,
        readable=step.readable,
        unreadable=list(UNREADABLE),
        branch=branch,
        after=-1 if after is None else after,
        limit=size,
    )
    shown = [row["customer_id"] for row in rows]
    record(session, "list_placed_customers", subject=step.key, customer_ids=shown)
    heads = [row["name"] for row in fetch_all(session, "customers/list_own_heads")]
    return {
        "customers": [_show_placed(row, heads) for row in rows],
        "next": shown[-1] if len(rows) == size else None,
    }


def _show_placed(row: Mapping[str, Any], heads: Sequence[str]) -> dict[str, Any]:
    """A customer of a step; where no village is known, what he wrote down to where one would stand."""
    if row["village"]:
        address = mask_address(row["address"], row["town"], row["village"])
    elif row["method"] in UNREADABLE:
        address = None
    else:
        prefix, _ = cut_prefix(normalise(row["address"]).text)
        address = cut_form(row["address"], prefix, row["town"], heads)
    return {
        "customer_id": row["customer_id"],
        "name": show_name(row),
        "standing": row["standing"],
        "customer_kind": row["customer_kind"],
        "source": row["source"],
        "address": address,
        "rung": row["rung"],
        "score": round(float(row["score"]), 3),
        "method": row["method"],
        "kind": row["kind"],
        "state": row["state"],
    }
