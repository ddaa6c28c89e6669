"""The page of the lending-area check in a real browser: a question, its answer, an exception decided."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from app.db import cluster
from app.db.connection import WORKER
from tests.conftest import copy_database, run_admin
from tests.maps.seed import lay_bank
from tests.pages.conftest import Site, Visitor, serve_site


@pytest.fixture(scope="module")
def bank(
    server: cluster.Cluster, template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A bank of this file's own: four branches, some customers."""
    name = f"getu_lending_{worker_id}"
    database = copy_database(server, template, name)
    small = lay_bank(database, grids=24, customers=300)
    with serve_site(database, small, tmp_path_factory) as site:
        yield site
    database.close()
    run_admin(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def open_page(
    browser: Browser, bank: Site, login: str, *, where: str = "/lending", width: int = 1440
) -> Visitor:
    one = Visitor(browser, bank, width=width, height=900 if width > 800 else 740)
    one.sign_in(login)
    one.page.goto(f"{bank.address}{where}")
    one.page.wait_for_selector("html[data-ready]", state="attached")
    return one


def leave(one: Visitor) -> None:
    assert one.outside() == []
    assert one.complaints == []
    one.context.close()


def test_a_branch_asks_is_told_no_and_head_office_lets_it_pass(browser: Browser, bank: Site) -> None:
    with bank.database.transaction(WORKER) as session:
        query = """SELECT a.customer_id FROM assignment a JOIN grid g ON g.id = a.grid_id
            JOIN placement p ON p.customer_id = a.customer_id AND p.geom IS NOT NULL
            WHERE g.branch_id <> :b AND a.method = 'inside' ORDER BY ST_Distance(p.geom, g.anchor) LIMIT 1"""
        other = session.scalar(text(query), {"b": bank.bank.branch_id})
    branch = open_page(browser, bank, "chief")
    page = branch.page
    page.screenshot(path=bank.shots / "lending-ask.png")
    page.fill("#customer", "999999999")
    page.press("#customer", "Enter")
    expect(page.locator("#toast")).to_contain_text("没有这位客户")
    branch.complaints.clear()
    page.fill("#customer", str(other))
    page.press("#customer", "Enter")
    expect(page.locator(".stamp")).to_have_text("跨区")
    expect(page.locator("#lending-list")).to_contain_text("只告知核验结论")
    page.click("#wish")
    page.fill("#why", "客户在我行经营多年，住所刚迁出")
    page.click("#send-wish")
    expect(page.locator("#toast")).to_contain_text("待总行风险管理组审批")
    page.screenshot(path=bank.shots / "lending-out.png")
    head = open_page(browser, bank, "head", where="/lending#exceptions")
    head.page.locator("[data-exception]").first.click()
    head.page.fill("#note", "同意，按异地贷款管理")
    head.page.screenshot(path=bank.shots / "lending-decide.png")
    head.page.click("#approve")
    expect(head.page.locator("[data-exception]")).to_contain_text("已批准")
    page.click("#again")
    page.click("#go")
    expect(page.locator("#stands")).to_contain_text("已有获批例外")
    page.click("#tab-kept")
    expect(page.locator("[data-check]")).to_have_count(2)
    page.screenshot(path=bank.shots / "lending-kept.png")
    page.locator("[data-check]").nth(1).click()
    expect(page.locator("#stands")).to_contain_text("已有获批例外")
    expect(page.locator("#wish")).to_have_count(0)
    leave(branch)
    leave(head)


def test_a_click_on_the_map_asks_about_the_point_and_the_answer_is_drawn_there(
    browser: Browser, bank: Site
) -> None:
    head = open_page(browser, bank, "head", where="/lending?lang=en")
    page = head.page
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#datum")).to_have_value("cgcs2000")
    page.click("#go")
    expect(page.locator(".stamp")).to_be_visible()
    expect(page.locator(".spot-label")).to_contain_text("m")
    page.screenshot(path=bank.shots / "lending-point-en.png")
    page.click("#again")
    page.fill("#lon", "116.4")
    page.fill("#lat", "39.9")
    page.click("#go")
    expect(page.locator(".lending-note")).to_contain_text("too far")
    expect(page.locator(".spot-label")).to_have_count(0)
    leave(head)


def test_on_a_phone_nothing_is_wider_than_the_screen_and_every_field_has_its_label(
    browser: Browser, bank: Site
) -> None:
    phone = open_page(browser, bank, "chief", width=360)
    page = phone.page
    for kind in ("address", "point", "customer"):
        page.click(f"#kind-{kind}")
        nameless = page.eval_on_selector_all(
            "form input, form select", "all => all.filter((e) => !e.labels.length).length"
        )
        assert nameless == 0, kind
    page.screenshot(path=bank.shots / "lending-phone-ask.png")
    page.fill("#customer", "1")
    page.click("#go")
    expect(page.locator(".stamp")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.screenshot(path=bank.shots / "lending-phone.png", full_page=True)
    leave(phone)
