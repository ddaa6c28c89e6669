"""What the placement desk reads: numbers that are the database's own, for each viewer, masked and audited."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from app.access.signing_in import hash_password
from app.db import Database, cluster
from app.db.connection import WORKER
from app.main import create_app
from app.settings import Settings
from app.spatial import crs
from tests.conftest import Client, copy_database, run_admin
from tests.pages.placement_bank import lay_desk, list_cases

FUNNEL = "/api/v1/placement/funnel"
CASES = "/api/v1/placement/cases"
PLACED = "/api/v1/placement/customers"
GRIDS = {
    "head": "SELECT NULL WHERE false",
    "chief": "SELECT id FROM grid WHERE branch_id = (SELECT branch_id FROM app_user WHERE login = 'chief')",
    "manager": """SELECT d.grid_id FROM duty d JOIN app_user u ON u.staff_id = d.staff_id
        WHERE u.login = 'manager'""",
}
TRUTH = """SELECT p.rung, p.method, p.geom IS NOT NULL AS located, c.id
    FROM customer c JOIN placement p ON p.customer_id = c.id LEFT JOIN assignment a ON a.customer_id = c.id
    WHERE {where}"""


@pytest.fixture(scope="module")
def bank(
    server: cluster.Cluster, template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The desk's drawn bank; everybody has the same password."""
    name = f"getu_worklist_{worker_id}"
    database = copy_database(server, template, name)
    settings = Settings(home=tmp_path_factory.mktemp("worklist"), cluster_profile="test", import_processes=1)
    lay_desk(database, settings, grids=12)
    with database.transaction(WORKER) as session:
        session.execute(text("UPDATE app_user SET password_hash = :h"), {"h": hash_password("getu-word")})
    yield database
    database.close()
    run_admin(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def doors(bank: Database, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Client]:
    """A browser of each viewer."""
    app = create_app(Settings(home=tmp_path_factory.mktemp("home"), cluster_profile="test"), bank)
    found = {}
    for login in GRIDS:
        found[login] = Client(app, base_url="http://bank.test")
        answer = found[login].post("/api/v1/session", json={"login": login, "password": "getu-word"})
        found[login].headers["X-CSRF-Token"] = answer.json()["csrf"]
    return found


def truth(database: Database, login: str) -> list[dict[str, Any]]:
    """Every customer in a viewer's sight, by tables alone."""
    where = "true" if login == "head" else f"a.grid_id IN ({GRIDS[login]})"
    with database.transaction(WORKER) as session:
        return [dict(row) for row in session.execute(text(TRUTH.format(where=where))).mappings()]


def ask(client: Client, path: str, **query: Any) -> dict[str, Any]:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def collect(client: Client, path: str, key: str, **query: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    after: Any = None
    while True:
        page = ask(client, path, **query, **({} if after is None else {"after": after}))
        found += page[key]
        after = page["next"]
        if after is None:
            return found


@pytest.mark.parametrize("login", GRIDS)
def test_the_funnel_tells_the_tables_own_numbers_to_each_viewer(
    bank: Database, doors: dict[str, Client], login: str
) -> None:
    rows, told = truth(bank, login), ask(doors[login], FUNNEL)
    assert told["imported"] == len(rows) > 0
    blank = [row for row in rows if not row["located"] and row["method"] in ("empty", "placeholder")]
    assert told["readable"] == len(rows) - len(blank)
    assert told["unreadable"] == len(blank)
    assert told["village_known"] == sum(1 <= row["rung"] <= 5 for row in rows)
    assert told["located"] == sum(row["located"] for row in rows)
    assert told["point"] == sum(1 <= row["rung"] <= 3 for row in rows)
    assert {int(rung): n for rung, n in told["rungs"].items() if n} == {
        rung: sum(row["rung"] == rung for row in rows) for rung in {row["rung"] for row in rows}
    }
    assert sum(told["rungs"].values()) == told["imported"]
    assert set(told["of"].values()) == {told["imported"]}
    seen = {row["id"] for row in rows}
    with bank.transaction(WORKER) as session:
        waiting = [kind for number, kind, state in list_cases(session).values() if number in seen]
    assert told["open"] == {kind: waiting.count(kind) for kind in told["open"]}
    assert sum(town["open"] for town in told["towns"]) == len(waiting)


@pytest.mark.parametrize("login", GRIDS)
def test_every_figure_opens_a_list_of_just_so_many(
    bank: Database, doors: dict[str, Client], login: str
) -> None:
    told = ask(doors[login], FUNNEL)
    figures = {key: told[key] for key in told["of"]} | {f"rung_{k}": n for k, n in told["rungs"].items()}
    seen = {row["id"] for row in truth(bank, login)}
    for step, number in figures.items():
        listed = collect(doors[login], PLACED, "customers", step=step, limit=200)
        assert len(listed) == number, step
        assert {row["customer_id"] for row in listed} <= seen


def test_one_branch_of_head_office_is_what_its_own_head_sees(doors: dict[str, Client]) -> None:
    mine = ask(doors["chief"], FUNNEL)
    same = ask(doors["head"], FUNNEL, branch="0100")
    assert {key: mine[key] for key in ("imported", "rungs", "open")} == {
        key: same[key] for key in ("imported", "rungs", "open")
    }
    assert mine["imported"] < ask(doors["head"], FUNNEL)["imported"]


def test_lists_hide_names_and_houses_and_a_case_shows_the_address_and_is_audited(
    bank: Database, doors: dict[str, Client]
) -> None:
    listed = collect(doors["head"], CASES, "cases", limit=4)
    assert len({row["customer_id"] for row in listed}) == len(listed) == 15
    assert {row["name"] for row in listed} == {"沈**"}
    assert all(not any(sign.isdigit() for sign in row["address"]) for row in listed)
    assert {row["address"] for row in listed if row["kind"] == "ambiguous"} == {"颐生村***"}
    one = next(row for row in listed if row["kind"] == "ambiguous")
    case = ask(doors["head"], f"{CASES}/{one['customer_id']}")
    assert case["name"] == "沈**"
    assert case["address"].startswith("海门区颐生村")
    assert case["same_prefix"] == 4
    assert [candidate["letter"] for candidate in case["candidates"]] == ["A", "B"]
    assert all(candidate["grid"] and candidate["outline"] for candidate in case["candidates"])
    assert {"颐生村"} <= {ground["name"] for ground in case["neighbours"]}
    with bank.transaction(WORKER) as session:
        seen = session.execute(
            text("SELECT action, customer_ids FROM audit WHERE action LIKE '%placement_case%' ORDER BY id")
        ).all()
    assert seen[-1] == ("see_placement_case", [one["customer_id"]])
    assert {number for _, ids in seen[:-1] for number in ids} >= {row["customer_id"] for row in listed}


@pytest.mark.parametrize(
    ("prefix", "shown", "hidden"),
    [
        ("四甲镇颐生村张三家隔壁", "四甲镇颐生村***", "张三家"),
        ("四甲镇人民路18", "四甲镇人民路***", "路18"),
        ("四甲镇新村路", "四甲镇新村路***", None),
    ],
)
def test_a_list_neither_shows_nor_finds_what_stands_below_a_village(
    bank: Database, doors: dict[str, Client], prefix: str, shown: str, hidden: str | None
) -> None:
    one = ask(doors["head"], CASES, q="供销社")["cases"][0]["customer_id"]
    change = text("UPDATE placement_case SET prefix = :prefix WHERE customer_id = :id RETURNING prefix")
    with bank.transaction(WORKER) as session:
        before = session.scalar(
            text("SELECT prefix FROM placement_case WHERE customer_id = :id"), {"id": one}
        )
        session.execute(change, {"prefix": prefix, "id": one})
    listed = [row for row in ask(doors["head"], CASES, q=shown[:-3])["cases"] if row["customer_id"] == one]
    probed = ask(doors["head"], CASES, q=hidden) if hidden else {"cases": [], "total": 0}
    with bank.transaction(WORKER) as session:
        session.execute(change, {"prefix": before, "id": one})
    assert [row["address"] for row in listed] == [shown]
    assert (probed["cases"], probed["total"]) == ([], 0)


def test_a_list_is_narrowed_by_kind_town_and_words(doors: dict[str, Client]) -> None:
    head = doors["head"]
    assert ask(head, CASES, kind="outside")["total"] == 3
    assert ask(head, CASES, kind="outside", town="-")["total"] == 3
    assert ask(head, CASES, town="320614100")["total"] == len(collect(head, CASES, "cases", town="320614100"))
    assert {row["kind"] for row in ask(head, CASES, q="供销社")["cases"]} == {"low_score"}
    assert ask(head, CASES, q="沈", state="later")["total"] == 0
    assert ask(head, CASES, q="%")["total"] == 0
    scores = [row["score"] for row in collect(head, CASES, "cases", limit=3)]
    assert scores == sorted(scores, reverse=True)
    assert head.get(CASES, params={"after": "1;DROP"}).json()["code"] == "bad_cursor"
    assert head.get(PLACED, params={"step": "nowhere"}).json()["code"] == "no_step"


def test_a_case_out_of_sight_is_not_there_and_one_without_doubt_is_matched_anew(
    bank: Database, doors: dict[str, Client]
) -> None:
    mine = {row["id"] for row in truth(bank, "manager")}
    foreign = next(row["id"] for row in truth(bank, "head") if row["id"] not in mine)
    assert doors["manager"].get(f"{CASES}/{foreign}").status_code == 404
    with bank.transaction(WORKER) as session:
        clear = session.scalar(text("SELECT id FROM customer WHERE source_key = 'C2'"))
    case = ask(doors["head"], f"{CASES}/{clear}")
    assert (case["kind"], case["state"], case["same_prefix"]) == (None, None, 0)
    assert case["candidates"][0]["name"] == "通源村"
    assert case["placement"]["rung_words"] == "村级"


def test_a_point_that_looks_like_another_datum_is_offered_converted(
    bank: Database, doors: dict[str, Client]
) -> None:
    one = ask(doors["head"], CASES, kind="contradiction")["cases"][0]["customer_id"]
    likelier = text(
        "UPDATE placement_case SET detail = jsonb_set(detail, '{likelier_datum}', CAST(:datum AS jsonb))"
        " WHERE customer_id = :id"
    )
    with bank.transaction(WORKER) as session:
        session.execute(likelier, {"datum": '"gcj02"', "id": one})
    case = ask(doors["head"], f"{CASES}/{one}")
    with bank.transaction(WORKER) as session:
        session.execute(likelier, {"datum": "null", "id": one})
    address, moved, point = case["candidates"]
    assert (address["act"], moved["act"], point["act"]) == ("choose", "pin", "pin")
    source = case["source_point"]
    assert (point["lon"], point["lat"]) == (source["lon"], source["lat"])
    x, y = crs.points_to_storage([source["lon"]], [source["lat"]], "gcj02")
    assert (moved["lon"], moved["lat"]) == pytest.approx((float(x[0]), float(y[0])), abs=1e-6)
    assert abs(moved["lon"] - point["lon"]) > 0.003


def test_what_was_decided_today_is_counted_until_it_is_taken_back(
    bank: Database, doors: dict[str, Client]
) -> None:
    head = doors["head"]
    one = ask(head, CASES, kind="outside")["cases"][0]["customer_id"]
    decided = head.post(f"{CASES}/{one}/decide", json={"action": "outside", "same": True}).json()
    assert ask(head, CASES)["today"] == 3
    assert ask(head, FUNNEL)["open"]["outside"] == 0
    history = ask(head, f"{CASES}/{one}")["steps"]
    assert [(step["action"], step["by_whom"], step["undone"]) for step in history] == [
        ("outside", "周海峰", False)
    ]
    head.post("/api/v1/placement/undo", json={"batch": decided["batch"]})
    assert ask(head, CASES)["today"] == 0
    assert ask(head, CASES, kind="outside")["total"] == 3


def test_places_and_outlines_are_found_for_what_nobody_offered(doors: dict[str, Client]) -> None:
    head = doors["head"]
    found = ask(head, "/api/v1/placement/places", q="通源村")["places"]
    assert [(place["code"], place["act"], place["rung"]) for place in found] == [
        ("320614100201", "choose", 5)
    ]
    assert ask(head, "/api/v1/placement/places", code="320614100201")["places"] == found
    assert ask(head, "/api/v1/placement/places", q="%")["places"] == []
    box = {"west": 121.0, "south": 31.8, "east": 121.5, "north": 32.1}
    assert len(ask(head, "/api/v1/placement/outlines", **box)["outlines"]) == 12
    assert ask(head, "/api/v1/placement/outlines", **{**box, "west": 118.0})["outlines"] == []
