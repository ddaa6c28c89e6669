"""The geocoders in the order in which they are asked; a new one is one more entry.

The bank's own gazetteer comes first and asks nobody. Behind it stand the map services, in the order of
`PROVIDERS`; they ask only where the batch carries a way out (`Batch.ask`, made by `app.customers.asking` for
services that are switched on, for somebody who may). Without it they answer `none`, and nothing leaves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from app.customers.geocoding.answers import Answer
from app.customers.geocoding.matcher import Matcher
from app.customers.geocoding.providers import PROVIDERS
from app.customers.geocoding.providers.kinds import FINEST

# Provider key and address to an answer; it alone leaves the bank.
Ask = Callable[[str, str | None], Answer]
RUNG_LEVELS = {3: "house", 4: "natural_village", 5: "village", 6: "town"}


@dataclass(frozen=True, slots=True)
class Batch:
    """Addresses to locate, the bank's matcher to do it with, and the way out where there is one."""

    addresses: Sequence[str | None]
    matcher: Matcher
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class Geocoder:
    """A way from an address to a place: asked by `order`, its answers never finer than `rung`."""

    key: str
    order: int
    rung: str
    locate: Callable[[Batch], list[Answer]]


def _locate_in_gazetteer(batch: Batch) -> list[Answer]:
    return batch.matcher.match_many(batch.addresses)


def _locate_outside(key: str, batch: Batch) -> list[Answer]:
    if batch.ask is None:
        return [Answer("none", method="not_asked") for _ in batch.addresses]
    return [batch.ask(key, address) for address in batch.addresses]


GEOCODERS: tuple[Geocoder, ...] = (
    Geocoder("gazetteer", 10, "house", _locate_in_gazetteer),
    *(
        Geocoder(provider.key, 100 + place, RUNG_LEVELS[FINEST], partial(_locate_outside, provider.key))
        for place, provider in enumerate(PROVIDERS)
    ),
)
