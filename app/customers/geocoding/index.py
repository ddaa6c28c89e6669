"""All written forms of all places in one Aho-Corasick automaton, with the tree of parents beside it."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import ahocorasick  # type: ignore[import-not-found, unused-ignore]

from app.customers.geocoding.counties import COUNTY_TAIL, AdminName, list_admin_names, list_counties
from app.customers.geocoding.known_heads import KnownHeads
from app.customers.geocoding.names import (
    COMPLETE,
    FIGURE_NAME,
    ROAD_NUMBER,
    asides,
    estate_core,
    fold,
    town_core,
    village_core,
)
from app.customers.geocoding.places import PLACE_LEVELS, Place
from app.customers.geocoding.sounds import Sounds

NAME, FORMER, VARIANT, CORE, LOOSE = range(5)  # how well a form says its place, best first
RANK = {level: rank for rank, level in enumerate(PLACE_LEVELS)}
TOWN, VILLAGE = RANK["town"], RANK["village"]
CORES: dict[int, Callable[[str], str]] = {TOWN: town_core, VILLAGE: village_core}
ESTATES = frozenset(("compound", "group", ""))
_TOWN_SUFFIXES = ("镇", "乡", "街道", "街道办事处", "街道办", "办事处", "公社")


class Form(NamedTuple):
    """What one string may mean: admin names, towns and spots (villages and below) with their quality."""

    length: int
    admins: tuple[AdminName, ...]
    towns: tuple[tuple[int, int], ...]
    spots: tuple[tuple[int, int], ...]
    complete: bool = False  # whether it ends as names of villages and estates do


class Token(NamedTuple):
    """A form found in a text, from `start` to `end`."""

    start: int
    end: int
    form: Form


class Index:
    """Places by number, their ancestors, and the automaton over their forms."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = tuple(places)
        self.names = [fold(place.name) for place in self.places]
        self.rank = [RANK[place.level] for place in self.places]
        self._by_code = {place.code: number for number, place in enumerate(self.places)}
        lines = [self._ancestors(number) for number in range(len(self.places))]
        self.county = [line.get("county", -1) for line in lines]
        self.town = [line.get("town", -1) for line in lines]
        self.village = [line.get("village", -1) for line in lines]
        self.parent = [self._by_code.get(place.parent_code, -1) for place in self.places]
        self.figures = [n for n, rank in enumerate(self.rank) if rank > VILLAGE and is_figure(self.names[n])]
        figures = set(self.figures)
        self.national = self._national_codes()
        self.longest_county = max((len(self.names[n]) for n in self.national.values()), default=0)
        self.spots_of_town = self._group(self.town, lambda n: self.rank[n] >= VILLAGE and n not in figures)
        self.spots_of_county = self._group(
            self.county, lambda n: self.rank[n] >= VILLAGE and n not in figures
        )
        self.towns_of_county = self._group(self.county, lambda n: self.rank[n] == TOWN)
        self.heads = KnownHeads()
        self.sounds_of_town = Sounds(self.spots_of_town, self.short_name)
        self.sounds_of_county = Sounds(self.spots_of_county, self.short_name)
        self.sounds_of_towns = Sounds(self.towns_of_county, self.short_name)
        self.has_digits = False
        self.has_below = sum(rank > VILLAGE for rank in self.rank) > len(self.figures)
        self._automaton = self._build()

    def tokens(self, text: str, begin: int = 0) -> dict[int, list[Token]]:
        """Every known form in the text from `begin` on by its start, the longest first."""
        found: dict[int, list[Token]] = {}
        for last, form in self._automaton.iter(text, begin):
            start = last + 1 - form[0]
            token = Token(start, last + 1, form)
            if start in found:
                found[start].insert(0, token)
            else:
                found[start] = [token]
        return found

    def longer_names(self, name: str) -> tuple[str, ...]:
        """The known forms that begin with `name` and go on."""
        return tuple(form for form in self._automaton.keys(name) if len(form) > len(name))

    def short_name(self, number: int) -> str:
        """The name without what says its level: 村, 社区, 镇, 小区."""
        return CORES.get(self.rank[number], estate_core)(self.names[number])

    def _ancestors(self, number: int) -> dict[str, int]:
        line: dict[str, int] = {}
        here: int | None = number
        for _ in PLACE_LEVELS:
            if here is None:
                break
            line.setdefault(self.places[here].level, here)
            here = self._parent(self.places[here])
        return line

    def _parent(self, place: Place) -> int | None:
        """By the parent's code; a statistics code also tells its parent by its first digits."""
        if place.parent_code in self._by_code:
            return self._by_code[place.parent_code]
        if not place.parent_code and place.code.isdigit():
            for size in (12, 9, 6, 4, 2):
                if size < len(place.code) and place.code[:size] in self._by_code:
                    return self._by_code[place.code[:size]]
        return None

    def _group(self, keys: Iterable[int], wanted: Callable[[int], bool]) -> dict[int, tuple[int, ...]]:
        groups: dict[int, list[int]] = defaultdict(list)
        for number, key in enumerate(keys):
            if wanted(number):
                groups[key].append(number)
        return {key: tuple(members) for key, members in groups.items()}

    def _national_codes(self) -> dict[str, int]:
        """The national six-digit code of each of our counties -> its number (own code where unknown)."""
        by_name: dict[str, set[str]] = defaultdict(set)
        codes = set()
        for county in list_counties():
            by_name[county.name].add(county.code)
            codes.add(county.code)
        found = {}
        for number, place in enumerate(self.places):
            if place.level == "county":
                named = by_name.get(place.name, set())
                known = (
                    place.code
                    if place.code in codes
                    else next(iter(named))
                    if len(named) == 1
                    else place.code
                )
                found[known] = number
        return found

    def _build(self) -> "ahocorasick.Automaton":
        admins: dict[str, dict[AdminName, None]] = defaultdict(dict)
        places: tuple[dict[str, dict[int, int]], ...] = (defaultdict(dict), defaultdict(dict))
        for name in (*list_admin_names(), *self._county_names()):
            admins[fold(name.form)][name] = None
        figures = set(self.figures)
        for number, rank in enumerate(self.rank):
            for form, quality in self._forms(number) if rank >= TOWN and number not in figures else ():
                kept = places[rank >= VILLAGE][form]
                kept[number] = min(quality, kept.get(number, CORE))
        towns, spots = places
        automaton = ahocorasick.Automaton()
        for form in {**admins, **towns, **spots}:
            self.has_digits = self.has_digits or any(map(str.isdigit, form))
            form_towns, form_spots = tuple(towns.get(form, {}).items()), tuple(spots.get(form, {}).items())
            complete = bool(form_spots) and COMPLETE.search(form) is not None
            meant = Form(len(form), tuple(admins.get(form, ())), form_towns, form_spots, complete)
            automaton.add_word(form, meant)
        automaton.make_automaton()
        return automaton

    def _county_names(self) -> Iterator[AdminName]:
        """What the national list does not know of our own counties: aliases, former names, own codes."""
        for code, number in self.national.items():
            place = self.places[number]
            yield AdminName(place.name, "county", code)
            yield from (AdminName(old, "former_county", code) for old in place.former_names)
            for short in (COUNTY_TAIL.sub("", place.name), *place.aliases):
                if len(short) >= 2 and short != place.name:
                    yield AdminName(short, "county", code, short=True)

    def _forms(self, number: int) -> Iterator[tuple[str, int]]:
        place = self.places[number]
        given = (place.name, place.official_name, *asides(place.name), *asides(place.official_name))
        core = CORES.get(self.rank[number], estate_core)
        raw = [(name, NAME) for name in given] + [(name, FORMER) for name in place.former_names]
        raw += [
            (name, NAME if core(name) != name and name != core(place.name) else CORE)
            for name in place.aliases
        ]
        for name, quality in raw:
            form = fold(name)
            yield from ((form, quality),) if len(form) >= 2 else ()
            short = core(form)
            if short != form and len(short) >= 2:
                yield short, max(CORE, quality)
        yield from ((bare, VARIANT) for bare in self._without_owner(number))
        if self.rank[number] > VILLAGE and place.kind in ESTATES and estate_core(form) == form:
            yield form + "小区", VARIANT
        name = self.names[number]
        if self.rank[number] == TOWN and len(town_core(name)) >= 2 and town_core(name) != name:
            yield from ((town_core(name) + suffix, VARIANT) for suffix in _TOWN_SUFFIXES)

    def _without_owner(self, number: int) -> Iterator[str]:
        """南通市海门区畜禽良种场 is written 畜禽良种场: what is left without the county or city in front."""
        county, name = self.county[number], self.names[number]
        owners = (county, self.parent[county]) if county >= 0 else ()
        for owner in (COUNTY_TAIL.sub("", self.names[above]) for above in owners if above >= 0):
            if len(owner) >= 2 and owner in name:
                bare = re.sub(rf"^(?:\w{{2,4}}[市州盟])?{re.escape(owner)}[市区县旗盟]?", "", name)
                if 3 <= len(bare) < len(name):
                    yield bare


def is_figure(name: str) -> bool:
    """Whether a name is only a figure (3组, 5幢, 长江路12号), to be looked up below its place."""
    figure = FIGURE_NAME.search(name)
    whole = figure is not None and (figure.start() == 0 or figure["kind"][-1] in "组队")
    return whole or ROAD_NUMBER.fullmatch(name) is not None  # 崔府一号 is an estate
