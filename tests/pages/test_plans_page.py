"""The page of plans in a real browser: a plan walks to force, grids are handed down, people go and return."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from app.clock import today
from app.db.connection import WORKER
from tests.maps.seed import STILL, lay_bank
from tests.pages.conftest import Lend, Site, Visitor, serve_site, work_beside

SLOW_MS = 30_000
MORE_PEOPLE = (
    "INSERT INTO app_user (login, name, role) VALUES ('head2', '何复核', 'head')",
    "DELETE FROM plan WHERE code = 'V4'",
    "INSERT INTO unit (code, code_source, kind, name, valid, geom, area_m2)"
    " SELECT '320614', 'test', 'frame', '辖区', '[2026-01-01,)', frame, 1 FROM plan WHERE code = 'V3'",
    "SELECT count(nextval('customer_id_seq')) FROM generate_series(1, 400)",
)


@pytest.fixture(scope="module")
def bank(lend: Lend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A bank of this file's own with a plan in force, two people at head office, and a worker."""
    with lend("plans") as database:
        laid = lay_bank(database, grids=24, customers=300)
        with database.transaction(WORKER) as session:
            for statement in (*STILL, *MORE_PEOPLE):
                session.execute(text(statement))
        with serve_site(database, laid, tmp_path_factory) as site, work_beside(site):
            yield site


@contextmanager
def seat(browser: Browser, bank: Site, login: str, *, width: int = 1440, height: int = 900) -> Iterator[Page]:
    """Somebody at the page; whatever happens, no request leaves the origin and nothing is complained of."""
    one = Visitor(browser, bank, width=width, height=height)
    one.page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    refused: list[str] = []
    one.sign_in(login)
    yield one.page
    assert one.outside() == []
    told = [words for words in one.complaints if "Failed to load resource" not in words]
    assert told == []
    # A refusal is told by the browser too; each one was provoked by a test.
    assert len(one.complaints) - len(told) == len(refused)
    one.context.close()


def open_page(page: Page, bank: Site, more: str = "") -> Page:
    """The page, its first part read."""
    page.goto("about:blank")
    page.goto(f"{bank.address}/plans{more}")
    page.wait_for_selector("html[data-ready][data-part]", state="attached", timeout=SLOW_MS)
    return page


def ask(bank: Site, question: str, **facts: Any) -> Any:
    """One value of the database."""
    with bank.database.transaction(WORKER) as session:
        return session.scalar(text(question), facts)


def toast(page: Page, words: str) -> None:
    expect(page.locator("#toast")).to_contain_text(words, timeout=SLOW_MS)


def make_draft(page: Page, code: str, way: str = "plan") -> None:
    """A draft made in the dialog."""
    page.click("#new-draft")
    page.fill("#plan-code", code)
    page.click(f"[data-way={way}]")
    page.click("#dialog-go")
    toast(page, f"草案 {code} 已建立")
    expect(page.locator("#plan-title")).to_contain_text(code)


def step_now(page: Page) -> str:
    """The step of the track at which the plan stands."""
    return page.locator(".track li.now b").inner_text()


def test_a_draft_walks_to_force_by_two_people(browser: Browser, bank: Site) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat()
    with seat(browser, bank, "head") as page:
        open_page(page, bank)
        expect(page.locator(".plan-row")).to_have_count(1)
        make_draft(page, "P1")
        assert step_now(page) == "检查"
        page.click("#check")
        toast(page, "检查完成")
        expect(page.locator(".track li.now b")).to_have_text("证明", timeout=SLOW_MS)
        page.click("#certify")
        toast(page, "已出具")
        expect(page.locator(".life-cert")).to_contain_text("0、0")
        page.click("#verify")
        expect(page.locator("#verified")).to_contain_text("一致")
        with page.expect_download() as waited:
            page.click("#cert-pdf")
        assert waited.value.path().read_bytes().startswith(b"%PDF")
        page.click("#approve")
        expect(page.locator("#act-told .note.fault")).to_contain_text("第二人")
    assert ask(bank, "SELECT status FROM plan WHERE code = 'P1'") == "checked"
    with seat(browser, bank, "head2") as page:
        open_page(page, bank, "#plan=P1")
        page.click("#approve")
        toast(page, "P1 已批准")
        page.click("#withdraw")
        toast(page, "已撤回")
        page.click("#approve")
        toast(page, "P1 已批准")
        page.click("#publish")
        page.fill("#valid-from", tomorrow)
        page.click("#dialog-go")
        toast(page, f"P1 将于 {tomorrow} 生效")
        expect(page.locator(".life-head")).to_contain_text("待生效")
        expect(page.locator(".track li.done")).to_have_count(4)
        assert "周海峰" in page.inner_text(".track")
        assert "何复核" in page.inner_text(".track")
    assert str(ask(bank, "SELECT lower(valid) FROM plan WHERE code = 'P1'")) == tomorrow
    with bank.database.transaction(WORKER) as session:  # the plan of today is left as it was
        session.execute(text("DELETE FROM plan WHERE code = 'P1'"))
        session.execute(text("UPDATE plan SET valid = '[2026-01-01,)' WHERE code = 'V3'"))
        session.execute(text("UPDATE duty SET valid = daterange(lower(valid), NULL)"))


