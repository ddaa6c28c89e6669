"""getu plan: from draft to force."""

import dataclasses
import json
from typing import Annotated, Any

import shapely
import typer

from app.cli.allotments import add_to_plan
from app.cli.days import read_day
from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.errors import BadInput
from app.territory import plans

cli = typer.Typer(no_args_is_help=True, add_completion=False)
add_to_plan(cli)
Code = Annotated[str, typer.Argument(help="the plan's code, e.g. V1")]


@cli.command()
def new(
    code: Code,
    name: Annotated[str, typer.Option(help="the plan's name")] = "",
    market_rule: Annotated[str, typer.Option(help="cut or overlay")] = "cut",
    from_plan: Annotated[str | None, typer.Option("--from", help="copy this plan")] = None,
    imports: Annotated[
        list[int] | None, typer.Option("--import", help="only the units of these imports")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A draft from the imported units, or a copy of another plan."""
    draft = plans.PlanDraft(
        code=code,
        name=name or f"网格规划 {code}",
        market_rule=market_rule,
        from_plan=from_plan,
        import_ids=tuple(imports or ()),
    )
    with bank() as opened, opened.transaction() as session:
        plan = plans.new_plan(session, draft)
        give({"plan": plan.code, "status": plan.status, **plans.count_plan(session, plan)}, as_json=as_json)


@cli.command(name="list")
def list_all(as_json: AsJson = False) -> None:
    """All plans with their state."""
    with bank() as opened, opened.transaction() as session:
        give({"plans": [dict(row) for row in plans.list_plans(session)]}, as_json=as_json)


@cli.command()
def check(code: Code, as_json: AsJson = False) -> int:
    """Overlaps, gaps, nested, duplicates against the frame; exit 1 when there are findings."""
    with bank() as opened:
        result = opened.tell("check_plan", "检查", {"plan": code})
        with opened.transaction() as session:
            plan = plans.find_plan(session, code)
            found = plans.list_findings(session, plan)
            result["findings"] = [show_finding(dict(row), drawn=as_json) for row in found]
            result["frame_km2"] = plans.measure_frame(plan)
    result["counts"] = dict.fromkeys(result["kinds"], 0) | result["counts"]
    give(result, as_json=as_json)
    return 1 if result["findings"] else 0


def show_finding(row: dict[str, Any], *, drawn: bool = False) -> dict[str, Any]:
    """A finding; its shape (GeoJSON, EPSG:4326) only when `drawn`: no person reads coordinates."""
    keys = ("id", "kind", "severity", "state", "codes", "names", "area_m2", "width_m", "customers")
    shown = {key: row[key] for key in keys if key in row}
    if drawn:
        shown["geometry"] = json.loads(shapely.to_geojson(shapely.from_wkb(bytes(row["wkb"]))))
    return shown


@cli.command()
def repair(
    code: Code,
    finding: Annotated[int | None, typer.Option(help="a finding's number; all when not given")] = None,
    option: Annotated[str | None, typer.Option(help="apply this proposal")] = None,
    as_json: AsJson = False,
) -> None:
    """The ways to end each finding; with --finding and --option, apply one and check again."""
    with bank() as opened, opened.transaction() as session:
        if option is not None:
            if finding is None:
                raise BadInput(
                    "no_finding", zh="请用 --finding 指明问题项", en="name the finding with --finding"
                )
            outcome = plans.apply_repair(session, finding, option)
            shown = {"before": outcome.before.as_json(), "after": outcome.after.as_json()}
            give({"option": outcome.proposal.as_json(), **shown}, as_json=as_json)
            return
        rows = plans.list_findings(session, plans.find_plan(session, code))
        wanted = [row for row in rows if finding in (None, row["id"])]
        give(
            {
                "proposals": [
                    {
                        **show_finding(dict(row)),
                        "options": [p.as_json() for p in plans.repair_proposals(session, row["id"])],
                    }
                    for row in wanted
                ]
            },
            as_json=as_json,
        )


@cli.command()
def allow(
    code: Code,
    finding: Annotated[int, typer.Option(help="a finding's number")],
    as_json: AsJson = False,
) -> None:
    """Allow a finding that waits for a person's word (a market drawn inside its village)."""
    with bank() as opened, opened.transaction() as session:
        plans.find_plan(session, code)
        allowed = plans.allow_finding(session, finding)
        give({"finding": allowed.id, "state": allowed.state}, as_json=as_json)


@cli.command()
def certify(code: Code, as_json: AsJson = False) -> None:
    """Issue the coverage certificate; refused (exit 2) while something must be mended."""
    with bank() as opened, opened.transaction() as session:
        give(plans.certify(session, plans.find_plan(session, code)), as_json=as_json)


@cli.command()
def publish(
    code: Code,
    valid_from: Annotated[str | None, typer.Option("--from", help="first day in force; today")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a certified plan into force from a day on."""
    with bank() as opened, opened.transaction() as session:
        plan = plans.publish(
            session, plans.find_plan(session, code), valid_from=read_day(valid_from), user_id=None
        )
        give({"plan": plan.code, "status": plan.status, "certificate": plan.certificate_no}, as_json=as_json)


@cli.command()
def diff(before: Code, after: Code, as_json: AsJson = False) -> None:
    """What differs between two plans, grid by grid."""
    with bank() as opened, opened.transaction() as session:
        changes = plans.diff(session, plans.find_plan(session, before), plans.find_plan(session, after))
        give({"changes": [dataclasses.asdict(change) for change in changes]}, as_json=as_json)


@cli.command()
def verify(code: Code, as_json: AsJson = False) -> int:
    """Is the ground still what its certificate says? Exit 1 when it is not."""
    with bank() as opened, opened.transaction() as session:
        result = plans.verify(session, plans.find_plan(session, code))
    give(result, as_json=as_json)
    return 0 if result["valid"] else 1
