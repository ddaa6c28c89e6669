"""What is drawn close to a border takes it exactly: corners first, then edges, then whole stretches."""

from collections.abc import Sequence

import numpy as np
import shapely
import shapely.ops
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Edges, Floats, Shapes, ring_edges, snap
from app.spatial.topology.measures import metres_per_degree

_ON_EDGE_M = 0.03


class Reference:
    """Borders (EPSG:4326) to snap to, laid flat in metres about a drawing."""

    def __init__(self, edges: Edges, middle_lat: float) -> None:
        self.scale = metres_per_degree(np.array([middle_lat]))[0]
        self.corners = np.unique(np.concatenate([edges.start, edges.end]), axis=0)
        flat = np.stack([edges.start, edges.end], axis=1) * self.scale
        self.edges = np.asarray(shapely.linestrings(flat)) if len(edges) else np.empty(0, dtype=object)
        self.edge_tree = shapely.STRtree(self.edges)
        self.corner_points = np.asarray(shapely.points(self.corners * self.scale))
        self.corner_tree = shapely.STRtree(self.corner_points)

    def take(self, xy: Floats, snap_m: float) -> Floats:
        """Points (n, 2) in degrees, each on the corner or else the edge within `snap_m`, if there is one."""
        taken = xy.copy()
        points = np.asarray(shapely.points(xy * self.scale))
        at, corner = self.corner_tree.query_nearest(points, max_distance=snap_m, all_matches=False)
        near = shapely.distance(self.corner_points[corner], points[at])
        # Who stands on an edge already means that place, not the next corner.
        on_edge = np.unique(self.edge_tree.query(points, predicate="dwithin", distance=_ON_EDGE_M)[0])
        meant = ~np.isin(at, on_edge) | (near <= _ON_EDGE_M)
        at, corner = at[meant], corner[meant]
        taken[at] = self.corners[corner]
        free = np.setdiff1d(np.arange(len(xy)), at)
        if len(free):
            on, edge = self.edge_tree.query_nearest(points[free], max_distance=snap_m, all_matches=False)
            foot = shapely.line_interpolate_point(
                self.edges[edge], shapely.line_locate_point(self.edges[edge], points[free][on])
            )
            taken[free[on]] = shapely.get_coordinates(foot) / self.scale
        return np.round(taken, 7)


def snap_drawing(
    drawing: BaseGeometry, shapes: Shapes, snap_m: float, *, without: Sequence[int] = ()
) -> BaseGeometry:
    """A drawn line or area whose points take corners and edges of grids (n,) within `snap_m` metres.

    Borders of the rows `without` among themselves, and of one of them with others, are no reference: they
    are what is being redrawn. Where two following points stand on one grid's border and the border between
    them stays within `snap_m` of the drawn edge, the border is followed. A drawing that would be spoilt by
    that stays as it is drawn.
    """
    edges = _reference_edges(shapes, drawing, snap_m, without)
    if snap_m <= 0 or not len(edges):
        return drawing
    reference = Reference(edges, float(drawing.centroid.y))
    own = _own_corners(shapes, without)
    moved = shapely.transform(drawing, lambda xy: _take(xy, reference, snap_m, own))
    traced = _trace(moved, shapes, reference.scale, snap_m) if not without else moved
    for one in (traced, moved):
        if _sound(one, drawing):
            return one
    return drawing


def snap_ends(line: BaseGeometry, shapes: Shapes, snap_m: float) -> BaseGeometry:
    """A drawn line whose two ends take borders of grids (n,) within `snap_m` metres; the rest stays."""
    edges = _reference_edges(shapes, line, snap_m, ())
    if snap_m <= 0 or line.geom_type != "LineString" or not len(edges):
        return line
    xy = shapely.get_coordinates(line)
    xy[[0, -1]] = Reference(edges, float(line.centroid.y)).take(xy[[0, -1]], snap_m)
    moved = shapely.LineString(np.round(xy, 7))
    return moved if moved.length > 0 else line


