"""Dirty addresses of one bank with their honest truth, by class of noise: for bench/geocode_judge.py.

A class is a function of a `Writer`, marked `@noise`; it returns a `Row`, or None where the village drawn
would make a row whose truth nobody could tell (a slip that spells another village, a name of two towns).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from bench import judge_noise as n
from bench.judge_land import Bank, Village, short_name
from bench.judge_noise import stem

ANY = ("pcktv", "cktv", "pktv", "ktv", "ktv", "tv")
CITIES = {
    "襄阳市": "襄樊市",
    "淮安市": "淮阴市",
    "普洱市": "思茅市",
    "荆州市": "荆沙市",
    "黄山市": "徽州地区",
    "宿州市": "宿县地区",
    "吕梁市": "离石地区",
    "鄂尔多斯市": "伊克昭盟",
    "呼伦贝尔市": "呼伦贝尔盟",
    "通辽市": "哲里木盟",
    "赤峰市": "昭乌达盟",
    "乌兰察布市": "乌兰察布盟",
    "巴彦淖尔市": "巴彦淖尔盟",
    "那曲市": "那曲地区",
    "昌都市": "昌都地区",
    "日喀则市": "日喀则地区",
    "贺州市": "贺县地区",
    "崇左市": "南宁地区",
    "来宾市": "柳州地区",
    "陇南市": "武都地区",
}
ABROAD = (
    "美国加利福尼亚州洛杉矶市橙县12号",
    "日本东京都新宿区西新宿2-8-1",
    "香港特别行政区九龙尖沙咀弥敦道100号",
    "台湾省台北市大安区和平东路一段162号",
    "澳门特别行政区大堂区新马路15号",
    "新西兰奥克兰市皇后街88号",
    "No. 12 King Street, Sydney NSW 2000, Australia",
    "韩国首尔特别市江南区德黑兰路152",
    "越南谅山省同登镇",
    "老挝万象市西萨塔纳县",
    "俄罗斯莫斯科阿尔巴特街20号",
    "新加坡裕廊东1街Blk 135",
    "缅甸掸邦果敢老街东城镇",
    "加拿大温哥华列治文区3号路",
    "阿联酋迪拜龙城F区",
    "意大利普拉托市工业区3号",
)
GARBAGE = (
    "",
    " ",
    "无",
    "不详",
    "同上",
    "NULL",
    "null",
    "-",
    "/",
    "0",
    "暂无",
    "未知",
    "???",
    "同身份证",
    "本地",
    "13912345678",
    "320684199001011234",
    "锟斤拷锟斤拷",
    "æ±Ÿè‹çœ",
    "😀😀😀",
    "测试",
    "aaaa",
    "1111111",
    "'; DROP TABLE customer; --",
    "\x00\x01\x02",
    "．．．",
    "N/A",
    "地址",
    "老家",
    "在外打工",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A dirty address and its truth; `alts` are all codes that count, `level` what may be expected."""

    address: str
    noise: str
    level: str
    code: str = ""
    name: str = ""
    county: str = ""
    alts: tuple[str, ...] = ()
    note: str = ""


Class = Callable[["Writer"], Row | None]
CLASSES: dict[str, Class] = {}


def noise(method: Class) -> Class:
    """Enter a class of noise under its method's name."""
    CLASSES[method.__name__] = method
    return method


