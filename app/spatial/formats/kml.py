"""KML and KMZ as Google Earth, ArcGIS and Ovital write them: folders, HTML descriptions, GBK without a word.

Read event by event without namespaces (phones leave them out or get them wrong) by a parser that takes no
document type and no entity. A NetworkLink is never followed, an overlay is no shape. The format itself says
WGS 84 and many a Chinese tool writes shifted degrees into it all the same, so nothing counts as declared.
"""

import re
import zipfile
from functools import lru_cache
from html import unescape
from pathlib import Path
from xml.sax import SAXParseException

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from app.errors import RefusedFile
from app.spatial.formats.archive import Member, unpack
from app.spatial.formats.kml_places import Places
from app.spatial.formats.layer import Found, Limits
from app.spatial.formats.refusals import refuse
from app.spatial.formats.shapes import Shapes
from app.spatial.formats.source import Source
from app.spatial.formats.texts import read_text
from app.spatial.notes import Note

_MARK = re.compile(rb"<(?:\w+:)?(?:kml|Document|Placemark|Folder)\b", re.IGNORECASE)
_HEAD = re.compile(r"""\s*<\?xml\b[^>]{0,200}?(?:encoding\s*=\s*["']([\w.:-]+)["'][^>]{0,100})?\?>""")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&(#\d{1,7}|#x[0-9A-Fa-f]{1,6}|\w{2,31});|&")
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_OWN = ("amp", "lt", "gt", "quot", "apos")
_CUT_OFF = ("no element found", "unclosed token", "unclosed CDATA section", "partial character")
_BY_FORMAT = Note(
    "kml_by_format",
    "KML 按格式规定是 WGS 84 经纬度，但不少软件写入偏移坐标，以坐标本身为准",
    "KML is WGS 84 by its format, but some programs write shifted degrees; the numbers decide",
)
_LINKS = Note(
    "links_not_followed",
    "文件中的网络链接（NetworkLink）没有打开，只读取了文件本身的内容",
    "Network links in the file were not followed; only what the file itself holds was read",
)
_OVERLAYS = Note("overlays_left_out", "影像叠加层不是图形，已忽略", "Image overlays are no shapes")


def looks_like_kml(head: bytes) -> bool:
    """Tell by the first bytes whether this is KML, in whatever encoding, or a zip that may be a KMZ."""
    if head.startswith(b"PK\x03\x04"):
        return b"[Content_Types].xml" not in head
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return plain.startswith(b"<") and _MARK.search(plain) is not None


def list_layers(source: Source) -> list[str]:
    """A KML is one layer, named like its file; a KMZ has one for every KML in it."""
    return list(_members(source))


def _members(source: Source) -> dict[str, Path]:
    path = source.parts[".kml"]
    if not zipfile.is_zipfile(path):
        return {source.name: path}
    members = _unpack(path, source.work, source.limits)
    if len(members) == 1:
        return {source.name: members[0].path}
    stems = [member.stem for member in members]
    return {one.stem if stems.count(one.stem) == 1 else one.name: one.path for one in members}


@lru_cache(maxsize=2)
def _unpack(path: Path, work: Path, limits: Limits) -> tuple[Member, ...]:
    return tuple(unpack(path, work, suffixes=frozenset((".kml",)), limits=limits))


def read(source: Source, layer: str, encoding: str | None) -> Found:
    """Read one KML. Raises RefusedFile xml_broken, xml_truncated, xml_entities, xml_too_deep."""
    data = _members(source)[layer].read_bytes()
    said = read_text(data, encoding, declared=_declared(data))
    places, shapes = _read_places(said.text, source.limits), Shapes()
    for row, built in enumerate(places.shapes, 1):
        shapes.add(row, built)
    remarks = [note for note, there in ((_LINKS, places.links), (_OVERLAYS, places.overlays)) if there]
    notes = (_BY_FORMAT, *remarks, *shapes.notes(), *said.notes)
    return Found(layer, places.columns(), shapes.wkb, None, said.finding, notes, shapes.rows)


def _declared(data: bytes) -> str | None:
    match = _HEAD.match(data[:300].removeprefix(b"\xef\xbb\xbf").decode("latin-1"))
    return match[1] if match else None


def _read_places(text: str, limits: Limits) -> Places:
    """Parse text whose own XML head is taken off (its encoding is settled, whatever it says).

    What is not well formed is tried once more with stray ampersands and HTML's named signs written out.
    """
    head = _HEAD.match(text)
    body = _ILLEGAL.sub("", text[head.end() if head else 0 :])
    try:
        return _parse(body, limits)
    except RefusedFile as refused:
        if refused.code != "xml_broken" or "&" not in body:
            raise
    pieces = _CDATA.split(body)
    mended = (
        piece if piece.startswith("<![CDATA[") else _REFERENCE.sub(_write_out, piece) for piece in pieces
    )
    return _parse("".join(mended), limits)


def _parse(body: str, limits: Limits) -> Places:
    places = Places(limits)
    try:
        defusedxml.sax.parseString(body.encode("utf-8", "replace"), places, forbid_dtd=True)
    except DefusedXmlException:
        raise refuse("xml_entities") from None
    except SAXParseException as error:
        why = str(error.getMessage())
        raise refuse(
            "xml_truncated" if why in _CUT_OFF else "xml_broken", f"{error.getLineNumber()}"
        ) from None
    return places


def _write_out(match: re.Match[str]) -> str:
    """Turn `&nbsp;` into its sign, a reference to no sign into nothing and a bare `&` into `&amp;`."""
    name = match[1]
    if name in _OWN:
        return match[0]
    sign = unescape(match[0]) if name else "&"
    sign = _ILLEGAL.sub("", sign).replace("\ufffd", "") if sign != match[0] else match[0]
    return sign.replace("&", "&amp;").replace("<", "&lt;")
