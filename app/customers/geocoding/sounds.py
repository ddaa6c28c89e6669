"""Which names of a town or a county may be meant by a misspelt one, found by the syllables they share."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

from app.customers.geocoding.likeness import readings

Keyed = dict[str, tuple[int, ...]]


class Sounds:
    """The places of some groups by the syllables of their short names; a group is read when first asked."""

    def __init__(self, groups: Mapping[int, Sequence[int]], short_name: Callable[[int], str]) -> None:
        self._groups, self._short_name = groups, short_name
        self._lengths: dict[int, int] = {}
        self._needed: dict[int, int] = {}  # so many characters must be heard
        self._keyed: dict[int, Keyed] = {}

    def alike(self, group: int, heard: Iterable[str]) -> list[tuple[int, int]]:
        """How many characters of a name are not heard, and its place, the fewest first."""
        keyed = self._keyed.get(group)
        if keyed is None:
            keyed = self._keyed[group] = self._read(group)
        shared = Counter(chain.from_iterable([keyed[key] for key in heard if key in keyed]))
        lengths, needed = self._lengths, self._needed
        return sorted(
            [
                (lengths[place] - times if times < lengths[place] else 0, place)
                for place, times in shared.items()
                if times >= needed[place]
            ]
        )

    def _read(self, group: int) -> Keyed:
        keyed: dict[str, list[int]] = defaultdict(list)
        for place in self._groups.get(group, ()):
            name = self._short_name(place)
            self._lengths[place] = len(name)
            self._needed[place] = len(name) - (1 if len(name) <= 3 else 2)
            for char in name:
                for key in readings(char):
                    keyed[key].append(place)
        return {key: tuple(places) for key, places in keyed.items()}
