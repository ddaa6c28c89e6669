"""The ground desk in a real browser: findings mended with keys, ground edited with the mouse, two at it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import text

from app.db.connection import WORKER
from tests.pages.conftest import Lend, Site, Visitor, serve_site
from tests.pages.ground_bank import CLEAN, FAULTY, lay_ground

SLOW_MS = 6_000
WHERE = """([id, dx, dy]) => { const one = Getu.grids.find(id), box = one.bbox;
    const at = [box[1] + (box[3] - box[1]) * dy, box[0] + (box[2] - box[0]) * dx];
    const spot = Getu.groundLeaflet.latLngToContainerPoint(dx === null ? [one.at[1], one.at[0]] : at);
    const map = document.getElementById('map').getBoundingClientRect();
    return [spot.x + map.x, spot.y + map.y]; }"""
NEIGHBOURS = """() => { for (const one of Getu.grids.all()) for (const other of Getu.grids.all())
    if (one.id < other.id && one.branch_code === other.branch_code && one.fine && other.fine
        && Getu.shapes.sharedEdge(one.geometry, other.geometry).length > 1
        && !Getu.desk.rows0.some(row => row.grid_ids.includes(one.id) || row.grid_ids.includes(other.id)))
        return [one.id, other.id]; }"""

TAKE_BACK = """async () => { const desk = Getu.desk;
    for (;;) { desk.steps = (await Getu.ask(desk.base + '/steps')).steps;
        const step = desk.steps.find(one => one.can_undo && !one.undone && !desk.takesBack(one));
        if (!step) return;
        await Getu.send(desk.base + '/steps/' + step.number + '/undo'); } }"""
SHOW_BOTH = """ids => { const boxes = ids.map(id => Getu.grids.find(id).bbox);
    const side = (at, pick) => pick(...boxes.map(box => box[at]));
    Getu.ground.zoomToBox([side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)]); }"""
WIDER = """() => [...document.querySelectorAll('#side .side-scroll, #side .bill, #side .tool span')]
    .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline')
    .map(one => one.className + ' ' + one.textContent)"""
GRIDS = """SELECT g.id, g.code, g.name, g.locked, ST_AsBinary(g.geom)
    FROM grid g JOIN plan p ON p.id = g.plan_id WHERE p.code = :code ORDER BY g.id"""


@pytest.fixture(scope="module")
def ground(lend: Lend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A bank of this file's own: what is edited here moves nobody else's ground."""
    with lend("ground") as database:
        bank = lay_ground(database)
        with serve_site(database, bank, tmp_path_factory) as site:
            yield site


@pytest.fixture(scope="module")
def seat(browser: Browser, ground: Site) -> Iterator[Visitor]:
    """Head office at the desk; whatever happens, not one request leaves the origin."""
    one = Visitor(browser, ground)
    one.sign_in("head")
    yield one
    assert one.outside() == []
    one.context.close()


@pytest.fixture
def page(seat: Visitor) -> Iterator[Page]:
    """The desk's page; nothing is complained of, and what was done is taken back afterwards."""
    seat.complaints.clear()
    before = read_ground(seat.site)
    yield seat.page
    assert [words for words in seat.complaints if "409" not in words] == []
    seat.page.evaluate(TAKE_BACK)
    assert read_ground(seat.site) == before, "undo gives back the very ground"


def read_ground(site: Site) -> list[Any]:
    """Every grid of the faulty draft: its code, name and shape."""
    with site.database.transaction(WORKER) as session:
        return [(*row[:4], bytes(row[4])) for row in session.execute(text(GRIDS), {"code": FAULTY}).tuples()]


def open_desk(page: Page, site: Site, plan: str = FAULTY, more: str = "") -> Page:
    """The desk of a plan, drawn to the end."""
    page.goto("about:blank")
    page.goto(f"{site.address}/ground?plan={plan}{more}")
    page.wait_for_selector("html[data-ready]", state="attached", timeout=SLOW_MS)
    return page


def rows(page: Page) -> Locator:
    return page.locator("#findings .finding")


def toast(page: Page) -> Locator:
    return page.locator("#toast")


