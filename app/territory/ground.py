"""The checks of ground: which faults there are, how grave each is, and a boundary file checked on its own."""

import json
import math
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from app.errors import BadInput, RefusedFile
from app.glossary import Term, find_term, map_headings
from app.spatial import formats
from app.spatial.crs import area_m2
from app.spatial.formats import Layer
from app.spatial.repair import clean
from app.spatial.topology import Fault, FaultOptions, find_faults
from app.territory.boundaries import ImportOptions, open_drawing
from app.territory.boundaries.kinds import ANY_KIND, tell_unit_kind
from app.territory.boundaries.reference import take_ground

Severity = Literal["must_fix", "confirm", "harmless"]
SEVERITIES: tuple[Severity, ...] = ("must_fix", "confirm", "harmless")
Group = Literal["ground", "notice"]


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of finding: its severity decides whether a plan may come into force with it.

    `ground` kinds are faults of the shapes themselves; a `notice` tells something about a grid that stands.
    """

    kind: str
    severity: Severity
    why_zh: str
    why_en: str
    group: Group = "ground"

    @property
    def label(self) -> Term:
        """The word for it in Chinese and English."""
        return find_term(self.kind)


CHECKS: tuple[Check, ...] = (
    Check("overlap", "must_fix", "同一块地归两个网格", "one piece of ground in two grids"),
    Check("gap", "must_fix", "辖区内没有网格的地", "ground of the frame without a grid"),
    Check("duplicate", "must_fix", "同一图形重复出现", "one shape appears twice"),
    Check("outside", "must_fix", "超出辖区边界", "ground beyond the frame"),
    Check("invalid", "must_fix", "图形自相交或为空", "a shape crosses itself or is empty"),
    Check("nested", "confirm", "一个网格位于另一个之内", "a grid lies inside another"),
    Check("sliver", "harmless", "极窄的重叠或缝隙", "an overlap or gap too narrow to matter"),
    Check("two_primaries", "must_fix", "同一天有两名主责", "two primaries on one date", "notice"),
    Check(
        "branch_type",
        "harmless",
        "网格类型与支行类型不符",
        "a kind its type of branch should not hold",
        "notice",
    ),
    Check("no_primary", "harmless", "没有主责客户经理", "nobody holds the grid as primary", "notice"),
    Check("no_customers", "harmless", "网格内没有客户", "nobody lives in the grid", "notice"),
    Check("multipart", "harmless", "由互不相连的几块组成", "pieces that lie apart make one grid", "notice"),
)
GROUND_CHECKS = tuple(check for check in CHECKS if check.group == "ground")
_BY_KIND = {check.kind: check for check in CHECKS}


def find_check(kind: str) -> Check:
    """The check of a finding's kind."""
    return _BY_KIND[kind]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which faults to tell: widths in metres and areas in square metres from-to, None for no limit.

    Duplicate, nested and broken shapes are told whatever their size: none of them is too small to matter.
    """

    min_width_m: float | None = None
    max_width_m: float | None = None
    min_area_m2: float | None = None
    max_area_m2: float | None = None

    def __post_init__(self) -> None:
        for name, low, high in (
            ("width", self.min_width_m, self.max_width_m),
            ("area", self.min_area_m2, self.max_area_m2),
        ):
            if any(limit is not None and not 0 <= limit < math.inf for limit in (low, high)):
                raise BadInput(
                    "bad_threshold", zh="阈值须是不小于 0 的数", en=f"min-{name} and max-{name} are 0 or more"
                )
            if low is not None and high is not None and low > high:
                zh, en = (
                    f"最小值 {low:g} 大于最大值 {high:g}",
                    f"min-{name} {low:g} is above max-{name} {high:g}",
                )
                raise BadInput("thresholds_out_of_order", zh=zh, en=en)

    def options(self) -> FaultOptions:
        """How finely to look: at least as finely as usual."""
        usual = FaultOptions()
        finer = usual.min_width_m if self.min_width_m is None else min(self.min_width_m, usual.min_width_m)
        return replace(usual, min_width_m=max(finer, _FINEST_M))

    def admit(self, fault: Fault) -> bool:
        """Whether a fault is to be told."""
        if fault.kind in _OF_ANY_SIZE:
            return True
        coarse = None if (self.min_width_m or 0.0) <= FaultOptions().min_width_m else self.min_width_m
        return _within(fault.width_m, coarse, self.max_width_m) and _within(
            fault.area_m2, self.min_area_m2, self.max_area_m2
        )


ALL_SIZES = Bounds()
_OF_ANY_SIZE = ("duplicate", "nested", "invalid")
_FINEST_M = 0.02
"""Narrower than two steps of the storage grid nothing can be told from noise."""


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a checked file: its code (or row number), its name, and of how many parts it consists."""

    code: str
    name: str
    parts: int
    area_m2: float


