"""Which encoding is this text in? Decided from the bytes; a .cpg or language byte is only compared.

UTF-8 is strict enough to prove itself. What is not UTF-8 is tried as GB18030 (GBK and GB2312 are parts of it)
and must also look like Chinese: text read in a wrong encoding falls into rare characters.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from app.errors import BadInput, NeedsAnswer
from app.spatial.formats.layer import EncodingFinding

_SAMPLE = 50_000
_ENOUGH_READABLE = 0.95
_CHINESE_ENOUGH = 0.5
_ASKABLE = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
    "936": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "950": "big5hkscs",
    "latin-1": "latin-1",
    "iso-8859-1": "latin-1",
}
ENCODINGS = ("utf-8", "gbk", "gb18030", "big5", "latin-1")


@dataclass(frozen=True)
class _Trial:
    codec: str
    readable: float
    chinese: float


def codec_of(name: str) -> str:
    """Return the Python codec of an encoding's name, or raise BadInput `unknown_encoding`."""
    codec = _ASKABLE.get(name.strip().lower().replace("_", "-"))
    if codec is None:
        raise BadInput(
            "unknown_encoding", zh=f"不认识的文字编码：{name}", en=f"Unknown text encoding: {name}"
        )
    return codec


def cut_tail(value: bytes, codec: str) -> bytes:
    """Drop the half character that a fixed-width field cut off at its end, if there is one."""
    for cut in range(4):
        head = value[: len(value) - cut]
        try:
            head.decode(codec)
        except UnicodeDecodeError as error:
            if error.end < len(head) or error.start < len(head) - 3:
                return value
            continue
        return head
    return value


def _decodes(value: bytes, codec: str) -> str | None:
    try:
        return cut_tail(value, codec).decode(codec)
    except UnicodeDecodeError:
        return None


@lru_cache(maxsize=65536)
def _is_usual(character: str) -> bool:
    """Tell whether a character belongs to everyday Chinese text: the 6,763 of GB2312 and its signs."""
    if "㐀" <= character <= "鿿" or "\u3000" <= character <= "〿" or "！" <= character <= "～":
        return _fits_gb2312(character)
    return "\U00020000" <= character <= "\U0003ffff"


def _fits_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _try(values: Sequence[bytes], codec: str) -> _Trial:
    texts = [text for text in (_decodes(value, codec) for value in values) if text is not None]
    signs = [sign for text in texts for sign in text if sign > "\x7f"]
    usual = sum(map(_is_usual, signs))
    return _Trial(codec, len(texts) / len(values), usual / len(signs) if signs else 0.0)


def decide_encoding(values: Iterable[bytes], asked: str | None = None) -> EncodingFinding:
    """Decide the encoding of many short texts (field names and values of one file).

    `asked` is followed when at least 95 % of the texts can be read that way. Raises NeedsAnswer
    `encoding_unclear` when nothing fits, BadInput `unknown_encoding` when `asked` is no encoding of ours.
    """
    telling = list(islice(dict.fromkeys(value for value in values if not value.isascii()), _SAMPLE))
    if asked is not None:
        return _follow(telling, asked)
    if not telling:
        return EncodingFinding("utf-8", "ascii")
    utf8, gb = _try(telling, "utf-8"), _try(telling, "gb18030")
    if utf8.readable == 1 and (utf8.chinese >= _CHINESE_ENOUGH or utf8.chinese >= gb.chinese * gb.readable):
        return EncodingFinding("utf-8", "text")
    best = max((utf8, gb), key=lambda trial: trial.readable * trial.chinese)
    if best.readable < _ENOUGH_READABLE or best.chinese < _CHINESE_ENOUGH:
        raise _unclear()
    return EncodingFinding("utf-8" if best is utf8 else _gb_name(telling), "text")


def _follow(telling: Sequence[bytes], asked: str) -> EncodingFinding:
    codec = codec_of(asked)
    if telling and _try(telling, codec).readable < _ENOUGH_READABLE:
        raise _unclear()
    return EncodingFinding(asked.strip().lower(), "asked")


def _gb_name(telling: Sequence[bytes]) -> str:
    """Say gbk when the old two-byte set is enough, gb18030 when four-byte characters are there."""
    return "gbk" if _try(telling, "gbk").readable == _try(telling, "gb18030").readable else "gb18030"


def _unclear() -> NeedsAnswer:
    zh = "无法确定文字编码，请指定"
    en = "The text encoding is not certain; please name it"
    options = [{"value": name, "zh": name, "en": name} for name in ENCODINGS]
    question = {"code": "encoding_unclear", "zh": zh, "en": en, "options": options}
    return NeedsAnswer("encoding_unclear", zh=zh, en=en, questions=[question])


def decode(value: bytes, name: str) -> tuple[str, bool]:
    """Return (text, whole): half characters at the end are dropped, unreadable bytes become U+FFFD."""
    codec = codec_of(name)
    head = cut_tail(value, codec)
    try:
        return head.decode(codec), len(head) == len(value)
    except UnicodeDecodeError:
        return value.decode(codec, "replace"), False


def decode_whole(data: bytes, asked: str | None = None) -> tuple[str, bool, EncodingFinding]:
    """Return (text, whether every byte was readable, its encoding) of a whole GeoJSON file.

    A byte order mark is believed. Raises NeedsAnswer `encoding_unclear` when less than 95 % of its strings
    can be read; a few broken ones become U+FFFD.
    """
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark) and asked is None:
            return *_leniently(data, codec), EncodingFinding(codec.removesuffix("-sig"), "text")
    finding = decide_encoding(data.split(b'"'), asked)
    return *_leniently(data, codec_of(finding.name)), finding


def _leniently(data: bytes, codec: str) -> tuple[str, bool]:
    try:
        return data.decode(codec), True
    except UnicodeDecodeError:
        return data.decode(codec, "replace"), False
