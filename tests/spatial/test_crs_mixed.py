"""Zones mixed in one file, numbers made whole, Baidu's metres, and declarations that are only a name."""

from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.errors import BadInput
from app.spatial import crs
from app.spatial.crs.declared import name_zone, read_declared
from tests.samples.boundary_files import HAIMEN

Shapes = NDArray[Any]
UNNAMED = (
    'PROJCS["unnamed",GEOGCS["unnamed",DATUM["{datum}",SPHEROID["x",{ellipsoid}]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],'
    'PARAMETER["central_meridian",{meridian}],PARAMETER["scale_factor",1],'
    'PARAMETER["false_easting",{easting}],PARAMETER["false_northing",0],UNIT["Meter",1.0]]'
)


def villages() -> Shapes:
    """Squares over all of a county that crosses 121.5 E, the border between the zones 40 and 41."""
    lon, lat = np.meshgrid(np.arange(121.0, 121.95, 0.05), np.arange(31.7, 32.1, 0.05))
    return np.asarray(shapely.box(lon, lat, lon + 0.05, lat + 0.05).ravel(), object)


def by_rows(west: str, east: str) -> Shapes:
    """The county with each row in its own zone, as two survey teams deliver it."""
    shapes = villages()
    rows = shapely.bounds(shapes)[:, 0] >= 121.499
    out = crs.from_storage(shapes, west)
    out[rows] = crs.from_storage(shapes[rows], east)
    return out


def worst_m(numbers: Shapes, used: str) -> float:
    back, truth = (shapely.get_coordinates(one) for one in (crs.to_storage(numbers, used), villages()))
    return float(crs.distance_m(*back.T, *truth.T).max())


@pytest.mark.parametrize("epsg", [None, 4528, 4529])
@pytest.mark.parametrize("known", [None, HAIMEN])
def test_rows_of_two_numbered_zones_are_each_taken_by_their_own(
    epsg: int | None, known: crs.Box | None
) -> None:
    numbers = by_rows("EPSG:4528", "EPSG:4529")
    wkt = None if epsg is None else pyproj.CRS.from_epsg(epsg).to_wkt("WKT1_ESRI")
    finding = crs.detect(crs.bounds_of(numbers), declared_wkt=wkt, reference=known, geoms=numbers)
    assert finding.used == "EPSG:4528|EPSG:4529"
    assert "zones_mixed" in [note.code for note in finding.warnings]
    assert worst_m(numbers, finding.settled()) < 0.01


def test_rows_of_two_zones_without_numbers_need_known_ground() -> None:
    numbers = by_rows("EPSG:4549", "EPSG:4550")
    finding = crs.detect(crs.bounds_of(numbers), reference=HAIMEN, geoms=numbers)
    assert worst_m(numbers, finding.settled()) < 0.01
    alone = crs.detect(crs.bounds_of(numbers), geoms=numbers)
    assert alone.used is None
    assert "EPSG:4549|EPSG:4550" in alone.candidates
    told = crs.detect(crs.bounds_of(numbers), geoms=numbers, asked="EPSG:4549|EPSG:4550")
    assert told.used == "EPSG:4549|EPSG:4550"


def test_a_number_in_front_of_some_rows_only_is_no_trap() -> None:
    numbers = by_rows("EPSG:4528", "EPSG:4549")
    finding = crs.detect(crs.bounds_of(numbers), reference=HAIMEN, geoms=numbers)
    assert worst_m(numbers, finding.settled()) < 0.01


@pytest.mark.parametrize("used", ["EPSG:4528", "EPSG:4549", "EPSG:4529", "EPSG:4550"])
def test_one_zone_beyond_its_border_stays_one_zone(used: str) -> None:
    numbers = crs.from_storage(villages(), used)
    finding = crs.detect(crs.bounds_of(numbers), reference=HAIMEN, geoms=numbers)
    assert (finding.used, finding.how) == (used, "inferred")


@pytest.mark.parametrize("order", ["", "/yx"])
def test_two_zones_with_north_first_are_seen_too(order: str) -> None:
    numbers = by_rows("EPSG:4528" + order, "EPSG:4529" + order)
    finding = crs.detect(crs.bounds_of(numbers), geoms=numbers)
    assert finding.used == "EPSG:4528|EPSG:4529" + order


@pytest.mark.parametrize("scale", [6, 7])
def test_degrees_made_whole_numbers_are_divided_again(scale: int) -> None:
    used = f"EPSG:4326/e{scale}"
    numbers = shapely.transform(crs.from_storage(villages(), used), np.rint)
    finding = crs.detect(crs.bounds_of(numbers), geoms=numbers)
    assert finding.used == used
    assert "numbers_scaled" in [note.code for note in finding.warnings]
    assert worst_m(numbers, used) < 0.2


def test_whole_numbers_that_may_be_degrees_or_metres_are_a_question() -> None:
    numbers = shapely.transform(crs.from_storage(villages(), "EPSG:4326/e5"), np.rint)
    finding = crs.detect(crs.bounds_of(numbers), geoms=numbers)
    assert finding.used is None
    assert finding.candidates == ("EPSG:4326/e5", "EPSG:3857")
    assert crs.detect(crs.bounds_of(numbers), geoms=numbers, reference=HAIMEN).used == "EPSG:4326/e5"


