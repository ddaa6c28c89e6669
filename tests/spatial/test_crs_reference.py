"""Borders shared with known ground tell GCJ-02 and BD-09; what shares none, or only roughly, is not moved."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from numpy.typing import NDArray

from app.errors import NeedsAnswer
from app.spatial import crs, formats

DATA = Path(__file__).parents[2] / "data" / "boundaries"
HYPOTHESES = ("EPSG:4326", "gcj02", "bd09")
Shapes = NDArray[Any]


@cache
def ground(name: str) -> Shapes:
    """A layer of the demo bank in EPSG:4326."""
    return crs.to_storage(formats.read(DATA / f"haimen_{name}.zip").geoms, "EPSG:4549")


def at_the_frame(count: int) -> Shapes:
    """The first villages that touch the frame."""
    outline = shapely.boundary(ground("frame")[0])
    return ground("villages")[shapely.intersects(ground("villages"), outline)][:count]


def coarse(metres: float) -> crs.Reference:
    return crs.Reference.of(shapely.simplify(ground("frame"), metres / 111_320))


def redrawn(shapes: Shapes, metres: float, share: float = 1.0) -> Shapes:
    """Every vertex (or a share of them) moved up to `metres`; a shared vertex moves the same way in both."""

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        seed = np.round(xy, 6) @ [[12345.678, 54321.1, 777.7], [98765.432, 23456.7, 333.3]]
        return xy + np.sin(seed[:, :2]) * metres / 111_320 * (np.abs(np.sin(seed[:, 2:])) < share)

    return np.asarray(shapely.transform(shapes, move), object)


def find(
    layer: Shapes, used: str, reference: crs.Reference, *, epsg: int | None = None, asked: str | None = None
) -> crs.CrsFinding:
    """What is believed of a layer written in the system `used`, declared as `epsg` or not at all."""
    numbers = crs.from_storage(layer, used)
    wkt = None if epsg is None else pyproj.CRS.from_epsg(epsg).to_wkt("WKT1_ESRI")
    return crs.detect(
        crs.bounds_of(numbers), declared_wkt=wkt, asked=asked, reference=reference, geoms=numbers
    )


def codes(finding: crs.CrsFinding) -> set[str]:
    return {note.code for note in (*finding.evidence, *finding.warnings)}


@pytest.mark.parametrize("used", [*HYPOTHESES, "EPSG:3857", "EPSG:3857+gcj02", "bd09mc", "EPSG:4549+bd09"])
def test_villages_that_declare_nothing_are_told_by_the_frame(used: str) -> None:
    finding = find(ground("villages"), used, crs.Reference.of(ground("frame")))
    assert (finding.used, finding.how) == (used, "inferred")
    assert finding.confidence > 0.8
    assert "borders_agree" in codes(finding)
    assert "datum_unproven" not in codes(finding)
    back = crs.to_storage(crs.from_storage(ground("villages"), used), finding.settled())
    corners, truth = shapely.get_coordinates(back), shapely.get_coordinates(ground("villages"))
    assert crs.distance_m(*corners.T, *truth.T).max() < 0.01


@pytest.mark.parametrize("used", HYPOTHESES)
@pytest.mark.parametrize(
    ("layer", "reference"),
    [
        (lambda: ground("villages"), lambda: coarse(100)),
        (lambda: ground("villages"), lambda: coarse(200)),
        (lambda: redrawn(ground("villages"), 100), lambda: crs.Reference.of(ground("frame"))),
        (lambda: redrawn(ground("villages"), 150, 0.2), lambda: crs.Reference.of(ground("villages"))),
        (lambda: at_the_frame(3), lambda: crs.Reference.of(ground("frame"))),
        (lambda: ground("villages")[100:103], lambda: crs.Reference.of(ground("villages"))),
    ],
    ids=["frame of 100 m", "frame of 200 m", "redrawn 100 m", "a fifth moved", "three at the frame", "three"],
)
def test_coarse_redrawn_and_small_layers_are_told_as_well(used: str, layer: Any, reference: Any) -> None:
    finding = find(layer(), used, reference())
    assert finding.used == used
    assert finding.confidence >= 0.5


@pytest.mark.parametrize(
    ("used", "epsg", "declared"),
    [
        ("gcj02", 4326, "EPSG:4326"),
        ("bd09", 4490, "EPSG:4326"),
        ("EPSG:4549+gcj02", 4549, "EPSG:4549"),
        ("bd09mc", 3857, "EPSG:3857"),
    ],
)
def test_a_declaration_that_the_borders_contradict_is_a_question(used: str, epsg: int, declared: str) -> None:
    finding = find(ground("villages"), used, crs.Reference.of(ground("frame")), epsg=epsg)
    with pytest.raises(NeedsAnswer) as caught:
        finding.settled()
    assert caught.value.code == "crs_shifted"
    options = caught.value.facts["questions"][0]["options"]
    assert [option["value"] for option in options] == [used, declared]
    assert "米" in options[0]["zh"]
    assert finding.confidence > 0.8


def test_a_declaration_that_the_borders_confirm_is_surer_than_one_nobody_can_check() -> None:
    confirmed = find(ground("villages"), "EPSG:4549", crs.Reference.of(ground("frame")), epsg=4549)
    unchecked = crs.detect(crs.bounds_of(crs.from_storage(ground("villages"), "EPSG:4549")), asked=None)
    declared = crs.detect(crs.bounds_of(ground("villages")), declared_wkt="EPSG:4326")
    assert (confirmed.used, confirmed.how, confirmed.warnings) == ("EPSG:4549", "declared", ())
    assert confirmed.confidence > 0.95 > declared.confidence > unchecked.confidence


@pytest.mark.parametrize("used", HYPOTHESES)
def test_the_next_county_shares_no_border_that_would_tell(used: str) -> None:
    beyond = shapely.transform(ground("villages"), lambda xy: xy + np.array([0.45, 0.0]))
    finding = find(beyond, used, crs.Reference.of(ground("frame")))
    assert finding.used == "EPSG:4326"
    assert {"no_shared_border", "datum_unproven"} <= codes(finding)
    assert finding.confidence <= 0.4


def test_markets_inside_villages_move_nothing() -> None:
    finding = find(ground("markets"), "EPSG:4326", crs.Reference.of(ground("frame")))
    assert finding.used == "EPSG:4326"
    assert "datum_unproven" in codes(finding)


@pytest.mark.parametrize("used", HYPOTHESES)
def test_points_are_told_by_the_banks_own_houses(used: str) -> None:
    rng = np.random.default_rng(7)
    houses = rng.uniform([121.05, 31.75], [121.5, 32.05], (24, 2))
    reference = crs.Reference.of([], points=houses)
    places = houses[::2] + rng.normal(0, 5, (12, 2)) / 111_320
    assert find(shapely.points(places), used, reference).used == used
    strangers = shapely.points(rng.uniform([121.05, 31.75], [121.5, 32.05], (12, 2)))
    assert find(strangers, used, reference).used == "EPSG:4326"


def test_a_constant_shift_of_metres_is_told_and_not_corrected() -> None:
    off = shapely.transform(ground("villages"), lambda xy: xy + np.array([80 / 94_400, 45 / 111_320]))
    finding = find(off, "EPSG:4326", crs.Reference.of(ground("frame")), epsg=4490)
    assert (finding.used, finding.how) == ("EPSG:4326", "declared")
    assert "crs_offset" in codes(finding)
    assert finding.shift_m == pytest.approx((80, 45), abs=3)


def test_what_a_person_says_wins_over_the_borders_with_a_warning() -> None:
    kept = find(ground("villages"), "gcj02", crs.Reference.of(ground("frame")), asked="EPSG:4326")
    assert (kept.used, kept.how) == ("EPSG:4326", "asked")
    assert "crs_shifted" in codes(kept)
    moved = find(ground("villages"), "gcj02", crs.Reference.of(ground("frame")), asked="gcj02")
    assert (moved.used, moved.warnings) == ("gcj02", ())


def test_the_report_says_how_far_and_in_which_direction() -> None:
    told = find(ground("villages"), "gcj02", crs.Reference.of(ground("frame"))).as_json()
    assert told["used"] == "gcj02"
    assert [one["used"] for one in told["hypotheses"]] == list(HYPOTHESES)
    assert told["hypotheses"][1]["distance_m"] < 1 < told["hypotheses"][0]["distance_m"]
    assert 470 < told["shift_m"] < 490
    assert 110 < told["shift_bearing_deg"] < 122
    assert json.loads(json.dumps(told)) == told


def test_the_picture_is_light_and_shows_the_move() -> None:
    reference = crs.Reference.of(ground("frame"))
    numbers = crs.from_storage(ground("villages"), "gcj02")
    finding = crs.detect(crs.bounds_of(numbers), reference=reference, geoms=numbers)
    shown = json.loads(json.dumps(crs.draw_shift(numbers, finding, reference)))
    for part in ("reference", "before", "after"):
        assert 0 < sum(map(len, shown[part]["coordinates"])) <= 3_000
    assert (shown["before_used"], shown["after_used"]) == ("EPSG:4326", "gcj02")
    before, after = (np.array(shown[part]["coordinates"][0])[0] for part in ("before", "after"))
    east, north = shown["vector_m"]
    assert (before - after) * [94_400, 111_000] == pytest.approx([east, north], abs=25)
    assert shown["residual_m"] < 1
    assert shown["bbox"][0] < 121.1 < shown["bbox"][2]


def test_the_close_view_draws_each_shared_border_once_and_in_all_detail() -> None:
    villages = ground("villages")
    reference = crs.Reference.of(villages)
    numbers = crs.from_storage(villages, "gcj02")
    finding = crs.detect(crs.bounds_of(numbers), reference=reference, geoms=numbers)
    close = crs.draw_shift(numbers, finding, reference)["close"]
    known, after = (shapely.MultiLineString(close[part]["coordinates"]) for part in ("reference", "after"))
    assert 4_000 < (close["bbox"][2] - close["bbox"][0]) * 94_400 < 8_000
    assert after.length == pytest.approx(known.length, rel=0.01)
    assert shapely.hausdorff_distance(after, known) < 0.0005
    before = shapely.MultiLineString(close["before"]["coordinates"])
    assert shapely.hausdorff_distance(before, after) > 0.001


def test_the_picture_of_nothing_is_empty() -> None:
    nothing = np.array([None, shapely.Polygon()], object)
    finding = crs.detect(crs.bounds_of(nothing), geoms=nothing)
    shown = crs.draw_shift(nothing, finding, None)
    assert shown["bbox"] is None
    assert shown["after"]["coordinates"] == []


def test_known_ground_needs_something_known() -> None:
    with pytest.raises(ValueError, match="known ground"):
        crs.Reference.of([None])
