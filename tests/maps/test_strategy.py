"""The strategy map as a page and as one file: light, closed, and its numbers are the database's."""

import json
import re
from typing import Any

import pytest
import shapely
from sqlalchemy import text

from app.db import Database
from app.errors import NotFound
from app.maps.facts import find_facts, list_people, tell_stats
from app.maps.layers import list_layers
from app.maps.strategy import Page, draw_map, draw_page
from app.maps.style import PAINTS, make_style
from app.maps.words import WORDS, list_words, tell_number, tell_share
from tests.maps.seed import Bank

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def page_for(database: Database, viewer: Any, **more: Any) -> str:
    """A page as a viewer gets it."""
    with database.transaction(viewer) as session:
        return draw_page(
            session, Page(bank="江海农商银行", nonce="n0nce", csrf="token", person="周海峰", **more)
        )


def config_of(html: str) -> dict[str, Any]:
    """What Folium's script hands to ours."""
    match = re.search(r"Getu\.start\(\w+, (\{.*\})\);", html)
    assert match is not None
    config: dict[str, Any] = json.loads(match[1])
    return config


def file_for(database: Database, viewer: Any, **more: Any) -> tuple[str, dict[str, Any]]:
    """A stand-alone file and its data."""
    with database.transaction(viewer) as session:
        html = draw_map(session, **more)
    return html, config_of(html)["data"]


@pytest.mark.parametrize("who", ["head", "branch_head", "manager", "analyst"])
def test_the_page_is_light_for_every_viewer(bank_database: Database, bank: Bank, who: str) -> None:
    assert len(page_for(bank_database, getattr(bank, who)).encode()) < 60_000


def test_the_page_names_no_manager_and_is_as_light_with_a_thousand(
    bank_database: Database, bank: Bank
) -> None:
    with bank_database.transaction(bank.head) as session:
        people = list_people(find_facts(session))
        counted = session.execute(
            text(
                "SELECT count(DISTINCT d.staff_id) FROM duty d JOIN grid g ON g.id = d.grid_id"
                " WHERE g.plan_id = :plan AND d.role = 'primary' AND upper_inf(d.recorded)"
            ),
            {"plan": bank.plan_id},
        ).scalar_one()
    html = page_for(bank_database, bank.head)
    assert len(people["managers"]) == counted > 3
    assert not [row["code"] for row in people["managers"] if row["code"] in html]
    assert all(row["west"] < row["east"] and row["south"] < row["north"] for row in people["branches"])


def test_every_script_and_style_in_the_page_carries_the_nonce(bank_database: Database, bank: Bank) -> None:
    html = page_for(bank_database, bank.head)
    tags = re.findall(r"<(?:script|style)\b[^>]*>", html)
    assert len(tags) > 8
    assert all('nonce="n0nce"' in tag for tag in tags)
    assert not re.search(r"\son(?:click|load|error)=", html)


def test_a_name_with_markup_in_it_stays_a_name(fresh: Database) -> None:
    from tests.maps.seed import WORKER, lay_bank

    bank = lay_bank(fresh, grids=12, customers=20)
    bad = "</script><script>alert(1)</script>"
    with fresh.transaction(WORKER) as session:
        session.execute(text("UPDATE branch SET name = :n"), {"n": bad})
        session.execute(text("UPDATE staff SET name = :n"), {"n": bad})
        session.execute(text("UPDATE grid SET name = :n"), {"n": bad})
    assert bad not in page_for(fresh, bank.head)
    assert bad not in file_for(fresh, bank.head)[0]


def test_the_chinese_page_speaks_no_english_and_the_english_page_is_english(
    bank_database: Database, bank: Bank
) -> None:
    def read(lang: str) -> str:
        body = page_for(bank_database, bank.head, lang=lang, may_print=True).split("<body>")[1]
        return re.sub(r"<script.*?</script>|<[^>]+>", " ", body, flags=re.DOTALL)

    zh, en = read("zh"), read("en")
    assert set(re.findall(r"[A-Za-z]{2,}", zh)) <= {"EN", "JH", "PDF", "CGCS"}
    for word in ("Strategy map", "Grids", "Coverage", "Key clients", "Wall map", "Internal"):
        assert word in en
    assert "图例" in zh
    assert "图例" not in en


def test_every_word_is_said_in_both_languages() -> None:
    for key, (zh, en) in WORDS.items():
        assert zh, key
        assert en, key
        assert sorted(re.findall(r"\{\w+\}", zh)) == sorted(re.findall(r"\{\w+\}", en)), key
        assert not CHINESE.search(en) or key in ("other_lang",), key
    assert list_words("zh")["map"] == "战略地图"


def test_numbers_are_written_as_people_read_them() -> None:
    assert tell_number(1863, "zh") == "1,863"
    assert tell_number(890000, "zh") == "89.00 万"
    assert tell_number(126_000_000, "zh") == "1.26 亿"
    assert tell_number(890000, "en") == "890,000"
    assert tell_share(53, 89) == "59.6%"
    assert tell_share(0, 0) == "—"


def test_the_strip_tells_the_databases_numbers_to_each_viewer(bank_database: Database, bank: Bank) -> None:
    for viewer in (bank.head, bank.branch_head, bank.manager):
        with bank_database.transaction(viewer) as session:
            stats = {stat.name: stat for stat in tell_stats(find_facts(session), "zh")}
            grids = session.execute(
                text(f"SELECT count(*) FROM grid WHERE plan_id = {bank.plan_id}")
            ).scalar_one()
            visited = session.execute(text("SELECT sum(visited) FROM grid_count")).scalar_one()
        assert stats["网格"].value == str(grids)
        assert stats["走访"].exact.startswith(f"{visited:,} / ")


