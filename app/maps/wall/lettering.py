"""How wide a text is in Noto Sans CJK SC, how it is cut into lines, and which box it takes on paper.

Advances are those of the face's own `hmtx` table (thousandths of an em, U+0020 to U+007E); every Chinese
character is one em wide. A test compares them with the extents of the printed glyphs.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

MM_PER_PT = 25.4 / 72
ASCENT_EM = 0.88
DESCENT_EM = 0.12
FAMILY = "Noto Sans CJK SC"

_REGULAR = (
    "224 323 474 555 555 921 680 278 338 338 467 555 278 347 278 392 555 555 555 555 555 555 555 555 "
    "555 555 278 278 555 555 555 474 946 608 657 638 688 589 552 689 728 293 535 646 543 812 723 742 "
    "633 742 635 596 599 721 575 878 573 531 603 338 392 338 555 559 606 563 618 510 620 554 325 564 "
    "607 275 275 552 284 926 610 606 620 620 388 468 377 607 521 802 498 521 475 338 270 338 555"
)
_BOLD = (
    "227 370 574 590 590 963 740 325 378 378 507 590 325 370 325 387 590 590 590 590 590 590 590 590 "
    "590 590 325 325 590 590 590 514 1007 641 681 656 714 615 585 717 757 330 568 686 578 853 749 770 "
    "667 770 682 624 625 748 619 915 627 580 613 378 387 378 590 567 626 591 644 527 644 581 372 597 "
    "640 304 306 604 315 964 641 626 644 644 436 495 421 637 576 863 562 574 511 378 296 378 590"
)
_OTHERS = {"–": 0.544, "—": 0.908, "−": 0.59, "°": 0.404, "²": 0.424}


def _advances(table: str) -> dict[str, float]:
    widths = {chr(32 + at): int(word) / 1000 for at, word in enumerate(table.split())}
    return widths | _OTHERS


_ADVANCE = {False: _advances(_REGULAR), True: _advances(_BOLD)}


@dataclass(frozen=True, slots=True)
class Type:
    """How a text is set: size in points, weight, colour, and which of its ends stands at the point."""

    size_pt: float
    colour: str = "#17232b"
    bold: bool = False
    anchor: str = "start"
    tracking_em: float = 0.0
    vertical: bool = False

    @property
    def em_mm(self) -> float:
        """One em in millimetres."""
        return self.size_pt * MM_PER_PT


def clean_text(text: str) -> str:
    """The text without control characters and line breaks, blanks folded: what a sheet can show."""
    return re.sub(r"\s+", " ", "".join(char if char.isprintable() else " " for char in text)).strip()


@lru_cache(maxsize=8192)
def width_em(text: str, *, bold: bool = False) -> float:
    """Advance width of a line in em."""
    table = _ADVANCE[bold]
    return sum(table.get(char, 1.0) for char in text)


def width_mm(text: str, kind: Type) -> float:
    """Advance width of a line in millimetres as set in `kind`."""
    tracking = kind.tracking_em * max(len(text) - 1, 0)
    return (width_em(text, bold=kind.bold) + tracking) * kind.em_mm


def text_box(x_mm: float, y_mm: float, *, text: str, kind: Type) -> tuple[float, float, float, float]:
    """The box (x0, y0, x1, y1 in mm, y downwards) of a text set at a point of its baseline."""
    em = kind.em_mm
    if kind.vertical:
        height = em * (1.02 * (len(text) - 1) + 1)
        return x_mm - em / 2, y_mm - ASCENT_EM * em, x_mm + em / 2, y_mm - ASCENT_EM * em + height
    wide = width_mm(text, kind)
    left = x_mm - {"start": 0.0, "middle": wide / 2, "end": wide}[kind.anchor]
    return left, y_mm - ASCENT_EM * em, left + wide, y_mm + DESCENT_EM * em


def trim_text(text: str, width: float, kind: Type) -> str:
    """The text cut with … so that it is at most `width` millimetres wide."""
    if width_mm(text, kind) <= width:
        return text
    while text and width_mm(text + "…", kind) > width:
        text = text[:-1]
    return text + "…"


def wrap_words(words: list[str], width: float, kind: Type) -> list[str]:
    """Words laid into lines of at most `width` millimetres, never broken inside a word."""
    lines: list[str] = []
    for word in words:
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width_mm(joined, kind) <= width:
            lines[-1] = joined
        else:
            lines.append(trim_text(word, width, kind))
    return lines


def halve_name(name: str) -> tuple[str, str] | None:
    """A name cut into two lines of about equal width, or None when it is too short to cut."""
    if len(name) < 4:
        return None
    cuts = range(1, len(name))
    best = min(cuts, key=lambda at: (abs(width_em(name[:at]) - width_em(name[at:])), -at))
    return name[:best].strip(), name[best:].strip()


def can_stand(name: str) -> bool:
    """Whether a name may be written downwards: two to six characters, all of them full width."""
    return 2 <= len(name) <= 6 and all(width_em(char) == 1.0 for char in name)
