"""Acts that change shapes, prepared: what would become of which grid, and whose ground goes to whom."""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from app.errors import BadInput, NotFound
from app.spatial import editing
from app.spatial.editing import Bounds, Edit
from app.spatial.topology import Move
from app.territory.editing.desk import Desk, Patch, Row, area_of
from app.territory.editing.guarding import require_bounds
from app.territory.editing.naming import clean_name, need_id, require_kind, tell
from app.territory.editing.shares import (
    find_units,
    join_shapes,
    move_households,
    move_units,
    share_out,
    split_units,
)
from app.territory.editing.wishes import NewGrid, Prepared, Wish
from app.territory.plans.colouring import UNHELD
from app.territory.plans.cutting import BASE_KINDS

Facts = dict[int, dict[str, Any]]
Title = tuple[str, str]
_HOWS = {
    "cut_others": ("从相邻网格划出", "cut out of others"),
    "fill_gap": ("填补空白", "fills a gap"),
    "as_drawn": ("按所画", "as drawn"),
}


def prepare_split(desk: Desk, wish: Wish) -> Prepared:
    """Cut a grid by a line: the largest piece stays the grid, each other one is a new grid of its kind.

    Branch and duties are the grid's; households by share of the area, units where their ground lies.
    """
    grid_id = need_id(wish.grid_id, "grid_id")
    line = editing.read_line(wish.drawing, frame=desk.frame)
    patch = desk.load([grid_id], line)
    row, grid = patch.row_of[grid_id], patch.pick(grid_id)
    line = editing.snap_ends(line, patch.shapes[[row]], wish.snap_m)
    edit = editing.split(patch.shapes, row, line, fixed=desk.fixed(patch))
    parts = [shape for shape in (edit.changes[row], *edit.added) if shape is not None]
    added = _parts_of(desk, grid, wish, parts)
    kept = {"households": added[0].facts["households"], "unit_codes": added[0].facts["unit_codes"]}
    title = (f"切分 {tell(grid)} 为 {len(parts)} 块", f"split {grid['code']} into {len(parts)}")
    return _prepared(
        desk, wish, (patch, edit), title=title, more=({row: kept}, tuple(added[1:])), heir=grid_id
    )


def _parts_of(desk: Desk, grid: Row, wish: Wish, parts: Sequence[Any]) -> list[NewGrid]:
    """Every part as a grid; the first one's facts are those that stay with the grid itself."""
    count = len(parts) - 1
    given = list(wish.codes[:count])
    desk.require_free_codes(given)
    free = [code for code in desk.propose_codes(grid["code"], count + len(given)) if code not in given]
    codes = [grid["code"], *given, *free]
    names = [grid["name"], *(clean_name(name) for name in wish.names[:count])]
    names += [f"{grid['name']}（{number}）" for number in range(len(names) + 1, len(parts) + 1)]
    households = share_out(grid["households"], [area_of(part) for part in parts])
    units = split_units(desk, grid["unit_codes"], parts)
    return [
        NewGrid(part, _heir_facts(grid, codes[k], names[k], (households[k], units[k])), heir_of=grid["id"])
        for k, part in enumerate(parts)
    ]


def _heir_facts(grid: Row, code: str, name: str, share: tuple[int | None, list[str]]) -> dict[str, Any]:
    standing = {"held": "held", "in_branch": "in_branch", "offered_manager": "in_branch"}
    return {
        **{key: grid[key] for key in ("kind", "branch_id", "town_code", "town_name", "colour_no")},
        "code": code,
        "name": name,
        "households": share[0],
        "unit_codes": share[1],
        "allotted": standing.get(grid["allotted"] or ""),
    }


def prepare_merge(desk: Desk, wish: Wish) -> Prepared:
    """Several grids as one: the kept one has its own code, name, branch and duties, and all their ground."""
    keep = wish.grid_id if wish.grid_id is not None else next(iter(wish.grid_ids), None)
    ids = list(dict.fromkeys([need_id(keep, "keep"), *wish.grid_ids]))
    patch = desk.load(ids)
    rows = [patch.row_of[one] for one in ids]
    edit = editing.merge(patch.shapes, rows, rows[0], apart=wish.apart, fixed=desk.fixed(patch))
    several = [patch.rows[row] for row in rows]
    counts = [one["households"] for one in several if one["households"] is not None]
    kept: dict[str, Any] = {
        "households": sum(counts) if counts else None,
        "unit_codes": list(dict.fromkeys(code for one in several for code in one["unit_codes"])),
    }
    gone = "、".join(tell(one) for one in several[1:])
    codes = ", ".join(one["code"] for one in several[1:])
    title = (f"将 {gone} 并入 {tell(several[0])}", f"merge {codes} into {several[0]['code']}")
    return _prepared(desk, wish, (patch, edit), title=title, more=({rows[0]: kept}, ()))


