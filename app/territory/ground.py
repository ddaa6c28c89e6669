"""The checks of ground: which faults there are, how grave each is, and a boundary file checked on its own."""

from dataclasses import dataclass
from typing import Literal

from app.glossary import Term, find_term

Severity = Literal["must_fix", "confirm", "harmless"]


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of fault: its severity decides whether a plan may come into force with it."""

    kind: str
    severity: Severity
    why_zh: str
    why_en: str

    @property
    def label(self) -> Term:
        """The word for it in Chinese and English."""
        return find_term(self.kind)


CHECKS: tuple[Check, ...] = (
    Check("overlap", "must_fix", "同一块地归两个网格", "one piece of ground in two grids"),
    Check("gap", "must_fix", "辖区内没有网格的地", "ground of the frame without a grid"),
    Check("duplicate", "must_fix", "同一图形重复出现", "one shape appears twice"),
    Check("outside", "must_fix", "超出辖区边界", "ground beyond the frame"),
    Check("invalid", "must_fix", "图形自相交或为空", "a shape crosses itself or is empty"),
    Check("nested", "confirm", "一个网格位于另一个之内", "a grid lies inside another"),
    Check("sliver", "harmless", "极窄的重叠或缝隙", "an overlap or gap too narrow to matter"),
)
_BY_KIND = {check.kind: check for check in CHECKS}


def find_check(kind: str) -> Check:
    """The check of a finding's kind."""
    return _BY_KIND[kind]
