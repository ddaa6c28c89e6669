"""Every page of the product, found from its routes: accessible, asking no other host, without a complaint."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page

from app.api.routes import ROUTERS
from tests.maps.seed import WORKER, insert
from tests.pages.conftest import Site, Visitor

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESK, PHONE = (1366, 768), (360, 740)
VIEWERS = [("head", DESK), ("chief", DESK), ("manager", PHONE)]
# English is the same page with longer words: who sees the most walks it, and the narrowest screen.
LANGS = {"head": ("zh", "en"), "chief": ("zh",), "manager": ("zh", "en")}
SIGN_IN = "/login"
# A page that refuses says so with its status, of which the console makes a line of its own.
REFUSED = "Failed to load resource: the server responded with a status of 403"
# Colours are the same in both languages: judged in Chinese alone, they take half of the time.
JUDGE = """([rules, colours]) => axe.run({
  runOnly: { type: "tag", values: rules },
  resultTypes: ["violations"],
  rules: { "color-contrast": { enabled: colours } },
})"""

# What a finger must hit and cannot; links that are words of a sentence are let be.
SMALL = """least => [...document.querySelectorAll("button,summary,select,input,a.btn,.seg a,.nav a")]
  .filter((one) => !one.closest(".leaflet-container"))
  .map((one) => [one, (one.closest("label") || one).getBoundingClientRect()])
  .filter(([one, box]) => one.getClientRects().length && Math.min(box.width, box.height) < least - 0.5)
  .map(([one]) => one.outerHTML.slice(0, 120))"""
FINGER_PX = 44


def list_paths() -> list[str]:
    """Routes that answer with a page; a new one is walked by being there."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    pages = [route for route in routes if route.response_class is HTMLResponse]
    return sorted({route.path for route in pages if not route.include_in_schema})  # the others are downloads


@cache
def read_axe() -> str:
    """The judge's program; `make setup-test` brings it."""
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def addresses(site: Site) -> list[str]:
    """The pages' addresses; a page of something in particular gets something to show."""
    with site.database.transaction(WORKER) as session:
        values = {"kind": "boundaries", "file_name": "边界.zip", "sha256": "0" * 64, "status": "failed"}
        number = insert(session, "import_run", **values)
    told = {"import_id": number, "what": "loss"}
    return [re.sub(r"{(\w+)}", lambda of: str(told.get(of[1], of[0])), path) for path in list_paths()]


def open_page(visitor: Visitor, address: str, lang: str) -> Page:
    """A page as it stands when it has said that it is ready."""
    visitor.page.goto(f"{visitor.site.address}{address}?lang={lang}", wait_until="domcontentloaded")
    visitor.page.wait_for_selector("html[data-ready]", state="attached", timeout=30_000)
    if address == "/":
        visitor.page.wait_for_selector(
            "html[data-drawn]:not([data-drawn=opening])", state="attached", timeout=30_000
        )
    return visitor.page


def judge(page: Page) -> list[str]:
    """What breaks WCAG 2.2 AA on the page, or its width: rule, where, why."""
    page.evaluate(read_axe())
    found: dict[str, Any] = page.evaluate(JUDGE, [RULES, "lang=zh" in page.url])
    faults = [
        f"{page.url} {fault['id']}: {node['target']} {node['failureSummary'][:160]}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if (page.viewport_size or {})["width"] == PHONE[0]:
        faults += [f"{page.url} too small for a finger: {one}" for one in page.evaluate(SMALL, FINGER_PX)]
    return [*faults, f"{page.url} is {beyond} px wider than the screen"] if beyond > 0 else faults


def test_the_pages_are_found(addresses: list[str]) -> None:
    assert {"/", "/home", "/day", "/imports", "/pin", "/plans", SIGN_IN} <= set(addresses)
    assert [address for address in addresses if "{" in address] == []


@pytest.mark.parametrize(("who", "size"), VIEWERS, ids=[who for who, _ in VIEWERS])
def test_every_page_is_accessible_and_asks_no_other_host(
    browser: Browser, site: Site, addresses: list[str], who: str, size: tuple[int, int]
) -> None:
    visitor = Visitor(browser, site, width=size[0], height=size[1])
    faults = [fault for lang in ("zh", "en") for fault in judge(open_page(visitor, SIGN_IN, lang))]
    visitor.sign_in(who)
    for lang in LANGS[who]:
        for address in addresses:
            if address != SIGN_IN:
                faults += judge(open_page(visitor, address, lang))
    visitor.context.close()
    assert faults == []
    assert visitor.outside() == []
    assert [words for words in visitor.complaints if not words.startswith(REFUSED)] == []
