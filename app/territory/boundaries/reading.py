"""A boundary file read, its system found, its shapes moved to storage and mended; it asks, never guesses."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from app.errors import BadInput, NeedsAnswer, RefusedFile
from app.glossary import map_headings
from app.spatial import crs, formats
from app.spatial.formats import Layer
from app.spatial.notes import Note
from app.territory.boundaries.cells import UNIT_FIELDS, show_columns
from app.territory.boundaries.mending import ACCEPT, mend_shapes
from app.territory.boundaries.mending import LEAVE_OUT as LEAVE_OUT
from app.territory.boundaries.reference import KnownGround
from app.territory.boundaries.report import ImportOptions, ImportReport, Question
from app.territory.shapes import Shapes
from app.territory.tables import Rejected

CRS_QUESTIONS = ("crs_shifted", "crs_ambiguous", "crs_unknown")


@dataclass(frozen=True)
class Drawing:
    """A layer ready to be stored: `shapes` (n,) are MultiPolygons in EPSG:4326 or None where one was left
    out, `columns` the file's own, `rows` (n,) the row numbers in the file."""

    layer: Layer
    shapes: Shapes

    @property
    def columns(self) -> dict[str, list[Any]]:
        """The columns as the file has them."""
        return self.layer.columns

    def row(self, index: int) -> int:
        """The number in the file of the row at an index."""
        return int(self.layer.rows[index])


def read_drawing(
    path: Path, options: ImportOptions, report: ImportReport, *, reference: KnownGround | None = None
) -> Drawing | None:
    """Read a file as `options` say and tell `report` what was found.

    `reference` is ground already known, with which the layer's borders are compared. None when the file is
    refused or a person must answer first: the report's status and questions say so.
    """
    layer = _read_layer(path, options, report)
    if layer is None:
        return None
    # A first guess by headings: a person who is asked about coordinates sees already what the rows are.
    show_columns(layer.columns, map_headings(layer.columns, UNIT_FIELDS).columns, report)
    used = _find_crs(layer, options, report, reference)
    if used is None:
        return None
    shapes = crs.to_storage(layer.geoms, used)
    return _mend(layer, shapes, options, report)


def read_places(
    path: Path, options: ImportOptions, report: ImportReport, *, reference: KnownGround | None = None
) -> tuple[Layer, Shapes] | None:
    """A layer of any points, lines and areas, and its shapes (n,) in EPSG:4326 as they are drawn.

    The file is read and its system found as for a boundary file, and `report` is told; None when it is
    refused or a person must answer first.
    """
    layer = _read_layer(path, options, report)
    used = None if layer is None else _find_crs(layer, options, report, reference)
    if layer is None or used is None:
        return None
    return layer, _settle_bends(layer.geoms, crs.to_storage(layer.geoms, used))


def open_drawing(
    path: Path, options: ImportOptions, *, reference: KnownGround | None = None
) -> tuple[Layer, Shapes]:
    """A layer and its shapes (n,) in EPSG:4326 exactly as they are drawn, faults and all.

    Raises RefusedFile for a file that cannot be read, NeedsAnswer where a person must choose.
    """
    layer = formats.read(
        path,
        layer=options.asked("layer", "several_layers", "unknown_layer"),
        encoding=options.asked("encoding", "encoding_unclear"),
        limits=options.limits,
        name=options.file_name,
    )
    finding, _ = _detect(layer, options, reference)
    return layer, _settle_bends(layer.geoms, crs.to_storage(layer.geoms, finding.settled()))


def _settle_bends(drawn: Shapes, stored: Shapes) -> Shapes:
    """Shapes (EPSG:4326) that were sound as drawn and cross themselves only because their edges bend by a
    hair in another system are made sound: that fault is none of the file's."""
    bent = np.flatnonzero(shapely.is_valid(drawn) & ~shapely.is_valid(stored) & ~shapely.is_missing(stored))
    finite = bent[np.isfinite(shapely.bounds(stored[bent])).all(axis=1)]
    settled = stored.copy()
    settled[finite] = shapely.make_valid(stored[finite], method="structure", keep_collapsed=False)
    return settled


