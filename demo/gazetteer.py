"""The demo's gazetteer: real places with invented anchors; invented natural villages, compounds, markets.

    python -m demo.gazetteer

writes `data/places/haimen_gazetteer.csv` in the shape that `getu import gazetteer` reads. Points are
EPSG:4326 and lie inside the invented borders, hence `coord_source` = synthetic throughout.
"""

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from demo.boundaries import BOUNDARIES, SEED
from demo.names import draw_compounds, draw_hamlets
from demo.places import COUNTY_CODE, PLACES, TOWNS, Place, list_units, read_places
from demo.shapefile import read_zip

PATH = PLACES / "haimen_gazetteer.csv"
COLUMNS = [
    "code",
    "name",
    "level",
    "kind",
    "parent_code",
    "full_path",
    "official_name",
    "aliases",
    "former_names",
    "lon",
    "lat",
    "coord_source",
]
ABOVE = "江苏省南通市海门区"
# What else a town is called: by its status before, and by the zone that the statistics list files it under.
FORMER_TOWNS = {"海门街道": "海门镇", "三厂街道": "三厂镇", "海永镇": "海永乡"}
OTHER_TOWN_NAMES = {"包场镇": "海门港新区", "临江镇": "临江新区", "三厂街道": "三厂工业园区"}
# What people of a village call it, and no list does: (town, village) -> name.
FOLK_NAMES = {
    ("常乐镇", "颐生村"): "老酒厂",
    ("三星镇", "叠石村"): "绣品行",
    ("包场镇", "东灶渔业村"): "渔码头",
    ("悦来镇", "悦来村"): "牛市口",
    ("四甲镇", "四甲村"): "铁匠铺",
    ("余东镇", "启凤街社区"): "古城门",
}
MARKET_KINDS = {"市场": "market", "商圈": "district", "园区": "park"}

Line = dict[str, str]


def build_gazetteer(seed: int = SEED) -> list[Line]:
    """All lines from the province down to the natural villages."""
    layer = read_zip(BOUNDARIES / "haimen_villages.zip")
    shapes = layer.set_index("行政村代码").geometry
    units = list_units(read_places())
    anchors = [shapely.Point(shapely.maximum_inscribed_circle(shapes[u.code], 20).coords[0]) for u in units]
    return [
        *_admin(),
        *_towns(layer),
        *(_village(unit, point) for unit, point in zip(units, _to_degrees(anchors), strict=True)),
        *_hamlets(units, shapes, np.random.default_rng(seed + 5)),
        *_compounds(units, shapes, np.random.default_rng(seed + 8)),
        *_markets({unit.code: unit for unit in units}),
    ]


def _admin() -> list[Line]:
    return [
        _line("32", "江苏省", "province", path="江苏省", aliases="江苏"),
        _line("3206", "南通市", "city", parent_code="32", path="江苏省南通市", aliases="南通"),
        _line(
            COUNTY_CODE,
            "海门区",
            "county",
            parent_code="3206",
            path=ABOVE,
            aliases="海门",
            former_names="海门市|海门县",
        ),
    ]


def _towns(layer: gpd.GeoDataFrame) -> list[Line]:
    towns = layer.dissolve("乡镇代码").geometry
    points = _to_degrees([towns[code].representative_point() for code in TOWNS])
    return [
        _line(
            code,
            name,
            "town",
            parent_code=COUNTY_CODE,
            path=ABOVE + name,
            aliases=OTHER_TOWN_NAMES.get(name, ""),
            former_names=FORMER_TOWNS.get(name, ""),
            point=p,
        )
        for (code, name), p in zip(TOWNS.items(), points, strict=True)
    ]


def _village(unit: Place, point: shapely.Point) -> Line:
    town = TOWNS[unit.parent_code]
    return _line(
        unit.code,
        unit.name,
        "village",
        kind="community" if unit.kind == "community" else "admin_village",
        parent_code=unit.parent_code,
        path=ABOVE + town + unit.name,
        official_name=unit.official_name,
        aliases=unit.name.removesuffix("社区") if unit.kind == "community" else "",
        point=point,
    )


