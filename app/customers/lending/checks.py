"""The lending-area check: may this branch lend here? Answered, kept as evidence, written in the audit."""

import json
import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.customers.lending.asks import Ask
from app.customers.lending.grounds import BranchGround, find_branch_ground, tell_unit
from app.customers.lending.subjects import Row, Subject, find_subject, locate_addresses, read_customers
from app.customers.lending.verdicts import Verdict, judge
from app.customers.lending.words import ANSWERS, LIMITS, REASONS, SIDES, tell, tell_exception
from app.customers.placing import RUNGS
from app.db import Viewer, as_worker, ask_driver
from app.db.connection import WORKER
from app.errors import GetuError, NotAllowed, NotFound

MOST_ASKS = 10_000
SEES_ALL = ("getu_head", "getu_work")
KEEP = "customers/lending/write_checks"
SIGHT = text("SELECT set_config('getu.user_id', :id, true)")


@dataclass(frozen=True)
class Asked:
    """For which branch and day: the row of `find_ground.sql`, and the branch's ground when there is any."""

    facts: Row
    ground: BranchGround | None

    @property
    def missing(self) -> str:
        """Why there is no ground."""
        return "no_plan" if self.facts["plan_id"] is None else "branch_without_ground"


@dataclass(frozen=True)
class Answered:
    """One question with its branch, subject and answer, before it is kept."""

    ask: Ask
    asked: Asked
    subject: Subject
    verdict: Verdict


def check(session: Session, ask: Ask, *, viewer: Viewer | None = None) -> Row:
    """Whether a branch may lend here: the kept answer with distance, plan, holder and evidence.

    Distances are metres on the ellipsoid. Raises NotFound `no_branch`, `no_customer`; NotAllowed
    `not_your_branch`. Source: row B11; the customer need not be in the viewer's sight, of one unseen only the
    answer is told. `viewer` is for whom a worker's session asks.
    """
    found = check_many(session, [ask], viewer=viewer)[0]
    if isinstance(found, GetuError):
        raise found
    return found


def check_many(
    session: Session,
    asks: Sequence[Ask | GetuError],
    *,
    batch: uuid.UUID | None = None,
    viewer: Viewer | None = None,
) -> list[Row | GetuError]:
    """Answers in the order of the questions; what cannot be asked so stands in its place as an error.

    All in the caller's transaction. A question may be an error already (a row nobody could read). `viewer` is
    for whom a worker asks: his sight and his name count.
    """
    opened = session.info["viewer"]
    assert isinstance(opened, Viewer)
    if viewer is not None and viewer.user_id != opened.user_id:
        session.execute(SIGHT, {"id": "" if viewer.user_id is None else str(viewer.user_id)})
    viewer = viewer or opened
    sound = [ask for ask in asks if isinstance(ask, Ask)]
    answers = locate_addresses(session, sound)
    with nullcontext() if opened.db_role == WORKER.db_role else as_worker(session):
        everything = viewer.db_role in SEES_ALL
        grounds = _find_grounds(session, sound, everything)
        customers = read_customers(session, sound, all_seen=everything)
        told: list[Answered | GetuError] = []
        for ask in asks:
            try:
                if isinstance(ask, GetuError):
                    raise ask
                asked = grounds[ask.branch, ask.on]
                # Who may not ask for a branch is not told, either, which customers there are.
                if isinstance(asked, GetuError):
                    raise asked
                told.append(_answer(session, ask, asked, find_subject(ask, customers, answers)))
            except GetuError as error:
                told.append(error)
        rows = iter(ask_driver(session, KEEP, **tell_kept(told, viewer.user_id, batch)))
    return [one if isinstance(one, GetuError) else show(one, next(rows), batch) for one in told]


