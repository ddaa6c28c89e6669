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


@pytest.mark.parametrize(
    ("taken", "given"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip")]
)
def test_a_tile_is_a_packed_vector_tile_that_no_cache_between_may_keep(
    client: httpx.Client, taken: str, given: str
) -> None:
    answer = client.get(TILE, headers={"Accept-Encoding": taken})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert answer.headers["content-encoding"] == given
    assert "private" in answer.headers["cache-control"]
    assert {"grids", "grid_names"} <= set(mapbox_vector_tile.decode(answer.content))


def test_a_client_that_takes_no_packing_gets_the_same_tile_plain(client: httpx.Client) -> None:
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
        ("/tiles/grids/ten/0/0.mvt", 422, "malformed"),
        ("/tiles/grids,grids/9/428/208.mvt", 422, "too_many_layers"),
        ("/tiles/" + ",".join("abcdefghijklm") + "/9/428/208.mvt", 422, "too_many_layers"),
        ("/tiles/customers/9/428/208.mvt?name=沈", 422, "filter_not_allowed"),
        ("/tiles/customers/9/428/208.mvt?tag=新", 422, "filter_not_allowed"),
        ("/tiles/grids/9/428/208.mvt?tier=key", 422, "filter_not_allowed"),
        ("/tiles/customers/9/428/208.mvt?tier=golden", 422, "bad_filter"),
        ("/tiles/customers/9/428/208.mvt?tier=key&tier=regular", 422, "bad_filter"),
        ("/tiles/customers/9/428/208.mvt?visited_since=gestern", 422, "bad_filter"),
        ("/tiles/customers/9/428/208.mvt?branch=NOWHERE", 422, "bad_filter"),
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


HOSTILE = (
    *(
        f"grids/{at}"
        for at in ("-1/0/0", "3/-1/0", "23/0/0", "10/855/1024", "10/1e3/2", "10/0x10/2", "NaN/0/0")
    ),
    *(f"grids/{at}" for at in ("10/855.5/420", "10/855/%00", "10/855/４２０", f"10/{'9' * 40}/2")),
    *(f"{layer}/10/855/420" for layer in ("a" * 4000, "grids%27--", "grids%00", "%ff", ",", "grids,", "..")),
    *(f"{layer}/10/855/420" for layer in ("changes@x", "changes@2026-13-99", "grids@2026-01-01")),
)
FILTERS = (
    *(f"rung={value}" for value in ("9", "-1", "one", "9" * 30)),
    *(f"visited_since={day}" for day in ("2026-02-30", "0000-01-01", "2026-01-01T00:00:00")),
    *(f"tier={'k' * 5000}", "manager=%00", "branch=B001%27%20OR%201=1", "pointed=maybe", "%00=1", "id=1"),
)


def test_no_address_and_no_filter_however_wrong_is_drawn_or_breaks_anything(client: httpx.Client) -> None:
    asked = [f"/tiles/{at}.mvt" for at in HOSTILE]
    asked += [f"/tiles/customers/9/428/208.mvt?{one}" for one in FILTERS]
    for path in asked:
        answer = client.get(path)
        assert answer.status_code in (404, 422), path[:80]
        assert answer.json()["detail_zh"], path[:80]
        assert answer.json()["detail_en"], path[:80]


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


def test_a_style_for_other_programs_asks_for_our_tiles_and_nothing_else(
    client: httpx.Client, site: Site
) -> None:
    style = client.get("/tiles/style.json").json()
    assert not {"sprite", "glyphs"} & set(style)
    addresses = [address for source in style["sources"].values() for address in source["tiles"]]
    assert addresses
    assert all(address.startswith(f"{site.address}/tiles/") for address in addresses)
    assert {layer["type"] for layer in style["layers"]} <= {"background", "fill", "line", "circle"}
    assert {layer["source"] for layer in style["layers"] if "source" in layer} <= set(style["sources"])
    for address in addresses:
        path = address.removeprefix(site.address).format(z=10, x=856, y=415)
        assert client.get(path).status_code == 200


def test_a_session_that_ended_is_refused_at_the_next_tile(site: Site) -> None:
    with httpx.Client(base_url=site.address) as one:
        csrf = one.post("/api/v1/session", json={"login": "head", "password": PASSWORD}).json()["csrf"]
        cookies = dict(one.cookies)
        assert one.get(TILE).status_code == 200
        one.delete("/api/v1/session", headers={"X-CSRF-Token": csrf}).raise_for_status()
    assert httpx.get(site.address + TILE, cookies=cookies).status_code == 401


def test_a_kept_tile_is_answered_alike_and_to_whom_it_may_be_shown_only(
    client: httpx.Client, site: Site
) -> None:
    """The fast door in front of the routes knows packings, tags, rights and filters as they do."""
    tile = "/tiles/customers/10/856/415.mvt"
    # A filter is passed on to the routes: their answer without one is what the door must say.
    drawn = client.get(tile + "?standing=")
    kept = client.get(tile)
    assert (kept.status_code, kept.content) == (200, drawn.content)
    told = ("content-type", "content-encoding", "etag", "cache-control", "vary", "x-content-type-options")
    assert {name: kept.headers[name] for name in told} == {name: drawn.headers[name] for name in told}
    assert client.get(tile, headers={"If-None-Match": kept.headers["etag"]}).status_code == 304
    assert client.get(tile + "?tier=key").content != kept.content
    assert client.head(tile).status_code == 405
    assert httpx.get(site.address + tile).status_code == 401
    with httpx.Client(base_url=site.address) as other:
        other.post("/api/v1/session", json={"login": "analyst", "password": PASSWORD}).raise_for_status()
        assert [other.get(tile).status_code for _ in range(2)] == [404, 404]
