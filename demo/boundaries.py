"""The demo's borders: 296 villages and communities, their frame, a dozen markets, and a faulty draft.

    python -m demo.boundaries [--out DIR] [--seed N]

Everything is invented but the names; the same seed gives the same bytes. Files are what banks send:
a zip with a shapefile in CGCS2000 / 3-degree zone CM 120E (EPSG:4549), GBK text without any mark of it,
Chinese member names in GBK.
"""

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from demo import cells, draft
from demo.markets import MARKETS, draw_markets, find_host
from demo.outline import (
    ISLAND_SEAT_KM,
    ISLAND_TOWN,
    TOWN_SEATS_KM,
    draw_island,
    draw_mainland,
    to_metres,
)
from demo.places import COUNTY_CODE, COUNTY_NAME, ROOT, TOWNS, Place, list_units, read_places
from demo.shapefile import EPSG, write_zip

BOUNDARIES = ROOT / "data" / "boundaries"
SEED = 20261121
SCATTER_M = 140.0


@dataclass(frozen=True)
class Ground:
    """The invented ground: `shapes[i]` (EPSG:4549 polygon) belongs to `units[i]`."""

    units: list[Place]
    shapes: NDArray[np.object_]
    frame: shapely.MultiPolygon
    index: dict[str, int] = field(repr=False)

    def shape(self, code: str) -> shapely.Polygon:
        """The polygon of one unit."""
        polygon: shapely.Polygon = self.shapes[self.index[code]]
        return polygon


def draw_ground(seed: int = SEED) -> Ground:
    """Draw all villages and communities of the county and prove that they tile it."""
    rng = np.random.default_rng(seed)
    units = list_units(read_places())
    owners, pieces = [], []
    for part in (draw_mainland(), draw_island()):
        names, straight = _divide(part, units, rng)
        owners.append(names)
        pieces.append(straight)
    # One set of waves for both pieces: the generator of the waves is seeded apart from the seeds' one.
    shapes = cells.roughen(np.concatenate(pieces), np.random.default_rng(seed + 1))
    ordered = [unit for names in owners for unit in names]
    frame = shapely.MultiPolygon(shapely.get_parts(shapely.coverage_union_all(shapes)).tolist())
    ground = Ground(ordered, shapes, frame, {unit.code: i for i, unit in enumerate(ordered)})
    check_ground(ground)
    return ground


def _divide(
    part: shapely.Polygon, units: list[Place], rng: np.random.Generator
) -> tuple[list[Place], NDArray[np.object_]]:
    """Give one piece of the outline to the towns that have their seat in it, then to their villages."""
    towns = [t for t in _list_towns(units) if part.contains(shapely.Point(t.seat))]
    points = cells.scatter(part, step_m=SCATTER_M, rng=rng)
    km2 = np.array([t.communities * cells.COMMUNITY_KM2 + t.villages * 4.5 for t in towns])
    owner = cells.share_out(points, seats=np.array([t.seat for t in towns]), shares=km2 / km2.sum())
    named: list[Place] = []
    seeds = []
    for row, town in enumerate(towns):
        for kind, placed in zip(
            ("community", "village"),
            cells.seed_town(town, points[owner == row], step_m=SCATTER_M, rng=rng),
            strict=True,
        ):
            seeds.append(_in_reading_order(placed))
            named += [u for u in units if TOWNS[u.parent_code] == town.name and u.kind == kind]
    return named, cells.node(cells.split(part, np.concatenate(seeds)))


def _list_towns(units: list[Place]) -> list[cells.Town]:
    seats = {**TOWN_SEATS_KM, ISLAND_TOWN: ISLAND_SEAT_KM}
    towns = []
    for code, name in TOWNS.items():
        kinds = [unit.kind for unit in units if unit.parent_code == code]
        counts = kinds.count("community"), kinds.count("village")
        towns.append(cells.Town(name, to_metres(seats[name]), *counts))
    return towns


