"""The shapes of a boundary file made sound: every repair told with its area, the grave ones asked for."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely

from app.spatial import crs, repair
from app.spatial.formats import Layer
from app.spatial.notes import Note
from app.territory.boundaries.report import ImportOptions, ImportReport, Question, RepairLine
from app.territory.shapes import Shapes
from app.territory.tables import Rejected

ACCEPT, LEAVE_OUT = "accept", "leave_out"
ASKED = "repair_changes_area"
_CLOSED_BY_READER = "rings_closed"
_SHOWN_ROWS = 20
_FAR_DEGREE = 0.5
_SPLINTER_M2 = 10.0
"""No stall, house or village is smaller: such a row is a leaving of somebody's overlay."""


def mend_shapes(layer: Layer, shapes: Shapes, options: ImportOptions, report: ImportReport) -> Shapes | None:
    """Shapes (n,) in EPSG:4326 as they are to be stored, None where one is left out; the report tells all.

    None altogether when a person must first agree to a repair that changes an area by more than 2 %: his
    answers are `repair_changes_area` for all and `repair_changes_area_<row>` for one row, each `accept` or
    `leave_out`.
    """
    cleaned = repair.clean(shapes, closed=_closed_by_reader(layer))
    _tell(cleaned, layer, report)
    kept = cleaned.geoms.copy()
    if not _Answers(cleaned, layer, options, report).follow(kept):
        return None
    _leave_out_far(kept, layer, report)
    _tell_twins(kept, layer, report)
    _tell_splinters(kept, layer, report)
    return kept


def _closed_by_reader(layer: Layer) -> list[int]:
    rows = {row for note in layer.warnings if note.code == _CLOSED_BY_READER for row in note.rows}
    return [index for index, row in enumerate(layer.rows.tolist()) if row in rows]


def _tell(cleaned: repair.Cleaned, layer: Layer, report: ImportReport) -> None:
    """Tell what was rejected, noted and repaired: each repair with its areas, and once more by its kind."""
    for lost in cleaned.rejected:
        report.rejected.append(Rejected(int(layer.rows[lost.index]), lost.code, f"{lost.zh} / {lost.en}"))
    for note in cleaned.notes:
        report.note(note, rows=tuple(int(layer.rows[place - 1]) for place in note.rows))
    _tell_heights(layer, report)
    rows: dict[str, list[int]] = defaultdict(list)
    first: dict[str, repair.Repair] = {}
    for mended in cleaned.repairs:
        row = int(layer.rows[mended.index])
        rows[mended.code].append(row)
        first.setdefault(mended.code, mended)
        report.repairs.append(_as_line(mended, row))
    for code, mended in first.items():
        more = f"（共 {len(rows[code])} 处）" if len(rows[code]) > 1 else ""
        report.warn(f"mended_{code}", f"{mended.zh}{more}", mended.en, rows=tuple(rows[code]))


def _tell_heights(layer: Layer, report: ImportReport) -> None:
    """Say which rows had heights or measures: moving shapes to storage has dropped them already."""
    xyz, owner = shapely.get_coordinates(layer.geoms, include_z=True, return_index=True)
    lifted = shapely.has_m(layer.geoms)
    lifted[owner[np.nan_to_num(xyz[:, 2]) != 0]] = True
    if lifted.any():
        rows = tuple(layer.rows[lifted].tolist())
        report.warn("dropped_z", "已去掉高程/M 值", "Z or M values were dropped", rows=rows)


def _as_line(mended: repair.Repair, row: int) -> RepairLine:
    return RepairLine(
        row=row,
        code=mended.code,
        message=f"{mended.zh} / {mended.en}",
        area_before_m2=round(mended.area_before_m2, 2),
        area_after_m2=round(mended.area_after_m2, 2),
        change_percent=round(mended.change_percent, 4),
        question=mended.question,
    )


