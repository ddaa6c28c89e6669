"""Map services on the loopback: they speak the documented formats, check signatures and go wrong in any way.

The formats are written here a second time, from the services' own pages and not from our modules.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote, urlsplit

SECRET = "s3cret-of-the-bank"
KEY = "k3y-of-the-bank"


@dataclass(frozen=True)
class Answer:
    """What a server sends: bytes as they are, or a way of going wrong."""

    body: bytes = b"{}"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json;charset=UTF-8"),)
    length: int | None = None
    drip_s: float = 0.0
    wait_s: float = 0.0


def as_json(payload: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(payload, ensure_ascii=False).encode(), status)


@dataclass(frozen=True)
class Asked:
    """A request as it came in, and when (seconds since 1970)."""

    target: str
    at: float

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


Speak = Callable[[Asked], Answer]


@dataclass
class Server:
    """One running service: how it speaks now, and every request it got."""

    speak: Speak
    url: str = ""
    requests: list[Asked] = field(default_factory=list)


@contextmanager
def serve(speak: Speak) -> Iterator[Server]:
    """A threaded server on a free port of the loopback."""
    server = Server(speak)

    class Speaker(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = Asked(self.path, time.time())
            server.requests.append(asked)
            send(self, server.speak(asked))

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Speaker) as http:
        http.daemon_threads, http.block_on_close = True, False
        server.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


def send(speaker: BaseHTTPRequestHandler, answer: Answer) -> None:
    """Send an answer as it says; the other side may have left."""
    time.sleep(answer.wait_s)
    try:
        speaker.send_response(answer.status)
        for name, value in answer.headers:
            speaker.send_header(name, value)
        speaker.send_header(
            "Content-Length", str(len(answer.body) if answer.length is None else answer.length)
        )
        speaker.end_headers()
        for at in range(len(answer.body)) if answer.drip_s else ():
            time.sleep(answer.drip_s)
            speaker.wfile.write(answer.body[at : at + 1])
        if not answer.drip_s:
            speaker.wfile.write(answer.body)
        if answer.length is not None:
            speaker.close_connection = True
    except OSError:
        speaker.close_connection = True


@dataclass(frozen=True)
class Dialect:
    """How a service speaks: a found place, nothing, and its refusals; and how it checks who asks."""

    found: Callable[[float, float, str, str], Any]
    nothing: Any
    text: Callable[[Asked], str]
    is_known: Callable[[Asked], bool]
    bad_key: Answer
    quota: Answer | None = None
    too_fast: Answer | None = None
    signs: bool = False
    # Where the coordinates lie in a found answer, to spoil them.
    spoil: Callable[[Any, Any, Any], None] = lambda payload, lon, lat: None


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def amap_found(lon: float, lat: float, level: str, county: str) -> Any:
    place = {
        "formatted_address": "江苏省南通市海门区某处",
        "country": "中国",
        "province": "江苏省",
        "citycode": "0513",
        "city": "南通市",
        "district": "海门区",
        "township": [],
        "neighborhood": {"name": [], "type": []},
        "building": {"name": [], "type": []},
        "adcode": county,
        "street": [],
        "number": [],
        "location": f"{lon:.6f},{lat:.6f}",
        "level": level,
    }
    return {"status": "1", "info": "OK", "infocode": "10000", "count": "1", "geocodes": [place]}


def amap_spoil(payload: Any, lon: Any, lat: Any) -> None:
    payload["geocodes"][0]["location"] = [] if lon is None else f"{lon},{lat}"


def amap_knows(asked: Asked) -> bool:
    query = asked.query
    signed = query.pop("sig", "")
    return query["key"] == KEY and signed == md5("&".join(f"{k}={query[k]}" for k in sorted(query)) + SECRET)


def tencent_found(lon: float, lat: float, level: str, county: str) -> Any:
    result = {
        "title": "某处",
        "location": {"lng": lon, "lat": lat},
        "ad_info": {"adcode": county},
        "address_components": {"province": "江苏省", "city": "南通市", "district": "海门区", "street": ""},
        "similarity": 0.99,
        "deviation": 1000,
        "reliability": 8,
        "level": int(level),
    }
    return {"status": 0, "message": "query ok", "request_id": "1", "result": result}


def tencent_knows(asked: Asked) -> bool:
    query = asked.query
    signed = query.pop("sig", "")
    plain = "/ws/geocoder/v1?" + "&".join(f"{k}={query[k]}" for k in sorted(query)) + SECRET
    return asked.path == "/ws/geocoder/v1" and query["key"] == KEY and signed == md5(plain)


def baidu_found(lon: float, lat: float, level: str, county: str) -> Any:
    place = {"lng": lon, "lat": lat}
    told = {"location": place, "precise": 1, "confidence": 100, "comprehension": 100, "level": level}
    return {"status": 0, "result": told}


def baidu_knows(asked: Asked) -> bool:
    unsigned, _, signed = asked.target.partition("&sn=")
    return asked.query["ak"] == KEY and signed == md5(quote_plus(unsigned + SECRET))


def tianditu_found(lon: float, lat: float, level: str, county: str) -> Any:
    place = {"score": 95, "level": level, "lon": str(lon), "lat": str(lat), "keyWord": "某处"}
    return {"msg": "ok", "location": place, "searchVersion": "6.4.9V", "status": "0"}


def nominatim_found(lon: float, lat: float, level: str, county: str) -> Any:
    rank = {"house": 30, "street": 26, "hamlet": 20, "village": 19, "town": 17}[level]
    return [
        {
            "place_id": 1,
            "osm_type": "node",
            "lat": str(lat),
            "lon": str(lon),
            "category": "place",
            "type": "house",
            "place_rank": rank,
            "importance": 0.01,
            "display_name": "某处",
        }
    ]


def photon_found(lon: float, lat: float, level: str, county: str) -> Any:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {"osm_type": "N", "osm_id": 1, "osm_key": "place", "osm_value": "x", "type": level},
    }
    return {"type": "FeatureCollection", "features": [feature]}


def put(*path: str) -> Callable[[Any, Any, Any], None]:
    """Spoils coordinates that lie as two members (lon first) of the object at a path."""

    def spoil(payload: Any, lon: Any, lat: Any) -> None:
        *way, x, y = path
        for step in way:
            payload = payload[int(step)] if step.isdigit() else payload[step]
        payload[x], payload[y] = lon, lat

    return spoil


def spoil_point(payload: Any, lon: Any, lat: Any) -> None:
    payload["features"][0]["geometry"]["coordinates"] = [lon, lat]


def amap_error(infocode: str, info: str) -> Answer:
    return as_json({"status": "0", "info": info, "infocode": infocode})


DIALECTS: dict[str, Dialect] = {
    "amap": Dialect(
        amap_found,
        {"status": "1", "info": "OK", "infocode": "10000", "count": "0", "geocodes": []},
        lambda asked: asked.query["address"],
        amap_knows,
        amap_error("10001", "INVALID_USER_KEY"),
        amap_error("10003", "DAILY_QUERY_OVER_LIMIT"),
        amap_error("10021", "CUQPS_HAS_EXCEEDED_THE_LIMIT"),
        True,
        amap_spoil,
    ),
    "tencent": Dialect(
        tencent_found,
        {"status": 347, "message": "查询无结果"},
        lambda asked: asked.query["address"],
        tencent_knows,
        as_json({"status": 190, "message": "无效的KEY"}),
        as_json({"status": 121, "message": "此key每日调用量已达到上限"}),
        as_json({"status": 120, "message": "此key每秒请求量已达到上限"}),
        True,
        put("result", "location", "lng", "lat"),
    ),
    "baidu": Dialect(
        baidu_found,
        {"status": 1, "msg": "Internal Service Error:无相关结果", "results": []},
        lambda asked: asked.query["address"],
        baidu_knows,
        as_json({"status": 200, "message": "APP不存在，AK有误请检查再重试"}),
        as_json({"status": 302, "message": "天配额超限，限制访问"}),
        as_json({"status": 401, "message": "当前并发量已经超过约定并发配额，限制访问"}),
        True,
        put("result", "location", "lng", "lat"),
    ),
    "tianditu": Dialect(
        tianditu_found,
        {"msg": "无结果", "status": "101"},
        lambda asked: json.loads(asked.query["ds"])["keyWord"],
        lambda asked: asked.query["tk"] == KEY,
        as_json({"code": 301001, "msg": "非法key", "resolve": "请到API控制台重新申请Key"}, 403),
        spoil=put("location", "lon", "lat"),
    ),
    "nominatim": Dialect(
        nominatim_found,
        [],
        lambda asked: asked.query["q"],
        lambda asked: "countrycodes" in asked.query,
        Answer(b"<html>no</html>", 403),
        too_fast=as_json({"error": "slow down"}, 429),
        spoil=put("0", "lon", "lat"),
    ),
    "photon": Dialect(
        photon_found,
        {"type": "FeatureCollection", "features": []},
        lambda asked: asked.query["q"],
        lambda asked: unquote(asked.path) == "/api",
        Answer(b"<html>no</html>", 403),
        too_fast=as_json({"message": "slow down"}, 429),
        spoil=spoil_point,
    ),
}