def test_an_analyst_gets_a_page_without_a_word_of_customers(bank_database: Database, bank: Bank) -> None:
    html = page_for(bank_database, bank.analyst, role="analyst")
    config = config_of(html)
    assert "coverage" not in config["parts"]
    assert "customers" not in config["parts"]
    assert 'data-tint="coverage"' not in html
    assert 'data-tint="state"' in html
    assert config["sees_customers"] is False


def test_a_scoped_viewer_sees_the_pale_ground_around_and_head_office_need_not(
    bank_database: Database, bank: Bank
) -> None:
    def sources(viewer: Any) -> str:
        return " ".join(config_of(page_for(bank_database, viewer))["style"]["sources"])

    assert "units" in sources(bank.manager)
    assert "units" not in sources(bank.head)


def test_every_layer_has_paint_and_every_style_layer_a_part_of_its_layer(
    bank_database: Database, bank: Bank
) -> None:
    with bank_database.transaction(bank.head) as session:
        facts = find_facts(session)
    layers = list_layers(bank.head)
    style = make_style(layers, facts.look("zh"), base="", version="v")
    assert {layer.key for layer in layers} == set(PAINTS)
    assert len({one["id"] for one in style["layers"]}) == len(style["layers"])
    parts = {layer.key: layer.parts for layer in layers}
    for one in style["layers"][1:]:
        assert one["source"] in style["sources"]
        assert one["source-layer"] in parts[one["metadata"]["layer"]]
    assert "glyphs" not in style
    assert "sprite" not in style


def test_branches_whose_ground_touches_are_coloured_differently(bank_database: Database, bank: Bank) -> None:
    with bank_database.transaction(bank.head) as session:
        facts = find_facts(session)
        pairs = session.execute(
            text(
                "SELECT DISTINCT a.branch_id, b.branch_id FROM grid a JOIN grid b ON a.geom && b.geom"
                " AND ST_Intersects(a.geom, b.geom) AND a.branch_id < b.branch_id"
            )
        ).all()
    assert pairs
    assert all(facts.branch_colours[a] != facts.branch_colours[b] for a, b in pairs)


def test_the_file_stands_alone_and_links_to_nothing(bank_database: Database, bank: Bank) -> None:
    html, _ = file_for(bank_database, bank.head)
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"'](?!data:)", html)
    assert len(html) < 2_500_000


def test_counts_in_the_file_agree_with_the_database(bank_database: Database, bank: Bank) -> None:
    _, data = file_for(bank_database, bank.head)
    cards = [feature["properties"]["card"] for feature in data["grids"]["features"]]
    with bank_database.transaction(bank.head) as session:
        ask = lambda query: session.execute(text(query)).scalar_one()  # noqa: E731
        assert sum(card["existing"] + card["prospects"] for card in cards) == ask(
            "SELECT count(grid_id) FROM assignment"
        )
        assert sum(sum(card["rungs"].values()) for card in cards) == ask(
            "SELECT count(grid_id) FROM assignment"
        )
        assert sum(f["properties"]["number"] for f in data["key_clients"]["features"]) == ask(
            "SELECT count(*) FROM assignment WHERE tier <> 'regular' AND grid_id IS NOT NULL"
        )
        assert len(data["findings"]["features"]) == ask("SELECT count(*) FROM finding")


def test_the_file_holds_no_customers_point_and_no_customers_name(bank_database: Database, bank: Bank) -> None:
    html, data = file_for(bank_database, bank.head)
    assert "customers" not in data
    assert "customer_counts" not in data
    assert "某某" not in html
    assert all(
        set(f["properties"]) == {"tier", "grid_id", "placed", "number"}
        for f in data["key_clients"]["features"]
    )


def test_a_managers_file_holds_his_own_grids_only(bank_database: Database, bank: Bank) -> None:
    _, data = file_for(bank_database, bank.manager)
    with bank_database.transaction(bank.manager) as session:
        mine = set(session.execute(text("SELECT id FROM grid")).scalars())
    assert {f["properties"]["grid_id"] for f in data["grids"]["features"]} == mine
    assert {f["properties"]["grid_id"] for f in data["key_clients"]["features"]} <= mine


def test_a_file_of_one_branch_holds_that_branch_only(bank_database: Database, bank: Bank) -> None:
    _html, data = file_for(bank_database, bank.head, branch="0200")
    branches = {f["properties"]["card"]["branch"]["name"] for f in data["grids"]["features"]}
    assert branches == {"四甲支行"}
    assert {f["properties"]["name"] for f in data["outlets"]["features"]} == {"四甲支行", "四甲分理处"}


def test_a_file_of_one_branch_says_that_its_figures_are_the_banks(
    bank_database: Database, bank: Bank
) -> None:
    with bank_database.transaction(bank.head) as session:
        assert "本图只绘常乐支行，指标与图例为全行口径" in draw_map(session, branch="0100")
        assert "本图只绘" not in draw_map(session).replace("本图只绘{branch}", "")


def test_a_file_of_an_unknown_branch_is_refused(bank_database: Database, bank: Bank) -> None:
    with bank_database.transaction(bank.head) as session, pytest.raises(NotFound):
        draw_map(session, branch="9999")


def test_grids_in_the_file_still_share_their_borders(bank_database: Database, bank: Bank) -> None:
    _, data = file_for(bank_database, bank.head)
    shapes = [shapely.from_geojson(json.dumps(f["geometry"])) for f in data["grids"]["features"]]
    assert shapely.coverage_is_valid(shapes)


def test_a_bank_without_a_plan_is_told_so(database: Database, bank: Bank) -> None:
    with database.transaction(bank.head) as session, pytest.raises(NotFound):
        draw_page(session, Page(bank="江海农商银行"))
