"""Pinning on the spot in a real browser: the fix, the hand that corrects it, lost networks, and the undo."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect
from sqlalchemy import text

from app.db.connection import WORKER
from tests.maps.seed import lay_bank
from tests.pages.conftest import Lend, Site, Visitor, serve_site

SIZES = [(360, 740, "zh"), (390, 844, "en"), (740, 360, "zh")]
GOOD_M, FAIR_M, POOR_M = 8.0, 60.0, 240.0
SPOT = """
SELECT c.id, c.name, ST_X(g.anchor) AS lon, ST_Y(g.anchor) AS lat, g.name AS grid
FROM assignment a JOIN customer c ON c.id = a.customer_id JOIN grid g ON g.id = a.grid_id
JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' JOIN app_user u ON u.staff_id = d.staff_id
WHERE u.login = 'manager' AND a.rung = 5 ORDER BY c.id"""
STEPS = "SELECT action, accuracy_m, note FROM placement_step WHERE customer_id = :id ORDER BY id"
STANDS = """
SELECT p.rung, p.method, p.accuracy_m, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
FROM placement p WHERE p.customer_id = :id"""


@pytest.fixture(scope="module")
def ground(lend: Lend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A small bank of this file's own: what is pinned here moves nobody else's customers."""
    with lend("pin") as database:
        bank = lay_bank(database, grids=12, customers=400)
        with serve_site(database, bank, tmp_path_factory) as site:
            yield site


def ask(site: Site, query: str, **params: Any) -> list[Any]:
    with site.database.transaction(WORKER) as session:
        return list(session.execute(text(query), params).all())


@pytest.fixture(scope="module")
def spots(ground: Site) -> list[Any]:
    """Customers of the manager's own grids who have no point, each with the middle of his grid."""
    return ask(ground, SPOT)


@pytest.fixture(scope="module")
def pocket(browser: Browser, ground: Site) -> Iterator[Visitor]:
    """A manager's phone; whatever happens, not one request leaves the origin."""
    one = Visitor(browser, ground, width=360, height=740)
    one.sign_in("manager")
    yield one
    assert one.outside() == []
    one.context.close()


@pytest.fixture
def phone(pocket: Visitor) -> Iterator[Visitor]:
    """The phone as it was bought: with a network, without leave to locate, with nothing kept on it."""
    pocket.complaints.clear()
    yield pocket
    pocket.context.set_offline(False)
    pocket.context.clear_permissions()
    pocket.page.unroute_all()
    pocket.page.evaluate("localStorage.clear()")
    pocket.page.goto("about:blank")


def stand(phone: Visitor, spot: Any, *, accuracy: float, east: float = 0.0) -> None:
    """The phone is at a spot, or some degrees east of it."""
    phone.context.grant_permissions(["geolocation"])
    fix = {"longitude": spot.lon + east, "latitude": spot.lat, "accuracy": accuracy}
    phone.context.set_geolocation(fix)  # type: ignore[arg-type]


def open_customer(phone: Visitor, spot: Any) -> Page:
    """The page of one customer, as a link opens it."""
    phone.page.goto(f"{phone.site.address}/pin?customer={spot.id}")
    expect(phone.page.locator("#go")).to_be_visible()
    return phone.page


