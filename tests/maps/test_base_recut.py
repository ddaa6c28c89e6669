"""A base map shifted to GCJ-02 is cut anew so that it lies on the ground; what error is left is measured."""

import io
import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.maps.base.mbtiles import latitude
from app.maps.base.recut import find_offset, recut, unshift_box
from app.spatial.crs.shift import shift_to_gcj02
from tests.maps.base_files import picture

# Counties from the far north-east to the far south, and one in the far west.
COUNTIES = [(121.2, 31.9), (126.6, 45.7), (110.3, 20.0), (103.9, 30.7), (87.6, 43.8), (117.0, 36.6)]


def to_tile(lon: float, lat: float, z: int) -> tuple[float, float]:
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return (lon + 180) / 360 * (1 << z), down * (1 << z)


@pytest.mark.parametrize("z", [8, 11, 14, 18])
@pytest.mark.parametrize("county", COUNTIES)
def test_the_error_that_is_left_is_less_than_a_pixel_everywhere(z: int, county: tuple[float, float]) -> None:
    x, y = (int(one) for one in to_tile(*county, z))
    worst = 0.0
    offsets = {(dx, dy): find_offset(z, x + dx, y + dy, 256) for dx in (0, 1) for dy in (0, 1)}
    for across in np.linspace(0, 1, 9):
        for down in np.linspace(0, 1, 9):
            lon, lat = (x + across) / (1 << z) * 360 - 180, latitude((y + down) / (1 << z))
            true_x, true_y = to_tile(*(float(one) for one in shift_to_gcj02(lon, lat)), z)
            east, south = offsets[0, 0]
            worst = max(
                worst, math.hypot((true_x - x - across) * 256 - east, (true_y - y - down) * 256 - south)
            )
    seams = [math.dist(offsets[0, 0], other) for other in offsets.values()]
    assert worst < 1
    assert max(seams) < 1.5


def test_a_spot_of_the_shifted_picture_comes_to_lie_where_the_spot_is() -> None:
    lon, lat, z = 121.2, 31.9, 16
    shifted_x, shifted_y = to_tile(*(float(one) for one in shift_to_gcj02(lon, lat)), z)
    x, y = to_tile(lon, lat, z)
    assert (
        math.hypot(shifted_x - x, shifted_y - y) * 256 > 100
    )  # some 450 m: without care it would be far off

    def read(_z: int, column: int, row: int) -> bytes:
        sheet = Image.new("RGB", (256, 256), "white")
        at = ((shifted_x - column) * 256, (shifted_y - row) * 256)
        ImageDraw.Draw(sheet).rectangle([at[0] - 3, at[1] - 3, at[0] + 3, at[1] + 3], fill="black")
        return picture(sheet)

    whole = np.zeros((512, 512))
    left, top = math.floor(x - 0.5), math.floor(y - 0.5)
    for column in (0, 1):
        for row in (0, 1):
            content = recut(read, (z, left + column, top + row), "png", 256)
            assert content is not None
            part = np.asarray(Image.open(io.BytesIO(content)).convert("L"))
            whole[row * 256 : row * 256 + 256, column * 256 : column * 256 + 256] = part
    rows, columns = np.nonzero(whole < 128)
    assert columns.mean() == pytest.approx((x - left) * 256, abs=1.2)
    assert rows.mean() == pytest.approx((y - top) * 256, abs=1.2)


def test_where_a_part_is_missing_the_picture_is_seen_through_and_where_all_is_there_is_none() -> None:
    place = (16, *(int(one) for one in to_tile(121.2, 31.9, 16)))
    asked: list[tuple[int, int]] = []

    def read_some(_z: int, column: int, row: int) -> bytes | None:
        asked.append((column, row))
        return picture(Image.new("RGB", (256, 256), "red"), "jpg") if len(asked) == 1 else None

    content = recut(read_some, place, "jpg", 256)
    assert content is not None
    assert content.startswith(b"\x89PNG")
    assert len(asked) == 4
    assert recut(lambda *_: None, place, "jpg", 256) is None
    full = recut(lambda *_: picture(Image.new("RGB", (256, 256), "red"), "jpg"), place, "jpg", 256)
    assert full is not None
    assert full.startswith(b"\xff\xd8\xff")


def test_a_box_is_put_back_with_its_pictures() -> None:
    west, south, east, north = unshift_box((121.0, 31.6, 121.9, 32.3))
    assert 200 < (121.0 - west) * 94_500 < 600
    assert 100 < (south - 31.6) * 111_000 < 400
    assert east < 121.9
    assert north > 32.3
