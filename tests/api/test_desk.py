"""The import desk by the public door: a kept file is answered, loaded, taken back, and looked at later."""

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from app.jobs import run_job
from app.jobs.worker import sweep
from app.spatial import formats
from tests.conftest import Client, DemoBank
from tests.samples import boundary_files as made
from tests.truth import truth

Job = dict[str, Any]


@pytest.fixture
def desk(bank: DemoBank) -> Client:
    """The analyst at the desk."""
    return bank.client("analyst")


def villages(folder: Path, columns: dict[str, list[Any]] | None = None, **how: Any) -> bytes:
    shapes = made.village_squares()
    return formats.write(folder / "v.zip", columns or made.village_columns(), shapes, **how).read_bytes()


def upload(client: Client, *files: tuple[str, bytes], **options: Any) -> Job:
    answer = client.post(
        "/api/v1/imports/boundaries",
        files=[("file", file) for file in files],
        data={"options": json.dumps({"dry_run": True, **options})},
    )
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def end(bank: DemoBank, client: Client, job: Job) -> Job:
    """Run a job in this process and look at it as its sender sees it."""
    run_job(bank.database, bank.settings, job["id"])
    return dict(client.get(f"/api/v1/jobs/{job['id']}").json())


def act(client: Client, number: int, verb: str, **body: Any) -> Any:
    return client.post(f"/api/v1/imports/{number}/{verb}", json=body or None)


def look(client: Client, number: int) -> dict[str, Any]:
    return dict(client.get(f"/api/v1/imports/{number}").json())


def unnamed(folder: Path) -> bytes:
    """Villages whose columns tell nobody what they are."""
    told = made.village_columns()
    told["村名"] = [name.rstrip("村社区") for name in told["村名"]]
    return villages(folder, {f"F{number}": values for number, values in enumerate(told.values())})


def list_audited(bank: DemoBank, number: int) -> list[str]:
    """What the audit tells of an import, a try that stores nothing with a question mark."""
    told = """SELECT action || CASE WHEN detail ->> 'dry_run' = 'true' THEN '?' ELSE '' END FROM audit
        WHERE detail ->> 'import' = CAST(:number AS text) ORDER BY id"""
    with truth(bank.database) as admin:
        return list(admin.execute(text(told), {"number": number}).scalars())


def count_units(bank: DemoBank) -> int:
    with truth(bank.database) as admin:
        return int(admin.scalar(text("SELECT count(*) FROM unit WHERE upper_inf(valid)")) or 0)


def test_a_file_is_dropped_looked_at_loaded_and_taken_back(
    bank: DemoBank, desk: Client, tmp_path: Path
) -> None:
    before = count_units(bank)
    job = upload(desk, ("海门村界.zip", villages(tmp_path)), code_source="walk")
    number = job["import_id"]
    assert look(desk, number)["status"] == "running"
    assert look(desk, number)["job"] == job["id"]
    assert end(bank, desk, job)["result"]["import_id"] == number
    seen = look(desk, number)
    assert (seen["status"], seen["may"], seen["job"]) == ("checked", ["answer", "load"], None)
    assert (seen["created_by"], seen["size_bytes"]) == ("analyst", len(villages(tmp_path)))
    assert count_units(bank) == before
    assert seen["report"]["preview"]["new"] == 9
    assert "balance_yuan" not in seen["report"]["preview"], "an analyst sees counts alone"
    assert look(bank.client("head"), number)["report"]["preview"]["balance_yuan"] == 0
    loaded = end(bank, desk, act(desk, number, "load").json())
    assert loaded["result"]["status"] == "imported"
    assert (look(desk, number)["status"], look(desk, number)["may"]) == ("imported", ["undo"])
    assert count_units(bank) == before + 9
    assert end(bank, desk, act(desk, number, "undo").json())["result"]["removed"] == 9
    assert (look(desk, number)["status"], count_units(bank)) == ("undone", before)
    assert end(bank, desk, act(desk, number, "load").json())["status"] == "done"
    assert count_units(bank) == before + 9
    acts = ["import_boundaries?", "import_boundaries", "undo_import", "import_boundaries"]
    assert list_audited(bank, number) == acts


