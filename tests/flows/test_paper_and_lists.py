"""What leaves the service: lists of customers and their audit, letters to sign, the directory."""

import csv
import io
from itertools import groupby
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import text

from app.db.connection import WORKER
from app.errors import BadInput
from app.maps import directory, letters
from tests.conftest import DemoBank

LATEST = text(
    "SELECT action, subject, cardinality(customer_ids), user_id FROM audit ORDER BY id DESC LIMIT :n"
)
BUSIEST = text("SELECT grid_id FROM grid_count ORDER BY existing DESC, grid_id LIMIT 1")


@pytest.fixture
def busiest(demo_bank: DemoBank) -> int:
    """The grid with the most customers."""
    with demo_bank.database.transaction(WORKER) as session:
        return int(session.scalar(BUSIEST) or 0)


def test_a_grids_customers_can_be_filtered_and_each_look_is_audited(
    demo_bank: DemoBank, busiest: int
) -> None:
    browser = demo_bank.client("head")
    address = f"/api/v1/grids/{busiest}/customers"
    whole = browser.get(address, params={"limit": 5}).json()
    parts = {
        standing: browser.get(address, params={"standing": standing, "limit": 5}).json()
        for standing in ("existing", "prospect")
    }
    assert parts["existing"]["total"] > 5
    assert sum(part["total"] for part in parts.values()) == whole["total"]
    assert {one["standing"] for one in parts["existing"]["customers"]} == {"existing"}
    with demo_bank.database.transaction(WORKER) as session:
        rows = session.execute(LATEST, {"n": 3}).all()
    assert [row.action for row in rows] == ["list_customers"] * 3
    assert {row.subject for row in rows} == {f"grid {busiest}"}
    assert [row[2] for row in rows] == [
        len(parts["prospect"]["customers"]),
        len(parts["existing"]["customers"]),
        5,
    ]


def test_an_export_holds_every_customer_of_the_grid_masked_and_names_them_in_the_audit(
    demo_bank: DemoBank, busiest: int
) -> None:
    browser = demo_bank.client("branch_head")
    with demo_bank.database.transaction(demo_bank.viewer("branch_head")) as session:
        own = int(session.scalar(BUSIEST) or 0)
    total = browser.get(f"/api/v1/grids/{own}/customers").json()["total"]
    answer = browser.get(f"/api/v1/grids/{own}/customers.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == total > 0
    assert all("*" in row["证件"] for row in rows if row["证件"])
    with demo_bank.database.transaction(WORKER) as session:
        latest = session.execute(LATEST, {"n": 1}).one()
    assert latest.action.startswith("export")
    assert latest[2] == total
    assert latest.user_id is not None
    assert demo_bank.client("manager").get(f"/api/v1/grids/{busiest}/customers.csv").status_code == 403


def test_every_manager_gets_a_letter_he_can_sign(demo_bank: DemoBank, tmp_path: Path) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        rows = directory.list_directory(session)
        count = letters.print_letters(session, tmp_path / "letters.pdf", bank="某某银行")
    managers = {row["manager_code"]: row for row in rows if row["manager_code"]}
    pages = [page.extract_text() for page in PdfReader(tmp_path / "letters.pdf").pages]
    assert count == len(managers) > 90
    assert len(pages) >= count
    whole = "\n".join(pages)
    assert [code for code in managers if code not in whole] == []
    assert [row["code"] for row in rows if row["code"] not in whole] == []
    assert whole.count("责任人签字") == whole.count("支行负责人签字") == count
    assert whole.count("某某银行") >= count


def test_the_head_of_every_branch_gets_a_letter_too(demo_bank: DemoBank, tmp_path: Path) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        rows = directory.list_directory(session)
        count = letters.print_letters(session, tmp_path / "heads.pdf", bank="某某银行", level="branch")
        heads = session.execute(
            text("SELECT code, name FROM staff WHERE kind = 'branch_head' AND active")
        ).all()
        with pytest.raises(BadInput, match="bad_level"):
            letters.print_letters(session, tmp_path / "none.pdf", bank="某某银行", level="king")
    branches = {row["branch_name"] for row in rows if row["branch_code"]}
    whole = "\n".join(page.extract_text() for page in PdfReader(tmp_path / "heads.pdf").pages)
    assert count == len(branches) > 5
    assert whole.count("总行分管领导签字") == count
    assert [code for code, _ in heads if code in whole]
    assert [row["code"] for row in rows if row["code"] not in whole] == []
    assert not (tmp_path / "none.pdf").exists()


def test_the_directory_is_a_workbook_of_all_grids_in_administrative_order(
    demo_bank: DemoBank, tmp_path: Path
) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        rows = directory.list_directory(session)
        count = directory.write_directory(session, tmp_path / "directory.xlsx", bank="某某银行")
    sheet = load_workbook(tmp_path / "directory.xlsx").worksheets[0]
    heads = [cell.value for cell in sheet[3]]
    cells = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=4)]
    codes = [line[heads.index("网格编号")] for line in cells if str(line[0]).isdigit()]
    assert count == len(codes) == 310
    assert codes == [row["code"] for row in rows]
    runs = [town for town, _ in groupby(row["town_name"] for row in rows)]
    assert len(runs) == len(set(runs)) == 12


def test_place_grid_lead_level_and_booking_branch_are_three_answers(demo_bank: DemoBank) -> None:
    """A customer booked at one branch lives in another's grid, and neither says who leads."""
    query = text("""SELECT count(*) FILTER (WHERE c.booking_branch_code <> b.code) AS elsewhere,
            count(*) FILTER (WHERE c.booking_branch_code = b.code) AS here,
            count(*) FILTER (WHERE c.lead_level = 'head_office' AND b.kind <> 'head_office') AS led_from_above
        FROM customer c JOIN assignment a ON a.customer_id = c.id JOIN grid g ON g.id = a.grid_id
        JOIN branch b ON b.id = g.branch_id""")
    with demo_bank.database.transaction(WORKER) as session:
        found = session.execute(query).one()
    assert found.elsewhere > 0
    assert found.here > found.elsewhere
    assert found.led_from_above >= 8
