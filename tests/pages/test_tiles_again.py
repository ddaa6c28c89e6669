"""A tile that was refused because too many maps are being drawn is asked for again: no hole stays."""

import json

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import text

from tests.pages.conftest import Visitor

NO_GL = """HTMLCanvasElement.prototype.getContext = new Proxy(HTMLCanvasElement.prototype.getContext, {
    apply: (real, self, args) => String(args[0]).startsWith("webgl") ? null : Reflect.apply(real, self, args)
})"""
BUSY = json.dumps({"type": "about:blank", "title": "busy", "status": 503, "code": "tiles_busy"})
# How many grids of the tiles in sight stand in the map: MapLibre tells its features, else names are counted.
GRIDS = """() => {
    const gl = Getu.painter.gl;
    if (!gl) return document.querySelectorAll(".map-name").length;
    const source = Object.keys(gl.getStyle().sources).find((key) => key.includes("grids"));
    return new Set(gl.querySourceFeatures(source, { sourceLayer: "grids" }).map((one) => one.id)).size;
}"""


@pytest.mark.parametrize("painter", ["gl", "tiles"])
def test_a_map_whose_every_tile_was_refused_once_is_whole_in_the_end(visitor: Visitor, painter: str) -> None:
    refused: set[str] = set()
    answered: set[str] = set()

    def refuse_first(route: Route) -> None:
        address = route.request.url
        if address in refused:
            answered.add(address)
            return route.fallback()
        refused.add(address)
        return route.fulfill(
            status=503, headers={"Retry-After": "1"}, content_type="application/problem+json", body=BUSY
        )

    if painter == "tiles":
        visitor.context.add_init_script(NO_GL)
    visitor.context.route("**/tiles/**/*.mvt*", refuse_first)
    visitor.sign_in("head")
    page = visitor.open_map()
    expect(page.locator("html")).to_have_attribute("data-drawn", painter)
    with visitor.site.database.transaction(visitor.site.bank.head) as session:
        grids = session.execute(text("SELECT count(*) FROM grid")).scalar_one()
    least = grids if painter == "gl" else 6
    page.wait_for_function(f"() => ({GRIDS})() >= {least}", timeout=20_000)
    # Whatever was refused has been asked for again, and came.
    page.wait_for_timeout(500)
    assert refused
    assert refused == answered
