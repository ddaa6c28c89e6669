"""Layers: one tuple, each entry whole; the numbers of a legend are the numbers of the database."""

import pytest
from sqlalchemy import text

from app.db import Database
from app.errors import NotFound
from app.maps.facts import find_facts
from app.maps.ground import find_ground
from app.maps.layers import LAYERS, MEASURES, find_layer, list_layers, tell_rates
from app.maps.telling import tell_layer
from tests.maps.seed import Bank


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.key)
def test_every_layer_speaks_both_languages_and_has_its_statement(layer: object) -> None:
    from app.db.statements import APP
    from app.maps.layers import Layer

    assert isinstance(layer, Layer)
    assert all((layer.zh, layer.en, layer.why_zh, layer.why_en))
    statement = (APP / f"{layer.statement}.sql").read_text(encoding="utf-8")
    assert statement.startswith("-- ")
    assert statement.count("ST_Intersects") <= statement.count("&&")
    assert 0 <= layer.min_zoom <= layer.max_zoom


def test_keys_are_unique() -> None:
    assert len({layer.key for layer in LAYERS}) == len(LAYERS)


@pytest.mark.parametrize("who", ["head", "branch_head", "manager", "analyst"])
def test_every_legend_can_be_told_to_every_viewer_who_sees_the_layer(
    bank_database: Database, bank: Bank, who: str
) -> None:
    viewer = getattr(bank, who)
    with bank_database.transaction(viewer) as session:
        ground = find_ground(session)
        for layer in list_layers(viewer):
            for line in layer.legend(session, ground):
                assert line.zh
                assert line.en
                assert line.symbol
                assert line.number >= 0


def test_the_legend_counts_what_the_database_holds(bank_database: Database, bank: Bank) -> None:
    with bank_database.transaction(bank.head) as session:
        ground = find_ground(session)
        legend = {
            layer.key: {c.key: c.number for c in layer.legend(session, ground)}
            for layer in list_layers(bank.head)
        }
        count = lambda query: session.execute(text(query)).scalar_one()  # noqa: E731
        assert legend["grids"]["villages"] == count(
            f"SELECT count(*) FROM grid WHERE plan_id = {bank.plan_id}"
        )
        assert legend["grids"]["managers"] == count(
            "SELECT count(DISTINCT staff_id) FROM duty WHERE role = 'primary'"
        )
        assert legend["outlets"] == {"head_office": 1, "branch": 4, "outlet": 4}
        assert legend["findings"] == {"overlap": 1, "gap": 1}
        assert sum(legend["customers"].values()) == count("SELECT count(grid_id) FROM assignment")
        assert legend["key_clients"]["strategic"] == count(
            "SELECT count(*) FROM assignment WHERE tier = 'strategic' AND grid_id IS NOT NULL"
        )


@pytest.mark.parametrize("rate", [measure.key for measure in MEASURES])
def test_classes_of_a_rate_count_every_grid_once(bank_database: Database, bank: Bank, rate: str) -> None:
    with bank_database.transaction(bank.head) as session:
        classes = [line for line in tell_rates(session, find_ground(session)) if line.tint == rate]
        grids = session.execute(
            text(f"SELECT count(*) FROM grid WHERE plan_id = {bank.plan_id}")
        ).scalar_one()
    assert sum(c.number for c in classes) == grids


def test_a_grid_without_households_has_no_rate_and_its_own_class(fresh: Database) -> None:
    from tests.maps.seed import WORKER, lay_bank

    bank = lay_bank(fresh, grids=12, customers=60)
    with fresh.transaction(WORKER) as session:
        session.execute(text("UPDATE grid SET households = 0 WHERE code LIKE '%-003'"))
    with fresh.transaction(bank.head) as session:
        lines = {c.key: c.number for c in tell_rates(session, find_ground(session))}
    unknown = {key: number for key, number in lines.items() if key.endswith("-none")}
    assert unknown == {"coverage-none": 1, "customers-none": 1}
    assert lines["penetration-few"] == 12  # five customers a grid are too few for a rate


def test_every_grid_is_in_one_state_and_a_dispute_comes_first(fresh: Database) -> None:
    from tests.maps.seed import WORKER, lay_bank

    bank = lay_bank(fresh, grids=12, customers=60)
    with fresh.transaction(WORKER) as session:
        session.execute(text("DELETE FROM duty WHERE role = 'primary' AND grid_id IN"
            " (SELECT id FROM grid WHERE code LIKE '%-003' OR code LIKE '%-004')"))  # fmt: skip
        session.execute(
            text("UPDATE finding SET codes = ARRAY(SELECT code FROM grid WHERE code LIKE '%-004')")
        )
    with fresh.transaction(bank.head) as session:
        states = find_layer("states", bank.head).legend(session, find_ground(session))
    assert {line.key: line.number for line in states} == {"held": 10, "vacant": 1, "contested": 1}


def test_a_layer_tells_its_sums_its_style_and_what_is_said_under_the_mouse(
    bank_database: Database, bank: Bank
) -> None:
    with bank_database.transaction(bank.head) as session:
        layer = find_layer("coverage", bank.head)
        told = tell_layer(session, layer, facts=find_facts(session), lang="zh")
        existing, households = session.execute(
            text(
                "SELECT (SELECT sum(existing) FROM grid_count),"
                " (SELECT sum(households) FROM grid WHERE plan_id = :p)"
            ),
            {"p": bank.plan_id},
        ).one()
    assert told["notes"]["customers"] == f"存量客户 ÷ 全部家庭：{existing:,} / {households:,}"
    assert {one["metadata"]["under"] for one in told["style"]["layers"]} == {"grids"}
    assert {tip["tint"] for tip in told["tips"]} == set(told["tints"])


def test_rates_are_told_to_nobody_who_may_see_no_customers(bank: Bank) -> None:
    with pytest.raises(NotFound):
        find_layer("coverage", bank.analyst)


def test_the_plan_in_force_is_drawn_and_the_drafts_faults_lie_over_it(
    bank_database: Database, bank: Bank
) -> None:
    with bank_database.transaction(bank.head) as session:
        ground = find_ground(session)
    assert (ground.code, ground.status, ground.plan_id) == ("V3", "in_force", bank.plan_id)
    assert (ground.faults_code, ground.faults_status) == ("V4", "draft")
