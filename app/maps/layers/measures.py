"""Measures of grids: two numbers each, their classes, and what is too few to be a rate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_all
from app.maps.ground import Ground
from app.maps.layers.entry import Class, Tip, Words
from app.spatial.colour import NO_DATA, Classes
from app.spatial.colour import classes as cut_classes

# A rate over fewer households or customers says more about chance than about service.
FEWEST = 20
FEW = "#c3cacf"
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Measure:
    """A rate: `n` of `of`, both columns of the count (`of` may add several)."""

    key: str
    n: str
    of: tuple[str, ...]
    zh: str
    en: str

    def tip(self, part: str = "coverage") -> Tip:
        """What is said of a grid: both numbers."""
        whole = "{" + "+".join(self.of) + "}"
        return Tip(
            part,
            f"{{name}}·{self.zh} {{{self.n}}} / {whole}",
            f"{{name}} · {self.en} {{{self.n}}} / {whole}",
            self.key,
        )


MEASURES = (
    Measure(
        "coverage",
        "covered_households",
        ("households",),
        "已服务家庭 ÷ 全部家庭",
        "Households served ÷ households",
    ),
    Measure("customers", "existing", ("households",), "存量客户 ÷ 全部家庭", "Customers ÷ households"),
    Measure(
        "penetration",
        "existing",
        ("existing", "prospects"),
        "存量 ÷（存量＋潜在）",
        "Customers ÷ (customers + prospects)",
    ),
    Measure("placed", "located_existing", ("existing",), "已定位客户 ÷ 存量客户", "Located ÷ customers"),
    Measure("visited", "visited", ("existing",), "本月已走访 ÷ 存量客户", "Visited this month ÷ customers"),
    Measure("filed", "filed", ("existing",), "已建档 ÷ 存量客户", "Filed ÷ customers"),
)


def sum_of(row: Mapping[str, Any], columns: tuple[str, ...]) -> int:
    """The sum of columns; what is unknown counts nothing."""
    return sum(int(row[column] or 0) for column in columns)


def find_rate(row: Mapping[str, Any], measure: Measure) -> float | None:
    """The rate of a row, None where the denominator is nought or too small."""
    whole = sum_of(row, measure.of)
    return sum_of(row, (measure.n,)) / whole if whole >= FEWEST else None


def find_classes(session: Session, ground: Ground) -> dict[str, Classes]:
    """The classes of each measure over the grids in sight; what has no rate is without data in them."""
    return cut_measures(list_counts(session, ground), MEASURES)


def cut_measures(rows: Rows, measures: Sequence[Measure]) -> dict[str, Classes]:
    """Measure -> its classes of like size with rounded breaks."""
    found = {}
    for measure in measures:
        rates = [find_rate(row, measure) for row in rows]
        found[measure.key] = cut_classes([float("nan") if rate is None else rate for rate in rates])
    return found


def list_counts(session: Session, ground: Ground) -> Rows:
    """The counts of each grid in sight that measures are made from."""
    return fetch_all(session, "maps/find_rates", plan_id=ground.plan_id)


def tell_rates(session: Session, ground: Ground) -> list[Class]:
    """Grids by class of each measure, and those whose denominator is too small or missing."""
    return tell_measures(list_counts(session, ground), MEASURES)


def tell_measures(rows: Rows, measures: Sequence[Measure]) -> list[Class]:
    """Legend lines of measures over rows, each row in one line of each measure."""
    cut = cut_measures(rows, measures)
    return [line for measure in measures for line in list_rate(measure, cut[measure.key], rows)]


def list_rate(measure: Measure, classes: Classes, rows: Rows) -> list[Class]:
    """Legend lines of one measure."""
    lines = []
    for n, number in enumerate(classes.counts):
        text = f"{tell_percent(classes.breaks[n])}–{tell_percent(classes.breaks[n + 1])}"
        colour = classes.colours()[n]
        lines.append(Class(f"{measure.key}-{n + 1}", text, text, "sw", number, colour, measure.key))
    wholes = [sum_of(row, measure.of) for row in rows]
    few = sum(1 for whole in wholes if 0 < whole < FEWEST)
    none = sum(1 for whole in wholes if whole == 0)
    words = (f"户数太少（不足 {FEWEST} 户）", f"Too few (under {FEWEST})")
    if few:
        lines.append(Class(f"{measure.key}-few", *words, "sw", few, FEW, measure.key))
    if none:
        lines.append(Class(f"{measure.key}-none", "无数据", "No data", "sw", none, NO_DATA, measure.key))
    return lines


def note_rates(session: Session, ground: Ground) -> dict[str, Words]:
    """Measure -> what it divides, with both sums."""
    return note_measures(list_counts(session, ground), MEASURES)


def note_measures(rows: Rows, measures: Sequence[Measure]) -> dict[str, Words]:
    """Measure -> its words with numerator and denominator over all rows."""
    found = {}
    for measure in measures:
        # What is unknown of a grid leaves it out of both sums.
        known = [row for row in rows if all(row[column] is not None for column in measure.of)]
        n = sum(sum_of(row, (measure.n,)) for row in known)
        whole = sum(sum_of(row, measure.of) for row in known)
        figures = f"{n:,} / {whole:,}"
        found[measure.key] = (f"{measure.zh}：{figures}", f"{measure.en}: {figures}")
    return found


def tell_percent(share: float) -> str:
    """A share in percent, with a decimal only where it has one."""
    return f"{round(share * 100, 1):g}%"
