"""The sheet's ground in metres of its own CGCS2000 3-degree zone, and the view that lays it on paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from app.errors import BadInput
from app.maps.wall.drawing import Box
from app.maps.wall.sheet import Sheet, SheetFinding, SheetGrid, SheetOutline
from app.spatial.crs.zones import local_epsg

_FIRST_ZONE_EPSG, _FIRST_MERIDIAN = 4534, 75
_MANY_VERTICES, _FILLED_SHARE = 40_000, 0.5
_NESTED_SHARE, _HIDDEN_SHARE = 1e-4, 0.02


@dataclass(frozen=True, slots=True)
class View:
    """One map window: scale 1:N and the ground point (metres) in the middle of a box (mm, y downwards)."""

    scale: int
    centre_m: tuple[float, float]
    box: Box

    @property
    def mm_per_m(self) -> float:
        """Paper millimetres for one metre of ground."""
        return 1000 / self.scale

    def to_paper(self, geom: BaseGeometry) -> BaseGeometry:
        """A geometry in metres laid on paper in millimetres, cut at the window."""
        x0, y0, x1, y1 = self.box
        if geom.is_empty:
            return geom
        origin = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        factor = np.array([self.mm_per_m, -self.mm_per_m])
        laid = shapely.transform(geom, lambda xy: (xy - np.array(self.centre_m)) * factor + origin)
        if shapely.box(*self.box).contains(shapely.box(*laid.bounds)):
            return laid
        return shapely.intersection(laid, shapely.box(*self.box))


@dataclass(frozen=True, eq=False)
class Ground:
    """Everything of a sheet that has a place, projected to metres (EPSG `epsg`), grids in directory order.

    `outline` is what the sheet is about; `home` the larger frame it is a part of, where there is one.
    """

    epsg: int
    grids: tuple[SheetGrid, ...]
    shapes: tuple[BaseGeometry, ...]
    visible: tuple[BaseGeometry, ...]
    managers: tuple[BaseGeometry, ...]
    towns: tuple[SheetOutline, ...]
    neighbours: tuple[SheetOutline, ...]
    findings: tuple[SheetFinding, ...]
    outline: BaseGeometry
    home: BaseGeometry | None
    outlets_m: tuple[tuple[float, float], ...]
    clients_m: tuple[tuple[float, float], ...]

    @property
    def meridian(self) -> int:
        """Central meridian of the zone in degrees east."""
        return _FIRST_MERIDIAN + 3 * (self.epsg - _FIRST_ZONE_EPSG)

    @cached_property
    def area_km2(self) -> float:
        """Area of the sheet's own ground in square kilometres, counted once where grids overlap."""
        return float(shapely.union_all(list(self.shapes)).area / 1e6)


def lay_ground(sheet: Sheet) -> Ground:
    """Project a sheet to metres; `BadInput` when it has no grid with an area."""
    grids = order_grids(sheet.grids)
    if not grids or all(grid.geom.is_empty for grid in grids):
        raise BadInput(
            "sheet_without_grids", zh="这张图没有网格，无法出图", en="The sheet has no grids to draw"
        )
    lon = float(shapely.centroid(shapely.union_all([grid.geom.envelope for grid in grids])).x)
    epsg = local_epsg(lon)
    project = _Projector(epsg)
    shapes = tuple(project.polygons(grid.geom) for grid in grids)
    findings = tuple(SheetFinding(f.kind, project.polygons(f.geom), f.area_m2) for f in sheet.findings)
    frame = project.polygons(sheet.frame) if sheet.frame else None
    outline, home = _find_outline(shapes, findings, frame=frame)
    return Ground(
        epsg,
        grids,
        shapes,
        cut_visible(shapes),
        _join_managers(grids, shapes),
        tuple(SheetOutline(town.name, project.polygons(town.geom)) for town in sheet.towns),
        tuple(SheetOutline(other.name, project.polygons(other.geom)) for other in sheet.neighbours),
        findings,
        outline,
        home,
        project.points((point.lon, point.lat) for point in sheet.outlets),
        project.points((client.lon, client.lat) for client in sheet.key_clients),
    )


def order_grids(grids: Iterable[SheetGrid]) -> tuple[SheetGrid, ...]:
    """Directory order: by manager code, within it by grid code; grids nobody holds come last."""
    return tuple(sorted(grids, key=lambda g: (g.manager_code is None, g.manager_code or "", g.code, g.name)))