def spot(page: Page, grid_id: int, dx: float | None = None, dy: float = 0.5) -> tuple[float, float]:
    """Where a grid lies on the screen: its name's place, or a share of its box."""
    x, y = page.evaluate(WHERE, [grid_id, dx, dy])
    return x, y


def start_edit(page: Page) -> tuple[int, int]:
    """Editing begun, two neighbours without a fault in sight and known to their last corner."""
    page.keyboard.press("e")
    page.locator("#tool-select").click()  # what is open is picked: nothing is wanted of it
    page.keyboard.press("Escape")
    expect(page.locator("#side .picked")).to_have_count(0)
    page.evaluate("Getu.ground.loadFine([120.9, 31.7, 121.6, 32.1])")
    page.wait_for_function(f"({NEIGHBOURS})() !== undefined")
    one, other = page.evaluate(NEIGHBOURS)
    page.evaluate(SHOW_BOTH, [one, other])
    return one, other


def ready(page: Page, tool: str) -> None:
    expect(page.locator(f'html[data-tool="{tool}-ready"]')).to_be_attached(timeout=SLOW_MS)


def test_a_finding_is_mended_with_keys_its_bill_seen_first_and_taken_back(page: Page, ground: Site) -> None:
    open_desk(page, ground)
    expect(page.locator("#certificate")).to_contain_text("暂不能出具")
    expect(page.locator("#certificate")).to_contain_text("还有 2 项须修复")
    expect(page.locator('#chips [data-kind="overlap"]')).to_have_text("重叠 1")
    page.click('#chips [data-kind="overlap"]')
    expect(rows(page)).to_have_count(1)
    expect(rows(page).first).to_contain_text("须修复")
    page.keyboard.press("j")
    expect(page.locator("#finding-title")).to_contain_text("重叠")
    options = page.get_by_role("radio")
    expect(options.first).to_be_visible(timeout=SLOW_MS)
    assert 2 <= options.count() <= 4
    page.keyboard.press("2")
    expect(options.nth(1)).to_have_attribute("aria-checked", "true")
    expect(options.nth(1)).to_contain_text(re.compile("移动面积.*移动客户.*移动余额.*涉及经理", re.DOTALL))
    expect(page.locator("#forecast")).to_contain_text("重叠 1 → 0")
    expect(page.locator("#bill-detail")).to_contain_text("责任书")
    page.keyboard.press("Enter")
    expect(toast(page)).to_contain_text("撤销", timeout=SLOW_MS)
    expect(page.locator('#chips [data-kind="overlap"]')).to_have_count(0)
    expect(page.locator("#certificate")).to_contain_text("还有 1 项须修复")
    expect(page.locator(".record .step")).to_have_count(1)
    page.keyboard.press("z")
    expect(page.locator("#certificate")).to_contain_text("还有 2 项须修复", timeout=SLOW_MS)
    expect(page.locator(".record .step").first).to_contain_text("重做")
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#certificate")).to_contain_text("还有 1 项须修复", timeout=SLOW_MS)
    page.keyboard.press("Control+z")
    expect(page.locator("#certificate")).to_contain_text("还有 2 项须修复", timeout=SLOW_MS)


def test_slivers_are_mended_at_once_after_their_bill_was_seen(page: Page, ground: Site) -> None:
    open_desk(page, ground)
    page.click("#clean")
    expect(page.locator("#dialog .bill")).to_contain_text("移动面积", timeout=SLOW_MS)
    page.click("#clean-go")
    expect(toast(page)).to_contain_text("已处理 1 项", timeout=SLOW_MS)
    expect(page.locator('#chips [data-kind="sliver"]')).to_have_count(0)
    page.click("#toast-act")
    expect(page.locator('#chips [data-kind="sliver"]')).to_have_text("碎片 1", timeout=SLOW_MS)