def test_drafts_are_made_of_units_in_each_way_renamed_and_deleted(browser: Browser, bank: Site) -> None:
    with seat(browser, bank, "head") as page:
        open_page(page, bank)
        page.click("#new-draft")
        page.fill("#plan-code", "W1")
        page.click("[data-way=groups]")
        page.fill("#groups", "网格编号,名称,单元\nG1,南片,U000 U001\nG2,北片,U002|U003|U999")
        expect(page.locator(".way-more [role=status]")).to_contain_text("读到 2 个网格、5 个单元")
        page.click("[data-rule=overlay]")
        page.get_by_role("button", name="园区上移").click()
        expect(page.locator(".order li").nth(1)).to_contain_text("园区")
        page.click("#dialog-go")
        expect(page.locator("#draft-report")).to_contain_text("U999", timeout=SLOW_MS)
        page.keyboard.press("Escape")
        expect(page.locator(".plan-stats")).to_contain_text("叠加")
        assert ask(bank, "SELECT precedence[2] FROM plan WHERE code = 'W1'") == "park"
        assert ask(bank, "SELECT array_length(unit_codes, 1) FROM grid WHERE code = 'G1'") == 2
        make_draft(page, "W2", "town")
        expect(page.locator(".plan-stats .v").first).to_have_text("4")
        make_draft(page, "W3", "hand")
        expect(page.locator(".plan-stats .v").first).to_have_text("0")
        page.click("#rename")
        page.fill("#new-name", "画的草案")
        page.click("#dialog-go")
        toast(page, "已改名")
        expect(page.locator("#plan-title")).to_contain_text("画的草案")
        page.click("#new-draft")
        page.fill("#plan-code", "W2")
        page.click("#dialog-go")
        expect(page.locator("#dialog .note.fault")).to_contain_text("W2")
        page.keyboard.press("Escape")
        for code in ("W3", "W2", "W1"):
            page.click(f".plan-row[data-code={code}]")
            expect(page.locator("#plan-title")).to_contain_text(code)
            page.click("#delete")
            expect(page.locator("#dialog")).to_contain_text("不能恢复")
            page.click("#dialog-go")
            toast(page, f"草案 {code} 已删除")
    assert ask(bank, "SELECT count(*) FROM plan") == 1


def test_what_differs_is_mapped_listed_billed_and_saved(browser: Browser, bank: Site) -> None:
    with seat(browser, bank, "head") as page:
        open_page(page, bank)
        make_draft(page, "D1")
        with bank.database.transaction(WORKER) as session:
            session.execute(text(HAND_OVER))
        open_page(page, bank, "#tab=diff&before=V3&after=D1")
        page.wait_for_selector("html[data-diff='V3>D1']", state="attached", timeout=SLOW_MS)
        expect(page.locator("#diff-rows tbody tr")).to_have_count(2)
        bill = page.locator(".plan-bill").inner_text()
        assert re.search(r"网格\s*2\b", bill)
        assert re.search(r"客户\s*[1-9]", bill)
        expect(page.locator(".diff-where .map-legend")).to_contain_text("换手2")
        page.locator("#diff-rows .link[data-sort=code]").click()
        first = page.locator("#diff-rows tbody .link").first
        code = first.inner_text()
        first.click()
        expect(page.locator("#diff-told")).to_contain_text(code)
        expect(page.locator("#diff-told")).to_contain_text("→")
        with page.expect_download() as waited:
            page.click("#diff-csv")
        lines = waited.value.path().read_text(encoding="utf-8-sig").splitlines()
        assert len(lines) == 3
        assert code in lines[1]
        with page.expect_download() as waited:
            page.click("#diff-geojson")
        assert '"FeatureCollection"' in waited.value.path().read_text(encoding="utf-8")
    with bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM plan WHERE code = 'D1'"))


