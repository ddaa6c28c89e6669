"""The part of an address that a correction is learnt for, and the part that was not understood.

Both are cut from normalised text and depend on no gazetteer, so what is stored today is found again
when the gazetteer has grown.
"""

import re

_COUNTED = r"(?:村民)?小?组|生产队|大队|队|号|幢|栋|座|弄|单元|室|社(?!区)|(?:圩|埭)(?![村社镇乡路街桥港])"
_FIGURE = re.compile(
    rf"第?(?:\d+(?!\d|村(?!民)|社区|居委会)|[一二三四五六七八九十百零]+(?={_COUNTED}))|[A-Za-z]\d*(?=[幢栋座号])"
)
_ROAD = re.compile(r"(?:路|街|大道|巷|弄|公路|国道|省道|县道)$")
_WIDE = re.compile(r"(?:[镇乡县市]|街道|(?<![小社园])区)$")  # above the village: the figure belongs to it
_UNIT = re.compile(r"\d+(?:-\d+)*(?:[组队]|村民小组|小组)?|[一二三四五六七八九十百零]+(?:村民)?小?[组队]?")
_ROAD_ALONE = re.compile(
    r"[^\d]{0,8}?(?:路|街|大道|巷|弄|国道|省道|县道)(?:[东西南北]侧|旁|边|附近)?(?:\d.*)?$"
)
_LONGEST_ALIAS = 20


def cut_prefix(text: str) -> tuple[str, int]:
    """The part down to the village, and where the text below it starts.

    What stands before the first group or house figure; after a road or a town that figure is part of it,
    because a road crosses villages and a town holds many.
    """
    figure = _FIGURE.search(text)
    if figure is None:
        return text, len(text)
    start = figure.start()
    before = text[:start]
    if before and (_ROAD.search(before) or _WIDE.search(before)):
        number = _UNIT.match(text, start + text.startswith("第", start))
        return text[: number.end()] if number else before, start
    return before, start


def cut_alias(text: str, start: int) -> str:
    """The words from `start` to the first figure, empty when there are none or they name only a road."""
    figure = _FIGURE.search(text, start)
    words = text[start : figure.start() if figure else len(text)]
    if len(words) < 2 or len(words) > _LONGEST_ALIAS or _ROAD_ALONE.match(words):
        return ""
    return words
