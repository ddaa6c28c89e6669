"""First full picture of the strategy map in headless Chromium, cold and warm, its size and memory.

The first full picture is the opening map with everything that is shown from the start; `webgl` is when
MapLibre has drawn the same and taken its place.
"""

import statistics
import time
from typing import Any

from playwright.sync_api import Page, Response, sync_playwright

CHROMIUM = "/usr/bin/chromium-headless-shell"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--enable-unsafe-swiftshader"]
DRAWN = "html[data-drawn][data-ready]"
IN_WEBGL = "html[data-drawn=gl][data-ready]"


def measure_paint(base: str, login: str, password: str, *, rounds: int = 5) -> dict[str, Any]:
    """Seconds from the request of `/` to its first full picture (1440x900), and what the page weighs."""
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
        heap = page.evaluate("performance.memory.usedJSHeapSize")
        browser.close()
    html = next((size for address, size in sizes.items() if address.rstrip("/") == base), 0)
    return {
        "cold_s": round(cold[0], 2),
        "warm_median_s": round(statistics.median(first for first, _ in warm), 2),
        "warm_s": [round(first, 2) for first, _ in warm],
        "webgl_cold_s": round(cold[1], 2),
        "webgl_warm_median_s": round(statistics.median(whole for _, whole in warm), 2),
        "heap_mb": round(heap / 1e6, 1),
        "page_kb": round(html / 1000, 1),
    }


def paint(page: Page, base: str) -> tuple[float, float]:
    """One visit: seconds to the first full picture, and to the same in WebGL."""
    began = time.perf_counter()
    page.goto(f"{base}/", wait_until="commit")
    page.wait_for_selector(DRAWN, state="attached", timeout=60_000)
    first = time.perf_counter() - began
    page.wait_for_selector(IN_WEBGL, state="attached", timeout=60_000)
    return first, time.perf_counter() - began


def note_size(sizes: dict[str, int], response: Response) -> None:
    """Keep the size of a document's body."""
    if response.request.resource_type == "document":
        sizes[response.url] = len(response.body())
