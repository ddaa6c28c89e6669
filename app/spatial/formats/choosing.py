"""Which of several layers is meant: the one a person names, or the only one that holds areas.

Roads, points of interest and tables beside the villages are no reason to ask; two layers of areas are.
"""

import struct
from pathlib import Path

from app.errors import BadInput
from app.spatial.formats.kinds import Format
from app.spatial.formats.layer import MIB
from app.spatial.formats.refusals import ask_layer, refuse
from app.spatial.formats.source import Source
from app.spatial.notes import Note

Entry = tuple[str, Format, Source, str]
"""A layer: the name it is shown by, its format, its source, its name within the source."""

_MOST_LAYERS, _MOST_BYTES = 12, 64 * MIB
_NO_AREAS = frozenset((1, 2, 4, 5, 8, 9, 11))
_LINES = frozenset((2, 5))


def choose(entries: list[Entry], wanted: str | None) -> tuple[Entry, tuple[Note, ...]]:
    """Return (the layer, what to say of the choice). Raises RefusedFile no_layer; NeedsAnswer several_layers
    where more than one may hold areas or looking would cost much, unknown_layer for a name it does not have.
    """
    if not entries:
        raise refuse("no_layer")
    names = [entry[0] for entry in entries]
    if wanted is not None:
        if wanted not in names:
            raise ask_layer("unknown_layer", names)
        return entries[names.index(wanted)], ()
    if len(entries) == 1:
        return entries[0], ()
    areas = [entry for entry in entries if _may_hold_areas(entry)] if _is_cheap(entries) else entries
    if len(areas) != 1:
        raise ask_layer("several_layers", names)
    return areas[0], (_tell(areas[0][0], names),)


def _is_cheap(entries: list[Entry]) -> bool:
    paths = {path for _, _, source, _ in entries for path in source.parts.values()}
    return len(entries) <= _MOST_LAYERS and sum(map(_size, paths)) <= _MOST_BYTES


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(part.stat().st_size for part in path.iterdir())
    return path.stat().st_size


def _may_hold_areas(entry: Entry) -> bool:
    """Whether a layer has areas, or mostly lines that close; one that cannot be read yet may have any."""
    _, kind, source, name = entry
    try:
        shapes = [wkb for wkb in kind.read(source, name, None).wkb if wkb is not None]
    except BadInput:
        return True
    closed = sum(_closes(wkb) for wkb in shapes)  # a roundabout among the roads is no village
    return 2 * closed > len(shapes) or any(_kind_of(wkb) not in _NO_AREAS for wkb in shapes)


def _kind_of(wkb: bytes) -> int:
    (word,) = struct.unpack_from("<I" if wkb[:1] == b"\1" else ">I", wkb, 1)
    return (int(word) & 0xFFFF) % 1000


def _closes(wkb: bytes) -> bool:
    import shapely

    return _kind_of(wkb) in _LINES and bool(shapely.is_closed(shapely.from_wkb(wkb, on_invalid="ignore")))


def _tell(chosen: str, names: list[str]) -> Note:
    others = [name for name in names if name != chosen]
    zh = "、".join(others[:5]) + (f" 等 {len(others)} 个图层" if len(others) > 5 else "")
    en = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
    return Note(
        "layer_chosen",
        f"文件有多个图层，只有“{chosen}”里有面，已采用它；未导入：{zh}",
        f"Of several layers only {chosen!r} holds areas and was taken; not {en}",
    )
