"""Own layers on the map: what is drawn sums to what stands there, for each viewer and zoom; none is a 404."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from sqlalchemy import text

from app.db import Database, Viewer
from app.errors import NotFound
from app.maps.facts import find_facts
from app.maps.ground import find_data_version, find_ground
from app.maps.layers import tell_layer_of
from app.maps.telling import tell_layer
from app.maps.tiles import describe_tiles, draw_tile, find_sight, look_tile
from app.maps.tiles.draw import find_layers
from app.territory import own
from app.territory.boundaries import ImportOptions
from tests.maps.seed import SOUTH, WEST, WORKER, Bank
from tests.maps.test_tiles import tiles_over

KINDS = ("县道", "乡道", None)


def draw_shapes(seed: int = 3) -> list[Any]:
    """Points near and far from each other, roads long and of a metre, lakes wide, narrow and tiny."""
    rng = np.random.default_rng(seed)
    at = rng.uniform((WEST + 0.02, SOUTH + 0.02), (WEST + 0.4, SOUTH + 0.24), size=(240, 2))
    points = [shapely.Point(xy) for xy in at[:120]] + [shapely.Point(at[0])] * 3
    roads = [shapely.LineString([one, other]) for one, other in zip(at[120:150], at[150:180], strict=True)]
    paths = [shapely.LineString([xy, xy + 1e-5]) for xy in at[180:200]]
    lakes = [shapely.box(*xy, *(xy + 0.01)) for xy in at[200:210]]
    ponds = [shapely.box(*xy, *(xy + 2e-6)) for xy in at[210:225]]
    ditches = [shapely.box(*xy, *(xy + np.array([0.05, 1e-6]))) for xy in at[225:235]]
    spread = [shapely.MultiPoint(at[235:240])]
    return [*points, *roads, *paths, *lakes, *ponds, *ditches, *spread]


def load(session: Any, folder: Path, shapes: list[Any], **words: Any) -> None:
    rows = [
        {"type": "Feature", "properties": {"name": f"第{n}号", "级别": KINDS[n % 3]}, "geometry": geometry}
        for n, geometry in enumerate(json.loads(shapely.to_geojson(shape)) for shape in shapes)
    ]
    path = folder / f"{words['key']}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    wish = own.LayerWish(**{"zh": "道路", "en": "Roads", **words})
    assert own.load_own_layer(session, path, wish, options=ImportOptions())["status"] == "imported"


@pytest.fixture(scope="module")
def laid(bank_database: Database, bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """The laid bank with a layer for everybody and one for the whole bank's viewers."""
    folder = tmp_path_factory.mktemp("own")
    with bank_database.transaction(WORKER) as session:
        load(session, folder, draw_shapes(), key="roads", class_column="级别")
        load(session, folder, draw_shapes(4)[:9], key="rivals", meaning="competitors", audience="bank")
    yield bank
    with bank_database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM map_layer"))


def read_tiles(database: Database, viewer: Viewer, layer: str, z: int) -> list[dict[str, Any]]:
    with database.transaction(viewer) as session:
        tiles = [draw_tile(session, layer, z=z, x=x, y=y) for x, y in tiles_over(z)]
    return [
        f for tile in tiles for part in mapbox_vector_tile.decode(tile).values() for f in part["features"]
    ]


def count_drawn(features: list[dict[str, Any]]) -> int:
    """Points and dots by their number; a line or an area that several tiles share is one."""
    dots = [f for f in features if f["geometry"]["type"] in ("Point", "MultiPoint")]
    shapes = {f["id"] for f in features} - {f["id"] for f in dots if f["properties"]["number"] == 1}
    whole = {f["id"] for f in features if f["geometry"]["type"] not in ("Point", "MultiPoint")}
    assert whole <= shapes
    return sum(f["properties"]["number"] for f in dots) + len(whole)


