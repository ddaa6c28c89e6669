"""May this branch lend here: drawn ground, branches, customers where a test wants them."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pypdf
import pytest
from pyproj import Geod
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.customers import lending
from app.customers.lending.grounds import forget_grounds
from app.db import Database
from app.db.connection import WORKER
from app.errors import BadInput, GetuError, NotFound
from app.maps.lending_paper import print_check
from app.models import Plan
from tests.customers.drawn_bank import Who, enforce, put, settle
from tests.ground import Ground, lay

# A and B are branch N's, C is branch S's, the market M lies over B and is S's; a gap in the south-east.
GROUND = lay("AAAABBBB\nAAAABBBB\nAAAABBBB\nCCCCCCC.\nCCCCCCC.\nCCCCCCC.", "........\n......M.", sparse=False)
HOUSES = {"A": "N1", "B": "N", "C": "S", "M": "S"}
GEOD = Geod(ellps="GRS80")


def add_branches(session: Session) -> None:
    """A branch N with an outlet N1, a branch S, an outlet S1 without grids."""
    session.execute(
        text("""INSERT INTO branch (code, name, kind) VALUES ('N', '北支行', 'branch'),
            ('S', '南支行', 'branch'), ('N1', '北一分理处', 'outlet'), ('S1', '南一分理处', 'outlet')""")
    )
    session.execute(
        text("""UPDATE branch b SET parent_id = p.id FROM branch p WHERE p.code = left(b.code, 1)
            AND length(b.code) = 2""")
    )


def give(session: Session, plan: Plan, houses: dict[str, str]) -> None:
    """Give grids of a plan to branches, by the letters of their ground."""
    for grid, house in houses.items():
        session.execute(
            text("""UPDATE grid SET branch_id = (SELECT id FROM branch WHERE code = :house)
                WHERE plan_id = :plan AND :grid = ANY (unit_codes)"""),
            {"house": house, "plan": plan.id, "grid": grid},
        )


@pytest.fixture
def bank(work: Session) -> Iterator[Session]:
    add_branches(work)
    give(work, enforce(work, settle(work, GROUND, kinds={"M": "market"})), HOUSES)
    yield work
    forget_grounds()


def ask(session: Session, branch: str = "N", **subject: Any) -> dict[str, Any]:
    return lending.check(session, lending.read_ask({"branch": branch, **subject}))


def at(row: float, column: float, ground: Ground = GROUND) -> dict[str, Any]:
    lon, lat = ground.point(row, column)
    return {"lon": lon, "lat": lat, "datum": "cgcs2000"}


def said(found: dict[str, Any]) -> tuple[str, str]:
    return found["answer"], found["reason"]


def test_a_point_is_in_out_or_near_the_edge_of_the_branch_with_all_below_it(bank: Session) -> None:
    inside = ask(bank, point=at(0.5, 2))
    assert said(inside) == ("in", "inside")
    assert inside["plan"]["code"] == "V1"
    assert inside["plan"]["ground_version"]
    assert inside["side"]["code"] == "inside"
    assert inside["holder"] is None
    assert inside["evidence"]["grid"]["name"] == "A村"
    # A is the outlet's, B the branch's own: between them there is no border of N.
    between = ask(bank, point=at(1, 3.5))
    assert said(between) == ("in", "inside")
    assert between["distance_m"] > 100
    out = ask(bank, point=at(4.5, 2))
    assert said(out) == ("out", "other_branch")
    assert out["holder"] == {"code": "S", "name": "南支行"}
    assert out["side"]["code"] == "outside"
    assert out["evidence"]["grid"]["name"] == "C村"
    near = ask(bank, point=at(2.3, 2))
    assert said(near) == ("edge", "near_border")
    assert near["edge_m"] == 30
    assert near["distance_m"] < 30
    assert said(ask(bank, point=at(2.5, 2))) == ("edge", "near_border"), "on the border itself"


def test_the_distance_is_metres_on_the_ellipsoid(bank: Session) -> None:
    far = [(60, 2, (2.5, 2)), (1, -50, (1, -0.5))]
    for row, column, foot in [(0.5, 2, (-0.5, 2)), (4.5, 2, (2.5, 2)), *far]:
        found = ask(bank, point=at(row, column))
        (lon, lat), (to_lon, to_lat) = GROUND.point(row, column), GROUND.point(*foot)
        true = GEOD.inv(lon, lat, to_lon, to_lat)[2]
        assert found["distance_m"] == pytest.approx(true, rel=1e-3, abs=0.01), (row, column)


def test_a_market_of_another_branch_is_not_the_branchs_ground_though_its_village_is(bank: Session) -> None:
    assert ask(bank, point=at(1, 6))["holder"] == {"code": "S", "name": "南支行"}
    assert said(ask(bank, point=at(1, 6))) == ("out", "other_branch")
    assert said(ask(bank, branch="S", point=at(1, 6))) == ("in", "inside")


def test_a_gap_and_the_sea_are_out_with_their_own_reasons(bank: Session) -> None:
    assert said(ask(bank, point=at(4.5, 7))) == ("out", "gap")
    assert said(ask(bank, point=at(30, 30))) == ("out", "outside_frame")
    assert ask(bank, point=at(4.5, 7))["holder"] is None


def test_contested_ground_is_unknown_and_ground_of_ones_own_twice_is_in(work: Session) -> None:
    add_branches(work)
    twice = lay("AAAA....\nAAAA....\nAAAA....", "..BBBBBB\n..BBBBBB\n..BBBBBB")
    plan = enforce(work, settle(work, twice))
    give(work, plan, {"A": "N", "B": "S"})
    middle = at(1, 2.5, twice)
    assert said(ask(work, point=middle)) == ("unknown", "contested")
    assert said(ask(work, branch="S", point=middle)) == ("unknown", "contested")
    assert said(ask(work, point=at(1, 0.4, twice))) == ("in", "inside")
    give(work, plan, {"B": "N1"})
    assert said(ask(work, point=middle)) == ("in", "inside"), "both are N's now: no old answer is given"
    forget_grounds()


def test_each_rung_has_its_own_edge_and_a_village_answers_whole(bank: Session) -> None:
    border = GROUND.point(1.3, 1)
    people = put(
        bank,
        Who("pin", border, 1),
        Who("group", border, 3),
        Who("hamlet", border, 4),
        Who("whole", None, 5, unit="A"),
        Who("divided", None, 5, unit="B"),
        Who("away", None, 5, unit="C"),
        Who("nowhere", None, 5, unit="Z"),
        Who("town", None, 6),
        Who("none", None, 0),
    )
    answers = {key: said(ask(bank, customer={"id": number})) for key, number in people.items()}
    assert answers == {
        "pin": ("in", "inside"),
        "group": ("in", "inside"),
        "hamlet": ("edge", "near_border"),
        "whole": ("in", "unit_inside"),
        "divided": ("unknown", "unit_divided"),
        "away": ("out", "unit_outside"),
        "nowhere": ("unknown", "unit_without_ground"),
        "town": ("unknown", "town_only"),
        "none": ("unknown", "unlocated"),
    }
    assert ask(bank, customer={"id": people["away"]})["holder"]["code"] == "S"
    assert ask(bank, customer={"id": people["whole"]})["distance_m"] is None


def test_how_a_customer_is_placed_says_why_nothing_can_be_told(bank: Session) -> None:
    nowhere = [Who(key, None, 0) for key in ("twice", "far", "moved")]
    people = put(bank, Who("gone", GROUND.point(0, 1)), *nowhere)
    bank.execute(text("UPDATE customer SET gone_at = now() WHERE id = :id"), {"id": people["gone"]})
    for key, method in (("twice", "ambiguous"), ("far", "elsewhere"), ("moved", "outside")):
        place = text("UPDATE placement SET method = :m WHERE customer_id = :id")
        bank.execute(place, {"m": method, "id": people[key]})
    answers = {key: said(ask(bank, customer={"id": number})) for key, number in people.items()}
    assert answers == {
        "gone": ("unknown", "customer_gone"),
        "twice": ("unknown", "ambiguous"),
        "far": ("out", "elsewhere"),
        "moved": ("out", "lives_outside"),
    }
    by_key = ask(bank, customer={"source": "core", "key": "gone"})
    assert said(by_key) == ("unknown", "customer_gone")
    assert "gone" not in by_key["subject"]


def test_the_plan_in_force_on_the_date_answers_also_in_the_past_and_in_the_future(bank: Session) -> None:
    place = {"point": at(4.5, 2)}
    assert said(ask(bank, **place, date="2025-12-31")) == ("unknown", "no_plan")
    assert ask(bank, **place, date="2025-12-31")["plan"] is None
    later = today() + timedelta(days=30)
    ends = text("UPDATE plan SET valid = daterange('2026-01-01', :d) WHERE code = 'V1'")
    bank.execute(ends, {"d": later})
    bank.execute(
        text("""INSERT INTO plan (code, name, status, market_rule, valid, frame, certificate)
            SELECT 'V2', 'V2', 'in_force', 'overlay', daterange(:d, NULL), frame, '{}'
            FROM plan WHERE code = 'V1'"""),
        {"d": later},
    )
    bank.execute(
        text("""INSERT INTO grid (plan_id, code, name, kind, level, branch_id, unit_codes, geom, anchor,
            area_m2) SELECT p.id, g.code, g.name, g.kind, 3, b.id, g.unit_codes, g.geom, g.anchor, g.area_m2
            FROM grid g, plan p, branch b WHERE p.code = 'V2' AND b.code = 'N'""")
    )
    assert ask(bank, **place)["plan"]["code"] == "V1"
    assert said(ask(bank, **place))[0] == "out"
    to_come = ask(bank, **place, date=later.isoformat())
    assert (to_come["answer"], to_come["plan"]["code"]) == ("in", "V2")
    assert "plan_to_come" in [limit["code"] for limit in to_come["evidence"]["limits"]]
    assert said(ask(bank, **place, date=(later - timedelta(days=1)).isoformat()))[0] == "out"


def test_ground_given_away_or_redrawn_is_never_answered_from_memory(bank: Session) -> None:
    place = {"point": at(4.5, 2)}
    assert ask(bank, **place)["answer"] == "out"
    plan = bank.get(Plan, bank.execute(text("SELECT id FROM plan")).scalar_one())
    assert plan is not None
    give(bank, plan, {"C": "N"})
    assert ask(bank, **place)["answer"] == "in"
    south = "UPDATE grid SET geom = ST_Multi(ST_Translate(geom, 0, -0.02)) WHERE 'C' = ANY (unit_codes)"
    bank.execute(text(south))
    bank.execute(text("UPDATE plan SET ground_version = ground_version + 1"))
    assert ask(bank, **place)["answer"] == "out"
    bank.execute(text("UPDATE branch SET parent_id = NULL WHERE code = 'N1'"))
    assert ask(bank, point=at(1, 1))["answer"] == "out", "the outlet stands below N no longer"


def test_a_page_says_when_the_ground_it_draws_is_no_longer_that_of_the_answer(bank: Session) -> None:
    def read_page(check_id: int) -> str:
        body = print_check(bank, lending.find_check(bank, check_id), bank="江海农商银行")
        (page,) = pypdf.PdfReader(io.BytesIO(body)).pages
        return page.extract_text()

    # So near to the border that the distance is written beside the spot.
    found = ask(bank, point={**at(4.5, 2.99), "datum": "gcj02"}, ref="贷 2026-0815")
    before = read_page(found["id"])
    assert all(words in before for words in ("贷 2026-0815", "由 GCJ-02 换算", "V1", "直接给出的点位"))
    assert "已与核验时不同" not in before
    plan = bank.get(Plan, bank.execute(text("SELECT id FROM plan")).scalar_one())
    assert plan is not None
    give(bank, plan, {"C": "N"})
    assert "已与核验时不同" in read_page(found["id"])


def test_a_house_without_grids_is_sent_to_its_superior(bank: Session) -> None:
    found = ask(bank, branch="S1", point=at(1, 1))
    assert said(found) == ("unknown", "branch_without_ground")
    assert found["superior"] == {"code": "S", "name": "南支行"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"branch": "N"}, "bad_question"),
        ({"branch": "N", "address": "x", "customer": 1}, "bad_question"),
        ({"point": {"lon": 121.2, "lat": 31.9, "datum": "gcj02"}}, "no_branch_given"),
        ({"branch": "N", "point": {"lon": 121.2, "lat": 31.9}}, "no_datum"),
        ({"branch": "N", "point": {"lon": 121.2, "lat": 31.9, "datum": "mars"}}, "unknown_datum"),
        ({"branch": "N", "point": {"lon": 31.9, "lat": 121.2, "datum": "wgs84"}}, "swapped"),
        ({"branch": "N", "point": {"lon": 0, "lat": 0, "datum": "wgs84"}}, "null_island"),
        ({"branch": "N", "point": {"lon": "east", "lat": True, "datum": "wgs84"}}, "bad_point"),
        ({"branch": "N", "customer": {"id": "12a"}}, "bad_customer"),
        ({"branch": "N", "point": {"lon": 10**400, "lat": 31.9, "datum": "wgs84"}}, "bad_point"),
        ({"branch": "N", "customer": {"id": 2**63}}, "bad_customer"),
        ({"branch": "N", "customer": "9" * 5000}, "bad_customer"),
        ({"branch": "N", "address": ["海门区"]}, "bad_address"),
        ({"branch": "N", "address": "海门\ud800区"}, "half_character"),
        ({"branch": "N", "customer": 1, "ref": "\udfff"}, "half_character"),
        (18, "bad_question"),
        ({"branch": "N", "address": "村" * 501}, "bad_address"),
        ({"branch": "N", "customer": 1, "date": "1870-01-01"}, "date_out_of_range"),
        ({"branch": "N", "customer": 1, "date": "yesterday"}, "bad_date"),
        ({"branch": "N", "customer": 1, "date": "2026/2/30"}, "bad_date"),
        ({"branch": "N", "customer": 1, "date": "2026-01-05 soon"}, "bad_date"),
    ],
)
def test_a_wrong_question_is_refused_with_its_own_words(given: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput) as refused:
        lending.read_ask(given)
    assert refused.value.code == code
    assert refused.value.zh
    assert refused.value.en


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-05",
        "2026/1/5",
        "2026.1.5",
        "2026年1月5日",
        "20260105",
        "2026-01-05 00:00:00",
        "2026-01-05T08:00",
    ],
)
def test_a_day_is_read_as_people_and_spreadsheets_write_it(written: str) -> None:
    assert lending.read_ask({"branch": "N", "customer": 1, "date": written}).on == date(2026, 1, 5)


def test_nobody_and_nowhere_are_not_found(bank: Session) -> None:
    wrong = [({"customer": 987654321}, "no_customer"), ({"point": at(1, 1), "branch": "X"}, "no_branch")]
    for subject, code in wrong:
        with pytest.raises(NotFound) as refused:
            ask(bank, **{"branch": "N", **subject})
        assert refused.value.code == code


def test_a_gcj_point_is_moved_to_the_ground_before_it_is_judged(bank: Session) -> None:
    plain = ask(bank, point=at(4.5, 2))
    shifted = ask(bank, point={**at(4.5, 2), "datum": "gcj02"})
    assert shifted["point"] != plain["point"]
    assert shifted["evidence"]["placed"]["datum"] == "gcj02"


def test_many_questions_are_answered_in_their_order_the_wrong_ones_too(bank: Session) -> None:
    people = put(bank, Who("a", GROUND.point(1, 1)), Who("c", GROUND.point(4.5, 1)))
    wanted = [
        {"customer": people["c"], "ref": "r1"},
        {"customer": 12345678},
        {"customer": people["a"], "branch": "S"},
        {"point": at(0.5, 2)},
    ]
    asks = [lending.read_ask(one, branch="N") for one in wanted]
    found = lending.check_many(bank, asks)
    assert isinstance(found[1], GetuError)
    assert found[1].code == "no_customer"
    told = [one if isinstance(one, GetuError) else (one["answer"], one["ref"]) for one in found]
    assert told[0] == ("out", "r1")
    assert told[2] == ("out", None)
    assert told[3] == ("in", None)
    for one, single in zip((found[0], found[3]), (wanted[0], wanted[3]), strict=True):
        alone = ask(bank, **single)
        assert isinstance(one, dict)
        assert {k: v for k, v in one.items() if k not in ("id", "asked_at")} == {
            k: v for k, v in alone.items() if k not in ("id", "asked_at")
        }


def test_an_answer_is_kept_as_evidence_and_nobody_rewrites_it(fresh: Database) -> None:
    with fresh.transaction(WORKER) as session:
        add_branches(session)
        give(session, enforce(session, settle(session, GROUND, kinds={"M": "market"})), HOUSES)
        who = put(session, Who("c", GROUND.point(4.5, 1)))["c"]
        found = ask(session, customer={"id": who})
        row = session.execute(text("SELECT * FROM lending_check")).mappings().one()
        assert (row["answer"], row["customer_id"], row["id"]) == ("out", who, found["id"])
        assert row["plan_id"]
        assert row["ground_version"]
        assert row["holder_branch_id"]
        assert row["grid_id"]
        seen = session.execute(text("SELECT action, customer_ids FROM audit")).one()
        assert tuple(seen) == ("lending_check", [who])
        assert "王" not in str(found), "no name comes back"
    for statement in ("UPDATE lending_check SET answer = 'in'", "DELETE FROM lending_check"):
        with pytest.raises(GetuError), fresh.transaction(WORKER) as session:
            session.execute(text(statement))