SYSTEMS = ["gcj02", "bd09", "bd09mc", "EPSG:3857+gcj02", "EPSG:3857+bd09", "EPSG:4326/e6", "gcj02/e7/yx"]


@given(
    st.floats(74.0, 134.0),
    st.floats(4.0, 53.0),
    st.sampled_from([*SYSTEMS, "EPSG:4326", "EPSG:3857", "zone", "zone+gcj02", "zone+bd09/yx", "pair"]),
)
def test_every_hypothesis_brings_a_point_of_china_back(lon: float, lat: float, used: str) -> None:
    bare = crs.local_crs(lon).to_epsg() or 0
    pair = f"EPSG:{max(bare - 1, 4534) - 21}|EPSG:{bare - 21}"
    used = used.replace("zone", f"EPSG:{bare}").replace("pair", pair)
    back = crs.points_to_storage(*crs.points_from_storage([lon], [lat], used), used)
    assert crs.distance_m(*back, lon, lat)[0] < 0.01


def test_baidus_metres_are_where_baidu_says() -> None:
    """Tian'anmen in Baidu's own example: 116.404, 39.915 is 12958175, 4825923.77."""
    lon, lat = crs.points_to_storage([12958175.0], [4825923.77], "bd09mc")
    want = crs.points_to_storage([116.404], [39.915], "bd09")
    assert crs.distance_m(lon, lat, *want)[0] < 0.1
    other = crs.points_to_storage([12958175.0], [4825923.77], "EPSG:3857")
    assert crs.distance_m(lon, lat, *other)[0] > 15_000


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("3857+GCJ02", "EPSG:3857+gcj02"),
        ("4326+gcj02", "gcj02"),
        ("EPSG:4549+bd09/yx", "EPSG:4549+bd09/yx"),
        ("4528|4529", "EPSG:4528|EPSG:4529"),
        ("epsg:4326/e6", "EPSG:4326/e6"),
        ("bd09mc", "bd09mc"),
    ],
)
def test_a_compound_system_may_be_named_by_a_person(text: str, system: str) -> None:
    assert crs.parse(text) == system
    assert all(crs.describe(system))


@pytest.mark.parametrize("text", ["4528|", "4326|4549", "+gcj02", "EPSG:4549+mars", "4549/e9", "a|b"])
def test_a_compound_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        crs.parse(text)


@pytest.mark.parametrize(
    ("datum", "ellipsoid", "easting", "epsg"),
    [
        ("CGCS2000", "6378137,298.257222101", 40500000, 4528),
        ("unknown", "6378137,298.257222101", 500000, 4549),
        ("unnamed", "6378140,298.257", 500000, 2385),
        ("unnamed", "6378245,298.3", 40500000, 2416),
    ],
)
def test_a_nameless_mercator_is_told_by_its_parameters(
    datum: str, ellipsoid: str, easting: int, epsg: int
) -> None:
    wkt = UNNAMED.format(datum=datum, ellipsoid=ellipsoid, easting=easting, meridian=120)
    assert read_declared(wkt)[0] == f"EPSG:{epsg}"


@pytest.mark.parametrize(
    ("text", "epsg"),
    [
        ("CGCS2000_3_Degree_GK_Zone_40", 4528),
        ("CGCS2000_3_Degree_GK_CM_120E", 4549),
        ("Xian_1980_3_Degree_GK_Zone_40", 2364),
        ("Xian_1980_GK_CM_117E", 2345),
        ("Beijing_1954_3_Degree_GK_CM_120E", 2437),
        ("Beijing_1954_GK_Zone_20", 21420),
        ("Haimen city grid", None),
    ],
)
def test_a_zone_is_known_by_its_name_alone(text: str, epsg: int | None) -> None:
    assert name_zone(text) == epsg
    local = f'LOCAL_CS["{text}",UNIT["metre",1]]'
    for declared in (text, local):
        assert read_declared(declared)[0] == (None if epsg is None else f"EPSG:{epsg}")


@pytest.mark.parametrize("epsg", [4490, 4528, 4549, 2364, 21420, 3857])
@pytest.mark.parametrize("how", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019", "json"])
def test_every_spelling_of_a_declaration_is_read(epsg: int, how: str) -> None:
    system = pyproj.CRS.from_epsg(epsg)
    text = system.to_json() if how == "json" else system.to_wkt(how)
    assert read_declared(text)[0] == ("EPSG:4326" if epsg == 4490 else f"EPSG:{epsg}")


def test_a_wrong_old_zone_of_five_digits_warns_of_metres_too() -> None:
    box = crs.points_from_storage([121.1, 121.4], [31.8, 32.0], "EPSG:21421")
    bounds = (*(float(part[0]) for part in box), *(float(part[1]) for part in box))
    finding = crs.detect(bounds, declared_wkt=pyproj.CRS.from_epsg(21421).to_wkt("WKT1_ESRI"))
    assert [note.code for note in finding.warnings] == ["old_datum"]
