"""A lending check on paper: one A4 page with the spot, the branch's border, the facts and who asked when."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typst
from sqlalchemy.orm import Session

from app.clock import BANK_TIME
from app.customers import lending
from app.customers.lending.checks import find_ground
from app.customers.lending.words import REASONS
from app.db import as_worker
from app.maps.lending_map import Spot, draw_map
from app.maps.wall.faces import find_fonts, replace_missing

TEMPLATE = Path(__file__).parent / "lending.typ"
TONES = {"in": "#1a6b48", "out": "#b3231c", "edge": "#8a5200", "unknown": "#5a6a75"}
METHODS = {
    "pin": "人工标注",
    "choose": "人工选定",
    "outside": "人工核定在辖外",
    "source": "来源系统坐标",
    "point": "直接给出的点位",
    "exact": "地址完全匹配",
    "suffix": "地址匹配（村、社区等字样不同）",
    "short_name": "地址匹配（简称）",
    "former_name": "地址匹配（旧地名）",
    "code": "地址匹配（代码）",
    "correction": "地址匹配（已核定的叫法）",
    "slip": "地址匹配（错别字）",
    "town_slip": "地址匹配（乡镇错别字）",
    "wrong_town": "地址匹配（乡镇不符）",
    "later": "地址匹配（村名靠后）",
    "town": "地址只到乡镇",
    "ambiguous": "地址对应几处",
    "elsewhere": "地址在辖区之外",
    "unknown": "地名不认识",
    "empty": "没有地址",
    "placeholder": "没有地址",
    "unreadable": "地址无法识别",
    "undecodable": "地址无法识别",
    "none": "没有地址或定位",
}
"""How somebody was placed, in words; a method of a map service goes by its own name."""
DATUMS = {"gcj02": "GCJ-02", "bd09": "BD-09"}
Row = dict[str, Any]


def print_check(session: Session, found: Row, *, bank: str) -> bytes:
    """The page of a kept answer (`lending.find_check`) as PDF: the same answer gives the same page.

    Where a customer out of the viewer's sight lives is not drawn; the branch's ground is.
    """
    with as_worker(session):
        asked = find_ground(
            session, found["branch"]["code"], date.fromisoformat(found["on"]), everything=True
        )
    drawn_as_judged = _is_ground_of(asked.facts, found)
    point, foot = found["point"], found["foot"]
    spot = None
    if point is not None:
        to = None if foot is None else (float(foot[0]), float(foot[1]))
        spot = Spot((point["lon"], point["lat"]), to, found["distance_m"], found["edge_m"] or 0.0)
    drawn = None if asked.ground is None else draw_map(asked.ground, spot)
    exceptions = lending.list_exceptions(session, check_id=found["id"])
    # One page: the exception that waits or is newest in full, of those before it how many there were.
    told = [_tell_exception(one) for one in exceptions[:1]]
    facts = {**_write(found, bank), "map": drawn, "exceptions": told, "as_judged": drawn_as_judged}
    facts["before"] = max(len(exceptions) - 1, 0)
    compile_: Any = typst.compile
    body = compile_(
        TEMPLATE,
        font_paths=find_fonts(),
        format="pdf",
        sys_inputs={"data": json.dumps(facts, ensure_ascii=False)},
    )
    assert isinstance(body, bytes)
    return body


def _is_ground_of(facts: Row, found: Row) -> bool:
    """Whether the ground that would be drawn today is the one by which the answer was given."""
    plan = found["plan"] or {}
    today = (facts["plan_id"], facts["ground_version"], facts["own_mark"])
    return today == (plan.get("id"), plan.get("ground_version"), found["own_mark"])


def number_of(found: Row) -> str:
    """The number under which an answer is known on paper."""
    return f"KQ-{_read_time(found['asked_at']):%Y%m%d}-{found['id']:06d}"


def _write(found: Row, bank: str) -> Row:
    asked_at = _read_time(found["asked_at"])
    return {
        "bank": replace_missing(bank),
        "number": number_of(found),
        "stamp": found["answer_zh"],
        "tone": TONES[found["answer"]],
        "reason": REASONS[found["reason"]][0] if found["reason"] in REASONS else "",
        "branch": replace_missing(f"{found['branch']['name']}（{found['branch']['code']}）"),
        "subject": replace_missing(found["subject"]),
        "facts": [[name, replace_missing(value)] for name, value in _list_facts(found)],
        "limits": [limit["zh"] for limit in found["evidence"]["limits"]],
        "seen": found["place_seen"],
        "asked": replace_missing(f"{found['asked_by'] or '命令行'}　{asked_at:%Y-%m-%d %H:%M:%S}"),
        "synthetic": bool(found["plan"] and found["plan"]["synthetic"]),
        "day": [asked_at.year, asked_at.month, asked_at.day],
    }


def _list_facts(found: Row) -> list[tuple[str, str]]:
    placed, plan = found["evidence"]["placed"], found["plan"]
    rows = [("核验日期", found["on"])]
    if found["ref"]:
        rows.append(("业务编号", found["ref"]))
    if found["distance_m"] is not None:
        rows.append(("距本机构边界", f"{_write_metres(found['distance_m'])}（{found['side']['zh']}一侧）"))
        rows.append(("边界宽度", f"{found['edge_m']:g} 米（由定位精度决定）"))
    rows.append(("定位精度", f"{placed['rung_zh']}（第 {placed['rung']} 级）"))
    rows.append(
        ("定位方式", f"{METHODS.get(placed['method'], placed['method'])}，得分 {placed['score']:.2f}")
    )
    if found["point"]:
        rows.append(("点位", _write_point(found["point"], placed.get("datum"))))
    grid = found["evidence"]["grid"]
    if grid:
        rows.append(("所在网格", f"{grid['name']}（{grid['code']}）"))
    if found["holder"]:
        rows.append(("所属机构", f"{found['holder']['name']}（{found['holder']['code']}）"))
    if plan:
        rows.append(("依据规划", f"{plan['name']}（{plan['code']}，边界第 {plan['ground_version']} 版）"))
        rows.append(("全覆盖证明", plan["certificate_no"] or "—"))
    names = "、".join(one["name"] for one in found["evidence"]["candidates"])
    if found["reason"] == "ambiguous" and names:
        rows.append(("可能的地点", names))
    return rows


def _write_point(point: Row, datum: str | None) -> str:
    moved = f"，由 {DATUMS[datum]} 换算" if datum in DATUMS else ""
    return f"{point['lon']:.6f}, {point['lat']:.6f}（CGCS2000{moved}）"


def _write_metres(metres: float) -> str:
    return f"{metres:,.1f} 米" if metres < 10_000 else f"{metres / 1000:,.2f} 公里"


def _tell_exception(one: Row) -> Row:
    decided = one["decided_by_name"] or ""
    return {
        "state": one["state_zh"],
        "asked": replace_missing(f"{one['asked_by_name'] or ''}　{one['asked_at'][:10]}　{one['reason']}"),
        "decided": replace_missing(
            f"{decided}　{(one['decided_at'] or '')[:10]}　{one['decision_note'] or ''}"
        )
        if one["decided_at"]
        else "",
        "until": one["valid_until"] or "",
    }


def _read_time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(BANK_TIME)
