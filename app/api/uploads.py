"""Files from outside: spooled to the home's own folder under a name that we choose, counted as they come."""

import hashlib
import re
import secrets
from pathlib import Path

from fastapi import UploadFile

from app.errors import RefusedFile
from app.settings import Settings

BLOCK = 1 << 20
# A suffix helps the readers to tell formats apart; nothing else of the sender's name reaches the disk.
SUFFIXES = (".zip", ".shp", ".gpkg", ".geojson", ".json", ".csv", ".tsv", ".txt")


def spool(upload: UploadFile, settings: Settings) -> tuple[Path, str]:
    """Write an upload to disk; returns its path and a harmless form of the name it came with.

    Raises RefusedFile when it is larger than the limit; nothing stays on disk then.
    """
    folder = settings.files / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = clean_name(upload.filename or "")
    suffix = next((s for s in SUFFIXES if name.lower().endswith(s)), "")
    aside = folder / f".{secrets.token_hex(8)}"
    digest, size = hashlib.sha256(), 0
    try:
        with aside.open("wb") as file:
            while block := upload.file.read(BLOCK):
                size += len(block)
                if size > settings.upload_limit_bytes:
                    raise _too_large(settings.upload_limit_bytes)
                digest.update(block)
                file.write(block)
        path = folder / f"{digest.hexdigest()}{suffix}"
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path, name


def clean_name(name: str) -> str:
    """The last part of a file name without anything a path or a page could take amiss."""
    last = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[\x00-\x1f<>\"'&]", "", last)[-120:] or "file"


def _too_large(limit: int) -> RefusedFile:
    return RefusedFile(
        "too_large",
        zh=f"文件超过 {limit >> 20} MB 的上限，请分成几份",
        en=f"the file is larger than {limit >> 20} MB; split it",
    )
