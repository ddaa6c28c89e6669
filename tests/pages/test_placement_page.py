"""The placement desk in a real browser: every kind of doubt decided with keys, pinned, and taken back."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import text

from app.db import Viewer
from app.db.connection import WORKER
from app.settings import Settings
from tests.maps.seed import Bank
from tests.pages.conftest import PASSWORD, Lend, Site, Visitor, serve_site, work_beside
from tests.pages.placement_bank import lay_desk, list_cases

SIZES = [(1440, 900, "zh"), (1366, 768, "en"), (390, 844, "zh")]
STANDS = """SELECT p.rung, p.method, p.unit_code, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, k.state
    FROM placement p LEFT JOIN placement_case k ON k.customer_id = p.customer_id WHERE p.customer_id = :id"""
SLOW_MS = 60_000
NOBODY = Viewer("getu_head")
NO_BANK = Bank(0, NOBODY, NOBODY, NOBODY, NOBODY, 0, 0)
# The first village, and the second one of its name.
FIRST, NAMESAKE = "320614100200", "320614103221"


@pytest.fixture(scope="module")
def desk(lend: Lend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A bank of this file's own with a worker: what is decided here moves nobody else's customers."""
    with lend("place") as database:
        settings = Settings(
            home=tmp_path_factory.mktemp("desk-home"), cluster_profile="test", import_processes=1
        )
        bank = lay_desk(database, settings)
        with serve_site(database, bank, tmp_path_factory) as site, work_beside(site):
            yield site


@pytest.fixture(scope="module")
def cases(desk: Site) -> dict[str, int]:
    """Customer ids by the key of their row in the file."""
    with desk.database.transaction(WORKER) as session:
        return {key: number for key, (number, _, _) in list_cases(session).items()}


@pytest.fixture(scope="module")
def seat(browser: Browser, desk: Site) -> Iterator[Visitor]:
    """Head office at the desk; whatever happens, not one request leaves the origin."""
    one = Visitor(browser, desk)
    one.sign_in("head")
    yield one
    assert one.outside() == []
    one.context.close()


@pytest.fixture
def page(seat: Visitor) -> Iterator[Page]:
    """The desk's page; nothing is complained of, and what was decided is taken back afterwards."""
    seat.complaints.clear()
    yield seat.page
    assert seat.complaints == []
    for batch in list_batches(seat.site):
        seat.page.evaluate("batch => Getu.send('/api/v1/placement/undo', { batch })", batch)


def list_batches(site: Site) -> list[int]:
    """Batches that stand, the newest first."""
    standing = """SELECT batch FROM placement_step s WHERE undoes IS NULL AND NOT EXISTS
        (SELECT FROM placement_step u WHERE u.undoes = s.id) GROUP BY batch ORDER BY batch DESC"""
    with site.database.transaction(WORKER) as session:
        return [int(batch) for batch in session.scalars(text(standing))]


def open_desk(page: Page, site: Site, kind: str, more: str = "") -> Page:
    """The desk with a kind of doubt listed and its first case open."""
    page.goto("about:blank")
    page.goto(f"{site.address}/placement{more}#kind={kind}")
    page.wait_for_selector("html[data-ready]", state="attached", timeout=SLOW_MS)
    return page


def stands(site: Site, customer_id: int) -> dict[str, Any]:
    """How a customer is placed, and the state of his case."""
    with site.database.transaction(WORKER) as session:
        return dict(session.execute(text(STANDS), {"id": customer_id}).mappings().one())


def rows(page: Page) -> Locator:
    return page.locator(".case-row")


def opened(page: Page) -> int:
    return int(page.locator("#case").get_attribute("data-id") or -1)


def wait_for_case(page: Page, customer_id: int) -> None:
    expect(page.locator(f'html[data-open="{customer_id}"]')).to_be_attached(timeout=SLOW_MS)
    expect(page.locator("#case")).not_to_have_attribute("aria-busy", "true")


def toast(page: Page) -> Locator:
    return page.locator("#toast")


