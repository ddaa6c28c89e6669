"""The story of a customer file: read → check, seal and place in processes → wait → land at once → assign.

Each chunk lands with its checkpoint in one transaction; killed with -9 anywhere, the next attempt goes
on behind the last chunk that landed and nothing is there twice. A dry run is the same story told to the end,
but the rows that wait are compared instead of merged and then dropped.
"""

import json
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from app.access import open_vault
from app.customers import assignment, doubts, intake
from app.customers.intake.checking import check_chunk, give_up_row, join_checked
from app.customers.pool import Crew
from app.db import fetch_one, fetch_value, run_statement
from app.db.connection import WORKER
from app.errors import BadInput, NotReady
from app.jobs.ledger import Fenced
from app.jobs.running import Running
from app.models import ImportRun

CHUNK = 10_000
# Reports keep this many rows themselves; all of them are in the file of left-out rows.
LISTED = 200


@dataclass(frozen=True)
class Load:
    """One file on its way in: the attempt, the file as it is written, and where its rows go."""

    run: Running
    file: intake.CustomerFile
    source: intake.Source
    columns: dict[str, int]
    import_id: int

    @property
    def dry(self) -> bool:
        """Whether nothing is to be stored."""
        return bool(self.run.args.get("dry_run"))

    @property
    def left_out(self) -> Path:
        """The file of rows left out and warned of: one JSON object a line."""
        return self._beside("left_out")

    @property
    def duplicates(self) -> Path:
        """The file of rows whose key or person comes twice: one JSON object a line."""
        return self._beside("duplicates")

    def _beside(self, what: str) -> Path:
        folder = self.run.settings.files / "imports"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder / f"{self.import_id}.{what}.jsonl"


def import_customers(run: Running) -> dict[str, Any]:
    """args: path, file_name, source, fields (term → column), dry_run. Returns the import's report."""
    with run.step() as session:
        source = intake.find_source(session, str(run.args["source"]))
    file = intake.open_customers(Path(run.args["path"]))
    columns = intake.map_columns(file.headings, run.args.get("fields") or {}, source.headings)
    import_id, known = _begin(run, file.sha256)
    if known is not None:
        return known
    load = Load(run, file, source, columns, import_id)
    try:
        if run.checkpoint.get("step") != "staged":
            _stage(load)
        return _land(load)
    except (Fenced, NotReady):
        raise
    except Exception:
        # Whatever it was, no second attempt will come for the rows that wait.
        with run.database.transaction(WORKER) as session:
            _abandon(session, import_id)
        raise


def _abandon(session: Session, import_id: int) -> None:
    """An import that ends without landing leaves no row waiting."""
    intake.close_intake(session, import_id)
    run_statement(session, "jobs/close_import", import_id=import_id, status="failed", report="{}")


def _begin(run: Running, sha256: str) -> tuple[int, dict[str, Any] | None]:
    """The import's number, and its report when this attempt or an import before has landed the file."""
    point = run.checkpoint
    same, landed = point.get("sha256") == sha256, point.get("step") == "landed"
    if same and not landed:
        return int(point["import_id"]), None
    options = {key: run.args[key] for key in ("source", "fields", "dry_run") if run.args.get(key)}
    with run.step() as session:
        if same:
            return int(point["import_id"]), dict(session.get_one(ImportRun, point["import_id"]).report)
        before = _find_before(session, sha256, options)
        if before is not None:
            run.mark("repeated", 1, 1)
            return int(before["id"]), {**before["report"], "repeated": True}
        if "import_id" in point and not landed:
            # Another file lies at this path now: what the attempt before had read of the old one is dropped.
            _abandon(session, int(point["import_id"]))
        return _open(run, session, sha256, options), None


def _find_before(session: Session, sha256: str, options: dict[str, Any]) -> dict[str, Any] | None:
    """The import that has landed this very file in this very way; a dry run looks at any file anew."""
    source = options["source"]
    before = fetch_one(session, "jobs/find_import", kind="customers", sha256=sha256, source=source)
    if before is None or options.get("dry_run"):
        return None
    return before if before["options"].get("fields", {}) == options.get("fields", {}) else None


def _open(run: Running, session: Session, sha256: str, options: dict[str, Any]) -> int:
    import_id = int(
        fetch_value(
            session,
            "jobs/open_import",
            kind="customers",
            file_name=str(run.args.get("file_name", "")),
            sha256=sha256,
            options=json.dumps(options),
            created_by=run.user_id,
        )
    )
    intake.open_intake(session, import_id)
    start = {"import_id": import_id, "sha256": sha256, "row": 1, "bytes": 0, "counts": {}}
    run.mark("read", 0, 0, checkpoint=start)
    return import_id


