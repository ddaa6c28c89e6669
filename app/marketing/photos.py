"""Photographs of visits: read as JPEG and as nothing else, drawn anew without what a camera wrote into them.

The file that is kept was written by us: decoded under a limit of pixels, turned upright, made smaller and
encoded again, so that no place, no name of a camera and no text hidden behind the picture is in it.
"""

import hashlib
import io
import os
import secrets
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from sqlalchemy.orm import Session

from app.access import Person, record
from app.db import fetch_one
from app.errors import Conflict, NotFound, RefusedFile

PHOTO_LIMIT_BYTES = 8 << 20
# A phone's largest picture today has about 50 million; draft decoding never holds them all.
MOST_PIXELS = 60_000_000
LONGEST_SIDE_PX = 1600
QUALITY = 80
PHOTOS_OF_A_VISIT = 3
JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True)
class Photo:
    """A photograph as it is kept: JPEG bytes of our own writing, with its size in pixels."""

    content: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """The hash by which a kept file proves to be the one that was kept."""
        return hashlib.sha256(self.content).hexdigest()


def read_photo(content: bytes) -> Photo:
    """The photograph in `content`, upright, at most 1600 px long, stripped of everything but the picture.

    Raises RefusedFile for what is too large, no JPEG, broken, or has more pixels than a phone takes.
    """
    if len(content) > PHOTO_LIMIT_BYTES:
        raise too_large()
    if not content.startswith(JPEG):
        raise RefusedFile(
            "not_a_photo",
            zh="只收 JPEG 照片，这个文件不是",
            en="only JPEG photographs are taken; this is none",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _draw(content)
    except Image.DecompressionBombError as error:
        raise _odd_size() from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise RefusedFile(
            "broken_photo", zh="照片打不开，请重拍一张", en="the photograph cannot be opened; take another"
        ) from error


def _draw(content: bytes) -> Photo:
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
        width, height = image.size
        if width * height > MOST_PIXELS or min(width, height) < 16:
            raise _odd_size()
        image.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
        upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
        # A picture of its own: nothing that hung on the one that came goes over.
        plain = Image.new("RGB", upright.size)
        plain.paste(upright)
        kept = io.BytesIO()
        plain.save(kept, "JPEG", quality=QUALITY, optimize=True)
        return Photo(kept.getvalue(), *plain.size)


def _odd_size() -> RefusedFile:
    return RefusedFile(
        "too_many_pixels",
        zh="照片尺寸太大或太小，请用普通画质重拍",
        en="the photograph has too many pixels or too few; use the camera's normal quality",
    )


def too_large() -> RefusedFile:
    """What is said of a photograph above the limit, as soon as it is known."""
    return RefusedFile(
        "too_large",
        zh=f"照片超过 {PHOTO_LIMIT_BYTES >> 20} MB，请用普通画质重拍",
        en=f"the photograph is larger than {PHOTO_LIMIT_BYTES >> 20} MB; use the camera's normal quality",
    )


def keep_photo(
    session: Session, person: Person, visit_id: int, *, client_key: str, content: bytes, folder: Path
) -> dict[str, Any]:
    """Keep a photograph with a visit that this person reported; the same `client_key` again stores nothing.

    Raises NotFound when the visit is not in sight or another's, RefusedFile for a file that is no photograph,
    Conflict when the visit has as many as it may.
    """
    own = fetch_one(session, "marketing/find_reported", visit_id=visit_id, begins=f"{person.user_id}:")
    if own is None:
        raise NotFound("no_visit", zh="没有这条走访，或不是您登记的", en="no such visit of yours")
    key = f"{person.user_id}:{client_key}"
    known = fetch_one(session, "marketing/find_photo_of_key", client_key=key)
    if known is not None:
        return {"id": known["id"], "stored": False}
    photo = read_photo(content)
    name = secrets.token_hex(16) + ".jpg"
    row = fetch_one(
        session,
        "marketing/add_photo",
        visit_id=visit_id,
        client_key=key,
        file=name,
        sha256=photo.sha256,
        bytes=len(photo.content),
        width=photo.width,
        height=photo.height,
        most=PHOTOS_OF_A_VISIT,
    )
    if row is None:
        raise Conflict(
            "enough_photos",
            zh=f"一次走访最多 {PHOTOS_OF_A_VISIT} 张照片",
            en=f"a visit has {PHOTOS_OF_A_VISIT} photographs at most",
        )
    _write(_place(folder, name), photo.content)
    ids = [] if own["customer_id"] is None else [own["customer_id"]]
    record(session, "add_visit_photo", subject=str(row["id"]), customer_ids=ids)
    return {"id": row["id"], "stored": True}


def _place(folder: Path, name: str) -> Path:
    return folder / "visits" / name[:2] / name


def _write(path: Path, content: bytes) -> None:
    """Written aside and on the disk before it has its name; nobody but the service reads it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_suffix(".part")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)


def open_photo(session: Session, photo_id: int, *, folder: Path) -> bytes:
    """The bytes of a photograph whose visit is in sight; audited.

    Raises NotFound when it is not, or when the file is gone or is not the one that was kept.
    """
    row = fetch_one(session, "marketing/find_photo", photo_id=photo_id)
    if row is None:
        raise NotFound("no_photo", zh="没有这张照片，或不在您的范围内", en="no such photograph in your sight")
    path = _place(folder, row["file"])
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != row["sha256"]:
        raise NotFound(
            "photo_lost",
            zh="照片文件丢失或被改动，与登记时不符",
            en="the file is gone or is not the one that was kept",
        )
    ids = [] if row["customer_id"] is None else [row["customer_id"]]
    record(session, "see_visit_photo", subject=str(photo_id), customer_ids=ids)
    return content
