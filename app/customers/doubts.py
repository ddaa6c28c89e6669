"""Where a customer lives by all that a file says of him, and what somebody should look at: one pure function.

The order of truth: a pin set by hand (never asked here) → a correction learned → the source's coordinates →
the gazetteer → a map service, asked later. Nothing is moved or chosen silently: where two sources of truth
differ, or the text is not clear, the placement comes with a `Doubt`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.customers.geocoding import Answer, Matcher
from app.customers.places import find_matcher, show_answer
from app.customers.placing import POINT_ACCURACY_M, Placed, Wrong, place_source, placed_of
from app.customers.sources import Bounds, Points, find_likelier_datum, read_points
from app.customers.villages import Villages, read_villages
from app.db import fetch_one
from app.errors import Conflict

# An answer of this score may be held against a point; one below `CLEAR` should be looked at.
SURE, CLEAR = 0.9, 0.8
# So far from its village a point contradicts the address.
FAR_M = 500.0
VILLAGE_LEVELS = ("house", "group", "natural_village", "village")
Row = tuple[str | None, float | None, float | None, str | None]


def _tell_datum(key: str, name: str) -> Wrong:
    return (
        "datum_doubtful",
        f"坐标看来是{name}（{key}）而未注明，未作改动，请核对坐标系",
        f"the coordinates look like {key}, which the file does not say; nothing was moved",
    )


# What is said of points that fit their addresses only in another datum than the file says.
DOUBTFUL: dict[str, Wrong] = {
    "gcj02": _tell_datum("gcj02", "火星坐标"),
    "bd09": _tell_datum("bd09", "百度坐标"),
}


@dataclass(frozen=True)
class Doubt:
    """What somebody should look at: the columns of `placement_case` behind its key."""

    kind: str
    score: float
    prefix: str
    town_code: str | None
    answer: dict[str, Any]
    detail: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The doubt as `intake_row.doubt` keeps it."""
        return dict(vars(self))


class Judged(NamedTuple):
    """A row's placement, the doubt about it, and what is wrong with its coordinates (code, zh, en)."""

    placed: Placed
    doubt: Doubt | None
    wrong: Wrong | None


@dataclass(frozen=True)
class Placer:
    """Everything that placing needs, without a database: names with corrections, villages, the ground's box.

    Picklable: a process of a pool is given one.
    """

    matcher: Matcher
    villages: Villages | None = None
    bounds: Bounds | None = None

    @cached_property
    def _parents(self) -> dict[str, tuple[str, str]]:
        return {place.code: (place.level, place.parent_code) for place in self.matcher.places}

    def find_town(self, answer: Answer) -> str | None:
        """The town of an answer, of several candidates the one that all lie in."""
        if answer.town_code:
            return answer.town_code
        towns = {self._town_of(candidate.code) for candidate in answer.candidates}
        return towns.pop() if len(towns) == 1 else None

    def _town_of(self, code: str) -> str | None:
        for _ in range(8):
            level, parent = self._parents.get(code, ("", ""))
            if level == "town":
                return code
            code = parent
        return None


def read_placer(session: Session) -> Placer:
    """The bank's placer as of now; without a gazetteer it reads no address."""
    box = fetch_one(session, "customers/find_bounds") or {}
    sides = [box.get(side) for side in ("west", "south", "east", "north")]
    west, south, east, north = (float(side) if side is not None else np.nan for side in sides)
    bounds = None if np.isnan(west) else (west, south, east, north)
    try:
        matcher = find_matcher(session)
    except Conflict:
        matcher = Matcher([])
    return Placer(matcher, read_villages(session), bounds)


def judge(placer: Placer, rows: Sequence[Row]) -> list[tuple[Placed, Doubt | None]]:
    """Placements and doubts of rows (address, lon, lat, word of the datum), in their order; never raises."""
    return [(one.placed, one.doubt) for one in judge_rows(placer, rows)]


def judge_rows(placer: Placer, rows: Sequence[Row]) -> list[Judged]:
    """As `judge`, with what is wrong with the rows' coordinates. lon and lat are None for none."""
    if not rows:
        return []
    answers = placer.matcher.match_many([row[0] for row in rows])
    lon, lat = (np.array([row[i] for row in rows], dtype=np.float64) for i in (1, 2))
    points = read_points(lon, lat, [row[3] or "" for row in rows], placer.bounds)
    chunk = _Chunk(placer, rows, answers, points, _compare(placer, answers, points))
    return [chunk.judge_point(i) if points.usable[i] else chunk.judge_text(i) for i in range(len(rows))]


