"""What a map page says beside the map: legends, lists of branches and managers, the strip of figures."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app.customers.coverage import count_coverage
from app.db import Viewer, fetch_all, fetch_one
from app.maps.ground import NOTICES, Ground, find_data_version, find_ground, find_scope
from app.maps.layers import (
    CUSTOMER_ROLES,
    Class,
    Layer,
    find_classes,
    list_layers,
    list_own,
    viewer_of,
)
from app.maps.layers.measures import cut_measures
from app.maps.layers.villages import BANK_ROLES, VILLAGE_MEASURES, list_villages
from app.maps.paint import Look, Ramp
from app.maps.words import Lang, say, tell_number, tell_share
from app.spatial.colour import PALETTE, Classes, assign_colours

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Stat:
    """One figure of the strip: its value, its denominator, the exact integers."""

    name: str
    value: str
    detail: str
    exact: str = ""


@dataclass(frozen=True)
class Facts:
    """All that a page needs to be written, as one viewer may see it in one state of the data."""

    ground: Ground
    version: str
    legends: tuple[tuple[Layer, tuple[Class, ...]], ...]
    rates: Mapping[str, Classes]
    branches: tuple[dict[str, Any], ...]
    managers: tuple[dict[str, Any], ...]
    branch_colours: Mapping[int, int]
    grids: Mapping[str, int]
    faults: Mapping[str, int]
    coverage: Mapping[str, Any] | None
    late: tuple[Layer, ...] = ()
    branch_id: int | None = None

    def narrow(self, branch: Row) -> "Facts":
        """The same facts with one branch's ground in view; the strip still speaks of all the viewer sees."""
        ground = replace(self.ground, **{side: branch[side] for side in ("west", "south", "east", "north")})
        managers = tuple(row for row in self.managers if row["branch_id"] == branch["id"])
        return replace(
            self, ground=ground, branches=(dict(branch),), managers=managers, branch_id=int(branch["id"])
        )

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers this viewer may see that come with the page."""
        return tuple(layer for layer, _ in self.legends)

    @property
    def ramps(self) -> dict[str, Ramp]:
        """The rates as the style wants them: inner breaks, and a colour a class."""
        return {
            key: Ramp(tuple(rate.breaks[1:-1]), tuple(rate.colours()))
            for key, rate in self.rates.items()
            if rate.counts
        }

    @property
    def view(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the ground in sight, degrees: a manager's own grids."""
        if not self.managers:
            return self.ground.bounds
        lows = (min(row[side] for row in self.managers) for side in ("west", "south"))
        highs = (max(row[side] for row in self.managers) for side in ("east", "north"))
        west, south, east, north = *lows, *highs
        return west, south, east, north

    def look(self, lang: Lang) -> Look:
        """What the style depends on."""
        return Look(lang=lang, branch_colours=self.branch_colours, ramps=self.ramps)


class FactShelf:
    """Facts of the last few viewers and states: counting them anew for every page would be wasted."""

    def __init__(self, limit: int = 64) -> None:
        self.limit = limit
        self.facts: OrderedDict[tuple[str, str, str], Facts] = OrderedDict()
        self.lock = threading.Lock()

    def find(self, key: tuple[str, str, str]) -> Facts | None:
        """The facts of a key, if they are kept."""
        with self.lock:
            return self.facts.get(key)

    def keep(self, key: tuple[str, str, str], facts: Facts) -> Facts:
        """Keep facts; the oldest go."""
        with self.lock:
            self.facts[key] = facts
            while len(self.facts) > self.limit:
                self.facts.popitem(last=False)
        return facts


SHELF = FactShelf()


def find_facts(session: Session, *, database: str = "") -> Facts:
    """The page's facts for the session's viewer. Raises NotFound where there is no plan.

    `database` names the database when one process serves several (tests do): kept facts are its own.
    """
    ground = find_ground(session)
    version = find_data_version(session, ground)
    key = (database or str(session.get_bind()), find_scope(session), version)
    kept = SHELF.find(key)
    return kept or SHELF.keep(key, count_facts(session, ground, version))


