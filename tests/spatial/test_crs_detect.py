"""The coordinate detective believes what agrees, corrects the impossible, asks where two answers stand."""

import numpy as np
import pyproj
import pytest
import shapely

from app.errors import NeedsAnswer
from app.spatial import crs
from tests.samples.boundary_files import HAIMEN


def numbers(used: str, box: crs.Box = HAIMEN) -> crs.Box:
    """The bounds that a layer over a lon/lat box has in another system."""
    lon, lat = np.meshgrid(box[0::2], box[1::2])
    x, y = crs.points_from_storage(lon.ravel(), lat.ravel(), used)
    return (float(x.min()), float(y.min()), float(x.max()), float(y.max()))


def esri(epsg: int) -> str:
    return pyproj.CRS.from_epsg(epsg).to_wkt("WKT1_ESRI")


EVERY = ["EPSG:4326", "EPSG:3857", "EPSG:4549", "EPSG:4528", "EPSG:4499"]


@pytest.mark.parametrize("used", [*EVERY, *(f"{one}/yx" for one in EVERY), "EPSG:4550"])
def test_with_known_ground_the_numbers_alone_name_the_system(used: str) -> None:
    finding = crs.detect(numbers(used), reference=HAIMEN)
    assert (finding.used, finding.how, finding.declared) == (used, "inferred", None)
    assert finding.evidence
    assert ("axes_swapped" in [note.code for note in finding.warnings]) is used.endswith("/yx")


@pytest.mark.parametrize("used", ["EPSG:4326", "EPSG:3857", "EPSG:4528", "EPSG:4499", "EPSG:4528/yx"])
def test_numbers_that_only_one_system_explains_need_no_known_ground(used: str) -> None:
    assert crs.detect(numbers(used)).settled() == used


@pytest.mark.parametrize("used", ["EPSG:4549", "EPSG:4549/yx"])
def test_eastings_without_a_zone_number_are_a_question_without_known_ground(used: str) -> None:
    finding = crs.detect(numbers(used))
    assert finding.used is None
    assert used in finding.candidates
    with pytest.raises(NeedsAnswer) as caught:
        finding.settled()
    options = caught.value.facts["questions"][0]["options"]
    assert used in [option["value"] for option in options]
    assert all(option["zh"] and option["en"] for option in options)


@pytest.mark.parametrize("epsg", [4326, 4490, 3857, 4549, 4528, 4499, 4509])
@pytest.mark.parametrize("reference", [None, HAIMEN])
def test_a_declaration_that_agrees_is_believed(epsg: int, reference: crs.Box | None) -> None:
    box = (119.0, 31.7, 119.4, 32.0) if epsg == 4509 else HAIMEN
    finding = crs.detect(numbers(f"EPSG:{epsg}", box), declared_wkt=esri(epsg), reference=reference and box)
    assert finding.used == ("EPSG:4326" if epsg == 4490 else f"EPSG:{epsg}")
    assert (finding.how, finding.declared, finding.warnings) == ("declared", f"EPSG:{epsg}", ())


@pytest.mark.parametrize(
    ("declared", "true"),
    [
        (4326, "EPSG:4528"),
        (4490, "EPSG:4549"),
        (4549, "EPSG:4326"),
        (4549, "EPSG:4528"),
        (4528, "EPSG:4549"),
        (4529, "EPSG:4528"),
        (3857, "EPSG:4326"),
        (4326, "EPSG:3857"),
        (4326, "EPSG:4326/yx"),
    ],
)
def test_a_declaration_the_numbers_contradict_is_said_and_corrected(declared: int, true: str) -> None:
    finding = crs.detect(numbers(true), declared_wkt=esri(declared), reference=HAIMEN)
    assert (finding.used, finding.how, finding.declared) == (true, "inferred", f"EPSG:{declared}")
    assert "crs_contradicted" in [note.code for note in finding.warnings]


def test_a_wrong_zone_that_still_lands_in_china_is_a_question() -> None:
    finding = crs.detect(numbers("EPSG:4549"), declared_wkt=esri(4548), reference=HAIMEN)
    assert finding.used is None
    assert finding.candidates == ("EPSG:4549", "EPSG:4548")


def test_a_layer_elsewhere_keeps_its_declaration_with_a_warning() -> None:
    finding = crs.detect((119.0, 33.0, 119.4, 33.4), declared_wkt=esri(4490), reference=HAIMEN)
    assert finding.used == "EPSG:4326"
    assert [note.code for note in finding.warnings] == ["crs_doubtful"]


def test_a_county_that_crosses_a_zone_border_is_no_trap() -> None:
    wide = (120.9, 31.6, 122.3, 32.2)
    for used in ("EPSG:4549", "EPSG:4528", "EPSG:4550", "EPSG:4529"):
        assert (
            crs.detect(numbers(used, wide), declared_wkt=esri(int(used[5:])), reference=wide).how
            == "declared"
        )
        assert crs.detect(numbers(used, wide), reference=wide).used == used


