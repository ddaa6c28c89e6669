"""A name that carries its province, city, county and town is cut down to the village."""

import pytest

from app.territory.boundaries.paths import cut_path


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("江苏省南通市海门区三厂街道中兴村", ("三厂街道", "中兴村")),
        ("南通市海门区四甲镇头甲村", ("四甲镇", "头甲村")),
        ("江苏省南通市启东市汇龙镇东街社区", ("汇龙镇", "东街社区")),
        ("中兴村", (None, "中兴村")),
        ("新市村", (None, "新市村")),
        ("街市区村", (None, "街市区村")),
        ("三厂街道中兴村", (None, "三厂街道中兴村")),
        ("江苏省南通市海门区三厂街道", (None, "江苏省南通市海门区三厂街道")),
    ],
)
def test_a_whole_path_gives_its_town_and_its_village(name: str, cut: tuple[str | None, str]) -> None:
    assert cut_path(name) == cut
