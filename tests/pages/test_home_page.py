"""The start page in a real browser: five indicators, what waits, rows that open, on a desk and on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from app.customers.intake.vanishing import take_out
from app.customers.recounting import recount
from app.db.connection import WORKER
from tests.maps.seed import lay_bank
from tests.pages.conftest import Lend, Site, Visitor, serve_site

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
SERVED = """UPDATE customer SET last_visit_on = current_date, household_no = id, filed = true
    WHERE id % 3 = 0"""
# Where the line of each trend ends, and where the point of this month stands.
ENDS = """[...document.querySelectorAll(".home-spark")].map((one) => [
    Math.max(...[...one.querySelectorAll("polyline")].flatMap((line) => [...line.points]).map((at) => at.x)),
    one.querySelector("circle").cx.baseVal.value])"""


@pytest.fixture(scope="module")
def bank(lend: Lend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with lend("home") as database:
        small = lay_bank(database, grids=24, customers=500)
        with database.transaction(WORKER) as session:
            session.execute(text((ROOT / "demo/history.sql").read_text(encoding="utf-8")))
            session.execute(text(SERVED))
            # Some left this month, in the grids of everybody who looks.
            one_each = "SELECT DISTINCT ON (grid_id) customer_id FROM assignment WHERE standing = 'existing'"
            take_out(session, list(session.scalars(text(f"{one_each} AND grid_id IS NOT NULL"))))
            recount(session)
        with serve_site(database, small, tmp_path_factory) as site:
            yield site


@pytest.mark.parametrize(
    ("login", "wide", "high", "lang"),
    [("head", 1366, 768, "zh"), ("chief", 1440, 900, "en"), ("manager", 360, 740, "zh")],
)
def test_everybody_has_a_start_page_that_fits_and_is_accessible(
    browser: Browser, bank: Site, login: str, wide: int, high: int, lang: str
) -> None:
    one = Visitor(browser, bank, width=wide, height=high)
    one.sign_in(login)
    one.page.goto(f"{bank.address}/home?lang={lang}")
    expect(one.page.locator(".home-card")).to_have_count(5)
    expect(one.page.locator(".home-spark")).to_have_count(5)
    # The month that runs is a hollow point of its own, no end of the line, and says so.
    expect(one.page.locator(".home-spark .home-now")).to_have_count(5)
    ends = one.page.evaluate(ENDS)
    assert all(line < 114 and point == 115 for line, point in ends), ends
    assert one.page.evaluate("document.documentElement.scrollWidth") <= wide
    one.page.screenshot(path=bank.shots / f"home-{login}.png", full_page=True)
    one.page.evaluate(AXE.read_text(encoding="utf-8"))
    faults = one.page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))")
    assert faults == []
    assert one.outside() == []
    assert one.complaints == []
    one.context.close()


def test_a_branch_opens_its_page_and_a_manager_his_grids(browser: Browser, bank: Site) -> None:
    one = Visitor(browser, bank)
    one.sign_in("head")
    page = one.page
    page.goto(f"{bank.address}/home")
    total = page.locator(".home-sum td").first.inner_text()
    assert total == "24"
    page.locator(".home-table tbody a").first.click()
    expect(page.locator("h1")).to_contain_text("支行")
    page.locator(".home-table tbody a").first.click()
    expect(page.locator("tbody a[href^='/#grid=']").first).to_be_visible()
    assert one.complaints == []
    one.context.close()


# Cards, then lists that wait: each link with the number that stands before it.
NUMBERS = """[...document.querySelectorAll(".home-card")].map((one) =>
    [one.querySelector(".home-n").getAttribute("href"), one.querySelector(".num").textContent])"""
DUE = """[...document.querySelectorAll(".home-work a[href^='/#']")].map((one) =>
    [one.getAttribute("href"), one.querySelector("b").textContent])"""


@pytest.mark.parametrize("login", ["head", "chief", "manager"])
def test_every_number_opens_its_rows_and_they_are_as_many(browser: Browser, bank: Site, login: str) -> None:
    one = Visitor(browser, bank)
    one.sign_in(login)
    page = one.page
    page.goto(f"{bank.address}/home")
    numbers, due = page.evaluate(NUMBERS), page.evaluate(DUE)
    assert len(numbers) == 5
    assert due or login != "head"
    for at, (address, number) in enumerate([*numbers, *due]):
        n = number.split(" / ")[0]
        if address.startswith("/home/"):
            page.goto(bank.address + address)
            expect(page.locator("#total")).to_have_text(n)
            assert page.locator("tbody tr").count() == int(n)
            assert n != "0" or "results" in address
            continue
        # What the map says of its filter; one of them looked at on the map itself.
        asked = address.partition("#")[2].replace("tint=coverage", "")
        told = page.request.get(
            f"{bank.address}/api/v1/map/count?" + re.sub(r"tint=\w+&|^&", "", asked)
        ).json()
        if "coverage" in address:
            assert f"{told['covered']['n']:,} / {told['covered']['of']:,}" == number
        else:
            assert f"{told['n']:,}" == n != "0"
        if at == 0:
            page.goto(bank.address + address)
            expect(page.locator("#filter-count")).to_contain_text(re.compile(rf"\D{n} 户"))
    one.context.close()
