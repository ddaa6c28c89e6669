"""A base map comes in: copied into the home, looked through there, and only then shown."""

import hashlib
import html
import os
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.clock import today
from app.errors import BadInput, RefusedFile
from app.maps.base.mbtiles import Survey, ensure_index, survey
from app.maps.base.record import DATUMS, Base, check_key, write_record
from app.maps.base.recut import unshift_box

CHUNK = 4 << 20
LONGEST_NAME, LONGEST_CREDIT = 24, 160
TAG = re.compile(r"<[^<>]{0,1000}>")
ODD_SIGNS = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class Wish:
    """What a person says of a base map; what is empty is taken from the file."""

    key: str = ""
    zh: str = ""
    en: str = ""
    datum: str = "wgs84"


def add_base(folder: Path, path: Path, wish: Wish) -> Base:
    """Take an MBTiles file in under a key; an older one of that key is replaced as a whole.

    Raises RefusedFile for what cannot be shown, BadInput for a wrong key or datum or a disk too full; nothing
    is kept then.
    """
    key = check_key(wish.key or make_key(path))
    if wish.datum not in DATUMS:
        raise BadInput("bad_base_datum", zh="坐标应为 wgs84 或 gcj02", en="the datum is wgs84 or gcj02")
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{key}-", suffix=".part")
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            sha256 = copy(path, out, folder)
        found = survey(aside)
        ensure_index(aside)
        base = describe(key, wish, found, sha256=sha256, size=aside.stat().st_size)
        aside.replace(folder / base.file)
        write_record(folder, base)
    finally:
        aside.unlink(missing_ok=True)
    return base


def make_key(path: Path) -> str:
    """A key from a file's name; `base` where it has no letters for one."""
    slug = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")[:24].strip("_")
    return slug if re.match(r"[a-z]", slug) else "base"


def copy(path: Path, out: BinaryIO, folder: Path) -> str:
    """Copy a plain file, and tell its hash. Raises RefusedFile, BadInput."""
    try:
        source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise no_file(path) from None
    told = os.fstat(source)
    if not stat.S_ISREG(told.st_mode):
        os.close(source)
        raise no_file(path)
    with os.fdopen(source, "rb") as file:
        if has_log(path):
            raise RefusedFile(
                "base_in_use",
                zh="文件还有未写回的 -wal 日志：请先关闭正在写它的程序",
                en="a -wal log lies beside the file: close the program that writes it first",
            )
        if told.st_size > shutil.disk_usage(folder).free:
            raise BadInput("disk_full", zh="磁盘放不下这个文件", en="the disk has no room for this file")
        digest = hashlib.sha256()
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    out.flush()
    os.fsync(out.fileno())
    return digest.hexdigest()


def has_log(path: Path) -> bool:
    """Whether part of the database lies in a log beside it."""
    log = path.with_name(path.name + "-wal")
    return log.is_file() and log.stat().st_size > 0


def no_file(path: Path) -> RefusedFile:
    """What is said of a link, a folder, a device, or nothing."""
    return RefusedFile(
        "no_plain_file",
        zh=f"{path.name} 不是普通文件（不接受链接、文件夹）",
        en=f"{path.name} is no plain file (no link, no folder)",
    )


def describe(key: str, wish: Wish, found: Survey, *, sha256: str, size: int) -> Base:
    """The record of a file that was looked through."""
    name = clean(found.name, LONGEST_NAME) or key
    bounds = unshift_box(found.bounds) if wish.datum == "gcj02" else found.bounds
    version = hashlib.sha256(f"{sha256} {wish.datum}".encode()).hexdigest()[:12]
    return Base(
        key=key,
        zh=clean(wish.zh, LONGEST_NAME) or name,
        en=clean(wish.en, LONGEST_NAME) or clean(wish.zh, LONGEST_NAME) or name,
        datum=wish.datum,
        format=found.format,
        tile_px=found.tile_px,
        min_zoom=found.min_zoom,
        max_zoom=found.max_zoom,
        bounds=(bounds[0], bounds[1], bounds[2], bounds[3]),
        attribution=clean(found.attribution, LONGEST_CREDIT),
        tiles=found.tiles,
        bytes=size,
        sha256=sha256,
        version=version,
        added_on=today().isoformat(),
    )


def clean(text: str, longest: int) -> str:
    """Plain text of one line: no markup, no signs that turn or hide what follows."""
    plain = ODD_SIGNS.sub(" ", html.unescape(TAG.sub("", text)))
    return " ".join(plain.split())[:longest]
