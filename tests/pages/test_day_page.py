"""A manager's day in a real browser: list, lost signal, photographs, refusals, another person's entry."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect
from sqlalchemy import text

from app.db.connection import WORKER
from tests.maps.seed import lay_bank
from tests.pages.conftest import Lend, Site, Visitor, serve_site

VISITS = """SELECT v.id, v.outcome, v.note, v.inside_grid, v.clock_off_s, v.customer_id,
    (SELECT count(*) FROM visit_photo f WHERE f.visit_id = v.id) AS photos FROM visit v ORDER BY v.id"""
MIDDLE = """SELECT ST_X(g.anchor) AS lon, ST_Y(g.anchor) AS lat FROM grid g
    JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' JOIN app_user u ON u.staff_id = d.staff_id
    WHERE u.login = 'manager' ORDER BY g.code LIMIT 1"""


@pytest.fixture(scope="module")
def ground(lend: Lend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A small bank of this file's own: who is visited here is visited nowhere else."""
    with lend("day") as database:
        bank = lay_bank(database, grids=12, customers=400)
        with serve_site(database, bank, tmp_path_factory) as site:
            yield site


def ask(site: Site, query: str) -> list[Any]:
    with site.database.transaction(WORKER) as session:
        return list(session.execute(text(query)).all())


@pytest.fixture
def phone(browser: Browser, ground: Site) -> Iterator[Visitor]:
    """A manager's phone, new; not one request leaves the origin."""
    with ground.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM visit"))
        session.execute(text("UPDATE customer SET last_visit_on = NULL"))
    one = Visitor(browser, ground, width=360, height=740)
    one.sign_in("manager")
    yield one
    assert one.outside() == []
    one.context.close()


def open_day(phone: Visitor) -> Page:
    """The day, with its list drawn and its worker in charge."""
    phone.page.goto(f"{phone.site.address}/day")
    phone.page.wait_for_selector("html[data-ready]", state="attached")
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return phone.page


def fill_form(page: Page) -> None:
    """Check in with whoever stands first: met."""
    page.locator(".day-row").first.click()
    page.click("#card-check")
    page.locator("#f-outcome").get_by_text("见到").click()


def take_picture() -> FilePayload:
    file = io.BytesIO()
    Image.effect_noise((2400, 1800), 40).convert("RGB").save(file, "JPEG")
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def test_a_visit_is_checked_in_with_photo_and_position_and_leaves_the_list(phone: Visitor) -> None:
    (spot,) = ask(phone.site, MIDDLE)
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"longitude": spot.lon, "latitude": spot.lat, "accuracy": 9})
    page = open_day(phone)
    expect(page.locator("#day-title")).to_contain_text("户待走访")
    first = page.locator(".day-row b").first.inner_text()
    assert "*" not in first
    fill_form(page)
    expect(page.locator("#where")).to_contain_text("精度 ±9 米")
    page.set_input_files("#photo", take_picture())
    expect(page.locator("#photos img")).to_have_count(1)
    page.click("#go")
    expect(page.locator("#verdict")).to_have_text("已登记")
    (visit,) = ask(phone.site, VISITS)
    assert (visit.outcome, visit.photos) == ("met", 1)
    assert visit.inside_grid is not None
    page.click("#next")
    expect(page.locator(f'[data-customer="{visit.customer_id}"]')).to_have_count(0)
    page.click('.day-tabs [data-tab="me"]')
    page.get_by_role("button", name="看照片 1").click()
    expect(page.locator(".day-seen")).to_be_visible()
    assert phone.complaints == []


def test_without_signal_the_day_opens_masked_keeps_a_visit_and_sends_it_once(phone: Visitor) -> None:
    page = open_day(phone)
    name = page.locator(".day-row b").first.inner_text()
    phone.context.set_offline(True)
    page.reload()
    expect(page.locator("#today")).to_contain_text("姓名已遮盖")
    expect(page.locator("#offline")).to_be_visible()
    masked = page.locator(".day-row b").first.inner_text()
    assert masked != name
    assert masked.startswith(name[0])
    fill_form(page)
    page.set_input_files("#photo", take_picture())
    expect(page.locator("#photos img")).to_have_count(1)
    page.click("#go")
    expect(page.locator("#verdict")).to_have_text("已存在本机，有信号自动上传")
    page.click("#next")
    expect(page.locator("#waiting")).to_have_text("1 条登记待上传，有信号自动补传")
    assert ask(phone.site, VISITS) == []
    page.reload()
    expect(page.locator("#waiting")).to_contain_text("1 条登记待上传")
    phone.context.set_offline(False)
    expect(page.locator("#waiting")).to_be_hidden()
    page.evaluate("Getu.visits.flush()")
    (visit,) = ask(phone.site, VISITS)
    assert (visit.outcome, visit.photos, visit.inside_grid) == ("met", 1, None)


def test_a_refused_entry_stays_with_its_reason_and_is_mended(phone: Visitor) -> None:
    page = open_day(phone)
    fill_form(page)
    page.evaluate("document.querySelector('#note').maxLength = 9999")
    page.fill("#note", "长" * 600)
    page.click("#go")
    expect(page.locator("#form-fault")).to_contain_text("没有收下")
    page.click("#form-close")
    expect(page.locator("#waiting")).to_contain_text("1 条没有收下")
    page.click("#waiting")
    page.get_by_role("button", name="修改").click()
    page.fill("#note", "已改短")
    page.click("#go")
    expect(page.locator("#verdict")).to_have_text("已登记")
    (visit,) = ask(phone.site, VISITS)
    assert visit.note == "已改短"
    page.click("#next")
    expect(page.locator("#waiting")).to_be_hidden()


def test_another_persons_entry_waits_for_him_and_sign_out_leaves_no_list(phone: Visitor) -> None:
    page = open_day(phone)
    page.evaluate(
        """Getu.dayStore.queue.put({key: "theirs-1", login: "somebody", at: new Date().toISOString(),
        subject: "沈**", body: {customer_id: 1, kind: "visit", outcome: "met", note: ""}, photos: []})"""
    )
    page.reload()
    expect(page.locator("#waiting")).to_contain_text("另有 1 条别人的登记")
    page.evaluate("Getu.visits.flush()")
    assert ask(phone.site, VISITS) == []
    page.click('.day-tabs [data-tab="me"]')
    page.click("#sign-out")
    expect(page).to_have_url(re.compile("/login"))
    expect(page.locator("#u")).to_be_visible()
    left = page.evaluate(
        """Promise.all([caches.keys(), indexedDB.databases()])
        .then(([kept, all]) => [kept.length, all.map((one) => one.name)])"""
    )
    assert left == [0, ["getu-visits"]]


def test_a_file_that_is_no_photo_is_told_and_a_grid_as_a_whole_is_reported(phone: Visitor) -> None:
    page = open_day(phone)
    page.click("#check-in")
    page.click("#go")
    expect(page.locator("#form-fault")).to_have_text("先选客户或网格")
    page.set_input_files("#photo", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"<html>"})
    expect(page.locator("#photo-fault")).to_contain_text("打不开")
    page.select_option("#who", index=page.locator("#who option").count() - 1)
    expect(page.locator("#f-outcome")).to_contain_text("已完成")
    page.click("#go")
    expect(page.locator("#verdict")).to_have_text("已登记")
    (visit,) = ask(phone.site, VISITS)
    assert (visit.outcome, visit.customer_id) == ("done", None)
