"""What a map service's answer is worth on the bank's own ground: a placement, or a reason why not.

An answer is taken where its point lies in a village of the bank, in the town that the address names, and
where it says more than the bank's own names did. A village's answer gives the village and no point. One that
is not taken is written into the customer's case, so that the desk sees who said what.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.customers import steps
from app.customers.asking import Told
from app.customers.counting import keep_counts
from app.customers.doubts import VILLAGE_LEVELS
from app.customers.geocoding import Answer, Matcher
from app.customers.geocoding.names import TOWN_SUFFIX, fold
from app.customers.geocoding.providers import Question, find_provider
from app.customers.geocoding.providers.questions import find_county, make_question
from app.customers.places import show_answer
from app.customers.placing import ewkb
from app.customers.reassigning import hold_assignment, reassign_customers
from app.db import fetch_all, fetch_value

# Below it an answer is placed and looked at (the line of the bank's own matcher).
DOUBTED = 0.8
REFUSALS = ("other_county", "outside_ground", "other_town")
ORDER = {rung: place for place, rung in enumerate((1, 2, 3, 4, 5, 6, 0))}


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A customer whom the bank's own names leave at the town or nowhere; `question` is what may leave."""

    customer_id: int
    rung: int
    address: str
    answer: Answer
    question: Question | None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an answer's point lies on the bank's ground."""

    unit_code: str
    unit_name: str
    town_code: str | None
    town_name: str | None


def count_unplaced(session: Session) -> int:
    """How many customers a service may be asked about at most."""
    return int(fetch_value(session, "customers/count_unplaced"))


def list_unplaced(session: Session, matcher: Matcher, *, after: int, many: int) -> list[Unplaced]:
    """The next customers behind the id `after`, with what may leave of their addresses."""
    rows = fetch_all(session, "customers/list_unplaced", after=after, many=many)
    answers = matcher.match_many([row["address"] for row in rows])
    return [_unplaced(row, answer, matcher) for row, answer in zip(rows, answers, strict=True)]


def _unplaced(row: dict[str, Any], answer: Answer, matcher: Matcher) -> Unplaced:
    county = find_county(answer.county_code or matcher.home_county_code)
    # What the bank's own names know by now is a matter of placing anew, and nobody's outside.
    known = answer.level in VILLAGE_LEVELS and answer.score >= DOUBTED
    silent = known or "outside" in answer.warnings
    question = None if silent else make_question(row["address"], county, names=[row["name"]])
    prefix = matcher.prefix_of(row["address"])
    return Unplaced(row["customer_id"], row["rung"], row["address"], answer, question, prefix)


def locate_answers(session: Session, told: Sequence[Told]) -> list[Spot | None]:
    """The village of the bank under each answer's point, None where there is none."""
    points = [{"place": i, "lon": t.lon, "lat": t.lat} for i, t in enumerate(told) if t.outcome == "found"]
    rows = fetch_all(session, "customers/locate_answers", points=json.dumps(points))
    spots = {row.pop("place"): Spot(**row) for row in rows}
    return [spots.get(i) for i in range(len(told))]


def group_questions(unplaced: Sequence[Unplaced]) -> dict[str, list[int]]:
    """Whose question is it: customers by the text that would leave."""
    whose: dict[str, list[int]] = {}
    for who in unplaced:
        if who.question is not None:
            whose.setdefault(who.question.text, []).append(who.customer_id)
    return whose


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one service told of one customer's address, and where that lies; nothing asked without `told`."""

    who: Unplaced
    told: Told | None = None
    spot: Spot | None = None

    @property
    def weight(self) -> str:
        """Whether it may be taken: "taken", one of `REFUSALS`, or the outcome of what is no answer at all."""
        if self.told is None:
            return "nothing_to_ask" if self.who.question is None else "not_asked"
        if self.told.outcome != "found":
            return self.told.outcome
        if self.spot is None:
            return "outside_ground"
        town_read = self.who.answer.level == "town" and self.spot.town_name
        return "other_town" if town_read and not _same_town(self.who.answer, self.spot) else "taken"

    @property
    def placed(self) -> bool:
        """Whether the customer's village is known now: no other service need be asked."""
        return self.told is not None and self.weight == "taken" and self.told.rung <= 5

    @property
    def worth(self) -> tuple[int, float]:
        """Better verdicts are greater: finer ones first, then what is worth a person's look."""
        if self.told is not None and self.weight == "taken":
            return 10 - self.told.rung, self.told.score
        order = ("nothing_to_ask", "not_asked", "failed", "nothing", *REFUSALS)
        return order.index(self.weight) - len(order), 0.0


def _same_town(answer: Answer, spot: Spot) -> bool:
    mine, its = (TOWN_SUFFIX.sub("", fold(name)) for name in (answer.name, spot.town_name or ""))
    return answer.code == spot.town_code or mine == its


