"""The demo bank's organisation: 江海农商银行, a bank that does not exist, with invented people.

    python -m demo.people [--out DIR] [--seed N]

writes `branches.csv`, `staff.csv` and `duties.csv` with a bank's own headings: a head office and 42
branches, about 100 managers with two to four neighbouring grids each, a manager of its own for each market,
a liaison in every village, a terminal administrator in some. Points are EPSG:4326. The borders are read
from the committed zips, so run `demo.boundaries` first when they change.
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from demo.boundaries import BOUNDARIES, SEED
from demo.names import draw_people, staff_phone
from demo.places import ROOT, TOWNS
from demo.shapefile import read_zip
from demo.shares import Neighbours, find_neighbours, share

ORGANISATION = ROOT / "data" / "organisation"
BANK = "江海农商银行"
HEAD_OFFICE = "80000"
VALID_FROM = "2026-01-01"
GRIDS_A_MANAGER = 3.4
TERMINALS_SHARE = 0.55

# town -> letters of its grid codes, number of branches
TOWN_PLAN: dict[str, tuple[str, int]] = {
    "海门街道": ("HJ", 7),
    "滨江街道": ("BJ", 4),
    "三厂街道": ("SC", 3),
    "三星镇": ("SX", 4),
    "海永镇": ("HY", 1),
    "常乐镇": ("CL", 3),
    "悦来镇": ("YL", 5),
    "四甲镇": ("SJ", 3),
    "余东镇": ("YD", 2),
    "正余镇": ("ZY", 2),
    "包场镇": ("BC", 5),
    "临江镇": ("LJ", 3),
}
URBAN, SUBURBAN = {"海门街道", "滨江街道"}, {"三厂街道", "三星镇"}
DEPARTMENTS = (
    ("网格化营销办公室", "周海峰"),
    ("普惠金融部", "顾文彬"),
    ("公司金融部", "沈永明"),
    ("个人金融部", "施海燕"),
    ("信贷管理部", "陆汉忠"),
    ("风险合规部", "袁秋菊"),
    ("信息科技部", "龚振宇"),
    ("审计部", "蔡素珍"),
)
# People who stand in the pictures of the product, by village: manager and liaison.
KNOWN = {"颐生村": ("陆志明", "吴春兰")}

Line = dict[str, str]


@dataclass
class Grid:
    """One grid: a village or community (what its market leaves of it), or a market in a host village."""

    code: str
    name: str
    town: str
    kind: str
    host: str = ""
    number: str = ""
    branch: str = ""
    manager: str = ""
    backup: str = ""
    liaison: str = ""
    terminal: str = ""


@dataclass(frozen=True)
class Bank:
    """The whole organisation as the lines of its three tables."""

    branches: list[Line]
    staff: list[Line]
    duties: list[Line]


class Roll:
    """Hands out staff numbers, names and telephone numbers, and keeps the lines."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.names = iter(dict.fromkeys(draw_people(3000, rng)))
        self.lines: list[Line] = []
        self.counts: dict[str, int] = {}

    def hire(self, post: str, branch: str, *, letter: str, name: str = "", remark: str = "") -> str:
        """Take on one person; returns the staff number."""
        self.counts[letter] = self.counts.get(letter, 0) + 1
        code = f"{letter}{self.counts[letter]:04d}"
        line = {
            "工号": code,
            "姓名": name or next(self.names),
            "岗位": post,
            "机构号": branch,
            "联系电话": staff_phone(len(self.lines) + 1001),
            "在岗": "是",
            "备注": remark or "虚构人员",
        }
        self.lines.append(line)
        return code


