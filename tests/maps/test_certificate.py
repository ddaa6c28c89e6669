"""The certificate on paper: one page however long its lists, itself attached, and found out when touched."""

import json
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from sqlalchemy.orm import Session

from app.clock import today
from app.errors import Conflict, RefusedFile
from app.maps.certificate import draw_certificate, print_certificate
from app.maps.certificate_file import verify_file
from app.models import Plan
from app.territory import plans
from app.territory.plans.statement import seal_statement
from tests.ground import lay
from tests.territory.conftest import lay_plan, settle  # noqa: F401  # fixtures

OUTLINE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 71 50"><path d="M2 2H60V40Z"/></svg>'


@pytest.fixture
def plan(work: Session, lay_plan: Any) -> Plan:  # noqa: F811
    """A certified plan with a market cut out of its village."""
    made: Plan = lay_plan(lay("AAAA\nAAAA\nAAAA", "....\n.M..\n...."), kinds={"M": "market"})
    plans.check_plan(work, made)
    plans.certify(work, made, bank="江海农商银行")
    return made


def read(path: Path) -> str:
    return "".join(page.extract_text() for page in PdfReader(path).pages)


def test_the_page_says_what_the_statement_says(work: Session, plan: Plan, tmp_path: Path) -> None:
    path = print_certificate(work, plan, tmp_path / "证明.pdf")
    stated = plan.certificate or {}
    words = read(path).replace(" ", "").replace("\n", "")
    for part in (
        "网格全覆盖证明",
        stated["number"],
        "江海农商银行",
        "重叠0处，空白0处",
        "M村M⊂A",
        stated["hash"],
    ):
        assert part in words, part
    reader = PdfReader(path)
    assert len(reader.pages) == 1
    assert json.loads(reader.attachments["getu-certificate.json"][0]) == stated
    assert reader.metadata is not None
    assert stated["number"] in str(reader.metadata.title)


def test_the_same_statement_gives_the_same_bytes(work: Session, plan: Plan, tmp_path: Path) -> None:
    first, second = (print_certificate(work, plan, tmp_path / f"{n}.pdf").read_bytes() for n in "12")
    assert first == second
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_printed_certificate_verifies_itself(work: Session, plan: Plan, tmp_path: Path) -> None:
    path = print_certificate(work, plan, tmp_path / "c.pdf")
    found = verify_file(work, path)
    assert (found["valid"], found["sheet"], found["differences"]) == (True, True, [])


def test_a_page_that_was_touched_is_found_out_though_its_statement_is_true(
    work: Session, plan: Plan, tmp_path: Path
) -> None:
    path = print_certificate(work, plan, tmp_path / "c.pdf")
    writer = PdfWriter(clone_from=path)
    writer.pages[0].rotate(90)
    writer.write(tmp_path / "touched.pdf")
    found = verify_file(work, tmp_path / "touched.pdf")
    assert (found["issued"], found["sheet"], found["valid"]) == (True, False, False)


def test_a_page_with_another_statement_is_found_out(work: Session, plan: Plan, tmp_path: Path) -> None:
    bent = {**(plan.certificate or {}), "frame_km2": 99.0}
    bent["seal"] = seal_statement(bent)
    (tmp_path / "bent.pdf").write_bytes(draw_certificate(bent, OUTLINE))
    found = verify_file(work, tmp_path / "bent.pdf")
    assert not found["valid"]
    assert [one["field"] for one in found["differences"]] == ["frame_km2"]


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_statement_verifies_as_a_file_bare_or_as_the_service_gives_it(
    work: Session, plan: Plan, tmp_path: Path, wrapped: bool
) -> None:
    path = tmp_path / "c.json"
    stated = plan.certificate or {}
    path.write_text(json.dumps({"certificate": stated} if wrapped else stated), encoding="utf-8-sig")
    assert verify_file(work, path)["valid"]
    path.write_text(json.dumps({**stated, "gaps": 1}))
    assert [one["field"] for one in verify_file(work, path)["differences"]] == ["gaps"]
    path.write_text(json.dumps({**stated, "plan": "V9"}))
    assert verify_file(work, path)["differences"] == [{"field": "plan", "stated": "V9", "found": None}]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.json", b"{"),
        ("b.json", b"[1]"),
        ("c.pdf", b"%PDF-1.7\nstream\nx\nendstream"),
        ("d.json", b"\xff\xfe"),
    ],
)
def test_a_file_without_a_certificate_is_refused(
    work: Session, tmp_path: Path, name: str, body: bytes
) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(RefusedFile, match="no_statement"):
        verify_file(work, tmp_path / name)


def test_a_plan_without_certificate_is_not_printed(work: Session, plan: Plan, tmp_path: Path) -> None:
    plan.certificate = None
    with pytest.raises(Conflict, match="no_certificate"):
        print_certificate(work, plan, tmp_path / "c.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("times", [0, 3, 4000])
def test_however_long_its_lists_it_is_one_page(plan: Plan, tmp_path: Path, times: int) -> None:
    nested = {
        "outer": "HM-CL-001",
        "inner": "HM-CL-026",
        "inner_name": "常乐农贸市场网格",
        "area_m2": 137143.4,
    }
    grid = {"code": "HM-HJ-044", "name": "人民西路商圈网格", "parts": 3}
    stated = {
        **(plan.certificate or {}),
        "nested": [nested] * times,
        "multipart": [grid] * times,
        "vacant": [grid] * times,
        "synthetic": True,
        "market_rule": "overlay",
        "precedence": ["market", "district", "park", "street", "community", "village"],
        "overlaid_m2": 12345678.9,
        "grids": {
            "total": 6000,
            **dict.fromkeys(("village", "community", "street", "market", "district", "park"), 1000),
        },
        "issued_on": today().isoformat(),
    }
    (tmp_path / "c.pdf").write_bytes(draw_certificate(stated, OUTLINE.replace("50", "84")))
    reader = PdfReader(tmp_path / "c.pdf")
    assert len(reader.pages) == 1
    words = reader.pages[0].extract_text().replace("\n", "")
    assert "电子证明" in words.split("内部资料")[0] or times < 100, "what does not fit is said to be attached"
    assert f"套叠网格（{times}）" in words or not times
