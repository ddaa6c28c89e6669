"""The layers of the map: one entry each, the same for screen, stand-alone file and wall.

A new layer is a new entry here, its `layer_<key>.sql` and its paint in `paint.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.db import Viewer, fetch_all, fetch_one
from app.errors import NotFound
from app.maps.ground import Ground
from app.spatial.colour import Classes
from app.spatial.colour import classes as cut_classes

CUSTOMER_ROLES = frozenset({"getu_head", "getu_scoped", "getu_work"})
ALL_ROLES = CUSTOMER_ROLES | {"getu_ground"}


@dataclass(frozen=True)
class Class:
    """One line of a legend: what the symbol is, what it means, how many the viewer's map shows."""

    key: str
    zh: str
    en: str
    symbol: str
    number: int


Legend = Callable[[Session, Ground], list[Class]]


@dataclass(frozen=True)
class Layer:
    """A layer: titles and explanation for people, who may see it, its tiles, its legend with class counts."""

    key: str
    zh: str
    en: str
    why_zh: str
    why_en: str
    parts: tuple[str, ...]
    legend: Legend
    roles: frozenset[str] = ALL_ROLES
    min_zoom: int = 5
    max_zoom: int = 14
    shown: bool = True
    listed: bool = True

    @property
    def statement(self) -> str:
        """The file of its tile statement."""
        return f"maps/layer_{self.key}"


def tell_numbers(session: Session, statement: str, ground: Ground) -> dict[str, int]:
    """Key -> number, of a counting statement."""
    rows = fetch_all(session, statement, **ground.asked)
    return {str(row["key"]): int(row["number"]) for row in rows}


def tell_row(session: Session, statement: str, ground: Ground) -> dict[str, int]:
    """The one row of a counting statement."""
    row = fetch_one(session, statement, **ground.asked)
    return {key: int(value) for key, value in (row or {}).items()}


def list_classes(numbers: dict[str, int], lines: Sequence[tuple[str, str, str, str]]) -> list[Class]:
    """Legend lines (key, zh, en, symbol) with their numbers; a kind that does not occur has no line."""
    return [Class(key, zh, en, symbol, numbers[key]) for key, zh, en, symbol in lines if numbers.get(key)]


def tell_grids(session: Session, ground: Ground) -> list[Class]:
    """Managers' ground and grids by kind."""
    numbers = tell_row(session, "maps/count_grids", ground)
    lines = [
        ("managers", "经理责任区", "Managers' ground", "fills"),
        ("villages", "村级网格", "Village grids", "fill"),
        ("communities", "城区网格", "Urban grids", "fill"),
        ("markets", "市场、商圈、园区", "Markets and parks", "fill"),
        ("unheld", "尚无经理", "Without a manager", "none"),
    ]
    return list_classes(numbers, lines)


def tell_towns(session: Session, ground: Ground) -> list[Class]:
    """Towns and their villages."""
    numbers = tell_row(session, "maps/count_towns", ground)
    return list_classes(numbers, [("towns", "乡镇、街道", "Towns", "line")])


def tell_frame(session: Session, ground: Ground) -> list[Class]:
    """The frame is one."""
    return [Class("frame", "辖区边界", "Frame", "line-frame", 1)]


def tell_units(session: Session, ground: Ground) -> list[Class]:
    """The villages and communities around the viewer's own ground."""
    numbers = tell_row(session, "maps/count_towns", ground)
    return list_classes(numbers, [("units", "行政村、社区", "Villages", "pale")])


def tell_outlets(session: Session, ground: Ground) -> list[Class]:
    """Houses of the bank by kind."""
    numbers = tell_numbers(session, "maps/count_outlets", ground)
    lines = [
        ("head_office", "总行", "Head office", "square"),
        ("branch", "支行", "Branches", "square"),
        ("outlet", "网点", "Outlets", "square-small"),
    ]
    return list_classes(numbers, lines)


def tell_key_clients(session: Session, ground: Ground) -> list[Class]:
    """Strategic and key clients."""
    numbers = tell_numbers(session, "maps/count_key_clients", ground)
    lines = [
        ("strategic", "战略客户", "Strategic clients", "star"),
        ("key", "重点客户", "Key clients", "triangle"),
    ]
    return list_classes(numbers, lines)


def tell_liaisons(session: Session, ground: Ground) -> list[Class]:
    """Posts held by liaisons and terminal administrators."""
    numbers = tell_numbers(session, "maps/count_liaisons", ground)
    lines = [
        ("liaison", "村级联络员", "Village liaisons", "person"),
        ("terminal_administrator", "终端管理员", "Terminal administrators", "person"),
    ]
    return list_classes(numbers, lines)


def tell_findings(session: Session, ground: Ground) -> list[Class]:
    """Open faults by kind."""
    numbers = tell_numbers(session, "maps/count_findings", ground)
    lines = [
        ("overlap", "重叠", "Overlaps", "hatch"),
        ("gap", "空白", "Gaps", "gap"),
        ("duplicate", "重复", "Duplicates", "hatch"),
        ("nested", "套叠", "Nested", "nested"),
        ("sliver", "碎片", "Slivers", "hatch"),
        ("outside", "越界", "Outside the frame", "gap"),
        ("invalid", "无效图形", "Invalid shapes", "gap"),
    ]
    return list_classes(numbers, lines)


