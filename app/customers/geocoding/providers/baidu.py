"""Baidu 百度地图, geocoding/v3; coordinates BD-09.

Request, answer, levels, confidence in metres and comprehension after
lbsyun.baidu.com/index.php?title=webapi/guide/webservice-geocoding; codes and the `sn` signature after
lbsyun.baidu.com/index.php?title=lbscloud/api/appendix: path and query as sent (UTF-8, %-encoded), the secret
behind, all of it encoded once more as a form is, MD5. The order of the parameters counts, `sn` stands last.
84 bytes is the smallest limit that its pages have named for an address.
"""

import hashlib
from typing import Any
from urllib.parse import quote, quote_plus

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

PATH = "/geocoding/v3/"
_POINTS = (
    *(
        "地产小区",
        "商务大厦",
        "政府机构",
        "生活服务",
        "休闲娱乐",
        "餐饮",
        "宾馆",
        "购物",
        "金融",
        "教育",
        "医疗",
    ),
    *("汽车服务", "火车站", "长途汽车站", "停车场/停车区", "收费处/收费站", "加油站", "旅游景点"),
)
LEVELS = {
    "门址": Claim(3, 50),
    "道路门址": Claim(3, 100),
    **dict.fromkeys(_POINTS, Claim(3, 100, 0.75)),
    **dict.fromkeys(("交叉路口", "桥", "绿地", "工业园区", "港口/码头"), Claim(4, 500, 0.7)),
    "村庄": Claim(5, 1_000),
    **dict.fromkeys(("道路", "商圈", "乡镇", "开发区"), Claim(6, 5_000, 0.75)),
}
ERRORS: dict[str, Outcome] = {
    "1": "server",
    "2": "rejected",
    **dict.fromkeys(("3", "5", "101", "102", "200", "201", "202", "203", "210", "211", "220"), "bad_key"),
    **dict.fromkeys(("230", "240", "250", "251", "252", "260", "261", "311", "502", "503"), "bad_key"),
    **dict.fromkeys(("4", "301", "302"), "quota"),
    **dict.fromkeys(("401", "402"), "too_fast"),
    "10": "rejected",
}
# The service's own table: from this confidence on, the point is off by less than so many metres.
_WITHIN_M = (
    (100, 20.0),
    (90, 50.0),
    (80, 100.0),
    (75, 200.0),
    (70, 300.0),
    (60, 500.0),
    (50, 1_000.0),
    (40, 2_000.0),
    (30, 5_000.0),
)
_LEAST_UNDERSTOOD = 50


def build(question: Question, key: Key) -> str:
    """The URL of a question; `sn` is reckoned over the service's own path."""
    county = question.county
    asked = {"address": question.text}
    if county is not None and county.city.endswith("市"):
        asked["city"] = county.city
    asked |= {"output": "json", "ak": key.key}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items())
    if key.secret:
        query += f"&sn={sign(f'{PATH}?{query}', key.secret)}"
    return f"{key.url}{PATH}?{query}"


def sign(path_and_query: str, secret: str) -> str:
    """The `sn` of an encoded path and query."""
    return hashlib.md5(quote_plus(path_and_query + secret).encode(), usedforsecurity=False).hexdigest()


def read(payload: Any) -> Reply:
    """status 0 with a `result`; status 1 is an inner error, or 无相关结果 where nothing was found."""
    status = part(payload, "status")
    if status == 1 and "无相关结果" in words(part(payload, "msg")):
        return Reply("nothing", code="1")
    if status != 0:
        return failed(ERRORS, status)
    result = part(payload, "result")
    confidence = number(part(result, "confidence"))
    understood = number(part(result, "comprehension"))
    if understood is not None and understood < _LEAST_UNDERSTOOD:
        return Reply("nothing", code="not_understood")
    within = [metres for least, metres in _WITHIN_M if confidence is None or confidence >= least]
    return found(
        part(result, "location", "lng"),
        part(result, "location", "lat"),
        level=words(part(result, "level")),
        accuracy_m=within[0] if within else 10_000.0,
        score=min((understood if understood is not None else 80.0) / 100, 1.0),
    )


BAIDU = Provider(
    "baidu", "百度地图", "Baidu", "https://api.map.baidu.com", "bd09", 84, LEVELS, ERRORS, build, read
)
