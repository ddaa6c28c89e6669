"""The answers a person may choose from, in words: what stands behind @row, leave_out or EPSG:4549."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.errors import BadInput
from app.glossary import find_term
from app.spatial import crs

_WORDS = {
    "@row": ("用行号编号", "number the rows"),
    "@none": ("文件里没有这一项", "the file does not have it"),
    "accept": ("接受", "accept"),
    "leave_out": ("剔除这些行", "leave these rows out"),
    "by_name": ("按名称重新确定代码", "settle the codes by name"),
    "keep_all": ("全部保留", "keep them all"),
}
_OF_QUESTION = {
    ("crs_doubtful", "accept"): ("就按这个坐标系导入", "import it in this system all the same"),
    ("repair_changes_area", "accept"): ("接受修复后的边界", "accept the mended border"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: the `value` to send back and what it means."""

    value: str
    zh: str
    en: str


def list_choices(question: str, values: Iterable[str]) -> list[Choice]:
    """What each answer to a question (its code) means; a column or a layer means itself."""
    return [Choice(value, *_words(question, value)) for value in values]


def _words(question: str, value: str) -> tuple[str, str]:
    known = _OF_QUESTION.get((question, value)) or (None if _is_free(question, value) else _WORDS.get(value))
    if known is not None:
        return known
    if question == "unknown_kinds":
        term = find_term(value)
        return term.zh, term.en
    if question.startswith("crs_"):
        return _system(value)
    return value, value


def _is_free(question: str, value: str) -> bool:
    """Whether an answer is a name out of the file, where `accept` may be what somebody called a column."""
    return not value.startswith("@") and (question.startswith("field_") or question.endswith("_layer"))


def _system(value: str) -> tuple[str, str]:
    try:
        zh, en = crs.describe(value)
    except (BadInput, RuntimeError, ValueError, KeyError):  # a stored report may name a system of old
        return value, value
    return f"{zh}（{value}）", f"{en} ({value})"
