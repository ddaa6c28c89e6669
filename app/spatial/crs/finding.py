"""What is believed of a layer's coordinates, why and how surely; and the question where nobody may guess."""

import math
from dataclasses import dataclass
from typing import Any, Literal

from app.errors import NeedsAnswer
from app.spatial.crs.systems import describe
from app.spatial.notes import Note

How = Literal["asked", "declared", "inferred", "open"]
Vector = tuple[float, float]
_QUESTIONS = {
    "crs_unknown": (
        "按常用坐标系数据都不在中国境内；请向提供单位问清坐标系（如 EPSG:4549）和单位（米或度）",
        "In none of the usual systems does the data lie in China; please ask whoever made it for its system "
        "(such as EPSG:4549) and unit (metres or degrees)",
    ),
    "crs_ambiguous": (
        "有几个坐标系都说得通；请向提供单位问清中央经线和带号后选择，或先导入辖区边界，再重试即可自动判断",
        "Several systems stand; please ask whoever made it for its meridian and zone and choose, or load the "
        "frame first and try again: it settles the question",
    ),
    "crs_shifted": (
        "边界与已知地面之间有网络地图式的偏移，请选择坐标系",
        "The borders lie off the known ground as web maps do; please choose the system",
    ),
}


def remark(code: str, used: str, zh: str, en: str) -> Note:
    """A remark about a system, with its name for people in front."""
    short = "WKT" if "[" in used else used
    title_zh, title_en = describe(used)
    return Note(code, f"{title_zh}（{short}）：{zh}", f"{title_en} ({short}): {en}")


def length_m(vector: Vector) -> float:
    """The length of a vector in metres."""
    return math.hypot(*vector)


def bearing_deg(vector: Vector) -> float:
    """The direction of a vector (east, north): 0 is north, 90 is east."""
    return math.degrees(math.atan2(vector[0], vector[1])) % 360


@dataclass(frozen=True)
class Hypothesis:
    """A system the layer may have: how far its shared borders then lie from the known ground (median,
    metres), and the vector (east, north in metres) by which such a file lies off when taken as it is."""

    used: str
    distance_m: float
    vector_m: Vector


@dataclass(frozen=True)
class CrsFinding:
    """What is believed of a layer's coordinates and why; `used` is None while a person must choose.

    `confidence` is 0 to 1. `hypotheses` and what follows are filled when borders could be compared with known
    ground: `shift_m` (east, north) is how far the layer, taken as it is, lies off; `residual_m` what remains.
    """

    declared: str | None
    used: str | None
    how: How
    evidence: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()
    candidates: tuple[str, ...] = ()
    confidence: float = 0.0
    question: str | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    shift_m: Vector | None = None
    residual_m: float | None = None

    def settled(self) -> str:
        """Return the system to use, or raise NeedsAnswer with the candidates as options of a question."""
        if self.used is not None:
            return self.used
        code = self.question or ("crs_ambiguous" if self.candidates else "crs_unknown")
        reasons = self.evidence + self.warnings
        zh, en = _QUESTIONS[code]
        zh, en = (
            "；".join([zh, *(note.zh for note in reasons)]),
            "; ".join([en, *(note.en for note in reasons)]),
        )
        options = [self._option(used) for used in self.candidates]
        question = {"code": code, "zh": zh, "en": en, "options": options}
        raise NeedsAnswer(code, zh=zh, en=en, questions=[question])

    def _option(self, used: str) -> dict[str, str]:
        zh, en = describe(used)
        measured = next((one for one in self.hypotheses if one.used == used), None)
        if measured is not None:
            zh += f"：共同边界距已知地面 {measured.distance_m:.0f} 米"
            en += f": shared borders {measured.distance_m:.0f} m from the known ground"
        return {"value": used, "zh": zh, "en": en}

    def as_json(self) -> dict[str, Any]:
        """The finding as the report's `crs`: declared, used, how, evidence, confidence, hypotheses, shift."""
        shift = self.shift_m
        far = None if shift is None else round(length_m(shift), 1)
        return {
            "declared": self.declared,
            "used": self.used,
            "how": self.how,
            "evidence": [str(note) for note in self.evidence],
            "confidence": round(self.confidence, 2),
            "hypotheses": [
                {
                    "used": one.used,
                    "distance_m": round(one.distance_m, 1),
                    "vector_m": [round(part, 1) for part in one.vector_m],
                }
                for one in self.hypotheses
            ],
            "shift_m": far,
            "shift_bearing_deg": round(bearing_deg(shift), 1) if shift is not None and far else None,
        }
