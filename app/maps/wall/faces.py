"""The face the sheets are set in: where it is on this machine, and which characters it can draw."""

import struct
from functools import cache
from pathlib import Path

import typst

from app.errors import NotReady
from app.maps.wall.lettering import FAMILY

FONT_FOLDERS = (
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/noto-cjk",
    "/usr/share/fonts/google-noto-cjk",
)
MISSING = "〓"
_SEGMENTED_COVERAGE = 12


@cache
def find_fonts() -> typst.Fonts:
    """The Noto CJK faces of this machine; `NotReady` when they are not installed."""
    folders = [folder for folder in FONT_FOLDERS if Path(folder).is_dir()]
    fonts = typst.Fonts(include_system_fonts=not folders, include_embedded_fonts=False, font_paths=folders)
    if FAMILY not in fonts.families():
        raise NotReady(
            "font_missing",
            zh=f"没有字体 {FAMILY}，请安装 fonts-noto-cjk",
            en=f"The face {FAMILY} is not installed; install fonts-noto-cjk",
        )
    return fonts


def replace_missing(text: str) -> str:
    """The text with 〓, the printers' mark for a missing sort, where the face has no glyph."""
    drawn = _list_drawn()
    return "".join(char if ord(char) in drawn else MISSING for char in text)


@cache
def _list_drawn() -> frozenset[int]:
    face = next(font for font in find_fonts().fonts() if font.family == FAMILY and font.path)
    return read_characters(Path(str(face.path)).read_bytes(), face.index)


def read_characters(font: bytes, index: int) -> frozenset[int]:
    """Code points an OpenType file or collection maps to a glyph (its `cmap` table, format 12)."""
    start = struct.unpack_from(">I", font, 12 + 4 * index)[0] if font[:4] == b"ttcf" else 0
    tables = struct.unpack_from(">H", font, start + 4)[0]
    records = (struct.unpack_from(">4sIII", font, start + 12 + 16 * at) for at in range(tables))
    cmap = next(record[2] for record in records if record[0] == b"cmap")
    drawn: set[int] = set()
    for at in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        table = cmap + struct.unpack_from(">HHI", font, cmap + 4 + 8 * at)[2]
        if struct.unpack_from(">H", font, table)[0] == _SEGMENTED_COVERAGE:
            for group in range(struct.unpack_from(">I", font, table + 12)[0]):
                first, last, _ = struct.unpack_from(">III", font, table + 16 + 12 * group)
                drawn.update(range(first, last + 1))
    return frozenset(drawn)
