"""What can be read at one position of a text: spots and towns, exactly or with a slip of the hand."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.customers.geocoding.front import find_start, names_firm
from app.customers.geocoding.head import Head, read_head, says_place
from app.customers.geocoding.index import CORE, LOOSE, NAME, VARIANT, VILLAGE, Index, Token
from app.customers.geocoding.likeness import (
    OTHER,
    SHAPE,
    SLIP,
    SOUND,
    SWAP,
    added_costs,
    heard_in,
    prefix_cost,
    prefix_costs,
    swap_cost,
)
from app.customers.geocoding.names import COMPLETE, town_core, village_core
from app.customers.geocoding.sounds import Sounds

TIE = 0.08  # two readings closer than this in cost are equals
# Behind a village its road or its estate may follow at once: 余北长江路158号, 南宫锦绣华庭34幢.
_ESTATE = r"(?!家园|花园|小区|花苑|公寓|新城|国际|广场)[^\d村社]{3,7}\d+(?:幢|号楼|栋|座|#|-\d)"
_AWAY = rf"(?![社镇村区居])(?:[^\d路街巷弄幢栋村社]{{2,5}}(?:路|街|大道)\d|{_ESTATE})"
_VILLAGE_TAIL = re.compile(
    r"村?(?:中心村|村民委员会|村委会|民委员会|委会|行政村|自然村|村部|(?:生产)?大队(?!部))|村(?!镇银行)|嘎查"
)
_COMMUNITY_TAIL = re.compile(
    r"社区居民委员会|社区居委会|社区居委|居民委员会|社居委|居委会|居委|社区|居(?=$|\d)|居(?=" + _AWAY + ")"
)
_COUNT = r"第?(?:\d+|[一二三四五六七八九十百]+)"
_ENDS_HERE = re.compile(
    rf"$|\d(?!\d*[\u4e00-\u9fff]{{0,2}}(?:村(?!民)|社区|居委|生活区|管理区))|-|[A-Za-z]|{_COUNT}(?:村民|小组|组|生产队|大队|队|社(?!区)|号|圩|埭)|村民小组|组|队"
)
_NAME_GOES_ON = re.compile(r"[路街巷弄桥村社镇乡]|大道")
_GOES_AWAY = re.compile(_AWAY)
_ROAD = re.compile(r"[路巷弄]|街\d|大道|街道|[镇乡](?!政府|卫生)")
_NAMED_AFTER = re.compile(r"[路街巷弄]|大道|卫生院|供销社|敬老院|小学|中学|医院")
_LONGEST = 40
_STRANGE_TAIL = 0.5  # 中心社区 is hardly a slip of 中兴村
_WIDER = 2  # a slip may make a name this much longer


class Hit(NamedTuple):
    """A place read in the text from `start` to `end`; `quality` as in the index, `cost` 0 when exact."""

    place: int
    start: int
    end: int
    quality: int
    cost: float = 0.0


class Reading:
    """One text, its tokens and its head, and what stands at any position behind the head."""

    def __init__(self, text: str, index: Index, home: int) -> None:
        self.index, self.home, self.text = index, home, text
        self.skipped, self.town_said = 0, False
        self.tokens: dict[int, list[Token]] = {}
        self.head: Head = self._known_head() or self._read_head()

    def _known_head(self) -> Head | None:
        """The opening as it was read before, if no division goes on behind it and no firm stands there."""
        head = self.index.heads.find(self.text)
        if head is None or names_firm(self.text, head.end):
            return None
        self.tokens = self.index.tokens(self.text, head.end)
        follows = self.tokens.get(head.end, [])
        if not [token for token in follows if token.form.admins]:
            return head
        longest = follows[0]  # 南阳镇 is a town, not the city 南阳
        return head if says_place(longest) and not longest.form.admins else None

    def _read_head(self) -> Head:
        index, text = self.index, self.text
        self.tokens = index.tokens(text)
        self.skipped = find_start(text, self.tokens)
        if self.skipped:
            self.text = text = text[self.skipped :]
            self.tokens = index.tokens(text)
        head = read_head(text, self.tokens, index)
        if head.plain and head.county_said and not (head.conflict or head.slip or self.skipped):
            index.heads.keep(text, head, index.longer_names(text[head.last : head.end]))
        return head

    def spots_at(self, start: int) -> list[Hit]:
        """Villages and what lies below them read exactly at `start`, one hit a place, the best first."""
        best: dict[int, Hit] = {}
        counties, county = self.head.counties, self.index.county
        for token in self.tokens.get(start, ()):
            for place, quality in token.form.spots:
                if counties is not None and county[place] not in counties:
                    continue
                hit = self._spot(token, place, quality)
                if hit and (place not in best or _order(hit) < _order(best[place])):
                    best[place] = hit
        return sorted(best.values(), key=_order) if len(best) > 1 else list(best.values())

    def towns_at(self, start: int) -> list[Hit]:
        """Towns read exactly at `start`: the longest reading, all places that share it."""
        for token in self.tokens.get(start, ()):
            towns = [
                Hit(place, start, token.end, quality)
                for place, quality in token.form.towns
                if self._allowed(place) and (quality != CORE or self._core_may_stand(place, token.end))
            ]
            if towns:
                best = min(hit.quality for hit in towns)
                return self.nearest_home([hit for hit in towns if hit.quality == best])
        return []

    def nearest_home(self, hits: list[Hit]) -> list[Hit]:
        """The bank's own county first, where the address names none."""
        if self.head.county_said or self.home < 0:
            return hits
        return [hit for hit in hits if self.index.county[hit.place] == self.home] or hits

    def town_spots_like(self, start: int, towns: Iterable[int]) -> list[Hit]:
        """Spots of `towns` that stand at `start` with a slip, the cheapest first."""
        return self._slips(start, self.index.sounds_of_town, towns, 2.0)

    def county_spots_like(self, start: int) -> list[Hit]:
        """Spots of the remaining counties that stand at `start` with a single slip, the cheapest first."""
        return self._slips(start, self.index.sounds_of_county, self.counties(), SLIP)

    def _slips(self, start: int, sounds: Sounds, groups: Iterable[int], ceiling: float) -> list[Hit]:
        """The likeliest are compared first; what must be clearly worse than the best is not compared."""
        window = self.text[start : start + _LONGEST]
        heard = heard_in(window[:10])
        likely = [pair for group in groups for pair in sounds.alike(group, heard)]
        longest = max((len(self.index.names[place]) for _, place in likely), default=0)
        extra = added_costs(window[: longest + _WIDER])
        hits: list[Hit] = []
        for unlike, place in sorted(likely):
            if unlike * SHAPE > ceiling:
                break
            if hit := self._slip(place, start, (window, extra), ceiling):
                hits.append(hit)
                ceiling = min(ceiling, hit.cost + TIE)
        return sorted(hits, key=lambda hit: (hit.cost, -hit.end, hit.place))

    def town_slips_at(self, start: int) -> list[Hit]:
        """Towns of the remaining counties that stand at `start` with a slip, the cheapest first."""
        hits = []
        heard = heard_in(self.text[start : start + 16])
        for _, place in [
            pair for county in self.counties() for pair in self.index.sounds_of_towns.alike(county, heard)
        ]:
            name = self.index.names[place]
            window = self.text[start : start + len(name) + _WIDER]
            limit = OTHER if len(town_core(name)) <= 3 else 1.3
            cost, length = prefix_cost(name, window, limit)
            if cost <= limit and length and _closes(name, window, length):
                hits.append(Hit(place, start, start + length, NAME, cost))
        return sorted(hits, key=lambda hit: (hit.cost, hit.place))

    def counties(self) -> Iterable[int]:
        """Those the head left open; without a head the home county, or all."""
        if self.head.counties is not None:
            return self.head.counties
        return (self.home,) if self.home >= 0 else self.index.spots_of_county

    def _allowed(self, place: int) -> bool:
        counties = self.head.counties
        return counties is None or self.index.county[place] in counties

    def _core_may_stand(self, town: int, end: int) -> bool:
        """A town without its suffix counts at the end of the text or right before one of its own spots."""
        if end == len(self.text):
            return self.head.county_said
        spots = (place for token in self.tokens.get(end, ()) for place, _ in token.form.spots)
        return any(self.index.town[place] == town for place in spots)

    def _spot(self, token: Token, place: int, quality: int) -> Hit | None:
        end, text = token.end, self.text
        if self.index.rank[place] > VILLAGE and token.end - token.start > 2:
            return None if _NAME_GOES_ON.match(text, end) else Hit(place, token.start, end, quality)
        if quality == CORE:
            community = self.index.places[place].kind == "community"
            for pattern, same in ((_VILLAGE_TAIL, not community), (_COMMUNITY_TAIL, community)):
                if tail := pattern.match(text, end):
                    return Hit(place, token.start, tail.end(), NAME if same else VARIANT)
            if _NAMED_AFTER.match(text, end):
                return None
            if token.form.complete or _ENDS_HERE.match(text, end):
                return Hit(place, token.start, end, CORE)
            return Hit(place, token.start, end, LOOSE) if _GOES_AWAY.match(text, end) else None
        if token.form.complete:
            return None if _ROAD.match(text, end) else Hit(place, token.start, end, quality)
        return Hit(place, token.start, end, quality) if _ENDS_HERE.match(text, end) else None

    def _slip(
        self, place: int, start: int, window: tuple[str, Sequence[float]], ceiling: float
    ) -> Hit | None:
        """The place's name read with a slip, else its short name where something may end a name behind it."""
        name = self.index.names[place]
        core = village_core(name)
        length = len(name) + _WIDER
        text = window[0][:length]
        limit = min(ceiling, _limit(len(core), bare=False))
        brief, whole = prefix_costs(name, len(core), text, limit, window[1][:length])
        for form, (cost, end) in ((name, whole), (core, brief)):
            bare = form == core and not COMPLETE.search(form)
            if not end or cost > (min(ceiling, _limit(len(core), bare=True)) if bare else limit):
                continue
            if not bare:
                if _closes(form, text, end):
                    return Hit(place, start, start + end, NAME, cost)
            elif (tail := self._bare_tail(place, start + end)) is not None:
                return Hit(place, start, tail[0], CORE, cost + tail[1])
        return None

    def _bare_tail(self, place: int, end: int) -> tuple[int, float] | None:
        """Where a short name ends with its tail (居委会), and what a tail of the other kind costs."""
        community = self.index.places[place].kind == "community"
        for pattern, same in ((_VILLAGE_TAIL, not community), (_COMMUNITY_TAIL, community)):
            if tail := pattern.match(self.text, end):
                return tail.end(), 0.0 if same else _STRANGE_TAIL
        stands = _ENDS_HERE.match(self.text, end) or _GOES_AWAY.match(self.text, end)
        return (end, 0.0) if stands else None


def _order(hit: Hit) -> tuple[int, int, int]:
    return (-hit.end, hit.quality, hit.place)


def _limit(core_length: int, *, bare: bool) -> float:
    """How much may be wrong: a short name bears one slip, a long one two lighter ones."""
    if core_length <= 1:
        return SOUND
    limit = OTHER if core_length <= 3 else 1.3 if core_length == 4 else 1.9
    return min(limit, SWAP if core_length < 4 else OTHER) if bare else limit


def _closes(form: str, window: str, length: int) -> bool:
    """Whether the read part ends as the name does: its last character the same, alike, or swapped."""
    last = window[length - 1]
    if swap_cost(form[-1], last) < OTHER:
        return True
    return len(form) > 1 and length > 1 and last == form[-2] and window[length - 2] == form[-1]
