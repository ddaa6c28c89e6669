"""Photographs of visits: only pictures, without what a camera wrote into them, seen where the visit is."""

import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, text

from app.access import Person
from app.access.signing_in import person_of
from app.db.connection import WORKER, Database
from app.errors import Conflict, GetuError, NotFound, RefusedFile
from app.marketing import photos
from app.marketing.photos import keep_photo, open_photo, read_photo
from app.models import AppUser, Branch, Staff
from tests.marketing.test_visits import NOW, Round

SECRET = "HUAWEI-121.2105-31.9512"


def take_photo(width: int = 640, height: int = 480, *, kind: str = "JPEG") -> bytes:
    """A picture with an orientation, a camera's name and a place in its EXIF."""
    picture = Image.new("RGB", (width, height), (30, 120, 90))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = SECRET
    exif.get_ifd(0x8825)[1] = "N"
    file = io.BytesIO()
    picture.save(file, kind, **({"exif": exif, "comment": SECRET.encode()} if kind == "JPEG" else {}))
    return file.getvalue()


def announce(width: int, height: int) -> bytes:
    """A small JPEG whose header promises a picture of that size."""
    content = bytearray(take_photo(64, 64))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(content)


def test_a_photo_is_kept_upright_smaller_and_without_what_the_camera_wrote() -> None:
    taken = take_photo(3200, 2400)
    assert SECRET.encode() in taken
    photo = read_photo(taken)
    assert (photo.width, photo.height) == (1200, 1600)
    assert SECRET.encode() not in photo.content
    with Image.open(io.BytesIO(photo.content)) as kept:
        assert dict(kept.getexif()) == {}
        assert kept.info.get("comment") is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xd8\xff" + b"0" * (40 << 20), "too_large"),
        (take_photo(9000, 9000, kind="PNG"), "not_a_photo"),
        (b"<html><script>alert(1)</script></html>", "not_a_photo"),
        (b"", "not_a_photo"),
        (b"\xff\xd8\xff<html>", "broken_photo"),
        (take_photo()[:900], "broken_photo"),
        (announce(60_000, 60_000), "too_many_pixels"),
    ],
    ids=["40 MB", "png bomb", "html", "nothing", "html behind a jpeg's first bytes", "half", "jpeg bomb"],
)
def test_what_is_no_photo_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(RefusedFile, match=code):
        read_photo(content)


class Album:
    """A visit of the manager's, and the folder in which its photographs are kept."""

    def __init__(self, bank: Round, folder: Path) -> None:
        self.bank, self.folder = bank, folder
        self.visit = bank.report(visited_at=NOW)["id"]

    def keep(
        self, key: str = "p1", *, content: bytes | None = None, person: Person | None = None
    ) -> dict[str, object]:
        who = person or self.bank.person
        with self.bank.database.transaction(who.viewer) as session:
            return keep_photo(
                session,
                who,
                self.visit,
                client_key=key,
                content=content or take_photo(),
                folder=self.folder,
            )

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def album(fresh: Database, tmp_path: Path) -> Album:
    return Album(Round(fresh), tmp_path)


def test_a_photo_sent_twice_is_kept_once_and_given_back_as_it_was_kept(album: Album) -> None:
    first, again = album.keep(), album.keep()
    assert (first["stored"], again["stored"]) == (True, False)
    assert first["id"] == again["id"]
    (path,) = album.files()
    assert path.stat().st_mode & 0o777 == 0o600
    with album.bank.database.transaction(album.bank.person.viewer) as session:
        assert open_photo(session, int(str(first["id"])), folder=album.folder) == path.read_bytes()
    with album.bank.database.transaction(WORKER) as session:
        acts = session.scalars(text("SELECT action FROM audit ORDER BY id")).all()
    assert acts == ["report_visit", "add_visit_photo", "see_visit_photo"]


def test_a_file_that_was_exchanged_is_not_shown(album: Album) -> None:
    photo = int(str(album.keep()["id"]))
    album.files()[0].write_bytes(take_photo(99, 99))
    with (
        pytest.raises(NotFound, match="photo_lost"),
        album.bank.database.transaction(album.bank.person.viewer) as session,
    ):
        open_photo(session, photo, folder=album.folder)


def test_a_refused_photo_and_one_too_many_leave_nothing(album: Album) -> None:
    with pytest.raises(RefusedFile):
        album.keep(content=b"<html>")
    assert album.files() == []
    for key in "abc":
        album.keep(f"key{key}")
    with pytest.raises(Conflict, match="enough_photos"):
        album.keep("keyd")
    assert len(album.files()) == photos.PHOTOS_OF_A_VISIT


def make_other(bank: Round) -> Person:
    """A manager of the same branch who holds no grid."""
    with bank.database.transaction(WORKER) as session:
        staff = Staff(code="M2", name="别人", kind="manager", branch_id=session.scalar(select(Branch.id)))
        session.add(staff)
        session.flush()
        user = AppUser(login="m2", name="别人", role="manager", staff_id=staff.id)
        session.add(user)
        session.flush()
        return person_of(user)


def test_nobody_adds_to_anothers_visit_and_nobody_elsewhere_sees_it(album: Album) -> None:
    photo = int(str(album.keep()["id"]))
    other = make_other(album.bank)
    with pytest.raises(NotFound, match="no_visit"):
        album.keep("theirs", person=other)
    with pytest.raises(GetuError, match="no_photo"), album.bank.database.transaction(other.viewer) as session:
        open_photo(session, photo, folder=album.folder)
