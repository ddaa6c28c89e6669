"""The committee's six groups at head office (row A1): what each may do, and the page it starts with."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.access.rights import Right


@dataclass(frozen=True, slots=True)
class TeamRole:
    """A group: its name, its rights and the page that opens when one of its people signs in."""

    zh: str
    en: str
    rights: frozenset[Right]
    start: str


_SEES: frozenset[Right] = frozenset({"see_ground", "see_customers", "ask_places", "print_maps"})

TEAMS: Mapping[str, TeamRole] = {
    "grids": TeamRole(
        "网格建设组",
        "grid building",
        _SEES
        | {
            "import_boundaries",
            "plan_ground",
            "divide_ground",
            "answer_allotments",
            "assign_customers",
            "place_customers",
        },
        "/ground",
    ),
    "data": TeamRole(
        "数据分析组",
        "data analysis",
        _SEES
        | {
            "import_boundaries",
            "import_customers",
            "export_customers",
            "assign_customers",
            "place_customers",
        },
        "/imports",
    ),
    "products": TeamRole("产品创新组", "product innovation", _SEES, "/"),
    "marketing": TeamRole(
        "营销策划组", "marketing planning", _SEES | {"export_customers", "report_visits"}, "/scheme"
    ),
    "risk": TeamRole(
        "风险管理组",
        "risk",
        _SEES | {"reveal_customers", "read_audit", "report_visits", "check_lending", "allow_lending"},
        "/scheme#problems",
    ),
    "service": TeamRole(
        "客户服务组",
        "customer service",
        _SEES | {"reveal_customers", "place_customers", "report_visits"},
        "/placement",
    ),
}
