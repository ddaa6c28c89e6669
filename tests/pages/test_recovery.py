"""A page that lies open all day: rights withdrawn, an account switched off, a database gone and back."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import mapbox_vector_tile
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from app.db import cluster
from app.db.bank import open_bank
from app.maps.tiles.sight import KNOWN_FOR_S
from app.settings import Settings
from tests.db.conftest import end_home
from tests.maps.seed import WORKER, lay_bank
from tests.pages.conftest import PASSWORD, Site, Visitor, serve_site

PAGES = ("/", "/home", "/day", "/pin", "/imports", "/ground", "/plans", "/placement", "/scheme", "/lending")
ASKED = (
    "/api/v1/me",
    "/api/v1/grids",
    "/api/v1/map/legend/states",
    "/tiles/grids/10/856/415.mvt",
    "/tiles/states/10/856/415.mvt",
    "/tiles/style.json",
    "/tiles/grids.json",
)
COPY = """INSERT INTO app_user (login, name, role, staff_id, branch_id, active, password_hash)
    SELECT :login, name, role, staff_id, branch_id, active, password_hash FROM app_user WHERE login = :of"""

TAKE = "UPDATE duty SET valid = '[2020-01-01,2020-01-02)' WHERE grid_id = :grid_id AND role = 'primary'"
GIVE_BACK = TAKE.replace("[2020-01-01,2020-01-02)", "[2026-01-01,)")


def change(site: Site, statement: str, **params: object) -> None:
    """Something that somebody else does meanwhile."""
    with site.database.transaction(WORKER) as session:
        session.execute(text(statement), params)


@pytest.fixture
def away_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A service over a cluster of its own, which the test may stop."""
    home = Path(tempfile.mkdtemp(prefix="getu-home-", dir="/tmp"))
    home.chmod(0o755)
    database = open_bank(Settings(home=home, cluster_profile="test"))
    with serve_site(database, lay_bank(database, grids=12, customers=60), tmp_path_factory) as site:
        site.requests.append(str(home))
        yield site
    database.close()
    end_home(home)


def test_a_database_that_went_is_told_everywhere_and_the_open_page_goes_on_when_it_is_back(
    away_site: Site, browser: Browser
) -> None:
    site, home = away_site, Path(away_site.requests[0])
    visitor = Visitor(browser, site)
    visitor.sign_in("head")
    page = visitor.open_map()
    cluster.stop(home)
    page.fill("#q", "村")
    expect(page.locator("#link-bar.warn")).to_contain_text("连接中断")
    for path in ASKED:
        told = visitor.context.request.get(site.address + path)
        assert (told.status, told.json()["code"]) == (503, "database_away"), path
        assert told.headers["retry-after"]
    for path in PAGES:
        told = visitor.context.request.get(site.address + path, headers={"Accept": "text/html"})
        assert told.status == 503, path
        assert "系统暂时无法使用" in told.text()
        assert "not available" in told.text()
    signing = httpx.post(f"{site.address}/api/v1/session", json={"login": "head", "password": PASSWORD})
    assert signing.status_code == 503
    late = visitor.context.new_page()
    late.goto(f"{site.address}/home")
    expect(late.locator("h1")).to_contain_text("系统暂时无法使用")
    cluster.ensure(home, profile="test")
    expect(late.locator("#nav")).to_be_visible()
    expect(page.locator("#results li").first).to_be_visible()
    expect(page.locator("#link-bar")).to_be_empty()
    visitor.context.close()


def test_rights_that_were_changed_take_the_old_page_away_and_bring_the_new_one(
    site: Site, browser: Browser
) -> None:
    change(site, COPY, login="mover", of="head")
    visitor = Visitor(browser, site)
    visitor.sign_in("mover")
    page = visitor.open_map("#tint=branch")
    change(
        site,
        "UPDATE app_user SET (role, staff_id, branch_id) = (SELECT role, staff_id, branch_id FROM app_user"
        " WHERE login = 'manager') WHERE login = 'mover'",
    )
    page.fill("#q", "村")
    expect(page.get_by_role("alert")).to_contain_text("您的权限已调整")
    assert page.locator("canvas, #panel, #results").count() == 0
    expect(page.locator("#link-bar")).to_contain_text("本页已按新的权限显示")
    expect(page.locator("#panel [data-layer=grids]")).to_be_attached()
    assert "tint=branch" in page.url
    assert page.locator(".user small").inner_text() == "客户经理"
    change(site, "UPDATE app_user SET active = false WHERE login = 'mover'")
    # Whatever the page asks next tells it; it may be asking already.
    page.evaluate("void fetch('/api/v1/me')")
    expect(page.get_by_role("alert")).to_contain_text("您的账号已停用")
    assert page.locator("canvas, #panel, #results").count() == 0
    back = page.get_by_role("link", name="重新登录").get_attribute("href")
    assert back is not None
    assert "tint%3Dbranch" in back
    visitor.context.close()


def test_a_grid_that_was_taken_from_a_manager_is_on_none_of_his_tiles_kept_or_not(site: Site) -> None:
    tile = "/tiles/grids/8/214/103.mvt"
    with httpx.Client(base_url=site.address) as his:
        his.post("/api/v1/session", json={"login": "manager", "password": PASSWORD}).raise_for_status()

        def own() -> set[int]:
            parts = mapbox_vector_tile.decode(his.get(tile).content)
            return {one["properties"]["grid_id"] for one in parts.get("grids", {"features": []})["features"]}

        before, sight = own(), his.get("/api/v1/me").json()["sight"]
        assert own() == before
        assert before
        taken = min(before)
        change(site, TAKE, grid_id=taken)
        time.sleep(KNOWN_FOR_S + 0.1)
        assert own() == before - {taken}
        assert his.get("/api/v1/me").json()["sight"] != sight
    change(site, GIVE_BACK, grid_id=taken)
