"""Drawings (DXF): every entity a row, the names of villages taken from the texts inside their rings.

The file is rewritten as UTF-8 before GDAL sees it: what a drawing says of its encoding ($DWGCODEPAGE, or
UTF-8 by its version since AC1021) is often wrong, and \\U+XXXX stands for what the old code pages lack. A
drawing declares no coordinate system. Source of the group codes: Autodesk's DXF reference.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.spatial.formats.dxf_names import join_names
from app.spatial.formats.encoding import decide_encoding, decode
from app.spatial.formats.layer import EncodingFinding, Found
from app.spatial.formats.recode import compare_mark
from app.spatial.formats.refusals import refuse
from app.spatial.formats.source import Source
from app.spatial.notes import Note

DRIVER = "DXF"
_HEADER_PAIRS = 4000
_UNICODE_SINCE = "AC1021"
_PAGES = {
    "ansi_936": "gb18030",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ansi_950": "big5hkscs",
    "big5": "big5hkscs",
    "ansi_1252": "latin-1",
    "utf-8": "utf-8",
}
_UNICODE_SIGN = re.compile(r"(?:\\[Uu]\+[0-9A-Fa-f]{4})+")
_BYTES_SIGN = re.compile(r"\\M\+([25])([0-9A-Fa-f]{4})")
_GROUP_CODE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:-?\d{1,5}\s*)?")
_CONTROLS = bytes(code for code in range(32) if code != ord("\t"))
_START = re.compile(rb"\s*(?:999\s*\r?\n[^\n]*\n\s*)*0\s*\r?\n\s*SECTION\b")
_KEPT = {"Layer": "layer", "Text": "text"}


def looks_like_dxf(head: bytes) -> bool:
    """Tell by the first bytes whether this is a drawing in text form; comments may stand before it."""
    return _START.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def list_layers(source: Source) -> list[str]:
    """A drawing is one layer, named like its file; the drawing's own layers are a column."""
    return [source.name]


def read(source: Source, layer: str, encoding: str | None) -> Found:
    """Read the entities of the model space. Raises RefusedFile dxf_truncated, dxf_broken.

    Columns: layer, text, name, code. Texts that became a ring's name are no rows of their own.
    """
    from app.spatial.formats.gdal import read_vector

    path = source.parts[".dxf"]
    finding, notes = _decide(path, encoding)
    copy = source.work / "layer.dxf"
    _rewrite(path, copy, finding.name)
    vector = read_vector(copy, driver=DRIVER, encoding="utf-8")
    paper = vector.columns.get("PaperSpace") or [None] * len(vector.wkb)
    rows = [row for row, aside in enumerate(paper) if not aside]
    columns: dict[str, list[Any]] = {
        ours: [vector.columns[theirs][row] for row in rows]
        for theirs, ours in _KEPT.items()
        if theirs in vector.columns
    }
    wkb = [vector.wkb[row] for row in rows]
    found = Found(layer, columns, wkb, None, finding, notes, [row + 1 for row in rows])
    joined = join_names(found)
    if len(rows) == len(vector.wkb):
        return joined
    zh, en = "图纸空间（布局）中的图形未读取", "What stands on paper layouts was left out"
    aside = tuple(row + 1 for row, mark in enumerate(paper) if mark)
    return replace(joined, notes=(*joined.notes, Note("paper_space", zh, en, aside)))


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            yield line.rstrip(b"\r\n")


def _decide(path: Path, asked: str | None) -> tuple[EncodingFinding, tuple[Note, ...]]:
    """Decide the encoding from every text of the drawing; the last line must be its end mark.

    Every other line must be a group code: where pairs are out of step, no entity is what it seems.
    """
    telling, header, last = dict[bytes, None](), list[bytes](), b""
    for number, line in enumerate(_lines(path)):
        if number % 2 == 0 and not _GROUP_CODE.fullmatch(line):
            raise refuse("dxf_broken", str(number + 1))
        if number < _HEADER_PAIRS:
            header.append(line.strip())
        if not line.isascii():
            telling[line.strip()] = None
        last = line.strip() or last
    if last != b"EOF":
        raise refuse("dxf_truncated")
    finding = decide_encoding(telling, asked)
    return finding, compare_mark(_mark(header), finding, _PAGES)


def _mark(header: list[bytes]) -> str:
    """What the drawing says of its encoding: UTF-8 by its version, else its code page."""
    version, page = _variable(header, b"$ACADVER"), _variable(header, b"$DWGCODEPAGE")
    return "utf-8" if version.startswith("AC") and version >= _UNICODE_SINCE else page


def _variable(header: list[bytes], name: bytes) -> str:
    at = header.index(name) + 2 if name in header else len(header)
    return header[at].decode("ascii", "replace") if at < len(header) else ""


def _rewrite(path: Path, target: Path, encoding: str) -> None:
    with target.open("wb") as sink:
        for line in _lines(path):
            line = line.translate(None, _CONTROLS)  # at a NUL the library would go round for ever
            plain = line.isascii() and b"\\" not in line
            sink.write(
                (line if plain else _plain(decode(line, encoding)[0]).encode("utf-8", "replace")) + b"\n"
            )


def _plain(text: str) -> str:
    """Turn \\U+XXXX (pairs of surrogates too) and \\M+5XXXX (bytes of GBK, 2 of Big5) into characters."""
    text = _UNICODE_SIGN.sub(lambda match: _from_units(match[0]), text)
    text = _BYTES_SIGN.sub(lambda match: _from_page(match[1], match[2]), text)
    return "".join(sign for sign in text if sign >= " " or sign == "\t")


def _from_units(signs: str) -> str:
    units = [int(sign, 16) for sign in re.split(r"\\[Uu]\+", signs)[1:]]
    return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le", "replace")


def _from_page(page: str, digits: str) -> str:
    return bytes.fromhex(digits).decode("gb18030" if page == "5" else "big5hkscs", "replace")