def found_bank(seed: int = SEED) -> Bank:
    """Share out the grids among branches and managers and name everybody."""
    villages, markets = _read_ground()
    shapes = np.asarray(villages.geometry.values, dtype=object)
    near = find_neighbours(shapes)
    grids, plots = _list_grids(villages, markets)
    roll = Roll(np.random.default_rng(seed + 6))
    for department, name in DEPARTMENTS:
        roll.hire("部门", HEAD_OFFICE, letter="Z", name=name, remark=department)
    branches = [_head_office(villages)]
    for town, part, number in _share_towns(grids, near, seed):
        line = _open_branch(town, part, code=f"{80100 + len(branches)}", number=number, ground=villages)
        branches.append(line)
        roll.hire("支行行长", line["机构号"], letter="H")
        _share_branch([grids[row] for row in part], line["机构号"], roll, rows=part, near=near)
        _staff_markets(
            [g for g in plots if g.host in {grids[row].code for row in part}], line["机构号"], roll
        )
    everything = [*grids, *plots]
    _hire_locals(everything, roll, np.random.default_rng(seed + 7))
    _number(everything)
    return Bank(branches, roll.lines, [_duty(grid) for grid in everything])


def _read_ground() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    return read_zip(BOUNDARIES / "haimen_villages.zip"), read_zip(BOUNDARIES / "haimen_markets.zip")


def _list_grids(villages: gpd.GeoDataFrame, markets: gpd.GeoDataFrame) -> tuple[list[Grid], list[Grid]]:
    grids = [
        Grid(row.行政村代码, row.行政村名称, row.乡镇名称, row.类型)
        for row in villages.itertuples(index=False)
    ]
    plots = [
        Grid(row.代码, row.名称, row.乡镇名称, row.类型, host=row.所在村)
        for row in markets.itertuples(index=False)
    ]
    return grids, plots


def _share_towns(grids: list[Grid], near: Neighbours, seed: int) -> Iterator[tuple[str, list[int], int]]:
    """Each branch's ground: its town, the rows of its villages, its number within the town."""
    for town, (_, count) in TOWN_PLAN.items():
        rows = [i for i, grid in enumerate(grids) if grid.town == town]
        mean = len(rows) / count
        limits = (int(mean * 0.75), int(mean * 1.3) + 1)
        parts = share(rows, count, near=near, limits=limits, seed=seed)
        parts.sort(key=lambda part: -sum(grids[row].kind == "社区" for row in part))
        for number, part in enumerate(parts):
            yield town, part, number


def _open_branch(town: str, part: list[int], *, code: str, number: int, ground: gpd.GeoDataFrame) -> Line:
    """A branch in the liveliest place of its ground; the first of a town bears the town's name."""
    rows = ground.iloc[part]
    seat = rows.assign(dense=rows["人口"] / rows.area).sort_values("dense").iloc[-1]
    short = town.removesuffix("街道").removesuffix("镇")
    place = seat["行政村名称"]
    place = place.removesuffix("社区") if place.endswith("社区") else place.removesuffix("村")
    name = f"{short}支行" if number == 0 else f"{place.removeprefix(short)}支行"
    circle = shapely.maximum_inscribed_circle(seat.geometry, 10)
    # Aside from the very middle, where a market may stand.
    spot = shapely.line_interpolate_point(circle, 0.35, normalized=True)
    return _branch_line(code, name, town, spot, level="支行", address=f"{town}{seat['行政村名称']}江海路1号")


def _head_office(villages: gpd.GeoDataFrame) -> Line:
    seat = villages[villages["行政村名称"] == "解放中路社区"].geometry.iloc[0]
    spot = shapely.line_interpolate_point(shapely.maximum_inscribed_circle(seat, 10), 0.5, normalized=True)
    address = "海门街道解放中路社区江海路88号"
    return _branch_line(HEAD_OFFICE, f"{BANK}总行", "海门街道", spot, level="总行", address=address)


