"""The stories of the ground: gazetteer and organisation files, and the check of a plan."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

from app.customers.touched import tell_customers
from app.db import fetch_one, fetch_value, run_statement
from app.errors import BadInput
from app.jobs.running import Running
from app.territory import gazetteer, ground, organisation, plans

TABLES = {
    "branches": ("机构", organisation.import_branches),
    "staff": ("人员", organisation.import_staff),
}


def import_gazetteer(run: Running) -> dict[str, Any]:
    """args: path, file_name, code_source. The table's report."""
    path, source = Path(run.args["path"]), str(run.args.get("code_source") or "gazetteer")
    return _import_table(
        run,
        "gazetteer",
        {"source": source},
        lambda session: gazetteer.import_places(session, path, code_source=source),
    )


def import_organisation(run: Running) -> dict[str, Any]:
    """args: path, file_name, table (branches, staff, or duties of a plan), valid_from. The table's report."""
    path, table = Path(run.args["path"]), str(run.args.get("table", ""))
    if table == "duties":
        day = date.fromisoformat(run.args["valid_from"]) if run.args.get("valid_from") else None

        def load_duties(session: Any) -> Any:
            plan = plans.find_plan(session, str(run.args["plan"]))
            return plans.import_duties(session, path, plan, valid_from=day)

        return _import_table(run, "organisation", {"source": f"duties {run.args.get('plan')}"}, load_duties)
    if table not in TABLES:
        raise BadInput(
            "unknown_table",
            zh=f"没有“{table}”这种表，可用：branches（机构）、staff（人员）、duties（责任）",
            en=f"there is no table {table!r}; use branches, staff or duties",
        )
    return _import_table(
        run, "organisation", {"source": table}, lambda session: TABLES[table][1](session, path)
    )


def _import_table(run: Running, kind: str, options: dict[str, str], load: Any) -> dict[str, Any]:
    """Load a table in one transaction and keep its report; the same file twice is recognised."""
    sha256 = hashlib.sha256(Path(run.args["path"]).read_bytes()).hexdigest()
    with run.step() as session:
        before = fetch_one(session, "jobs/find_import", kind=kind, sha256=sha256, source=options["source"])
        if before is not None:
            run.mark("repeated", 1, 1)
            return {**before["report"], "repeated": True}
        import_id = fetch_value(
            session,
            "jobs/open_import",
            kind=kind,
            file_name=str(run.args.get("file_name", "")),
            sha256=sha256,
            options=json.dumps(options),
            created_by=run.user_id,
        )
        report = {"status": "imported", **load(session).as_json()}
        run_statement(
            session, "jobs/close_import", import_id=import_id, status="imported", report=json.dumps(report)
        )
        run.mark("imported", report["imported"], report["imported"])
    return report


def check_plan(run: Running) -> dict[str, Any]:
    """args: plan, and thresholds (min_width_m, min_area_m2) that a draft is to keep from now on. The counts
    of findings and notices by kind; beside each finding stands whom it touches."""
    with run.step() as session:
        plan = plans.find_plan(session, str(run.args["plan"]))
        stated = {key: float(run.args[key]) for key in ("min_width_m", "min_area_m2") if run.args.get(key)}
        if stated:
            plans.state_thresholds(session, plan, **stated)
        plans.check_plan(session, plan)
        tell_customers(session, plan)
        check = plans.summarise_findings(session, plan)
        run.mark("checked", 1, 1)
    return {
        "plan": plan.code,
        "counts": check.counts,
        "notice_counts": check.notice_counts,
        "blocking": check.blocking,
        "status": plan.status,
        "kinds": [c.kind for c in ground.GROUND_CHECKS],
        "notice_kinds": [c.kind for c in ground.CHECKS if c.group == "notice"],
    }
