"""A machine without WebGL: the same tiles on canvases, and all that is switched on later."""

from playwright.sync_api import expect

from tests.pages.conftest import Visitor


def test_layers_that_come_later_are_drawn_and_cut_by_the_filter_without_webgl(visitor: Visitor) -> None:
    visitor.sign_in("head")
    page = visitor.open_map("?gl=0")
    assert page.get_attribute("html", "data-drawn") == "tiles"
    with page.expect_response("**/tiles/density/**"):
        page.check("[data-layer=density]", force=True)
    with page.expect_response("**/tiles/terminals/**"):
        page.check("[data-layer=terminals]", force=True)
    page.locator("#filter-more summary").click()
    with page.expect_response(
        lambda answer: "/tiles/density/" in answer.url and "tier=key" in answer.url
    ) as cut:
        page.select_option("#f-tier", "key")
    assert cut.value.ok
    expect(page.locator("#filter-count")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert visitor.complaints == []
    assert visitor.outside() == []
