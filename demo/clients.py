"""The clients a bank knows by name: eight strategic ones, fourteen key ones, and how firms are called."""

from dataclasses import dataclass

TRADES = (
    "家纺", "纺织", "建材", "五金", "机械", "农机", "粮油", "水产",
    "食品", "物流", "电子", "包装", "园艺", "船配",
)  # fmt: skip
FIRM_WORDS = (
    "恒盛", "宏达", "华联", "永兴", "顺发", "鑫源", "东升", "金桥", "海润", "瑞丰",
    "同创", "博远", "益民", "祥和", "通达", "富康",
)  # fmt: skip
FIRM_ENDS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "合作社", "厂")
SHOP_ENDS = (
    "超市", "便利店", "小吃店", "服装店", "五金店", "水果店", "理发店", "家纺店",
    "农资店", "电动车行", "药店", "饭店",
)  # fmt: skip


@dataclass(frozen=True)
class Client:
    """A named client: the village it stands in, its tier, who leads it, deposit and loan in yuan."""

    name: str
    town: str
    village: str
    tier: str
    lead: str
    deposit_yuan: float
    loan_yuan: float
    market: str = ""


def _strategic(name: str, town: str, village: str, *, loan_wan: float, market: str = "") -> Client:
    return Client(name, town, village, "战略", "总行", loan_wan * 2_700, loan_wan * 10_000, market)


def _key(name: str, town: str, village: str, *, loan_wan: float, market: str = "") -> Client:
    return Client(name, town, village, "重点", "支行", loan_wan * 1_900, loan_wan * 10_000, market)


CLIENTS = (
    _strategic("叠星家纺集团", "三星镇", "叠石村", loan_wan=12_600, market="叠石桥家纺市场"),
    _strategic("江海临港物流集团", "三厂街道", "青龙港村", loan_wan=9_800, market="青龙港临港产业园"),
    _strategic("謇公湖智能装备股份有限公司", "滨江街道", "謇公湖社区", loan_wan=8_600, market="謇公湖科创园"),
    _strategic("海门城乡农贸集团", "海门街道", "城北社区", loan_wan=7_200, market="海门农副产品批发市场"),
    _strategic(
        "临江生物医药有限公司", "临江镇", "临甸港化工园区社区", loan_wan=11_500, market="临江生物医药园"
    ),
    _strategic("东灶远洋渔业集团", "包场镇", "东灶渔业村", loan_wan=6_900, market="东灶港水产市场"),
    _strategic("四甲精密机电股份有限公司", "四甲镇", "四甲村", loan_wan=5_400, market="四甲五金机电市场"),
    _strategic("悦来现代农业集团", "悦来镇", "悦来村", loan_wan=4_800),
    _key("常乐粮油合作社", "常乐镇", "常中村", loan_wan=860),
    _key("颐生酿造坊", "常乐镇", "颐生村", loan_wan=420),
    _key("常乐颐生酒厂", "常乐镇", "颐生村", loan_wan=380),
    _key("货隆农机合作社", "四甲镇", "货隆村", loan_wan=510),
    _key("匡河家纺加工厂", "常乐镇", "匡北村", loan_wan=260),
    _key("匡河水产合作社", "悦来镇", "匡南村", loan_wan=330),
    _key("汇南家纺面料有限公司", "三星镇", "汇南村", loan_wan=1_900, market="三星家纺物流园"),
    _key("包场宏基建材有限公司", "包场镇", "包新街社区", loan_wan=1_450, market="包场建材市场"),
    _key("余东古镇文旅有限公司", "余东镇", "启凤街社区", loan_wan=2_100, market="余东古镇文旅街区"),
    _key("正余浩盛针织厂", "正余镇", "浩盛街社区", loan_wan=720),
    _key("永北花卉合作社", "海永镇", "永北村", loan_wan=290),
    _key("解放路百货有限公司", "海门街道", "解放中路社区", loan_wan=1_680, market="解放路商圈"),
    _key("三和村蔬菜合作社", "海门街道", "三和村", loan_wan=240),
    _key("灵甸港船舶配件厂", "临江镇", "灵江村", loan_wan=980),
)
