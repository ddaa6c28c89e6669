"""A base map under the ground, with WebGL and without: chosen, kept in the address, seen, credited."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from app.maps.base import Base, Wish, add_base, remove_base
from tests.maps.base_files import lay_tiles
from tests.pages.conftest import Site, Visitor

PINK = (255, 0, 200)
CORNER = (1180, 760, 1400, 840)  # outside the bank's ground, where nothing else is drawn


@pytest.fixture
def base(site: Site, tmp_path: Path) -> Iterator[Base]:
    """Pictures all over the ground but for one column, up to zoom 10."""
    places = [(z, x, y) for z in range(6, 11) for x in range(53 << (z - 6), 54 << (z - 6)) for y in wide(z)]
    path = lay_tiles(
        tmp_path / "a.mbtiles",
        places,
        draw=lambda *_: Image.new("RGB", (256, 256), PINK),
        attribution="© 测试地图",
    )
    folder = site.settings.bases
    yield add_base(folder, path, Wish(key="pink", zh="影像", en="Imagery"))
    remove_base(folder, "pink")


def wide(z: int) -> range:
    return range(25 << (z - 6), 27 << (z - 6))


def share_of_pink(visitor: Visitor, box: tuple[int, int, int, int]) -> float:
    """The share of pixels that are the base map's own, nothing over them."""
    shot = Image.open(io.BytesIO(visitor.page.screenshot())).convert("RGB").crop(box)
    pink = sum(count for count, colour in shot.getcolors(1 << 20) or [] if near(colour))
    return pink / (shot.width * shot.height)


def near(colour: object) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - other) < 12 for one, other in zip(colour, PINK, strict=True))


@pytest.mark.parametrize("painter", ["gl", "tiles"])
def test_a_base_map_is_chosen_seen_kept_in_the_address_and_left(
    visitor: Visitor, base: Base, painter: str
) -> None:
    visitor.sign_in("head")
    page = visitor.open_map("?gl=0" if painter == "tiles" else "")
    expect(page.locator("html")).to_have_attribute("data-drawn", painter)
    assert not [url for url in visitor.requests if "/base/" in url]
    assert share_of_pink(visitor, CORNER) == 0
    with page.expect_response("**/base/pink/**"):
        page.select_option("#base", "pink")
    expect(page.locator("#base-legend")).to_contain_text("底图：影像·坐标 WGS 84")
    expect(page.locator("#base-credit")).to_have_text("© 测试地图")
    assert "base=pink" in page.url
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !Getu.painter.gl || Getu.painter.gl.loaded()")
    page.wait_for_timeout(500)
    assert share_of_pink(visitor, CORNER) > 0.6
    middle = (500, 190, 1300, 620)
    assert share_of_pink(visitor, middle) < 0.5  # the grids' colours lie over it
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB").crop(middle)
    mean = shot.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    assert isinstance(mean, tuple)
    assert mean[0] - mean[1] > 60  # … and it shines through them
    page.reload()
    page.wait_for_selector(f"html[data-drawn={painter}][data-ready]", state="attached")
    expect(page.locator("#base")).to_have_value("pink")
    page.select_option("#base", "")
    expect(page.locator("#base-legend")).to_be_hidden()
    assert "base=" not in page.url
    page.wait_for_timeout(1000)
    assert share_of_pink(visitor, CORNER) == 0
    assert visitor.complaints == []
    assert visitor.outside() == []


@pytest.mark.parametrize("painter", ["gl", "tiles"])
def test_where_the_file_has_no_picture_the_map_complains_of_nothing(
    visitor: Visitor, base: Base, painter: str
) -> None:
    visitor.sign_in("head")
    missing: list[int] = []

    def leave_out(route: Route) -> None:
        missing.append(1)
        route.continue_(url=re.sub(r"/base/pink/.*", "/base/pink/10/0/0", route.request.url))

    visitor.context.route(re.compile("/base/pink/"), leave_out)
    page = visitor.open_map(("?gl=0" if painter == "tiles" else "") + "#base=pink")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    assert missing
    expect(page.locator("#base-legend")).to_contain_text("底图：影像")
    assert visitor.complaints == []


def test_a_base_map_whose_file_went_is_told_in_the_legend(visitor: Visitor, base: Base) -> None:
    visitor.sign_in("head")
    body = json.dumps({"type": "about:blank", "title": "x", "status": 503, "code": "base_away"})
    visitor.context.route(
        re.compile("/base/pink/"),
        lambda route: route.fulfill(status=503, content_type="application/problem+json", body=body),
    )
    page = visitor.open_map("#base=pink")
    expect(page.locator("#base-legend")).to_have_text("底图暂时读不出来")
