"""A customer file on the import page: tried, asked about, answered where it was dropped, imported."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from app.db.connection import WORKER
from tests.maps.seed import lay_bank
from tests.pages.conftest import Lend, Site, Visitor, serve_site, work_beside

ROWS = [f"K{n},户主{n},常乐镇颐生村{n}号" for n in range(1, 5)]


@pytest.fixture(scope="module")
def bank(lend: Lend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A bank of this file's own, with a worker."""
    with lend("intake") as database:
        small = lay_bank(database, grids=12, customers=40)
        with database.transaction(WORKER) as session:
            # The bank's own customers were laid with their numbers: the next one comes behind them.
            session.execute(text("SELECT max(nextval('customer_id_seq')) FROM generate_series(1, 100)"))
        with serve_site(database, small, tmp_path_factory) as site, work_beside(site):
            yield site


def drop(one: Visitor, file: Path, *, mode: str) -> Page:
    """Choose a file of the CRM's customers and have it looked at."""
    page = one.page
    page.goto(f"{one.site.address}/imports")
    page.set_input_files("#pick", file)
    page.select_option("#kind", "customers:crm")
    page.select_option("#mode", mode)
    page.get_by_role("button", name="上传并识别").click()
    return page


def count_gone(bank: Site) -> list[int]:
    """Customers of the CRM who stand, and who are gone."""
    query = """SELECT count(*) FILTER (WHERE gone_at IS NULL), count(*) FILTER (WHERE gone_at IS NOT NULL)
        FROM customer WHERE source_key LIKE 'K_'"""
    with bank.database.transaction(WORKER) as session:
        return list(session.execute(text(query)).one())


def test_what_a_customer_file_leaves_open_is_answered_where_it_was_dropped(
    browser: Browser, bank: Site, tmp_path: Path
) -> None:
    head = Visitor(browser, bank, width=1366, height=768)
    head.sign_in("head")
    whole, part = tmp_path / "crm_all.csv", tmp_path / "crm_part.csv"
    whole.write_text("\n".join(["客户号,甲,联系地址", *ROWS, "K9,,常乐镇"]), encoding="gb18030")
    part.write_text("\n".join(["客户号,客户名称,联系地址", ROWS[0]]), encoding="utf-8")
    page = drop(head, whole, mode="delta")
    expect(page.locator(".reason")).to_contain_text("客户名称")
    page.locator("label.option", has_text="甲").click()
    page.click("#intake-again")
    expect(page.locator("#intake-go")).to_have_text("导入 4 户")
    assert count_gone(bank) == [0, 0]
    page.click("#intake-go")
    page.wait_for_url("**/imports/*")
    with page.expect_download() as download:
        page.click("[data-list=left_out]")
    assert '"no_name"' in download.value.path().read_text(encoding="utf-8")
    page = drop(head, part, mode="full")
    expect(page.locator(".reason")).to_contain_text("3 户")
    page.locator("label.option", has_text="移出网格").click()
    page.click("#intake-again")
    expect(page.locator(".verdict")).not_to_contain_text("NaN")
    page.click("#intake-go")
    page.wait_for_url("**/imports/*")
    assert count_gone(bank) == [1, 3]
    assert (head.outside(), head.complaints) == ([], [])
    head.context.close()


def test_an_analyst_is_offered_no_customer_file(browser: Browser, bank: Site, tmp_path: Path) -> None:
    analyst = Visitor(browser, bank, width=360, height=740)
    analyst.sign_in("analyst")
    page = analyst.page
    file = tmp_path / "crm.csv"
    file.write_text("客户号,客户名称", encoding="utf-8")
    page.goto(f"{bank.address}/imports")
    page.set_input_files("#pick", file)
    expect(page.locator("#kind option[value=village]")).to_have_count(1)
    expect(page.locator("#kind option[value^=customers]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    analyst.context.close()
