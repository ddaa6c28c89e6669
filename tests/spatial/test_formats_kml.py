"""KML as Google Earth, ArcGIS, Ovital and phones write it, and KML that attacks."""

import zipfile
from pathlib import Path

import pytest
import shapely

from app.errors import RefusedFile
from app.spatial import formats
from tests.samples.boundary_files import VILLAGES
from tests.samples.text_files import kml, kmz, placemark, polygon_kml, ring


def put(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def refusal(path: Path, **how: object) -> str:
    with pytest.raises(RefusedFile) as caught:
        formats.read(path, **how)  # type: ignore[arg-type]
    return caught.value.code


def codes(layer: formats.Layer) -> dict[str, tuple[int, ...]]:
    return {note.code: note.rows for note in layer.warnings}


SQUARE = polygon_kml(ring())
TWO = "".join(placemark(name, SQUARE) for name in VILLAGES[:2])


def test_folders_are_a_column_and_the_outermost_document_is_not(tmp_path: Path) -> None:
    inner = f"<Folder><name>颐生片</name>{placemark(VILLAGES[0], SQUARE)}</Folder>"
    body = f"<Folder><name>正余镇</name>{inner}{placemark(VILLAGES[1], SQUARE)}</Folder>"
    layer = formats.read(put(tmp_path / "全市.kml", kml(body + placemark(VILLAGES[2], SQUARE))))
    assert layer.columns == {"name": list(VILLAGES[:3]), "folder": ["正余镇/颐生片", "正余镇", None]}
    assert (layer.name, layer.layers, layer.wkt) == ("全市", ("全市",), None)
    assert "kml_by_format" in codes(layer)


def test_the_data_of_placemarks_are_columns_by_the_name_a_person_sees(tmp_path: Path) -> None:
    schema = (
        '<Schema id="s"><SimpleField name="f1" type="string"><displayName>村代码</displayName></SimpleField>'
        '<SimpleField name="户数" type="xsd:int"/></Schema>'
    )
    data = (
        '<ExtendedData><Data name="town"><displayName>乡镇</displayName><value> 正余镇 </value></Data>'
        '<Data name="空"><value></value></Data><SchemaData schemaUrl="#s"><SimpleData name="f1">020614100001'
        '</SimpleData><SimpleData name="户数">12</SimpleData></SchemaData></ExtendedData>'
    )
    layer = formats.read(put(tmp_path / "a.kml", kml(schema + placemark("颐生村", SQUARE, more=data))))
    assert layer.columns == {
        "name": ["颐生村"],
        "乡镇": ["正余镇"],
        "空": [None],
        "村代码": ["020614100001"],
        "户数": [12],
    }


ARCGIS = """<description><![CDATA[<html><body><table border="1"><tr style="x"><td>颐生村</td></tr><tr><td>
<table><tr><td>村代码</td><td>020614100001</td></tr>
<tr bgcolor="#D4E4F3"><td>户数</td><td>&lt;Null&gt;</td></tr>
</table></td></tr></table><script>alert(1)</script></body></html>]]></description>"""
OVITAL = (
    "<description>&lt;table&gt;&lt;tr&gt;&lt;td&gt;乡镇：&lt;td&gt;正余镇&lt;/table&gt;"
    "备注一&lt;br&gt;备注二</description>"
)


def test_key_and_value_tables_in_a_description_become_columns_and_the_rest_text(tmp_path: Path) -> None:
    body = placemark("颐生村", SQUARE, more=ARCGIS) + placemark("叠石村", SQUARE, more=OVITAL)
    layer = formats.read(put(tmp_path / "a.kml", kml(body)))
    assert layer.columns["村代码"] == ["020614100001", None]
    assert layer.columns["户数"] == [None, None]
    assert layer.columns["乡镇"] == [None, "正余镇"]
    assert layer.columns["description"] == ["颐生村", "备注一\n备注二"]


@pytest.mark.parametrize(
    ("encoding", "head", "marked_wrong"),
    [
        ("gbk", "", False),
        ("gbk", '<?xml version="1.0" encoding="gbk"?>', False),
        ("gbk", '<?xml version="1.0" encoding="GB2312"?>', False),
        ("gbk", '<?xml version="1.0" encoding="UTF-8"?>', True),
        ("utf-8", '<?xml version="1.0" encoding="GBK"?>', True),
        ("utf-8-sig", '<?xml version="1.0" encoding="UTF-8"?>', False),
        ("utf-16", '<?xml version="1.0" encoding="UTF-16"?>', False),
        ("utf-16-le", "", False),
        ("gb18030", '<?xml version="1.0" encoding="gb18030"?>', False),
    ],
)
def test_the_encoding_is_what_the_bytes_say(
    tmp_path: Path, encoding: str, head: str, marked_wrong: bool
) -> None:
    body = "".join(placemark(name, SQUARE) for name in VILLAGES)
    layer = formats.read(put(tmp_path / "a.kml", kml(body, head=head), encoding))
    assert layer.columns["name"] == list(VILLAGES)
    assert ("encoding_mark_wrong" in codes(layer)) is marked_wrong


def test_lines_rings_points_and_many_shapes_come_as_they_are(tmp_path: Path) -> None:
    line = f"<LineString><coordinates>{ring()}</coordinates></LineString>"
    closed = f"<LinearRing><coordinates>{ring()}</coordinates></LinearRing>"
    point = "<Point><coordinates> 121.2, 31.8 ,0 </coordinates></Point>"
    track = "<gx:Track><gx:coord>121.2 31.8 3</gx:coord><gx:coord>121.3 31.8 4</gx:coord></gx:Track>"
    many = f"<MultiGeometry><MultiGeometry>{SQUARE}</MultiGeometry>{polygon_kml(ring(121.3))}</MultiGeometry>"
    mixed = f"<MultiGeometry>{SQUARE}{point}</MultiGeometry>"
    holed = polygon_kml(ring(), hole=ring(121.202, 31.802, 0.002))
    bodies = (line, closed, point, track, many, mixed, holed, "")
    layer = formats.read(
        put(tmp_path / "a.kml", kml("".join(placemark(f"{i}", body) for i, body in enumerate(bodies))))
    )
    kinds = [None if geom is None else geom.geom_type for geom in layer.geoms]
    assert kinds == [
        "LineString",
        "Polygon",
        "Point",
        "LineString",
        "MultiPolygon",
        "GeometryCollection",
        "Polygon",
        None,
    ]
    assert layer.geoms[6].area == pytest.approx(1e-4 - 4e-6)
    assert layer.geoms[3].has_z
    assert not layer.geoms[6].has_z


def test_open_rings_are_closed_and_broken_ones_named(tmp_path: Path) -> None:
    open_ring = polygon_kml(" ".join(ring().split()[:-1]))
    bad = [polygon_kml("121.2,31.8 121.3,31.8"), polygon_kml("a,b c,d e,f a,b"), "<Polygon></Polygon>"]
    body = "".join(placemark("x", one) for one in (SQUARE, open_ring, *bad))
    layer = formats.read(put(tmp_path / "a.kml", kml(body)))
    assert codes(layer)["rings_closed"] == (2,)
    assert codes(layer)["broken_geometry"] == (3, 4, 5)
    assert shapely.equals(layer.geoms[0], layer.geoms[1])


@pytest.mark.parametrize(
    "dress",
    [
        "<kml>{}</kml>",
        '<kml xmlns="http://earth.google.com/kml/2.1"><Document>{}</Document></kml>',
        '<kml:kml xmlns:kml="urn:x"><kml:Document>{}</kml:Document></kml:kml>',
        '<kml xmlns="http://www.opengis.net/kml/2.2" xsi:schemaLocation="a b"><gx:x/>{}</kml>',
        "<!-- made by a phone --><Document>{}</Document>",
        "<kml><name>A&B&nbsp;&#2;\x0b</name>{}</kml>",
    ],
)
def test_namespaces_stray_signs_and_missing_roots_are_forgiven(tmp_path: Path, dress: str) -> None:
    layer = formats.read(put(tmp_path / "a.kml", dress.format(TWO)))
    assert layer.columns["name"] == list(VILLAGES[:2])


def test_links_and_overlays_are_left_alone_and_said(tmp_path: Path) -> None:
    link = "<NetworkLink><name>更多</name><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink>"
    overlay = "<GroundOverlay><name>影像</name><Icon><href>/etc/passwd</href></Icon></GroundOverlay>"
    layer = formats.read(put(tmp_path / "a.kml", kml(link + overlay + TWO)))
    assert layer.columns["name"] == list(VILLAGES[:2])
    assert {"links_not_followed", "overlays_left_out"} <= set(codes(layer))
    assert refusal(put(tmp_path / "b.kml", kml(link))) == "empty_layer"


@pytest.mark.parametrize(
    "attack",
    [
        '<!DOCTYPE kml [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE kml SYSTEM "http://127.0.0.1:9/a.dtd">',
    ],
)
def test_a_document_type_or_entity_is_refused(tmp_path: Path, attack: str) -> None:
    head = f'<?xml version="1.0" encoding="UTF-8"?>{attack}'
    for encoding in ("utf-8", "utf-16"):
        path = put(tmp_path / "a.kml", kml(placemark("&x;&b;", SQUARE), head=head), encoding)
        assert refusal(path) == "xml_entities"


@pytest.mark.parametrize("left", [0.3, 0.6, 0.9, 0.999])
def test_a_kml_that_is_cut_off_is_refused_as_a_whole(tmp_path: Path, left: float) -> None:
    text = kml(TWO)
    assert refusal(put(tmp_path / "a.kml", text[: int(len(text) * left)])) == "xml_truncated"


def test_a_kml_that_is_no_xml_or_too_deep_or_too_big_is_refused(tmp_path: Path) -> None:
    assert refusal(put(tmp_path / "a.kml", kml(TWO + "</Folder>"))) == "xml_broken"
    assert refusal(put(tmp_path / "b.kml", kml("<Folder>" * 5000 + "</Folder>" * 5000))) == "xml_too_deep"
    path = put(tmp_path / "c.kml", kml(TWO))
    assert refusal(path, limits=formats.Limits(vertices=8)) == "too_many_vertices"
    assert refusal(path, limits=formats.Limits(rows=1)) == "too_many_rows"


def test_a_kmz_is_its_one_kml_whatever_it_is_called_and_pictures_are_ignored(tmp_path: Path) -> None:
    for name in ("doc.kml", "files/Haimen.KML", "村界.kml"):
        layer = formats.read(kmz(tmp_path / "海门.kmz", {"files/a.png": "\x89PNG", name: kml(TWO)}))
        assert (layer.name, layer.format) == ("海门", "kml")
        assert layer.columns["name"] == list(VILLAGES[:2])


def test_several_kml_in_a_kmz_are_several_layers(tmp_path: Path) -> None:
    one = kml(placemark("丙", SQUARE))
    path = kmz(tmp_path / "a.kmz", {"a/doc.kml": kml(TWO), "b/doc.kml": one, "c.kml": one})
    layer = formats.read(path, layer="b/doc.kml")
    assert layer.columns["name"] == ["丙"]
    assert layer.layers == ("a/doc.kml", "b/doc.kml", "c")


def test_a_kmz_in_a_zip_and_a_zip_of_kml_are_read(tmp_path: Path) -> None:
    inner = kmz(tmp_path / "in.kmz", {"doc.kml": kml(TWO)}).read_bytes()
    outer = tmp_path / "out.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("海门.kmz", inner)
    assert formats.read(outer).columns["name"] == list(VILLAGES[:2])
    assert formats.read(kmz(tmp_path / "plain.zip", {"村.kml": kml(TWO)})).name == "村"
    assert refusal(kmz(tmp_path / "none.kmz", {"a.png": "x"})) == "no_layer"
