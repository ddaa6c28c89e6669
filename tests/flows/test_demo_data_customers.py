"""The demo bank's customer files: the counts they claim, points that are true, numbers that are nobody's."""

import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from app.customers.intake import map_columns
from app.spatial import crs
from demo.addresses import AddressBook
from demo.boundaries import BOUNDARIES
from demo.cellmaker import HEADINGS
from demo.customers import write_customers
from demo.papers import card_is_valid, credit_code_is_valid
from demo.settlement import read_settled
from demo.shapefile import read_zip

EXISTING, PROSPECTS = 6_000, 800
Lines = list[dict[str, str]]


@dataclass(frozen=True)
class Written:
    """The files of one small run: good lines by file, the raw rows, and the truth."""

    folder: Path
    facts: dict[str, Any]
    core: list[list[str]]
    crm: list[list[str]]
    truth: Lines

    def line(self, fact: dict[str, str]) -> dict[str, str]:
        """The line of a file that a fact speaks about (rows count from 1, headings included)."""
        rows = self.core if fact["file"] == "core.csv" else self.crm
        return dict(zip(HEADINGS, rows[int(fact["row"]) - 1], strict=True))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("customers")
    facts = write_customers(folder, existing=EXISTING, prospects=PROSPECTS)
    core = list(csv.reader((folder / "core.csv").read_text("gb18030").splitlines()))
    crm = list(csv.reader((folder / "crm.csv").read_text("utf-8-sig").splitlines()))
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        return Written(folder, facts, core, crm, list(csv.DictReader(file)))


def test_the_files_have_as_many_good_rows_as_asked_and_the_bad_ones_on_top(written: Written) -> None:
    for name, rows, asked in (("core.csv", written.core, EXISTING), ("crm.csv", written.crm, PROSPECTS)):
        tally = written.facts["files"][name]
        assert tally["good_rows"] == asked
        assert len(rows) == tally["file_rows"] == 1 + asked + sum(tally["refused"].values())
        assert sum(fact["file"] == name for fact in written.truth) == asked


def test_the_refused_rows_are_wrong_in_the_way_they_are_counted(written: Written) -> None:
    for name, rows in (("core.csv", written.core), ("crm.csv", written.crm)):
        body = rows[1:]
        keys = Counter(row[0] for row in body)
        found = {
            "columns": sum(len(row) != len(HEADINGS) for row in body),
            "no_name": sum(row[1] == "" for row in body),
            "repeated": sum(count - 1 for count in keys.values()),
        }
        assert found == written.facts["files"][name]["refused"]
        assert min(found.values()) > 0


def test_the_truth_names_the_row_it_stands_for(written: Written) -> None:
    assert all(written.line(fact)["客户号"] == fact["客户号"] for fact in written.truth)


def test_the_intake_knows_every_heading() -> None:
    assert sorted(map_columns(list(HEADINGS), {}).values()) == list(range(len(HEADINGS)))


def test_596_of_a_thousand_existing_customers_carry_coordinates(written: Written) -> None:
    located = [fact for fact in written.truth if fact["file"] == "core.csv" and fact["place"] != "address"]
    numbers = [fact for fact in located if fact["place"] != "not_a_number"]
    assert len(numbers) == round(EXISTING * 0.596) == written.facts["files"]["core.csv"]["located"]
    assert {"null_island", "sea", "swapped", "not_a_number"} < {fact["place"] for fact in located}


def points_of(written: Written, facts: Lines) -> tuple[Any, Any]:
    lines = [written.line(fact) for fact in facts]
    lon = np.array([float(line["经度"]) for line in lines])
    lat = np.array([float(line["纬度"]) for line in lines])
    phones = np.array([line["坐标系"] == "GCJ02" for line in lines])
    assert phones.any()
    lon[phones], lat[phones] = crs.points_to_storage(lon[phones], lat[phones], "gcj02")
    return lon, lat


def test_every_point_lies_in_the_grid_the_truth_names(written: Written) -> None:
    facts = [fact for fact in written.truth if fact["place"] == "point"]
    lon, lat = points_of(written, facts)
    villages = read_zip(BOUNDARIES / "haimen_villages.zip").to_crs(4326).set_index("行政村代码").geometry
    markets = read_zip(BOUNDARIES / "haimen_markets.zip").to_crs(4326).set_index("代码").geometry
    # Cells have six decimals (10 cm): a point that near to a border may fall on its other side.
    close = 2e-6
    for fact, x, y in zip(facts, lon, lat, strict=True):
        point = shapely.Point(x, y)
        assert villages[fact["unit_code"]].distance(point) < close, fact
        if fact["grid_code"] != fact["unit_code"]:
            assert markets[fact["grid_code"]].distance(point) < close, fact
    assert any(fact["grid_code"].startswith("320614SC") for fact in facts)


def test_most_located_rows_name_the_village_they_stand_in(written: Written) -> None:
    facts = [fact for fact in written.truth if fact["place"] == "point"]
    same = sum(fact["address_code"] == fact["unit_code"] for fact in facts)
    assert 0.93 < same / len(facts) < 0.97


def test_no_identity_number_passes_its_own_check(written: Written) -> None:
    lines = [written.line(fact) for fact in written.truth]
    cards = [line["证件号码"] for line in lines if line["客户类型"] == "个人" and line["证件号码"]]
    codes = [line["证件号码"] for line in lines if line["客户类型"] != "个人" and line["证件号码"]]
    assert len(cards) > 5_000
    assert len(codes) > 200
    assert {len(number) for number in (*cards, *codes)} == {18}
    assert not any(card_is_valid(card) for card in cards)
    assert not any(credit_code_is_valid(code) for code in codes)


