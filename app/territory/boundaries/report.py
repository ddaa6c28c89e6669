"""What a person asks of a boundary import, and what he is told: the report of the public contract."""

from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, Literal

from app.clock import today
from app.spatial.formats import Limits
from app.spatial.notes import Note
from app.territory.boundaries.choices import list_choices
from app.territory.tables import Rejected

Status = Literal["imported", "needs_answer", "rejected"]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is to be taken.

    `layer`, `crs` and `encoding` overrule what the file says. `answers` are a person's answers to the
    questions of a former try, by code. `code_source` and `year` are of rows that do not name their own; two
    sources are never joined by code alone. `valid_from` is the day (ISO or date) the units begin, today when
    None. `file_name` is the name the file came under. `limits` are what its reading may cost.
    """

    kind: str = "village"
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    dry_run: bool = False
    answers: dict[str, str] = field(default_factory=dict)
    code_source: str = "bank"
    year: int | None = None
    valid_from: date | str | None = None
    file_name: str | None = None
    limits: Limits | None = None

    def first_day(self) -> date:
        """The day the units begin."""
        day = self.valid_from or today()
        return date.fromisoformat(day) if isinstance(day, str) else day

    def asked(self, option: str, *codes: str) -> str | None:
        """What a person wants: the option itself, else his answer to one of these questions."""
        said: str | None = getattr(self, option)
        return said or next((self.answers[code] for code in codes if code in self.answers), None)

    def as_key(self) -> dict[str, Any]:
        """What makes two imports of one file the same act, JSON-ready."""
        left_out = ("dry_run", "file_name", "limits", "valid_from", *(() if self.year else ("year",)))
        key = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        return {**key, "valid_from": str(self.valid_from) if self.valid_from else None}


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth saying of the file; `rows` are row numbers in the file, 1 is the first."""

    code: str
    message: str
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person can say; his answer is one of `options`, under `code`."""

    code: str
    message: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RepairLine:
    """What was mended on one row, with what it did to the true ground area; a question when a person must
    agree first."""

    row: int
    code: str
    message: str
    area_before_m2: float
    area_after_m2: float
    change_percent: float
    question: bool = False


@dataclass(frozen=True, slots=True)
class ColumnShown:
    """A column of the file: its name, the term it was taken for (None when unused), a few of its cells."""

    name: str
    term: str | None
    sample: tuple[str, ...]


@dataclass(slots=True)
class ImportReport:
    """The report of one boundary import; `as_json` gives it in the shape of the public contract."""

    status: Status = "imported"
    features: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    encoding: dict[str, Any] = field(default_factory=lambda: {"name": None, "how": None})
    crs: dict[str, Any] = field(
        default_factory=lambda: {"declared": None, "used": None, "how": None, "evidence": []}
    )
    warnings: list[Remark] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    layers: list[str] = field(default_factory=list)
    import_id: int | None = None
    format: str | None = None
    repairs: list[RepairLine] = field(default_factory=list)
    columns: list[ColumnShown] = field(default_factory=list)
    preview: dict[str, Any] | None = None
    picture: dict[str, Any] | None = None

    def warn(self, code: str, zh: str, en: str, *, rows: tuple[int, ...] = ()) -> None:
        """Add a remark in Chinese and English."""
        self.warnings.append(Remark(code, f"{zh} / {en}", rows))

    def note(self, note: Note, *, rows: tuple[int, ...] | None = None) -> None:
        """Add a remark that the reading or the mending made."""
        self.warn(note.code, note.zh, note.en, rows=note.rows if rows is None else rows)

    def as_json(self) -> dict[str, Any]:
        """The report as JSON-ready values: status, features, rejected, encoding, crs, warnings, questions,
        layers, import_id (None when nothing was stored), by which a plan or an undo names the import; and
        format, repairs, columns, preview (what a load would change, None before the file is understood)."""
        return {
            "status": self.status,
            "features": self.features,
            "rejected": [asdict(rejected) for rejected in self.rejected],
            "encoding": self.encoding,
            "crs": self.crs,
            "warnings": [{**asdict(remark), "rows": list(remark.rows)} for remark in self.warnings],
            "questions": [_ask(asked) for asked in self.questions],
            "layers": self.layers,
            "import_id": self.import_id,
            "format": self.format,
            "repairs": [asdict(line) for line in self.repairs],
            "columns": [{**asdict(column), "sample": list(column.sample)} for column in self.columns],
            "preview": self.preview,
        }


def _ask(asked: Question) -> dict[str, Any]:
    """A question as JSON: `options` are the values that answer it, `choices` the same in words."""
    choices = [asdict(choice) for choice in list_choices(asked.code, asked.options)]
    return {**asdict(asked), "options": list(asked.options), "choices": choices}


def read_report(stored: dict[str, Any]) -> ImportReport:
    """A report as it was stored with its import."""
    return ImportReport(
        status=stored["status"],
        features=stored["features"],
        rejected=[Rejected(**rejected) for rejected in stored["rejected"]],
        encoding=stored["encoding"],
        crs=stored["crs"],
        warnings=[Remark(w["code"], w["message"], tuple(w["rows"])) for w in stored["warnings"]],
        questions=[Question(q["code"], q["message"], tuple(q["options"])) for q in stored["questions"]],
        layers=stored["layers"],
        import_id=stored.get("import_id"),
        format=stored.get("format"),
        repairs=[RepairLine(**line) for line in stored.get("repairs", [])],
        columns=[ColumnShown(c["name"], c["term"], tuple(c["sample"])) for c in stored.get("columns", [])],
        preview=stored.get("preview"),
    )
