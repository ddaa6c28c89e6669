"""The map's cards and its filter in a browser: opened, walked, sent to a colleague, on a phone."""

import re

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from tests.pages.conftest import Site, Visitor


def find_one(site: Site, query: str) -> int:
    """A number from the database, as nobody's viewer."""
    with site.database.transaction(site.bank.head) as session:
        return int(session.scalar(text(query)) or 0)


def own_customer(site: Site, foreign: bool = False) -> int:
    """A customer with a point, of the manager's first grid or of a grid far from his."""
    order = "DESC" if foreign else "ASC"
    return find_one(
        site,
        "SELECT a.customer_id FROM assignment a WHERE a.geom IS NOT NULL AND a.grid_id IS NOT NULL"
        f" ORDER BY a.grid_id {order}, 1 LIMIT 1",
    )


def card_of(page: Page) -> None:
    expect(page.locator("#side .card:not(.bones) h2")).to_be_visible()


def test_filters_combine_live_in_the_address_and_are_counted(visitor: Visitor) -> None:
    visitor.sign_in("head")
    page = visitor.open_map()
    page.click("#filter-more summary")
    page.select_option("#f-standing", "prospect")
    page.select_option("#f-rung", "5")
    page.select_option("#branch", index=1)
    n = find_one(
        visitor.site,
        "SELECT count(*) FROM assignment a JOIN grid g ON g.id = a.grid_id"
        " WHERE a.standing = 'prospect' AND a.rung = 5 AND g.branch_id ="
        " (SELECT b.id FROM branch b JOIN grid h ON h.branch_id = b.id ORDER BY b.code LIMIT 1)",
    )
    expect(page.locator("#filter-count")).to_contain_text(f"符合条件 {n} 户")
    expect(page.locator("#chips button")).to_have_count(3)
    assert {"branch", "standing", "rung"} <= set(re.findall(r"(\w+)=", page.url))
    with page.expect_request(lambda r: "/tiles/" in r.url and "standing=prospect" in r.url):
        page.locator('[data-layer="customers"]').check(force=True)
    page.click("#filter-list")
    expect(page.locator("#list tbody tr")).to_have_count(min(n, 50))
    page.keyboard.press("Escape")
    page.locator("#chips button").first.click()
    expect(page.locator("#chips button")).to_have_count(2)
    page.click("#clear")
    expect(page.locator("#chips button")).to_have_count(0)
    expect(page.locator("#filter-count")).to_be_hidden()
    assert "standing" not in page.url
    assert visitor.complaints == []


def test_a_view_sent_to_a_colleague_is_cut_to_his_rights_and_says_so(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.sign_in("head")
    page = visitor.open_map("#standing=existing")
    page.locator("#share").click()
    expect(page).to_have_url(re.compile("sight="))
    view = page.url.partition("#")[2]
    other = Visitor(browser, visitor.site)
    other.sign_in("manager")
    page = other.open_map(f"#{view}")
    expect(page.locator("#filter-note")).to_contain_text("只显示您有权看到的部分")
    expect(page.locator("#filter-count")).to_contain_text("符合条件")
    page = other.open_map("#manager=JH0019&tier=key")
    expect(page.locator("#filter-note")).to_contain_text("JH0019")
    expect(page.locator("#chips button")).to_have_count(1)
    other.context.close()


def test_a_customers_card_is_reached_by_arrows_and_leads_to_his_manager_and_branch(visitor: Visitor) -> None:
    visitor.sign_in("manager")
    page = visitor.open_map()
    grid = find_one(visitor.site, "SELECT min(grid_id) FROM duty WHERE role = 'primary'")
    page.evaluate("id => Getu.cards.open('grid', id)", grid)
    card_of(page)
    assert page.evaluate("document.activeElement.id") == "card-title"
    page.locator("#side").get_by_role("button", name="查看客户").click()
    expect(page.locator("#list tbody .row-btn").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    card = page.locator("#side .card")
    expect(card).to_contain_text("归格")
    assert re.search(r"card=customer:\d+", page.url)
    for name in (re.compile("JH0000"), "常乐支行"):
        card.get_by_role("button", name=name).first.click()
        expect(card).to_contain_text("网格")
        card_of(page)
    assert "card=branch:" in page.url
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    assert "card=" not in page.url
    assert visitor.complaints == []


def test_a_card_out_of_sight_says_so_and_a_clear_value_asks_why(visitor: Visitor) -> None:
    site = visitor.site
    visitor.sign_in("manager")
    page = visitor.open_map(f"#card=customer:{own_customer(site, foreign=True)}")
    expect(page.locator("#side")).to_contain_text("没有这位客户，或不在您的范围内")
    one = own_customer(site)
    page = visitor.open_map(f"#card=customer:{one}")
    card_of(page)
    page.get_by_role("button", name="看明文").click()
    page.fill("#reveal-why", "电话预约走访")
    page.get_by_role("button", name="确认查看").click()
    expect(page.locator("#side")).to_contain_text("某某")
    seen = find_one(
        site, f"SELECT count(*) FROM audit WHERE action = 'reveal_customer' AND {one} = ANY (customer_ids)"
    )
    assert seen == 1
    before = find_one(site, "SELECT count(*) FROM visit")
    page.get_by_role("button", name="登记走访").click()
    page.select_option("#visit-outcome", "absent")
    page.get_by_role("button", name="提交走访").click()
    expect(page.locator("#toast")).to_contain_text("走访已登记")
    expect(page.locator("#side .badge").first).to_have_text("不在")
    assert find_one(site, "SELECT count(*) FROM visit") == before + 1


def test_a_click_on_a_customers_point_opens_his_card(visitor: Visitor) -> None:
    visitor.sign_in("head")
    one = own_customer(visitor.site)
    with visitor.site.database.transaction(visitor.site.bank.head) as session:
        lon, lat = session.execute(
            text("SELECT ST_X(geom), ST_Y(geom) FROM assignment WHERE customer_id = :id"), {"id": one}
        ).one()
    page = visitor.open_map(f"#at=16/{lat}/{lon}&on=customers")
    page.wait_for_function("Getu.painter.gl.loaded() && Getu.painter.gl.areTilesLoaded()")
    box = page.locator("#stage").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card_of(page)
    assert page.url.endswith(f"card=customer:{one}")


def test_on_a_phone_the_card_is_a_sheet_of_three_heights(browser: Browser, site: Site) -> None:
    visitor = Visitor(browser, site, width=360, height=740)
    visitor.sign_in("manager")
    page = visitor.open_map(f"#card=customer:{own_customer(site)}")
    card_of(page)
    heights = []
    for _ in range(3):
        heights.append(page.evaluate("document.querySelector('#side').offsetHeight"))
        page.locator(".sheet-bar").click()
    half, full, peek = heights
    assert peek < half < full
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = page.eval_on_selector_all(
        "#side .foot .btn", "all => all.filter((b) => b.offsetHeight < 48).length"
    )
    assert small == 0
    visitor.context.close()
