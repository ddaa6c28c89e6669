"""One customer file on its way in: its number, what it has got so far, and the files beside it."""

import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from app.customers import intake
from app.customers.intake.footing import Footing, find_footing
from app.customers.intake.known import Known, read_known, sign_rows
from app.customers.intake.marks import Marks
from app.customers.intake.seen import Seen
from app.customers.intake.settling import Delivery
from app.customers.intake.tables import SourceTable
from app.db import fetch_one, fetch_value, run_statement
from app.errors import NeedsAnswer
from app.jobs.running import Running
from app.models import ImportRun

# Reports keep this many rows themselves; all of them are in the file of left-out rows.
LISTED = 200


@dataclass(frozen=True)
class Load:
    """One file on its way in: the attempt, the table as it is written, and where its rows go."""

    run: Running
    table: SourceTable
    source: intake.Source
    columns: dict[str, int]
    import_id: int

    @property
    def dry(self) -> bool:
        """Whether nothing is to be stored."""
        return bool(self.run.args.get("dry_run"))

    @property
    def point(self) -> dict[str, Any]:
        """How far it is: what lands with every chunk."""
        return self.run.checkpoint

    @property
    def counts(self) -> "Counter[str]":
        """What has been counted so far."""
        return Counter(self.point["counts"])

    @property
    def block(self) -> int | None:
        """The block that new rows go to, None where they wait with the changed ones."""
        block = self.point["block"]
        return None if block is None else int(block)

    @property
    def footing(self) -> Footing:
        """In which run the rows of the block stand."""
        return Footing(**self.point["footing"])

    @property
    def left_out(self) -> Path:
        """The file of rows left out and warned of: one JSON object a line."""
        return self._beside("left_out.jsonl")

    @property
    def duplicates(self) -> Path:
        """The file of rows whose key or person comes twice: one JSON object a line."""
        return self._beside("duplicates.jsonl")

    @property
    def vanished(self) -> Path:
        """The file of those whom a full delivery held no more: one JSON object a line."""
        return self._beside("vanished.jsonl")

    @property
    def delivery(self) -> Delivery:
        """What is to be settled when all rows are in."""
        full, allowed = find_mode(self.run, self.source) == "full", bool(self.run.args.get("allow_vanish"))
        files = (self.known, self.seen)
        return Delivery(self.import_id, self.source, *files, full, allowed, self.dry, self.block, self.marks)

    @property
    def seen(self) -> Seen:
        """Which rows the file holds."""
        return Seen(self._beside("seen"))

    @property
    def marks(self) -> Marks:
        """What the rows of the block may share with one another."""
        return Marks(self._beside("marks"))

    def read_known(self) -> Path:
        """The file of what was known of the source's customers when the import began."""
        path = self._beside("known.npy")
        if not path.exists() or self.point["row"] == 1:
            with self.run.step() as session:
                known = read_known(session, self.source.code)
            known.save(path)
        return path

    @property
    def known(self) -> Known:
        """What was known of the source's customers, memory-mapped."""
        return Known.load(self._beside("known.npy"))

    def clear(self) -> None:
        """The files that only the work needed go."""
        for what in ("seen", "marks", "known.npy"):
            self._beside(what).unlink(missing_ok=True)

    def _beside(self, what: str) -> Path:
        folder = self.run.settings.files / "imports"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder / f"{self.import_id}.{what}"


def find_mode(run: Running, source: intake.Source) -> str:
    """Whether the file is the whole source (full) or what changed (delta); its source's way when unsaid."""
    return str(run.args.get("mode") or source.delivery)