def prepare_move_edge(desk: Desk, wish: Wish) -> Prepared:
    """A new line for the border between two grids; third grids at its ends get its corners."""
    ids = [need_id(wish.grid_id, "grid_id"), need_id(wish.other_id, "other_id")]
    line = editing.read_line(wish.drawing, frame=desk.frame)
    patch = desk.load(ids, line)
    one, two = (patch.row_of[grid_id] for grid_id in ids)
    line = editing.snap_ends(line, patch.shapes[[one, two]], wish.snap_m)
    edit = editing.move_edge(patch.shapes, one, two, line, fixed=desk.fixed(patch))
    a, b = patch.rows[one], patch.rows[two]
    title = (f"移动 {tell(a)} 与 {tell(b)} 的边界", f"move the border of {a['code']} and {b['code']}")
    return _prepared(desk, wish, (patch, edit), title=title)


def prepare_reshape(desk: Desk, wish: Wish) -> Prepared:
    """A grid as drawn anew; with `follow` its neighbours give and take."""
    grid_id = need_id(wish.grid_id, "grid_id")
    drawn = editing.read_area(wish.drawing, frame=desk.frame)
    patch = desk.load([grid_id], drawn)
    row, grid = patch.row_of[grid_id], patch.pick(grid_id)
    drawn = editing.snap_drawing(drawn, patch.shapes, wish.snap_m, without=[row])
    bounds = Bounds(desk.frame, desk.fixed(patch))
    edit = editing.reshape(patch.shapes, row, drawn, follow=wish.follow, bounds=bounds)
    if not edit.changes:
        raise BadInput("nothing_moves", zh="边界没有变化", en="the border stays as it is")
    title = (f"重画 {tell(grid)} 的边界", f"reshape {grid['code']}")
    return _prepared(desk, wish, (patch, edit), title=title)


def prepare_draw(desk: Desk, wish: Wish) -> Prepared:
    """A new grid on drawn ground, of the branch most of its ground comes from; nobody holds it yet."""
    drawn = editing.read_area(wish.drawing, frame=desk.frame)
    code, kind = (wish.code or "").strip(), wish.kind or "village"
    desk.require_free_codes([code])
    require_kind(kind)
    patch = desk.load([], drawn)
    drawn = editing.snap_drawing(drawn, patch.shapes, wish.snap_m)
    edit = editing.draw(patch.shapes, drawn, wish.how, bounds=Bounds(desk.frame, desk.fixed(patch)))
    source = _largest_source(patch, edit.moves) or _nearest(patch, drawn)
    households = move_households(patch, edit.moves)
    place = ("branch_id", "town_code", "town_name")
    facts: dict[str, Any] = {
        **{key: source[key] if source else None for key in place},
        "code": code,
        "name": clean_name(wish.name or code),
        "kind": kind,
        "households": households.get(len(patch.rows)),
        "unit_codes": [],
        "colour_no": UNHELD,
        "allotted": None,
    }
    zh, en = _HOWS[wish.how]
    title = (f"新画网格 {code} {facts['name']}（{zh}）", f"draw {code} ({en})")
    return _prepared(
        desk, wish, (patch, edit), title=title, more=({}, (NewGrid(edit.added[0], facts),)), heir=None
    )


def _largest_source(patch: Patch, moves: Sequence[Move]) -> Row | None:
    given = [move for move in moves if move.from_row is not None]
    best = max(given, key=lambda move: move.area_m2, default=None)
    return None if best is None or best.from_row is None else patch.rows[best.from_row]


def _nearest(patch: Patch, drawn: Any) -> Row | None:
    if not len(patch.rows):
        return None
    return patch.rows[int(shapely.distance(patch.shapes, drawn).argmin())]


