"""A whole text file as text: its encoding is decided from the bytes, a declared one is only compared."""

from dataclasses import dataclass

from app.errors import GetuError
from app.spatial.formats.encoding import codec_of, decode_whole, stray_texts, tell_strays
from app.spatial.formats.layer import EncodingFinding
from app.spatial.notes import Note


@dataclass(frozen=True)
class Text:
    """What a file says, how it was read, and what there is to remark about its characters."""

    text: str
    finding: EncodingFinding
    notes: tuple[Note, ...]


def read_text(data: bytes, asked: str | None = None, *, declared: str | None = None) -> Text:
    """Decode a file. `asked` overrules what the bytes say; `declared` (an XML head) is compared with it.

    Raises NeedsAnswer `encoding_unclear` when nothing fits; a few broken characters become U+FFFD and are
    noted, as is a declaration that is wrong.
    """
    text, whole, finding = decode_whole(data, asked)
    notes = [] if whole else [Note("text_cut", "部分文字无法识别", "Some text is unreadable")]
    if stray := stray_texts(data, finding.name):
        notes.append(tell_strays(finding.name, sorted(stray)))
    if declared is not None and finding.how == "text" and _family(declared) != _family(finding.name):
        notes.append(_tell_mark(declared, finding.name))
    return Text(text.lstrip("\ufeff"), finding, tuple(notes))


def _family(name: str) -> str:
    try:
        return codec_of(name)
    except GetuError:
        return "utf-16" if name.lower().startswith(("utf-16", "utf16", "unicode")) else name.lower()


def _tell_mark(declared: str, name: str) -> Note:
    zh = f"文件标记的编码（{declared[:20]}）有误，实际按 {name} 读取"
    en = f"The file is marked {declared[:20]!a} but its text is {name}"
    return Note("encoding_mark_wrong", zh, en)
