"""Zips that leave the folder, link out of it, lie about their sizes, swell, or are no zips."""

import random
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from app.spatial.formats import Limits
from tests.samples.hostile import sound
from tests.samples.hostile.case import Hostile, asked, cuts, gives, refused, whole

_END, _CENTRAL, _LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"

SLIPS = {
    "parent": "../evil.geojson",
    "parent-twice": "../../evil.geojson",
    "parent-inside": "a/../../evil.geojson",
    "parent-and-back": "a/../b.geojson",
    "parent-last": "a/..",
    "backslash-parent": "..\\evil.geojson",
    "backslash-inside": "a\\..\\..\\evil.geojson",
    "mixed-slashes": "a/..\\../evil.geojson",
    "absolute": "/etc/evil.geojson",
    "absolute-twice": "//etc/evil.geojson",
    "absolute-backslash": "\\evil.geojson",
    "unc": "\\\\server\\share\\evil.geojson",
    "unc-slash": "//server/share/evil.geojson",
    "device-path": "\\\\.\\C:\\evil.geojson",
    "drive": "C:\\evil.geojson",
    "drive-slash": "C:/evil.geojson",
    "drive-relative": "c:evil.geojson",
}
# Names that are only odd: their bytes land under our own name, so the layer is read.
ODD_NAMES = {
    "dots-many": "..../a.geojson",
    "percent-escapes": "%2e%2e%2fevil.geojson",
    "emoji": "边界🐔🗺️.geojson",
    "con": "CON.geojson",
    "aux-folder": "aux/nul/com1.geojson",
    "very-long": "长" * 9000 + ".geojson",
    "very-deep": "d/" * 9000 + "a.geojson",
    "newline": "a\nb.geojson",
    "escape-codes": "\x1b[2J\x07a.geojson",
    "right-to-left": "\u202enosjoeg.a.geojson",
    "combining": "e" + "\u0301" * 500 + ".geojson",
    "leading-dash": "-rf .geojson",
    "trailing-spaces": "a   .geojson",
    "markup": "<script>alert(1)</script>.geojson",
    "sql": "a'; DROP TABLE unit; --.geojson",
    "template": "{{7*7}}${7*7}%n%s.geojson",
    "vsi-name": "vsicurl/http:/example/a.geojson",
    "upper": "A.GEOJSON",
}


def _zip(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name) if isinstance(name, str) else name, data, method)
    return sink.getvalue()


def _patched(data: bytes, where: bytes, at: int, layout: str, *values: int) -> bytes:
    """The zip with a header field overwritten in the first header of its kind."""
    changed = bytearray(data)
    struct.pack_into(layout, changed, data.index(where) + at, *values)
    return bytes(changed)


def _layer() -> bytes:
    return _zip(("a.geojson", sound.geojson()))


def _odd(name: str, mode: int) -> bytes:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return _zip((info, b"/etc/passwd"))


def _spaces(mebibytes: int, *, name: str = "a.geojson") -> bytes:
    return _zip((name, b" " * (mebibytes << 20)))


def _overlapping(count: int) -> bytes:
    """One compressed body that `count` entries of the table of contents point at."""
    one = _spaces(1)
    start = one.index(_CENTRAL)
    entry, end = one[start : one.index(_END)], one[one.index(_END) :]
    body = one[:start] + entry * count
    return body + end[:8] + struct.pack("<HHII", count, count, len(entry) * count, start) + b"\0\0"