def test_a_grid_is_split_by_a_drawn_line_and_named(page: Page, ground: Site) -> None:
    open_desk(page, ground)
    one, _ = start_edit(page)
    before = len(read_ground(ground))
    page.keyboard.press("s")
    page.mouse.click(*spot(page, one))
    expect(page.locator("#hint")).to_contain_text("画切分线")
    (x, y), (to_x, to_y) = spot(page, one, -0.05, 0.5), spot(page, one, 1.05, 0.5)
    page.mouse.click(x, y)
    page.mouse.move((x + to_x) / 2, y + 5)
    page.mouse.dblclick(to_x, to_y)
    ready(page, "split")
    expect(page.locator("#parts .part")).to_have_count(2)
    expect(page.locator("#trial")).to_contain_text("无新增问题项")
    page.fill("#f-names-0", "东片")
    ready(page, "split")
    page.wait_for_timeout(400)
    ready(page, "split")
    page.keyboard.press("Enter")
    expect(toast(page)).to_contain_text("切分", timeout=SLOW_MS)
    grids = read_ground(ground)
    assert len(grids) == before + 1
    assert "东片" in [name for _, _, name, *_ in grids]


def test_two_grids_are_merged_and_the_bill_names_what_moves(page: Page, ground: Site) -> None:
    open_desk(page, ground)
    one, other = start_edit(page)
    before = len(read_ground(ground))
    page.keyboard.press("m")
    page.mouse.click(*spot(page, one))
    page.mouse.click(*spot(page, other))
    ready(page, "merge")
    expect(page.locator("#trial")).to_contain_text("移动客户")
    page.click("#land")
    expect(toast(page)).to_contain_text("并入", timeout=SLOW_MS)
    assert len(read_ground(ground)) == before - 1


def test_a_shared_edge_is_moved_once_for_both_sides(page: Page, ground: Site) -> None:
    open_desk(page, ground)
    one, other = start_edit(page)
    before = {row[0]: row[4] for row in read_ground(ground)}
    page.keyboard.press("b")
    page.mouse.click(*spot(page, one))
    page.mouse.click(*spot(page, other))
    expect(page.locator("#hint")).to_contain_text("两侧一起改")
    corner = page.locator(".marker-icon-middle").first
    box = corner.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 24, y + 24, steps=5)
    page.mouse.up()
    ready(page, "move_edge")
    expect(page.locator("#trial")).to_contain_text("无新增问题项")
    page.keyboard.press("Enter")
    expect(toast(page)).to_contain_text("边界", timeout=SLOW_MS)
    now = {row[0]: row[4] for row in read_ground(ground)}
    assert {one, other} <= {grid for grid in now if now[grid] != before[grid]}


def test_a_locked_grid_is_not_cut(page: Page, ground: Site) -> None:
    open_desk(page, ground)
    one, _ = start_edit(page)
    page.keyboard.press("l")
    page.mouse.click(*spot(page, one))
    ready(page, "lock")
    page.click("#land")
    expect(toast(page)).to_contain_text("锁", timeout=SLOW_MS)
    page.keyboard.press("s")
    page.mouse.click(*spot(page, one))
    expect(toast(page)).to_contain_text("已锁定，先解锁")


def test_the_second_at_a_grid_is_told_who_was_first_and_loses_nothing(
    page: Page, browser: Browser, ground: Site
) -> None:
    open_desk(page, ground)
    one, other = start_edit(page)
    page.keyboard.press("b")
    page.mouse.click(*spot(page, one))
    page.mouse.click(*spot(page, other))
    box = page.locator(".marker-icon-middle").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 25, box["y"] + 25, steps=4)
    page.mouse.up()
    ready(page, "move_edge")
    first = Visitor(browser, ground)
    first.sign_in("chief2")
    open_desk(first.page, ground)
    body = {"act": "rename", "grid_id": one, "name": "先改的", "versions": {}}
    first.page.evaluate("body => Getu.send(Getu.desk.base + '/edits', body)", body)
    first.context.close()
    page.keyboard.press("Enter")
    expect(page.locator("#conflict")).to_contain_text("二号网格办", timeout=SLOW_MS)
    expect(page.locator("#conflict")).to_contain_text("您画的还在图上")
    assert page.evaluate("Getu.pen.active()")
    page.click("#see-theirs")
    page.click("#try-again")
    ready(page, "move_edge")
    page.click("#land")
    expect(toast(page)).to_contain_text("边界", timeout=SLOW_MS)
    assert "先改的" in [name for _, _, name, *_ in read_ground(ground)]