def touch_map(page: Page, x: float, y: float) -> None:
    """Tap the map at a share of its width and height."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)


def test_a_customer_is_pinned_where_the_manager_stands_and_taken_back(
    phone: Visitor, spots: list[Any]
) -> None:
    spot = spots[0]
    before = ask(phone.site, STANDS, id=spot.id)
    stand(phone, spot, accuracy=GOOD_M)
    page = open_customer(phone, spot)
    expect(page.locator("#gps")).to_contain_text("精度 ±8 米")
    expect(page.locator("#ground")).to_have_text(f"图钉在{spot.grid}")
    page.fill("#note", "红色大门")
    page.click("#go")
    expect(page.locator("#verdict")).to_have_text("已定位")
    expect(page.locator("#sheet")).to_contain_text(f"归入 {spot.grid}")
    (stands,) = ask(phone.site, STANDS, id=spot.id)
    assert (stands.rung, stands.method, stands.accuracy_m) == (1, "pin", GOOD_M)
    assert (stands.lon, stands.lat) == pytest.approx((spot.lon, spot.lat), abs=1e-6)
    assert tuple(ask(phone.site, STEPS, id=spot.id)[-1]) == ("pin", GOOD_M, "红色大门")
    page.click("#undo")
    expect(page.locator("#toast")).to_have_text("已撤销，恢复原样")
    assert ask(phone.site, STANDS, id=spot.id) == before


def test_a_poor_fix_is_used_only_when_said_twice_and_a_move_by_hand_is_noted(
    phone: Visitor, spots: list[Any]
) -> None:
    spot = spots[1]
    stand(phone, spot, accuracy=POOR_M)
    page = open_customer(phone, spot)
    expect(page.locator("#gps")).to_contain_text("误差大")
    page.click("#go")
    expect(page.locator("#ask")).to_contain_text("定位误差 ±240 米，仍要用吗")
    page.get_by_role("button", name="再等等").click()
    assert ask(phone.site, STEPS, id=spot.id) == []
    touch_map(page, 0.2, 0.4)
    expect(page.locator("#ground")).to_contain_text("图钉离定位点")
    page.click("#go")
    page.get_by_role("button", name="仍然使用").click()
    expect(page.locator("#verdict")).to_have_text("已定位")
    (step,) = ask(phone.site, STEPS, id=spot.id)
    assert step.accuracy_m == POOR_M
    assert step.note.startswith("手工移动 ")


def test_a_better_fix_moves_the_pin_until_a_hand_has_moved_it(phone: Visitor, spots: list[Any]) -> None:
    spot = spots[2]
    stand(phone, spot, accuracy=FAIR_M)
    page = open_customer(phone, spot)
    expect(page.locator("#gps")).to_contain_text("可用")
    page.locator(".pin-mark").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#ground")).to_contain_text("图钉离定位点 5 米")
    stand(phone, spot, accuracy=GOOD_M, east=0.0002)
    expect(page.locator("#gps")).to_contain_text("精度 ±8 米")
    expect(page.locator("#ground")).to_contain_text("图钉离定位点 20 米")
    page.get_by_role("button", name="回到我的位置").click()
    expect(page.locator("#ground")).not_to_contain_text("图钉离定位点")


def test_without_leave_to_locate_the_pin_is_put_by_hand_and_has_no_accuracy(
    phone: Visitor, spots: list[Any]
) -> None:
    spot = spots[3]
    phone.context.clear_permissions()
    page = open_customer(phone, spot)
    expect(page.locator("#gps-why")).to_contain_text("没有定位权限")
    expect(page.locator("#go")).to_be_disabled()
    touch_map(page, 0.5, 0.5)
    expect(page.locator("#ground")).to_contain_text("手工放置，没有定位精度")
    page.click("#go")
    expect(page.locator("#verdict")).to_have_text("已定位")
    (step,) = ask(phone.site, STEPS, id=spot.id)
    assert (step.action, step.accuracy_m) == ("pin", None)


def test_a_pin_made_without_a_network_waits_and_is_sent_once(phone: Visitor, spots: list[Any]) -> None:
    spot = spots[4]
    stand(phone, spot, accuracy=GOOD_M)
    page = open_customer(phone, spot)
    expect(page.locator("#gps")).to_contain_text("±8 米")
    phone.context.set_offline(True)
    page.click("#go")
    expect(page.locator("#verdict")).to_have_text("已存在本机，联网后自动发送")
    expect(page.locator("#waiting")).to_have_text("待发送 1")
    assert ask(phone.site, STEPS, id=spot.id) == []
    page.click("#waiting")
    expect(page.locator("#queue")).to_contain_text("每条只发一次")
    page.get_by_role("button", name="关闭").click()
    phone.context.set_offline(False)
    expect(page.locator("#verdict")).to_have_text("已定位")
    expect(page.locator("#waiting")).to_be_hidden()
    assert len(ask(phone.site, STEPS, id=spot.id)) == 1


def test_an_answer_that_is_lost_on_its_way_doubles_nothing(phone: Visitor, spots: list[Any]) -> None:
    spot = spots[5]
    stand(phone, spot, accuracy=GOOD_M)
    page = open_customer(phone, spot)
    expect(page.locator("#gps")).to_contain_text("±8 米")
    sent: list[str] = []

    def lose_first(route: Route, request: Request) -> None:
        sent.append(request.post_data_json["client_key"])
        if len(sent) == 1:
            route.fetch()
            return route.abort()
        return route.continue_()

    page.route("**/api/v1/customers/*/pin", lose_first)
    page.click("#go")
    expect(page.locator("#verdict")).to_have_text("已存在本机，联网后自动发送")
    assert len(ask(phone.site, STEPS, id=spot.id)) == 1
    # Closed and opened again: what waits is sent with the key it was made with.
    page.goto(f"{phone.site.address}/pin")
    expect(page.locator("#waiting")).to_be_hidden()
    expect(page.locator("#customers[aria-busy]")).to_have_count(0)
    assert len(sent) == 2
    assert len(set(sent)) == 1
    assert len(ask(phone.site, STEPS, id=spot.id)) == 1


def test_a_pin_is_neither_sent_by_another_person_nor_lost(phone: Visitor, spots: list[Any]) -> None:
    spot = spots[6]
    page = open_customer(phone, spot)
    page.evaluate(
        """id => localStorage.setItem('getu-pins', JSON.stringify([{login: 'somebody', customer_id: id,
        name: '沈**', at: '2026-11-20T08:00:00Z', body: {lon: 121.2, lat: 31.9, datum: 'wgs84',
        client_key: 'pin-of-somebody'}}]))""",
        spot.id,
    )
    page.goto(f"{phone.site.address}/pin")
    expect(page.locator("#customers[aria-busy]")).to_have_count(0)
    expect(page.locator("#waiting")).to_be_hidden()
    assert ask(phone.site, STEPS, id=spot.id) == []
    assert "pin-of-somebody" in page.evaluate("localStorage.getItem('getu-pins')")


def test_open_questions_come_first_then_those_without_a_point_and_a_name_is_found(
    phone: Visitor, spots: list[Any]
) -> None:
    spot = spots[-1]
    with phone.site.database.transaction(WORKER) as session:
        session.execute(
            text("""INSERT INTO placement_case (customer_id, kind, score, prefix, answer)
                VALUES (:id, 'contradiction', 0.9, '', '{}')"""),
            {"id": spot.id},
        )
    page = phone.page
    page.goto(f"{phone.site.address}/pin")
    first = page.locator(".pin-row").first
    expect(first).to_contain_text("地址与坐标不符")
    expect(first).to_have_attribute("data-customer", str(spot.id))
    expect(page.locator(".pin-row").nth(1)).to_contain_text(re.compile("村级|自然村"))
    expect(page.locator("#counts")).to_contain_text("待定位")
    assert spot.name not in page.content()
    page.fill("#q", spot.name)
    expect(page.locator(f".pin-row[data-customer='{spot.id}']")).to_be_visible()
    page.fill("#q", "%")
    expect(page.locator("#customers")).to_contain_text("没有这样开头的名字")
    page.fill("#q", "")
    first.click()
    page.get_by_role("button", name="看姓名地址").click()
    expect(page.locator("#who")).to_have_text(spot.name)


def test_the_map_of_a_phone_leads_there(phone: Visitor) -> None:
    page = phone.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{phone.site.address}/")
    page.locator("#open-panel").click()
    page.get_by_role("link", name="就地定位").click()
    expect(page.locator(".pin-row").first).to_be_visible()


def test_another_managers_customer_is_not_opened(phone: Visitor) -> None:
    foreign = ask(
        phone.site,
        f"SELECT customer_id FROM assignment WHERE grid_id IS NOT NULL"
        f" AND customer_id NOT IN (SELECT id FROM ({SPOT}) AS mine) AND rung = 5 LIMIT 1",
    )[0][0]
    phone.page.goto(f"{phone.site.address}/pin?customer={foreign}")
    expect(phone.page.locator("#toast")).to_have_text("没有这位客户，或不在您的范围内")
    expect(phone.page.locator("#list")).to_be_visible()


def test_an_analyst_is_told_that_he_may_not_pin(browser: Browser, ground: Site) -> None:
    visitor = Visitor(browser, ground, width=360, height=740)
    visitor.sign_in("analyst")
    answer = visitor.page.goto(f"{ground.address}/pin")
    assert answer is not None
    assert answer.status == 403
    expect(visitor.page.locator("main")).to_contain_text("您的岗位不能定位客户")
    visitor.context.close()


@pytest.mark.parametrize(("width", "height", "lang"), SIZES)
def test_the_page_fits_a_phone_and_its_targets_fit_a_thumb(
    phone: Visitor, spots: list[Any], width: int, height: int, lang: str
) -> None:
    page, spot = phone.page, spots[7]
    page.set_viewport_size({"width": width, "height": height})
    stand(phone, spot, accuracy=POOR_M)
    page.goto(f"{phone.site.address}/pin?lang={lang}")
    for view in ("list", "one"):
        if view == "one":
            page.locator(".pin-row").nth(1).click()
            expect(page.locator("#gps .badge.warn")).to_be_visible()
        else:
            expect(page.locator(".pin-row").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=phone.site.shots / f"pin-{view}-{width}-{lang}.png")
        for target in page.locator("button:visible, a.btn:visible, input:visible").all():
            box = target.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 44, target.inner_text()
    assert phone.complaints == []
