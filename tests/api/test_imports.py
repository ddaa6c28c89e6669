"""Files come in by the public door: the good rows go in, the rest is listed, and a refusal leaves nothing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.jobs import run_job
from app.main import create_app
from app.spatial import formats
from tests.conftest import ROOT, DemoBank
from tests.samples import boundary_files as made
from tests.truth import truth

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{3}")
HEADINGS = "客户号,客户名称,手机号码,联系地址,经度,纬度,坐标系,存款余额,客户等级"
# A refusal is a job that ended and an audit row that it was asked for; nothing else may change.
LEDGERS = {"job", "audit", "user_session", "app_user", "procrastinate_jobs", "procrastinate_events"}
LEDGERS |= {"import_run"}  # every boundary file that was offered can be looked at later, a refused one too


def send(
    bank: DemoBank, kind: str, name: str, body: bytes, /, *, role: str = "head", **options: Any
) -> dict[str, Any]:
    """Upload a file, run the job it started in this process, and return the job as its sender sees it."""
    client = bank.client(role)
    answer = client.post(
        f"/api/v1/imports/{kind}", files={"file": (name, body)}, data={"options": json.dumps(options)}
    )
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "waiting"
    run_job(bank.database, bank.settings, answer.json()["id"])
    return dict(client.get(f"/api/v1/jobs/{answer.json()['id']}").json())


def villages(folder: Path, **how: Any) -> bytes:
    return formats.write(folder / "v.zip", made.village_columns(), made.village_squares(), **how).read_bytes()


def customers(rows: list[str]) -> bytes:
    return ("\ufeff" + "\n".join([HEADINGS, *rows]) + "\n").encode()


def count_rows(bank: DemoBank) -> dict[str, int]:
    """The number of rows of every table that a refusal may not touch."""
    with truth(bank.database) as admin:
        names = set(
            admin.execute(
                text("""SELECT c.relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace
                AND relkind IN ('r', 'p') AND NOT relispartition""")
            ).scalars()
        )
        return {
            name: admin.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in sorted(names - LEDGERS)
        }


def both_tongues(told: Any) -> bool:
    """Whether a reason is said in Chinese and in English."""
    words = json.dumps(told, ensure_ascii=False)
    return bool(CHINESE.search(words) and LATIN.search(words))


def test_a_zipped_shapefile_of_villages_comes_in(bank: DemoBank, tmp_path: Path) -> None:
    job = send(bank, "boundaries", "海门村界.zip", villages(tmp_path), role="analyst", kind="village")
    assert (job["status"], job["result"]["status"], job["result"]["features"]) == ("done", "imported", 9)
    client = bank.client("analyst")
    listed = client.get("/api/v1/imports").json()[0]
    assert (listed["kind"], listed["file_name"]) == ("boundaries", "海门村界.zip")
    assert (listed["report"]["features"], listed["report"]["rows_left_out"]) == (9, 0)
    assert not {"columns", "preview", "rejected"} & listed["report"].keys(), "a hundred reports are too long"
    one = client.get(f"/api/v1/imports/{listed['id']}").json()
    assert one["report"]["features"] == 9
    assert one["report"]["crs"]["used"]


def test_the_same_file_again_stores_nothing_twice(bank: DemoBank, tmp_path: Path) -> None:
    body = villages(tmp_path)
    send(bank, "boundaries", "a.zip", body, kind="village", code_source="twice")
    before = count_rows(bank)
    again = send(bank, "boundaries", "b.zip", body, kind="village", code_source="twice")
    assert again["result"]["warnings"][-1]["code"] == "already_imported"
    assert count_rows(bank) == before


def test_a_gazetteer_comes_in(bank: DemoBank) -> None:
    body = (ROOT / "data/places/haimen_gazetteer.csv").read_bytes()
    job = send(bank, "gazetteer", "地名.csv", body, role="analyst", code_source="NBS 2023")
    assert job["result"]["imported"] > 900


def test_branches_and_staff_come_in(bank: DemoBank) -> None:
    for table in ("branches", "staff"):
        body = (ROOT / f"data/organisation/{table}.csv").read_bytes()
        job = send(bank, "organisation", f"{table}.csv", body, table=table)
        assert job["status"] == "done"
        assert job["result"]["imported"] == len(body.decode("utf-8-sig").strip().splitlines()) - 1


GOOD = "G{0:03d},陆雪梅,19900000{0:03d},海门区常乐镇颐生村{0}号,121.2{0:03d},31.805,CGCS2000,100.50,普通"
BAD = {
    "no_key": ",陆雪梅,19900000001,地址,,,,,",
    "no_name": "B001,,19900000001,地址,,,,,",
    "bad_amount": "B002,陆雪梅,19900000001,地址,,,,很多钱,",
    "bad_tier": "B003,陆雪梅,19900000001,地址,,,,,黄金",
    "columns": "B004,陆雪梅,19900000001",
}


def test_of_a_file_with_a_tenth_of_rubbish_the_good_rows_go_in_and_the_rest_can_be_fetched(
    bank: DemoBank,
) -> None:
    rows = [GOOD.format(number) for number in range(45)]
    for at, line in enumerate(BAD.values()):
        rows.insert(at * 9, line)
    before = count_rows(bank)
    job = send(bank, "customers", "客户.csv", customers(rows), source="core")
    report = job["result"]
    assert (report["status"], report["rows"], report["kept"], report["left_out"]) == ("imported", 50, 45, 5)
    assert set(BAD) <= set(report["reasons"])
    assert count_rows(bank)["customer"] == before["customer"] + 45
    fetched = bank.client("head").get(f"/api/v1/imports/{report['import_id']}/left-out")
    assert fetched.headers["content-disposition"].startswith("attachment")
    lines = [json.loads(line) for line in fetched.text.splitlines()]
    gone = {line["row"]: line for line in lines if not line.get("kept")}
    assert {line["reason"] for line in gone.values()} == set(BAD)
    assert sorted(gone) == [2, 11, 20, 29, 38], "rows are numbered as a spreadsheet numbers them"
    assert all(
        CHINESE.search(line["message"]["zh"]) and LATIN.search(line["message"]["en"]) for line in lines
    )
    assert "19900000001" not in fetched.text, "the list of rows left out is no second customer file"


HAND = "客户号,户主姓名,证件号码\nH1,张三,320684198001010018\nH1,张三,\nH2,李四,320684198001010018\nH3,,\n"


def test_a_dry_run_of_customers_with_columns_said_by_hand_stores_nobody_and_then_the_real_one_does(
    bank: DemoBank,
) -> None:
    body, said = HAND.encode("gb18030"), {"source": "roster", "fields": {"customer_name": "户主姓名"}}
    before = count_rows(bank)
    tried = send(bank, "customers", "名册.csv", body, dry_run=True, **said)["result"]
    assert (tried["status"], tried["rows"], tried["new"], tried["left_out"]) == ("checked", 4, 2, 2)
    assert tried["columns"][1] == {"name": "户主姓名", "term": "customer_name", "sample": ["张*", "李*"]}
    assert count_rows(bank) == before
    assert bank.client("head").get(f"/api/v1/imports/{tried['import_id']}").json()["status"] == "checked"
    done = send(bank, "customers", "名册.csv", body, **said)["result"]
    assert (done["status"], done["new"], done.get("repeated")) == ("imported", 2, None)
    assert count_rows(bank)["customer"] == before["customer"] + 2


def test_the_list_of_duplicates_is_fetched_by_whoever_may_import_customers_and_audited(
    bank: DemoBank,
) -> None:
    said = {"source": "roster", "fields": {"customer_name": "户主姓名"}, "dry_run": True}
    # Nobody of the bank: rows that it has as they are in the file are not looked at again.
    rows = HAND.replace("H", "D").replace("320684198001010018", "320684198002030010")
    report = send(bank, "customers", "名册.csv", rows.encode(), **said)["result"]
    path = f"/api/v1/imports/{report['import_id']}/duplicates"
    fetched = bank.client("head").get(path)
    assert fetched.headers["content-disposition"].startswith("attachment")
    lines = [json.loads(line) for line in fetched.text.splitlines()]
    assert [(line["row"], line["other_row"], line["reason"]) for line in lines] == [
        (3, 2, "repeated_key"),
        (4, 2, "card_two_keys"),
    ]
    assert "19800203" not in fetched.text
    assert bank.client("analyst").get(path).status_code == 403
    with truth(bank.database) as admin:
        query = "SELECT subject FROM audit WHERE action = 'download_duplicates' ORDER BY id"
        assert admin.execute(text(query)).scalars().all() == [f"import {report['import_id']}"]
        boundary = admin.scalar(text("SELECT max(id) FROM import_run WHERE kind <> 'customers'"))
    missing = bank.client("head").get(f"/api/v1/imports/{boundary or 999999}/duplicates")
    assert (missing.status_code, missing.json()["code"] in ("no_duplicates", "no_import")) == (404, True)


def test_a_column_that_the_file_has_not_is_refused_with_the_list(bank: DemoBank) -> None:
    fields = {"customer_name": "户主"}
    job = send(bank, "customers", "名册.csv", HAND.encode(), source="roster", fields=fields)
    assert (job["status"], job["error"]["code"]) == ("failed", "unknown_column")
    assert len(job["error"]["columns"]) >= 3
    assert both_tongues([job["error"]["zh"], job["error"]["en"]])


def test_an_analyst_cannot_see_the_customers_import(bank: DemoBank) -> None:
    with truth(bank.database) as admin:
        run = admin.scalar(text("SELECT max(id) FROM import_run WHERE kind = 'customers'"))
    client = bank.client("analyst")
    assert client.get(f"/api/v1/imports/{run}").status_code == 404
    assert client.get(f"/api/v1/imports/{run}/left-out").status_code == 404
    assert {row["kind"] for row in client.get("/api/v1/imports").json()} <= {"boundaries", "gazetteer"}


def test_an_analyst_cannot_import_customers_and_nothing_of_the_file_is_kept(bank: DemoBank) -> None:
    before, spooled = count_rows(bank), sorted((bank.settings.files / "uploads").iterdir())
    for kind in ("customers", "organisation"):
        answer = bank.client("analyst").post(
            f"/api/v1/imports/{kind}", files={"file": ("c.csv", customers([GOOD.format(900)]))}
        )
        assert answer.status_code == 403
    assert count_rows(bank) == before
    assert sorted((bank.settings.files / "uploads").iterdir()) == spooled


def refused_files(folder: Path) -> dict[str, tuple[str, str, bytes, dict[str, Any]]]:
    """Name → kind, file name, bytes, options of files that cannot come in."""
    whole = villages(folder)
    vrt = made.zip_bytes({"a.shp": made.vrt("/etc/passwd").encode()})
    return {
        "random bytes": ("boundaries", "a.zip", bytes(range(256)) * 20, {}),
        "a truncated zip": ("boundaries", "a.zip", whole[: len(whole) // 2], {}),
        "an empty file": ("boundaries", "a.geojson", b"", {}),
        "a table as boundaries": ("boundaries", "a.zip", customers([GOOD.format(1)]), {}),
        "a system that is none": ("boundaries", "v.zip", whole, {"crs": "EPSG:1", "code_source": "x"}),
        "a system that puts it elsewhere": (
            "boundaries",
            "v.zip",
            whole,
            {"crs": "EPSG:4549", "code_source": "x"},
        ),
        "an unknown kind": ("boundaries", "v.zip", whole, {"kind": "planet"}),
        "a vrt in a shapefile's clothes": ("boundaries", "a.zip", vrt, {}),
        "no gazetteer": ("gazetteer", "a.csv", b"a,b\n1,2\n", {}),
        "boundaries as gazetteer": ("gazetteer", "a.csv", whole, {}),
        "no branches": ("organisation", "a.csv", b"a,b\n1,2\n", {"table": "branches"}),
        "customers without a key": ("customers", "a.csv", "姓名\n陆\n".encode(), {"source": "core"}),
        "a zip as customers": ("customers", "a.csv", whole, {"source": "core"}),
        "no customer at all": ("customers", "a.csv", b"", {"source": "core"}),
    }


REFUSED = (
    "random bytes", "a truncated zip", "an empty file", "a table as boundaries", "a system that is none",
    "a system that puts it elsewhere", "an unknown kind", "a vrt in a shapefile's clothes", "no gazetteer",
    "boundaries as gazetteer", "no branches", "customers without a key", "a zip as customers",
    "no customer at all",
)  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_refused_file_stores_nothing_and_says_why_in_both_tongues(
    bank: DemoBank, tmp_path: Path, what: str
) -> None:
    kind, name, body, options = refused_files(tmp_path)[what]
    before = count_rows(bank)
    job = send(bank, kind, name, body, **options)
    assert count_rows(bank) == before
    if job["status"] == "done":
        report = job["result"]
        assert report["status"] in ("rejected", "needs_answer")
        assert both_tongues(report["rejected"] or report["questions"])
    else:
        assert job["status"] == "failed"
        assert job["error"]["code"] != "unexpected"
        assert CHINESE.search(job["error"]["zh"])
        assert LATIN.search(job["error"]["en"])


@pytest.mark.parametrize(
    ("kind", "options", "names"),
    [
        ("customers", "{}", "source"),
        ("customers", '{"source": 5}', "source"),
        ("customers", "not json", "options"),
        ("customers", "[]", "options"),
        ("customers", '{"source": "core", "path": "/etc/passwd"}', "path"),
        ("customers", '{"source": "core", "fields": {"phone": 3}}', "fields.phone"),
        ("organisation", '{"table": "duties"}', "options"),
        ("organisation", '{"table": "app_user"}', "table"),
        ("boundaries", '{"valid_from": "someday"}', "valid_from"),
        ("boundaries", '{"answers": {"crs": {}}}', "answers.crs"),
        ("gazetteer", '{"colour": "red"}', "colour"),
    ],
)
def test_options_that_cannot_be_used_are_named_before_anything_is_stored(
    bank: DemoBank, kind: str, options: str, names: str
) -> None:
    before = count_rows(bank)
    answer = bank.client("head").post(
        f"/api/v1/imports/{kind}", files={"file": ("a.csv", b"a")}, data={"options": options}
    )
    assert answer.status_code == 422
    assert answer.json()["code"] == "bad_options"
    assert names in answer.json()["detail_zh"]
    assert names in answer.json()["detail_en"]
    assert count_rows(bank) == before


@pytest.mark.parametrize(
    ("kind", "options", "status", "code", "listed"),
    [
        ("customers", {"source": "moon"}, 422, "unknown_source", "questions"),
        ("customers", {"source": "core", "fields": {"shoe_size": "鞋"}}, 422, "unknown_term", "terms"),
        ("organisation", {"table": "duties", "plan": "V404"}, 404, "no_plan", None),
    ],
)
def test_a_name_that_nobody_knows_is_refused_at_once_and_the_file_is_not_kept(
    bank: DemoBank, kind: str, options: dict[str, Any], status: int, code: str, listed: str | None
) -> None:
    body, said = customers([GOOD.format(2)]), json.dumps(options)
    answer = bank.client("head").post(
        f"/api/v1/imports/{kind}", files={"file": ("moon.csv", body)}, data={"options": said}
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert listed is None or answer.json()[listed]
    assert both_tongues(answer.json())
    with truth(bank.database) as admin:
        kept = admin.scalar(text("SELECT count(*) FROM job WHERE args ->> 'file_name' = 'moon.csv'"))
    assert kept == 0


def test_an_upload_above_the_limit_is_refused_and_leaves_no_file(bank: DemoBank) -> None:
    small = bank.settings.model_copy(update={"upload_limit_bytes": 1000})
    app = create_app(small, bank.database)
    client = DemoBank(small, bank.database, bank.people, app).client("head")
    spooled = sorted((small.files / "uploads").iterdir())
    answer = client.post("/api/v1/imports/gazetteer", files={"file": ("a.csv", b"x" * 5000)})
    assert answer.status_code == 422
    assert answer.json()["code"] == "too_large"
    assert sorted((small.files / "uploads").iterdir()) == spooled


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "..\\evil.csv", "/etc/cron.d/evil.csv", "a\x00b.csv", "<b>'\".csv"]
)
def test_a_file_name_never_becomes_a_path(bank: DemoBank, name: str) -> None:
    answer = bank.client("head").post("/api/v1/imports/gazetteer", files={"file": (name, name.encode())})
    assert answer.status_code in (202, 422)
    for path in (bank.settings.files / "uploads").iterdir():
        assert re.fullmatch(r"[0-9a-f]{64}(\.\w+)?", path.name)
