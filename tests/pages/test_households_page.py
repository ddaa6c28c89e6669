"""The page of households in a real browser: looked at, confirmed, split and taken back with one key each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from app.customers.households.storing import link_households
from app.db import Database
from app.db.connection import WORKER
from tests.maps.seed import lay_bank
from tests.pages.conftest import Lend, Site, Visitor, serve_site

FAMILIES = (
    ("沈建国 head", "陆秀兰 spouse", "沈小明 son", "施红梅 child_in_law"),
    ("王海峰 head", "顾玉珍 spouse"),
    ("袁永明 head", "蔡素珍 spouse", "袁春雪 daughter"),
    ("倪文彬 head", "朱海燕 spouse", "倪建新 son", "倪志明 grandchild", "茅桂英 parent"),
    ("黄汉忠 head", "罗秋菊 spouse"),
)
PICK = """SELECT a.customer_id FROM assignment a JOIN duty d ON d.grid_id = a.grid_id
    JOIN app_user u ON u.staff_id = d.staff_id AND u.login = 'manager'
    WHERE d.role = 'primary' ORDER BY a.grid_id, a.customer_id LIMIT :n"""
AWAY = """SELECT a.customer_id FROM assignment a JOIN grid g ON g.id = a.grid_id
    WHERE g.branch_id = (SELECT max(id) FROM branch WHERE kind = 'branch') ORDER BY 1 LIMIT 2"""


@pytest.fixture(scope="module")
def homes(lend: Lend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A bank of this file's own with eight households that a run has linked."""
    with lend("homes") as database:
        bank = lay_bank(database, grids=24, customers=500)
        lay_families(database)
        with serve_site(database, bank, tmp_path_factory) as site:
            yield site


def lay_families(database: Database) -> None:
    """Five families on a register, two couples of an address alone, one whose son is in another's grid."""
    lone = (("沈梅 ", "沈伟 "), ("张兰 ", "张军 "))
    people = [*FAMILIES, *lone, ("沈国平 head", "陆小凤 spouse")]
    with database.transaction(WORKER) as session:
        session.execute(
            text("INSERT INTO source_system VALUES ('core', '核心系统', 1) ON CONFLICT DO NOTHING")
        )
        ids = iter(session.scalars(text(PICK), {"n": sum(map(len, people))}).all())
        away = session.scalars(text(AWAY)).all()
        session.execute(text("UPDATE customer SET name = '沈远航' WHERE id = :id"), {"id": away[0]})
        for at, family in enumerate(people, start=1):
            known = at <= len(FAMILIES) or at == len(people)
            for person in family:
                put_at_home(session, next(ids), person, house=at, roster_no=f"H{at:03}" if known else None)
        put_at_home(session, away[0], "沈远航 son", house=len(people), roster_no=f"H{len(people):03}")
        link_households(session)


def put_at_home(session: object, customer: int, person: str, *, house: int, roster_no: str | None) -> None:
    """A customer gets his name, relation, number and house in 颐生村."""
    name, relation = person.split(" ")
    facts = {"id": customer, "name": name, "relation": relation or None, "no": roster_no}
    facts["address"] = f"常乐镇颐生村8组{house}号"
    update = "UPDATE customer SET name = :name, relation = :relation, household_no = :no, address = :address"
    session.execute(text(f"{update} WHERE id = :id"), facts)  # type: ignore[attr-defined]
    placed = "UPDATE placement SET unit_code = 'U000', score = 1 WHERE customer_id = :id"
    session.execute(text(placed), facts)  # type: ignore[attr-defined]


@pytest.fixture
def visitor(browser: Browser, homes: Site) -> Iterator[Visitor]:
    """A manager at his desk; whatever happens, not one request leaves the origin."""
    one = Visitor(browser, homes)
    one.sign_in("manager")
    yield one
    assert one.outside() == []
    assert one.complaints == []
    one.context.close()


def open_page(visitor: Visitor, more: str = "") -> Page:
    """The page, read to the end."""
    visitor.page.goto(f"{visitor.site.address}/households{more}")
    visitor.page.wait_for_selector("html[data-ready]", state="attached")
    return visitor.page


