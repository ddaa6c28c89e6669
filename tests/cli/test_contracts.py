"""The contracts of the command line: exit codes, one JSON object on standard output, two-language errors."""

import csv
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from tests.cli.conftest import Getu

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
VILLAGES = DATA / "boundaries" / "haimen_villages.zip"
COLUMNS = ["id", "level", "code", "name", "score", "method", "candidates", "warnings"]


def start(*arguments: str, home: Path) -> "subprocess.CompletedProcess[str]":
    """A real process, without a bank."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GETU_", "DATABASE_"))}
    command = [sys.executable, "-m", "app.cli", *arguments]
    env = {**clean, "GETU_HOME": str(home)}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_help_names_every_command(tmp_path: Path) -> None:
    shown = start("--help", home=tmp_path)
    assert shown.returncode == 0
    for command in (
        "db",
        "import",
        "plan",
        "user",
        "geocode",
        "locate",
        "check",
        "assign",
        "wallmap",
        "serve",
    ):
        assert command in shown.stdout


def test_a_boundary_import_starts_without_what_it_does_not_need() -> None:
    heavy = [
        "openpyxl",
        "procrastinate",
        "geopandas",
        "pandas",
        "folium",
        "typst",
        "app.customers",
        "app.maps",
    ]
    code = "import sys, app.cli.files, app.jobs.desk; print([m for m in sys.argv[1:] if m in sys.modules])"
    command = [sys.executable, "-c", code, *heavy]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_an_unknown_command_is_wrong_usage(tmp_path: Path) -> None:
    shown = start("fly", home=tmp_path)
    assert (shown.returncode, shown.stdout) == (2, "")


def test_a_bank_whose_server_is_away_ends_in_three_without_a_trace(tmp_path: Path) -> None:
    env_url = "postgresql://nobody@127.0.0.1:1/none"
    clean = {**os.environ, "GETU_HOME": str(tmp_path), "DATABASE_URL": env_url}
    command = [sys.executable, "-m", "app.cli", "plan", "list", "--json"]
    shown = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
    told = json.loads(shown.stdout)
    assert (shown.returncode, told["status"]) == (3, "failed")
    assert {"code", "zh", "en"} <= set(told["error"])
    assert "Traceback" not in shown.stderr
    assert "✗" in shown.stderr


def test_a_good_boundary_file_is_reported_and_a_dry_run_stores_nothing(getu: Getu) -> None:
    said = getu("import", "boundaries", str(VILLAGES), "--kind", "village", "--dry-run", "--json")
    assert said.code in (0, 1)
    assert said.result["features"] > 200
    assert said.result["encoding"]["name"] in ("gbk", "gb18030")


def test_the_same_file_again_is_known(getu: Getu) -> None:
    said = getu("import", "boundaries", str(VILLAGES), "--kind", "village", "--json")
    assert said.result["status"] == "imported"
    assert said.code == (1 if said.result["rejected"] else 0)


def test_a_truncated_zip_a_wrong_file_and_a_missing_one_are_refused(getu: Getu, tmp_path: Path) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(VILLAGES.read_bytes()[: VILLAGES.stat().st_size // 2])
    wrong = tmp_path / "wrong.zip"
    wrong.write_text("hello")
    for path in (cut, wrong):
        said = getu("import", "boundaries", str(path), "--json")
        assert (said.code, said.result["status"]) == (2, "rejected")
        assert said.result["rejected"][0]["reason"]
    missing = getu("import", "boundaries", str(tmp_path / "none.zip"), "--json")
    assert (missing.code, missing.result["error"]["code"]) == (2, "no_such_file")
    assert "找不到文件" in missing.err


def test_a_file_without_a_coordinate_system_asks(getu: Getu, tmp_path: Path) -> None:
    bare = tmp_path / "bare.zip"
    with zipfile.ZipFile(VILLAGES) as full, zipfile.ZipFile(bare, "w") as target:
        for name in full.namelist():
            if not name.lower().endswith(".prj"):
                target.writestr(name, full.read(name))
    said = getu("import", "boundaries", str(bare), "--dry-run", "--json")
    assert (said.code in (0, 1), said.result["crs"]["how"] != "declared") == (True, True) or (
        said.code,
        said.result["status"],
    ) == (2, "needs_answer")


def test_a_faulty_file_is_checked_with_exit_one_and_a_clean_one_with_zero(getu: Getu) -> None:
    frame = ("--frame", str(DATA / "boundaries" / "haimen_frame.zip"))
    faulty = getu("check", str(DATA / "boundaries" / "draft_2027.zip"), *frame, "--json")
    assert faulty.code == 1
    assert {finding["kind"] for finding in faulty.result["findings"]} >= {"overlap", "gap"}
    clean = getu("check", str(VILLAGES), *frame, "--json")
    assert clean.code == (1 if clean.result["findings"] else 0)
    assert getu("check", "nowhere.zip").code == 2


def test_a_checked_file_is_told_by_gravity_with_totals_and_goes_out_as_a_layer(
    getu: Getu, tmp_path: Path
) -> None:
    frame = ("--frame", str(DATA / "boundaries" / "haimen_frame.zip"))
    draft, out = str(DATA / "boundaries" / "draft_2027.zip"), tmp_path / "faults.gpkg"
    said = getu("check", draft, *frame, "--out", str(out))
    words = [
        "297 个图形",
        "问题 6 项",
        "必须处理",
        "空白 2 项",
        "需要确认",
        "套叠 1 项",
        "可以忽略",
        "碎片 1 项",
    ]
    places = [said.out.index(word) for word in words]
    assert (said.code, places) == (1, sorted(places))
    assert "货隆村（320614105217）与闸南村（320614105221）重叠" in said.out
    assert len(gpd.read_file(out)) == 6
    wide = getu("check", draft, *frame, "--min-area", "100000", "--json").result["counts"]
    assert (wide["gap"], wide["overlap"], wide["sliver"], wide["duplicate"]) == (1, 1, 0, 1)
    assert getu("check", draft, "--min-width", "2", "--max-width", "1", "--json").code == 2
    assert getu("check", draft, "--out", str(tmp_path / "faults.doc"), "--json").code == 2


def test_a_file_with_several_layers_is_asked_about_and_checked_by_its_layer(
    getu: Getu, tmp_path: Path
) -> None:
    square = shapely.box(121.0, 31.9, 121.01, 31.91)
    drawn = gpd.GeoDataFrame({"单元代码": ["1"], "单元名称": ["常乐村"]}, geometry=[square], crs="EPSG:4326")
    path = tmp_path / "two.gpkg"
    drawn.to_file(path, layer="frame")
    drawn.to_file(path, layer="villages")
    asked = getu("check", str(path), "--json")
    assert (asked.code, asked.result["status"]) == (2, "needs_answer")
    (question,) = asked.result["questions"]
    assert (question["code"], question["options"]) == ("several_layers", ["frame", "villages"])
    answered = getu("check", str(path), "--layer", "villages", "--json")
    assert (answered.code, answered.result["findings"]) == (0, [])


def test_an_address_and_a_file_of_addresses_are_matched(getu: Getu, tmp_path: Path) -> None:
    one = getu("geocode", "海门区常乐镇", "--json")
    assert (one.code, one.result["level"]) == (0, "town")
    lines = ["id,address", "1,海门区常乐镇", "2,火星基地", "3,"]
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n", encoding="gb18030")
    out = tmp_path / "out.csv"
    many = getu("geocode", "--file", str(tmp_path / "in.csv"), "--out", str(out), "--json")
    assert (many.code, many.result["rows"]) == (0, 3)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == COLUMNS
    assert rows[1][:2] == ["1", "town"]
    assert rows[2][1] == rows[3][1] == "none"
    assert not list(tmp_path.glob(".*.part"))


def test_a_file_with_bad_rows_leaves_with_one_and_its_summary_lies_beside(getu: Getu, tmp_path: Path) -> None:
    lines = ["编号\t住址", "1\t海门区常乐镇颐生村3组", "2\tx\ty", "3\t'; DROP TABLE customer; --"]
    (tmp_path / "in.txt").write_text("\n".join(lines), encoding="utf-16")
    out = tmp_path / "out.csv"
    said = getu("geocode", "--file", str(tmp_path / "in.txt"), "--out", str(out), "--json")
    assert (said.code, said.result["left_out"], said.result["rows"]) == (1, 1, 3)
    assert said.result["rejected"][0]["row"] == 3
    beside = json.loads((tmp_path / "out.summary.json").read_text(encoding="utf-8"))
    assert beside["noise"] == said.result["noise"]
    assert sum(beside["levels"].values()) == sum(beside["rungs"].values()) == 3
    told = getu("geocode", "--file", str(tmp_path / "in.txt"), "--out", str(out))
    assert told.code == 1
    assert "第 3 行" in told.out
    nowhere = getu(
        "geocode", "--file", str(tmp_path / "in.txt"), "--out", str(tmp_path / "no" / "o.csv"), "--json"
    )
    assert (nowhere.code, nowhere.result["error"]["code"]) == (2, "no_such_folder")
    itself = getu("geocode", "--file", str(tmp_path / "in.txt"), "--out", str(tmp_path / "in.txt"), "--json")
    assert (itself.code, itself.result["error"]["code"]) == (2, "bad_out")


def test_the_bank_is_placed_anew_and_the_counts_sum(getu: Getu) -> None:
    said = getu("place", "--scope", "open", "--no-assign", "--json")
    assert said.code == 0
    assert said.result["judged"] + said.result["not_asked"] == said.result["customers"]
    assert getu("place", "--scope", "some", "--json").code == 2


def test_geocode_asked_wrongly_says_how_to_ask(getu: Getu, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("姓名,地址\n某,x\n", encoding="utf-8")
    out = str(tmp_path / "out.csv")
    for wrong in ((), ("x", "--out", out), ("--file", str(tmp_path / "in.csv"), "--out", out)):
        said = getu("geocode", *wrong, "--json")
        assert (said.code, said.result["status"]) == (2, "rejected")
    assert not Path(out).exists()


def test_a_point_is_located_and_the_sea_is_nobodys(getu: Getu) -> None:
    here = getu("locate", "121.3", "31.9", "--json")
    assert here.code == 0
    assert {"grid", "plan", "manager", "branch", "contested_with", "edge_distance_m"} <= set(here.result)
    assert here.result["grid"]
    assert here.result["unit"]["name"]
    assert here.result["nearest_outlet"]["distance_m"] > 0
    sea = getu("locate", "123.5", "31.0", "--json")
    assert (sea.code, sea.result["grid"]) == (0, None)
    shifted = getu("locate", "121.3", "31.9", "--datum", "gcj02", "--near-m", "500", "--json")
    assert shifted.result["point"] != here.result["point"]
    assert shifted.result["near"]["units"]
    swapped = getu("locate", "31.9", "121.3", "--json")
    assert (swapped.code, swapped.result["error"]["code"]) == (2, "swapped")
    assert getu("locate", "121.3", "31.9", "--datum", "mars").code == 2
    assert getu("locate", "121.3", "31.9", "--near-m", "5000").code == 2


@pytest.mark.parametrize(
    "wrong",
    [("121.3", "north"), ("121.3",), ("999", "31.9"), ("nan", "31.9"), ("121.3", "31.9", "--on", "soon")],
)
def test_impossible_points_are_refused(getu: Getu, wrong: tuple[str, ...]) -> None:
    said = getu("locate", *wrong, "--json")
    assert (said.code, said.result["status"]) == (2, "rejected")
    assert set(said.result["error"]) >= {"code", "zh", "en"}


def test_plans_are_listed_checked_compared_and_verified(getu: Getu) -> None:
    plans = getu("plan", "list", "--json")
    assert plans.code == 0
    assert {plan["code"] for plan in plans.result["plans"]} >= {"V1", "V2"}
    checked = getu("plan", "check", "V2", "--json")
    assert (checked.code, bool(checked.result["findings"])) == (1, True)
    assert checked.result["frame_km2"] > 1000
    for finding in checked.result["findings"]:
        assert finding["geometry"]["type"] in ("Polygon", "MultiPolygon")
        assert checked.result["counts"][finding["kind"]] > 0
    assert set(checked.result["counts"]) == set(checked.result["kinds"])
    compared = getu("plan", "diff", "V1", "V2", "--json")
    assert (compared.code, bool(compared.result["changes"])) == (0, True)
    verified = getu("plan", "verify", "V1", "--json")
    assert (verified.code, verified.result["valid"]) == (0, True)
    unknown = getu("plan", "check", "V99", "--json")
    assert (unknown.code, unknown.result["status"]) == (2, "rejected")


def test_an_assignment_sums(getu: Getu) -> None:
    said = getu("assign", "--json")
    counts = said.result
    assert said.code == 0
    assert counts["total"] == sum(counts[k] for k in ("assigned", "contested", "outside", "unlocated"))
    assert getu("assign", "--plan", "V99").code == 2
    first = getu("assign", "--runs").out.splitlines()[0]
    assert (first.split()[0], "当前 current" in first) == (str(counts["run"]), True)


def test_users_are_added_and_refused(getu: Getu) -> None:
    made = getu("user", "add", "cli-head", "--role", "head", "--json")
    assert made.code == 0
    assert made.result["password"]
    assert getu("user", "add", "cli-x", "--role", "manager").code == 2
    assert getu("user", "add", "cli-x", "--role", "emperor").code == 2
    listed = getu("user", "list", "--json").result["users"]
    assert [user["role"] for user in listed if user["login"] == "cli-head"] == ["head"]
    assert "cli-x" not in {user["login"] for user in listed}


def test_maps_and_papers_are_written_whole(getu: Getu, tmp_path: Path) -> None:
    heads = {"map.html": b"<!", "sheet.pdf": b"%PDF", "grids.xlsx": b"PK", "letters.pdf": b"%PDF"}
    commands = ("map", "wallmap", "directory", "letters")
    branch = "--branch", first_branch()
    for command, (name, head) in zip(commands, heads.items(), strict=True):
        out = tmp_path / name
        said = getu(command, "--out", str(out), *branch, "--json")
        assert said.code == 0, (command, said.err)
        assert said.result
        assert out.read_bytes().lstrip()[:4].startswith(head), command
    refused = getu("wallmap", "--out", str(tmp_path / "sheet.docx"), *branch)
    assert refused.code == 2
    assert getu("map", "--out", str(tmp_path / "x.html"), "--branch", "no-such").code == 2


def first_branch() -> str:
    """The branch of the first duty of the demo bank."""
    with (DATA / "organisation" / "duties.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(csv.DictReader(file))["机构号"]


def test_a_customer_file_with_rubbish_comes_in_with_exit_one(getu: Getu, tmp_path: Path) -> None:
    path = tmp_path / "crm.csv"
    path.write_text("客户号,客户名称\nCLI1,某\nCLI2,\n", encoding="utf-8")
    said = getu("import", "customers", str(path), "--source", "roster", "--json")
    assert (said.code, said.result["kept"], said.result["left_out"]) == (1, 1, 1)
    assert said.result["rejected"][0]["row"] == 3
    unknown = getu("import", "customers", str(path), "--source", "excel", "--json")
    assert (unknown.code, unknown.result["status"]) == (2, "needs_answer")
    assert "core" in unknown.result["questions"][0]["options"]
    assert "core" in unknown.err
