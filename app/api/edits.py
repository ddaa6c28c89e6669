"""Editing a draft by API: acts with their bill, the ledger of steps and its undo, the grids in sight."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.access import record
from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.customers.bills import bill_moves
from app.customers.drawn import count_in_grids
from app.customers.touched import tell_customers_again
from app.db import as_worker, undoable
from app.errors import BadInput, Conflict
from app.models import Plan
from app.spatial.editing import read_box
from app.territory import editing, plans
from app.territory.editing import Landed, Prepared, Wish

router = APIRouter(prefix="/api/v1/plans", tags=["editing 编辑"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
Divides = Annotated[Asked, allowed("divide_ground")]
Id = Annotated[int, Field(ge=1, le=2**62)]
"""A grid's id as it fits into the database."""
COUNTED = 600
"""In more grids than this at once customers are not counted one by one."""
LINE: Any = {"type": "LineString", "coordinates": [[121.19, 31.895], [121.21, 31.896]]}
FEATURE: Any = {
    "type": "Feature",
    "id": 912,
    "geometry": {
        "type": "MultiPolygon",
        "coordinates": [[[[121.2, 31.9], [121.21, 31.9], [121.2, 31.91], [121.2, 31.9]]]],
    },
    "properties": {
        "id": 912,
        "code": "HM-CL-017",
        "name": "颐生村",
        "kind": "village",
        "branch": "常乐支行",
        "branch_code": "B017",
        "manager": "陆志明",
        "town": "常乐镇",
        "locked": False,
        "version": 3,
        "colour_no": 4,
        "households": 642,
        "customers": 1863,
        "allotted": "held",
        "area_m2": 3214000.0,
        "editable": True,
    },
}
STEP: Any = {
    "number": 12,
    "act": "split",
    "title_zh": "切分 HM-CL-017 颐生村 为 2 块",
    "title_en": "split HM-CL-017 into 2",
    "at": "2026-11-22T09:20:00+00:00",
    "by": "周海峰",
}
DONE: Any = {
    "step": STEP,
    "dry_run": False,
    "grids": [FEATURE],
    "removed": [],
    "findings": {
        "before": {"gap": 1},
        "after": {},
        "new": [],
        "gone": [{"kind": "gap", "codes": ["HM-CL-017"]}],
    },
    "bill": {"area_m2": 48210.5, "customers": 31, "letters": 2},
}


class EditAsked(BaseModel):
    """One act on a draft. Shapes are GeoJSON in EPSG:4326; points within `snap_m` metres of a border take it.

    draw {geometry, code, name, kind, how} · split {grid_id, line, names?, codes?} ·
    merge {grid_ids, keep, apart?} · move_edge {grid_id, other_id, line} ·
    reshape {grid_id, geometry, follow} ·
    give_units {unit_codes or lasso, to} · lock, unlock {grid_ids} · rename {grid_id, code?, name?, kind?} ·
    set_branch {grid_ids, branch} · remove {grid_id}
    """

    model_config = ConfigDict(
        json_schema_extra={"example": {"act": "split", "grid_id": 912, "line": LINE, "versions": {"912": 3}}}
    )
    act: str = Field(max_length=24)
    versions: dict[Id, int] = Field(default_factory=dict, max_length=2000)
    reason: str | None = Field(default=None, max_length=500)
    grid_id: Id | None = None
    other_id: Id | None = None
    grid_ids: list[Id] = Field(default_factory=list, max_length=2000)
    keep: Id | None = None
    to: Id | None = None
    geometry: Any = None
    line: Any = None
    lasso: Any = None
    unit_codes: list[str] = Field(default_factory=list, max_length=2000)
    code: str | None = Field(default=None, max_length=64)
    name: str | None = Field(default=None, max_length=120)
    kind: str | None = Field(default=None, max_length=24)
    branch: str | None = Field(default=None, max_length=32)
    how: str = "cut_others"
    names: list[str] = Field(default_factory=list, max_length=50)
    codes: list[str] = Field(default_factory=list, max_length=50)
    follow: bool = True
    apart: bool = False
    snap_m: float = Field(default=15.0, ge=0, le=200)
    allow_faults: bool = False

    def as_wish(self) -> Wish:
        """The act as the territory knows it. Raises BadInput `bad_how`."""
        if self.how not in ("cut_others", "fill_gap", "as_drawn"):
            raise BadInput(
                "bad_how",
                zh="处理方式应为 cut_others、fill_gap 或 as_drawn",
                en="how is cut_others, fill_gap or as_drawn",
            )
        first = {"merge": self.keep, "give_units": self.to}.get(self.act)
        return Wish(
            self.act,
            grid_id=self.grid_id if first is None else first,
            grid_ids=tuple(self.grid_ids),
            drawing=next((one for one in (self.geometry, self.line, self.lasso) if one is not None), None),
            unit_codes=tuple(self.unit_codes),
            names=tuple(self.names),
            codes=tuple(self.codes),
            **{key: getattr(self, key) for key in _SAME},
        )


