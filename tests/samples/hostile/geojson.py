"""GeoJSON, GeoJSON-seq and TopoJSON that are cut, deep, wide, not finite, or two things at once."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from app.spatial.formats import Limits
from tests.samples import boundary_files as made
from tests.samples.hostile import sound
from tests.samples.hostile.case import Bait, Hostile, Outcome, cuts, gives, refused, whole

_NOT_JSON = refused(
    "picture",
    "json_truncated",
    "json_broken",
    "not_geojson",
    "content_mismatch",
    "unknown_format",
    "json_too_deep",
)


def _one(geometry: Any, **properties: Any) -> str:
    return sound.collection(sound.village(geometry, **properties))


def _raw_ring(numbers: str) -> str:
    """A polygon whose coordinates are this text, as no JSON writer would write them."""
    return (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":1},'
        f'"geometry":{{"type":"Polygon","coordinates":{numbers}}}}}]}}'
    )


def _deep(depth: int) -> str:
    return '{"type":"Polygon","coordinates":' + "[" * depth + "]" * depth + "}"


def _deep_property(depth: int) -> str:
    nested = '{"a":' * depth + "1" + "}" * depth
    return sound.collection(sound.village(n=1)).replace('{"n": 1}', f'{{"n": {nested}}}')


def _deep_collection(depth: int) -> str:
    point = '{"type":"Point","coordinates":[121.2,31.8]}'
    nested = '{"type":"GeometryCollection","geometries":[' * depth + point + "]}" * depth
    return f'{{"type":"Feature","properties":{{}},"geometry":{nested}}}'


def _wide(rows: int, columns: int, *, shared: bool) -> str:
    name = (lambda row, column: f"c{column}") if shared else (lambda row, column: f"c{row}_{column}")
    features = (
        sound.village(**{name(row, column): column for column in range(columns)}) for row in range(rows)
    )
    return sound.collection(*features)


def _cut() -> Iterator[Hostile]:
    data = sound.geojson()
    for nth, length in cuts(len(data), 12):
        yield Hostile(f"geojson/cut-{nth}.geojson", _NOT_JSON, partial(_head, length))
    yield Hostile("geojson/zero-bytes.geojson", refused("empty_file"), b"")
    yield Hostile("geojson/only-spaces.geojson", _NOT_JSON, b" " * 5000)
    yield Hostile("geojson/only-mark.geojson", _NOT_JSON, b"\xef\xbb\xbf")
    yield Hostile("geojson/only-null.json", _NOT_JSON, b"null")
    yield Hostile("geojson/only-list.json", _NOT_JSON, b"[1,2,3]")
    yield Hostile("geojson/only-text.json", _NOT_JSON, b'"a"')


def _head(length: int) -> bytes:
    return sound.geojson()[:length]


def _syntax() -> Iterator[Hostile]:
    good = sound.collection(sound.village(n=1))
    for what, text in (
        ("comment", "// a\n" + good),
        ("single-quotes", good.replace('"', "'")),
        ("trailing-comma", good[:-1] + ",}"),
        ("tail", good + "}"),
        ("tail-second", good + good),
        ("script", f"callback({good})"),
        ("markup", f"<html><script>{good}</script></html>"),
        ("control", good.replace("n", "a\x01b", 1)),
        ("number-long", _raw_ring("[[[" + "1" * 5000 + ",1]]]")),
        ("assignment", f"var a = {good};"),
    ):
        yield Hostile(f"geojson/syntax-{what}.geojson", _NOT_JSON, text)
    yield Hostile("geojson/depth-100000.geojson", refused("json_too_deep"), partial(_deep, 100_000))
    yield Hostile("geojson/depth-900.geojson", whole(1), partial(_deep, 900))
    yield Hostile(
        "geojson/property-depth-100000.geojson", refused("json_too_deep"), partial(_deep_property, 100_000)
    )
    yield Hostile("geojson/property-depth-500.geojson", whole(1), partial(_deep_property, 500))
    for depth in (20, 300, 100_000):
        outcome = whole(1, "json_too_deep", "not_geojson")
        yield Hostile(f"geojson/collections-{depth}.geojson", outcome, partial(_deep_collection, depth))
    yield Hostile("geojson/columns-1999.geojson", whole(1), lambda: _wide(1, 1999, shared=True))
    for what, rows, columns, shared in (("5000", 1, 5000, True), ("of-each-row", 900, 60, False)):
        yield Hostile(
            f"geojson/columns-{what}.geojson",
            refused("too_many_columns"),
            partial(_wide, rows, columns, shared=shared),
        )
    yield Hostile("geojson/one-long-line.geojson", whole(1), lambda: _one(None, n="长" * 300_000))
    yield Hostile("geojson/spaces-20-mib.geojson", whole(1), lambda: " " * (20 << 20) + good)
    yield Hostile("geojson/nul-bytes.geojson", _NOT_JSON, lambda: good.encode() + b"\0" * 5000)
    yield Hostile("geojson/nul-between.geojson", _NOT_JSON, lambda: good.replace(",", ",\0"))


_NUMBERS = {
    "nan": "[[[NaN,31.8],[121.3,31.8],[121.3,31.9],[NaN,31.8]]]",
    "infinity": "[[[Infinity,31.8],[121.3,31.8],[121.3,31.9],[Infinity,31.8]]]",
    "minus-infinity": "[[[-Infinity,31.8],[121.3,31.8],[121.3,31.9],[-Infinity,31.8]]]",
    "1e308": "[[[1e308,1e308],[121.3,31.8],[121.3,31.9],[1e308,1e308]]]",
    "1e400": "[[[1e400,31.8],[121.3,31.8],[121.3,31.9],[1e400,31.8]]]",
    "denormal": "[[[5e-324,5e-324],[1e-320,0],[1e-320,1e-320],[5e-324,5e-324]]]",
    "whole-huge": "[[[" + "9" * 400 + ",31.8],[121.3,31.8],[121.3,31.9],[1,1]]]",
    "texts": '[[["121.2","31.8"],["121.3","31.8"],["121.3","31.9"],["121.2","31.8"]]]',
    "nulls": "[[[null,null],[null,null],[null,null],[null,null]]]",
    "truths": "[[[true,false],[true,true],[false,true],[true,false]]]",
    "objects": '[[{"x":121.2,"y":31.8}]]',
    "object": '{"a":[1,2]}',
    "text": '"POLYGON((0 0,1 1,1 0,0 0))"',
    "one-number": "[[[121.2],[121.3],[121.3],[121.2]]]",
    "five-numbers": "[[[1,2,3,4,5],[2,2,3,4,5],[2,3,3,4,5],[1,2,3,4,5]]]",
    "mixed-lengths": "[[[121.2,31.8],[121.3,31.8,5],[121.3,31.9],[121.2,31.8]]]",
    "empty": "[]",
    "empty-ring": "[[]]",
    "empty-point": "[[[]]]",
    "two-points": "[[[121.2,31.8],[121.3,31.8]]]",
    "open-ring": "[[[121.2,31.8],[121.3,31.8],[121.3,31.9]]]",
    "one-point-ring": "[[[121.2,31.8],[121.2,31.8],[121.2,31.8],[121.2,31.8]]]",
    "ring-too-shallow": "[[121.2,31.8],[121.3,31.8],[121.3,31.9],[121.2,31.8]]",
    "ring-too-deep": "[[[[121.2,31.8],[121.3,31.8],[121.3,31.9],[121.2,31.8]]]]",
}


def _values() -> Iterator[Hostile]:
    for what, numbers in _NUMBERS.items():
        yield Hostile(f"geojson/coordinates-{what}.geojson", whole(1), _raw_ring(numbers))
    for what, geometry in (
        ("unknown-type", {"type": "Torus", "coordinates": []}),
        ("type-number", {"type": 5, "coordinates": []}),
        ("type-list", {"type": ["Polygon"], "coordinates": []}),
        ("type-path", {"type": "/vsicurl/x", "coordinates": []}),
        ("no-coordinates", {"type": "Polygon"}),
        ("a-text", "POLYGON((0 0,1 1,1 0,0 0))"),
        ("a-number", 5),
        ("a-list", [1, 2]),
        ("feature-in-feature", sound.village(n=1)),
        ("geometries-itself", {"type": "GeometryCollection", "geometries": {"a": 1}}),
    ):
        yield Hostile(f"geojson/geometry-{what}.geojson", whole(1), partial(_one, geometry, n=1))
    for what, features in (
        ("null", [None]),
        ("number", [5]),
        ("nested-list", [[[]]]),
        ("text", ["Feature"]),
        ("a-collection", [json.loads(sound.collection(sound.village(n=1)))]),
    ):
        yield Hostile(f"geojson/feature-{what}.geojson", whole(1), json.dumps(made.collection(features)))
    for what, features in (("object", {"a": 1}), ("text", "abc"), ("number", 7), ("missing", None)):
        yield Hostile(
            f"geojson/features-{what}.geojson",
            refused("not_geojson", "empty_layer"),
            json.dumps({"type": "FeatureCollection", "features": features}),
        )
    yield Hostile(
        "geojson/vertices-many.geojson",
        refused("too_many_vertices"),
        lambda: _one({"type": "LineString", "coordinates": [[i / 1e4, 1] for i in range(60_000)]}),
        limits=Limits(vertices=50_000),
    )


_TEXTS = {
    "nul": "a\0b",
    "half-surrogate": "\ud800",
    "surrogates-reversed": "\udc00\ud800",
    "control": "\x1b[2J\x07\x7f\x85",
    "right-to-left": "\u202e村名\u2066",
    "zero-width": "\u200b\ufeff\u2060",
    "private": "\ue000\U0010ffff\ufffe",
    "markup": "<img src=x onerror=alert(1)>",
    "formula": "=cmd|' /C calc'!A0",
    "sql": "'; DROP TABLE unit; --",
    "long": "村" * 200_000,
}


def _texts() -> Iterator[Hostile]:
    for what, text in _TEXTS.items():
        yield Hostile(f"geojson/name-{what}.geojson", whole(1), partial(_one, None, 村名=text))
        yield Hostile(f"geojson/heading-{what}.geojson", whole(1), partial(_one, None, **{text: 1}))
    for what, properties in (("list", [1]), ("text", "a"), ("number", 7), ("null", None)):
        feature = {"type": "Feature", "properties": properties, "geometry": made.square_json()}
        yield Hostile(f"geojson/properties-{what}.geojson", gives(1), json.dumps(made.collection([feature])))
    yield Hostile(
        "geojson/ids-objects.geojson",
        whole(1),
        json.dumps(made.collection([{**sound.village(n=1), "id": {"a": [1]}}])),
    )
    yield Hostile(
        "geojson/keys-twice.geojson",
        whole(1),
        '{"type":"FeatureCollection","features":[],' + sound.collection(sound.village(n=1))[1:],
    )
    yield Hostile(
        "geojson/bytes-not-utf8.geojson",
        Outcome(None, asks=frozenset({"encoding_unclear"}), rows=1),
        lambda: _one(None, n="NAME").encode().replace(b"NAME", b"\xff\xfe\xc0\x80\xed\xa0\x80"),
    )


def _systems() -> Iterator[Hostile]:
    for what, crs in (
        ("link", {"type": "link", "properties": {"href": "{url}", "type": "proj4"}}),
        ("link-file", {"type": "link", "properties": {"href": "file://{secret}", "type": "esriwkt"}}),
        ("url", {"type": "name", "properties": {"name": "{url}"}}),
        ("path", {"type": "name", "properties": {"name": "{secret}"}}),
        ("vsicurl", {"type": "name", "properties": {"name": "/vsicurl/{url}"}}),
        ("proj-grid", {"type": "name", "properties": {"name": "+proj=longlat +nadgrids=@{secret}"}}),
        ("number-unknown", {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::999999"}}),
        ("list", [1, 2]),
        ("text", "EPSG:4326"),
        ("properties-list", {"type": "name", "properties": [1]}),
        ("deep", {"type": "name", "properties": {"name": {"name": {"name": []}}}}),
    ):
        yield Hostile(f"geojson/crs-{what}.geojson", gives(1), lure=partial(_with_crs, crs))
    for name in ("esri", "gdalg", "service", "jsonfg", "stac", "wfs3"):
        yield Hostile(
            f"geojson/other-{name}.geojson",
            gives(1) if name == "esri" else refused("not_geojson", "unknown_format"),
            lure=partial(_other_json, name),
        )


def _with_crs(crs: Any, bait: Bait) -> str:
    text = sound.collection(sound.village(n=1), crs=crs)
    return text.replace("{url}", bait.url).replace("{secret}", bait.secret(".geojson"))


def _other_json(name: str, bait: Bait) -> str:
    """JSON that some GDAL driver would follow to another place."""
    secret, url = bait.secret(".geojson"), bait.url
    return json.dumps(
        {
            "esri": {
                "displayFieldName": "n",
                "geometryType": "esriGeometryPolygon",
                "fields": [],
                "features": [{"attributes": {"n": 1}, "geometry": {"rings": [[[0, 0], [1, 1], [1, 0]]]}}],
            },
            "gdalg": {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline read {secret}"},
            "service": {"serviceDescription": url, "layers": [{"id": 0}], "exceededTransferLimit": True},
            "jsonfg": {"conformsTo": ["http://www.opengis.net/spec/json-fg-1/0.1/conf/core"], "links": [url]},
            "stac": {"stac_version": "1.0.0", "assets": {"a": {"href": f"/vsicurl/{url}"}}, "links": []},
            "wfs3": {"links": [{"rel": "data", "href": url}], "collections": []},
        }[name]
    )


def _polyglots() -> Iterator[Hostile]:
    good = sound.collection(sound.village(n=1)).encode()
    inner = sound.packed({"a.geojson": good})
    for what, body, outcome in (
        (
            "zip-behind-json",
            good + inner,
            Outcome(frozenset({"json_broken"}), frozenset({"encoding_unclear"})),
        ),
        ("zip-in-property", None, whole(1)),
        ("gif-before-json", b"GIF89a" + good, _NOT_JSON),
        ("pdf-before-json", b"%PDF-1.4\n" + good, _NOT_JSON),
        ("xml-before-json", b"<?xml version='1.0'?>" + good, _NOT_JSON),
        ("shp-magic-before-json", b"\x00\x00\x27\x0a" + good, _NOT_JSON),
        ("sqlite-magic-before-json", b"SQLite format 3\0" + good, _NOT_JSON),
    ):
        yield Hostile(
            f"geojson/polyglot-{what}.geojson", outcome, body if body is not None else _zip_in_property
        )


def _zip_in_property() -> str:
    return _one(None, n=sound.packed({"a.geojson": b"{}"}).decode("latin-1"))


def _topology(arcs: Any, objects: Any, **more: Any) -> str:
    return json.dumps({"type": "Topology", "arcs": arcs, "objects": {"a": objects}, **more})


_SQUARE_ARC = [[[0, 0], [10, 0], [0, 10], [-10, 0], [0, -10]]]
_SCALE = {"scale": [0.001, 0.001], "translate": [121.2, 31.8]}


def _topologies() -> Iterator[Hostile]:
    def polygons(*arcs: Any) -> dict[str, Any]:
        geometries = [{"type": "Polygon", "arcs": one, "properties": {"n": 1}} for one in arcs]
        return {"type": "GeometryCollection", "geometries": geometries}

    for what, text, outcome in (
        ("sound", _topology(_SQUARE_ARC, polygons([[0]]), transform=_SCALE), gives(1)),
        ("arc-beyond", _topology(_SQUARE_ARC, polygons([[7]]), transform=_SCALE), whole(1)),
        ("arc-far-beyond", _topology(_SQUARE_ARC, polygons([[10**18]]), transform=_SCALE), whole(1)),
        ("arc-negative-beyond", _topology(_SQUARE_ARC, polygons([[-9]]), transform=_SCALE), whole(1)),
        ("arc-text", _topology(_SQUARE_ARC, polygons([["0"]]), transform=_SCALE), whole(1)),
        ("arc-half", _topology(_SQUARE_ARC, polygons([[0.5]]), transform=_SCALE), whole(1)),
        ("arc-repeated", _topology(_SQUARE_ARC, polygons([[0] * 20_000]), transform=_SCALE), whole(1)),
        ("arcs-object", _topology({"a": 1}, polygons([[0]])), whole(1)),
        ("arcs-null", _topology(None, polygons([[0]])), whole(1)),
        ("arcs-missing-points", _topology([[]], polygons([[0]])), whole(1)),
        ("arcs-nan", _topology([[[float("nan"), 0], [1, 1], [2, 2], [0, 0]]], polygons([[0]])), whole(1)),
        (
            "scale-zero",
            _topology(_SQUARE_ARC, polygons([[0]]), transform={"scale": [0, 0], "translate": [0, 0]}),
            whole(1),
        ),
        (
            "scale-huge",
            _topology(_SQUARE_ARC, polygons([[0]]), transform={"scale": [1e308, 1e308], "translate": [1, 1]}),
            whole(1),
        ),
        (
            "scale-text",
            _topology(_SQUARE_ARC, polygons([[0]]), transform={"scale": "a", "translate": []}),
            whole(1),
        ),
        (
            "objects-empty",
            json.dumps({"type": "Topology", "arcs": [], "objects": {}}),
            refused("no_layer", "empty_layer", "not_geojson", "json_broken"),
        ),
        (
            "objects-list",
            json.dumps({"type": "Topology", "arcs": [], "objects": [1]}),
            refused("no_layer", "empty_layer", "not_geojson", "json_broken", "topojson_broken"),
        ),
        ("collections-deep", _topology(_SQUARE_ARC, _deep_objects(200)), whole(1)),
    ):
        yield Hostile(f"geojson/topology-{what}.topojson", outcome, text)
    data = _topology(_SQUARE_ARC, polygons(*([[[0]]] * 5)), transform=_SCALE).encode()
    for nth, length in cuts(len(data), 6):
        yield Hostile(f"geojson/topology-cut-{nth}.topojson", _NOT_JSON, data[:length])


def _deep_objects(depth: int) -> dict[str, Any]:
    one: dict[str, Any] = {"type": "Polygon", "arcs": [[0]]}
    for _ in range(depth):
        one = {"type": "GeometryCollection", "geometries": [one]}
    return one


def _sequences() -> Iterator[Hostile]:
    line = json.dumps(sound.village(n=1))
    broken = refused("json_broken", "json_truncated", "content_mismatch")
    for what, text, outcome in (
        ("sound", f"{line}\n{line}\n", gives(2)),
        ("record-marks", f"\x1e{line}\n\x1e{line}\n", gives(2)),
        ("blank-lines", f"{line}\n\n\n{line}\n", gives(2)),
        ("last-line-cut", f"{line}\n{line[:-9]}", broken),
        ("middle-line-cut", f"{line}\n{line[:-9]}\n{line}\n", broken),
        ("foreign-line", f"{line}\n5\n{line}\n", whole(3)),
        ("markup-line", f"{line}\n<a/>\n", broken),
        ("deep-line", f"{line}\n{_deep(100_000)}\n", refused("json_too_deep", "json_broken")),
    ):
        yield Hostile(f"geojson/sequence-{what}.geojsonl", outcome, text)


def cases() -> Iterator[Hostile]:
    """Every hostile GeoJSON and its kin."""
    for family in (_cut, _syntax, _values, _texts, _systems, _polyglots, _topologies, _sequences):
        yield from family()
