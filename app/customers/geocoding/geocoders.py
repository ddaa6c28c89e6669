"""The geocoders in the order in which they are asked; a new one is one more entry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.customers.geocoding.answers import Answer
from app.customers.geocoding.matcher import Matcher


@dataclass(frozen=True, slots=True)
class Batch:
    """Addresses to locate and the bank's matcher to do it with."""

    addresses: Sequence[str | None]
    matcher: Matcher


@dataclass(frozen=True, slots=True)
class Geocoder:
    """A way from an address to a place: asked by `order`, its answers never finer than `rung`."""

    key: str
    order: int
    rung: str
    locate: Callable[[Batch], list[Answer]]


def _locate_in_gazetteer(batch: Batch) -> list[Answer]:
    return batch.matcher.match_many(batch.addresses)


GEOCODERS: tuple[Geocoder, ...] = (Geocoder("gazetteer", 10, "house", _locate_in_gazetteer),)
