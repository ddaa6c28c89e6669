"""What a person wants of an own layer: its key and words, what it means, who may see it, how it is drawn."""

import re
from dataclasses import dataclass

from app.errors import BadInput

KEY = re.compile(r"[a-z][a-z0-9_]{0,23}")
MEANINGS = ("reference", "competitors")
AUDIENCES = ("all", "bank")
# Red is for faults alone; the values stand in `app.maps.layers.own`.
COLOURS = ("grey", "brown", "blue", "violet", "teal", "green", "water")
_LONGEST = {"zh": 40, "en": 60, "why_zh": 200, "why_en": 300, "name_column": 100, "class_column": 100}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class LayerWish:
    """An own layer as it is asked for; a column that is None is not used (a name is looked for then)."""

    key: str
    zh: str
    en: str
    why_zh: str = ""
    why_en: str = ""
    meaning: str = "reference"
    audience: str = "all"
    colour: str = "grey"
    name_column: str | None = None
    class_column: str | None = None

    def check(self) -> None:
        """Raises BadInput for the first word that cannot stand."""
        check_key(self.key)
        for field, most in _LONGEST.items():
            text = getattr(self, field) or ""
            if len(text) > most or _CONTROL.search(text) or (field in ("zh", "en") and not text.strip()):
                raise BadInput(
                    "bad_layer_words",
                    zh=f"{field} 不能为空、不能含控制字符，最多 {most} 个字符",
                    en=f"{field} is 1 to {most} characters without control signs",
                    field=field,
                )
        for field, known in (("meaning", MEANINGS), ("audience", AUDIENCES), ("colour", COLOURS)):
            if getattr(self, field) not in known:
                raise BadInput(
                    "bad_layer_choice",
                    zh=f"{field} 可用：{'、'.join(known)}",
                    en=f"{field} is one of {', '.join(known)}",
                    field=field,
                )


def check_key(key: str) -> None:
    """Raises BadInput for a key that no own layer can have."""
    if not KEY.fullmatch(key):
        raise BadInput(
            "bad_layer_key",
            zh="图层代号用小写字母开头，可含数字和下划线，最多 24 个字符",
            en="a layer's key begins with a small letter and has up to 24 letters, digits and _",
            field="key",
        )


def make_key(english: str) -> str:
    """A key out of an English name: `Roads 2026` is `roads_2026`."""
    slug = re.sub(r"[^a-z0-9]+", "_", english.lower()).strip("_")
    return (slug if slug[:1].isalpha() else f"layer_{slug}".strip("_"))[:24].rstrip("_")
