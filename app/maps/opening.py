"""The map as it opens: what is shown from the start, generalised for one look at all of it.

A page draws it at once, plainly, and lays its tiles over it when they are there: starting WebGL takes longer
than drawing a county. It holds what the first tiles hold, as the same viewer may see it; no more.
"""

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from app.db import fetch_all
from app.maps.facts import Facts
from app.maps.layers import viewer_of
from app.maps.paint import KINDS
from app.maps.shapes import name_grid, name_groups
from app.maps.words import Lang, say

# A look at all of it on a large screen: what is smaller than this there is not told.
SCREEN_PX = 1400
BLUR_PX = 0.7
# Corners are told to a quarter of such a pixel.
FINE = 2
# Ground beside the viewer's own is told as far as a wide screen shows it.
AROUND = 0.8
# Villages are named where a screen shows no more of them than this.
NAMED = 150
# Faults that are named from nearer only.
MINOR = ("nested", "sliver")
Json = dict[str, Any]


def draw_opening(session: Session, facts: Facts, *, lang: Lang = "zh", clients: bool = True) -> bytes:
    """JSON of the opening map as the session's viewer may see it.

    Corners are whole pixels from `at`, EPSG:3857 pixels of `zoom`; a line is [x, y, dx, dy, dx, dy, ...].
    Grids are [colour of the manager or -1, branch_id, rings]; names [x, y, text, fits from GL zoom]; symbols
    [x, y, kind, number]. Without `clients` no customer is in it.
    """
    pen = Pen(facts.view)
    shown = {layer.key for layer in facts.layers if layer.shown}
    asked = {**facts.ground.asked, "branch_id": None}
    # The pale ground around is for those who see a part only: for others their own grids cover it.
    around = viewer_of(session).db_role == "getu_scoped"
    found: Json = {"zoom": pen.zoom, "at": pen.at, **draw_ground(session, pen, asked, units=around)}
    if "outlets" in shown:
        found["outlets"] = pen.spots(fetch_all(session, "maps/shape_outlets", **asked), "kind")
    if clients and "key_clients" in shown:
        rows = fetch_all(session, "maps/shape_key_clients", **asked)
        found["key_clients"] = pen.spots(rows, "tier", "placed", "number")
    if "findings" in shown:
        found |= draw_faults(session, pen, asked, lang)
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def draw_ground(session: Session, pen: "Pen", asked: Json, *, units: bool) -> Json:
    """Frame, grids by manager, borders of managers and towns, names; the villages around, where `units`."""
    grids = [dict(row) for row in fetch_all(session, "maps/shape_grids", **asked)]
    shapes = pen.simplify(pen.project(row.pop("shape") for row in grids))
    found: Json = {
        "frame": pen.lines(
            pen.project(row["shape"] for row in fetch_all(session, "maps/shape_frame", **asked))
        ),
        "grids": [draw_grid(pen, row, shape) for row, shape in zip(grids, shapes, strict=True)],
        "managers": pen.borders(shapes, [row["manager_id"] for row in grids]),
        "manager_names": pen.names(name_groups(grids, key="manager_id", name="manager")),
        "grid_names": pen.names(map(name_grid, grids)) if len(grids) <= NAMED else [],
    }
    if units:
        rows = [dict(row) for row in fetch_all(session, "maps/shape_units")]
        around = pen.project(row.pop("shape") for row in rows)
        near = shapely.intersects(around, pen.box)
        rows, around = (
            [row for row, is_near in zip(rows, near, strict=True) if is_near],
            pen.simplify(around[near]),
        )
        found["units"] = [pen.lines(shape) for shape in around]
        return found | draw_towns(pen, rows, around)
    return found | draw_towns(pen, grids, shapes)


def draw_grid(pen: "Pen", row: Json, shape: Any) -> list[Any]:
    """A grid: the colour of its manager or -1, its branch, its rings."""
    return [row["colour_no"] if row["manager_id"] else -1, row["branch_id"], pen.lines(shape)]


def draw_towns(pen: "Pen", rows: list[Json], shapes: Any) -> Json:
    """Borders of towns from their parts, and each town's name in the middle of all of it."""
    towns = [row["town"] for row in rows]
    parts = group(towns)
    spots = shapely.centroid(shapes)
    middles = [
        [*pen.corner(shapely.multipoints(spots[own]).centroid), str(town), 0]
        for town, own in parts.items()
        if town is not None
    ]
    return {"towns": pen.borders(shapes, towns), "town_names": middles}


def draw_faults(session: Session, pen: "Pen", asked: Json, lang: Lang) -> Json:
    """Open faults, and a label each for those that must be mended."""
    rows = [dict(row) for row in fetch_all(session, "maps/shape_findings", **asked)]
    shapes = pen.project(row.pop("shape") for row in rows)
    labels = [
        [*pen.corner(shape.representative_point()), tell_fault(row, lang), 0]
        for row, shape in zip(rows, shapes, strict=True)
        if row["kind"] not in MINOR
    ]
    faults = [[row["kind"], pen.lines(shape)] for row, shape in zip(rows, shapes, strict=True)]
    return {"findings": faults, "finding_labels": labels}