def state_of(homes: Site, name: str) -> list[str]:
    """The states of the members of the household that somebody is in."""
    with homes.database.transaction(WORKER) as session:
        return list(
            session.scalars(
                text(
                    "SELECT m.state FROM household_member m WHERE m.household_id = (SELECT household_id FROM"
                    " household_member o JOIN customer c ON c.id = o.customer_id WHERE c.name = :name)"
                ),
                {"name": name},
            )
        )


def test_households_are_decided_with_one_key_each(visitor: Visitor, homes: Site) -> None:
    page = open_page(visitor)
    expect(page.locator(".home-row")).to_have_count(8)
    expect(page.locator("#sum .stat")).to_have_count(6)
    expect(page.locator("#one-title")).to_have_text("沈**等 4 人")
    expect(page.locator(".person")).to_have_count(4)
    assert "同一来源户号相同" in page.inner_text(".person:first-child .why")
    second = page.locator(".home-row .ttl").nth(1).inner_text()
    assert second.endswith("等 2 人")
    page.keyboard.press("j")
    expect(page.locator("#one-title")).to_have_text(second)
    page.keyboard.press("k")
    expect(page.locator("#one-title")).to_have_text("沈**等 4 人")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("已确认")
    expect(page.locator(".home-row")).to_have_count(7)
    expect(page.locator("#one-title")).to_have_text(second)
    assert set(state_of(homes, "沈建国")) == {"confirmed"}
    page.keyboard.press("z")
    expect(page.locator(".home-row")).to_have_count(8)
    assert set(state_of(homes, "沈建国")) == {"proposed"}
    page.screenshot(path=homes.shots / "households-1440.png")


def test_who_does_not_live_there_is_ticked_and_split_off(visitor: Visitor, homes: Site) -> None:
    page = open_page(visitor)
    page.keyboard.press("s")
    expect(page.locator("#toast")).to_contain_text("先勾选")
    page.keyboard.press("3")
    expect(page.locator(".person.ticked")).to_have_count(1)
    expect(page.locator("#do-split")).to_contain_text("拆出 1 条")
    page.keyboard.press("s")
    expect(page.locator(".person")).to_have_count(3)
    assert len(state_of(homes, "沈建国")) == 3
    page.locator("#toast-act").click()
    expect(page.locator(".person")).to_have_count(4)
    expect(page.locator(".home-past summary")).to_contain_text("操作记录")


def test_filters_states_and_what_is_hidden_are_told(visitor: Visitor) -> None:
    page = open_page(visitor)
    page.select_option("#band", "likely")
    expect(page.locator(".home-row")).to_have_count(2)
    page.select_option("#band", "")
    page.fill("#find", "沈国")
    expect(page.locator(".home-row")).to_have_count(1)
    expect(page.locator(".homes-one header")).to_contain_text("另有 1 条在他人网格")
    page.fill("#find", "没有")
    expect(page.locator("#rows")).to_contain_text("没有符合的家庭")
    page.get_by_role("button", name="清除筛选").click()
    page.get_by_role("button", name="已确认").click()
    expect(page.locator("#rows")).to_contain_text("没有待确认的家庭")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_fits_screens_and_languages(
    browser: Browser, homes: Site, lang: str, width: int, height: int
) -> None:
    one = Visitor(browser, homes, width=width, height=height)
    one.sign_in("manager")
    page = open_page(one, f"?lang={lang}")
    expect(page.locator("h1")).to_have_text("家庭关联" if lang == "zh" else "Households")
    page.screenshot(path=homes.shots / f"households-{width}-{lang}-list.png")
    if width < 860:
        page.locator(".home-row").first.click()
        expect(page.locator("#one")).to_be_visible()
        expect(page.locator("#do-confirm")).to_have_css("height", "48px")
        page.screenshot(path=homes.shots / f"households-{width}-{lang}-one.png")
        page.locator(".back").click()
        expect(page.locator("#one")).to_be_hidden()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    assert one.outside() == []
    assert one.complaints == []
    one.context.close()


def test_whoever_may_not_place_is_told_so(browser: Browser, homes: Site) -> None:
    one = Visitor(browser, homes)
    one.sign_in("analyst")
    answer = one.page.goto(f"{homes.address}/households")
    assert answer is not None
    assert answer.status == 403
    expect(one.page.locator("h1")).to_have_text("没有家庭关联权限")
    one.context.close()