def prepare_give_units(desk: Desk, wish: Wish) -> Prepared:
    """Whole units to a grid, named or caught with a lasso; a grid of which nothing is left goes."""
    to = need_id(wish.grid_id, "to")
    units = _wanted_units(desk, wish)
    ground = join_shapes([unit["shape"] for unit in units])
    patch = desk.load([to], ground)
    row, codes = patch.row_of[to], {unit["code"] for unit in units}
    holders = {k for k, one in enumerate(patch.rows) if codes & set(one["unit_codes"])}
    # A market cut out of its village stays whole when the village's unit is given away.
    lower = {k for k, one in enumerate(patch.rows) if one["kind"] in BASE_KINDS}
    bounds = Bounds(desk.frame, desk.fixed(patch), frozenset({*(holders or lower), row}))
    edit = editing.give(patch.shapes, ground, row, bounds=bounds)
    facts = {k: one for k, one in move_units(patch, units, row).items() if edit.changes.get(k) is not None}
    names = "、".join(unit["name"] for unit in units[:5]) + (
        f"等 {len(units)} 个单元" if len(units) > 5 else ""
    )
    title = (
        f"将 {names} 划给 {tell(patch.rows[row])}",
        f"give {len(units)} units to {patch.rows[row]['code']}",
    )
    return _prepared(desk, wish, (patch, edit), title=title, more=(facts, ()), may_empty=True)


def _wanted_units(desk: Desk, wish: Wish) -> list[dict[str, Any]]:
    lasso = None if wish.drawing is None else editing.read_area(wish.drawing, frame=desk.frame)
    if lasso is None and not wish.unit_codes:
        raise BadInput(
            "missing_field", zh="请点选单元或圈选范围", en="name units, or draw a lasso", field="unit_codes"
        )
    units = find_units(desk, wish.unit_codes, lasso)
    missing = [code for code in wish.unit_codes if code not in {unit["code"] for unit in units}]
    if missing:
        raise NotFound(
            "no_unit",
            zh=f"没有单元 {missing[0][:40]}",
            en=f"there is no unit {missing[0][:40]}",
            units=missing[:20],
        )
    if not units:
        raise BadInput(
            "no_units_there", zh="圈选范围内没有单元的中心点", en="no unit's inner point lies in the lasso"
        )
    return units


def prepare_remove(desk: Desk, wish: Wish) -> Prepared:
    """A grid goes; its ground becomes nobody's, so that a person must mean it (`allow_faults`)."""
    grid_id = need_id(wish.grid_id, "grid_id")
    patch = desk.load([grid_id])
    row, grid = patch.row_of[grid_id], patch.pick(grid_id)
    edit = Edit({row: None}, moves=(Move(row, None, patch.shapes[row]),))
    title = (f"删除 {tell(grid)}", f"remove {grid['code']}")
    return _prepared(desk, wish, (patch, edit), title=title, may_empty=True)


def _prepared(
    desk: Desk,
    wish: Wish,
    done: tuple[Patch, Edit],
    *,
    title: Title,
    more: tuple[Facts, tuple[NewGrid, ...]] | None = None,
    heir: int | None = None,
    may_empty: bool = False,
) -> Prepared:
    patch, edit = done
    require_bounds(desk, patch, edit)
    if not may_empty and wish.act != "merge":
        _require_something_left(patch, edit)
    facts, added = more if more is not None else ({}, ())
    if wish.act in ("draw", "reshape", "move_edge"):
        moved = move_households(patch, edit.moves)
        facts = {row: {"households": count} for row, count in moved.items() if row < len(patch.rows)}
    return Prepared(
        wish.act,
        title[0],
        title[1],
        {patch.ids[row]: shape for row, shape in edit.changes.items()},
        {patch.ids[row]: real for row, one in facts.items() if (real := _real(patch.rows[row], one))},
        added,
        tuple(_move_of(patch, move, heir) for move in edit.moves),
        frozenset(patch.ids[row] for row in edit.stitched),
        _detail(wish, edit),
    )


def _real(row: Row, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if value != row[key]}


def _move_of(patch: Patch, move: Move, heir: int | None) -> tuple[int | None, int | None, Any]:
    a = None if move.from_row is None else patch.ids[move.from_row]
    new = move.to_row is not None and move.to_row >= len(patch.rows)
    b = heir if new else (None if move.to_row is None else patch.ids[move.to_row])
    return a, b, move.geom


def _detail(wish: Wish, edit: Edit) -> dict[str, Any]:
    told = {"gap_m2": edit.gap, "clipped_m2": edit.clipped}
    detail: dict[str, Any] = {
        key: round(area_of(shape), 1)
        for key, shape in told.items()
        if shape is not None and not shape.is_empty
    }
    return {**detail, **({"reason": wish.reason} if wish.reason else {})}


def _require_something_left(patch: Patch, edit: Edit) -> None:
    if edit.emptied:
        gone = patch.rows[edit.emptied[0]]
        raise BadInput(
            "swallows_grid",
            zh=f"这样 {tell(gone)} 将什么也不剩；要并入请用“合并”，要删除请先删除",
            en=f"nothing would be left of {gone['code']}; merge it, or remove it first",
            grids=[patch.rows[row]["code"] for row in edit.emptied],
        )