def _in_reading_order(seeds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sort seeds by rows of 3 km from the north, so that codes that follow each other lie near."""
    band = np.floor(-seeds[:, 1] / 3000)
    ordered: NDArray[np.float64] = seeds[np.lexsort((seeds[:, 0], band))]
    return ordered


def check_ground(ground: Ground) -> None:
    """Assert that 296 simple polygons tile the frame and every town is one part."""
    shapes = ground.shapes
    assert len(shapes) == len(ground.units) == 296, len(shapes)
    assert shapely.is_valid(shapes).all(), "a polygon crosses itself"
    assert (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()
    assert bool(shapely.coverage_is_valid(shapes)), "neighbours do not share their edges"
    assert abs(shapely.area(shapes).sum() - ground.frame.area) < 1e-3, "gap or overlap"
    assert not any(len(part.interiors) for part in ground.frame.geoms), "a hole in the county"
    for code in TOWNS:
        rows = [i for i, unit in enumerate(ground.units) if unit.parent_code == code]
        town = shapely.coverage_union_all(shapes[rows])
        assert len(shapely.get_parts(town)) == 1, f"{TOWNS[code]} is in several parts"


KINDS = {"village": "行政村", "community": "社区"}
REMARK = "示意边界,非真实"


def count_people(ground: Ground, seed: int) -> NDArray[np.int64]:
    """Invent residents for each unit: dense communities, villages by their size; about a million in all."""
    rng = np.random.default_rng(seed + 2)
    km2 = shapely.area(ground.shapes) / 1e6
    urban = np.array([unit.kind == "community" for unit in ground.units])
    typical = np.where(urban, 4200 + 900 * km2, 1100 + 420 * km2)
    residents: NDArray[np.int64] = (typical * rng.lognormal(0, 0.22, len(km2))).astype(np.int64)
    return residents


def table_villages(ground: Ground, seed: int) -> gpd.GeoDataFrame:
    """The layer of villages and communities under the headings of a civil affairs office."""
    residents = count_people(ground, seed)
    rng = np.random.default_rng(seed + 3)
    households = (residents / rng.uniform(2.5, 3.1, len(residents))).astype(np.int64)
    rows = [
        _row(u.code, u.name, u.parent_code, KINDS[u.kind]) | {"户数": int(h), "人口": int(r)}
        for u, h, r in zip(ground.units, households, residents, strict=True)
    ]
    return _layer(rows, list(ground.shapes))


def _row(code: str, name: str, town_code: str, kind: str, source: str = "NBS 2023") -> dict[str, Any]:
    return {
        "行政村代码": code,
        "行政村名称": name,
        "乡镇代码": town_code,
        "乡镇名称": TOWNS[town_code],
        "类型": kind,
        "代码来源": source,
        "年份": 2026,
        "备注": REMARK,
        "synthetic": "是",
    }


def _layer(rows: list[dict[str, Any]], shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=EPSG)


def table_frame(ground: Ground) -> gpd.GeoDataFrame:
    """The bank's whole ground as one row."""
    row = {
        "代码": COUNTY_CODE,
        "名称": COUNTY_NAME + "辖区边界",
        "年份": 2026,
        "备注": REMARK,
        "synthetic": "是",
    }
    return _layer([row], [ground.frame])


def table_markets(ground: Ground, seed: int) -> gpd.GeoDataFrame:
    """The dozen markets, business districts and parks; each names the village it lies in."""
    rows = []
    for market in MARKETS:
        host = ground.units[find_host(market, ground.units)]
        row = _row(market.code, market.name, host.parent_code, market.kind, "本行")
        row["代码"], row["名称"] = row.pop("行政村代码"), row.pop("行政村名称")
        rows.append({"代码": row["代码"], "名称": row["名称"], **row, "所在村": host.code})
    return _layer(rows, list(draw_markets(ground.units, ground.shapes, seed=seed + 4)))


def spoil(ground: Ground, seed: int) -> draft.Draft:
    """Make the six faults of the planning draft, each on ground of its own."""
    shapes = {unit.code: shape for unit, shape in zip(ground.units, ground.shapes, strict=True)}
    work = draft.Draft(shapes, {unit.code: unit.name for unit in ground.units})
    taken: set[str] = set()

    def pair(town: str, name: str) -> tuple[str, str]:
        one = _find_code(ground, town, name)
        other = draft.neighbour_with_long_edge(one, shapes, taken=taken)
        taken.update((one, other))
        return one, other

    draft.make_overlap(work, pair("四甲镇", "货隆村"))
    draft.make_gap(work, pair("正余镇", "正南村"))
    draft.make_sliver(work, pair("悦来镇", "锡祥村"))
    plots = draw_markets(ground.units, ground.shapes, seed=seed + 4)
    host = ground.units[find_host(MARKETS[0], ground.units)].code
    draft.make_nested(work, host, code=MARKETS[0].code, name=MARKETS[0].name, plot=plots[0])
    twice = _find_code(ground, "常乐镇", "颐生村")
    draft.make_duplicate(work, twice, new_code=twice[:9] + "901")
    draft.make_missing(work, _find_code(ground, "临江镇", "丰顺村"))
    return work


def _find_code(ground: Ground, town: str, name: str) -> str:
    return next(u.code for u in ground.units if (TOWNS[u.parent_code], u.name) == (town, name))


def table_draft(ground: Ground, work: draft.Draft) -> gpd.GeoDataFrame:
    """The faulty draft as a layer with the same headings as the villages."""
    units = {unit.code: unit for unit in ground.units}
    market_towns = {m.code: next(c for c, n in TOWNS.items() if n == m.town) for m in MARKETS}
    rows = []
    for code in work.shapes:
        near = units.get(code)
        town = near.parent_code if near else market_towns.get(code, "")
        town = town or next(u.parent_code for u in ground.units if u.code[:9] == code[:9])
        rows.append(_row(code, work.names[code], town, KINDS[near.kind] if near else "行政村"))
    return _layer(rows, list(work.shapes.values()))


def write_truth(work: draft.Draft, path: Path) -> None:
    """Write what is wrong in the draft: kind, codes, names, area, width and a place inside (lon, lat)."""
    places = gpd.GeoSeries([fact["shape"].representative_point() for fact in work.truth], crs=EPSG).to_crs(
        4326
    )
    facts = []
    for fact, place in zip(work.truth, places, strict=True):
        plain = {key: value for key, value in fact.items() if key != "shape"}
        facts.append({**plain, "inside": [round(place.x, 6), round(place.y, 6)]})
    counts = {kind: sum(f["kind"] == kind for f in facts) for kind in sorted({f["kind"] for f in facts})}
    text = json.dumps({"synthetic": True, "counts": counts, "faults": facts}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def write_boundaries(folder: Path = BOUNDARIES, seed: int = SEED) -> Ground:
    """Draw everything and write the four zips and the truth of the draft into `folder`."""
    ground = draw_ground(seed)
    work = spoil(ground, seed)
    folder.mkdir(parents=True, exist_ok=True)
    write_zip(table_villages(ground, seed), folder / "haimen_villages.zip", layer="海门区行政村2026")
    write_zip(table_frame(ground), folder / "haimen_frame.zip", layer="辖区边界2026")
    write_zip(table_markets(ground, seed), folder / "haimen_markets.zip", layer="市场商圈园区2026")
    write_zip(table_draft(ground, work), folder / "draft_2027.zip", layer="网格规划草案2027")
    write_truth(work, folder / "draft_2027.truth.json")
    return ground


def main() -> None:
    """Write the committed files of `data/boundaries/` (or another folder) anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=BOUNDARIES)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    ground = write_boundaries(asked.out, asked.seed)
    print(f"{len(ground.units)} villages and communities, {ground.frame.area / 1e6:.1f} km2 -> {asked.out}")


if __name__ == "__main__":
    main()