_SAME = (
    "other_id",
    "code",
    "name",
    "kind",
    "branch",
    "how",
    "follow",
    "apart",
    "snap_m",
    "versions",
    "reason",
    "allow_faults",
)


class GridFeatures(BaseModel):
    """Grids as a GeoJSON feature collection."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"type": "FeatureCollection", "plan": "V2", "ground_version": 7, "features": [FEATURE]}
        }
    )
    type: str = "FeatureCollection"
    plan: str
    ground_version: int
    features: list[dict[str, Any]]


class EditDone(BaseModel):
    """What an act did, or would do (`dry_run`)."""

    model_config = ConfigDict(json_schema_extra={"example": DONE})
    step: dict[str, Any]
    dry_run: bool
    grids: list[dict[str, Any]]
    removed: list[int]
    findings: dict[str, Any]
    bill: dict[str, Any]


class StepList(BaseModel):
    """The ledger of a draft, the newest step first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "steps": [
                    {
                        **STEP,
                        "undone": False,
                        "can_undo": True,
                        "undoes": None,
                        "grid_ids": [912],
                        "detail": {},
                    }
                ]
            }
        }
    )
    steps: list[dict[str, Any]]


@router.get("/{code}/grids", response_model=GridFeatures)
def list_grids(
    code: str,
    asked: Sees,
    bbox: Annotated[str | None, Query(max_length=120, examples=["121.1,31.8,121.2,31.9"])] = None,
    counted: bool = True,
) -> Any:
    """The level 3 grids of a plan in sight, all or those of a box (west,south,east,north), as GeoJSON."""
    plan = plans.find_plan(asked.session, code)
    box = None if bbox is None else read_box(bbox)
    features = show_features(asked, plan, box=box, counted=counted)
    return {"plan": plan.code, "ground_version": plan.ground_version, "features": features}


def show_features(
    asked: Asked, plan: Plan, *, box: Any = None, ids: list[int] | None = None, counted: bool = True
) -> list[dict[str, Any]]:
    """Grids with the number of customers in each, where the viewer may know it."""
    features = editing.show_grids(asked.session, plan, box=box, ids=ids)
    blind = asked.person.viewer.db_role == "getu_ground" or not counted or len(features) > COUNTED
    found = {} if blind else count_in_grids(asked.session, [one["id"] for one in features])
    for one in features:
        one["properties"]["customers"] = None if blind else found.get(one["id"], 0)
        if "divide_ground" not in asked.person.rights:
            one["properties"]["editable"] = False
    return features


@router.post("/{code}/edits", response_model=EditDone)
def edit(code: str, wish: EditAsked, asked: Divides, dry_run: bool = False) -> Any:
    """Carry out one act on a draft; with `dry_run` everything is told and nothing changes.

    409 `changed_meanwhile` when a grid in `versions` is no longer what the editor looked at: who, when, what,
    and the grids as they are. 409 `edit_adds` when new faults would stand, unless `allow_faults`.
    """
    plan = plans.find_plan(asked.session, code)
    wanted = wish.as_wish()
    prepared = prepare(asked, plan, wanted)
    return land(asked, plan, prepared, allow_faults=wanted.allow_faults, dry_run=dry_run)


