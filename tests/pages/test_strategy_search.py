"""Search, measuring, datums and the menu of a place, as people use them on the strategy map."""

import json
import re
from typing import Any

import pyproj
import pytest
from playwright.sync_api import Page, expect

from app.spatial.crs.systems import points_from_storage, points_to_storage
from tests.pages.conftest import Visitor

POINTS = [[121.27, 31.94], [121.03, 31.71], [121.6, 32.1]]
RING = [[121.2, 31.9], [121.3, 31.9], [121.32, 31.98], [121.2, 32.0]]
# Degrees that a tenth of a metre is; metres themselves are held to a tenth.
TENTH = {"gcj02": 1e-6, "bd09": 1e-6, "EPSG:4549": 0.1}


def open_map(visitor: Visitor, who: str) -> Page:
    visitor.sign_in(who)
    page = visitor.open_map()
    page.wait_for_selector("#datum")
    return page


def ask(page: Page, words: str) -> Any:
    """The first hit for words typed into the box."""
    page.fill("#q", "")
    with page.expect_response(re.compile("/api/v1/search")):
        page.fill("#q", words)
    return page.locator("#results [role=option]").first


def test_the_box_reads_initials_positions_and_their_datum(visitor: Visitor) -> None:
    page = open_map(visitor, "head")
    expect(ask(page, "clz")).to_contain_text("常乐镇")
    expect(ask(page, "31.94, 121.27")).to_contain_text("先写纬度")
    expect(ask(page, "bd09 121.27, 31.94")).to_contain_text("BD-09")
    page.select_option("#datum", "gcj02")
    expect(ask(page, "121.27, 31.94")).to_contain_text("GCJ-02")
    page.locator("#q").press("Enter")
    lon, lat = points_to_storage([121.27], [31.94], "gcj02")
    page.wait_for_function(
        "([x, y]) => Math.hypot(Getu.map.getCenter().lng - x, Getu.map.getCenter().lat - y) < 2e-4",
        arg=[float(lon[0]), float(lat[0])],
    )
    expect(ask(page, "没有这样的地方")).to_contain_text("没有找到")
    assert visitor.complaints == []
    assert visitor.outside() == []


def test_the_readout_agrees_with_the_services_own_datums_and_is_kept(visitor: Visitor) -> None:
    page = open_map(visitor, "head")
    for ours, theirs in (("gcj02", "gcj02"), ("bd09", "bd09"), ("zone", "EPSG:4549")):
        found = page.evaluate("([at, key]) => at.map(p => Getu.datum.from(p, key, 120))", [POINTS, ours])
        x, y = points_from_storage([p[0] for p in POINTS], [p[1] for p in POINTS], theirs)
        assert [p[0] for p in found] == pytest.approx(list(x), abs=TENTH[theirs])
        assert [p[1] for p in found] == pytest.approx(list(y), abs=TENTH[theirs])
    page.select_option("#datum", "zone")
    expect(page.locator("#where")).to_contain_text(re.compile(r"x 35\d{5}\.\d y \d{6}\.\d"))
    page.reload()
    expect(page.locator("#datum")).to_have_value("zone")


def test_lengths_and_areas_are_those_of_the_ground(visitor: Visitor) -> None:
    page = open_map(visitor, "head")
    page.click("#measure")
    page.wait_for_selector("#measure-panel")
    found = page.evaluate(
        "([line, ring]) => [Getu.geodesy.path(line), Getu.geodesy.area(ring), Getu.geodesy.crosses(ring)]",
        [POINTS, RING],
    )
    geod = pyproj.Geod(a=6378137, rf=298.257222101)
    xs, ys = zip(*POINTS, strict=True)
    assert found[0] == pytest.approx(geod.line_length(xs, ys), rel=1e-9)
    xs, ys = zip(*RING, strict=True)
    assert found[1] == pytest.approx(abs(geod.polygon_area_perimeter(xs, ys)[0]), rel=1e-6)
    assert found[2] is False


def test_measuring_goes_by_mouse_and_by_keyboard_and_escape_ends_it(visitor: Visitor) -> None:
    page = open_map(visitor, "head")
    button = page.locator("#measure")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    box = page.locator("#stage").bounding_box()
    assert box is not None
    for dx, dy in ((400, 300), (520, 300)):
        page.mouse.click(box["x"] + dx, box["y"] + dy)
    panel = page.locator("#measure-panel")
    expect(panel.locator(".measure-value")).to_contain_text(re.compile("米|公里"))
    expect(page.locator("#side")).to_be_hidden()  # a click that measures opens no card
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(400)
    page.locator(".leaflet-container").focus()
    page.keyboard.press("Space")
    assert len(page.evaluate("Getu.measure.points()")) == 3
    panel.get_by_role("button", name="面积").click()
    expect(panel.locator(".measure-value")).to_contain_text(re.compile("公顷|平方公里"))
    page.screenshot(path=visitor.site.shots / "measure.png")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(button).to_have_attribute("aria-pressed", "false")
    assert visitor.complaints == []


@pytest.mark.parametrize("who", ["chief", "analyst"])
def test_a_place_tells_what_the_viewer_may_ask_about_it(visitor: Visitor, who: str) -> None:
    page = open_map(visitor, who)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    box = page.locator("#stage").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*middle, button="right")
    menu = page.locator(".place-at")
    names = menu.get_by_role("menuitem").all_inner_texts()
    assert ("一公里内客户" in names) == ("信贷准入核对" in names) == (who == "chief")
    for name in names[1:]:
        with page.expect_response(re.compile("/api/v1/(locate|nearest-outlets|around|lending-check)")) as got:
            menu.get_by_role("menuitem", name=name).click()
        assert got.value.ok, json.dumps(got.value.json(), ensure_ascii=False)
        expect(menu.locator(".place-told b, .place-told button").first).to_be_visible()
    page.screenshot(path=visitor.site.shots / f"place-{who}.png")
    menu.get_by_role("menuitem", name="复制坐标").click()
    expect(page.locator("#toast")).to_contain_text("CGCS2000")
    assert re.fullmatch(r"\d+\.\d{6},\d+\.\d{6}", page.evaluate("navigator.clipboard.readText()"))
    page.locator(".leaflet-container").press("Shift+F10")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    assert visitor.complaints == []
