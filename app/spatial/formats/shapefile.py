"""Shapefiles: our own gate and our own table reading; only the shapes themselves go through GDAL.

GDAL reads a truncated .shp as a shorter layer without a word, and believes a wrong .cpg. So the record chain
of the .shp is walked first (any break refuses the file), a fresh .shx is written from that walk, and the .dbf
is read as bytes.
"""

import mmap
import shutil
import struct
from pathlib import Path

from app.spatial.formats import dbf
from app.spatial.formats.encoding import codec_of, decide_encoding, decode, strays, tell_strays
from app.spatial.formats.layer import EncodingFinding, Found
from app.spatial.formats.refusals import refuse
from app.spatial.formats.source import Source
from app.spatial.notes import Note

_MAGIC, _VERSION, _HEADER = 9994, 1000, 100
_POINTS = (1, 11, 21)
# Per type of shape with counts in it: bytes of a part's entry, bytes before the parts. ESRI's white paper.
_COUNTED = {
    **dict.fromkeys((3, 5, 13, 15, 23, 25), (4, 44)),
    **dict.fromkeys((8, 18, 28), (0, 40)),
    31: (8, 44),
}
_LANGUAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5hkscs", 0x78: "big5hkscs"}


def looks_like_shp(head: bytes) -> bool:
    """Tell by the first bytes whether this is a .shp main file."""
    return len(head) >= 4 and struct.unpack_from(">i", head)[0] == _MAGIC


def walk_records(data: bytes | mmap.mmap) -> list[tuple[int, int]]:
    """Return (offset, content length) in bytes of every record of a .shp.

    Raises RefusedFile shp_truncated when the header or a record promises more than there is, shp_broken when
    the chain of records makes no sense.
    """
    if len(data) < _HEADER or struct.unpack_from("<i", data, 28)[0] != _VERSION:
        raise refuse("shp_broken" if len(data) >= _HEADER else "shp_truncated")
    end = 2 * int(struct.unpack_from(">i", data, 24)[0])
    if end > len(data):
        raise refuse("shp_truncated", f"{len(data)} < {end}")
    records, at = [], _HEADER
    while at < end:
        if at + 12 > end:
            raise refuse("shp_truncated", f"{at} / {end}")
        length = 2 * int(struct.unpack_from(">i", data, at + 4)[0])
        if length < 4:
            raise refuse("shp_broken", f"{at}")
        if at + 8 + length > end:
            raise refuse("shp_truncated", f"{at} / {end}")
        records.append((at, length))
        at += 8 + length
    return records


def count_vertices(data: bytes | mmap.mmap, records: list[tuple[int, int]]) -> int:
    """Return how many vertices the records hold, by their own counts.

    Raises RefusedFile shp_broken, with the record's number, when one promises more than its length can hold.
    """
    total = 0
    for number, (at, length) in enumerate(records, 1):
        kind = int(struct.unpack_from("<i", data, at + 8)[0])
        if kind not in _COUNTED:
            total += kind in _POINTS
            continue
        part_bytes, fixed = _COUNTED[kind]
        if length < fixed:
            raise refuse("shp_broken", f"#{number}")
        counts = struct.unpack_from("<ii", data, at + 44)
        parts, points = counts if part_bytes else (0, counts[0])
        if min(parts, points) < 0 or fixed + part_bytes * parts + 16 * points > length:
            raise refuse("shp_broken", f"#{number}")
        total += points
    return total