def tell_customers(session: Session, ground: Ground) -> list[Class]:
    """Customers in the drawn grids by standing."""
    numbers = tell_row(session, "maps/count_customers", ground)
    lines = [("existing", "存量客户", "Customers", "dot"), ("prospects", "潜在客户", "Prospects", "ring")]
    return list_classes(numbers, lines)


def tell_rates(session: Session, ground: Ground) -> list[Class]:
    """Grids by class of both rates: classes of like size, rounded breaks, and those without a denominator."""
    found = find_classes(session, ground)
    return [line for rate, classes in found.items() for line in list_rate(rate, classes)]


def find_classes(session: Session, ground: Ground) -> dict[str, Classes]:
    """The classes of the two rates over the grids in sight."""
    rows = fetch_all(session, "maps/find_rates", plan_id=ground.plan_id)
    return {
        rate: cut_classes([float("nan") if row[rate] is None else row[rate] for row in rows])
        for rate in ("coverage", "penetration")
    }


def list_rate(rate: str, classes: Classes) -> list[Class]:
    """Legend lines of a rate, keyed by its name."""
    lines = []
    for n, number in enumerate(classes.counts):
        text = f"{tell_percent(classes.breaks[n])}–{tell_percent(classes.breaks[n + 1])}"
        lines.append(Class(rate, text, text, f"seq-{n + 1}", number))
    if classes.no_data:
        lines.append(Class(rate, "无数据", "No data", "seq-0", classes.no_data))
    return lines


def tell_percent(share: float) -> str:
    """A share in percent, with a decimal only where it has one."""
    return f"{round(share * 100, 1):g}%"


LAYERS: tuple[Layer, ...] = (
    Layer(
        key="frame",
        zh="辖区边界",
        en="Frame",
        why_zh="规划所覆盖的全部地面",
        why_en="All the ground the plan must cover",
        parts=("frame",),
        legend=tell_frame,
        listed=False,
    ),
    Layer(
        key="units",
        zh="村界底图",
        en="Villages around",
        why_zh="全部行政村和社区，作浅色底图",
        why_en="All villages and communities as a pale ground",
        parts=("units",),
        legend=tell_units,
        listed=False,
    ),
    Layer(
        key="grids",
        zh="网格",
        en="Grids",
        why_zh="按客户经理着色，相邻经理颜色不同",
        why_en="By manager; neighbours never share a colour",
        parts=("grids", "managers", "grid_names", "manager_names"),
        legend=tell_grids,
    ),
    Layer(
        key="coverage",
        zh="覆盖率",
        en="Coverage",
        why_zh="已服务家庭 ÷ 全部家庭；渗透率为存量 ÷（存量＋潜在）",
        why_en="Households served ÷ households; penetration is customers ÷ (customers + prospects)",
        parts=("coverage",),
        legend=tell_rates,
        roles=CUSTOMER_ROLES,
        shown=False,
        listed=False,
    ),
    Layer(
        key="towns",
        zh="乡镇、街道",
        en="Towns",
        why_zh="乡镇和街道的界线与名称",
        why_en="Borders and names of towns",
        parts=("towns", "town_names"),
        legend=tell_towns,
    ),
    Layer(
        key="outlets",
        zh="网点",
        en="Outlets",
        why_zh="总行、支行和网点的位置",
        why_en="Where the bank's houses stand",
        parts=("outlets",),
        legend=tell_outlets,
    ),
    Layer(
        key="key_clients",
        zh="重点客户",
        en="Key clients",
        why_zh="战略客户由总行牵头，重点客户由支行牵头；空心为只到村级",
        why_en="Strategic and key clients; hollow where only the village is known",
        parts=("key_clients",),
        legend=tell_key_clients,
        roles=CUSTOMER_ROLES,
    ),
    Layer(
        key="customers",
        zh="客户分布",
        en="Customers",
        why_zh="13 级以下按网格合计，13 级起逐户；只到村级的仍合计",
        why_en="Totals a grid below zoom 13, then points; village-level answers stay totals",
        parts=("customer_counts", "customers"),
        legend=tell_customers,
        roles=CUSTOMER_ROLES,
        max_zoom=16,
        shown=False,
    ),
    Layer(
        key="liaisons",
        zh="村级联络员",
        en="Liaisons",
        why_zh="有联络员或终端管理员的网格",
        why_en="Grids with a liaison or a terminal administrator",
        parts=("liaisons",),
        legend=tell_liaisons,
        shown=False,
    ),
    Layer(
        key="findings",
        zh="问题项",
        en="Findings",
        why_zh="重叠、空白等地块问题",
        why_en="Overlaps, gaps and other faults of the ground",
        parts=("findings", "finding_labels"),
        legend=tell_findings,
        max_zoom=16,
    ),
)


def list_layers(viewer: Viewer) -> tuple[Layer, ...]:
    """The layers a viewer may see, bottom first."""
    return tuple(layer for layer in LAYERS if viewer.db_role in layer.roles)


def find_layer(key: str, viewer: Viewer) -> Layer:
    """The layer of that key. Raises NotFound where there is none, or none for this viewer."""
    for layer in list_layers(viewer):
        if layer.key == key:
            return layer
    raise NotFound("no_layer", zh=f"没有图层“{key}”", en=f"there is no layer {key!r}", layer=key)


def viewer_of(session: Session) -> Viewer:
    """For whom the session was opened."""
    viewer: Any = session.info["viewer"]
    assert isinstance(viewer, Viewer)
    return viewer
