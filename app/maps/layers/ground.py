"""Legends of the ground: grids, towns, frame, villages, faults."""

from sqlalchemy.orm import Session

from app.maps.ground import Ground
from app.maps.layers.entry import Class, Words, list_classes, tell_numbers, tell_row

MARKETS: dict[str, tuple[Words, str]] = {
    "market": (("市场", "Markets"), "#8a5200"),
    "district": (("商圈", "Districts"), "#6b4d9c"),
    "park": (("园区", "Parks"), "#1d5a9c"),
    "compound": (("小区、大院", "Compounds"), "#2f6b3a"),
}


def tell_grids(session: Session, ground: Ground) -> list[Class]:
    """Managers' ground and grids by kind."""
    numbers = tell_row(session, "maps/count_grids", ground)
    lines = [
        ("managers", "经理责任区", "Managers' ground", "fills"),
        ("villages", "村级网格", "Village grids", "fill"),
        ("communities", "城区网格", "Urban grids", "fill"),
        ("markets", "市场、商圈、园区", "Markets and parks", "fill"),
        ("unheld", "尚无经理", "Without a manager", "none"),
    ]
    return list_classes(numbers, lines)


def tell_towns(session: Session, ground: Ground) -> list[Class]:
    """Towns and their villages."""
    numbers = tell_row(session, "maps/count_towns", ground)
    return list_classes(numbers, [("towns", "乡镇、街道", "Towns", "line")])


def tell_frame(session: Session, ground: Ground) -> list[Class]:
    """The frame is one."""
    return [Class("frame", "辖区边界", "Frame", "line-frame", 1)]


def tell_units(session: Session, ground: Ground) -> list[Class]:
    """The villages and communities around the viewer's own ground."""
    numbers = tell_row(session, "maps/count_towns", ground)
    return list_classes(numbers, [("units", "行政村、社区", "Villages", "pale")])


def tell_markets(session: Session, ground: Ground) -> list[Class]:
    """Markets, districts, parks and compounds."""
    numbers = tell_numbers(session, "maps/count_markets", ground)
    return [
        Class(key, *words, "area", numbers[key], colour)
        for key, (words, colour) in MARKETS.items()
        if numbers.get(key)
    ]


def tell_findings(session: Session, ground: Ground) -> list[Class]:
    """Open faults by kind."""
    numbers = tell_numbers(session, "maps/count_findings", ground)
    lines = [
        ("overlap", "重叠", "Overlaps", "hatch"),
        ("gap", "空白", "Gaps", "gap"),
        ("duplicate", "重复", "Duplicates", "hatch"),
        ("nested", "套叠", "Nested", "nested"),
        ("sliver", "碎片", "Slivers", "hatch"),
        ("outside", "越界", "Outside the frame", "gap"),
        ("invalid", "无效图形", "Invalid shapes", "gap"),
    ]
    return list_classes(numbers, lines)
