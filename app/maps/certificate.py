"""The coverage certificate on paper: one A4 page to hang beside the map, the statement itself attached."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
import typst
from geoalchemy2.shape import to_shape
from sqlalchemy.orm import Session

from app.db import as_worker
from app.errors import Conflict
from app.glossary import find_term
from app.maps.wall.faces import find_fonts, replace_missing
from app.models import Plan
from app.spatial.crs import local_crs
from app.territory.plans.listing import GridSet, load_grids
from app.territory.plans.statement import write_canonical

TEMPLATE = Path(__file__).parent / "certificate.typ"
MAP_MM = (71.0, 84.0)
FINE_MM = 0.06
"""Corners closer than this are one on paper."""
LIST_CHARS = 2150
"""So many characters the lists may take on the page, less for each row of figures; the rest stands in the
attached statement."""
ROW_CHARS = 75
HEAD_CHARS = 170
"""What the heading of a list and its last, broken line cost."""
FILL = {"market": "#f0c674", "district": "#d7b5d8", "park": "#b8d8a8"}
BASE = "#dcebee"


def print_certificate(session: Session, plan: Plan, path: Path) -> Path:
    """Write a plan's certificate beside `path`, then rename: the same statement gives the same bytes.

    The small map shows all grids without names, for every viewer the same. Raises Conflict `no_certificate`.
    """
    if plan.certificate is None:
        raise Conflict("no_certificate", zh="该规划还没有证明", en="this plan has no certificate")
    with as_worker(session):
        grids = load_grids(session, plan)
    body = draw_certificate(plan.certificate, _draw_map(plan, grids))
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(body)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def draw_certificate(statement: Mapping[str, Any], outline: str) -> bytes:
    """A statement as PDF; `outline` is the small map as SVG."""
    facts = json.dumps({**_write(statement), "map": outline}, ensure_ascii=False)
    compile_: Any = typst.compile
    result = compile_(
        TEMPLATE,
        font_paths=find_fonts(),
        format="pdf",
        sys_inputs={"data": facts, "statement": write_canonical(statement).decode()},
    )
    assert isinstance(result, bytes)
    return result


def _write(one: Mapping[str, Any]) -> dict[str, Any]:
    """The words of the page. A statement of an older form lacks some facts; what it lacks is left out."""
    day = date.fromisoformat(one["issued_on"])
    issued = " ".join(
        filter(None, [(one.get("issued_at") or one["issued_on"]).replace("T", " "), one.get("issued_by")])
    )
    bank = replace_missing(one.get("bank") or "")
    return {
        "title": f"网格全覆盖证明 {one['number']}",
        "bank": bank,
        "number": one["number"],
        "plan": one["plan"],
        "plan_name": replace_missing(one["plan_name"]),
        "version": one["ground_version"],
        "frame": f"{one['frame_km2']:,.4f}",
        "total": f"{one['grids']['total']:,}",
        "overlaps": one["overlaps"],
        "gaps": one["gaps"],
        "overlay": one["market_rule"] == "overlay",
        "synthetic": bool(one.get("synthetic")),
        "figures": [[name, value, bold] for name, value, bold in _list_figures(one)],
        "lists": _list_parts(one),
        "legend": "、".join(["村、社区、街道", *(_zh(kind) for kind in FILL if kind in one["grids"])]),
        "hash": one["hash"],
        "seal": one.get("seal") or "",
        "hash_groups": _group(one["hash"]),
        "seal_groups": _group(one.get("seal") or "—"),
        "issued": replace_missing(issued),
        "checker": one.get("checker") or "—",
        "day": [day.year, day.month, day.day],
    }


def _list_figures(one: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    kinds = [
        (f"　{_zh(kind)}", f"{count:,} 个", False)
        for kind, count in sorted(one["grids"].items())
        if kind != "total"
    ]
    slivers = one["slivers"]
    rule = "切割（市场、商圈、园区从村中划出）" if one["market_rule"] == "cut" else "叠加"
    limits = one.get("thresholds") or {}
    order = "＞".join(_zh(kind) for kind in one.get("precedence") or ())
    return [
        ("辖区面积", f"{one['frame_km2']:,.4f} 平方公里", True),
        ("网格面积合计", f"{one['grids_km2']:,.4f} 平方公里", False),
        *([("其中叠加面积", f"{one['overlaid_m2']:,.1f} 平方米", False)] if one.get("overlaid_m2") else []),
        ("合计与辖区之差", f"{one.get('difference_m2', 0.0):,.1f} 平方米", False),
        ("网格", f"{one['grids']['total']:,} 个", True),
        *kinds,
        ("重叠", f"{one['overlaps']} 处", True),
        ("空白", f"{one['gaps']} 处", True),
        ("套叠（逐一列出）", f"{len(one['nested'])} 处", False),
        ("碎片（可忽略）", f"{slivers['count']} 处 {slivers['area_m2']:,.1f} 平方米", False),
        ("飞地（分成几块）", f"{len(one.get('multipart') or ())} 个", False),
        ("尚无主责的网格", f"{len(one.get('vacant') or ())} 个", False),
        ("市场规则", rule, False),
        *([("优先次序", order, False)] if order else []),
        *(
            [("小于此值不计", "{min_width_m:g} 米、{min_area_m2:g} 平方米".format(**limits), False)]
            if limits
            else []
        ),
    ]


def _list_parts(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lists of the page, the short ones whole if they can be: what one does not need another may take."""
    nested = [
        f"{item.get('inner_name', '')} {item['inner']} ⊂ {item['outer']} {item['area_m2'] / 1e4:,.2f} 公顷"
        for item in one["nested"]
    ]
    multipart = [
        f"{item['name']} {item['code']}（{item['parts']} 块）" for item in one.get("multipart") or ()
    ]
    vacant = [f"{item['name']} {item['code']}" for item in one.get("vacant") or ()]
    lists = {"套叠网格": nested, "飞地网格": multipart, "尚无主责的网格": vacant}
    wanted = sorted((part for part in lists.items() if part[1]), key=lambda part: sum(map(len, part[1])))
    room, parts = LIST_CHARS - ROW_CHARS * len(_list_figures(one)), {}
    for left, (title, words) in zip(range(len(wanted), 0, -1), wanted, strict=True):
        parts[title], used = _fit(title, words, room / left - HEAD_CHARS)
        room -= used + HEAD_CHARS
    return [parts[title] for title in lists if title in parts]


