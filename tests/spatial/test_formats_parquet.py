"""GeoParquet as geopandas, GDAL and others write it, and Parquet that is none."""

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from app.errors import RefusedFile
from app.spatial import formats
from tests.samples import boundary_files as samples


def refusal(path: Path, **how: Any) -> str:
    with pytest.raises(RefusedFile) as caught:
        formats.read(path, **how)
    return caught.value.code


def frame(geoms: Any, crs: Any = "EPSG:4490") -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(samples.village_columns(), geometry=geoms, crs=crs)


def stored(path: Path, columns: dict[str, Any], geo: Any = None) -> Path:
    table = pa.table(columns)
    told = table.replace_schema_metadata({"geo": json.dumps(geo)} if geo else None)
    pq.write_table(told, path, use_dictionary=False)
    return path


MANY = np.array(
    [shapely.MultiPolygon([one, shapely.box(0, 0, 1, 1)]) for one in samples.village_squares()], object
)


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
@pytest.mark.parametrize(
    "geoms",
    [
        samples.village_squares(),
        MANY,
        shapely.centroid(MANY),
        shapely.boundary(MANY),
        [shapely.MultiPoint(shapely.get_coordinates(one)) for one in MANY],
        np.array([shapely.LineString([(0, 0), (1, i)]) for i in range(9)], object),
    ],
    ids=["polygon", "multipolygon", "point", "multiline", "multipoint", "line"],
)
def test_every_encoding_of_shapes_is_read(tmp_path: Path, encoding: str, geoms: Any) -> None:
    geoms = np.array(geoms, object)
    for missing in (False, True):
        if missing:
            geoms[4] = None
        frame(geoms).to_parquet(tmp_path / "a.parquet", geometry_encoding=encoding, schema_version="1.1.0")
        layer = formats.read(tmp_path / "a.parquet")
        assert (layer.wkt, layer.format) == ("EPSG:4490", "geoparquet")
        there = [i for i in range(9) if geoms[i] is not None]
        assert [geom is None for geom in layer.geoms] == [geom is None for geom in geoms]
        assert shapely.equals_exact(layer.geoms[there], geoms[there], 0).all()
        assert layer.columns["code"] == samples.village_columns()["code"]


def test_the_declared_system_may_be_anything_nothing_or_left_out(tmp_path: Path) -> None:
    zone = frame(samples.village_squares(), "+proj=tmerc +lon_0=121.5 +x_0=500000 +ellps=GRS80 +units=m")
    zone.to_parquet(tmp_path / "a.parquet")
    assert "Transverse" in str(formats.read(tmp_path / "a.parquet").wkt)
    frame(samples.village_squares(), None).to_parquet(tmp_path / "b.parquet")
    assert formats.read(tmp_path / "b.parquet").wkt is None
    wkb = shapely.to_wkb(samples.village_squares(2)).tolist()
    geo: dict[str, Any] = {"version": "1.0.0", "primary_column": "g", "columns": {"g": {"encoding": "WKB"}}}
    assert formats.read(stored(tmp_path / "c.parquet", {"g": wkb}, geo)).wkt == "EPSG:4326"
    geo["columns"]["g"]["crs"] = {"type": "Nonsense"}
    layer = formats.read(stored(tmp_path / "d.parquet", {"g": wkb}, geo))
    assert (layer.wkt, [note.code for note in layer.warnings]) == (None, ["crs_not_understood"])


def test_the_primary_column_is_the_shape_and_plain_tables_have_a_usual_name(tmp_path: Path) -> None:
    wkb = shapely.to_wkb(samples.village_squares(2)).tolist()
    about = {"encoding": "WKB", "crs": None}
    geo = {"version": "1.0.0", "primary_column": "b", "columns": {"a": about, "b": about}}
    layer = formats.read(stored(tmp_path / "a.parquet", {"a": [None, None], "b": wkb, "c": [1, None]}, geo))
    assert (layer.columns, [geom.area > 0 for geom in layer.geoms]) == ({"c": [1, None]}, [True, True])
    layer = formats.read(stored(tmp_path / "b.parquet", {"GEOM": wkb, "名": ["甲", "乙"]}))
    assert (layer.columns, len(layer.geoms)) == ({"名": ["甲", "乙"]}, 2)
    text = [one.wkt for one in samples.village_squares(2)]
    assert formats.read(stored(tmp_path / "c.parquet", {"wkt": text})).geoms[1].area > 0


def test_parquet_without_shapes_cut_off_or_too_big_is_refused(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.parquet", {"村名": ["甲"], "code": ["1"]})
    assert refusal(path) == "no_geometry_column"
    (tmp_path / "b.parquet").write_bytes(path.read_bytes()[:-60])
    assert refusal(tmp_path / "b.parquet") == "parquet_broken"
    wkb = shapely.to_wkb(samples.village_squares(9)).tolist()
    many = stored(tmp_path / "c.parquet", {"geometry": wkb})
    assert refusal(many, limits=formats.Limits(rows=5)) == "too_many_rows"
    bomb = stored(tmp_path / "d.parquet", {"geometry": [b"\0" * 1000] * 40_000})
    assert bomb.stat().st_size < 4 << 20
    assert refusal(bomb, limits=formats.Limits(unpacked_bytes=16 << 20)) == "archive_too_large"


def test_a_parquet_comes_along_with_a_shapefile_in_a_zip(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    frame(samples.village_squares()).to_parquet(tmp_path / "p.parquet")
    members = {f"v{suffix}": data for suffix, data in parts.items()}
    path = samples.pack(tmp_path / "a.zip", members | {"p.parquet": (tmp_path / "p.parquet").read_bytes()})
    assert formats.read(path, layer="p").columns["code"] == samples.village_columns()["code"]
    assert formats.read(path, layer="v").columns["code"] == samples.village_columns()["code"]