def test_the_checks_of_identity_numbers_accept_published_examples() -> None:
    # The examples of GB 11643 and GB 32100 themselves: the judge above must be able to say yes.
    assert card_is_valid("11010519491231002X")
    assert credit_code_is_valid("91350100M000100Y43")


def test_telephones_have_eleven_digits_in_a_range_nobody_has(written: Written) -> None:
    phones = [written.line(fact)["手机号码"] for fact in written.truth]
    assert all(len(phone) == 11 and phone.isdigit() and phone.startswith("169") for phone in phones)


def test_eight_strategic_and_fourteen_key_clients_stand_out(written: Written) -> None:
    leads = Counter((written.line(f)["客户等级"], written.line(f)["牵头层级"]) for f in written.truth)
    assert leads["战略", "总行"] == 8
    assert leads["重点", "支行"] == 14
    names = {row[1] for row in written.core}
    assert {"叠星家纺集团", "常乐粮油合作社", "颐生酿造坊"} < names


def test_families_live_in_one_village(written: Written) -> None:
    homes: dict[str, set[str]] = {}
    for fact in written.truth:
        family = written.line(fact)["家庭号"]
        if fact["file"] == "core.csv" and family:
            homes.setdefault(family, set()).add(fact["unit_code"])
    assert len(homes) > 1_000
    assert all(len(units) == 1 for units in homes.values())


def test_a_noisy_address_differs_from_the_clean_one_in_what_its_noise_says() -> None:
    settled = read_settled()
    book = AddressBook(settled)
    row = book.names.index("颐生村")
    luck = 123_456_789_012

    def write(noise: str) -> tuple[str, str, str]:
        return book.write(row, noise=noise, luck=luck)

    assert "常乐镇颐生村" in write("canonical")[0]
    assert "常乐镇" not in write("omit_town")[0]
    assert "颐生村" in write("omit_town")[0]
    assert "颐生村" not in write("typo_village")[0]
    assert write("old_county")[0].startswith(("江苏省海门", "海门", "南通市海门"))
    assert write("town_only")[1:] == ("town", "320614103")
    assert write("elsewhere")[1:] == ("none", "")
    assert any("０" <= sign <= "９" for sign in write("full_width")[0])


def families_of(written: Written, name: str) -> dict[str, list[tuple[dict[str, str], dict[str, str]]]]:
    """The lines and facts of a file by household number."""
    found: dict[str, list[tuple[dict[str, str], dict[str, str]]]] = {}
    for fact in written.truth:
        line = written.line(fact)
        if fact["file"] == name and line["家庭号"]:
            found.setdefault(line["家庭号"], []).append((line, fact))
    return found


def test_a_family_lives_behind_one_door_and_has_one_head(written: Written) -> None:
    families = [rows for rows in families_of(written, "core.csv").values() if len(rows) > 1]
    assert len(families) > 1_000
    for rows in families:
        units = {fact["unit_code"] for _, fact in rows}
        assert len(units) == 1
        relations = [line["与户主关系"] for line, _ in rows]
        assert relations.count("户主") <= 1
        plain = {
            line["联系地址"][-4:]
            for line, fact in rows
            if fact["noise"] in ("canonical", "omit_head", "omit_town", "old_county")
            and fact["address_code"] == fact["unit_code"]
            and not fact["grid_code"].startswith("320614SC")
        }
        assert len(plain) <= 1, plain


def test_some_prospects_belong_to_households_that_the_bank_knows(written: Written) -> None:
    known, prospects = families_of(written, "core.csv"), families_of(written, "crm.csv")
    kin = [number for number in prospects if number in known]
    persons = sum(map(len, prospects.values()))
    assert 0.25 < sum(len(prospects[number]) for number in kin) / persons < 0.35
    for number in kin:
        assert known[number][0][1]["unit_code"] == prospects[number][0][1]["unit_code"]
        assert "户主" not in {line["与户主关系"] for line, _ in prospects[number]}


def test_a_point_whose_datum_is_not_said_fits_its_village_only_as_a_web_map_draws_it(
    written: Written,
) -> None:
    facts = [fact for fact in written.truth if fact["place"] == "undeclared"]
    lines = [written.line(fact) for fact in facts]
    assert len(facts) >= 10
    assert {line["坐标系"] for line in lines} == {""}
    lon = np.array([float(line["经度"]) for line in lines])
    lat = np.array([float(line["纬度"]) for line in lines])
    x, y = crs.points_to_storage(lon, lat, "gcj02")
    assert (crs.distance_m(lon, lat, x, y) > 300).all()
    villages = read_zip(BOUNDARIES / "haimen_villages.zip").to_crs(4326).set_index("行政村代码").geometry
    for fact, point in zip(facts, shapely.points(x, y), strict=True):
        assert villages[fact["unit_code"]].distance(point) < 2e-6


def test_the_same_seed_writes_the_same_bytes(written: Written, tmp_path: Path) -> None:
    write_customers(tmp_path, existing=EXISTING, prospects=PROSPECTS)
    for name in ("core.csv", "crm.csv", "truth.csv", "truth.json"):
        assert (tmp_path / name).read_bytes() == (written.folder / name).read_bytes(), name
    write_customers(tmp_path, existing=EXISTING, prospects=PROSPECTS, seed=5)
    assert (tmp_path / "core.csv").read_bytes() != (written.folder / "core.csv").read_bytes()
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["seed"] == 5
