"""Tencent 腾讯位置服务, ws/geocoder/v1; coordinates GCJ-02.

Request and answer after lbs.qq.com/service/webService/webServiceGuide/address/Geocoder, levels 1 to 11 and
reliability after the same service's SDK reference (Address2GeoResult), codes after
lbs.qq.com/service/webService/webServiceGuide/status. Signature after lbs.qq.com/faq/serverfaq/webservicekey:
path, `?`, parameters sorted by name and not encoded, the secret behind, MD5.
A reliability below 7 is by its own page not to be relied on.
"""

import hashlib
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

PATH = "/ws/geocoder/v1"
LEVELS = {
    "3": Claim(6, 5_000),
    "4": Claim(5, 1_000),
    "5": Claim(6, 5_000),
    "6": Claim(6, 3_000),
    "7": Claim(6, 3_000),
    "8": Claim(4, 300),
    "9": Claim(3, 50, 0.85),
    "10": Claim(4, 300, 0.85),
    "11": Claim(3, 100),
}
RELIABLE = 7
ERRORS: dict[str, Outcome] = {
    **dict.fromkeys(("110", "111", "112", "113", "160", "161", "190", "199", "301", "311"), "bad_key"),
    "120": "too_fast",
    "121": "quota",
    **dict.fromkeys(("347", "393", "387"), "nothing"),
    **dict.fromkeys(("500", "510", "520", "530"), "server"),
    **dict.fromkeys(("300", "306", "310", "320", "330", "331", "348", "394", "395", "399"), "rejected"),
}


def build(question: Question, key: Key) -> str:
    """The URL of a question, signed over the service's own path whatever a gateway puts before it."""
    asked = {"address": question.text, "key": key.key, "output": "json"}
    if key.secret:
        plain = PATH + "?" + "&".join(f"{name}={asked[name]}" for name in sorted(asked)) + key.secret
        asked["sig"] = hashlib.md5(plain.encode(), usedforsecurity=False).hexdigest()
    return f"{key.url}{PATH}?{urlencode(asked, quote_via=quote)}"


def read(payload: Any) -> Reply:
    """status 0 with a `result`; an unreliable one is as good as none."""
    if part(payload, "status") != 0:
        return failed(ERRORS, part(payload, "status"))
    result = part(payload, "result")
    reliability = number(part(result, "reliability"))
    level = number(part(result, "level"))
    if reliability is not None and reliability < RELIABLE:
        return Reply("nothing", code="unreliable")
    return found(
        part(result, "location", "lng"),
        part(result, "location", "lat"),
        level=str(int(level)) if level is not None else "",
        county_code=words(part(result, "ad_info", "adcode")),
        score=min((reliability or RELIABLE) / 10, 1.0),
    )


TENCENT = Provider(
    "tencent", "腾讯位置服务", "Tencent", "https://apis.map.qq.com", "gcj02", 240, LEVELS, ERRORS, build, read
)