def _tell_splinters(kept: Shapes, layer: Layer, report: ImportReport) -> None:
    """Say which rows are too small to be any place; they go in, for only a person knows."""
    areas = crs.area_m2(kept)
    small = ~shapely.is_missing(kept) & (areas < _SPLINTER_M2)
    if small.any():
        zh = f"面积不足 {_SPLINTER_M2:g} 平方米，可能是叠加留下的碎屑，请核对"
        en = f"smaller than {_SPLINTER_M2:g} m²: perhaps a leaving of an overlay, please check"
        report.warn("shape_tiny", zh, en, rows=tuple(layer.rows[small].tolist()))


@dataclass(frozen=True)
class _Answers:
    """What a person said of the repairs that he must agree to."""

    cleaned: repair.Cleaned
    layer: Layer
    options: ImportOptions
    report: ImportReport

    def follow(self, kept: Shapes) -> bool:
        """Leave out of `kept` what he wants left out; False, with the question, while a row has no answer."""
        unanswered = []
        for mended in self.cleaned.questions:
            answer = self._answer(mended)
            if answer is None:
                unanswered.append(mended)
            elif answer == LEAVE_OUT and kept[mended.index] is not None:
                kept[mended.index] = None
                reason = f"{mended.zh} / {mended.en}"
                self.report.rejected.append(Rejected(self._row(mended), mended.code, reason))
        if unanswered:
            self._ask(unanswered)
        return not unanswered

    def _row(self, mended: repair.Repair) -> int:
        return int(self.layer.rows[mended.index])

    def _answer(self, mended: repair.Repair) -> str | None:
        said = self.options.answers
        answer = said.get(f"{ASKED}_{self._row(mended)}", said.get(ASKED))
        return answer if answer in (ACCEPT, LEAVE_OUT) else None

    def _ask(self, unanswered: list[repair.Repair]) -> None:
        shown = unanswered[:_SHOWN_ROWS]
        zh = "；".join(
            f"第 {self._row(one)} 行：{one.area_before_m2:.0f} → {one.area_after_m2:.0f} m²" for one in shown
        )
        en = "; ".join(
            f"row {self._row(one)}: {one.area_before_m2:.0f} to {one.area_after_m2:.0f} m²" for one in shown
        )
        more = len(unanswered) - len(shown)
        zh, en = (f"{zh}；另有 {more} 行", f"{en}; {more} more") if more else (zh, en)
        note = Note(
            ASKED,
            f"修复使面积变化超过 {repair.QUESTION_PERCENT:g}% 或边界缺了一段，接受还是剔除？{zh}",
            f"Mending changes an area by more than {repair.QUESTION_PERCENT:g} % or bridges a missing piece "
            f"of border; accept it or leave the row out? {en}",
        )
        self.report.status = "needs_answer"
        self.report.questions.append(Question(ASKED, str(note), (ACCEPT, LEAVE_OUT)))


def _leave_out_far(kept: Shapes, layer: Layer, report: ImportReport) -> None:
    """Leave out shapes far away from all others: a row at 0,0 is a mistake, not ground.

    The margin of half a degree (about 50 km) lets exclaves and islands of a county be.
    """
    west, south, east, north = crs.bounds_of(kept)
    if not np.isfinite([west, south, east, north]).all():
        return
    home = shapely.box(west - _FAR_DEGREE, south - _FAR_DEGREE, east + _FAR_DEGREE, north + _FAR_DEGREE)
    for index in np.flatnonzero(~shapely.intersects(kept, home) & ~shapely.is_missing(kept)).tolist():
        kept[index] = None
        message = "远离其他图形，未导入 / far away from all other shapes"
        report.rejected.append(Rejected(int(layer.rows[index]), "far_away", message))


def _tell_twins(kept: Shapes, layer: Layer, report: ImportReport) -> None:
    """Say which rows have exactly the same shape, whatever their codes; nothing is removed."""
    places: dict[bytes | None, list[int]] = defaultdict(list)
    for index, wkb in enumerate(shapely.to_wkb(shapely.normalize(kept)).tolist()):
        places[wkb].append(index)
    places.pop(None, None)
    twins = sorted(index for same in places.values() if len(same) > 1 for index in same)
    if twins:
        rows = tuple(int(layer.rows[index]) for index in twins)
        zh, en = "这些行的图形完全相同，请核对", "these rows have exactly the same shape; please check"
        report.warn("same_shape_twice", zh, en, rows=rows)
