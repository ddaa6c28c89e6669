"""Square metres and metres of shapes given in degrees.

Each shape is laid on its own small plane, scaled by the WGS 84 ellipsoid at its centroid. Errors are of
second order only: areas of shapes up to two degrees across are true within 0.1 %.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from app.spatial.topology.edges import Floats, Ints, Shapes

_A, _E2 = 6378137.0, 0.0066943799901413165


def metres_per_degree(lat: Floats) -> Floats:
    """Metres of one degree of longitude and of latitude at latitudes (n,): shape (n, 2)."""
    phi = np.radians(lat)
    w2 = 1.0 - _E2 * np.sin(phi) ** 2
    east = _A * np.cos(phi) / np.sqrt(w2)
    north = _A * (1.0 - _E2) / (w2 * np.sqrt(w2))
    return np.radians(np.stack([east, north], axis=-1))


@dataclass(frozen=True, slots=True)
class Planes:
    """Shapes laid flat in metres, each about its own origin; `lift` turns metres back into degrees."""

    flat: Shapes
    origin: Floats
    scale: Floats

    def area_m2(self) -> Floats:
        """Area of each shape."""
        return np.asarray(shapely.area(self.flat))

    def length_m(self) -> Floats:
        """Perimeter of each shape, holes included."""
        return np.asarray(shapely.length(self.flat))

    def width_m(self) -> Floats:
        """2 x area / perimeter: about the width of a strip, half the side of a square."""
        length = self.length_m()
        width = np.zeros_like(length)
        return np.divide(2.0 * self.area_m2(), length, out=width, where=length > 0)

    def lift(self, shapes: Shapes, rows: Ints) -> Shapes:
        """Shapes in metres on the planes of `rows`, back in degrees."""
        xy, of = shapely.get_coordinates(shapes, return_index=True)
        at = rows[of]
        return np.asarray(shapely.set_coordinates(shapes.copy(), xy / self.scale[at] + self.origin[at]))


def lay_flat(shapes: Shapes) -> Planes:
    """Lay shapes (EPSG:4326) on planes in metres; empty shapes stay empty."""
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    origin = np.zeros((len(shapes), 2))
    full = np.unique(of)
    origin[full] = shapely.get_coordinates(shapely.centroid(shapes[full]))
    scale = metres_per_degree(origin[:, 1])
    flat = shapely.set_coordinates(shapes.copy(), (xy - origin[of]) * scale[of])
    return Planes(np.asarray(flat), origin, scale)


def area_m2(shapes: Shapes) -> Floats:
    """Area of shapes (EPSG:4326) in square metres, within 0.1 %."""
    return lay_flat(shapes).area_m2()
