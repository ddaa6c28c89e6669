"""The search box: who finds what, in which order, and what nobody finds."""

from typing import Any

import pytest
from sqlalchemy import text

from app.access import open_vault
from app.customers.renewal import renew_phone_marks
from app.db import Viewer
from app.db.connection import WORKER
from app.maps.search import KINDS, Means, search
from app.maps.search_index import forget_indexes
from app.maps.search_names import BEGINS, EXACT, INITIALS, INSIDE, SAID, Names, fold
from app.spatial.written import read_position
from tests.conftest import DemoBank

HOSTILE = [
    "%",
    "_",
    "%%%",
    "' OR 1=1 --",
    "\\",
    "\x00\x01",
    "\n",
    "<script>",
    "(((",
    "[a-z",
    "🀄" * 50,
    "村" * 5000,
]


@pytest.fixture(autouse=True)
def look_anew() -> None:
    """A test's own changes are seen at once."""
    forget_indexes()


def look(bank: DemoBank, viewer: Viewer, query: str, **means: Any) -> list[dict[str, Any]]:
    with bank.database.transaction(viewer) as session:
        return search(session, query, Means(open_vault(bank.settings.keys), **means))


def viewers(bank: DemoBank) -> dict[str, Viewer]:
    """Six viewers: everybody who signs in, and one whose account is gone."""
    found = {role: bank.viewer(role) for role in ("head", "branch", "manager", "analyst")}
    with bank.database.transaction(WORKER) as session:
        rows = session.execute(text("SELECT login, id, role FROM app_user ORDER BY id")).all()
    roles = {"head": "getu_head", "analyst": "getu_ground"}
    found["gone"] = Viewer("getu_scoped", 10**9)
    return found | {login: Viewer(roles.get(role, "getu_scoped"), user) for login, user, role in rows}


def names_of(bank: DemoBank, viewer: Viewer) -> list[Any]:
    """A customer of the viewer's sight and what he is found by."""
    with bank.database.transaction(viewer) as session:
        return list(
            session.execute(
                text("""SELECT c.id, c.name, c.source_code, c.source_key, c.phone_enc FROM customer c
                    JOIN assignment_row a ON a.customer_id = c.id
                    WHERE c.phone_enc IS NOT NULL AND a.grid_key IS NOT NULL ORDER BY c.id LIMIT 5""")
            )
        )


def test_names_are_ranked_exact_beginning_initials_pinyin_inside() -> None:
    names = Names(
        [("黄村镇",), ("黄村镇东街",), ("小黄村镇",), ("颐生村", "老黄村"), ("重庆路",), ("長樂鎮",)]
    )
    assert names.find(fold("黄村镇")) == [(EXACT, 0), (BEGINS, 1), (INSIDE, 2)]
    assert names.find(fold("hcz")) == [(INITIALS, 0), (INITIALS, 1)]
    assert names.find(fold("HuangCun")) == [(SAID, 0), (SAID, 1)]
    assert names.find(fold("cql")) == names.find(fold("zql")) == [(INITIALS, 4)]
    assert names.find(fold("老黄")) == [(BEGINS, 3)]
    assert names.find(fold("长乐镇")) == [(EXACT, 5)]
    assert names.find(fold("  黄  ")) == [(BEGINS, 0), (BEGINS, 1), (INSIDE, 2), (INSIDE, 3)]
    assert names.find(fold("")) == []
    assert fold("ＨＭ－０１２") == "hm-012"
    assert len(fold("村" * 5000)) == 40


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("121.27, 31.94", (121.27, 31.94, None, False)),
        ("31.94，121.27", (121.27, 31.94, None, True)),
        ("E121°16′12″ N31°56′24″", (121.27, 31.94, None, False)),
        ("北纬31°56.4′ 东经121°16.2′", (121.27, 31.94, None, True)),
        ("百度 121.27 31.94", (121.27, 31.94, "bd09", False)),
        ("gcj02:121.27,31.94", (121.27, 31.94, "gcj02", False)),
        ("13812345678", None),
        ("121.27,121.28", None),
        ("常乐镇颐生村3组12号", None),
    ],
)
def test_a_position_is_read_as_it_was_written(words: str, found: Any) -> None:
    read = read_position(words)
    assert (read and (round(read.lon, 9), round(read.lat, 9), read.datum, read.turned)) == found


