"""The words of the pages in both languages: Chinese first, English beside it."""

from collections import ChainMap
from datetime import date
from typing import Literal

from app.maps.card_words import CARD_WORDS
from app.maps.desk_words import DESK_WORDS
from app.maps.ground_words import GROUND_WORDS
from app.maps.home_words import HOME_WORDS
from app.maps.household_words import HOUSEHOLD_WORDS
from app.maps.layer_words import LAYER_WORDS
from app.maps.lending_words import LENDING_WORDS
from app.maps.placement_words import PLACEMENT_WORDS
from app.maps.plans_words import PLANS_WORDS
from app.maps.scheme_words import SCHEME_WORDS
from app.maps.search_words import SEARCH_WORDS, TOOL_WORDS
from app.maps.shell_words import SHELL_WORDS

Lang = Literal["zh", "en"]

WORDS: dict[str, tuple[str, str]] = {
    # Shell
    "product": ("格图", "Getu"),
    "tagline": ("格图·网格化营销地图", "Getu · grid marketing map"),
    "map": ("战略地图", "Strategy map"),
    "grid_planning": ("网格规划", "Ground"),
    "skip": ("跳到正文", "Skip to the map"),
    "main_nav": ("主导航", "Main navigation"),
    "other_lang": ("EN", "中文"),
    "other_lang_long": ("切换到英文", "Switch to Chinese"),
    "sign_out": ("退出", "Sign out"),
    "in_force": ("在用", "in force"),
    "draft": ("草案", "draft"),
    "checked": ("已检查", "checked"),
    "approved": ("已批准", "approved"),
    "retired": ("已停用", "retired"),
    "certificate": ("全覆盖证明", "Coverage certificate"),
    "no_certificate": ("证明未出具", "No certificate"),
    "internal": ("内部资料", "Internal"),
    "synthetic": ("示意边界", "Borders are illustrative"),
    "synthetic_why": (
        "边界为示意生成，不是真实界线",
        "The borders are generated for show and are not the real ones",
    ),
    "role_head": ("总行", "Head office"),
    "role_branch_head": ("支行行长", "Branch head"),
    "role_manager": ("客户经理", "Customer manager"),
    "role_analyst": ("分析员", "Analyst"),
    "role_system": ("外部系统", "System"),
    # Panel
    "panel": ("图层与筛选", "Layers and filters"),
    "tint": ("着色", "Colour by"),
    "layers": ("图层", "Layers"),
    "legend": ("图例", "Legend"),
    "branch_ground": ("支行责任区", "Branches' ground"),
    "filter": ("筛选", "Filter"),
    "clear": ("清除", "Clear"),
    "branch": ("支行", "Branch"),
    "manager": ("客户经理", "Manager"),
    "all_branches": ("全部 {n} 个", "All {n}"),
    "all_managers": ("全部 {n} 人", "All {n}"),
    "filter_note": ("筛选写入网址，可直接发给同事。", "Filters are in the address: send it to a colleague."),
    "share": ("分享视图", "Share view"),
    "pin_here": ("就地定位", "Pin here"),
    "shared": ("网址已复制", "Address copied"),
    "wallmap": ("上墙地图", "Wall map"),
    "wallmap_make": ("生成 PDF", "Make PDF"),
    "paper": ("纸张", "Paper"),
    "cancel": ("取消", "Cancel"),
    "open_panel": ("图层", "Layers"),
    "close": ("关闭", "Close"),
    # Search
    "search": ("搜村、经理、支行、客户", "Search village, manager, branch, customer"),
    "search_plain": ("搜村、经理、支行", "Search village, manager, branch"),
    "no_results": ("没有找到", "Nothing found"),
    "kind_grid": ("网格", "Grid"),
    "kind_village": ("村", "Village"),
    "kind_community": ("社区", "Community"),
    "kind_town": ("乡镇", "Town"),
    "kind_market": ("市场", "Market"),
    "kind_manager": ("经理", "Manager"),
    "kind_branch": ("支行", "Branch"),
    "kind_customer": ("客户", "Customer"),
    "kind_unit": ("单元", "Unit"),
    "kind_place": ("地名", "Place"),
    # Map tools
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "whole": ("回到全图", "Whole map"),
    "map_name": (
        "{bank}网格战略地图，数字与名单在左侧图层、筛选名单和卡片中",
        "Strategy map of {bank}; its numbers and lists are in the layers, the filter's list and the cards",
    ),
    "metres": ("米", "m"),
    "kilometres": ("公里", "km"),
    "hectares": ("公顷", "ha"),
    "no_gl": ("此电脑不支持 WebGL，已用简化方式绘图", "No WebGL here: drawn the plain way"),
    # Stats
    "grids": ("网格", "Grids"),
    "grids_detail": (
        "村级 {villages}·城区 {communities}·市场 {markets}",
        "{villages} village · {communities} urban · {markets} market",
    ),
    "enrolled": ("入格率", "In grids"),
    "located": ("定位率", "Located"),
    "covered": ("家庭覆盖", "Households covered"),
    "visited": ("走访", "Visited"),
    "faults": ("重叠 / 空白", "Overlaps / gaps"),
    "faults_of": ("{plan} 已核", "{plan} checked"),
    "faults_open": ("{plan} 未核", "{plan} open"),
    "managers_stat": ("经理 / 支行", "Managers / branches"),
    # Card
    "card": ("所选网格", "Selected grid"),
    "type_urban": ("城市", "urban"),
    "type_rural": ("农村", "rural"),
    "type_suburban": ("城郊", "suburban"),
    "backup": ("协办", "Backup"),
    "liaison": ("村级联络员", "Village liaison"),
    "no_manager": ("尚无经理", "No manager yet"),
    "households": ("家庭", "Households"),
    "existing": ("存量客户", "Customers"),
    "prospects": ("潜在客户", "Prospects"),
    "coverage": ("覆盖率", "Coverage"),
    "ladder": ("定位精度", "Placement"),
    "ladder_of": ("{n} / {of} 已定位", "{n} / {of} located"),
    "rung_1": ("人工标注", "Pinned"),
    "rung_2": ("点位", "Point"),
    "rung_3": ("楼栋/小组", "Building"),
    "rung_4": ("自然村", "Hamlet"),
    "rung_5": ("村级", "Village"),
    "rung_6": ("镇级", "Town"),
    "rung_0": ("未定位", "Unknown"),
    "service": ("服务", "Service"),
    "filed": ("已建档", "Filed"),
    "visited_n": ("已走访", "Visited"),
    "key_clients": ("重点客户", "Key clients"),
    "loan": ("授信余额", "Loans"),
    "lead_head_office": ("总行牵头", "Head office leads"),
    "lead_branch": ("支行牵头", "Branch leads"),
    "lead_team": ("团队牵头", "Team leads"),
    "lead_outlet": ("网点牵头", "Outlet leads"),
    "see_customers": ("查看客户", "See customers"),
    "area": ("面积", "Area"),
    "km2": ("平方公里", "km²"),
    "on_map": ("看位置", "On the map"),
    "card_full": ("展开卡片", "Full card"),
    "card_half": ("半展卡片", "Half card"),
    "card_peek": ("收起卡片", "Fold card"),
    "no_key_clients": ("没有重点客户", "No key clients"),
    # List
    "customers_of": ("{grid}的客户", "Customers of {grid}"),
    "name": ("名称", "Name"),
    "tier": ("层级", "Tier"),
    "tier_strategic": ("战略", "Strategic"),
    "tier_key": ("重点", "Key"),
    "tier_regular": ("一般", "Regular"),
    "standing": ("类别", "Standing"),
    "standing_existing": ("存量", "Customer"),
    "standing_prospect": ("潜在", "Prospect"),
    "phone": ("电话", "Phone"),
    "address": ("地址", "Address"),
    "last_visit": ("上次走访", "Last visit"),
    "more": ("再看 {n} 户", "{n} more"),
    "shown_of": ("已列 {n} / {of} 户", "{n} of {of} shown"),
    "masked_note": ("已按您的权限脱敏，查看留痕。", "Masked by your rights; reading is recorded."),
    "no_customers": ("这个网格还没有客户", "No customers in this grid yet"),
    # States
    "loading": ("载入中", "Loading"),
    "failed": ("没有读到数据", "The data could not be read"),
    "retry": ("重试", "Try again"),
    "signed_out": ("登录已过期，重新登录", "Your session has ended; sign in again"),
    "not_yet": ("还没有网格规划", "No plan yet"),
    "not_yet_why": ("先导入边界，再生成网格。", "Import boundaries, then make grids."),
    # Login
    "login": ("登录", "Sign in"),
    "login_no": ("工号", "Staff number"),
    "password": ("密码", "Password"),
    "show_password": ("显示密码", "Show password"),
    "slogan": (
        "每一块地有人管，\n每一户人有人问。",
        "Every piece of ground is held,\nevery household is asked after.",
    ),
    "login_help": ("忘记密码，请联系科技部。", "Forgotten password: ask the IT department."),
    "login_trace": ("内部系统，所有查询留痕。", "Internal system; all queries are recorded."),
    "fill_both": ("填写工号和密码", "Fill in staff number and password"),
    # Stand-alone file
    "standalone": ("离线副本", "Offline copy"),
    "made_on": ("制作于 {date}", "Made on {date}"),
}

