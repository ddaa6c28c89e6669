"""The filter's lists in the panel: what can be chosen of each field, by the words that say it."""

from app.customers.filters import CHOICES
from app.customers.outcome import LADDER

NAMES = {
    "tier": "tier",
    "standing": "standing",
    "kind": "filter_kind",
    "rung": "ladder",
    "pointed": "filter_pointed",
    "filed": "filter_filed",
}
ORDERED = {"rung": tuple(map(str, LADDER))}
# Field, the word of its name, each value with the word that says it.
CHOSEN: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = tuple(
    (key, name, tuple((value, f"{key}_{value}") for value in ORDERED.get(key, CHOICES[key])))
    for key, name in NAMES.items()
)