HAND_OVER = """UPDATE duty SET staff_id = (SELECT max(id) FROM staff WHERE kind = 'manager')
    WHERE role = 'primary' AND grid_id IN
    (SELECT g.id FROM grid g JOIN plan p ON p.id = g.plan_id WHERE p.code = 'D1' ORDER BY g.code LIMIT 2)"""


def test_grids_go_from_head_office_to_a_branch_to_a_manager_and_back(browser: Browser, bank: Site) -> None:
    codes = list_codes(bank)
    with seat(browser, bank, "head") as page:
        open_page(page, bank)
        make_draft(page, "A1", "village")
        with bank.database.transaction(WORKER) as session:
            session.execute(
                text("UPDATE grid SET code = 'A-' || code WHERE plan_id = (SELECT max(id) FROM plan)")
            )
        codes = list_codes(bank, "A1")
        open_page(page, bank, "#tab=allot&plan=A1")
        expect(page.locator("#allot-legend")).to_contain_text("未分配24")
        page.fill("#pick-list", f"{codes[0]}, {codes[1]} {codes[2]}")
        page.click("#pick-go")
        expect(page.locator("#allot-offer h3")).to_have_text("已选 3 个")
        page.select_option("#offer-to", "0100")
        page.click("#offer-go")
        toast(page, "3 个网格已分给 常乐支行")
        expect(page.locator("tr[data-unit='0100'] td").nth(2)).to_have_text("3")
        page.fill("#pick-list", codes[0])
        page.click("#pick-go")
        page.click("#offer-go")
        expect(page.locator("#offer-told .note.fault")).to_contain_text("尚待答复")
    with seat(browser, bank, "chief") as page:
        open_page(page, bank, "#tab=allot&plan=A1")
        expect(page.locator("#count-allot")).to_have_text("1")
        page.get_by_role("button", name="接收 3 个").click()
        toast(page, "已接收 3 个网格")
        pick_on_map(page, codes[:2])
        expect(page.locator("#allot-offer h3")).to_have_text("已选 2 个")
        page.select_option("#offer-to", "JH0000")
        page.click("#offer-go")
        toast(page, "2 个网格已分给")
    with seat(browser, bank, "manager", width=390, height=844) as page:
        open_page(page, bank)
        expect(page.locator(".mine-card")).to_have_count(2)
        page.locator(f".mine-card[data-grid='{codes[0]}']").get_by_role("button", name="接收").click()
        toast(page, "已接收")
        page.locator(".mine-card").get_by_role("button", name="退回").click()
        page.click("#dialog-go")
        expect(page.locator("#dialog .note.fault")).to_contain_text("填写退回原因")
        page.fill("#return-why", "离家三十公里，走访不便")
        page.click("#dialog-go")
        toast(page, "已退回 1 个网格")
        expect(page.locator(".mine-card")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with seat(browser, bank, "chief") as page:
        open_page(page, bank, "#tab=allot&plan=A1")
        expect(page.locator(".batch.back")).to_contain_text("离家三十公里")
    assert ask(bank, "SELECT allotted FROM grid WHERE code = :code", code=codes[0]) == "held"
    assert ask(bank, "SELECT allotted FROM grid WHERE code = :code", code=codes[1]) == "returned"
    with bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM plan WHERE code = 'A1'"))


def list_codes(bank: Site, plan: str = "V3") -> list[str]:
    """The codes of a plan's grids."""
    with bank.database.transaction(WORKER) as session:
        query = (
            "SELECT g.code FROM grid g JOIN plan p ON p.id = g.plan_id WHERE p.code = :plan ORDER BY g.code"
        )
        return list(session.scalars(text(query), {"plan": plan}))


def pick_on_map(page: Page, codes: list[str]) -> None:
    """Click grids where they lie on the map."""
    for code in codes:
        where = page.evaluate(
            """code => { const g = Getu.board.ground, box = g.map.getContainer().getBoundingClientRect();
            const ring = g.shape(code).getCenter(), at = g.map.latLngToContainerPoint(ring);
            return [box.left + at.x, box.top + at.y]; }""",
            code,
        )
        page.mouse.click(*where)


def test_a_leave_is_billed_applied_and_undone_and_each_date_has_its_own_answer(
    browser: Browser, bank: Site
) -> None:
    grid = ask(
        bank,
        "SELECT g.code FROM grid g JOIN duty d ON d.grid_id = g.id JOIN staff s ON s.id = d.staff_id"
        " JOIN plan p ON p.id = g.plan_id WHERE s.code = 'JH0000' AND p.code = 'V3' ORDER BY 1 LIMIT 1",
    )
    with seat(browser, bank, "head") as page:
        open_page(page, bank, "#tab=staff")
        page.click("#staff-next")
        expect(page.locator("#staff-told")).to_contain_text("先选人")
        page.select_option("#staff-who", "JH0000")
        page.click("#staff-next")
        page.click("#staff-next")
        expect(page.locator("#staff-all")).to_be_visible(timeout=SLOW_MS)
        other = page.locator("#staff-all option").nth(1).get_attribute("value")
        assert other is not None
        page.select_option("#staff-all", other)
        page.click("#staff-next")
        expect(page.locator("#staff-moves li")).to_have_count(3, timeout=SLOW_MS)
        assert re.search(r"客户\s*[1-9]", page.locator("#staff-form .plan-bill").inner_text())
        page.click("#staff-apply")
        toast(page, "变动已生效")
        expect(page.locator(".lane")).to_have_count(1)
        name = ask(bank, "SELECT name FROM staff WHERE code = :code", code=other)
        assert who(page, grid, 3) == name
        assert who(page, grid, 30) == ask(bank, "SELECT name FROM staff WHERE code = 'JH0000'")
        page.click("#tab-staff")
        page.locator(".change[data-state=applied]").get_by_role("button", name="撤销").click()
        toast(page, "责任恢复原状")
        assert who(page, grid, 3) == ask(bank, "SELECT name FROM staff WHERE code = 'JH0000'")


def who(page: Page, grid: str, in_days: int) -> str:
    """Who is responsible for a grid some days from now, as the answer card says."""
    page.click("#tab-who")
    page.click("[data-by=grid]")
    page.fill("#who-grid", grid)
    page.fill("#who-on", (today() + timedelta(days=in_days)).isoformat())
    page.evaluate("delete document.documentElement.dataset.answered")
    page.click("#who-go")
    page.wait_for_selector("html[data-answered]", state="attached", timeout=SLOW_MS)
    return page.locator("#who-name").inner_text().split(" ")[0]


@pytest.mark.parametrize(("width", "height", "lang"), [(1366, 768, "en"), (390, 844, "zh")])
def test_the_page_fits_screens_and_languages(
    browser: Browser, bank: Site, width: int, height: int, lang: str
) -> None:
    with seat(browser, bank, "head", width=width, height=height) as page:
        open_page(page, bank, f"?lang={lang}")
        for tab in ("life", "allot", "staff", "who"):
            page.click(f"#tab-{tab}")
            page.wait_for_selector(f"html[data-part={tab}]", state="attached", timeout=SLOW_MS)
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wide) <= 0, tab
        heading = "规划管理" if lang == "zh" else "Plans"
        expect(page.locator("h1")).to_have_text(heading)


def test_each_role_has_its_own_parts_and_tabs_go_by_keyboard(browser: Browser, bank: Site) -> None:
    parts = {
        "chief": ["allot", "life", "diff", "staff", "who"],
        "manager": ["mine", "who"],
        "analyst": ["life", "diff", "who"],
    }
    for login, tabs in parts.items():
        with seat(browser, bank, login) as page:
            open_page(page, bank)
            assert page.locator("[role=tab]").evaluate_all("all => all.map(one => one.dataset.tab)") == tabs
            page.locator("[role=tab]").first.focus()
            page.keyboard.press("ArrowRight")
            expect(page.locator(f"#tab-{tabs[1]}")).to_have_attribute("aria-selected", "true")
            expect(page.locator(f"#tab-{tabs[1]}")).to_be_focused()
            assert page.locator("#new-draft").count() == 0
