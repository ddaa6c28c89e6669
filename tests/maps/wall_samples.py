"""Invented counties for the wall map's tests: wiggly borders that share their edges, towns, managers."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from app.maps import wall

_TO_LONLAT = Transformer.from_crs(4549, 4326, always_xy=True).transform
_FIRST = "颐常正余包临悦三海滨四海永东天王平树德麒新富长日瑞丰厂青"
_SECOND = "生乐余东场江来星门阳甲兴和布灶浩山勋胜麟河民春晖祥盛龙"
_SURNAMES = "陆吴龚汤黄徐薛蔡周王沈袁陈倪张曹朱宋施顾"
_GIVEN = ("志明", "雪梅", "建新", "玉珍", "晓燕", "宏图", "亚萍", "思远", "佳慧", "国平", "春兰", "敏")


def lay_sheet(
    grids: int, *, managers: int, towns: int = 3, seed: int = 7, span_m: float = 9000, neighbours: int = 0
) -> wall.Sheet:
    """A sheet over an invented county of `grids` villages."""
    chance = np.random.default_rng(seed)
    outline = _draw_outline(chance, span_m)
    cells = draw_cells(grids + neighbours, outline, chance, centres=towns)
    near = _sort_near(cells, outline.centroid)
    own, others = near[:grids], near[grids:]
    town_of = _cluster(own, towns, chance)
    held_by = _split_held(own, town_of, managers, chance)
    colours = _colour(own, held_by)
    made = tuple(
        wall.SheetGrid(
            code=f"HM-CL-{at + 1:03d}",
            name=name_village(at),
            kind="village",
            geom=to_lonlat(cell),
            manager_code=f"M{held_by[at] + 1:02d}",
            manager_name=_SURNAMES[held_by[at] % 20] + _GIVEN[held_by[at] * 5 % 12],
            manager_phone=f"1380000{held_by[at]:04d}",
            town_name=f"{_FIRST[town_of[at]]}{_SECOND[town_of[at]]}镇",
            households=int(chance.integers(240, 1400)),
            customers=int(chance.integers(400, 3600)),
            colour=colours[held_by[at]],
        )
        for at, cell in enumerate(own)
    )
    whole = shapely.union_all(own)
    return wall.Sheet(
        title="江海农商银行常乐支行网格化营销战略图",
        subtitle="常乐镇 · 网格与责任人一览",
        bank="江海农商银行",
        branch="常乐支行",
        plan_version="V3",
        plan_valid_from=date(2026, 10, 1),
        data_date=date(2026, 11, 20),
        printed_on=date(2026, 11, 21),
        certificate="0031",
        copy_no="02",
        synthetic=True,
        grids=made,
        outlets=_scatter(whole, chance, max(2, grids // 8)),
        key_clients=_clients(whole, chance, max(3, grids // 4)),
        findings=_faults(own),
        towns=_towns(own, town_of),
        neighbours=tuple(wall.SheetOutline(f"邻{at}", to_lonlat(cell)) for at, cell in enumerate(others)),
        frame=to_lonlat(whole),
    )


def name_village(at: int) -> str:
    """An invented village name; every eleventh is long, one holds a rare character."""
    if at == 5:
        return "𫭢家村"
    stem = _FIRST[at * 7 % len(_FIRST)] + _SECOND[at * 11 % len(_SECOND)]
    return f"{stem}新城社区居民区" if at % 11 == 10 else f"{stem}村" if at % 4 else f"{stem}桥村"


def to_lonlat(geom: BaseGeometry) -> BaseGeometry:
    """Metres in EPSG:4549 to lon/lat."""
    return shapely.transform(geom, lambda xy: np.column_stack(_TO_LONLAT(xy[:, 0], xy[:, 1])))


def draw_cells(
    count: int, outline: BaseGeometry, chance: np.random.Generator, *, centres: int
) -> list[BaseGeometry]:
    """A valid coverage of wiggly cells inside an outline, denser round some centres."""
    x0, y0, x1, y1 = outline.bounds
    hubs = chance.uniform((x0 + (x1 - x0) * 0.2, y0 + (y1 - y0) * 0.2), (x1, y1), (centres, 2)) * 1.0
    points: list[np.ndarray] = []
    while len(points) < count:
        at = chance.uniform((x0, y0), (x1, y1))
        if chance.random() < 0.25:
            at = hubs[chance.integers(centres)] + chance.normal(0, (x1 - x0) * 0.035, 2)
        if outline.contains(shapely.Point(at)):
            points.append(at)
    sites = shapely.MultiPoint(np.array(points))
    cells = shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=outline))
    edges = shapely.union_all([*[cell.boundary for cell in cells], outline.boundary])
    inside = shapely.intersection(edges, outline.buffer(1))
    lines = [_wiggle(line, chance) for line in shapely.get_parts(shapely.line_merge(inside))]
    noded = shapely.node(shapely.MultiLineString(lines))
    made = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return [
        cell for cell in made if outline.buffer(span(outline) * 0.01).contains(cell.representative_point())
    ]


def span(geom: BaseGeometry) -> float:
    """Width of a geometry."""
    return float(geom.bounds[2] - geom.bounds[0])


def _wiggle(line: BaseGeometry, chance: np.random.Generator) -> shapely.LineString:
    coords = shapely.get_coordinates(line)
    for _ in range(4):
        middle = (coords[:-1] + coords[1:]) / 2
        along = coords[1:] - coords[:-1]
        across = np.column_stack([-along[:, 1], along[:, 0]])
        middle = middle + across * chance.normal(0, 0.06, (len(middle), 1))
        joined = np.empty((len(coords) + len(middle), 2))
        joined[::2], joined[1::2] = coords, middle
        coords = joined
    return shapely.LineString(coords)


def _draw_outline(chance: np.random.Generator, span_m: float) -> BaseGeometry:
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = 1 + sum(
        chance.normal(0, 0.16 / k) * np.cos(k * angle + chance.uniform(0, 6)) for k in range(2, 6)
    )
    x, y = 620_000 + span_m / 2 * radius * np.cos(angle), 3_530_000 + span_m / 2.6 * radius * np.sin(angle)
    return shapely.Polygon(np.column_stack([x, y])).buffer(0)


def _sort_near(cells: Sequence[BaseGeometry], centre: BaseGeometry) -> list[BaseGeometry]:
    return sorted(cells, key=lambda cell: cell.centroid.distance(centre))


def _cluster(cells: Sequence[BaseGeometry], count: int, chance: np.random.Generator) -> list[int]:
    count = min(count, len(cells))
    points = np.array([(cell.centroid.x, cell.centroid.y) for cell in cells])
    means = points[chance.choice(len(points), count, replace=False)]
    owner = np.zeros(len(points), dtype=int)
    for _ in range(8):
        owner = np.argmin(((points[:, None] - means[None]) ** 2).sum(axis=2), axis=1)
        means = np.array(
            [points[owner == k].mean(axis=0) if (owner == k).any() else means[k] for k in range(count)]
        )
    return [int(k) for k in owner]


def _split_held(
    cells: Sequence[BaseGeometry], towns: Sequence[int], managers: int, chance: np.random.Generator
) -> list[int]:
    kinds = sorted(set(towns))
    share = max(managers // len(kinds), 1)
    held = [0] * len(cells)
    for place, town in enumerate(kinds):
        members = [at for at, kind in enumerate(towns) if kind == town]
        parts = _cluster([cells[at] for at in members], min(share, len(members)), chance)
        for at, part in zip(members, parts, strict=True):
            held[at] = min(place * share + part, managers - 1)
    return held


def _colour(cells: Sequence[BaseGeometry], held: Sequence[int]) -> dict[int, int]:
    joined = {
        who: shapely.union_all([c for c, h in zip(cells, held, strict=True) if h == who]) for who in set(held)
    }
    colours: dict[int, int] = {}
    for who in sorted(joined, key=lambda w: -joined[w].area):
        near = {colours[other] for other in colours if joined[other].distance(joined[who]) < 250}
        used = [list(colours.values()).count(colour) for colour in range(12)]
        colours[who] = min((c for c in range(12) if c not in near), key=lambda c: (used[c], c))
    return colours


def _scatter(ground: BaseGeometry, chance: np.random.Generator, count: int) -> tuple[wall.SheetPoint, ...]:
    kinds = ["branch"] + ["outlet"] * (count - 1)
    return tuple(
        wall.SheetPoint(f"{name_village(at)[:2]}分理处", *at_lonlat, kind=kinds[at])
        for at, at_lonlat in enumerate(_points(ground, chance, count))
    )


def _clients(ground: BaseGeometry, chance: np.random.Generator, count: int) -> tuple[wall.SheetClient, ...]:
    tiers = ("key", "strategic", "key")
    spots = _points(ground, chance, count)
    return tuple(wall.SheetClient(*spot, tier=tiers[at % 3]) for at, spot in enumerate(spots))


def _points(ground: BaseGeometry, chance: np.random.Generator, count: int) -> list[tuple[float, float]]:
    x0, y0, x1, y1 = ground.bounds
    found: list[tuple[float, float]] = []
    while len(found) < count:
        x, y = chance.uniform((x0, y0), (x1, y1))
        if ground.contains(shapely.Point(x, y)):
            lon, lat = _TO_LONLAT(x, y)
            found.append((float(lon), float(lat)))
    return found


def _faults(cells: Sequence[BaseGeometry]) -> tuple[wall.SheetFinding, ...]:
    if len(cells) < 7:
        return ()
    first = cells[3].intersection(cells[3].centroid.buffer(np.sqrt(cells[3].area) * 0.3))
    second = cells[6].centroid.buffer(np.sqrt(cells[6].area) * 0.12)
    return (
        wall.SheetFinding("overlap", to_lonlat(first), first.area),
        wall.SheetFinding("gap", to_lonlat(second), second.area),
    )


def _towns(cells: Sequence[BaseGeometry], town_of: Sequence[int]) -> tuple[wall.SheetOutline, ...]:
    joined: dict[int, list[BaseGeometry]] = {}
    for cell, town in zip(cells, town_of, strict=True):
        joined.setdefault(town, []).append(cell)
    return tuple(
        wall.SheetOutline(f"{_FIRST[town]}{_SECOND[town]}镇", to_lonlat(shapely.union_all(parts)))
        for town, parts in sorted(joined.items())
    )
