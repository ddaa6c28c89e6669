"""Names of places: widths put right, official names made everyday ones, former names picked out."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import zhconv

# Forms that no table of the traditional script knows but old address files hold.
_VARIANTS = {"邨": "村", "舖": "铺", "菴": "庵", "礄": "硚", "坵": "丘", "崐": "昆", "〇": "零"}
_BRACKETS = dict.fromkeys("[【〔［{｛<《〈", "(") | dict.fromkeys("]】〕］}｝>》〉", ")")

_VIRTUAL = re.compile(r"(?:虚拟社区|虚拟生活区|虚拟居委会|虚拟村|虚拟)$")
_COMMUNITY = re.compile(r"(?:社区居民委员会|社区居委会|社区居委|居民委员会|居委会|(?<=..)居委|社区)$")
_VILLAGE = re.compile(
    r"(?:村村民委员会|村村委会|行政村村委会|行政村村民委员会|村民委员会|村委会|村村委|(?<=.)村委|行政村)$"
)
_PASTURE = re.compile(r"嘎查(?:村民委员会|村委会|委员会|嘎查委员会)?$")
_OFFICE = re.compile(r"(?<=街道)(?:办事处|办)$|(?<=[镇乡])(?:人民)?政府$")

_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_BLANKS_IN_HAN = re.compile(rf"(?<=[{_HAN}（）()])\s+(?=[{_HAN}（）()])")
_BRACKETED = re.compile(r"[(（【\[]([^()（）【】\[\]]*)[)）】\]]")
_FORMER = re.compile(r"^(?:原名为?|原称|原属?|曾用名|曾名|旧称|旧名|前身|前称)\s*[:：]?\s*(.+)$")
_BETWEEN = re.compile(r"[、/／|｜;；,，\s]+")
_MERGED = re.compile(r"(?:等?合并(?:而成)?|撤并|并入)$")
_ABOVE = re.compile(
    r"^(?:[^省市区县]{2,8}(?:省|自治区))?(?:[^省市区县]{1,7}市)?(?:[^省市区县]{1,7}[市区县])?$"
)
_NO_NAME = frozenset(
    ("村", "社区", "居委会", "居委", "村委会", "行政村", "村民委员会", "居民委员会", "街道", "居民", "街")
)


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """What a cell says of a place: its everyday name, the official one if it differs, former ones, and
    whether the cell holds characters that no font or sorting knows."""

    name: str
    official: str | None
    former: tuple[str, ...]
    unusual: bool


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


def tidy(text: str) -> str:
    """Text as it is kept: compatibility forms made plain, invisible characters and needless blanks gone.

    Marks such as （） stay as they were written, and so does the script.
    """
    if text.isprintable() and " " not in text and unicodedata.is_normalized("NFKC", text):
        return text
    plain = "".join(_plain(c) for c in text)
    plain = unicodedata.normalize("NFC", plain)
    return _BLANKS_IN_HAN.sub("", " ".join(plain.split()))


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cf", "Cc"):
        return " " if character.isspace() else ""
    if category[0] == "P":
        return character
    return unicodedata.normalize("NFKC", character)


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


def read_place_words(cell: str, *, village: bool) -> PlaceWords:
    """A name cell taken apart: 颐生村村委会（原红星村） -> 颐生村, formerly 红星村.

    A `village`'s official name becomes the everyday one (民建居委会 -> 民建社区), a town's office its town; a
    virtual area (海门市农科所虚拟生活区) keeps its name. `official` is the name as written, without asides.
    """
    whole = tidy(cell)
    former: list[str] = []
    written = _BRACKETED.sub(lambda found: _take_former(found, former), whole).strip() or whole
    if not village:
        name = _OFFICE.sub("", written)
    else:
        name, kind = clean_official(written)
        name = written if kind == "virtual" or _same_bare(name, written) else name
    past = tuple(dict.fromkeys(old for old in former if old != name))
    return PlaceWords(name, written if name != written else None, past, is_unusual(whole))


def _same_bare(name: str, written: str) -> bool:
    """Whether cleaning took away no more than widths and blanks."""
    return name == re.sub(r"\s+", "", unicodedata.normalize("NFKC", written))


def _take_former(found: re.Match[str], former: list[str]) -> str:
    told = _FORMER.match(found.group(1))
    if told is None:
        return found.group(0)
    former += split_former(told.group(1))
    return ""


def split_former(cell: str) -> list[str]:
    """The names in a cell of former names, one by one and cleaned: 原红星村、立新村合并 -> 红星村, 立新村."""
    names = []
    for part in _BETWEEN.split(tidy(cell)):
        told = _FORMER.match(part)
        bare = _MERGED.sub("", told.group(1) if told else part).strip("()（）:： ")
        if bare and bare not in ("无", "-", "—"):
            names.append(clean_official(bare)[0])
    return list(dict.fromkeys(names))


def is_unusual(text: str) -> bool:
    """Whether a name holds private-use, unassigned or replacement characters, or a line of question marks."""
    if "??" in text or "\ufffd" in text:
        return True
    # What is private, unassigned or half a character is never printable, so most names need no second look.
    return not text.isprintable() and any(unicodedata.category(c) in ("Co", "Cn", "Cs") for c in text)


def cut_town(name: str, town: str) -> str:
    """The name without the town that stands before it: 常乐镇颐生村 in 常乐镇 -> 颐生村.

    What would leave no name stays: 悦来镇社区 in 悦来镇 is the community's name.
    """
    at = name.find(town) if town else -1
    rest = name[at + len(town) :]
    if at < 0 or rest in _NO_NAME or len(rest) < 2 or not _ABOVE.match(name[:at]):
        return name
    return rest


def fold_name(name: str) -> str:
    """A village's or town's name as two lists are compared: everyday, simplified, no blanks or brackets."""
    bare = _BRACKETED.sub("", script(tidy(name)))
    return clean_official(_OFFICE.sub("", bare) or name)[0]
