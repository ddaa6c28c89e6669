"""Which coordinate system does a layer really use: what was asked, what is declared, what the numbers say.

The numbers are tried against every system a Chinese bank meets; a system stands when the layer lands in China
(and meets the bank's own ground, when that is known). What is impossible is corrected and said; where two
answers stand, nobody guesses: `CrsFinding.settled` raises NeedsAnswer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from app.errors import NeedsAnswer
from app.spatial.crs.candidates import Box, Candidate, land, list_candidates, meets, on_earth
from app.spatial.crs.datums import OLD_DATUMS, datum_of
from app.spatial.crs.systems import describe, parse
from app.spatial.crs.zones import find_zone
from app.spatial.notes import Note

How = Literal["asked", "declared", "inferred", "open"]


@dataclass(frozen=True)
class CrsFinding:
    """What is believed of a layer's coordinates and why; `used` is None while a person must choose."""

    declared: str | None
    used: str | None
    how: How
    evidence: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()
    candidates: tuple[str, ...] = ()

    def settled(self) -> str:
        """Return the system to use, or raise NeedsAnswer with the candidates as options of a question."""
        if self.used is not None:
            return self.used
        code = "crs_ambiguous" if self.candidates else "crs_unknown"
        zh, en = "无法确定坐标系，请指定", "The coordinate system is not certain; please name it"
        reasons = self.evidence + self.warnings
        zh, en = (
            "；".join([zh, *(note.zh for note in reasons)]),
            "; ".join([en, *(note.en for note in reasons)]),
        )
        options = [_option(used) for used in self.candidates]
        question = {"code": code, "zh": zh, "en": en, "options": options}
        raise NeedsAnswer(code, zh=zh, en=en, questions=[question])


def _option(used: str) -> dict[str, str]:
    zh, en = describe(used)
    return {"value": used, "zh": zh, "en": en}


def bounds_of(geoms: NDArray[Any]) -> Box:
    """Return the typical bounds (x0, y0, x1, y1) of an object array of shapes, in their own units.

    Shapes without coordinates or with non-finite ones are left out, and so are single shapes far away from
    the rest (a row at 0,0 must not hide where a layer lies). All NaN when nothing is left.
    """
    boxes = shapely.bounds(np.asarray(geoms, object))
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return (np.nan, np.nan, np.nan, np.nan)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    away = np.abs(centres - np.median(centres, axis=0))
    typical = np.median(away, axis=0) + np.median(boxes[:, 2:] - boxes[:, :2], axis=0)
    boxes = boxes[(away <= 20 * typical + 1e-9).all(axis=1)]
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def detect(
    bounds: Box,
    *,
    declared_wkt: str | None = None,
    asked: str | None = None,
    reference: Box | None = None,
) -> CrsFinding:
    """Find the system of a layer from its `bounds` (x0, y0, x1, y1 in the layer's own numbers).

    `declared_wkt` is what the file says of itself, `asked` what a person says (it wins unless the numbers
    make it impossible), `reference` the lon/lat box of ground the bank already knows. Raises BadInput
    `unknown_crs` when `asked` names no system.
    """
    declared, named, remarks = _read_declared(declared_wkt)
    if not np.isfinite(bounds).all():
        empty = Note("no_coordinates", "文件中没有可用的坐标", "The layer has no usable coordinates")
        return CrsFinding(named, None, "open", (), (*remarks, empty))
    candidates = list_candidates(bounds)
    near = [one for one in candidates if reference is None or meets(one.box, reference)]
    if asked:
        return _weigh_asked(parse(asked), bounds, named, remarks, near)
    if declared:
        finding = _weigh_declared(declared, bounds, reference, near, candidates)
    else:
        finding = _infer(bounds, near, candidates)
    return CrsFinding(
        named,
        finding.used,
        finding.how,
        finding.evidence,
        (*remarks, *finding.warnings, *_datum_warnings(finding.used, declared)),
        finding.candidates,
    )


def _read_declared(wkt: str | None) -> tuple[str | None, str | None, tuple[Note, ...]]:
    """Return (system, its name, remarks) of what a file declares; an unreadable text counts as nothing."""
    if not wkt or not wkt.strip():
        return None, None, ()
    try:
        crs = pyproj.CRS.from_user_input(wkt) if wkt.upper().startswith("EPSG:") else pyproj.CRS.from_wkt(wkt)
    except CRSError:
        note = Note(
            "prj_unreadable",
            "坐标系说明（.prj）无法识别，已忽略",
            "The declared system cannot be read; ignored",
        )
        return None, None, (note,)
    if not (crs.is_geographic or crs.is_projected) or crs.geodetic_crs is None:
        note = Note(
            "prj_local", f"声明的是地方或工程坐标系：{crs.name}", f"A local system is declared: {crs.name}"
        )
        return None, crs.name, (note,)
    if crs.is_geographic:
        datum = datum_of(crs)
        used = f"EPSG:{datum.epsg}" if datum and datum.epsg else crs.to_wkt()
        return used, _name(crs), ()
    epsg = crs.to_epsg(min_confidence=70)
    return (f"EPSG:{epsg}" if epsg else crs.to_wkt()), _name(crs), ()