def _find_outline(
    shapes: Sequence[BaseGeometry], findings: Sequence[SheetFinding], *, frame: BaseGeometry | None
) -> tuple[BaseGeometry, BaseGeometry | None]:
    """The frame when the grids fill it; for a branch inside the bank's frame its own ground, gaps filled."""
    own = _join(shapes)
    if frame is not None and own.area >= _FILLED_SHARE * frame.area:
        return frame, None
    gaps = [finding.geom for finding in findings if finding.kind == "gap" and finding.geom.intersects(own)]
    return _join([own, *gaps]) if gaps else own, frame


def coarsen_ground(ground: Ground, tolerance_m: float) -> Ground:
    """The ground in fewer vertices, when it has more than a sheet can show; shared borders stay shared."""
    if shapely.get_num_coordinates(np.array(ground.shapes, dtype=object)).sum() < _MANY_VERTICES:
        return ground
    coarse = shapely.coverage_simplify(np.array(ground.shapes, dtype=object), tolerance_m)
    shapes = tuple(shape if shape.is_valid else shapely.buffer(shape, 0) for shape in coarse)
    towns, neighbours = (
        tuple(SheetOutline(other.name, other.geom.simplify(tolerance_m)) for other in outlines)
        for outlines in (ground.towns, ground.neighbours)
    )
    return replace(
        ground,
        shapes=shapes,
        visible=cut_visible(shapes),
        managers=_join_managers(ground.grids, shapes),
        towns=towns,
        neighbours=neighbours,
        outline=ground.outline.simplify(tolerance_m),
    )


def cut_visible(shapes: Sequence[BaseGeometry]) -> tuple[BaseGeometry, ...]:
    """What of each shape is seen when large ones are painted first and small ones over them.

    A shape that is covered all over (a duplicate) is returned whole: its name must stand somewhere.
    """
    above = _find_above(shapes)
    visible = []
    for at, shape in enumerate(shapes):
        over = [shapes[place] for place in above.get(at, [])]
        rest = shapely.difference(shape, _join(over)) if over else shape
        visible.append(rest if rest.area > _HIDDEN_SHARE * shape.area else shape)
    return tuple(visible)


def _find_above(shapes: Sequence[BaseGeometry]) -> dict[int, list[int]]:
    tree, areas = shapely.STRtree(list(shapes)), [shape.area for shape in shapes]
    under, over = tree.query(list(shapes), predicate="intersects")
    above: dict[int, list[int]] = {}
    for low, high in zip(under.tolist(), over.tolist(), strict=True):
        if low != high and (areas[high], low) < (areas[low], high):
            shared = shapely.intersection(shapes[low], shapes[high]).area
            if shared > _NESTED_SHARE * areas[high]:
                above.setdefault(low, []).append(high)
    return above


@cache
def _find_transformer(epsg: int) -> Transformer:
    return Transformer.from_crs(4326, epsg, always_xy=True)


class _Projector:
    def __init__(self, epsg: int) -> None:
        self._transform = _find_transformer(epsg).transform

    def polygons(self, geom: BaseGeometry) -> BaseGeometry:
        """The polygons of a geometry, valid, in metres."""
        sound = geom if geom.is_valid else shapely.make_valid(geom)
        parts = [part for part in _flatten(sound) if isinstance(part, shapely.Polygon) and part.area > 0]
        whole: BaseGeometry = shapely.MultiPolygon(parts)
        laid = shapely.transform(whole, self._forward)
        return laid if laid.is_valid else shapely.buffer(laid, 0)

    def points(self, lonlat: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
        """Points in metres."""
        return tuple((float(x), float(y)) for x, y in (self._transform(lon, lat) for lon, lat in lonlat))

    def _forward(self, lonlat: np.ndarray) -> np.ndarray:
        return np.column_stack(self._transform(lonlat[:, 0], lonlat[:, 1]))


def _flatten(geom: BaseGeometry) -> Iterable[BaseGeometry]:
    for part in shapely.get_parts(geom):
        if part.geom_type.startswith("Multi") or part.geom_type == "GeometryCollection":
            yield from _flatten(part)
        else:
            yield part


def _join(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    return shapely.union_all(list(shapes), grid_size=0.01)


def _join_managers(grids: Sequence[SheetGrid], shapes: Sequence[BaseGeometry]) -> tuple[BaseGeometry, ...]:
    held: dict[str, list[BaseGeometry]] = {}
    for grid, shape in zip(grids, shapes, strict=True):
        held.setdefault(grid.manager_code or "", []).append(shape)
    return tuple(_join(parts) for parts in held.values())