@pytest.mark.parametrize("epsg", [2385, 2364, 2437, 2416, 4610, 4214])
def test_old_datums_are_used_with_a_warning_of_metres(epsg: int) -> None:
    finding = crs.detect(numbers(f"EPSG:{epsg}"), declared_wkt=esri(epsg), reference=HAIMEN)
    assert finding.used == f"EPSG:{epsg}"
    assert [note.code for note in finding.warnings] == ["old_datum"]


def test_degrees_without_a_declaration_warn_of_web_maps() -> None:
    assert [note.code for note in crs.detect(HAIMEN).warnings] == ["datum_unproven"]


@pytest.mark.parametrize("asked", ["gcj02", "bd09", "wgs84", "EPSG:4490"])
def test_what_a_person_says_wins(asked: str) -> None:
    finding = crs.detect(HAIMEN, declared_wkt=esri(4326), asked=asked, reference=HAIMEN)
    assert (finding.used, finding.how) == (crs.parse(asked), "asked")


def test_what_a_person_says_is_not_followed_into_impossible_numbers() -> None:
    for asked in ("wgs84", "gcj02"):
        finding = crs.detect(numbers("EPSG:4528"), asked=asked, reference=HAIMEN)
        assert finding.used is None
        assert finding.candidates == ("EPSG:4528",)
        assert "crs_contradicted" in [note.code for note in finding.warnings]


def test_what_a_person_says_against_the_known_ground_is_followed_with_a_warning() -> None:
    finding = crs.detect(numbers("EPSG:4549"), asked="EPSG:4548", reference=HAIMEN)
    assert finding.used == "EPSG:4548"
    assert [note.code for note in finding.warnings] == ["crs_doubtful"]


@pytest.mark.parametrize("wkt", ["rubbish", "GEOGCS[", "EPSG:abc", "\x00", 'LOCAL_CS["x",UNIT["metre",1]]'])
def test_a_declaration_nobody_can_read_is_said_and_set_aside(wkt: str) -> None:
    finding = crs.detect(HAIMEN, declared_wkt=wkt)
    assert finding.used == "EPSG:4326"
    assert finding.warnings[0].code in ("prj_unreadable", "prj_local")


def test_a_city_grid_of_its_own_is_used_by_its_wkt() -> None:
    own = pyproj.CRS.from_proj4("+proj=tmerc +lon_0=121.25 +x_0=100000 +y_0=-3000000 +ellps=GRS80 +units=m")
    bounds = numbers(own.to_wkt())
    finding = crs.detect(bounds, declared_wkt=own.to_wkt("WKT1_ESRI"), reference=HAIMEN)
    assert finding.how == "declared"
    lon, lat = crs.points_to_storage([bounds[0]], [bounds[1]], finding.settled())
    assert crs.distance_m(lon, lat, HAIMEN[0], HAIMEN[1])[0] < 300


@pytest.mark.parametrize("bounds", [(1e9, 1e9, 2e9, 2e9), (0, 0, 0.1, 0.1), (np.nan,) * 4])
def test_numbers_that_lie_nowhere_are_a_question(bounds: crs.Box) -> None:
    finding = crs.detect(bounds, reference=HAIMEN)
    with pytest.raises(NeedsAnswer) as caught:
        finding.settled()
    assert caught.value.code == "crs_unknown"


def test_one_row_at_zero_does_not_hide_where_a_layer_lies() -> None:
    cells = [shapely.box(121.1 + 0.01 * i, 31.8, 121.11 + 0.01 * i, 31.81) for i in range(20)]
    geoms = np.array([*cells, shapely.box(0, 0, 0.01, 0.01), None, shapely.Polygon()], object)
    assert crs.bounds_of(geoms) == pytest.approx((121.1, 31.8, 121.3, 31.81))
    assert np.isnan(crs.bounds_of(np.array([None], object))).all()


def test_a_single_shape_has_its_own_bounds() -> None:
    assert crs.bounds_of(np.array([shapely.box(*HAIMEN)], object)) == HAIMEN


def test_a_person_who_is_asked_reads_plain_numbers_and_whom_to_ask() -> None:
    several = crs.detect((607238.4, 3521562.0, 622974.0, 3549731.0))
    nowhere = crs.detect((607.2384, 3521.562, 622.974, 3549.731))
    with pytest.raises(NeedsAnswer) as ambiguous:
        several.settled()
    with pytest.raises(NeedsAnswer) as unknown:
        nowhere.settled()
    assert (ambiguous.value.code, unknown.value.code) == ("crs_ambiguous", "crs_unknown")
    assert "607238, 3521562 至 622974, 3549731" in ambiguous.value.zh
    assert "中央经线" in ambiguous.value.zh
    assert "单位" in unknown.value.zh
