"""Markets, business districts and parks: invented shapes that lie wholly inside one village each."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from demo.cells import SNAP_M
from demo.places import TOWNS, Place

SPACE_M = 45.0  # at least this far from the village's edge


@dataclass(frozen=True)
class Market:
    """A market, business district or park: the bank's own code, its name, kind, host and share of it."""

    code: str
    name: str
    kind: str
    host: str
    share: float
    town: str


# name, kind, town, host unit, and how much of the widest circle in the host it takes
MARKETS = tuple(
    Market(f"320614SC{number:02d}", name, kind, host, share, town)
    for number, (name, kind, town, host, share) in enumerate(
        (
            ("叠石桥家纺市场", "市场", "三星镇", "叠石村", 0.62),
            ("三星家纺物流园", "园区", "三星镇", "汇南村", 0.5),
            ("解放路商圈", "商圈", "海门街道", "解放中路社区", 0.7),
            ("人民西路商圈", "商圈", "海门街道", "人民西路社区", 0.66),
            ("海门农副产品批发市场", "市场", "海门街道", "城北社区", 0.6),
            ("謇公湖科创园", "园区", "滨江街道", "謇公湖社区", 0.6),
            ("滨江商务区", "商圈", "滨江街道", "滨江中心社区", 0.64),
            ("青龙港临港产业园", "园区", "三厂街道", "青龙港村", 0.5),
            ("常乐农贸市场", "市场", "常乐镇", "状元街社区", 0.55),
            ("四甲五金机电市场", "市场", "四甲镇", "四甲村", 0.32),
            ("余东古镇文旅街区", "商圈", "余东镇", "启凤街社区", 0.55),
            ("包场建材市场", "市场", "包场镇", "包新街社区", 0.55),
            ("东灶港水产市场", "市场", "包场镇", "东灶渔业村", 0.36),
            ("临江生物医药园", "园区", "临江镇", "临甸港化工园区社区", 0.6),
        ),
        start=1,
    )
)


def draw_market(village: shapely.Polygon, *, share: float, rng: np.random.Generator) -> shapely.Polygon:
    """Draw a turned plot with cut corners round the roomiest place of a village (EPSG:4549)."""
    radius_line = shapely.maximum_inscribed_circle(village, 5.0)
    centre, edge = (np.array(point) for point in radius_line.coords)
    radius = share * (float(np.hypot(*(edge - centre))) - SPACE_M)
    turn = rng.uniform(-0.25, 0.25)
    half_height = rng.uniform(0.5, 0.72)
    half_width = np.sqrt(1 - half_height**2)
    corners = np.array(
        [(-1, -1), (0.3, -1), (0.45, -0.86), (1, -0.9), (1, 0.55), (0.8, 1), (-0.72, 1), (-1, 0.7)]
    )
    plot = corners * [half_width, half_height] * radius
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return shapely.Polygon(np.round((plot @ spin.T + centre) / SNAP_M) * SNAP_M)


def draw_markets(units: list[Place], shapes: NDArray[np.object_], *, seed: int) -> list[shapely.Polygon]:
    """Draw each of `MARKETS` inside its host and prove that it lies there."""
    rng = np.random.default_rng(seed)
    drawn = []
    for market in MARKETS:
        host = shapes[find_host(market, units)]
        plot = draw_market(host, share=market.share, rng=rng)
        assert plot.is_valid, market.name
        assert host.buffer(-20).contains(plot), market.name
        drawn.append(plot)
    return drawn


def find_host(market: Market, units: list[Place]) -> int:
    """The row of the village or community that a market lies in."""
    wanted = (market.town, market.host)
    return next(i for i, unit in enumerate(units) if (TOWNS[unit.parent_code], unit.name) == wanted)
