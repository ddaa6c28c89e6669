"""Own layers on the map: loaded by the form, drawn, named in the legend, opened by a click, taken away."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.maps.seed import WORKER
from tests.pages.conftest import Visitor
from tests.pages.test_every_page import judge

MIDDLE = (121.22, 31.93)


@pytest.fixture(autouse=True)
def tidy(visitor: Visitor) -> Iterator[None]:
    yield
    with visitor.site.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM map_layer"))


def write(folder: Path) -> Path:
    """A road over the middle of the bank, a rival on it, and a row without a shape."""
    lon, lat = MIDDLE
    shapes = [
        ("一号路", {"type": "LineString", "coordinates": [[lon - 0.2, lat], [lon + 0.2, lat]]}),
        ("城东", {"type": "Point", "coordinates": [lon, lat + 0.02]}),
        ("没有图形", None),
    ]
    rows = [{"type": "Feature", "properties": {"name": n, "级别": "县道"}, "geometry": g} for n, g in shapes]
    path = folder / "道路.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    return path


def fill_form(page: Page, path: Path) -> None:
    page.click("#open-own")
    page.set_input_files("#own [name=file]", path)
    page.fill("#own [name=zh]", "道路")
    page.fill("#own [name=en]", "Roads")
    page.fill("#own [name=class_column]", "级别")
    page.select_option("#own [name=colour]", "brown")
    page.click("#own .btn.pri")


def test_a_layer_is_loaded_by_the_form_and_appears_switched_on(visitor: Visitor, tmp_path: Path) -> None:
    visitor.sign_in("head")
    page = visitor.open_map()
    fill_form(page, write(tmp_path))
    expect(page.locator("#own .own-report")).to_contain_text("已载入 2 项")
    expect(page.locator("#own .own-bad")).to_contain_text("第 3 行：没有图形")
    with page.expect_response("**/tiles/own_roads/**") as tile:
        page.click("#own .btn.pri")
    assert tile.value.ok
    expect(page.locator("[data-layer=own_roads]")).to_be_checked()
    expect(page.locator('[data-late="own_roads"]', has_text="县道")).to_have_count(2)
    page.wait_for_function("document.documentElement.dataset.drawn === 'gl'")
    lon, lat = MIDDLE
    page.evaluate(f"Getu.map.setView([{lat}, {lon}], 13, {{animate: false}})")
    page.wait_for_function(
        "Getu.painter.gl && Getu.painter.gl.loaded() &&"
        " Getu.painter.gl.queryRenderedFeatures({layers: ['own_roads-paint-2']}).length > 0"
    )
    at = page.evaluate(f"(() => {{ const p = Getu.map.latLngToContainerPoint([{lat}, {lon + 0.004}]),"
                       " b = Getu.map.getContainer().getBoundingClientRect();"
                       " return [p.x + b.left, p.y + b.top] })()")  # fmt: skip
    page.mouse.click(*at)
    expect(page.locator("#side h2")).to_have_text("一号路")
    expect(page.locator("#side")).to_contain_text("县道")
    assert judge(page) == []
    page.locator("#side .foot .btn").first.click()
    expect(page.locator("#side h2")).not_to_have_text("一号路")
    page.keyboard.press("Escape")
    page.click("#open-own")
    page.on("dialog", lambda dialog: dialog.accept())
    expect(page.locator("#own .own-list")).to_be_visible()
    assert judge(page) == []
    page.click("#own .own-list button")
    expect(page.locator("[data-layer=own_roads]")).to_have_count(0)
    assert visitor.complaints == []
    assert visitor.outside() == []


def test_without_webgl_own_layers_are_drawn_too(visitor: Visitor, tmp_path: Path) -> None:
    visitor.sign_in("head")
    page = visitor.open_map("?gl=0")
    fill_form(page, write(tmp_path))
    expect(page.locator("#own .own-report")).to_contain_text("已载入 2 项")
    with page.expect_response("**/tiles/own_roads/**") as tile:
        page.click("#own .btn.pri")
    assert tile.value.ok
    assert page.get_attribute("html", "data-drawn") == "tiles"
    expect(page.locator('[data-late="own_roads"]', has_text="县道")).to_have_count(2)
    assert visitor.complaints == []


def test_who_may_not_import_is_shown_no_form(visitor: Visitor) -> None:
    visitor.sign_in("manager")
    page = visitor.open_map()
    expect(page.locator("#open-own")).to_have_count(0)
    assert visitor.complaints == []
