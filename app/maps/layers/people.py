"""Legends of houses and people: outlets, key clients, liaisons, customers."""

from sqlalchemy.orm import Session

from app.maps.ground import Ground
from app.maps.layers.entry import Class, list_classes, tell_numbers, tell_row

DENSITY = ("#e4f0ef", "#b7d9d8", "#7fb9bb", "#43909a", "#12606f")


def tell_outlets(session: Session, ground: Ground) -> list[Class]:
    """Houses of the bank by kind."""
    numbers = tell_numbers(session, "maps/count_outlets", ground)
    lines = [
        ("head_office", "总行", "Head office", "square"),
        ("branch", "支行", "Branches", "square"),
        ("outlet", "网点", "Outlets", "square-small"),
    ]
    return list_classes(numbers, lines)


def tell_key_clients(session: Session, ground: Ground) -> list[Class]:
    """Strategic and key clients."""
    numbers = tell_numbers(session, "maps/count_key_clients", ground)
    lines = [
        ("strategic", "战略客户", "Strategic clients", "star"),
        ("key", "重点客户", "Key clients", "triangle"),
    ]
    return list_classes(numbers, lines)


def tell_liaisons(session: Session, ground: Ground) -> list[Class]:
    """Posts held by liaisons."""
    numbers = tell_numbers(session, "maps/count_liaisons", ground)
    return list_classes(numbers, [("liaison", "村级联络员", "Village liaisons", "person")])


def tell_terminals(session: Session, ground: Ground) -> list[Class]:
    """Posts held by terminal administrators."""
    numbers = tell_numbers(session, "maps/count_liaisons", ground)
    return list_classes(
        numbers, [("terminal_administrator", "终端管理员", "Terminal administrators", "terminal")]
    )


def tell_prospects(session: Session, ground: Ground) -> list[Class]:
    """Who is no customer yet, in the drawn grids."""
    numbers = tell_row(session, "maps/count_customers", ground)
    return [Class("prospects", "潜在客户", "Prospects", "ring", numbers["prospects"], "#6b4d9c")]


def tell_rings(session: Session, ground: Ground) -> list[Class]:
    """One circle a house of the bank."""
    number = sum(tell_numbers(session, "maps/count_outlets", ground).values())
    return [Class("rings", "网点周边 1 公里", "Within 1 km", "area", number, "#12606f")]


def tell_catchments(session: Session, ground: Ground) -> list[Class]:
    """One catchment a house of the bank."""
    number = sum(tell_numbers(session, "maps/count_outlets", ground).values())
    return [Class("catchments", "离该网点最近的地面", "Nearest to that outlet", "line", number, "#8a5200")]


def tell_density(session: Session, ground: Ground) -> list[Class]:
    """Customers with a point, who are in the cells, and those without, who are in none."""
    numbers = tell_row(session, "maps/count_density", ground)
    pointed, everybody = numbers["pointed"], numbers["everybody"]
    steps = [("1–4", 0), ("5–19", 1), ("20–49", 2), ("50–199", 3), ("200+", 4)]
    shades = [
        Class(f"cell-{n}", f"每格 {text} 户", f"{text} a cell", "sw", 0, DENSITY[n], counts=False)
        for text, n in steps
    ]
    return [
        Class("pointed", "有点位的客户", "With a point", "dot", pointed, "#12606f"),
        *shades,
        Class(
            "pointless",
            "无点位，不在格内",
            "Without a point, in no cell",
            "ring",
            everybody - pointed,
            counts=False,
        ),
    ]


def tell_customers(session: Session, ground: Ground) -> list[Class]:
    """Customers in the drawn grids by standing."""
    numbers = tell_row(session, "maps/count_customers", ground)
    lines = [("existing", "存量客户", "Customers", "dot"), ("prospects", "潜在客户", "Prospects", "ring")]
    return list_classes(numbers, lines)
