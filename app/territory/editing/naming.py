"""Acts that change what a grid is called, whose branch it is, and whether it may be touched."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from app.errors import BadInput, NotFound
from app.models import Branch
from app.spatial.topology import OVERLAY_KINDS
from app.territory.editing.borders import no_lock_right, require_unlocked
from app.territory.editing.desk import Desk, Row
from app.territory.editing.wishes import Prepared, Wish
from app.territory.plans.cutting import BASE_KINDS

KINDS = (*BASE_KINDS, *OVERLAY_KINDS, "compound")


def need_id(value: int | None, field: str) -> int:
    """A grid id that the act cannot do without. Raises BadInput `missing_field`."""
    if value is None:
        raise BadInput(
            "missing_field", zh=f"缺少参数：{field}", en=f"this act needs the field {field}", field=field
        )
    return value


def tell(grid: Mapping[str, Any]) -> str:
    """A grid's code and name."""
    return grid["code"] if grid["name"] == grid["code"] else f"{grid['code']} {grid['name']}"


def clean_name(name: str) -> str:
    """A name without blanks around it. Raises BadInput `bad_name` for an empty, long or unprintable one."""
    plain = name.strip()
    if not (0 < len(plain) <= 80 and plain.isprintable()):
        raise BadInput("bad_name", zh="网格名称应为 1 到 80 个字", en="a grid's name has 1 to 80 characters")
    return plain


def require_kind(kind: str) -> None:
    """Raise BadInput `bad_kind` unless a grid may be of this kind."""
    if kind not in KINDS:
        raise BadInput(
            "bad_kind",
            zh=f"没有这种网格类型：{kind[:24]}，可用：{'、'.join(KINDS)}",
            en=f"there is no kind of grid {kind[:24]!r}; use {', '.join(KINDS)}",
        )


def _all_ids(wish: Wish) -> list[int]:
    ids = list(dict.fromkeys([*wish.grid_ids, *([] if wish.grid_id is None else [wish.grid_id])]))
    need_id(ids[0] if ids else None, "grid_ids")
    return ids


def _count(rows: list[Row]) -> str:
    return tell(rows[0]) if len(rows) == 1 else f"{tell(rows[0])} 等 {len(rows)} 个网格"


def prepare_lock(desk: Desk, wish: Wish) -> Prepared:
    """Grids that nobody may change until they are unlocked; or the lock taken off."""
    if desk.sight.grids is not None:
        raise no_lock_right()
    locks = wish.act == "lock"
    patch = desk.load(_all_ids(wish))
    rows = [patch.pick(one) for one in _all_ids(wish)]
    facts = {row["id"]: {"locked": locks} for row in rows if row["locked"] != locks}
    if not facts:
        raise BadInput("nothing_changes", zh="状态没有变化", en="they are so already")
    zh, en = ("锁定", "lock") if locks else ("解锁", "unlock")
    return Prepared(wish.act, f"{zh} {_count(rows)}", f"{en} {len(rows)} grids", facts=facts)


def prepare_rename(desk: Desk, wish: Wish) -> Prepared:
    """Another code, name or kind for a grid."""
    grid_id = need_id(wish.grid_id, "grid_id")
    row = desk.load([grid_id]).pick(grid_id)
    require_unlocked([row])
    facts: dict[str, Any] = {}
    if wish.code is not None:
        desk.require_free_codes([wish.code], but=grid_id)
        facts["code"] = wish.code
    if wish.name is not None:
        facts["name"] = clean_name(wish.name)
    if wish.kind is not None:
        require_kind(wish.kind)
        facts["kind"] = wish.kind
    facts = {key: value for key, value in facts.items() if value != row[key]}
    if not facts:
        raise BadInput("nothing_changes", zh="编号、名称和类型都没有变化", en="nothing changes")
    said = "、".join(str(value) for value in facts.values())
    return Prepared(
        "rename", f"{tell(row)} 改为 {said}", f"rename {row['code']}: {said}", facts={grid_id: facts}
    )


def prepare_set_branch(desk: Desk, wish: Wish) -> Prepared:
    """Grids to another branch. What was offered or held in the former branch counts there no longer."""
    code = wish.branch or ""
    branch = desk.session.scalars(select(Branch).where(Branch.code == code)).first()
    if branch is None or (desk.sight.branches is not None and branch.id not in desk.sight.branches):
        raise NotFound("no_branch", zh=f"没有机构 {code[:32]}", en=f"there is no branch {code[:32]}")
    patch = desk.load(_all_ids(wish))
    rows = [patch.pick(one) for one in _all_ids(wish)]
    require_unlocked(rows)
    facts = {
        row["id"]: {"branch_id": branch.id, "allotted": None} for row in rows if row["branch_id"] != branch.id
    }
    if not facts:
        raise BadInput("nothing_changes", zh="归属没有变化", en="they belong to it already")
    return Prepared(
        "set_branch",
        f"{_count(rows)} 归 {branch.name}",
        f"{len(rows)} grids to branch {branch.code}",
        facts=facts,
    )


NAMING: Mapping[str, Callable[[Desk, Wish], Prepared]] = {
    "lock": prepare_lock,
    "unlock": prepare_lock,
    "rename": prepare_rename,
    "set_branch": prepare_set_branch,
}
