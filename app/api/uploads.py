"""Files from outside: spooled to the home's own folder under names that we choose, counted as they come."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fastapi import UploadFile

from app.errors import RefusedFile
from app.settings import Settings
from app.territory.boundaries import Part, keep_parts

BLOCK = 1 << 20


def spool(uploads: Sequence[UploadFile], settings: Settings) -> tuple[Path, str]:
    """Keep an upload of one file or of several parts; returns where it lies and a harmless form of its name.

    Raises RefusedFile when it is larger than the limit; nothing stays on disk then.
    """
    with _aside(uploads, settings) as parts:
        return keep_parts(settings.files, parts)


@contextmanager
def _aside(uploads: Sequence[UploadFile], settings: Settings) -> Iterator[list[Part]]:
    """The parts of an upload on disk under names of ours; what was not kept is gone in the end."""
    folder = settings.files / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    parts = [Part(folder / f".{secrets.token_hex(8)}", upload.filename or "") for upload in uploads]
    room = settings.upload_limit_bytes
    try:
        for part, upload in zip(parts, uploads, strict=True):
            room -= _write(upload, part.path, room, settings.upload_limit_bytes)
        yield parts
    finally:
        for part in parts:
            part.path.unlink(missing_ok=True)


def _write(upload: UploadFile, path: Path, room: int, limit: int) -> int:
    """Write one part; it and those before it may not be larger than the limit together."""
    size = 0
    with path.open("wb") as file:
        while block := upload.file.read(BLOCK):
            size += len(block)
            if size > room:
                raise _too_large(limit)
            file.write(block)
    return size


def _too_large(limit: int) -> RefusedFile:
    return RefusedFile(
        "too_large",
        zh=f"文件超过 {limit >> 20} MB 的上限，请分成几份",
        en=f"the file is larger than {limit >> 20} MB; split it",
    )
