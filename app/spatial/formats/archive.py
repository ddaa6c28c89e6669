"""Unpacking by our own hand: only known kinds of member, under our own names, within limits.

Nothing of a member's name becomes a path: the bytes land as `m0001.shp` in the work folder and the name is
kept beside them as text. A single unsafe member refuses the whole archive. A zip inside a zip is opened once;
entries, bytes and ratio are counted over both.
"""

import lzma
import os
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.errors import RefusedFile
from app.spatial.formats.layer import Limits
from app.spatial.formats.refusals import refuse
from app.spatial.formats.strangers import name_stranger_of

_CHUNK = 1 << 20
_ENCRYPTED, _UTF8_NAME = 0x1, 0x800
_DEEPEST = 6
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, NotImplementedError, ValueError, OSError, RuntimeError),
)
# A file, a folder, or an archive made where there are no kinds of entry: no link, device, pipe or socket.
_PLAIN_ENTRIES = (0, stat.S_IFREG, stat.S_IFDIR)
_KNOWN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
Named = list[tuple[zipfile.ZipInfo, str]]


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


@dataclass
class _Spent:
    """What an upload has cost so far, over its own archive and those inside it."""

    packed_bytes: int
    entries: int = 0
    unpacked_bytes: int = 0


def unpack(path: Path, into: Path, *, suffixes: frozenset[str], limits: Limits) -> list[Member]:
    """Unpack the members with known suffixes of a zip, and of zips right inside it, into the folder `into`.

    Raises RefusedFile: archive_broken, archive_locked, archive_path, archive_entries, archive_too_large,
    archive_bomb, archive_nested. All checks on a table of contents run before its first byte is written.
    """
    spent = _Spent(path.stat().st_size)
    outer, names = _open(path, into, suffixes | {".zip"}, limits, spent)
    members = [member for member in outer if member.suffix != ".zip"]
    for number, member in enumerate(one for one in outer if one.suffix == ".zip"):
        folder = into / f"z{number:04d}"
        folder.mkdir()
        inner, more = _open(member.path, folder, suffixes, limits, spent)
        place = PurePosixPath(member.name).with_suffix("")
        members += [Member(one.path, f"{place}/{one.name}") for one in inner]
        names += ["nested.zip" for name in more if name.lower().endswith(".zip")]
        member.path.unlink()
    if not members:
        raise _nothing_of_use(names)
    return members


def _nothing_of_use(names: list[str]) -> RefusedFile:
    stranger = name_stranger_of(names)
    return refuse(stranger or ("archive_nested" if "nested.zip" in names else "no_layer"))


def _open(
    path: Path, into: Path, suffixes: frozenset[str], limits: Limits, spent: _Spent
) -> tuple[list[Member], list[str]]:
    """Unpack one archive; returns its members of known suffix and the names of all."""
    try:
        with zipfile.ZipFile(path) as archive:
            named = _check_contents(archive.infolist(), limits, spent)
            wanted = [(entry, name) for entry, name in named if _wanted(name, suffixes)]
            return list(_write(archive, wanted, into)), [name for _, name in named]
    except _BROKEN as error:
        raise refuse("archive_broken") from error


