"""A small bank with names, villages, grids and addresses of every kind of doubt, come in as a file."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import Database
from app.db.connection import WORKER
from app.jobs import run_now
from app.settings import Settings
from tests.customers.customer_files import send
from tests.maps.seed import STILL, Bank, lay_bank

TOWNS = ("常乐镇", "四甲镇", "悦来镇", "临江镇")
# Drawn ground gets the codes that a gazetteer has: nine digits a town, twelve a village.
CODES = (
    *STILL,  # a market has neither a village's code nor a town
    "UPDATE unit SET code = '32061410' || right(town_code, 1) || '2' || right(code, 2),"
    " town_code = '32061410' || right(town_code, 1)",
    "UPDATE unit u SET name = (SELECT name FROM unit ORDER BY code LIMIT 1)"
    " WHERE code = (SELECT max(code) FROM unit)",
    "UPDATE grid g SET unit_codes = ARRAY[u.code], town_code = u.town_code FROM unit u"
    " WHERE u.geom && g.anchor AND ST_Contains(u.geom, g.anchor)",
    "INSERT INTO app_user (login, name, role) VALUES ('chief2', '二号网格办', 'head')",
    "SELECT count(nextval('customer_id_seq')) FROM generate_series(1, 200)",
    "INSERT INTO place (code, code_source, level, kind, name)"
    " VALUES ('320614', 'test', 'county', 'admin', '海门区')",
    "INSERT INTO place (code, code_source, level, kind, parent_code, name)"
    " SELECT DISTINCT town_code, 'test', 'town', 'admin', '320614', town_name FROM unit",
    "INSERT INTO place (code, code_source, level, kind, parent_code, name)"
    " SELECT code, 'test', 'village', 'admin', town_code, name FROM unit",
)
VILLAGES = """SELECT code, name, town_name, ST_X(ST_PointOnSurface(geom)) AS lon,
    ST_Y(ST_PointOnSurface(geom)) AS lat FROM unit ORDER BY code"""


def lay_desk(database: Database, settings: Settings, *, grids: int = 24) -> Bank:
    """The drawn bank with a gazetteer, 30 rows of a customer file judged and assigned by the real stories."""
    bank = lay_bank(database, grids=grids, customers=120)
    with database.transaction(WORKER) as session:
        for statement in CODES:
            session.execute(text(statement))
        villages = [dict(row) for row in session.execute(text(VILLAGES)).mappings()]
    send(database, settings, write_rows(villages))
    assert run_now(database, settings, "assign", {})["status"] == "done"
    return bank


def write_rows(villages: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Addresses: clear, ambiguous (a village's name in two towns), elsewhere, misspelt, contradicted."""
    twice, near, far = villages[0], villages[1], villages[9]
    rows = [
        row(f"C{n}", f"海门区{one['town_name']}{one['name']}{n}组{n}号")
        for n, one in enumerate(villages[:6], 1)
    ]
    rows += [row(f"A{n}", f"海门区{twice['name']}{n}组{n}号") for n in range(1, 6)]
    rows += [row(f"O{n}", f"上海市崇明区陈家镇展宏村{n}组{n}号") for n in range(1, 4)]
    rows += [row(f"S{n}", f"{near['town_name']}{near['name'][:-1]}圩{n}组{n}号") for n in range(1, 3)]
    rows += [row(f"U{n}", f"{near['town_name']}老供销社{n}号") for n in range(1, 3)]
    point = {"经度": f"{far['lon']:.6f}", "纬度": f"{far['lat']:.6f}", "坐标系": "cgcs2000"}
    rows += [row(f"X{n}", f"海门区{near['town_name']}{near['name']}{n}组", **point) for n in range(1, 4)]
    return [*rows, row("E1", "无"), row("E2", "")]


def row(key: str, address: str, **more: str) -> dict[str, str]:
    """A row of the customer file."""
    names = {"客户号": key, "客户名称": "沈小明", "联系地址": address}
    return {**names, "经度": "", "纬度": "", "坐标系": "", **more}


def list_cases(session: Session) -> dict[str, tuple[int, str, str]]:
    """Source key -> customer id, kind and state of his case."""
    rows = session.execute(
        text(
            "SELECT c.source_key, c.id, k.kind, k.state FROM placement_case k JOIN customer c"
            " ON c.id = k.customer_id ORDER BY c.source_key"
        )
    )
    return {key: (int(number), kind, state) for key, number, kind, state in rows}
