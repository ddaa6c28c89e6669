"""The whole bank judged anew: customers stream out, what changed waits aside, then lands at once.

What a person has decided is never asked. A point that a source once sent is judged again, also where a
correction had set it aside; an answer of a map service stays until the bank's own names know the village.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

from psycopg import sql
from sqlalchemy.orm import Session

from app.customers.doubts import Doubt, Placer, Row, judge
from app.customers.places import matcher_version
from app.customers.placing import BY_HAND, COLUMNS, Placed
from app.customers.pool import Crew
from app.db import fetch_one, fetch_value
from app.db.copying import raw

CHUNK = 5_000
SCOPES = ("changed", "open", "all")
# Rungs at which the bank's own names do not know the village: what a map service said there stays.
UNKNOWING = (0, 6)
# Our own constant text; the only value put into it is a number of ours.
QUERY = """COPY (
SELECT c.id, hashtextextended(coalesce(c.address, ''), 0), c.address, p.xmin, p.rung, p.method, p.score,
    encode(ST_AsEWKB(p.geom), 'hex'), ST_X(p.geom), ST_Y(p.geom),
    p.place_code, p.unit_code, p.accuracy_m, p.datum,
    k.kind, k.score, k.prefix, k.town_code, k.answer, k.detail
FROM customer c LEFT JOIN placement p ON p.customer_id = c.id
LEFT JOIN placement_case k ON k.customer_id = c.id
WHERE c.id > {after}
    AND coalesce(p.method, '') <> ALL ({by_hand}) AND coalesce(k.state, '') <> 'decided'{only}
ORDER BY c.id) TO STDOUT (FORMAT CSV)"""
OPEN = " AND (k.customer_id IS NOT NULL OR coalesce(p.rung, 0) IN (0, 6))"


class Held(NamedTuple):
    """How a customer stands: the columns of QUERY."""

    id: int
    address_key: int
    address: str
    seen: int | None
    placement: tuple[Any, ...] | None
    case: dict[str, Any] | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class Reviewed:
    """A chunk's outcome: one line of JSON for each customer who changes, and counts."""

    lines: bytes
    last_id: int
    counts: dict[str, int]


def read_customers(session: Session, *, scope: str, after: int) -> Generator[list[bytes], None, None]:
    """Chunks of customers behind id `after` whom nobody has decided by hand, as they stand."""
    query = sql.SQL(QUERY).format(
        after=sql.Literal(after),
        by_hand=sql.Literal(list(BY_HAND)),
        only=sql.SQL(OPEN if scope == "open" else ""),
    )
    with raw(session).cursor() as cursor, cursor.copy(query) as copy:
        rows = iter(copy)
        while chunk := [bytes(row) for row in islice(rows, CHUNK)]:
            yield chunk


def call_judges(placer: Placer, processes: int) -> Crew:
    """Processes that judge chunks of customers."""
    return Crew(processes, start_judging, placer, review_chunk, leave_row, join_reviewed)


_placer: Placer | None = None


def start_judging(placer: Placer) -> None:
    """Keep this process's placer: the beginning of each process of a crew."""
    global _placer
    _placer = placer


def review_chunk(rows: Sequence[bytes]) -> Reviewed:
    """Judge a chunk with this process's placer."""
    assert _placer is not None, "start_judging runs first in each process"
    return review(_placer, [_read(cells) for cells in _split(rows)])


def review(placer: Placer, held: Sequence[Held]) -> Reviewed:
    """What changes for these customers when they are judged now."""
    counts: Counter[str] = Counter(read=len(held))
    lines: list[str] = []
    for one, (placed, doubt) in zip(held, judge(placer, [_ask(one) for one in held]), strict=True):
        told = _compare(one, *_keep_source(one, placed, doubt))
        counts[f"rung:{told['rung']}"] += 1
        if told["doubt"]:
            counts[f"open:{told['doubt']['kind']}"] += 1
        if told["moved"] or told["doubt"] != one.case:
            counts["changed"] += 1
            counts["moved"] += told["moved"]
            lines.append(json.dumps(told, ensure_ascii=False))
        else:
            counts["same"] += 1
    return Reviewed("".join(f"{line}\n" for line in lines).encode(), held[-1].id, dict(counts))


def leave_row(row: bytes, reason: str) -> Reviewed:
    """The outcome of a customer whom no process could judge: he stays as he is, and is counted."""
    (cells,) = _split([row])
    return Reviewed(b"", int(cells[0]), {"read": 1, "left": 1, f"left:{reason}": 1})


