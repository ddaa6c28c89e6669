"""Which coordinate system does a layer really use: what was asked, what is declared, what the numbers say.

The numbers are tried against every system a Chinese bank meets; a system stands when the layer lands in China
(and meets the bank's own ground, when that is known). What is impossible is corrected and said; where two
answers stand, nobody guesses: `CrsFinding.settled` raises NeedsAnswer.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial.crs.candidates import Box, Candidate, land, list_candidates, meets, on_earth
from app.spatial.crs.datums import OLD_DATUMS
from app.spatial.crs.declared import read_declared
from app.spatial.crs.finding import CrsFinding, remark
from app.spatial.crs.judging import judge
from app.spatial.crs.mixing import list_mixed
from app.spatial.crs.reference import Reference
from app.spatial.crs.systems import describe, parse, read_system
from app.spatial.notes import Note

_GRACE_DEGREE = 0.03
_AWAY = ("使数据落在参考范围之外", "puts the layer away from the known ground")


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
    reference: Box | Reference | None = None,
    geoms: NDArray[Any] | None = None,
) -> CrsFinding:
    """Find the system of a layer from its `bounds` (x0, y0, x1, y1 in the layer's own numbers).

    `declared_wkt` is what the file says of itself, `asked` what a person says (it wins unless the numbers
    make it impossible), `reference` the ground the bank already knows: its lon/lat box, or its borders too.
    With `geoms` (the layer's shapes in its own numbers) mixed zones are seen, and shared borders tell the
    shifted coordinates of web maps. Raises BadInput `unknown_crs` when `asked` names no system.
    """
    declared, named, remarks = read_declared(declared_wkt)
    if not np.isfinite(bounds).all():
        empty = Note("no_coordinates", "文件中没有可用的坐标", "The layer has no usable coordinates")
        return CrsFinding(named, None, "open", (), (*remarks, empty))
    known = reference.box if isinstance(reference, Reference) else reference
    seen = _see(bounds, geoms, known)
    if asked:
        finding = _weigh_asked(parse(asked), seen, named, remarks)
    else:
        found = _weigh_declared(declared, seen, known) if declared else _infer(seen)
        warnings = (*remarks, *found.warnings, *_datum_warnings(found.used, declared))
        finding = replace(found, declared=named, warnings=warnings)
    finding = replace(finding, confidence=_trust(finding, known))
    if geoms is None or not isinstance(reference, Reference):
        return finding
    return judge(finding, geoms, reference, near=[one.used for one in seen.near])


def find_place(
    geoms: NDArray[Any], *, declared_wkt: str | None = None, near: Box | None = None
) -> Box | None:
    """Return the lon/lat box that holds every place where a layer may lie, or None when there is none.

    `geoms` are in the layer's own numbers. With `near` (known ground) only places that meet it count. It
    says which known ground to compare the layer with.
    """
    bounds, declared = bounds_of(geoms), read_declared(declared_wkt)[0]
    if not np.isfinite(bounds).all():
        return None
    boxes = [one.box for one in (*list_mixed(geoms, near), *list_candidates(bounds, whole=True))]
    boxes += [box for box in (land(bounds, declared) if declared else None,) if box is not None]
    boxes = [box for box in boxes if near is None or meets(box, near)]
    if not boxes:
        return None
    low, high = np.array(boxes).min(axis=0), np.array(boxes).max(axis=0)
    return (float(low[0]), float(low[1]), float(high[2]), float(high[3]))


@dataclass(frozen=True)
class _Seen:
    """What the numbers of a layer allow: `every` system in which it lies in China, those `near` known ground;
    `mixed` when its rows are of several zones."""

    bounds: Box
    every: tuple[Candidate, ...]
    near: tuple[Candidate, ...]
    mixed: bool = False


def _see(bounds: Box, geoms: NDArray[Any] | None, known: Box | None) -> _Seen:
    mixed = () if geoms is None else tuple(list_mixed(geoms, known))
    if mixed:
        return _Seen(bounds, mixed, _list_near(mixed, known), mixed=True)
    every = tuple(list_candidates(bounds, whole=geoms is not None and _are_whole(geoms)))
    near = _list_near(every, known)
    if known is not None and any(one.used == "EPSG:3857" and not _inside(one.box, known) for one in every):
        baidu = on_earth(bounds, "bd09mc")
        near += (Candidate("bd09mc", baidu),) if baidu is not None and _inside(baidu, known) else ()
    return _Seen(bounds, every, near)


def _list_near(every: tuple[Candidate, ...], known: Box | None) -> tuple[Candidate, ...]:
    return tuple(one for one in every if known is None or meets(one.box, known))


def _inside(box: Box, known: Box) -> bool:
    """Whether a box lies on known ground, with less grace than the 20 km that Baidu's metres differ by."""
    west, south, east, north = np.subtract(box, known).tolist()
    return bool(min(west, south) >= -_GRACE_DEGREE and max(east, north) <= _GRACE_DEGREE)


def _are_whole(geoms: NDArray[Any]) -> bool:
    xy = shapely.get_coordinates(geoms)
    xy = xy[np.isfinite(xy).all(axis=1)]
    return bool(len(xy)) and bool((xy == np.rint(xy)).all())


def _trust(finding: CrsFinding, known: Box | None) -> float:
    """How sure we are before any border was compared; less where no known ground can contradict a file."""
    if finding.used is None:
        return 0.0
    if finding.how == "asked":
        return 1.0
    codes = {note.code for note in finding.warnings}
    if "crs_doubtful" in codes:
        return 0.3
    if "datum_unproven" in codes:
        return 0.4
    return (0.8 if finding.how == "declared" else 0.7) - (0.2 if known is None else 0.0)


def _weigh_asked(used: str, seen: _Seen, named: str | None, remarks: tuple[Note, ...]) -> CrsFinding:
    """A person's word is followed, unless it puts the layer nowhere on earth or out of the country."""
    if seen.mixed:
        used = next((one.used for one in seen.every if used in read_system(one.used).bases), used)
    evidence = (remark("crs_asked", used, "由操作人指定", "named by the person who loads the file"),)
    place = _place(used, seen)
    if place is None:
        wrong = remark("crs_contradicted", used, "与坐标数值矛盾", "contradicts the numbers")
        options = tuple(one.used for one in seen.near)
        return CrsFinding(named, None, "open", evidence, (*remarks, wrong), options)
    warnings = (*remarks, *_tell_numbers(used))
    other = used != "bd09mc" and not any(_same_place(place, one.box) for one in seen.near)
    if not seen.mixed and (land(seen.bounds, used) is None or (seen.near and other)):
        warnings = (*warnings, remark("crs_doubtful", used, *_AWAY))
    return CrsFinding(named, used, "asked", evidence, (*warnings, *_datum_warnings(used, used)))


def _place(used: str, seen: _Seen) -> Box | None:
    boxes = [one.box for one in seen.every if seen.mixed and one.used == used]
    return boxes[0] if boxes else on_earth(seen.bounds, used)


def _same_place(one: Box, other: Box) -> bool:
    return bool(np.abs(np.subtract(one, other)).max() < 0.05)


def _weigh_declared(declared: str, seen: _Seen, known: Box | None) -> CrsFinding:
    evidence = (
        remark("crs_declared", declared, "由文件声明，与坐标数值相符", "declared, and the numbers agree"),
    )
    if seen.mixed:
        return _weigh_mixed(declared, seen, evidence)
    place = land(seen.bounds, declared)
    if place is None:
        return _contradicted(declared, seen)
    if known is None or meets(place, known):
        return CrsFinding(None, declared, "declared", evidence)
    away = remark("crs_doubtful", declared, *_AWAY)
    if not seen.near:
        return CrsFinding(None, declared, "declared", evidence, (away,))
    return CrsFinding(None, None, "open", evidence, (away,), (*(one.used for one in seen.near), declared))


def _weigh_mixed(declared: str, seen: _Seen, evidence: tuple[Note, ...]) -> CrsFinding:
    """A declared zone that only a part of the rows is in; the other rows are taken by their own zone."""
    fitting = [one for one in seen.near if declared in read_system(one.used).bases]
    if not fitting:
        return _contradicted(declared, seen)
    if len(fitting) > 1:
        return CrsFinding(None, None, "open", evidence, (), tuple(one.used for one in fitting))
    used = fitting[0].used
    return CrsFinding(None, used, "declared", evidence, _tell_numbers(used))


def _contradicted(declared: str, seen: _Seen) -> CrsFinding:
    zh, en = "由文件声明，但与坐标数值矛盾", "declared, but the numbers contradict it"
    found = _infer(seen)
    return replace(found, warnings=(remark("crs_contradicted", declared, zh, en), *found.warnings))


def _infer(seen: _Seen) -> CrsFinding:
    """One system stands: take it and say so. Several or none: leave it open."""
    low, high = (f"{_plainly(seen.bounds[i])}, {_plainly(seen.bounds[i + 1])}" for i in (0, 2))
    numbers = Note("crs_numbers", f"坐标数值范围 {low} 至 {high}", f"The numbers run from {low} to {high}")
    choice = seen.near or seen.every
    if len(choice) != 1:
        return CrsFinding(None, None, "open", (numbers,), (), tuple(one.used for one in choice))
    used = choice[0].used
    evidence = (numbers, remark("crs_inferred", used, "由坐标数值推断", "inferred from the numbers"))
    warnings = () if seen.near else (remark("crs_doubtful", used, *_AWAY),)
    return CrsFinding(None, used, "inferred", evidence, (*warnings, *_tell_numbers(used)))


def _plainly(number: float) -> str:
    """A coordinate as a person writes it: 3521562, 121.2345; never 3.52e+06 where it can be helped."""
    return f"{number:.0f}" if 1000 <= abs(number) < 1e12 else f"{number:.6g}"


def _tell_numbers(used: str) -> tuple[Note, ...]:
    """What is odd about the numbers of a system: axes, scale, mixed zones."""
    system, notes = read_system(used), []
    if system.swapped:
        notes.append(Note("axes_swapped", "纵横坐标写反，已互换", "The axes were swapped; turned back"))
    if system.scale:
        zh, en = f"坐标被放大 10^{system.scale}，已还原", f"Numbers were times 10^{system.scale}; divided"
        notes.append(Note("numbers_scaled", zh, en))
    if len(system.bases) > 1:
        zh, en = describe("|".join(system.bases))
        zh, en = (
            f"文件中的行属于不同的带，已按各自的带换算：{zh}",
            f"rows of several zones, each by its own: {en}",
        )
        notes.append(Note("zones_mixed", zh, en))
    return tuple(notes)


def _datum_warnings(used: str | None, declared: str | None) -> tuple[Note, ...]:
    if used is None:
        return ()
    system = read_system(used)
    degrees = {"EPSG:4610": "xian1980", "EPSG:4214": "beijing1954"}.get(system.bases[0])
    if degrees in OLD_DATUMS or any(zone and zone.datum in OLD_DATUMS for zone in system.zones):
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