def test_a_question_is_answered_without_a_new_upload(bank: DemoBank, desk: Client, tmp_path: Path) -> None:
    number = upload(desk, ("v.zip", unnamed(tmp_path)), code_source="asked")["import_id"]
    end(bank, desk, {"id": look(desk, number)["job"]})
    seen = look(desk, number)
    assert seen["status"] == "needs_answer"
    assert "field_unit_name" in {question["code"] for question in seen["report"]["questions"]}
    refused = act(desk, number, "load")
    assert (refused.status_code, refused.json()["code"]) == (409, "open_questions")
    first = act(desk, number, "answers", answers={"field_unit_code": "F1"}, valid_from="2026-02-01")
    assert first.status_code == 202
    assert end(bank, desk, first.json())["result"]["status"] == "needs_answer"
    second = act(desk, number, "answers", answers={"field_unit_name": "F0"})
    assert end(bank, desk, second.json())["result"]["status"] == "imported"
    seen = look(desk, number)
    assert seen["status"] == "checked"
    assert seen["options"]["valid_from"] == "2026-02-01"
    assert seen["options"]["answers"] == {"field_unit_code": "F1", "field_unit_name": "F0"}
    withdrawn = act(desk, number, "answers", answers={"field_unit_name": None})
    assert end(bank, desk, withdrawn.json())["result"]["status"] == "needs_answer"


def test_what_is_being_worked_on_takes_no_second_answer(bank: DemoBank, desk: Client, tmp_path: Path) -> None:
    job = upload(desk, ("v.zip", unnamed(tmp_path)), code_source="busy")
    number = job["import_id"]
    for verb, code in (("load", "import_busy"), ("answers", "import_busy"), ("undo", "not_imported")):
        refused = act(desk, number, verb, **({"answers": {}} if verb == "answers" else {}))
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    end(bank, desk, job)
    taken = act(desk, number, "answers", answers={"field_unit_code": "F0"})
    again = act(desk, number, "answers", answers={"field_unit_code": "F1"})
    assert (again.status_code, again.json()["code"]) == (409, "import_busy")
    assert again.json()["job"] == taken.json()["id"]
    end(bank, desk, taken.json())
    assert look(desk, number)["options"]["answers"] == {"field_unit_code": "F0"}
    assert list_audited(bank, number) == ["import_boundaries?", "import_boundaries?"]


def test_of_two_people_who_answer_at_once_the_second_hears_that_it_moved_on(
    bank: DemoBank, desk: Client, tmp_path: Path
) -> None:
    head = bank.client("head")
    job = upload(head, ("v.zip", unnamed(tmp_path)), code_source="two")
    number = job["import_id"]
    end(bank, head, job)
    hers = act(head, number, "answers", answers={"field_unit_code": "F0"}).json()
    his = act(desk, number, "answers", answers={"field_unit_code": "F1"}).json()
    assert end(bank, head, hers)["status"] == "done"
    late = end(bank, desk, his)
    assert (late["status"], late["error"]["code"]) == ("failed", "import_moved_on")
    assert look(desk, number)["options"]["answers"] == {"field_unit_code": "F0"}


def test_a_loaded_import_is_neither_answered_nor_loaded_again(
    bank: DemoBank, desk: Client, tmp_path: Path
) -> None:
    job = upload(desk, ("v.zip", villages(tmp_path)), code_source="once", dry_run=False)
    number = end(bank, desk, job)["result"]["import_id"]
    for verb in ("answers", "load"):
        refused = act(desk, number, verb, **({"answers": {}} if verb == "answers" else {}))
        assert (refused.status_code, refused.json()["code"]) == (409, "already_imported")


def test_the_same_file_again_leads_to_the_import_that_stands(
    bank: DemoBank, desk: Client, tmp_path: Path
) -> None:
    body = villages(tmp_path)
    first = end(bank, desk, upload(desk, ("a.zip", body), code_source="twin", dry_run=False))
    again = end(bank, desk, upload(desk, ("b.zip", body), code_source="twin"))
    assert again["result"]["import_id"] == first["result"]["import_id"]
    assert again["result"]["warnings"][-1]["code"] == "already_imported"
    assert again["import_id"] not in {row["id"] for row in desk.get("/api/v1/imports").json()}


def test_an_import_taken_back_stays_in_the_list_when_its_file_came_in_again_by_another(
    bank: DemoBank, desk: Client, tmp_path: Path
) -> None:
    body = villages(tmp_path)
    first = end(bank, desk, upload(desk, ("a.zip", body), code_source="back", dry_run=False))["import_id"]
    assert end(bank, desk, act(desk, first, "undo").json())["status"] == "done"
    second = end(bank, desk, upload(desk, ("b.zip", body), code_source="back", dry_run=False))["import_id"]
    again = end(bank, desk, act(desk, first, "load").json())
    assert again["result"]["import_id"] == second
    assert look(desk, first)["status"] == "undone"