def join_reviewed(parts: list[Reviewed]) -> Reviewed:
    """One outcome of a chunk that was judged row by row."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.counts)
    return Reviewed(b"".join(part.lines for part in parts), parts[-1].last_id, dict(counts))


def _split(rows: Sequence[bytes]) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(b"".join(rows).decode(), newline=""))


def _read(cells: list[str]) -> Held:
    """A line of QUERY; an empty cell is NULL."""
    known = [cell or None for cell in cells]
    placement = None
    if cells[4]:
        numbers = (int(cells[4]), cells[5], float(cells[6]))
        accuracy_m = float(cells[12]) if cells[12] else None
        placement = (*numbers, known[7], known[10], known[11], accuracy_m, known[13])
    case = None
    if cells[14]:
        case = {
            "kind": cells[14],
            "score": float(cells[15]),
            "prefix": cells[16],
            "town_code": known[17],
            "answer": json.loads(cells[18]),
            "detail": json.loads(cells[19]),
        }
    seen = int(cells[3]) if cells[3] else None
    lon, lat = (float(cells[at]) if cells[at] else None for at in (8, 9))
    return Held(int(cells[0]), int(cells[1]), cells[2], seen, placement, case, lon, lat)


def _find_source(one: Held) -> dict[str, Any] | None:
    """The point that a source sent, in storage coordinates: it stands in the placement, or in the case."""
    if one.placement is not None and one.placement[0] == 2 and one.placement[1] in ("source", "correction"):
        return {"lon": one.lon, "lat": one.lat, "datum": one.placement[7]}
    source: dict[str, Any] | None = (one.case or {}).get("detail", {}).get("source")
    return source


def _ask(one: Held) -> Row:
    source = _find_source(one)
    if source is None:
        return (one.address, None, None, None)
    return (one.address, source["lon"], source["lat"], "cgcs2000")


def _keep_source(one: Held, placed: Placed, doubt: Doubt | None) -> tuple[Placed, Doubt | None]:
    """The judgement with the datum in which the source once sent its point; a service's answer stays."""
    source = _find_source(one)
    if source is not None and placed.rung == 2:
        placed = replace(placed, datum=source["datum"])
    if source is not None and doubt is not None and "source" in doubt.detail:
        kept = {**doubt.detail["source"], "datum": source["datum"]}
        doubt = replace(doubt, detail={**doubt.detail, "source": kept})
    if one.placement is not None and one.placement[1].startswith("provider:") and placed.rung in UNKNOWING:
        rung, method, score, geom, *rest = one.placement
        point = bytes.fromhex(geom) if geom else None
        # Its doubt too: what the service decided is not opened again, what it left open stays so.
        return Placed(rung, method, score, point, *rest), Doubt(**one.case) if one.case else None
    return placed, _keep_said(one, placed, doubt)


def _keep_said(one: Held, placed: Placed, doubt: Doubt | None) -> Doubt | None:
    """The doubt with what map services said of it, as long as the bank's names do not know the village."""
    said = (one.case or {}).get("detail", {}).get("providers")
    if one.case is None or not said or placed.rung not in UNKNOWING:
        return doubt
    if doubt is None or doubt.kind != one.case["kind"]:
        return Doubt(**one.case)
    offered = [c for c in one.case["answer"]["candidates"] if c["reason"].startswith("provider:")]
    answer = {**doubt.answer, "candidates": [*doubt.answer["candidates"], *offered]}
    return replace(doubt, answer=answer, detail={**doubt.detail, "providers": said})


def _compare(one: Held, placed: Placed, doubt: Doubt | None) -> dict[str, Any]:
    """The customer's line: what he becomes, and as what he was seen when he was judged."""
    rung, method, score, point, *rest = placed.as_row()
    now = (rung, method, score, point.hex() if point else None, *rest)
    told = doubt and json.loads(json.dumps(doubt.as_json()))
    seen = {"customer_id": one.id, "address_key": one.address_key, "seen": one.seen}
    return {**seen, **dict(zip(COLUMNS, now, strict=True)), "moved": now != one.placement, "doubt": told}


def find_version(session: Session) -> str:
    """With which names, corrections and ground customers are placed now. Raises Conflict without names."""
    ground = fetch_value(session, "customers/find_ground_version")
    return f"{matcher_version(session)}|{ground}"


def is_placed(session: Session, version: str) -> bool:
    """Whether the last pass over the whole bank was made with this version."""
    return bool(fetch_value(session, "customers/find_placed_version") == version)


def count_customers(session: Session) -> dict[str, int]:
    """How many customers there are, and how many of them somebody has decided."""
    row = fetch_one(session, "customers/count_placed", by_hand=list(BY_HAND)) or {}
    return {"customers": int(row["customers"]), "decided": int(row["decided"])}


def land_reviewed(session: Session, lines: Iterable[bytes]) -> int:
    """Write what a run judged, but for customers who were changed or decided since; how many it wrote."""
    left, landed = iter(lines), 0
    while chunk := list(islice(left, CHUNK)):
        rows = f"[{','.join(line.decode() for line in chunk)}]"
        landed += int(fetch_value(session, "customers/land_review", rows=rows))
    return landed
