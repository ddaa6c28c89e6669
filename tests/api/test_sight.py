"""What a scoped viewer is shown, by whatever door he asks, belongs to his own grids and is all of them."""

import csv
import io
import math
from dataclasses import dataclass
from typing import Any

import mapbox_vector_tile
import pypdf
import pytest
from sqlalchemy import text

from tests.conftest import Client, DemoBank
from tests.truth import GRIDS, ids, truth

ROLES = ("branch_head", "manager")
LAYERS = [
    "frame", "towns", "grids", "coverage", "units",
    "outlets", "key_clients", "customers", "liaisons", "findings",
]  # fmt: skip


@dataclass(frozen=True)
class Sight:
    """What a role may see, asked of the database beside all walls."""

    grids: set[int]
    codes: set[str]
    foreign_codes: set[str]
    foreign_managers: set[str]
    foreign_phones: set[str]
    customers: set[int]
    counts: dict[str, int]
    bounds: tuple[float, float, float, float]


@pytest.fixture(scope="module", params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def door(doors: dict[str, Client], role: str) -> Client:
    return doors[role]


@pytest.fixture(scope="module")
def sight(demo_bank: DemoBank, role: str) -> Sight:
    drawn = "plan_id = (SELECT id FROM plan WHERE status = 'in_force')"
    own = f"id IN ({GRIDS[role]}) AND {drawn}"
    mine = f"SELECT id FROM grid WHERE {own}"
    held = f"SELECT DISTINCT staff_id FROM duty WHERE role = 'primary' AND grid_id IN ({mine})"
    with truth(demo_bank.database) as admin:

        def column(query: str) -> set[str]:
            return {str(value) for value in admin.execute(text(query)).scalars()}

        customers = f"FROM assignment WHERE grid_id IN (SELECT id FROM grid WHERE {own})"
        staff = f"FROM staff WHERE kind = 'manager' AND id NOT IN ({held})"
        extent = "ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)"
        return Sight(
            grids=ids(admin, f"SELECT id FROM grid WHERE {own}"),
            codes=column(f"SELECT code FROM grid WHERE {own}"),
            foreign_codes=column(f"SELECT code FROM grid WHERE NOT ({own}) AND {drawn}"),
            foreign_managers=column(f"SELECT code {staff}"),
            foreign_phones=column(f"SELECT phone {staff}"),
            customers=ids(admin, f"SELECT customer_id {customers}"),
            counts={
                row[0]: row[1]
                for row in admin.execute(text(f"SELECT standing, count(*) {customers} GROUP BY standing"))
            },
            bounds=tuple(
                admin.execute(
                    text(f"SELECT {extent} FROM (SELECT ST_Extent(geom) e FROM grid WHERE {drawn}) x")
                ).one()
            ),
        )


def test_the_list_of_grids_is_the_own_grids(door: Client, sight: Sight) -> None:
    assert sight.grids
    assert {row["id"] for row in door.get("/api/v1/grids").json()["grids"]} == sight.grids


def test_the_list_cannot_be_widened_by_naming_another_branch_or_manager(
    demo_bank: DemoBank, door: Client, sight: Sight
) -> None:
    with truth(demo_bank.database) as admin:
        branches = admin.execute(text("SELECT code FROM branch")).scalars().all()
    seen = [
        row["id"] for code in branches for row in door.get(f"/api/v1/grids?branch={code}").json()["grids"]
    ]
    assert set(seen) == sight.grids
    for code in sorted(sight.foreign_managers)[:10]:
        assert door.get(f"/api/v1/grids?manager={code}").json()["grids"] == []


def test_paging_through_the_own_grids_names_every_own_customer_once(door: Client, sight: Sight) -> None:
    seen: list[int] = []
    for grid in sorted(sight.grids):
        after: int | None = 0
        while after is not None:
            page = door.get(f"/api/v1/grids/{grid}/customers", params={"after": after, "limit": 200}).json()
            assert all(row["grid"]["id"] == grid for row in page["customers"])
            seen += [row["id"] for row in page["customers"]]
            after = page["next"]
    assert sorted(seen) == sorted(sight.customers)


def test_the_files_hold_the_own_customers_masked(doors: dict[str, Client], sight: Sight) -> None:
    """A manager may not export; the branch's files hold a line for each customer of its grids."""
    door, lines = doors["branch_head"], 0
    for grid in sorted(sight.grids):
        answer = door.get(f"/api/v1/grids/{grid}/customers.csv")
        assert answer.status_code == 200
        rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
        assert all(row[-1] in sight.codes for row in rows[1:])
        assert all("*" in row[4] or row[4] == "" for row in rows[1:])
        lines += len(rows) - 1
    assert lines == len(sight.customers)


@pytest.mark.parametrize(
    "query", ["常乐", "村", "社区", "HM-", "M0", "支行", "陈", "王小", "沈", "张", "市场"]
)
def test_the_search_box_finds_only_in_the_own_ground(door: Client, sight: Sight, query: str) -> None:
    for hit in door.get("/api/v1/search", params={"q": query}).json()["results"]:
        if hit["kind"] == "grid":
            assert hit["id"] in sight.grids
        elif hit["kind"] == "customer":
            assert hit["id"] in sight.customers
        elif hit["kind"] == "manager":
            assert hit["code"] not in sight.foreign_managers


def search_customers(door: Client, name: str) -> set[int]:
    hits = door.get("/api/v1/search", params={"q": name}).json()["results"]
    return {hit["id"] for hit in hits if hit["kind"] == "customer"}


def test_a_customer_is_found_by_who_serves_him_and_by_nobody_else(
    demo_bank: DemoBank, door: Client, doors: dict[str, Client], sight: Sight
) -> None:
    """The first two characters of a name of another's customer find him for head office alone."""
    with truth(demo_bank.database) as admin:
        names = admin.execute(
            text("""SELECT c.id, left(c.name, 3) FROM customer c JOIN assignment a ON a.customer_id = c.id
            WHERE a.grid_id IS NOT NULL AND a.tier <> 'regular'""")
        ).all()
    found = 0
    for customer, name in [row for row in names if row[0] not in sight.customers][:20]:
        assert customer not in search_customers(door, name)
        found += customer in search_customers(doors["head"], name)
    assert found, "the same search must find somebody for head office, or this test proves nothing"


def test_the_figures_strip_counts_the_own_grids(door: Client, sight: Sight) -> None:
    summary = door.get("/api/v1/summary").json()
    assert summary["grids"]["total"] == len(sight.grids)
    assert summary["customers"]["existing"] == sight.counts["existing"]
    assert summary["customers"]["prospects"] == sight.counts.get("prospect", 0)


def test_findings_touch_the_own_grids(demo_bank: DemoBank, door: Client, sight: Sight) -> None:
    for plan in ("V1", "V2"):
        listed = door.get("/api/v1/findings", params={"plan": plan}).json()["findings"]
        with truth(demo_bank.database) as admin:
            for row in listed:
                touched = ids(admin, "SELECT unnest(grid_ids) FROM finding WHERE id = :id", id=row["id"])
                assert touched & sight.grids


def tiles_over(bounds: tuple[float, float, float, float], z: int) -> list[tuple[int, int, int]]:
    """The addresses of all tiles over a box of degrees."""
    west, south, east, north = bounds
    xs = [int((lon + 180) / 360 * 2**z) for lon in (west, east)]
    ys = [int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z) for lat in (north, south)]
    return [(z, x, y) for x in range(xs[0], xs[1] + 1) for y in range(ys[0], ys[1] + 1)]


