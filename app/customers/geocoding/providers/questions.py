"""What of an address may leave the bank: the county, and the words that only a place is written with.

The text is built from what is allowed, not cleaned of what is forbidden: it ends at the first house or group
figure, else at the last word that ends as places end. What stands behind (a name, a nickname, a note) stays.
"""

import re
from collections.abc import Iterable

from app.customers.geocoding.counties import FILLERS, County, list_admin_names, list_counties
from app.customers.geocoding.names import fold
from app.customers.geocoding.normalise import normalise
from app.customers.geocoding.providers.kinds import Question

_COUNT = r"(?:\d+(?:-\d+)*|[一二三四五六七八九十百零]+)"
# 号桥, 圩村 and the like are names: the figure belongs to them.
_FIGURES = re.compile(
    rf"(?:第?{_COUNT}(?:村民小组|小组|组|生产队|大队|队|社(?!区)|号|弄|圩|埭)(?![村镇乡路街桥港河线坝庄楼]))+"
)
_INSIDE = re.compile(
    rf"(?:{_COUNT}|[A-Za-z]\d*)#?(?:号楼|幢|栋|座|单元|室|房|层|楼)(?![村镇乡社路街庄])"
    r"|(?<!\d)[甲乙丙丁东西南北][幢栋座](?![村镇乡社路街庄])"
)
_PLACE_END = re.compile(
    r"(?:委会|大厦|广场|公寓|中心|市场|大道|工业区|开发区|园区|小区|社区"
    r"|[县市区旗镇乡村街路巷弄道里苑园城庄桥圩埭港站场厂校院坊湾宅墩浜埝坝闸渡口滩岛山寺庙])"
)
_PERSONAL = re.compile(r"\d{7,}[Xx]?|[A-Za-z]{2,}|[^\w-]|_")
_TOWN = re.compile(r"^[\u4e00-\u9fff]{1,8}?(?:街道办事处|街道|镇|乡)")
_OPENS_TOWN = re.compile(r"^(?:镇|乡|街道|村|社区|路|街)")
_CUT_FIGURE = re.compile(r"第?[\d一二三四五六七八九十百零-]+$")
_LEAST_CHARS = 2


def make_question(
    address: object, county: County | None, *, names: Iterable[str | None] = ()
) -> Question | None:
    """The question that may be asked about an address; None where nothing below the town could be told.

    `names` are those of the customer: wherever they stand in the text they are taken out. The text of a
    question makes the same question again.
    """
    norm = normalise(address)
    if norm.reason:
        return None
    text = _PERSONAL.sub("", norm.text)
    for name in names:
        folded = fold(name or "")
        if len(folded) >= _LEAST_CHARS:
            text = text.replace(folded, "")
    text = _without_head(text, county)
    inside = _INSIDE.search(text)
    text = _to_last_place(text[: inside.start()] if inside else text)
    if not _says_more_than_a_town(text):
        return None
    return Question(_head(county) + text, county)


def fit(question: Question, max_bytes: int) -> Question:
    """The question within a service's limit: the province goes first, then whole characters at the end.

    A figure that was cut through goes altogether: house 12 is not house 128.
    """
    text, county = question.text, question.county
    if len(text.encode()) > max_bytes and county is not None:
        text = text.removeprefix(county.province)
    if len(text.encode()) > max_bytes:
        text = text.encode()[:max_bytes].decode(errors="ignore")
        text = _CUT_FIGURE.sub("", text)
    return Question(text, county)


def find_county(code: str | None) -> County | None:
    """The county of a national code (six digits, more are cut), or None."""
    return next((county for county in list_counties() if county.code == code[:6]), None) if code else None


def _head(county: County | None) -> str:
    """Province, city and county in full, without what the statistics put where nothing is."""
    if county is None:
        return ""
    parts = dict.fromkeys((county.province, county.city, county.name))
    return "".join(part for part in parts if part not in FILLERS and part != "县")


def _without_head(text: str, county: County | None) -> str:
    """The text behind province, city and county in any of their forms; 海门镇 keeps its 海门."""
    if county is None:
        return text
    codes = (county.code[:2], county.code[:4], county.code)
    forms = sorted(
        {name.form for name in list_admin_names() if name.code in codes} | {county.name},
        key=len,
        reverse=True,
    )
    while True:
        form = next((form for form in forms if text.startswith(form)), "")
        rest = text[len(form) :]
        if not form or (form[-1] not in "省市区县旗盟州" and _OPENS_TOWN.match(rest)):
            return text
        text = rest


def _to_last_place(text: str) -> str:
    """The text up to its house or group figures, else up to the last word that ends as places end."""
    figures = _FIGURES.search(text)
    if figures is not None and figures.start():
        return text[: figures.end()]
    ends = [found.end() for found in _PLACE_END.finditer(text)]
    return text[: ends[-1]] if ends else ""


def _says_more_than_a_town(text: str) -> bool:
    """Whether something with a name stands behind the town."""
    named = _FIGURES.sub("", _TOWN.sub("", text))
    return len(named) >= _LEAST_CHARS
