"""A small bank on drawn ground, straight into the tables: grids, duties, customers, faults, viewers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.db import Database, Viewer

WEST, SOUTH = 121.0, 31.8
WORKER = Viewer("getu_work")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
VILLAGES = "颐生通源叠翠东洲建圣平港和盛和余德圣麒麟匡河货隆头甲启盛习正保民长春培育宋季江滨沿江"


@dataclass(frozen=True)
class Bank:
    """What was put in: ids of the plan and of the viewers, and how many customers."""

    plan_id: int
    head: Viewer
    branch_head: Viewer
    manager: Viewer
    analyst: Viewer
    branch_id: int
    customers: int


def draw_frame() -> BaseGeometry:
    """A rounded outline about 40 km by 25 km."""
    angles = np.linspace(0, 2 * np.pi, 160, endpoint=False)
    wobble = 1 + 0.04 * np.sin(5 * angles) + 0.025 * np.cos(11 * angles)
    x = WEST + 0.22 + 0.21 * wobble * np.sign(np.cos(angles)) * np.abs(np.cos(angles)) ** 0.7
    y = SOUTH + 0.13 + 0.12 * wobble * np.sign(np.sin(angles)) * np.abs(np.sin(angles)) ** 0.7
    return shapely.set_precision(shapely.Polygon(np.column_stack([x, y])), 1e-7)


def draw_cells(count: int, rng: np.random.Generator) -> list[BaseGeometry]:
    """A valid coverage of the frame: the cells of scattered seeds, west to east."""
    frame = draw_frame()
    west, south, east, north = frame.bounds
    seeds = rng.uniform((west, south), (east, north), size=(count * 3, 2))
    seeds = seeds[shapely.contains_xy(frame, seeds)][:count]
    for _ in range(3):  # even the cells out
        cells = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=frame)
        seeds = np.array([[c.centroid.x, c.centroid.y] for c in shapely.intersection(cells.geoms, frame)])
    cells = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=frame)
    cut = shapely.set_precision(shapely.intersection(np.array(cells.geoms), frame), 1e-7)
    return [c for c in cut if not c.is_empty]


def hold(grid: BaseGeometry) -> str:
    """A geometry as text that PostGIS reads as a multipolygon in storage CRS."""
    shape = grid if grid.geom_type == "MultiPolygon" else shapely.MultiPolygon([grid])
    return shapely.to_wkt(shape, rounding_precision=8)


def insert(session: Session, table: str, **values: Any) -> int:
    """Insert a row and return its id; values named geom, frame or anchor are WKT."""
    shapes = {"geom", "frame", "anchor"}
    columns = ", ".join(values)
    marks = ", ".join(f"ST_GeomFromText(:{k}, 4326)" if k in shapes else f":{k}" for k in values)
    return int(
        session.execute(
            text(f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING id"), values
        ).scalar_one()
    )


def lay_bank(database: Database, *, grids: int = 60, customers: int = 4000, seed: int = 7) -> Bank:
    """Lay a bank of four branches with that many grids and customers into an empty database."""
    rng = np.random.default_rng(seed)
    with database.transaction(WORKER) as session:
        branches = lay_branches(session)
        plan_id = lay_plan(session)
        cells = draw_cells(grids, rng)
        managers = lay_managers(session, branches, count=max(4, len(cells) // 3))
        rows = lay_grids(session, cells, plan_id=plan_id, managers=managers)
        lay_findings(session, plan_id, rows)
        lay_customers(session, rows, plan_id=plan_id, points=draw_points(cells, customers, rng))
        viewers = lay_viewers(session, branches, managers)
    return Bank(plan_id=plan_id, branch_id=branches[0], customers=customers, **viewers)


def lay_branches(session: Session) -> list[int]:
    """A head office, four branches and an outlet beside each."""
    head = insert(
        session,
        "branch",
        code="0000",
        name="江海农商银行总行",
        kind="head_office",
        geom=f"POINT({WEST + 0.2} {SOUTH + 0.13})",
    )
    found = []
    for i, name in enumerate(["常乐支行", "四甲支行", "悦来支行", "临江支行"]):
        lon, lat = WEST + 0.12 + 0.2 * (i % 2), SOUTH + 0.08 + 0.1 * (i // 2)
        kind = ["rural", "urban", "suburban", "rural"][i]
        branch = insert(
            session,
            "branch",
            code=f"{i + 1:02}00",
            name=name,
            kind="branch",
            branch_type=kind,
            parent_id=head,
            geom=f"POINT({lon} {lat})",
        )
        insert(
            session,
            "branch",
            code=f"{i + 1:02}01",
            name=f"{name[:2]}分理处",
            kind="outlet",
            branch_type=kind,
            parent_id=branch,
            geom=f"POINT({lon + 0.03} {lat + 0.01})",
        )
        found.append(branch)
    return found


def lay_plan(session: Session) -> int:
    """The plan in force."""
    return insert(
        session,
        "plan",
        code="V3",
        name="2026 年网格规划",
        status="in_force",
        synthetic=True,
        valid="[2026-01-01,)",
        frame=hold(draw_frame()),
        certificate='{"overlaps": 0}',
        certificate_no="0031",
    )


def lay_managers(session: Session, branches: list[int], *, count: int) -> list[tuple[int, int]]:
    """Managers as (staff id, branch id), the same number a branch."""
    found = []
    for i in range(count):
        branch = branches[i * len(branches) // count]
        name = SURNAMES[i % len(SURNAMES)] + "志明晓燕玉珍建新"[(i * 2) % 8 :][:2]
        found.append(
            (
                insert(
                    session,
                    "staff",
                    code=f"JH{i:04}",
                    name=name,
                    kind="manager",
                    branch_id=branch,
                    phone=f"1380000{i:04}",
                ),
                branch,
            )
        )
    return found


def lay_grids(
    session: Session, cells: list[BaseGeometry], *, plan_id: int, managers: list[tuple[int, int]]
) -> list[tuple[int, BaseGeometry]]:
    """One grid and one unit a cell, three cells side by side to a manager, a liaison in every second."""
    cells = sorted(cells, key=lambda c: (round(c.centroid.x, 1), c.centroid.y))
    rows = []
    for i, cell in enumerate(cells):
        staff, branch = managers[i * len(managers) // len(cells)]
        town = min(3, i * 4 // len(cells))
        name = VILLAGES[2 * i % len(VILLAGES) :][:2] + "村"
        shared = {
            "town_code": f"T{town}",
            "town_name": ["常乐镇", "四甲镇", "悦来镇", "临江镇"][town],
            "households": 400 + i,
            "geom": hold(cell),
            "area_m2": cell.area * 1.05e10,
        }
        insert(
            session,
            "unit",
            code=f"U{i:03}",
            code_source="test",
            kind="village",
            name=name,
            valid="[2026-01-01,)",
            **shared,
        )
        anchor = shapely.to_wkt(cell.representative_point(), rounding_precision=8)
        grid = insert(
            session,
            "grid",
            plan_id=plan_id,
            code=f"HM-{'ABCD'[town]}L-{i:03}",
            name=f"{name}网格",
            kind="village",
            branch_id=branch,
            unit_codes=[f"U{i:03}"],
            anchor=anchor,
            colour_no=staff % 12,
            **shared,
        )
        if i == 1:  # handed over five days ago
            day = today() - timedelta(days=5)
            former, spans = managers[1][0], (f"[2026-01-01,{day})", f"[{day},)")
            insert(session, "duty", grid_id=grid, staff_id=former, role="primary", valid=spans[0])
            insert(session, "duty", grid_id=grid, staff_id=staff, role="primary", valid=spans[1])
        else:
            insert(session, "duty", grid_id=grid, staff_id=staff, role="primary", valid="[2026-01-01,)")
        if i % 2:
            liaison = insert(
                session, "staff", code=f"L{i:04}", name="吴春兰", kind="liaison", branch_id=branch
            )
            insert(session, "duty", grid_id=grid, staff_id=liaison, role="liaison", valid="[2026-01-01,)")
            if i % 4 == 1:
                role = "terminal_administrator"
                insert(session, "duty", grid_id=grid, staff_id=liaison, role=role, valid="[2026-01-01,)")
        rows.append((grid, cell))
    lay_market(session, cells[0])
    return rows


# For stories that count every unit, or write every duty anew: neither the market nor what was handed over.
STILL = (
    "DELETE FROM unit WHERE kind = 'market'",
    "DELETE FROM duty WHERE upper(valid) <= current_date",
    "UPDATE duty SET valid = '[2026-01-01,)' WHERE role = 'primary'",
)


def lay_market(session: Session, cell: BaseGeometry) -> None:
    """A market in the middle of a cell."""
    shape = shapely.affinity.scale(cell, 0.2, 0.2)
    named = {"code": "M001", "code_source": "test", "kind": "market", "name": "叠石桥市场"}
    insert(session, "unit", **named, valid="[2026-01-01,)", geom=hold(shape), area_m2=shape.area * 1.05e10)


def lay_findings(session: Session, plan_id: int, rows: list[tuple[int, BaseGeometry]]) -> None:
    """An overlap and a gap of a draft that came after the plan in force."""
    draft = insert(
        session, "plan", code="V4", name="草案", status="draft", synthetic=True, frame=hold(draw_frame())
    )
    for kind, (grid, cell) in zip(
        ("overlap", "gap"), (rows[len(rows) // 3], rows[len(rows) // 2]), strict=True
    ):
        shape = shapely.affinity.scale(cell, 0.6, 0.45)
        insert(
            session,
            "finding",
            plan_id=draft,
            kind=kind,
            severity="must_fix",
            grid_ids=[grid],
            codes=["HM-AL-001"],
            names=["颐生村", "通源村"] if kind == "overlap" else ["正余镇"],
            geom=hold(shape),
            area_m2=126000.0,
            width_m=118.0,
            customers=86,
        )


def draw_points(cells: list[BaseGeometry], count: int, rng: np.random.Generator) -> np.ndarray:
    """Scattered points of the frame's box; those outside every cell stand for customers outside."""
    west, south, east, north = shapely.total_bounds(np.array(cells))
    return rng.uniform((west, south), (east, north), size=(count, 2))


