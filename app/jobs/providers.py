"""The story of asking map services about customers whom the bank's own names could not place.

Chunk by chunk: read whom to ask about → ask (each request in steps of its own, see `app.customers.asking`) →
weigh the answers on the bank's ground, place, assign anew, checkpoint. Killed anywhere, the next attempt asks
nothing twice: what was answered lies in the cache. A cancelled job sends nothing more.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.customers import answered, places
from app.customers.answered import Unplaced, Verdict
from app.customers.asking import Asker, Tally
from app.customers.geocoding.providers import find_provider
from app.customers.geocoding.providers.questions import fit
from app.db import fetch_all, fetch_one
from app.db.connection import WORKER
from app.errors import BadInput
from app.jobs.running import Running
from app.settings import Settings

CHUNK = 20
LOOKED_AT = 2_000
NOTES = {
    "bad_key": ("拒绝了密钥或签名，请检查设置", "refuses the key or its signature; check the settings"),
    "quota": ("今天的配额已用完，明天可继续", "has no quota left today; go on tomorrow"),
    "away": ("连续失败，本次不再询问", "failed again and again and is left alone for this run"),
}


def refuse_when_off(settings: Settings) -> None:
    """Raises BadInput where no map service is switched on."""
    if not settings.geocode_providers:
        raise BadInput(
            "providers_off",
            zh="没有启用任何地图服务（GETU_GEOCODE_PROVIDERS 为空），地址不会离开本行",
            en="no map service is switched on (GETU_GEOCODE_PROVIDERS is empty); no address leaves the bank",
        )


def ask_providers(run: Running) -> dict[str, Any]:
    """args: limit (addresses that may leave, optional). Returns counts and notes."""
    refuse_when_off(run.settings)
    fresh: dict[str, Any] = {
        "after": 0,
        "done": 0,
        "left": run.args.get("limit"),
        "outcomes": {},
        "tally": {},
    }
    with run.step() as session:
        matcher = places.find_matcher(session)
        point = run.checkpoint or {**fresh, "total": answered.count_unplaced(session)}
        run.mark("asking", point["done"], point["total"], checkpoint=point)
    with Asker(run.settings, run.step, matcher=matcher, by=run.user_id, limit=point["left"]) as asker:
        asker.tally = Tally.of(point["tally"])
        asker.keeps = lambda: run.database.transaction(WORKER)
        while asker.open_services and asker.left > 0:
            with run.step() as session:
                chunk = answered.list_unplaced(session, matcher, after=point["after"], many=CHUNK)
            if not chunk:
                break
            point = _ask_chunk(run, asker, chunk, point=point)
        return _show(point, asker.tally)


def _ask_chunk(
    run: Running, asker: Asker, chunk: Sequence[Unplaced], *, point: dict[str, Any]
) -> dict[str, Any]:
    """Ask about a chunk, write what came of it, move the checkpoint; returns the new one."""
    verdicts = _ask_each(run, asker, chunk)
    with run.step() as session:
        outcomes = answered.settle_answers(session, verdicts)
        after = {
            "after": chunk[-1].customer_id,
            "done": point["done"] + len(chunk),
            "total": point["total"],
            "left": None if asker.left == math.inf else int(asker.left),
            "outcomes": dict(Counter(point["outcomes"]) + Counter(outcomes.values())),
            "tally": asker.tally.as_json(),
        }
        run.mark("asking", after["done"], after["total"], checkpoint=after)
    return after


def _ask_each(run: Running, asker: Asker, chunk: Sequence[Unplaced]) -> list[Verdict]:
    """The best verdict about each customer: the next service is asked where the one before placed nobody."""
    best = {who.customer_id: Verdict(who) for who in chunk}
    for key in run.settings.geocode_providers:
        open_ = [who for who in chunk if who.question and not best[who.customer_id].placed]
        asker.whose = answered.group_questions(open_)
        questions = list(dict.fromkeys(who.question for who in open_ if who.question))
        answers = [asker.tell(find_provider(key), question) for question in questions]
        with run.step() as session:
            spots = answered.locate_answers(session, answers)
        found = {q: (told, spot) for q, told, spot in zip(questions, answers, spots, strict=True)}
        for who in open_:
            verdict = Verdict(who, *found[who.question]) if who.question else Verdict(who)
            best[who.customer_id] = max(best[who.customer_id], verdict, key=lambda v: v.worth)
    return list(best.values())


def _show(point: dict[str, Any], tally: Tally) -> dict[str, Any]:
    """The result of the story: customers by what became of them, requests by service, notes for people."""
    outcomes = point["outcomes"]
    notes = [
        {"provider": key, "zh": f"{find_provider(key).zh}{NOTES[why][0]}", "en": f"{key} {NOTES[why][1]}"}
        for key, why in tally.stopped.items()
    ]
    return {
        "customers": point["done"],
        "placed": outcomes.get("placed", 0),
        "outcomes": outcomes,
        **tally.as_json(),
        "stopped": tally.stopped,
        "notes": notes,
    }


def plan_questions(session: Session, settings: Settings) -> dict[str, Any]:
    """How many addresses would leave, and to whom; nothing is sent. Raises BadInput when all are off.

    The first service is asked about every address that it has not answered; the others at most about those.
    """
    refuse_when_off(settings)
    matcher = places.find_matcher(session)
    customers, silent, after = 0, 0, 0
    questions: dict[Any, None] = {}
    while chunk := answered.list_unplaced(session, matcher, after=after, many=LOOKED_AT):
        customers, after = customers + len(chunk), chunk[-1].customer_id
        silent += sum(who.question is None for who in chunk)
        questions |= {who.question: None for who in chunk if who.question}
    services = [
        _plan_service(session, settings, key, texts=list(questions)) for key in settings.geocode_providers
    ]
    return {
        "customers": customers,
        "nothing_to_ask": silent,
        "addresses": len(questions),
        "would_leave": services[0]["unanswered"],
        "services": services,
        "sent": 0,
    }


def _plan_service(session: Session, settings: Settings, key: str, *, texts: Sequence[Any]) -> dict[str, Any]:
    provider, access = find_provider(key), settings.access(key)
    fitted = sorted({fit(question, provider.max_bytes).text for question in texts})
    kept = fetch_all(
        session, "customers/find_cached", provider=key, keys=fitted, keep_days=settings.geocode_keep_days
    )
    day = fetch_one(session, "customers/find_day_of_provider", provider=key) or {"asked": 0, "stopped": None}
    return {
        "provider": key,
        "name": provider.zh,
        "url": access.url or provider.url,
        "unanswered": len(fitted) - len(kept),
        "quota_left_today": 0 if day["stopped"] else max(access.daily_quota - day["asked"], 0),
    }