@dataclass(frozen=True)
class FileCheck:
    """What is wrong with a boundary file on its own; `rows` are its rows, `frame_km2` may be None."""

    faults: list[Fault]
    rows: list[Row]
    frame_km2: float | None

    def findings(self) -> list[dict[str, Any]]:
        """The faults as rows: kind, severity, of (what a sliver is thin of), codes, names, area_m2, width_m,
        reason, shape; the gravest kinds first, the largest of each first.
        """
        order = [check.kind for check in sorted(CHECKS, key=lambda check: SEVERITIES.index(check.severity))]
        return [
            {
                "kind": fault.kind,
                "severity": find_check(fault.kind).severity,
                "of": fault.of,
                "codes": [self.rows[row].code for row in fault.members],
                "names": [self.rows[row].name or self.rows[row].code for row in fault.members],
                "area_m2": round(fault.area_m2, 2),
                "width_m": round(fault.width_m, 3),
                "reason": fault.reason,
                "shape": fault.geom,
            }
            for fault in sorted(self.faults, key=lambda fault: (order.index(fault.kind), -fault.area_m2))
        ]

    def notices(self) -> list[dict[str, Any]]:
        """What is worth knowing though it is no fault: grids in several parts."""
        return [
            {
                "kind": "multipart",
                "codes": [row.code],
                "names": [row.name],
                "parts": row.parts,
                "area_m2": row.area_m2,
            }
            for row in self.rows
            if row.parts > 1
        ]

    def as_json(self) -> dict[str, Any]:
        """The report of the public contract: findings, counts of every kind, frame_km2; notices beside."""
        counts = Counter(fault.kind for fault in self.faults)
        notices = self.notices()
        shown = ("kind", "severity", "of", "codes", "names", "area_m2", "width_m")
        return {
            "findings": [
                {**{key: row[key] for key in shown}, "geometry": _draw(row["shape"]), "customers": 0}
                for row in self.findings()
            ],
            "counts": {check.kind: counts[check.kind] for check in GROUND_CHECKS},
            "notices": notices,
            "notice_counts": {"multipart": len(notices)},
            "frame_km2": self.frame_km2,
        }


def _draw(shape: BaseGeometry) -> dict[str, Any] | None:
    """GeoJSON in EPSG:4326; an empty shape has none."""
    if shape.is_empty:
        return None
    drawn: dict[str, Any] = json.loads(shapely.to_geojson(shape))
    return drawn


def write_findings(check: FileCheck, path: Path) -> int:
    """Write the findings of a checked file as a layer (EPSG:4326) and return how many there are.

    The suffix says the format; columns are kind, severity, codes, names, area_m2, width_m and the kind's word
    in Chinese. Raises BadInput `unknown_format`, `no_such_folder`.
    """
    if not path.absolute().parent.is_dir():
        raise BadInput(
            "no_such_folder", zh=f"没有这个文件夹：{path.parent}", en=f"no such folder: {path.parent}"
        )
    rows = check.findings()
    columns: dict[str, list[Any]] = {"问题": [find_check(row["kind"]).label.zh for row in rows]}
    for key in ("kind", "severity", "of", "area_m2", "width_m"):
        columns[key] = [row[key] for row in rows]
    for key in ("codes", "names"):
        columns[key] = ["|".join(row[key]) for row in rows]
    formats.write(path, columns, np.array([row["shape"] for row in rows], dtype=object), crs="EPSG:4326")
    return len(rows)