@dataclass(frozen=True)
class _Ground:
    """How the points lie to the villages: which holds each, and metres to the address's (NaN unknown)."""

    held: list[str | None]
    away_m: NDArray[np.float64]
    likelier: str | None
    fits: NDArray[np.bool_]


def _compare(placer: Placer, answers: Sequence[Answer], points: Points) -> _Ground:
    n, villages = len(answers), placer.villages
    away, nothing = np.full(n, np.nan), np.zeros(n, dtype=bool)
    if villages is None or not points.usable.any():
        return _Ground([None] * n, away, None, nothing)
    codes = [_village_of(answer) if _is_sure(answer) else "" for answer in answers]
    own = np.where(points.usable, villages.rows(codes), -1)
    at = np.where(points.usable, villages.locate(points.x, points.y), -1)
    away[(own >= 0) & (own == at)] = 0.0
    ask = np.flatnonzero((own >= 0) & (own != at))
    away[ask] = villages.distance_m(own[ask], points.x[ask], points.y[ask])
    held = [villages.codes[row] if row >= 0 else None for row in at.tolist()]
    return _Ground(held, away, *find_likelier_datum(points, villages, own))


def _is_sure(answer: Answer) -> bool:
    return answer.score >= SURE and answer.level in VILLAGE_LEVELS


def _village_of(answer: Answer) -> str:
    return answer.village_code or (answer.code if answer.level == "village" else "")


@dataclass(frozen=True)
class _Chunk:
    """Rows with all that is known of them."""

    placer: Placer
    rows: Sequence[Row]
    answers: Sequence[Answer]
    points: Points
    ground: _Ground

    def judge_point(self, i: int) -> Judged:
        """A usable point stands, unless a correction says another village."""
        answer, ground = self.answers[i], self.ground
        away_m, held = float(ground.away_m[i]), ground.held[i]
        lon, lat, datum = float(self.points.x[i]), float(self.points.y[i]), self.points.datums[i]
        corrected = answer.method == "correction" and answer.level in VILLAGE_LEVELS
        placed = place_source(lon, lat, datum, held)
        if corrected:
            placed = placed_of(answer) if away_m > FAR_M else _refine(answer, placed)
        wrong = DOUBTFUL.get(ground.likelier or "") if ground.fits[i] else None
        if not away_m > FAR_M:
            return Judged(placed, None, wrong)
        detail = {
            "distance_m": round(away_m, 1),
            "point_unit_code": held,
            "address_unit_code": _village_of(answer),
            "set_aside": corrected,
            "source": {"lon": lon, "lat": lat, "datum": datum, "accuracy_m": POINT_ACCURACY_M},
            "likelier_datum": ground.likelier if ground.fits[i] else None,
        }
        return Judged(placed, self._doubt(i, "contradiction", detail), wrong)

    def judge_text(self, i: int) -> Judged:
        """Without a point the address alone decides."""
        answer = self.answers[i]
        kind, detail = _find_kind(self.placer, self.rows[i][0], answer)
        doubt = self._doubt(i, kind, detail) if kind else None
        return Judged(placed_of(answer), doubt, self.points.wrongs[i])

    def _doubt(self, i: int, kind: str, detail: dict[str, Any]) -> Doubt:
        answer, prefix = self.answers[i], self.placer.matcher.prefix_of(self.rows[i][0])
        return Doubt(kind, answer.score, prefix, self.placer.find_town(answer), show_answer(answer), detail)


def _refine(answer: Answer, placed: Placed) -> Placed:
    """A correction decides the village, the source's point within it stands."""
    return replace(
        placed,
        method=answer.method,
        score=answer.score,
        place_code=answer.code,
        unit_code=_village_of(answer),
    )


def _find_kind(placer: Placer, address: str | None, answer: Answer) -> tuple[str | None, dict[str, Any]]:
    """What kind of doubt an address leaves, with what was not understood in it."""
    if answer.level == "ambiguous":
        return "ambiguous", {}
    if answer.level == "none" and "outside" in answer.warnings:
        return "outside", {}
    if answer.settled and answer.score < CLEAR:
        return "low_score", {}
    if answer.level in ("town", "county") or answer.method == "unknown":
        # The town is known and a name stands behind it that nobody knows: who knows it can teach it.
        alias = placer.matcher.alias_of(address)
        return ("low_score", {"unread": alias}) if alias else (None, {})
    return None, {}
