"""The start page 工作台: five indicators with their trends, what waits, the rows of each figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.access import Person
from app.clock import today
from app.db import fetch_one, fetch_value
from app.glossary import DUE_AFTER_DAYS
from app.maps.home_words import HOME_WORDS
from app.maps.words import Lang, tell_number
from app.marketing.indicators import CHANGED, INDICATORS

STYLES = ("tokens.css", "look.css", "strategy.css", "desk.css", "home.css")
SCRIPTS = ("getu-core.js", "getu-imports-follow.js")
# Where the customers behind a number of the running month are seen on the map.
ON_MAP = {
    "visits": "/#tint=visited&standing=existing&visited_since={first}",
    "collected": "/#tint=filed&standing=existing&filed=true",
    "coverage": "/#tint=coverage",
}
WIDE, HIGH = 120, 40
Row = dict[str, Any]


def word(key: str, lang: Lang, /, **facts: object) -> str:
    """The words of a key of this page."""
    return HOME_WORDS[key][0 if lang == "zh" else 1].format(**facts)


@dataclass(frozen=True, slots=True)
class Task:
    """A list that waits: its count's column, the right that doing it takes, the page that does it."""

    key: str
    right: str
    link: str


TASKS: tuple[Task, ...] = (
    Task("vacant", "divide_ground", "/plans"),
    Task("gridless", "assign_customers", "/placement"),
    Task("cases", "place_customers", "/placement"),
    Task("problems", "see_customers", "/scheme#problems"),
    Task("due_strategic", "see_customers", "/#tier=strategic&standing=existing&unvisited_since={strategic}"),
    Task("due_key", "see_customers", "/#tier=key&standing=existing&unvisited_since={key}"),
    Task("exceptions", "allow_lending", "/lending"),
    Task("offers", "answer_allotments", "/plans"),
    Task("letters", "divide_ground", "/scheme"),
)


def find_own_code(session: Session, person: Person) -> str | None:
    """The number of a manager, None of whoever is told of a branch or the bank."""
    if person.role != "manager":
        return None
    return str(fetch_value(session, "maps/find_own_staff", user_id=person.viewer.user_id))


def list_work(session: Session, person: Person, lang: Lang) -> list[Row]:
    """What waits for a person by his rights, empty lists left out: {key, name, count, link}."""
    days = {f"{tier}_days": DUE_AFTER_DAYS[tier] for tier in ("strategic", "key")}
    counts = fetch_one(session, "marketing/indicators/count_work", **days) or {}
    # Due is who was met so many days ago or more: not since the day after that.
    since = {tier: today() - timedelta(days=after - 1) for tier, after in DUE_AFTER_DAYS.items()}
    return [
        {
            "key": task.key,
            "name": word(f"work_{task.key}", lang, **DUE_AFTER_DAYS),
            "count": tell_number(counts[task.key], lang),
            "link": task.link.format(**since),
        }
        for task in TASKS
        if task.right in person.rights and counts.get(task.key)
    ]


def tell_rate(figure: Mapping[str, Any]) -> str:
    """A rate with one decimal (two below one percent); a dash where nobody knows."""
    rate = figure["rate"]
    if rate is None:
        return "—"
    return f"{100 * rate:.{2 if 0 < rate < 0.01 else 1}f}%"


def tell_pair(figure: Mapping[str, Any], lang: Lang) -> str:
    """Numerator and denominator."""
    if figure["n"] is None:
        return "—"
    return f"{tell_number(figure['n'], lang)} / {tell_number(figure['of'], lang)}"


def tell_change(figure: Mapping[str, Any], *, rising: bool) -> Row:
    """The change in points of a percent: arrow, amount, and whether it is for the better."""
    change = figure["change"]
    if change is None:
        return {"arrow": "", "amount": "", "kind": "none"}
    if not round(change, 2):
        return {"arrow": "", "amount": "0.0", "kind": "same"}
    amount = f"{abs(change):.{1 if abs(change) >= 1 else 2}f}"
    return {
        "arrow": "↑" if change > 0 else "↓",
        "amount": amount,
        "kind": "good" if (change > 0) == rising else "bad",
    }


