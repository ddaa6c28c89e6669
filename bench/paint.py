"""First full paint of the strategy map in headless Chromium: everything drawn, cold and warm; its size."""

import statistics
import time
from typing import Any

from playwright.sync_api import Page, Response, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--enable-unsafe-swiftshader"]
DRAWN = "html[data-drawn][data-ready]"


def measure_paint(base: str, login: str, password: str, *, rounds: int = 5) -> dict[str, Any]:
    """Seconds from the request of `/` to everything drawn (1440×900), and what the page weighs."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        answer = page.request.post(f"{base}/api/v1/session", data={"login": login, "password": password})
        if not answer.ok:
            raise RuntimeError(f"sign-in answered {answer.status}")
        sizes: dict[str, int] = {}
        page.on("response", lambda response: note_size(sizes, response))
        cold = paint(page, base)
        warm = [paint(page, base) for _ in range(rounds)]
        browser.close()
    html = next((size for address, size in sizes.items() if address.rstrip("/") == base), 0)
    return {
        "cold_s": round(cold, 2),
        "warm_median_s": round(statistics.median(warm), 2),
        "warm_s": [round(value, 2) for value in warm],
        "page_kb": round(html / 1000, 1),
    }


def paint(page: Page, base: str) -> float:
    """One visit."""
    began = time.perf_counter()
    page.goto(f"{base}/")
    page.wait_for_selector(DRAWN, state="attached", timeout=60_000)
    return time.perf_counter() - began


def note_size(sizes: dict[str, int], response: Response) -> None:
    """Keep the size of a document's body."""
    if response.request.resource_type == "document":
        sizes[response.url] = len(response.body())
