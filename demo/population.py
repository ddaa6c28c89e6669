"""Who the invented customers are and where they live, as columns; one row a customer.

Nothing here knows how a file is written: `demo.customers` turns these columns into text.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.addresses import NOISE
from demo.clients import CLIENTS
from demo.gazetteer import FOLK_NAMES
from demo.outline import Numbers
from demo.papers import Ints
from demo.settlement import Settled, draw_houses, draw_stalls, find_markets

PERSON, MERCHANT, FIRM = 0, 1, 2
KIND_SHARES = (0.93, 0.052, 0.018)
FAMILY_SIZES = (0.22, 0.27, 0.27, 0.15, 0.09)
LOCATED_SHARE = 0.596
ELSEWHERE_SHARE = 0.05  # of the located ones: the address names a neighbour of the village the point lies in
FAR_SHARE = 0.002  # and these any village of the county: somebody moved, or a number was mistyped
KIN_SHARE = 0.3  # of the prospects: they live in the household of somebody the bank knows
MARKET_SHARE = {MERCHANT: 0.35, FIRM: 0.2}
DATUMS, DATUM_SHARES = ("CGCS2000", "WGS84", "GCJ02"), (0.72, 0.14, 0.14)
# Points that are well-formed and impossible, and cells that are no number at all.
# Those of `undeclared` are right in GCJ-02, which the row does not say: half a kilometre off.
ODD = ("", "null_island", "sea", "swapped", "not_a_number", "undeclared")
ODD_SHARE = 0.00015
NOT_A_NUMBER_SHARE = 0.0005
UNDECLARED_SHARE = 0.003
FOLK_SHARE = 0.15  # of the people without coordinates in a village that has a folk name
NOISES = tuple(NOISE)


@dataclass
class Population:
    """Columns of equal length; rows refer to `Settled.units` and `.markets`; points are EPSG:4549 metres.

    `unit` is where the customer truly is (for a located row: where the point lies), `address_unit` the one
    the address names. Families below `kin` are those of another population.
    `odd` is an index into `ODD`, `noise` into `NOISES`, `datum` into `DATUMS`.
    """

    unit: Ints
    address_unit: Ints
    market: Ints
    hamlet: Ints
    family: Ints
    kind: Ints
    points: Numbers
    located: NDArray[np.bool_]
    datum: Ints
    odd: Ints
    noise: Ints
    client: Ints
    kin: int = 0

    def __len__(self) -> int:
        return len(self.unit)


def draw_population(
    settled: Settled, count: int, *, rng: np.random.Generator, known: Population | None = None
) -> Population:
    """Draw `count` customers in families, spread over the units by their residents.

    Those whom the bank knows already (`known`) have the named clients among them; of those who come after,
    some live in their families.
    """
    people = _draw_families(settled, count, rng)
    people.kind = rng.choice(3, count, p=KIND_SHARES)
    if known is not None:
        _join_families(people, known, rng)
    people.family[people.kind != PERSON] = -1
    _move_to_markets(settled, people, rng)
    _choose_located(people, rng)
    if known is None:
        _place_clients(settled, people, rng)
    people.market = find_markets(settled, people.points, people.unit)
    people.address_unit = _choose_address_units(settled, people, rng)
    people.hamlet[people.address_unit != people.unit] = -1
    _call_by_folk_names(settled, people, rng)
    return people


def _draw_families(settled: Settled, count: int, rng: np.random.Generator) -> Population:
    sizes = rng.choice(np.arange(1, 6), count, p=FAMILY_SIZES)
    families = int(np.searchsorted(np.cumsum(sizes), count)) + 1
    share = settled.residents / settled.residents.sum()
    unit_of = rng.choice(len(share), families, p=share)
    points, hamlet = draw_houses(settled, unit_of, rng)
    family = np.repeat(np.arange(families), sizes[:families])[:count][rng.permutation(count)]
    none = np.full(count, -1, dtype=np.int64)
    return Population(
        unit=unit_of[family],
        address_unit=unit_of[family],
        market=none.copy(),
        hamlet=hamlet[family],
        family=family,
        kind=none.copy(),
        points=points[family],
        located=np.zeros(count, dtype=bool),
        datum=rng.choice(len(DATUMS), count, p=DATUM_SHARES),
        odd=np.zeros(count, dtype=np.int64),
        noise=np.zeros(count, dtype=np.int64),
        client=none,
    )


def _join_families(people: Population, known: Population, rng: np.random.Generator) -> None:
    """Some of the people live with those who are known; the others' families have numbers behind theirs."""
    people.kin = int(known.family.max()) + 1
    people.family += people.kin
    homes = np.flatnonzero(known.family >= 0)
    rows = np.flatnonzero((people.kind == PERSON) & (rng.random(len(people)) < KIN_SHARE))
    home = homes[rng.integers(0, len(homes), len(rows))]
    people.family[rows], people.points[rows] = known.family[home], known.points[home]
    people.hamlet[rows], people.unit[rows] = known.hamlet[home], known.unit[home]


