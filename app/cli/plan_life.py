"""getu plan certify, approve, publish, take-back, diff, verify: a plan's life, and the proof of it."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.days import read_day
from app.cli.opening import Bank, bank
from app.cli.telling import AsJson, give
from app.customers.bills import bill_difference
from app.maps.certificate import print_certificate
from app.maps.certificate_file import verify_file
from app.territory import plans

Code = Annotated[str, typer.Argument(help="the plan's code, e.g. V1")]
FILES = (".json", ".pdf")


def certify(
    code: Code,
    pdf: Annotated[Path | None, typer.Option(help="write the certificate as a page of A4")] = None,
    out: Annotated[Path | None, typer.Option(help="write the statement as a JSON file")] = None,
    as_json: AsJson = False,
) -> None:
    """Issue the coverage certificate; refused (exit 2) while something must be mended.

    A plan that has one keeps it: --pdf and --out write it again.
    """
    with bank() as opened, opened.transaction() as session:
        plan = plans.find_plan(session, code)
        statement = plan.certificate
        if statement is None or not (pdf or out):
            statement = plans.certify(session, plan, bank=opened.settings.bank_name)
        if out is not None:
            out.write_text(json.dumps(statement, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if pdf is not None:
            print_certificate(session, plan, pdf)
    written = {key: str(path) for key, path in (("pdf", pdf), ("out", out)) if path is not None}
    give({**statement, **({"files": written} if written else {})}, as_json=as_json)


def approve(code: Code, as_json: AsJson = False) -> None:
    """Approve a certified plan; its ground is closed from here on."""
    with bank() as opened, opened.transaction() as session:
        give(_show(plans.approve(session, plans.find_plan(session, code), user_id=None)), as_json=as_json)


def publish(
    code: Code,
    valid_from: Annotated[str | None, typer.Option("--from", help="first day in force; today")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a certified plan into force from a day on, today or to come."""
    with bank() as opened, opened.transaction() as session:
        plan = plans.find_plan(session, code)
        plans.publish(session, plan, valid_from=read_day(valid_from), user_id=None)
        give(_show(plan), as_json=as_json)


def take_back(code: Code, as_json: AsJson = False) -> None:
    """Take an approval back, also of a plan whose first day is still to come."""
    with bank() as opened, opened.transaction() as session:
        give(_show(plans.withdraw(session, plans.find_plan(session, code))), as_json=as_json)


def diff(
    before: Code,
    after: Code,
    out: Annotated[Path | None, typer.Option(help="write the ground that changes hands as GeoJSON")] = None,
    as_json: AsJson = False,
) -> None:
    """What differs between two plans: grid by grid, in all, and the bill of it."""
    with bank() as opened, opened.transaction() as session:
        found = plans.compare_plans(
            session, plans.find_plan(session, before), plans.find_plan(session, after)
        )
        bill = bill_difference(session, found).as_json()
        if out is not None:
            out.write_text(json.dumps(found.as_features(), ensure_ascii=False) + "\n", encoding="utf-8")
    told = {"before": before, "after": after, "totals": found.totals, "bill": bill}
    give({**told, "changes": [change.as_json() for change in found.changes]}, as_json=as_json)


def verify(
    what: Annotated[str, typer.Argument(help="a plan's code, or a certificate's file (.json or .pdf)")],
    as_json: AsJson = False,
) -> int:
    """Is the ground still what its certificate says? Exit 1 with what differs when it is not."""
    with bank() as opened:
        result = _verify(opened, what)
    give(result, as_json=as_json)
    return 0 if result["valid"] else 1


def _verify(opened: Bank, what: str) -> dict[str, Any]:
    path = Path(what)
    with opened.transaction() as session:
        if path.suffix.lower() in FILES or path.is_file():
            return verify_file(session, path)
        return plans.verify(session, plans.find_plan(session, what))


def _show(plan: Any) -> dict[str, Any]:
    valid = plan.valid
    return {
        "plan": plan.code,
        "status": plan.status,
        "state": plans.tell_state(plan),
        "certificate": plan.certificate_no,
        "valid_from": None if valid is None else valid.lower,
        "valid_to": None if valid is None else valid.upper,
    }


def add_life(cli: typer.Typer) -> None:
    """Put these commands under `getu plan`."""
    for command in (certify, approve, publish, diff, verify):
        cli.command()(command)
    cli.command("take-back")(take_back)
