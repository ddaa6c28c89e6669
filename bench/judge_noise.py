"""Slips of hand, ear and scanner, and what else stands in an address: for bench/geocode_judge.py.

Written without looking at the matcher or at the noise of bench/geocode_noise.py, so that its figures are a
second opinion. Every verb takes a `random.Random`: the same seed makes the same text.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache
from random import Random

import zhconv
from pypinyin import lazy_pinyin
from rapidfuzz.distance import OSA

SUFFIX = re.compile(r"(?<=.)(?:村村民委员会|村民委员会|居民委员会|村委会|居委会|社区|嘎查|村)$")

# Characters the eye or a scanner takes for each other.
ALIKE = (
    "己已巳 未末 土士 日曰 大太犬 王玉主 人入 干千于 天夫 木本 田由甲申 刀力 午牛 "
    "贝见 乌鸟 今令 白自 目且 东车 石右古 北比 井并开 元无 上止 下卞 万方 厂广 尸户 "
    "夭天 丰手 毛手 水永 冰水 冶治 洛络 冢家 沟构 汤场 杨扬 汪注 江汇 湖潮 清青请 "
    "河何 沙砂少 洋样 泽译 池地 浜滨 渔鱼 港巷 溪奚 涌通 洲州 堡保 坝贝 庄压 店占 "
    "庙届 岗冈 岭玲 屯电 圩坏 埭隶 塘搪 墩敦 城诚 坡波 坊纺 堂常 宅宇 寨赛 营管 "
    "桥侨桃 树村 林材 柳柏 松公 梅海 栗粟 杏否 槐愧 样祥 朱未 李季 赵起 陈阵 张弛 "
    "周同 吴昊 徐除 孙孔 胡湖 郭廓 何河 高亮 罗萝 郑邓 梁粱 谢射 宋宗 唐康 许计 "
    "韩翰 冯马 邵绍 曹遭 彭膨 曾会 肖尚 袁哀 潘番 董重 余佘 叶吐 蒋将 杜社 苏办 "
    "魏巍 程呈 吕宫 丁于 沈沉 任仕 姚桃 卢户 傅博 钟钥 姜美 崔催 谭潭 廖寥 范犯 "
    "金全 汪汗 陆陈 新斯 和私 平乎 安女 兴只 永水 光先 明朋 红江 民氏 胜性 利刹 "
    "合台 团困 建健 友反 长民 南甫 西酉 中申 前剪 后启 左右 双又 三二 五王 七匕 "
    "八人 九丸 十干 百白 马乌 牛午 龙尤 凤风 虎虚 羊美 鹿麂 鹤鸽 鱼鲁 花化 草早 "
    "竹什 茶荼 果杲 米未 麦表 豆立 瓦互 砖传 窑密 炉护 铁钦 铜桐 银根 钱线 柴紫 "
    "油抽 盐监 灵录 仙山 佛拂 寺等 观现 塔搭 官宫 府俯 衙街 军车 旗棋 屯电 站钻 "
    "铺辅 集隼 市布 街衔 巷港 里黑 坪评 坑炕 坎次 垭哑 埂梗 岔贫 嘴咀 滩摊 湾弯 "
    "沱坨 渡度 闸闹 堤提 渠巨 井开 泉皇 潭谭 洞同 岩岸 峰锋 山出 坳拗 冲中 荡汤 "
    "浦捕 泾经 滨浜 "
)
FUZZY = (
    ("zh", "z"),
    ("ch", "c"),
    ("sh", "s"),
    ("ang", "an"),
    ("eng", "en"),
    ("ing", "in"),
    ("l", "n"),
    ("f", "h"),
)
SLIPS = ("homophone", "near_sound", "shape", "drop", "insert", "double", "swap", "other")


@cache
def sound(char: str) -> str:
    """Pinyin of a character without its tone."""
    return lazy_pinyin(char)[0]


@cache
def dull(char: str) -> str:
    """The same sound to a southern ear: zh = z, n = l, ing = in."""
    heard = sound(char)
    for one, other in FUZZY:
        heard = heard.replace(one, other)
    return heard


def stem(name: str) -> str:
    """A village's name without the word for what it is."""
    return SUFFIX.sub("", name) or name


