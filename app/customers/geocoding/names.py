"""Names of places in the forms in which people write them."""

import re
from functools import lru_cache

from app.territory.names import script

_ASIDE = re.compile(r"\(([^()]*)\)")
_KEPT_ASIDE = re.compile(
    r"^(?!原|近|靠|[老旧](?![^()]*(?:村|社区)$)|邻|距|对)[^()]*(?:(?:组|队|号|室)$|(?:镇|乡|村|社区|街道|生活区|管理区|嘎查)(?![^()]*(?:旁边?|附近|对面|隔壁)$))"
)
_REMARK = re.compile(
    r"户[籍口主]|[老新祖旧]宅|[老旧原新现][址房]|[城郊农]区|农[村业]|城镇|集体|[家租]|租户|自[建住]|备用|[常暂]住|本人"
)
_COUNT = r"(?:\d+(?:-\d+)*|[一二三四五六七八九十百零]+)"
# Names that are figures (3组, 习正村第三村民小组, 5幢) and houses on a road (长江路12号).
FIGURE_NAME = re.compile(rf"第?(?P<count>{_COUNT})(?P<kind>(?:村民)?小?组|(?:生产)?队|号楼|号|幢|栋)$")
ROAD_NUMBER = re.compile(r"(?P<road>[^\d\W]{1,8}?(?:路|街|大道|巷|弄))(?P<number>\d+(?:-\d+)*)号")
_ESTATE_TAIL = re.compile(r"小区$")
_GLUE = re.compile(r"(?<=\d)[^\w()]+(?=\d)")
_DROPPED = re.compile(r"[^\w-]|_|(?<!\d)-|-(?!\d)")

_CORE = re.compile(r"(?:社区|村|嘎查|(?<=..)(?:生活区|管理区|生产队|连队|大队))$")
TOWN_SUFFIX = re.compile(r"(?:街道办事处|街道办|地区办事处|办事处|街道|镇|民族乡|乡|苏木)$")
# A name that ends like these needs nothing behind it to be one.
COMPLETE = re.compile(
    r"(?:村|社区|委会|嘎查|[农林渔牧分盐茶马牛羊猪苗良种]场|[园活理业地新发矿]区|公司|市场|小区|花园|广场|连队)$"
)


def _aside(found: re.Match[str]) -> str:
    inner = found.group(1)
    kept = (len(inner) <= 2 and not _REMARK.match(inner)) or _KEPT_ASIDE.match(inner)
    return inner if kept else " "


def squeeze(text: str) -> str:
    """Separators out (a dash stays between figures); an aside in brackets goes unless it is a place."""
    if "(" in text:
        text = _ASIDE.sub(_aside, text)
    return _DROPPED.sub("", _GLUE.sub("-", text))


def fold(name: str) -> str:
    """A name as the index holds it: the same steps that an address goes through."""
    return squeeze(script(name))


@lru_cache(16384)
def village_core(name: str) -> str:
    """The name without its last 村 or 社区; the name itself where nothing would be left."""
    return _CORE.sub("", name) or name


def estate_core(name: str) -> str:
    """The name of an estate without 小区; the name itself where too little would be left."""
    return _ESTATE_TAIL.sub("", name) if len(name) >= 5 else name


def town_core(name: str) -> str:
    """The name without 镇, 乡, 街道 and their like."""
    return TOWN_SUFFIX.sub("", name) or name


def asides(name: str) -> tuple[str, ...]:
    """What stands in brackets within a name: 三星镇(叠石桥家纺产业园区) is known by both."""
    return tuple(inner for inner in _ASIDE.findall(script(name)) if len(inner) > 2)
