"""Roll-up: five levels of the administrative code, and the same sums on each."""

from datetime import date

import pytest
from geoalchemy2.shape import from_shape
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from app.customers.coverage import count_coverage
from app.errors import BadInput
from app.maps.rollup import roll_up
from app.models import Place, Unit
from app.spatial.crs import area_m2
from app.territory.rollup import ROLLUP_LEVELS, RollupRow, list_rollup
from app.territory.shapes import to_areas
from tests.conftest import DemoBank
from tests.ground import lay

GROUND = lay("ABCDEF", cell=0.01)
# code, kind, town_code, town_name, households
VILLAGES = (
    ("320614103208", "village", "320614103", "常乐镇", 300),
    ("320614103001", "community", None, None, 20),
    ("320614400209", "village", "320614103", "常乐镇", 5),
    ("320684101201", "village", None, None, 40),
    ("321281130201", "street", None, None, None),
    ("A-7", "village", None, None, 1),
)


@pytest.fixture
def settled(work: Session) -> Session:
    """Six villages of three counties in two cities, one of them with a code of the bank's own."""
    areas = to_areas(GROUND.polygons)
    for (code, kind, town_code, town_name, households), shape in zip(VILLAGES, areas, strict=True):
        unit = Unit(
            code=code,
            code_source="NBS",
            kind=kind,
            name=f"{code}村",
            town_code=town_code,
            town_name=town_name,
            households=households,
            geom=from_shape(shape, srid=4326),
            area_m2=float(area_m2(areas[:1])[0]),
            valid=Range(date(2026, 1, 1), None),
        )
        work.add(unit)
    for code, level, name in (
        ("32", "province", "江苏省"),
        ("3206", "city", "南通市"),
        ("320614", "county", "海门区"),
    ):
        work.add(Place(code=code, code_source="NBS", level=level, kind="admin", name=name))
    work.flush()
    return work


def figures(rows: list[RollupRow]) -> tuple[int, int, int, int]:
    """Units, households, residents and square metres of all rows."""
    return (
        sum(row.units for row in rows),
        sum(row.households for row in rows),
        sum(row.residents for row in rows),
        round(sum(row.area_m2 for row in rows)),
    )


def test_every_level_has_the_same_sums(settled: Session) -> None:
    sums = {level.key: figures(list_rollup(settled, level.key)) for level in ROLLUP_LEVELS}
    assert len(sums) == 5
    assert len(set(sums.values())) == 1
    assert sums["town"][:2] == (6, 366)


@pytest.mark.parametrize(
    ("level", "rows"),
    [
        ("province", [("32", "江苏省", 5), (None, None, 1)]),
        ("city", [("3206", "南通市", 4), ("3212", None, 1), (None, None, 1)]),
        ("county", [("320614", "海门区", 3), ("320684", None, 1), ("321281", None, 1), (None, None, 1)]),
        (
            "town",
            [
                ("320614103", "常乐镇", 3),
                ("320684101", None, 1),
                ("321281130", None, 1),
                (None, None, 1),
            ],
        ),
    ],
)
def test_a_place_holds_what_its_code_begins(
    settled: Session, level: str, rows: list[tuple[str | None, str | None, int]]
) -> None:
    assert [(row.code, row.name, row.units) for row in list_rollup(settled, level)] == rows


def test_a_village_is_its_own_row_and_counted_by_kind(settled: Session) -> None:
    rows = {row.code: row for row in list_rollup(settled, "village")}
    assert len(rows) == 6
    street = rows["321281130201"]
    assert (street.villages, street.communities, street.streets, street.households) == (0, 0, 1, 0)


def test_ground_is_counted_as_it_was_valid_on_the_day(settled: Session) -> None:
    assert list_rollup(settled, "town", on=date(2025, 1, 1)) == []


def test_an_unknown_level_is_refused_with_those_that_are_known(settled: Session) -> None:
    with pytest.raises(BadInput) as refused:
        list_rollup(settled, "street")
    assert refused.value.code == "unknown_level"
    assert "province, city, county, town, village" in refused.value.en


@pytest.mark.parametrize("role", ["head", "branch_head", "manager"])
def test_customers_roll_up_to_the_viewer_s_own_figures_at_every_level(demo_bank: DemoBank, role: str) -> None:
    with demo_bank.database.transaction(demo_bank.viewer(role)) as session:
        totals = [roll_up(session, level.key)["total"] for level in ROLLUP_LEVELS]
        whole = count_coverage(session)
        enrolled = whole["enrolled"]["n"]
    assert all(total == totals[0] for total in totals)
    assert totals[0]["units"] == 296
    assert totals[0]["existing"] + totals[0]["prospects"] == enrolled
    assert enrolled > 0


def test_the_demo_s_twelve_towns_are_named_and_the_service_answers_like_the_room(demo_bank: DemoBank) -> None:
    answer = demo_bank.client("analyst").get("/api/v1/rollup?level=town")
    assert answer.status_code == 200
    rows = answer.json()["rows"]
    assert len(rows) == 12
    assert all(row["name"] and row["units"] and row["area_km2"] for row in rows)
    county = demo_bank.client("analyst").get("/api/v1/rollup?level=county").json()
    assert [(row["code"], row["name"]) for row in county["rows"]] == [("320614", "海门区")]
    assert demo_bank.client("analyst").get("/api/v1/rollup?level=planet").status_code == 422
