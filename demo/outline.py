"""The made-up outline of the county: a mainland and one island, drawn by hand in kilometres.

It has roughly the size and the place of Haimen and is traced from nothing: a rounded ground between a
river in the south and a sea in the east. Plane coordinates are EPSG:4549 (CGCS2000, 3-degree zone, central
meridian 120 E) in metres, x east and y north.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# The corner that the drawing below counts from, EPSG:4549 metres (about 121.03 E 31.80 N).
ORIGIN_X_M, ORIGIN_Y_M = 598_000.0, 3_519_000.0

MAINLAND_KM = [
    (2.6, 26.2), (5.6, 29.7), (9.2, 29.2), (13.2, 30.7), (17.4, 29.9), (20.6, 31.2), (24.6, 30.3),
    (27.8, 32.4), (32.4, 31.7), (36.2, 33.0), (40.6, 31.6), (43.6, 28.9), (45.3, 25.2), (47.6, 22.2),
    (47.4, 18.0), (45.3, 14.6), (45.0, 11.0), (41.2, 8.2), (38.2, 4.8), (33.8, 3.6), (30.2, 1.4),
    (26.2, 3.2), (21.8, 2.4), (17.6, 4.9), (13.4, 5.2), (9.6, 8.4), (5.8, 10.3), (3.8, 13.9),
    (1.0, 16.8), (0.5, 21.4),
]  # fmt: skip
ISLAND_KM = [
    (27.6, -4.8), (29.6, -3.5), (31.8, -4.0), (34.0, -3.4), (36.1, -4.4), (36.4, -5.7), (34.4, -7.0),
    (31.6, -7.3), (29.0, -7.0), (27.4, -6.0),
]  # fmt: skip

# Where each town of the mainland has its seat, in the same kilometres.
TOWN_SEATS_KM: dict[str, tuple[float, float]] = {
    "三星镇": (5.6, 22.6),
    "海门街道": (11.6, 16.2),
    "滨江街道": (8.4, 11.6),
    "常乐镇": (16.2, 25.2),
    "三厂街道": (18.4, 9.0),
    "四甲镇": (24.6, 26.0),
    "悦来镇": (26.4, 14.6),
    "余东镇": (31.4, 26.8),
    "正余镇": (34.8, 18.6),
    "包场镇": (41.2, 22.0),
    "临江镇": (33.6, 8.6),
}
ISLAND_TOWN, ISLAND_SEAT_KM = "海永镇", (32.2, -5.4)


def to_metres(km: tuple[float, float]) -> tuple[float, float]:
    """Turn a place of the drawing (km) into EPSG:4549 metres."""
    return ORIGIN_X_M + 1000 * km[0], ORIGIN_Y_M + 1000 * km[1]


def draw_mainland() -> shapely.Polygon:
    """The mainland as a smooth ring, EPSG:4549."""
    return _smooth(MAINLAND_KM)


def draw_island() -> shapely.Polygon:
    """The island as a smooth ring, EPSG:4549."""
    return _smooth(ISLAND_KM)


def _smooth(points_km: list[tuple[float, float]], rounds: int = 4) -> shapely.Polygon:
    """Cut the corners of a closed ring again and again (Chaikin)."""
    ring: Numbers = np.array([to_metres(p) for p in points_km])
    for _ in range(rounds):
        after = np.roll(ring, -1, axis=0)
        ring = np.stack([0.75 * ring + 0.25 * after, 0.25 * ring + 0.75 * after], axis=1).reshape(-1, 2)
    return shapely.Polygon(ring)
