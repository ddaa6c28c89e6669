"""getu plan check, allow, reopen, rules: what is wrong with a plan's ground, and what may stand."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any, cast

import shapely
import typer
from sqlalchemy.orm import Session

from app.access import record
from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.clock import today
from app.errors import BadInput
from app.models import Plan
from app.spatial.formats.writing import Writing
from app.territory import branch_rules, plans
from app.territory.ground import find_check
from app.territory.layers import When, export_layer, find_writer, findings_layer

Code = Annotated[str, typer.Argument(help="the plan's code, e.g. V1")]
Number = Annotated[int, typer.Option(help="a finding's number")]
Reason = Annotated[str, typer.Option(help="why")]
NOTICES = plans.Wanted(group="notice")


def check(
    code: Code,
    min_width: Annotated[
        float | None, typer.Option(help="metres; narrower is too small to count, for this draft from now on")
    ] = None,
    min_area: Annotated[float | None, typer.Option(help="square metres; likewise")] = None,
    out: Annotated[
        Path | None, typer.Option(help="write all findings as a layer, by suffix", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Overlaps, gaps, nested, duplicates against the frame; notices about grids. Exit 1 with findings."""
    told = {"min_width_m": min_width, "min_area_m2": min_area}
    stated = {key: value for key, value in told.items() if value is not None}
    if out is not None:
        find_writer(None, out)
    with bank() as opened:
        result = opened.tell("check_plan", "检查", {"plan": code, **stated})
        with opened.transaction() as session:
            plan = plans.find_plan(session, code)
            result |= tell_findings(session, plan, drawn=as_json)
            if out is not None and result["findings"] + result["notices"]:
                result["out"] = write_layer(session, plan, out)
    result["counts"] = dict.fromkeys(result["kinds"], 0) | result["counts"]
    result["notice_counts"] = dict.fromkeys(result["notice_kinds"], 0) | result["notice_counts"]
    give(result, as_json=as_json, text=tell_check(result))
    return 1 if result["findings"] else 0


def tell_findings(session: Session, plan: Plan, *, drawn: bool) -> dict[str, Any]:
    """Findings of the ground in the form of the contract, notices beside them, thresholds, frame_km2."""
    options = plans.read_options(plan)
    ground, notices = (plans.list_findings(session, plan, one) for one in (plans.Wanted(), NOTICES))
    return {
        "findings": [show_finding(row, drawn=drawn) for row in ground],
        "notices": [show_finding(row) for row in notices],
        "thresholds": {"min_width_m": options.min_width_m, "min_area_m2": options.min_area_m2},
        "frame_km2": plans.measure_frame(plan),
    }


def show_finding(row: dict[str, Any], *, drawn: bool = False) -> dict[str, Any]:
    """A finding; its shape (GeoJSON, EPSG:4326) only when `drawn`: no person reads coordinates."""
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
        "zh",
        "en",
    )
    shown = {key: row[key] for key in keys if key in row}
    if drawn:
        shown["geometry"] = json.loads(shapely.to_geojson(shapely.from_wkb(bytes(row["wkb"]))))
    return shown


def tell_check(result: dict[str, Any]) -> str:
    """A check as lines for people: figures, then a sentence for each finding, the gravest first."""
    lines = [f"{result['plan']}: {result['status']}，待处理 {result['blocking']}"]
    for counts in (result["counts"], result["notice_counts"]):
        lines.append("  " + "  ".join(f"{find_check(kind).label.zh} {n}" for kind, n in counts.items()))
    lines += _tell_rows(result["findings"], most=50)
    for kind in result["notice_counts"]:
        lines += _tell_rows([f for f in result["notices"] if f["kind"] == kind], most=5)
    return "\n".join([*lines, *([f"  → {result['out']}"] if "out" in result else [])])


def _tell_rows(rows: list[dict[str, Any]], *, most: int) -> list[str]:
    """The first rows as sentences, and how many more there are."""
    lines = [f"  #{f['id']} [{find_check(f['kind']).label.zh}] {f['zh']}" for f in rows[:most]]
    more = len(rows) - most
    return [*lines, f"  … 另有 {more} 条，--json 或 --out 列出全部 ({more} more)"] if more > 0 else lines


def write_layer(session: Session, plan: Plan, out: Path) -> str:
    """All findings and notices as a file, whole or not at all; audited."""
    if not out.absolute().parent.is_dir():
        raise BadInput(
            "no_such_folder", zh=f"没有这个文件夹：{out.parent}", en=f"no such folder: {out.parent}"
        )
    writer = find_writer(None, out)
    aside = Path(tempfile.mkdtemp(dir=out.absolute().parent, prefix=".getu-"))
    try:
        path, how = aside / f"{out.stem}{writer.suffix}", cast(Writing, {"format": writer.key})
        layer = findings_layer(plans.Wanted(group=None))
        count = export_layer(session, layer, path, when=When(today(), plan.code), how=how)
        record(session, "export_layer", subject="findings", detail={"plan": plan.code, "features": count})
        path.replace(out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return str(out)


def allow(code: Code, finding: Number, reason: Reason = "", as_json: AsJson = False) -> None:
    """Allow a finding that waits for a person's word (a market drawn inside its village)."""
    with bank() as opened, opened.transaction() as session:
        plans.find_finding(session, finding, plan=plans.find_plan(session, code))
        allowed = plans.allow_finding(session, finding, reason=reason)
        record(session, "allow_finding", subject=code, detail={"finding": finding, "reason": reason})
        give({"finding": allowed.id, "state": allowed.state}, as_json=as_json)


def disallow(code: Code, finding: Number, reason: Reason = "", as_json: AsJson = False) -> None:
    """Take the word back: the finding is open again."""
    with bank() as opened, opened.transaction() as session:
        plans.find_finding(session, finding, plan=plans.find_plan(session, code))
        opened_again = plans.disallow_finding(session, finding)
        record(session, "disallow_finding", subject=code, detail={"finding": finding, "reason": reason})
        give({"finding": opened_again.id, "state": opened_again.state}, as_json=as_json)


def rules(
    change: Annotated[
        list[str] | None, typer.Argument(help="rural.street=forbidden …; without any the rules are shown")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What each type of branch may hold: allowed, notice, confirm or forbidden. 支行类型规则"""
    with bank() as opened, opened.transaction() as session:
        if change:
            stated = branch_rules.read_rules(change)
            branch_rules.state_rules(session, stated)
            record(session, "branch_type_rules", detail={"rules": stated})
        give({"rules": branch_rules.list_rules(session)}, as_json=as_json)


def add_checks(cli: typer.Typer) -> None:
    """Put these commands under `getu plan`."""
    for command in (check, allow, disallow, rules):
        cli.command()(command)
