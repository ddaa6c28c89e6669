"""A position as people write and paste it: 121.27,31.94 in either order, degrees and minutes, with its
datum."""

import re
import unicodedata
from dataclasses import dataclass

# What stands before the numbers says of which datum they are.
PREFIXES = {
    "cgcs2000": r"cgcs_?2000|国家2000|2000",
    "wgs84": r"wgs_?-?84|gps",
    "gcj02": r"gcj_?-?02|火星|高德|腾讯|amap",
    "bd09": r"bd_?-?09|百度|baidu",
}
_PREFIX = re.compile(
    r"^\s*(?:"
    + "|".join(f"(?P<{key}>{words})" for key, words in PREFIXES.items())
    + r")\s*(?:坐标)?[\s:：,]+",
    re.IGNORECASE,
)
_NUMBER = r"[-+]?\d{1,3}(?:\.\d{1,12})?"
_ANGLE = (
    rf"(?P<a>[EWNS]|东经|西经|北纬|南纬|经度|纬度|lon(?:gitude)?|lng|lat(?:itude)?)?\s*[:=]?\s*(?P<d>{_NUMBER})\s*"
    r"(?:[°度]\s*(?:(?P<m>\d{1,2}(?:\.\d+)?)\s*['′’分]\s*(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:[\"″”秒]|''|′′)\s*)?)?)?"
    r"(?P<z>[EWNS](?![a-z]))?"
)
_ONE = re.compile(_ANGLE, re.IGNORECASE)
_EAST = {"e", "w", "东经", "西经", "经度", "lon", "longitude", "lng"}
_NORTH = {"n", "s", "北纬", "南纬", "纬度", "lat", "latitude"}
_BACK = {"w", "s", "西经", "南纬"}
LON, LAT = (73.0, 136.0), (3.0, 54.0)


@dataclass(frozen=True)
class Written:
    """Degrees as written; `datum` is None where nothing said it, `turned` where latitude came first."""

    lon: float
    lat: float
    datum: str | None
    turned: bool


def read_position(text: str) -> Written | None:
    """The position that a text is, in China's range; None for any other text.

    Without letters that say it, the number that can only be a longitude is the longitude: in China no number
    can be both.
    """
    plain = unicodedata.normalize("NFKC", text).replace("，", ",").strip().strip("()[]【】")
    prefix = _PREFIX.match(plain)
    body = plain[prefix.end() :] if prefix else plain
    first = _ONE.match(body)
    if first is None:
        return None
    head, rest = first[0], body[first.end() :]
    after = re.sub(r"^[\s,;、/|]+", "", rest)
    # Two numbers must be parted by something, or the one must end in a sign of its own.
    parted = after != rest or not head[-1:].isdigit()
    second = _ONE.fullmatch(after.strip()) if parted else None
    if second is None:
        return None
    return _place(first, second, prefix.lastgroup if prefix else None)


def _place(first: re.Match[str], second: re.Match[str], datum: str | None) -> Written | None:
    one, other = _degrees(first), _degrees(second)
    axes = _axis(first), _axis(second)
    if axes[0] == axes[1] != "":
        return None
    turned = axes[0] == "lat" or axes[1] == "lon" if any(axes) else not _inside(one, LON)
    lon, lat = (other, one) if turned else (one, other)
    return Written(lon, lat, datum, turned) if _inside(lon, LON) and _inside(lat, LAT) else None


def _inside(value: float, span: tuple[float, float]) -> bool:
    return span[0] <= value <= span[1]


def _axis(match: re.Match[str]) -> str:
    said = (match["a"] or match["z"] or "").lower()
    return "lon" if said in _EAST else "lat" if said in _NORTH else ""


def _degrees(match: re.Match[str]) -> float:
    whole = float(match["d"])
    part = float(match["m"] or 0) / 60 + float(match["s"] or 0) / 3600
    value = whole - part if whole < 0 else whole + part
    return -value if (match["a"] or match["z"] or "").lower() in _BACK else value