def features_of(door: Client, layer: str, address: tuple[int, int, int]) -> list[tuple[str, dict[str, Any]]]:
    """Every feature of a tile with its part; the feature's own id stands under `id`."""
    answer = door.get("/tiles/{}/{}/{}/{}.mvt".format(layer, *address))
    if answer.status_code == 404:
        return []
    assert answer.status_code == 200
    parts = mapbox_vector_tile.decode(answer.content)
    return [
        (part, {"id": feature.get("id"), **feature["properties"]})
        for part, content in parts.items()
        for feature in content["features"]
    ]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("z", [9, 11])
def test_tiles_hold_the_own_grids_only(door: Client, sight: Sight, layer: str, z: int) -> None:
    seen = [item for address in tiles_over(sight.bounds, z) for item in features_of(door, layer, address)]
    named = {item["grid_id"] for _, item in seen if "grid_id" in item}
    assert named <= sight.grids
    if layer in ("grids", "coverage"):
        assert named == sight.grids
    assert not {item.get("code") for part, item in seen if part == "grids"} & sight.foreign_codes


def test_close_tiles_hold_the_own_customers_and_all_of_them(door: Client, sight: Sight) -> None:
    """Points and one symbol a grid for the rest: what is shown sums to what is true."""
    shown = 0
    for address in tiles_over(sight.bounds, 13):
        for part, item in features_of(door, "customers", address):
            assert item["grid_id"] in sight.grids
            if part == "customers":
                assert item["id"] in sight.customers
            shown += 1 if part == "customers" else item["number"]
    assert shown == len(sight.customers)


def test_the_stand_alone_map_names_nobody_elses_grid_or_manager(door: Client, sight: Sight) -> None:
    html = door.get("/api/v1/map.html").text
    assert any(code in html for code in sight.codes)
    assert [code for code in sight.foreign_codes if f'"{code}"' in html] == []
    assert [phone for phone in sight.foreign_phones if phone in html] == []
    assert [code for code in sight.foreign_managers if f'"{code}"' in html] == []


def test_the_page_itself_names_nobody_elses_manager(door: Client, sight: Sight) -> None:
    html = door.get("/").text + door.get("/api/v1/map/people").text
    assert [code for code in sight.foreign_codes if f'"{code}"' in html] == []
    assert [phone for phone in sight.foreign_phones if phone in html] == []
    assert [code for code in sight.foreign_managers if f'"{code}"' in html] == []


def test_the_wall_map_prints_the_own_grids_alone(door: Client, sight: Sight) -> None:
    body = door.get("/api/v1/wallmap.pdf", params={"paper": "A3"}).content
    words = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)
    squeezed = "".join(words.split())
    assert f"{len(sight.grids)}个网格" in squeezed
    assert [code for code in sight.foreign_codes if code in squeezed] == []
    assert [phone for phone in sight.foreign_phones if phone in squeezed] == []
