"""Addresses as people write them: clean ones, and every way they go wrong in a bank's files.

An address is written for one unit (a row of `Settled.units`); `AddressBook.write` answers with the text and
with what a perfect reader could find in it: the level and the code.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from pypinyin import lazy_pinyin

from demo.gazetteer import FOLK_NAMES, FORMER_TOWNS, OTHER_TOWN_NAMES
from demo.settlement import Settled

HEADS = ("江苏省南通市海门区", "南通市海门区", "海门区", "江苏省海门区", "海门")
OLD_HEADS = ("江苏省海门市", "海门市", "南通市海门市", "江苏省海门县", "海门县")
# None of these is also the name of a community: 育才路 or 人民路 alone would be one.
ROADS = ("江海路", "长江路", "中心路", "建设路", "通海路", "振兴路", "新华路", "中央路", "张謇大道", "双桥路")
ELSEWHERE = (
    "江苏省启东市汇龙镇民乐村", "启东市吕四港镇鹤群村", "南通市通州区金新街道正场村", "通州区二甲镇余北村",
    "如东县掘港街道三元村", "上海市崇明区陈家镇展宏村", "江苏省如皋市白蒲镇林梓社区",
    "苏州市常熟市虞山街道元和村",
    "安徽省阜阳市临泉县杨桥镇", "浙江省嘉兴市桐乡市濮院镇新联村",
)  # fmt: skip
UNREADABLE = ("不详", "无", "同上", "详见合同", "？？？", "-", "本人要求不填", "12345", "地址待补充", "N/A")
FIRM_FRONTS = ("南通恒盛家纺有限公司", "海门宏达建材经营部", "江海物流有限公司", "顺发五金店", "利民超市")
SEPARATORS = ("/", " ", "-", "、", "，")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
# kinds of noise with their shares among the addresses that come without coordinates
NOISE = {
    "canonical": 0.30,
    "omit_head": 0.15,
    "omit_town": 0.09,
    "old_county": 0.07,
    "typo_village": 0.07,
    "short_village": 0.05,
    "full_width": 0.05,
    "separators": 0.04,
    "phone_behind": 0.04,
    "wrong_town": 0.03,
    "old_town": 0.03,
    "firm_in_front": 0.03,
    "doubled_head": 0.015,
    "town_only": 0.015,
    "elsewhere": 0.013,
    "unreadable": 0.007,
    # Given to rows of the villages that have such a name, see `demo.population`.
    "folk_name": 0.0,
}


@dataclass
class Parts:
    """The pieces of one address before they are put together."""

    row: int
    head: str
    town: str
    village: str
    tail: str
    between: str = ""
    front: str = ""
    behind: str = ""
    level: str = "village"

    def join(self) -> str:
        """The address as one text."""
        pieces = [piece for piece in (self.head, self.town, self.village, self.tail) if piece]
        return self.front + self.between.join(pieces) + self.behind


@dataclass
class AddressBook:
    """Writes addresses for the units of a county; all chance comes from the numbers handed in."""

    settled: Settled
    codes: list[str] = field(init=False)
    names: list[str] = field(init=False)
    towns: list[str] = field(init=False)
    urban: list[bool] = field(init=False)
    noises: dict[str, Callable[[Parts, int], None]] = field(init=False)

    def __post_init__(self) -> None:
        units = self.settled.units
        self.codes = units["行政村代码"].tolist()
        self.names = units["行政村名称"].tolist()
        self.towns = units["乡镇名称"].tolist()
        self.urban = (units["类型"] == "社区").tolist()
        self.all_towns = sorted(set(self.towns))
        self.town_codes = dict(zip(self.towns, units["乡镇代码"], strict=True))
        self.sounds_alike = _find_homophones([*self.names, *self.towns, *ROADS])
        self.noises = {name: getattr(self, f"_{name}") for name in NOISE if hasattr(self, f"_{name}")}

    def write(
        self, row: int, *, noise: str, luck: int, hamlet: int = -1, market: str = ""
    ) -> tuple[str, str, str]:
        """One address for unit `row`: its text, the level a reader may reach, and the code there.

        `hamlet` is a number in `Settled.hamlets[row]` or -1; `luck` is a random number below 2**40;
        `market` is the name of the market that the address stands in, if any.
        """
        if noise == "elsewhere":
            return _pick(ELSEWHERE, luck) + f"{luck // 16 % 30 + 1}组{luck // 512 % 60 + 1}号", "none", ""
        if noise == "unreadable":
            return _pick(UNREADABLE, luck), "none", ""
        parts = self._plain(row, hamlet, luck)
        if market:
            parts.tail = f"{market}{luck % 12 + 1}区{luck // 16 % 300 + 1}号"
        change = self.noises.get(noise)
        if change is not None:
            change(parts, luck >> 24)
        code = self.town_codes[self.towns[row]] if parts.level == "town" else self.codes[row]
        return parts.join(), parts.level, code

    def _plain(self, row: int, hamlet: int, luck: int) -> Parts:
        low = luck & 0xFFFFFF
        house, group = low % 97 + 1, low // 97 % 38 + 1
        if self.urban[row]:
            tail = self._urban_tail(row, low, house=house, group=group)
        elif hamlet >= 0:
            tail = f"{self.settled.hamlets[row][hamlet]}{house}号"
        else:
            tail = f"{group}{'组队'[low // 4000 % 4 == 0]}{house}号"
        return Parts(row, HEADS[low // 8000 % 4], self.towns[row], self.names[row], tail)

    def _urban_tail(self, row: int, low: int, *, house: int, group: int) -> str:
        compounds = self.settled.compounds[row]
        if low % 3 == 0 or not compounds:
            return f"{_pick(ROADS, low // 50)}{house * 3}号"
        room = f"{low // 200 % 17 + 1}0{low // 3000 % 4 + 1}室"
        return f"{_pick(compounds, low // 70)}{group}{'幢栋'[low % 5 == 0]}{low % 4 + 1}单元{room}"

    def _omit_head(self, parts: Parts, luck: int) -> None:
        parts.head = ""

    def _omit_town(self, parts: Parts, luck: int) -> None:
        parts.town = ""

    def _old_county(self, parts: Parts, luck: int) -> None:
        parts.head = _pick(OLD_HEADS, luck)

    def _typo_village(self, parts: Parts, luck: int) -> None:
        parts.village = self._misspell(parts.village, luck)

    def _short_village(self, parts: Parts, luck: int) -> None:
        name = parts.village
        if name.endswith("社区"):
            parts.village = name.removesuffix("社区") + ("", "居委会")[luck % 2]
        else:
            parts.village = name + "村委会" if luck % 2 and len(name) > 2 else name + "委"

    def _full_width(self, parts: Parts, luck: int) -> None:
        parts.tail = parts.tail.translate(FULL_WIDTH)

    def _separators(self, parts: Parts, luck: int) -> None:
        parts.between = _pick(SEPARATORS, luck)

    def _phone_behind(self, parts: Parts, luck: int) -> None:
        parts.behind = ("", " ", "电话", "，")[luck % 4] + f"169{luck % 10**8:08d}"

    def _wrong_town(self, parts: Parts, luck: int) -> None:
        others = [town for town in self.all_towns if town != parts.town]
        parts.town = _pick(others, luck)

    def _old_town(self, parts: Parts, luck: int) -> None:
        town = parts.town
        old = (FORMER_TOWNS.get(town), OTHER_TOWN_NAMES.get(town))
        known = [name for name in old if name]
        parts.town = _pick(known, luck) if known else town.removesuffix("镇").removesuffix("街道")

    def _firm_in_front(self, parts: Parts, luck: int) -> None:
        parts.front = _pick(FIRM_FRONTS, luck) + ("", " ", "：")[luck // 8 % 3]

    def _doubled_head(self, parts: Parts, luck: int) -> None:
        parts.front = parts.head or "海门区"

    def _town_only(self, parts: Parts, luck: int) -> None:
        parts.village, parts.level = "", "town"
        parts.tail = f"{_pick(ROADS, luck)}{luck % 200 + 1}号"

    def _folk_name(self, parts: Parts, luck: int) -> None:
        parts.village, parts.level = FOLK_NAMES[parts.town, parts.village], "town"

    def _misspell(self, name: str, luck: int) -> str:
        """Swap two characters, drop one, or write one that sounds alike; the last character stays."""
        end = len(name) - (2 if name.endswith("社区") else 1)
        at = luck // 8 % max(end, 1)
        alike = self.sounds_alike.get(name[at], "")
        if luck % 4 < 2 and alike:
            return name[:at] + _pick(alike, luck // 64) + name[at + 1 :]
        if end >= 3 and luck % 2:
            return name[:at] + name[at + 1 :]
        if end >= 2:
            at = min(at, end - 2)
            return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        return name


def _pick(words: tuple[str, ...] | list[str] | str, luck: int) -> str:
    return words[luck % len(words)]


def _find_homophones(texts: list[str]) -> dict[str, str]:
    """Characters of these texts that sound like another of them (tones aside)."""
    signs = sorted(set("".join(texts)))
    by_sound: dict[str, list[str]] = {}
    for sign in signs:
        by_sound.setdefault(lazy_pinyin(sign)[0], []).append(sign)
    return {
        sign: "".join(other for other in group if other != sign)
        for group in by_sound.values()
        if len(group) > 1
        for sign in group
    }
