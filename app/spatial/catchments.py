"""Catchments: the ground that is nearer to one place than to any other, and rings, as polygons in degrees.

Borders between two places are drawn in a map of the region's own (transverse Mercator about its middle),
where straight lines half way between two points are within a decimetre of half way on the ground, 50 km
from the middle.
"""

from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
_GEOD = pyproj.Geod(ellps="WGS84")
CORNERS = 256
# Borders are bent back into degrees piece by piece: half a kilometre is straight to a few millimetres.
PIECE_M = 500.0


def draw_ring(lon: float, lat: float, radius_m: float, *, corners: int = CORNERS) -> BaseGeometry:
    """The circle (EPSG:4326) of all places `radius_m` from a point on the ground, as a polygon of
    `corners`."""
    bearings = np.linspace(0, 360, corners, endpoint=False)
    many = np.full(corners, 1.0)
    x, y, _ = _GEOD.fwd(lon * many, lat * many, bearings, radius_m * many)
    return shapely.Polygon(np.column_stack([x, y]))


def draw_cells(
    sites_x: Floats, sites_y: Floats, frame: BaseGeometry, *, radius_m: float | None = None
) -> Shapes:
    """Each site's share of a frame (all EPSG:4326): the ground nearest to it, cut at `radius_m` where that
    is given.

    Of sites on one spot the first has the ground, the others an empty polygon. Without `radius_m` the
    shares fill the frame without overlap or gap; a site outside the frame has a share too where it is the
    nearest.
    """
    shares = np.full(len(sites_x), shapely.Polygon(), dtype=object)
    if not len(sites_x):
        return shares
    spots, first = np.unique(np.column_stack([sites_x, sites_y]), axis=0, return_index=True)
    cells = _halve(spots, frame) if len(spots) > 1 else np.array([frame], dtype=object)
    for row, cell in zip(first, cells, strict=True):
        share = shapely.intersection(cell, frame)
        if radius_m is not None:
            share = shapely.intersection(share, draw_ring(sites_x[row], sites_y[row], radius_m))
        shares[row] = _keep_ground(share)
    return shares


def _halve(spots: Floats, frame: BaseGeometry) -> Shapes:
    """The Voronoi cells of spots (degrees, in their order), wide enough to hold the frame."""
    west, south, east, north = shapely.bounds(frame)
    middle = f"+proj=tmerc +lon_0={(west + east) / 2} +lat_0={(south + north) / 2} +ellps=WGS84 +units=m"
    flat = pyproj.Transformer.from_crs("EPSG:4326", pyproj.CRS.from_proj4(middle), always_xy=True)
    metres = np.column_stack(flat.transform(spots[:, 0], spots[:, 1]))
    ground = np.column_stack(flat.transform(*shapely.get_coordinates(frame).T))
    every = np.concatenate([metres, ground])
    margin = np.ptp(every, axis=0).max() / 10 + PIECE_M
    room = shapely.box(*(every.min(axis=0) - margin), *(every.max(axis=0) + margin))
    cells = shapely.voronoi_polygons(shapely.multipoints(metres), extend_to=room, ordered=True)
    pieces = shapely.segmentize(shapely.intersection(shapely.get_parts(cells), room), PIECE_M)
    back = pyproj.Transformer.from_crs(pyproj.CRS.from_proj4(middle), "EPSG:4326", always_xy=True)
    bent: Shapes = shapely.transform(pieces, lambda xy: np.column_stack(back.transform(*xy.T)))
    return bent


def _keep_ground(shape: Any) -> BaseGeometry:
    """What of a shape is area."""
    flat = [part for part in shapely.get_parts(shape) if shapely.get_type_id(part) == 3]
    return flat[0] if len(flat) == 1 else shapely.MultiPolygon(flat)
