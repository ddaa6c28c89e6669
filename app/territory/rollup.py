"""Roll-up 汇总: villages, ground and households by administrative code, from village to province."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.clock import today
from app.db import fetch_all
from app.errors import BadInput


@dataclass(frozen=True, slots=True)
class RollupLevel:
    """A level of the administrative code: how many of its digits name a place."""

    key: str
    digits: int
    zh: str
    en: str


ROLLUP_LEVELS: tuple[RollupLevel, ...] = (
    RollupLevel("province", 2, "省", "province"),
    RollupLevel("city", 4, "市", "city"),
    RollupLevel("county", 6, "县区", "county"),
    RollupLevel("town", 9, "乡镇", "township"),
    RollupLevel("village", 12, "村和社区", "village or community"),
)


@dataclass(frozen=True, slots=True)
class RollupRow:
    """A place of a level and what lies in it. `code` is None for ground whose code tells no such place;
    `name` is None where neither the units nor the gazetteer name it. `area_m2` is true ground."""

    code: str | None
    name: str | None
    units: int
    villages: int
    communities: int
    streets: int
    area_m2: float
    households: int
    residents: int


def find_level(key: str) -> RollupLevel:
    """The level of a key. Raises BadInput `unknown_level`."""
    level = next((known for known in ROLLUP_LEVELS if known.key == key), None)
    if level is None:
        keys = ", ".join(known.key for known in ROLLUP_LEVELS)
        raise BadInput(
            "unknown_level", zh=f"没有这一级，可用：{keys}", en=f"there is no such level; use {keys}"
        )
    return level


def list_rollup(session: Session, level: str, *, on: date | None = None) -> list[RollupRow]:
    """Villages, communities and streets valid on a day (today), summed by place of a level, in order of code.

    A unit belongs to the town that is stored with it, else to the first nine digits of its code; city and
    province are that town's first digits. So every level has the same sums. Markets, business districts and
    parks lie over villages and are not counted twice. Raises BadInput `unknown_level`.
    """
    digits = find_level(level).digits
    rows = fetch_all(session, "territory/list_rollup", digits=digits, on=on or today())
    return [RollupRow(**{**row, "area_m2": float(row["area_m2"])}) for row in rows]