def _find_grounds(
    session: Session, asks: Sequence[Ask], everything: bool
) -> dict[tuple[str, date], Asked | GetuError]:
    found: dict[tuple[str, date], Asked | GetuError] = {}
    for branch, on in dict.fromkeys((ask.branch, ask.on) for ask in asks):
        try:
            found[branch, on] = find_ground(session, branch, on, everything=everything)
        except GetuError as error:
            found[branch, on] = error
    return found


def find_ground(session: Session, branch: str, on: date, *, everything: bool) -> Asked:
    """A branch with all below it and its ground on a day, in the worker's hand.

    Raises NotFound `no_branch`, NotAllowed `not_your_branch`.
    """
    facts = ask_driver(session, "customers/lending/find_ground", branch=branch, on=on, all=everything)[0]
    require_branch(facts, branch)
    return Asked(facts, find_branch_ground(session, facts) if has_ground(facts) else None)


def require_branch(facts: Row, branch: str) -> None:
    """Raise unless there is such a branch and the asker may ask for it."""
    if facts["branch_id"] is None:
        raise NotFound("no_branch", zh=f"没有机构号 {branch}", en=f"there is no branch {branch}")
    if not facts["may"]:
        raise NotAllowed(
            "not_your_branch",
            zh="只能为本机构及下属机构核验",
            en="ask for your own branch or one below it",
        )


def has_ground(facts: Row) -> bool:
    """Whether there is a plan on that day and the branch has grids in it."""
    return facts["plan_id"] is not None and not facts["own_mark"].startswith("0-")


def _answer(session: Session, ask: Ask, asked: Asked, subject: Subject) -> Answered:
    ground = asked.ground
    verdict = judge(
        ground,
        subject,
        missing=asked.missing,
        tell_unit=lambda unit: tell_unit(session, ground, unit, ask.on) if ground else "unknown",
    )
    return Answered(ask, asked, subject, verdict)


def tell_kept(
    told: Sequence[Answered | GetuError], asked_by: int | None, batch: uuid.UUID | None = None
) -> Row:
    """What `write_checks.sql` keeps: the answers, and one audit row for all questions of a request.

    It names every customer asked about, also those unseen.
    """
    sound = [one for one in told if isinstance(one, Answered)]
    counts: dict[str, int] = {}
    for one in sound:
        counts[one.verdict.said] = counts.get(one.verdict.said, 0) + 1
    detail: Row = {"answers": counts, "refused": len(told) - len(sound)}
    if batch is not None:
        detail["batch"] = str(batch)
    seen = {one.subject.customer_id for one in sound if one.subject.customer_id is not None}
    return {
        "rows": json.dumps([_as_row(number, one) for number, one in enumerate(sound)], ensure_ascii=False),
        "asked_by": asked_by,
        "batch": None if batch is None else str(batch),
        "branches": ",".join(sorted({one.ask.branch for one in sound}))[:200],
        "customer_ids": sorted(seen),
        "audit": json.dumps(detail),
    }


def _as_row(number: int, one: Answered) -> Row:
    facts, subject, verdict = one.asked.facts, one.subject, one.verdict
    lon, lat = subject.point or (None, None)
    grid = _find_row(one)
    return {
        "n": number,
        "branch_id": facts["branch_id"],
        "on_date": one.ask.on.isoformat(),
        "customer_id": subject.customer_id,
        "subject": subject.shown,
        "lon": lon,
        "lat": lat,
        "rung": subject.rung,
        "answer": verdict.said,
        "reason": verdict.reason,
        "distance_m": verdict.distance_m,
        "edge_m": verdict.edge_m,
        "plan_id": facts["plan_id"],
        "ground_version": facts["ground_version"],
        "grid_id": grid and grid["id"],
        "own": bool(
            one.asked.ground is not None and verdict.row is not None and one.asked.ground.own[verdict.row]
        ),
        "detail": {
            "key": subject.key,
            "side": verdict.side,
            "foot": verdict.foot,
            "superior": facts["superior_code"]
            and {"code": facts["superior_code"], "name": facts["superior_name"]},
            "own_mark": facts["own_mark"],
            "certificate_no": facts["certificate_no"],
            "evidence": _tell_evidence(one),
            "ref": one.ask.ref,
        },
    }