def prepare(asked: Asked, plan: Plan, wish: Wish) -> Prepared:
    """Prepare an act; a conflict with somebody else comes with the grids as they are now."""
    try:
        return editing.prepare_edit(asked.session, plan, wish)
    except Conflict as clash:
        if clash.code == "changed_meanwhile":
            clash.facts["grids"] = show_features(asked, plan, ids=clash.facts["grid_ids"])
        raise


def land(
    asked: Asked, plan: Plan, prepared: Prepared, *, allow_faults: bool, dry_run: bool
) -> dict[str, Any]:
    """Bill and land a prepared act; with `dry_run` it is rolled back once it is told."""
    bill = bill_moves(asked.session, plan, prepared.moves).as_json()
    before = plans.summarise_findings(asked.session, plan)
    with undoable(asked.session, keep=not dry_run):
        done = editing.land_edit(
            asked.session, plan, prepared, user_id=asked.person.user_id, allow_faults=allow_faults
        )
        shown = show_landed(asked, plan, done, before=before)
    if not dry_run:
        _write_down(asked, plan, shown)
    return {**shown, "bill": bill, "dry_run": dry_run}


def show_landed(asked: Asked, plan: Plan, done: Landed, *, before: plans.PlanCheck) -> dict[str, Any]:
    """A landed act as JSON: step, grids as they are now, findings before and after."""
    step = done.step
    with as_worker(asked.session):
        tell_customers_again(asked.session, plan, finding_ids=done.after.new, grid_ids=done.changed)
    after = plans.summarise_findings(asked.session, plan)
    wanted = plans.Wanted(group=None, ids=tuple(done.after.new))
    new = plans.list_findings(asked.session, plan, wanted) if done.after.new else []
    keys = (
        "id",
        "kind",
        "severity",
        "state",
        "codes",
        "names",
        "area_m2",
        "width_m",
        "customers",
        "bbox",
        "zh",
        "en",
    )
    return {
        "step": {
            **{key: getattr(step, key) for key in ("number", "act", "title_zh", "title_en", "detail")},
            "at": step.at.isoformat(),
            "by": asked.person.name,
        },
        "grids": show_features(asked, plan, ids=list(done.changed)),
        "removed": list(done.removed),
        "findings": {
            "before": before.counts,
            "after": after.counts,
            "blocking": after.blocking,
            "new": [{key: row[key] for key in keys} for row in new],
            "gone": [dict(row) for row in done.after.gone],
            "added": list(done.added),
        },
    }


def _write_down(asked: Asked, plan: Plan, shown: dict[str, Any]) -> None:
    step = shown["step"]
    grids = [one["properties"]["code"] for one in shown["grids"]][:50]
    detail = {"step": step["number"], "act": step["act"], "grids": grids, "removed": shown["removed"][:50]}
    record(asked.session, "edit_plan", subject=plan.code, detail=detail)


@router.get("/{code}/steps", response_model=StepList)
def list_steps(code: str, asked: Sees, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> Any:
    """What was done to a draft, the newest first: who, when, whether it stands and can be undone."""
    plan = plans.find_plan(asked.session, code)
    open_ = plan.status in ("draft", "checked") and "divide_ground" in asked.person.rights
    steps = [step.as_json() for step in editing.list_steps(asked.session, plan, limit=limit)]
    return {"steps": [{**step, "can_undo": step["can_undo"] and open_} for step in steps]}


@router.post("/{code}/steps/{number}/undo", response_model=EditDone)
def undo(code: str, number: Annotated[int, Field(le=2**31 - 1)], asked: Divides) -> Any:
    """Take a step back whose grids nobody has changed since; undoing an undo does it again."""
    plan = plans.find_plan(asked.session, code)
    before = plans.summarise_findings(asked.session, plan)
    done = editing.undo_step(asked.session, plan, number, user_id=asked.person.user_id)
    shown = show_landed(asked, plan, done, before=before)
    _write_down(asked, plan, shown)
    return {**shown, "bill": {}, "dry_run": False}
