"""Who holds one grid in one role from day to day: spans that never change what was known before.

A timeline is what stands today of one (grid, role). Changing it means: say how it should read, and write only
the difference; rows that fall are closed in recorded time, so every earlier knowledge stays readable.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_all, fetch_value, run_statement
from app.errors import Conflict


@dataclass(frozen=True, slots=True)
class Span:
    """One person holds a grid in one role from `begins` up to the day before `ends` (None: without end)."""

    staff_id: int
    begins: date
    ends: date | None
    reason: str | None = None

    def meets(self, begins: date, ends: date | None) -> bool:
        """Whether a day of [begins, ends) lies in this span."""
        return (ends is None or self.begins < ends) and (self.ends is None or begins < self.ends)


Timeline = tuple[Span, ...]
Key = tuple[int, str]
"""(grid id, role)"""


def take_out(timeline: Timeline, begins: date, ends: date | None) -> Timeline:
    """What is left when nobody holds the grid in [begins, ends)."""
    left = []
    for span in timeline:
        if not span.meets(begins, ends):
            left.append(span)
            continue
        if span.begins < begins:
            left.append(replace(span, ends=begins))
        if ends is not None and (span.ends is None or ends < span.ends):
            left.append(replace(span, begins=ends))
    return in_order(left)


def put(timeline: Timeline, span: Span) -> Timeline:
    """The timeline with this span in place of whatever stood on its days."""
    return in_order([*take_out(timeline, span.begins, span.ends), span])


def within(timeline: Timeline, begins: date, ends: date | None) -> Timeline:
    """The parts of a timeline that lie in [begins, ends)."""
    parts = (span for span in timeline if span.meets(begins, ends))
    return tuple(replace(s, begins=max(s.begins, begins), ends=first_of(s.ends, ends)) for s in parts)


def in_order(spans: Iterable[Span]) -> Timeline:
    """Spans by day, with those joined that follow on one another under one person for one reason."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.begins, one.ends or date.max, one.staff_id)):
        last = joined[-1] if joined else None
        same = last is not None and (last.staff_id, last.reason) == (span.staff_id, span.reason)
        if last is not None and same and last.ends == span.begins:
            joined[-1] = replace(last, ends=span.ends)
        else:
            joined.append(span)
    return tuple(joined)


def first_of(one: date | None, other: date | None) -> date | None:
    """The earlier of two ends; None is no end."""
    return min((day for day in (one, other) if day is not None), default=None)


def holder_on(timeline: Timeline, day: date) -> Span | None:
    """Who holds the grid on a day."""
    return next((s for s in timeline if s.begins <= day and (s.ends is None or day < s.ends)), None)


def list_free(timeline: Timeline, begins: date, ends: date) -> list[tuple[date, date]]:
    """The days of [begins, ends) on which nobody holds the grid, as half-open ranges."""
    free, day = [], begins
    for span in in_order(within(timeline, begins, ends)):
        if day < span.begins:
            free.append((day, span.begins))
        day = max(day, span.ends or ends)
    return [*free, (day, ends)] if day < ends else free


def load_timelines(session: Session, grid_ids: Sequence[int]) -> dict[Key, Timeline]:
    """What stands of these grids, by (grid, role); a pair that nobody holds is missing."""
    found: dict[Key, list[Span]] = {}
    for row in fetch_all(session, "territory/list_timelines", grid_ids=list(grid_ids)):
        span = Span(row["staff_id"], row["begins"] or date.min, row["ends"], row["reason"])
        found.setdefault((row["grid_id"], row["role"]), []).append(span)
    return {key: in_order(spans) for key, spans in found.items()}


def write_timelines(
    session: Session, before: Mapping[Key, Timeline], after: Mapping[Key, Timeline]
) -> datetime | None:
    """Write the timelines of `after` where they differ from `before`; the moment of it, None for nothing.

    All rows of one change carry one moment, so that no moment lies between the old and the new knowledge.
    The caller holds the plan (`lock_plan`). Raises Conflict `changed_meanwhile` when what stands is no longer
    `before`.
    """
    ends, starts = [], []
    for key, wanted in after.items():
        stood = before.get(key, ())
        ends += [(key, span) for span in stood if span not in wanted]
        starts += [(key, span) for span in wanted if span not in stood]
    if not ends and not starts:
        return None
    at: datetime = fetch_value(session, "territory/tell_moment")
    if ends:
        closed = run_statement(session, "territory/close_spans", at=at, **_columns(ends)).rowcount
        if closed < len(ends):
            raise Conflict(
                "changed_meanwhile",
                zh="责任记录刚刚被他人修改，请刷新后重试",
                en="somebody else has just changed these duties; look again",
            )
    if starts:
        reasons = [span.reason for _, span in starts]
        run_statement(session, "territory/open_spans", at=at, reasons=reasons, **_columns(starts))
    return at


def _columns(spans: Sequence[tuple[Key, Span]]) -> dict[str, list[Any]]:
    return {
        "grid_ids": [key[0] for key, _ in spans],
        "roles": [key[1] for key, _ in spans],
        "staff_ids": [span.staff_id for _, span in spans],
        "begins": [None if span.begins == date.min else span.begins for _, span in spans],
        "ends": [span.ends for _, span in spans],
    }


def dump_timelines(timelines: Mapping[Key, Timeline]) -> list[list[Any]]:
    """Timelines as JSON-ready values: [grid_id, role, [[staff_id, begins, ends, reason], …]]."""
    return [
        [*key, [[s.staff_id, s.begins.isoformat(), s.ends and s.ends.isoformat(), s.reason] for s in spans]]
        for key, spans in sorted(timelines.items())
    ]


def read_timelines(dumped: Sequence[Sequence[Any]]) -> dict[Key, Timeline]:
    """Timelines of what `dump_timelines` gave."""
    return {
        (grid_id, role): tuple(
            Span(staff_id, date.fromisoformat(begins), ends and date.fromisoformat(ends), reason)
            for staff_id, begins, ends, reason in spans
        )
        for grid_id, role, spans in dumped
    }
