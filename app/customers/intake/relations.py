"""How a person stands to the head of his household: banks' many words as nine.

A register counts children (长子, 次女, 三儿子) and adds 之 or 的; what it is about stays the same.
"""

import re

from app.customers.intake.values import Problem, veil

# The normalised word → the words of registers; the first is the one that is shown.
RELATIONS: dict[str, tuple[str, ...]] = {
    "head": ("户主", "本人", "户主本人", "本户户主"),
    "spouse": ("配偶", "妻", "妻子", "夫", "丈夫", "爱人", "夫妻", "老婆", "老公"),
    "son": ("子", "儿子", "儿", "男孩", "独生子", "养子", "继子"),
    "daughter": ("女", "女儿", "女孩", "独生女", "养女", "继女"),
    "child": ("子女", "孩子", "小孩"),
    "parent": ("父母", "父", "母", "父亲", "母亲", "岳父", "岳母", "公公", "婆婆", "公", "婆", "继父"),
    "grandchild": ("孙辈", "孙", "孙子", "孙女", "外孙", "外孙女", "外孙子", "孙子女", "重孙", "曾孙"),
    "child_in_law": ("媳婿", "媳", "儿媳", "儿媳妇", "媳妇", "婿", "女婿", "子媳"),
    "sibling": ("兄弟姐妹", "兄", "弟", "姐", "妹", "哥哥", "弟弟", "姐姐", "妹妹", "兄弟", "姐妹", "哥"),
    "other": (
        "其他", "其它", "亲属", "其他亲属", "非亲属", "祖父", "祖母", "爷爷", "奶奶", "祖父母", "外祖父",
        "叔", "伯", "姑", "舅", "姨", "侄", "侄子", "侄女", "外甥", "嫂", "弟媳", "亲戚", "保姆", "寄居",
    ),
}  # fmt: skip
_CODES = {word: code for code, words in RELATIONS.items() for word in (code, *words)}
_ORDER = re.compile(
    r"^(?:长|大|次|小|幼|第?[一二三四五六七八九十]|老[大二三四五六])(?=[子女儿孙媳婿男弟妹哥姐])"
)
_DROPPED = re.compile(r"[\s.·\-_/\\()（）的之]|^\d+|^户主(?=.)|^与户主关系")


def find_relation(cell: str | None) -> str | None:
    """The normalised word of a register's word, or None when it is empty or no such word."""
    text = (cell or "").strip().lower()
    if text in _CODES:
        return _CODES[text]
    bare = _DROPPED.sub("", text)
    return _CODES.get(bare) or _CODES.get(_ORDER.sub("", bare))


def read_relation(cell: str | None) -> str | None:
    """The normalised word of a cell, None when it is empty. Raises Problem for a word that is none."""
    found = find_relation(cell)
    if found is None and (cell or "").strip():
        told = veil(str(cell))[:20]
        raise Problem(
            "bad_relation",
            f"与户主关系“{told}”不认识，已留空",
            f"unknown relation {told!r}; it was left empty",
        )
    return found
