"""Shapes of a stand-alone map as GeoJSON: generalised with shared borders kept, counts, no customers."""

import json
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from app.db import fetch_all
from app.maps.facts import Facts
from app.maps.layers.states import find_states
from app.maps.paint import KINDS
from app.maps.words import Lang, say, tell_date

TOLERANCE_DEGREES = 0.0004
Json = dict[str, Any]


def collect_shapes(session: Session, facts: Facts, *, lang: Lang = "zh") -> dict[str, Json]:
    """Part -> FeatureCollection, in EPSG:4326 with six decimals (about 10 cm), as the viewer may see it.

    Grids are simplified together (a coverage: neighbours keep one border), other shapes as they are.
    """
    ids = {**facts.ground.asked, "branch_id": facts.branch_id}
    sees_customers = facts.coverage is not None
    grids = [dict(row) for row in fetch_all(session, "maps/shape_grids", **ids)]
    counts = (
        {row["grid_id"]: row for row in fetch_all(session, "maps/shape_counts", **ids)}
        if sees_customers
        else {}
    )
    shapes = simplify([row.pop("shape") for row in grids])
    found = {
        "frame": collect(fetch_all(session, "maps/shape_frame", **ids)),
        "grids": gather([describe_grid(row, counts.get(row["grid_id"])) for row in grids], shapes),
        "managers": gather(*outline(grids, shapes, key="manager_id")),
        "towns": gather(*outline(grids, shapes, key="town")),
        "outlets": collect(fetch_all(session, "maps/shape_outlets", **ids)),
        "liaisons": collect(fetch_all(session, "maps/shape_liaisons", **ids)),
        "findings": collect(fetch_all(session, "maps/shape_findings", **ids)),
        **name_parts(grids, shapes),
    }
    states = find_states(session, facts.ground)
    known = [{key: row[key] for key in ("grid_id", "name", "branch_id", "manager_id")} for row in grids]
    found["states"] = gather([{**one, "state": states.get(one["grid_id"])} for one in known], shapes)
    found["finding_labels"] = label_faults(found["findings"], lang)
    if sees_customers:
        found["key_clients"] = collect(fetch_all(session, "maps/shape_key_clients", **ids))
        found["coverage"] = gather([rate_grid(row, counts.get(row["grid_id"])) for row in grids], shapes)
    return found


def label_faults(findings: Json, lang: Lang) -> Json:
    """A boxed label a fault that must be mended: its kind and its area in hectares."""
    rows = []
    for feature in findings["features"]:
        fault = feature["properties"]
        if fault["kind"] == "nested":
            continue
        spot = shapely.from_geojson(json.dumps(feature["geometry"])).representative_point()
        word = KINDS[fault["kind"]][0 if lang == "zh" else 1]
        name = f"{word} {fault['area_m2'] / 1e4:.1f} {say('hectares', lang)}"
        rows.append({"id": fault["id"], "name": name, "lon": round(spot.x, 5), "lat": round(spot.y, 5)})
    return gather(rows, [None] * len(rows))


def simplify(wkb: list[bytes]) -> Any:
    """Geometries (n,) from WKB, generalised together so that shared borders stay shared."""
    shapes = shapely.from_wkb(np.array([bytes(one) for one in wkb], dtype=object))
    if not len(shapes):
        return shapes
    # The outer edge is kept as it is, or it would part from the frame's.
    simple = shapely.coverage_simplify(shapes, TOLERANCE_DEGREES, simplify_boundary=False)
    # A grid smaller than the tolerance would vanish: it keeps its own shape.
    return np.where(shapely.is_empty(simple), shapes, simple)


def outline(grids: list[Json], shapes: Any, *, key: str) -> tuple[list[Json], list[Any]]:
    """The borders of grids dissolved by a key."""
    groups: dict[Any, list[Any]] = {}
    for row, shape in zip(grids, shapes, strict=True):
        groups.setdefault(row[key], []).append(shape)
    return [{key: name} for name in groups], [shapely.union_all(parts).boundary for parts in groups.values()]


