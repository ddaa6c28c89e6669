"""GeoPackages, read by GDAL from a copy in the work folder (SQLite may want to write beside the file)."""

import shutil
from pathlib import Path
from typing import Any

from app.spatial.formats.encoding import decide_encoding, decode
from app.spatial.formats.layer import EncodingFinding, Found
from app.spatial.formats.source import Source
from app.spatial.notes import Note

_MAGIC = b"SQLite format 3\0"


def looks_like_sqlite(head: bytes) -> bool:
    """Tell by the first bytes whether this is an SQLite file, which a GeoPackage is."""
    return head.startswith(_MAGIC)


def _copy(source: Source) -> Path:
    target = source.work / "layer.gpkg"
    if not target.exists():
        shutil.copyfile(source.parts[".gpkg"], target)
    return target


def list_layers(source: Source) -> list[str]:
    """Return the layers that hold shapes; plain attribute tables are not layers."""
    from app.spatial.formats.gdal import list_vector_layers

    return list_vector_layers(_copy(source))


def read(source: Source, layer: str, encoding: str | None) -> Found:
    """Read one layer; text that is not UTF-8 as the standard wants is decided from its bytes, and said."""
    from app.spatial.formats.gdal import read_vector

    path, notes = _copy(source), list[Note]()
    finding = EncodingFinding("utf-8", "standard")
    try:
        vector = read_vector(path, driver="GPKG", layer=layer)
        columns = vector.columns
    except UnicodeDecodeError:
        vector = read_vector(path, driver="GPKG", layer=layer, encoding="ISO-8859-1")
        columns, finding = _decode_again(vector.columns, encoding)
        zh, en = f"文字不是标准的 UTF-8，按 {finding.name} 读取", f"The text is not UTF-8 but {finding.name}"
        notes.append(Note("encoding_mark_wrong", zh, en))
    rows = list(range(1, len(vector.wkb) + 1))
    return Found(layer, columns, vector.wkb, vector.crs, finding, tuple(notes), rows)


def _utf8(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _decode_again(
    columns: dict[str, list[Any]], asked: str | None
) -> tuple[dict[str, list[Any]], EncodingFinding]:
    """Read text that came as Latin-1 once more: what is UTF-8 stays so, the rest decides its own encoding."""
    cells = (value for values in columns.values() for value in values if isinstance(value, str))
    raw = [text.encode("latin-1") for text in (*columns, *cells)]
    finding = decide_encoding([text for text in raw if _utf8(text) is None], asked)

    def again(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = value.encode("latin-1")
        return _utf8(text) or decode(text, finding.name)[0]

    return {again(name): [again(value) for value in values] for name, values in columns.items()}, finding
