"""A running service over a laid bank, and a headless Chromium that writes down every request it makes."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import text

from app.db import Database, cluster
from app.jobs import run_job
from app.main import create_app
from app.settings import Settings
from tests.conftest import copy_database, run_admin, set_password
from tests.maps.seed import WORKER, Bank, lay_bank

PASSWORD = "getu-test-password"
# A busy machine is no fault of a page: waiting ends as soon as there is what is waited for.
expect.set_options(timeout=30_000)
# What software GL and a busy machine make the browser remark: no fault of a page.
SLOW = ("GL Driver Message", "was preloaded using link preload but not used within a few seconds")
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--enable-unsafe-swiftshader",
    "--force-device-scale-factor=1",
]


@dataclass
class Site:
    """A service that listens, and the bank in it."""

    address: str
    bank: Bank
    database: Database
    shots: Path
    settings: Settings
    requests: list[str] = field(default_factory=list)


Lend = Callable[[str], AbstractContextManager[Database]]


@pytest.fixture(scope="session")
def lend(server: cluster.Cluster, template: str, worker_id: str) -> Lend:
    """Lends an empty bank under a name of one's own; it is gone when the block ends."""

    @contextmanager
    def open_own(name: str) -> Iterator[Database]:
        database = copy_database(server, template, f"getu_{name}_{worker_id}")
        yield database
        database.close()
        run_admin(server, f"DROP DATABASE IF EXISTS getu_{name}_{worker_id} WITH (FORCE)")

    return open_own


@pytest.fixture(scope="session")
def page_database(lend: Lend) -> Iterator[Database]:
    """A database for a bank of 120 grids."""
    with lend("pages") as database:
        yield database


@pytest.fixture(scope="session")
def site(page_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service on a free port of the loopback."""
    bank = lay_bank(page_database, grids=120, customers=3000)
    with serve_site(page_database, bank, tmp_path_factory) as site:
        yield site


@contextmanager
def serve_site(database: Database, bank: Bank, folders: pytest.TempPathFactory) -> Iterator[Site]:
    """The service over a bank, on a free port of the loopback; everybody has the same password."""
    with database.transaction(WORKER) as session:
        set_password(session, "%", PASSWORD)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(home=folders.mktemp("home"), cluster_profile="test")
    app = create_app(settings, database)
    service = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=service.run, daemon=True)
    thread.start()
    while not service.started:
        time.sleep(0.02)
    yield Site(f"http://127.0.0.1:{port}", bank, database, folders.mktemp("shots"), settings)
    service.should_exit = True
    thread.join(timeout=5)


@contextmanager
def work_beside(site: Site) -> Iterator[None]:
    """A worker in a thread of its own, for as long as the block lasts."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.1):
            with site.database.transaction(WORKER) as session:
                waiting = session.scalars(text("SELECT id FROM job WHERE status = 'waiting' ORDER BY id"))
                jobs = [int(job) for job in waiting]
            for job in jobs:
                run_job(site.database, site.settings, job)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    over.set()
    thread.join(timeout=60)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium without windows of its own, with software WebGL."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=CHROMIUM)
        yield chromium
        chromium.close()


class Visitor:
    """A browser of one person: signs in, opens pages, keeps all requests and the console's complaints."""

    def __init__(
        self, browser: Browser, site: Site, *, width: int = 1440, height: int = 900, touch: bool = False
    ) -> None:
        self.site = site
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch
        )
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda m: self.hear(m.type, m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def hear(self, kind: str, words: str) -> None:
        """Keep errors and warnings, but for remarks on the machine's speed."""
        if kind in ("error", "warning") and not any(remark in words for remark in SLOW):
            self.complaints.append(words)

    def sign_in(self, login: str) -> None:
        """At once: the sign-in page itself is walked where it is what a test is about."""
        credentials = {"login": login, "password": PASSWORD}
        answer = self.context.request.post(f"{self.site.address}/api/v1/session", data=credentials)
        assert answer.ok

    def sign_in_by_page(self, login: str) -> None:
        """As a person does."""
        self.page.goto(f"{self.site.address}/login")
        self.page.fill("#u", login)
        self.page.fill("#p", PASSWORD)
        self.page.click("#go")
        self.page.wait_for_url(lambda url: "/login" not in url)

    def open_map(self, more: str = "") -> Page:
        """The strategy map, drawn to the end."""
        self.page.goto("about:blank")  # an address that differs in its # alone would not be opened anew
        self.page.goto(f"{self.site.address}/{more}")
        self.page.wait_for_selector(
            "html[data-drawn]:not([data-drawn=opening])[data-ready]", state="attached", timeout=60000
        )
        return self.page

    def outside(self) -> list[str]:
        """Requests that left the origin; data: and blob: stay in the page."""
        return [
            url
            for url in self.requests
            if not url.startswith((self.site.address, "data:", "blob:", "about:"))
        ]


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Visitor]:
    """A desktop visitor."""
    one = Visitor(browser, site)
    yield one
    one.context.close()
