"""Tianditu 天地图, geocoder?ds={"keyWord": …}; coordinates CGCS2000.

Request and answer after lbs.tianditu.gov.cn/server/geocodinginterface.html: `status` "0" found, "101"
nothing, "404" an error; a refused key comes as HTTP 403 with a `code`. It names no county, and neither the
words of `level` nor the codes of its quotas are published: levels that were seen are mapped, all others claim
the town only; the bank's own daily quota must be set below the contract's. There is no signature.
"""

import json
from typing import Any
from urllib.parse import quote, urlencode

from app.customers.geocoding.providers.kinds import (
    Claim,
    Key,
    Outcome,
    Provider,
    Question,
    Reply,
    failed,
    found,
    number,
    part,
    words,
)

PATH = "/geocoder"
OTHER = "其他"
LEVELS = {
    "门址": Claim(3, 100),
    "门牌号": Claim(3, 100),
    "兴趣点": Claim(3, 200, 0.75),
    "POI": Claim(3, 200, 0.75),
    "住宅区": Claim(4, 300),
    "村": Claim(5, 1_000),
    "村庄": Claim(5, 1_000),
    "行政村": Claim(5, 1_000),
    "自然村": Claim(5, 1_000),
    # Said of doors and of whole districts alike.
    "地名地址": Claim(6, 3_000, 0.7),
    "道路": Claim(6, 3_000, 0.7),
    "乡镇": Claim(6, 5_000),
    OTHER: Claim(6, 5_000, 0.6),
    **dict.fromkeys(("国家", "省", "市", "区县", "区", "县"), Claim(0, 50_000)),
}
ERRORS: dict[str, Outcome] = {
    "101": "nothing",
    "404": "rejected",
    "1": "server",
    **dict.fromkeys(("301001", "308011"), "bad_key"),
}
_LEAST_SCORE = 60


def build(question: Question, key: Key) -> str:
    """The URL of a question: a JSON object in one parameter."""
    keyword = json.dumps({"keyWord": question.text}, ensure_ascii=False, separators=(",", ":"))
    return f"{key.url}{PATH}?{urlencode({'ds': keyword, 'tk': key.key}, quote_via=quote)}"


def read(payload: Any) -> Reply:
    """status "0" with a `location`; a score below 60 is as good as nothing."""
    status = part(payload, "status")
    if status != "0":
        return failed(ERRORS, status if status is not None else part(payload, "code"))
    place = part(payload, "location")
    score = number(part(place, "score"))
    if score is not None and score < _LEAST_SCORE:
        return Reply("nothing", code="low_score")
    level = words(part(place, "level"))
    return found(
        part(place, "lon"),
        part(place, "lat"),
        level=level if level in LEVELS else OTHER,
        score=min((score if score is not None else 80.0) / 100, 1.0),
    )


TIANDITU = Provider(
    "tianditu",
    "天地图",
    "Tianditu",
    "https://api.tianditu.gov.cn",
    "cgcs2000",
    240,
    LEVELS,
    ERRORS,
    build,
    read,
)
