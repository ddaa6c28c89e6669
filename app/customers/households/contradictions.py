"""What no household may hold: two persons that contradict each other, or together one thing too many."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.customers.households.evidence import MOST_PERSONS
from app.customers.households.houses import differ
from app.customers.households.persons import Person


@dataclass(frozen=True)
class Contradiction:
    """A reason that two persons can not be of one household: its code, its words, the rule."""

    code: str
    zh: str
    en: str
    holds: Callable[[Person, Person], bool]


def _both_heads(one: Person, other: Person) -> bool:
    return one.is_head and other.is_head


def _both_spouses(one: Person, other: Person) -> bool:
    return "spouse" in one.relations and "spouse" in other.relations


def _other_number(one: Person, other: Person) -> bool:
    numbers = dict(one.rosters)
    return any(numbers.get(source, number) != number for source, number in other.rosters)


def _other_house(one: Person, other: Person) -> bool:
    return any(differ(mine, his) for mine in one.houses for his in other.houses)


def _two_confirmed(one: Person, other: Person) -> bool:
    return None not in (one.confirmed, other.confirmed) and one.confirmed != other.confirmed


CONTRADICTIONS: tuple[Contradiction, ...] = (
    Contradiction("two_confirmed", "分属两个已确认的家庭", "two confirmed households", _two_confirmed),
    Contradiction("two_heads", "两个户主", "two heads", _both_heads),
    Contradiction("two_spouses", "两个配偶", "two spouses", _both_spouses),
    Contradiction("two_numbers", "同一来源户号不同", "two household numbers of one source", _other_number),
    Contradiction("two_houses", "门牌或房号不同", "two house numbers or flats", _other_house),
)


def contradict(one: Person, other: Person, apart: Collection[tuple[int, int]] = ()) -> bool:
    """Whether two persons can not be of one household; `apart` are pairs of customers set apart by hand."""
    if one.confirmed is not None and one.confirmed == other.confirmed:
        return False
    if apart and any((min(a.id, b.id), max(a.id, b.id)) in apart for a in one.records for b in other.records):
        return True
    return any(rule.holds(one, other) for rule in CONTRADICTIONS)


def fit_together(
    one: Sequence[Person], other: Sequence[Person], apart: Collection[tuple[int, int]] = ()
) -> bool:
    """Whether two clusters may be one household: every pair is looked at, and the number of persons."""
    if len(one) + len(other) > MOST_PERSONS:
        return False
    return not any(contradict(a, b, apart) for a in one for b in other)


def is_sound(persons: Sequence[Person], apart: Collection[tuple[int, int]] = ()) -> bool:
    """Whether no two of the persons contradict each other."""
    return not any(contradict(one, other, apart) for one, other in combinations(persons, 2))