def test_nobody_finds_what_he_may_not_see(demo_bank: DemoBank) -> None:
    everybody = viewers(demo_bank)
    assert len(everybody) >= 6
    told = 0
    for viewer in everybody.values():
        with demo_bank.database.transaction(viewer) as session:
            grids = set(session.scalars(text("SELECT id FROM grid")))
            staff = set(session.scalars(text("SELECT code FROM staff")))
        for query in ("村", "HM", "c", "张", "王", "镇"):
            for hit in look(demo_bank, viewer, query):
                told += 1
                assert hit["kind"] in KINDS
                if hit["kind"] in ("grid", "village"):
                    assert hit["grid_id"] in grids
                if hit["kind"] == "manager":
                    assert hit["code"] in staff
                assert hit["kind"] != "customer" or viewer.db_role != "getu_ground"
    assert told > 100


def test_a_customer_is_found_by_name_telephone_and_tail_by_who_may_see_him(demo_bank: DemoBank) -> None:
    vault = open_vault(demo_bank.settings.keys)
    everybody = viewers(demo_bank)
    for one in names_of(demo_bank, demo_bank.viewer("manager")):
        phone = vault.unseal("phone", f"{one.source_code}|{one.source_key}", bytes(one.phone_enc))
        for query in (one.name, phone, phone[-4:], f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}"):
            for role in ("head", "manager"):
                hits = look(demo_bank, everybody[role], query)
                ids = [hit["id"] for hit in hits if hit["kind"] == "customer"]
                assert one.id in ids or len(ids) == 8, (role, query)
            hits = look(demo_bank, everybody["analyst"], query)
            assert not [hit for hit in hits if hit["kind"] == "customer"]
    with demo_bank.database.transaction(everybody["manager"]) as session:
        own = set(session.scalars(text("SELECT customer_id FROM assignment_row")))
    outsiders = [one for one in names_of(demo_bank, everybody["head"]) if one.id not in own]
    for one in outsiders:
        phone = vault.unseal("phone", f"{one.source_code}|{one.source_key}", bytes(one.phone_enc))
        for query in (one.name, phone, phone[-4:]):
            found = {
                hit["id"] for hit in look(demo_bank, everybody["manager"], query) if hit["kind"] == "customer"
            }
            assert found <= own
    assert outsiders


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_words_are_only_words(demo_bank: DemoBank, query: str) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        before = session.scalar(text("SELECT count(*) FROM customer"))
    for role in ("head", "manager"):
        hits = look(demo_bank, demo_bank.viewer(role), query)
        assert all(hit["kind"] != "customer" for hit in hits)
    with demo_bank.database.transaction(WORKER) as session:
        assert session.scalar(text("SELECT count(*) FROM customer")) == before


def test_former_names_addresses_and_datums_lead_to_places(demo_bank: DemoBank) -> None:
    head = demo_bank.viewer("head")
    with demo_bank.database.transaction(WORKER) as session:
        unit = session.execute(
            text(
                "SELECT u.id, u.name, u.town_name FROM unit u JOIN grid g ON u.code = g.unit_codes[1]"
                " WHERE u.kind = 'village' AND u.valid @> current_date ORDER BY u.id LIMIT 1"
            )
        ).one()
        kept = session.scalar(text("SELECT former_names FROM unit WHERE id = :i"), {"i": unit.id})
        session.execute(text("UPDATE unit SET former_names = '{旧梦塘村}' WHERE id = :i"), {"i": unit.id})
    forget_indexes()
    try:
        version = look(demo_bank, head, "旧梦塘")
    finally:
        with demo_bank.database.transaction(WORKER) as session:
            session.execute(
                text("UPDATE unit SET former_names = :k WHERE id = :i"), {"k": kept, "i": unit.id}
            )
    assert [hit["rank"] for hit in version] == [BEGINS]
    hits = look(demo_bank, head, f"{unit.town_name}{unit.name}3组12号")
    assert hits[0]["kind"] == "address"
    moved = look(demo_bank, head, "121.27,31.94", datum="bd09")[0]
    assert 0.008 < 121.27 - moved["lon"] < 0.014
    assert look(demo_bank, head, "   ") == []


def test_marks_from_before_are_written_anew_once(demo_bank: DemoBank) -> None:
    vault = open_vault(demo_bank.settings.keys)
    one = names_of(demo_bank, demo_bank.viewer("head"))[0]
    phone = vault.unseal("phone", f"{one.source_code}|{one.source_key}", bytes(one.phone_enc))
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("UPDATE customer SET phone_hash = :m WHERE id = :i"), {"m": b"old", "i": one.id})
    assert one.id not in {hit["id"] for hit in look(demo_bank, demo_bank.viewer("head"), phone)}
    with demo_bank.database.transaction(WORKER) as session:
        assert renew_phone_marks(session, vault, after=one.id - 1)[0] == 1
        assert renew_phone_marks(session, vault, after=one.id - 1)[0] == 0
    assert one.id in {hit["id"] for hit in look(demo_bank, demo_bank.viewer("head"), phone)}