class Writer:
    """Writes rows of a bank: draws a village, says it in some levels, spoils it."""

    def __init__(self, bank: Bank, slips: n.Slips, dice: Random) -> None:
        self.bank, self.land, self.slips, self.dice = bank, bank.land, slips, dice
        self.foreign = [c for c in sorted(self.land.towns) if c not in set(bank.loaded)]

    def village(self) -> Village:
        """A village of a customer: its name stands once in its town and repeats no county or town."""
        for left in range(200, -1, -1):
            found = self.dice.choice(self.bank.villages[self.dice.choice(self.bank.targets)])
            once = sum(v.name == found.name for v in self.land.villages[found.town]) == 1
            if found.kind != "virtual" and once and not (self.holds_path(found) and left):
                break
        return found

    def holds_path(self, village: Village) -> bool:
        """Whether the list wrote county or town into the village's own name."""
        path = self.land.path(village.code)
        return any(path[level] and path[level] in village.name for level in "ckt")

    def others(self, village: Village, keep: str) -> list[Village]:
        """What else these levels may mean."""
        pool = self.bank.pool(village, keep)
        if "t" in keep:
            name = self.land.names[village.town]
            pool = [v for v in pool if self.land.names[v.town] == name]
        return [v for v in pool if v.code != village.code]

    def honest(self, village: Village, keep: str, written: str) -> bool:
        """Whether nobody else in sight is called what was written."""
        return not any(written in (v.name, stem(v.name), v.official) for v in self.others(village, keep))

    def say(self, village: Village, keep: str, **over: str) -> str:
        """The address down to the village in the levels of `keep` (p c k t v), some written otherwise."""
        parts = self.land.path(village.code) | {"v": village.name} | over
        return "".join(parts[level] for level in "pcktv" if level in keep)

    def tail(self, village: Village) -> str:
        """House or flat; never one with the name of a village, compound or town of the county."""
        for _ in range(20):
            made = n.urban_tail(self.dice) if village.kind == "community" else n.rural_tail(self.dice)
            if not any(len(form) > 1 and form in made for form in self.bank.exact[village.county]):
                return made
        return ""

    def plain(self, keeps: tuple[str, ...], *, town: str = "") -> tuple[Village, str] | None:
        """A village and levels that name it and nobody else."""
        village, keep = self.village(), self.dice.choice(keeps)
        return (village, keep) if self.honest(village, keep, village.name) else None

    def row(self, name: str, village: Village, address: str, *, note: str = "") -> Row:
        """A row whose truth is a village."""
        return Row(
            address, name, "village", village.code, village.name, village.county, (village.code,), note
        )

    def simple(
        self, name: str, keeps: tuple[str, ...], spoil: Callable[[str, str], str] | None = None
    ) -> Row | None:
        """A village in one of `keeps`, its text and tail put together by `spoil`."""
        if not (found := self.plain(keeps)):
            return None
        village, keep = found
        text, tail = self.say(village, keep), self.tail(village)
        return self.row(name, village, spoil(text, tail) if spoil else text + tail)

    def slipped(self, name: str, kind: str, keeps: tuple[str, ...] = ANY) -> Row | None:
        """A slip of `kind` in the village's name, honest: it neither spells nor explains another."""
        village, keep = self.village(), self.dice.choice(keeps)
        written = self.slips.slip(self.dice, village.name, kind)
        if not written or written == village.name or not self.tells(village, keep, written):
            return None
        if len(stem(village.name)) == 1 and kind != "homophone":
            return None
        return self.row(
            name,
            village,
            self.say(village, keep, v=written) + self.tail(village),
            note=f"{village.name} > {written}",
        )

    def tells(self, village: Village, keep: str, written: str) -> bool:
        """Whether a misspelt name still points at this village alone."""
        if self.bank.exact[village.county][written] or self.bank.exact[village.county][stem(written)]:
            return False
        if "t" in keep and not self.town_stands_once(village, keep):
            return False
        return len(stem(written)) > 0 and not self.slips.rivals(
            written, village.name, [v.name for v in self.others(village, keep)]
        )

    def town_stands_once(self, village: Village, keep: str) -> bool:
        """Whether the town's name means one town for these levels."""
        if "k" in keep or self.bank.home:
            return True
        return (
            sum(t[:6] in self.bank.villages for t in self.land.towns_called[self.land.names[village.town]])
            == 1
        )

    def town_slip(self, village: Village, kind: str) -> str | None:
        """The town's name with a slip that no other town explains."""
        name = self.land.names[village.town]
        core = short_name(name)
        made = self.slips.slip(self.dice, core, kind) if len(core) > 1 else None
        others = [
            short_name(self.land.names[t]) for t in self.bank.towns(village.county) if t != village.town
        ]
        if not made or made == core or made in others or self.slips.rivals(made, core, others):
            return None
        return name.replace(core, made, 1)

    def county_slip(self, code: str, kind: str) -> str | None:
        """The county's name with a slip that spells no county of the country."""
        name = self.land.names[code]
        core = short_name(name)
        made = self.slips.slip(self.dice, core, kind) if len(core) > 1 else None
        if (
            not made
            or made == core
            or made in self.land.county_words
            or made + name[len(core) :] in self.land.county_words
        ):
            return None
        return name.replace(core, made, 1)

    def away(self, *, city: bool = False) -> Village:
        """A village of a county that the bank has not loaded; with `city` of another city."""
        while True:
            county = self.dice.choice(self.foreign)
            found = self.land.of_county(county)
            if found and not (city and any(county[:4] == c[:4] for c in self.bank.loaded)):
                return self.dice.choice(found)

    def far(self, name: str, *, county: str) -> bool:
        """Whether a name is like no village, town or place below one of the county."""
        forms = list(self.bank.exact[county]) + [
            short_name(self.land.names[t]) for t in self.bank.towns(county)
        ]
        core = stem(name)
        return all(
            n.distance(core, form) >= min(2, len(form)) and form not in core
            for form in forms
            if len(form) > 1
        )

    def outside(self, name: str, address: str, village: Village, note: str = "") -> Row:
        """A row that lies in no county of the bank."""
        return Row(address, name, "none", "", "", "", (), note or f"{village.code} {village.name}")


def write_rows(bank: Bank, slips: n.Slips, *, each: int, seed: int, only: tuple[str, ...] = ()) -> list[Row]:
    """Up to `each` rows of every class (fewer where the bank's names leave no honest ones)."""
    rows: list[Row] = []
    for name, method in CLASSES.items():
        if only and name not in only:
            continue
        writer = Writer(
            bank, slips, Random(f"{seed}:{name}:{bank.targets[0]}:{len(bank.loaded)}:{bank.home}")
        )
        seen: Counter[str] = Counter()
        for _ in range(each * 12):
            row = method(writer)
            if row and not seen[row.address]:
                seen[row.address] += 1
                rows.append(row)
            if len(seen) >= each:
                break
    return rows
