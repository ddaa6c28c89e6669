"""White space: villages far from every house of the bank where few households are its customers."""

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


def list_reach(session: Session) -> Rows:
    """Households and class of each village and community."""
    return fetch_all(session, "maps/list_reach", **REACH)


def tell_whitespace(session: Session, ground: Ground) -> list[Class]:
    """Villages by class; each village is in one."""
    numbers = Counter(str(row["reach"]) for row in list_reach(session))
    return [
        Class(key, *words, "sw", numbers[key], colour, "whitespace")
        for key, (words, colour) in REACHES.items()
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