def _move_to_markets(settled: Settled, people: Population, rng: np.random.Generator) -> None:
    """Some merchants and firms have their stall in a market."""
    rows = {code: row for row, code in enumerate(settled.units["行政村代码"])}
    hosts = np.array([rows[code] for code in settled.markets["所在村"]])
    chance = rng.random(len(people))
    moved = np.zeros(len(people), dtype=bool)
    for kind, share in MARKET_SHARE.items():
        moved |= (people.kind == kind) & (chance < share)
    stalls = rng.integers(0, len(hosts), int(moved.sum()))
    people.points[moved] = draw_stalls(settled, stalls, rng)
    people.unit[moved] = hosts[stalls]
    people.hamlet[moved] = -1


def _choose_located(people: Population, rng: np.random.Generator) -> None:
    """Exactly 59.6 % carry coordinates, a handful of them impossible; the others carry a noisy address."""
    count = len(people)
    order = rng.permutation(count)
    located = round(count * LOCATED_SHARE)
    people.located[order[:located]] = True
    each = max(3, round(count * ODD_SHARE / 3))
    for number, name in enumerate(ODD[1:4]):
        people.odd[order[number * each : (number + 1) * each]] = ODD.index(name)
    hidden = max(5, round(count * UNDECLARED_SHARE))
    people.odd[order[3 * each : 3 * each + hidden]] = ODD.index("undeclared")
    unreadable = max(5, round(count * NOT_A_NUMBER_SHARE))
    people.odd[order[located : located + unreadable]] = ODD.index("not_a_number")
    shares = np.array(list(NOISE.values()))
    noisy = rng.choice(len(shares), count, p=shares / shares.sum())
    tidy = np.where(rng.random(count) < 0.7, NOISES.index("canonical"), NOISES.index("omit_head"))
    people.noise = np.where(people.located, tidy, noisy)
    # Impossible coordinates stand beside a readable address, so that the address can be asked instead.
    people.noise[people.odd > 0] = NOISES.index("canonical")


def _place_clients(settled: Settled, people: Population, rng: np.random.Generator) -> None:
    """Put the named clients into the first rows that are located and not odd."""
    units = list(zip(settled.units["乡镇名称"], settled.units["行政村名称"], strict=True))
    markets = settled.markets["名称"].tolist()
    rows = np.flatnonzero(people.located & (people.odd == 0))[: len(CLIENTS)]
    for number, (row, client) in enumerate(zip(rows.tolist(), CLIENTS, strict=True)):
        unit = units.index((client.town, client.village))
        people.unit[row] = unit
        people.client[row], people.kind[row] = number, FIRM
        people.hamlet[row] = people.family[row] = -1
        if client.market:
            stall = np.array([markets.index(client.market)])
            people.points[row] = draw_stalls(settled, stall, rng)[0]
        else:
            people.points[row] = draw_houses(settled, np.array([unit]), rng)[0][0]


def _choose_address_units(settled: Settled, people: Population, rng: np.random.Generator) -> Ints:
    """The unit an address names: the true one, but for 5 % of the located rows a neighbour's, for few any."""
    named = people.unit.copy()
    chance = rng.random(len(people))
    away = people.located & (people.odd == 0) & (people.client < 0) & (chance < ELSEWHERE_SHARE)
    luck = rng.integers(0, 1 << 30, len(people))
    for row in np.flatnonzero(away).tolist():
        near = settled.neighbours[named[row]]
        named[row] = near[luck[row] % len(near)]
    far = people.located & (people.odd == 0) & (people.client < 0) & (chance > 1 - FAR_SHARE)
    named[far] = luck[far] % len(settled.units)
    return named


def _call_by_folk_names(settled: Settled, people: Population, rng: np.random.Generator) -> None:
    """Some addresses name their village as only its people do."""
    units = zip(settled.units["乡镇名称"], settled.units["行政村名称"], strict=True)
    called = np.array([unit in FOLK_NAMES for unit in units])
    chosen = rng.random(len(people)) < FOLK_SHARE
    chosen &= called[people.address_unit] & ~people.located & (people.odd == 0) & (people.kind == PERSON)
    people.noise[chosen] = NOISES.index("folk_name")
    people.hamlet[chosen] = -1