def name_parts(grids: list[Json], shapes: Any) -> dict[str, Json]:
    """Names of grids, managers and towns, each with the zoom from which it fits (see layer_grids.sql)."""
    named = {
        "grid_names": [name_grid(row) for row in grids],
        "manager_names": name_groups(grids, key="manager_id", name="manager"),
        "town_names": name_groups(grids, key="town", name="town"),
    }
    centre(named["town_names"], grids, shapes)
    return {part: gather(rows, [None] * len(rows)) for part, rows in named.items()}


def name_groups(grids: list[Json], *, key: str, name: str) -> list[Json]:
    """The names of grids taken together by a key, each on the largest grid of its group."""
    largest: dict[Any, Json] = {}
    area: dict[Any, float] = {}
    for row in sorted(grids, key=lambda row: -float(row["area_m2"])):
        if row[key] is not None:
            largest.setdefault(row[key], row)
            area[row[key]] = area.get(row[key], 0.0) + float(row["area_m2"])
    return [
        place_name(row, name=str(row[name]), area_m2=area[value], code=value)
        for value, row in largest.items()
    ]


def centre(rows: list[Json], grids: list[Json], shapes: Any) -> None:
    """Move each town's name to the middle of all its grids."""
    for row in rows:
        own = [shape for grid, shape in zip(grids, shapes, strict=True) if grid["town"] == row["code"]]
        spot = shapely.union_all(own).centroid
        row |= {"lon": round(spot.x, 5), "lat": round(spot.y, 5)}


def name_grid(row: Json) -> Json:
    """A grid's own name."""
    return place_name(row, name=row["name"], area_m2=float(row["area_m2"]), code=row["grid_id"])


def place_name(row: Json, *, name: str, area_m2: float, code: Any) -> Json:
    """A name where it stands, with the zoom (512 px tiles) from which it fits a ground of that area."""
    metres_a_pixel = 78271.5 * np.cos(np.radians(row["lat"]))
    fits = float(np.log2(7.5 * len(name) * metres_a_pixel / np.sqrt(max(area_m2, 1.0) / np.pi)))
    return {"name": name, "lon": row["lon"], "lat": row["lat"], "fits": round(fits, 2), "code": code}


def describe_grid(row: Json, counts: Any) -> Json:
    """The properties of a grid's shape, the facts of its card among them."""
    keys = ("grid_id", "code", "name", "colour_no", "branch_id", "manager_id", "manager", "town")
    branch = {"name": row["branch"], "branch_type": row["branch_type"]}
    manager = {"name": row["manager"], "code": row["manager_code"]} if row["manager_id"] else None
    card = {
        "name": row["name"],
        "code": row["code"],
        "town": row["town"],
        "households": row["households"],
        "area_km2": round(float(row["area_m2"]) / 1e6, 3),
        "branch": branch,
        "manager": manager,
        "liaison": {"name": row["liaison"]} if row["liaison"] else None,
        "bbox": [row["west"], row["south"], row["east"], row["north"]],
    }
    if counts is not None:
        numbers = ("existing", "prospects", "filed", "visited", "covered_households")
        card |= {key: int(counts[key]) for key in numbers}
        card["rungs"] = dict(zip("1234560", (int(n) for n in counts["rungs"]), strict=True))
    return {**{key: row[key] for key in keys}, "card": card}


def rate_grid(row: Json, counts: Any) -> Json:
    """The counts of a grid that its rates are made from."""
    base = {"grid_id": row["grid_id"], "name": row["name"], "households": row["households"]}
    columns = ("existing", "prospects", "located_existing", "filed", "visited", "covered_households")
    return base if counts is None else base | {key: int(counts[key]) for key in columns}


def collect(rows: Any) -> Json:
    """A FeatureCollection of rows whose column `shape` is WKB."""
    records = [dict(row) for row in rows]
    shapes = [shapely.from_wkb(bytes(row.pop("shape"))) for row in records]
    return gather(records, shapes)


def gather(records: list[Json], shapes: Any) -> Json:
    """A FeatureCollection of properties and geometries (None for none)."""
    features = [
        {
            "type": "Feature",
            "properties": {
                key: tell_date(value) if hasattr(value, "isoformat") else value
                for key, value in record.items()
            },
            "geometry": None
            if shape is None
            else json.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-6))),
        }
        for record, shape in zip(records, shapes, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}
