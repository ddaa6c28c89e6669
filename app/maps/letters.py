"""Responsibility letters 责任书: one page a manager, his grids on a small map, ready to be signed."""

import json
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
import typst
from sqlalchemy.orm import Session

from app.db import fetch_all
from app.errors import NotFound
from app.maps.directory import KINDS, list_directory
from app.maps.wall.faces import find_fonts
from app.spatial.crs import local_crs

TEMPLATE = Path(__file__).parent / "letter.typ"
INSET_MM = (170.0, 80.0)


def print_letters(
    session: Session, path: Path, *, bank: str, branch: str | None = None, on: date | None = None
) -> int:
    """Write the letters of all managers in sight (of one branch, if named) into one PDF; returns how many.

    Raises NotFound when no manager holds a grid of the plan in force.
    """
    by_manager: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in list_directory(session, branch=branch):
        if row["manager_code"]:
            by_manager[row["manager_code"]].append(row)
    if not by_manager:
        raise NotFound(
            "no_managers", zh="没有在岗的客户经理", en="no manager holds a grid of the plan in force"
        )
    shapes = {
        row["code"]: row["geom"] for row in fetch_all(session, "maps/list_letter_shapes", branch=branch)
    }
    letters = [_write(rows, shapes, bank, on or date.today()) for _, rows in sorted(by_manager.items())]
    data = json.dumps({"letters": letters}, ensure_ascii=False)
    body = typst.compile(TEMPLATE, font_paths=find_fonts(), sys_inputs={"data": data}, format="pdf")
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(body)
    aside.replace(path)
    return len(letters)


def _write(rows: list[dict[str, Any]], shapes: dict[str, Any], bank: str, on: date) -> dict[str, Any]:
    """One letter's facts as the template takes them."""
    first = rows[0]
    return {
        "bank": bank,
        "manager": first["manager"],
        "manager_code": first["manager_code"],
        "phone": first["manager_phone"] or "—",
        "branch": first["branch_name"] or "—",
        "plan": first["plan"],
        "certificate": first["certificate_no"] or "—",
        "valid_from": str(first["valid_from"]),
        "printed_on": on.isoformat(),
        "synthetic": bool(first["synthetic"]),
        "inset": draw_inset([(row["code"], row["name"], shapes[row["code"]]) for row in rows]),
        "grids": [
            [
                row["code"],
                row["name"],
                KINDS.get(row["kind"], row["kind"]),
                row["town_name"] or "—",
                f"{row['area_km2']:.2f}",
                f"{row['households'] or 0:,}",
                f"{row['existing']:,}",
                row["liaison"] or "—",
            ]
            for row in rows
        ],
        "households": f"{sum(row['households'] or 0 for row in rows):,}",
        "existing": f"{sum(row['existing'] for row in rows):,}",
        "area": f"{sum(row['area_km2'] for row in rows):.2f}",
    }


def draw_inset(grids: list[tuple[str, str, Any]]) -> str:
    """The manager's grids as a small SVG in millimetres, in the local CGCS2000 zone; names where they fit."""
    areas = shapely.from_wkb(np.array([bytes(geom) for _, _, geom in grids], dtype=object))
    middle = shapely.union_all(areas).centroid.x
    move = pyproj.Transformer.from_crs("EPSG:4326", local_crs(middle), always_xy=True)
    flat = shapely.transform(areas, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
    west, south, east, north = shapely.total_bounds(flat)
    width, height = INSET_MM
    scale = min((width - 8) / (east - west), (height - 8) / (north - south))
    left, top = (width - (east - west) * scale) / 2, (height - (north - south) * scale) / 2

    def on_paper(xy: Any) -> Any:
        return np.column_stack([left + (xy[:, 0] - west) * scale, top + (north - xy[:, 1]) * scale])

    drawn = shapely.transform(flat, on_paper)
    marks = [
        f'<path d="{_path(shape)}" fill="#e3f0f2" stroke="#0b5c6b" stroke-width=".4"/>' for shape in drawn
    ]
    for (_, name, _), shape in zip(grids, drawn, strict=True):
        spot = shapely.maximum_inscribed_circle(shape).coords
        size = min(5.0, 2 * shapely.length(shapely.LineString(spot)) / (len(name) * 1.15))
        if size >= 1.8:
            marks.append(
                f'<text x="{spot[0][0]:.2f}" y="{spot[0][1] + size * 0.36:.2f}" font-size="{size:.2f}" '
                f'font-family="Noto Sans CJK SC" text-anchor="middle" fill="#17232b">{name}</text>'
            )
    body = "".join(marks)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">{body}</svg>'


def _path(shape: Any) -> str:
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return "".join("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in ring.coords[:-1]) + "Z" for ring in rings)
