"""The opening of an address: province, city and county, and whether they are ours at all."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.customers.geocoding.counties import FILLERS, AdminName
from app.customers.geocoding.index import VARIANT, Index, Token
from app.customers.geocoding.likeness import OTHER, prefix_cost

_REACH = 10  # how far a county may stand behind words that nobody knows (an old city name, a firm)
_NO_SHORT_BEFORE = re.compile(r"[路街道镇乡村社大小东西南北中新港桥河花国]")
_ABROAD = re.compile(
    r"(?:缅甸|越南|老挝|泰国|日本|韩国|朝鲜|蒙古国|俄罗斯|美国|加拿大|英国|法国|德国|意大利|西班牙|澳大利亚|新西兰"
    r"|新加坡|马来西亚|印度尼西亚|印尼|菲律宾|柬埔寨|印度|巴西|阿联酋|南非)"
)
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
    slip: bool = False
    last: int = 0  # where its last name starts
    plain: bool = True  # whether it holds full names only, each at its place
    said: dict[str, set[str]] = field(default_factory=dict)


def read_head(text: str, tokens: Mapping[int, list[Token]], index: Index) -> Head:
    """Read province, city and county from the left, repeated ones too, and settle which counties remain."""
    if _ABROAD.match(text):
        return Head(region_said=True, outside=True)
    reader = _HeadReader(text, tokens, index)
    while (token := reader.next_token()) and (names := reader.consistent(token)) is not None:
        reader.take(token, names)
    reader.settle()
    return reader.head


class _HeadReader:
    """The walk over the admin tokens at the start of one text."""

    def __init__(self, text: str, tokens: Mapping[int, list[Token]], index: Index) -> None:
        self.text, self.tokens, self.ours = text, tokens, index.national
        self.names, self.county, self.town = index.names, index.county, index.town
        self.longest = index.longest_county
        self.city_too = False  # whether what was taken for a county may be its city
        self.head = Head()

    def next_token(self) -> Token | None:
        """The next admin token at the head's end, or a full county a little further when none was said."""
        head = self.head
        while filler := _FILLER.match(self.text, head.end):
            head.end, head.plain = filler.end(), False
        start = head.end
        if self.text.startswith("县", start) and head.said and "county" not in head.said:
            start += 1  # 重庆市县城口县: the statistics list calls a group of counties just 县
        token = self._admin_at(start)
        if token or "county" in head.said:
            return token
        return None if self._slipped_county(start) else self._later_county(start)

    def _slipped_county(self, start: int) -> bool:
        """One of our counties misspelt, believed where a town or a village of it stands right behind it."""
        behind = self._counties_behind(start)
        for code, number in self.ours.items() if behind else ():
            if number not in behind:
                continue
            name = self.names[number]
            cost, length = prefix_cost(name, self.text[start : start + len(name) + 1], OTHER)
            if cost > OTHER or length < 2 or self.text[start + length - 1] != name[-1]:
                continue
            if any(self.county[place] == number for place in self._places_at(start + length)):
                self.head.said["county"] = {code}
                self.head.end, self.head.slip = start + length, True
                return True
        return False

    def _counties_behind(self, start: int) -> set[int]:
        """Counties whose towns or villages stand a few characters behind `start`: only their names are
        compared, for a province has a hundred."""
        last = start + self.longest + 1
        ends = [end for end in self.tokens if start + 2 <= end <= last]
        return {self.county[place] for end in ends for place in self._places_at(end)}

    def _places_at(self, start: int) -> Iterator[int]:
        for token in self.tokens.get(start, ()):
            yield from (
                place for place, quality in (*token.form.towns, *token.form.spots) if quality <= VARIANT
            )

    def _later_county(self, start: int) -> Token | None:
        if any(says_place(token) for token in self.tokens.get(start, ())):
            return None
        for position in range(start + 1, start + _REACH + 1):
            here = self.tokens.get(position, ())
            if any(_is_full_county(token) for token in here):
                token = self._admin_at(position)
                return token if token and _is_full_county(token) else None
            if here and says_place(here[0]):
                return None
        return None

    def _admin_at(self, start: int) -> Token | None:
        here = self.tokens.get(start, [])
        best = next((token for token in here if token.form.admins), None)
        if best is None or (here[0].end > best.end and says_place(here[0])):
            return None  # 启东滨海工业园 is a town, not 启东
        if self._is_own_town(best):
            return None
        return best if not _is_short(best) or self._short_stands(best) else None

    def _is_own_town(self, token: Token) -> bool:
        """钢城南湖社区: one of our towns before a village of its own is no county elsewhere."""
        towns = {town for town, _ in token.form.towns}
        if not towns or self.head.said:
            return False
        return any(self.town[place] in towns for place in self._places_at(token.end))

    def _short_stands(self, token: Token) -> bool:
        """Whether 江苏 or 沭阳 without its suffix is meant as such: 南通路, 和平村 and 朝阳花园 are not."""
        said = bool(self.head.said)
        follows = self.tokens.get(token.end, ())
        if follows and (said or any(other.form.admins or other.form.towns for other in follows)):
            return True
        if _NO_SHORT_BEFORE.match(self.text, token.end):
            return False
        if any(name.level == "province" or name.code in self.ours for name in token.form.admins):
            return True
        return not token.form.spots and (said or token.end == len(self.text))

    def consistent(self, token: Token) -> list[AdminName] | None:
        """The readings of a token that agree with what was said before; none at all to pass it over, None to
        stop before it. A county is said once."""
        county = self.head.said.get("county")
        names = token.form.admins
        if _is_short(token):  # 河北 is the province, not the district of Tianjin
            names = tuple(name for name in names if name.level == "province") or names
        if county is not None:
            again = [name for name in names if any(code.startswith(name.code) for code in county)]
            return again or self._reread(names)
        fitting = [name for name in names if self._fits(name)]
        lower = [name for name in names if name.level != "province" and not name.short]
        if fitting or not lower:
            return fitting or None
        return self._despite(token, lower)

    def _reread(self, names: Sequence[AdminName]) -> list[AdminName] | None:
        """大理漾濞: the first was not the county 大理市 but the city above 漾濞."""
        if not self.city_too:
            return None
        self.city_too = False
        return [name for name in names if _is_county(name) and self._fits(name)] or None

    def _despite(self, token: Token, names: list[AdminName]) -> list[AdminName] | None:
        """苏州市启东市, 福建省丽江市玉龙县: the lower one is the better witness, a city with its county.

        云南省济南市漾濞县: where province and county agree the city between them is passed over.
        """
        counties = [name for name in names if _is_county(name)]
        follows = (name for other in self.tokens.get(token.end, ()) for name in other.form.admins)
        behind = [name for name in follows if _is_county(name) and not name.short]
        cities = [name for name in names if any(county.code.startswith(name.code) for county in behind)]
        if counties or cities:
            self.head.said = {}
        elif not any(map(self._fits, behind)):
            return None
        self.head.conflict = True
        return counties or cities

    def _fits(self, name: AdminName) -> bool:
        said = (self.head.said.get(level, ()) for level in ("province", "city"))
        return all(
            not codes or any(code.startswith(name.code) or name.code.startswith(code) for code in codes)
            for codes in said
        )

    def take(self, token: Token, names: list[AdminName]) -> None:
        """Go on behind the token; what it says counts at the level of its readings."""
        for level in ("province", "city", "county"):
            codes = {
                name.code
                for name in names
                if (_is_county(name) if level == "county" else name.level == level)
            }
            if codes:
                self.head.said[level] = codes
        self.head.last = token.start
        self.head.plain &= token.start == self.head.end and not _is_short(token) and not token.form.towns
        self.city_too = {"city", "county"} <= {name.level for name in names}
        self.head.old_name |= all(name.level == "former_county" for name in names)
        self.head.end = token.end

    def settle(self) -> None:
        """Which of our counties agree; when something was said and none does, the address is elsewhere."""
        head, ours = self.head, self.ours
        county = head.said.get("county")
        head.county_said = county is not None
        head.region_said = bool(head.said)
        if county is not None:
            head.counties = frozenset(ours[code] for code in county if code in ours)
        elif head.said:
            wanted = tuple(head.said.get("city") or head.said["province"])
            # A county under the bank's own code has no national place: it cannot be told to be elsewhere.
            head.counties = frozenset(
                ours[code] for code in ours if code.startswith(wanted) or not code.isdigit()
            )
        head.outside = head.counties is not None and not head.counties


def _is_county(name: AdminName) -> bool:
    return name.level in ("county", "former_county")


def _is_short(token: Token) -> bool:
    return all(name.short for name in token.form.admins)


def _is_full_county(token: Token) -> bool:
    return any(name.level == "county" and not name.short for name in token.form.admins)


def says_place(token: Token) -> bool:
    """Whether a token is the full name of a town or of a place below it."""
    return any(quality <= VARIANT for _, quality in (*token.form.towns, *token.form.spots))