def count_facts(session: Session, ground: Ground, version: str) -> Facts:
    """Count everything the page says."""
    viewer = viewer_of(session)
    sees_customers = viewer.db_role in CUSTOMER_ROLES
    branches = tuple(
        dict(row) for row in fetch_all(session, "maps/list_grid_branches", plan_id=ground.plan_id)
    )
    legends = [
        (layer, tuple(layer.legend(session, ground))) for layer in list_layers(viewer) if not layer.late
    ]
    return Facts(
        ground=ground,
        version=version,
        legends=tuple(legends),
        rates=find_rates(session, ground, viewer),
        branches=branches,
        managers=tuple(dict(row) for row in fetch_all(session, "maps/list_holders", plan_id=ground.plan_id)),
        branch_colours=colour_branches(session, ground, [int(row["id"]) for row in branches]),
        grids=dict(fetch_one(session, "maps/count_grids", plan_id=ground.plan_id) or {}),
        faults=count_faults(session, ground),
        coverage=count_coverage(session) if sees_customers else None,
        late=(*(layer for layer in list_layers(viewer) if layer.late), *list_own(session)),
    )


def find_rates(session: Session, ground: Ground, viewer: Viewer) -> dict[str, Classes]:
    """The classes of all measures that this viewer may see."""
    grids = find_classes(session, ground) if viewer.db_role in CUSTOMER_ROLES else {}
    villages = viewer.db_role in BANK_ROLES
    return {**grids, **(cut_measures(list_villages(session), VILLAGE_MEASURES) if villages else {})}


PERSON = ("id", "code", "name", "branch_id")
BOX = ("west", "south", "east", "north")


def list_people(facts: Facts) -> dict[str, list[dict[str, Any]]]:
    """Branches and managers with the box of their ground, five decimals of a degree (about a metre)."""

    def tell(row: Row) -> dict[str, Any]:
        return {key: row[key] for key in PERSON if key in row} | {side: round(row[side], 5) for side in BOX}

    return {
        "branches": [tell(row) for row in facts.branches],
        "managers": [tell(row) for row in facts.managers],
    }


def colour_branches(session: Session, ground: Ground, branches: list[int]) -> dict[int, int]:
    """A palette number for each branch; branches whose ground touches are told apart."""
    place = {branch: n for n, branch in enumerate(branches)}
    rows = fetch_all(session, "maps/find_branch_neighbours", plan_id=ground.plan_id)
    pairs = [
        (place[row["one"]], place[row["other"]])
        for row in rows
        if row["one"] in place and row["other"] in place
    ]
    colours = assign_colours(len(branches), pairs, palette=PALETTE)
    return {branch: int(colour) for branch, colour in zip(branches, colours, strict=True)}


def count_faults(session: Session, ground: Ground) -> dict[str, int]:
    """Open faults of the drawn plan itself (not of the draft over it), by kind."""
    rows = fetch_all(session, "maps/count_findings", faults_plan_id=ground.plan_id, notices=NOTICES)
    return {str(row["key"]): int(row["number"]) for row in rows}


def tell_stats(facts: Facts, lang: Lang) -> list[Stat]:
    """The strip above the map: each figure with its denominator."""
    grids = facts.grids
    detail = say("grids_detail", lang, **{key: grids[key] for key in ("villages", "communities", "markets")})
    stats = [Stat(say("grids", lang), str(grids["grids"]), detail)]
    if facts.coverage is None:
        stats.append(Stat(say("managers_stat", lang), f"{grids['managers']} / {grids['branches']}", ""))
    else:
        pairs = [
            ("enrolled", "enrolled"),
            ("located", "located"),
            ("covered", "covered_households"),
            ("visited", "visited"),
        ]
        stats += [tell_stat(name, facts.coverage[key], lang) for name, key in pairs]
    return [*stats, tell_faults(facts, lang)]


def tell_stat(name: str, figure: Mapping[str, int], lang: Lang) -> Stat:
    """A share with both its numbers."""
    n, of = figure["n"], figure["of"]
    detail = f"{tell_number(n, lang)} / {tell_number(of, lang)}"
    return Stat(say(name, lang), tell_share(n, of), detail, f"{n:,} / {of:,}")


def tell_faults(facts: Facts, lang: Lang) -> Stat:
    """Overlaps and gaps of the drawn plan."""
    overlaps, gaps = facts.faults.get("overlap", 0), facts.faults.get("gap", 0)
    checked = "faults_of" if facts.ground.certificate_no else "faults_open"
    return Stat(say("faults", lang), f"{overlaps} / {gaps}", say(checked, lang, plan=facts.ground.code))
