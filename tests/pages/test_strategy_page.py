"""The strategy map in a real browser: four viewers look, and not one request leaves the origin."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from tests.pages.conftest import Site, Visitor

SIZES = [(1440, 900), (1366, 768), (360, 740)]


def spot_of_grid(page: Page, name: str) -> tuple[float, float]:
    """Where on the screen the middle of a grid is drawn."""
    found = page.evaluate(
        """name => {
            const row = Getu.testSpots[name];
            const at = Getu.map.latLngToContainerPoint([row[1], row[0]]);
            const box = Getu.map.getContainer().getBoundingClientRect();
            return [at.x + box.left, at.y + box.top];
        }""",
        name,
    )
    return float(found[0]), float(found[1])


def tell_spots(visitor: Visitor) -> dict[str, list[float]]:
    """Grid code -> lon, lat, handed to the page for pointing at."""
    with visitor.site.database.transaction(visitor.site.bank.head) as session:
        rows = session.execute(text("SELECT code, ST_X(anchor), ST_Y(anchor) FROM grid")).all()
    spots = {row[0]: [row[1], row[2]] for row in rows}
    visitor.page.evaluate("spots => { Getu.testSpots = spots }", spots)
    return spots


@pytest.mark.parametrize("who", ["head", "chief", "manager", "analyst"])
def test_the_map_is_drawn_for_each_viewer_and_no_request_leaves_the_origin(
    visitor: Visitor, who: str
) -> None:
    visitor.sign_in_by_page(who)
    page = visitor.open_map()
    expect(page.locator("html")).to_have_attribute("data-drawn", "gl")
    assert visitor.outside() == []
    assert any("/tiles/" in url for url in visitor.requests)
    assert visitor.complaints == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_size_and_language_fits_its_screen(
    browser: Browser, site: Site, size: tuple[int, int], lang: str
) -> None:
    visitor = Visitor(browser, site, width=size[0], height=size[1])
    visitor.sign_in("head")
    page = visitor.open_map(f"?lang={lang}")
    shot = Path(site.shots) / f"map-{size[0]}-{lang}.png"
    page.screenshot(path=shot)
    assert shot.stat().st_size > 30_000  # a blank sheet is far smaller
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.evaluate("document.documentElement.scrollHeight") <= size[1]
    assert page.locator("html").get_attribute("lang") == ("zh-CN" if lang == "zh" else "en")
    visitor.context.close()


def test_whoever_is_not_signed_in_is_sent_to_sign_in(visitor: Visitor) -> None:
    visitor.page.goto(visitor.site.address)
    assert visitor.page.url.endswith("/login")
    assert visitor.page.title().startswith("登录")


def test_a_wrong_password_is_told_beside_its_field(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.site.address}/login")
    visitor.page.fill("#u", "head")
    visitor.page.fill("#p", "wrong")
    visitor.page.click("#go")
    expect(visitor.page.locator("#e")).to_contain_text("工号或密码不对")
    expect(visitor.page.locator("#p")).to_have_attribute("aria-invalid", "true")


def test_signing_in_follows_no_address_elsewhere(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.site.address}/login?next=//evil.example/")
    visitor.page.fill("#u", "head")
    visitor.page.fill("#p", "getu-test-password")
    visitor.page.click("#go")
    visitor.page.wait_for_url(f"{visitor.site.address}/")
    assert visitor.outside() == []


def test_a_click_on_a_grid_opens_its_card_and_its_customers(visitor: Visitor) -> None:
    visitor.sign_in("head")
    page = visitor.open_map()
    spots = tell_spots(visitor)
    code = sorted(spots)[44]  # no symbol stands on its middle
    page.mouse.click(*spot_of_grid(page, code))
    card = page.locator("#side .card")
    expect(card.locator("header")).to_contain_text(code)
    expect(card).to_contain_text("定位精度")
    assert "card=grid:" in page.url
    card.get_by_role("button", name="查看客户").click()
    rows = page.locator("#list tbody tr")
    expect(rows.first).to_be_visible()
    assert re.search(r"已列 \d+ / \d+ 户", page.locator("#list .foot").inner_text())
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    assert "card=" not in page.url


def test_the_card_tells_what_the_database_holds(visitor: Visitor) -> None:
    visitor.sign_in("head")
    page = visitor.open_map()
    spots = tell_spots(visitor)
    code = sorted(spots)[60]
    page.mouse.click(*spot_of_grid(page, code))
    with visitor.site.database.transaction(visitor.site.bank.head) as session:
        existing, prospects = session.execute(
            text(
                "SELECT existing, prospects FROM grid_count c JOIN grid g ON g.id = grid_id WHERE code = :c"
            ),
            {"c": code},
        ).one()
    values = page.locator("#side .quad .v")
    expect(values).to_have_count(4)
    expect(values.nth(1)).to_have_text(str(existing))
    expect(values.nth(2)).to_have_text(str(prospects))


def test_search_finds_a_village_by_keyboard_and_opens_it(visitor: Visitor) -> None:
    visitor.sign_in("head")
    page = visitor.open_map()
    page.keyboard.press("/")
    page.keyboard.type("颐生")
    option = page.locator("#results [role=option]").first
    expect(option).to_contain_text("颐生")
    page.keyboard.press("Enter")
    expect(page.locator("#results")).to_be_hidden()


def test_layers_switch_and_the_legend_follows(visitor: Visitor) -> None:
    visitor.sign_in("head")
    page = visitor.open_map()
    legend = page.locator("#legend")
    expect(legend.get_by_text("战略客户")).to_be_visible()
    page.locator("[data-layer=key_clients]").uncheck()
    expect(legend.get_by_text("战略客户")).to_be_hidden()
    page.select_option("#tint", "coverage")
    expect(legend).to_contain_text("已服务家庭 ÷ 全部家庭：")
    page.select_option("#tint", "state")
    expect(legend.get_by_text("有经理")).to_be_visible()
    expect(legend.get_by_text("已服务家庭 ÷ 全部家庭：")).to_be_hidden()
    page.select_option("#tint", "coverage")
    with page.expect_request(re.compile("/tiles/customers/")):
        page.locator("[data-layer=customers]").check()
    assert "tint=coverage" in page.url
    assert "on=customers" in page.url


def test_a_view_sent_to_a_colleague_opens_the_same(browser: Browser, site: Site) -> None:
    first, second = Visitor(browser, site), Visitor(browser, site)
    first.sign_in("head")
    page = first.open_map()
    page.select_option("#tint", "branch")
    page.select_option("#branch", index=2)
    page.wait_for_url(re.compile("at="))
    second.sign_in("head")
    other = second.open_map(page.url.removeprefix(site.address + "/"))
    assert other.input_value("#branch") == page.input_value("#branch")
    assert other.input_value("#tint") == "branch"
    assert other.evaluate("Getu.map.getZoom()") == pytest.approx(
        page.evaluate("Getu.map.getZoom()"), abs=0.11
    )
    first.context.close()
    second.context.close()


def test_without_webgl_the_same_tiles_are_drawn_and_a_click_still_opens_the_card(visitor: Visitor) -> None:
    visitor.sign_in("head")
    visitor.context.add_init_script(
        "const real = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        " return kind.startsWith('webgl') ? null : real.call(this, kind, ...more); }"
    )
    page = visitor.open_map()
    expect(page.locator("html")).to_have_attribute("data-drawn", "tiles")
    expect(page.locator(".map-name").nth(5)).to_be_attached()
    page.screenshot(path=Path(visitor.site.shots) / "map-plain.png")
    spots = tell_spots(visitor)
    code = sorted(spots)[44]  # no symbol stands on its middle
    page.mouse.click(*spot_of_grid(page, code))
    expect(page.locator("#side .card header")).to_contain_text(code)
    assert visitor.outside() == []
    assert visitor.complaints == []


def test_an_ended_session_leads_back_to_the_sign_in_page(visitor: Visitor) -> None:
    visitor.sign_in("head")
    page = visitor.open_map()
    spots = tell_spots(visitor)
    visitor.context.clear_cookies()
    page.mouse.click(*spot_of_grid(page, sorted(spots)[44]))
    page.get_by_role("link", name="重新登录").click()
    expect(page).to_have_url(re.compile("/login"))


def test_signing_out_ends_the_session(visitor: Visitor) -> None:
    visitor.sign_in_by_page("head")
    page = visitor.open_map()
    page.click("#sign-out")
    page.wait_for_url(re.compile("/login"))
    page.goto(visitor.site.address)
    assert page.url.endswith("/login")


def test_the_language_stays_chosen(visitor: Visitor) -> None:
    visitor.sign_in("head")
    visitor.open_map("?lang=en")
    page = visitor.open_map()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.click("#lang")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_on_a_phone_the_panel_opens_over_the_map(browser: Browser, site: Site) -> None:
    visitor = Visitor(browser, site, width=360, height=740)
    visitor.sign_in("manager")
    page = visitor.open_map()
    panel = page.locator("#panel")
    expect(panel).to_be_hidden()
    page.click("#open-panel")
    expect(panel).to_be_visible()
    page.screenshot(path=Path(site.shots) / "phone-panel.png")
    page.click("#close-panel")
    expect(panel).to_be_hidden()
    visitor.context.close()


def test_the_stand_alone_file_opens_without_a_server_and_asks_for_nothing(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    from app.maps.strategy import draw_map

    with site.database.transaction(site.bank.head) as session:
        (tmp_path / "map.html").write_text(draw_map(session), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    asked: list[str] = []
    complaints: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((tmp_path / "map.html").as_uri())
    page.wait_for_selector("html[data-drawn=shapes][data-ready]", state="attached")
    page.screenshot(path=Path(site.shots) / "stand-alone.png")
    page.fill("#q", "颐生")
    page.locator("#results [role=option]").first.click()
    expect(page.locator("#side .card")).to_contain_text("颐生")
    assert [url for url in asked if not url.startswith("data:")] == [(tmp_path / "map.html").as_uri()]
    assert complaints == []
    context.close()


def test_the_pages_policy_lets_nothing_in_from_outside(visitor: Visitor) -> None:
    visitor.sign_in("head")
    answer = visitor.page.goto(f"{visitor.site.address}/")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    script = next(part for part in policy.split(";") if "script-src " in part)
    assert "unsafe" not in script
    ran = visitor.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.broken = 1';"
        " document.body.append(s); return window.broken === 1 }"
    )
    assert ran is False


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_sign_in_page_fits_every_screen(browser: Browser, site: Site, size: tuple[int, int]) -> None:
    visitor = Visitor(browser, site, width=size[0], height=size[1])
    visitor.page.goto(f"{site.address}/login")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    box = visitor.page.locator("#go").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size[0]
    assert visitor.outside() == []
    visitor.context.close()