def _name(crs: pyproj.CRS) -> str:
    epsg = crs.to_epsg(min_confidence=70)
    return f"EPSG:{epsg}" if epsg else crs.name


def _weigh_asked(
    used: str, bounds: Box, named: str | None, remarks: tuple[Note, ...], near: Sequence[Candidate]
) -> CrsFinding:
    """A person's word is followed, unless it puts the layer nowhere on earth or out of the country."""
    evidence = (_note("crs_asked", used, "由操作人指定", "named by the person who loads the file"),)
    place = on_earth(bounds, used)
    if place is None:
        wrong = _note("crs_contradicted", used, "与坐标数值矛盾", "contradicts the numbers")
        options = tuple(one.used for one in near)
        return CrsFinding(named, None, "open", evidence, (*remarks, wrong), options)
    warnings = remarks
    if land(bounds, used) is None or (near and not any(_same_place(place, one.box) for one in near)):
        away = _note(
            "crs_doubtful", used, "使数据落在参考范围之外", "puts the layer away from the known ground"
        )
        warnings = (*warnings, away)
    return CrsFinding(named, used, "asked", evidence, (*warnings, *_datum_warnings(used, used)))


def _same_place(one: Box, other: Box) -> bool:
    return bool(np.abs(np.subtract(one, other)).max() < 0.05)


def _weigh_declared(
    declared: str, bounds: Box, reference: Box | None, near: Sequence[Candidate], every: Sequence[Candidate]
) -> CrsFinding:
    place = land(bounds, declared)
    if place is None:
        return _contradicted(declared, bounds, near, every)
    evidence = (
        _note("crs_declared", declared, "由文件声明，与坐标数值相符", "declared, and the numbers agree"),
    )
    if reference is None or meets(place, reference):
        return CrsFinding(None, declared, "declared", evidence)
    away = _note(
        "crs_doubtful", declared, "使数据落在参考范围之外", "puts the layer away from the known ground"
    )
    if not near:
        return CrsFinding(None, declared, "declared", evidence, (away,))
    return CrsFinding(None, None, "open", evidence, (away,), (*(one.used for one in near), declared))


def _contradicted(
    declared: str, bounds: Box, near: Sequence[Candidate], every: Sequence[Candidate]
) -> CrsFinding:
    wrong = _note(
        "crs_contradicted",
        declared,
        "由文件声明，但与坐标数值矛盾",
        "declared, but the numbers contradict it",
    )
    found = _infer(bounds, near, every)
    return CrsFinding(None, found.used, found.how, found.evidence, (wrong, *found.warnings), found.candidates)


def _infer(bounds: Box, near: Sequence[Candidate], every: Sequence[Candidate]) -> CrsFinding:
    """One system stands: take it and say so. Several or none: leave it open."""
    low, high = f"{bounds[0]:.6g}, {bounds[1]:.6g}", f"{bounds[2]:.6g}, {bounds[3]:.6g}"
    seen = Note("crs_numbers", f"坐标数值范围 {low} 至 {high}", f"The numbers run from {low} to {high}")
    choice = near or every
    if len(choice) != 1:
        return CrsFinding(None, None, "open", (seen,), (), tuple(one.used for one in choice))
    used = choice[0].used
    evidence = (seen, _note("crs_inferred", used, "由坐标数值推断", "inferred from the numbers"))
    warnings: tuple[Note, ...] = ()
    if not near:
        warnings += (
            _note(
                "crs_doubtful", used, "使数据落在参考范围之外", "puts the layer away from the known ground"
            ),
        )
    if used.endswith("/yx"):
        warnings += (Note("axes_swapped", "纵横坐标写反，已互换", "The axes were swapped; turned back"),)
    return CrsFinding(None, used, "inferred", evidence, warnings)


def _datum_warnings(used: str | None, declared: str | None) -> tuple[Note, ...]:
    if used is None:
        return ()
    zone = find_zone(int(used[5:9])) if used.startswith("EPSG:") and used[5:9].isdigit() else None
    name = zone.datum if zone else {"EPSG:4610": "xian1980", "EPSG:4214": "beijing1954"}.get(used, "")
    if name in OLD_DATUMS:
        zh, en = describe(used)
        return (
            Note(
                "old_datum",
                f"{zh}：没有当地转换参数，位置误差可达几米到几十米",
                f"{en}: without local parameters positions may be off by metres to tens of metres",
            ),
        )
    if used == "EPSG:4326" and declared is None:
        return (
            Note(
                "datum_unproven",
                "文件未声明坐标系；若数据来自网络地图，请用 gcj02 或 bd09 重新导入（偏移约 0.5～1.2 公里）",
                "No system declared; data from a web map must be loaded as gcj02 or bd09 (0.5-1.2 km off)",
            ),
        )
    return ()


def _note(code: str, used: str, zh: str, en: str) -> Note:
    title_zh, title_en = describe(used)
    return Note(code, f"{title_zh}（{_short(used)}）：{zh}", f"{title_en} ({_short(used)}): {en}")


def _short(used: str) -> str:
    return "WKT" if "[" in used else used
