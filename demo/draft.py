"""The planning draft of 2027 with six known faults, so that the check has something to show.

Every fault is cut along vertices that both neighbours have, so nothing else than these six is wrong:
an overlap of about 12 ha, an interior gap of about 4 ha, a sliver 2 m wide, a market drawn as an
ordinary grid on top of its village, one shape under two codes, and a village at the outer edge that is
missing (only the frame can tell). Coordinates are EPSG:4549 metres.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from demo.cells import SNAP_M
from demo.outline import Numbers

OVERLAP_HA, GAP_HA, SLIVER_M = 12.0, 4.0, 2.0


@dataclass
class Draft:
    """Codes, names and shapes under change, and the truth about each fault made."""

    shapes: dict[str, shapely.Polygon]
    names: dict[str, str]
    truth: list[dict[str, Any]] = field(default_factory=list)

    def note(self, kind: str, codes: list[str], shape: shapely.Polygon, **more: Any) -> None:
        """Write down one fault: its kind, the grids, area and the width that slivers are told by."""
        fact = {
            "kind": kind,
            "codes": codes,
            "names": [self.names[code] for code in codes],
            "area_m2": round(shape.area, 1),
            "width_m": round(2 * shape.area / shape.length, 2),
        }
        self.truth.append({**fact, **more, "shape": shape})


def shared_stretch(one: shapely.Polygon, other: shapely.Polygon, *, keep: float) -> Numbers:
    """The middle part of the longest edge that two neighbours share, as vertices both have; shape (n, 2)."""
    lines = shapely.get_parts(shapely.line_merge(shapely.intersection(one.boundary, other.boundary)))
    line: Numbers = shapely.get_coordinates(max(lines, key=lambda part: part.length))
    spare = int(len(line) * (1 - keep) / 2)
    return line[spare : len(line) - spare] if spare else line


def bulge(line: Numbers, towards: shapely.Polygon, *, depth_m: float, even: bool = False) -> shapely.Polygon:
    """The lens between a line and the same line pushed into `towards`; its ends stay where they are."""
    chord = line[-1] - line[0]
    normal = np.array([-chord[1], chord[0]]) / np.hypot(*chord)
    middle = line[len(line) // 2]
    if not shapely.contains_xy(towards, *(middle + 15 * normal)):
        normal = -normal
    walked = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    rise = np.sin(np.pi * walked / walked[-1]) ** 0.6
    if even:
        rise = (rise > 0).astype(float)
        rise[[0, -1]] = 0
    pushed = np.round((line + depth_m * rise[:, None] * normal) / SNAP_M) * SNAP_M
    return shapely.Polygon(np.concatenate([line, pushed[-2:0:-1]]))


def bulge_of_area(line: Numbers, towards: shapely.Polygon, *, area_m2: float) -> shapely.Polygon:
    """The lens of about the wanted area (bisection over its depth)."""
    low, high = 1.0, 1500.0
    for _ in range(40):
        depth = (low + high) / 2
        low, high = (depth, high) if bulge(line, towards, depth_m=depth).area < area_m2 else (low, depth)
    return bulge(line, towards, depth_m=low)


def make_overlap(draft: Draft, pair: tuple[str, str]) -> None:
    """Let `one` reach into `other` by about 12 ha."""
    one, other = pair
    line = shared_stretch(draft.shapes[one], draft.shapes[other], keep=0.4)
    lens = bulge_of_area(line, draft.shapes[other], area_m2=OVERLAP_HA * 1e4)
    assert draft.shapes[other].covers(lens)
    draft.shapes[one] = _single(draft.shapes[one].union(lens))
    draft.note("overlap", [one, other], lens)


def make_gap(draft: Draft, pair: tuple[str, str]) -> None:
    """Leave about 4 ha between two villages to nobody; each gives about half."""
    one, other = pair
    line = shared_stretch(draft.shapes[one], draft.shapes[other], keep=0.22)
    lenses = [bulge_of_area(line, draft.shapes[code], area_m2=GAP_HA * 5e3) for code in (one, other)]
    for code, lens in zip((one, other), lenses, strict=True):
        assert draft.shapes[code].covers(lens)
        draft.shapes[code] = _single(draft.shapes[code].difference(lens))
    draft.note("gap", [one, other], _single(shapely.union_all(lenses)))


def make_sliver(draft: Draft, pair: tuple[str, str]) -> None:
    """Draw the edge of `one` 2 m away from that of `other`."""
    one, other = pair
    line = shared_stretch(draft.shapes[one], draft.shapes[other], keep=0.8)
    lens = bulge(line, draft.shapes[one], depth_m=SLIVER_M, even=True)
    draft.shapes[one] = _single(draft.shapes[one].difference(lens))
    draft.note("sliver", [one, other], lens)


def make_nested(draft: Draft, host: str, *, code: str, name: str, plot: shapely.Polygon) -> None:
    """Put a market on top of its village as if it were an ordinary grid."""
    draft.shapes[code], draft.names[code] = plot, name
    draft.note("nested", [code, host], plot)


def make_duplicate(draft: Draft, code: str, *, new_code: str) -> None:
    """Keep a renumbered village twice: the same shape under the old and the new code."""
    draft.shapes[new_code], draft.names[new_code] = draft.shapes[code], draft.names[code] + "（新编）"
    draft.note("duplicate", [code, new_code], draft.shapes[code])


def make_missing(draft: Draft, code: str) -> None:
    """Forget a village at the outer edge: a gap that only the frame shows."""
    shape = draft.shapes[code]
    draft.note("gap", [code], shape, missing=True)
    del draft.shapes[code]


def neighbour_with_long_edge(code: str, shapes: dict[str, shapely.Polygon], *, taken: set[str]) -> str:
    """The free neighbour that shares the longest edge with `code`."""
    codes: NDArray[np.str_] = np.array([c for c in shapes if c != code and c not in taken])
    edge = shapes[code].boundary
    near = [c for c in codes if shapes[c].distance(shapes[code]) == 0]
    return str(max(near, key=lambda c: shapely.intersection(edge, shapes[c].boundary).length))


def _single(shape: Any) -> shapely.Polygon:
    """A polygon, or the generator has torn a village."""
    assert isinstance(shape, shapely.Polygon)
    assert shape.is_valid
    assert not shape.interiors
    return shape