def _stage(load: Load) -> None:
    """All chunks into the partition; the file of left-out rows is cut back to the checkpoint first."""
    run, point = load.run, dict(load.run.checkpoint)
    counts: Counter[str] = Counter(point["counts"])
    chunks = load.file.chunks(CHUNK, after=int(point["row"]))
    with load.left_out.open("ab") as lines, closing(_call_crew(load).work_all(chunks)) as done:
        lines.truncate(int(point["bytes"]))
        for checked in done:
            listed = checked.rejected + [{**row, "kept": True} for row in checked.warned]
            _write_lines(lines, listed)
            counts.update(read=checked.seen, rejected=len(checked.rejected), warned=len(checked.warned))
            counts.update(f"reason:{row['reason']}" for row in listed)
            point.update(row=checked.last_row, bytes=lines.tell(), counts=dict(counts))
            with run.step() as session:
                intake.stage_rows(session, load.import_id, checked.rows)
                run.mark("place", counts["read"], load.file.rows, checkpoint=point)
    with run.step():
        run.mark("placed", counts["read"], load.file.rows, checkpoint={**point, "step": "staged"})


def _write_lines(file: BinaryIO, rows: Iterable[dict[str, Any]]) -> "Counter[str]":
    """One line a row, written as they come; returns how many of each reason."""
    counts: Counter[str] = Counter()
    for row in rows:
        file.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
        counts[row["reason"]] += 1
    file.flush()
    return counts


def _call_crew(load: Load) -> Crew:
    """Processes that check chunks; each builds the matcher once."""
    settings = load.run.settings
    with load.run.step() as session:
        placer = doubts.read_placer(session)
    width, vault = len(load.file.headings), open_vault(settings.keys)
    recipe = intake.Recipe(load.source, load.columns, width, vault, placer)
    return Crew(
        settings.import_processes, intake.start_checker, recipe, check_chunk, give_up_row, join_checked
    )


def _land(load: Load) -> dict[str, Any]:
    """Repeated keys go to the left-out file, the rest becomes customers, all in one transaction.

    In a dry run the rest is compared with the customers that are stored, then dropped.
    """
    run, counts = load.run, Counter(load.run.checkpoint["counts"])
    shown = intake.show_columns(load.file, load.columns)
    with run.step():
        run.mark("comparing", counts["read"], load.file.rows)
    with run.step() as session:
        intake.measure_intake(session, load.import_id)
        twice = _find_duplicates(load, session)
        repeats = {"rejected": twice["repeated_key"], "reason:repeated_key": twice["repeated_key"]}
        counts.update({key: rows for key, rows in repeats.items() if rows})
        placed = {
            "rungs": intake.count_rungs(session, load.import_id),
            "doubts": intake.count_doubts(session, load.import_id),
        }
        settle = intake.compare_rows if load.dry else intake.land_rows
        landed = settle(session, load.import_id, load.source)
        intake.close_intake(session, load.import_id)
        found = {**placed, "duplicates": twice, "columns": shown}
        report = {**_report(load, counts, landed), **found}
        told, status = json.dumps(report), report["status"]
        run_statement(session, "jobs/close_import", import_id=load.import_id, status=status, report=told)
        stage, point = ("checked" if load.dry else "landed"), {**run.checkpoint, "step": "landed"}
        run.mark(stage, counts["read"], load.file.rows, checkpoint=point)
    return {**report, "rejected": _first_lines(load.left_out)}


def _find_duplicates(load: Load, session: Session) -> dict[str, int]:
    """Write who comes twice to the file of duplicates, repeated keys to that of left-out rows too."""
    with load.left_out.open("ab") as left_out, load.duplicates.open("wb") as file:
        left_out.truncate(int(load.run.checkpoint["bytes"]))
        counts = _write_lines(left_out, intake.find_repeats(session, load.import_id))
        _write_lines(file, intake.find_repeats(session, load.import_id))
        intake.drop_repeats(session, load.import_id)
        counts += _write_lines(file, intake.find_twins(session, load.import_id, load.source))
    return {kind: counts[kind] for kind in intake.duplicates.KINDS}


def _report(load: Load, counts: "Counter[str]", landed: dict[str, int]) -> dict[str, Any]:
    kept = sum(landed.values())
    if kept + counts["rejected"] != counts["read"]:
        raise BadInput(
            "counts_differ",
            zh="读到的行数与入库、剔除之和不符，已全部撤回",
            en="rows read are not rows kept plus rows left out; nothing was stored",
        )
    return {
        "status": "checked" if load.dry else "imported",
        "dry_run": load.dry,
        "import_id": load.import_id,
        "rows": counts["read"],
        "kept": kept,
        **landed,
        "left_out": counts["rejected"],
        "warned": counts["warned"],
        "reasons": {
            key.removeprefix("reason:"): n for key, n in sorted(counts.items()) if key.startswith("reason:")
        },
        "encoding": {"name": load.file.encoding, "how": "text"},
    }


def _first_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, LISTED)]


def assign_all(run: Running) -> dict[str, Any]:
    """args: plan (optional). One assignment run over all customers."""
    with run.step() as session:
        counts = assignment.assign_customers(
            session,
            plan_code=run.args.get("plan"),
            on_progress=lambda stage, done, total: run.tell(stage, done, total),
        )
        run.mark("assigned", counts["total"], counts["total"])
    return counts
