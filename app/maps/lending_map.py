"""The small map of a lending check: the spot, the way to the branch's border, the grids round about."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from app.customers.lending.grounds import BranchGround
from app.maps.wall.faces import replace_missing
from app.spatial.crs import local_crs

WIDTH_MM, HEIGHT_MM = 170.0, 96.0
FINE_MM = 0.05
LEAST_HALF_M = 260.0
FAR_M = 60_000.0
"""A spot farther away than this is not drawn beside the ground: it would be a dot in the void."""
MOST_NAMES = 14
SHORT_MM = 16.0
NAME_MM = 2.5
"""So wide is a character of a name."""
OWN, OTHER, LINE, MARK = "#d3e8ea", "#f4f3ee", "#0b5c6b", "#b3231c"
Point = tuple[float, float]


@dataclass(frozen=True)
class Spot:
    """What was asked about: its point, the border's nearest point (EPSG:4326), and how far in metres."""

    point: Point
    foot: Point | None
    distance_m: float | None
    edge_m: float


class Paper:
    """From degrees to millimetres on the map, by a local CGCS2000 zone; north is up."""

    def __init__(self, middle: Point, half_m: float) -> None:
        self._move = pyproj.Transformer.from_crs("EPSG:4326", local_crs(middle[0]), always_xy=True)
        self.x, self.y = self._move.transform(*middle)
        self.mm_per_m = min(WIDTH_MM, HEIGHT_MM) / 2 / half_m
        half = np.array([WIDTH_MM, HEIGHT_MM]) / self.mm_per_m / 2
        signs = np.array([(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)])
        x, y = (np.array([self.x, self.y]) + signs * half).T
        corners = self._move.transform(x, y, direction="INVERSE")
        self.view = shapely.box(min(corners[0]), min(corners[1]), max(corners[0]), max(corners[1]))

    def lay(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape in millimetres from the map's upper left corner."""

        def on_paper(xy: Any) -> Any:
            east, north = self._move.transform(xy[:, 0], xy[:, 1])
            x = WIDTH_MM / 2 + (np.asarray(east) - self.x) * self.mm_per_m
            y = HEIGHT_MM / 2 - (np.asarray(north) - self.y) * self.mm_per_m
            return np.column_stack([x, y])

        laid: BaseGeometry = shapely.transform(shape, on_paper)
        return laid


def draw_map(ground: BranchGround, spot: Spot | None) -> dict[str, Any]:
    """The map as SVG with its names and its scale bar (mm, metres): {svg, names, scale, spot, far}."""
    far = spot is not None and (spot.distance_m or 0.0) > FAR_M
    paper = _choose_view(ground, None if far else spot)
    frame = shapely.box(0, 0, WIDTH_MM, HEIGHT_MM)
    parts, names = _draw_grids(ground, paper, frame)
    border = shapely.intersection(paper.lay(_cut(ground.sure, paper)).boundary, frame)
    parts.append(f'<path d="{_line(border)}" fill="none" stroke="{LINE}" stroke-width="0.9"/>')
    label, spots = None, []
    if spot is not None and not far:
        marks, label = _draw_spot(spot, paper)
        parts += marks
        spots = [(*_at(spot.point, paper), "")]
    size = f'viewBox="0 0 {WIDTH_MM:g} {HEIGHT_MM:g}" width="{WIDTH_MM:g}mm" height="{HEIGHT_MM:g}mm"'
    clip = f'<clipPath id="c"><rect width="{WIDTH_MM:g}" height="{HEIGHT_MM:g}"/></clipPath>'
    back = f'<rect width="{WIDTH_MM:g}" height="{HEIGHT_MM:g}" fill="#fbfbf8"/>'
    inner = f'<g clip-path="url(#c)" stroke-linejoin="round">{"".join(parts)}</g>'
    return {
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{clip}{back}{inner}</svg>',
        "names": [one for one in names if not _hides(one, [label, *spots])],
        "scale": _choose_scale(paper),
        "label": label,
        "far": far,
        "spot": spot is not None and not far,
    }


def _choose_view(ground: BranchGround, spot: Spot | None) -> Paper:
    """The spot with the border's nearest point and some ground round both; else the whole ground."""
    if spot is None:
        west, south, east, north = ground.sure.bounds
        high = (north - south) * 111_000 / 2
        wide = (
            (east - west) * 111_000 * math.cos(math.radians((south + north) / 2)) / 2 * HEIGHT_MM / WIDTH_MM
        )
        return Paper(((west + east) / 2, (south + north) / 2), max(high, wide, LEAST_HALF_M) * 1.08)
    foot = spot.foot or spot.point
    middle = ((spot.point[0] + foot[0]) / 2, (spot.point[1] + foot[1]) / 2)
    return Paper(middle, max((spot.distance_m or 0.0) * 0.8, spot.edge_m * 2.5, LEAST_HALF_M))


def _draw_grids(
    ground: BranchGround, paper: Paper, frame: BaseGeometry
) -> tuple[list[str], list[tuple[float, float, str]]]:
    """All grids in view, the branch's own tinted, and the names of the largest pieces."""
    rows = np.sort(ground.plan.tree.query(paper.view, predicate="intersects"))[::-1]
    parts: list[str] = []
    pieces: list[tuple[float, int, Any]] = []
    for row in rows:
        cut = _cut(ground.plan.locator.polygons[row], paper)
        shape = shapely.simplify(shapely.intersection(paper.lay(cut), frame), FINE_MM)
        if shape.is_empty:
            continue
        fill = OWN if ground.own[row] else OTHER
        parts.append(f'<path d="{_path(shape)}" fill="{fill}" stroke="#8d9aa2" stroke-width=".18"/>')
        pieces.append((shape.area, row, shape))
    pieces.sort(key=lambda piece: -piece[0])
    names = []
    for area, row, shape in pieces[:MOST_NAMES]:
        text = replace_missing(ground.plan.rows[row]["name"])
        at: Any = shapely.maximum_inscribed_circle(shape)
        if shapely.length(at) * 2 < 3.2 or area < len(text) * 12:
            continue
        x, y = shapely.get_coordinates(at)[0]
        half = len(text) * NAME_MM / 2 + 1
        if not half < x < WIDTH_MM - half:
            continue
        names.append((round(float(x), 2), round(float(y), 2), text))
    return parts, names


def _draw_spot(spot: Spot, paper: Paper) -> tuple[list[str], tuple[float, float, str] | None]:
    """The circle of the placement, the way to the border, the spot; and where the distance is written."""
    (x, y), radius = _at(spot.point, paper), max(spot.edge_m * paper.mm_per_m, 0.6)
    parts = [
        f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:.2f}" fill="{MARK}" fill-opacity=".08" stroke="{MARK}"'
        ' stroke-width=".25" stroke-dasharray="1.2 .8"/>'
    ]
    label = None
    if spot.foot is not None and spot.distance_m is not None:
        to_x, to_y = _at(spot.foot, paper)
        parts.append(
            f'<path d="M{x:.2f} {y:.2f}L{to_x:.2f} {to_y:.2f}" stroke="#17232b" stroke-width=".45"'
            ' stroke-dasharray="1.6 1"/>'
            f'<circle cx="{to_x:.2f}" cy="{to_y:.2f}" r=".9" fill="#fff" stroke="#17232b" stroke-width=".4"/>'
        )
        told = (
            f"{spot.distance_m:,.1f} 米"
            if spot.distance_m < 10_000
            else f"{spot.distance_m / 1000:,.2f} 公里"
        )
        mid_x, mid_y = (x + to_x) / 2, (y + to_y) / 2
        # A short way would lie under its own words: they stand below the circle.
        if math.hypot(to_x - x, to_y - y) < SHORT_MM:
            mid_x, mid_y = x, y + radius + 4
        label = (round(mid_x, 2), round(mid_y, 2), told)
    parts.append(f'<circle cx="{x:.2f}" cy="{y:.2f}" r="1.5" fill="{MARK}" stroke="#fff" stroke-width=".5"/>')
    return parts, label


