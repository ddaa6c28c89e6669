"""The card of a thing of an own layer: its layer, name, class, size, values, the nearest house of ours."""

from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_one
from app.errors import NotFound
from app.maps.words import Lang


def show_own(session: Session, feature_id: int, *, lang: Lang = "zh") -> dict[str, Any]:
    """One thing of an own layer in sight: metres and m² on the ground, the box in degrees.

    `nearest` is the house of the bank that is nearest to a rival's outlet, with the metres between them; None
    for a layer of another meaning. Raises NotFound for a thing that is none or of a layer out of sight.
    """
    row = fetch_one(session, "maps/find_own_card", feature_id=feature_id)
    if row is None:
        raise NotFound("no_own_feature", zh="图层里没有这一项", en="there is no such thing in an own layer")
    nearest = None
    if row["near_id"] is not None:
        nearest = {key: row[f"near_{key}"] for key in ("id", "code", "name")}
        nearest["distance_m"] = round(row["distance_m"])
    return {
        "id": row["id"],
        "name": row["name"] or "",
        "class": row["class"],
        "layer": {"key": row["key"], "name": row["zh"] if lang == "zh" else row["en"]},
        "meaning": row["meaning"],
        "shape": row["shape"],
        "length_m": row["length_m"],
        "area_m2": row["area_m2"],
        "values": row["attributes"],
        "source": {"file": row["file_name"], "row": row["row"], "loaded_on": row["loaded_on"]},
        "place": {"point": None if row["lon"] is None else [row["lon"], row["lat"]]},
        "bbox": [row["west"], row["south"], row["east"], row["north"]],
        "nearest": nearest,
    }
