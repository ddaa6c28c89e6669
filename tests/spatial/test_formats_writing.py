"""Whatever is written comes in again unchanged: shapes to 1e-7 degree, names, codes and blanks."""

from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import shapely

from app.errors import BadInput
from app.spatial import crs, formats
from tests.samples import boundary_files as samples

EACH = [(writer, encoding) for writer in formats.WRITERS for encoding in writer.encodings]
COLUMNS: dict[str, list[Any]] = {
    "村名": ["𫭢北村", "颐生\n村", "a,b\"c'<&>村", None, "=1+1", " 叠石村"],
    "村代码": ["020614100001", "1", "3.2E11", "320614100201000123", None, "000"],
    "乡镇": ["正余镇", "正余镇", None, "三厂", "正余镇", "三厂"],
    "户数": [0, None, 12, -3, 10**9, 5],
    "面积": [1.5, 0.1, None, 1e-7, 2.0, 123456.789],
}


def shapes() -> np.ndarray[Any, Any]:
    """A square with two holes, two parts, an island in a hole, nothing at all, a fine coast, a triangle."""
    box = shapely.box(121.2, 31.8, 121.21, 31.81)
    holes = shapely.union_all(
        [shapely.box(121.202, 31.802, 121.204, 31.804), shapely.box(121.206, 31.802, 121.207, 31.803)]
    )
    island = shapely.union(shapely.difference(box, holes), shapely.box(121.2025, 31.8025, 121.2035, 31.8035))
    angles = np.linspace(0, 2 * np.pi, 3001)
    coast = np.column_stack([121.3 + 0.01 * np.cos(angles), 31.9 + 0.01 * np.sin(angles)])
    parts = shapely.MultiPolygon([box, shapely.box(121.3, 31.8, 121.3123456789, 31.81)])
    triangle = shapely.Polygon([(121.1, 31.1), (121.2, 31.1), (121.1333333333, 31.2)])
    return np.array(
        [shapely.difference(box, holes), parts, island, None, shapely.Polygon(coast), triangle], object
    )


def known_as(key: str) -> dict[str, list[Any]]:
    """What a format can hold of the columns: CSV knows text only, some trim blanks."""
    texts = {name: list(values) for name, values in COLUMNS.items()}
    if key == "csv":
        texts = {
            n: [None if v is None else repr(v) if isinstance(v, float) else str(v) for v in vs]
            for n, vs in texts.items()
        }
    if key in ("csv", "kml", "shapefile"):
        texts["村名"][5] = "叠石村"
    return texts


@pytest.mark.parametrize(("writer", "encoding"), EACH, ids=lambda one: getattr(one, "key", one))
def test_what_goes_out_comes_in_again(tmp_path: Path, writer: formats.Writer, encoding: str) -> None:
    path = formats.write(tmp_path / f"村界{writer.suffix}", COLUMNS, shapes(), encoding=encoding)
    layer = formats.read(path)
    assert layer.format == writer.key
    assert layer.columns == known_as(writer.key)
    assert [geom is None for geom in layer.geoms] == [False, False, False, True, False, False]
    there = [0, 1, 2, 4, 5]
    assert shapely.hausdorff_distance(layer.geoms[there], shapes()[there]).max() < 1e-9
    assert shapely.area(layer.geoms[there]) == pytest.approx(shapely.area(shapes()[there]), rel=1e-6)
    assert len(shapely.get_parts(layer.geoms[2])) == 2
    assert {note.code for note in layer.warnings} <= {"kml_by_format", "encoding_strays"}


@pytest.mark.parametrize("writer", formats.WRITERS, ids=lambda one: one.key)
def test_equal_layers_give_equal_bytes(tmp_path: Path, writer: formats.Writer) -> None:
    (tmp_path / "again").mkdir()
    one = formats.write(tmp_path / f"a{writer.suffix}", COLUMNS, shapes())
    other = formats.write(tmp_path / "again" / f"a{writer.suffix}", COLUMNS, shapes())
    assert one.read_bytes() == other.read_bytes()
    assert writer.title_zh
    assert writer.title_en
    assert "/" in writer.media_type


@pytest.mark.parametrize("used", ["EPSG:4549", "gcj02"])
@pytest.mark.parametrize("writer", formats.WRITERS, ids=lambda one: one.key)
def test_another_system_is_declared_where_it_can_be(
    tmp_path: Path, writer: formats.Writer, used: str
) -> None:
    target, geoms = tmp_path / f"a{writer.suffix}", samples.village_squares()
    if writer.key == "kml":
        with pytest.raises(BadInput) as caught:
            formats.write(target, {}, geoms, crs=used)
        assert caught.value.code == "crs_not_possible"
        return
    layer = formats.read(formats.write(target, samples.village_columns(), geoms, crs=used))
    back = crs.to_storage(layer.geoms, used)
    assert shapely.hausdorff_distance(back, geoms).max() < 1e-7
    if used == "gcj02":
        assert layer.wkt is None
    else:
        assert layer.wkt is not None
        assert "4549" in layer.wkt or "Gauss" in layer.wkt or "CM_120E" in layer.wkt


def test_a_workbook_keeps_codes_as_text_and_continues_long_shapes(tmp_path: Path) -> None:
    path = formats.write(tmp_path / "a.xlsx", COLUMNS, shapes())
    sheet = openpyxl.load_workbook(path).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [cell for cell in rows[0] if str(cell).startswith("WKT")] == ["WKT_1", "WKT_2", "WKT_3"]
    assert rows[4][1] == "320614100201000123"
    assert sheet.cell(6, 1).data_type == "s"
    assert max(len(str(cell)) for row in rows for cell in row) <= 32_767


def test_a_heading_that_is_taken_is_left_to_its_owner(tmp_path: Path) -> None:
    columns = {"WKT": ["a"], "geometry": ["b"], "name": ["c"], "folder": ["x/y"], "description": ["d"]}
    geoms = samples.village_squares(1)
    for writer in formats.WRITERS:
        layer = formats.read(formats.write(tmp_path / f"a{writer.suffix}", columns, geoms))
        values = [value for column in layer.columns.values() for value in column]
        assert values == ["a", "b", "c", "x/y", "d"], writer.key


def test_points_lines_and_a_layer_without_columns_go_out_too(tmp_path: Path) -> None:
    for geoms in ([shapely.Point(121.2, 31.8)], [shapely.LineString([(121.2, 31.8), (121.3, 31.8)])]):
        for writer in formats.WRITERS:
            path = formats.write(tmp_path / f"a{writer.suffix}", {"编号": ["1"]}, np.array(geoms, object))
            layer = formats.read(path)
            assert [geom.geom_type for geom in layer.geoms] == [geoms[0].geom_type]


def test_what_is_written_is_known_without_its_suffix(tmp_path: Path) -> None:
    for writer in formats.WRITERS:
        path = formats.write(
            tmp_path / f"a{writer.suffix}", samples.village_columns(), samples.village_squares()
        )
        assert formats.read(path.rename(tmp_path / "spooled")).format == writer.key


def test_an_unknown_format_is_a_wrong_request(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        formats.write(tmp_path / "a", {}, samples.village_squares(), format="pdf")
    assert caught.value.code == "unknown_format"
