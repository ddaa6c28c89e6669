"""The reader's own process: `python -m app.spatial.formats.reader REQUEST`, started by `sandbox`.

It takes its limits on first, closes its network, and answers with a file of JSON and a file of WKB: no pickle
crosses the border, and whatever happens to GDAL in here happens to nobody else.
"""

import json
import os
import resource
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.errors import BadInput, GetuError, RefusedFile
from app.spatial.formats.archive import Member, gather, unpack
from app.spatial.formats.fence import close_files, close_network
from app.spatial.formats.kinds import SUFFIXES, Format, kinds_of, recognise
from app.spatial.formats.layer import Found, Limits
from app.spatial.formats.refusals import ask_layer, refuse
from app.spatial.formats.source import Source

_SAYS_NOTHING = (".txt", ".zip")
_NOT_TAKEN = (
    (b"\xd0\xcf\x11\xe0", "old_office"),
    (b"Rar!", "other_archive"),
    (b"7z\xbc\xaf", "other_archive"),
)
Entry = tuple[str, Format, Source, str]


def _take_limits(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.unpacked_bytes, limits.unpacked_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _upload(path: Path) -> Path:
    """What may be read of the disk: the upload itself, or its folder when parts lie beside it."""
    kind = None if path.is_dir() else recognise(path, path.name)
    return path.parent if kind is not None and kind.side_suffixes else path


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _members(path: Path, work: Path, limits: Limits) -> list[Member]:
    """Take in the upload: a folder, a zip, a .shp with its parts, or a single file known by its content."""
    if path.is_dir():
        return gather(path, suffixes=SUFFIXES, limits=limits)
    packed = _head(path).startswith(b"PK")
    if packed and not zipfile.is_zipfile(path):
        raise refuse("archive_broken")
    kind = recognise(path, path.name)
    if packed and (kind is None or (kind.key == "kml" and path.suffix.lower() != ".kmz")):
        return unpack(path, work, suffixes=SUFFIXES, limits=limits)
    if kind is None or not _is_named(path, kind):
        raise _unknown(path)
    if kind.side_suffixes:
        return [one for one in gather(path, suffixes=SUFFIXES, limits=limits) if one.suffix != ".shx"]
    return [Member(path, f"{path.stem}{kind.suffixes[0]}")]


def _is_named(path: Path, kind: Format) -> bool:
    """Whether the name agrees with what the content is, or says nothing of it."""
    suffix = path.suffix.lower()
    return suffix in kind.suffixes or suffix in _SAYS_NOTHING or not kinds_of(suffix)


def _unknown(path: Path) -> RefusedFile:
    head, suffix = _head(path), path.suffix.lower()
    for mark, code in _NOT_TAKEN:
        if head.startswith(mark):
            return refuse(code, path.name)
    named = suffix == ".zip" or (kinds_of(suffix) and suffix not in _SAYS_NOTHING)
    return refuse("content_mismatch" if named else "unknown_format", path.name)


def _sources(members: list[Member], work: Path, limits: Limits) -> Iterator[tuple[Format, Source]]:
    """Join the parts that belong together; a main file whose content is another kind refuses the upload."""
    for number, member in enumerate(members):
        named = kinds_of(member.suffix)
        if not named:
            continue
        kind = recognise(member.path, member.name)
        if kind not in named:
            if named[0].aside and len(members) > 1:
                continue
            empty = member.path.stat().st_size == 0
            raise refuse("empty_file" if empty else "content_mismatch", member.name)
        mine = [one for one in members if one.group == member.group and one.suffix in kind.side_suffixes]
        folder = work / f"s{number:04d}"
        folder.mkdir(exist_ok=True)
        parts = {kind.suffixes[0]: member.path, **{one.suffix: one.path for one in mine}}
        yield kind, Source(member.stem, parts, folder, limits)


def _catalogue(sources: list[tuple[Format, Source]]) -> list[Entry]:
    """List every layer under a name of its own: (shown name, format, source, name within the source)."""
    inner = list(_layers(sources))
    names = [name for _, _, name in inner]
    entries, taken = list[Entry](), set[str]()
    for kind, source, name in inner:
        shown = name if names.count(name) == 1 or source.name == name else f"{source.name}/{name}"
        free, number = shown, 2
        while free in taken:
            free, number = f"{shown} ({number})", number + 1
        taken.add(free)
        entries.append((free, kind, source, name))
    return entries


def _layers(sources: list[tuple[Format, Source]]) -> Iterator[tuple[Format, Source, str]]:
    """Every layer of every source; a table that has none matters only when nothing else came with it."""
    found, refusals = False, list[RefusedFile]()
    for kind, source in sorted(sources, key=lambda pair: pair[0].aside):
        try:
            names = kind.list_layers(source)
        except RefusedFile as refused:
            if not kind.aside:
                raise
            refusals.append(refused)
            continue
        for name in names:
            found = True
            yield kind, source, name
    if refusals and not found:
        raise refusals[0]


def _choose(entries: list[Entry], wanted: str | None) -> Entry:
    names = [entry[0] for entry in entries]
    if not entries:
        raise refuse("no_layer")
    if wanted is not None:
        for entry in entries:
            if entry[0] == wanted:
                return entry
        raise ask_layer("unknown_layer", names)
    if len(entries) > 1:
        raise ask_layer("several_layers", names)
    return entries[0]


def _read(request: dict[str, Any], work: Path, limits: Limits) -> tuple[Found, str, list[str]]:
    members = _members(Path(request["path"]), work, limits)
    sources = list(_sources(members, work, limits))
    real = [pair for pair in sources if pair[0].key != "geojson" or not pair[1].name.endswith("metadata")]
    entries = _catalogue(real or sources)
    shown, kind, source, name = _choose(entries, request["layer"])
    found = kind.read(source, name, request["encoding"])
    if not found.rows:
        raise refuse("empty_layer", shown)
    if len(found.rows) > limits.rows:
        raise refuse("too_many_rows", f"{len(found.rows)} > {limits.rows}")
    if sum(len(wkb) for wkb in found.wkb if wkb) // 16 > limits.vertices:
        raise refuse("too_many_vertices", str(limits.vertices))
    return found, kind.key, [entry[0] for entry in entries]


def _answer(found: Found, kind: str, layers: list[str], work: Path) -> dict[str, Any]:
    """Write the shapes beside the reply and return the reply itself."""
    with (work / "shapes.wkb").open("wb") as file:
        file.writelines(wkb for wkb in found.wkb if wkb is not None)
    return {
        "name": found.name,
        "columns": found.columns,
        "lengths": [-1 if wkb is None else len(wkb) for wkb in found.wkb],
        "wkt": found.wkt,
        "encoding": asdict(found.encoding),
        "notes": [asdict(note) for note in found.notes],
        "rows": found.rows,
        "layers": layers,
        "format": kind,
    }


def _refused(error: GetuError) -> dict[str, Any]:
    kind = "asks" if "questions" in error.facts else "bad" if type(error) is BadInput else "refused"
    return {kind: {"code": error.code, "zh": error.zh, "en": error.en, "facts": error.facts}}


def main(request_path: str) -> None:
    """Read what the request names and leave reply.json in the request's folder; never raise."""
    work = Path(request_path).parent
    request = json.loads(Path(request_path).read_bytes())
    limits = Limits(**request["limits"])
    path = Path(request["path"])
    close_network()
    close_files([_upload(path)], work)
    _take_limits(limits)
    try:
        found, kind, layers = _read(request, work, limits)
        reply = _answer(found, kind, layers, work)
    except GetuError as error:
        reply = _refused(error)
    except MemoryError:
        reply = _refused(refuse("too_much_memory"))
    except Exception as error:  # whatever a library makes of a hostile file, it is a refusal
        reply = _refused(refuse("unreadable", f"{type(error).__name__}: {error}"[:200]))
    (work / "reply.json").write_text(
        json.dumps(reply, ensure_ascii=False, default=str), "utf-8", "surrogatepass"
    )


if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.flush()
    os._exit(0)