def _hamlets(units: list[Place], shapes: gpd.GeoSeries, rng: np.random.Generator) -> list[Line]:
    """Three to six natural villages for about half of the villages."""
    lines = []
    for unit in (u for u in units if u.kind == "village"):
        names = draw_hamlets(int(rng.integers(3, 7)), rng)
        spots = _spots(shapes[unit.code], len(names), rng)
        if rng.random() < 0.5:
            path = ABOVE + TOWNS[unit.parent_code] + unit.name
            for number, (name, point) in enumerate(zip(names, _to_degrees(spots), strict=True), start=1):
                code = f"{unit.code}Z{number}"
                lines.append(
                    _line(
                        code,
                        name,
                        "natural_village",
                        kind="natural_village",
                        parent_code=unit.code,
                        path=path + name,
                        point=point,
                    )
                )
    return lines


def _compounds(units: list[Place], shapes: gpd.GeoSeries, rng: np.random.Generator) -> list[Line]:
    """Two compounds for each community, no two of one name."""
    urban = [unit for unit in units if unit.kind == "community"]
    names = iter(draw_compounds(2 * len(urban), rng))
    lines = []
    for unit in urban:
        path = ABOVE + TOWNS[unit.parent_code] + unit.name
        for number, point in enumerate(_to_degrees(_spots(shapes[unit.code], 2, rng)), start=1):
            name = next(names)
            code, more = f"{unit.code}X{number}", {"parent_code": unit.code, "path": path + name}
            lines.append(_line(code, name, "group", kind="compound", point=point, **more))
    return lines


def _spots(village: shapely.Polygon, count: int, rng: np.random.Generator) -> list[shapely.Point]:
    """Places well inside a village and apart from each other."""
    inside = village.buffer(-120)
    ground = village if inside.is_empty else inside
    west, south, east, north = ground.bounds
    spots: list[shapely.Point] = []
    apart = 420.0
    while len(spots) < count:
        point = shapely.Point(rng.uniform(west, east), rng.uniform(south, north))
        apart *= 0.995
        if ground.contains(point) and all(point.distance(spot) > apart for spot in spots):
            spots.append(point)
    return spots


def _markets(units: dict[str, Place]) -> list[Line]:
    layer = read_zip(BOUNDARIES / "haimen_markets.zip")
    points = _to_degrees([shape.representative_point() for shape in layer.geometry])
    lines = []
    for row, point in zip(layer.itertuples(index=False), points, strict=True):
        host = units[row.所在村]
        lines.append(
            _line(
                row.代码,
                row.名称,
                "group",
                kind=MARKET_KINDS[row.类型],
                parent_code=host.code,
                path=ABOVE + TOWNS[host.parent_code] + host.name + row.名称,
                point=point,
            )
        )
    return lines


def _to_degrees(points: list[shapely.Point]) -> list[shapely.Point]:
    return list(gpd.GeoSeries(points, crs=4549).to_crs(4326))


def _line(
    code: str, name: str, level: str, *, path: str, point: shapely.Point | None = None, **more: str
) -> Line:
    line = dict.fromkeys(COLUMNS, "") | {"code": code, "name": name, "level": level, "kind": "admin"}
    line |= {"full_path": path, "official_name": name, **more}
    if point is not None:
        line |= {"lon": f"{point.x:.6f}", "lat": f"{point.y:.6f}", "coord_source": "synthetic"}
    return line


def write_gazetteer(path: Path = PATH, seed: int = SEED) -> int:
    """Write the gazetteer (UTF-8); returns the number of lines."""
    lines = build_gazetteer(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    return len(lines)


if __name__ == "__main__":
    print(f"{write_gazetteer()} places")
