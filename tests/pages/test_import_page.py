"""The import desk in a real browser: five kinds of file from being dropped to being loaded and undone."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import text

from app.db import Database, cluster
from app.db.connection import WORKER
from app.spatial import crs
from app.territory import boundaries
from tests.conftest import copy_database, run_admin
from tests.maps.seed import lay_bank
from tests.pages import desk_files as made
from tests.pages.conftest import Site, Visitor, serve_site, work_beside

VILLAGES = Path(__file__).parents[2] / "data" / "boundaries" / "haimen_villages.zip"
SIZES = [(1440, 900), (1366, 768), (360, 740)]
SLOW_MS = 60_000


@pytest.fixture(scope="module")
def desk(
    server: cluster.Cluster, template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A bank of this file's own, with a worker: what is loaded here moves nobody else's ground."""
    name = f"getu_desk_{worker_id}"
    database = copy_database(server, template, name)
    bank = lay_bank(database, grids=60, customers=800)
    lay_villages(database)
    with serve_site(database, bank, tmp_path_factory) as site, work_beside(site):
        yield site
    database.close()
    run_admin(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def lay_villages(database: Database) -> None:
    """The demo county's borders in place of the drawn ones: a shift is told by borders that bend."""
    with database.transaction(WORKER) as session:
        session.execute(text("UPDATE unit SET valid = '[2025-01-01,2026-01-01)'"))
        options = boundaries.ImportOptions(kind="village", valid_from="2026-01-01")
        report = boundaries.import_boundaries(session, VILLAGES, options=options)
        assert report.status == "imported"


@pytest.fixture(scope="module")
def villages(desk: Site) -> made.Villages:
    """The villages that stand before anything is imported."""
    return made.read_villages(desk.database)


@pytest.fixture
def visitor(browser: Browser, desk: Site) -> Iterator[Visitor]:
    """An analyst at his desk; whatever happens, not one request leaves the origin."""
    one = Visitor(browser, desk)
    one.sign_in("analyst")
    yield one
    assert one.outside() == []
    one.context.close()


def open_list(visitor: Visitor) -> Page:
    """The list of imports, read to the end."""
    visitor.page.goto(f"{visitor.site.address}/imports")
    visitor.page.wait_for_selector("#past:not([aria-busy])")
    return visitor.page


def look(visitor: Visitor, *files: Path, kind: str = "village") -> Page:
    """Choose files, say what they are, upload, and wait for what was found."""
    page = open_list(visitor)
    page.set_input_files("#pick", list(files))
    page.select_option("#kind", kind)
    page.get_by_role("button", name="上传并识别").click()
    page.wait_for_url(re.compile(r"/imports/\d+"))
    return rest(page)


def rest(page: Page) -> Page:
    """The desk when nothing is under way."""
    page.wait_for_selector(
        "#desk[data-state]:not([data-state=busy]):not([data-state=running])", timeout=SLOW_MS
    )
    return page


def state_of(page: Page) -> str | None:
    return page.locator("#desk").get_attribute("data-state")


def found(page: Page, name: str) -> Locator:
    """A line of what was found."""
    return page.locator(".found > li", has=page.get_by_text(name, exact=True))


def import_id(page: Page) -> int:
    return int(page.url.split("/imports/")[1].split("#")[0].split("?")[0])


def count_units(database: Database, number: int) -> int:
    with database.transaction(WORKER) as session:
        return int(session.scalar(text("SELECT count(*) FROM unit WHERE import_id = :n"), {"n": number}) or 0)


def load(page: Page) -> None:
    """Load what was tried."""
    page.get_by_role("button", name=re.compile("^载入 ")).click()
    expect(page.locator("#desk")).to_have_attribute("data-state", "imported", timeout=SLOW_MS)


def undo(page: Page) -> None:
    """Take the import back, by its button and the question that follows."""
    page.get_by_role("button", name="撤销导入").click()
    page.locator("#dialog").get_by_role("button", name="撤销", exact=True).click()
    expect(page.locator("#desk")).to_have_attribute("data-state", "undone", timeout=SLOW_MS)


def test_a_zip_in_gbk_with_a_wrong_mark_is_looked_at_loaded_and_undone(
    visitor: Visitor, villages: made.Villages, tmp_path: Path
) -> None:
    page = look(visitor, made.write_zip(tmp_path, villages))
    assert state_of(page) == "checked"
    expect(page.locator("h1")).to_have_text("海门行政村2025.zip")
    expect(found(page, "编码")).to_contain_text(re.compile("GBK|GB18030"))
    expect(found(page, "编码")).to_contain_text("UTF-8")
    expect(found(page, "字段")).to_contain_text("XZQDM → ")
    expect(page.locator(".sample")).to_contain_text(villages.names[0])
    number, count = import_id(page), len(villages.codes)
    assert count_units(visitor.site.database, number) == 0
    load(page)
    expect(page.locator(".verdict")).to_contain_text(f"已载入 {count} 个面")
    assert count_units(visitor.site.database, number) == count
    undo(page)
    assert count_units(visitor.site.database, number) == 0
    expect(page.locator(".verdict")).to_contain_text("这次导入已撤销")
    assert visitor.complaints == []


def test_borders_off_by_a_web_map_are_moved_and_the_picture_says_so(
    visitor: Visitor, villages: made.Villages, tmp_path: Path
) -> None:
    page = look(visitor, made.write_shifted(tmp_path, villages, declared=False))
    assert state_of(page) == "checked"
    expect(found(page, "坐标系")).to_contain_text("GCJ-02")
    expect(found(page, "坐标系")).to_contain_text(re.compile("偏东南? [3-7]\\d\\d 米"))
    expect(page.locator(".outline")).to_have_count(2)
    expect(page.locator(".outline .arrow")).to_have_count(1)
    expect(page.locator(".outline-label").first).to_have_text(re.compile("偏东南? [3-7]\\d\\d 米"))
    page.get_by_role("button", name="全图").click()
    expect(page.get_by_role("button", name="近看")).to_be_visible()
    load(page)
    assert measure_error_m(visitor.site.database, import_id(page), villages) < 3
    undo(page)


def measure_error_m(database: Database, number: int, villages: made.Villages) -> float:
    """The largest distance of an imported village's middle from where it truly lies."""
    with database.transaction(WORKER) as session:
        rows = session.execute(
            text("SELECT code, ST_AsBinary(geom) FROM unit WHERE import_id = :n"), {"n": number}
        ).all()
    stored = {code: shapely.centroid(shapely.from_wkb(shape)) for code, shape in rows}
    true = shapely.centroid(villages.shapes)
    there = np.array([stored[code] for code in villages.codes])
    far = crs.distance_m(shapely.get_x(true), shapely.get_y(true), shapely.get_x(there), shapely.get_y(there))
    return float(far.max())


def test_a_declared_system_that_the_ground_denies_is_asked_and_the_answer_goes_on(
    visitor: Visitor, villages: made.Villages, tmp_path: Path
) -> None:
    page = look(visitor, made.write_shifted(tmp_path, villages, declared=True))
    assert state_of(page) == "needs_answer"
    expect(page.locator(".question h2")).to_contain_text("坐标疑似 GCJ-02，要换算吗")
    expect(page.locator(".steps .now")).to_contain_text("回答问题")
    expect(page.locator(".outline")).to_have_count(2)
    page.locator(".option", has_text="按 GCJ-02 换算").click()
    page.screenshot(path=Path(visitor.site.shots) / "question.png", full_page=True)
    page.get_by_role("button", name="确认并试算").click()
    expect(page.locator("#desk")).to_have_attribute("data-state", "checked", timeout=SLOW_MS)
    expect(found(page, "坐标系")).to_contain_text("由人指定")
    expect(page.locator(".steps .now")).to_contain_text("载入")


def test_a_system_that_nobody_offered_can_be_written_and_nonsense_is_told_at_once(
    visitor: Visitor, villages: made.Villages, tmp_path: Path
) -> None:
    page = look(visitor, made.write_shifted(tmp_path, villages, declared=True))
    other = page.locator(".option.other")
    other.locator("input[type=text]").fill("火星")
    expect(other).to_contain_text("不认识这个坐标系")
    expect(page.get_by_role("button", name="确认并试算")).to_be_disabled()
    other.locator("input[type=text]").fill("GCJ02")
    expect(other).to_contain_text("火星坐标")
    page.get_by_role("button", name="确认并试算").click()
    expect(page.locator("#desk")).to_have_attribute("data-state", "checked", timeout=SLOW_MS)


def test_loose_parts_come_together_and_a_column_can_be_changed(
    visitor: Visitor, villages: made.Villages, tmp_path: Path
) -> None:
    parts = made.write_parts(tmp_path, villages, "CUN")
    page = look(visitor, *parts.values())
    assert state_of(page) == "checked"
    page.get_by_role("button", name="改字段对应").click()
    dialog = page.locator("#dialog")
    expect(dialog.locator("[name=unit_code]")).to_have_value("XZQDM")
    dialog.get_by_role("button", name="按此重新试算").click()
    expect(dialog).to_contain_text("没有改动")
    dialog.locator("[name=official_name]").select_option("XZQMC")
    dialog.locator("[name=unit_name]").select_option("乡镇名称")
    dialog.locator("[name=town_name]").select_option("@none")
    dialog.get_by_role("button", name="按此重新试算").click()
    expect(found(page, "字段")).to_contain_text("乡镇名称 → ", timeout=SLOW_MS)
    assert state_of(page) == "checked"


def test_a_kml_of_closed_lines_becomes_villages(
    visitor: Visitor, villages: made.Villages, tmp_path: Path
) -> None:
    page = look(visitor, made.write_kml(tmp_path, villages))
    assert state_of(page) == "checked"
    expect(page.locator(".file-card")).to_contain_text("KML")
    load(page)
    assert count_units(visitor.site.database, import_id(page)) == len(villages.codes)
    undo(page)


def test_a_table_with_wkt_becomes_villages(visitor: Visitor, villages: made.Villages, tmp_path: Path) -> None:
    page = look(visitor, made.write_csv(tmp_path, villages))
    assert state_of(page) == "checked"
    expect(found(page, "编码")).to_contain_text(re.compile("GB"))
    load(page)
    assert count_units(visitor.site.database, import_id(page)) == len(villages.codes)
    undo(page)


def test_a_zip_that_was_cut_is_refused_with_its_reason_and_what_to_do(
    visitor: Visitor, villages: made.Villages, tmp_path: Path
) -> None:
    page = look(visitor, made.write_truncated(tmp_path, villages))
    assert state_of(page) == "rejected"
    verdict = page.locator(".verdict")
    expect(verdict).to_contain_text("压缩包损坏或不完整")
    expect(verdict).to_contain_text("怎么办")
    expect(verdict).to_contain_text("没有写入任何数据")
    assert count_units(visitor.site.database, import_id(page)) == 0
    expect(page.get_by_role("button", name=re.compile("^载入"))).to_have_count(0)


def test_a_file_that_is_not_taken_is_told_at_once_and_never_sent(visitor: Visitor, tmp_path: Path) -> None:
    (tmp_path / "说明.docx").write_bytes(b"PK words")
    (tmp_path / "empty.geojson").write_bytes(b"")
    page = open_list(visitor)
    page.set_input_files("#pick", [tmp_path / "说明.docx", tmp_path / "empty.geojson"])
    expect(page.locator(".chosen").nth(0)).to_contain_text("不支持这种文件")
    expect(page.locator(".chosen").nth(1)).to_contain_text("空文件")
    expect(page.get_by_role("button", name="上传并识别")).to_be_disabled()
    page.locator(".chosen").nth(0).get_by_role("button").click()
    expect(page.locator(".chosen")).to_have_count(1)
    assert not [url for url in visitor.requests if "imports/boundaries" in url]


def test_files_are_dropped_and_a_shapefile_without_its_table_is_told(
    visitor: Visitor, villages: made.Villages, tmp_path: Path
) -> None:
    page = open_list(visitor)
    drop = """names => {
        const transfer = new DataTransfer();
        for (const name of names) transfer.items.add(new File(["words"], name));
        document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
    }"""
    page.evaluate(drop, ["cun.shp", "cun.shx"])
    expect(page.locator(".chosen").nth(0)).to_contain_text("缺 .dbf")
    page.evaluate(drop, ["cun.dbf", "cun.shp"])
    expect(page.locator(".chosen")).to_have_count(3)
    expect(page.locator("#drop")).not_to_contain_text("缺 .dbf")


def test_progress_is_asked_for_where_the_stream_does_not_hold(
    visitor: Visitor, villages: made.Villages, tmp_path: Path
) -> None:
    visitor.context.route("**/api/v1/jobs/*/events", lambda route: route.abort())
    page = look(visitor, made.write_zip(tmp_path, villages))
    assert state_of(page) == "checked"
    assert [url for url in visitor.requests if re.search(r"/api/v1/jobs/\d+$", url)]


def test_the_same_file_again_leads_to_the_import_that_stands(
    visitor: Visitor, villages: made.Villages, tmp_path: Path
) -> None:
    path = made.write_zip(tmp_path, villages)
    first = look(visitor, path)
    load(first)
    number = import_id(first)
    again = look(visitor, path)
    expect(again).to_have_url(re.compile(f"/imports/{number}#same=1"), timeout=SLOW_MS)
    expect(again.locator("#desk")).to_contain_text("同一文件已导入过")
    undo(rest(again))


def store_run(database: Database, status: str, report: dict[str, Any], *, name: str = "村界.zip") -> int:
    """An import as its job would leave it."""
    whole = {
        "status": "needs_answer" if status == "needs_answer" else "imported",
        "features": 0,
        "rejected": [],
        "encoding": {"name": "gbk", "how": "text"},
        "crs": {"declared": None, "used": "EPSG:4326", "how": "inferred", "evidence": []},
        "warnings": [],
        "questions": [],
        "layers": ["cun"],
        "import_id": None,
        "format": "shapefile",
        "repairs": [],
        "columns": [],
        "preview": None,
        **report,
    }
    with database.transaction(WORKER) as session:
        made_id = session.scalar(
            text("""INSERT INTO import_run (kind, file_name, sha256, options, status, report, created_by,
            finished_at) VALUES ('boundaries', :name, 'drawn', '{"kind": "village", "answers": {}}', :status,
            :report, (SELECT id FROM app_user WHERE login = 'analyst'), now()) RETURNING id"""),
            {"name": name, "status": status, "report": json.dumps(whole)},
        )
    return int(made_id or 0)


LONG = "江苏省南通市海门区常乐镇" * 9 + "2025年第三次全国国土调查行政村界线成果（终稿）（最终）（不再改）.zip"
REJECTED = [
    {"row": row, "reason": "no_code", "message": "没有名称或代码 / no name or no code"}
    for row in range(1, 2001)
]
COLUMNS = [
    {
        "name": f"BZ_FIELD_{n:02}",
        "term": "unit_name" if n == 7 else None,
        "sample": ["甲", "", "乙", "丙", "丁"],
    }
    for n in range(40)
]
MENDED = [
    {
        "row": 17,
        "code": "crossed",
        "message": "边界自相交，已按外缘整理 / crossing ring taken apart",
        "area_before_m2": 3120000.0,
        "area_after_m2": 3018000.0,
        "change_percent": -3.27,
        "question": True,
    }
]
ASKED = [
    {
        "code": "field_unit_code",
        "message": "哪一列是单元代码？ / Which column?",
        "options": [c["name"] for c in COLUMNS],
    },
    {
        "code": "repair_changes_area",
        "message": "第 17 行修复后面积变化超过 2% / row 17 changes by more than 2 %",
        "options": ["accept", "leave_out"],
    },
]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_crowded_import_fits_every_screen_in_both_languages(
    browser: Browser, desk: Site, size: tuple[int, int], lang: str
) -> None:
    report = {
        "features": 2296,
        "rejected": REJECTED,
        "columns": COLUMNS,
        "repairs": MENDED,
        "questions": ASKED,
    }
    number = store_run(desk.database, "needs_answer", report, name=LONG)
    visitor = Visitor(browser, desk, width=size[0], height=size[1])
    visitor.sign_in("analyst")
    for address, name in ((f"/imports/{number}", "desk"), ("/imports", "list")):
        visitor.page.goto(f"{desk.address}{address}?lang={lang}")
        visitor.page.wait_for_selector("#desk[data-state], #past:not([aria-busy])")
        shot = Path(desk.shots) / f"{name}-{size[0]}-{lang}.png"
        visitor.page.screenshot(path=shot, full_page=True)
        assert shot.stat().st_size > 20_000
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert visitor.outside() == []
    visitor.context.close()


def test_two_thousand_rows_are_shown_by_the_hundred_and_forty_columns_on_demand(
    visitor: Visitor, desk: Site
) -> None:
    number = store_run(
        desk.database, "needs_answer", {"rejected": REJECTED, "columns": COLUMNS, "questions": ASKED}
    )
    page = visitor.page
    page.goto(f"{desk.address}/imports/{number}")
    card = rest(page).locator(".card", has_text="未载入的行").last
    expect(card.locator("tbody tr")).to_have_count(100)
    expect(card).to_contain_text("第 1–100 行，共 2,000 行")
    card.get_by_role("button", name="下一页").click()
    expect(card.locator("tbody tr").first).to_contain_text("101")
    sample = page.locator(".card", has_text="表格样例")
    expect(sample.locator("th")).to_have_count(1)
    sample.get_by_role("button", name="还有 39 列不用").click()
    expect(sample.locator("th")).to_have_count(40)


def test_every_question_must_be_answered_before_going_on(visitor: Visitor, desk: Site) -> None:
    number = store_run(
        desk.database, "needs_answer", {"columns": COLUMNS, "questions": ASKED, "repairs": MENDED}
    )
    page = visitor.page
    page.goto(f"{desk.address}/imports/{number}")
    go = rest(page).get_by_role("button", name="确认并试算")
    expect(go).to_be_disabled()
    expect(page.locator(".ask-foot")).to_contain_text("还有 2 题没有选")
    page.select_option("#q-field_unit_code", "BZ_FIELD_03")
    expect(page.locator(".question").first).to_contain_text("如 甲、乙、丙")
    expect(go).to_be_disabled()
    page.locator(".option", has_text="这些行不载入").click()
    expect(go).to_be_enabled()


def test_mends_can_be_judged_row_by_row(visitor: Visitor, desk: Site) -> None:
    repairs = [{**MENDED[0], "row": row} for row in (17, 30, 44)]
    number = store_run(desk.database, "needs_answer", {"questions": ASKED[1:], "repairs": repairs})
    page = visitor.page
    page.goto(f"{desk.address}/imports/{number}")
    rest(page).locator(".option", has_text="逐行选").click()
    page.locator(".row-tick", has_text="第 30 行").click()
    with page.expect_request(re.compile("/answers$")) as sent:
        page.get_by_role("button", name="确认并试算").click()
    assert sent.value.post_data_json["answers"] == {
        "repair_changes_area_17": "accept",
        "repair_changes_area_30": "leave_out",
        "repair_changes_area_44": "accept",
    }


def test_the_list_names_every_import_with_its_state_and_opens_it(visitor: Visitor, desk: Site) -> None:
    number = store_run(
        desk.database, "checked", {"features": 231, "rejected": REJECTED[:3]}, name="待载入.gpkg"
    )
    page = open_list(visitor)
    row = page.locator(".runs tr", has_text="待载入.gpkg").first
    expect(row).to_contain_text("待载入")
    expect(row).to_contain_text("231")
    expect(row).to_contain_text("−3")
    row.get_by_role("link").click()
    expect(page).to_have_url(f"{desk.address}/imports/{number}")


def test_an_ended_session_leads_to_the_sign_in_page_and_back(visitor: Visitor, desk: Site) -> None:
    number = store_run(desk.database, "checked", {"features": 5})
    page = visitor.page
    page.goto(f"{desk.address}/imports/{number}")
    rest(page)
    visitor.context.clear_cookies()
    page.get_by_role("button", name=re.compile("^载入 ")).click()
    page.get_by_role("link", name="重新登录").click()
    expect(page).to_have_url(re.compile(f"/login\\?next=%2Fimports%2F{number}"))
    page.fill("#u", "analyst")
    page.fill("#p", "getu-test-password")
    page.click("#go")
    expect(page).to_have_url(f"{desk.address}/imports/{number}")


def test_what_went_wrong_stays_on_the_page(visitor: Visitor, desk: Site) -> None:
    number = store_run(desk.database, "checked", {"features": 5})
    page = visitor.page
    page.goto(f"{desk.address}/imports/{number}")
    rest(page).get_by_role("button", name=re.compile("^载入 ")).click()
    note = page.locator(".note.fault")
    expect(note).to_be_visible(timeout=SLOW_MS)
    expect(note).not_to_have_text("")
    assert count_units(desk.database, number) == 0


def test_a_manager_is_told_that_he_may_not_and_sees_no_link(browser: Browser, desk: Site) -> None:
    visitor = Visitor(browser, desk)
    visitor.sign_in("manager")
    assert visitor.page.locator("nav", has_text="导入").count() == 0
    answer = visitor.page.goto(f"{desk.address}/imports")
    assert answer is not None
    assert answer.status == 403
    expect(visitor.page.get_by_role("heading")).to_have_text("没有导入权限")
    visitor.page.get_by_role("link", name="回到战略地图").click()
    expect(visitor.page).to_have_url(f"{desk.address}/")
    visitor.context.close()


def test_whoever_may_import_finds_the_desk_from_the_map(visitor: Visitor, desk: Site) -> None:
    visitor.open_map()
    visitor.page.locator("nav").get_by_role("link", name="导入").click()
    expect(visitor.page).to_have_url(f"{desk.address}/imports")


def test_whoever_is_signed_out_goes_to_sign_in_and_back(browser: Browser, desk: Site) -> None:
    visitor = Visitor(browser, desk)
    visitor.page.goto(f"{desk.address}/imports")
    expect(visitor.page).to_have_url(f"{desk.address}/login?next=/imports")
    visitor.page.fill("#u", "analyst")
    visitor.page.fill("#p", "getu-test-password")
    visitor.page.click("#go")
    expect(visitor.page).to_have_url(f"{desk.address}/imports")
    visitor.context.close()


def test_an_import_that_is_not_there_has_a_page_that_says_so(visitor: Visitor, desk: Site) -> None:
    answer = visitor.page.goto(f"{desk.address}/imports/999999")
    assert answer is not None
    assert answer.status == 404
    expect(visitor.page.get_by_role("heading")).to_have_text("没有这次导入")