class Slips:
    """Wrong characters as people and machines write them, from the characters of real place names."""

    def __init__(self, names: Iterable[str]) -> None:
        counts = Counter(char for name in names for char in name)
        self.common = [char for char, n in counts.most_common(2500) if "一" <= char <= "鿿"]
        self._same: dict[str, list[str]] = defaultdict(list)
        self._near: dict[str, list[str]] = defaultdict(list)
        self._shape: dict[str, set[str]] = defaultdict(set)
        for char in self.common:
            self._same[sound(char)].append(char)
            self._near[dull(char)].append(char)
        for group in ALIKE.split():
            for char in group:
                self._shape[char] |= set(group) - {char}

    def substitutes(self, char: str, kind: str) -> list[str]:
        """Characters that `kind` of slip writes instead of this one."""
        if kind == "shape":
            return sorted(self._shape[char])
        if kind == "homophone":
            return [c for c in self._same[sound(char)] if c != char]
        if kind == "near_sound":
            return [c for c in self._near[dull(char)] if sound(c) != sound(char)]
        return [c for c in self.common[:600] if c != char]

    def alike(self, one: str, other: str) -> bool:
        """Whether ear or eye may take one character for the other."""
        return one == other or dull(one) == dull(other) or other in self._shape[one]

    def slip(self, dice: Random, name: str, kind: str) -> str | None:
        """`name` with one slip in what tells it from others, or None where this kind does not fit."""
        core = stem(name)
        tail = name[len(core) :]
        if kind == "swap":
            at = dice.randrange(len(name) - 1)
            made = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
            return made if made != name else None
        at = dice.randrange(len(core))
        if kind == "drop":
            return core[:at] + core[at + 1 :] + tail if len(core) > 1 else None
        if kind == "double":
            return core[: at + 1] + core[at:] + tail
        if kind == "insert":
            return core[:at] + dice.choice(self.common[:600]) + core[at:] + tail
        other = self.substitutes(core[at], kind)
        return core[:at] + dice.choice(other) + core[at + 1 :] + tail if other else None

    def rivals(self, written: str, truth: str, others: Iterable[str]) -> list[str]:
        """Names of `others` that explain what was written as well as the truth does.

        Ear and eye count: where the truth is explained by them a name that merely differs in one
        character is no rival. The rest is counted in edits, with and without the word for village.
        """
        near = distance(written, truth)
        heard = self.explains(written, truth)
        return [
            name
            for name in others
            if name != truth
            and (
                (d := distance(written, name)) < near
                or (d == near and (not heard or self.explains(written, name)))
            )
        ]

    def explains(self, written: str, name: str) -> bool:
        """Whether every letter that differs is a slip of the ear or the eye."""
        one, other = stem(written), stem(name)
        return len(one) == len(other) and all(self.alike(a, b) for a, b in zip(one, other, strict=True))


def distance(one: str, other: str) -> int:
    """Edits between two names, the word for village left out where both stand without it."""
    return min(OSA.distance(one, other), OSA.distance(stem(one), stem(other)))


def traditional(text: str) -> str:
    """The text in traditional characters."""
    return str(zhconv.convert(text, "zh-hant"))


def mixed_script(dice: Random, text: str) -> str:
    """About half of the characters that differ, in traditional script."""
    return "".join(traditional(c) if dice.random() < 0.5 else c for c in text)


