"""The demo bank's organisation and gazetteer: whole, connected, and in step with the borders."""

import csv
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.customers.geocoding.places import read_places as read_gazetteer
from demo.boundaries import BOUNDARIES
from demo.gazetteer import PATH, build_gazetteer
from demo.people import HEAD_OFFICE, ORGANISATION, write_bank
from demo.shapefile import read_zip

Lines = list[dict[str, str]]


def read_lines(name: str) -> Lines:
    with (ORGANISATION / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def villages() -> gpd.GeoDataFrame:
    return read_zip(BOUNDARIES / "haimen_villages.zip").set_index("行政村代码")


@pytest.fixture(scope="module")
def markets() -> gpd.GeoDataFrame:
    return read_zip(BOUNDARIES / "haimen_markets.zip").set_index("代码")


def test_every_grid_has_one_duty_line_of_one_of_the_42_branches(
    villages: gpd.GeoDataFrame, markets: gpd.GeoDataFrame
) -> None:
    duties = read_lines("duties.csv")
    assert Counter(d["单元代码"] for d in duties) == Counter([*villages.index, *markets.index])
    assert len({d["网格编号"] for d in duties}) == len(duties)
    branches = {b["机构号"] for b in read_lines("branches.csv")} - {HEAD_OFFICE}
    assert len(branches) == 42
    assert {d["机构号"] for d in duties} == branches


def test_branches_are_of_three_types_and_named_apart() -> None:
    branches = read_lines("branches.csv")
    assert {b["支行类型"] for b in branches} == {"城市", "农村", "城郊"}
    assert len({b["机构名称"] for b in branches}) == 43
    assert {b["上级机构号"] for b in branches if b["机构号"] != HEAD_OFFICE} == {HEAD_OFFICE}


def test_a_branch_stands_on_its_own_ground(villages: gpd.GeoDataFrame) -> None:
    branch_of = {d["单元代码"]: d["机构号"] for d in read_lines("duties.csv")}
    ground = villages.to_crs(4326).geometry
    for line in read_lines("branches.csv"):
        spot = shapely.Point(float(line["经度"]), float(line["纬度"]))
        here = ground.index[ground.contains(spot)]
        assert len(here) == 1
        assert line["机构号"] in {branch_of[here[0]], HEAD_OFFICE}


def held_ground(villages: gpd.GeoDataFrame) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    for duty in read_lines("duties.csv"):
        if duty["单元代码"] in villages.index:
            held.setdefault(duty["主责工号"], []).append(duty["单元代码"])
    return held


def test_a_managers_villages_are_neighbours_two_to_four_of_them(villages: gpd.GeoDataFrame) -> None:
    held = held_ground(villages)
    assert 80 <= len(held) <= 110
    for manager, codes in held.items():
        ground = shapely.union_all(np.asarray(villages.geometry[codes].values, dtype=object))
        assert ground.geom_type == "Polygon", manager
        assert 2 <= len(codes) <= 4


def test_a_market_has_a_manager_who_holds_nothing_else(markets: gpd.GeoDataFrame) -> None:
    duties = read_lines("duties.csv")
    load = Counter(d["主责工号"] for d in duties)
    assert all(load[d["主责工号"]] == 1 for d in duties if d["单元代码"] in markets.index)


def test_everybody_named_in_a_duty_is_on_the_staff_in_the_right_post() -> None:
    post = {p["工号"]: p["岗位"] for p in read_lines("staff.csv")}
    for duty in read_lines("duties.csv"):
        assert post[duty["主责工号"]] == "客户经理"
        assert post[duty["联络员编号"]] == "村级联络员"
        assert duty["协办工号"] != duty["主责工号"]
        assert post.get(duty["终端管理员编号"], "终端管理员") == "终端管理员"
    counts = Counter(post.values())
    assert counts["支行行长"] == 42
    assert counts["村级联络员"] == 296


def test_staff_numbers_names_and_telephones_are_unique_and_plainly_invented() -> None:
    staff = read_lines("staff.csv")
    for heading in ("工号", "姓名", "联系电话"):
        assert len({p[heading] for p in staff}) == len(staff), heading
    assert all(p["联系电话"].startswith("1990000") and len(p["联系电话"]) == 11 for p in staff)


def test_the_organisation_is_drawn_the_same_again(tmp_path: Path) -> None:
    write_bank(tmp_path)
    for name in ("branches.csv", "staff.csv", "duties.csv"):
        assert (tmp_path / name).read_bytes() == (ORGANISATION / name).read_bytes()


def test_the_gazetteer_is_read_without_a_rejected_row() -> None:
    read = read_gazetteer(PATH)
    assert read.rejects == ()
    levels = Counter(place.level for place in read.places)
    assert levels["town"] == 12
    assert levels["village"] == 296
    assert levels["natural_village"] > 400
    county = next(place for place in read.places if place.level == "county")
    assert county.former_names == ("海门市", "海门县")


def test_every_anchor_lies_in_the_village_it_names(villages: gpd.GeoDataFrame) -> None:
    ground = villages.to_crs(4326).geometry
    lines = [line for line in build_gazetteer() if line["level"] in {"village", "natural_village", "group"}]
    for line in lines:
        home = line["code"] if line["level"] == "village" else line["parent_code"]
        assert ground[home].contains(shapely.Point(float(line["lon"]), float(line["lat"]))), line["full_path"]
