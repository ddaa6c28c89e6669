"""Which encoding is this text in? Decided from the bytes; a .cpg or language byte is only compared.

Every text is read as UTF-8, as GB18030 (GBK and GB2312 are parts of it) and as Big5, and each reading is
weighed by how usual its characters are (`usual`): a wrong encoding brings forth characters nobody uses, so
even a single name of two characters tells its own. The weights of all texts together decide for the file; a
text that plainly stands in another encoding than its file is read in its own, and `strays` names it.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from app.errors import BadInput, NeedsAnswer
from app.spatial.formats.layer import EncodingFinding
from app.spatial.formats.usual import weigh_text
from app.spatial.notes import Note

UTF8, GB, BIG5 = "utf-8", "gb18030", "big5hkscs"
ENCODINGS = ("utf-8", "gbk", "gb18030", "big5", "latin-1")
_SAMPLE = 20_000
_ENOUGH_READABLE = 0.95
_NAMES = {
    UTF8: "utf-8 utf8 65001",
    GB: "gbk gb2312 gb-2312-80 x-gbk euc-cn hz-gb-2312 936 gb18030 54936 chinese",
    BIG5: "big5 big5-hkscs big5hkscs 950 x-big5",
    "latin-1": "latin-1 latin1 iso-8859-1 iso8859-1 88591 l1",
    "cp1252": "1252 ansi",
    "utf-16": "utf-16 utf16 1200",
    "utf-32": "utf-32 utf32",
    "utf-16-le": "utf-16-le utf-16le",
    "utf-16-be": "utf-16-be utf-16be 1201",
}
_CODECS = {name: codec for codec, names in _NAMES.items() for name in names.split()}
_PREFIX = re.compile(r"^(ansi |oem |cp|ms|windows-)(?=\d)")
# Chinese files come in these; what the log of the odds is before a text was seen.
_PRIOR = {UTF8: 3.0, GB: 0.0, BIG5: -4.0}
_UNREADABLE_BYTE, _LOST_BYTE = -12.0, -4.0
_ONE_TEXT_AT_MOST = 25.0
_CERTAIN = 2.5
_STRAY = 6.0
_WORST_MEAN = {UTF8: -17.6, GB: -15.5, BIG5: -15.5}
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_BITS = re.compile(rb'[\x80-\xff][^",;<>\t\r\n]*')
# Python maps these to the private use area as GB18030 had them before 2005; they have places of their own.
_OWN_PLACE = str.maketrans(
    "\ue816\ue817\ue818\ue81e\ue826\ue82b\ue82c\ue831\ue832\ue83b"
    "\ue843\ue854\ue855\ue864\ue7c7\ue78d\ue78e\ue78f\ue790\ue791"
    "\ue792\ue793\ue794\ue795\ue796",
    "\U00020087\U00020089\U000200cc\u9fb4\u9fb5\u9fb6\u9fb7\U000215d7\u9fb8\U0002298f"
    "\u9fb9\u9fba\U000241fe\u9fbb\u1e3f\ufe10\ufe12\ufe11\ufe13\ufe14"
    "\ufe15\ufe16\ufe17\ufe18\ufe19",
)


class _Reading(NamedTuple):
    """One text in one codec: what it says (None when it cannot be read), its weight, its foreign signs."""

    text: str | None
    weight: float
    signs: int


def codec_of(name: str) -> str:
    """Return the Python codec of an encoding's name, or raise BadInput `unknown_encoding`."""
    plain = name.strip().lower().replace("_", "-")
    codec = _CODECS.get(_PREFIX.sub("", plain))
    if codec is None:
        raise BadInput(
            "unknown_encoding", zh=f"不认识的文字编码：{name}", en=f"Unknown text encoding: {name}"
        )
    return codec


def _decodes(value: bytes, codec: str) -> tuple[str | None, int]:
    """Return (text or None, bytes of a half character lost at its end, where a fixed width cut it off)."""
    try:
        return value.decode(codec), 0
    except UnicodeDecodeError as error:
        if error.end != len(value) or not error.reason.startswith(("incomplete", "unexpected end")):
            return None, 0
        return value[: error.start].decode(codec), len(value) - error.start


