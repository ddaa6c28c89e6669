"""Taking in an upload: which files it holds, what kind each is, and which of them belong together.

Content decides, and the name must agree: a file that says .shp and holds something else refuses the upload.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from app.errors import RefusedFile
from app.spatial.formats import filegdb
from app.spatial.formats.archive import Member, gather, parts_beside, unpack
from app.spatial.formats.kinds import FORMATS, SUFFIXES, Format, kinds_of, recognise
from app.spatial.formats.layer import Limits
from app.spatial.formats.refusals import refuse
from app.spatial.formats.source import Source
from app.spatial.formats.strangers import name_stranger
from app.spatial.notes import Note

_HEAD_BYTES = 512
_SAYS_NOTHING = (".txt", ".zip")
_PROMISING = (".zip", ".gdb")
_TABLE_PARTS = (".dbf", ".shx")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def list_beside(path: Path) -> list[Member]:
    """Return the parts that may lie beside a main file: asked before the disk is closed around them."""
    return [] if path.is_dir() else parts_beside(path, SUFFIXES)


def take_members(
    path: Path, work: Path, *, beside: list[Member], limits: Limits, name: str | None = None
) -> list[Member]:
    """Take in the upload: a folder, a zip, a main file with its parts, or a single file known by content.

    `name` is what the sender called it, when the file lies here under another name.
    """
    told = PurePosixPath(name or path.name)
    if path.is_dir():
        return gather(path, suffixes=SUFFIXES, limits=limits)
    packed = _head(path).startswith(b"PK")
    if packed and not zipfile.is_zipfile(path):
        raise refuse("archive_broken")
    kind = recognise(path, told.name)
    if packed and (kind is None or (kind.key == "kml" and told.suffix.lower() != ".kmz")):
        return [_in_folder(one, told.stem) for one in unpack(path, work, suffixes=SUFFIXES, limits=limits)]
    if kind is None or not _is_named(told, kind):
        raise _unknown(path, told)
    if kind is _filegdb():
        raise refuse("gdb_loose")
    suffix = told.suffix.lower() if told.suffix.lower() in kind.suffixes else kind.suffixes[0]
    sides = [one for one in beside if one.suffix in kind.side_suffixes and one.path != path]
    return [
        Member(path, f"{told.stem}{suffix}"),
        *(Member(one.path, told.stem + one.suffix) for one in sides),
    ]


def _in_folder(member: Member, stem: str) -> Member:
    """A geodatabase whose tables were zipped without their folder is named like the zip."""
    if member.suffix in filegdb.TABLE_SUFFIXES and "/" not in member.name:
        return Member(member.path, f"{stem}.gdb/{member.name}")
    return member


def _is_named(told: PurePosixPath, kind: Format) -> bool:
    """Whether the name agrees with what the content is, or says nothing of it."""
    suffix = told.suffix.lower()
    return suffix in kind.suffixes or suffix in _SAYS_NOTHING or not kinds_of(suffix)


def _unknown(path: Path, told: PurePosixPath) -> RefusedFile:
    suffix, stranger = told.suffix.lower(), name_stranger(_head(path))
    if stranger is not None:
        return refuse(stranger)
    named = suffix in _PROMISING or (kinds_of(suffix) and suffix not in _SAYS_NOTHING)
    return refuse("content_mismatch" if named else "unknown_format", told.name)


def join_sources(members: list[Member], work: Path, limits: Limits) -> Iterator[tuple[Format, Source]]:
    """Join the parts that belong together; a main file whose content is another kind refuses the upload."""
    folders = filegdb.collect(members)
    for number, (name, tables) in enumerate(folders.items()):
        folder = work / f"g{number:04d}"
        parts = {".gdb": filegdb.lay_out(tables, folder)}
        yield _filegdb(), Source(_stem_of(name), parts, folder, limits, _place_of(name))
    mains = [one for one in members if kinds_of(one.suffix) and one.suffix not in filegdb.TABLE_SUFFIXES]
    notes = _note_orphans(members, mains, bool(folders))
    for number, member in enumerate(mains):
        kind = _kind_of(member, alone=len(members) == 1)
        if kind is None:
            continue
        folder = work / f"s{number:04d}"
        folder.mkdir(exist_ok=True)
        parts = {kind.suffixes[0]: member.path, **_parts_of(member, members, kind)}
        yield kind, Source(member.stem, parts, folder, limits, _place_of(member.name), notes)


def _filegdb() -> Format:
    """The one format whose file is a folder."""
    return next(kind for kind in FORMATS if kind.key == "filegdb")


def _kind_of(member: Member, *, alone: bool) -> Format | None:
    """The format of a main file; None for a note or a table of no use that lies beside real layers."""
    named, kind = kinds_of(member.suffix), recognise(member.path, member.name)
    if kind in named:
        return kind
    if named[0].aside and not alone:
        return None
    if member.path.stat().st_size == 0:
        raise refuse("empty_file", member.name)
    stranger = name_stranger(_head(member.path))
    raise refuse(stranger) if stranger else refuse("content_mismatch", member.name)


def _parts_of(main: Member, members: list[Member], kind: Format) -> dict[str, Path]:
    """Return the side files of a main file: same folder and stem, the stem in the very same letters first."""
    mine = [one for one in members if one.group == main.group and one.suffix in kind.side_suffixes]
    mine.sort(key=lambda one: one.stem == main.stem)
    return {one.suffix: one.path for one in mine}


def _note_orphans(members: list[Member], mains: list[Member], others: bool) -> tuple[Note, ...]:
    """A table without its shapes is said; it refuses the upload when there is nothing else."""
    groups = {main.group for main in mains}
    tables = [one for one in members if one.suffix in _TABLE_PARTS and one.group not in groups]
    names = "、".join(dict.fromkeys(f"{one.stem}.shp" for one in tables))[:120]
    if names and not mains and not others:
        raise refuse("no_shp", names)
    if not names:
        return ()
    return (Note("no_shp", f"缺少 {names}，其属性表未读取", f"{names} is missing; its table was not read"),)


def _stem_of(name: str) -> str:
    pure = PurePosixPath(name)
    return pure.stem if pure.suffix.lower() == ".gdb" else pure.name


def _place_of(name: str) -> str:
    parent = str(PurePosixPath(name).parent)
    return "" if parent == "." else parent