def lay_customers(
    session: Session, rows: list[tuple[int, BaseGeometry]], *, plan_id: int, points: np.ndarray
) -> None:
    """Customers with a point or only a village, assigned in one run, counted by grid."""
    shapes = np.array([cell for _, cell in rows])
    index, inside = shapely.STRtree(shapes).query(shapely.points(points), predicate="within")
    grid_of = dict(zip(index.tolist(), inside.tolist(), strict=True))
    run = insert(session, "assignment_run", plan_id=plan_id, ground_version=1)
    table = session.execute(text("SELECT getu_open_assignment(:run, 0)"), {"run": run}).scalar_one()
    for i, (lon, lat) in enumerate(points.tolist()):
        grid = rows[grid_of[i]][0] if i in grid_of else None
        village_only = grid is not None and i % 5 == 0
        tier = "strategic" if i % 400 == 3 else "key" if i % 250 == 5 else "regular"
        lay_customer(
            session,
            table,
            run=run,
            number=i,
            tier=tier,
            grid=grid,
            point=None if village_only else (lon, lat),
        )
    session.execute(text("SELECT getu_adopt_assignment(:run)"), {"run": run})
    # A customer came from the first grid into the second.
    keys = {"run": run, "one": rows[0][0], "two": rows[1][0]}
    session.execute(
        text(
            "INSERT INTO assignment_move (run_id, customer_id, from_key, to_key) SELECT :run, 1,"
            " (SELECT key_id FROM grid WHERE id = :one), (SELECT key_id FROM grid WHERE id = :two)"
        ),
        keys,
    )
    session.execute(
        text(
            "UPDATE assignment_run SET current = true, total = n, assigned = g, outside = n - g,"
            " by_method = (SELECT jsonb_object_agg(method, n) FROM"
            "  (SELECT method, count(*) AS n FROM assignment GROUP BY method) AS m),"
            " unassigned = lost FROM"
            " (SELECT count(*) AS n, count(grid_key) AS g FROM assignment) AS t,"
            " (SELECT jsonb_build_object('existing', count(*) FILTER (WHERE standing = 'existing'),"
            "  'prospects', count(*) FILTER (WHERE standing = 'prospect'),"
            "  'located_existing', count(geom) FILTER (WHERE standing = 'existing'),"
            "  'rungs', jsonb_build_array("
            "  0, count(*) FILTER (WHERE rung = 2), count(*) FILTER (WHERE rung = 3),"
            "  count(*) FILTER (WHERE rung = 4), count(*) FILTER (WHERE rung = 5), 0, 0)) AS lost"
            "  FROM assignment WHERE grid_key IS NULL) AS u WHERE id = :run"
        ),
        {"run": run},
    )
    session.execute(
        text(
            "INSERT INTO grid_count_row (grid_key, existing, prospects, rungs, located_existing,"
            " strategic, key, filed, visited, covered_households, visited_month)"
            " SELECT grid_key, count(*) FILTER (WHERE standing = 'existing'),"
            " count(*) FILTER (WHERE standing = 'prospect'), ARRAY["
            "  count(*) FILTER (WHERE rung = 1), count(*) FILTER (WHERE rung = 2),"
            "  count(*) FILTER (WHERE rung = 3), count(*) FILTER (WHERE rung = 4),"
            "  count(*) FILTER (WHERE rung = 5), count(*) FILTER (WHERE rung = 6),"
            "  count(*) FILTER (WHERE rung = 0)],"
            " count(geom) FILTER (WHERE standing = 'existing'), count(*) FILTER (WHERE tier = 'strategic'),"
            " count(*) FILTER (WHERE tier = 'key'), count(*) / 2, count(*) / 3,"
            " count(*)::int * (1 + grid_id::int - grid_id::int / 9 * 9) / 2,"
            " date_trunc('month', current_date)"
            " FROM assignment WHERE grid_id IS NOT NULL GROUP BY grid_id, grid_key"
        ),
        {"run": run},
    )


