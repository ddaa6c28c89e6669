"""Names for the rings of a drawing: the text that stands inside a ring, and in no smaller one, names it."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial.formats.layer import Found
from app.spatial.notes import Note

_POINT, _LINE, _POLYGON, _MULTIPOLYGON = 0, 1, 3, 6
_OPEN_AT_MOST = 0.1  # of its length: a ring whose draughtsman forgot to close it still holds its name
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_CODE = re.compile(r"\d{6,19}")
_UNIT = re.compile(r"(村|社区|居|委会|镇|乡|街道|农场|林场|渔场|园区)$")


def join_names(found: Found) -> Found:
    """Return the drawing with columns `name` and `code` by containment, and without the texts so used.

    A ring with no text, or with several that could each be its name, has none: the second is noted.
    """
    texts = found.columns.get("text", [None] * len(found.rows))
    geoms = shapely.from_wkb(np.array(found.wkb, object), on_invalid="ignore")
    rings = _rings(geoms)
    doubled = _doubled(geoms, rings)
    rings = {index: ring for index, ring in rings.items() if index not in doubled}
    inside = _texts_inside(geoms, rings, texts)
    names: list[str | None] = [None] * len(texts)
    codes: list[str | None] = [None] * len(texts)
    used, unclear = set[int](), list[int]()
    for ring, places in inside.items():
        said = [str(texts[place]) for place in places]
        names[ring], sure = _one_name(said)
        codes[ring] = _one_code(said)
        told = (names[ring], codes[ring])
        used.update(place for place, text in zip(places, said, strict=True) if _first_line(text) in told)
        if not sure:
            unclear.append(found.rows[ring])
    columns = {**found.columns, "name": names, **({"code": codes} if any(codes) else {})}
    notes = (*found.notes, *_notes(unclear, used), *_tell_doubled(found, doubled))
    return _without(replace(found, columns=columns, notes=notes), used | doubled)


def _rings(geoms: NDArray[Any]) -> dict[int, Any]:
    """The polygons that rows are, or would be if closed, by the row's index."""
    rings = {}
    for index, geom in enumerate(geoms):
        kind = shapely.get_type_id(geom)
        if kind in (_POLYGON, _MULTIPOLYGON):
            rings[index] = geom
        elif kind == _LINE and shapely.get_num_points(geom) >= 4 and np.isfinite(geom.bounds).all():
            gap = shapely.distance(shapely.get_point(geom, 0), shapely.get_point(geom, -1))
            if gap <= _OPEN_AT_MOST * geom.length:
                rings[index] = shapely.Polygon(shapely.get_coordinates(geom))
    return {index: ring for index, ring in rings.items() if ring.area > 0}


def _doubled(geoms: NDArray[Any], rings: dict[int, Any]) -> set[int]:
    """The fillings (hatches) whose border is drawn as a line of its own: one village, not two."""
    lines, filled = dict[Any, int](), set[int]()
    for index, ring in rings.items():
        if shapely.get_type_id(geoms[index]) == _LINE:
            lines[_place(ring)] = index
    for index, ring in rings.items():
        if shapely.get_type_id(geoms[index]) != _LINE and _place(ring) in lines:
            filled.add(index)
    return filled


def _place(ring: Any) -> tuple[float, ...]:
    return tuple(float(f"{value:.9g}") for value in (*ring.bounds, ring.area))


def _tell_doubled(found: Found, doubled: set[int]) -> list[Note]:
    if not doubled:
        return []
    zh, en = "填充与其边界线重复，只取边界线", "A filling repeats its own border line; the line was taken"
    return [Note("filling_doubled", zh, en, tuple(sorted(found.rows[index] for index in doubled)))]


def _texts_inside(
    geoms: NDArray[Any], rings: dict[int, Any], texts: Sequence[str | None]
) -> dict[int, list[int]]:
    """The texts of each ring: a text belongs to the smallest ring around it, so a frame takes no names."""
    places = [
        index for index, text in enumerate(texts) if text and shapely.get_type_id(geoms[index]) == _POINT
    ]
    inside: dict[int, list[int]] = defaultdict(list)
    if not rings or not places:
        return inside
    numbers = list(rings)
    polygons = shapely.make_valid(np.array(list(rings.values()), object))
    areas = shapely.area(polygons)
    found, around = shapely.STRtree(polygons).query(geoms[places], predicate="intersects")
    for text in np.unique(found):
        candidates = around[found == text]
        smallest = areas[candidates].min()
        for ring in candidates[areas[candidates] <= smallest * 1.001]:
            inside[numbers[ring]].append(places[text])
    return inside


def _first_line(text: str) -> str:
    return re.sub(r"\s+", "", text.strip().split("\n")[0])


def _one_name(texts: list[str]) -> tuple[str | None, bool]:
    """Return (the name, whether it is clear): the only Chinese text, or the only one ending like a unit."""
    told = list(dict.fromkeys(_first_line(text) for text in texts if _HAN.search(_first_line(text))))
    units = [text for text in told if _UNIT.search(text)]
    if len(told) == 1 or len(units) == 1:
        return (units or told)[0], True
    return None, not told


def _one_code(texts: list[str]) -> str | None:
    told = list(dict.fromkeys(_first_line(text) for text in texts if _CODE.fullmatch(_first_line(text))))
    return told[0] if len(told) == 1 else None


def _notes(unclear: list[int], used: set[int]) -> list[Note]:
    notes = []
    if used:
        zh = f"{len(used)} 处文字注记已作为所在图形的名称"
        notes.append(
            Note("names_from_texts", zh, f"{len(used)} texts became the names of the rings around them")
        )
    if unclear:
        zh, en = "图形内有多处文字，无法确定名称", "Several texts stand in the ring; its name is not clear"
        notes.append(Note("names_unclear", zh, en, tuple(sorted(unclear))))
    return notes


def _without(found: Found, used: set[int]) -> Found:
    kept = [index for index in range(len(found.rows)) if index not in used]
    columns = {name: [values[index] for index in kept] for name, values in found.columns.items()}
    return replace(
        found,
        columns=columns,
        wkb=[found.wkb[index] for index in kept],
        rows=[found.rows[index] for index in kept],
    )
