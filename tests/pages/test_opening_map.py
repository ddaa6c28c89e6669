"""The opening map stands before WebGL begins, looks like what follows, and goes when that is there."""

import io
import json
import re

from PIL import Image, ImageChops
from playwright.sync_api import Browser, expect

from tests.pages.conftest import Site, Visitor

ORDER = """window.seen = [];
new MutationObserver(() => {
    const now = document.documentElement.dataset.drawn;
    if (now && seen[seen.length - 1] !== now) seen.push(now);
}).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-drawn"] });"""


def picture(visitor: Visitor) -> Image.Image:
    """The middle of the map, where no panel lies."""
    shot = Image.open(io.BytesIO(visitor.page.screenshot())).convert("RGB")
    return shot.crop((500, 190, 1300, 620))


def test_the_opening_map_is_followed_by_the_same_map_drawn_with_webgl(browser: Browser, site: Site) -> None:
    pictures = []
    for worker in (False, True):
        visitor = Visitor(browser, site)
        visitor.sign_in("head")
        visitor.page.add_init_script(ORDER)
        if not worker:  # without its worker MapLibre never has a tile: what is seen is the opening map
            visitor.context.route("**/maplibre-gl-csp-worker.js*", lambda route: None)
        visitor.page.goto(f"{site.address}/", wait_until="commit")
        mark = "gl" if worker else "opening"
        visitor.page.wait_for_selector(f"html[data-drawn={mark}][data-ready]", state="attached")
        pictures.append(picture(visitor))
        assert visitor.page.evaluate("window.seen") == (["opening", "gl"] if worker else ["opening"])
        assert visitor.page.locator("canvas.opening").count() == (0 if worker else 1)
        visitor.context.close()
    apart = ImageChops.difference(*pictures).convert("L").point(lambda value: 255 if value > 40 else 0)
    share = apart.histogram()[255] / (apart.width * apart.height)
    assert share < 0.06
    assert len(pictures[0].getcolors(1 << 20) or []) > 200  # a map, no empty sheet


def test_a_click_on_the_opening_map_is_answered(visitor: Visitor) -> None:
    visitor.sign_in("head")
    visitor.page.goto(f"{visitor.site.address}/", wait_until="commit")
    visitor.page.wait_for_selector("html[data-drawn=opening][data-ready]", state="attached")
    visitor.page.mouse.click(860, 420)
    expect(visitor.page.locator("#side .card")).to_be_visible(timeout=20_000)
    assert re.search("card=", visitor.page.url)


def test_what_the_address_asks_for_is_not_covered_by_the_opening_map(visitor: Visitor) -> None:
    visitor.sign_in("head")
    visitor.page.add_init_script(ORDER)
    page = visitor.open_map("#tint=visited")
    assert page.evaluate("window.seen") == ["gl"]


def test_it_stays_with_a_word_while_no_tile_can_be_fetched_and_goes_when_they_come(visitor: Visitor) -> None:
    visitor.sign_in("head")
    visitor.page.add_init_script(ORDER)
    away = json.dumps({"type": "about:blank", "title": "away", "status": 503, "code": "tiles_busy"})
    tiles = re.compile(r"/tiles/.*\.mvt")
    visitor.context.route(
        tiles,
        lambda route: route.fulfill(status=503, content_type="application/problem+json", body=away),
    )
    page = visitor.page
    page.goto(f"{visitor.site.address}/", wait_until="commit")
    expect(page.locator("#note")).to_contain_text("先显示概图")
    page.wait_for_timeout(1500)
    assert page.locator("canvas.opening").count() == 1
    assert page.evaluate("window.seen") == ["opening"]
    assert len(picture(visitor).getcolors(1 << 20) or []) > 200
    visitor.context.unroute(tiles)
    expect(page.locator("html")).to_have_attribute("data-drawn", "gl")
    expect(page.locator("#note")).to_be_hidden()
    assert page.locator("canvas.opening").count() == 0
    assert len(picture(visitor).getcolors(1 << 20) or []) > 200
