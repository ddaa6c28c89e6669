"""Responsibility letters 责任书: a page a manager or branch head, his grids on a small map, to be signed."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import typst
from sqlalchemy.orm import Session

from app.clock import today
from app.db import fetch_all
from app.errors import BadInput, NotFound
from app.maps.directory import KINDS, list_directory
from app.maps.wall.faces import find_fonts
from app.spatial.crs.datums import project
from app.spatial.crs.zones import local_epsg

TEMPLATE = Path(__file__).parent / "letter.typ"
INSET_MM = (170.0, 80.0)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who signs a letter, and the grids he answers for."""

    code: str
    name: str
    phone: str | None
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Level:
    """A level of letters: as what its holder answers, who signs beside him, whom its last column names."""

    duty: str
    second: str
    column: str
    key: str


LEVELS: dict[str, Level] = {
    "manager": Level("担任主责客户经理", "支行负责人", "村级联络员", "liaison"),
    "branch": Level("由支行组织经营，支行负责人负总责", "总行分管领导", "客户经理", "manager"),
}


def print_letters(
    session: Session,
    path: Path,
    *,
    bank: str,
    branch: str | None = None,
    level: str = "manager",
    on: date | None = None,
) -> int:
    """Write the letters of all in sight (of one branch, if named) into one PDF; returns how many.

    `level` is manager (each manager with a grid) or branch (the head of each branch with grids). Raises
    BadInput `bad_level`, NotFound when nobody of that level holds a grid of the plan in force.
    """
    if level not in LEVELS:
        raise BadInput(
            "bad_level",
            zh="责任书分 manager（客户经理）和 branch（支行）两级",
            en="a level is manager or branch",
        )
    rows = list_directory(session, branch=branch)
    holders = _list_managers(rows) if level == "manager" else _list_heads(session, rows)
    if not holders:
        raise NotFound(
            "no_managers",
            zh="没有可出具责任书的责任人",
            en="nobody of that level holds a grid of the plan in force",
        )
    shapes = {row["code"]: row for row in fetch_all(session, "maps/list_letter_shapes", branch=branch)}
    letters = [_write(holder, LEVELS[level], shapes, bank, on or today()) for holder in holders]
    data = json.dumps({"letters": letters}, ensure_ascii=False)
    body = typst.compile(TEMPLATE, font_paths=find_fonts(), sys_inputs={"data": data}, format="pdf")
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(body)
    aside.replace(path)
    return len(letters)


def _list_managers(rows: list[dict[str, Any]]) -> list[Holder]:
    held = _group(rows, "manager_code")
    return [Holder(code, own[0]["manager"], own[0]["manager_phone"], own) for code, own in held]


def _list_heads(session: Session, rows: list[dict[str, Any]]) -> list[Holder]:
    """A branch without a head gets its letter all the same, with a line to write his name on."""
    heads = {row["branch_code"]: row for row in fetch_all(session, "maps/list_branch_heads")}
    nobody = {"code": "—", "name": "＿＿＿＿", "phone": None}
    found = [(heads.get(code, nobody), own) for code, own in _group(rows, "branch_code")]
    return [Holder(head["code"], head["name"], head["phone"], own) for head, own in found]


def _group(rows: list[dict[str, Any]], key: str) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row[key]:
            groups[row[key]].append(row)
    return sorted(groups.items())


def _write(holder: Holder, level: Level, shapes: dict[str, Any], bank: str, on: date) -> dict[str, Any]:
    """One letter's facts as the template takes them."""
    rows, first = holder.rows, holder.rows[0]
    return {
        "bank": bank,
        "manager": holder.name,
        "manager_code": holder.code,
        "phone": holder.phone or "—",
        "duty": level.duty,
        "second": level.second,
        "column": level.column,
        "branch": first["branch_name"] or "—",
        "plan": first["plan"],
        "certificate": first["certificate_no"] or "—",
        "valid_from": str(first["valid_from"]),
        "printed_on": on.isoformat(),
        "synthetic": bool(first["synthetic"]),
        "inset": draw_inset([(row["name"], shapes[row["code"]]) for row in rows]),
        "grids": [
            [
                row["code"],
                row["name"],
                KINDS.get(row["kind"], row["kind"]),
                row["town_name"] or "—",
                f"{row['area_km2']:.2f}",
                f"{row['households'] or 0:,}",
                f"{row['existing']:,}",
                row[level.key] or "—",
            ]
            for row in rows
        ],
        "households": f"{sum(row['households'] or 0 for row in rows):,}",
        "existing": f"{sum(row['existing'] for row in rows):,}",
        "area": f"{sum(row['area_km2'] for row in rows):.2f}",
    }


def draw_inset(grids: list[tuple[str, dict[str, Any]]]) -> str:
    """Grids (name, shapes as WKB) as a small SVG in millimetres, CGCS2000 zone; names where they fit."""
    areas = shapely.from_wkb([bytes(row["geom"]) for _, row in grids])
    spots = shapely.from_wkb([bytes(row["anchor"]) for _, row in grids])
    bounds = shapely.total_bounds(areas)
    zone = f"EPSG:{local_epsg((bounds[0] + bounds[2]) / 2)}"
    flat, middles = (
        shapely.transform(shapes, lambda xy: np.column_stack(project(*xy.T, source="EPSG:4326", target=zone)))
        for shapes in (areas, spots)
    )
    west, south, east, north = shapely.total_bounds(flat)
    width, height = INSET_MM
    scale = min((width - 8) / (east - west), (height - 8) / (north - south))
    left, top = (width - (east - west) * scale) / 2, (height - (north - south) * scale) / 2

    def on_paper(xy: Any) -> Any:
        return np.column_stack([left + (xy[:, 0] - west) * scale, top + (north - xy[:, 1]) * scale])

    drawn, places = shapely.transform(flat, on_paper), shapely.transform(middles, on_paper)
    marks = [
        f'<path d="{_path(shape)}" fill="#e3f0f2" stroke="#0b5c6b" stroke-width=".4"/>' for shape in drawn
    ]
    rooms = shapely.distance(places, shapely.boundary(drawn))
    for (name, _), place, room in zip(grids, places, rooms.tolist(), strict=True):
        size = min(5.0, 2 * room / (len(name) * 1.15))
        if size >= 1.8:
            marks.append(
                f'<text x="{place.x:.2f}" y="{place.y + size * 0.36:.2f}" font-size="{size:.2f}" '
                f'font-family="Noto Sans CJK SC" text-anchor="middle" fill="#17232b">{escape(name)}</text>'
            )
    body = "".join(marks)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">{body}</svg>'


def _path(shape: Any) -> str:
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return "".join("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in ring.coords[:-1]) + "Z" for ring in rings)
