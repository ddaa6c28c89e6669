"""The kinds of long stories: a new one is an entry of `STORIES` and the function that tells it.

A story's room is loaded when the story is told: a boundary file does not wait for the address matcher.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.access import Right
from app.errors import NotFound
from app.jobs.running import Running

Teller = Callable[[Running], dict[str, Any]]


@dataclass(frozen=True)
class Story:
    """A kind of job: its names, the right that starting it takes, and `verb`, the function of a module of
    this room that tells it."""

    kind: str
    zh: str
    en: str
    right: Right
    verb: str

    def find_teller(self) -> Teller:
        """The function that tells this story; its module is loaded now."""
        module, name = self.verb.split(".")
        found: Teller = getattr(importlib.import_module(f"app.jobs.{module}"), name)
        return found


STORIES: tuple[Story, ...] = (
    Story(
        "import_boundaries",
        "导入边界",
        "import boundaries",
        "import_boundaries",
        "desk.import_boundaries",
    ),
    Story("undo_import", "撤销导入", "undo an import", "import_boundaries", "desk.undo_import"),
    Story("import_gazetteer", "导入地名", "import gazetteer", "import_boundaries", "ground.import_gazetteer"),
    Story(
        "import_organisation",
        "导入机构与人员",
        "import organisation",
        "import_customers",
        "ground.import_organisation",
    ),
    Story(
        "import_customers", "导入客户", "import customers", "import_customers", "customers.import_customers"
    ),
    Story("import_folder", "导入每晚文件夹", "import a folder", "import_customers", "folder.import_folder"),
    Story(
        "link_households",
        "家庭关联",
        "link households",
        "assign_customers",
        "households.link_all",
    ),
    Story("assign", "客户归格", "assign customers", "assign_customers", "assigning.assign_all"),
    Story(
        "place_customers",
        "客户重新定位",
        "place customers anew",
        "assign_customers",
        "placing.place_customers",
    ),
    Story("geocode_file", "批量匹配地址", "geocode a file", "ask_places", "placing.geocode_file"),
    Story("check_lending", "批量跨区核验", "check a file of loans", "check_lending", "lending.check_lending"),
    Story("ask_providers", "询问地图服务", "ask map services", "assign_customers", "providers.ask_providers"),
    Story("close_month", "月度结转", "close a month", "assign_customers", "months.close"),
    Story("check_plan", "检查网格规划", "check plan", "plan_ground", "ground.check_plan"),
)


def find_story(kind: str) -> Story:
    """The story of a kind. Raises NotFound."""
    for story in STORIES:
        if story.kind == kind:
            return story
    raise NotFound("no_story", zh=f"没有这种任务：{kind}", en=f"there is no such kind of job: {kind}")
