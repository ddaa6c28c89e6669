"""Invented names and numbers: people, natural villages, firms. None is meant to be anybody's."""

import numpy as np

SURNAMES = (
    "黄陆施沈徐张王陈顾朱吴汤袁龚蔡倪曹薛周李刘赵杨姜俞季陶钱孙郁宋茅成杜高范葛郭韩何洪侯胡江金孔林卢罗吕马毛梅孟"
    "闵潘彭戚秦邱任邵盛石史苏谭唐田童汪卫魏夏萧谢邢许严姚叶殷尤于余虞翟詹章郑钟仲邹祝"
)
_MALE = (
    "志明 建国 海峰 国平 宏图 永康 俊杰 思远 "
    "浩然 建新 卫东 春生 正华 永明 剑锋 国华 志强 建平 忠良 锦标 家豪 子涵 宇轩 "
    "文彬 德明 伯平 玉林 新民 汉忠 启东 晓峰 立群 洪兵 耀辉 金龙 冬生 学文 少华 景春 树林 天佑 鹏飞 振宇 一鸣"
)
_FEMALE = (
    "春兰 玉珍 凤英 雪梅 红霞 亚萍 "
    "丽华 晓燕 佳慧 欣怡 秀英 桂芳 美芳 海燕 建芳 玉兰 彩萍 小红 志英 雅琴 慧敏 静怡 雨桐 "
    "思琪 梦瑶 晓芳 国芳 秋菊 月娥 素珍 菊芳 爱华 金凤 洁 敏 蕾 婷 莉 琴 芸 倩 颖 蓉 琳"
)
GIVEN = tuple(_MALE.split() + _FEMALE.split())

COMPOUND_HEADS = (
    "翡翠", "江海", "锦绣", "东方", "书香", "阳光", "和谐", "滨江", "丽景", "金色", "碧水", "长乐", "紫薇",
    "香樟", "玉兰", "明珠",
)  # fmt: skip
COMPOUND_TAILS = ("花园", "名邸", "家园", "雅苑", "新城", "公寓", "华庭", "佳苑", "小区", "豪庭")

HAMLET_HEADS = SURNAMES[:56]
HAMLET_TAILS = ("家宅", "家埭", "家桥", "家仓", "家店", "家圩", "家园", "家湾", "家荡", "家坝")
HAMLET_PLAIN = [
    "东小圩",
    "西小圩",
    "南横河",
    "北横河",
    "河东宅",
    "河西宅",
    "中心埭",
    "老街",
    "新埭",
    "长埭",
    "短埭",
    "小洪港",
    "西竖河",
    "东竖河",
    "三角圩",
    "五圩",
    "六圩",
    "七圩",
    "大圩",
    "老圩",
    "沙田",
    "芦荡",
    "九匡",
    "十匡",
    "老宅",
    "新宅",
    "窑头",
    "渡口",
    "油坊",
    "小桥头",
]


def draw_people(count: int, rng: np.random.Generator) -> list[str]:
    """Draw that many personal names; common surnames come more often."""
    weight = 1 / np.arange(4, len(SURNAMES) + 4)
    surnames = rng.choice(len(SURNAMES), count, p=weight / weight.sum())
    given = rng.integers(0, len(GIVEN), count)
    return [SURNAMES[s] + GIVEN[g] for s, g in zip(surnames.tolist(), given.tolist(), strict=True)]


def draw_hamlets(count: int, rng: np.random.Generator) -> list[str]:
    """Draw names of natural villages, no two alike within the answer."""
    pairs = [head + tail for head in HAMLET_HEADS for tail in HAMLET_TAILS]
    names = np.array([*pairs, *HAMLET_PLAIN, *HAMLET_PLAIN])
    picked = rng.permutation(len(names))
    return list(dict.fromkeys(names[picked].tolist()))[:count]


def draw_compounds(count: int, rng: np.random.Generator) -> list[str]:
    """Draw names of residential compounds, no two alike."""
    names = [head + tail for head in COMPOUND_HEADS for tail in COMPOUND_TAILS]
    return [names[i] for i in rng.permutation(len(names))[:count].tolist()]


def staff_phone(number: int) -> str:
    """An 11-digit number of valid shape that is plainly invented: 199-0000-xxxx."""
    return f"1990000{number % 10_000:04d}"