def test_a_namesake_is_chosen_with_two_keys_and_taken_back_with_one(
    page: Page, desk: Site, cases: dict[str, int]
) -> None:
    open_desk(page, desk, "ambiguous")
    expect(page.locator("#tab-ambiguous")).to_have_text(re.compile("存疑5"))
    expect(rows(page)).to_have_count(5)
    assert "颐生村***" in rows(page).first.inner_text()
    first, second = cases["A5"], cases["A4"]
    assert opened(page) == first
    expect(page.locator("#case-title")).to_have_text("海门区颐生村5组5号")
    before = stands(desk, first)
    page.keyboard.press("b")
    expect(page.locator('.choice[aria-checked="true"] .letter')).to_have_text("B")
    expect(page.locator("#do-first")).to_contain_text("采用 B")
    page.keyboard.press("Enter")
    wait_for_case(page, second)
    expect(toast(page)).to_contain_text("已采用 颐生村")
    expect(rows(page)).to_have_count(4)
    expect(page.locator("#today")).to_have_text("今日已处理 1 户")
    now = stands(desk, first)
    assert (now["rung"], now["unit_code"], now["state"]) == (5, NAMESAKE, "decided")
    page.keyboard.press("z")
    wait_for_case(page, first)
    assert stands(desk, first) == before
    expect(rows(page).first).to_have_attribute("aria-current", "true")
    expect(page.locator("#today")).to_have_text("今日已处理 0 户")


def test_all_that_are_written_alike_are_decided_at_once(
    page: Page, desk: Site, cases: dict[str, int]
) -> None:
    open_desk(page, desk, "ambiguous")
    expect(page.locator("#do-same")).to_contain_text("另有 4 条同样写法，一并采用")
    page.keyboard.press("Shift+Enter")
    expect(toast(page)).to_contain_text("共 5 户")
    expect(page.locator(".list-scroll .empty")).to_contain_text("这里没有待办")
    assert {stands(desk, cases[f"A{n}"])["unit_code"] for n in range(1, 6)} == {FIRST}
    page.click("#toast-act")
    expect(rows(page)).to_have_count(5)
    assert {stands(desk, cases[f"A{n}"])["state"] for n in range(1, 6)} == {"open"}


def test_elsewhere_unclear_and_later_are_one_key_each(page: Page, desk: Site, cases: dict[str, int]) -> None:
    open_desk(page, desk, "outside")
    expect(page.locator("#do-first")).to_contain_text("确认辖区外")
    page.keyboard.press("Enter")
    wait_for_case(page, cases["O2"])
    page.keyboard.press("u")
    wait_for_case(page, cases["O1"])
    page.keyboard.press("l")
    expect(page.locator(".list-scroll .empty")).to_be_visible()
    assert [stands(desk, cases[key])["state"] for key in ("O3", "O2", "O1")] == [
        "decided",
        "decided",
        "later",
    ]
    page.get_by_role("button", name="已跳过").click()
    wait_for_case(page, cases["O1"])
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("z")
    expect(toast(page)).to_contain_text("已撤销")
    wait_for_case(page, cases["O1"])
    assert stands(desk, cases["O1"])["state"] == "open"


def test_a_pin_is_dragged_says_where_it_stands_and_is_saved_by_enter(
    page: Page, desk: Site, cases: dict[str, int]
) -> None:
    open_desk(page, desk, "contradiction")
    first = cases["X3"]
    page.keyboard.press("p")
    pin = page.locator(".leaflet-marker-draggable")
    expect(page.locator("#pin-bar")).to_contain_text("通源村网格", timeout=SLOW_MS)
    box = pin.bounding_box()
    assert box is not None
    x, y = box["x"] + 14, box["y"] + 14
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 12, steps=4)
    page.mouse.up()
    lon, lat = page.evaluate("[Getu.caseMap.where().lng, Getu.caseMap.where().lat]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Getu.caseMap.where().lng") > lon
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    expect(pin).to_have_count(0)
    assert stands(desk, first)["state"] == "open"
    page.keyboard.press("p")
    page.evaluate(f"Getu.caseLeaflet.eachLayer(l => l.dragging && l.setLatLng([{lat}, {lon}]))")
    page.keyboard.press("Enter")
    wait_for_case(page, cases["X2"])
    expect(toast(page)).to_contain_text("已落点")
    now = stands(desk, first)
    assert (now["rung"], now["method"], now["state"]) == (1, "pin", "decided")
    assert (now["lon"], now["lat"]) == pytest.approx((lon, lat), abs=1e-6)


