"""The cells of a customer file, column by column: names, papers, addresses, money, visits.

`CellMaker` turns a stretch of a `Population` into the columns of one system's file, and into what is true of
each row; `demo.customers` writes them down.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.spatial import crs
from demo import papers
from demo.addresses import AddressBook
from demo.clients import CLIENTS, FIRM_ENDS, FIRM_WORDS, SHOP_ENDS, TRADES, Client
from demo.names import GIVEN, SURNAMES
from demo.people import ORGANISATION
from demo.population import DATUMS, FIRM, MERCHANT, NOISES, ODD, PERSON, Population
from demo.settlement import Settled, to_degrees

HEADINGS = (
    "客户号", "客户名称", "客户类型", "证件号码", "手机号码", "联系地址", "经度", "纬度", "坐标系",
    "客户等级", "牵头层级", "开户机构", "家庭号", "与户主关系", "存款余额", "贷款余额", "是否建档",
    "最近走访日期", "存量/潜在",
)  # fmt: skip
# By the place in the family; a roster has gaps.
RELATIONS = ("户主", "配偶", "长子", "长女", "母亲", "孙子")
UNTOLD_SHARE = 0.12
KINDS = ("个人", "商户", "企业")
TODAY = np.datetime64("2026-11-20")
KEY_SHARES = (0.0006, 0.01, 0.04)  # key clients led below branch level, by kind
HOUSES = 1 << 24  # how many lucks there are for a house: the low half that `AddressBook` draws it from
NOT_NUMBERS = ("东经121度", "#N/A", "nan", "121.2.3")

Columns = list[list[str]]


@dataclass(frozen=True)
class System:
    """A system that sends a file: how its numbers begin, how it is encoded, what its rows are."""

    file: str
    encoding: str
    letter: str
    standing: str
    has_accounts: bool


CORE = System("core.csv", "gb18030", "C", "存量", has_accounts=True)
CRM = System("crm.csv", "utf-8-sig", "P", "潜在", has_accounts=False)


class CellMaker:
    """Makes the columns of one system's file; all chance comes from one seeded generator."""

    def __init__(self, system: System, settled: Settled, people: Population, *, seed: int) -> None:
        self.system = system
        self.people = people
        self.book = AddressBook(settled)
        self.rng = np.random.default_rng([seed, ord(system.letter)])
        self.market_names = settled.markets["名称"].tolist()
        self.market_codes = settled.markets["代码"].tolist()
        self.branch_of, self.branches = _read_branches(self.book.codes)
        # One generator for the families of all systems: a family has one surname, whichever system sends it.
        families = np.random.default_rng([seed, 1])
        self.surname_of_family = _draw_surnames(int(people.family.max(initial=0)) + 1, families)
        self.relation = _write_relations(people, self.rng)
        self.lon, self.lat = _write_coordinates(people)

    def make(self, rows: slice) -> tuple[Columns, Columns]:
        """The cells of a stretch in the order of `HEADINGS`, and its truth (key, place, noise, codes)."""
        people, existing = self.people, self.system.has_accounts
        kinds = people.kind[rows]
        count = len(kinds)
        keys = [f"{self.system.letter}{100_000_001 + i}" for i in range(rows.start, rows.start + count)]
        addresses, levels, address_codes = self._addresses(rows)
        columns = [
            keys,
            self._names(rows),
            [KINDS[kind] for kind in kinds.tolist()],
            self._papers(kinds),
            papers.draw_phones(count, self.rng),
            addresses,
            self.lon[rows],
            self.lat[rows],
            self._datums(rows),
            *self._standing(rows),
            [f"JT{f:07d}" if f >= 0 else "" for f in people.family[rows].tolist()],
            self.relation[rows],
            *self._money(rows),
            self._flags(count, share=0.78 if existing else 0.12),
            self._visits(count, share=0.62 if existing else 0.15),
            [self.system.standing] * count,
        ]
        return columns, [keys, *self._truth(rows), levels, address_codes]

    def _datums(self, rows: slice) -> list[str]:
        told = self.people.located[rows] & (self.people.odd[rows] != ODD.index("undeclared"))
        stretch = zip(self.people.datum[rows].tolist(), told.tolist(), strict=True)
        return [DATUMS[datum] if here else "" for datum, here in stretch]

    def _truth(self, rows: slice) -> Columns:
        """Columns place (point, odd kind, or address), noise, unit code, grid code."""
        people = self.people
        odd, located = people.odd[rows].tolist(), people.located[rows].tolist()
        places = [ODD[o] or ("point" if here else "address") for o, here in zip(odd, located, strict=True)]
        noises = [NOISES[n] for n in people.noise[rows].tolist()]
        units = [self.book.codes[u] for u in people.unit[rows].tolist()]
        grids = [
            self.market_codes[m] if m >= 0 else unit
            for m, unit in zip(people.market[rows].tolist(), units, strict=True)
        ]
        return [places, noises, units, grids]

    def _addresses(self, rows: slice) -> tuple[list[str], list[str], list[str]]:
        people = self.people
        same = people.address_unit[rows] == people.unit[rows]
        luck = _share_house(
            self.rng.integers(0, 1 << 40, rows.stop - rows.start), people.family[rows]
        ).tolist()
        markets = np.where(same, people.market[rows], -1).tolist()
        answers = [
            self.book.write(
                unit, noise=NOISES[noise], luck=chance, hamlet=hamlet,
                market=self.market_names[market] if market >= 0 else "",
            )
            for unit, noise, chance, hamlet, market in zip(
                people.address_unit[rows].tolist(), people.noise[rows].tolist(), luck,
                people.hamlet[rows].tolist(), markets, strict=True,
            )
        ]  # fmt: skip
        texts, levels, codes = (list(column) for column in zip(*answers, strict=True))
        return [text.replace(",", "，") for text in texts], levels, codes

    def _names(self, rows: slice) -> list[str]:
        people = self.people
        count = rows.stop - rows.start
        family = people.family[rows]
        own = _draw_surnames(count, self.rng)
        shared = (family >= 0) & (self.rng.random(count) < 0.62)
        surname = np.where(shared, self.surname_of_family[np.maximum(family, 0)], own).tolist()
        luck = self.rng.integers(0, 1 << 30, count).tolist()
        makers: dict[int, Callable[[int, int, int], str]] = {
            PERSON: lambda s, k, u: SURNAMES[s] + GIVEN[k % len(GIVEN)],
            MERCHANT: self._shop_name,
            FIRM: self._firm_name,
        }
        names = [
            makers[kind](s, k, unit)
            for kind, s, k, unit in zip(
                people.kind[rows].tolist(), surname, luck, people.unit[rows].tolist(), strict=True
            )
        ]
        for row, client in self._clients(rows):
            names[row] = client.name
        return names

    def _shop_name(self, surname: int, luck: int, unit: int) -> str:
        village = self.book.names[unit].removesuffix("社区").removesuffix("村")
        given = GIVEN[luck % len(GIVEN)]
        return (
            f"{village}{SURNAMES[surname] if luck % 2 else ''}{given}{SHOP_ENDS[luck // 97 % len(SHOP_ENDS)]}"
        )

    def _firm_name(self, surname: int, luck: int, unit: int) -> str:
        village = self.book.names[unit].removesuffix("社区").removesuffix("村")
        word, trade = FIRM_WORDS[luck % len(FIRM_WORDS)], TRADES[luck // 16 % len(TRADES)]
        front = ("南通", "海门", village)[luck // 256 % 3]
        return f"{front}{word}{SURNAMES[surname]}{trade}{FIRM_ENDS[luck // 1024 % len(FIRM_ENDS)]}"

    def _papers(self, kinds: NDArray[np.int64]) -> list[str]:
        """Identity cards for persons, credit codes for the others; about 1 % of the cells are empty."""
        cards = np.array(papers.draw_cards(len(kinds), self.rng))
        others = kinds != PERSON
        cards[others] = papers.draw_credit_codes(kinds[others] == MERCHANT, self.rng)
        cards[self.rng.random(len(kinds)) < 0.01] = ""
        texts: list[str] = cards.tolist()
        return texts

    def _money(self, rows: slice) -> tuple[list[str], list[str]]:
        """Deposit and loan in yuan; prospects have none with the bank."""
        kinds = self.people.kind[rows]
        count = len(kinds)
        if not self.system.has_accounts:
            return [""] * count, [""] * count
        scale = np.array([9.6, 10.4, 12.2])[kinds]
        borrows = self.rng.random(count) < np.array([0.16, 0.4, 0.5])[kinds]
        deposit = self.rng.lognormal(scale, 1.35)
        loan = np.where(borrows, self.rng.lognormal(scale + 1.2, 1.0), 0)
        for row, client in self._clients(rows):
            deposit[row], loan[row] = client.deposit_yuan, client.loan_yuan
        return [f"{x:.2f}" for x in deposit.tolist()], [f"{x:.2f}" for x in loan.tolist()]

    def _standing(self, rows: slice) -> tuple[list[str], list[str], list[str]]:
        """Tier, lead level and booking branch: three answers of their own, none follows from another."""
        kinds = self.people.kind[rows]
        key = self.rng.random(len(kinds)) < np.array(KEY_SHARES)[kinds]
        tiers = ["重点" if is_key else "普通" for is_key in key.tolist()]
        leads = ["团队" if lead else "网点" for lead in (key & (kinds == FIRM)).tolist()]
        for row, client in self._clients(rows):
            tiers[row], leads[row] = client.tier, client.lead
        return tiers, leads, self._booking(self.people.unit[rows])

    def _clients(self, rows: slice) -> list[tuple[int, Client]]:
        """The named clients of a stretch, with their place in it."""
        numbers = self.people.client[rows]
        return [(row, CLIENTS[numbers[row]]) for row in np.flatnonzero(numbers >= 0).tolist()]

    def _booking(self, units: NDArray[np.int64]) -> list[str]:
        """Most accounts are kept by the branch of the village, some anywhere; prospects have none."""
        if not self.system.has_accounts:
            return [""] * len(units)
        away = self.rng.random(len(units)) < 0.14
        anywhere = self.rng.integers(0, len(self.branches), len(units))
        return [self.branches[b] for b in np.where(away, anywhere, self.branch_of[units]).tolist()]

    def _flags(self, count: int, *, share: float) -> list[str]:
        return ["是" if x < share else "否" for x in self.rng.random(count).tolist()]

    def _visits(self, count: int, *, share: float) -> list[str]:
        days = TODAY - (self.rng.random(count) ** 1.6 * 320).astype("timedelta64[D]")
        texts = days.astype("U10")
        texts[self.rng.random(count) >= share] = ""
        visits: list[str] = texts.tolist()
        return visits


def _draw_surnames(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    weight = 1 / np.arange(4, len(SURNAMES) + 4)
    drawn: NDArray[np.int64] = np.searchsorted(np.cumsum(weight / weight.sum())[:-1], rng.random(count))
    return drawn


def _share_house(luck: NDArray[np.int64], family: NDArray[np.int64]) -> NDArray[np.int64]:
    """Luck whose low half, which draws group and house, is one for a family: they live behind one door."""
    door = family * 2_654_435_761 % HOUSES
    shared: NDArray[np.int64] = np.where(family >= 0, luck // HOUSES * HOUSES + door, luck)
    return shared


def _write_relations(people: Population, rng: np.random.Generator) -> list[str]:
    """The cells 与户主关系: the first of a family is its head, unless that is another system's customer."""
    family = people.family
    order = np.argsort(family, kind="stable")
    ordered = family[order]
    place = np.empty(len(family), dtype=np.int64)
    place[order] = np.arange(len(family)) - np.searchsorted(ordered, ordered)
    place[family < people.kin] += 1
    told = (family >= 0) & (rng.random(len(family)) >= UNTOLD_SHARE)
    words = np.array(RELATIONS)[np.minimum(place, len(RELATIONS) - 1)]
    cells: list[str] = np.where(told, words, "").tolist()
    return cells


def _read_branches(unit_codes: list[str]) -> tuple[NDArray[np.int64], list[str]]:
    """The branch (a number in the list of codes) that holds each unit."""
    with (ORGANISATION / "duties.csv").open(encoding="utf-8-sig", newline="") as file:
        branch = {line["单元代码"]: line["机构号"] for line in csv.DictReader(file)}
    branches = sorted(set(branch.values()))
    return np.array([branches.index(branch[code]) for code in unit_codes]), branches


def _write_coordinates(people: Population) -> tuple[list[str], list[str]]:
    """The cells 经度 and 纬度: each point in its row's datum, the odd ones as odd as they come."""
    lon, lat = to_degrees(people.points)
    shifted = (people.datum == DATUMS.index("GCJ02")) | (people.odd == ODD.index("undeclared"))
    lon[shifted], lat[shifted] = crs.points_from_storage(lon[shifted], lat[shifted], "gcj02")
    odd = people.odd
    null, sea, swapped = (odd == ODD.index(name) for name in ODD[1:4])
    lon[null] = lat[null] = 0.0
    lon[sea] += 1.1
    lon[swapped], lat[swapped] = lat[swapped], lon[swapped]
    here = people.located.tolist()
    x_cells = [f"{x:.6f}" if ok else "" for x, ok in zip(lon.tolist(), here, strict=True)]
    y_cells = [f"{y:.6f}" if ok else "" for y, ok in zip(lat.tolist(), here, strict=True)]
    for number, row in enumerate(np.flatnonzero(odd == ODD.index("not_a_number")).tolist()):
        x_cells[row], y_cells[row] = NOT_NUMBERS[number % len(NOT_NUMBERS)], "31.9"
    return x_cells, y_cells
