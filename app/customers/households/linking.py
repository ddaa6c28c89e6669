"""The kernel: the records of one village → its households, with confidence and reasons. Pure.

Pairs that share an evidence are weighed, the surest are joined first, and a join never brings a
contradiction into a cluster. Who fits two households alike is left out of both. Equal records give equal
households in whatever order they come.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from app.customers.households.contradictions import contradict, fit_together
from app.customers.households.evidence import (
    COMMON_SURNAME,
    CROWDED,
    GROUNDS,
    LEAST,
    MOST_ON_A_PHONE,
    MOST_PERSONS,
    OVERFULL,
    RIVALRY,
    weigh,
)
from app.customers.households.persons import Person, Record, gather_persons

Apart = Collection[tuple[int, int]]
Pair = tuple[int, int]
GROUND_OF = {"flat": "same_flat", "house": "same_house", "number": "same_number"}
YOUNGER = frozenset({"son", "daughter", "child", "grandchild"})


@dataclass(frozen=True)
class Member:
    """A customer of a household, how sure, and why."""

    customer_id: int
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Family:
    """A household that was found: its members by id, its confidence, its head and dwelling where known."""

    members: tuple[Member, ...]
    confidence: float
    head_id: int | None
    address_key: str | None
    confirmed: int | None = None


@dataclass
class Cluster:
    """Persons joined so far; `sure` is the confidence of each place, `reasons` what joined it."""

    places: list[int]
    sure: dict[int, float] = field(default_factory=dict)
    reasons: dict[int, frozenset[str]] = field(default_factory=dict)
    confidence: float = 1.0


def link_village(records: Iterable[Record], apart: Apart = ()) -> list[Family]:
    """The households of a village's records, each of two persons at least or confirmed; by lowest member.

    `apart` holds pairs of customer ids, the lower first, that somebody has set apart.
    """
    persons = gather_persons(records)
    pairs = _weigh_pairs(persons, apart)
    left_out: set[int] = set()
    while True:
        clusters = _join(persons, pairs, apart, left_out=left_out)
        torn = _find_torn(persons, pairs, clusters) - left_out
        if not torn:
            break
        left_out |= torn
    found = [_tell(persons, cluster) for cluster in clusters if len(cluster.places) > 1]
    kept = [_tell(persons, cluster) for cluster in clusters if _is_kept(persons, cluster)]
    return sorted(found + kept, key=lambda family: family.members[0].customer_id)


def _is_kept(persons: Sequence[Person], cluster: Cluster) -> bool:
    """A confirmed household of whom only one is left here."""
    return len(cluster.places) == 1 and persons[cluster.places[0]].confirmed is not None


def _weigh_pairs(persons: Sequence[Person], apart: Apart) -> dict[Pair, tuple[float, frozenset[str]]]:
    """Every pair that shares a ground and does not contradict itself, with its confidence and evidences."""
    shared: dict[Pair, set[str]] = defaultdict(set)
    for codes, block in _list_blocks(persons):
        for pair in combinations(block, 2):
            shared[pair] |= codes
    common = _find_common_surnames(persons) if shared else frozenset()
    pairs = {}
    for (a, b), codes in shared.items():
        one, other = persons[a], persons[b]
        if not codes & GROUNDS or contradict(one, other, apart):
            continue
        told = frozenset(codes | _compare(one, other, common, heads="one_head" in codes)) - {"one_head"}
        confidence = weigh(told)
        if confidence >= LEAST:
            pairs[a, b] = (confidence, told)
    return pairs


def _list_blocks(persons: Sequence[Person]) -> Iterator[tuple[set[str], list[int]]]:
    """Persons that share a number, a dwelling or a telephone, with the evidences of the sharing."""
    rosters: dict[tuple[str, str], list[int]] = defaultdict(list)
    dwellings: dict[tuple[str, str], list[int]] = defaultdict(list)
    phones: dict[bytes, list[int]] = defaultdict(list)
    for at, person in enumerate(persons):
        for roster in person.rosters:
            rosters[roster].append(at)
        for house in person.houses:
            dwellings[house.kind, house.key].append(at)
        for phone in person.phones:
            phones[phone].append(at)
    for block in rosters.values():
        if 1 < len(block) <= MOST_PERSONS:
            yield {"same_roster_no", *_one_head(persons, block)}, block
    for (kind, _), block in dwellings.items():
        if 1 < len(block) < OVERFULL:
            yield {GROUND_OF[kind], *_describe(persons, block)}, block
    for block in phones.values():
        if 1 < len(block) <= MOST_ON_A_PHONE:
            yield {"same_phone"}, block


def _one_head(persons: Sequence[Person], block: list[int]) -> set[str]:
    """Relations are told to a head: they fit where there is just one."""
    return {"one_head"} if sum(persons[at].is_head for at in block) == 1 else set()


def _describe(persons: Sequence[Person], block: list[int]) -> set[str]:
    """What else a dwelling says: how many are registered there, and whether they are several households."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for at in block:
        for source, number in persons[at].rosters:
            numbers[source].add(number)
    heads = sum(persons[at].is_head for at in block)
    several = heads > 1 or any(len(known) > 1 for known in numbers.values())
    told = _one_head(persons, block)
    if several:
        told = {"several_households"}
    return told | ({"crowded_house"} if len(block) >= CROWDED else set())