def full_width(text: str) -> str:
    """Digits, letters and marks as a full-width form writes them."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def scattered(dice: Random, text: str, marks: str, share: float) -> str:
    """The text with one of `marks` behind some of its characters."""
    return "".join(c + (dice.choice(marks) if dice.random() < share else "") for c in text)


def scanned(dice: Random, text: str) -> str:
    """As a poor scan reads it: stray marks, O for 0, l for 1, a gap in the line."""
    swapped = "".join({"0": "O", "1": "l", "5": "S"}.get(c, c) if dice.random() < 0.5 else c for c in text)
    return scattered(dice, swapped, ".|'` ~_", 0.08)


CHINESE = "〇一二三四五六七八九十"


def number(dice: Random, top: int) -> str:
    """A number up to `top`, now and then in Chinese characters."""
    n = dice.randint(1, top)
    if dice.random() < 0.7 or n > 99:
        return str(n)
    tens, ones = divmod(n, 10)
    return (("" if tens == 1 else CHINESE[tens]) + "十" if tens else "") + (CHINESE[ones] if ones else "")


ROADS = [
    "人民路",
    "解放北路",
    "中山东路",
    "建设大街",
    "振兴路",
    "迎宾大道",
    "长江西路",
    "健康巷",
    "文化路",
    "滨河东路",
    "站前街",
    "和平里",
    "工农北路",
    "朝阳大街",
]
ESTATES = [
    "锦绣华庭",
    "金色家园",
    "御景湾",
    "书香名邸",
    "水岸名都",
    "翰林雅苑",
    "鑫苑小区",
    "万和城",
    "碧水云天",
    "紫金嘉园",
    "盛世豪庭",
    "天润花园",
    "安置小区",
]


def rural_tail(dice: Random) -> str:
    """Group, team and house number as a village writes them."""
    n, house = number(dice, 42), dice.randint(1, 180)
    forms = (
        f"{n}组{house}号",
        f"{n}组",
        f"第{n}村民小组",
        f"{n}队",
        f"{n}队{house}号",
        f"{house}号",
        f"第{n}组{house}-1号",
        f"{n}村民小组{house}号",
        f"第{n}生产队{house}号",
        f"{n}社{house}号",
        f"{n}组门牌{house:04d}号",
        f"{n}组-{house}",
        f"（{n}组）{house}号",
        f"{n} 组 {house} 号",
        "",
        "",
        f"{n}组{house}号附{dice.randint(1, 3)}号",
    )
    return dice.choice(forms)


def urban_tail(dice: Random) -> str:
    """Road, estate, building, entrance and flat as a town writes them."""
    building, unit, room = (
        dice.randint(1, 40),
        dice.randint(1, 4),
        dice.randint(1, 18) * 100 + dice.randint(1, 4),
    )
    estate, road = dice.choice(ESTATES), dice.choice(ROADS)
    forms = (
        f"{road}{building * 7}号",
        f"{estate}{building}幢{unit}单元{room}室",
        f"{estate}{building}号楼{room}",
        f"{building}栋{unit}单元{room}",
        f"{estate}{building}-{unit}-{room}",
        f"{road}{building}号{estate}{unit}#{room}",
        f"{estate}{building}幢{room}室",
        f"{building}号",
        f"{estate}{building}座{unit}门{room}",
        "",
        f"{road}{building}号{estate}{building}号楼{unit}单元{room}室",
        f"{estate}B{building}栋{room}房",
    )
    return dice.choice(forms)


PEOPLE = [
    "王建国",
    "李秀英",
    "张伟",
    "刘洋",
    "陈桂兰",
    "杨帆",
    "赵敏",
    "黄海燕",
    "周杰",
    "吴小红",
    "徐磊",
    "孙丽华",
    "欧阳明",
]
FIRMS = [
    "宏达纺织有限公司",
    "鑫源建材经营部",
    "永兴五金厂",
    "绿源农业专业合作社",
    "佳美超市",
    "顺发物流有限公司",
    "康民大药房",
    "家和装饰工程有限公司",
    "春晖幼儿园",
    "老王饭店",
]


def mobile(dice: Random) -> str:
    """A mobile number of nobody."""
    return f"1{dice.choice('3589')}{dice.randrange(10**8, 10**9)}"


def citizen_id(dice: Random, county_code: str) -> str:
    """An eighteen-digit number as the identity card has it; its check digit is chance."""
    born = f"19{dice.randint(40, 99)}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}"
    return f"{county_code}{born}{dice.randrange(1000):03d}X"


def behind(dice: Random, county_code: str) -> str:
    """What a clerk leaves behind an address."""
    who, phone = dice.choice(PEOPLE), mobile(dice)
    forms = (
        phone,
        f" {phone}",
        f"，电话：{phone}",
        f"({who}){phone}",
        f" {who} 收 {phone}",
        f"邮编{dice.randint(100000, 859999)}",
        f" 身份证{citizen_id(dice, county_code)}",
        f"（户主：{who}）",
        "（村口小卖部旁）",
        "【常年在外】",
        "(原村小学对面)",
        "，近卫生室",
        "[备用]",
        "#2",
        "（已拆迁，现住女儿家）",
        "旁边第二家",
        f" 0{dice.randint(311, 999)}-{dice.randint(2000000, 8999999)}",
        "（租户）",
    )
    return dice.choice(forms)


def before(dice: Random) -> str:
    """What stands in front of an address."""
    who = dice.choice(PEOPLE)
    forms = (
        "地址：",
        "家庭住址:",
        "现住址 ",
        "户籍地址：",
        f"{who} ",
        f"{who}，{mobile(dice)}，",
        f"邮编{dice.randint(100000, 859999)} ",
        f"{dice.randint(100000, 859999)}",
        "收货地址:",
        "1、",
        "(家)",
        "住",
        "单位地址：",
        "籍贯",
        "【默认】",
        "*",
    )
    return dice.choice(forms)
