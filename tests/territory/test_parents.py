"""Every unit knows the ground it belongs to, and how that is known: column, name, code or containment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.clock import today
from app.models import Place, Unit
from app.spatial import formats
from app.territory.boundaries import ImportOptions, ImportReport, import_boundaries
from tests.ground import Ground, lay

VILLAGES = lay("AABB\nAABB", cell=0.01)
TOWNS = lay("TTUU\nTTUU", cell=0.01)


def load(work: Session, folder: Path, columns: Mapping[str, list[Any]], **how: Any) -> ImportReport:
    """Import a drawn file of these columns; `name` and `ground` may be given, the rest are options."""
    ground: Ground = how.pop("ground", VILLAGES)
    path = formats.write(folder / how.pop("name", "v.geojson"), dict(columns), ground.polygons)
    report = import_boundaries(work, path, options=ImportOptions(**{"code_source": "NBS", **how}))
    assert report.status == "imported", report.as_json()
    return report


def load_towns(work: Session, folder: Path, **how: Any) -> ImportReport:
    """Two drawn towns side by side."""
    columns = {"乡镇代码": ["320614103", "320614104"], "乡镇名称": ["常乐镇", "悦来镇"]}
    return load(work, folder, columns, ground=TOWNS, kind="town", name="t.geojson", **how)


def parents(
    work: Session, kind: str = "village"
) -> list[tuple[str | None, str | None, str | None, str | None]]:
    """(parent_code, parent_how, town_code, town_name) of the standing units of a kind, by code."""
    units = work.query(Unit).filter(Unit.kind == kind, Unit.valid.contains(today())).order_by(Unit.code)
    return [(u.parent_code, u.parent_how, u.town_code, u.town_name) for u in units.populate_existing()]


def test_a_town_code_in_a_column_comes_before_all(work: Session, tmp_path: Path) -> None:
    columns = {
        "代码": ["320614400208", "320614400209"],
        "名称": ["颐生村", "双官村"],
        "乡镇代码": ["320614103000", "320614103"],
        "乡镇名称": ["常乐镇", "常乐镇"],
    }
    load(work, tmp_path, columns)
    assert parents(work) == [("320614103", "column", "320614103", "常乐镇")] * 2


def test_a_town_s_name_in_a_column_is_found_among_known_towns(work: Session, tmp_path: Path) -> None:
    for code, name in (("320614103", "常乐镇"), ("320684103", "常乐镇"), ("320614104", "悦来镇")):
        work.add(Place(code=code, code_source="NBS", level="town", kind="admin", name=name))
    work.flush()
    columns = {
        "代码": ["320614400208", "7"],
        "名称": ["颐生村", "双官村"],
        "乡镇": ["常乐镇", "悦来镇人民政府"],
    }
    load(work, tmp_path, columns)
    assert parents(work) == [
        ("320614103", "name", "320614103", "常乐镇"),
        ("320614104", "name", "320614104", "悦来镇"),
    ]


def test_a_code_s_first_nine_digits_are_the_town_and_a_known_town_gives_its_name(
    work: Session, tmp_path: Path
) -> None:
    load_towns(work, tmp_path)
    report = load(work, tmp_path, {"代码": ["320614103208", "320614104208"], "名称": ["颐生村", "双官村"]})
    assert parents(work) == [
        ("320614103", "code", "320614103", "常乐镇"),
        ("320614104", "code", "320614104", "悦来镇"),
    ]
    assert "parent_differs" not in [warning.code for warning in report.warnings]


def test_a_code_that_no_known_town_has_still_tells_the_parent(work: Session, tmp_path: Path) -> None:
    load(work, tmp_path, {"代码": ["320614103208", "A-1"], "名称": ["颐生村", "双官村"]})
    assert parents(work) == [("320614103", "code", None, None), (None, None, None, None)]


def test_a_unit_without_code_or_column_lies_in_the_town_that_holds_it(work: Session, tmp_path: Path) -> None:
    load_towns(work, tmp_path)
    load(work, tmp_path, {"代码": ["A", "B"], "名称": ["颐生村", "双官村"]})
    assert parents(work) == [
        ("320614103", "containment", "320614103", "常乐镇"),
        ("320614104", "containment", "320614104", "悦来镇"),
    ]


def test_towns_of_the_same_file_hold_its_villages(work: Session, tmp_path: Path) -> None:
    columns = {
        "代码": ["A", "B", "320614103"],
        "名称": ["颐生村", "双官村", "常乐镇"],
        "类型": ["村", "村", "乡镇"],
    }
    shapes = np.concatenate([lay("AB", cell=0.01).polygons, lay("TT", cell=0.01).polygons])
    path = formats.write(tmp_path / "both.geojson", columns, shapes)
    import_boundaries(work, path, options=ImportOptions(kind="any"))
    assert {how for _, how, _, _ in parents(work)} == {"containment"}
    assert parents(work, "town") == [("320614", "code", None, None)]


def test_a_column_that_the_drawn_towns_contradict_is_told_with_its_rows(
    work: Session, tmp_path: Path
) -> None:
    load_towns(work, tmp_path)
    columns = {
        "代码": ["320614103208", "320614104208"],
        "名称": ["颐生村", "双官村"],
        "乡镇代码": ["320614103", "320614103"],
    }
    report = load(work, tmp_path, columns)
    (differs,) = [w for w in report.warnings if w.code == "parent_differs"]
    assert differs.rows == (2,)
    assert "双官村（常乐镇 / 悦来镇）" in differs.message
    assert parents(work)[1] == ("320614103", "column", "320614103", "常乐镇")


def test_codes_of_another_source_contradict_nothing(work: Session, tmp_path: Path) -> None:
    load_towns(work, tmp_path, code_source="MCA")
    report = load(work, tmp_path, {"代码": ["320614400208", "320614401208"], "名称": ["颐生村", "双官村"]})
    assert "parent_differs" not in [warning.code for warning in report.warnings]
    assert [(code, how) for code, how, _, _ in parents(work)] == [
        ("320614103", "containment"),
        ("320614104", "containment"),
    ]


def test_a_town_belongs_to_its_county_by_column_code_or_ground(work: Session, tmp_path: Path) -> None:
    county = {"代码": ["320614000000"], "名称": ["海门区"]}
    load(work, tmp_path, county, ground=lay("CCCC\nCCCC", cell=0.01), kind="county", name="c.geojson")
    columns = {"代码": ["320614103000", "T2"], "名称": ["常乐镇", "悦来镇"]}
    load(work, tmp_path, columns, ground=TOWNS, kind="town", name="t.geojson")
    assert [(code, how) for code, how, _, _ in parents(work, "town")] == [
        ("320614", "code"),
        ("320614", "containment"),
    ]
    told = {**columns, "区县代码": ["320612", "320612"]}
    load(work, tmp_path, told, ground=TOWNS, kind="town", name="u.geojson")
    assert [(code, how) for code, how, _, _ in parents(work, "town")] == [("320612", "column")] * 2


def test_markets_lie_in_a_town_too(work: Session, tmp_path: Path) -> None:
    load_towns(work, tmp_path)
    load(work, tmp_path, {"代码": ["SC01", "SC02"], "名称": ["家纺市场", "商贸园区"]}, kind="market")
    assert [how for _, how, _, _ in parents(work, "market") + parents(work, "park")] == ["containment"] * 2