def check_archive(path: Path, limits: Limits) -> None:
    """Refuse a zip that a library opens by itself (a workbook) for the same reasons as `unpack`."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_contents(archive.infolist(), limits, _Spent(path.stat().st_size))
    except _BROKEN as error:
        raise refuse("archive_broken") from error


def _true_names(entries: list[zipfile.ZipInfo]) -> list[str]:
    """Return the names as their maker meant them.

    Windows writes GBK bytes without a mark, read here as cp437; macOS writes UTF-8 without one. One archive
    has one maker, so its unmarked names are decided together.
    """
    raw = [entry.orig_filename.encode("cp437", "replace") for entry in entries if not _is_marked(entry)]
    codec = next((codec for codec in ("utf-8", "gb18030") if _reads(raw, codec)), "cp437")
    names = [
        entry.orig_filename
        if _is_marked(entry)
        else entry.orig_filename.encode("cp437", "replace").decode(codec)
        for entry in entries
    ]
    return [unicodedata.normalize("NFC", name).replace("\\", "/") for name in names]


def _is_marked(entry: zipfile.ZipInfo) -> bool:
    return bool(entry.flag_bits & _UTF8_NAME)


def _reads(names: list[bytes], codec: str) -> bool:
    try:
        b"\n".join(names).decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _wanted(name: str, suffixes: frozenset[str]) -> bool:
    pure = PurePosixPath(name)
    return pure.suffix.lower() in suffixes and "__MACOSX" not in pure.parts and not pure.name.startswith("._")


def _check_contents(entries: list[zipfile.ZipInfo], limits: Limits, spent: _Spent) -> Named:
    """Hold a table of contents against the limits and return its files with their true names."""
    spent.entries += len(entries)
    if spent.entries > limits.entries:
        raise refuse("archive_entries", f"{spent.entries} > {limits.entries}")
    named = list(zip(entries, _true_names(entries), strict=True))
    for entry, name in named:
        _check_name(name, entry)
    files = [(entry, name) for entry, name in named if not name.endswith("/")]
    spent.unpacked_bytes += sum(entry.file_size for entry, _ in files)
    if spent.unpacked_bytes > limits.unpacked_bytes:
        raise refuse("archive_too_large", f"{spent.unpacked_bytes} > {limits.unpacked_bytes}")
    ratio = spent.unpacked_bytes // max(spent.packed_bytes, 1)
    if spent.unpacked_bytes > limits.ratio_free_bytes and ratio >= limits.ratio:
        raise refuse("archive_bomb", f"{ratio} : 1")
    return files


def _check_name(name: str, entry: zipfile.ZipInfo) -> None:
    parts = PurePosixPath(name).parts
    drive = len(name) > 1 and name[1] == ":"
    special = stat.S_IFMT(entry.external_attr >> 16) not in _PLAIN_ENTRIES
    if not name or name.startswith("/") or drive or ".." in parts or "\0" in name or special:
        raise refuse("archive_path", ascii(name)[:120])
    if entry.flag_bits & _ENCRYPTED:
        raise refuse("archive_locked", name[:120])
    if entry.compress_type not in _KNOWN_METHODS:
        raise refuse("archive_broken", name[:120])


def _write(archive: zipfile.ZipFile, wanted: Named, into: Path) -> Iterator[Member]:
    """Write member by member. A header that lies about its size is cut off at that size and fails its CRC."""
    for number, (entry, name) in enumerate(wanted):
        target = into / f"m{number:04d}{PurePosixPath(name).suffix.lower()}"
        with archive.open(entry) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, _CHUNK)
        if target.stat().st_size != entry.file_size:
            raise refuse("archive_broken", name[:120])
        yield Member(target, name)


def gather(path: Path, *, suffixes: frozenset[str], limits: Limits) -> list[Member]:
    """Return the plain files with known suffixes of a folder and the folders in it, by relative names.

    Links are left alone: only regular files are taken. A folder that is itself a geodatabase keeps its name.
    Raises RefusedFile archive_entries, file_too_large, and what `unpack` says when nothing is of use.
    """
    found, names = list[Member](), list[str]()
    own = f"{path.name}/" if path.suffix.lower() == ".gdb" else ""
    for child in _walk(path):
        names.append(child.name)
        if len(names) > limits.entries:
            raise refuse("archive_entries", f"> {limits.entries}")
        if child.suffix.lower() in suffixes:
            found.append(Member(child, own + child.relative_to(path).as_posix()))
    if sum(member.path.stat().st_size for member in found) > limits.unpacked_bytes:
        raise refuse("file_too_large")
    if not found:
        raise _nothing_of_use(names)
    return found


def _walk(folder: Path) -> Iterator[Path]:
    """Every regular file below a folder, sorted, links left alone, not deeper than anybody files maps."""
    for place, folders, files in os.walk(folder, followlinks=False):
        here = Path(place)
        if len(here.relative_to(folder).parts) >= _DEEPEST:
            folders.clear()
        folders.sort()
        for name in sorted(files):
            child = here / name
            if child.is_file() and not child.is_symlink():
                yield child


def parts_beside(path: Path, suffixes: frozenset[str]) -> list[Member]:
    """Return the plain files beside a main file that have its stem, whatever the case, and these suffixes."""
    found = [
        Member(child, child.name)
        for child in sorted(path.parent.iterdir())
        if child.stem.lower() == path.stem.lower()
        and child.suffix.lower() in suffixes
        and child.is_file()
        and not child.is_symlink()
    ]
    return sorted(found, key=lambda member: member.stem == path.stem)
