"""Files of imports kept under the home: one file an upload, several parts packed into one stored zip.

A kept file is named by its hash: the same bytes lie there once, however often and under whatever name they
came. The zip that we make of loose parts is the same bytes for the same parts, so that it is recognised too.
"""

import hashlib
import json
import re
import secrets
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import NotFound, RefusedFile
from app.spatial.formats import kinds
from app.territory.boundaries.report import ImportReport

FOLDER = "uploads"
_FIXED_TIME = (2020, 1, 1, 0, 0, 0)
_BLOCK = 1 << 20
_PLAIN = (".zip", ".csv", ".tsv", ".txt")
_GEODATABASE = (".gdbtable", ".gdbtablx", ".gdbindexes", ".atx", ".spx", ".freelist", ".horizon")


@dataclass(frozen=True)
class Part:
    """One file of an upload: where its bytes lie, and the name (folders included) that it came under."""

    path: Path
    name: str


def suffix_of(name: str) -> str:
    """The suffix by which the readers tell formats apart, lower case; empty when no reader knows it."""
    known = sorted({*kinds.SUFFIXES, *_PLAIN}, key=len, reverse=True)
    return next((suffix for suffix in known if name.lower().endswith(suffix)), "")


def clean_name(name: str) -> str:
    """The last part of a file name without anything a path or a page could take amiss."""
    last = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[\x00-\x1f<>\"'&]", "", last)[-120:] or "file"


def keep_parts(files: Path, parts: Sequence[Part]) -> tuple[Path, str]:
    """Keep an upload under `files`; returns where it lies and a harmless name for it.

    One part is kept as it is, several as one stored zip. Raises RefusedFile when two parts share a name, or
    when whole archives came together: each is an import of its own.
    """
    if len(parts) == 1:
        name = clean_name(parts[0].name)
        return _settle(files, parts[0].path, suffix_of(name)), name
    named = sorted((_member_name(part.name), part) for part in parts)
    _check_together([name for name, _ in named])
    aside = _aside(files)
    try:
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED) as archive:
            for name, part in named:
                _add(archive, name, part.path)
        return _settle(files, aside, ".zip"), _title([name for name, _ in named])
    finally:
        aside.unlink(missing_ok=True)


def keep_path(files: Path, path: Path) -> Path:
    """Keep a file, a folder of parts, or a .shp, .tab or .mif with what lies beside it; returns where it
    lies."""
    parts = list_parts(path)
    if not path.is_dir():
        return keep_parts(files, [Part(part, part.name) for part in parts])[0]
    home = path.parent if path.suffix.lower() == ".gdb" else path
    return keep_parts(files, [Part(part, str(part.relative_to(home))) for part in parts])[0]


def list_parts(path: Path) -> list[Path]:
    """The files that a path stands for: all of a folder, a .shp, .tab or .mif with what belongs to it."""
    if path.is_dir():
        return sorted(part for part in path.rglob("*") if part.is_file() and not part.is_symlink())
    if any(kind.side_suffixes for kind in kinds.kinds_of(path.suffix.lower())):
        return sorted(part for part in path.parent.iterdir() if part.is_file() and _belongs(part, path))
    return [path]


def find_kept(files: Path, kept_as: str | None) -> Path:
    """Where the kept file of an import lies. Raises NotFound `file_gone` when it has been swept away."""
    path = files / kept_as if kept_as else None
    if path is None or not path.is_file():
        raise NotFound(
            "file_gone", zh="原文件已不再保存，请重新上传", en="the file is no longer kept; upload it again"
        )
    return path


def keep_picture(files: Path, import_id: int, report: ImportReport) -> None:
    """Keep the outlines that the reading drew of a file over the known ground, when it drew any."""
    if report.picture is not None:
        path = picture_path(files, import_id)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = path.with_suffix(f".{secrets.token_hex(4)}")
        aside.write_text(json.dumps(report.picture, ensure_ascii=False), encoding="utf-8")
        aside.replace(path)


def picture_path(files: Path, import_id: int) -> Path:
    """Where the picture of an import lies."""
    return files / "imports" / f"{import_id}.picture.json"


def relative_to_files(files: Path, path: Path) -> str:
    """How an import's row names its kept file."""
    return path.relative_to(files).as_posix()


def _belongs(part: Path, main: Path) -> bool:
    return part.stem.lower() == main.stem.lower() and part.suffix.lower() in kinds.SUFFIXES


def _aside(files: Path) -> Path:
    folder = files / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f".{secrets.token_hex(8)}"


def _settle(files: Path, source: Path, suffix: str) -> Path:
    """Put a file into the folder under the name of its hash; it is there whole or not at all."""
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    target = files / FOLDER / f"{digest}{suffix}"
    if source.parent == target.parent and source.name.startswith("."):
        source.replace(target)
    elif not target.exists():
        aside = _aside(files)
        shutil.copyfile(source, aside)
        aside.replace(target)
    return target


def _member_name(name: str) -> str:
    """A part's name inside our zip: folders kept, nothing that climbs out of them."""
    steps = [clean_name(step) for step in re.split(r"[\\/]", name) if step.strip(" .")]
    if len(steps) <= 1 and suffix_of(name) == "" and name.lower().endswith(_GEODATABASE):
        return f"upload.gdb/{''.join(steps) or 'file'}"
    return "/".join(steps) or "file"


def _check_together(names: list[str]) -> None:
    if any(name.lower().endswith((".zip", ".kmz")) for name in names):
        raise RefusedFile(
            "several_archives",
            zh="压缩包请一次上传一个",
            en="upload one archive at a time",
            files=names[:20],
        )
    twice = sorted({name for name in names if [other.lower() for other in names].count(name.lower()) > 1})
    if twice:
        raise RefusedFile(
            "part_twice", zh=f"同名文件出现两次：{twice[0]}", en=f"two files share a name: {twice[0]}"
        )


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    entry = zipfile.ZipInfo(name, _FIXED_TIME)
    entry.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(entry, "w") as target:
        shutil.copyfileobj(source, target, _BLOCK)


def _title(names: list[str]) -> str:
    """What an import of several parts is called: its geodatabase, its main file, else its first part."""
    folder = next((name.split("/")[0] for name in names if ".gdb/" in name.lower()), None)
    main_suffixes = {suffix for kind in kinds.FORMATS for suffix in kind.suffixes}
    main = next((name for name in names if suffix_of(name) in main_suffixes), names[0])
    return folder or clean_name(main)
