"""What is shown is what is true: any viewer, filter and zoom; each customer in one tile, none in silence."""

from datetime import date
from typing import Any

import mapbox_vector_tile
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.db import Database, Viewer
from app.errors import BadInput
from app.maps.filtering import NO_FILTER, CustomerFilter, read_filter
from app.maps.tiles import draw_tile, find_layers, look_sight, look_tile
from tests.maps.seed import Bank
from tests.maps.test_tiles import tiles_over

FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "branch": st.sampled_from(["0000", "0100", "0300"]),
        "tier": st.sampled_from(["strategic", "key", "regular"]),
        "standing": st.sampled_from(["existing", "prospect"]),
        "kind": st.sampled_from(["person", "firm"]),
        "rung": st.sampled_from(["1", "3", "5"]),
        "pointed": st.sampled_from(["true", "false"]),
        "filed": st.sampled_from(["true", "false"]),
        "visited_since": st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(str),
        "unvisited_since": st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(str),
    },
)
WHO = st.sampled_from(["head", "branch_head", "manager"])
# The same question in other words: by the customer's own table, without tiles, grids' totals or shortcuts.
TRUE = """
WITH RECURSIVE house AS (
    SELECT id FROM branch WHERE code = :branch
    UNION SELECT b.id FROM branch b JOIN house ON b.parent_id = house.id)
SELECT a.customer_id, a.grid_id, a.geom IS NOT NULL AS pointed
FROM assignment a JOIN customer k ON k.id = a.customer_id
WHERE a.grid_id IS NOT NULL
    AND (:branch IS NULL OR a.grid_id IN (SELECT id FROM grid WHERE branch_id IN (SELECT id FROM house)))
    AND (:tier IS NULL OR a.tier = :tier) AND (:standing IS NULL OR a.standing = :standing)
    AND (:kind IS NULL OR k.kind = :kind) AND (:rung IS NULL OR a.rung::text = :rung)
    AND (:pointed IS NULL OR (a.geom IS NOT NULL)::text = :pointed)
    AND (:filed IS NULL OR k.filed::text = :filed)
    AND (:visited_since IS NULL OR k.last_visit_on::text >= :visited_since)
    AND (:unvisited_since IS NULL OR coalesce(k.last_visit_on::text, '') < :unvisited_since)
"""
FIELDS = (
    "branch",
    "tier",
    "standing",
    "kind",
    "rung",
    "pointed",
    "filed",
    "visited_since",
    "unvisited_since",
)


def list_true(database: Database, viewer: Viewer, asked: dict[str, str]) -> list[tuple[int, int, bool]]:
    """Each customer the viewer may see under a filter: id, grid, whether he has a point."""
    query = TRUE
    for name in FIELDS:
        query = query.replace(f":{name}", f"CAST(:{name} AS text)")
    with database.transaction(viewer) as session:
        rows = session.execute(text(query), {name: asked.get(name) for name in FIELDS})
        return [(int(row[0]), int(row[1]), bool(row[2])) for row in rows]


def draw_all(database: Database, viewer: Viewer, z: int, cut: CustomerFilter) -> dict[str, list[Any]]:
    """The properties of all that the customers layer shows at a zoom, with their ids, by part."""
    found: dict[str, list[Any]] = {"customers": [], "customer_counts": []}
    sight = look_sight(database, viewer)
    entries = find_layers("customers", viewer, cut)
    for x, y in tiles_over(z):
        drawn = look_tile(database, viewer, entries, sight, address=(z, x, y), cut=cut)
        for part, content in mapbox_vector_tile.decode(drawn).items():
            found[part] += [{**one["properties"], "id": one.get("id")} for one in content["features"]]
    return found


def is_refused(database: Database, viewer: Viewer, asked: dict[str, str]) -> bool:
    """Whether a filter names a branch that the viewer does not see."""
    if "branch" not in asked:
        return False
    try:
        draw_all(database, viewer, 8, read_filter({"branch": asked["branch"]}))
    except BadInput as refused:
        return bool(refused.facts["field"] == "branch")
    return False


@given(who=WHO, asked=FILTERS, z=st.sampled_from([8, 9, 10, 11, 12]))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_totals_of_grids_sum_to_the_database_for_any_viewer_and_filter(
    bank_database: Database, bank: Bank, who: str, asked: dict[str, str], z: int
) -> None:
    viewer = getattr(bank, who)
    true: dict[int, int] = {}
    for _, grid_id, _ in list_true(bank_database, viewer, asked):
        true[grid_id] = true.get(grid_id, 0) + 1
    if is_refused(bank_database, viewer, asked):
        # A branch that is not in sight is refused by name; there is nobody of it to be shown.
        assert (bool(true), who == "head") == (False, False)
        return
    found = draw_all(bank_database, viewer, z, read_filter(asked))
    assert {one["grid_id"]: one["number"] for one in found["customer_counts"]} == true
    assert len(found["customer_counts"]) == len(true)  # each grid once, in one tile
    assert all(one["existing"] + one["prospects"] == one["number"] for one in found["customer_counts"])


@given(who=WHO, asked=FILTERS, z=st.just(13))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_customer_is_in_one_tile_and_who_has_no_point_is_counted_at_his_grid(
    bank_database: Database, bank: Bank, who: str, asked: dict[str, str], z: int
) -> None:
    viewer = getattr(bank, who)
    true = list_true(bank_database, viewer, asked)
    if is_refused(bank_database, viewer, asked):
        # A branch that is not in sight is refused by name; there is nobody of it to be shown.
        assert (bool(true), who == "head") == (False, False)
        return
    found = draw_all(bank_database, viewer, z, read_filter(asked))
    assert sorted(one["id"] for one in found["customers"]) == sorted(one[0] for one in true if one[2])
    hidden: dict[int, int] = {}
    for _, grid_id, pointed in true:
        if not pointed:
            hidden[grid_id] = hidden.get(grid_id, 0) + 1
    assert {one["grid_id"]: one["number"] for one in found["customer_counts"]} == hidden


@pytest.mark.parametrize("z", [9, 13])
def test_the_quick_way_draws_what_the_session_draws(bank_database: Database, bank: Bank, z: int) -> None:
    for viewer in (bank.head, bank.manager):
        sight = look_sight(bank_database, viewer)
        for cut in (NO_FILTER, read_filter({"tier": "key"})):
            for x, y in list(tiles_over(z))[:6]:
                entries = find_layers("customers,key_clients", viewer, cut)
                quick = look_tile(bank_database, viewer, entries, sight, address=(z, x, y), cut=cut)
                with bank_database.transaction(viewer) as session:
                    slow = draw_tile(session, "customers,key_clients", z=z, x=x, y=y, cut=cut)
                assert mapbox_vector_tile.decode(quick) == mapbox_vector_tile.decode(slow)


def test_a_manager_cannot_ask_for_a_house_or_a_colleague_out_of_sight(
    bank_database: Database, bank: Bank
) -> None:
    for asked in ({"branch": "NOWHERE"}, {"manager": "NOBODY"}):
        with bank_database.transaction(bank.manager) as session, pytest.raises(BadInput) as refused:
            draw_tile(session, "customers", z=9, x=428, y=207, cut=read_filter(asked))
        assert refused.value.facts["field"] in asked