def lay_customer(
    session: Session,
    table: str,
    *,
    run: int,
    number: int,
    tier: str,
    grid: int | None,
    point: tuple[float, float] | None,
) -> None:
    """One customer, his placement and his assignment."""
    standing = "prospect" if number % 20 in (0, 11) else "existing"
    rung = 5 if point is None else 2 + number % 3
    wkt = None if point is None else f"POINT({point[0]:.7f} {point[1]:.7f})"
    session.execute(
        text(
            "INSERT INTO customer"
            " (id, source_code, source_key, kind, standing, name, tier, lead_level, loan_yuan) VALUES"
            " (:id, 'core', :key, 'person', :standing, :name, :tier, 'branch', 4200000)"
        ),
        {
            "id": number,
            "key": str(number),
            "standing": standing,
            "tier": tier,
            "name": SURNAMES[number % 20] + "某某",
        },
    )
    session.execute(
        text(
            "INSERT INTO placement (customer_id, rung, method, score, geom, unit_code) VALUES"
            " (:id, :rung, 'source', 1, ST_GeomFromText(:wkt, 4326),"
            "  (SELECT unit_codes[1] FROM grid WHERE id = :grid))"
        ),
        {"id": number, "rung": rung, "wkt": wkt, "grid": grid},
    )
    session.execute(
        text(
            f"INSERT INTO {table}"
            " (run_id, customer_id, grid_key, rung, method, reason, standing, tier, geom) VALUES"
            " (:run, :id, (SELECT key_id FROM grid WHERE id = :grid), :rung, :method, :reason, :standing,"
            " :tier, ST_GeomFromText(:wkt, 4326))"
        ),
        {
            "run": run,
            "id": number,
            "grid": grid,
            "rung": rung,
            "standing": standing,
            "tier": tier,
            "wkt": wkt,
            "method": "outside" if grid is None else "inside" if point else "unit",
            "reason": None if grid else "outside",
        },
    )


def lay_viewers(session: Session, branches: list[int], managers: list[tuple[int, int]]) -> dict[str, Viewer]:
    """Head office, a branch head, a manager and an analyst."""
    head = insert(session, "app_user", login="head", name="周海峰", role="head")
    branch = insert(
        session, "app_user", login="chief", name="陆行长", role="branch_head", branch_id=branches[0]
    )
    manager = insert(
        session, "app_user", login="manager", name="陆志明", role="manager", staff_id=managers[0][0]
    )
    analyst = insert(session, "app_user", login="analyst", name="钱分析", role="analyst")
    return {
        "head": Viewer("getu_head", head),
        "branch_head": Viewer("getu_scoped", branch),
        "manager": Viewer("getu_scoped", manager),
        "analyst": Viewer("getu_ground", analyst),
    }