def _take(xy: Floats, reference: Reference, snap_m: float, own: set[tuple[float, float]]) -> Floats:
    stays = np.array([tuple(one) in own for one in xy.tolist()], dtype=bool)
    taken = reference.take(xy, snap_m)
    taken[stays] = xy[stays]
    return taken


def _own_corners(shapes: Shapes, rows: Sequence[int]) -> set[tuple[float, float]]:
    if not len(rows):
        return set()
    return {(x, y) for x, y in shapely.get_coordinates(snap(shapes[list(rows)])).tolist()}


def _reference_edges(shapes: Shapes, drawing: BaseGeometry, snap_m: float, without: Sequence[int]) -> Edges:
    margin = snap_m / 80_000.0
    west, south, east, north = drawing.bounds
    box = shapely.box(west - margin, south - margin, east + margin, north + margin)
    near = shapely.STRtree(shapes).query(box)
    edges = ring_edges(snap(shapes[near]))
    low, high = np.minimum(edges.start, edges.end), np.maximum(edges.start, edges.end)
    west, south, east, north = box.bounds
    meets = (high[:, 0] >= west) & (low[:, 0] <= east) & (high[:, 1] >= south) & (low[:, 1] <= north)
    edges = edges.take(meets)
    if not len(without):
        return edges
    own = ring_edges(snap(shapes[list(without)]))
    known = {_key(a, b) for a, b in zip(own.start.tolist(), own.end.tolist(), strict=True)}
    pairs = zip(edges.start.tolist(), edges.end.tolist(), strict=True)
    return edges.take(np.array([_key(a, b) not in known for a, b in pairs], dtype=bool))


def _key(a: list[float], b: list[float]) -> tuple[tuple[float, ...], ...]:
    return tuple(sorted((tuple(a), tuple(b))))


def _sound(shape: BaseGeometry, drawing: BaseGeometry) -> bool:
    if shape.is_empty or not shapely.is_valid(shape):
        return False
    return shape.geom_type == drawing.geom_type and (drawing.area == 0) == (shape.area == 0)


def _trace(drawing: BaseGeometry, shapes: Shapes, scale: Floats, snap_m: float) -> BaseGeometry:
    near = shapely.STRtree(shapes).query(drawing, predicate="intersects")
    rings = shapely.get_rings(snap(shapes[near])) if len(near) else np.empty(0, dtype=object)
    flat = np.asarray(shapely.transform(rings, lambda xy: xy * scale))
    if drawing.geom_type == "LineString":
        return shapely.LineString(_follow(drawing, flat, scale, snap_m))
    if drawing.geom_type == "Polygon":
        walked = [_follow(ring, flat, scale, snap_m) for ring in shapely.get_rings(drawing)]
        return shapely.Polygon(walked[0], walked[1:])
    return drawing


def _follow(line: BaseGeometry, rings: Shapes, scale: Floats, snap_m: float) -> list[tuple[float, ...]]:
    xy = shapely.get_coordinates(line)
    walked = [tuple(xy[0].tolist())]
    for a, b in zip(xy[:-1] * scale, xy[1:] * scale, strict=True):
        path = _path_between(a, b, rings, snap_m)
        walked += [tuple(np.round(one / scale, 7).tolist()) for one in path]
        walked.append(tuple(np.round(b / scale, 7).tolist()))
    return walked


def _path_between(a: Floats, b: Floats, rings: Shapes, snap_m: float) -> Floats:
    """The corners of a border between two of its points, where it runs close to the straight way."""
    ends, chord = shapely.points([a, b]), shapely.LineString([a, b])
    for ring in rings:
        if not (shapely.dwithin(ring, ends, 0.02).all() and chord.length > 0):
            continue
        begin, end = sorted(shapely.line_locate_point(ring, ends).tolist())
        path = shapely.ops.substring(ring, begin, end)
        inner = shapely.get_coordinates(path)[1:-1]
        close = shapely.distance(shapely.points(inner), chord) <= snap_m if len(inner) else np.array([])
        if len(inner) and close.all() and path.length < 2 * chord.length + snap_m:
            first = shapely.get_coordinates(path)[0]
            return inner if np.hypot(*(first - a)) <= np.hypot(*(first - b)) else inner[::-1]
    return np.empty((0, 2))