def _find_common_surnames(persons: Sequence[Person]) -> frozenset[str]:
    """Surnames that so many of the village bear that they tell nothing."""
    counts = Counter(person.surname for person in persons)
    least = max(COMMON_SURNAME * len(persons), 12)
    return frozenset(surname for surname, count in counts.items() if count > least)


def _compare(one: Person, other: Person, common: frozenset[str], *, heads: bool) -> set[str]:
    """What two persons say beside where they live: surname and relation."""
    told: set[str] = set()
    same = one.surname == other.surname
    if same and one.surname and one.surname not in common:
        told.add("same_surname")
    if heads and (one.is_head or other.is_head):
        rest = other.relations if one.is_head else one.relations
        if rest - {"other"}:
            told.add("relation_fits")
            if not same and rest & YOUNGER:
                told.add("surname_differs")
    return told


def _join(
    persons: Sequence[Person],
    pairs: dict[Pair, tuple[float, frozenset[str]]],
    apart: Apart,
    *,
    left_out: set[int],
) -> list[Cluster]:
    """Join the surest pairs first; confirmed households stand before anything is joined."""
    cluster_of = _start(persons)
    for (a, b), (confidence, codes) in sorted(pairs.items(), key=lambda item: (-item[1][0], item[0])):
        one, other = cluster_of[a], cluster_of[b]
        if one is other or a in left_out or b in left_out:
            continue
        if not fit_together([persons[p] for p in one.places], [persons[p] for p in other.places], apart):
            continue
        _merge(persons, one, other, confidence=confidence)
        for place in (a, b):
            one.reasons[place] = one.reasons.get(place, frozenset()) | codes
        for place in other.places:
            cluster_of[place] = one
    return list({id(cluster): cluster for cluster in cluster_of.values()}.values())


def _start(persons: Sequence[Person]) -> dict[int, Cluster]:
    """Each person alone, but those of one confirmed household together."""
    cluster_of: dict[int, Cluster] = {}
    kept: dict[int, Cluster] = {}
    for at, person in enumerate(persons):
        if person.confirmed is None:
            cluster_of[at] = Cluster([at])
            continue
        cluster_of[at] = kept.setdefault(person.confirmed, Cluster([]))
        cluster_of[at].places.append(at)
        cluster_of[at].sure[at] = 1.0
        cluster_of[at].reasons[at] = frozenset({"by_hand"})
    return cluster_of


def _merge(persons: Sequence[Person], one: Cluster, other: Cluster, *, confidence: float) -> None:
    """The other's persons join the one; whoever joins the core is no surer than the join."""
    core, guest = sorted((one, other), key=lambda cluster: _rank(persons, cluster))
    for place in core.places:
        core.sure.setdefault(place, confidence)
    sure = {place: min(guest.sure.get(place, 1.0), confidence) for place in guest.places}
    one.sure = {**core.sure, **sure}
    one.reasons = {**one.reasons, **other.reasons}
    one.confidence = min(one.confidence, other.confidence, confidence)
    one.places = sorted(one.places + other.places)


def _rank(persons: Sequence[Person], cluster: Cluster) -> tuple[bool, bool, int, int]:
    """The core comes first: confirmed, with its head, larger, older."""
    confirmed = any(persons[at].confirmed is not None for at in cluster.places)
    headed = any(persons[at].is_head for at in cluster.places)
    return (not confirmed, not headed, -len(cluster.places), min(cluster.places))


def _find_torn(
    persons: Sequence[Person], pairs: dict[Pair, tuple[float, frozenset[str]]], clusters: list[Cluster]
) -> set[int]:
    """Who fits a household that is not his (nearly) as well as his own: chosen by nothing but chance."""
    home = {place: number for number, cluster in enumerate(clusters) for place in cluster.places}
    inside: dict[int, float] = defaultdict(float)
    outside: dict[int, float] = defaultdict(float)
    for (a, b), (confidence, _) in pairs.items():
        best = inside if home[a] == home[b] else outside
        for place in (a, b):
            best[place] = max(best[place], confidence)
    return {
        place
        for place, confidence in inside.items()
        if persons[place].confirmed is None and outside[place] >= confidence - RIVALRY
    }


def _tell(persons: Sequence[Person], cluster: Cluster) -> Family:
    """A cluster as a family: every record of every person is a member."""
    members = []
    for place in cluster.places:
        person = persons[place]
        reasons = cluster.reasons.get(place, frozenset())
        if len(person.records) > 1:
            reasons |= {"same_person"}
        sure = round(cluster.sure.get(place, 1.0), 3)
        members += [_as_member(record, sure, reasons) for record in person.records]
    own = [persons[place] for place in cluster.places]
    heads = [person.id for person in own if person.is_head]
    return Family(
        members=tuple(sorted(members, key=lambda member: member.customer_id)),
        confidence=round(cluster.confidence, 3),
        head_id=heads[0] if len(heads) == 1 else None,
        address_key=_find_dwelling(own),
        confirmed=next((person.confirmed for person in own if person.confirmed is not None), None),
    )


def _as_member(record: Record, sure: float, reasons: frozenset[str]) -> Member:
    """A record as a member; only the record that somebody confirmed is there by hand."""
    told = reasons - {"by_hand"} if record.confirmed is None else reasons | {"by_hand"}
    return Member(record.id, sure, tuple(sorted(told)))


def _find_dwelling(persons: Sequence[Person]) -> str | None:
    """The dwelling that most of them name, the fullest of equals."""
    keys = Counter(house.key for person in persons for house in person.houses)
    return min(keys, key=lambda key: (-keys[key], -len(key), key)) if keys else None
