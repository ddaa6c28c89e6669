"""Shapefiles that are damaged or odd: never half a layer, every row with its own fate."""

import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from app.errors import RefusedFile
from app.spatial import formats
from app.spatial.formats import shapefile
from tests.samples import boundary_files as samples

SOLID = shapely.Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5), (0, 1, 5)])


def refusal(path: Path, **how: Any) -> str:
    with pytest.raises(RefusedFile) as caught:
        formats.read(path, **how)
    return caught.value.code


def write_shp(folder: Path, geoms: list[Any], kind: str, **how: Any) -> dict[str, bytes]:
    """The parts of a shapefile of any type of shape, as GDAL writes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.raw.write(
            folder / "a.shp",
            shapely.to_wkb(np.array(geoms, object), flavor="iso"),
            [np.array([f"n{number}" for number in range(len(geoms))], object)],
            ["name"],
            driver="ESRI Shapefile",
            geometry_type=kind,
            crs=None,
            **how,
        )
    return {suffix: (folder / f"a{suffix}").read_bytes() for suffix in (".shp", ".dbf")}


def pack_parts(path: Path, parts: dict[str, bytes]) -> Path:
    return samples.pack(path, {f"a{suffix}": data for suffix, data in parts.items()})


def damage(data: bytes, record: int, at: int, value: int) -> bytes:
    """The .shp with one number of one record (1 is the first) changed, its chain of records unharmed."""
    start = shapefile.walk_records(data)[record - 1][0] + 8
    out = bytearray(data)
    struct.pack_into("<i", out, start + at, value)
    return bytes(out)


@pytest.mark.parametrize(("at", "value"), [(40, 10_000), (40, -1), (36, 500), (36, -5)])
def test_a_record_that_promises_more_points_than_it_holds_refuses_the_file(
    tmp_path: Path, at: int, value: int
) -> None:
    parts = samples.shapefile_parts(tmp_path)
    bad = parts | {".shp": damage(parts[".shp"], 4, at, value)}
    assert refusal(pack_parts(tmp_path / "a.zip", bad)) == "shp_broken"


def test_vertices_are_counted_before_a_shape_is_read(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    records = shapefile.walk_records(parts[".shp"])
    counted = shapefile.count_vertices(parts[".shp"], records)
    assert counted == shapely.get_num_coordinates(samples.village_squares()).sum()
    path = pack_parts(tmp_path / "a.zip", parts)
    assert refusal(path, limits=formats.Limits(vertices=counted - 1)) == "too_many_vertices"
    assert len(formats.read(path, limits=formats.Limits(vertices=counted)).geoms) == 9


def test_null_shapes_and_heights_come_in_as_they_are(tmp_path: Path) -> None:
    layer = formats.read(
        pack_parts(tmp_path / "a.zip", write_shp(tmp_path, [SOLID, None, SOLID], "Polygon Z"))
    )
    assert [geom is None for geom in layer.geoms] == [False, True, False]
    assert layer.geoms[0].has_z
    assert layer.columns["name"] == ["n0", "n1", "n2"]


def test_a_multipatch_of_rings_is_polygons_and_one_of_triangles_loses_no_row(tmp_path: Path) -> None:
    parts = write_shp(tmp_path, [shapely.MultiPolygon([SOLID])] * 2, "MultiPolygon Z", SHPT="MULTIPATCH")
    assert [geom.geom_type for geom in formats.read(pack_parts(tmp_path / "a.zip", parts)).geoms] == [
        "MultiPolygon"
    ] * 2
    strip = parts | {".shp": damage(parts[".shp"], 2, 48, 0)}
    layer = formats.read(pack_parts(tmp_path / "b.zip", strip))
    assert layer.rows.tolist() == [1, 2]
    told = [note.rows for note in layer.warnings if note.code == "broken_geometry"]
    assert layer.geoms[1] is not None or told == [(2,)]


@pytest.mark.parametrize("change", [-1, 1])
def test_a_table_whose_header_counts_other_rows_than_there_are_shapes_is_refused(
    tmp_path: Path, change: int
) -> None:
    parts = samples.shapefile_parts(tmp_path)
    table = bytearray(parts[".dbf"])
    struct.pack_into("<I", table, 4, 9 + change)
    bad = parts | {".dbf": bytes(table) + bytes(200)}
    assert refusal(pack_parts(tmp_path / "a.zip", bad)) == "counts_differ"


def test_rubbish_behind_the_table_does_no_harm(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    longer = parts | {".dbf": parts[".dbf"] + b"\x1a\x00rubbish" * 20}
    assert formats.read(pack_parts(tmp_path / "a.zip", longer)).columns == samples.village_columns()


def test_an_index_that_lies_is_written_anew(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    index = bytearray(parts[".shx"])
    struct.pack_into(">i", index, 100, 9000)
    struct.pack_into(">i", index, 108, struct.unpack_from(">i", index, 116)[0])
    layer = formats.read(pack_parts(tmp_path / "a.zip", parts | {".shx": bytes(index)}))
    assert shapely.equals(layer.geoms, samples.village_squares()).all()
