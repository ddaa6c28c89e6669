"""Map services on the loopback, and a database whose askers commit."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import text

from app.customers.asking import Asker
from app.customers.geocoding import Matcher, Place
from app.db import Database
from app.db.cluster import Cluster
from app.db.connection import WORKER
from app.settings import ServiceAccess, Settings
from tests.conftest import copy_database, run_admin
from tests.customers.providers.servers import DIALECTS, KEY, SECRET, Answer, Asked, Server, as_json, serve

PLACES = (
    Place("320614000000", "海门区", "county", "admin"),
    Place("320614104000", "悦来镇", "town", "admin", "320614000000"),
    Place("320614104201", "习正村", "village", "admin", "320614104000"),
)
MATCHER = Matcher(PLACES, home_county_code="320614")
SPOT = (121.2015, 31.8995)


class Bank:
    """A database, and map services that are switched on by naming them."""

    def __init__(self, database: Database, settings: Settings, servers: ExitStack) -> None:
        self.database, self.settings, self._servers = database, settings, servers

    def switch_on(self, service: str, speak: Any = None, **access: Any) -> Server:
        """Start a service that answers as `speak` says (else a house in our county), last in the order."""
        server = self._servers.enter_context(serve(speak or finds(service)))
        given = {"url": server.url, "key": KEY, "secret": SECRET, "qps": 1000, "timeout": 20, **access}
        order = (*self.settings.geocode_providers, service)
        update = {"geocode_providers": order, service: ServiceAccess.model_validate(given)}
        self.settings = self.settings.model_copy(update=update)
        return server

    def asker(self, **options: Any) -> Asker:
        """A way out whose transactions are those of the worker."""
        return Asker(self.settings, lambda: self.database.transaction(WORKER), matcher=MATCHER, **options)

    def rows(self, query: str) -> list[dict[str, Any]]:
        with self.database.transaction(WORKER) as session:
            return [dict(row) for row in session.execute(text(query)).mappings()]

    def audited(self) -> list[dict[str, Any]]:
        """The audit rows of addresses that left, oldest first."""
        return self.rows("SELECT * FROM audit WHERE action = 'geocode_outside' ORDER BY id")


def finds(key: str, *, level: str = "", at: tuple[float, float] = SPOT, county: str = "320614") -> Any:
    """A service that knows its customer and finds every address at one place."""
    from app.customers.geocoding.providers import find_provider
    from app.spatial import crs

    dialect, provider = DIALECTS[key], find_provider(key)
    x, y = crs.points_from_storage([at[0]], [at[1]], provider.datum)
    best = next(name for name, claim in provider.levels.items() if claim.rung == 3)

    def speak(asked: Asked) -> Answer:
        if not dialect.is_known(asked):
            return dialect.bad_key
        return as_json(dialect.found(float(x[0]), float(y[0]), level or best, county))

    return speak


@pytest.fixture(scope="module")
def asked_database(
    server: Cluster, template: str, worker_id: str, request: pytest.FixtureRequest
) -> Iterator[Database]:
    """A database of this module's own."""
    name = f"getu_asked_{worker_id}_{abs(hash(request.node.nodeid)) % 10**6}"
    database = copy_database(server, template, name)
    yield database
    database.close()
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def bank(asked_database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    """Nothing asked, nothing kept, nothing switched on; retries follow at once."""
    monkeypatch.setattr("app.customers.asking.PAUSES_S", (0.0, 0.0))
    with asked_database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM geocode_cache"))
        session.execute(text("DELETE FROM provider_use"))
        # The audit may only grow: each test looks at what came after its beginning.
        start = session.execute(text("SELECT coalesce(max(id), 0) FROM audit")).scalar_one()
    with ExitStack() as servers:
        bank = Bank(asked_database, settings, servers)
        whole = bank.audited
        bank.audited = lambda: [row for row in whole() if row["id"] > start]  # type: ignore[method-assign]
        yield bank
