"""KML and KMZ with entities, links, depth and lies; XML that names other files and addresses."""

from collections.abc import Iterator
from functools import partial

from tests.samples import text_files
from tests.samples.hostile import sound
from tests.samples.hostile.case import Bait, Hostile, cuts, gives, refused, whole

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ENTITIES = refused("xml_entities")
_BROKEN = refused("xml_broken", "xml_truncated", "xml_entities", "content_mismatch")


def _place(name: str = "a", more: str = "") -> str:
    return text_files.placemark(name, text_files.polygon_kml(text_files.ring()), more=more)


def _document(body: str, *, doctype: str = "", head: str = _HEAD) -> str:
    return f'{head}{doctype}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'


def _laughs(depth: int, width: int) -> str:
    steps = [f'<!ENTITY e0 "{"ha" * 10}">']
    steps += [f'<!ENTITY e{step} "{f"&e{step - 1};" * width}">' for step in range(1, depth)]
    return _document(_place(f"&e{depth - 1};"), doctype=f"<!DOCTYPE kml [{''.join(steps)}]>")


# Document types and entities; `{secret}` and `{url}` are the bait.
_DOCTYPES = {
    "external-file": '<!DOCTYPE kml [<!ENTITY x SYSTEM "file://{secret}">]>',
    "external-path": '<!DOCTYPE kml [<!ENTITY x SYSTEM "{secret}">]>',
    "external-passwd": '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "external-url": '<!DOCTYPE kml [<!ENTITY x SYSTEM "{url}/x">]>',
    "external-public": '<!DOCTYPE kml [<!ENTITY x PUBLIC "-//a//b" "{url}/x">]>',
    "parameter": '<!DOCTYPE kml [<!ENTITY % p SYSTEM "{url}/p.dtd"> %p; <!ENTITY x "y">]>',
    "parameter-file": '<!DOCTYPE kml [<!ENTITY % p SYSTEM "file://{secret}"> %p; <!ENTITY x "y">]>',
    "dtd-url": '<!DOCTYPE kml SYSTEM "{url}/kml.dtd">',
    "dtd-file": '<!DOCTYPE kml SYSTEM "{secret}">',
    "dtd-public": '<!DOCTYPE kml PUBLIC "-//W3C//DTD XHTML 1.0//EN" "{url}/xhtml.dtd">',
    "unparsed": '<!DOCTYPE kml [<!NOTATION n SYSTEM "{url}"><!ENTITY x SYSTEM "{secret}" NDATA n>]>',
    "attribute-default": '<!DOCTYPE kml [<!ATTLIST kml a CDATA "b">]>',
    "internal": '<!DOCTYPE kml [<!ENTITY x "y">]>',
    "itself": '<!DOCTYPE kml [<!ENTITY x "&x;">]>',
    "empty": "<!DOCTYPE kml>",
}


def _with_doctype(doctype: str, bait: Bait) -> str:
    filled = doctype.replace("{secret}", bait.secret(".txt")).replace("{url}", bait.url)
    return _document(_place("&x;" if "ENTITY x" in filled else "a"), doctype=filled)


def _quadratic() -> str:
    return _document(_place("&x;" * 5000), doctype=f'<!DOCTYPE kml [<!ENTITY x "{"a" * 50_000}">]>')


def _entities() -> Iterator[Hostile]:
    yield Hostile("markup/laughs-10.kml", _ENTITIES, partial(_laughs, 10, 10))
    yield Hostile("markup/laughs-60.kml", _ENTITIES, partial(_laughs, 60, 2))
    yield Hostile("markup/quadratic.kml", _ENTITIES, _quadratic)
    for what, doctype in _DOCTYPES.items():
        yield Hostile(f"markup/doctype-{what}.kml", _ENTITIES, lure=partial(_with_doctype, doctype))
    yield Hostile(
        "markup/doctype-zipped.kmz",
        _ENTITIES,
        lure=lambda bait: sound.packed({"doc.kml": _with_doctype(_DOCTYPES["external-file"], bait).encode()}),
    )
    yield Hostile(
        "markup/doctype-utf16.kml",
        _ENTITIES,
        lure=lambda bait: _with_doctype(_DOCTYPES["external-file"], bait).encode("utf-16"),
    )