def tell_fault(fault: Json, lang: Lang) -> str:
    """A fault's kind and area."""
    kind = KINDS[fault["kind"]][0 if lang == "zh" else 1]
    return f"{kind} {fault['area_m2'] / 1e4:.1f} {say('hectares', lang)}"


def group(keys: Iterable[Any]) -> dict[Any, list[int]]:
    """Where each key stands."""
    places: dict[Any, list[int]] = {}
    for n, key in enumerate(keys):
        places.setdefault(key, []).append(n)
    return places


class Pen:
    """Writes shapes as steps in whole pixels."""

    def __init__(self, view: tuple[float, float, float, float]) -> None:
        west, south, east, north = view
        self.zoom = 0
        left, top, right, bottom = self.measure(west, south, east, north)
        self.zoom = round(np.log2(SCREEN_PX / max(right - left, bottom - top, 1e-6))) + FINE
        left, top, right, bottom = self.measure(west, south, east, north)
        wide, high = (right - left) * AROUND, (bottom - top) * AROUND
        self.at = (round(left), round(top))
        self.blur = max(right - left, bottom - top) / SCREEN_PX * BLUR_PX
        self.box = shapely.box(left - wide, top - high, right + wide, bottom + high)

    def measure(
        self, west: float, south: float, east: float, north: float
    ) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of a box in degrees, in pixels."""
        (left, top), (right, bottom) = self.to_pixels(np.array([[west, north], [east, south]]))
        return float(left), float(top), float(right), float(bottom)

    def project(self, wkb: Iterable[Any]) -> Any:
        """Geometries (n,) of WKB in EPSG:4326 as pixels of the world at the pen's zoom, y downwards."""
        shapes = shapely.from_wkb(np.array([bytes(one) for one in wkb], dtype=object))
        return shapely.transform(shapes, self.to_pixels)

    def to_pixels(self, corners: Any) -> Any:
        """Corners (n, 2) in degrees as pixels (n, 2), the map's own projection."""
        lon, lat = corners[:, 0], np.radians(np.clip(corners[:, 1], -85.06, 85.06))
        down = (1 - np.arcsinh(np.tan(lat)) / np.pi) / 2
        return np.column_stack([(lon + 180) / 360, down]) * (256 << self.zoom)

    def simplify(self, shapes: Any) -> Any:
        """Areas in pixels generalised together: neighbours keep one border, none vanishes."""
        simple = shapely.coverage_simplify(shapes, self.blur) if len(shapes) else shapes
        return np.where(shapely.is_empty(simple), shapes, simple)

    def borders(self, shapes: Any, keys: list[Any]) -> list[list[int]]:
        """The borders of areas joined by a key."""
        joined = [shapely.union_all(shapes[own]) for own in group(keys).values()]
        return [line for one in joined for line in self.lines(one)]

    def lines(self, shape: Any) -> list[list[int]]:
        """The rings of areas, or the lines of lines, as steps."""
        parts = shapely.get_parts(shape)
        rings = shapely.get_rings(parts)
        if not len(rings):
            rings = parts
        return [steps for steps in map(self.walk, rings) if len(steps) > 2]

    def walk(self, line: Any) -> list[int]:
        """One line: where it begins, counted from the pen's corner, and its steps; no step stands still."""
        corners = np.rint(shapely.get_coordinates(line)).astype(np.int64) - self.at
        steps = np.diff(corners, axis=0)
        moved = steps[np.any(steps != 0, axis=1)]
        return [int(one) for one in (*corners[0], *moved.ravel())]

    def corner(self, point: Any) -> list[int]:
        """A point in whole pixels from the pen's corner."""
        return [round(point.x) - self.at[0], round(point.y) - self.at[1]]

    def spots(self, rows: Iterable[Any], *columns: str) -> list[list[Any]]:
        """Places of rows whose column `shape` is WKB of a point, each with what the columns tell."""
        records = list(rows)
        points = self.project(row["shape"] for row in records)
        return [
            [*self.corner(point), *(row[name] for name in columns)]
            for point, row in zip(points, records, strict=True)
        ]

    def names(self, told: Iterable[Json]) -> list[list[Any]]:
        """Names with their places and the zoom from which they fit."""
        rows = list(told)
        corners = self.to_pixels(np.array([[one["lon"], one["lat"]] for one in rows]).reshape(-1, 2))
        places = np.rint(corners).astype(np.int64) - self.at
        return [[int(x), int(y), one["name"], one["fits"]] for (x, y), one in zip(places, rows, strict=True)]