def settle_answers(session: Session, verdicts: Sequence[Verdict]) -> dict[int, str]:
    """Write what the verdicts are worth; returns what became of each customer, by id.

    "placed", "no_finer" (the bank's own names said as much), "overtaken" (placed or decided by somebody
    meanwhile, left alone), or the verdict's weight. In the worker's hand; who is placed is assigned anew.
    """
    hold_assignment(session)
    told = [v for v in verdicts if v.weight == "taken" or v.weight in REFUSALS]
    standings = steps.lock_standings(session, sorted(v.who.customer_id for v in told))
    outcomes = {v.who.customer_id: v.weight for v in verdicts}
    states: dict[int, steps.State] = {}
    for verdict in told:
        key, standing = verdict.who.customer_id, standings.get(verdict.who.customer_id)
        if standing is None or not _still_open(standing, verdict.who):
            outcomes[key] = "overtaken"
            continue
        finer = _is_finer(verdict)
        states[key] = _state_after(verdict, standing, finer=finer)
        if verdict.weight == "taken":
            outcomes[key] = "placed" if finer else "no_finer"
    if states:
        with keep_counts(session, sorted(states)):
            steps.write_states(session, states)
            reassign_customers(session, sorted(key for key in states if outcomes[key] == "placed"))
    return outcomes


def _is_finer(verdict: Verdict) -> bool:
    """Whether it says more than the bank's own names did."""
    told = verdict.told
    return told is not None and verdict.weight == "taken" and ORDER[told.rung] < ORDER[verdict.who.rung]


def _still_open(standing: steps.Standing, who: Unplaced) -> bool:
    """Whether the customer stands as he did when his address was asked about."""
    case = standing.case
    return standing.state["rung"] == who.rung and (case is None or case["state"] != "decided")


def _state_after(verdict: Verdict, standing: steps.Standing, *, finer: bool) -> steps.State:
    """Placement and case behind a verdict: placed where it says more, its words in the case when in doubt."""
    told, spot = verdict.told, verdict.spot
    assert told is not None
    state = dict(standing.state)
    if finer and spot is not None:
        state |= _placement(told, spot)
        if _settles(standing.case, spot, told):
            return {**state, "case": None}
    if standing.case is not None or verdict.weight in REFUSALS or (finer and told.score < DOUBTED):
        state["case"] = _case_after(verdict, told, case=standing.case)
    return state


def _placement(told: Told, spot: Spot) -> steps.State:
    """The columns of a placement that stands on an answer: a point only where it means a door or a hamlet."""
    point = ewkb(told.lon, told.lat).hex() if told.rung <= 4 else None
    return {
        "rung": told.rung,
        "method": told.method,
        "score": told.score,
        "geom": point,
        "place_code": spot.town_code if told.rung == 6 else spot.unit_code if told.rung == 5 else None,
        "unit_code": None if told.rung == 6 else spot.unit_code,
        "accuracy_m": told.accuracy_m,
        "datum": find_provider(told.provider).datum,
    }


def _settles(case: dict[str, Any] | None, spot: Spot, told: Told) -> bool:
    """Whether an answer decides an open doubt: it lies in one of the villages between which it stood."""
    if case is None or told.rung > 5 or told.score < DOUBTED:
        return False
    return spot.unit_code in {candidate.get("code") for candidate in case["answer"].get("candidates", [])}


def _case_after(verdict: Verdict, told: Told, *, case: dict[str, Any] | None) -> dict[str, Any]:
    """The customer's case with the service's word in it; a new one where there is none yet.

    A village in which the answer lies is one more candidate, to be chosen or not by a person.
    """
    said = {
        "provider": told.provider,
        "outcome": verdict.weight,
        "level": told.level,
        "code": told.code,
        "rung": told.rung,
        "lon": told.lon if told.outcome == "found" else None,
        "lat": told.lat if told.outcome == "found" else None,
    }
    after = dict(case) if case is not None else _new_case(verdict, told)
    others = [one for one in after["detail"].get("providers", []) if one["provider"] != told.provider]
    after["detail"] = {**after["detail"], "providers": [*others, said]}
    offered = _offer(verdict, told)
    known = {candidate.get("code") for candidate in after["answer"].get("candidates", [])}
    if offered is not None and offered["code"] not in known:
        after["answer"] = {**after["answer"], "candidates": [*after["answer"].get("candidates", []), offered]}
    return after


def _offer(verdict: Verdict, told: Told) -> dict[str, Any] | None:
    """The village under an answer's point as a candidate; None for a town's answer or a point elsewhere."""
    spot = verdict.spot
    if spot is None or told.rung > 5:
        return None
    reason, score = told.method, told.score
    return {
        "code": spot.unit_code,
        "name": spot.unit_name,
        "level": "village",
        "score": score,
        "reason": reason,
    }


def _new_case(verdict: Verdict, told: Told) -> dict[str, Any]:
    refused, who = verdict.weight in REFUSALS, verdict.who
    return {
        "customer_id": who.customer_id,
        "kind": "contradiction" if refused else "low_score",
        "state": "open",
        "score": who.answer.score if refused else told.score,
        "prefix": who.prefix,
        "town_code": who.answer.town_code or None,
        "answer": show_answer(who.answer),
        "detail": {},
        "opened_at": datetime.now(UTC).isoformat(),
    }