# What the scripts of every page say.
SHARED = (
    "area",
    "cancel",
    "close",
    "failed",
    "loading",
    "metres",
    "kilometres",
    "hectares",
    "retry",
    "signed_out",
)


BOOKS = ChainMap(
    WORDS,
    DESK_WORDS,
    GROUND_WORDS,
    PLACEMENT_WORDS,
    HOUSEHOLD_WORDS,
    PLANS_WORDS,
    SCHEME_WORDS,
    LENDING_WORDS,
    LAYER_WORDS,
    SEARCH_WORDS,
    TOOL_WORDS,
    CARD_WORDS,
    SHELL_WORDS,
    HOME_WORDS,
)
"""Looked through in this order: a word of the shell is the same on every page."""


def say(key: str, lang: Lang, /, **facts: object) -> str:
    """The words of a key in a language, its {facts} filled in."""
    pair = BOOKS[key]
    text = pair[0 if lang == "zh" else 1]
    return text.format(**facts) if facts else text


def list_words(lang: Lang, *, desk: bool = False) -> dict[str, str]:
    """The words of a language for the map's scripts, or for those of the import desk."""
    words = DESK_WORDS | {key: WORDS[key] for key in SHARED} if desk else WORDS | LAYER_WORDS | SEARCH_WORDS
    return {key: pair[0 if lang == "zh" else 1] for key, pair in words.items()}


def tell_number(value: float, lang: Lang) -> str:
    """A count as people read it: a comma at thousands, from ten thousand on 万 (and 亿) with two decimals."""
    if lang == "en" or abs(value) < 1e4:
        return f"{value:,.0f}"
    return f"{value / 1e8:.2f} 亿" if abs(value) >= 1e8 else f"{value / 1e4:.2f} 万"


def tell_share(part: float, whole: float) -> str:
    """A share with one decimal; a dash where there is no denominator."""
    return f"{100 * part / whole:.1f}%" if whole else "—"


def tell_date(day: date | None) -> str:
    """A date as written on pages, a dash where there is none."""
    return day.isoformat() if day else "—"
