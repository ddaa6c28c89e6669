"""Groups, houses and buildings that have rows of their own in the gazetteer: 习正村 + 3组 -> its place.

Their names are figures, so they are looked up below the place that was found, never searched in a text.
"""

import re
from collections import defaultdict

from app.customers.geocoding.below import Below
from app.customers.geocoding.index import TOWN, VILLAGE, Index
from app.customers.geocoding.likeness import count_of
from app.customers.geocoding.names import FIGURE_NAME, ROAD_NUMBER

_KINDS = {"组": "group", "队": "group", "号": "house", "幢": "building", "栋": "building", "楼": "building"}


class Rungs:
    """The places of an index that are named by a figure, by the place above them."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._figures: dict[tuple[int, str, str], set[int]] = defaultdict(set)
        self._roads: dict[str, set[int]] = defaultdict(set)
        for number in index.figures:
            self._add(number)

    def __bool__(self) -> bool:
        return bool(self.index.figures)

    def _add(self, number: int) -> None:
        index = self.index
        name = index.names[number]
        if road := ROAD_NUMBER.search(name):
            self._roads[_road_key(road)].add(number)
        elif figure := FIGURE_NAME.search(name):
            parent, kind = index.parent[number], _KINDS[figure["kind"][-1]]
            for above in {parent, index.village[number]} - {-1, number}:
                self._figures[above, kind, count_of(figure["count"])].add(number)

    def deepen(self, place: int, below: Below, tail: str) -> int:
        """The finest place below `place` (a town or finer) that the address names, or `place` itself."""
        if road := ROAD_NUMBER.search(tail):
            here = [n for n in self._roads.get(_road_key(road), ()) if self._within(n, place)]
            if len(here) == 1:
                return here[0]
        if self.index.rank[place] < VILLAGE:
            return place
        for kind, count in (("group", below.group), ("building", below.building), ("house", below.house)):
            inner = self._figures.get((place, kind, count_of(count)), ()) if count else ()
            place = next(iter(inner)) if len(inner) == 1 else place
        return place

    def _within(self, number: int, place: int) -> bool:
        level = self.index.town if self.index.rank[place] == TOWN else self.index.village
        return level[number] == level[place] >= 0


def _road_key(road: re.Match[str]) -> str:
    return f"{road['road']}{road['number']}"