def test_loose_parts_come_as_several_files_in_one_request(
    bank: DemoBank, desk: Client, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(villages(tmp_path))) as archive:
        parts = [(f"村界.{name.rsplit('.')[-1].upper()}", archive.read(name)) for name in archive.namelist()]
    one = upload(desk, *parts, code_source="loose")
    two = upload(desk, *reversed(parts), code_source="loose again")
    assert end(bank, desk, one)["result"]["features"] == 9
    assert look(desk, one["import_id"])["file_name"] == "村界.SHP"
    with truth(bank.database) as admin:
        query = text("SELECT file_path FROM import_run WHERE id IN (:one, :two)")
        found = admin.execute(query, {"one": one["import_id"], "two": two["import_id"]}).scalars()
        assert len(set(found)) == 1, "the same parts in another order are the same file"


def test_files_that_do_not_go_together_are_refused(bank: DemoBank, desk: Client, tmp_path: Path) -> None:
    body = villages(tmp_path)
    kept = set((bank.settings.files / "uploads").iterdir())
    for files, code in (
        ([("a.zip", body), ("b.zip", body)], "several_archives"),
        ([("a/x.shp", b"1"), ("a\\X.SHP", b"2")], "part_twice"),
    ):
        answer = desk.post("/api/v1/imports/boundaries", files=[("file", file) for file in files])
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert set((bank.settings.files / "uploads").iterdir()) == kept


def test_names_of_parts_never_leave_the_zip(bank: DemoBank, desk: Client) -> None:
    job = upload(desk, ("../../../etc/a.shp", b"1"), ("..\\b.dbf", b"2"), ("/tmp/c.prj", b"3"))
    with truth(bank.database) as admin:
        query = text("SELECT file_path FROM import_run WHERE id = :id")
        path = bank.settings.files / str(admin.scalar(query, {"id": job["import_id"]}))
    assert zipfile.ZipFile(path).namelist() == ["b.dbf", "etc/a.shp", "tmp/c.prj"]
    assert end(bank, desk, job)["result"]["status"] == "rejected"


def test_a_refused_file_is_an_import_that_can_be_looked_at_and_tried_with_other_words(
    bank: DemoBank, desk: Client, tmp_path: Path
) -> None:
    job = upload(desk, ("v.zip", villages(tmp_path)), kind="planet", code_source="refused")
    assert end(bank, desk, job)["result"]["status"] == "rejected"
    number = job["import_id"]
    assert look(desk, number)["status"] == "rejected"
    assert look(desk, number)["report"]["rejected"][0]["reason"] == "unknown_kind"
    assert act(desk, number, "load").json()["code"] == "import_rejected"
    assert end(bank, desk, act(desk, number, "answers", kind="village").json())["status"] == "done"
    assert look(desk, number)["status"] == "checked"


def test_a_cancelled_first_try_says_so_and_can_be_made_again(
    bank: DemoBank, desk: Client, tmp_path: Path
) -> None:
    job = upload(desk, ("v.zip", villages(tmp_path)), code_source="cancelled")
    number = job["import_id"]
    assert desk.post(f"/api/v1/jobs/{job['id']}/cancel").status_code == 200
    assert end(bank, desk, job)["status"] == "cancelled"
    seen = look(desk, number)
    assert (seen["status"], seen["report"]["rejected"][0]["reason"]) == ("failed", "cancelled")
    assert end(bank, desk, act(desk, number, "answers", answers={}).json())["status"] == "done"
    assert look(desk, number)["status"] == "checked"


def test_a_file_that_is_no_longer_kept_is_asked_for_again(
    bank: DemoBank, desk: Client, tmp_path: Path
) -> None:
    job = upload(desk, ("v.zip", villages(tmp_path, encoding="utf-8")), code_source="gone")
    end(bank, desk, job)
    with truth(bank.database) as admin:
        query = text("SELECT file_path FROM import_run WHERE id = :id")
        path = bank.settings.files / str(admin.scalar(query, {"id": job["import_id"]}))
    path.unlink()
    ended = end(bank, desk, act(desk, job["import_id"], "load").json())
    assert (ended["status"], ended["error"]["code"]) == ("failed", "file_gone")
    assert look(desk, job["import_id"])["status"] == "checked"
    assert look(desk, job["import_id"])["size_bytes"] is None


def test_the_report_is_a_workbook_with_every_row_left_out_and_no_formula(
    bank: DemoBank, desk: Client, tmp_path: Path
) -> None:
    columns = made.village_columns()
    columns["村名"][3] = None
    columns["=cmd|' /C calc'!A0"] = ["=1+1", "+1", "-1", "@SUM(A1)", "\x07bell", "", "", "", ""]
    body = formats.write(tmp_path / "v.geojson", columns, made.village_squares()).read_bytes()
    job = upload(desk, ("=v.geojson", body), code_source="workbook")
    end(bank, desk, job)
    answer = desk.get(f"/api/v1/imports/{job['import_id']}/report.xlsx")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert [name.split()[0] for name in book.sheetnames] == [
        "概况",
        "问题",
        "剔除的行",
        "警告",
        "修复",
        "字段",
    ]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}, "no cell is a formula"
    texts = {str(cell.value) for cell in cells}
    assert {"=v.geojson", "=cmd|' /C calc'!A0"} <= texts
    assert all(cell.quotePrefix for cell in cells if str(cell.value).startswith("="))
    rows = [[cell.value for cell in row] for row in book.worksheets[2].iter_rows(min_row=2)]
    assert [(row[0], row[1]) for row in rows] == [(4, "no_name")]


