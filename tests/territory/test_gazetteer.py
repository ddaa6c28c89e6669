"""The gazetteer comes in from a CSV file and is replaced as a whole by its source's next file."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.errors import RefusedFile
from app.territory.gazetteer import import_places, list_places

HEADINGS = (
    "code,name,level,kind,parent_code,full_path,official_name,aliases,former_names,lon,lat,coord_source"
)
ROWS = (
    "320614108201,叠石村,village,admin_village,320614108,江苏省南通市海门区三星镇叠石村,叠石村村委会,叠石|老叠石,"
    "叠石大队,121.1,31.9,synthetic",
    "320614108202,𫭢湾社区,village,community,320614108,,,,,,,",
)


def write(folder: Path, *rows: str, encoding: str = "utf-8") -> Path:
    """A gazetteer file of some rows."""
    path = folder / "gazetteer.csv"
    path.write_bytes("\r\n".join((HEADINGS, *rows)).encode(encoding))
    return path


def test_names_come_in_with_their_points_and_other_names(work: Session, tmp_path: Path) -> None:
    report = import_places(work, write(tmp_path, *ROWS))
    first, second = list_places(work)
    assert report.imported == 2
    assert (first.lon, first.lat, first.aliases, first.former_names) == (
        121.1,
        31.9,
        ("叠石", "老叠石"),
        ("叠石大队",),
    )
    assert (second.name, second.lon, second.aliases) == ("𫭢湾社区", None, ())


def test_a_file_replaces_what_its_source_sent_before_and_nothing_else(work: Session, tmp_path: Path) -> None:
    import_places(work, write(tmp_path, *ROWS), code_source="NBS")
    import_places(work, write(tmp_path, ROWS[0]), code_source="ministry")
    import_places(work, write(tmp_path, ROWS[0]), code_source="NBS")
    assert [place.name for place in list_places(work)] == ["叠石村", "叠石村"]


def test_levels_may_be_written_in_chinese(work: Session, tmp_path: Path) -> None:
    path = tmp_path / "gazetteer.csv"
    rows = (
        "320614,海门区,县",
        "320614108,三星镇,乡镇",
        "320614108201,叠石村,行政村",
        "Z1,张家埭,自然村",
        "G3,三组,组",
    )
    path.write_bytes("\r\n".join(("地名代码,地名,级别", *rows)).encode("gbk"))
    assert import_places(work, path).rejected == []
    assert {place.level for place in list_places(work)} == {
        "county",
        "town",
        "village",
        "natural_village",
        "group",
    }


def test_a_file_of_headings_alone_is_refused_and_replaces_nothing(work: Session, tmp_path: Path) -> None:
    import_places(work, write(tmp_path, *ROWS))
    with pytest.raises(RefusedFile) as refused:
        import_places(work, write(tmp_path))
    assert refused.value.code == "empty_table"
    assert len(list_places(work)) == 2


def test_bad_rows_are_listed_and_the_good_ones_stored(work: Session, tmp_path: Path) -> None:
    path = write(
        tmp_path, ROWS[0], "1,,village,,,,,,,,,", "2,乙村,hamlet,,,,,,,,,", "3,丙村,village,,,,,,,999,0,"
    )
    report = import_places(work, path)
    assert report.imported == 1
    assert [(bad.row, bad.reason) for bad in report.rejected] == [
        (3, "no_place"),
        (4, "bad_level"),
        (5, "bad_point"),
    ]


def test_a_gb18030_file_is_read_without_being_told(work: Session, tmp_path: Path) -> None:
    assert import_places(work, write(tmp_path, ROWS[0], encoding="gb18030")).encoding == "gb18030"
    assert list_places(work)[0].name == "叠石村"


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_a_file_that_is_no_gazetteer_is_refused_and_replaces_nothing(
    work: Session, tmp_path: Path, content: bytes
) -> None:
    import_places(work, write(tmp_path, *ROWS))
    path = tmp_path / "wrong.csv"
    path.write_bytes(content)
    with pytest.raises(RefusedFile):
        import_places(work, path)
    assert len(list_places(work)) == 2