def check_file(
    path: Path,
    frame_path: Path | None = None,
    *,
    options: ImportOptions | None = None,
    frame_options: ImportOptions | None = None,
    bounds: Bounds = ALL_SIZES,
) -> FileCheck:
    """Check a boundary file on its own, against a frame file if there is one; nothing is stored.

    Shapes are checked as they are drawn, moved to EPSG:4326 and mended only in memory. Raises RefusedFile
    when a file cannot be read, holds no area (`no_areas`) or lies nowhere near its frame (`frame_elsewhere`),
    NeedsAnswer when its system, encoding, layer or code column is unclear.
    """
    told = options or ImportOptions(kind="village")
    frame = (
        None if frame_path is None else _read_frame(frame_path, frame_options or ImportOptions(kind="frame"))
    )
    layer, shapes = open_drawing(path, told, reference=None if frame is None else take_ground([frame]))
    shapes[~np.isfinite(shapely.bounds(shapes)).all(axis=1)] = None
    _refuse_unfit(shapes, frame)
    rows, kinds = _name_rows(layer, shapes, told)
    faults = find_faults(shapes, frame=frame, kinds=kinds, options=bounds.options())
    area = None if frame is None else float(area_m2(np.array([frame], dtype=object))[0])
    admitted = [fault for fault in faults if bounds.admit(fault)]
    return FileCheck(admitted, rows, None if area is None else round(area / 1e6, 4))


def _refuse_unfit(shapes: NDArray[np.object_], frame: BaseGeometry | None) -> None:
    given = shapes[~shapely.is_missing(shapes)]
    if len(given) and not (shapely.get_dimensions(given) >= 2).any():
        kinds = sorted({shape.geom_type for shape in given})
        raise RefusedFile(
            "no_areas",
            zh=f"文件里没有面，只有{'、'.join(kinds)}，无法检查重叠和空白",
            en=f"the file holds no area, only {', '.join(kinds)}: nothing to check for overlaps and gaps",
        )
    if frame is None or not len(given):
        return
    bounds = shapely.box(*shapely.total_bounds(given))
    if not shapely.intersects(bounds, shapely.box(*frame.bounds)):
        ours, theirs = ([round(v, 4) for v in shape.bounds] for shape in (bounds, frame))
        raise RefusedFile(
            "frame_elsewhere",
            zh="辖区边界与文件不在同一地方，请核对文件或坐标系",
            en="the frame and the file lie in different places; check the files or their systems",
            file_bounds=ours,
            frame_bounds=theirs,
        )


def _read_frame(path: Path, options: ImportOptions) -> BaseGeometry:
    _, shapes = open_drawing(path, options)
    sound = clean(shapes).geoms
    whole: BaseGeometry = shapely.union_all(sound[~shapely.is_missing(sound)])
    if whole.is_empty:
        raise RefusedFile("empty_frame", zh="辖区边界文件没有面", en="the frame file holds no area")
    return whole


def _name_rows(
    layer: Layer, shapes: NDArray[np.object_], options: ImportOptions
) -> tuple[list[Row], list[str]]:
    """What every row is called, and its kind; a file without a code column is named by its row numbers."""
    columns = map_headings(layer.columns, ("unit_name", "unit_code", "unit_kind")).columns
    code_column = options.answers.get("field_unit_code", columns.get("unit_code", columns.get("unit_name")))
    cells = {term: layer.columns[column] for term, column in columns.items()}
    codes = [str(number) for number in layer.rows]
    if code_column in layer.columns:
        codes = [str(code or number) for code, number in zip(layer.columns[code_column], codes, strict=True)]
    words, names = cells.get("unit_kind"), cells.get("unit_name")
    called = [str(names[row]) if names and names[row] else "" for row in range(len(codes))]
    parts = np.where(shapely.is_missing(shapes), 0, shapely.get_num_geometries(shapes)).tolist()
    areas = np.round(np.nan_to_num(area_m2(shapes)), 2).tolist()
    told = [
        tell_unit_kind(ANY_KIND, str(words[row]) if words and words[row] else None, called[row])[0]
        for row in range(len(codes))
    ]
    rows = [Row(*row) for row in zip(codes, called, parts, areas, strict=True)]
    return rows, [kind or "village" for kind in told]
