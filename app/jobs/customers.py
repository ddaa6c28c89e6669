"""The story of a customer file: slices → checked, sealed, placed, located in processes → COPY → adopted.

Each slice lands with its checkpoint in one transaction, in tables that nobody reads yet; killed with -9
anywhere, the next attempt goes on behind the last slice that landed and nothing is there twice. Once all is
in, repeated keys leave, indexes are made, and one transaction adopts the block and merges changed rows. A dry
run is the same story told to the end, but the rows that wait are compared and then dropped.
"""

import json
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from sqlalchemy.orm import Session

from app.access import open_vault
from app.customers import doubts, intake
from app.customers.counting import Adding, Tally
from app.customers.intake.footing import read_footing, settle_block
from app.customers.intake.known import sign_rows
from app.customers.intake.lost_columns import ask_lost
from app.customers.intake.repeats import drop_twice, find_twice
from app.customers.intake.settling import settle
from app.customers.intake.tables import SourceTable
from app.customers.intake.working import (
    Portion,
    Recipe,
    give_up_row,
    join_portions,
    list_rows,
    start_working,
    work_slice,
)
from app.customers.pool import Crew, warm_up
from app.db import fetch_value, run_statement
from app.db.connection import WORKER
from app.db.vacuuming import find_owner
from app.errors import BadInput, NotReady
from app.jobs.given import given_table
from app.jobs.ledger import Fenced
from app.jobs.loads import (
    Load,
    abandon_load,
    begin_load,
    count_named,
    first_lines,
    show_question,
    write_lines,
)
from app.jobs.room import find_no_room
from app.jobs.running import Running

# Rows of a slice: what a process holds at a time, and what is read again after a kill.
CHUNK = 25_000


def import_customers(run: Running) -> dict[str, Any]:
    """args: path (and sheet) or origin, file_name, source, fields (term → column), dry_run, mode (full or
    delta), allow_vanish.

    Returns the import's report.
    """
    warm_up()
    with run.step() as session:
        source = intake.find_source(session, str(run.args["source"]))
    with given_table(run, source) as table:
        return _load(run, source, table)


def _load(run: Running, source: intake.Source, table: SourceTable) -> dict[str, Any]:
    said = run.args.get("fields") or {}
    columns = intake.map_columns(table.headings, said, source.headings)
    with run.step() as session:
        ask_lost(session, source, columns, said=said, headings=table.headings)
    import_id, known = begin_load(run, table, source, columns)
    if known is not None:
        return known
    load = Load(run, table, source, columns, import_id)
    try:
        tally = _stage(load) if "step" not in run.checkpoint else None
        if run.checkpoint["step"] == "staged":
            tally = _weed(load, tally)
        return _land(load, tally)
    except (Fenced, NotReady):
        raise
    except Exception as error:
        full = find_no_room(error)
        if full is not None:
            raise full from error
        # Whatever it was, no second attempt will come for the rows that wait.
        with run.database.transaction(WORKER) as session:
            abandon_load(session, import_id, run.checkpoint.get("block"))
        load.clear()
        raise


def _stage(load: Load) -> Tally | None:
    """All slices into their tables, the files beside cut back to the checkpoint first.

    Returns what the block's rows add to the counts; None when an attempt before this one has landed some.
    """
    run, point = load.run, dict(load.point)
    counts, adding, whole = load.counts, Adding(), point["row"] == 1
    crew = _call_crew(load)
    slices = load.table.slices(CHUNK, after=int(point["row"]))
    load.seen.cut(int(point["seen"]))
    load.marks.cut(int(point["marks"]))
    with load.left_out.open("ab") as lines, closing(crew.work_all(slices)) as done:
        lines.truncate(int(point["bytes"]))
        for portion in done:
            _take_in(portion, counts, adding)
            lines.write(portion.lines)
            lines.flush()
            seen = load.seen.append(portion.numbers, portion.keys, portion.states)
            marks = load.marks.append(portion.marks)
            point.update(row=portion.last, bytes=lines.tell(), seen=seen, marks=marks, counts=dict(counts))
            with run.step() as session:
                intake.copy_portion(session, portion.packed, load.block)
                run.mark("place", counts["read"], load.table.rows, checkpoint=point)
    with run.step():
        run.mark("placed", counts["read"], counts["read"], checkpoint={**point, "step": "staged"})
    return adding.as_tally() if whole else None


def _take_in(portion: Portion, counts: "Counter[str]", adding: Adding) -> None:
    counts.update(portion.counts)
    for added in portion.added:
        adding.add(added)


def _call_crew(load: Load) -> Crew:
    """Processes that work on slices; each builds matcher and index once."""
    known, settings = load.read_known(), load.run.settings
    with load.run.step() as session:
        placer = doubts.read_placer(session)
        ground = read_footing(session, load.footing) if load.block is not None else None
        recipe = Recipe(
            load.source,
            load.columns,
            sign_rows(load.columns, load.source.standing, checked=load.source.check_numbers),
            load.import_id,
            open_vault(settings.keys),
            placer,
            known,
            load.block,
            ground,
            load.footing.run_id,
            intake.list_units(session) if ground is not None else {},
            fetch_value(session, "customers/find_month"),
        )
    return Crew(
        settings.import_processes, start_working, recipe, work_slice, give_up_row, join_portions, list_rows
    )


