"""Text that was once read in a wrong encoding and saved like that: 棰愮敓鏉戞 for 颐生村社.

Whatever the file's own encoding, the wrong reading is part of its text now. It is undone where going the same
way back gives text that people write, over the whole layer; where bytes were lost on the way it is only said.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from app.spatial.formats.encoding import BIG5, GB, UTF8
from app.spatial.formats.layer import Found
from app.spatial.formats.usual import RARE, WEIGHTS, weigh_text
from app.spatial.notes import Note

Columns = dict[str, list[Any]]
_WEST = "cp1252"
_SHOWN = {UTF8: "UTF-8", GB: "GBK", BIG5: "Big5", _WEST: "Latin-1"}
_C1 = {ord(bytes([code]).decode(_WEST, "ignore") or chr(code)): code for code in range(0x80, 0xA0)}
_FAMOUS_LOSS = "锟斤拷"
_NO_SIGN = "�?"
_GAIN_OF_ONE = 4.0
_TELLING_PART = 0.4


class _Way(NamedTuple):
    """Bytes of `right` that were read as `wrong`; `enough` is the gain over a layer that proves it."""

    wrong: str
    right: str
    enough: float


_WAYS = (
    _Way(_WEST, UTF8, 10.0),
    _Way(_WEST, GB, 12.0),
    _Way(_WEST, BIG5, 20.0),
    _Way(GB, UTF8, 10.0),
    _Way(BIG5, UTF8, 20.0),
    _Way(BIG5, GB, 25.0),
    _Way(GB, BIG5, 25.0),
)


def mend_found(found: Found) -> Found:
    """Return a layer with such text undone, and notes `text_mojibake` that name its rows.

    Signs that the reading itself could not make out are noted as `text_cut` already, not once more here.
    """
    columns, said = mend_text(found.columns, found.rows)
    told = any(note.code == "text_cut" for note in found.notes)
    notes = tuple(note for note in said if not told or columns is not found.columns)
    return replace(found, columns=columns, notes=(*found.notes, *notes))


def mend_text(columns: Columns, rows: Sequence[int]) -> tuple[Columns, tuple[Note, ...]]:
    """Return (columns with such text undone, what there is to say of it); `rows` (n,) are row numbers.

    Column names are mended as well. A layer without a suspicious character costs one pass over its texts.
    """
    texts = {value for values in columns.values() for value in values if isinstance(value, str)}
    odd = _suspicious({*texts, *columns})
    if not odd:
        return columns, ()
    way = _find_way(odd)
    mended = {text: back for text in odd if way and (back := _gain(text, way)[1]) is not None}
    lost = {text for text in odd - mended.keys() if _is_lost(text)}
    notes = [_tell_mended(way, _rows_with(mended, columns, rows))] if way and mended else []
    notes += [_tell_lost(_rows_with(lost, columns, rows))] if lost else []
    return _replaced(columns, mended), tuple(notes)


def _suspicious(texts: set[str]) -> set[str]:
    """The texts that hold a character which Chinese files do not hold unless something went wrong."""
    wild = {sign for sign in set().union(*texts) if sign > "\x7f" and _is_wild(sign)}
    return {text for text in texts if not wild.isdisjoint(text)} if wild else set()


def _is_wild(sign: str) -> bool:
    if "\u4e00" <= sign <= "\u9fff":
        return WEIGHTS[sign] < RARE or sign in _FAMOUS_LOSS
    return WEIGHTS[sign] <= -10.5 or ord(sign) in _C1


def _find_way(odd: Iterable[str]) -> _Way | None:
    gains: defaultdict[_Way, float] = defaultdict(float)
    for text in odd:
        for way in _WAYS:
            gains[way] += _gain(text, way)[0]
    best = max(_WAYS, key=gains.__getitem__)
    return best if gains[best] >= best.enough else None


def _gain(text: str, way: _Way) -> tuple[float, str | None]:
    """How much more usual a text is after going back, and what it then says; (0, None) when it is not."""
    raw = _as_bytes(text, way.wrong)
    try:
        back = raw.decode(way.right) if raw is not None else None
    except UnicodeDecodeError:
        back = None
    if back is None or len(back) >= len(text) + (way.wrong != _WEST and way.right != UTF8):
        return 0.0, None
    gain = weigh_text(back) - weigh_text(text)
    return (gain, back) if gain >= _GAIN_OF_ONE and _is_usual(back) else (0.0, None)


def _is_usual(text: str) -> bool:
    signs = len(text) - len(text.encode("ascii", "ignore"))
    return signs > 0 and weigh_text(text) >= RARE * signs


def _as_bytes(text: str, codec: str) -> bytes | None:
    """The bytes that somebody took for `codec`, None where it cannot have been so."""
    try:
        if codec == _WEST:
            return text.translate(_C1).encode("latin-1")
        # Windows reads the single byte 80 of its GBK as a euro sign.
        return b"\x80".join(part.encode(codec) for part in text.split("€"))
    except UnicodeEncodeError:
        return None


def _is_lost(text: str) -> bool:
    """Whether a text went through a wrong encoding that left too little of it to go back."""
    if _FAMOUS_LOSS in text or "\ufffd" in text:
        return True
    return any(_half_back(text, way) for way in _WAYS if way.right == UTF8 and way.wrong != BIG5)


def _half_back(text: str, way: _Way) -> bool:
    left = "".join(sign for sign in text if sign not in _NO_SIGN)
    raw = _as_bytes(left, way.wrong)
    if raw is None or (way.wrong == GB and _is_usual(left)):
        return False
    back = raw.decode(UTF8, "ignore")
    told = [sign for sign in back if sign > "\x7f"]
    telling = len("".join(told).encode()) >= _TELLING_PART * len(raw.translate(None, bytes(range(128))))
    return bool(told) and telling and sum(WEIGHTS[sign] for sign in told) >= RARE * len(told)


def _rows_with(texts: Iterable[str], columns: Columns, rows: Sequence[int]) -> tuple[int, ...]:
    wanted = set(texts)
    hits = {
        row
        for values in columns.values()
        for row, value in zip(rows, values, strict=True)
        if isinstance(value, str) and value in wanted
    }
    return tuple(sorted(hits))


def _replaced(columns: Columns, mended: dict[str, str]) -> Columns:
    if not mended:
        return columns
    names = {name: mended.get(name, name) for name in columns}
    free = names if len(set(names.values())) == len(names) else {name: name for name in columns}
    return {
        free[name]: [mended.get(value, value) if isinstance(value, str) else value for value in values]
        for name, values in columns.items()
    }


def _tell_mended(way: _Way, rows: tuple[int, ...]) -> Note:
    right, wrong = _SHOWN[way.right], _SHOWN[way.wrong]
    zh = f"文字曾把 {right} 误当 {wrong} 读取后保存（乱码），已还原"
    return Note("text_mojibake", zh, f"Text was saved after {right} was read as {wrong}; undone", rows)


def _tell_lost(rows: tuple[int, ...]) -> Note:
    zh = "文字是乱码，部分字节已丢失，无法还原"
    return Note("text_mojibake", zh, "Text was spoiled by a wrong encoding and cannot be got back", rows)
