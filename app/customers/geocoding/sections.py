"""Several addresses in one cell, and labels that tell where somebody lives from where he is registered."""

import re
from collections.abc import Callable
from typing import NamedTuple

HOME, ORIGIN = "home", "origin"

_KIND = (
    r"(?:(?P<origin>户籍|户口|身份证|原籍|籍贯|老家)|现在?|家庭|居住|实际|常住?|暂住?|联系|通讯|通信|详细|单位|经营"
    r"|原|注册|办公|送货|收货|收件|邮寄|登记|个人|本人|客户|工作)*"
)
_NOUN = r"(?:所在)?(?:地址|住址|住所|居住地|所在地|住地|地点|居住|籍贯|户籍|户口|现住|家住|老家|住|地|址)"
# A label stands at the start, or behind something that ends what came before it; 家住 needs no colon there.
_LABEL = re.compile(
    rf"(?:^\W*|(?<=[\W\d号组室村栋幢]))\W*(?:{_KIND}{_NOUN}\s*(?:[:：]|(?<=[住居])[在于]|是|为)"
    r"|(?P<bare>(?:现在?|家|居|实际|暂|原)住(?:[在于址]|地址)?|户籍地址?|户口所?在地?|身份证地址|(?:户籍|户口|籍贯)(?!\))))\s*"
)
_FAR = re.compile(r"^\W*原住|户籍|户口|身份证|原籍|籍贯|老家")
_NEAR = re.compile(r"现|居住|家庭|实际|常住|暂住|家住|^\W*住")
_CUE = re.compile(r"[住址地籍家户]")
_HARD = re.compile(r"[;|\r\n]|\s或者?\s|或者|(?<=[\d号组室村])或(?=[\u4e00-\u9fff]{4})")
_SOFT = re.compile(r"[、,/]|\s+")
_BREAK = re.compile(r"[;|\s、,/或]")
_PLACED = re.compile(r"村|社区|居委会|[路街巷](?!道|街|社|镇|村)|\d")
_PLACE = re.compile(r"[省市县区镇乡村]|街道")
_OPENS = re.compile(r"[^\d\W]{2,14}?(?:[县区镇乡村]|街道)")


class Section(NamedTuple):
    """One of the addresses of a cell; `mark` says home (where one lives), origin, or nothing."""

    text: str
    mark: str = ""


class Split(NamedTuple):
    """`hard`: addresses that surely stand apart; `soft`: parts of a single one that may be addresses."""

    hard: tuple[Section, ...]
    soft: tuple[str, ...] = ()
    labelled: bool = False


def split_cell(text: str) -> Split:
    """Take a cell apart where a second address begins; one whose parts are 省;县;镇;村 stays whole."""
    marked, labelled = _unlabelled(text)
    if not _BREAK.search(text):
        return Split(tuple(marked), (), labelled)
    hard = [
        Section(part, section.mark)
        for section in marked
        for part in _parts(section.text, _HARD, _PLACE.search)
    ]
    soft = _parts(hard[0].text, _SOFT, _OPENS.match) if len(hard) == 1 else []
    return Split(tuple(hard), tuple(soft) if len(soft) > 1 else (), labelled)


def _unlabelled(text: str) -> tuple[list[Section], bool]:
    """The text without its labels, cut at them."""
    labels = list(_LABEL.finditer(text)) if _CUE.search(text) else []
    if not labels:
        return [Section(text)], False
    edges = [*(label.start() for label in labels), len(text)]
    sections = [Section(text[: edges[0]])] if len(text[: edges[0]].strip("( ,;")) > 1 else []
    for label, edge in zip(labels, edges[1:], strict=True):
        mark = ORIGIN if _FAR.search(label[0]) else HOME if _NEAR.search(label[0]) else ""
        sections.append(Section(text[label.end() : edge], mark))
    kept = [section for section in sections if len(section.text.strip()) > 1]
    named = [section for section in kept if _PLACE.search(section.text)]
    kept = named or kept  # 现住女儿家 names no place
    return kept or [Section(text[labels[-1].end() :])], True


def _parts(text: str, breaks: re.Pattern[str], opens: Callable[[str], object]) -> list[str]:
    """The text cut where an address has been read and another place opens; else joined again."""
    parts = [""]
    last = 0
    for found in (*breaks.finditer(text), None):
        piece = text[last : found.start() if found else len(text)]
        if parts[-1] and _PLACED.search(parts[-1]) and opens(piece):
            parts.append(piece)
        else:
            parts[-1] = f"{parts[-1]} {piece}" if parts[-1] else piece
        last = found.end() if found else last
    return parts


def choose_home(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Those that say where somebody lives, else those that are no place of registration, else all."""
    home = tuple(section for section in sections if section.mark == HOME)
    return home or tuple(section for section in sections if section.mark != ORIGIN) or sections
