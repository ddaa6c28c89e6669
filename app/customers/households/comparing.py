"""What a run would change of a village's stored households: equal ones keep their number and their rows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.customers.households.linking import Family


@dataclass(frozen=True, slots=True)
class Stored:
    """A customer's membership as it is stored, with the household it belongs to."""

    customer_id: int
    household_id: int
    state: str
    confidence: float
    reasons: tuple[str, ...]
    household: tuple[str, float, int | None, str | None, str | None]

    @property
    def is_open(self) -> bool:
        """Whether the machine may move him: nobody has confirmed him, nor his household."""
        return self.state == "proposed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A household to be written: its number when it keeps one, its facts, its members."""

    household_id: int | None
    village: str
    family: Family


@dataclass(frozen=True)
class Change:
    """What is to be done in one village: households to write, customers whose old rows go, how many stay."""

    wanted: list[Wanted]
    dropped: list[int]
    same: int


def compare_village(village: str, families: Sequence[Family], stored: Iterable[Stored]) -> Change:
    """The difference between what was found and what is stored; nothing where both are equal."""
    held = {one.customer_id: one for one in stored}
    numbers = _claim_numbers(village, families, held)
    members_of: dict[int, set[int]] = {}
    for one in held.values():
        members_of.setdefault(one.household_id, set()).add(one.customer_id)
    wanted, kept = [], set()
    for family, number in zip(families, numbers, strict=True):
        if _is_same(village, family, number, held, members_of):
            kept |= {member.customer_id for member in family.members}
        else:
            wanted.append(Wanted(number, village, family))
    dropped = sorted(one.customer_id for one in held.values() if one.is_open and one.customer_id not in kept)
    return Change(wanted, dropped, len(families) - len(wanted))


def _claim_numbers(village: str, families: Sequence[Family], held: dict[int, Stored]) -> list[int | None]:
    """The stored number of each family: that of most of its members, each number once."""
    numbers: list[int | None] = [family.confirmed for family in families]
    claims = []
    for at, family in enumerate(families):
        known = (held[m.customer_id] for m in family.members if m.customer_id in held)
        open_ = [
            one.household_id
            for one in known
            if one.household[0] == "proposed" and one.household[4] == village
        ]
        claims += [(-count, number, at) for number, count in Counter(open_).items()]
    taken = set(numbers)
    for _, number, at in sorted(claims):
        if numbers[at] is None and number not in taken:
            numbers[at] = number
            taken.add(number)
    return numbers


def _is_same(
    village: str,
    family: Family,
    number: int | None,
    held: dict[int, Stored],
    members_of: dict[int, set[int]],
) -> bool:
    """Whether a family stands in the tables just so."""
    if number is None or members_of.get(number) != {member.customer_id for member in family.members}:
        return False
    for member in family.members:
        one = held[member.customer_id]
        if one.is_open and (one.confidence, one.reasons) != (member.confidence, member.reasons):
            return False
    if family.confirmed is not None:
        return True
    facts = ("proposed", family.confidence, family.head_id, family.address_key, village)
    return held[family.members[0].customer_id].household == facts