def _write_index(shp: Path, records: list[tuple[int, int]]) -> None:
    with shp.open("rb") as file:
        header = bytearray(file.read(_HEADER))
    struct.pack_into(">i", header, 24, (_HEADER + 8 * len(records)) // 2)
    body = b"".join(struct.pack(">ii", offset // 2, length // 2) for offset, length in records)
    shp.with_suffix(".shx").write_bytes(bytes(header) + body)


def _read_shapes(source: Source) -> list[bytes | None]:
    """Return the shapes as WKB, read from a copy that has no neighbour but our own index."""
    shp = source.work / "layer.shp"
    shutil.copyfile(source.parts[".shp"], shp)
    if shp.stat().st_size == 0:
        raise refuse("empty_file")
    with shp.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        records = walk_records(data)
        vertices = count_vertices(data, records)
    if vertices > source.limits.vertices:
        raise refuse("too_many_vertices", f"{vertices} > {source.limits.vertices}")
    if not records:
        return []
    _write_index(shp, records)
    from app.spatial.formats.gdal import read_vector

    wkb = read_vector(shp, driver="ESRI Shapefile", columns=[]).wkb
    if len(wkb) != len(records):
        raise refuse("shp_broken", f"{len(wkb)} / {len(records)}")
    return wkb


def list_layers(source: Source) -> list[str]:
    """A shapefile is one layer, named like its file."""
    return [source.name]


def read(source: Source, layer: str, encoding: str | None) -> Found:
    """Read one shapefile; `encoding` None decides it from the text. Errors as in `walk_records` and `dbf`."""
    wkb = _read_shapes(source)
    prj = source.text(".prj")
    if ".dbf" not in source.parts:
        note = Note(
            "no_table", "缺少属性表 .dbf，只有图形", "The attribute table .dbf is missing; shapes only"
        )
        rows = list(range(1, len(wkb) + 1))
        return Found(layer, {}, wkb, prj, EncodingFinding("utf-8", "ascii"), (note,), rows)
    table = dbf.read_table(source.parts[".dbf"].read_bytes())
    if len(table.deleted) != len(wkb):
        raise refuse("counts_differ", f"{len(wkb)} / {len(table.deleted)}")
    finding = decide_encoding(table.texts(), encoding)
    columns, cut = dbf.columns_of(table, finding.name)
    kept = [row for row, gone in enumerate(table.deleted) if not gone]
    notes = (
        *_mark_notes(source, table, finding),
        *_mixed_notes(table, finding.name),
        *_row_notes(cut, table.deleted),
    )
    columns = {name: [values[row] for row in kept] for name, values in columns.items()}
    return Found(layer, columns, [wkb[row] for row in kept], prj, finding, notes, [row + 1 for row in kept])


def _mark_notes(source: Source, table: dbf.Table, finding: EncodingFinding) -> tuple[Note, ...]:
    """Say when the .cpg or the language byte names another encoding than the text itself."""
    if finding.how == "ascii":
        return ()
    mark = (source.text(".cpg") or "").strip()
    marked = _codec(mark) if mark else _LANGUAGES.get(table.language)
    if marked is None or marked == codec_of(finding.name):
        return ()
    said = mark[:20] or f"0x{table.language:02X}"
    zh = f"文件标记的编码（{said}）有误，实际按 {finding.name} 读取"
    return (Note("encoding_mark_wrong", zh, f"The file is marked {said!a} but its text is {finding.name}"),)


def _mixed_notes(table: dbf.Table, name: str) -> tuple[Note, ...]:
    """Say which rows hold text in another encoding than the rest of the table."""
    found: dict[int, str] = {}
    for field, cells in zip(table.fields, table.cells, strict=True):
        if field.kind == "C":
            found |= {row: decode(cells[row], name)[0] for row in strays(cells, name)}
    rows = sorted(row for row in found if not table.deleted[row])
    if not rows:
        return ()
    return (tell_strays(name, (found[row] for row in rows), tuple(row + 1 for row in rows)),)


def _codec(mark: str) -> str:
    try:
        return codec_of(mark)
    except Exception:  # an unknown mark is simply a wrong one
        return "unknown"


def _row_notes(cut: list[int], deleted: tuple[bool, ...]) -> tuple[Note, ...]:
    notes = []
    if cut:
        rows = tuple(row + 1 for row in cut)
        notes.append(Note("text_cut", "部分文字被截断或无法识别", "Some text is cut off or unreadable", rows))
    gone = tuple(row + 1 for row, mark in enumerate(deleted) if mark)
    if gone:
        notes.append(
            Note("rows_deleted", "已跳过标记为删除的记录", "Rows marked as deleted were left out", gone)
        )
    return tuple(notes)
