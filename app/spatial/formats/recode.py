"""Text that GDAL handed over byte by byte (as Latin-1), decoded here once its encoding is decided."""

from typing import Any

from app.errors import BadInput
from app.spatial.formats.encoding import codec_of, decide_encoding, decode
from app.spatial.formats.layer import EncodingFinding
from app.spatial.notes import Note

RAW = "ISO-8859-1"
Columns = dict[str, list[Any]]


def decode_columns(columns: Columns, asked: str | None) -> tuple[Columns, EncodingFinding, tuple[Note, ...]]:
    """Return (columns, how the text was read, notes) of columns whose names and texts came as Latin-1.

    The encoding is decided from all text together. Raises NeedsAnswer encoding_unclear.
    """
    cells = (value for values in columns.values() for value in values if isinstance(value, str))
    finding = decide_encoding([text.encode("latin-1", "replace") for text in (*columns, *cells)], asked)
    broken = set[int]()
    out: Columns = {}
    for name, values in columns.items():
        out[_decode(name, finding.name)[0]] = [
            _decode_cell(value, finding.name, row, broken) for row, value in enumerate(values, 1)
        ]
    if not broken:
        return out, finding, ()
    note = Note(
        "text_cut", "部分文字被截断或无法识别", "Some text is cut off or unreadable", tuple(sorted(broken))
    )
    return out, finding, (note,)


def _decode(text: str, name: str) -> tuple[str, bool]:
    if text.isascii():
        return text, True
    return decode(text.encode("latin-1", "replace"), name)


def _decode_cell(value: Any, name: str, row: int, broken: set[int]) -> Any:
    if not isinstance(value, str):
        return value
    text, whole = _decode(value, name)
    if not whole:
        broken.add(row)
    return text.rstrip("\0 ")


def compare_mark(said: str, finding: EncodingFinding, codecs: dict[str, str]) -> tuple[Note, ...]:
    """Say when a mark names another encoding than the text itself; `codecs` are the marks that are known."""
    marked = codecs.get(said.strip().lower())
    if finding.how == "ascii" or not said or marked is None or marked == _codec(finding.name):
        return ()
    zh = f"文件标记的编码（{said[:20]}）有误，实际按 {finding.name} 读取"
    return (
        Note("encoding_mark_wrong", zh, f"The file is marked {said[:20]!a} but its text is {finding.name}"),
    )


def _codec(name: str) -> str:
    try:
        return codec_of(name)
    except BadInput:
        return name
