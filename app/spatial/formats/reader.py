"""The reader's own process: `python -m app.spatial.formats.reader REQUEST`, started by `sandbox`.

It takes its limits on first, closes its network, and answers with a file of JSON and a file of WKB: no pickle
crosses the border, and whatever happens to GDAL in here happens to nobody else.
"""

import json
import os
import re
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from app.errors import BadInput, GetuError, RefusedFile
from app.spatial.formats.archive import Member
from app.spatial.formats.calls import close_calls
from app.spatial.formats.choosing import Entry, choose
from app.spatial.formats.fence import close_files, close_network, die_with_parent
from app.spatial.formats.gdal import expect
from app.spatial.formats.intake import join_sources, list_beside, take_members
from app.spatial.formats.kinds import Format
from app.spatial.formats.layer import MOST_COLUMNS, Found, Limits
from app.spatial.formats.mojibake import mend_found
from app.spatial.formats.refusals import refuse
from app.spatial.formats.source import Source
from app.spatial.notes import Note

_OPEN_FILES = 256
UNREADABLE = "\ufffd"
_HALF = re.compile("[\ud800-\udfff]")
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # as JSON writes it, behind no odd backslash
_REPLACED = Note(
    "text_unstorable",
    "部分文字含有无法保存的字符（如 NUL），已替换",
    "Some text holds signs that cannot be stored (such as NUL); they were replaced",
)


def _take_limits(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.unpacked_bytes, limits.unpacked_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))


def _catalogue(sources: list[tuple[Format, Source]]) -> list[Entry]:
    """List every layer under a name of its own: (shown name, format, source, name within the source)."""
    inner = list(_layers(sources))
    names = [name for _, _, name in inner]
    entries, taken = list[Entry](), set[str]()
    for kind, source, name in inner:
        shown = _HALF.sub(UNREADABLE, name if names.count(name) == 1 else _full_name(source, name))
        free, number = shown, 2
        while free in taken:
            free, number = f"{shown} ({number})", number + 1
        taken.add(free)
        entries.append((free, kind, source, name))
    return entries


def _full_name(source: Source, name: str) -> str:
    """Tell a layer from others of its name by the folder it came in, and by its file."""
    own = name if source.name == name else f"{source.name}/{name}"
    return f"{source.place}/{own}" if source.place else own


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


def _read(
    request: dict[str, Any], work: Path, limits: Limits, beside: list[Member]
) -> tuple[Found, str, list[str]]:
    path, told = Path(request["path"]), request["name"]
    members = take_members(path, work, beside=beside, limits=limits, name=told)
    sources = list(join_sources(members, work, limits))
    expect(driver for kind, _ in sources for driver in kind.drivers)
    real = [pair for pair in sources if pair[0].key != "geojson" or not pair[1].name.endswith("metadata")]
    entries = _catalogue(real or sources)
    (shown, kind, source, name), chosen = choose(entries, request["layer"])
    found = mend_found(kind.read(source, name, request["encoding"]))
    if not found.rows:
        raise refuse("empty_layer", shown)
    if len(found.columns) > MOST_COLUMNS:
        raise refuse("too_many_columns", f"{len(found.columns)} > {MOST_COLUMNS}")
    if len(found.rows) > limits.rows:
        raise refuse("too_many_rows", f"{len(found.rows)} > {limits.rows}")
    if _count_vertices(found.wkb, limits.vertices) > limits.vertices:
        raise refuse("too_many_vertices", str(limits.vertices))
    found = replace(found, name=shown, notes=(*chosen, *source.notes, *found.notes))
    return found, kind.key, [entry[0] for entry in entries]


def _count_vertices(shapes: list[bytes | None], limit: int) -> int:
    """The vertices of a layer: by the length of its shapes, and counted only where that may be too many."""
    most = sum(len(wkb) for wkb in shapes if wkb) // 16
    if most <= limit or most > 4 * limit + 1000:
        return most
    import shapely

    return sum(
        int(shapely.get_num_coordinates(shapely.from_wkb(wkb, on_invalid="ignore"))) for wkb in shapes if wkb
    )


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
    beside = list_beside(path)
    die_with_parent()
    _take_limits(limits)
    close_network()
    close_files([path, *(member.path for member in beside)], work)
    close_calls()
    try:
        found, kind, layers = _read(request, work, limits, beside)
        reply = _answer(found, kind, layers, work)
    except GetuError as error:
        reply = _refused(error)
    except MemoryError:
        reply = _refused(refuse("too_much_memory"))
    except Exception as error:  # whatever a library makes of a hostile file, it is a refusal
        sys.stderr.write(f"{type(error).__name__}: {error}\n"[:2000])
        reply = _refused(refuse("unreadable"))
    _leave(reply, work / "reply.json", limits)


def _as_text(reply: dict[str, Any]) -> str:
    """The reply as JSON in which every text can be stored: a database takes no NUL and no half surrogate."""
    told = json.dumps(reply, ensure_ascii=False, default=str)
    storable = _NUL.sub(r"\1" + UNREADABLE, told) if "\\u0000" in told else told
    try:
        storable.encode()
    except UnicodeEncodeError:
        storable = _HALF.sub(UNREADABLE, storable)
    if storable == told or "notes" not in reply:
        return storable
    return _as_text({**json.loads(storable), "notes": [*reply["notes"], asdict(_REPLACED)]})


def _leave(reply: dict[str, Any], path: Path, limits: Limits) -> None:
    try:
        data = _as_text(reply).encode()
    except MemoryError:
        data = json.dumps(_refused(refuse("too_much_memory"))).encode()
    if len(data) > limits.reply_bytes:
        data = json.dumps(_refused(refuse("too_much_text", f"> {limits.reply_bytes}"))).encode()
    path.write_bytes(data)


if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.flush()
    os._exit(0)
