"""White space: villages far from every house of the bank, or from every rival's, few of them customers."""

from collections import Counter

from sqlalchemy.orm import Session

from app.db import fetch_all
from app.maps.ground import Ground
from app.maps.layers.entry import Class, Words
from app.maps.layers.measures import FEWEST, Rows
from app.spatial.colour import NO_DATA

FAR_M = 3000
LOW = 0.2
# What both statements ask with: the map and the legend sort villages by the same figures.
REACH = {"far_m": FAR_M, "low": LOW, "fewest": FEWEST}
REACHES: dict[str, tuple[Words, str]] = {
    "white": (("空白村", "White village"), "#d98f2b"),
    "far": (("远，但有客户", "Far but served"), "#f3dfb4"),
    "near": (("3 公里内有网点", "Outlet within 3 km"), "#b7d9d8"),
    "unknown": (("户数或客户不详", "Not known"), NO_DATA),
}
# The same question of rivals: where none is near, and we are not yet either.
RIVALRY: dict[str, tuple[Words, str]] = {
    "open": (("他行空白村", "No rival near, few ours"), "#6fa5cb"),
    "far": (("远离他行，已有客户", "No rival near, served"), "#dbe8ee"),
    "near": (("3 公里内有他行", "Rival within 3 km"), "#f3dfb4"),
    "unknown": (("户数或客户不详", "Not known"), NO_DATA),
    "unloaded": (("尚未导入他行网点", "No rivals loaded yet"), NO_DATA),
}


def list_reach(session: Session) -> Rows:
    """Households and class of each village and community."""
    return fetch_all(session, "maps/list_reach", **REACH)


def tell_whitespace(session: Session, ground: Ground) -> list[Class]:
    """Villages by class; each village is in one."""
    return _tell_classes(list_reach(session), "reach", REACHES, "whitespace")


def _tell_classes(rows: Rows, by: str, words: dict[str, tuple[Words, str]], tint: str) -> list[Class]:
    numbers = Counter(str(row[by]) for row in rows)
    return [
        Class(key, *named, "sw", numbers[key], colour, tint)
        for key, (named, colour) in words.items()
        if numbers.get(key)
    ]


def note_whitespace(session: Session, ground: Ground) -> dict[str, Words]:
    """How many households live in the white villages, and what was measured."""
    homes = sum(int(row["households"]) for row in list_reach(session) if row["reach"] == "white")
    zh = f"空白村共 {homes:,} 户；由村的中间点到本行最近网点量直线距离，未计他行网点"
    en = (
        f"{homes:,} households in white villages; straight line, middle to nearest outlet; rivals not counted"
    )
    return {"whitespace": (zh, en)}


def list_rivalry(session: Session) -> Rows:
    """Households and class of each village and community, by the rivals' outlets that were loaded."""
    return fetch_all(session, "maps/list_rivalry", **REACH)


def tell_rivalry(session: Session, ground: Ground) -> list[Class]:
    """Villages by class; each village is in one."""
    return _tell_classes(list_rivalry(session), "rivalry", RIVALRY, "rivalry")


def note_rivalry(session: Session, ground: Ground) -> dict[str, Words]:
    """How many households live where no rival is near and we are not yet; or how rivals are loaded."""
    rows = list_rivalry(session)
    if any(row["rivalry"] == "unloaded" for row in rows):
        zh = "尚未导入他行网点：在“图层—添加图层”里选含义“他行网点”，或用 getu layer add --competitors"
        en = "no rivals loaded: add a layer that means rivals' outlets, or getu layer add --competitors"
        return {"rivalry": (zh, en)}
    homes = sum(int(row["households"]) for row in rows if row["rivalry"] == "open")
    zh = f"他行空白村共 {homes:,} 户；由村的中间点到最近的他行网点量直线距离，只计已导入的他行网点"
    en = f"{homes:,} households there; straight line, middle to nearest rival; loaded rivals only"
    return {"rivalry": (zh, en)}