# What a KML may point at, beside one sound place. Nothing is opened, the one row is read.
_LINKS = {
    "network-link": "<NetworkLink><Link><href>{url}</href></Link></NetworkLink>",
    "network-link-file": "<NetworkLink><Link><href>file://{secret}</href></Link></NetworkLink>",
    "network-link-path": "<NetworkLink><Link><href>../beside/secret.kml</href></Link></NetworkLink>",
    "network-link-refresh": "<NetworkLink><Link><href>{url}</href><refreshMode>onInterval</refreshMode>"
    "<refreshInterval>1</refreshInterval></Link></NetworkLink>",
    "network-link-control": "<NetworkLinkControl><cookie>a</cookie><Update><targetHref>{url}</targetHref>"
    "</Update></NetworkLinkControl>",
    "overlay": "<GroundOverlay><Icon><href>{url}/a.png</href></Icon></GroundOverlay>",
    "overlay-file": "<GroundOverlay><Icon><href>/vsicurl/{url}</href></Icon></GroundOverlay>",
    "style-url": "<styleUrl>{url}/style.kml#a</styleUrl>",
    "icon": "<Style><IconStyle><Icon><href>{url}/i.png</href></Icon></IconStyle></Style>",
    "schema-url": '<Schema name="a" id="a"><SimpleField type="{url}" name="b"/></Schema>',
    "include": '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret}" parse="text"/>',
    "stylesheet": '<?xml-stylesheet type="text/xsl" href="{url}/a.xsl"?>',
    "schema-location": '<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="x {url}/a.xsd"/>',
    "base": '<a xml:base="{url}"/>',
    "photo": "<PhotoOverlay><Icon><href>{secret}</href></Icon></PhotoOverlay>",
    "tour": '<gx:Tour xmlns:gx="http://www.google.com/kml/ext/2.2"><gx:SoundCue><href>{url}</href>'
    "</gx:SoundCue></gx:Tour>",
}


def _linked(body: str, bait: Bait) -> str:
    return _document(body.replace("{secret}", bait.secret(".kml")).replace("{url}", bait.url) + _place())


def _links() -> Iterator[Hostile]:
    for what, body in _LINKS.items():
        yield Hostile(f"markup/{what}.kml", gives(1), lure=partial(_linked, body))
    yield Hostile("markup/model.kml", whole(2), lure=partial(_linked, _MODEL))
    yield Hostile(
        "markup/network-links-10000.kml",
        gives(1, "links_not_followed"),
        lure=partial(_linked, _LINKS["network-link"] * 10_000),
    )
    yield Hostile(
        "markup/network-link-alone.kml",
        refused("empty_layer"),
        lure=lambda bait: _document(_LINKS["network-link"].replace("{url}", bait.url)),
    )
    yield Hostile("markup/network-link-zipped.kmz", whole(1), lure=_linked_kmz)


_MODEL = (
    "<Placemark><Model><Location><longitude>121</longitude><latitude>31</latitude></Location>"
    "<Link><href>{url}/m.dae</href></Link></Model></Placemark>"
)


def _linked_kmz(bait: Bait) -> bytes:
    link = "<NetworkLink><Link><href>inner.kml</href></Link></NetworkLink>"
    return sound.packed({"doc.kml": _linked(link, bait).encode(), "inner.txt": b"a"})


# What stands where numbers should.
_COORDINATES = {
    "nan": "NaN,31.8 121.3,31.8 121.3,31.9 NaN,31.8",
    "infinite": "inf,31.8 121.3,31.8 121.3,31.9 inf,31.8",
    "1e308": "1e308,1e308 -1e308,1e308 121.3,31.9 1e308,1e308",
    "1e400": "1e400,31.8 121.3,31.8 121.3,31.9 1e400,31.8",
    "denormal": "5e-324,5e-324 1e-320,0 1e-320,1e-320 5e-324,5e-324",
    "words": "a,b c,d",
    "no-commas": "121.2 31.8 121.3 31.8 121.3 31.9",
    "commas-only": ",,, ,,, ,,,",
    "empty": "",
    "spaces": " \n\t ",
    "one-point": "121.2,31.8",
    "two-points": "121.2,31.8 121.3,31.8",
    "five-numbers": "1,2,3,4,5 2,2,3,4,5 2,3,3,4,5 1,2,3,4,5",
    "full-width": "１２１.２，３１.８ １２１.３，３１.８ １２１.３，３１.９ １２１.２，３１.８",
    "hexadecimal": "0x79,0x1f 0x7a,0x1f 0x7a,0x20 0x79,0x1f",
    "underscores": "1_2_1,3_1 1_2_2,3_1 1_2_2,3_2 1_2_1,3_1",
    "markup": "<b>121.2,31.8</b>",
}
_NAMES = {
    "script": "<![CDATA[<script>alert(1)</script>]]>",
    "escaped-script": "&lt;img src=x onerror=alert(1)&gt;",
    "formula": '=HYPERLINK("{url}")'.replace('"', "&quot;"),
    "right-to-left": "\u202eabc",
    "control-reference": "a&#1;b",
    "nul-reference": "a&#0;b",
    "surrogate-reference": "a&#xD800;b",
    "private": "\ue000\U0010ffff",
    "unknown-entity": "a&nbsp;&copy;&nothing;b",
    "bare-ampersand": "a & b && c",
    "long": "村" * 200_000,
    "nested-markup": "<b><i>a</i></b>",
    "cdata-open": "<![CDATA[a",
}


