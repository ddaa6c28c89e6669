"""What shared borders change in what is believed of a layer: they settle it, confirm it, or ask.

Nothing declared and clear evidence: it is taken. A declaration that the evidence contradicts: a person says.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from app.spatial.crs.comparison import Comparison, compare
from app.spatial.crs.finding import CrsFinding, How, Vector, bearing_deg, length_m, remark
from app.spatial.crs.reference import Reference
from app.spatial.crs.systems import add_shift
from app.spatial.notes import Note

CLEAR, WEAK = 0.5, 0.3
_OFFSET_M = 15.0
_MOST_BASES = 6
_UNPROVEN = ("datum_unproven",)


def judge(
    finding: CrsFinding, geoms: NDArray[Any], reference: Reference, *, near: Sequence[str]
) -> CrsFinding:
    """Return the finding with what the borders of `reference` say; `near` are the systems that may stand."""
    seen = _compare_all(finding, geoms, reference, near)
    if seen is None:
        return finding
    finding = replace(
        finding,
        hypotheses=seen.hypotheses,
        shift_m=seen.off_m,
        residual_m=seen.residual_m if seen.best else None,
    )
    if seen.best is None or seen.confidence < WEAK:
        return _nothing_told(finding, seen)
    finding = replace(finding, evidence=(*finding.evidence, _tell_distances(seen)))
    finding = replace(finding, warnings=(*finding.warnings, *_tell_offset(seen, seen.left_m)))
    if finding.how == "asked":
        return _confirm_asked(finding, seen)
    if finding.used is None and finding.declared is not None and _is_doubtful(finding):
        return replace(finding, confidence=seen.confidence)
    if seen.best in (finding.used, seen.base) and finding.used in (None, seen.best):
        return _settle(finding, seen) if seen.confidence >= CLEAR else finding
    if finding.how == "declared" or seen.confidence < CLEAR:
        return _question(finding, seen)
    return _settle(finding, seen)


def _compare_all(
    finding: CrsFinding, geoms: NDArray[Any], reference: Reference, near: Sequence[str]
) -> Comparison | None:
    """The clearest comparison over the systems that may stand; None when there is nothing to compare."""
    stand = [finding.used] if finding.used else list(near or finding.candidates)[:_MOST_BASES]
    bases = list(dict.fromkeys(add_shift(one, None) for one in stand))
    seen = [compare(geoms, base, reference) for base in bases]
    if "EPSG:3857" in bases and "bd09mc" not in bases and not any(one.best for one in seen):
        seen.append(compare(geoms, "bd09mc", reference))
    return max(seen, key=lambda one: (one.best is not None, one.confidence), default=None)


def _is_doubtful(finding: CrsFinding) -> bool:
    return any(note.code == "crs_doubtful" for note in finding.warnings)


def _nothing_told(finding: CrsFinding, seen: Comparison) -> CrsFinding:
    none = Note(
        "no_shared_border",
        "没有能与已知地面比对的共同边界",
        "No border in common with known ground that would tell",
    )
    offset = () if seen.best or seen.off_m is None else _tell_offset(seen, seen.off_m)
    return replace(
        finding, evidence=(*finding.evidence, none), warnings=(*finding.warnings, *offset), residual_m=None
    )


def _tell_distances(seen: Comparison) -> Note:
    parts = [("WKT" if "[" in one.used else one.used, one.distance_m) for one in seen.hypotheses]
    zh = "；".join(f"{used} {metres:.0f} 米" for used, metres in parts)
    en = "; ".join(f"{used} {metres:.0f} m" for used, metres in parts)
    return Note(
        "borders_compared",
        f"共同边界到已知地面的中位距离：{zh}（可信度 {seen.confidence:.0%}）",
        f"Median distance of shared borders from known ground: {en} (confidence {seen.confidence:.0%})",
    )


def _tell_offset(seen: Comparison, vector: Vector) -> tuple[Note, ...]:
    metres, way = length_m(vector), bearing_deg(vector)
    if metres < _OFFSET_M:
        return ()
    east, north = vector
    zh = f"整体偏离已知地面 {metres:.0f} 米（方位 {way:.0f}°，东 {east:+.0f} 北 {north:+.0f}），未作改正"
    en = f"the whole layer lies {metres:.0f} m off known ground (bearing {way:.0f}, east {east:+.0f} "
    en += f"north {north:+.0f}); not corrected"
    return (remark("crs_offset", seen.best or seen.base, zh, en),)


def _confirm_asked(finding: CrsFinding, seen: Comparison) -> CrsFinding:
    if seen.best == finding.used or seen.best is None or seen.confidence < CLEAR:
        return finding
    zh, en = "边界比对支持此坐标系，而非所指定的", "the borders speak for this one, not for the one named"
    other = remark("crs_shifted", seen.best, zh, en)
    return replace(finding, warnings=(*finding.warnings, other), confidence=1 - seen.confidence)


def _settle(finding: CrsFinding, seen: Comparison) -> CrsFinding:
    """The borders name one system and nothing speaks against it."""
    best = seen.best or seen.base
    told = tuple(note for note in finding.warnings if note.code not in _UNPROVEN)
    how: How = "declared" if finding.how == "declared" else "inferred"
    agree = remark(
        "borders_agree",
        best,
        f"边界与已知地面相符，中位相差 {seen.residual_m:.0f} 米",
        f"borders agree with known ground within {seen.residual_m:.0f} m (median)",
    )
    return replace(
        finding,
        used=best,
        how=how,
        evidence=(*finding.evidence, agree),
        warnings=told,
        candidates=(),
        confidence=max(seen.confidence, 0.9 if seen.residual_m < 5 and seen.confidence > 0.7 else 0.0),
    )


def _question(finding: CrsFinding, seen: Comparison) -> CrsFinding:
    """Two answers stand: what the borders speak for, and what the file says or plainly shows."""
    best = seen.best or seen.base
    stands = finding.used or seen.base
    zh, en = "边界比对支持此坐标系", "the borders speak for this one"
    told = tuple(note for note in finding.warnings if note.code not in _UNPROVEN)
    return replace(
        finding,
        used=None,
        how="open",
        evidence=(*finding.evidence, remark("crs_shifted", best, zh, en)),
        warnings=told,
        candidates=tuple(dict.fromkeys((best, stands))),
        question="crs_shifted",
        confidence=seen.confidence,
    )
