"""The label rule of the wall map: no two texts touch, a name lies in its own ground, every grid is told."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from app.maps import wall
from app.maps.wall.drawing import Box
from tests.maps.wall_samples import lay_sheet, to_lonlat

TOLD_INSIDE = ("full", "name", "code")
CASES = [(1, 1, 3), (7, 2, 3), (18, 5, 7), (30, 7, 5), (45, 9, 21), (60, 14, 11)]


def overlapping(drawing: wall.Drawing) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes share more than a hair."""
    texts = drawing.texts
    boxes = np.array([text.box for text in texts])
    tree = shapely.STRtree(shapely.box(*boxes.T))
    pairs = tree.query(shapely.box(*boxes.T), predicate="intersects").T
    found = []
    for one, other in pairs.tolist():
        wide = min(boxes[one][2], boxes[other][2]) - max(boxes[one][0], boxes[other][0])
        high = min(boxes[one][3], boxes[other][3]) - max(boxes[one][1], boxes[other][1])
        if one < other and wide > 0.05 and high > 0.05:
            found.append((texts[one].text, texts[other].text))
    return found


@cache
def _find_transformer(epsg: int) -> Transformer:
    return Transformer.from_crs(4326, epsg, always_xy=True)


def lay_on_paper(geom: BaseGeometry, window: wall.Window) -> BaseGeometry:
    """A lon/lat geometry in a window's millimetres, worked out apart from the product's own view."""
    forward = _find_transformer(window.epsg).transform
    x0, y0, x1, y1 = window.box

    def to_mm(lonlat: np.ndarray) -> np.ndarray:
        metres = np.column_stack(forward(lonlat[:, 0], lonlat[:, 1])) - np.array(window.centre_m)
        laid: np.ndarray = metres * (1000 / window.scale) * [1, -1] + [(x0 + x1) / 2, (y0 + y1) / 2]
        return laid

    return shapely.transform(geom, to_mm)


def own_texts(drawing: wall.Drawing, window: wall.Window) -> Iterator[wall.Text]:
    """Texts written on grids inside a window."""
    for text in drawing.texts:
        if text.role in ("name", "code", "holder") and shapely.box(*window.box).contains(
            shapely.box(*text.box)
        ):
            yield text


def is_in(box: Box, outer: Box) -> bool:
    return outer[0] <= box[0] and outer[1] <= box[1] and outer[2] >= box[2] and outer[3] >= box[3]


@pytest.mark.parametrize(("grids", "managers", "seed"), CASES)
def test_no_two_texts_touch_and_none_leaves_the_sheet(grids: int, managers: int, seed: int) -> None:
    sheet = lay_sheet(grids, managers=managers, seed=seed, neighbours=15)
    for paper in ("A3", "A4"):
        drawing = wall.draw_sheet(sheet, paper)
        assert overlapping(drawing) == []
        page = (0.0, 0.0, drawing.width_mm, drawing.height_mm)
        assert [text.text for text in drawing.texts if not is_in(text.box, page)] == []


@pytest.mark.parametrize(("grids", "managers", "seed"), CASES)
def test_a_name_lies_wholly_inside_its_own_ground(grids: int, managers: int, seed: int) -> None:
    sheet = lay_sheet(grids, managers=managers, seed=seed)
    drawing = wall.draw_sheet(sheet, "A3")
    grounds = {str(at): grid for at, grid in enumerate(sorted_grids(sheet))}
    main = drawing.windows[0]
    insets = list(drawing.windows[1:])
    checked = 0
    for text in own_texts(drawing, main):
        window = next((w for w in insets if is_in(text.box, w.box)), main)
        ground = lay_on_paper(grounds[text.key].geom, window)
        assert ground.buffer(0.01).covers(shapely.box(*text.box)), text.text
        checked += 1
    assert checked >= grids


def sorted_grids(sheet: wall.Sheet) -> list[wall.SheetGrid]:
    return sorted(sheet.grids, key=lambda g: (g.manager_code is None, g.manager_code or "", g.code))


@pytest.mark.parametrize("seed", range(8))
def test_nineteen_of_twenty_grids_show_their_full_name_and_all_are_told(seed: int) -> None:
    sheet = lay_sheet(12 + seed * 3, managers=3 + seed, seed=100 + seed, neighbours=10)
    drawing = wall.draw_sheet(sheet, "A3")
    told = [window.labelled for window in drawing.windows]
    named = {code for window in told for code, how in window.items() if how in ("full", "name", "leader")}
    assert len(named) >= 0.95 * len(sheet.grids)
    assert {grid.code for grid in sheet.grids} == set(told[0])
    assert "directory" not in told[0].values()


def test_a_grid_in_two_parts_carries_its_name_on_both() -> None:
    sheet = lay_sheet(9, managers=3, seed=4)
    first, last = sheet.grids[0], sheet.grids[8]
    joined = replace(first, geom=shapely.union_all([first.geom, last.geom]))
    drawing = wall.draw_sheet(replace(sheet, grids=(joined, *sheet.grids[1:8]), findings=()), "A3")
    names = [text for text in drawing.texts if text.role == "name" and text.text == first.name]
    assert len(names) == 2
    for part in parts(joined.geom):
        laid = lay_on_paper(part, drawing.windows[0])
        assert sum(laid.contains(shapely.box(*text.box)) for text in names) == 1


