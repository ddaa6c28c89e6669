"""An address as typed becomes one line of comparable characters; what was typed is kept."""

import re
import unicodedata
from dataclasses import dataclass

from app.customers.geocoding.names import squeeze
from app.customers.geocoding.sections import Section, Split, choose_home, split_cell
from app.territory.names import script

MAX_CHARS = 240  # an address is shorter; what follows is never read, so time per address is bounded
_KEPT_CHARS = 120
_LOOKED_AT = 12_000

_ID_CARD = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PHONE = re.compile(
    r"(?:(?:[Tt][Ee][Ll]|手机|电话)[号码.:：\s]*)?"
    r"(?<!\d)(?:(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}|0\d{2,3}[- ]?\d{7,8})(?!\d)"
)
_POSTCODE = re.compile(r"^\W*\d{6}(?=\D|$)|(?:邮编|邮政编码)\W*\d{6}|\(\d{6}\)")
_HOLDER = re.compile(
    r"^\W*(?:户主|收件人|联系人|客户|姓名|借款人)(?:姓名)?\s*[:：]?\s*[\u4e00-\u9fff]{2,4}(?=[\s,:;、/|(])"
)
_PERSON = re.compile(
    r"\W*(?:户主|收件人|联系人|联系电话|转交|(?:电话|手机|身份证)号?码?\s*[:：\d]).*$|#(?!\d).*$"
)
_FIRM = re.compile(
    r"^.{2,40}?(?:有限责任公司|股份有限公司|有限公司|分公司|公司|专业合作社|合作社|经营部|商行|超市|加工厂)"
    r"(?=\W*[^\W\d村社]{2,11}?(?:[省市县镇乡盟旗]|(?<![小社活理])区|街道|自治))(?!\W*[(]|内|家属|旁|宿舍|对面)"
)
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_CUES = re.compile(
    r"\d{6}|公司|合作社|经营部|商行|超市|加工厂|户主|人|姓名|电话|手机|身份证|转交|[Tt][Ee][Ll]|#"
)
_PLACEHOLDERS = re.compile(
    r"同上|如上|无|空|号|本村|本地|本人|在家|不详|不明|未知|未填|暂无|没有|待定|其他|地址|住址|无地址|(?:地址)?待补充"
    r"|[见同](?:身份证|户籍|户口本)(?:地址)?|详见附件"
)
_NO_PLACE = (
    (_ID_CARD, "phone"),
    (_HOLDER, "label"),
    (_PHONE, "phone"),
    (_POSTCODE, "label"),
)
_ROW_NUMBER = re.compile(r"^\d{1,2}[、.)]\s*(?=\D)")
# Most rows hold nothing to cut, and are told from the others by two looks.
_ODD = re.compile(r"[^\u4e00-\u9fff0-9-]|[0-9-]{5}|(?<![0-9])-|-(?![0-9])")
_WORDS_TO_CUT = re.compile(r"[姓电手身转籍住址地户或]|[件系款本]人|老家|公司|合作社|经营部|商行|超市|加工厂")
_SELDOM_CUT = re.compile(r"[人家-]")  # looked at closely where the script is the traditional one
_MARKS = re.compile(r"[\s,;、/|.]+")
_FULL_WIDTH = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")  # marks such as ， are always wide
_OTHER_THAN_BRACKETS = re.compile(r"[^\w]")


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` is what is compared; `reason` (empty, placeholder, unreadable) says why there is none.

    `noise` names what was put right or cut, from `NOISES`. `sections` (two or more, else none) are the
    addresses of a cell that holds several; with `loose` they may also be parts of a single one. `plain`: the
    text is Chinese characters and short figures, with nothing to cut.
    """

    raw: str
    text: str
    reason: str = ""
    noise: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    loose: bool = False
    plain: bool = False


def normalise(address: object) -> Normalised:
    """Fold an address: NFKC, simplified script, separators, phones, ID numbers and firms cut.

    Takes anything; None and other non-text are an empty address. Never raises.
    """
    raw = address if isinstance(address, str) else "" if address is None else str(address)[:MAX_CHARS]
    if not raw:
        return Normalised(raw, "", "empty", ("empty",))
    noise: list[str] = []
    if text := _whole(raw):
        if text != raw:
            _tell_script(raw, text, noise)
        reason = "" if len(text) > 8 else _reason(raw, text)
        return Normalised(raw, text, reason, (reason,) if reason else tuple(noise), plain=True)
    split = split_cell(_cut(_plain(_clipped(raw), noise), noise))
    noise += ["label"] if split.labelled and "label" not in noise else []
    if len(split.hard) == 1 and not split.soft:
        text = _line(split.hard[0].text, noise)
        sections: tuple[Section, ...] = ()
    else:
        text, sections = _several(split, noise)
    reason = _reason(raw, text)
    return Normalised(raw, text, reason, (reason,) if reason else tuple(noise), sections, bool(split.soft))


def _whole(raw: str) -> str:
    """The folded text of a row that holds nothing to cut, "" for the others: they go the long way."""
    if len(raw) > _KEPT_CHARS:
        return ""
    if not _ODD.search(raw):
        if _WORDS_TO_CUT.search(raw):
            return ""
        text = script(raw)
        return "" if text != raw and _SELDOM_CUT.search(raw) else text
    if not _FULL_WIDTH.search(raw) or not raw.isprintable():
        return ""
    text = script(raw)
    return "" if len(text) > _KEPT_CHARS or _ODD.search(text) or _WORDS_TO_CUT.search(text) else text


def _clipped(raw: str) -> str:
    """As much as is read; of a long text without its runs of blanks, so that they cannot hide an address."""
    return raw if len(raw) <= MAX_CHARS else " ".join(raw[:_LOOKED_AT].split())[:MAX_CHARS]


def turn(raw: str) -> str:
    """The parts of an address in the other order, "" where a mark does not part it into a few."""
    parts = [squeeze(part) for part in _MARKS.split(_plain(raw[:MAX_CHARS], [])) if part.strip()]
    return "".join(reversed(parts)) if 2 <= len(parts) <= 6 else ""


def _several(split: Split, noise: list[str]) -> tuple[str, tuple[Section, ...]]:
    """The line that is compared first, and all addresses of the cell."""
    hard = [Section(_line(section.text, noise), section.mark) for section in split.hard]
    said = tuple(section for section in hard if len(section.text) > 2)
    if split.soft:
        return hard[0].text, tuple(Section(_line(part, [])) for part in split.soft)
    if len(said) < 2:
        return (said or tuple(hard))[0].text, ()
    noise.append("several")
    return choose_home(said)[0].text, said


def _line(text: str, noise: list[str]) -> str:
    if _CUES.search(text):
        text, times = _PERSON.subn(" ", text)
        noise += ["label"] if times and "label" not in noise else []
        text = _without_firm(text, noise)
    plain = squeeze(text)
    if plain != text and "separators" not in noise:
        noise.append("separators")
    return plain[:_KEPT_CHARS]


def _plain(raw: str, noise: list[str]) -> str:
    """Invisible and private characters out, compatibility forms and the traditional script made plain."""
    if not raw.isprintable():
        raw = "".join(_visible(char) for char in raw)
    text = script(raw)
    if text != raw:
        _tell_script(raw, text, noise)
    return text


def _tell_script(raw: str, text: str, noise: list[str]) -> None:
    """What of the script was made plain between `raw` and `text`."""
    if _FULL_WIDTH.search(raw):
        noise.append("full_width")
    raw = unicodedata.normalize("NFKC", raw)
    if text != raw and _OTHER_THAN_BRACKETS.sub("", text) != _OTHER_THAN_BRACKETS.sub("", raw):
        noise.append("traditional")


def _visible(char: str) -> str:
    """A character, a blank for what parts words, nothing for marks that no eye sees."""
    if char.isprintable():
        return char
    if char in "\r\n":
        return "\n"
    return " " if char.isspace() else ""


def _cut(text: str, noise: list[str]) -> str:
    """Numbers of persons and postcodes out, and the number of a row in a list: no part of a place."""
    if text[:1].isdigit():
        text = _ROW_NUMBER.sub("", text)
    if _CUES.search(text):
        for pattern, kind in _NO_PLACE:
            text, times = pattern.subn(" ", text)
            noise += [kind] if times and kind not in noise else []
    return text


def _without_firm(text: str, noise: list[str]) -> str:
    """The address behind a firm's name; a firm that stands behind its address stays."""
    found = _FIRM.match(text)
    if not found or len(text) - found.end() < 4:
        return text
    noise.append("firm")
    return text[found.end() :]


def _reason(raw: str, text: str) -> str:
    if not raw.strip():
        return "empty"
    if _PLACEHOLDERS.fullmatch(text):
        return "placeholder"
    return "" if _HAN.search(text) else "unreadable"
