"""What is asked: one customer, address or point, for one branch, on one day; a wrong question is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.clock import today
from app.customers.placing import DATUM_WORDS
from app.errors import BadInput
from app.territory.whereabouts import Question

EARLIEST = date(1990, 1, 1)
YEARS_AHEAD = 20
MOST_ADDRESS = 500
REF = 64
# As people and spreadsheets write a day: 2026-1-5, 2026/1/5, 2026.1.5, 2026年1月5日, 20260105; a time may
# follow.
DAY = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ][\d:.+Z-]*)?|(\d{4})(\d{2})(\d{2})", re.ASCII
)


@dataclass(frozen=True)
class Ask:
    """A question as it may be answered: exactly one of customer_id, source_key, address, point.

    `point` is lon/lat in storage (EPSG:4326) whatever datum it came in; `ref` is the asker's own mark.
    """

    branch: str
    on: date
    customer_id: int | None = None
    source_key: tuple[str, str] | None = None
    address: str | None = None
    point: tuple[float, float] | None = None
    datum: str | None = None
    ref: str | None = None


def read_ask(given: Any, *, branch: str | None = None, on: date | None = None) -> Ask:
    """A question from JSON-like values: customer {id | source, key}, address, point {lon, lat, datum}.

    `branch` and `on` stand in where the question names none; without a day it is today. Raises BadInput
    with a code of its own for each way to ask wrongly.
    """
    if not isinstance(given, Mapping):
        raise BadInput(
            "bad_question",
            zh="每个问题应为一个对象，如 {“customer”: 18}",
            en='a question is an object such as {"customer": 18}',
        )
    code = _plain(given.get("branch") or branch or "", 64)
    if not code:
        raise BadInput("no_branch_given", zh="请给出机构号（branch）", en="say for which branch (its code)")
    subjects = [key for key in ("customer", "address", "point") if given.get(key) not in (None, "")]
    if len(subjects) != 1:
        raise BadInput(
            "bad_question",
            zh="请给出客户（customer）、地址（address）、点位（point）中的一种",
            en="ask about one thing: a customer, an address or a point",
        )
    day = read_day(given.get("date") or on)
    ref = None if given.get("ref") is None else _plain(given["ref"], REF)
    facts = _READERS[subjects[0]](given[subjects[0]])
    return Ask(code, day, ref=ref, **facts)


def read_day(given: Any) -> date:
    """The day asked about, today when none is named. Raises BadInput `bad_date`, `date_out_of_range`."""
    if given in (None, ""):
        return today()
    text = _plain(given, 40)
    try:
        day = given if isinstance(given, date) else _find_day(text)
    except ValueError:
        raise BadInput(
            "bad_date",
            zh=f"没有这一天，日期应为 2026-11-21 的形式：{text}",
            en=f"not a date such as 2026-11-21: {text}",
        ) from None
    if not EARLIEST <= day <= date(today().year + YEARS_AHEAD, 12, 31):
        raise BadInput(
            "date_out_of_range",
            zh=f"日期 {day} 太早或太晚（{EARLIEST.year} 年至今后 {YEARS_AHEAD} 年）",
            en=f"{day} is out of range: from {EARLIEST.year} on, and at most {YEARS_AHEAD} years ahead",
        )
    return day


def _find_day(text: str) -> date:
    """A written day. Raises ValueError."""
    found = DAY.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    year, month, day = (int(part) for part in found.groups() if part is not None)
    return date(year, month, day)


def _read_customer(given: Any) -> dict[str, Any]:
    if isinstance(given, Mapping):
        source, key = given.get("source"), given.get("key")
        if source and key and given.get("id") is None:
            return {"source_key": (_plain(source, 64), _plain(key, 200))}
        given = given.get("id")
    text = str(given).strip()
    # So long a number is none of ours, and too long for Python to read.
    if isinstance(given, bool) or not text.isdecimal() or len(text) > 19 or int(text) >= 2**63:
        raise BadInput(
            "bad_customer",
            zh="请给出客户编号（id），或来源系统与客户号（source、key）",
            en="name the customer by his number (id), or by source and key",
        )
    return {"customer_id": int(text)}


def _read_address(given: Any) -> dict[str, Any]:
    text = _plain(given, MOST_ADDRESS + 1) if isinstance(given, str | int) else ""
    if not text or len(text) > MOST_ADDRESS:
        raise BadInput(
            "bad_address",
            zh=f"地址为空或超过 {MOST_ADDRESS} 字",
            en=f"the address is empty or longer than {MOST_ADDRESS} characters",
        )
    return {"address": text}


def _read_point(given: Any) -> dict[str, Any]:
    given = given if isinstance(given, Mapping) else {}
    word = _plain(given.get("datum") or "", 40).lower()
    if not word:
        raise BadInput(
            "no_datum",
            zh="请说明坐标系 datum：cgcs2000、wgs84、gcj02（高德、腾讯）或 bd09（百度），彼此相差几百米",
            en="say in which datum the point is: cgcs2000, wgs84, gcj02 or bd09; hundreds of metres apart",
        )
    if word not in DATUM_WORDS:
        raise BadInput(
            "unknown_datum",
            zh=f"坐标系“{word[:20]}”不认识，可用 cgcs2000、wgs84、gcj02、bd09",
            en=f"unknown datum {word[:20]!r}; use cgcs2000, wgs84, gcj02 or bd09",
        )
    lon, lat = _read_degrees(given.get("lon")), _read_degrees(given.get("lat"))
    datum = DATUM_WORDS[word]
    x, y = Question(lon, lat, datum=datum).require_somewhere().to_storage()
    return {"point": (round(x, 7), round(y, 7)), "datum": datum}


def _read_degrees(given: Any) -> float:
    try:
        value = float(given)
    except (TypeError, ValueError, OverflowError):
        value = float("nan")
    if isinstance(given, bool) or not abs(value) <= 360:
        raise BadInput(
            "bad_point",
            zh="点位须有数字的经度（lon）与纬度（lat）",
            en="a point needs a longitude (lon) and a latitude (lat) in degrees",
        )
    return value


def _plain(given: Any, most: int) -> str:
    """Text that the database can keep. Raises BadInput `half_character`."""
    text = str(given).replace("\x00", "").strip()[:most]
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise BadInput(
            "half_character",
            zh="文字里有半个字符，多半是传送时截断了；请改正后再问",
            en="half a character stands in the text, most likely cut on its way",
        )
    return text


_READERS = {"customer": _read_customer, "address": _read_address, "point": _read_point}