@pytest.fixture
def loaded(bank: DemoBank, desk: Client, tmp_path: Path) -> None:
    """Nine villages are in (the second time their file is recognised)."""
    end(bank, desk, upload(desk, ("v.zip", villages(tmp_path)), code_source="layers", dry_run=False))


@pytest.mark.usefixtures("loaded")
def test_the_layers_are_listed_and_fetched_and_the_file_is_gone_after(bank: DemoBank, desk: Client) -> None:
    listed = {layer["key"]: layer for layer in desk.get("/api/v1/layers").json()}
    assert listed["villages"]["features"] >= 9
    assert listed["grids"]["features"] == 0
    assert "geopackage" in {out["format"] for out in listed["villages"]["formats"]}
    answer = desk.get("/api/v1/layers/villages/export", params={"format": "geojson"})
    assert answer.status_code == 200
    assert len(answer.json()["features"]) == listed["villages"]["features"]
    assert list((bank.settings.files / "exports").iterdir()) == []
    with truth(bank.database) as admin:
        row = admin.execute(text("SELECT subject, detail FROM audit WHERE action = 'export_layer'")).all()[-1]
    assert (row.subject, row.detail["format"]) == ("villages", "geojson")


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("planets/export", 404, "no_layer"),
        ("villages/export?format=dwg", 422, "unknown_format"),
        ("villages/export?format=shapefile&encoding=klingon", 422, "unknown_encoding"),
        ("villages/export?format=geojson&encoding=gb18030", 422, "unknown_encoding"),
        ("villages/export?crs=EPSG:1", 422, "unknown_crs"),
        ("grids/export", 404, "no_plan"),
        ("park/export", 404, "no_features"),
    ],
)
def test_a_layer_that_cannot_go_out_is_refused_and_leaves_nothing(
    bank: DemoBank, desk: Client, path: str, status: int, code: str
) -> None:
    answer = desk.get(f"/api/v1/layers/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    folder = bank.settings.files / "exports"
    assert not folder.exists() or list(folder.iterdir()) == []


def test_an_upload_that_nobody_came_back_for_is_swept_away_and_a_loaded_one_stays(
    bank: DemoBank, desk: Client, tmp_path: Path
) -> None:
    loaded = upload(desk, ("v.zip", villages(tmp_path, crs="EPSG:4549")), code_source="kept", dry_run=False)
    left = upload(desk, ("v.zip", villages(tmp_path, crs="EPSG:4550")), code_source="left")
    for job in (loaded, left):
        assert end(bank, desk, job)["status"] == "done"
    waiting = upload(desk, ("v.zip", villages(tmp_path, crs="EPSG:4326")), code_source="waiting")
    for path in (bank.settings.files / "uploads").iterdir():
        os.utime(path, (0, 0))
    assert sweep(bank.database, bank.settings) >= 1
    sizes = [look(desk, job["import_id"])["size_bytes"] for job in (loaded, left, waiting)]
    assert [size is not None for size in sizes] == [True, False, True]
    assert look(desk, left["import_id"])["report"]["features"] == 9
    assert end(bank, desk, waiting)["status"] == "done"


def test_a_load_whose_worker_died_after_it_had_landed_is_told_again_and_not_made_again(
    bank: DemoBank, desk: Client, tmp_path: Path
) -> None:
    job = upload(desk, ("v.zip", villages(tmp_path)), code_source="died", dry_run=False)
    first = end(bank, desk, job)
    units = count_units(bank)
    with bank.database.transaction(WORKER) as session:
        dead = "UPDATE job SET status = 'running', result = NULL, finished_at = NULL WHERE id = :id"
        session.execute(text(dead), {"id": job["id"]})
    again = end(bank, desk, job)
    assert (again["status"], again["attempt"]) == ("done", 2)
    assert again["result"] == first["result"]
    assert count_units(bank) == units
    undone = act(desk, job["import_id"], "undo").json()
    assert end(bank, desk, undone)["result"]["removed"] == 9
    with bank.database.transaction(WORKER) as session:
        session.execute(text(dead), {"id": undone["id"]})
    assert end(bank, desk, undone)["result"]["removed"] == 9
