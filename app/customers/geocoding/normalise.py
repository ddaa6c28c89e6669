"""An address as typed becomes one line of comparable characters; what was typed is kept."""

import re
from dataclasses import dataclass

from app.customers.geocoding.names import squeeze
from app.territory.names import script

MAX_CHARS = 240  # an address is shorter; what follows is never read, so time per address is bounded
_KEPT_CHARS = 120

_ID_CARD = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"
)
_LABEL = re.compile(r"^\W*(?:联系|家庭|详细|现|常?住|户籍|通讯|单位|经营)*(?:地址|住址|地点)\s*[:：]\s*")
_POSTCODE = re.compile(r"^\W*\d{6}(?=\D|$)|(?:邮编|邮政编码)\W*\d{6}|\(\d{6}\)")
_PERSON = re.compile(
    r"\W*(?:户主|收件人|联系人|联系电话|转交|(?:电话|手机|身份证)号?码?\s*[:：\d]).*$|#(?!\d).*$"
)
_FIRM = re.compile(
    r"^.{2,40}?(?:有限责任公司|股份有限公司|有限公司|分公司|公司|专业合作社|合作社|经营部|商行|超市|加工厂)"
    r"(?=.*[县市区镇乡村街道])(?![^\w(]*[(（]|内|社区|村|家属|旁|宿舍|对面)"
)
_SEVERAL = re.compile(r"[;；|]|\s或(?:者)?\s")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_CUES = re.compile(
    r"\d{6}|公司|加工厂|合作社|经营部|商行|超市|地址|住址|地点|户主|人|电话|手机|身份证|转交|#"
)
_PLACEHOLDERS = re.compile(
    r"同上|如上|无|空|号|本村|本地|本人|在家|不详|不明|未知|未填|暂无|没有|待定|其他|地址|住址|无地址|(?:地址)?待补充"
    r"|[见同](?:身份证|户籍|户口本)(?:地址)?|详见附件"
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` is what is compared; `reason` (empty, placeholder, unreadable) says why there is none."""

    raw: str
    text: str
    reason: str = ""


def normalise(address: object) -> Normalised:
    """Fold an address: NFKC, simplified script, separators, phones, ID numbers and firms cut.

    Takes anything; None and other non-text are an empty address. Never raises.
    """
    raw = address if isinstance(address, str) else "" if address is None else str(address)[:MAX_CHARS]
    text = _cut(script(raw[:MAX_CHARS])) if raw else ""
    text = text[:_KEPT_CHARS]
    return Normalised(raw, text, _reason(raw, text))


def _cut(text: str) -> str:
    """What is no part of a place: numbers of persons, labels, firms in front, people behind."""
    if _SEVERAL.search(text):
        text = next((part for part in _SEVERAL.split(text) if len(_HAN.findall(part)) > 2), text)
    if _CUES.search(text):
        for pattern in (_ID_CARD, _PHONE, _POSTCODE, _LABEL, _PERSON):
            text = pattern.sub(" ", text)
        text = _without_firm(text)
    return squeeze(text)


def _without_firm(text: str) -> str:
    """The address behind a firm's name; a firm that stands behind its address stays."""
    found = _FIRM.match(text)
    return text[found.end() :] if found and len(text) - found.end() >= 4 else text


def _reason(raw: str, text: str) -> str:
    if not raw.strip():
        return "empty"
    if _PLACEHOLDERS.fullmatch(text):
        return "placeholder"
    return "" if _HAN.search(text) else "unreadable"