def _branch_line(code: str, name: str, town: str, spot: shapely.Point, *, level: str, address: str) -> Line:
    degrees = gpd.GeoSeries([spot], crs=4549).to_crs(4326).iloc[0]
    kind = "城市" if town in URBAN else "城郊" if town in SUBURBAN else "农村"
    return {
        "机构号": code,
        "机构名称": name,
        "机构层级": level,
        "支行类型": kind,
        "上级机构号": "" if level == "总行" else HEAD_OFFICE,
        "乡镇代码": next(c for c, n in TOWNS.items() if n == town),
        "乡镇名称": town,
        "地址": f"海门区{address}（虚构）",
        "经度": f"{degrees.x:.6f}",
        "纬度": f"{degrees.y:.6f}",
    }


def _share_branch(grids: list[Grid], branch: str, roll: Roll, *, rows: list[int], near: Neighbours) -> None:
    """Give a branch's villages to managers, two to four neighbouring ones each; the next man is backup."""
    count = max(1, round(len(rows) / GRIDS_A_MANAGER), -(-len(rows) // 4))
    by_row = dict(zip(rows, grids, strict=True))
    teams = [
        [by_row[r] for r in part] for part in share(rows, count, near=near, limits=(2, 4), seed=len(rows))
    ]
    managers = []
    for team in teams:
        known = [KNOWN[grid.name][0] for grid in team if grid.name in KNOWN]
        managers.append(roll.hire("客户经理", branch, letter="M", name=known[0] if known else ""))
    for number, team in enumerate(teams):
        for grid in team:
            grid.branch, grid.manager = branch, managers[number]
            grid.backup = managers[(number + 1) % count] if count > 1 else ""


def _staff_markets(plots: list[Grid], branch: str, roll: Roll) -> None:
    for plot in plots:
        plot.branch = branch
        plot.manager = roll.hire("客户经理", branch, letter="M", remark=f"虚构人员，专管{plot.name}")


def _hire_locals(grids: list[Grid], roll: Roll, rng: np.random.Generator) -> None:
    """A liaison in each village and community, a terminal administrator in about half of them."""
    by_code = {grid.code: grid for grid in grids}
    for grid in grids:
        if grid.host:
            grid.backup, grid.liaison = by_code[grid.host].manager, by_code[grid.host].liaison
            continue
        known = KNOWN.get(grid.name, ("", ""))[1]
        grid.liaison = roll.hire("村级联络员", grid.branch, letter="L", name=known, remark=grid.name)
        if grid.kind == "行政村" and rng.random() < TERMINALS_SHARE:
            grid.terminal = roll.hire("终端管理员", grid.branch, letter="T", remark=grid.name)


def _number(grids: list[Grid]) -> None:
    """The bank's own grid numbers: HM-<town>-<three digits>, markets last."""
    counts: dict[str, int] = {}
    for grid in sorted(grids, key=lambda g: (bool(g.host), g.code)):
        letters = TOWN_PLAN[grid.town][0]
        counts[letters] = counts.get(letters, 0) + 1
        grid.number = f"HM-{letters}-{counts[letters]:03d}"


def _duty(grid: Grid) -> Line:
    return {
        "单元代码": grid.code,
        "网格编号": grid.number,
        "网格名称": f"{grid.name}网格",
        "机构号": grid.branch,
        "主责工号": grid.manager,
        "协办工号": grid.backup,
        "联络员编号": grid.liaison,
        "终端管理员编号": grid.terminal,
        "生效日期": VALID_FROM,
    }


def write_bank(folder: Path = ORGANISATION, seed: int = SEED) -> Bank:
    """Write the three tables as UTF-8 with a mark, as spreadsheets save them."""
    bank = found_bank(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in (
        ("branches.csv", bank.branches),
        ("staff.csv", bank.staff),
        ("duties.csv", bank.duties),
    ):
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(lines[0]), lineterminator="\r\n")
            writer.writeheader()
            writer.writerows(lines)
    return bank


def main() -> None:
    """Write the committed files of `data/organisation/` (or another folder) anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ORGANISATION)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    bank = write_bank(asked.out, asked.seed)
    print(
        f"{len(bank.branches)} branches, {len(bank.staff)} people, {len(bank.duties)} duties -> {asked.out}"
    )


if __name__ == "__main__":
    main()