def _fit(title: str, words: Sequence[str], room: float) -> tuple[dict[str, Any], int]:
    """As many as the room holds, how many are left, and the room that was used."""
    used, shown = 0, []
    for word in words:
        if used + len(word) + 1 > room:
            break
        used += len(word) + 1
        shown.append(replace_missing(word))
    rest = len(words) - len(shown)
    return {"title": f"{title}（{len(words)}）", "words": "；".join(shown), "rest": rest}, used


def _zh(kind: str) -> str:
    return find_term(kind).zh


def _group(code: str) -> str:
    return " ".join(code[at : at + 8] for at in range(0, len(code), 8))


def _draw_map(plan: Plan, grids: GridSet) -> str:
    """The frame and its grids as a small SVG in millimetres, in the local CGCS2000 zone."""
    frame = to_shape(plan.frame)
    move = pyproj.Transformer.from_crs("EPSG:4326", local_crs(frame.centroid.x), always_xy=True)
    shapes = np.concatenate([np.array([frame], dtype=object), grids.shapes])
    flat = shapely.transform(shapes, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
    west, south, east, north = shapely.total_bounds(flat)
    width, height = MAP_MM
    scale = min((width - 4) / (east - west), (height - 4) / (north - south))
    height = (north - south) * scale + 4
    left = (width - (east - west) * scale) / 2

    def on_paper(xy: Any) -> Any:
        return np.column_stack([left + (xy[:, 0] - west) * scale, 2 + (north - xy[:, 1]) * scale])

    drawn = shapely.simplify(shapely.transform(flat, on_paper), FINE_MM)
    order = sorted(range(len(grids.rows)), key=lambda row: grids.rows[row]["kind"] in FILL)
    fills = [FILL.get(grids.rows[row]["kind"], BASE) for row in order]
    marks = [
        f'<path d="{_path(drawn[row + 1])}" fill="{fill}" stroke="#0b5c6b" stroke-width=".09"/>'
        for row, fill in zip(order, fills, strict=True)
    ]
    marks.append(f'<path d="{_path(drawn[0])}" fill="none" stroke="#17232b" stroke-width=".45"/>')
    size = f'viewBox="0 0 {width:g} {height:.2f}" stroke-linejoin="round"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(marks)}</svg>'


def _path(shape: Any) -> str:
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return "".join("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in ring.coords[:-1]) + "Z" for ring in rings)