def _read_layer(path: Path, options: ImportOptions, report: ImportReport) -> Layer | None:
    try:
        layer = formats.read(
            path,
            layer=options.asked("layer", "several_layers", "unknown_layer"),
            encoding=options.asked("encoding", "encoding_unclear"),
            limits=options.limits,
            name=options.file_name,
        )
    except NeedsAnswer as unclear:
        ask(report, unclear)
        report.layers = [str(name) for name in unclear.facts.get("layers", [])]
        return None
    except RefusedFile as refused:
        report.status = "rejected"
        report.rejected.append(Rejected(0, refused.code, f"{refused.zh} / {refused.en}"))
        return None
    report.layers = list(layer.layers)
    report.format = layer.format
    report.encoding = {"name": layer.encoding.name, "how": layer.encoding.how}
    for note in layer.warnings:
        report.note(note)
    return layer


def ask(report: ImportReport, unclear: NeedsAnswer) -> None:
    """Put the questions of a room below into the report."""
    report.status = "needs_answer"
    for question in unclear.facts["questions"]:
        options = tuple(str(option["value"]) for option in question["options"])
        report.questions.append(Question(question["code"], f"{question['zh']} / {question['en']}", options))


def _detect(
    layer: Layer, options: ImportOptions, known: KnownGround | None
) -> tuple[crs.CrsFinding, crs.Reference | None]:
    """What is believed of the layer's coordinates, and the known borders it was compared with."""
    bounds = crs.bounds_of(layer.geoms)
    box = None if known is None else known.box
    place = crs.find_place(layer.geoms, declared_wkt=layer.wkt, near=box)
    reference = None if known is None or known.near is None or place is None else known.near(place)
    finding = crs.detect(
        bounds,
        declared_wkt=layer.wkt,
        asked=options.asked("crs", *CRS_QUESTIONS),
        reference=box if reference is None else reference,
        geoms=layer.geoms,
    )
    return finding, reference


def _find_crs(
    layer: Layer, options: ImportOptions, report: ImportReport, known: KnownGround | None
) -> str | None:
    finding, reference = _detect(layer, options, known)
    report.crs = finding.as_json()
    report.picture = crs.draw_shift(layer.geoms, finding, reference)
    for note in finding.warnings:
        report.note(note)
    try:
        used = finding.settled()
    except NeedsAnswer as unclear:
        ask(report, unclear)
        return None
    return used if _is_certain(finding, options, report) else None


def _is_certain(finding: crs.CrsFinding, options: ImportOptions, report: ImportReport) -> bool:
    """A system that puts the layer away from all known ground is taken only when a person says so."""
    doubt = next((note for note in finding.warnings if note.code == "crs_doubtful"), None)
    if doubt is None or options.answers.get("crs_doubtful") == ACCEPT:
        return True
    report.status = "needs_answer"
    message = Note("", f"{doubt.zh}，仍要导入吗？", f"{doubt.en}; import it all the same?")
    report.questions.append(Question("crs_doubtful", str(message), (ACCEPT, *finding.candidates)))
    return False


def _mend(layer: Layer, shapes: Shapes, options: ImportOptions, report: ImportReport) -> Drawing | None:
    kept = mend_shapes(layer, shapes, options, report)
    if kept is None:
        return None
    if shapely.is_missing(kept).all():
        refuse_all(report)
        return None
    return Drawing(layer, kept)


def refuse_all(report: ImportReport) -> None:
    """No row of the file can be used, so the file is refused."""
    report.status = "rejected"
    report.rejected.insert(0, Rejected(0, "no_usable_row", "没有一行可用 / not a single row can be used"))


def refuse_input(report: ImportReport, error: BadInput) -> ImportReport:
    """A wrong option (an unknown system, an unknown kind) as a refusal of the whole import."""
    report.status = "rejected"
    report.rejected.append(Rejected(0, error.code, f"{error.zh} / {error.en}"))
    return report
