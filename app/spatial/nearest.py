"""Rings and nearest places on the ground: a k-d tree in space proposes, the geodesic decides.

Points become places on the ellipsoid in metres from the earth's middle. The straight line between two of
them is shorter than the way on the ground by its cube over 24 radii squared: 8 mm at 20 km, known to a
tenth of a millimetre. So a tree of straight lines finds whoever is nearest, without a map zone; where two
ways differ by less than that is sure, and at the rim of a ring, the geodesic itself is asked (Karney, by
PROJ).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from app.spatial.crs import distance_m

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
SEMI_MAJOR_M = 6378137.0
E2 = (1 / 298.257223563) * (2 - 1 / 298.257223563)
RADIUS_M = 6_367_000.0
# Ways that differ by no more are a tie; the rim of a ring belongs to it to the thousandth of that.
TIE_M = 1e-3
RIM_M = 1e-6
# At least this many places are weighed for each point; more where so many are equally near.
WEIGHED = 4


def to_space(lon: ArrayLike, lat: ArrayLike) -> Floats:
    """Places (n, 3) in metres from the earth's middle of points on the ellipsoid in degrees."""
    lam, phi = np.radians(np.asarray(lon, np.float64)), np.radians(np.asarray(lat, np.float64))
    across = SEMI_MAJOR_M / np.sqrt(1 - E2 * np.sin(phi) ** 2)
    return np.column_stack(
        [
            across * np.cos(phi) * np.cos(lam),
            across * np.cos(phi) * np.sin(lam),
            across * (1 - E2) * np.sin(phi),
        ]
    )


def to_ground_m(straight_m: ArrayLike) -> Floats:
    """The way on the ground for a straight line through it, both in metres; sure to `slack_m`."""
    straight = np.asarray(straight_m, np.float64)
    return straight + straight**3 / (24 * RADIUS_M**2) * (1 + 0.225 * (straight / RADIUS_M) ** 2)


def slack_m(ground_m: ArrayLike) -> Floats:
    """How far `to_ground_m` may be from the geodesic: a fiftieth of what it adds, and the rounding."""
    ground = np.asarray(ground_m, np.float64)
    return ground**3 / (24 * RADIUS_M**2) / 50 + 1e-6


def box_around(lon: float, lat: float, radius_m: float) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees of a box that holds every place within `radius_m` of a point."""
    # No degree of latitude is shorter than 110,574 m; parallels are shortest at the end nearer to the pole.
    dy = radius_m / 110_574.0 * 1.000_001 + 1e-9
    top = min(abs(lat) + dy, 89.9)
    dx = min(radius_m / (111_319.0 * np.cos(np.radians(top))) * 1.000_1 + 1e-9, 180.0)
    return lon - float(dx), lat - float(dy), lon + float(dx), lat + float(dy)


def measure_from(lon: float, lat: float, x: Floats, y: Floats) -> Floats:
    """Metres on the ground from one point to many (degrees), within a tenth of a millimetre up to 20 km."""
    straight = np.linalg.norm(to_space(x, y) - to_space([lon], [lat]), axis=1)
    return to_ground_m(straight)


def find_within(lon: float, lat: float, radius_m: float, x: Floats, y: Floats) -> tuple[Rows, Floats]:
    """Which of many points (degrees) lie within `radius_m` of a point, the rim included, and how far they
    are.

    Returns their rows in the order given and the metres; the geodesic decides within the slack of the rim.
    """
    metres = measure_from(lon, lat, x, y)
    doubtful = np.flatnonzero(np.abs(metres - radius_m) <= slack_m(radius_m) + RIM_M)
    if len(doubtful):
        metres[doubtful] = distance_m(lon, lat, x[doubtful], y[doubtful])
    rows = np.flatnonzero(metres <= radius_m + RIM_M)
    return rows, metres[rows]


def rank_places(lon: float, lat: float, x: Floats, y: Floats) -> tuple[Rows, Floats]:
    """All places (degrees) in order of their way from a point, and the metres; of a tie the lowest row
    first."""
    metres = distance_m(lon, lat, x, y)
    if not len(metres):
        return np.empty(0, np.intp), metres
    order = np.argsort(metres, kind="stable")
    # A tie begins anew where a way is longer than that of its first by more than `TIE_M`.
    ranks, first, rank = np.zeros(len(order), np.intp), metres[order[0]], 0
    for number, row in enumerate(order):
        if metres[row] > first + TIE_M:
            first, rank = metres[row], number
        ranks[number] = rank
    order = order[np.lexsort((order, ranks))]
    return order, metres[order]


def find_nearest(x: Floats, y: Floats, sites_x: Floats, sites_y: Floats) -> tuple[Rows, Floats]:
    """The nearest site of each point (degrees), and how far it is in metres; of a tie the lowest row.

    The answer is that of `rank_places` for every point. Without a site rows are -1 and metres infinite.
    """
    if not len(sites_x) or not len(x):
        return np.full(len(x), -1, np.intp), np.full(len(x), np.inf)
    # Sites on one spot are one place, and the lowest row has it.
    spots, lowest = np.unique(np.column_stack([sites_x, sites_y]), axis=0, return_index=True)
    tree, places = cKDTree(to_space(spots[:, 0], spots[:, 1])), to_space(x, y)
    return _weigh(tree, places, (x, y), (spots, lowest), min(WEIGHED, len(spots)))


def _weigh(
    tree: cKDTree,
    places: Floats,
    points: tuple[Floats, Floats],
    sites: tuple[Floats, Rows],
    weighed: int,
) -> tuple[Rows, Floats]:
    """The nearest of the `weighed` sites that the tree proposes; more are asked for where all are as near."""
    (x, y), (spots, lowest) = points, sites
    straight, found = tree.query(places, k=weighed, workers=-1)
    straight, found = straight.reshape(len(places), -1), found.reshape(len(places), -1)
    metres = to_ground_m(straight)
    reach = metres[:, 0] + 2 * slack_m(metres[:, 0]) + TIE_M
    rows, nearest = lowest[found[:, 0]].astype(np.intp), metres[:, 0].copy()
    near = metres <= reach[:, None]
    for point in np.flatnonzero(near.sum(axis=1) > 1):
        mine = found[point, near[point]]
        if near[point].all() and weighed < len(spots):
            mine = np.asarray(tree.query_ball_point(places[point], straight[point, 0] * 1.000_001 + 1))
        exact = distance_m(x[point], y[point], spots[mine, 0], spots[mine, 1])
        tied = mine[exact <= exact.min() + TIE_M]
        rows[point] = lowest[tied].min()
        nearest[point] = exact[np.flatnonzero(lowest[mine] == rows[point])[0]]
    return rows, nearest
