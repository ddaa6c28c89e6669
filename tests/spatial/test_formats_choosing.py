"""The layer that is meant among several: the only one with areas, or the one that a person names."""

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from app.errors import NeedsAnswer
from app.spatial import formats
from tests.samples.boundary_files import collection, feature, pack

AREA = shapely.box(121.2, 31.9, 121.3, 32.0)
ROAD, RING_ROAD = shapely.LineString([(121, 31), (122, 32)]), AREA.exterior
POINT = shapely.Point(121.2, 31.9)


def packed(folder: Path, **layers: list[Any]) -> Path:
    """A zip of GeoJSON files."""
    members = {}
    for name, shapes in layers.items():
        rows = [feature(json.loads(shapely.to_geojson(shape)), 名称=name) for shape in shapes]
        members[f"{name}.geojson"] = json.dumps(collection(rows), ensure_ascii=False).encode()
    return pack(folder / "v.zip", members)


def test_the_only_layer_with_areas_is_taken_and_the_others_are_told(tmp_path: Path) -> None:
    layer = formats.read(packed(tmp_path, roads=[ROAD, ROAD, RING_ROAD], villages=[AREA], poi=[POINT]))
    assert (layer.name, layer.geoms[0].geom_type) == ("villages", "Polygon")
    told = next(note for note in layer.warnings if note.code == "layer_chosen")
    assert "roads" in told.zh
    assert "poi" in told.en
    assert sorted(layer.layers) == ["poi", "roads", "villages"]


def test_a_named_layer_is_taken_whatever_it_holds(tmp_path: Path) -> None:
    layer = formats.read(packed(tmp_path, roads=[ROAD], villages=[AREA]), layer="roads")
    assert (layer.name, layer.warnings) == ("roads", ())


@pytest.mark.parametrize(
    "layers",
    [
        {"a": [AREA], "b": [AREA]},
        {"a": [AREA], "b": [RING_ROAD]},
        {"a": [ROAD], "b": [POINT]},
        {"a": [AREA], **{f"b{number}": [POINT] for number in range(12)}},
    ],
    ids=["two of areas", "closed lines", "none of areas", "too many to look at"],
)
def test_a_person_is_asked_where_more_than_one_or_none_may_be_meant(
    tmp_path: Path, layers: dict[str, Any]
) -> None:
    with pytest.raises(NeedsAnswer) as asked:
        formats.read(packed(tmp_path, **layers))
    assert asked.value.code == "several_layers"
    assert sorted(asked.value.facts["layers"]) == sorted(layers)
