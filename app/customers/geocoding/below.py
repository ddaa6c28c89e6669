"""Below the village: group, house number, building, unit and room are read as text, never invented."""

import re
from typing import NamedTuple

_COUNT = r"(?:\d+|[一二三四五六七八九十百零]+)"
_GROUP = re.compile(rf"第?({_COUNT})(?:村民)?(?:小组|组|生产队|大队|队|社(?!区)|圩|埭)")
_BUILDING = re.compile(rf"({_COUNT}|[A-Za-z]\d{{0,2}}|[甲乙丙丁东西南北])(?:号楼|幢|栋|座|#楼?)(?:-?(\d+))?")
_UNIT = re.compile(rf"({_COUNT})单元")
_ROOM = re.compile(r"(\d{2,5})(?:室|房)|(?<=单元)(\d{2,5})|(?<=楼)(\d{3,5})$")
_HOUSE = re.compile(r"(\d+(?:-\d+)*)号(?!楼)")


class Below(NamedTuple):
    """Text of the rungs under the village, each empty where the address does not say it."""

    group: str = ""
    house: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""


_NOTHING = Below()


def read_below(tail: str) -> Below:
    """Read the text behind the place name: 12组3号, 5幢2单元804室."""
    if not tail:
        return _NOTHING
    house = _HOUSE.search(tail) if "号" in tail else None
    group = _GROUP.search(tail)
    if "幢" not in tail and "楼" not in tail and "栋" not in tail and "座" not in tail and "单元" not in tail:
        room = _ROOM.search(tail) if "室" in tail else None
        return Below(_first(group), _first(house), "", "", _first(room))
    building = _BUILDING.search(tail)
    room = _ROOM.search(tail)
    number = building.group(2) if building and building.group(2) and not room else ""
    return Below(
        _first(group), _first(house), _first(building), _first(_UNIT.search(tail)), _first(room) or number
    )


def _first(found: re.Match[str] | None) -> str:
    return next((part for part in found.groups() if part), "") if found else ""
