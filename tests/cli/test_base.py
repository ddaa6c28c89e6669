"""getu base: add, list, remove, and what it says of a file that cannot be shown."""

from pathlib import Path

from sqlalchemy import text

from tests.cli.conftest import Getu
from tests.conftest import DemoBank
from tests.maps.base_files import change, lay_tiles
from tests.truth import truth


def test_a_base_map_comes_is_listed_and_goes_and_leaves_a_trace(
    getu: Getu, demo_bank: DemoBank, tmp_path: Path
) -> None:
    path = lay_tiles(tmp_path / "影像.mbtiles", [(9, 428, 208)])
    added = getu("base", "add", str(path), "--zh", "影像", "--en", "Imagery", "--datum", "gcj02", "--json")
    assert (added.code, added.result["key"], added.result["datum"]) == (0, "base", "gcj02")
    assert [one["key"] for one in getu("base", "list", "--json").result["bases"]] == ["base"]
    assert getu("base", "remove", "base", "--json").result == {"removed": "base"}
    assert getu("base", "list", "--json").result == {"bases": []}
    with truth(demo_bank.database) as admin:
        acts = admin.execute(text("SELECT action FROM audit WHERE subject = 'base' ORDER BY id")).scalars()
        assert list(acts) == ["add_base", "remove_base"]


def test_a_refusal_is_said_in_both_languages_and_leaves_with_two(getu: Getu, tmp_path: Path) -> None:
    path = lay_tiles(tmp_path / "a.mbtiles", [(9, 428, 208)])
    change(path, "UPDATE metadata SET value = 'pbf' WHERE name = 'format'")
    said = getu("base", "add", str(path), "--json")
    assert (said.code, said.result["error"]["code"]) == (2, "vector_base")
    assert "矢量瓦片" in said.err
    assert "vector tiles" in said.err
    assert getu("base", "remove", "nothing").code == 2
    assert getu("base", "add", str(path), "--key", "../x").code == 2