def _take(value: bytes, codec: str) -> _Reading:
    text, lost = _decodes(value, codec)
    if text is None:
        return _Reading(None, _UNREADABLE_BYTE * len(value), 0)
    signs = len(text) - len(text.encode("ascii", "ignore"))
    return _Reading(text, weigh_text(text) + _LOST_BYTE * lost, signs)


def _are_likely(readings: Iterable[_Reading], codec: str) -> bool:
    """Whether texts are, taken together, made of characters that people use, and nearly all readable."""
    found = list(readings)
    read = [each for each in found if each.signs]
    usual = sum(each.weight for each in read) >= _WORST_MEAN[codec] * sum(each.signs for each in read)
    return usual and len(read) >= max(1, _ENOUGH_READABLE * len(found))


def decide_encoding(values: Iterable[bytes], asked: str | None = None) -> EncodingFinding:
    """Decide the encoding of many short texts (field names and values of one file).

    `asked` is followed when at least 95 % of the texts can be read that way. Raises NeedsAnswer
    `encoding_unclear` when nothing fits or two fit alike, BadInput `unknown_encoding` when `asked` is no
    encoding of ours.
    """
    telling = list(dict.fromkeys(value for value in values if not value.isascii()))
    telling = telling[:: 1 + len(telling) // _SAMPLE]
    if asked is not None:
        return _follow(telling, asked)
    if not telling:
        return EncodingFinding("utf-8", "ascii")
    readings = [{codec: _take(value, codec) for codec in _PRIOR} for value in telling]
    totals = {codec: prior + _add_up(readings, codec) for codec, prior in _PRIOR.items()}
    best, second = sorted(totals, key=totals.__getitem__, reverse=True)[:2]
    kept = (_kept(each, best) for each in readings)
    if not _are_likely(kept, best) or totals[best] - totals[second] < _CERTAIN:
        raise _unclear()
    return EncodingFinding(_shown_name(best, telling), "text")


def _kept(each: dict[str, _Reading], codec: str) -> _Reading:
    """The reading of one text in a file of `codec`: its own, else the one it strays to."""
    return each[codec] if each[codec].signs else each[GB if codec == UTF8 else UTF8]


def _add_up(readings: Sequence[dict[str, _Reading]], codec: str) -> float:
    """The weight of all texts in a codec; no single text may count more than a clear vote against it."""
    return sum(
        max(each[codec].weight, max(one.weight for one in each.values()) - _ONE_TEXT_AT_MOST)
        for each in readings
    )


def _shown_name(codec: str, telling: Sequence[bytes]) -> str:
    """Say gbk when the old two-byte set is enough, gb18030 when four-byte characters are there."""
    if codec != GB:
        return {UTF8: "utf-8", BIG5: "big5"}[codec]
    beyond = (value for value in telling if _decodes(value, "gbk")[0] is None)
    own = (value for value in beyond if _decodes(value, GB)[0] is not None and _choose(value, GB) == GB)
    return "gbk" if next(own, None) is None else "gb18030"


def _follow(telling: Sequence[bytes], asked: str) -> EncodingFinding:
    codec = codec_of(asked)
    readable = sum(_decodes(value, codec)[0] is not None for value in telling)
    if readable < _ENOUGH_READABLE * len(telling):
        raise _unclear()
    return EncodingFinding(asked.strip().lower(), "asked")


def _unclear() -> NeedsAnswer:
    zh = "无法确定文字编码，请指定"
    en = "The text encoding is not certain; please name it"
    options = [{"value": name, "zh": name, "en": name} for name in ENCODINGS]
    question = {"code": "encoding_unclear", "zh": zh, "en": en, "options": options}
    return NeedsAnswer("encoding_unclear", zh=zh, en=en, questions=[question])


@lru_cache(maxsize=65536)
def _choose(value: bytes, codec: str) -> str:
    """The codec of one text in a file of another: its own when that reads plainly better."""
    if codec not in _PRIOR or value.isascii():
        return codec
    rival = GB if codec == UTF8 else UTF8
    here = _take(value, codec)
    if codec == UTF8 and here.text is not None:
        return codec
    there = _take(value, rival)
    better = there.weight - here.weight > _STRAY and _are_likely([there], rival)
    return rival if better else codec


def strays(values: Iterable[bytes], name: str) -> list[int]:
    """Return the places of the texts that stand in another encoding than `name`, the one of their file."""
    codec = codec_of(name)
    return [place for place, value in enumerate(values) if _choose(value, codec) != codec]


def decode(value: bytes, name: str) -> tuple[str, bool]:
    """Return (text, whole): half characters at the end are dropped, unreadable bytes become U+FFFD.

    A text that plainly stands in another encoding than its file is read in its own.
    """
    codec = _choose(value, codec_of(name))
    text, lost = _decodes(value, codec)
    if text is None:
        return value.decode(codec, "replace"), False
    return _in_its_place(text) if codec == GB else text, lost == 0


def _in_its_place(text: str) -> str:
    return text if text.isascii() else text.translate(_OWN_PLACE)


def decode_whole(data: bytes, asked: str | None = None) -> tuple[str, bool, EncodingFinding]:
    """Return (text, whether every byte was readable, its encoding) of a whole text file (GeoJSON, KML, CSV).

    A byte order mark is believed. Raises NeedsAnswer `encoding_unclear` when less than 95 % of its texts can
    be read; a few broken ones become U+FFFD.
    """
    wide = None if asked else _find_wide(data)
    if wide is not None:
        codec, shown = wide
        return *_leniently(data, codec), EncodingFinding(shown, "text")
    finding = decide_encoding(_BITS.findall(data), asked)
    codec = codec_of(finding.name)
    if codec not in _PRIOR:
        return *_leniently(data, codec), finding
    if not strays(set(_BITS.findall(data)), finding.name):
        text, whole = _leniently(data, "utf-8-sig" if codec == UTF8 else codec)
        return _in_its_place(text) if codec == GB else text, whole, finding
    return *_piece_by_piece(data, finding.name), finding


def _find_wide(data: bytes) -> tuple[str, str] | None:
    """Return (codec, shown name) of a file with a byte order mark or in UTF-16 without one."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return codec, codec.removesuffix("-sig")
    head = data[:400]
    for codec, high, low in (("utf-16-le", 1, 0), ("utf-16-be", 0, 1)):
        zeros, stray = head[high::2].count(0), head[low::2].count(0)
        if 3 * zeros > len(head) // 2 and 8 * stray < zeros:
            return codec, codec
    return None


def _leniently(data: bytes, codec: str) -> tuple[str, bool]:
    try:
        return data.decode(codec), True
    except UnicodeDecodeError:
        return data.decode(codec, "replace"), False


def _piece_by_piece(data: bytes, name: str) -> tuple[str, bool]:
    """Read every text of a mixed file in its own encoding; what stands between them is ASCII."""
    whole = True

    def read(found: re.Match[bytes]) -> bytes:
        nonlocal whole
        text, sound = decode(found[0], name)
        whole = whole and sound
        return text.encode("utf-8", "replace")

    return _BITS.sub(read, data).decode("utf-8", "replace"), whole


def tell_strays(name: str, texts: Iterable[str], rows: tuple[int, ...] = ()) -> Note:
    """The remark that some texts of a file stand in another encoding than the rest."""
    some = list(dict.fromkeys(texts))[:5]
    shown, listed = "、".join(some), ", ".join(some)
    zh = f"文件中混有两种文字编码：多数是 {name}，个别文字（{shown}）按其自身编码读取"
    en = f"Two encodings are mixed: most text is {name}; some ({listed}) was read in its own"
    return Note("encoding_mixed", zh, en, rows)


def stray_texts(data: bytes, name: str) -> frozenset[str]:
    """Return the texts of a whole file that stand in another encoding than `name`, the one of the file."""
    bits = list(dict.fromkeys(_BITS.findall(data)))
    return frozenset(decode(bits[place], name)[0] for place in strays(bits, name))
