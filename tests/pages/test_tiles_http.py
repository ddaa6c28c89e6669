"""Tiles over HTTP: typed, gzipped, tagged; refused clearly."""

import gzip
from collections.abc import Iterator

import httpx
import mapbox_vector_tile
import pytest

from tests.pages.conftest import PASSWORD, Site

TILE = "/tiles/grids/10/856/415.mvt"


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    """Head office's client."""
    with httpx.Client(base_url=site.address) as one:
        one.post("/api/v1/session", json={"login": "head", "password": PASSWORD}).raise_for_status()
        yield one


def test_a_tile_is_a_gzipped_vector_tile_that_no_cache_between_may_keep(client: httpx.Client) -> None:
    answer = client.get(TILE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert answer.headers["content-encoding"] == "gzip"
    assert "private" in answer.headers["cache-control"]
    assert {"grids", "grid_names"} <= set(mapbox_vector_tile.decode(answer.content))


def test_a_client_that_takes_no_gzip_gets_the_same_tile_plain(client: httpx.Client) -> None:
    plain = client.get(TILE, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == client.get(TILE).content
    assert plain.content[:2] != gzip.compress(b"")[:2]


def test_an_unchanged_tile_is_answered_with_304_and_no_bytes(client: httpx.Client) -> None:
    tag = client.get(TILE).headers["etag"]
    again = client.get(TILE, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(TILE, headers={"If-None-Match": '"other"'}).status_code == 200


def test_several_layers_come_in_one_tile(client: httpx.Client) -> None:
    parts = set(mapbox_vector_tile.decode(client.get("/tiles/frame,grids,towns/10/856/415.mvt").content))
    assert {"frame", "grids", "towns"} <= parts


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/tiles/nothing/10/856/415.mvt", 404, "no_layer"),
        ("/tiles/grids,nothing/10/856/415.mvt", 404, "no_layer"),
        ("/tiles/grids/10/1024/415.mvt", 422, "no_such_tile"),
        ("/tiles/grids/99/0/0.mvt", 422, "no_such_tile"),
        ("/tiles/nothing.json", 404, "no_layer"),
    ],
)
def test_a_wrong_address_is_a_problem_in_both_languages(
    client: httpx.Client, path: str, status: int, code: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    problem = answer.json()
    assert problem["code"] == code
    assert problem["detail_zh"]
    assert problem["detail_en"]


def test_a_tile_asks_who_is_looking(site: Site) -> None:
    assert httpx.get(site.address + TILE).status_code == 401
    assert httpx.get(site.address + "/tiles/grids.json").status_code == 401


def test_tilejson_points_to_the_service_it_came_from(client: httpx.Client, site: Site) -> None:
    answer = client.get("/tiles/key_clients.json").json()
    assert answer["tiles"] == [f"{site.address}/tiles/key_clients/{{z}}/{{x}}/{{y}}.mvt"]


def test_an_analyst_finds_no_customers_layer(site: Site) -> None:
    with httpx.Client(base_url=site.address) as client:
        client.post("/api/v1/session", json={"login": "analyst", "password": PASSWORD}).raise_for_status()
        assert client.get(TILE).status_code == 200
        assert client.get("/tiles/customers/13/6853/3321.mvt").status_code == 404
