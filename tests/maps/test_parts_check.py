"""Before a page is opened the service knows that none of its parts names another host."""

import shutil
from pathlib import Path

import pytest

from app.maps.assets import STATIC
from app.maps.parts_check import find_bad_parts


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the static parts that may be broken."""
    return Path(shutil.copytree(STATIC, tmp_path / "static"))


def test_what_is_shipped_is_fit() -> None:
    assert find_bad_parts() == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("look.css", "a{background:url(https://cdn.example.com/a.png)}"),
        ("getu-core.js", 'fetch("//api.example.com/x")'),
        ("new.svg", '<image href="http://example.com/a.png"/>'),
    ],
)
def test_a_part_that_names_another_host_is_told(copy: Path, name: str, text: str) -> None:
    with (copy / name).open("a", encoding="utf-8") as part:
        part.write(text)
    (told,) = find_bad_parts(static=copy)
    assert told.startswith(f"{name}: ")
    assert "example.com" in told


def test_a_template_that_names_another_host_is_told(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('<script src="https://cdn.example.com/a.js"></script>')
    assert find_bad_parts(templates=(tmp_path,)) == ["page.html: https://cdn.example.com/a.js"]


def test_a_vendored_file_that_was_changed_or_lost_is_told(copy: Path) -> None:
    (copy / "vendor" / "leaflet" / "leaflet.js").write_text("alert(1)")
    (copy / "vendor" / "d3" / "d3.min.js").unlink()
    assert find_bad_parts(static=copy) == [
        "d3/d3.min.js: missing",
        "leaflet/leaflet.js: changed since set-up",
    ]
