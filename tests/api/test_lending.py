"""Lending checks by API: what a branch hears of somebody out of its sight, exceptions, files, paper."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.clock import today
from app.customers.lending import decide_exception
from app.db import Database, Viewer
from app.jobs import run_job
from app.maps.lending_paper import METHODS
from tests.conftest import Client, DemoBank
from tests.truth import GRIDS, truth

ASK = "/api/v1/lending-check"


@pytest.fixture(scope="module")
def head(demo_bank: DemoBank) -> Client:
    return demo_bank.client("head")


@pytest.fixture(scope="module")
def branch(demo_bank: DemoBank) -> Client:
    return demo_bank.client("branch_head")


@pytest.fixture(scope="module")
def facts(demo_bank: DemoBank) -> Iterator[dict[str, Any]]:
    """The branch head's branch, a customer of its own and one of another's, both with a sure point."""
    with truth(demo_bank.database) as admin:
        login = {"l": demo_bank.people["branch_head"].login}
        mine = admin.execute(
            text("SELECT b.code FROM app_user u JOIN branch b ON b.id = u.branch_id WHERE u.login = :l"),
            login,
        ).scalar_one()

        def pick(where: str) -> Any:
            query = f"""SELECT a.customer_id AS id, c.source_code, c.source_key, c.name, c.address,
                g.name AS grid, b.code AS branch, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
                FROM assignment a JOIN customer c ON c.id = a.customer_id
                JOIN placement p ON p.customer_id = c.id AND p.rung = 2
                JOIN grid g ON g.id = a.grid_id JOIN branch b ON b.id = g.branch_id
                WHERE a.method = 'inside' AND g.id {where} ORDER BY ST_Distance(p.geom, g.anchor) LIMIT 1"""
            return dict(admin.execute(text(query)).mappings().one())

        own = pick(f"IN ({GRIDS['branch_head']})")
        other = pick(f"NOT IN ({GRIDS['branch_head']})")
        yield {"branch": mine, "own": own, "other": other}


def test_a_branch_hears_whether_somebody_of_anothers_ground_is_in_and_nothing_else_of_him(
    branch: Client, facts: dict[str, Any], demo_bank: DemoBank
) -> None:
    other = facts["other"]
    assert branch.get(f"/api/v1/customers/{other['id']}").status_code == 404
    answer = branch.post(ASK, json={"branch": facts["branch"], "customer": {"id": other["id"]}})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["answer"] == "out"
    assert told["holder"]["code"] == other["branch"]
    assert told["distance_m"] > 30
    assert told["point"] is None
    assert told["foot"] is None
    assert told["evidence"]["grid"] is None
    for secret in (other["name"], other["address"], other["source_key"], str(other["lon"])):
        assert not secret or secret not in answer.text
    again = branch.get(f"/api/v1/lending-checks/{told['id']}")
    assert again.json()["point"] is None
    assert again.json()["evidence"]["grid"] is None
    paper = branch.get(f"/api/v1/lending-checks/{told['id']}.pdf")
    assert paper.content[:5] == b"%PDF-"
    with truth(demo_bank.database) as admin:
        seen = admin.execute(
            text("SELECT action FROM audit WHERE :id = ANY (customer_ids) AND action LIKE '%lending%'"),
            {"id": other["id"]},
        ).scalars()
        assert set(seen) == {"lending_check", "see_lending_check"}


def test_the_database_itself_keeps_the_place_of_a_check_from_a_branch(
    demo_bank: DemoBank, branch: Client, facts: dict[str, Any]
) -> None:
    branch.post(ASK, json={"branch": facts["branch"], "customer": facts["other"]["id"]})
    with truth(demo_bank.database) as admin:
        admin.execute(text("SET LOCAL ROLE getu_scoped"))
        viewer = str(demo_bank.viewer("branch_head").user_id)
        admin.execute(text("SELECT set_config('getu.user_id', :id, true)"), {"id": viewer})
        assert admin.scalar(text("SELECT count(*) FROM lending_check"))
        with pytest.raises(Exception, match="permission denied"):
            admin.execute(text("SELECT geom FROM lending_check"))


def test_his_own_customer_is_told_with_place_and_evidence(branch: Client, facts: dict[str, Any]) -> None:
    own = facts["own"]
    key = {"source": own["source_code"], "key": own["source_key"]}
    told = branch.post(ASK, json={"branch": facts["branch"], "customer": key}).json()
    assert told["answer"] == "in"
    assert told["side"]["code"] == "inside"
    assert told["evidence"]["grid"]["name"] == own["grid"]
    assert told["point"]["lon"] == pytest.approx(own["lon"])
    assert told["plan"]["code"] == "V1"
    assert told["plan"]["certificate_no"]
    assert told["evidence"]["placed"]["score"]
    assert own["name"] not in str(told)


def test_every_way_to_place_somebody_has_its_words_on_paper(demo_bank: DemoBank) -> None:
    with truth(demo_bank.database) as admin:
        ways = set(admin.execute(text("SELECT DISTINCT method FROM placement")).scalars())
    assert ways
    assert ways <= set(METHODS)


def test_a_branch_asks_for_itself_only_and_head_office_for_all(
    branch: Client, head: Client, facts: dict[str, Any]
) -> None:
    foreign = {"branch": facts["other"]["branch"], "customer": facts["other"]["id"]}
    refused = branch.post(ASK, json=foreign)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_branch")
    told = head.post(ASK, json=foreign).json()
    assert told["answer"] == "in"
    assert told["point"] is not None


def test_an_address_is_matched_and_one_known_to_the_town_only_is_unknown(
    head: Client, facts: dict[str, Any]
) -> None:
    town = head.post(ASK, json={"branch": facts["branch"], "address": "海门区常乐镇"}).json()
    assert (town["answer"], town["reason"]) == ("unknown", "town_only")
    nothing = head.post(ASK, json={"branch": facts["branch"], "address": "？？？"}).json()
    assert (nothing["answer"], nothing["reason"]) == ("unknown", "unlocated")
    village = head.post(ASK, json={"branch": facts["branch"], "address": "海门区常乐镇颐生村3组12号"}).json()
    assert village["answer"] in ("in", "out", "unknown")
    assert village["evidence"]["placed"]["rung"] in (3, 5)
    assert "12号" not in village["subject"]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"branch": "NOWHERE", "customer": 1}, 404, "no_branch"),
        ({"customer": 999999999}, 404, "no_customer"),
        ({"point": {"lon": 31.9, "lat": 121.2, "datum": "gcj02"}}, 422, "swapped"),
        ({"point": {"lon": 121.2, "lat": 31.9}}, 422, "no_datum"),
        ({"customer": 1, "date": "1912-01-01"}, 422, "date_out_of_range"),
        ({}, 422, "bad_question"),
    ],
)
def test_a_wrong_question_is_answered_in_both_languages(
    head: Client, facts: dict[str, Any], wrong: dict[str, Any], status: int, code: str
) -> None:
    answer = head.post(ASK, json={"branch": facts["branch"], **wrong})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail_zh"]
    assert answer.json()["detail_en"]


def test_an_exception_takes_another_person_of_head_office_and_a_later_check_says_that_it_stands(
    demo_bank: DemoBank, branch: Client, head: Client, facts: dict[str, Any]
) -> None:
    question = {"branch": facts["branch"], "customer": facts["other"]["id"]}
    check = branch.post(ASK, json=question).json()
    assert check["exception"] is None
    asked = branch.post(
        f"/api/v1/lending-checks/{check['id']}/exception", json={"reason": "客户在我行经营多年"}
    )
    assert asked.status_code == 201, asked.text
    wish = asked.json()
    twice = branch.post(f"/api/v1/lending-checks/{check['id']}/exception", json={"reason": "再次申请例外"})
    assert twice.status_code == 409
    decide = f"/api/v1/lending-exceptions/{wish['id']}/decide"
    until = (today() + timedelta(days=30)).isoformat()
    yes = {"decision": "approve", "note": "同意，按异地贷款管理", "valid_until": until}
    assert branch.post(decide, json=yes).status_code == 403
    late = {**yes, "valid_until": "2020-01-01"}
    assert head.post(decide, json=late).json()["code"] == "bad_valid_until"
    assert head.post(decide, json={**yes, "note": "好"}).json()["code"] == "no_reason"
    yes["note"] = "同意"
    told = head.post(decide, json=yes).json()
    assert (told["state"], told["valid_until"]) == ("approved", until)
    assert head.post(decide, json=yes).json()["code"] == "decided"
    later = branch.post(ASK, json=question).json()
    assert later["answer"] == "out"
    stands = {"id": wish["id"], "state": "approved", "state_zh": "已批准", "state_en": "approved"}
    stands |= {"valid_until": until, "ended": False}
    assert later["exception"] == stands
    assert branch.get(f"/api/v1/lending-checks/{check['id']}").json()["exception"] == stands
    yesterday = (today() - timedelta(days=1)).isoformat()
    assert branch.post(ASK, json={**question, "date": yesterday}).json()["exception"] is None
    assert branch.get("/api/v1/lending-exceptions?state=approved").json()["exceptions"][0]["id"] == wish["id"]
    gone = branch.post(f"/api/v1/lending-exceptions/{wish['id']}/withdraw").json()
    assert gone["state"] == "withdrawn"
    assert branch.post(ASK, json=question).json()["exception"] is None
    with truth(demo_bank.database) as admin:
        acts = admin.execute(
            text("SELECT action FROM audit WHERE action LIKE '%lending_exception'")
        ).scalars()
        assert {"ask_lending_exception", "decide_lending_exception", "withdraw_lending_exception"} <= set(
            acts
        )


def test_an_exception_whose_last_day_has_passed_is_told_as_ended_everywhere(
    demo_bank: DemoBank, branch: Client, head: Client, facts: dict[str, Any]
) -> None:
    question = {"branch": facts["branch"], "point": {"lon": 120.9, "lat": 31.9, "datum": "wgs84"}}
    check = branch.post(ASK, json=question).json()
    where = f"/api/v1/lending-checks/{check['id']}"
    wish = branch.post(f"{where}/exception", json={"reason": "客户在我行经营多年。" * 50}).json()
    yes = {"decision": "approve", "note": "同意，按异地贷款管理" * 50, "valid_until": today().isoformat()}
    decided = head.post(f"/api/v1/lending-exceptions/{wish['id']}/decide", json=yes).json()
    # One page, however much was written, and the branch reads on it who decided.
    (page,) = pypdf.PdfReader(io.BytesIO(branch.get(f"{where}.pdf").content)).pages
    (told,) = branch.get("/api/v1/lending-exceptions?state=approved&limit=1").json()["exceptions"]
    assert told["decided_by_name"] == decided["decided_by_name"]
    assert told["decided_by_name"] in page.extract_text()
    assert branch.post(ASK, json=question).json()["exception"]["id"] == wish["id"]
    with truth(demo_bank.database) as admin:
        query = "UPDATE lending_exception SET valid_until = valid_until - 2 WHERE id = :id"
        admin.execute(text(query), {"id": wish["id"]})
        admin.commit()
    assert branch.post(ASK, json=question).json()["exception"] is None
    for told in (
        branch.get(where).json()["exception"],
        next(
            one for one in branch.get("/api/v1/lending-checks").json()["checks"] if one["id"] == check["id"]
        )["exception"],
        branch.get("/api/v1/lending-exceptions?state=approved").json()["exceptions"][0],
    ):
        assert (told["id"], told["ended"], told["state_zh"]) == (wish["id"], True, "已到期")
    again = branch.post(f"{where}/exception", json={"reason": "到期后再次申请"})
    assert (again.status_code, again.json()["code"]) == (409, "ended")
    back = branch.post(f"/api/v1/lending-exceptions/{wish['id']}/withdraw")
    assert (back.status_code, back.json()["code"]) == (409, "ended")


def test_who_asked_for_an_exception_never_decides_it_not_even_in_the_database(
    demo_bank: DemoBank, head: Client, facts: dict[str, Any]
) -> None:
    check = head.post(ASK, json={"branch": facts["branch"], "customer": facts["other"]["id"]}).json()
    wish = head.post(
        f"/api/v1/lending-checks/{check['id']}/exception", json={"reason": "总行代为申请"}
    ).json()
    no = {"decision": "refuse", "note": "自己否决自己"}
    refused = head.post(f"/api/v1/lending-exceptions/{wish['id']}/decide", json=no)
    assert (refused.status_code, refused.json()["code"]) == (403, "two_people")
    for decider in ("asked_by", "NULL"):
        query = f"""UPDATE lending_exception SET state = 'approved', decided_by = {decider},
            decided_at = now(), decision_note = '同意', valid_until = current_date WHERE id = :id"""
        with truth(demo_bank.database) as admin, pytest.raises(IntegrityError, match="two_people"):
            admin.execute(text(query), {"id": wish["id"]})
    with truth(demo_bank.database) as admin:
        second = admin.scalar(text("SELECT id FROM app_user WHERE login = 'head2'"))
    with demo_bank.database.transaction(Viewer("getu_head", second)) as session:
        told = decide_exception(session, wish["id"], approve=False, user_id=second, note="由另一人否决")
    assert told["state"] == "refused"


def test_an_answer_that_is_yes_needs_no_exception(branch: Client, facts: dict[str, Any]) -> None:
    check = branch.post(ASK, json={"branch": facts["branch"], "customer": facts["own"]["id"]}).json()
    wish = branch.post(f"/api/v1/lending-checks/{check['id']}/exception", json={"reason": "多此一举的申请"})
    assert (wish.status_code, wish.json()["code"]) == (409, "not_needed")


def test_many_at_once_are_answered_in_order_with_the_wrong_ones_in_their_place(
    branch: Client, facts: dict[str, Any]
) -> None:
    own, other = facts["own"]["id"], facts["other"]["id"]
    rows: list[Any] = [{"customer": own, "ref": "甲"}, {"customer": 0}, {"customer": other}]
    rows += [{"point": {"lon": 1}}, "18", {"customer": own, "date": "\ud800"}, {"customer": own, "ref": 7}]
    asked = json.dumps({"branch": facts["branch"], "rows": rows})
    told = branch.post(f"{ASK}/batch", content=asked, headers={"Content-Type": "application/json"}).json()
    assert told["counts"] == {"in": 2, "error": 4, "out": 1}
    assert [one.get("answer") or one["error"]["code"] for one in told["answers"]] == [
        "in", "no_customer", "out", "no_datum", "bad_question", "half_character", "in",
    ]  # fmt: skip
    assert told["answers"][0]["ref"] == "甲"
    assert told["answers"][2]["point"] is None
    kept = branch.get(f"/api/v1/lending-checks?batch={told['batch']}").json()
    assert [one["answer"] for one in kept["checks"]] == ["in", "out", "in"]
    many = branch.post(f"{ASK}/batch", json={"rows": [{}] * 10_001})
    assert many.status_code == 422


def test_a_file_is_checked_in_the_senders_sight_and_its_result_is_his(
    demo_bank: DemoBank, branch: Client, facts: dict[str, Any]
) -> None:
    own, other = facts["own"], facts["other"]
    lines = ["申请编号,来源系统,客户号,经度,纬度,坐标系,机构号"]
    lines += [f"A1,{own['source_code']},{own['source_key']},,,,"]
    lines += [f"A2,{other['source_code']},{other['source_key']},,,,"]
    lines += [f"A3,,,{own['lon']},{own['lat']},国家2000,", f"A4,,,{own['lat']},{own['lon']},cgcs2000,"]
    lines += [f"A5,{own['source_code']},{own['source_key']},,,,{other['branch']}"]
    body = "\n".join(lines).encode("gb18030")
    sent = branch.post(f"{ASK}/files", files={"file": ("loans.csv", body)}, data={"branch": facts["branch"]})
    assert sent.status_code == 202, sent.text
    job = run_job(demo_bank.database, demo_bank.settings, sent.json()["id"])
    assert job["status"] == "done", job
    assert job["result"]["counts"] == {"in": 2, "out": 1, "error": 2}
    result = branch.get(f"{ASK}/files/{sent.json()['id']}/result")
    rows = list(csv.DictReader(io.StringIO(result.content.decode("utf-8-sig"))))
    assert [(row["业务编号"], row["answer"], row["原因代码"]) for row in rows] == [
        ("A1", "in", "inside"),
        ("A2", "out", "other_branch"),
        ("A3", "in", "inside"),
        ("A4", "error", "swapped"),
        ("A5", "error", "not_your_branch"),
    ]
    assert demo_bank.client("manager").get(f"{ASK}/files/{sent.json()['id']}/result").status_code == 404


def test_a_killed_file_goes_on_where_it_was_and_answers_no_row_twice(
    demo_bank: DemoBank, facts: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    from app.customers.lending import files
    from app.jobs import create_job
    from app.jobs import lending as story

    monkeypatch.setattr(files, "SLICE", 2)
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_text(
        "系统编号\n" + "\n".join(str(facts["own"]["id"]) for _ in range(6)) + "\n", encoding="utf-8"
    )
    database: Database = demo_bank.database
    with database.transaction(demo_bank.viewer("head")) as session:
        args = {"path": str(path), "file_name": "in.csv", "branch": facts["branch"], "out": str(out)}
        job_id = create_job(session, "check_lending", args)
    write, calls = story.write_answers, []

    def die(rows: Any, *, heading: bool) -> bytes:
        calls.append(len(rows))
        if len(calls) == 2:
            raise story.NotReady("killed", zh="中断", en="killed")
        return write(rows, heading=heading)

    monkeypatch.setattr(story, "write_answers", die)
    with pytest.raises(story.NotReady):
        run_job(database, demo_bank.settings, job_id)
    assert not out.exists()
    job = run_job(database, demo_bank.settings, job_id)
    assert job["status"] == "done"
    assert job["result"]["counts"] == {"in": 6}
    assert out.read_text(encoding="utf-8-sig").count("辖内") >= 6
    with truth(database) as admin:
        kept = admin.scalar(
            text("SELECT count(*) FROM lending_check WHERE batch = :b"), {"b": job["result"]["batch"]}
        )
    assert kept == 6
