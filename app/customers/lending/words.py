"""What a lending check says in Chinese and English: answers, reasons, limits."""

from datetime import date
from typing import Any

from app.clock import today

ANSWERS: dict[str, tuple[str, str]] = {
    "in": ("辖内", "in"),
    "out": ("跨区", "out"),
    "edge": ("边界", "near the edge"),
    "unknown": ("无法判断", "unknown"),
}
SIDES = {"inside": ("辖内", "inside"), "outside": ("辖外", "outside")}
REASONS: dict[str, tuple[str, str]] = {
    "inside": ("位于本机构辖内", "it lies in the branch's ground"),
    "other_branch": ("位于其他机构的网格", "it lies in another branch's grid"),
    "near_border": (
        "距边界不超过定位精度，两侧均有可能",
        "nearer to the border than the place is known; either side is possible",
    ),
    "gap": ("位于辖区空白，没有网格负责", "it lies in a gap that no grid holds"),
    "outside_frame": ("位于全行辖区之外", "it lies outside the bank's frame"),
    "contested": (
        "几个机构的网格都包含此处，存在争议",
        "grids of several branches hold it; the ground is contested",
    ),
    "unit_inside": ("所在村（社区）整体在本机构辖内", "his whole village lies in the branch's ground"),
    "unit_outside": ("所在村（社区）整体在辖外", "his whole village lies outside the branch's ground"),
    "unit_divided": (
        "只定位到村，而该村分属本机构辖内外；请补充门牌或定位",
        "known to the village only, and the village is divided; give a house number or a point",
    ),
    "unit_without_ground": (
        "只定位到村，而该村没有边界，也不在规划中",
        "known to the village only, and the village is neither drawn nor in the plan",
    ),
    "town_only": ("只定位到镇，不能判断", "known to the town only"),
    "ambiguous": ("地址对应几处，不能判断", "the address fits several places"),
    "elsewhere": (
        "地址写明在全行辖区之外的地区",
        "the address names a place beyond the bank's ground",
    ),
    "lives_outside": ("经人工核定，居住在辖区之外", "a person has decided that he lives outside"),
    "unlocated": ("没有可用的住址或定位", "there is no address or point to go by"),
    "customer_gone": (
        "该客户已不在来源系统的最新名单中；请按地址或点位核验",
        "the source no longer holds this customer; ask with an address or a point",
    ),
    "no_plan": ("该日期没有生效的网格规划", "no plan was in force on that date"),
    "branch_without_ground": (
        "该机构在当日规划中没有网格；请按其上级支行核验",
        "the branch holds no grid in the plan of that date; ask for its superior",
    ),
}
LIMITS: dict[str, tuple[str, str]] = {
    "place_of_today": (
        "住址按现在所知：何时搬迁没有记录",
        "judged by where he is known to live now: no source says when he moved",
    ),
    "houses_of_today": (
        "机构隶属按现在所知",
        "which houses stand below a branch is as of today",
    ),
    "plan_to_come": ("该规划尚未到生效日", "the plan's first day is still to come"),
}
STATES: dict[str, tuple[str, str]] = {
    "asked": ("待审批", "waits for a decision"),
    "approved": ("已批准", "approved"),
    "refused": ("已否决", "refused"),
    "withdrawn": ("已撤回", "withdrawn"),
}
ENDED = ("已到期", "ended")
"""What is said of an approved exception whose last day has passed."""


def tell_exception(exception_id: int, state: str, until: date | None) -> dict[str, Any]:
    """An exception beside the answer it is about: {id, state, state_zh, state_en, valid_until, ended}."""
    ended = state == "approved" and until is not None and until < today()
    zh, en = ENDED if ended else STATES[state]
    day = None if until is None else until.isoformat()
    return {
        "id": exception_id,
        "state": state,
        "state_zh": zh,
        "state_en": en,
        "valid_until": day,
        "ended": ended,
    }


def tell(table: dict[str, tuple[str, str]], key: str) -> dict[str, str]:
    """A key with its words: {code, zh, en}."""
    zh, en = table[key]
    return {"code": key, "zh": zh, "en": en}
