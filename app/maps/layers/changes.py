"""What has changed since a day: grids by what is new of them, customers who came and went."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.clock import today
from app.db import fetch_all
from app.errors import BadInput
from app.maps.ground import Ground
from app.maps.layers.entry import Class, Layer, Legend, Words

CHANGES: dict[str, tuple[Words, str]] = {
    "new": (("新网格（当时没有，或不归您看）", "New (or not in your sight then)"), "#8fbf8a"),
    "shape": (("边界变了", "Other borders"), "#e0b66b"),
    "branch": (("换了支行", "Another branch"), "#b39ddb"),
    "holder": (("换了经理", "Another manager"), "#7fb2d9"),
    "same": (("没有变化", "Unchanged"), "#f1f3f0"),
}
DAYS = 30


def tell_since(given: Mapping[str, Any]) -> Legend:
    """The legend of changes since the day that the statement is asked with."""

    def tell(session: Session, ground: Ground) -> list[Class]:
        rows = fetch_all(session, "maps/list_changes", plan_id=ground.plan_id, since=given["since"])
        numbers = Counter(str(row["change"]) for row in rows)
        lines = [
            Class(key, *words, "sw", numbers[key], colour, counts=key != "same")
            for key, (words, colour) in CHANGES.items()
            if numbers[key]
        ]
        came, gone = (sum(int(row[way]) for row in rows) for way in ("came", "gone"))
        return [
            *lines,
            Class("came", "迁入客户", "Customers who came", "dot", came, "#2f6b3a", counts=False),
            Class("gone", "迁出客户", "Customers who left", "ring", gone, "#8a5200", counts=False),
        ]

    return tell


def note_since(given: Mapping[str, Any]) -> Any:
    """The day, for the legend."""

    def note(session: Session, ground: Ground) -> dict[str, Words]:
        day = given["since"] or today() - timedelta(days=DAYS)
        return {"changes": (f"自 {day.isoformat()} 以来", f"Since {day.isoformat()}")}

    return note


def since(layer: Layer, text: str) -> Layer:
    """The layer of changes since a day, `2026-10-01`. Raises BadInput for a text that is no past day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if day > today():
        raise BadInput(
            "bad_day", zh="起始日期应写作 2026-10-01，且不晚于今天", en="the day is a past one, as 2026-10-01"
        )
    given = {"since": day}
    key = f"{layer.key}@{day.isoformat()}"
    return replace(layer, key=key, given=given, legend=tell_since(given), note=note_since(given))
