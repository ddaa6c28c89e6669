"""What the people of the demo bank have decided so far: names taught at the desk, pins at the door.

Each decision has a key of its own, so a second start of the demo decides nothing twice.
"""

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.access.signing_in import person_of
from app.cli.opening import Bank
from app.cli.telling import say
from app.customers.chosen import Point
from app.customers.decisions import Decision, decide_case, pin_customer
from app.db import Viewer
from app.models import AppUser
from demo.gazetteer import FOLK_NAMES

# The name that two agreeing decisions propose; the others wait on the desk.
TAUGHT = ("常乐镇", "颐生村")
AGREEING = 2
# Fixes of a phone: metres east and north of the natural village's middle, and the accuracy it told.
FIXES = ((12.0, 30.0, 6.0), (-40.0, 8.0, 11.5), (25.0, -22.0, 18.0), (60.0, 14.0, 35.0))
DEGREE_M = 111_320.0
ASKED = """
SELECT k.customer_id, v.code FROM placement_case k
JOIN place v ON v.name = :village AND v.level = 'village'
JOIN place t ON t.code = v.parent_code AND t.name = :town
WHERE k.prefix LIKE '%' || :folk || '%' AND k.state = 'open' ORDER BY k.customer_id LIMIT :count"""
UNPINNED = """
SELECT DISTINCT ON (p.unit_code) p.customer_id, ST_X(h.geom) AS lon, ST_Y(h.geom) AS lat
FROM placement p JOIN place h ON h.code = p.place_code AND h.level = 'natural_village'
WHERE p.rung = 4 ORDER BY p.unit_code, p.customer_id LIMIT :count"""
DONE = "SELECT count(*) FROM placement_step"


def decide_some(bank: Bank) -> None:
    """Two agreeing decisions of head office about a folk name, and a few pins of a manager, once."""
    with bank.transaction() as session:
        if session.scalar(text(DONE)):
            return
        head, manager = (_find_viewer(session, login) for login in ("head", "manager"))
    with bank.database.transaction(head) as session:
        taught = teach_name(session)
    with bank.database.transaction(manager) as session:
        pinned = pin_some(session)
    say(f"  [green]✓[/] 人工定位: 选定 {taught} 户，就地定位 {pinned} 户")


def _find_viewer(session: Session, login: str) -> Viewer:
    user = session.scalar(select(AppUser).where(AppUser.login == login))
    assert user is not None, login
    return person_of(user).viewer


def teach_name(session: Session) -> int:
    """Say of two customers that a folk name is their village; returns how many there were."""
    town, village = TAUGHT
    wanted: dict[str, Any] = {"town": town, "village": village, "folk": FOLK_NAMES[TAUGHT], "count": AGREEING}
    rows = session.execute(text(ASKED), wanted).all()
    for row in rows:
        decision = Decision("choose", code=row.code, client_key=f"demo-choose-{row.customer_id}")
        decide_case(session, row.customer_id, decision)
    return len(rows)


def pin_some(session: Session) -> int:
    """Pin customers of the viewer's own grids near their natural village; returns how many there were."""
    rows = session.execute(text(UNPINNED), {"count": len(FIXES)}).all()
    for row, (east_m, north_m, accuracy_m) in zip(rows, FIXES, strict=False):
        lon, lat = row.lon + east_m / DEGREE_M / 0.85, row.lat + north_m / DEGREE_M
        point = Point(lon, lat, "wgs84", accuracy_m)
        key = f"demo-pin-{row.customer_id}"
        pin_customer(session, row.customer_id, Decision("pin", point=point, client_key=key, note="上门核实"))
    return len(rows)
