"""The page of responsibility in a real browser: letters, targets, contacts, checklists, problems."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from app.clock import today
from app.customers import targets
from app.db.connection import WORKER
from app.territory import scheme
from tests.maps.seed import lay_bank
from tests.pages.conftest import Lend, Site, Visitor, serve_site

MONTH = today().isoformat()[:7]


@pytest.fixture(scope="module")
def bank(lend: Lend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A bank of this file's own with targets of this month, and somebody to look after branches."""
    with lend("scheme") as database:
        small = lay_bank(database, grids=24, customers=500)
        with database.transaction(WORKER) as session:
            house = "INSERT INTO branch (code, name, kind) VALUES ('H00', '总行', 'head_office')"
            session.execute(text(f"{house} ON CONFLICT DO NOTHING"))
            session.execute(
                text("""INSERT INTO staff (code, name, kind, branch_id)
                    SELECT 'D9', '周立群', 'department', id FROM branch WHERE kind = 'head_office' LIMIT 1""")
            )
            drawn = text("SELECT code FROM grid WHERE plan_id = :p ORDER BY code")
            codes = session.scalars(drawn, {"p": small.plan_id})
            wanted = {(code, "visited"): Decimal(20) for code in codes}
            targets.set_targets(session, small.plan_id, MONTH, wanted, user_id=None)
        with serve_site(database, small, tmp_path_factory) as site:
            yield site


@pytest.fixture
def head(browser: Browser, bank: Site) -> Iterator[Visitor]:
    """Head office at its desk; not one request leaves the origin, nothing is complained of."""
    one = Visitor(browser, bank)
    one.sign_in("head")
    one.page.goto(f"{bank.address}/scheme")
    one.page.wait_for_selector("html[data-ready]", state="attached")
    yield one
    assert one.outside() == []
    assert one.complaints == []
    one.context.close()


def test_letters_are_noted_and_the_lights_turn_green(head: Visitor, bank: Site) -> None:
    page = head.page
    with bank.database.transaction(WORKER) as session:
        plan = session.execute(text("SELECT * FROM plan WHERE id = :p"), {"p": bank.bank.plan_id}).one()
        assert plan.status == "in_force"
    rows = page.locator(".scheme-row")
    expect(rows).to_have_count(24)
    amber = page.locator(".scheme-row", has_text="待签责任书").count()
    assert amber
    page.click("#sign-all")
    expect(page.locator(".scheme-row", has_text="待签责任书")).to_have_count(0)
    expect(page.locator(".scheme-row", has_text="已签责任书")).to_have_count(amber)
    page.screenshot(path=bank.shots / "scheme-lights.png")


def test_a_grid_shows_its_four_posts_and_its_checklist(head: Visitor, bank: Site) -> None:
    page = head.page
    page.locator(".scheme-row").first.click()
    expect(page.locator(".scheme-posts dt")).to_have_text(
        ["管（支行）", "应（主责）", "办（经办）", "督（总行）"]
    )
    expect(page.locator(".scheme-rules li").first).to_be_visible()
    page.screenshot(path=bank.shots / "scheme-grid.png")
    page.click("#back")
    expect(page.locator(".scheme-row").first).to_be_visible()


def test_targets_stand_beside_what_is_done(head: Visitor, bank: Site) -> None:
    page = head.page
    page.click("#tab-targets")
    expect(page.locator(".scheme-target.last")).to_contain_text("÷ 480")
    page.select_option("#by", "grid")
    expect(page.locator(".scheme-target:not(.last)")).to_have_count(24)
    page.screenshot(path=bank.shots / "scheme-targets.png")
    page.fill("#period", "2031-01")
    page.press("#period", "Tab")
    expect(page.locator(".empty")).to_contain_text("本期间没有目标")


def test_a_branch_gets_a_contact(head: Visitor, bank: Site) -> None:
    page = head.page
    page.click("#tab-contacts")
    row = page.locator(".scheme-row").first
    expect(row).to_contain_text("尚无联系人")
    row.get_by_role("button", name="更换").click()
    page.fill("input[name=staff]", "D9")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".scheme-row").first).to_contain_text("周立群")
    page.screenshot(path=bank.shots / "scheme-contacts.png")


def test_a_problem_is_written_down_on_the_map_and_put_right(head: Visitor, bank: Site) -> None:
    page = head.page
    page.click("#tab-problems")
    page.click("#new-problem")
    page.fill("#problem-title", "界牌缺失")
    page.fill("#problem-due", today().isoformat())
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#picked")).not_to_contain_text("点选")
    page.click("#save-problem")
    expect(page.locator(".scheme-row")).to_contain_text("界牌缺失")
    page.screenshot(path=bank.shots / "scheme-problems.png")
    page.locator(".scheme-row").click()
    page.fill("#note", "已补装")
    page.click("#say-done")
    expect(page.locator(".scheme-row")).to_contain_text("界牌缺失")
    page.locator(".scheme-row").click()
    page.click("#say-close")
    expect(page.locator("#toast")).to_contain_text("整改人不能自己销号")
    head.complaints.clear()  # the browser tells of the refusal too
    with bank.database.transaction(WORKER) as session:
        (problem,) = scheme.list_problems(session)
    assert (problem["state"], problem["answer"], problem["pinned"]) == ("done", "已补装", True)


def test_on_a_phone_the_list_comes_first(browser: Browser, bank: Site) -> None:
    one = Visitor(browser, bank, width=390, height=844)
    one.sign_in("manager")
    one.page.goto(f"{bank.address}/scheme")
    one.page.wait_for_selector("html[data-ready]", state="attached")
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(one.page.locator("#sign-all")).to_have_count(0)
    one.page.screenshot(path=bank.shots / "scheme-phone.png")
    assert one.outside() == []
    one.context.close()
