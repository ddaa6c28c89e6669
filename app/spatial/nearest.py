"""Rings and nearest places on the ground: straight lines in space propose, the geodesic decides.

Points become places on the ellipsoid in metres from the earth's middle. The straight line between two of
them is shorter than the way on the ground by its cube over 24 radii squared: 8 mm at 20 km, known to a
tenth of a millimetre. So straight lines find whoever is nearest, without a map zone, and each point is held
against the few sites of its cell; where two ways differ by less than is sure, and at the rim of a ring, the
geodesic itself is asked (Karney, by PROJ).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.spatial.crs import distance_m

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
SEMI_MAJOR_M = 6378137.0
E2 = (1 / 298.257223563) * (2 - 1 / 298.257223563)
RADIUS_M = 6_367_000.0
# Ways that differ by no more are a tie; the rim of a ring belongs to it to the thousandth of that.
TIE_M = 1e-3
RIM_M = 1e-6
# The ground of many points is cut into cells, at most so many a side.
CELLS = 64
POINTS_A_CELL = 32


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
    cell, first, listed = _list_candidates(x, y, to_space(sites_x, sites_y))
    rows, straight, second = _weigh(to_space(x, y), to_space(sites_x, sites_y), cell, first, listed)
    metres = to_ground_m(straight)
    # Another site is as near within what a straight line may err by: the geodesic decides.
    for point in np.flatnonzero(to_ground_m(second) <= metres + 2 * slack_m(metres) + 2 * TIE_M):
        order, away_m = rank_places(x[point], y[point], sites_x, sites_y)
        rows[point], metres[point] = order[0], away_m[0]
    return rows, metres


def _list_candidates(x: Floats, y: Floats, sites: Floats) -> tuple[Rows, Rows, Rows]:
    """The ground as cells: the cell of each point, and for each cell where its sites begin in a list of them.

    A site that is nearest to any point of a cell is no farther from its middle than the nearest one there
    and twice the way to a corner; nobody else need be asked.
    """
    west, south, east, north = x.min(), y.min(), x.max(), y.max()
    side = int(np.clip(np.sqrt(len(x) / POINTS_A_CELL), 1, CELLS))
    dx, dy = max((east - west) / side, 1e-9), max((north - south) / side, 1e-9)
    column = np.minimum((x - west) / dx, side - 1).astype(np.intp)
    row = np.minimum((y - south) / dy, side - 1).astype(np.intp)
    lon, lat = np.meshgrid(west + (np.arange(side) + 0.5) * dx, south + (np.arange(side) + 0.5) * dy)
    middles = to_space(lon.ravel(), lat.ravel())
    corner_m = dx / 2 * 111_400 * np.cos(np.radians(lat.ravel())) + dy / 2 * 111_700 + 1
    ways = np.linalg.norm(middles[:, None, :] - sites[None, :, :], axis=2)
    near = ways <= (ways.min(axis=1) + 2 * corner_m)[:, None]
    first = np.concatenate([[0], np.cumsum(near.sum(axis=1))]).astype(np.intp)
    return row * side + column, first, np.nonzero(near)[1]


def _weigh(
    places: Floats, sites: Floats, cell: Rows, first: Rows, listed: Rows
) -> tuple[Rows, Floats, Floats]:
    """The nearest of its cell's sites for each place, its straight line, and that to the second (or
    infinite)."""
    rows, best = np.zeros(len(places), np.intp), np.full(len(places), np.inf)
    second, asked = best.copy(), np.arange(len(places))
    for turn in range(int(np.diff(first).max())):
        asked = asked[first[cell[asked]] + turn < first[cell[asked] + 1]]
        site = listed[first[cell[asked]] + turn]
        away = ((places[asked] - sites[site]) ** 2).sum(axis=1)
        nearer = away < best[asked]
        second[asked] = np.where(nearer, best[asked], np.minimum(second[asked], away))
        rows[asked[nearer]], best[asked[nearer]] = site[nearer], away[nearer]
    return rows, np.sqrt(best), np.sqrt(second)