def _weed(load: Load, tally: Tally | None) -> Tally | None:
    """Repeated keys go to the left-out file; a block of few rows joins those that wait."""
    run, counts, block = load.run, load.counts, load.block
    with run.step() as session, load.left_out.open("ab") as lines:
        lines.truncate(int(load.point["bytes"]))
        twice = find_twice(session, load.seen, load.known, import_id=load.import_id, block=block)
        write_lines(lines, (row.as_line() for row in twice))
        counted = drop_twice(session, twice, import_id=load.import_id, block=block)
        counts.subtract(counted)
        if twice:
            counts.update({"rejected": len(twice), "reason:repeated_key": len(twice)})
        if block is not None and counts["new"] < intake.FEWEST:
            intake.pour_block(session, block, load.import_id)
            block = None
        point = {"bytes": lines.tell(), "counts": dict(counts), "block": block, "step": "weeded"}
        run.mark("comparing", counts["read"], counts["read"], checkpoint={**load.point, **point})
    return None if counted["new"] else tally


def _land(load: Load, tally: Tally | None) -> dict[str, Any]:
    """Indexes, then one transaction: the block is adopted, what waits is merged, the import is closed.

    In a dry run what waits is compared with the customers that are stored, then dropped.
    """
    run, counts, block = load.run, load.counts, load.block
    shown = intake.show_columns(load.table, load.columns)
    if block is not None:
        with run.step():
            run.mark("indexing", counts["read"], counts["read"])
        intake.index_block(run.database, block, owner=find_owner(run.settings, run.database))
    with run.step() as session:
        intake.measure_intake(session, load.import_id)
        twice = _find_duplicates(load, session)
        landed, company = _settle(load, session, tally)
        twice += _find_in_block(load, session, company)
        intake.close_intake(session, load.import_id)
        kinds = {kind: twice[kind] for kind in intake.duplicates.KINDS}
        found = {"duplicates": kinds, "columns": shown}
        report = {**_report(load, landed), **found}
        told, status = json.dumps(report), report["status"]
        run_statement(session, "jobs/close_import", import_id=load.import_id, status=status, report=told)
        stage, point = ("checked" if load.dry else "landed"), {**run.checkpoint, "step": "landed"}
        run.mark(stage, counts["read"], counts["read"], checkpoint=point)
    load.clear()
    return {**report, "rejected": first_lines(load.left_out), "gone": first_lines(load.vanished)}


def _settle(load: Load, session: Session, tally: Tally | None) -> tuple[dict[str, Any], Sequence[int]]:
    """What waits is merged, the block adopted, the missing taken out, persons linked; undone in a dry run.

    Returns how many are new, changed, the same, returned, vanished and linked; and who of the block may have
    something in common with somebody outside it.
    """

    def adopt() -> int:
        assert load.block is not None
        adopted = intake.adopt_block(session, load.block)
        households = "household_no" in load.columns
        settle_block(session, load.block, load.footing, tally=tally, households=households)
        return adopted

    with load.vanished.open("wb") as lines:
        done = settle(session, load.delivery, tell=lambda rows: write_lines(lines, rows), adopt=adopt)
    found: dict[str, Any] = {**done.landed.as_dict(), "vanished": done.vanished, "links": done.links}
    found["same"] += load.counts["same"]
    found["new"] += done.adopted
    asked = {} if done.question is None else show_question(done.question)
    return {**found, **asked}, done.company


def _find_duplicates(load: Load, session: Session) -> "Counter[str]":
    """Write who comes twice to the file of duplicates."""
    with load.duplicates.open("wb") as file, load.left_out.open("rb") as left_out:
        for line in left_out:
            if b'"repeated_key"' in line:
                file.write(line)
        counts = Counter(repeated_key=load.counts["reason:repeated_key"])
        return counts + write_lines(file, intake.find_twins(session, load.import_id, load.source))


def _find_in_block(load: Load, session: Session, company: Sequence[int]) -> "Counter[str]":
    """Write whose person comes twice by a row of the block that was just adopted."""
    if load.block is None:
        return Counter()
    alike = (load.marks.find_alike("card") + load.block * intake.BLOCK).tolist()
    twins = intake.find_block_twins(session, load.block, load.source, alike=alike, company=company)
    with load.duplicates.open("ab") as file:
        return write_lines(file, twins)


def _report(load: Load, landed: dict[str, Any]) -> dict[str, Any]:
    counts, seconds = load.counts, time.time() - load.point["since"]
    kept = landed["new"] + landed["changed"] + landed["same"]
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
        "mode": "full" if load.delivery.full else "delta",
        "rows": counts["read"],
        "kept": kept,
        **landed,
        "left_out": counts["rejected"],
        "warned": counts["warned"],
        "reasons": count_named(counts, "reason"),
        "rungs": count_named(counts, "rung"),
        "doubts": count_named(counts, "doubt"),
        "encoding": {"name": load.table.encoding, "how": load.table.how},
        "block": load.block,
        "unassigned_because": load.footing.reason if load.block is not None else "",
        "seconds": round(seconds, 1),
        "rows_a_second": round(counts["read"] / max(seconds, 0.001)),
    }