def _find_row(one: Answered) -> Row | None:
    ground, row = one.asked.ground, one.verdict.row
    return None if ground is None or row is None else ground.plan.rows[row]


def _tell_evidence(one: Answered) -> Row:
    """How it was placed and by which ground it was judged."""
    subject, grid = one.subject, _find_row(one)
    limits = ["houses_of_today"]
    if subject.customer_id is not None:
        limits.insert(0, "place_of_today")
    if one.asked.facts["begins"] is not None and one.asked.facts["begins"] > today():
        limits.append("plan_to_come")
    return {
        "placed": {
            "rung": subject.rung,
            "rung_zh": RUNGS[subject.rung],
            "method": subject.method,
            "score": round(subject.score, 4),
            "unit_code": subject.unit,
            "accuracy_m": subject.accuracy_m,
            "datum": one.ask.datum,
        },
        "candidates": subject.candidates,
        "grid": grid and {key: grid[key] for key in ("code", "name", "kind")},
        "limits": [tell(LIMITS, limit) for limit in limits],
    }


def show(one: Answered, kept: Row, batch: uuid.UUID | None) -> Row:
    """An answer as JSON-ready values. Of a customer out of sight neither place nor grid are told."""
    facts, subject, verdict = one.asked.facts, one.subject, one.verdict
    evidence = _tell_evidence(one)
    holder = None
    if kept["holder_code"] is not None and verdict.said != "in":
        holder = {"code": kept["holder_code"], "name": kept["holder_name"]}
    return {
        "id": kept["id"],
        **tell_answer(verdict.said, verdict.reason),
        "subject": subject.shown,
        "ref": one.ask.ref,
        "branch": {"code": facts["branch_code"], "name": facts["branch_name"]},
        "superior": facts["superior_code"]
        and {"code": facts["superior_code"], "name": facts["superior_name"]},
        "on": one.ask.on.isoformat(),
        "side": verdict.side and tell(SIDES, verdict.side),
        "distance_m": verdict.distance_m,
        "edge_m": verdict.edge_m,
        "plan": tell_plan(facts),
        "holder": holder,
        "point": _tell_point(subject),
        "foot": verdict.foot if subject.seen else None,
        "evidence": evidence if subject.seen else veil_evidence(evidence),
        "exception": kept["exception_id"]
        and tell_exception(kept["exception_id"], "approved", kept["exception_until"]),
        "asked_at": kept["asked_at"].isoformat(),
        "batch": None if batch is None else str(batch),
    }


def _tell_point(subject: Subject) -> Row | None:
    if subject.point is None or not subject.seen:
        return None
    return {"lon": subject.point[0], "lat": subject.point[1]}


def tell_answer(said: str, reason: str | None) -> Row:
    """The answer and its reason in both languages."""
    zh, en = ANSWERS[said]
    why = tell(REASONS, reason) if reason in REASONS else None
    return {
        "answer": said,
        "answer_zh": zh,
        "answer_en": en,
        "reason": reason,
        "message_zh": f"{zh}：{why['zh']}" if why else zh,
        "message_en": f"{en}: {why['en']}" if why else en,
    }


def tell_plan(facts: Row) -> Row | None:
    """The plan that an answer rests on: code, name, version of its ground, certificate."""
    if facts["plan_id"] is None:
        return None
    return {
        "code": facts["plan_code"],
        "name": facts["plan_name"],
        "ground_version": facts["ground_version"],
        "certificate_no": facts["certificate_no"],
        "synthetic": facts["synthetic"],
    }


def veil_evidence(evidence: Row) -> Row:
    """The evidence about a customer out of sight: how surely he is placed, not where."""
    placed = {key: evidence["placed"][key] for key in ("rung", "rung_zh", "method", "score")}
    return {"placed": placed, "candidates": [], "grid": None, "limits": evidence["limits"]}
