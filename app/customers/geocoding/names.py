"""Names of places: official names cleaned, and the forms in which people write them."""

import re
import unicodedata
from functools import lru_cache

import zhconv

# Forms that no table of the traditional script knows but old address files hold.
_VARIANTS = {"邨": "村", "舖": "铺", "菴": "庵", "礄": "硚", "坵": "丘", "崐": "昆", "〇": "零"}
_BRACKETS = dict.fromkeys("[【〔［{｛<《〈", "(") | dict.fromkeys("]】〕］}｝>》〉", ")")
_ASIDE = re.compile(r"\(([^()]*)\)")
_KEPT_ASIDE = re.compile(r"^(?!原|近|靠|老|旧)[^()]*(?:镇|乡|村|社区|街道|组|队|号|室)$")
_GLUE = re.compile(r"(?<=\d)[^\w()]+(?=\d)")
_DROPPED = re.compile(r"[^\w-]|_|(?<!\d)-|-(?!\d)")

_VIRTUAL = re.compile(r"(?:虚拟社区|虚拟生活区|虚拟居委会|虚拟村|虚拟)$")
_COMMUNITY = re.compile(r"(?:社区居民委员会|社区居委会|居民委员会|居委会|社区)$")
_VILLAGE = re.compile(r"(?:村村民委员会|村村委会|行政村村委会|村民委员会|村委会|行政村)$")
_PASTURE = re.compile(r"嘎查(?:村民委员会|村委会|委员会|嘎查委员会)?$")
_CORE = re.compile(r"(?:社区|村|嘎查)$")
TOWN_SUFFIX = re.compile(r"(?:街道办事处|街道办|地区办事处|办事处|街道|镇|民族乡|乡|苏木)$")


@lru_cache(1)
def _simplified() -> dict[int, str]:
    """Traditional to simplified, one character at a time: words would cost speed, names do not need them."""
    pairs: dict[str, str] = zhconv.zhconv.getdict("zh-hans")
    table = {ord(old): new for old, new in pairs.items() if len(old) == 1 and len(new) == 1}
    return table | {ord(old): new for old, new in (_VARIANTS | _BRACKETS).items()}


def script(text: str) -> str:
    """NFKC, brackets made round, traditional characters made simplified; nothing is cut."""
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return text.translate(_simplified())


def _aside(found: re.Match[str]) -> str:
    inner = found.group(1)
    return inner if len(inner) <= 2 or _KEPT_ASIDE.match(inner) else " "


def squeeze(text: str) -> str:
    """Separators out (a dash stays between figures); an aside in brackets goes unless it is a place."""
    if "(" in text:
        text = _ASIDE.sub(_aside, text)
    return _DROPPED.sub("", _GLUE.sub("-", text))


def fold(name: str) -> str:
    """A name as the index holds it: the same steps that an address goes through."""
    return squeeze(script(name))


def clean_official(name: str) -> tuple[str, str]:
    """The everyday name and the kind of an official one: 颐生村村委会 -> 颐生村, 民建居委会 -> 民建社区."""
    name = re.sub(r"\s+", "", unicodedata.normalize("NFKC", name))
    for pattern, suffix, kind in (
        (_VIRTUAL, "", "virtual"),
        (_COMMUNITY, "社区", "community"),
        (_PASTURE, "嘎查", "admin_village"),
        (_VILLAGE, "村", "admin_village"),
    ):
        base = pattern.sub("", name)
        if base != name and base:
            return base + suffix, kind
    return name, "admin_village" if name.endswith("村") else ""


def village_core(name: str) -> str:
    """The name without its last 村 or 社区; the name itself where nothing would be left."""
    return _CORE.sub("", name) or name


def town_core(name: str) -> str:
    """The name without 镇, 乡, 街道 and their like."""
    return TOWN_SUFFIX.sub("", name) or name


def asides(name: str) -> tuple[str, ...]:
    """What stands in brackets within a name: 三星镇(叠石桥家纺产业园区) is known by both."""
    return tuple(inner for inner in _ASIDE.findall(script(name)) if len(inner) > 2)