def begin_load(
    run: Running, table: SourceTable, source: intake.Source, columns: dict[str, int]
) -> tuple[int, dict[str, Any] | None]:
    """The import's number, and its report when this attempt or an import before has landed the file."""
    point, sha256 = run.checkpoint, table.identity
    same, landed = point.get("sha256") == sha256, point.get("step") == "landed"
    if same and not landed:
        return int(point["import_id"]), None
    said = ("source", "fields", "dry_run", "allow_vanish")
    options = {key: run.args[key] for key in said if run.args.get(key)}
    options |= {"mode": find_mode(run, source), "reading": _sign_reading(table, source, columns)}
    with run.step() as session:
        if same:
            return int(point["import_id"]), dict(session.get_one(ImportRun, point["import_id"]).report)
        before = _find_before(session, sha256, options)
        if before is not None:
            run.mark("repeated", 1, 1)
            return int(before["id"]), {**before["report"], "repeated": True}
        if "import_id" in point and not landed:
            # Another file lies at this path now: what the attempt before had read of the old one is dropped.
            abandon_load(session, int(point["import_id"]), point.get("block"))
        return _open(run, session, table, options), None


def _find_before(session: Session, sha256: str, options: dict[str, Any]) -> dict[str, Any] | None:
    """The import that has landed this very file in this very way; a dry run looks at any file anew."""
    source = options["source"]
    before = fetch_one(session, "jobs/find_import", kind="customers", sha256=sha256, source=source)
    if before is None or options.get("dry_run"):
        return None
    alike = all(before["options"].get(key) == options[key] for key in ("mode", "reading"))
    return before if alike else None


def _sign_reading(table: SourceTable, source: intake.Source, columns: dict[str, int]) -> str:
    """How this file is read: another heading map, standing or check is another import of the same bytes."""
    fields = {key: table.headings[at] for key, at in sorted(columns.items())}
    signature = sign_rows(columns, source.standing, checked=source.check_numbers)
    return sha256(f"{signature}|{json.dumps(fields)}".encode()).hexdigest()


def show_question(question: NeedsAnswer) -> dict[str, Any]:
    """A question that a real run would end with, as a dry run's report tells it."""
    told = {"code": question.code, "zh": question.zh, "en": question.en}
    return {"status": "needs_answer", "error": told, "questions": question.facts["questions"]}


def _open(run: Running, session: Session, table: SourceTable, options: dict[str, Any]) -> int:
    import_id = int(
        fetch_value(
            session,
            "jobs/open_import",
            kind="customers",
            file_name=str(run.args.get("file_name", "")),
            sha256=table.identity,
            options=json.dumps(options),
            created_by=run.user_id,
        )
    )
    intake.open_intake(session, import_id)
    big = table.rows >= intake.FEWEST and not run.args.get("dry_run")
    block = intake.open_block(session, import_id) if big else None
    footing = find_footing(session) if big else Footing(reason="few")
    start = {"import_id": import_id, "sha256": table.identity, "row": 1, "bytes": 0, "seen": 0, "counts": {}}
    more = {"marks": 0, "block": block, "footing": asdict(footing), "since": time.time()}
    run.mark("read", 0, 0, checkpoint={**start, **more})
    return import_id


def abandon_load(session: Session, import_id: int, block: int | None) -> None:
    """An import that ends without landing leaves no row behind."""
    intake.close_intake(session, import_id)
    if block is not None:
        intake.drop_block(session, block)
    run_statement(session, "jobs/close_import", import_id=import_id, status="failed", report="{}")


def write_lines(file: BinaryIO, rows: Iterable[dict[str, Any]]) -> "Counter[str]":
    """One line a row, written as they come; returns how many of each reason."""
    counts: Counter[str] = Counter()
    for row in rows:
        file.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
        counts[row["reason"]] += 1
    file.flush()
    return counts


def first_lines(path: Path) -> list[dict[str, Any]]:
    """The first rows of a file of lines."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, LISTED)]


def count_named(counts: "Counter[str]", name: str) -> dict[str, int]:
    """The counts called `name:…`, by what stands behind it; those of nothing are left away."""
    return {
        key.removeprefix(f"{name}:"): n
        for key, n in sorted(counts.items())
        if key.startswith(f"{name}:") and n
    }
