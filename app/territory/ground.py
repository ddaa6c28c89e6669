"""The checks of ground: which faults there are, how grave each is, and a boundary file checked on its own."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.errors import RefusedFile
from app.glossary import Term, find_term, map_headings
from app.spatial.crs import area_m2
from app.spatial.formats import Layer
from app.spatial.repair import clean
from app.spatial.topology import Fault, find_faults
from app.territory.boundaries import ImportOptions, open_drawing
from app.territory.boundaries.kinds import ANY_KIND, tell_unit_kind
from app.territory.boundaries.reference import take_ground

Severity = Literal["must_fix", "confirm", "harmless"]
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


@dataclass(frozen=True)
class FileCheck:
    """What is wrong with a boundary file on its own; `codes[i]` names row i, `frame_km2` may be None."""

    faults: list[Fault]
    codes: list[str]
    frame_km2: float | None

    def as_json(self) -> dict[str, Any]:
        """The report of the public contract: findings, counts of every kind, frame_km2."""
        counts = Counter(fault.kind for fault in self.faults)
        return {
            "findings": [
                {
                    "kind": fault.kind,
                    "codes": [self.codes[row] for row in fault.members],
                    "area_m2": round(fault.area_m2, 2),
                    "width_m": round(fault.width_m, 3),
                    "geometry": json.loads(shapely.to_geojson(fault.geom)),
                    "customers": 0,
                }
                for fault in self.faults
            ],
            "counts": {check.kind: counts[check.kind] for check in GROUND_CHECKS},
            "frame_km2": self.frame_km2,
        }


def check_file(
    path: Path,
    frame_path: Path | None = None,
    *,
    options: ImportOptions | None = None,
    frame_options: ImportOptions | None = None,
) -> FileCheck:
    """Check a boundary file on its own, against a frame file if there is one; nothing is stored.

    Shapes are checked as they are drawn, moved to EPSG:4326 and mended only in memory. Raises RefusedFile
    when a file cannot be read, NeedsAnswer when its system, encoding, layer or code column is unclear.
    """
    told = options or ImportOptions(kind="village")
    frame = (
        None if frame_path is None else _read_frame(frame_path, frame_options or ImportOptions(kind="frame"))
    )
    layer, shapes = open_drawing(path, told, reference=None if frame is None else take_ground([frame]))
    codes, kinds = _name_rows(layer, told)
    shapes[~np.isfinite(shapely.bounds(shapes)).all(axis=1)] = None
    faults = find_faults(shapes, frame=frame, kinds=kinds)
    area = None if frame is None else float(area_m2(np.array([frame], dtype=object))[0])
    return FileCheck(faults, codes, None if area is None else round(area / 1e6, 4))


def _read_frame(path: Path, options: ImportOptions) -> BaseGeometry:
    _, shapes = open_drawing(path, options)
    sound = clean(shapes).geoms
    whole: BaseGeometry = shapely.union_all(sound[~shapely.is_missing(sound)])
    if whole.is_empty:
        raise RefusedFile("empty_frame", zh="辖区边界文件没有面", en="the frame file holds no area")
    return whole


def _name_rows(layer: Layer, options: ImportOptions) -> tuple[list[str], list[str]]:
    """A code and a kind for every row; a file without a code column is named by its row numbers."""
    columns = map_headings(layer.columns, ("unit_name", "unit_code", "unit_kind")).columns
    code_column = options.answers.get("field_unit_code", columns.get("unit_code", columns.get("unit_name")))
    cells = {term: layer.columns[column] for term, column in columns.items()}
    codes = [str(number) for number in layer.rows]
    if code_column in layer.columns:
        codes = [str(code or number) for code, number in zip(layer.columns[code_column], codes, strict=True)]
    words, names = cells.get("unit_kind"), cells.get("unit_name")
    kinds = [
        tell_unit_kind(
            ANY_KIND, str(words[row]) if words and words[row] else None, str(names[row]) if names else ""
        )[0]
        for row in range(len(codes))
    ]
    return codes, [told or "village" for told in kinds]
