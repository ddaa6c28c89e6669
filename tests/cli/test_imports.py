"""Imports by command line: folders, parts, fields, the list, the workbook, the undo; customers tried."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.cli.root import run
from app.db import Database
from app.spatial import formats
from tests.cli.conftest import Getu, Said
from tests.samples import boundary_files as made


@pytest.fixture
def getu(
    fresh: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Getu:
    """Runs a command on a bank that has nothing yet."""
    monkeypatch.setenv("GETU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", fresh.url)

    def command(*arguments: str) -> Said:
        capfd.readouterr()
        code = run(list(arguments))
        said = capfd.readouterr()
        return Said(code, said.out, said.err)

    return command


def write(folder: Path, columns: dict[str, list[Any]] | None = None, **how: Any) -> Path:
    folder.mkdir(exist_ok=True)
    return formats.write(folder / "v.zip", columns or made.village_columns(), made.village_squares(), **how)


def unpack(path: Path) -> list[Path]:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(path.parent / "parts")
    return sorted((path.parent / "parts").iterdir())


def test_an_import_is_listed_shown_as_a_workbook_taken_back_and_loaded_again(
    getu: Getu, tmp_path: Path
) -> None:
    path = str(write(tmp_path / "in"))
    first = getu("import", "boundaries", path, "--kind", "village", "--json")
    assert (first.code, first.result["preview"]["new"]) == (0, 9)
    number = str(first.result["import_id"])
    (listed,) = getu("import", "list", "--json").result["imports"]
    assert (listed["id"], listed["status"], listed["may"]) == (int(number), "imported", ["undo"])
    book = tmp_path / "report.xlsx"
    shown = getu("import", "show", number, "--xlsx", str(book), "--json")
    assert (shown.code, shown.result["report"]["features"]) == (0, 9)
    assert "概况" in openpyxl.load_workbook(book).sheetnames[0]
    undone = getu("import", "undo", number, "--json")
    assert (undone.code, undone.result["removed"], undone.result["restored"]) == (0, 9, 0)
    refused = getu("import", "undo", number, "--json")
    assert (refused.code, refused.result["error"]["code"]) == (2, "not_imported")
    assert getu("import", "boundaries", path, "--kind", "village", "--json").result["import_id"] != int(
        number
    )
    assert getu("import", "show", "999", "--json").code == 2


def test_a_folder_of_parts_and_loose_parts_come_in_as_one_layer(getu: Getu, tmp_path: Path) -> None:
    parts = unpack(write(tmp_path / "in"))
    folder = getu(
        "import", "boundaries", str(tmp_path / "in" / "parts"), "--kind", "village", "--dry-run", "--json"
    )
    loose = getu("import", "boundaries", *map(str, parts), "--kind", "village", "--json")
    assert (folder.result["features"], loose.result["features"]) == (9, 9)
    kept = list((tmp_path / "home" / "files" / "uploads").iterdir())
    assert [path.suffix for path in kept] == [".zip"], "the parts are kept as one file"
    shutil.rmtree(tmp_path / "in")
    assert getu("import", "list", "--json").result["imports"][0]["features"] == 9
    checked = getu("check", str(tmp_path / "nowhere"), "--json")
    assert (checked.code, checked.result["error"]["code"]) == (2, "no_such_file")


def test_a_name_in_brackets_is_told_as_it_is(getu: Getu) -> None:
    missing = getu("import", "boundaries", "[/村界].zip")
    assert missing.code == 2
    assert "找不到文件：[/村界].zip" in missing.err


def test_a_person_reads_what_was_found_what_changes_and_how_to_answer(getu: Getu, tmp_path: Path) -> None:
    tried = getu("import", "boundaries", str(write(tmp_path / "in")), "--kind", "village", "--dry-run")
    assert (tried.code, tried.out.splitlines()[0]) == (
        0,
        "✓ 试运行，没有保存 dry run, nothing stored · 9 个单元 units",
    )
    assert "坐标系 CRS     EPSG:4326（declared" in tried.out
    assert "村名 → unit_name" in tried.out
    assert "新增 new 9" in tried.out
    columns = made.village_columns()
    columns["F1"] = [name.rstrip("村社区") for name in columns.pop("村名")]
    asked = getu("import", "boundaries", str(write(tmp_path / "asked", columns)), "--kind", "village")
    assert asked.code == 2
    assert "--answer field_unit_name=F1" in asked.out
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04")
    refused = getu("import", "boundaries", str(broken))
    assert refused.code == 2
    assert refused.out.startswith("✗ 未接受 rejected")
    assert "压缩包损坏" in refused.out


def test_fields_years_and_sources_are_said_by_option(getu: Getu, tmp_path: Path) -> None:
    columns = made.village_columns()
    columns["F1"] = [name.rstrip("村社区") for name in columns.pop("村名")]
    path = str(write(tmp_path / "in", columns))
    asked = getu("import", "boundaries", path, "--kind", "village", "--json")
    assert (asked.code, asked.result["status"]) == (2, "needs_answer")
    assert asked.result["questions"][0]["code"] == "field_unit_name"
    how = ("--field", "unit_name=F1", "--code-source", "land", "--year", "2025", "--valid-from", "2026-01-01")
    told = getu("import", "boundaries", path, "--kind", "village", *how, "--json")
    assert (told.code, told.result["status"]) == (0, "imported")
    options = getu("import", "show", str(told.result["import_id"]), "--json").result["options"]
    assert (options["code_source"], options["year"], options["valid_from"]) == ("land", 2025, "2026-01-01")
    assert options["answers"] == {"field_unit_name": "F1"}
    wrong = getu("import", "boundaries", path, "--field", "unit_name", "--json")
    assert (wrong.code, json.loads(wrong.out)["error"]["code"]) == (2, "bad_answer")


def test_customers_are_tried_with_columns_said_by_hand_before_they_come_in(
    getu: Getu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GETU_IMPORT_PROCESSES", "1")
    path = tmp_path / "roster.csv"
    path.write_text("客户号,户主姓名,老电话\nH1,张三,13912345678\nH2,李四,\n", encoding="gb18030")
    command = ("import", "customers", str(path), "--source", "roster", "--json")
    asked = getu(*command)
    assert (asked.code, asked.result["questions"][0]["code"]) == (2, "field_customer_name")
    by_hand = ("--field", "customer_name=户主姓名", "--field", "phone=老电话")
    tried = getu(*command, *by_hand, "--dry-run")
    assert (tried.code, tried.result["status"], tried.result["new"]) == (0, "checked", 2)
    assert [(c["term"], c["sample"]) for c in tried.result["columns"]] == [
        ("source_key", ["H1", "H2"]),
        ("customer_name", ["张*", "李*"]),
        ("phone", ["139****5678"]),
    ]
    done = getu(*command, *by_hand)
    assert (done.code, done.result["status"], done.result["new"]) == (0, "imported", 2)
    assert getu(*command, *by_hand).result["repeated"]
    wrong = getu(*command, "--field", "shoe_size=户主姓名")
    assert (wrong.code, wrong.result["error"]["code"]) == (2, "unknown_term")
    assert "customer_name" in wrong.result["error"]["terms"]
