"""AMap 高德, web service v3/geocode/geo; coordinates GCJ-02.

Request and answer after lbs.amap.com/api/webservice/guide (地理/逆地理编码), levels after
lbs.amap.com/news/geocoder_api (2023-12-07), codes after lbs.amap.com/api/webservice/guide/tools/info.
Signature (数字签名): parameters sorted by name, `a=1&b=2` in plain UTF-8, the private key behind, MD5.
`city` is not sent: it takes no county-level city; the county stands in the address.
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
    first,
    found,
    part,
    words,
)

PATH = "/v3/geocode/geo"
LEVELS = {
    "门牌号": Claim(3, 50),
    "门址": Claim(3, 50),
    "单元号": Claim(3, 50),
    "楼层": Claim(3, 50),
    "房间": Claim(3, 50),
    "兴趣点": Claim(3, 100, 0.75),
    "住宅区": Claim(4, 300),
    "公交地铁站点": Claim(4, 300, 0.7),
    "道路交叉路口": Claim(4, 300, 0.7),
    "小巷": Claim(4, 500, 0.7),
    "村庄": Claim(5, 1_000),
    # A road crosses villages and a business area holds several: the town is what is known.
    "道路": Claim(6, 3_000, 0.7),
    "热点商圈": Claim(6, 3_000, 0.7),
    "开发区": Claim(6, 5_000, 0.7),
    "乡镇": Claim(6, 5_000),
}
_KEY = ("10001", "10002", "10005", "10006", "10007", "10008", "10009", "10010", "10011", "10012", "10013")
ERRORS: dict[str, Outcome] = {
    **dict.fromkeys(_KEY, "bad_key"),
    **dict.fromkeys(("10003", "10044", "10045", "40000", "40002", "40003"), "quota"),
    **dict.fromkeys(("10004", "10014", "10019", "10020", "10021", "10029"), "too_fast"),
    **dict.fromkeys(("10015", "10016", "10017", "20003", "30000"), "server"),
    # The engine's answer where it finds nothing to such an address.
    "30001": "nothing",
    **dict.fromkeys(("20000", "20001", "20002", "20800", "20801", "20802", "20803"), "rejected"),
}


def build(question: Question, key: Key) -> str:
    """The URL of a question, signed where there is a secret."""
    asked = {"address": question.text, "key": key.key, "output": "JSON"}
    if key.secret:
        plain = "&".join(f"{name}={asked[name]}" for name in sorted(asked))
        asked["sig"] = hashlib.md5((plain + key.secret).encode(), usedforsecurity=False).hexdigest()
    return f"{key.url}{PATH}?{urlencode(asked, quote_via=quote)}"


def read(payload: Any) -> Reply:
    """status "1" with `geocodes`; "0" with an `infocode`."""
    if part(payload, "status") != "1":
        return failed(ERRORS, part(payload, "infocode"))
    best = first(part(payload, "geocodes"))
    if best is None:
        return Reply("nothing")
    lon, _, lat = words(part(best, "location")).partition(",")
    return found(lon, lat, level=words(part(best, "level")), county_code=words(part(best, "adcode")))


AMAP = Provider(
    "amap", "高德地图", "AMap", "https://restapi.amap.com", "gcj02", 240, LEVELS, ERRORS, build, read
)
