"""What cleaning gives back: shapes, repairs with their areas, rejections with their reasons, notes."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from app.spatial.notes import Note

QUESTION_PERCENT = 2.0


@dataclass(frozen=True)
class Repair:
    """What was mended on the shape at `index`; `question` is true when a person must agree first."""

    index: int
    code: str
    zh: str
    en: str
    area_before_m2: float
    area_after_m2: float
    question: bool

    @property
    def change_m2(self) -> float:
        return self.area_after_m2 - self.area_before_m2

    @property
    def change_percent(self) -> float:
        return 100.0 * abs(self.change_m2) / max(self.area_before_m2, self.area_after_m2, 1e-9)


@dataclass(frozen=True)
class Rejection:
    """Why the shape at `index` cannot stand as a polygon."""

    index: int
    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Cleaned:
    """`geoms` (n,) holds a valid MultiPolygon for every input, or None where it was rejected."""

    geoms: NDArray[Any]
    repairs: tuple[Repair, ...]
    rejected: tuple[Rejection, ...]
    notes: tuple[Note, ...]

    @property
    def questions(self) -> tuple[Repair, ...]:
        return tuple(repair for repair in self.repairs if repair.question)


_REASONS: dict[str, tuple[str, str]] = {
    "no_geometry": ("没有图形", "There is no geometry"),
    "empty_geometry": ("图形为空", "The geometry is empty"),
    "not_a_polygon": ("不是面状图形", "The geometry is not a polygon"),
    "open_line": (
        "不是面状图形：线没有首尾相接，请在制图软件中闭合成面后再导入",
        "The geometry is not a polygon but an open line; please close it to a polygon first",
    ),
    "only_points": (
        "不是面状图形：只有点，没有边界；村界须是面或闭合的线，点位清单不能作边界导入",
        "The geometry is not a polygon but a point; a border is an area or a closed line",
    ),
    "not_finite": ("坐标含有无效数值（NaN 或无穷大）", "A coordinate is not a finite number"),
    "off_the_earth": ("坐标超出经纬度范围", "A coordinate is outside longitude and latitude"),
    "no_area": ("修复后没有面积", "Nothing with an area is left of it"),
}
_SHOWN_AS = {"open_line": "not_a_polygon", "only_points": "not_a_polygon"}


def reject(index: int, reason: str) -> Rejection:
    """The rejection of the shape at an index for a reason; an open line is one way not to be a polygon."""
    return Rejection(index, _SHOWN_AS.get(reason, reason), *_REASONS[reason])