def test_of_a_contradiction_the_address_or_the_point_is_taken(
    page: Page, desk: Site, cases: dict[str, int]
) -> None:
    open_desk(page, desk, "contradiction")
    expect(page.locator(".case-why")).to_contain_text("来源坐标离所写的村")
    expect(page.locator(".choice").nth(1)).to_contain_text("来源坐标所在")
    point = stands(desk, cases["X3"])
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    wait_for_case(page, cases["X2"])
    kept = stands(desk, cases["X3"])
    assert (kept["rung"], kept["lon"], kept["lat"]) == (1, point["lon"], point["lat"])
    page.keyboard.press("Enter")
    wait_for_case(page, cases["X1"])
    written = stands(desk, cases["X2"])
    assert (written["rung"], written["unit_code"], written["lon"]) == (5, "320614100201", None)


def test_a_village_pointed_at_or_found_by_name_becomes_a_candidate(
    page: Page, desk: Site, cases: dict[str, int]
) -> None:
    open_desk(page, desk, "low_score")
    expect(page.locator(".case-why")).to_contain_text("没有认出“老供销社”")
    page.keyboard.press("s")
    page.fill("#find-place", "叠翠村")
    expect(page.locator(".place-hits .choice")).to_have_count(1)
    page.press("#find-place", "Enter")
    expect(page.locator('.choice[aria-checked="true"]')).to_contain_text("叠翠村")
    spot = page.evaluate("Getu.caseLeaflet.latLngToContainerPoint(Getu.caseLeaflet.getCenter())")
    frame = page.locator("#map").bounding_box()
    assert frame is not None
    page.mouse.click(frame["x"] + spot["x"], frame["y"] + spot["y"] + 60)
    expect(page.locator('.choice[aria-checked="true"]')).not_to_contain_text("（镇级）")
    page.keyboard.press("s")
    page.fill("#find-place", "叠翠村")
    expect(page.locator(".place-hits .choice")).to_have_count(1)
    page.press("#find-place", "Enter")
    page.keyboard.press("Enter")
    wait_for_case(page, cases["U1"])
    assert stands(desk, cases["U2"])["unit_code"] == "320614100202"


def test_whoever_is_second_hears_who_was_first_and_goes_on(
    seat: Visitor, desk: Site, cases: dict[str, int]
) -> None:
    page = open_desk(seat.page, desk, "contradiction")
    assert opened(page) == cases["X3"]
    with httpx.Client(base_url=desk.address) as other:
        told = other.post("/api/v1/session", json={"login": "chief2", "password": PASSWORD})
        other.headers["X-CSRF-Token"] = told.json()["csrf"]
        answer = other.post(
            f"/api/v1/placement/cases/{cases['X3']}/decide", json={"action": "choose", "code": "320614100201"}
        )
        assert answer.status_code == 200, answer.text
        page.keyboard.press("Enter")
        wait_for_case(page, cases["X2"])
        expect(toast(page)).to_contain_text("二号网格办")
        expect(rows(page)).to_have_count(2)
        other.post("/api/v1/placement/undo", json={"batch": answer.json()["batch"]})
    seat.complaints.clear()  # the browser's own line about the refused request


