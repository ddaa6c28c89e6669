"""The opening of an address: province, city and county, and whether they are ours at all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.customers.geocoding.counties import FILLERS, AdminName
from app.customers.geocoding.index import NAME, Index, Token

_REACH = 10  # how far a county may stand behind words that nobody knows (an old city name, a firm)
_NO_SHORT_BEFORE = re.compile(r"[路街道镇乡村社大小东西南北中新港桥河花国]")
_FILLER = re.compile("|".join(FILLERS))


@dataclass(slots=True)
class Head:
    """What was said above the town: where it ends, which of our counties remain, what seemed wrong."""

    end: int = 0
    counties: frozenset[int] | None = None  # None: nothing said
    county_said: bool = False
    region_said: bool = False
    conflict: bool = False
    old_name: bool = False
    outside: bool = False
    said: dict[str, set[str]] = field(default_factory=dict)


def read_head(text: str, tokens: Mapping[int, list[Token]], index: Index) -> Head:
    """Read province, city and county from the left, repeated ones too, and settle which counties remain."""
    head = Head()
    while token := _next(text, tokens, head):
        names = _consistent(token, head)
        if not names:
            break
        for level in {name.level for name in names}:
            plain = "county" if level == "former_county" else level
            head.said[plain] = {name.code for name in names if name.level == level}
        head.old_name |= all(name.level == "former_county" for name in names)
        head.end = token.end
    _settle(head, index)
    return head


def _next(text: str, tokens: Mapping[int, list[Token]], head: Head) -> Token | None:
    """The next admin token at the head's end, or a full county a little further when none was said."""
    while filler := _FILLER.match(text, head.end):
        head.end = filler.end()
    start = head.end
    if text.startswith("县", start) and head.said and "county" not in head.said:
        start += 1  # 重庆市县城口县: the statistics list calls a group of counties just 县
    if token := _admin_at(text, tokens, start):
        return token
    if "county" in head.said:
        return None
    for gap in range(1, _REACH + 1):
        here = tokens.get(start + gap, ())
        if any(_holds_full_name(token, "county") for token in here):
            token = _admin_at(text, tokens, start + gap)
            return token if token and _holds_full_name(token, "county") else None
        if here and _says_place(here[0]):
            return None
    return None


def _admin_at(text: str, tokens: Mapping[int, list[Token]], start: int) -> Token | None:
    here = tokens.get(start, ())
    if not here or not (admins := [token for token in here if token.form.admins]):
        return None
    best = admins[0]
    if here[0].end > best.end and _says_place(here[0]):
        return None  # 启东滨海工业园 is a town, not 启东
    if all(name.short for name in best.form.admins):
        follows = tokens.get(best.end)
        if best.end < len(text) and not follows and (start == 0 or _NO_SHORT_BEFORE.match(text, best.end)):
            return None
        if best.form.spots and not follows:
            return None
    return best


def _holds_full_name(token: Token, level: str) -> bool:
    return any(name.level == level and not name.short for name in token.form.admins)


def _says_place(token: Token) -> bool:
    return any(quality <= NAME + 2 for _, quality in (*token.form.towns, *token.form.spots))


def _consistent(token: Token, head: Head) -> list[AdminName]:
    """The readings of a token that agree with what was said before; a county is said once."""
    county = head.said.get("county")
    names = list(token.form.admins)
    if county is not None:
        above = {code[: len(name.code)] for code in county for name in names}
        return [name for name in names if name.code in county or name.code in above]
    fitting = [name for name in names if _fits(name, head)]
    if not fitting and any(name.level in ("county", "former_county") for name in names):
        head.conflict = True  # 苏州市启东市: the county is the better witness
        return [name for name in names if name.level in ("county", "former_county")]
    return fitting or [
        name for name in names if name.level == "province" and name.code in head.said["province"]
    ]


def _fits(name: AdminName, head: Head) -> bool:
    for level in ("province", "city"):
        said = head.said.get(level)
        if said and not any(code.startswith(name.code) or name.code.startswith(code) for code in said):
            return False
    return True


def _settle(head: Head, index: Index) -> None:
    """Which of our counties agree; when something was said and none does, the address is elsewhere."""
    ours = index.national
    county = head.said.get("county")
    head.county_said = county is not None
    head.region_said = bool(head.said)
    if county is not None:
        head.counties = frozenset(ours[code] for code in county if code in ours)
    elif head.said:
        wanted = head.said.get("city") or head.said["province"]
        foreign = [code for code in ours if not code[:6].isdigit()]
        fitting = [code for code in ours if any(code.startswith(prefix) for prefix in wanted)]
        head.counties = frozenset(ours[code] for code in (*fitting, *foreign))
    head.outside = head.counties is not None and not head.counties