def _quoted(count: int) -> bytes:
    """Fifield's bomb: each body quotes the next local header, so that all end in one shared kernel."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    kernel_plain = b" " * (1 << 20)
    kernel = deflate.compress(kernel_plain) + deflate.flush()
    names = [f"{number:04d}.geojson".encode() for number in range(count)]
    headers: list[bytes] = []
    plain, packed, crc = len(kernel_plain), kernel, zlib.crc32(kernel_plain)
    sizes: list[tuple[int, int, int]] = []
    for name in reversed(names):
        sizes.insert(0, (crc, len(packed), plain))
        header = _LOCAL + struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, *sizes[0], len(name), 0) + name
        headers.insert(0, header)
        quote = b"\x00" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF)
        following = header + _inflate(packed)
        packed, plain, crc = quote + header + packed, len(following), zlib.crc32(following)
    body, offsets = b"", []
    for number, header in enumerate(headers):
        offsets.append(len(body))
        body += header
        if number + 1 < count:
            body += b"\x00" + struct.pack("<HH", len(headers[number + 1]), len(headers[number + 1]) ^ 0xFFFF)
    body += kernel
    central = b"".join(
        _CENTRAL
        + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 8, 0, 0, *size, len(name), 0, 0, 0, 0, 0, at)
        + name
        for name, size, at in zip(names, sizes, offsets, strict=True)
    )
    end = _END + struct.pack("<HHHHIIH", 0, 0, count, count, len(central), len(body), 0)
    return body + central + end


def _inflate(packed: bytes) -> bytes:
    return zlib.decompressobj(-15).decompress(packed)


def _nested(depth: int) -> bytes:
    data = _spaces(8)
    for _ in range(depth):
        data = _zip(*((f"{number}.zip", data) for number in range(8)))
    return data


def _zip64(size: int) -> bytes:
    """An entry whose 64-bit sizes claim `size` bytes."""
    whole_zip = _layer()
    start = whole_zip.index(_CENTRAL)
    extra = struct.pack("<HHQQ", 1, 16, size, size)
    entry = bytearray(whole_zip[start : whole_zip.index(_END)])
    struct.pack_into("<II", entry, 20, 0xFFFFFFFF, 0xFFFFFFFF)
    struct.pack_into("<H", entry, 30, len(extra))
    end = bytearray(whole_zip[whole_zip.index(_END) :])
    struct.pack_into("<I", end, 12, len(entry) + len(extra))
    return whole_zip[:start] + bytes(entry) + extra + bytes(end)


def _streamed(*, lie: bool = False) -> bytes:
    """A zip written to a pipe: sizes stand behind the data, in a data descriptor."""

    class Pipe(BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise OSError

        def tell(self) -> int:
            raise OSError

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        archive.writestr("a.geojson", sound.geojson())
    data = pipe.getvalue()
    return _patched(data, b"PK\x07\x08", 4, "<III", 1, 2, 3) if lie else data


def _twice() -> bytes:
    return _zip(("a.geojson", sound.geojson()), ("a.geojson", sound.collection(sound.village(n=1)).encode()))


def _other_name_outside() -> bytes:
    data = _layer()
    return data.replace(b"a.geojson", b"b.geojson", 1)


def _unicode_extra() -> bytes:
    """An Info-ZIP extra field that gives the member a second name, one that leaves the folder."""
    info = zipfile.ZipInfo("a.geojson")
    other = b"../../evil.geojson"
    body = struct.pack("<BI", 1, zlib.crc32(b"a.geojson")) + other
    info.extra = struct.pack("<HH", 0x7075, len(body)) + body
    return _zip((info, sound.geojson()))


def _extra(payload: bytes) -> bytes:
    info = zipfile.ZipInfo("a.geojson")
    info.extra = payload
    return _zip((info, sound.geojson()))


def _rubbish(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


def _names() -> Iterator[Hostile]:
    for what, name in SLIPS.items():
        yield Hostile(
            f"archives/slip-{what}.zip",
            refused("archive_path"),
            lambda name=name: _zip(("a.geojson", sound.geojson()), (name, b"{}")),
        )
    for what, name in ODD_NAMES.items():
        yield Hostile(
            f"archives/name-{what}.zip",
            gives(sound.ROWS),
            lambda name=name: _zip((name, sound.geojson())),
        )
    yield Hostile("archives/name-nul.zip", refused("archive_path", "archive_broken"), _nul_name)
    yield Hostile("archives/name-empty.zip", refused("no_layer", "archive_path"), lambda: _zip(("", b"{}")))
    yield Hostile("archives/name-only-suffix.zip", refused("no_layer"), lambda: _zip((".geojson", b"{}")))
    yield Hostile("archives/name-second.zip", gives(sound.ROWS), _unicode_extra)
    yield Hostile("archives/name-other-outside.zip", refused("archive_broken"), _other_name_outside)
    yield Hostile("archives/name-twice.zip", asked("several_layers"), _twice)


def _nul_name() -> bytes:
    return _zip(("aXb.geojson", sound.geojson())).replace(b"aXb.geojson", b"a\0b.geojson")


def _kinds() -> Iterator[Hostile]:
    link = stat.S_IFLNK | 0o777
    for what, name, mode in (
        ("link", "a.geojson", link),
        ("link-folder", "folder", link),
        ("link-no-suffix", "README", link),
    ):
        yield Hostile(
            f"archives/{what}.zip", refused("archive_path"), lambda name=name, mode=mode: _odd(name, mode)
        )
    for what, mode in (("device", stat.S_IFCHR), ("pipe", stat.S_IFIFO), ("socket", stat.S_IFSOCK)):
        yield Hostile(
            f"archives/entry-{what}.zip",
            refused("archive_path"),
            lambda mode=mode: _odd("a.geojson", mode | 0o666),
        )


def _bombs() -> Iterator[Hostile]:
    tight = Limits(unpacked_bytes=4 << 20)
    yield Hostile("archives/bomb-ratio.zip", refused("archive_bomb"), lambda: _spaces(40))
    yield Hostile("archives/bomb-size.zip", refused("archive_too_large"), lambda: _spaces(5), limits=tight)
    yield Hostile(
        "archives/bomb-many-small.zip",
        refused("archive_too_large"),
        lambda: _zip(*((f"{n}.geojson", b" " * 200_000) for n in range(40))),
        limits=tight,
    )
    yield Hostile("archives/bomb-nested.zip", refused("archive_nested"), lambda: _nested(2))
    yield Hostile(
        "archives/bomb-overlap.zip",
        refused("archive_bomb", "archive_broken"),
        lambda: _overlapping(200),
    )
    yield Hostile("archives/bomb-quoted.zip", refused("archive_bomb", "archive_broken"), lambda: _quoted(60))
    yield Hostile(
        "archives/overlap-small.zip", refused("archive_broken", "content_mismatch"), lambda: _overlapping(3)
    )
    yield Hostile("archives/bomb-unwanted.zip", refused("archive_bomb"), lambda: _spaces(40, name="a.txt"))
    yield Hostile(
        "archives/entries-many.zip",
        refused("archive_entries"),
        lambda: _zip(*((f"{n}.txt", b"") for n in range(2100))),
    )
    yield Hostile("archives/size-zip64-exbibyte.zip", refused("archive_too_large"), lambda: _zip64(1 << 60))
    yield Hostile("archives/size-zip64-most.zip", refused("archive_too_large"), lambda: _zip64((1 << 64) - 1))


def _lies() -> Iterator[Hostile]:
    broken, either = refused("archive_broken"), whole(sound.ROWS, "archive_broken")
    for what, where, at, layout, values, outcome in (
        ("size-less", _CENTRAL, 24, "<I", (100,), broken),
        ("size-more", _CENTRAL, 24, "<I", (10_000_000,), broken),
        ("packed-less", _CENTRAL, 20, "<I", (20,), broken),
        ("packed-more", _CENTRAL, 20, "<I", (0x7FFFFFFF,), either),
        ("crc", _CENTRAL, 16, "<I", (0,), broken),
        ("offset-beyond", _CENTRAL, 42, "<I", (0x7FFFFFFF,), broken),
        ("offset-inside", _CENTRAL, 42, "<I", (7,), broken),
        ("local-size-zero", _LOCAL, 18, "<II", (0, 0), gives(sound.ROWS)),
        ("local-size-huge", _LOCAL, 18, "<II", (0xFFFFFFFE, 0xFFFFFFFE), gives(sound.ROWS)),
        ("local-name-length", _LOCAL, 26, "<H", (60_000,), broken),
        ("central-name-length", _CENTRAL, 28, "<H", (60_000,), either),
        ("central-extra-length", _CENTRAL, 30, "<H", (60_000,), either),
        ("end-count-more", _END, 10, "<H", (9,), gives(sound.ROWS)),
        ("end-size-more", _END, 12, "<I", (0x7FFFFFF0,), broken),
        ("end-offset-more", _END, 16, "<I", (0x7FFFFFF0,), broken),
        ("end-comment-more", _END, 20, "<H", (500,), either),
        ("version-needed", _CENTRAL, 6, "<H", (9999,), either),
    ):
        yield Hostile(
            f"archives/lie-{what}.zip",
            outcome,
            lambda where=where, at=at, layout=layout, values=values: _patched(
                _layer(), where, at, layout, *values
            ),
        )
    yield Hostile("archives/streamed.zip", gives(sound.ROWS), _streamed)
    yield Hostile("archives/streamed-lie.zip", gives(sound.ROWS), lambda: _streamed(lie=True))
    yield Hostile("archives/extra-short.zip", refused("archive_broken"), lambda: _extra(b"\x01\x00\xff\xff"))
    yield Hostile(
        "archives/extra-rubbish.zip", whole(sound.ROWS, "archive_broken"), lambda: _extra(_rubbish(5, 900))
    )


def _methods() -> Iterator[Hostile]:
    for number in (1, 6, 9, 10, 19, 93, 96, 97, 98, 99, 65535):
        yield Hostile(
            f"archives/method-{number}.zip",
            refused("archive_broken"),
            lambda number=number: _patched(_layer(), _CENTRAL, 10, "<H", number),
        )
    for name, method in (("bzip2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)):
        yield Hostile(
            f"archives/method-{name}.zip",
            gives(sound.ROWS),
            lambda method=method: _zip(("a.geojson", sound.geojson()), method=method),
        )
        yield Hostile(
            f"archives/method-{name}-broken.zip",
            refused("archive_broken"),
            lambda method=method: _patched(
                _zip(("a.geojson", sound.geojson()), method=method), _LOCAL, 60, "<QQ", 1 << 63, 12345
            ),
        )
    for bit in (0x1, 0x41, 0x2001):
        yield Hostile(
            f"archives/locked-{bit:x}.zip",
            refused("archive_locked"),
            lambda bit=bit: _patched(_layer(), _CENTRAL, 8, "<H", bit),
        )
    yield Hostile(
        "archives/locked-outside-only.zip",
        whole(sound.ROWS, "archive_broken", "archive_locked"),
        lambda: _patched(_layer(), _LOCAL, 6, "<H", 1),
    )


def _frames() -> Iterator[Hostile]:
    for nth, cut in cuts(len(sound.shapefile()), 8, start=2):
        yield Hostile(
            f"archives/cut-{nth}.zip",
            refused("archive_broken", "content_mismatch"),
            lambda cut=cut: sound.shapefile()[:cut],
        )
    yield Hostile("archives/one-byte.zip", refused("content_mismatch"), b"P")
    yield Hostile("archives/zero-bytes.zip", refused("empty_file"), b"")
    yield Hostile("archives/only-end.zip", refused("no_layer"), _END + b"\0" * 18)
    yield Hostile("archives/only-magic.zip", refused("archive_broken"), b"PK\x03\x04")
    yield Hostile(
        "archives/behind-a-program.zip", refused("content_mismatch"), lambda: b"MZ" + b"\0" * 900 + _layer()
    )
    yield Hostile(
        "archives/behind-a-picture.zip",
        refused("content_mismatch"),
        lambda: b"GIF89a" + b"\0" * 90 + _layer(),
    )
    yield Hostile("archives/behind-pk.zip", gives(sound.ROWS), lambda: b"PK" + b"\0" * 90 + _layer())
    yield Hostile("archives/tail.zip", whole(sound.ROWS, "archive_broken"), lambda: _layer() + b"\0" * 900)
    yield Hostile("archives/two-in-one.zip", gives(sound.ROWS), lambda: _zip(("b.geojson", b"{}")) + _layer())
    yield Hostile(
        "archives/folders-only.zip", refused("no_layer"), lambda: _zip(("a/", b""), ("a/b.geojson/", b""))
    )
    yield Hostile(
        "archives/mac-only.zip",
        refused("no_layer"),
        lambda: _zip(("__MACOSX/._a.geojson", b"\0\5\x16\7"), ("._a.geojson", b"\0\5\x16\7")),
    )
    yield Hostile("archives/other-archive.7z", refused("archive_rar"), b"7z\xbc\xaf\x27\x1c" + b"\0" * 60)
    yield Hostile("archives/other-archive.rar", refused("archive_rar"), b"Rar!\x1a\x07\x01\0" + b"\0" * 60)
    yield Hostile("archives/gzip.geojson", refused("archive_tar"), b"\x1f\x8b\x08" + b"\0" * 60)
    for seed in range(4):
        yield Hostile(
            f"archives/rubbish-{seed}.zip",
            refused("archive_broken"),
            lambda seed=seed: b"PK\x03\x04" + _rubbish(seed, 3000),
        )


def cases() -> Iterator[Hostile]:
    """Every hostile archive."""
    for family in (_names, _kinds, _bombs, _lies, _methods, _frames):
        yield from family()