def _values() -> Iterator[Hostile]:
    for what, text in _COORDINATES.items():
        body = text_files.placemark("a", text_files.polygon_kml(text))
        yield Hostile(f"markup/coordinates-{what}.kml", whole(1), _document(body))
    for what, name in _NAMES.items():
        yield Hostile(f"markup/name-{what}.kml", whole(1), partial(_named, name))
    data = "".join(f'<Data name="c{number}"><value>1</value></Data>' for number in range(3000))
    yield Hostile(
        "markup/columns-3000.kml",
        refused("too_many_columns"),
        lambda: _document(_place(more=f"<ExtendedData>{data}</ExtendedData>")),
    )
    table = "<table>" + "<tr><td>a</td><td>b</td></tr>" * 3000 + "</table>"
    for what, html in (
        ("table", table),
        ("open-tags", "<td>" * 20_000),
        ("comment", "<!--" * 9000),
        ("attributes", "<a " + "b=c " * 20_000 + ">"),
    ):
        yield Hostile(
            f"markup/description-{what}.kml",
            whole(1),
            lambda html=html: _document(_place(more=f"<description><![CDATA[{html}]]></description>")),
        )


def _named(name: str) -> str:
    return _document(_place(name))


def _deep(depth: int, tag: str) -> str:
    return _document(f"<{tag}>" * depth + _place() + f"</{tag}>" * depth)


def _many_rings(count: int) -> str:
    body = text_files.polygon_kml(text_files.ring(), hole=text_files.ring())
    start, end = body.index("<innerBoundaryIs>"), body.index("</Polygon>")
    body = body[:start] + body[start:end] * count + body[end:]
    return _document(text_files.placemark("a", body))


def _structure() -> Iterator[Hostile]:
    data = sound.kml()
    for nth, length in cuts(len(data), 10):
        yield Hostile(f"markup/cut-{nth}.kml", _BROKEN, lambda length=length: sound.kml()[:length])
    for depth in (40, 5000, 100_000):
        outcome = whole(1, "xml_too_deep", "xml_broken")
        yield Hostile(f"markup/folders-{depth}.kml", outcome, partial(_deep, depth, "Folder"))
    yield Hostile("markup/shapes-deep.kml", whole(1), lambda: _document(_deep_shapes(3000)))
    yield Hostile("markup/rings-3000.kml", whole(1), partial(_many_rings, 3000))
    yield Hostile("markup/places-empty-20000.kml", whole(20_000), lambda: _document("<Placemark/>" * 20_000))
    yield Hostile("markup/attributes-many.kml", whole(1), lambda: _document(_attributes() + _place()))
    for what, text in (
        ("no-end", _HEAD + "<kml><Document>"),
        ("two-roots", _document(_place()) + _document(_place())),
        ("tail", _document(_place()) + "\0\0\0"),
        ("crossed", _HEAD + "<kml><Document><Folder></Document></Folder></kml>"),
        ("only-head", _HEAD),
        ("only-mark", _HEAD + "<kml"),
        ("html", "<html><body><kml></body></html>"),
    ):
        yield Hostile(f"markup/broken-{what}.kml", whole(1), text)
    for codec, mark in (
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-8"),
        ("utf-8", "UTF-16"),
        ("utf-8", "no-such"),
        ("utf-8", "utf-7"),
        ("utf-8", "zlib_codec"),
        ("gbk", "GB2312"),
    ):
        yield Hostile(
            f"markup/encoding-{codec}-as-{mark}.kml",
            whole(1),
            lambda codec=codec, mark=mark: _document(
                _place("村界"), head=_HEAD.replace("UTF-8", mark)
            ).encode(codec),
        )


def _deep_shapes(depth: int) -> str:
    inner = text_files.polygon_kml(text_files.ring())
    nested = "<MultiGeometry>" * depth + inner + "</MultiGeometry>" * depth
    return text_files.placemark("a", nested)


def _attributes() -> str:
    return "<a " + " ".join(f'b{number}="c"' for number in range(50_000)) + "/>"


def _archives() -> Iterator[Hostile]:
    for what, members, outcome in (
        ("no-kml", {"a.png": b"a"}, refused("no_layer", "archive_broken", "content_mismatch")),
        ("zero", {"doc.kml": b""}, whole(0)),
        ("slip", {"../doc.kml": b"<kml/>"}, refused("archive_path")),
        ("absolute", {"/doc.kml": b"<kml/>"}, refused("archive_path")),
        ("nested", {"doc.kmz": b"PK\5\6" + b"\0" * 18}, refused("no_layer", "archive_nested")),
        ("not-kml", {"doc.kml": b"\0\1\2\3" * 90}, whole(0)),
        ("vrt", {"doc.kml": b"<OGRVRTDataSource/>"}, whole(0)),
    ):
        yield Hostile(f"markup/archive-{what}.kmz", outcome, lambda members=members: sound.packed(members))
    whole_zip = sound.packed({"doc.kml": sound.kml()})
    for nth, length in cuts(len(whole_zip), 6):
        yield Hostile(
            f"markup/archive-cut-{nth}.kmz",
            refused("archive_broken", "content_mismatch"),
            whole_zip[:length],
        )
    yield Hostile(
        "markup/archive-bomb.kmz",
        refused("archive_bomb"),
        lambda: sound.packed({"doc.kml": b"<kml>" + b" " * (40 << 20)}),
    )


def cases() -> Iterator[Hostile]:
    """Every hostile KML."""
    for family in (_entities, _links, _values, _structure, _archives):
        yield from family()
