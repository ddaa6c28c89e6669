"""Openings of addresses that were read before: most rows of a bank begin with the same few."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.customers.geocoding.head import Head

_MOST = 4000


class KnownHeads:
    """Plain openings (江苏省南通市海门区) and how they were read; threads may share one.

    An opening is taken only where no place's or division's name goes on beyond it.
    """

    def __init__(self) -> None:
        self._heads: dict[str, Head] = {}
        self._longer: dict[str, tuple[str, ...]] = {}
        self._lengths: tuple[int, ...] = ()

    def find(self, text: str) -> "Head | None":
        """The reading of the longest known opening of `text`, if the name at its end does not go on."""
        for length in self._lengths:
            opening = text[:length]
            head = self._heads.get(opening)
            if head is not None and not text.startswith(self._longer[opening], head.last):
                return head
        return None

    def keep(self, text: str, head: "Head", longer: tuple[str, ...]) -> None:
        """Remember how the opening of `text` was read; `longer` are names that begin like its last one."""
        if len(self._heads) < _MOST:
            opening = text[: head.end]
            self._longer[opening] = longer
            self._heads[opening] = head
            self._lengths = tuple(sorted({len(known) for known in tuple(self._heads)}, reverse=True))