def test_every_figure_of_the_funnel_opens_its_list(page: Page, desk: Site) -> None:
    open_desk(page, desk, "ambiguous")
    for name, count in (("无地址", 2), ("村未知", None)):
        figure = page.locator(".fig,#village-unknown", has_text=name).first
        told = int(re.sub(r"\D", "", figure.get_attribute("title") or ""))
        figure.click()
        expect(page.locator(".list-head h2")).to_contain_text(name)
        expect(rows(page)).to_have_count(told)
        assert count in (None, told)
    assert "沈小明" not in page.locator("#cases").inner_text()
    page.click("#back-to-cases")
    expect(page.locator("#tab-ambiguous")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("/")
    page.keyboard.type("没有这样的地方")
    expect(page.locator(".list-scroll .empty")).to_contain_text("没有符合条件的待办")
    page.get_by_role("button", name="清除条件").click()
    expect(rows(page)).to_have_count(5)
    page.keyboard.press("?")
    expect(page.locator("#dialog")).to_contain_text("快捷键")
    page.keyboard.press("Escape")


def test_a_file_of_addresses_and_a_run_are_followed_to_their_end(page: Page, desk: Site) -> None:
    open_desk(page, desk, "ambiguous")
    page.click("#batch")
    rows_of_file = "id,address\n1,海门区常乐镇颐生村3组\n2,上海市崇明区陈家镇展宏村\n"
    page.set_input_files(
        "#batch-file", {"name": "地址.csv", "mimeType": "text/csv", "buffer": rows_of_file.encode()}
    )
    page.click("#batch-go")
    expect(page.locator("#dialog")).to_contain_text("2 行", timeout=SLOW_MS)
    with page.expect_download() as kept:
        page.click("#batch-result")
    assert FIRST in kept.value.path().read_text(encoding="utf-8-sig")
    page.keyboard.press("Escape")
    page.click("#rerun")
    page.check('#dialog input[value="open"]')
    page.click("#rerun-go")
    expect(toast(page)).to_contain_text("重跑完成", timeout=SLOW_MS)


@pytest.mark.parametrize(("width", "height", "lang"), SIZES)
def test_the_desk_fits_its_screen(browser: Browser, desk: Site, width: int, height: int, lang: str) -> None:
    one = Visitor(browser, desk, width=width, height=height)
    one.sign_in("head")
    page = open_desk(one.page, desk, "ambiguous", f"?lang={lang}")
    if width < 860:
        assert page.locator("#case").is_hidden()
        rows(page).first.click()
        expect(page.locator("#do-first")).to_be_in_viewport()
        page.screenshot(path=desk.shots / f"placement-{width}.png")
        page.locator(".back").click()
        expect(rows(page).first).to_be_in_viewport()
    else:
        expect(page.locator("#do-unclear")).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollHeight") == height
    assert page.evaluate("document.documentElement.scrollWidth") == width
    if lang == "en":
        words = page.locator("body").inner_text()
        assert not re.search("采用|待办|漏斗|存疑", words)
    page.screenshot(path=desk.shots / f"placement-{width}-{lang}.png")
    assert one.complaints == []
    assert one.outside() == []
    one.context.close()


def test_a_manager_sees_his_own_share_and_an_analyst_is_told_no(browser: Browser, desk: Site) -> None:
    one = Visitor(browser, desk)
    one.sign_in("manager")
    page = open_desk(one.page, desk, "ambiguous")
    expect(page.locator(".list-scroll .empty")).to_contain_text("这里没有待办")
    expect(page.locator(".list-scroll .empty")).to_contain_text("已定位到村或更细")
    assert page.locator("#rerun").count() == 0
    one.context.clear_cookies()
    one.sign_in("analyst")
    one.complaints.clear()
    answer = one.page.goto(f"{desk.address}/placement")
    assert answer is not None
    assert answer.status == 403
    expect(one.page.locator("h1")).to_have_text("没有定位权限")
    assert one.page.get_by_role("link", name="定位归格").count() == 0
    assert one.outside() == []
    one.context.close()


def test_two_who_agree_propose_a_name_and_todays_work_can_be_taken_back_later(
    page: Page, desk: Site, cases: dict[str, int]
) -> None:
    open_desk(page, desk, "low_score")
    for key in ("U2", "U1"):
        wait_for_case(page, cases[key])
        page.keyboard.press("s")
        page.fill("#find-place", "叠翠村")
        expect(page.locator(".place-hits .choice")).to_have_count(1)
        page.press("#find-place", "Enter")
        page.keyboard.press("Enter")
        expect(toast(page)).to_contain_text("已采用 叠翠村")
    open_desk(page, desk, "low_score")
    page.get_by_role("button", name="叫法建议 1").click()
    expect(page.locator("#dialog")).to_contain_text("“老供销社” 就是 叠翠村")
    page.get_by_role("button", name="不认可").click()
    expect(page.locator("#aliases")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#today")).to_have_text("今日已处理 2 户")
    page.click("#today")
    page.locator("#mine .btn").first.click()
    wait_for_case(page, cases["U1"])
    expect(rows(page).filter(has_text="老供销社")).to_have_count(1)
    assert [stands(desk, cases[key])["state"] for key in ("U1", "U2")] == ["open", "decided"]


def test_an_empty_bank_is_told_what_comes_first(
    browser: Browser, lend: Lend, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with lend("place_empty") as database:
        with database.transaction(WORKER) as session:
            session.execute(
                text("INSERT INTO app_user (login, name, role) VALUES ('head', '周海峰', 'head')")
            )
        with serve_site(database, NO_BANK, tmp_path_factory) as site:
            one = Visitor(browser, site)
            one.sign_in("head")
            page = open_desk(one.page, site, "ambiguous")
            expect(page.locator(".list-scroll .empty")).to_contain_text("还没有客户")
            expect(page.get_by_role("link", name="导入").last).to_have_attribute("href", "/imports")
            expect(page.locator("#as-of")).to_contain_text("还没有生效的网格规划")
            assert one.complaints == []
            assert one.outside() == []
            one.context.close()