def parts(geom: BaseGeometry) -> list[BaseGeometry]:
    return list(shapely.get_parts(geom))


def test_a_grid_nobody_holds_says_so_on_map_legend_and_directory() -> None:
    sheet = lay_sheet(8, managers=2, seed=3)
    orphan = replace(sheet.grids[0], manager_code=None, manager_name=None, manager_phone=None, colour=None)
    drawing = wall.draw_sheet(replace(sheet, grids=(orphan, *sheet.grids[1:])), "A3")
    roles = {text.role for text in drawing.texts if text.text == wall.UNASSIGNED}
    assert roles == {"holder", "table"}
    assert any(text.text == "待分配网格" for text in drawing.texts)


def test_no_text_stands_on_a_symbol() -> None:
    sheet = lay_sheet(16, managers=4, seed=5)
    middles = [grid.geom.representative_point() for grid in sheet.grids]
    clients = tuple(wall.SheetClient(at.x, at.y, "key") for at in middles)
    drawing = wall.draw_sheet(replace(sheet, key_clients=clients), "A3")
    symbols = [mark for mark in drawing.marks if isinstance(mark, wall.Shape) and mark.role == "symbol"]
    assert len(symbols) >= 16
    tree = shapely.STRtree([shapely.Polygon(symbol.rings[0]) for symbol in symbols])
    written = [text for text in drawing.texts if text.role in ("name", "code", "holder", "town", "outlet")]
    assert [text.text for text in written if len(tree.query(shapely.box(*text.box), "intersects"))] == []


def test_two_grids_on_the_same_ground_are_both_named_and_apart() -> None:
    sheet = lay_sheet(6, managers=2, seed=3)
    twin = replace(sheet.grids[2], code="HM-CL-901", name="另一个村")
    drawing = wall.draw_sheet(replace(sheet, grids=(*sheet.grids, twin), findings=()), "A3")
    assert {sheet.grids[2].name, twin.name} <= {text.text for text in drawing.texts if text.role == "name"}
    assert overlapping(drawing) == []


def test_a_market_inside_a_village_keeps_the_villages_name_off_its_ground() -> None:
    sheet = lay_sheet(6, managers=2, seed=3)
    village = sheet.grids[0]
    middle = village.geom.representative_point()
    market = replace(village, code="HM-CL-900", name="中心市场", kind="market", geom=middle.buffer(0.002))
    drawing = wall.draw_sheet(replace(sheet, grids=(*sheet.grids, market), findings=()), "A3")
    laid = lay_on_paper(market.geom, drawing.windows[0])
    for text in drawing.texts:
        if text.role == "name" and text.text == village.name:
            assert not laid.intersects(shapely.box(*text.box))
        if text.role == "name" and text.text == market.name:
            assert laid.covers(shapely.box(*text.box))
    assert overlapping(drawing) == []


@pytest.mark.parametrize(
    "name", ["很" * 40, "A" * 60, "一", "x<&>\"'\n村", "Ürümqi 乌鲁木齐路第一居民委员会"]
)
def test_a_strange_name_never_breaks_the_sheet(name: str) -> None:
    sheet = lay_sheet(5, managers=2, seed=3)
    strange = replace(sheet.grids[2], name=name, manager_name=name, manager_phone=None)
    drawing = wall.draw_sheet(replace(sheet, grids=(*sheet.grids[:2], strange, *sheet.grids[3:])), "A4")
    assert overlapping(drawing) == []
    assert drawing.windows[0].labelled[strange.code] in ("full", "name", "code", "leader", "number", "inset")


def test_a_thin_strip_of_thirty_kilometres_is_told_on_a_leader() -> None:
    metres = [shapely.box(600_000, 3_530_000 + at * 2000, 630_000, 3_532_000 + at * 2000) for at in range(3)]
    strip = shapely.box(600_000, 3_536_000, 630_000, 3_536_040)
    sheet = lay_sheet(4, managers=2, seed=3)
    shapes = [to_lonlat(shape) for shape in [*metres, strip]]
    grids = tuple(replace(grid, geom=shape) for grid, shape in zip(sheet.grids, shapes, strict=True))
    drawing = wall.draw_sheet(
        replace(sheet, grids=grids, frame=None, findings=(), towns=(), outlets=()), "A3"
    )
    assert drawing.windows[0].labelled[grids[3].code] == "leader"
    assert overlapping(drawing) == []


def test_a_name_on_hatched_ground_has_the_hatching_cut_away() -> None:
    sheet = lay_sheet(4, managers=2, seed=3)
    whole = sheet.grids[1]
    fault = wall.SheetFinding("overlap", whole.geom, 250_000.0)
    drawing = wall.draw_sheet(replace(sheet, findings=(fault,)), "A3")
    name = next(text for text in drawing.texts if text.role == "name" and text.text == whole.name)
    hatching = [mark for mark in drawing.marks if isinstance(mark, wall.Shape) and mark.role == "hatch"]
    lines = [shapely.LineString(ring) for mark in hatching for ring in mark.rings]
    assert len(lines) > 10
    assert not any(line.intersects(shapely.box(*name.box)) for line in lines)
