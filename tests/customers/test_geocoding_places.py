"""Gazetteer files, official names and normalised addresses."""

from pathlib import Path

import pytest

from app.customers import geocoding
from app.customers.geocoding import Matcher
from app.errors import RefusedFile
from app.territory.names import clean_official

HEADING = "code,name,level,kind,parent_code,official_name,aliases,former_names,lon,lat,coord_source\n"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "places.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_committed_gazetteer_is_read_whole() -> None:
    sample = Path(__file__).parents[1] / "samples" / "addresses" / "gazetteer.csv"
    read = geocoding.read_places(sample)
    assert (len(read.places), read.rejects, read.encoding) == (1769, (), "utf-8")
    county = next(place for place in read.places if place.code == "320612")
    assert county.former_names == ("通州市", "南通县")
    assert (county.lon, county.lat) == (121.05, 32.06)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_utf8_and_gbk_files_read_the_same(tmp_path: Path, encoding: str) -> None:
    path = written(
        tmp_path, HEADING + "320614101,悦来镇,town,admin,320614,,悦来|老悦来,,121.3,31.9,x\n", encoding
    )
    read = geocoding.read_places(path)
    assert [(place.name, place.aliases) for place in read.places] == [("悦来镇", ("悦来", "老悦来"))]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",悦来镇,town,,,,,,,,", "no_code"),
        ("1,,town,,,,,,,,", "no_name"),
        ("1,悦来镇,continent,,,,,,,,", "bad_level"),
        ("1,悦来镇,town,,1,,,,,,", "own_parent"),
        ("1,悦来镇,town,,,,,,east,31,", "bad_point"),
        ("1,悦来镇,town,,,,,,121,,", "bad_point"),
        ("1,悦来镇,town,,,,,,121,910,", "bad_point"),
        ("1,悦来镇,town,,,,,,nan,31,", "bad_point"),
        ("1," + "镇" * 61 + ",town,,,,,,,,", "bad_name"),
        ("1", "no_name"),
    ],
)
def test_a_bad_row_is_left_out_with_its_number_and_reason(tmp_path: Path, row: str, reason: str) -> None:
    good = "9,常乐镇,town,admin,,,,,121,32,x\n"
    read = geocoding.read_places(written(tmp_path, HEADING + good + row + "\n"))
    assert [place.code for place in read.places] == ["9"]
    assert [(reject.row, reject.reason) for reject in read.rejects] == [(3, reason)]
    assert read.rejects[0].zh
    assert read.rejects[0].en


def test_the_second_of_two_rows_with_one_code_is_left_out(tmp_path: Path) -> None:
    read = geocoding.read_places(written(tmp_path, HEADING + "1,甲镇,town\n1,乙镇,town\n"))
    assert [place.name for place in read.places] == ["甲镇"]
    assert read.rejects[0].reason == "duplicate_code"


def test_a_file_without_the_needed_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedFile) as refused:
        geocoding.read_places(written(tmp_path, "代码,名称\n1,甲镇\n"))
    assert refused.value.code == "gazetteer_headings"
    assert "level" in refused.value.en


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_bytes(bytes([0xFF, 0xD8, 0xFF, 0xE0, 0x81]))
    with pytest.raises(RefusedFile):
        geocoding.read_places(path)


def test_a_market_named_as_a_level_lies_below_the_village(tmp_path: Path) -> None:
    read = geocoding.read_places(written(tmp_path, HEADING + "M1,家纺城,market,,320614101201\n"))
    assert [(place.level, place.kind) for place in read.places] == [("group", "market")]


@pytest.mark.parametrize(
    ("official", "name", "kind"),
    [
        ("颐生村村委会", "颐生村", "admin_village"),
        ("鹤群村委会", "鹤群村", "admin_village"),
        ("石门村民委员会", "石门村", "admin_village"),
        ("民建居委会", "民建社区", "community"),
        ("银杏社区居委会", "银杏社区", "community"),
        ("团结社区居民委员会", "团结社区", "community"),
        ("海门市农科所虚拟生活区", "海门市农科所", "virtual"),
        ("巴彦嘎查村民委员会", "巴彦嘎查", "admin_village"),
        ("习正村", "习正村", "admin_village"),
        ("居委会", "居委会", ""),
    ],
)
def test_official_names_become_everyday_ones(official: str, name: str, kind: str) -> None:
    assert clean_official(official) == (name, kind)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("江蘇省 南通市-啓東市／匯龍鎮", "江苏省南通市启东市汇龙镇"),
        ("启东市汇龙镇圩南村３１组４４－３号", "启东市汇龙镇圩南村31组44-3号"),
        ("汇龙镇圩南村3组 13812345678", "汇龙镇圩南村3组"),
        ("226200 汇龙镇圩南村", "汇龙镇圩南村"),
        ("家庭地址：汇龙镇圩南村，户主张三", "汇龙镇圩南村"),
        ("320681199001011234汇龙镇圩南村", "汇龙镇圩南村"),
        ("南通鑫源纺织有限公司 启东市汇龙镇圩南村", "启东市汇龙镇圩南村"),
        ("启东市汇龙镇鑫源纺织有限公司", "启东市汇龙镇鑫源纺织有限公司"),
        ("五接镇老木厂村5号", "五接镇老木厂村5号"),
        ("汇龙镇圩南村（老供销社旁边）", "汇龙镇圩南村"),
        ("东海镇德字村委会（新）村", "东海镇德字村委会新村"),
        ("启东市(汇龙镇)圩南村", "启东市汇龙镇圩南村"),
        ("汇龙镇圩南村3组；海复镇三圩村", "汇龙镇圩南村3组"),
    ],
)
def test_what_is_typed_becomes_one_comparable_line_and_is_kept(typed: str, text: str) -> None:
    norm = geocoding.normalise(typed)
    assert (norm.text, norm.raw, norm.reason) == (text, typed, "")


@pytest.mark.parametrize("typed", ["无", "同上", "地址待补充", "同身份证地址", "号"])
def test_a_placeholder_is_told_from_an_address(typed: str) -> None:
    assert geocoding.normalise(typed).reason == "placeholder"


def test_a_town_known_by_the_name_in_its_brackets_is_found_by_both() -> None:
    town = geocoding.Place("320614103", "三星镇（叠石桥家纺产业园区）", "town", parent_code="320614")
    village = geocoding.Place("320614103201", "叠石村", "village", "admin_village", "320614103")
    matcher = Matcher([town, village])
    for typed in (
        "海门区三星镇叠石村",
        "海门区叠石桥家纺产业园区叠石村",
        "海门区三星镇(叠石桥家纺产业园区)叠石村",
    ):
        answer = matcher.match(typed)
        assert (answer.code, answer.warnings) == ("320614103201", ())


def test_the_national_list_holds_each_county_once() -> None:
    counties = geocoding.list_counties()
    assert len(counties) == len({county.code for county in counties}) == 2978
    haimen = next(county for county in counties if county.code == "320614")
    assert (haimen.name, haimen.city, haimen.province) == ("海门区", "南通市", "江苏省")
