"""Where a customer lives by all that a file says of him, and what somebody should look at: one pure function.

The order of truth: a pin set by hand (never asked here) → a correction learned → the source's coordinates →
the gazetteer → a map service, asked later. Nothing is moved or chosen silently: where two sources of truth
differ, or the text is not clear, the placement comes with a `Doubt`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

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
Ints = NDArray[np.int64]
T = TypeVar("T")


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


@dataclass(frozen=True)
class Asked:
    """What a file says of where its rows lie: different addresses and words of a datum, and which of them
    each row has (n,); lon and lat (n,) are NaN for none."""

    addresses: Sequence[str | None]
    address_of: Ints
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    words: Sequence[str]
    word_of: Ints


@dataclass(frozen=True)
class Verdict:
    """Where rows lie: the points of `plain` ones stand as they came, in the village `held` (-1 none); of all
    others `judged` tells, by their number."""

    points: Points
    held: Ints
    plain: NDArray[np.bool_]
    judged: dict[int, Judged]


def judge(placer: Placer, rows: Sequence[Row]) -> list[tuple[Placed, Doubt | None]]:
    """Placements and doubts of rows (address, lon, lat, word of the datum), in their order; never raises."""
    return [(one.placed, one.doubt) for one in judge_rows(placer, rows)]


def judge_rows(placer: Placer, rows: Sequence[Row]) -> list[Judged]:
    """As `judge`, with what is wrong with the rows' coordinates. lon and lat are None for none."""
    addresses, address_of = _number([row[0] for row in rows])
    words, word_of = _number([row[3] or "" for row in rows])
    lon, lat = (np.array([row[i] for row in rows], dtype=np.float64) for i in (1, 2))
    verdict = judge_columns(placer, Asked(addresses, address_of, lon, lat, words, word_of))
    points, codes = verdict.points, placer.villages.codes if placer.villages else ()
    return [
        verdict.judged.get(i)
        or Judged(_as_it_came(points, i, codes[held] if held >= 0 else None), None, None)
        for i, held in enumerate(verdict.held.tolist())
    ]


def _number(values: "Sequence[T]") -> "tuple[list[T], Ints]":
    """The different values, and which of them stands at each place."""
    known = {value: at for at, value in enumerate(dict.fromkeys(values))}
    return list(known), np.array([known[value] for value in values], dtype=np.int64)


def judge_columns(placer: Placer, asked: Asked) -> Verdict:
    """Where rows lie, each different address read once; what is clear is judged in columns."""
    answers = placer.matcher.match_many(asked.addresses)
    points = read_points(asked.lon, asked.lat, asked.words, placer.bounds, word_of=asked.word_of)
    ground = _compare(placer, answers, points, asked.address_of)
    corrected = np.array([_is_corrected(answer) for answer in answers], dtype=bool)
    odd = corrected[asked.address_of] | (ground.away_m > FAR_M) | ground.fits
    plain = points.usable & ~odd
    chunk = _Chunk(placer, asked, answers, points, ground)
    judged = {i: chunk.judge_point(i) for i in np.flatnonzero(points.usable & odd).tolist()}
    judged |= {i: chunk.judge_text(i) for i in np.flatnonzero(~points.usable).tolist()}
    return Verdict(points, ground.held, plain, judged)


@dataclass(frozen=True)
class _Ground:
    """How the points lie to the villages: which holds each (-1 none), metres to the address's (NaN none)."""

    held: Ints
    away_m: NDArray[np.float64]
    likelier: str | None
    fits: NDArray[np.bool_]


def _compare(placer: Placer, answers: Sequence[Answer], points: Points, address_of: Ints) -> _Ground:
    n, villages = len(address_of), placer.villages
    away, nothing = np.full(n, np.nan), np.zeros(n, dtype=bool)
    if villages is None or not points.usable.any():
        return _Ground(np.full(n, -1), away, None, nothing)
    codes = [_village_of(answer) if _is_sure(answer) else "" for answer in answers]
    own = np.where(points.usable, villages.rows(codes)[address_of], -1)
    at = np.where(points.usable, villages.locate(points.x, points.y), -1)
    away[(own >= 0) & (own == at)] = 0.0
    ask = np.flatnonzero((own >= 0) & (own != at))
    away[ask] = villages.distance_m(own[ask], points.x[ask], points.y[ask])
    return _Ground(at.astype(np.int64), away, *find_likelier_datum(points, villages, own))


def _is_corrected(answer: Answer) -> bool:
    return answer.method == "correction" and answer.level in VILLAGE_LEVELS


def _as_it_came(points: Points, i: int, held: str | None) -> Placed:
    return place_source(float(points.x[i]), float(points.y[i]), points.datum_of(i), held)


def _is_sure(answer: Answer) -> bool:
    return answer.score >= SURE and answer.level in VILLAGE_LEVELS


def _village_of(answer: Answer) -> str:
    return answer.village_code or (answer.code if answer.level == "village" else "")


@dataclass(frozen=True)
class _Chunk:
    """Rows with all that is known of them."""

    placer: Placer
    asked: Asked
    answers: Sequence[Answer]
    points: Points
    ground: _Ground
    read: dict[int, tuple[Placed, Doubt | None]] = field(default_factory=dict)

    def judge_point(self, i: int) -> Judged:
        """A usable point stands, unless a correction says another village."""
        answer, ground = self.answers[self.asked.address_of[i]], self.ground
        away_m, held = float(ground.away_m[i]), self._held(i)
        corrected = _is_corrected(answer)
        placed = _as_it_came(self.points, i, held)
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
            "source": {
                "lon": float(self.points.x[i]),
                "lat": float(self.points.y[i]),
                "datum": self.points.datum_of(i),
                "accuracy_m": POINT_ACCURACY_M,
            },
            "likelier_datum": ground.likelier if ground.fits[i] else None,
        }
        return Judged(placed, self._doubt(int(self.asked.address_of[i]), "contradiction", detail), wrong)

    def _held(self, i: int) -> str | None:
        row, villages = int(self.ground.held[i]), self.placer.villages
        return villages.codes[row] if villages and row >= 0 else None

    def judge_text(self, i: int) -> Judged:
        """Without a point the address alone decides, for all rows that have it."""
        which = int(self.asked.address_of[i])
        if which not in self.read:
            answer = self.answers[which]
            kind, detail = _find_kind(self.placer, self.asked.addresses[which], answer)
            self.read[which] = placed_of(answer), self._doubt(which, kind, detail) if kind else None
        return Judged(*self.read[which], self.points.wrong_of(i))

    def _doubt(self, which: int, kind: str, detail: dict[str, Any]) -> Doubt:
        answer, prefix = self.answers[which], self.placer.matcher.prefix_of(self.asked.addresses[which])
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