def test_a_clean_draft_is_calm_and_can_be_certified(page: Page, ground: Site) -> None:
    open_desk(page, ground, CLEAN)
    expect(page.locator("#findings .empty")).to_contain_text("没有问题项")
    expect(page.locator("#certificate")).to_contain_text("可以出具证明")
    expect(page.locator("#certify")).to_be_enabled()
    page.keyboard.press("q")
    page.mouse.click(600, 500)
    page.mouse.click(700, 500)
    expect(page.locator("#hint")).to_contain_text("公里")
    page.keyboard.press("Escape")


def test_the_chinese_desk_speaks_no_english_nor_does_geoman(page: Page, ground: Site) -> None:
    open_desk(page, ground)
    page.keyboard.press("j")
    expect(page.get_by_role("radio").first).to_be_visible(timeout=SLOW_MS)
    said = page.locator("#main").inner_text()
    page.keyboard.press("e")
    page.keyboard.press("d")
    said += page.locator("#main").inner_text()
    page.keyboard.press("?")
    said += page.locator("#dialog").inner_text()
    keys = r"HM-\w+-\w+|V\d|D\d|Ctrl|Shift|Enter|Esc|PDF|T\d"
    assert re.findall(r"[A-Za-z]{2,}", re.sub(keys, "", said)) == []
    assert page.evaluate("Object.keys(L.PM).length > 0 && L.PM.activeLang") == "getu"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_the_desk_fits_its_screen_and_speaks_english(
    browser: Browser, ground: Site, width: int, height: int
) -> None:
    one = Visitor(browser, ground, width=width, height=height)
    one.sign_in("head")
    page = open_desk(one.page, ground, more="&lang=en")
    words = page.locator("#main").inner_text()
    assert not re.search("须修复|重叠|操作记录|检查", words)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    if width < 860:
        assert page.locator("#map").is_hidden()
        rows(page).first.click()
        expect(page.locator("#apply")).to_be_in_viewport(timeout=SLOW_MS)
        assert page.locator("#by-hand").is_hidden()
        page.locator("#side .back").click()
        expect(rows(page).first).to_be_in_viewport()
    else:
        expect(page.locator("#apply")).to_be_in_viewport(timeout=SLOW_MS)  # the first finding opens by itself
        assert page.evaluate("document.documentElement.scrollHeight") == height
        assert not re.search(r"\bg_\w+", page.locator("#main").inner_text()), "a word is wanting"
        assert page.evaluate(WIDER) == []
        page.keyboard.press("e")
        expect(page.locator("#tool-remove")).to_be_visible()
        assert page.evaluate(WIDER) == []
    assert one.complaints == []
    assert one.outside() == []
    one.context.close()


def test_a_branch_head_edits_his_own_and_a_manager_looks(browser: Browser, ground: Site) -> None:
    one = Visitor(browser, ground)
    one.sign_in("chief")
    page = open_desk(one.page, ground)
    mine = page.evaluate("[...Getu.grids.all()].map(grid => grid.branch_code)")
    assert set(mine) == {"0100"}
    expect(page.locator("#clean")).to_be_disabled()
    page.keyboard.press("e")
    expect(page.locator("#tool-split")).to_be_visible()
    assert page.locator("#tool-set_branch").count() == 0
    one.context.clear_cookies()
    one.sign_in("manager")
    page = open_desk(one.page, ground)
    expect(page.locator("#read-only")).to_contain_text("您可以查看")
    page.keyboard.press("e")
    assert page.locator("#tool-select").count() == 0
    assert page.get_by_role("link", name="网格规划").count() == 0
    assert one.complaints == []
    assert one.outside() == []
    one.context.close()


def test_without_a_plan_the_desk_says_what_comes_first(seat: Visitor, ground: Site) -> None:
    answer = seat.page.goto(f"{ground.address}/ground?plan=NONE")
    assert answer is not None
    assert answer.status == 404
    expect(seat.page.locator("h1")).to_have_text("没有这个网格规划")