def draw_spark(values: Sequence[float | None], *, running: bool = False) -> Row:
    """The months in a box of 120 by 40: `lines` as polylines, a month that nobody knows breaks them; the last
    one of a `running` month is no part of a line but a `point` (x, y) of its own."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return {"lines": [], "point": None}
    low, span = min(known), (max(known) - min(known)) or 1
    lines: list[list[str]] = [[]]
    spots: list[tuple[str, str] | None] = []
    for at, value in enumerate(values):
        x = 5 + at * (WIDE - 10) / max(1, len(values) - 1)
        y = None if value is None else HIGH - 5 - (value - low) / span * (HIGH - 10)
        spots.append(None if y is None else (f"{x:.1f}", f"{y:.1f}"))
    for spot in spots[:-1] if running else spots:
        if spot is None:
            lines.append([])
        else:
            lines[-1].append(",".join(spot))
    return {
        "lines": [" ".join(line) for line in lines if line],
        "point": spots[-1] if running else None,
    }


def open_rows(key: str, found: Row, asked: Mapping[str, str | None], **scope: str | None) -> str:
    """The address that shows what a number counts: on the map; who left or was won, as a list. Of a closed
    month its grids, for the map shows today."""
    codes = {name: scope.get(name, asked[name]) for name in ("branch", "manager")}
    if found["closed"]:
        return ask({**asked, **codes}, level="grid")
    codes = {"manager": codes["manager"]} if codes["manager"] else {"branch": codes["branch"]}
    told = urlencode({name: code for name, code in codes.items() if code})
    if key in CHANGED:
        return f"/home/{key}?{told}"
    return ON_MAP[key].format(first=f"{found['month']}-01") + (f"&{told}" if told else "")


def make_cards(found: Row, trend: Sequence[Row], lang: Lang, asked: Mapping[str, str | None]) -> list[Row]:
    """The five cards: name, meaning, rate, pair, change, and the trend with its text."""
    at, running = 0 if lang == "zh" else 1, not found["closed"]
    cards = []
    for one in INDICATORS:
        figure = found["total"][one.key]
        past = [m for m in trend if m["month"] < found["month"]]
        said = [f"{m['month']} {tell_rate(m[one.key])}" for m in past]
        last = word("so_far", lang, month=found["month"]) if running else found["month"]
        values = "，".join([*said, f"{last} {tell_rate(figure)}"])
        name = (one.zh, one.en)[at]
        rates = [*(m[one.key]["rate"] for m in past), figure["rate"]]
        cards.append(
            {
                "key": one.key,
                "link": open_rows(one.key, found, asked),
                "name": name,
                "why": (one.why_zh, one.why_en)[at],
                "rate": tell_rate(figure),
                "pair": tell_pair(figure, lang),
                "change": tell_change(figure, rising=one.rising),
                "unlike": word("running" if running and one.gathers else "no_change", lang),
                **draw_spark(rates, running=running),
                "said": word("trend_of", lang, what=name, values=values),
            }
        )
    return cards


def make_rows(found: Row, lang: Lang, asked: Mapping[str, str | None]) -> list[Row]:
    """The rows of the table, each with its link: branch and manager to their page, a grid to the map."""
    return [_make_row(row, found, lang, asked) for row in [*found["rows"], {"sum": True, **found["total"]}]]


def _make_row(row: Row, found: Row, lang: Lang, asked: Mapping[str, str | None]) -> Row:
    level, code = found["level"], row.get("code")
    links = {
        "branch": ask(asked, branch=code, level="manager"),
        "manager": ask(asked, manager=code, level="grid"),
        "grid": f"/#grid={row.get('grid_id')}" if row.get("grid_id") else None,
    }
    net = row["net_new"]
    return {
        "name": word("total", lang) if row.get("sum") else row["name"] or word("nobody", lang),
        "more": "" if level == "branch" else row.get("branch_name", ""),
        "code": code or "",
        "link": links.get(level) if code else None,
        "grids": row["grids"],
        "net": "—" if net is None else f"{net:+,}".replace("-", "−"),
        "sum": bool(row.get("sum")),
        "cells": [
            {
                "name": (one.zh, one.en)[0 if lang == "zh" else 1],
                "rate": tell_rate(row[one.key]),
                "pair": tell_pair(row[one.key], lang),
                "change": tell_change(row[one.key], rising=one.rising),
                "link": _open_cell(one.key, row, found, asked),
            }
            for one in INDICATORS
        ],
    }


def _open_cell(key: str, row: Row, found: Row, asked: Mapping[str, str | None]) -> str | None:
    """The rows behind a cell: of the row's branch or manager; a grid's own number is its row's link."""
    level, code = found["level"], row.get("code")
    if row.get("sum"):
        return open_rows(key, found, asked)
    return open_rows(key, found, asked, **{level: code}) if code and level in ("branch", "manager") else None


def name_subject(found: Row, asked: Mapping[str, str | None]) -> str:
    """Of whom the page is told: the manager or the branch asked for, else nobody."""
    kind = "manager" if asked["manager"] else "branch" if asked["branch"] else ""
    for row in found["rows"] if kind else ():
        return str(row["name"] if found["level"] == kind else row.get(f"{kind}_name") or asked[kind])
    return asked[kind] or "" if kind else ""


def ask(asked: Mapping[str, str | None], **other: str | None) -> str:
    """The address of this page with some of what is asked changed."""
    return "/home?" + urlencode({k: v for k, v in {**asked, **other}.items() if v})


def list_months(month: date, trend: Sequence[Row]) -> list[str]:
    """The months that can be shown, newest first: this one and the closed ones."""
    closed = [m["month"] for m in trend if m["closed_at"] is not None]
    return [f"{month:%Y-%m}", *reversed(closed)]
