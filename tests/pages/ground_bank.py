"""A drawn bank with two drafts: one with an overlap, a gap and a sliver, one without any fault."""

from sqlalchemy import text

from app.db import Database
from app.db.connection import WORKER
from app.territory import plans
from tests.maps.seed import Bank, lay_bank

FAULTY, CLEAN = "D1", "D2"
# Two neighbours; the first reaches into the second, round the middle of the border they share.
OVERLAP = """WITH pair AS (
    SELECT a.id, a.geom, b.geom AS other, ST_Intersection(a.geom, b.geom) AS edge
    FROM grid a JOIN grid b ON b.plan_id = a.plan_id AND a.code < b.code AND a.geom && b.geom
        AND ST_Touches(a.geom, b.geom)
    WHERE a.plan_id = :plan_id AND a.branch_id = b.branch_id
    ORDER BY ST_Length(ST_Intersection(a.geom, b.geom)) DESC, a.code LIMIT 1
) UPDATE grid g SET geom = ST_Multi(ST_ReducePrecision(ST_Union(g.geom, ST_Intersection(
    other, ST_Buffer(ST_ClosestPoint(edge, ST_Centroid(edge)), 0.006))), 1e-7))
FROM pair WHERE g.id = pair.id"""
# Ground of nobody in the midst of a grid.
GAP = """UPDATE grid SET geom = ST_Multi(ST_ReducePrecision(
    ST_Difference(geom, ST_Buffer(anchor, 0.004)), 1e-7))
WHERE id = (SELECT max(id) FROM grid WHERE plan_id = :plan_id)"""
# A strip a metre wide within a grid is left to nobody.
SLIVER = """WITH one AS (SELECT id, geom, ST_Centroid(geom) AS middle FROM grid
    WHERE id = (SELECT min(id) + 7 FROM grid WHERE plan_id = :plan_id))
UPDATE grid g SET geom = ST_Multi(ST_ReducePrecision(ST_Difference(g.geom, ST_MakeEnvelope(
    ST_X(middle), ST_Y(middle), ST_X(middle) + 0.02, ST_Y(middle) + 0.00001, 4326)), 1e-7))
FROM one WHERE g.id = one.id"""


def lay_ground(database: Database) -> Bank:
    """24 grids in force, and the two drafts made from them, checked."""
    bank = lay_bank(database, grids=24, customers=400)
    with database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM plan WHERE code = 'V4'"))
        session.execute(
            text("INSERT INTO app_user (login, name, role) VALUES ('chief2', '二号网格办', 'head')")
        )
        for code, name in ((FAULTY, "2027 年网格规划"), (CLEAN, "2027 年备选")):
            plan = plans.new_plan(session, plans.PlanDraft(code=code, name=name, from_plan="V3"))
            if code == FAULTY:
                for fault in (OVERLAP, GAP, SLIVER):
                    session.execute(text(fault), {"plan_id": plan.id})
                session.expire_all()
            plans.check_plan(session, plan)
    return bank
