"""The map under fingers and on paper: two spread it, a tap opens a card, a long press asks about a place."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, expect

from tests.pages.conftest import Site, Visitor

Point = tuple[float, float]


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Visitor]:
    """A manager's phone."""
    one = Visitor(browser, site, width=360, height=740, touch=True)
    one.sign_in("manager")
    yield one
    assert one.complaints == []
    one.context.close()


def touch(line: CDPSession, kind: str, *points: Point) -> None:
    """Fingers as Chromium itself would be told of them."""
    fingers = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)]
    line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def find_middle(visitor: Visitor) -> Point:
    """The middle of the map on the screen."""
    box = visitor.page.locator("#stage").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_fingers_zoom_the_map_open_a_card_and_ask_about_a_place(phone: Visitor) -> None:
    page = phone.open_map()
    line = phone.context.new_cdp_session(page)
    x, y = find_middle(phone)
    before = page.evaluate("Getu.map.getZoom()")
    touch(line, "touchStart", (x - 20, y), (x + 20, y))
    for step in range(1, 9):
        touch(line, "touchMove", (x - 20 - 5 * step, y), (x + 20 + 5 * step, y))
    touch(line, "touchEnd")
    page.wait_for_function("before => Getu.map.getZoom() > before + 0.5", arg=before)
    assert page.evaluate("visualViewport.scale") == 1  # the map was spread, not the page

    for _ in range(40):  # tiles of the new zoom are on their way
        page.touchscreen.tap(x, y)
        page.wait_for_timeout(250)
        if page.locator("#side").is_visible():
            break
    expect(page.locator("#side h2")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#side")).to_be_hidden()

    touch(line, "touchStart", (x, y))
    expect(page.locator(".place-at")).to_be_visible()
    touch(line, "touchEnd")
    expect(page.locator(".place-at [role=menuitem]").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".place-at")).to_have_count(0)


def test_on_paper_the_map_has_its_legend_and_no_buttons(phone: Visitor) -> None:
    page = phone.open_map()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".print-head")).to_contain_text("陆志明")
    expect(page.locator(".legend-list")).to_be_visible()
    assert page.locator("button:visible, .nav a:visible, input:visible").count() == 0
    # What was drawn is on the picture that stands for the canvas: not one colour alone.
    assert (
        page.evaluate(
            """async () => {
          const picture = document.querySelector(".printed");
          await picture.decode();
          const small = new OffscreenCanvas(32, 32).getContext("2d");
          small.drawImage(picture, 0, 0, 32, 32);
          const seen = new Uint32Array(small.getImageData(0, 0, 32, 32).data.buffer);
          return new Set(seen).size;
        }"""
        )
        > 4
    )