@pytest.mark.parametrize("z", [6, 9, 11, 13, 14])
@pytest.mark.parametrize("who", ["head", "branch_head", "manager", "analyst"])
def test_what_is_drawn_sums_to_the_legend_and_the_database(
    bank_database: Database, laid: Bank, who: str, z: int
) -> None:
    viewer = getattr(laid, who)
    drawn = read_tiles(bank_database, viewer, "own_roads", z)
    with bank_database.transaction(viewer) as session:
        layer = tell_layer_of(session, "own_roads")
        lines = layer.legend(session, find_ground(session))
        true = session.scalar(
            text("SELECT sum(CASE WHEN f.shape = 'point' THEN ST_NumGeometries(geom) ELSE 1 END)"
                 " FROM map_feature f JOIN map_layer l ON l.id = f.layer_id WHERE l.key = 'roads'")
        )  # fmt: skip
    assert (
        count_drawn(drawn) == sum(line.number for line in lines) == true == 123 + 30 + 20 + 10 + 15 + 10 + 5
    )
    for name in ("县道", "乡道"):
        of_class = [f for f in drawn if f["properties"].get("class") == name]
        assert count_drawn(of_class) == sum(line.number for line in lines if line.zh.startswith(name))


def test_what_is_smaller_than_a_dot_is_one_and_what_is_narrow_is_a_line(
    bank_database: Database, laid: Bank
) -> None:
    far = read_tiles(bank_database, laid.head, "own_roads", 9)
    near = read_tiles(bank_database, laid.head, "own_roads", 14)
    dots = sum(f["properties"]["number"] for f in far if f["properties"]["shape"] == "dot")
    assert dots == 20 + 15
    assert any("×" in f["properties"]["name"] for f in far if f["properties"]["number"] > 1)
    narrow = {f["id"] for f in near if f["properties"]["shape"] == "line"}
    assert len(narrow) >= 30 + 10
    assert {f["geometry"]["type"] for f in near if f["properties"]["shape"] == "area"} <= {
        "Polygon",
        "MultiPolygon",
    }


def test_an_own_layer_that_is_none_or_unseen_is_a_404(bank_database: Database, laid: Bank) -> None:
    for viewer, address in (
        (laid.head, "own_nothing"),
        (laid.head, "own_"),
        (laid.head, "own_Roads"),
        (laid.manager, "own_rivals"),
        (laid.branch_head, "outlets,own_rivals"),
    ):
        with bank_database.transaction(viewer) as session, pytest.raises(NotFound) as missed:
            draw_tile(session, address, z=9, x=428, y=208)
        assert missed.value.code == "no_layer"
        with bank_database.transaction(viewer) as session:
            sight = find_sight(session)
        with pytest.raises(NotFound):
            look_tile(bank_database, viewer, find_layers(address, viewer), sight, address=(9, 428, 208))
        if "," not in address:
            for ask in (tell_layer_of, lambda session, key: describe_tiles(session, key, base="")):
                with bank_database.transaction(viewer) as session, pytest.raises(NotFound):
                    ask(session, address)


def test_an_own_layer_far_from_the_tile_is_an_empty_tile(bank_database: Database, laid: Bank) -> None:
    with bank_database.transaction(laid.head) as session:
        assert draw_tile(session, "own_roads", z=9, x=0, y=0) == b""


def test_the_panel_names_the_layers_in_sight_and_the_legend_tells_who_sees_them(
    bank_database: Database, laid: Bank
) -> None:
    for viewer, keys in ((laid.head, {"own_roads", "own_rivals"}), (laid.manager, {"own_roads"})):
        with bank_database.transaction(viewer) as session:
            facts = find_facts(session, database=bank_database.url)
        assert {layer.key for layer in facts.late if layer.own} == keys
    with bank_database.transaction(laid.head) as session:
        facts = find_facts(session, database=bank_database.url)
        told = tell_layer(session, tell_layer_of(session, "own_rivals"), facts=facts, lang="zh")
    assert "总行" in told["notes"]["own_rivals"]
    assert [(line["symbol"], line["number"]) for line in told["legend"]] == [("competitor", 9)]
    assert told["style"]["sources"]["own_rivals"]["tiles"][0].startswith("/tiles/own_rivals/")


def test_a_load_is_another_state_of_the_data_for_who_sees_the_layer(
    bank_database: Database, laid: Bank, tmp_path: Path
) -> None:
    def look(viewer: Viewer) -> str:
        with bank_database.transaction(viewer) as session:
            return find_data_version(session, find_ground(session))

    before = {viewer: look(viewer) for viewer in (laid.head, laid.manager)}
    with bank_database.transaction(WORKER) as session:
        words = {"meaning": "competitors", "audience": "bank"}
        load(session, tmp_path, draw_shapes(4)[:9], key="rivals", **words)
    assert look(laid.head) != before[laid.head]
    assert look(laid.manager) == before[laid.manager]