def _hides(name: tuple[float, float, str], marks: Sequence[tuple[float, float, str] | None]) -> bool:
    """Whether a grid's name would lie under the spot or the distance."""
    return any(mark and abs(name[0] - mark[0]) < 18 and abs(name[1] - mark[1]) < 5 for mark in marks)


def _choose_scale(paper: Paper) -> tuple[float, str]:
    """A round length near a fifth of the map: its millimetres and its words."""
    wanted = WIDTH_MM / 5 / paper.mm_per_m
    power = 10 ** math.floor(math.log10(wanted))
    metres = max(step * power for step in (1, 2, 5) if step * power <= wanted)
    return round(metres * paper.mm_per_m, 2), f"{metres:g} 米" if metres < 1000 else f"{metres / 1000:g} 公里"


def _cut(shape: BaseGeometry, paper: Paper) -> BaseGeometry:
    """The part of a shape in view and a little beyond: its cut edges lie outside the map."""
    west, south, east, north = paper.view.bounds
    dx, dy = (east - west) * 0.2, (north - south) * 0.2
    box = shapely.box(west - dx, south - dy, east + dx, north + dy)
    cut: BaseGeometry = shapely.intersection(shape, box)
    return cut


def _at(point: Point, paper: Paper) -> Point:
    laid = paper.lay(shapely.Point(point))
    return float(laid.x), float(laid.y)  # type: ignore[attr-defined]


def _path(shape: BaseGeometry) -> str:
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    rings = [ring for part in polygons for ring in (part.exterior, *part.interiors)]
    return "".join("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in ring.coords[:-1]) + "Z" for ring in rings)


def _line(shape: BaseGeometry) -> str:
    lines = [part for part in shapely.get_parts(shape) if part.geom_type in ("LineString", "LinearRing")]
    return "".join("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in line.coords) for line in lines)
