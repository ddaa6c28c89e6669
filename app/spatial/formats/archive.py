"""Unpacking by our own hand: only known kinds of member, under our own names, within limits.

Nothing of a member's name becomes a path: the bytes land as `m0001.shp` in the work folder and the name is
kept beside them as text. A single unsafe member refuses the whole archive.
"""

import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.spatial.formats.layer import Limits
from app.spatial.formats.refusals import refuse

_CHUNK = 1 << 20
_ENCRYPTED, _UTF8_NAME = 0x1, 0x800
_KNOWN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


@dataclass(frozen=True)
class Member:
    """A file taken in: where its bytes are, and the name (posix, folders included) that it came with."""

    path: Path
    name: str

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    @property
    def group(self) -> str:
        """What the parts of one shapefile share: folder and stem, whatever the case."""
        return str(PurePosixPath(self.name).with_suffix("")).lower()


def unpack(path: Path, into: Path, *, suffixes: frozenset[str], limits: Limits) -> list[Member]:
    """Unpack the members with known suffixes of a zip into the folder `into`.

    Raises RefusedFile: archive_broken, archive_locked, archive_path, archive_entries, archive_too_large,
    archive_bomb. All checks on the table of contents run before the first byte is written.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            named = [(entry, _true_name(entry)) for entry in entries if not entry.is_dir()]
            _check_contents(entries, named, limits, path.stat().st_size)
            wanted = [(entry, name) for entry, name in named if _wanted(name, suffixes)]
            return list(_write(archive, wanted, into))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise refuse("archive_broken", type(error).__name__) from error


def check_archive(path: Path, limits: Limits) -> None:
    """Refuse a zip that a library opens by itself (a workbook) for the same reasons as `unpack`."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise refuse("archive_broken", type(error).__name__) from error
    named = [(entry, _true_name(entry)) for entry in entries if not entry.is_dir()]
    _check_contents(entries, named, limits, path.stat().st_size)


def _true_name(entry: zipfile.ZipInfo) -> str:
    """Return the name as its maker meant it: Windows writes GBK bytes without a mark, read here as cp437."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437", "replace")
        for codec in ("utf-8", "gb18030", "cp437"):
            try:
                name = raw.decode(codec)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


def _wanted(name: str, suffixes: frozenset[str]) -> bool:
    pure = PurePosixPath(name)
    return pure.suffix.lower() in suffixes and "__MACOSX" not in pure.parts and not pure.name.startswith("._")


def _check_contents(
    entries: list[zipfile.ZipInfo],
    named: list[tuple[zipfile.ZipInfo, str]],
    limits: Limits,
    packed_bytes: int,
) -> None:
    if len(entries) > limits.entries:
        raise refuse("archive_entries", f"{len(entries)} > {limits.entries}")
    for entry in entries:
        _check_name(_true_name(entry), entry)
    total = sum(entry.file_size for entry, _ in named)
    if total > limits.unpacked_bytes:
        raise refuse("archive_too_large", f"{total} > {limits.unpacked_bytes}")
    if total > limits.ratio_free_bytes and total > limits.ratio * max(packed_bytes, 1):
        raise refuse("archive_bomb", f"{total // max(packed_bytes, 1)} : 1")


def _check_name(name: str, entry: zipfile.ZipInfo) -> None:
    parts = PurePosixPath(name).parts
    drive = len(name) > 1 and name[1] == ":"
    link = stat.S_ISLNK(entry.external_attr >> 16)
    if name.startswith("/") or drive or ".." in parts or "\0" in name or link:
        raise refuse("archive_path", ascii(name)[:120])
    if entry.flag_bits & _ENCRYPTED:
        raise refuse("archive_locked", name[:120])
    if entry.compress_type not in _KNOWN_METHODS:
        raise refuse("archive_broken", name[:120])


def _write(
    archive: zipfile.ZipFile, wanted: list[tuple[zipfile.ZipInfo, str]], into: Path
) -> Iterator[Member]:
    """Write member by member. A header that lies about its size is cut off at that size and fails its CRC."""
    for number, (entry, name) in enumerate(wanted):
        target = into / f"m{number:04d}{PurePosixPath(name).suffix.lower()}"
        with archive.open(entry) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, _CHUNK)
        yield Member(target, name)


def gather(path: Path, *, suffixes: frozenset[str], limits: Limits) -> list[Member]:
    """Return the plain files with known suffixes of a folder, or a .shp with the parts that lie beside it.

    Links are left alone: only regular files are taken. Raises RefusedFile archive_entries, file_too_large.
    """
    folder = path if path.is_dir() else path.parent
    found: list[Member] = []
    for child in sorted(folder.iterdir()):
        mine = path.is_dir() or child.stem.lower() == path.stem.lower()
        if mine and child.suffix.lower() in suffixes and child.is_file() and not child.is_symlink():
            found.append(Member(child, child.name))
    if len(found) > limits.entries:
        raise refuse("archive_entries", f"{len(found)} > {limits.entries}")
    if sum(member.path.stat().st_size for member in found) > limits.unpacked_bytes:
        raise refuse("file_too_large")
    return found
